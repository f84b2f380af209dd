"""The process in the sandbox: it loads torch once, and runs each answer in a fork of itself.

Started by :mod:`aigc_edu.grading.sandbox.session` with two pipes. First comes one frame with what
is graded (the notebook, the lesson as handed out), then for each answer a frame to the
parent and one that only the fork reads: the probes. The parent never runs a line of the
submission and answers with one frame. After each answer it kills whatever is left and
empties what can be written, so that no answer finds a trace of another.

A frame is eight bytes of length and that many bytes of JSON.
"""

import base64
import contextlib
import json
import os
import select
import signal
import struct
import sys
import time
from typing import Any

LIMIT = 40_000_000  # of a frame that comes in: a notebook of 20 MB as base64


def read_frame(handle: int, most: int = LIMIT) -> bytes:
    """One frame.

    Raises:
        EOFError: if the other side is gone.
        ValueError: if it would be longer than ``most``.
    """
    (size,) = struct.unpack(">Q", _read_exactly(handle, 8))
    if size > most:
        raise ValueError("frame too long")
    return _read_exactly(handle, size)


def _read_exactly(handle: int, size: int) -> bytes:
    parts = []
    while size:
        part = os.read(handle, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def write_frame(handle: int, data: bytes) -> None:
    """Write one frame."""
    view = memoryview(struct.pack(">Q", len(data)) + data)
    while view:
        view = view[os.write(handle, view) :]


# ------------------------------------------------------------------------------ the fork


def _limit(seconds: float, memory_mb: int, processes: int) -> None:
    """Limits of one process; those of the tree are kept outside and by the parent."""
    import resource

    def at_most(name: int, value: int) -> None:
        hard = resource.getrlimit(name)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(name, (value, value))

    at_most(resource.RLIMIT_CORE, 0)
    at_most(resource.RLIMIT_CPU, int(seconds) + 2)
    at_most(resource.RLIMIT_FSIZE, 16 << 20)
    at_most(resource.RLIMIT_NOFILE, 256)
    if sys.platform == "linux":
        # Address space, of which torch alone reserves some; the tree's memory is watched.
        at_most(resource.RLIMIT_AS, (memory_mb + 4096) << 20)
        if processes:
            at_most(resource.RLIMIT_NPROC, processes)


def _answer(job: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Find one answer and run it on its probes."""
    import builtins

    import torch

    from aigc_edu.exercises import TODO, check, hint
    from aigc_edu.exercises.probing import answer_outputs, call, holds_todo
    from aigc_edu.grading.sandbox.box import wire
    from aigc_edu.grading.sandbox.box.notebook import (
        AnswerError,
        NotebookError,
        Program,
        code_cells,
        read,
    )

    try:
        notebook = read(base64.b64decode(job["notebook"]))
    except NotebookError as error:
        return {"how": "refused", "why": str(error)}
    program = Program(code_cells(notebook), job["program"])
    cases = [wire.unpack_case(case) for case in request["cases"]]
    run = call
    if request["kind"] not in ("function", "class"):
        run = _itself
    elif request["run"]:
        space: dict[str, Any] = {"torch": torch, "nn": torch.nn, "math": __import__("math")}
        space["F"] = torch.nn.functional
        source = "from __future__ import annotations\n" + request["run"]
        exec(compile(source, "<the grader's run>", "exec"), space)
        run = space[request["run_name"]]

    first: dict[str, Any] | None = None
    for expression, position in program.candidates(request["id"], request["name"]):
        space = {
            "__name__": "__main__",
            "__builtins__": builtins,
            "TODO": TODO,
            "check": check,
            "hint": hint,
            "display": lambda *_: None,
        }
        try:
            answer = program.answer(expression, position, space, request["patience"])
        except AnswerError as error:
            tried: dict[str, Any] = {"how": error.status, "why": str(error)}
        else:
            kind = type(answer).__name__
            tried = {
                "how": "ran",
                "todo": holds_todo(answer),
                "callable": callable(answer),
                "class": isinstance(answer, type),
                "type": kind[:60],
                "mentions_todo": _mentions_todo(answer),
                "outcomes": None,
            }
            if not tried["todo"]:
                outcomes = answer_outputs(run, answer, cases, gradient=request["gradient"])
                tried["outcomes"] = [wire.pack_outcome(outcome) for outcome in outcomes]
                tried["todo"] = all(outcome.todo for outcome in outcomes)
        if first is None:
            first = tried
        # A copied stub, or a name from elsewhere, must not hide an answer.
        if tried["how"] == "ran" and not tried["todo"]:
            return tried
        if tried["how"] == "ran" and first["how"] != "ran":
            first = tried
    if first is None:
        return {"how": "missing", "why": f"no check cell of {request['id']}, and no name for it"}
    return first


def _itself(answer: Any) -> Any:
    return answer


def _mentions_todo(answer: Any) -> bool:
    if not isinstance(answer, type):
        return False
    codes = [getattr(item, "__code__", None) for item in vars(answer).values()]
    return any("TODO" in code.co_names for code in codes if code is not None)


def _look(job: dict[str, Any]) -> dict[str, Any]:
    """What the notebook says about itself."""
    from aigc_edu.grading.sandbox.box.notebook import (
        NotebookError,
        Program,
        code_cells,
        facts,
        read,
    )

    try:
        notebook = read(base64.b64decode(job["notebook"]))
    except NotebookError as error:
        return {"how": "no notebook", "why": str(error)}
    program = Program(code_cells(notebook))
    return {
        "how": "looked",
        "facts": facts(notebook),
        "unreadable": list(program.unreadable.values())[:5],
        "checks": sorted({check.id[:20] for check in program.checks})[:200],
    }


def _in_the_fork(job: dict[str, Any], header: dict[str, Any], probes: int, result: int) -> None:
    """Everything of one answer, from the fork to its end."""
    try:
        request = json.loads(read_frame(probes))
        os.close(probes)
        nothing = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(nothing, handle)
        sys.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        os.chdir(header["folder"])
        _limit(header["seconds"], header["memory_mb"], header["processes"])
        reply = _look(job) if request["do"] == "look" else _answer(job, request)
        write_frame(result, json.dumps(reply).encode())
    except BaseException as error:
        with contextlib.suppress(BaseException):
            write_frame(result, json.dumps({"how": "died", "why": type(error).__name__}).encode())
    finally:
        os._exit(0)


# ---------------------------------------------------------------------------- the parent


def _collect(result: int, deadline: float, most: int) -> tuple[str, bytes]:
    """What the fork sends, until it is whole, too much, or too late."""
    data = bytearray()
    size: int | None = None
    while True:
        rest = deadline - time.monotonic()
        if rest <= 0 or not select.select([result], [], [], rest)[0]:
            return "time limit", b""
        part = os.read(result, 1 << 20)
        if not part:
            return "crashed", b""
        data += part
        if size is None and len(data) >= 8:
            (size,) = struct.unpack(">Q", data[:8])
            if size > most:
                return "too much output", b""
        if size is not None and len(data) >= size + 8:
            return "result", bytes(data[8 : size + 8])


def _others() -> list[int]:
    own = {1, os.getpid()}
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in own]


def _kill_the_rest() -> None:
    """Kill every process of the box but this one; it has a process namespace of its own."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            os.kill(-1, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not _others():
            return
        time.sleep(0.005)
    os._exit(3)  # something cannot be killed: the session starts a new box


def _empty(folder: str) -> None:
    """Remove all that was written; leaves the box if that does not work."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry.path, 0o700)
            _empty(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)


def _clean_up(boxed: bool, child: int) -> None:
    if not boxed:
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)
        return
    _kill_the_rest()
    try:
        for folder in ("/tmp", "/dev/shm"):
            if os.path.isdir(folder):
                os.chmod(folder, 0o755)
                _empty(folder)
    except (OSError, RecursionError):
        os._exit(3)


def _hide() -> None:
    """Not to be traced, and its memory and handles not to be opened, by its own children."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def main(boxed: bool = True) -> None:
    """Serve answers until the other side closes."""
    commands, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2) if boxed else (0, 1):
        os.dup2(nothing, handle)
    _hide()
    job = json.loads(read_frame(commands))
    import torch

    # Loaded here once and shared by all forks, which can only change their own copies.
    import aigc_edu.exercises.probing
    import aigc_edu.grading.sandbox.box.notebook
    import aigc_edu.grading.sandbox.box.wire

    torch.set_num_threads(1)
    job["program"] = aigc_edu.grading.sandbox.box.notebook.Program(job["lesson"])
    write_frame(replies, b'{"ready": true}')
    while True:
        try:
            header = json.loads(read_frame(commands))
        except EOFError:
            return
        began = time.monotonic()
        result, child_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(result)
            os.close(replies)
            if not boxed:
                os.setsid()
            _in_the_fork(job, header, commands, child_end)
        os.close(child_end)
        how, data = _collect(result, began + header["seconds"], header["most_bytes"])
        os.close(result)
        seconds = time.monotonic() - began
        _clean_up(boxed, child)
        head = {"nonce": header["nonce"], "how": how, "seconds": seconds}
        write_frame(replies, json.dumps(head).encode())
        write_frame(replies, data)


def main_plain() -> None:
    """Serve one answer in this very process: where there is no fork (Windows)."""
    commands, replies = os.dup(0), os.dup(1)
    job = json.loads(read_frame(commands))
    from aigc_edu.grading.sandbox.box.notebook import Program

    job["program"] = Program(job["lesson"])
    write_frame(replies, b'{"ready": true}')
    header = json.loads(read_frame(commands))
    request = json.loads(read_frame(commands))
    nothing = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nothing, handle)
    began = time.monotonic()
    try:
        reply = _look(job) if request["do"] == "look" else _answer(job, request)
    except BaseException as error:
        reply = {"how": "died", "why": type(error).__name__}
    head = {"nonce": header["nonce"], "how": "result", "seconds": time.monotonic() - began}
    write_frame(replies, json.dumps(head).encode())
    write_frame(replies, json.dumps(reply).encode())
