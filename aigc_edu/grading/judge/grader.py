"""Grading one submission.

:func:`grade_one` is what any ``concurrent.futures.Executor`` maps: it gets plain data and
returns a line for the ledger, whatever the submission does.
"""

import atexit
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.grading.judge.ledger import ExerciseMark, ExerciseStatus, MarkLine, SubmissionStatus
from aigc_edu.grading.judge.manifest import ExerciseRecord, Manifest
from aigc_edu.grading.judge.packs import Pack, read_pack
from aigc_edu.grading.judge.questions import Judged, Question
from aigc_edu.grading.judge.seed import seed_digest
from aigc_edu.grading.judge.specification import exercise_for, lesson_cells
from aigc_edu.grading.sandbox.library import build_library
from aigc_edu.grading.sandbox.session import Claim, Session, WorkerError, open_session

LARGEST_FILE = 20_000_000
"""Bytes of a notebook; one with all its pictures has less than one million."""

LOOK_SECONDS = 30.0
"""For reading a notebook, before any of it runs."""


@dataclass(frozen=True)
class Task:
    """One file to grade."""

    student: str
    attempt: int
    content: bytes

    @property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Terms:
    """By what is graded: the same for a whole class. Plain data, sent to every worker.

    Attributes:
        manifest, lesson: the release, and which of its lessons.
        secret: the seed file's content.
        pack: path of the private pack, or None.
        library: the sandbox's library, if it is built already.
        boxed: False runs submissions as the user's own processes.
        only: these exercises alone; () for all.
        reason: of a regrade.
    """

    manifest: Manifest
    lesson: str
    secret: bytes
    pack: str | None = None
    library: str | None = None
    boxed: bool = True
    only: tuple[str, ...] = ()
    reason: str = ""

    @property
    def records(self) -> tuple[ExerciseRecord, ...]:
        """The exercises that are graded."""
        records = self.manifest.of_lesson(self.lesson)
        return tuple(r for r in records if not self.only or r.id in self.only)

    def marks(self, status: ExerciseStatus, why: str) -> list[ExerciseMark]:
        """The same mark without points for every exercise."""
        return [ExerciseMark(r.id, status, 0.0, r.points, why) for r in self.records]

    def line(
        self,
        task: Task,
        status: SubmissionStatus,
        note: str,
        marks: Sequence[ExerciseMark],
        memory_mb: float = 0.0,
        seconds: float = 0.0,
    ) -> MarkLine:
        """What the ledger is told about one file."""
        return MarkLine(
            task.student,
            task.attempt,
            task.sha256,
            self.lesson,
            self.manifest.specification(self.lesson),
            seed_digest(self.secret),
            status,
            note,
            tuple(marks),
            self.reason,
            memory_mb=round(memory_mb, 1),
            seconds=round(seconds, 2),
        )


# --------------------------------------------------------------------- in a worker process


class _Desk:
    """What a worker process prepares once for some terms."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.pack: Pack = read_pack(Path(terms.pack) if terms.pack else None)
        self.cells = lesson_cells(terms.lesson)
        # What is withheld does not depend on whose parameters were drawn.
        common = [r for r in terms.manifest.of_lesson(terms.lesson) if not r.drawn]
        exercises = [exercise_for(record, terms.manifest, self.pack, "") for record in common]
        self._own: str | None = None
        if terms.library and os.path.isdir(terms.library):
            self.library = Path(terms.library)
        else:
            self._own = tempfile.mkdtemp(prefix="aigc-edu-library-")
            atexit.register(shutil.rmtree, self._own, ignore_errors=True)
            os.chmod(self._own, 0o755)
            self.library = build_library(
                Path(self._own) / "library", [e for e in exercises if e is not None]
            )
        self._questions = {
            record.id: Question(record, exercise, terms.secret)
            for record, exercise in zip(common, exercises, strict=True)
            if exercise is not None and (not terms.only or record.id in terms.only)
        }

    def question(self, record: ExerciseRecord, student: str) -> Question | None:
        """An exercise as this student was given it; None where nothing was drawn for them."""
        if not record.drawn:
            return self._questions[record.id]
        exercise = exercise_for(record, self.terms.manifest, self.pack, student)
        return None if exercise is None else Question(record, exercise, self.terms.secret)

    def close(self) -> None:
        """Remove what was written."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)


