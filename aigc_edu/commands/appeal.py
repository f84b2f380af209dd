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
    from aigc_edu.grading.judge.folder import GradingFolder, task_of
    from aigc_edu.grading.judge.grader import grade_in_full
    from aigc_edu.grading.judge.ledger import standings
    from aigc_edu.grading.judge.packs import read_pack
    from aigc_edu.grading.judge.seed import read_seed
    from aigc_edu.grading.sandbox.bubblewrap import require_sandbox

    folder = GradingFolder(out)
    run = folder.read_run(lesson)
    pack = read_pack(run.pack)
    manifest = folder.settle_manifest(None, run.lesson, pack)
    collection = folder.submissions(run)
    submissions = [
        item
        for item in collection.gradable
        if item.student == student and attempt in (None, item.attempt)
    ]
    if not submissions:
        raise CourseError(
            f"There is no file of {student!r} to look at: give the student's id as in the roster, "
            "and an attempt that was collected."
        )
    submission = submissions[-1]
    secret = read_seed(Path(run.seed_file), make=False)
    terms = folder.terms(run, manifest, pack, secret)
    if run.boxed:
        assert terms.library is not None
        require_sandbox(Path(terms.library))
    line, judged = grade_in_full(terms, task_of(collection, submission))
    before = standings(folder.ledger.lines(), run.lesson).get((student, submission.attempt))
    click.echo(f"{student}, lesson {run.lesson}, attempt {submission.attempt}: {line.note}")
    for mark in line.exercises:
        record = manifest.exercise(mark.id)
        counts = before.exercises.get(mark.id) if before is not None else None
        click.echo(f"\n{mark.id} {record.title}: {mark.status}, {mark.points:g} of {mark.of:g}")
        if counts is not None and counts.points != mark.points:
            click.echo(f"  the ledger has {counts.points:g} ({counts.status})")
        if mark.id not in judged:
            click.echo(f"  {mark.message}")
            continue
        answer = judged[mark.id]
        if answer.result is None or not answer.result.cases:
            click.echo(f"  {answer.detail}")
        for text in answer.question.revealed(answer.result):
            click.echo(f"  {text}")
    folder.clean()
