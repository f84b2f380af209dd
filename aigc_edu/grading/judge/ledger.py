"""What grading writes down: the manifest of a release, and the ledger of marks.

Both are JSON, so that they can be read without the course. The ledger is a file with one
JSON object a line, only ever appended to: a mark is never changed, a later line takes its
place. :func:`standings` folds the lines into what counts now; reports are made from it.

    ledger.jsonl      {"kind": "mark", "student": "s01", "attempt": 1, "exercises": [...], ...}
                      {"kind": "void", "exercise": "4.3", "reason": "...", ...}
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically

FORMAT = 1
"""The version of both formats."""

LEDGER = "ledger.jsonl"
"""The ledger's name in the folder that ``grade --out`` is given."""

MANIFEST = "manifest.json"
"""The manifest's name in the lecturer's part of a release; ``grade`` keeps a copy in ``--out``."""

ExerciseStatus = Literal[
    "right",  # every case
    "partly right",  # the ordinary case and some others
    "wrong",
    "raised",  # the answer raised an error
    "not started",  # the stub is as it was
    "missing",  # neither the check cell nor the name is there
    "by hand",  # a text: a person marks it
    "time limit",
    "memory limit",
    "too much output",
    "crashed",  # the process died, or what it sent back was no result
    "refused",  # the answer's cell is no Python, or it needs what only training makes
    "not graded",  # the grader's own failure: grade again
]
"""How one exercise of one submission went. Only the first two ever carry points."""

SubmissionStatus = Literal[
    "graded",
    "not a notebook",  # no JSON, no cells, damaged
    "empty",  # a file without a byte
    "too large",
    "another lesson",  # its own metadata names another lesson; graded all the same
    "wrong kernel",  # a notebook of another language
    "not graded",  # the grader's own failure: grade again
]
"""How a submitted file went as a whole. Every one of them has a sentence in ``note``."""

EXERCISE_STATUSES: tuple[str, ...] = get_args(ExerciseStatus)
SUBMISSION_STATUSES: tuple[str, ...] = get_args(SubmissionStatus)


def now() -> str:
    """The time in UTC to a second, as ``2026-03-01T18:00:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ------------------------------------------------------------------------------ manifest


@dataclass(frozen=True)
class ExerciseRecord:
    """One exercise of a release, as it was when students got it.

    Attributes:
        id, title, kind, points: the exercise's own.
        lesson: two digits.
        name: what the answer is called in the lesson as it was handed out.
        sha256: a hash of all that its marks rest on (reference, cases, run, tolerance,
            known mistakes, and what they call).
        seconds, memory_mb: limits for the whole process tree of one answer.
        drawn: whether each student has parameters of their own.
        private: whether it comes from a pack and not from the course.
    """

    id: str
    title: str
    kind: str
    points: float
    lesson: str
    name: str
    sha256: str
    seconds: float = 20.0
    memory_mb: int = 1024
    drawn: bool = False
    private: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether a person marks it."""
        return self.kind == "text"


