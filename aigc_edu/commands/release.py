"""``aigc-edu release``: what students get, and by what they are graded."""

from pathlib import Path

import click


@click.command("release")
@click.argument("lessons", nargs=-1, required=True, metavar="NN...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="CSV with an id column: then every student gets questions of their own.",
)
@click.option(
    "--exercises",
    type=click.Path(path_type=Path),
    help="A private pack: a Python file with EXERCISES, or a folder of them.",
)
@click.option(
    "--seed-file",
    type=click.Path(path_type=Path),
    help="The secret; made if it is not there.  [default: DIR/lecturer/seed]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["course", "nbgrader"]),
    default="course",
    show_default=True,
    help="nbgrader: source notebooks for places that require it; no proof against cheating.",
)
def command(
    lessons: tuple[str, ...],
    out: Path,
    roster: Path | None,
    exercises: Path | None,
    seed_file: Path | None,
    form: str,
) -> None:
    """Write what students get of some lessons, and the lecturer's manifest.

    With --roster each student's notebook ends with questions whose parameters are drawn for
    them (lessons 04, 06 and 07, and those of a pack). Hand out DIR/students; keep DIR/lecturer
    to yourself: 'aigc-edu grade --manifest DIR/lecturer/manifest.json' grades by it.
    """
    if form == "nbgrader":
        _nbgrader(lessons, out, others=any((roster, exercises, seed_file)))
        return
    from aigc_edu.grading.intake.roster import read_roster
    from aigc_edu.grading.judge.packs import read_pack
    from aigc_edu.grading.release import release

    students = sorted(read_roster(roster).students) if roster else ()
    manifest = release(
        lessons, out, pack=read_pack(exercises), seed_file=seed_file, students=students
    )
    points = sum(record.points for record in manifest.exercises)
    click.echo(
        f"Released {', '.join(manifest.lessons)}: {len(manifest.exercises)} exercises, "
        f"{points:g} points"
        + (f", with questions of their own for {len(students)} students." if students else ".")
    )
    click.echo(f"For students: {out / 'students'}")
    click.echo(f"For you alone: {out / 'lecturer'}")
    unsure = _constant(manifest.lessons)
    if unsure:
        click.echo(
            f"{', '.join(unsure)}: predictions, choices and numbers have one answer for "
            "everybody, and it is public."
        )


def _nbgrader(lessons: tuple[str, ...], out: Path, *, others: bool) -> None:
    """Write a course folder of nbgrader, with the warning that belongs to it."""
    from aigc_edu.errors import CourseError
    from aigc_edu.grading.nbgrader import WARNING, export

    if others:
        raise CourseError(
            "nbgrader's form has no questions of a pack or of each student's own: leave --roster, "
            "--exercises and --seed-file out."
        )
    names = export(lessons, out)
    click.echo(f"Wrote {', '.join(names)} for nbgrader into {out / 'source'}.")
    click.echo(WARNING)


def _constant(lessons: tuple[str, ...]) -> list[str]:
    """Exercises whose answer is the same for all: a lecturer should know which."""
    from aigc_edu.exercises import lesson_exercises
    from aigc_edu.exercises.comparing import VALUE_KINDS

    return [
        exercise.id
        for lesson in lessons
        for exercise in lesson_exercises(int(lesson))
        if exercise.kind in VALUE_KINDS and exercise.kind != "text"
    ]
