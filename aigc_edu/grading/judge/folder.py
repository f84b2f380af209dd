"""The folder that ``grade --out`` leaves: manifest, ledger, and how it was made.

::

    manifest.json         what was released, or what the course was when grading began
    ledger.jsonl          the marks
    run-04.json           from what lesson 04 was graded, for resume, regrade and appeal
    submissions-04/       the collection, where a plain folder was given
"""

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.collection import (
    Collection,
    Submission,
    collect,
    private_folder,
    read_collection,
)
from aigc_edu.grading.intake.roster import read_roster
from aigc_edu.grading.judge.ledger import MANIFEST, Ledger, Manifest
from aigc_edu.grading.judge.specification import (
    Pack,
    differences,
    exercise_for,
    make_manifest,
    records_of,
)
from aigc_edu.grading.sandbox.library import build_library

SHORTEST_SEED = 16


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

    def __init__(self, place: Path) -> None:
        self.place = place
        self.ledger = Ledger(place)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Make it, for its owner alone, and mend what a killed run left; nobody else writes.

        Raises:
            CourseError: if another run is writing, or the folder cannot be made.
        """
        from filelock import FileLock, Timeout

        private_folder(self.place)
        # The system lets go of it when the process ends, however it ends.
        lock = FileLock(self.place / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise CourseError(
                f"Another run is grading into {self.place}: let it end, or stop it first."
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
        write_atomically(self.place / f"run-{run.lesson}.json", text.encode(), private=True)

    def read_run(self, lesson: str | None = None) -> Run:
        """How a lesson was graded; without a number, the only one.

        Raises:
            CourseError: if nothing was graded here, or several lessons were.
        """
        if lesson is None:
            found = sorted(self.place.glob("run-*.json"))
            if len(found) > 1:
                numbers = ", ".join(path.stem.removeprefix("run-") for path in found)
                raise CourseError(
                    f"{self.place} holds several lessons: say which with --lesson ({numbers})."
                )
        else:
            found = [self.place / f"run-{lesson.zfill(2)}.json"]
        try:
            return Run(**json.loads(found[0].read_text(encoding="utf-8")))
        except (IndexError, OSError, ValueError, TypeError) as error:
            raise CourseError(
                f"Nothing was graded in {self.place} yet: 'aigc-edu grade' comes first, with the "
                "same --out."
            ) from error

    # ----------------------------------------------------------------------- the manifest

    def settle_manifest(
        self, given: Path | None, lesson: str, pack: Pack, changed: tuple[str, ...] = ()
    ) -> Manifest:
        """The manifest by which to grade: the given one, the one here, or a new one.

        Args:
            given: a release's manifest, or None.
            lesson: which lesson is graded.
            pack: the private pack.
            changed: exercises that may differ, because they are graded again.

        Raises:
            CourseError: if the course is not as it was; the sentence names what differs.
        """
        here = self.place / MANIFEST
        if given is not None:
            manifest = Manifest.read(given)
            if here.exists() and Manifest.read(here).specification(lesson) != (
                manifest.specification(lesson)
            ):
                raise CourseError(
                    f"{self.place} was graded by another manifest than {given}: choose another "
                    "--out, or 'aigc-edu regrade' a question that changed."
                )
        elif here.exists():
            manifest = Manifest.read(here)
            if lesson.zfill(2) not in manifest.lessons:
                more = make_manifest([lesson], pack)
                manifest = Manifest(
                    manifest.course_version,
                    manifest.released,
                    (*manifest.lessons, *more.lessons),
                    (*manifest.exercises, *more.exercises),
                    manifest.constraints,
                    manifest.parameters,
                    manifest.pack or more.pack,
                )
        else:
            manifest = make_manifest([lesson], pack)
        said = differences(manifest, lesson, pack)
        allowed = {f"exercise {identifier} has changed" for identifier in changed}
        allowed |= {text for i in changed for text in said if text.startswith(f"exercise {i} had")}
        said = [text for text in said if text not in allowed]
        if said:
            raise CourseError(
                f"This is not what was released: {'; '.join(said)}; install what made the "
                "release, or release again."
            )
        if changed:
            drawn = any(record.drawn for record in manifest.of_lesson(lesson))
            present = {record.id: record for record in records_of(lesson, pack, drawn=drawn)}
            records = tuple(
                present.get(record.id, record) if record.id in changed else record
                for record in manifest.exercises
            )
            manifest = Manifest(
                manifest.course_version,
                manifest.released,
                manifest.lessons,
                records,
                manifest.constraints,
                manifest.parameters,
                manifest.pack,
            )
        return manifest

    def keep_manifest(self, manifest: Manifest) -> None:
        """Lay a copy here."""
        manifest.write(self.place / MANIFEST)

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
            self.place / f"submissions-{run.lesson}",
            lesson=run.lesson,
        )

    def library(self, manifest: Manifest, lesson: str, pack: Pack) -> Path:
        """The sandbox's library, built once and used again by a resumed run."""
        place = self.place / f"library-{manifest.specification(lesson)[:12]}"
        if place.is_dir():
            return place
        exercises = [
            exercise_for(record, manifest, pack, "")
            for record in manifest.of_lesson(lesson)
            if not record.drawn
        ]
        part = Path(tempfile.mkdtemp(dir=self.place, prefix=".library-"))
        build_library(part / "library", [each for each in exercises if each is not None])
        try:
            (part / "library").rename(place)
        except OSError:
            if not place.is_dir():
                raise
        shutil.rmtree(part, ignore_errors=True)
        return place

    def clean(self) -> None:
        """Remove what only a run needs."""
        for pattern in ("library-*", ".library-*"):
            for folder in self.place.glob(pattern):
                shutil.rmtree(folder, ignore_errors=True)


def kept(collection: Collection) -> list[Submission]:
    """The attempts with a file, in the order of students and attempts."""
    return sorted(
        (item for item in collection.submissions if item.file is not None),
        key=lambda item: (item.student, item.attempt),
    )


def read_secret(path: Path, *, make: bool) -> bytes:
    """The seed file's content.

    Args:
        path: a file of at least 16 characters that nobody can guess.
        make: write a new one, for its owner alone, where there is none.

    Raises:
        CourseError: if it cannot be read or is too short.
    """
    try:
        if make and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
        secret = path.read_bytes().strip()
    except OSError as error:
        raise CourseError(
            f"The seed file {path} cannot be read ({error.strerror}): 'aigc-edu release' makes "
            "one, or write a line of random characters into a file."
        ) from error
    if len(secret) < SHORTEST_SEED:
        raise CourseError(
            f"The seed in {path} has {len(secret)} characters: at least {SHORTEST_SEED} random "
            "ones are needed, or it could be guessed."
        )
    return secret
