"""``aigc-edu grade``: marks for submitted notebooks; with ``--self``, for one's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_edu.errors import CourseError

if TYPE_CHECKING:
    from aigc_edu.grading.intake.collection import Collection, Submission
    from aigc_edu.grading.judge.folder import GradingFolder, Run
    from aigc_edu.grading.judge.grader import Terms
    from aigc_edu.grading.judge.ledger import MarkLine
    from aigc_edu.grading.judge.pool import Workers


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
    submissions: Path, lesson: str | None, exercises: Path | None, own: bool, **of_class: Any
) -> None:
    """Grade SUBMISSIONS: a collection, a folder or a zip of notebooks; or FILE with --self.

    Each notebook runs in a sandbox that holds no answers; what its functions return on secret
    inputs is compared outside. Marks are appended to OUT/ledger.jsonl. A run that was stopped
    goes on where it was when the same command is given again, and nothing is graded twice.

    Exit code 1: something could not be graded by the grader's own fault; run it again. Exit
    code 3: all is graded, and of what was handed in something is left for you to settle.
    """
    if own:
        if any(of_class.values()):
            raise CourseError("--self takes a notebook and, if you like, --lesson and --exercises.")
        grade_own(submissions, lesson, exercises)
        return
    from aigc_edu.grading.judge.pool import Workers

    workers = Workers(of_class.pop("workers"), of_class.pop("dask"))
    options = ClassOptions(
        submissions=submissions,
        lesson=lesson or "",
        exercises=exercises,
        workers=workers,
        **of_class,
    )
    click.get_current_context().exit(grade_class(options))


# ------------------------------------------------------------------------------- a class


@dataclass(frozen=True)
class ClassOptions:
    """A class to grade; see the command's options.

    Raises:
        CourseError: if one of the first four is missing, or is not what it should be.
    """

    submissions: Path
    lesson: str
    seed_file: Path
    out: Path
    workers: "Workers"
    roster: Path | None = None
    manifest: Path | None = None
    exercises: Path | None = None
    unsafe: bool = False

    def __post_init__(self) -> None:
        from aigc_edu.grading.intake.safe import lesson_number

        required = {"--lesson": self.lesson, "--seed-file": self.seed_file, "--out": self.out}
        if missing := [name for name, value in required.items() if not value]:
            raise CourseError(
                f"Grading needs {', '.join(missing)}: see 'aigc-edu grade --help'; to try your "
                "own notebook, say --self."
            )
        object.__setattr__(self, "lesson", lesson_number(self.lesson))
        if not self.submissions.exists():
            raise CourseError(
                f"There is nothing at {self.submissions}: give a folder, a zip or a notebook."
            )

    @property
    def run(self) -> "Run":
        """How it is graded, so that it can be done again."""
        from aigc_edu.grading.judge.folder import Run

        def absolute(path: Path | None) -> str:
            return str(path.resolve()) if path else ""

        return Run(
            self.lesson,
            absolute(self.submissions),
            absolute(self.roster),
            absolute(self.seed_file),
            absolute(self.exercises),
            not self.unsafe,
        )


def grade_class(options: ClassOptions) -> int:
    """Grade what is not graded yet; returns the exit code."""
    from aigc_edu.grading.judge.folder import GradingFolder

    folder = GradingFolder(options.out)
    with folder.opened():
        return _grade_into(folder, options)


def _grade_into(folder: "GradingFolder", options: ClassOptions) -> int:
    from aigc_edu.grading.intake.collection import overview
    from aigc_edu.grading.judge.packs import read_pack
    from aigc_edu.grading.judge.seed import read_seed, seed_digest

    run = options.run
    pack = read_pack(run.pack)
    secret = read_seed(Path(run.seed_file), make=True)
    manifest = folder.settle_manifest(options.manifest, run.lesson, pack)
    collection = folder.submissions(run)
    folder.keep_manifest(manifest)
    folder.write_run(run)
    terms = folder.terms(run, manifest, pack, secret)
    done = folder.ledger.graded()
    graded_by = (manifest.specification(run.lesson), seed_digest(secret))
    to_grade = [
        item
        for item in collection.gradable
        if (item.student, item.attempt, item.sha256, *graded_by) not in done
    ]
    if already := len(collection.gradable) - len(to_grade):
        click.echo(f"{already} graded before: not again.")
    if any(record.drawn for record in terms.records):
        strangers = sorted({item.student for item in to_grade} - set(manifest.parameters))
        if strangers:
            click.echo(
                f"Not in the release, so without drawn questions: {', '.join(strangers)}.", err=True
            )
    lines = map_tasks(terms, collection, to_grade, options.workers, each=folder.ledger.append)
    failed = sum(line.status == "not graded" for line in lines)
    _summary(folder, run, collection.missing, failed)
    if failed:
        return 1
    folder.clean()
    if not collection.settled:
        for text in overview(collection):
            click.echo(text)
        return UNSETTLED
    return 0


def map_tasks(
    terms: "Terms",
    collection: "Collection",
    submissions: "Sequence[Submission]",
    workers: "Workers",
    *,
    each: "Callable[[MarkLine], None]" = lambda line: None,
) -> "list[MarkLine]":
    """Grade submissions with a progress bar; each line goes to ``each`` as it comes."""
    from functools import partial

    from tqdm import tqdm  # type: ignore[import-untyped]

    from aigc_edu.grading.judge.folder import task_of
    from aigc_edu.grading.judge.pool import run as run_tasks
    from aigc_edu.grading.sandbox.bubblewrap import require_sandbox

    if not submissions:
        return []
    if terms.boxed:
        assert terms.library is not None
        require_sandbox(Path(terms.library))
    else:
        click.echo("Without a sandbox: every submission runs with your own rights.", err=True)
    tasks = [partial(task_of, collection, submission) for submission in submissions]
    lines: list[MarkLine] = []
    with tqdm(total=len(tasks), unit="notebook", desc=f"lesson {terms.lesson}") as bar:

        def note(line: "MarkLine") -> None:
            each(line)
            lines.append(line)
            bar.update()

        try:
            run_tasks(terms, tasks, workers, note)
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

    attempts = standings(folder.ledger.lines(), run.lesson)
    counts = Counter(standing.line.status for standing in attempts.values())
    click.echo(
        f"Lesson {run.lesson}: {len(attempts)} files of "
        f"{len({student for student, _ in attempts})} students "
        f"({', '.join(f'{n} {status}' for status, n in counts.most_common())})."
    )
    if missing:
        click.echo(f"Nothing from {len(missing)} students, which is not zero points.")
    if failed:
        click.echo(f"{failed} could not be graded: run the same command again.", err=True)
    click.echo(f"Marks: {folder.ledger.path}")


# ---------------------------------------------------------------------------- one's own


def grade_own(file: Path, lesson: str | None, exercises: Path | None) -> None:
    """Show a student what the grader will see, with other inputs."""
    import secrets as random_secrets

    from aigc_edu.grading.intake.safe import lesson_number
    from aigc_edu.grading.judge.grader import Task, Terms, grade_in_full
    from aigc_edu.grading.judge.packs import read_pack
    from aigc_edu.grading.judge.specification import make_manifest
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
    number = lesson_number(number)
    pack = read_pack(exercises)
    parameters = _drawn_in(notebook)
    manifest = make_manifest([number], pack, students=("you",) if parameters else ())
    if parameters:
        records = tuple(r for r in manifest.exercises if not r.drawn or r.id in parameters)
        manifest = replace(manifest, exercises=records, parameters={"you": parameters}, pack="")
    terms = Terms(
        manifest,
        number,
        random_secrets.token_bytes(32),
        str(exercises.resolve()) if exercises else None,
        boxed=False,
    )
    line, judged = grade_in_full(terms, Task("you", 1, content))
    if line.status != "graded":
        click.echo(line.note)
    for mark in line.exercises:
        record = manifest.exercise(mark.id)
        click.echo(
            f"{mark.id:<6}{record.title:<44} {mark.status:<13}{mark.points:g} of {mark.of:g}"
        )
        if mark.status not in ("right", "by hand", "not started"):
            text = judged[mark.id].detail if mark.id in judged else mark.message
            for part in text.splitlines():
                click.echo(f"      {part}")
    earned = sum(mark.points for mark in line.exercises)
    click.echo(f"{earned:g} of {sum(mark.of for mark in line.exercises):g} points on these inputs.")


def _drawn_in(notebook: dict[str, object]) -> dict[str, dict[str, object]]:
    """What was drawn for this notebook, by its own word: good enough for oneself."""
    metadata = notebook.get("metadata")
    course = metadata.get("aigc_edu") if isinstance(metadata, dict) else None
    drawn = course.get("drawn") if isinstance(course, dict) else None
    if not isinstance(drawn, dict):
        return {}
    return {str(name): value for name, value in drawn.items() if isinstance(value, dict)}
