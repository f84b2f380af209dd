"""HTML for students and for the class: one file each, that loads nothing and runs nothing.

What stands on a page is in the folder ``templates``; here is what is reckoned for it. Whatever a
template inserts is escaped by Jinja2, and what cannot be seen (control characters, characters
that turn the direction of writing) is spelled out, whether it comes from a submission, from the
roster or from the course. A page's own policy forbids scripts and anything from outside besides.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aigc_edu.grading.intake.safe import plain
from aigc_edu.grading.judge.ledger import CaseMark
from aigc_edu.grading.judge.manifest import ExerciseRecord
from aigc_edu.grading.results.marks import Cell, Marks, Row, rounded
from aigc_edu.view.style import page_properties

SMALLEST = 5
"""A count below this is not shown: it could point at a person."""

# Icon, word and class for what became of a question; the class only gives the edge its color.
_LOOKS = {
    "right": ("✓", "right", "right"),
    "full points for all": ("✓", "full points for all", "right"),
    "partly right": ("◐", "partly right", "partly"),
    "wrong": ("✗", "not right yet", "wrong"),
    "raised": ("⚠", "raised an error", "wrong"),
    "not started": ("○", "not started", "open"),
    "missing": ("○", "not found in the notebook", "open"),
    "by hand": ("✎", "waits for a person's mark", "person"),
    "marked by hand": ("✎", "marked by a person", "person"),
    "time limit": ("⚠", "took too long", "wrong"),
    "memory limit": ("⚠", "needed too much memory", "wrong"),
    "too much output": ("⚠", "printed too much", "wrong"),
    "crashed": ("⚠", "stopped without a result", "wrong"),
    "refused": ("⚠", "could not be run", "wrong"),
    "not graded": ("–", "not graded yet", "none"),
}
_CASES = {"right": "✓", "wrong": "✗", "raised": "⚠", "not started": "○"}

_WITHOUT_MARKS = {
    "missing": "Nothing was handed in. That is not the same as no points: ask if this "
    "surprises you.",
    "excused": "You are excused from this lesson.",
    "not graded yet": "Your notebook is here and has not been graded yet.",
    "no notebook": "What you handed in holds no notebook (a file that ends in .ipynb).",
    "several notebooks": "You handed in several notebooks that differ, and nothing says which "
    "one counts. Say which.",
    "refused": "What you handed in could not be read.",
    "claimed twice": "More than one file was handed in in your name. Say which is yours.",
}


# ---------------------------------------------------------------------------- templates


def _visible(value: Any) -> Any:
    """What a template is about to insert, with nothing in it that is not seen.

    A macro's output, which is HTML already, was put together of values that came by here.
    """
    return plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _points(points: float | None) -> str:
    return "–" if points is None else f"{rounded(points):g}"


def _percent(percent: float | None) -> str:
    return "–" if percent is None else f"{percent:.0f} %"


def _starred(number: int | None) -> str:
    return "*" if number is None else str(number)


def _look(status: str) -> tuple[str, str, str]:
    return _LOOKS.get(status, ("–", status, "none"))


def _explanation(cell: Cell) -> str:
    """Why a question brought what it brought, in the grader's words."""
    if cell.status == "marked by hand":
        return ""
    if cell.mistake and cell.mistake not in cell.message:
        return f"{cell.mistake}\n{cell.message}"
    return cell.message


def _cases(cell: Cell) -> list[tuple[str, CaseMark, str]]:
    """Icon, case and share of the points, where a question has parts and not all are right."""
    partial = len(cell.cases) > 1 and any(case.state != "right" for case in cell.cases)
    if not partial or cell.status in ("marked by hand", "full points for all"):
        return []
    total = sum(case.weight for case in cell.cases) or 1.0
    return [
        (_CASES.get(case.state, "–"), case, _percent(100 * case.weight / total))
        for case in cell.cases
    ]


