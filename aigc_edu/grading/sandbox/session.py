"""One submission's worker, seen from outside: questions in, claims out, limits kept.

A worker that dies, hangs or talks out of turn costs the answer that it was running: the
next one gets a new worker.
"""

import base64
import contextlib
import json
import os
import platform
import re
import secrets
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigc_edu.errors import CourseError
from aigc_edu.grading.sandbox.box import wire
from aigc_edu.grading.sandbox.bubblewrap import boxed_command, plain_command, plain_environment
from aigc_edu.grading.sandbox.control_groups import (
    Cgroup,
    in_cgroup,
    make_cgroup,
    tree_memory_mb,
)

START_SECONDS = 120.0
"""For an interpreter with torch to come up; a safety net."""

GRACE_SECONDS = 10.0
"""For the worker to kill and clean up after an answer, beyond the answer's own limit."""

BASE_MB = 512
"""Of the whole tree's memory, for the worker itself with torch loaded."""


class WorkerError(Exception):
    """The worker cannot be started: the grader's failure, not the submission's."""


@dataclass(frozen=True)
class Claim:
    """What came out for one question.

    ``how`` is ``result``, ``time limit``, ``memory limit``, ``too much output`` or
    ``crashed``; ``reply`` is what the worker said, parsed and not believed.
    """

    how: str
    reply: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


def forks() -> bool:
    """Whether the worker may load torch once and fork: on Linux."""
    return sys.platform == "linux"


MOST_PROCESSES = 64
"""Of one answer, threads included."""


def _most_processes() -> int:
    """The limit as the kernel counts: before 5.14 with all other processes of the user."""
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    if release is None or (int(release[1]), int(release[2])) >= (5, 14) or os.geteuid() == 0:
        return MOST_PROCESSES
    others = 0
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                others += len(os.listdir(f"{entry.path}/task"))
    return MOST_PROCESSES + others


