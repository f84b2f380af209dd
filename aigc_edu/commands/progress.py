"""``aigc-edu progress``: what a learner has done on this machine."""

import json

import click

from aigc_edu.errors import CourseError


@click.command("progress")
@click.option("--json", "as_json", is_flag=True, help="Lessons and exercises, for programs.")
@click.option("--reset", is_flag=True, help="Begin anew; asks first.")
@click.option("--yes", is_flag=True, help="With --reset: do not ask.")
def command(as_json: bool, reset: bool, yes: bool) -> None:
    """Show what you have done so far, lesson by lesson."""
    from aigc_edu.exercises import progress

    file = progress.progress_file()
    if reset:
        if not yes:
            click.confirm(f"Forget your progress in {file}?", abort=True)
        try:
            progress.reset()
        except OSError as error:
            raise CourseError(
                f"{file} cannot be moved ({error.strerror}): see that the folder is yours."
            ) from error
        click.echo(f"Begun anew; the old progress is kept as {file.name}.bak.")
        return
    table = progress.progress_table()
    if as_json:
        kept = progress.read()
        lessons = [
            {
                "lesson": line.lesson,
                "right": line.right,
                "begun": line.begun,
                "total": line.total,
                "points": line.points,
                "of": line.of,
            }
            for line in table.lines
        ]
        click.echo(json.dumps({"lessons": lessons, "exercises": kept.entries}, indent=1))
        if table.warning:
            click.echo(f"aigc-edu: {table.warning}", err=True)
        return
    click.echo(table)
