"""The folder that ``grade --out`` leaves: manifest, ledger, and how it was made.

::

    manifest.json         what was released, or what the course was when grading began
    ledger.jsonl          the marks
    run-04.json           from what lesson 04 was graded, for resume, regrade and appeal
    submissions-04/       the collection, where a plain folder was given
"""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.collecting import collect
from aigc_edu.grading.intake.collection import Collection, Submission, read_collection
from aigc_edu.grading.intake.roster import read_roster
from aigc_edu.grading.intake.safe import private_folder
from aigc_edu.grading.judge.grader import Task, Terms
from aigc_edu.grading.judge.ledger import Ledger
from aigc_edu.grading.judge.manifest import MANIFEST, Manifest
from aigc_edu.grading.judge.packs import Pack
from aigc_edu.grading.judge.specification import (
    differences,
    exercise_for,
    make_manifest,
    records_of,
)
from aigc_edu.grading.sandbox.library import build_library


@dataclass(frozen=True)
class Run:
    """How a lesson was graded: paths, absolute, so that it can be done again."""

    lesson: str
    submissions: str
    roster: str
    seed_file: str
    exercises: str = ""
    boxed: bool = True

    @property
    def pack(self) -> Path | None:
        """The private pack."""
        return Path(self.exercises) if self.exercises else None


class GradingFolder:
    """What lies in the folder of ``grade --out``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ledger = Ledger(path)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Make it, for its owner alone, and mend what a killed run left; nobody else writes.

        Raises:
            CourseError: if another run is writing, or the folder cannot be made.
        """
        from filelock import FileLock, Timeout

        private_folder(self.path)
        # The system lets go of it when the process ends, however it ends.
        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise CourseError(
                f"Another run is grading into {self.path}: let it end, or stop it first."
            ) from error
        try:
            self.ledger.open_for_writing()
            yield
        finally:
            lock.release()

    # ---------------------------------------------------------------------------- the run

    def write_run(self, run: Run) -> None:
        """Note how a lesson is graded."""
        text = json.dumps(asdict(run), indent=1) + "\n"
        write_atomically(self.path / f"run-{run.lesson}.json", text.encode(), private=True)

    def read_run(self, lesson: str | None = None) -> Run:
        """How a lesson was graded; without a number, the only one.

        Raises:
            CourseError: if nothing was graded here, or several lessons were.
        """
        if lesson is None:
            files = sorted(self.path.glob("run-*.json"))
            if len(files) > 1:
                numbers = ", ".join(file.stem.removeprefix("run-") for file in files)
                raise CourseError(
                    f"{self.path} holds several lessons: say which with --lesson ({numbers})."
                )
        else:
            files = [self.path / f"run-{lesson.zfill(2)}.json"]
        try:
            return Run(**json.loads(files[0].read_text(encoding="utf-8")))
        except (IndexError, OSError, ValueError, TypeError) as error:
            raise CourseError(
                f"Nothing was graded in {self.path} yet: 'aigc-edu grade' comes first, with the "
                "same --out."
            ) from error

    # ----------------------------------------------------------------------- the manifest

    def settle_manifest(
        self, released: Path | None, lesson: str, pack: Pack, changed: Sequence[str] = ()
    ) -> Manifest:
        """The manifest by which to grade: a release's, the one here, or a new one.

        Args:
            released: a release's manifest, or None.
            lesson: which lesson is graded.
            pack: the private pack.
            changed: exercises that may differ, because they are graded again.

        Raises:
            CourseError: if the course is not as it was; the sentence names what differs.
        """
        here = self.path / MANIFEST
        if released is not None:
            manifest = Manifest.read(released)
            if here.exists() and Manifest.read(here).specification(lesson) != (
                manifest.specification(lesson)
            ):
                raise CourseError(
                    f"{self.path} was graded by another manifest than {released}: choose another "
                    "--out, or 'aigc-edu regrade' a question that changed."
                )
        elif here.exists():
            manifest = Manifest.read(here)
            if lesson.zfill(2) not in manifest.lessons:
                more = make_manifest([lesson], pack)
                manifest = replace(
                    manifest,
                    lessons=(*manifest.lessons, *more.lessons),
                    exercises=(*manifest.exercises, *more.exercises),
                    pack=manifest.pack or more.pack,
                )
        else:
            manifest = make_manifest([lesson], pack)
        if clauses := differences(manifest, lesson, pack, changed):
            raise CourseError(
                f"This is not what was released: {'; '.join(clauses)}; install what made the "
                "release, or release again."
            )
        if not changed:
            return manifest
        drawn = any(record.drawn for record in manifest.of_lesson(lesson))
        today = {record.id: record for record in records_of(lesson, pack, drawn=drawn)}
        records = tuple(
            today.get(record.id, record) if record.id in changed else record
            for record in manifest.exercises
        )
        return replace(manifest, exercises=records)

    def keep_manifest(self, manifest: Manifest) -> None:
        """Lay a copy here."""
        manifest.write(self.path / MANIFEST)

    # ------------------------------------------------------------------------ submissions

    def submissions(self, run: Run) -> Collection:
        """The collected submissions; a plain folder or zip is collected first.

        Raises:
            CourseError: if there is nothing, or no roster to tell whose it is.
        """
        source = Path(run.submissions)
        if (source / "collection.json").is_file():
            return read_collection(source)
        if not run.roster:
            raise CourseError(
                f"{source} is no collection: give --roster roster.csv, by which it is known "
                "whose file is whose."
            )
        return collect(
            [source],
            read_roster(Path(run.roster)),
            self.path / f"submissions-{run.lesson}",
            lesson=run.lesson,
        )

    # ------------------------------------------------------------------------- what is run

    def terms(
        self,
        run: Run,
        manifest: Manifest,
        pack: Pack,
        secret: bytes,
        *,
        only: tuple[str, ...] = (),
        reason: str = "",
    ) -> Terms:
        """By what a run grades, with the sandbox's library in place.

        Args:
            run, manifest, pack, secret: of the lesson.
            only: these exercises alone; () for all.
            reason: of a regrade.
        """
        library = str(self._library(manifest, run.lesson, pack).resolve())
        exercises = run.exercises or None
        return Terms(manifest, run.lesson, secret, exercises, library, run.boxed, only, reason)

    def _library(self, manifest: Manifest, lesson: str, pack: Pack) -> Path:
        """The sandbox's library, built once and used again by a resumed run."""
        library = self.path / f"library-{manifest.specification(lesson)[:12]}"
        if library.is_dir():
            return library
        exercises = [
            exercise_for(record, manifest, pack, "")
            for record in manifest.of_lesson(lesson)
            if not record.drawn
        ]
        part = Path(tempfile.mkdtemp(dir=self.path, prefix=".library-"))
        build_library(part / "library", [each for each in exercises if each is not None])
        try:
            (part / "library").rename(library)
        except OSError:
            if not library.is_dir():
                raise
        shutil.rmtree(part, ignore_errors=True)
        return library

    def clean(self) -> None:
        """Remove what only a run needs."""
        for pattern in ("library-*", ".library-*"):
            for folder in self.path.glob(pattern):
                shutil.rmtree(folder, ignore_errors=True)


def task_of(collection: Collection, submission: Submission) -> Task:
    """An attempt with its file, to be graded.

    Raises:
        CourseError: if the file cannot be read.
    """
    path = collection.path(submission)
    assert path is not None, "only what is gradable has a file"
    try:
        return Task(submission.student, submission.attempt, path.read_bytes())
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({error.strerror}): collect again, then grade again."
        ) from error