class Session:
    """A worker for one notebook.

    Args:
        notebook: the submitted file.
        lesson: code cells of the lesson as handed out.
        library: what :func:`build_library` made.
        memory_mb: for the largest answer's whole process tree, besides the worker.
        boxed: in the sandbox; without it the user's own process runs the submission.
    """

    def __init__(
        self,
        notebook: bytes,
        lesson: Sequence[str],
        library: Path,
        *,
        memory_mb: int = 1024,
        boxed: bool = True,
    ) -> None:
        self._job = json.dumps(
            {"notebook": base64.b64encode(notebook).decode(), "lesson": list(lesson)}
        ).encode()
        self._library, self._boxed, self._memory_mb = library, boxed, memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._group: Cgroup | None = None
        self._folder: str | None = None
        self._kills = 0
        self.peak_mb = 0.0
        self.starts = 0

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------------- the worker

    def _start(self) -> None:
        self.close()
        self.starts += 1
        if self._boxed:
            command = boxed_command(self._library)
            self._group = make_cgroup(BASE_MB + self._memory_mb)
            command = in_cgroup(self._group, command)
            # What starts the sandbox can be seen in it as process 1, with its environment.
            environment = {"PATH": os.environ.get("PATH", os.defpath)}
        else:
            self._folder = tempfile.mkdtemp(prefix="aigc-edu-answer-")
            command = plain_command(self._library, fork=True)
            environment = plain_environment(Path(self._folder))
        self._kills = self._group.kills() if self._group else 0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            bufsize=0,
        )
        end = time.monotonic() + START_SECONDS
        try:
            self._send(self._job, end)
            if json.loads(self._receive(end, 100)) != {"ready": True}:
                raise WorkerError("the worker did not say that it is ready")
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            self.close()
            raise WorkerError(f"the worker did not start ({type(error).__name__})") from error

    def close(self) -> None:
        """End the worker and all that it started."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()
        if self._group is not None:
            self.peak_mb = max(self.peak_mb, self._group.peak_mb())
            self._group.remove()
            self._group = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    # -------------------------------------------------------------------------- questions

    def ask(self, request: dict[str, Any], seconds: float) -> Claim:
        """Let the worker do one thing, within limits.

        Raises:
            WorkerError: if no worker can be started.
        """
        if self._process is None:
            self._start()
        # The reply must repeat it: a late frame of an earlier question has another.
        nonce = secrets.token_hex(16)
        header = {
            "nonce": nonce,
            "seconds": seconds,
            "memory_mb": self._memory_mb,
            "most_bytes": wire.MOST_BYTES,
            "processes": _most_processes() if self._boxed else 0,
            "folder": self._folder or "/tmp",
        }
        began = time.monotonic()
        end = began + seconds + GRACE_SECONDS
        try:
            self._send(json.dumps(header).encode(), end)
            self._send(json.dumps(request).encode(), end)
            # Two frames come back: the parent's own words, and what the answer's fork sent.
            head = wire.read_json(self._receive(end, 1000), 1000, 4)
            data = self._receive(end, wire.MOST_BYTES)
        # From here on, whatever is not as it should be ends the worker: the next question gets
        # a new one, and no later answer sees what this one left behind.
        except MemoryError:  # of the tree, by _watch
            self.close()
            return Claim("memory limit", {}, time.monotonic() - began)
        except TimeoutError:
            self.close()
            return Claim("time limit", {}, time.monotonic() - began)
        except (OSError, EOFError, ValueError):  # the worker died, or wrote no frame
            how = "memory limit" if self._memory_ran_out() else "crashed"
            self.close()
            return Claim(how, {}, time.monotonic() - began)
        if not isinstance(head, dict) or head.get("nonce") != nonce:
            self.close()
            return Claim("crashed", {}, time.monotonic() - began)
        took = time.monotonic() - began
        how = str(head.get("how"))
        # Killed for memory, the fork alone died: the parent says "crashed", the kernel knows why.
        if self._memory_ran_out():
            return Claim("memory limit", {}, took)
        if how not in ("result", "time limit", "too much output"):
            return Claim("crashed", {}, took)
        if how != "result":
            return Claim(how, {}, took)
        try:
            reply = wire.read_json(data)
        except wire.WireError:
            return Claim("crashed", {}, took)
        return Claim(how, reply if isinstance(reply, dict) else {}, took)

    def _memory_ran_out(self) -> bool:
        """Whether the kernel has killed for memory since this was last asked."""
        if self._group is None:
            return False
        now = self._group.kills()
        before, self._kills = self._kills, now
        return now > before

    def _watch(self) -> None:
        """Where there is no control group, the tree's memory is looked at now and then.

        Raises:
            MemoryError: if it holds too much.
        """
        if self._group is not None or self._process is None:
            return
        held = tree_memory_mb(self._process.pid)
        self.peak_mb = max(self.peak_mb, held)
        if held > BASE_MB + self._memory_mb:
            raise MemoryError

    # ------------------------------------------------------------------------------ pipes

    def _send(self, data: bytes, end: float) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        handle = self._process.stdin.fileno()
        os.set_blocking(handle, False)
        view = memoryview(struct.pack(">Q", len(data)) + data)
        while view:
            if not select.select([], [handle], [], max(0.0, end - time.monotonic()))[1]:
                raise TimeoutError
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(handle, view) :]

    def _receive(self, end: float, most: int) -> bytes:
        (size,) = struct.unpack(">Q", self._exactly(8, end))
        if size > most:
            raise ValueError("too long")
        return self._exactly(size, end)

    def _exactly(self, size: int, end: float) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        data = bytearray()
        while len(data) < size:
            rest = end - time.monotonic()
            if rest <= 0:
                raise TimeoutError
            if not select.select([handle], [], [], min(rest, 0.05))[0]:
                self._watch()
                continue
            part = os.read(handle, min(1 << 20, size - len(data)))
            if not part:
                raise EOFError
            data += part
        return bytes(data)


class PlainSession(Session):
    """A worker that is a new process for each question: for systems without fork."""

    def __init__(self, notebook: bytes, lesson: Sequence[str], library: Path) -> None:
        super().__init__(notebook, lesson, library, boxed=False)

    def ask(self, request: dict[str, Any], seconds: float) -> Claim:
        """One question, one process.

        Raises:
            WorkerError: if the process cannot be started.
        """
        header = {"nonce": "", "seconds": seconds}
        frames = [self._job, json.dumps(header).encode(), json.dumps(request).encode()]
        job = b"".join(struct.pack(">Q", len(frame)) + frame for frame in frames)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(
            prefix="aigc-edu-answer-", ignore_cleanup_errors=True
        ) as folder:
            try:
                done = subprocess.run(
                    plain_command(self._library, fork=False),
                    input=job,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=plain_environment(Path(folder)),
                    cwd=folder,
                    timeout=START_SECONDS + seconds,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return Claim("time limit", {}, time.monotonic() - began)
            except OSError as error:
                raise WorkerError(f"the worker did not start ({error.strerror})") from error
        try:
            parts, rest = [], done.stdout
            while rest:
                (size,) = struct.unpack(">Q", rest[:8])
                parts.append(rest[8 : 8 + size])
                rest = rest[8 + size :]
            head = wire.read_json(parts[1], 1000, 4)
            reply = wire.read_json(parts[2])
            return Claim("result", dict(reply), float(head["seconds"]))
        except (IndexError, KeyError, TypeError, ValueError, struct.error):
            return Claim("crashed", {}, time.monotonic() - began)


def open_session(
    notebook: bytes,
    lesson: Sequence[str],
    library: Path,
    *,
    memory_mb: int = 1024,
    boxed: bool = True,
) -> Session:
    """The session that this system allows.

    Raises:
        CourseError: if the sandbox is asked for where there is none.
    """
    if boxed or forks():
        if boxed and not forks():
            raise CourseError(
                "The sandbox for submissions needs Linux: grade there, or say --unsafe."
            )
        return Session(notebook, lesson, library, memory_mb=memory_mb, boxed=boxed)
    return PlainSession(notebook, lesson, library)
