"""``aigc-edu report``: marks, gradebooks, feedback and the class, from what was graded."""

from pathlib import Path
from typing import Any

import click

_FILE = click.Path(path_type=Path)


@click.command("report")
@click.argument("graded", type=_FILE)
@click.option("--lesson", required=True, metavar="NN", help="Which lesson.")
@click.option("--submissions", type=_FILE, help="The collection.  [default: what was graded]")
@click.option("--roster", type=_FILE, help="[default: that of 'grade']")
@click.option("--out", required=True, type=_FILE, help="The folder of the report, made 0700.")
@click.option("--rules", type=_FILE, help="YAML: late rules, which attempt counts.")
@click.option(
    "--manual",
    type=_FILE,
    help="CSV with marks by hand (student, exercise, points); else manual.csv in --out, which "
    "gets a row for every text that waits.",
)
@click.option("--canvas", type=_FILE, help="Canvas's gradebook export, to be filled in.")
@click.option("--moodle", type=_FILE, help="Moodle's grading worksheet or gradebook export.")
@click.option("--column", help="The assignment's column in the gradebook.")
@click.option("--out-of", type=float, help="The assignment's points in a Moodle gradebook.")
@click.option("--overwrite", is_flag=True, help="Replace marks that the gradebook holds already.")
@click.option("--provisional", is_flag=True, help="Fill in sums that wait for marks by hand too.")
@click.option("--gradescope", is_flag=True, help="A results.json a student, for Gradescope.")
@click.option("--pseudonyms", is_flag=True, help="No names and no ids: for markers.")
def command(**options: Any) -> None:
    """Make files for people and platforms from GRADED, the folder that 'grade --out' made.

    marks.csv (by question), feedback/STUDENT.html, class.html, manual.csv (texts to be marked),
    and on request canvas.csv, moodle.csv, gradescope/STUDENT/results.json. Nothing of it changes
    a mark: run it as often as you like.
    """
    from aigc_edu.grading.results.gradebooks import FillOptions
    from aigc_edu.grading.results.report import ReportOptions, make

    names = ("column", "out_of", "overwrite", "provisional")
    filling = FillOptions(**{name: options.pop(name) for name in names})
    for line in make(ReportOptions(filling=filling, **options)):
        click.echo(line)
