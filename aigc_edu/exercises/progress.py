"""What a learner has done, kept on this machine in one JSON file."""

import contextlib
import html
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aigc_edu import lessons, paths
from aigc_edu.errors import CourseError
from aigc_edu.files import replace_file
from aigc_edu.view.style import PAGE_COLORS

_VERSION = 1
_told: set[str] = set()


def progress_file() -> Path:
    """Where progress is kept: ``progress.json`` in the state folder."""
    return paths.state_dir() / "progress.json"


@dataclass(frozen=True)
class Notes:
    """The entries of the file, and a sentence for the learner if something was amiss."""

    entries: dict[str, dict[str, Any]]
    warning: str = ""


def read() -> Notes:
    """All entries, id → {state, attempts, hints, first_right}.

    An unreadable file is put aside as ``progress.json.bak`` and said so; never raises.
    """
    file = progress_file()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Notes({})
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError):
            return Notes({}, _once(f"Your progress at {file} cannot be read: {error.strerror}."))
        text = ""
    try:
        content = json.loads(text)
        entries = content["exercises"]
        if not isinstance(entries, dict):
            raise TypeError
        return Notes({str(key): _sound(entry) for key, entry in entries.items()})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        aside = file.with_name(file.name + ".bak")
        with contextlib.suppress(OSError):
            os.replace(file, aside)
        return Notes(
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
            notes = read()
            entry = notes.entries.setdefault(identifier, _sound({}))
            edit(entry)
            replace_file(file, _as_bytes(notes.entries), private=True)
        return entry, notes.warning
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


def _as_bytes(entries: dict[str, dict[str, Any]]) -> bytes:
    text = json.dumps({"version": _VERSION, "exercises": entries}, indent=1, sort_keys=True)
    return (text + "\n").encode()


def _once(sentence: str) -> str:
    if sentence in _told:
        return ""
    _told.add(sentence)
    return sentence


# ----------------------------------------------------------------------------- drawing


@dataclass(frozen=True)
class ExerciseProgress:
    """One exercise's line.

    Attributes:
        state: "right", "begun" or "not started"; once right it stays right.
        words: the state in words, with attempts or the day.
    """

    id: str
    title: str
    points: float
    minutes: int
    state: str
    words: str


@dataclass(frozen=True)
class LessonProgress:
    """One lesson's line: how many exercises are right, begun, and there."""

    lesson: int
    right: int
    begun: int
    total: int
    points: float
    of: float
    exercises: tuple[ExerciseProgress, ...] = ()

    @property
    def bar(self) -> str:
        """Twenty characters: ``#`` right, ``+`` begun, ``.`` neither."""
        right = 20 * self.right // max(self.total, 1)
        begun = 20 * (self.right + self.begun) // max(self.total, 1) - right
        return "#" * right + "+" * begun + "." * (20 - right - begun)

    @property
    def done(self) -> bool:
        """Whether every exercise is right."""
        return self.total > 0 and self.right == self.total


def _exercise_line(exercise: Any, entry: dict[str, Any] | None) -> ExerciseProgress:
    if entry is None:
        state, words = "not started", "not started"
    elif entry.get("first_right"):
        state, words = "right", f"right since {entry['first_right']}"
    else:
        tries = int(entry.get("attempts", 0))
        state, words = "begun", f"begun, {tries} attempt{'' if tries == 1 else 's'}"
    return ExerciseProgress(
        exercise.id, exercise.title, exercise.points, exercise.minutes, state, words
    )


def summary() -> tuple[list[LessonProgress], Notes]:
    """A line a lesson, and the entries they come from."""
    from aigc_edu.exercises.registry import lesson_exercises, lesson_numbers

    notes = read()
    lines = []
    for lesson in lesson_numbers():
        each = [_exercise_line(e, notes.entries.get(e.id)) for e in lesson_exercises(lesson)]
        right = [one for one in each if one.state == "right"]
        lines.append(
            LessonProgress(
                lesson,
                len(right),
                sum(one.state == "begun" for one in each),
                len(each),
                sum(one.points for one in right),
                sum(one.points for one in each),
                tuple(each),
            )
        )
    return lines, notes


def _lessons() -> dict[int, tuple[str, str]]:
    """Lesson -> its title and the name of its notebook, "" where that is not there."""
    names = {}
    for lesson in lessons.LESSONS:
        try:
            notebook = lesson.notebook
        except CourseError:  # a table without links is better than none
            notebook = None
        names[int(lesson.number)] = lesson.title, notebook.name if notebook else ""
    return names


_RIGHT, _BEGUN = PAGE_COLORS["blue"], PAGE_COLORS["brown"]


def _drawn_bar(line: LessonProgress) -> str:
    """A bar of a lesson's exercises, with the same in words for those who do not see it."""
    parts = "".join(
        f'<span style="display:inline-block;height:100%;width:{100 * count / line.total:.4g}%;'
        f'background:{color}"></span>'
        for count, color in ((line.right, _RIGHT), (line.begun, _BEGUN))
        if count
    )
    words = (
        f"{line.right} right, {line.begun} begun, "
        f"{line.total - line.right - line.begun} not started"
    )
    return (
        f'<span role="img" aria-label="{words}" style="display:inline-block;width:9em;'
        "height:0.9em;border:1px solid currentColor;vertical-align:middle;font-size:inherit;"
        f'line-height:0;white-space:nowrap">{parts}</span>'
    )


class ProgressTable:
    """What a learner has done: text bars when printed, a page of lessons in a notebook.

    Where a notebook is executed with nobody at a page (built, tested, exported), it shows what
    there is to do and nobody's progress.
    """

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

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        from aigc_edu.view.front_end import has_front_end

        if has_front_end():
            return {"text/plain": repr(self), "text/html": self._repr_html_()}
        return {"text/plain": self.plan(), "text/html": self.plan_html()}

    def _repr_html_(self) -> str:
        lines = [line for line in self.lines if line.total]
        done = sum(line.done for line in lines)
        right, total = sum(line.right for line in lines), sum(line.total for line in lines)
        points, of = sum(line.points for line in lines), sum(line.of for line in lines)
        names = _lessons()
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{_named(line, names)}</th>'
            f'<td style="text-align:left">{_drawn_bar(line)}</td>'
            f"<td>{'✓ done' if line.done else f'{line.right} of {line.total}'}</td>"
            f"<td>{line.points:g} of {line.of:g}</td></tr>"
            for line in lines
        )
        opened = "".join(
            f"<details><summary>{html.escape(_title(line, names))}: "
            f"{line.right} of {line.total} right</summary>"
            "<ul>"
            + "".join(
                f"<li>{'✓' if one.state == 'right' else '○'} {html.escape(one.id)} "
                f"{html.escape(one.title)}: {html.escape(one.words)}</li>"
                for one in line.exercises
            )
            + "</ul></details>"
            for line in lines
        )
        warning = f"<p>{html.escape(self.warning)}</p>" if self.warning else ""
        return (
            f"<p>{done} of {len(lines)} lessons done, {right} of {total} exercises right, "
            f"{points:g} of {of:g} points.</p>"
            "<table><caption>Your progress. Blue: right. Brown: begun. A lesson is done when all "
            "of its exercises are right.</caption>"
            '<thead><tr><th scope="col">Lesson</th><th scope="col">Exercises</th>'
            '<th scope="col">Right</th><th scope="col">Points</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>{opened}{warning}"
        )

    def plan(self) -> str:
        """What there is to do, as text, without anybody's progress."""
        if not self.lines:
            return "There are no exercises yet."
        names = _lessons()
        return "\n".join(
            f"{_title(line, names)}: {line.total} exercises, {line.of:g} points"
            for line in self.lines
        )

    def plan_html(self) -> str:
        """What there is to do, as a table, without anybody's progress."""
        names = _lessons()
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{_named(line, names)}</th>'
            f"<td>{line.total}</td><td>{line.of:g}</td>"
            f"<td>{sum(one.minutes for one in line.exercises)}</td></tr>"
            for line in self.lines
        )
        return (
            "<table><caption>What there is to do. Run this cell, and it shows what you have done."
            '</caption><thead><tr><th scope="col">Lesson</th><th scope="col">Exercises</th>'
            '<th scope="col">Points</th><th scope="col">Minutes</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>"
        )


def _title(line: LessonProgress, names: dict[int, tuple[str, str]]) -> str:
    title = names.get(line.lesson, ("", ""))[0]
    return f"{line.lesson:02d} · {title}" if title else f"{line.lesson:02d}"


def _named(line: LessonProgress, names: dict[int, tuple[str, str]]) -> str:
    """A lesson's number and title, as a link to the notebook beside this one."""
    file = names.get(line.lesson, ("", ""))[1]
    title = html.escape(_title(line, names))
    return f'<a href="{html.escape(file)}">{title}</a>' if file else title


def progress_table() -> ProgressTable:
    """Your progress, lesson by lesson; the last line of a cell shows it."""
    lines, notes = summary()
    return ProgressTable(lines, notes.warning)
