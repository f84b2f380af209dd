"""``aigc-edu grade``: marks for submitted notebooks; with ``--self``, for one's own."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aigc_edu.errors import CourseError

if TYPE_CHECKING:
    from aigc_edu.grading.judge.folder import GradingFolder, Run
    from aigc_edu.grading.judge.grader import Task, Terms
    from aigc_edu.grading.judge.ledger import MarkLine


UNSETTLED = 3


@click.command("grade")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--lesson", metavar="NN", help="Which lesson.")
@click.option("--seed-file", type=click.Path(path_type=Path), help="The secret behind the inputs.")
@click.option("--roster", type=click.Path(path_type=Path), help="CSV: who is in the course.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the ledger of marks is.")
@click.option("--manifest", type=click.Path(path_type=Path), help="The release's manifest.")
@click.option("--exercises", type=click.Path(path_type=Path), help="The private pack, if any.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes.  [default: the cores]")
@click.option("--dask", metavar="ADDRESS", help="Grade on the workers of a Dask cluster.")
@click.option("--self", "own", is_flag=True, help="One notebook of your own; no sandbox.")
@click.option(
    "--unsafe", is_flag=True, help="Run submissions as yourself, without a sandbox. Rather not."
)
def command(
    submissions: Path,
    lesson: str | None,
    seed_file: Path | None,
    roster: Path | None,
    out: Path | None,
    manifest: Path | None,
    exercises: Path | None,
    workers: int | None,
    dask: str | None,
    own: bool,
    unsafe: bool,
) -> None:
    """Grade SUBMISSIONS: a collection, a folder or a zip of notebooks; or FILE with --self.

    Each notebook runs in a sandbox that holds no answers; what its functions return on secret
    inputs is compared outside. Marks are appended to OUT/ledger.jsonl. A run that was stopped
    goes on where it was when the same command is given again, and nothing is graded twice.

    Exit code 1: something could not be graded by the grader's own fault; run it again. Exit
    code 3: all is graded, and of what was handed in something is left for you to settle.
    """
    if own:
        if any((out, roster, seed_file, dask, unsafe)):
            raise CourseError("--self takes a notebook and, if you like, --lesson and --exercises.")
        grade_own(submissions, lesson, exercises)
        return
    missing = [
        name
        for name, value in (("--lesson", lesson), ("--seed-file", seed_file), ("--out", out))
        if value is None
    ]
    if missing or lesson is None or seed_file is None or out is None:
        raise CourseError(
            f"Grading needs {', '.join(missing)}: see 'aigc-edu grade --help'; to try your own "
            "notebook, say --self."
        )
    if dask and workers:
        raise CourseError("Say either --workers or --dask.")
    from aigc_edu.grading.judge.folder import Run

    run = Run(
        _lesson_number(lesson),
        str(submissions.resolve()),
        str(roster.resolve()) if roster else "",
        str(seed_file.resolve()),
        str(exercises.resolve()) if exercises else "",
        not unsafe,
    )
    if not submissions.exists():
        raise CourseError(f"There is nothing at {submissions}: give a folder, a zip or a notebook.")
    code = grade_class(run, out, manifest=manifest, workers=workers, dask=dask)
    click.get_current_context().exit(code)


def _lesson_number(lesson: str) -> str:
    if not (lesson.isascii() and lesson.isdigit() and len(lesson) <= 2):
        raise CourseError(f"{lesson!r} is no lesson's number: write it like 04.")
    return lesson.zfill(2)


def grade_class(
    run: "Run",
    out: Path,
    *,
    manifest: Path | None = None,
    workers: int | None = None,
    dask: str | None = None,
) -> int:
    """Grade what is not graded yet; returns the exit code."""
    from aigc_edu.grading.judge.folder import GradingFolder

    folder = GradingFolder(out)
    with folder.opened():
        return _grade_into(folder, run, manifest=manifest, workers=workers, dask=dask)


def _grade_into(
    folder: "GradingFolder",
    run: "Run",
    *,
    manifest: Path | None,
    workers: int | None,
    dask: str | None,
) -> int:
    from aigc_edu.grading.intake.collection import summary
    from aigc_edu.grading.judge.folder import kept, read_secret
    from aigc_edu.grading.judge.grader import Terms
    from aigc_edu.grading.judge.questions import fingerprint
    from aigc_edu.grading.judge.specification import read_pack

    pack = read_pack(run.pack)
    secret = read_secret(Path(run.seed_file), make=True)
    settled = folder.settle_manifest(manifest, run.lesson, pack)
    collection = folder.submissions(run)
    folder.keep_manifest(settled)
    folder.write_run(run)
    library = folder.library(settled, run.lesson, pack)
    terms = Terms(
        settled, run.lesson, secret, run.exercises or None, str(library.resolve()), run.boxed
    )
    done = folder.ledger.graded()
    specification, seed = settled.specification(run.lesson), fingerprint(secret)
    wanted = [
        item
        for item in kept(collection)
        if (item.student, item.attempt, item.sha256, specification, seed) not in done
    ]
    already = len(kept(collection)) - len(wanted)
    if already:
        click.echo(f"{already} graded before: not again.")
    if any(record.drawn for record in terms.records):
        strangers = sorted({item.student for item in wanted} - set(settled.parameters))
        if strangers:
            click.echo(
                f"Not in the release, so without drawn questions: {', '.join(strangers)}.", err=True
            )
    tasks = [_reader(collection.path(item), item.student, item.attempt) for item in wanted]
    lines = map_tasks(terms, tasks, library, workers=workers, dask=dask, each=folder.ledger.append)
    failed = sum(line.status == "not graded" for line in lines)
    _summary(folder, run, collection.missing, failed)
    if failed:
        return 1
    folder.clean()
    if not collection.settled:
        for text in summary(collection):
            click.echo(text)
        return UNSETTLED
    return 0


def _reader(path: Path | None, student: str, attempt: int) -> "Callable[[], Task]":
    from aigc_edu.grading.judge.grader import Task

    def read() -> Task:
        assert path is not None
        try:
            return Task(student, attempt, path.read_bytes())
        except OSError as error:
            raise CourseError(
                f"{path} cannot be read ({error.strerror}): collect again, then grade again."
            ) from error

    return read


def map_tasks(
    terms: "Terms",
    tasks: "list[Callable[[], Task]]",
    library: Path,
    *,
    workers: int | None,
    dask: str | None,
    each: "Callable[[MarkLine], None]",
) -> "list[MarkLine]":
    """Grade tasks with a progress bar; each line goes to ``each`` as it comes."""
    import os

    from tqdm import tqdm  # type: ignore[import-untyped]

    from aigc_edu.grading.judge.grader import dask_pool, local_pool
    from aigc_edu.grading.judge.grader import run as run_tasks
    from aigc_edu.grading.sandbox.bubblewrap import require_sandbox

    if not tasks:
        return []
    if terms.boxed:
        require_sandbox(library)
    else:
        click.echo("Without a sandbox: every submission runs with your own rights.", err=True)
    count = workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [0, 0])
    count = max(1, min(count, len(tasks)))
    lines: list[MarkLine] = []
    with tqdm(total=len(tasks), unit="notebook", desc=f"lesson {terms.lesson}") as bar:

        def note(line: "MarkLine") -> None:
            each(line)
            lines.append(line)
            bar.update()

        try:
            if dask:
                run_tasks(terms, tasks, lambda: dask_pool(dask), count, note)
            else:
                run_tasks(terms, tasks, lambda: local_pool(count), count, note)
        except KeyboardInterrupt:
            bar.close()
            raise CourseError(
                f"Stopped after {len(lines)} of {len(tasks)}: what was graded is kept, and the "
                "same command goes on."
            ) from None
    return lines


def _summary(folder: "GradingFolder", run: "Run", missing: list[str], failed: int) -> None:
    from collections import Counter

    from aigc_edu.grading.judge.ledger import standings

    found = standings(folder.ledger.lines(), run.lesson)
    counts = Counter(standing.line.status for standing in found.values())
    click.echo(
        f"Lesson {run.lesson}: {len(found)} files of "
        f"{len({student for student, _ in found})} students "
        f"({', '.join(f'{n} {status}' for status, n in counts.most_common())})."
    )
    if missing:
        click.echo(f"Nothing from {len(missing)} students, which is not zero points.")
    if failed:
        click.echo(f"{failed} could not be graded: run the same command again.", err=True)
    click.echo(f"Marks: {folder.ledger.path}")


# ------------------------------------------------------------------------- one's own


def grade_own(file: Path, lesson: str | None, exercises: Path | None) -> None:
    """Show a student what the grader will see, with other inputs."""
    import secrets as random_secrets

    from aigc_edu.grading.judge.grader import Task, Terms, grade_in_full
    from aigc_edu.grading.judge.ledger import Manifest
    from aigc_edu.grading.judge.specification import make_manifest, read_pack
    from aigc_edu.grading.sandbox.box.notebook import NotebookError, facts, read

    try:
        content = file.read_bytes()
        notebook = read(content)
    except OSError as error:
        raise CourseError(f"{file} cannot be read: {error.strerror}.") from error
    except NotebookError as error:
        raise CourseError(
            f"{file} is no notebook ({error}): give a file that ends in .ipynb."
        ) from (error)
    number = lesson or facts(notebook)["lesson"]
    if not number:
        raise CourseError(f"{file} does not say which lesson it is: add --lesson NN.")
    number = _lesson_number(number)
    pack = read_pack(exercises)
    parameters = _drawn_in(notebook)
    manifest = make_manifest([number], pack, students=("you",) if parameters else ())
    if parameters:
        records = tuple(r for r in manifest.exercises if not r.drawn or r.id in parameters)
        manifest = Manifest(
            manifest.course_version,
            manifest.released,
            manifest.lessons,
            records,
            manifest.constraints,
            {"you": parameters},
        )
    terms = Terms(
        manifest,
        number,
        random_secrets.token_bytes(32),
        str(exercises.resolve()) if exercises else None,
        boxed=False,
    )
    line, full = grade_in_full(terms, Task("you", 1, content))
    if line.status != "graded":
        click.echo(line.note)
    for mark in line.exercises:
        record = manifest.exercise(mark.id)
        click.echo(
            f"{mark.id:<6}{record.title:<44} {mark.status:<13}{mark.points:g} of {mark.of:g}"
        )
        if mark.status not in ("right", "by hand", "not started"):
            text = full[mark.id].detail if mark.id in full else mark.message
            for part in text.splitlines():
                click.echo(f"      {part}")
    earned = sum(mark.points for mark in line.exercises)
    click.echo(f"{earned:g} of {sum(mark.of for mark in line.exercises):g} points on these inputs.")


def _drawn_in(notebook: dict[str, object]) -> dict[str, dict[str, object]]:
    """What was drawn for this notebook, by its own word: good enough for oneself."""
    metadata = notebook.get("metadata")
    facts = metadata.get("aigc_edu") if isinstance(metadata, dict) else None
    drawn = facts.get("drawn") if isinstance(facts, dict) else None
    if not isinstance(drawn, dict):
        return {}
    return {str(name): value for name, value in drawn.items() if isinstance(value, dict)}
