"""The ledger of marks: one JSON object a line, and only ever appended to.

A mark is never changed, a later line takes its place. :func:`standings` folds the lines into
what counts now; reports are made from it.

    ledger.jsonl      {"kind": "mark", "student": "s01", "attempt": 1, "exercises": [...], ...}
                      {"kind": "void", "exercise": "4.3", "reason": "...", ...}
"""

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.judge.manifest import now

LEDGER = "ledger.jsonl"
"""The ledger's name in the folder that ``grade --out`` is given."""

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
        finished = content[: content.rfind(b"\n") + 1]
        return [self._parse(text, number) for number, text in enumerate(finished.splitlines(), 1)]

    def _parse(self, text: bytes, number: int) -> Line:
        try:
            fields = json.loads(text)
            kind = fields.pop("kind")
            if kind == "void":
                return VoidLine(**fields)
            fields["exercises"] = tuple(
                ExerciseMark(**{**each, "cases": tuple(CaseMark(**c) for c in each["cases"])})
                for each in fields["exercises"]
            )
            return MarkLine(**fields)
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
    void: dict[str, VoidLine] = {}
    for line in lines:
        if isinstance(line, VoidLine) and line.lesson == lesson.zfill(2):
            if line.how == "restore":
                void.pop(line.exercise, None)
            else:
                void[line.exercise] = line
    return void


def standings(lines: Sequence[Line], lesson: str) -> dict[tuple[str, int], Standing]:
    """What counts now for a lesson: (student, attempt) → :class:`Standing`.

    The last line of an attempt counts; a regrade replaces the exercises that it holds.
    """
    number = lesson.zfill(2)
    void = voids(lines, number)
    latest: dict[tuple[str, int], Standing] = {}
    for line in lines:
        if not isinstance(line, MarkLine) or line.lesson != number:
            continue
        attempt = (line.student, line.attempt)
        before = latest.get(attempt)
        if line.reason and before is not None:
            marks = {**before.exercises, **{mark.id: mark for mark in line.exercises}}
            reasons = {**before.reasons, **{mark.id: line.reason for mark in line.exercises}}
            latest[attempt] = Standing(before.line, marks, reasons)
        else:
            latest[attempt] = Standing(line, {mark.id: mark for mark in line.exercises})
    return {
        attempt: Standing(
            standing.line,
            dict(_without_void(standing.exercises.values(), void)),
            standing.reasons,
        )
        for attempt, standing in latest.items()
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
