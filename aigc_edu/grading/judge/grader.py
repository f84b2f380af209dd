"""Grading one submission, and many: the map, its progress, its interruption.

:func:`grade_one` is what any ``concurrent.futures.Executor`` maps: it gets plain data and
returns a line for the ledger, whatever the submission does. :func:`run` keeps the executor
busy and hands each line on as it comes.
"""

import atexit
import concurrent.futures
import contextlib
import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_edu.errors import CourseError
from aigc_edu.grading.judge.ledger import (
    ExerciseMark,
    ExerciseRecord,
    Manifest,
    MarkLine,
    SubmissionStatus,
)
from aigc_edu.grading.judge.questions import Judged, Question, fingerprint
from aigc_edu.grading.judge.specification import (
    Pack,
    exercise_for,
    lesson_cells,
    read_pack,
)
from aigc_edu.grading.sandbox.library import build_library
from aigc_edu.grading.sandbox.session import Claim, Session, WorkerError, open_session

LARGEST_FILE = 20_000_000
"""Bytes of a notebook; one with all its pictures has less than one million."""

LOOK_SECONDS = 30.0
"""For reading a notebook, before any of it runs."""


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
    return _graded(terms, task)[0]


def _graded(terms: Terms, task: Task) -> tuple[MarkLine, dict[str, Judged]]:
    began = time.monotonic()
    full: dict[str, Judged] = {}

    def line(
        status: SubmissionStatus, note: str, marks: Sequence[ExerciseMark], memory: float = 0.0
    ) -> MarkLine:
        return MarkLine(
            task.student,
            task.attempt,
            task.sha256,
            terms.lesson,
            terms.manifest.specification(terms.lesson),
            fingerprint(terms.secret),
            status,
            note,
            tuple(marks),
            terms.reason,
            memory_mb=round(memory, 1),
            seconds=round(time.monotonic() - began, 2),
        )

    def nothing(why: str) -> list[ExerciseMark]:
        return [ExerciseMark(r.id, "missing", 0.0, r.points, why) for r in terms.records]

    if not task.content.strip():
        why = "The file is empty."
        return line("empty", why, nothing(why)), full
    if len(task.content) > LARGEST_FILE:
        why = f"The file has {len(task.content) / 1e6:.0f} MB; a notebook has less than one."
        return line("too large", why, nothing(why)), full
    try:
        desk = _desk(terms)
        memory = max(record.memory_mb for record in terms.records)
        with open_session(
            task.content, desk.cells, desk.library, memory_mb=memory, boxed=terms.boxed
        ) as session:
            status, note = _looked(session.ask({"do": "look"}, LOOK_SECONDS), terms.lesson)
            if status in ("graded", "another lesson"):
                marks = [_mark(session, desk, record, task, full) for record in terms.records]
            else:
                marks = nothing(note)
            session.close()
            return line(status, note, marks, session.peak_mb), full
    except WorkerError as error:
        why = f"The grader could not start its worker: {error}."
        return line("not graded", why, _failed(terms, why)), full
    except CourseError:
        raise
    except Exception as error:
        # Whatever it is, the others are graded; this one is named and can be tried again.
        why = f"The grader itself failed ({type(error).__name__}: {str(error)[:200]})."
        return line("not graded", why, _failed(terms, why)), full


def _failed(terms: Terms, why: str) -> list[ExerciseMark]:
    return [ExerciseMark(r.id, "not graded", 0.0, r.points, why) for r in terms.records]


def _looked(claim: Claim, lesson: str) -> tuple[SubmissionStatus, str]:
    """The status of a file from its own words, and a sentence."""
    if claim.how != "result":
        return "not a notebook", f"The file could not be read: {claim.how} while reading it."
    found = claim.found
    if found.get("how") != "looked":
        why = str(found.get("why") or "it could not be read")[:200]
        return "not a notebook", f"This is no notebook: {why}."
    facts = found.get("facts")
    facts = facts if isinstance(facts, dict) else {}
    language, own = str(facts.get("language", "")), str(facts.get("lesson", ""))
    if language and not language.startswith(("python", "ipython")):
        return "wrong kernel", f"The notebook is in {_word(language)}, not in Python."
    unreadable = found.get("unreadable")
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
    full: dict[str, Judged],
) -> ExerciseMark:
    question = desk.question(record, task.student)
    if question is None:
        why = "Nothing was drawn for this student when the lesson was released."
        return ExerciseMark(record.id, "not graded", 0.0, record.points, why)
    claim = session.ask(question.request(), record.seconds)
    full[record.id] = question.judge(claim)
    return full[record.id].mark


