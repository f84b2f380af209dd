"""``aigc-edu appeal``: one submission again, with everything shown."""

from pathlib import Path

import click

from aigc_edu.errors import CourseError


@click.command("appeal")
@click.argument("student")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="As for grade.")
@click.option("--lesson", metavar="NN", help="Needed where OUT holds several lessons.")
@click.option("--attempt", type=click.IntRange(min=1), help="[default: the last]")
def command(student: str, out: Path, lesson: str | None, attempt: int | None) -> None:
    """Grade STUDENT's submission once more and show every input and every difference.

    For the conversation with the student. No mark is changed; the inputs are known to whoever
    reads this, so take another seed file for the next assignment.
    """
    from aigc_edu.grading.judge.folder import GradingFolder, kept, read_secret
    from aigc_edu.grading.judge.grader import Task, Terms, grade_in_full
    from aigc_edu.grading.judge.ledger import standings
    from aigc_edu.grading.judge.specification import read_pack
    from aigc_edu.grading.sandbox.bubblewrap import require_sandbox

    folder = GradingFolder(out)
    run = folder.read_run(lesson)
    pack = read_pack(run.pack)
    manifest = folder.settle_manifest(None, run.lesson, pack)
    collection = folder.submissions(run)
    found = [item for item in kept(collection) if item.student == student]
    if attempt is not None:
        found = [item for item in found if item.attempt == attempt]
    if not found:
        raise CourseError(
            f"There is no file of {student!r} to look at: give the student's id as in the roster, "
            "and an attempt that was collected."
        )
    item = found[-1]
    path = collection.path(item)
    assert path is not None
    library = folder.library(manifest, run.lesson, pack)
    if run.boxed:
        require_sandbox(library)
    secret = read_secret(Path(run.seed_file), make=False)
    terms = Terms(
        manifest, run.lesson, secret, run.exercises or None, str(library.resolve()), run.boxed
    )
    line, full = grade_in_full(terms, Task(student, item.attempt, path.read_bytes()))
    before = standings(folder.ledger.lines(), run.lesson).get((student, item.attempt))
    click.echo(f"{student}, lesson {run.lesson}, attempt {item.attempt}: {line.note}")
    for mark in line.exercises:
        record = manifest.exercise(mark.id)
        counts = before.exercises.get(mark.id) if before is not None else None
        click.echo(f"\n{mark.id} {record.title}: {mark.status}, {mark.points:g} of {mark.of:g}")
        if counts is not None and counts.points != mark.points:
            click.echo(f"  the ledger has {counts.points:g} ({counts.status})")
        if mark.id not in full:
            click.echo(f"  {mark.message}")
            continue
        judged = full[mark.id]
        if judged.result is None or not judged.result.cases:
            click.echo(f"  {judged.detail}")
        for text in judged.question.revealed(judged.result):
            click.echo(f"  {text}")
    folder.clean()
