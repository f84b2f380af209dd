"""``aigc-edu collect``: from what Canvas, Moodle or a folder gives to one notebook an attempt."""

from pathlib import Path

import click

UNSETTLED = 3


@click.command("collect")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--roster",
    "roster_file",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV: id, name, login, email, canvas_id, moodle_id ...; a Canvas or Moodle gradebook "
    "export will do.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The collection.")
@click.option("--lesson", metavar="NN", help="Of several notebooks, the one that begins with NN.")
@click.option(
    "--form",
    type=click.Choice(["auto", "canvas", "moodle", "plain"]),
    default="auto",
    show_default=True,
    help="Which platform the names are from.",
)
@click.option(
    "--worksheet",
    type=click.Path(path_type=Path),
    help="Moodle's grading worksheet of this assignment: who is which participant, and when.",
)
@click.option(
    "--times",
    "times_file",
    type=click.Path(path_type=Path),
    help="CSV: student, submitted, attempt; where the platform does not say when.",
)
@click.option(
    "--assign",
    "assign_file",
    type=click.Path(path_type=Path),
    help="CSV: place, student; settles what was listed. Several rows of a place are a group; "
    "an empty student leaves it out.",
)
@click.option("--file-times", is_flag=True, help="A file's own time is when it was handed in.")
def command(
    sources: tuple[Path, ...],
    roster_file: Path,
    out: Path,
    lesson: str | None,
    form: str,
    worksheet: Path | None,
    times_file: Path | None,
    assign_file: Path | None,
    file_times: bool,
) -> None:
    """Collect what students handed in: SOURCES are folders or zip files, the oldest first.

    Run it again with later downloads and the same --out: what is there stays, new attempts are
    added. Nothing is unpacked, and nothing is written outside --out.

    Exit code 3: something is left for you to settle (unmatched, claimed twice, refused, or no
    notebook to keep). A student who handed in nothing is listed as missing and is no error.
    """
    from aigc_edu.grading.intake.claims import Evidence
    from aigc_edu.grading.intake.collecting import collect, read_assigned, read_times
    from aigc_edu.grading.intake.collection import overview
    from aigc_edu.grading.intake.roster import read_roster
    from aigc_edu.grading.intake.safe import lesson_number
    from aigc_edu.grading.intake.worksheet import read_worksheet

    number = None if lesson is None else lesson_number(lesson)
    roster = read_roster(roster_file)
    evidence = Evidence(
        read_worksheet(worksheet) if worksheet else None,
        read_times(times_file, roster) if times_file else {},
        read_assigned(assign_file, roster) if assign_file else {},
        file_times,
    )
    collection = collect(sources, roster, out, lesson=number, form=form, evidence=evidence)
    for line in overview(collection):
        click.echo(line)
    if not collection.settled:
        click.get_current_context().exit(UNSETTLED)
