"""A learner's own copy of the lessons: laid once, brought up to date, never overwritten.

A small file beside the copies remembers the hash of each lesson as it was laid. So an
untouched copy can be told from an edited one:

========================  =========================  ======================================
the copy                  the course's lesson        what happens
========================  =========================  ======================================
is not there              any                        laid (delete a copy to start it afresh)
untouched                 changed                    replaced
edited                    unchanged                  left alone
edited                    changed                    left alone; the new one is laid beside
                                                     it as ``NAME.new.ipynb`` (or
                                                     ``.new-2``, ... where that is edited)
========================  =========================  ======================================
"""

import errno
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from aigc_edu.errors import CourseError
from aigc_edu.files import replace_file

MANIFEST = ".aigc-edu.json"


class Laid(NamedTuple):
    """What :func:`lay` did: names of notebooks, in order.

    ``fresh``: laid where there was none. ``updated``: untouched copies replaced.
    ``beside``: (the learner's copy, the new version laid next to it).
    """

    fresh: list[str]
    updated: list[str]
    beside: list[tuple[str, str]]

    def sentences(self) -> list[str]:
        """What the learner should be told, one sentence each."""
        said = []
        if self.updated:
            said.append(
                f"Brought up to date, as you had not changed them: {', '.join(self.updated)}."
            )
        said += [
            f"{theirs} has changed in the course and you have edited your copy: yours is as it "
            f"was, and the new version is beside it as {new}."
            for theirs, new in self.beside
        ]
        return said


def lay(source: Path, target: Path) -> Laid:
    """Bring the notebooks of ``source`` into ``target`` without overwriting a learner's work.

    Args:
        source: the folder with the course's notebooks (``*.ipynb``).
        target: the learner's folder; made where it does not exist.

    Raises:
        CourseError: if the folder cannot be made or written, or the disk is full.
    """
    laid = Laid([], [], [])
    try:
        target.mkdir(parents=True, exist_ok=True)
        known = _read_manifest(target)
        before = dict(known)
        try:
            for notebook in sorted(source.glob("*.ipynb")):
                _lay_one(notebook.name, notebook.read_bytes(), target, known, laid)
        finally:
            # Also after a failure in the middle: what was laid so far is remembered.
            if known != before:
                text = json.dumps(known, indent=1, sort_keys=True)
                replace_file(target / MANIFEST, text.encode())
    except OSError as error:
        raise CourseError(_explain(error, target)) from error
    return laid


def _lay_one(name: str, content: bytes, target: Path, known: dict[str, str], laid: Laid) -> None:
    new = _hash(content)
    copy = target / name
    if not copy.exists():
        replace_file(copy, content)
        known[name] = new
        laid.fresh.append(name)
        return
    now = _hash(copy.read_bytes())
    if now == new or known.get(name) == new:
        # Nothing changed upstream since it was laid (or was last told), edited or not.
        known[name] = new
        return
    if now == known.get(name):
        replace_file(copy, content)
        known[name] = new
        laid.updated.append(name)
        return
    beside = _name_beside(name, target, new, known)
    if not (target / beside).exists() or _hash((target / beside).read_bytes()) != new:
        replace_file(target / beside, content)
        laid.beside.append((name, beside))
    known[beside] = new
    known[name] = new


def _name_beside(name: str, target: Path, new: str, known: dict[str, str]) -> str:
    """The first of NAME.new, NAME.new-2, ... that is free, identical, or an untouched older one."""
    stem = name.removesuffix(".ipynb")
    count = 1
    while True:
        beside = f"{stem}.new.ipynb" if count == 1 else f"{stem}.new-{count}.ipynb"
        path = target / beside
        if not path.exists() or _hash(path.read_bytes()) in (new, known.get(beside)):
            return beside
        count += 1


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_manifest(target: Path) -> dict[str, str]:
    # A lost or spoilt manifest only means that every differing copy counts as edited.
    try:
        read = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(read, dict):
        return {}
    return {str(name): value for name, value in read.items() if isinstance(value, str)}


def _explain(error: OSError, target: Path) -> str:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return (
            f"The disk is full: your copy of the lessons in {target} could not be finished and "
            "nothing of yours was changed; free some space and run the same command again."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"The folder {target} cannot be written: choose a folder of your own with "
            "'aigc-edu lab --work DIR'."
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
        return (
            f"{error.filename or target} is not what it should be (a file where a folder belongs, "
            "or the other way round): move it away, or choose another folder with "
            "'aigc-edu lab --work DIR'."
        )
    return (
        f"Your copy of the lessons in {target} could not be laid: {error.strerror or error}; "
        "put that right, or choose another folder with 'aigc-edu lab --work DIR'."
    )