def grade_in_full(terms: Terms, task: Task) -> tuple[MarkLine, dict[str, Judged]]:
    """Grade one file and keep what the marks came from: for an appeal, and for ``--self``."""
    return _graded(terms, task)


# ------------------------------------------------------------------------------- the map


def initialize_worker(parent: int) -> None:
    """A worker process ends with the process that started it, whatever ends that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)
    import torch

    torch.set_num_threads(1)


def local_pool(workers: int) -> Executor:
    """A pool of processes on this machine."""
    import multiprocessing

    # Inherited by the new processes before they load torch.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return concurrent.futures.ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=initialize_worker,
        initargs=(os.getpid(),),
    )


def dask_pool(address: str) -> Executor:
    """The workers of a Dask cluster.

    Raises:
        CourseError: if Dask is not installed or the scheduler is not reached.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise CourseError(
            "Dask is not installed: install it with pip install 'aigc-edu[grading]', or use "
            "--workers."
        ) from error
    connect: Any = Client  # it has no types
    try:
        return _DaskPool(connect(address, timeout=15))
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(
            f"No Dask scheduler was reached at {address}: give its address as it was printed at "
            "its start, like tcp://host:8786."
        ) from error


class _DaskPool(Executor):
    """The executor of a Dask client, which it closes with itself."""

    def __init__(self, client: Any) -> None:
        self._client, self._inner = client, client.get_executor(pure=False)
        self.width = sum(client.nthreads().values())

    def submit(self, function: Any, /, *arguments: Any, **settings: Any) -> Future[Any]:
        """Run something on the cluster."""
        future: Future[Any] = self._inner.submit(function, *arguments, **settings)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End it, and the connection to the cluster."""
        self._inner.shutdown(wait=wait)
        self._client.close()


def run(
    terms: Terms,
    tasks: Iterable[Callable[[], Task]],
    pool: Callable[[], Executor],
    width: int,
    done: Callable[[MarkLine], None],
) -> None:
    """Grade many files.

    Args:
        terms: by what.
        tasks: each reads its file when its turn comes.
        pool: makes the executor; called again if its processes died.
        width: how many workers it has, where it does not say so itself.
        done: gets each line, in this process, as it comes.

    A file whose grading broke the pool is tried once more by itself; then it is noted as
    not graded.
    """
    waiting: deque[tuple[Task | Callable[[], Task], int]] = deque((task, 0) for task in tasks)
    running: dict[Future[MarkLine], tuple[Task, int]] = {}
    executor = pool()
    width = getattr(executor, "width", width)
    try:
        while waiting or running:
            # A few more than workers, so that none waits; not all, as files can be large.
            while waiting and len(running) < width + 2:
                source, tries = waiting.popleft()
                task = source if isinstance(source, Task) else source()
                running[executor.submit(grade_one, terms, task)] = (task, tries)
            finished, _ = concurrent.futures.wait(
                running, return_when=concurrent.futures.FIRST_COMPLETED
            )
            broken = False
            for future in finished:
                task, tries = running.pop(future)
                try:
                    line = future.result()
                except CourseError:
                    raise
                except Exception as error:  # the worker died, or a cluster lost it
                    broken = broken or isinstance(error, BrokenProcessPool)
                    if tries:
                        why = "The grader's own process died twice at this file."
                        done(_line_for(terms, task, why, tuple(_failed(terms, why))))
                    else:
                        waiting.appendleft((task, 1))
                else:
                    done(line)
            if broken:
                for task, tries in running.values():
                    waiting.appendleft((task, tries))
                running.clear()
                with contextlib.suppress(Exception):
                    executor.shutdown(wait=False, cancel_futures=True)
                executor = pool()
    except BaseException:
        _end(executor)
        raise
    executor.shutdown(wait=True)


def _line_for(terms: Terms, task: Task, why: str, marks: tuple[ExerciseMark, ...]) -> MarkLine:
    return MarkLine(
        task.student,
        task.attempt,
        task.sha256,
        terms.lesson,
        terms.manifest.specification(terms.lesson),
        fingerprint(terms.secret),
        "not graded",
        why,
        marks,
        terms.reason,
    )


def _end(executor: Any) -> None:
    """Stop at once: what runs is graded again next time."""
    processes = list((getattr(executor, "_processes", None) or {}).values())
    with contextlib.suppress(Exception):
        executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with contextlib.suppress(Exception):
            process.kill()
