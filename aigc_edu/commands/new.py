"""``aigc-edu new``: start a lesson."""

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
    """Lay a source and a first exercise for lesson NN that build and pass as they are.

    Writes solutions/NN_TOPIC.md and aigc_edu/exercises/lessons/lesson_NN/; overwrites nothing.
    """
    from aigc_edu.authoring.build import Course
    from aigc_edu.authoring.new import new_lesson
    from aigc_edu.lessons import listed

    course = Course.here() if root is None else Course.at(root.resolve())
    for path in new_lesson(number, topic, course):
        click.echo(f"written: {path.relative_to(course.root)}")
    if listed(number) is None:
        click.echo(
            "next: give it a line in aigc_edu/lessons.py, and say title and part in the source as "
            "there; put it into the map in solutions/00_start_here.md"
        )
    click.echo(f"next: aigc-edu build {number}")
