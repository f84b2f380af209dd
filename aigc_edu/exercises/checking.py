"""``check`` and ``hint``: what a learner sees."""

import html
import re
import secrets
import sys
import textwrap
from typing import Any, TypeVar

from aigc_edu import lessons
from aigc_edu.errors import CourseError
from aigc_edu.exercises import progress
from aigc_edu.exercises.comparing import Result, evaluate
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.registry import find
from aigc_edu.exercises.stand_in import is_stand_in, stand_in
from aigc_edu.view.style import PAGE_COLORS

T = TypeVar("T")

# Meaning is in the icon and the word; the color only repeats it (Okabe–Ito).
_LOOKS = {
    "not started": ("○", PAGE_COLORS["sky blue"]),
    "raised": ("⚠", PAGE_COLORS["orange"]),
    "wrong": ("✗", PAGE_COLORS["vermilion"]),
    "right": ("✓", PAGE_COLORS["green"]),
    "hint": ("?", PAGE_COLORS["purple"]),
    "note": ("!", PAGE_COLORS["orange"]),
}


def check(identifier: str, answer: T, *, record: bool = True) -> T:
    """Check an answer, say how it did, and hand on something that works.

    Args:
        identifier: the exercise's id, "5.1".
        answer: your function, class or value.
        record: False for a demonstration: the attempt is shown, and not noted in the
            learner's progress.

    Returns:
        The answer itself if it is right, otherwise the course's version, marked as such
        (the answer itself where there is no such exercise). Never raises.

    Prints one of four states: not started, raised, wrong, right.
    """
    try:
        exercise = find(identifier)
    except CourseError as error:
        _show("note", "", str(error))
        return answer
    except Exception as error:
        _broken(identifier, error)
        return answer
    try:
        if is_stand_in(answer):
            _show(
                "note",
                _title(exercise),
                "This is the course's version, not your answer: run your own cell again, then "
                "check that.",
            )
            return answer
        result = evaluate(exercise, answer, secrets.randbits(32))
        handed: Any = answer
        notes = []
        if exercise.kind != "text" and result.state != "right":
            handed = stand_in(exercise.id, exercise.reference)
            notes.append("From here on the course's version is used.")
        if result.state in ("raised", "wrong") and exercise.hints:
            notes.append(f'Stuck? hint("{exercise.id}") opens a hint.')
        warning = ""
        if record and result.state != "not started":
            warning = progress.record(exercise.id, result.state)
        _show(
            result.state,
            _title(exercise),
            _body(exercise, result),
            " ".join(notes),
            warning,
        )
        return handed  # type: ignore[no-any-return]
    except Exception as error:
        _broken(identifier, error)
        return answer


def hint(identifier: str) -> None:
    """Open one hint more; the last brings a link to the worked solution. Never raises."""
    try:
        exercise = find(identifier)

        def edit(entry: dict[str, Any]) -> None:
            entry["hints"] = min(entry["hints"] + 1, len(exercise.hints))

        entry, warning = progress.change(exercise.id, edit)
        opened = entry["hints"]
        lines = [f"{n + 1}. {text}" for n, text in enumerate(exercise.hints[:opened])]
        last = opened >= len(exercise.hints)
        more = "" if last else f"{len(exercise.hints) - opened} more: call hint again."
        _show(
            "hint",
            _title(exercise),
            "\n".join(lines),
            more,
            warning,
            link=_solution(exercise) if last else "",
        )
    except CourseError as error:
        _show("note", "", str(error))
    except Exception as error:
        _broken(identifier, error)


def _body(exercise: Exercise, result: Result) -> str:
    if result.state == "not started":
        text = "Fill in the cell above and run it and this one again."
        return f"{result.message} {text}" if result.message else text
    if result.state == "right" and exercise.by_hand:
        return f"Noted; a person marks this one. {result.message}"
    return result.message


def _title(exercise: Exercise) -> str:
    return f"{exercise.id} {exercise.title}"


def _solution(exercise: Exercise) -> str:
    """The worked solution of an exercise's lesson, as a link from a lesson; "" if none."""
    lesson = lessons.listed(exercise.lesson)
    try:
        notebook = lesson.solution if lesson else None
    except CourseError:
        notebook = None
    return f"../solutions/{notebook.name}" if notebook else ""


def _broken(identifier: str, error: Exception) -> None:
    """The machinery failed: the learner is told that it is not their fault."""
    _show(
        "note",
        identifier[:40] if isinstance(identifier, str) else "",
        f"The course's own check failed ({type(error).__name__}: {str(error)[:200]}): this is not "
        "your mistake; please report it.",
    )


# -------------------------------------------------------------------------- appearance


def _show(state: str, title: str, body: str, *notes: str, link: str = "") -> None:
    """Show a message: HTML and text in a notebook, text elsewhere."""
    plain = as_text(state, title, body, *notes, link=link)
    if _in_notebook():
        from IPython.display import display

        rich = as_html(state, title, body, *notes, link=link)
        display({"text/plain": plain, "text/html": rich}, raw=True)  # type: ignore[no-untyped-call]
        return
    try:
        print(plain)
    except UnicodeEncodeError:  # a terminal that knows only ASCII
        encoding = sys.stdout.encoding or "ascii"
        print(plain.encode(encoding, "replace").decode(encoding))


def _in_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def _head(state: str, title: str) -> tuple[str, str]:
    return f"{_LOOKS[state][0]} {state}", f" · {title}" if title else ""


_CODE = "    "  # how a line of the learner's code begins in a message


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 84, break_long_words=False, break_on_hyphens=False)


def as_text(state: str, title: str, body: str, *notes: str, link: str = "") -> str:
    """A message for a terminal: the state's icon and word first."""
    word, rest = _head(state, title)
    lines = [word + rest]
    for paragraph in [*body.split("\n"), *notes]:
        if paragraph.startswith(_CODE):
            lines.append(f"  {paragraph}")
        else:
            lines += [f"  {line}" for line in _wrapped(paragraph)]
    if link:
        lines.append(f"  The worked solution: {link}")
    return "\n".join(lines)


def as_html(state: str, title: str, body: str, *notes: str, link: str = "") -> str:
    """A message for a notebook: readable on a light and a dark page, announced politely."""
    word, rest = _head(state, title)
    parts = []
    for paragraph in [*body.split("\n"), *notes]:
        if paragraph.startswith(_CODE):
            parts.append(f"<pre><code>{html.escape(paragraph.strip())}</code></pre>")
        elif paragraph:
            parts.append(f"<div>{_marked_up(paragraph)}</div>")
    if link:
        parts.append(
            "<details><summary>The worked solution</summary>"
            f'<a href="{html.escape(link)}">{html.escape(link)}</a></details>'
        )
    return (
        f'<div role="status" style="border-left: 0.4em solid {_LOOKS[state][1]}; '
        'padding: 0.3em 0.8em; margin: 0.3em 0">'
        f"<strong>{html.escape(word)}</strong>{html.escape(rest)}{''.join(parts)}</div>"
    )


def _marked_up(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