_desks: dict[int, _Desk] = {}


def _desk(terms: Terms) -> _Desk:
    """The desk for some terms, made once in this process."""
    key = hash((terms.lesson, terms.secret, terms.pack, terms.boxed, terms.only, terms.library))
    key ^= hash(terms.manifest.specification(terms.lesson))
    if key not in _desks:
        for old in _desks.values():
            old.close()
        _desks.clear()
        _desks[key] = _Desk(terms)
    return _desks[key]


def grade_one(terms: Terms, task: Task) -> MarkLine:
    """Grade one file. Raises nothing that a submission could cause."""
    return grade_in_full(terms, task)[0]


def grade_in_full(terms: Terms, task: Task) -> tuple[MarkLine, dict[str, Judged]]:
    """Grade one file and keep what the marks came from: for an appeal, and for ``--self``."""
    began = time.monotonic()
    judged: dict[str, Judged] = {}
    if not task.content.strip():
        return _unread(terms, task, "empty", "The file is empty."), judged
    if len(task.content) > LARGEST_FILE:
        size = f"The file has {len(task.content) / 1e6:.0f} MB; a notebook has less than one."
        return _unread(terms, task, "too large", size), judged
    try:
        desk = _desk(terms)
        memory = max(record.memory_mb for record in terms.records)
        with open_session(
            task.content, desk.cells, desk.library, memory_mb=memory, boxed=terms.boxed
        ) as session:
            look = session.ask({"do": "look"}, LOOK_SECONDS)
            status, note = _status_of_file(look, terms.lesson)
            if status in ("graded", "another lesson"):
                marks = [_mark(session, desk, record, task, judged) for record in terms.records]
            else:
                marks = terms.marks("missing", note)
            session.close()  # only then is the peak of its memory known
            line = terms.line(task, status, note, marks, session.peak_mb, time.monotonic() - began)
            return line, judged
    except WorkerError as error:
        return not_graded(terms, task, f"The grader could not start its worker: {error}."), judged
    except CourseError:
        raise
    except Exception as error:
        # Whatever it is, the others are graded; this one is named and can be tried again.
        why = f"The grader itself failed ({type(error).__name__}: {str(error)[:200]})."
        return not_graded(terms, task, why), judged


def _unread(terms: Terms, task: Task, status: SubmissionStatus, why: str) -> MarkLine:
    return terms.line(task, status, why, terms.marks("missing", why))


def not_graded(terms: Terms, task: Task, why: str) -> MarkLine:
    """The line for a file at which the grader failed: it can be graded again."""
    return terms.line(task, "not graded", why, terms.marks("not graded", why))


def _status_of_file(claim: Claim, lesson: str) -> tuple[SubmissionStatus, str]:
    """The status of a file from its own words, and a sentence."""
    if claim.how != "result":
        return "not a notebook", f"The file could not be read: {claim.how} while reading it."
    reply = claim.reply
    if reply.get("how") != "looked":
        why = str(reply.get("why") or "it could not be read")[:200]
        return "not a notebook", f"This is no notebook: {why}."
    metadata = reply.get("facts")
    metadata = metadata if isinstance(metadata, dict) else {}
    language, own = str(metadata.get("language", "")), str(metadata.get("lesson", ""))
    if language and not language.startswith(("python", "ipython")):
        return "wrong kernel", f"The notebook is in {_word(language)}, not in Python."
    unreadable = reply.get("unreadable")
    note = "Graded."
    if isinstance(unreadable, list) and unreadable:
        note = f"Graded; {len(unreadable)} of its cells are no Python."
    if own and own.isdigit() and own.zfill(2) != lesson:
        return "another lesson", f"It says that it is lesson {own[:4]}. {note}"
    return "graded", note


def _word(text: str) -> str:
    return "".join(char for char in text if char.isalnum() or char in "+#.-")[:20] or "?"


def _mark(
    session: Session,
    desk: _Desk,
    record: ExerciseRecord,
    task: Task,
    judged: dict[str, Judged],
) -> ExerciseMark:
    question = desk.question(record, task.student)
    if question is None:
        why = "Nothing was drawn for this student when the lesson was released."
        return ExerciseMark(record.id, "not graded", 0.0, record.points, why)
    claim = session.ask(question.request(), record.seconds)
    judged[record.id] = question.judge(claim)
    return judged[record.id].mark
