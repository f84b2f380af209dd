"""``aigc-edu new-exercise``: start one more exercise of a lesson."""

from pathlib import Path

import click


@click.command()
@click.argument("number", metavar="NN")
@click.argument("topic")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Another checkout than the one this command runs from.",
)
def command(number: str, topic: str, root: Path | None) -> None:
    """Lay the file of one more exercise of lesson NN; it passes as it is.

    Writes aigc_edu/exercises/lessons/lesson_NN/eMM_TOPIC.py with the next free number MM, and
    prints the cells that go into the lesson's source. TOPIC is the function's name, too.
    """
    from aigc_edu.authoring.build import Course
    from aigc_edu.authoring.new import new_exercise

    course = Course.here() if root is None else Course.at(root.resolve())
    path, cells = new_exercise(number.zfill(2), topic, course)
    click.echo(f"written: {path.relative_to(course.root)}")
    click.echo(f"into solutions/{number.zfill(2)}_*.md, where it is asked:\n\n{cells}")
    identifier = f"{int(number)}.{int(path.name[1:3])}"
    click.echo(f"next: pytest tests/exercises -k '[{identifier}]' and aigc-edu build {number}")
