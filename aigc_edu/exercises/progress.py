"""What a learner has done, kept on this machine in one JSON file."""

import contextlib
import html
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aigc_edu import paths

_VERSION = 1
_said: set[str] = set()


def progress_file() -> Path:
    """Where progress is kept: ``progress.json`` in the state folder."""
    return paths.state_dir() / "progress.json"


@dataclass(frozen=True)
class Kept:
    """The entries of the file, and a sentence for the learner if something was amiss."""

    entries: dict[str, dict[str, Any]]
    warning: str = ""


def read() -> Kept:
    """All entries, id → {state, attempts, hints, first_right}.

    An unreadable file is put aside as ``progress.json.bak`` and said so; never raises.
    """
    file = progress_file()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Kept({})
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError):
            return Kept({}, _once(f"Your progress at {file} cannot be read: {error.strerror}."))
        text = ""
    try:
        content = json.loads(text)
        entries = content["exercises"]
        if not isinstance(entries, dict):
            raise TypeError
        return Kept({str(key): _sound(entry) for key, entry in entries.items()})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        aside = file.with_name(file.name + ".bak")
        with contextlib.suppress(OSError):
            os.replace(file, aside)
        return Kept(
            {},
            _once(f"Your progress file was damaged: it is kept as {aside}, and a new one begins."),
        )


def _sound(entry: dict[str, Any]) -> dict[str, Any]:
    first = entry.get("first_right")
    return {
        "state": str(entry.get("state", "not started")),
        "attempts": int(entry.get("attempts", 0)),
        "hints": int(entry.get("hints", 0)),
        "first_right": first if isinstance(first, str) else None,
    }


def change(identifier: str, edit: Callable[[dict[str, Any]], None]) -> tuple[dict[str, Any], str]:
    """Change one entry under a lock and write the file atomically.

    Returns:
        The changed entry, and a sentence if it could not be kept (said once a session;
        "" otherwise). Never raises.
    """
    file = progress_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with _lock(file):
            kept = read()
            entry = kept.entries.setdefault(identifier, _sound({}))
            edit(entry)
            _write(file, kept.entries)
        return entry, kept.warning
    except Exception as error:  # a full disk, a read-only folder, a lock that never opens
        entry = _sound({})
        if isinstance(error, OSError):
            entry = read().entries.get(identifier, entry)
        edit(entry)
        reason = getattr(error, "strerror", None) or type(error).__name__
        return entry, _once(
            f"Your progress is not kept: {file} cannot be written ({reason}). Set AIGC_EDU_STATE "
            "to a folder of yours."
        )


def record(identifier: str, state: str) -> str:
    """Note an attempt; returns a sentence for the learner, or ""."""

    def edit(entry: dict[str, Any]) -> None:
        entry["state"] = state
        entry["attempts"] += 1
        if state == "right" and entry["first_right"] is None:
            entry["first_right"] = date.today().isoformat()

    return change(identifier, edit)[1]


def reset() -> None:
    """Forget everything, keeping the file as ``progress.json.bak``.

    Raises:
        OSError: if the file cannot be moved.
    """
    file = progress_file()
    with contextlib.suppress(FileNotFoundError):
        os.replace(file, file.with_name(file.name + ".bak"))


@contextlib.contextmanager
def _lock(file: Path) -> Iterator[None]:
    from filelock import FileLock

    with FileLock(str(file) + ".lock", timeout=5):
        yield


def _write(file: Path, entries: dict[str, dict[str, Any]]) -> None:
    text = json.dumps({"version": _VERSION, "exercises": entries}, indent=1, sort_keys=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".progress-", suffix=".json")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _once(sentence: str) -> str:
    if sentence in _said:
        return ""
    _said.add(sentence)
    return sentence


# ----------------------------------------------------------------------------- drawing


@dataclass(frozen=True)
class LessonProgress:
    """One lesson's line: how many exercises are right, begun, and there."""

    lesson: int
    right: int
    begun: int
    total: int
    points: float
    of: float

    @property
    def bar(self) -> str:
        """Twenty characters: ``#`` right, ``+`` begun, ``.`` neither."""
        right = 20 * self.right // max(self.total, 1)
        begun = 20 * (self.right + self.begun) // max(self.total, 1) - right
        return "#" * right + "+" * begun + "." * (20 - right - begun)


def summary() -> tuple[list[LessonProgress], Kept]:
    """A line a lesson, and the entries they come from."""
    from aigc_edu.exercises.registry import lesson_exercises, lesson_numbers

    kept = read()
    lines = []
    for lesson in lesson_numbers():
        exercises = lesson_exercises(lesson)
        right = [e for e in exercises if kept.entries.get(e.id, {}).get("first_right")]
        begun = [e for e in exercises if e not in right and e.id in kept.entries]
        lines.append(
            LessonProgress(
                lesson,
                len(right),
                len(begun),
                len(exercises),
                sum(e.points for e in right),
                sum(e.points for e in exercises),
            )
        )
    return lines, kept


class ProgressTable:
    """What a learner has done: text bars when printed, a table in a notebook."""

    def __init__(self, lines: list[LessonProgress], warning: str = "") -> None:
        self.lines = lines
        self.warning = warning

    def __repr__(self) -> str:
        if not self.lines:
            return "There are no exercises yet."
        text = [
            f"lesson {line.lesson:02d}  {line.bar}  {line.right:>2} of {line.total:>2} right, "
            f"{line.points:g} of {line.of:g} points"
            for line in self.lines
        ]
        return "\n".join([*text, "# right, + begun, . not started", *filter(None, [self.warning])])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{line.lesson:02d}</th>'
            f'<td><code role="img" aria-label="{line.right} right, {line.begun} begun, '
            f'{line.total - line.right - line.begun} not started">{line.bar}</code></td>'
            f"<td>{line.right} of {line.total}</td><td>{line.points:g} of {line.of:g}</td></tr>"
            for line in self.lines
        )
        warning = f"<p>{html.escape(self.warning)}</p>" if self.warning else ""
        return (
            "<table><caption>Your progress: # right, + begun, . not started</caption>"
            '<thead><tr><th scope="col">Lesson</th><th scope="col">Exercises</th>'
            '<th scope="col">Right</th><th scope="col">Points</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>{warning}"
        )


def progress_table() -> ProgressTable:
    """Your progress, lesson by lesson; the last line of a cell shows it."""
    lines, kept = summary()
    return ProgressTable(lines, kept.warning)