def _lines(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A message by lines: code, or prose in pieces, each with the name in backticks after it.

    >>> list(_lines("Look at `mean` first:\\n    mean = 0"))
    [('', [('Look at ', 'mean'), (' first:', '')]), ('mean = 0', [])]
    """
    for line in plain(text).split("\n"):
        if not line.strip():
            continue
        if line.startswith("    "):  # the learner's own code, by convention of the checks
            yield line.strip(), []
        else:
            pieces = [*re.split(r"`([^`]+)`", line), ""]
            yield "", list(zip(pieces[::2], pieces[1::2], strict=True))


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    finalize=_visible,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.filters |= {
    "cases": _cases,
    "explanation": _explanation,
    "lines": _lines,
    "look": _look,
    "percent": _percent,
    "points": _points,
    "starred": _starred,
}


def _page(template: str, marks: Marks, title: str, about: str, **values: Any) -> bytes:
    lesson = f"Lesson {marks.lesson}" + (f": {title}" if title else "")
    page = _TEMPLATES.get_template(template).render(
        lesson=lesson, about=about, marks=marks, palette=page_properties().strip(), **values
    )
    return page.encode()


# ----------------------------------------------------------------------------- feedback


def feedback(row: Row, marks: Marks, title: str = "") -> bytes:
    """One student's page: what each question brought, and why. Shows no probe inputs.

    Args:
        row: the student.
        marks: of the lesson.
        title: the lesson's title.
    """
    who = row.label if marks.pseudonyms else f"{row.student.name} ({row.label})".lstrip()
    return _page("feedback.html.j2", marks, title, who, row=row, without_marks=_WITHOUT_MARKS)


# ------------------------------------------------------------------------------ the class


def hidden(counts: Sequence[int]) -> list[int | None]:
    """Counts that add up to a number that is known; None for those that must not be shown.

    Below :data:`SMALLEST` nothing is shown, zero included. Where that hides a single count,
    the next smallest goes too: otherwise the sum would give it away.

    >>> hidden([20, 3, 12, 7])
    [20, None, 12, None]
    >>> hidden([20, 9])
    [20, 9]
    """
    public: list[int | None] = [n if n >= SMALLEST else None for n in counts]
    if public.count(None) == 1:
        large = [n for n in public if n is not None]
        if large:
            public[public.index(min(large))] = None
    return public


def summary(marks: Marks, title: str = "") -> bytes:
    """The class as a whole: distribution, each question, the commonest mistakes.

    No names, and no count under five; it can be shown in class.

    Args:
        marks: of the lesson.
        title: the lesson's title.
    """
    graded = [row for row in marks.rows if row.cells and row.final is not None]
    values: dict[str, Any] = {"graded": len(graded), "smallest": SMALLEST}
    if len(graded) >= SMALLEST:
        values |= {
            **_distribution(graded),
            "waiting": any(row.waiting for row in marks.rows),
            "columns": _COLUMNS,
            "questions": [_question(question, graded) for question in marks.questions],
            **_mistakes(graded),
        }
    return _page("class.html.j2", marks, title, "the class", **values)


def _distribution(rows: Sequence[Row]) -> dict[str, Any]:
    """How many students have 0–9 %, 10–19 %, ..., 90–100 % of the points, and four figures."""
    shares = sorted(100 * (row.final or 0.0) / row.of if row.of else 0.0 for row in rows)
    bins = [0] * 10
    for share in shares:
        bins[min(9, max(0, int((share + 1e-9) // 10)))] += 1
    counts = hidden(bins)
    return {
        "counts": counts,
        "largest": max([n for n in counts if n is not None], default=1),
        "mean": fmean(shares),
        "median": median(shares),
        "lower": shares[len(shares) // 4],
        "upper": shares[(3 * len(shares) - 1) // 4],
    }


_COLUMNS = ("right", "partly", "wrong", "error", "not begun")


def _column(cell: Cell) -> str:
    if cell.status in ("marked by hand", "full points for all", "by hand"):
        points = cell.points or 0.0
        if points >= cell.of:
            return "right"
        return "partly" if points > 0 else "wrong"
    if cell.status in ("right", "wrong"):
        return cell.status
    if cell.status == "partly right":
        return "partly"
    return "not begun" if cell.status in ("not started", "missing") else "error"


def _question(
    question: ExerciseRecord, rows: Sequence[Row]
) -> tuple[ExerciseRecord, float | None, list[int | None] | None]:
    """A question, its mean in percent, and the counts of its columns.

    The mean is None where it must not be shown, the counts while marks by hand are missing.
    """
    cells = [row.cells[question.id] for row in rows if question.id in row.cells]
    points = [cell.points for cell in cells if cell.points is not None]
    mean = None
    if len(points) >= SMALLEST and question.points:
        mean = 100 * fmean(earned / question.points for earned in points)
    if question.by_hand and len(points) < len(cells):
        return question, mean, None
    tally = Counter(_column(cell) for cell in cells)
    return question, mean, hidden([tally[column] for column in _COLUMNS])


def _mistakes(rows: Sequence[Row]) -> dict[str, Any]:
    """The mistakes that enough students made, and whether there are others."""
    tally = Counter(
        (cell.id, cell.mistake) for row in rows for cell in row.cells.values() if cell.mistake
    )
    common = [(*mistake, count) for mistake, count in tally.most_common() if count >= SMALLEST]
    return {"mistakes": common[:20], "some_are_rare": len(common) < len(tally)}