@dataclass(frozen=True)
class Manifest:
    """What was released: the terms on which it is graded.

    Attributes:
        course_version: of ``aigc_edu``.
        released: when, in UTC.
        lessons: two digits each, in order.
        exercises: all that are graded, in the order of the lessons.
        constraints: package → version with which the release was made.
        parameters: student → exercise → what was drawn for them (drawn exercises only).
        pack: name of the private pack's file or folder, "" if there is none.
    """

    course_version: str
    released: str
    lessons: tuple[str, ...]
    exercises: tuple[ExerciseRecord, ...]
    constraints: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    pack: str = ""

    def of_lesson(self, lesson: str) -> tuple[ExerciseRecord, ...]:
        """The exercises of one lesson ("04" or "4"), in order.

        Raises:
            CourseError: if the release holds no such lesson.
        """
        number = lesson.zfill(2)
        if number not in self.lessons:
            raise CourseError(
                f"This release holds no lesson {lesson}: it was made for "
                f"{', '.join(self.lessons)}; release the lesson, or name one of these."
            )
        return tuple(record for record in self.exercises if record.lesson == number)

    def exercise(self, identifier: str) -> ExerciseRecord:
        """One exercise by its id.

        Raises:
            CourseError: if it is not in the release.
        """
        for record in self.exercises:
            if record.id == identifier:
                return record
        raise CourseError(
            f"This release holds no exercise {identifier!r}: it has "
            f"{', '.join(record.id for record in self.exercises)}."
        )

    def specification(self, lesson: str) -> str:
        """A hash of what a lesson is graded by: its exercises, points and limits."""
        text = json.dumps(
            [FORMAT, [dataclasses.asdict(record) for record in self.of_lesson(lesson)]],
            sort_keys=True,
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def write(self, path: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            CourseError: if the file cannot be written.
        """
        facts = {"format": FORMAT, **dataclasses.asdict(self)}
        text = json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False)
        write_atomically(path, (text + "\n").encode(), private=True)

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read what :meth:`write` wrote; a folder means the manifest in it.

        Raises:
            CourseError: if there is none, or it is damaged or of another format.
        """
        place = path / MANIFEST if path.is_dir() else path
        try:
            facts = json.loads(place.read_text(encoding="utf-8"))
            if facts.pop("format") != FORMAT:
                raise CourseError(
                    f"{place} was written by another version of the course: make the release "
                    "again, or install the version that made it."
                )
            facts["exercises"] = tuple(ExerciseRecord(**each) for each in facts["exercises"])
            facts["lessons"] = tuple(facts["lessons"])
            return cls(**facts)
        except OSError as error:
            raise CourseError(
                f"There is no manifest at {place} ({error.strerror}): 'aigc-edu release' makes it."
            ) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CourseError(
                f"{place} is no manifest, or a damaged one: take the copy that 'aigc-edu release' "
                "made."
            ) from error


# -------------------------------------------------------------------------------- ledger


@dataclass(frozen=True)
class CaseMark:
    """One named case of an exercise: its share, and "right", "wrong", "raised", "not started"."""

    name: str
    weight: float
    state: str


@dataclass(frozen=True)
class ExerciseMark:
    """One exercise of one submission.

    Attributes:
        id: the exercise's.
        status: see :data:`ExerciseStatus`.
        points, of: earned, and to be had. A text has 0 until a person marks it.
        message: for the student: no probe inputs in it. Text of the submission's own
            (an error's message) may be, without control characters: escape it.
        mistake: the sentence of the known mistake that was recognized, or "".
        cases: the named cases with their states; empty where none ran.
        seconds: what the answer took, wall time.
    """

    id: str
    status: ExerciseStatus
    points: float
    of: float
    message: str = ""
    mistake: str = ""
    cases: tuple[CaseMark, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class MarkLine:
    """A submission that was graded, or graded again.

    Attributes:
        student, attempt: whose it is, by the platform and the roster; attempts from 1.
        submission: SHA-256 of the file.
        lesson: two digits.
        specification: :meth:`Manifest.specification`.
        seed: fingerprint of the secret seed (never the seed).
        status, note: the file as a whole, with a sentence that a lecturer understands.
        exercises: all of the lesson's, or in a regrade those that were graded again.
        reason: of a regrade, "" otherwise.
        at: when, in UTC.
        memory_mb: the most that its process tree held; 0 where it was not measured.
        seconds: from beginning to end.
    """

    student: str
    attempt: int
    submission: str
    lesson: str
    specification: str
    seed: str
    status: SubmissionStatus
    note: str
    exercises: tuple[ExerciseMark, ...]
    reason: str = ""
    at: str = field(default_factory=now)
    memory_mb: float = 0.0
    seconds: float = 0.0

    @property
    def key(self) -> tuple[str, int, str, str, str]:
        """What is never graded twice: student, attempt, file, specification, seed."""
        return (self.student, self.attempt, self.submission, self.specification, self.seed)


@dataclass(frozen=True)
class VoidLine:
    """A question that does not count any more, or counts again.

    ``how``: "drop" leaves it out of everybody's total, "full" gives everybody its points,
    "restore" takes either back.
    """

    lesson: str
    exercise: str
    how: Literal["drop", "full", "restore"]
    reason: str
    at: str = field(default_factory=now)


Line = MarkLine | VoidLine


class Ledger:
    """The append-only file of marks.

    Args:
        path: the file, or the folder that holds ``ledger.jsonl``. Need not exist yet.

    One process writes, however many workers grade. A line is written in one piece and
    flushed to the disk. A process that was killed while writing leaves at most a last line
    without an end; it is cut off by :meth:`open_for_writing`, and readers leave it out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / LEDGER if path.is_dir() or path.suffix != ".jsonl" else path

    def lines(self) -> list[Line]:
        """All lines, oldest first; [] if there is no file.

        Raises:
            CourseError: if a line is damaged.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CourseError(
                f"The ledger {self.path} cannot be read: {error.strerror}."
            ) from error
        whole = content[: content.rfind(b"\n") + 1]
        return [self._parse(text, number) for number, text in enumerate(whole.splitlines(), 1)]

    def _parse(self, text: bytes, number: int) -> Line:
        try:
            facts = json.loads(text)
            kind = facts.pop("kind")
            if kind == "void":
                return VoidLine(**facts)
            facts["exercises"] = tuple(
                ExerciseMark(**{**each, "cases": tuple(CaseMark(**c) for c in each["cases"])})
                for each in facts["exercises"]
            )
            return MarkLine(**facts)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CourseError(
                f"Line {number} of {self.path} is damaged: a ledger is not edited by hand; take "
                "it from a backup, or remove that line and grade again."
            ) from error

    def open_for_writing(self) -> None:
        """Make the folder (0700) and cut off a last line that was not finished.

        Raises:
            CourseError: if it cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(self.path, "ab+") as file:
                os.chmod(self.path, 0o600)
                file.seek(0)
                content = file.read()
                end = content.rfind(b"\n") + 1
                if end < len(content):
                    file.truncate(end)
        except OSError as error:
            raise CourseError(
                f"The ledger {self.path} cannot be written ({error.strerror}): choose another "
                "folder with --out."
            ) from error

    def append(self, line: Line) -> None:
        """Write one line and flush it to the disk.

        Raises:
            CourseError: if it cannot be written.
        """
        data = (as_json(line) + "\n").encode()
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                written = os.write(handle, data)
                if written < len(data):
                    os.ftruncate(handle, os.fstat(handle).st_size - written)
                    raise OSError(28, "No space left on device")
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise CourseError(
                f"The ledger {self.path} cannot be written ({error.strerror}): make room, and run "
                "the same command again; what was graded before is kept."
            ) from error

    def replace(self, lines: Iterable[Line]) -> None:
        """Write the whole ledger anew. Only for taking a person out of it (``forget``).

        Raises:
            CourseError: if it cannot be written; the old one stays.
        """
        text = "".join(as_json(line) + "\n" for line in lines)
        write_atomically(self.path, text.encode(), private=True)

    def graded(self) -> set[tuple[str, int, str, str, str]]:
        """The keys of all that need not be graded again."""
        return {
            line.key
            for line in self.lines()
            if isinstance(line, MarkLine)
            and line.status != "not graded"
            and all(mark.status != "not graded" for mark in line.exercises)
        }


def as_json(line: Line) -> str:
    """A line as the ledger holds it, without the line's end."""
    kind = "void" if isinstance(line, VoidLine) else "mark"
    return json.dumps({"kind": kind, **dataclasses.asdict(line)}, ensure_ascii=True)


# ----------------------------------------------------------------------------- standings


@dataclass(frozen=True)
class Standing:
    """What one attempt of one student counts now.

    Attributes:
        line: the last line that graded the file as a whole.
        exercises: id → the mark that counts: the last one, in the order of the lesson.
            A dropped question is not among them; a full one has all its points and says so.
        reasons: why exercises were graded again, id → reason.
    """

    line: MarkLine
    exercises: Mapping[str, ExerciseMark]
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.line.student

    @property
    def attempt(self) -> int:
        """Which one, from 1."""
        return self.line.attempt

    @property
    def points(self) -> float:
        """The sum of what was earned; texts count when a person has marked them."""
        return sum(mark.points for mark in self.exercises.values())

    @property
    def of(self) -> float:
        """The sum of what could be earned, texts included."""
        return sum(mark.of for mark in self.exercises.values())


def voids(lines: Sequence[Line], lesson: str) -> dict[str, VoidLine]:
    """The questions of a lesson that are void now, by id."""
    found: dict[str, VoidLine] = {}
    for line in lines:
        if isinstance(line, VoidLine) and line.lesson == lesson.zfill(2):
            if line.how == "restore":
                found.pop(line.exercise, None)
            else:
                found[line.exercise] = line
    return found


def standings(lines: Sequence[Line], lesson: str) -> dict[tuple[str, int], Standing]:
    """What counts now for a lesson: (student, attempt) → :class:`Standing`.

    The last line of an attempt counts; a regrade replaces the exercises that it holds.
    """
    number = lesson.zfill(2)
    void = voids(lines, number)
    found: dict[tuple[str, int], Standing] = {}
    for line in lines:
        if not isinstance(line, MarkLine) or line.lesson != number:
            continue
        place = (line.student, line.attempt)
        before = found.get(place)
        if line.reason and before is not None:
            marks = {**before.exercises, **{mark.id: mark for mark in line.exercises}}
            reasons = {**before.reasons, **{mark.id: line.reason for mark in line.exercises}}
            found[place] = Standing(before.line, marks, reasons)
        else:
            found[place] = Standing(line, {mark.id: mark for mark in line.exercises})
    return {
        place: Standing(
            standing.line,
            dict(_without_void(standing.exercises.values(), void)),
            standing.reasons,
        )
        for place, standing in found.items()
    }


def _without_void(
    marks: Iterable[ExerciseMark], void: Mapping[str, VoidLine]
) -> Iterator[tuple[str, ExerciseMark]]:
    for mark in marks:
        line = void.get(mark.id)
        if line is None:
            yield mark.id, mark
        elif line.how == "full":
            note = f"Everybody gets the points of this question: {line.reason}"
            yield mark.id, dataclasses.replace(mark, points=mark.of, message=note)
