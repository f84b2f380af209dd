"""``aigc-edu forget``: delete what is kept of a student."""

from pathlib import Path

import click

_FOLDERS = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command("forget")
@click.argument("student")
@click.argument("folders", nargs=-1, required=True, type=_FOLDERS)
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(student: str, folders: tuple[Path, ...], yes: bool) -> None:
    """Delete everything kept of STUDENT (the id in the roster) in FOLDERS.

    FOLDERS are what 'collect', 'grade', 'release' and 'report' made: give all of them. The
    ledger, the collection, the manifest and the sheets lose the student's lines; files made
    from all students are deleted, and 'aigc-edu report' makes them again.
    """
    from aigc_edu.grading.forget import forget

    if not yes:
        names = ", ".join(str(folder) for folder in folders)
        click.confirm(f"Delete everything of {student!r} in {names}?", abort=True)
    for line in forget(student, folders):
        click.echo(line)
