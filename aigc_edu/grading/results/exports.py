"""Files that are made anew: marks by question, results for Gradescope, feedback to upload."""

import io
import json
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from aigc_edu.grading.intake.csv_tables import csv_bytes
from aigc_edu.grading.intake.safe import plain
from aigc_edu.grading.results.marks import Marks, Row, rounded


def _number(points: float | None) -> float | int | None:
    if points is None:
        return None
    value = rounded(points)
    return int(value) if value == int(value) else value


# ---------------------------------------------------------------------- marks by question


def marks_csv(marks: Marks) -> bytes:
    """One row a student, one column a question. An empty cell is no mark, which is not zero."""
    questions = [question.id for question in marks.questions]
    header = ["student", "name", "status", "attempt", "submitted", "late"]
    header += [*questions, "points", "of", "after late rules", "percent", "waits for", "notes"]
    return csv_bytes(header, (_marks_row(row, questions, marks.pseudonyms) for row in marks.rows))


def _marks_row(row: Row, questions: Sequence[str], nameless: bool) -> list[Any]:
    submission = row.submission
    cells = [_number(row.cells[name].points) if name in row.cells else None for name in questions]
    percent = None if row.final is None or not row.of else 100 * row.final / row.of
    note = row.file_note if row.file_status != "graded" else ""
    notes = [*row.notes, note, row.late.sentence()]
    return [
        row.label,
        "" if nameless else row.student.name,
        row.status if row.file_status in ("", "graded") else f"{row.status}: {row.file_status}",
        submission.attempt if submission else None,
        (submission.submitted or "") if submission and not nameless else "",
        row.late.state if row.submission else "",
        *cells,
        _number(row.raw),
        _number(row.of),
        _number(row.final),
        _number(percent),
        " ".join(row.waiting),
        " ".join(note for note in notes if note),
    ]


# ----------------------------------------------------------------------------- Gradescope

_PASSED = ("right", "full points for all")


def gradescope_results(row: Row) -> bytes:
    """A student's ``results.json``, as Gradescope reads it from an autograder.

    All output is plain text (``output_format``), so nothing in it is read as HTML.
    """
    tests = []
    for cell in row.cells.values():
        lines = [cell.status, *cell.message.split("\n")] if cell.message else [cell.status]
        lines += [f"{case.name}: {case.state}" for case in cell.cases]
        if cell.comment:
            lines.append(cell.comment)
        tests.append(
            {
                "name": f"{cell.id} {cell.title}",
                "number": cell.id,
                "score": rounded(cell.points or 0.0),
                "max_score": cell.of,
                "status": "passed" if _passed(cell.points, cell.of, cell.status) else "failed",
                "output": plain("\n".join(lines)),
                "output_format": "text",
                "visibility": "visible",
            }
        )
    head = [row.late.sentence()]
    if row.waiting:
        head.append(f"Still to be marked by a person: {', '.join(row.waiting)}.")
    head.append(row.file_note if row.file_status not in ("", "graded") else "")
    results = {
        "score": rounded(row.final or 0.0),
        "output": plain("\n".join(line for line in head if line)),
        "output_format": "text",
        "visibility": "visible",
        "tests": tests,
    }
    return (json.dumps(results, indent=1, ensure_ascii=True) + "\n").encode()


def _passed(points: float | None, of: float, status: str) -> bool:
    return status in _PASSED or (points is not None and math.isclose(points, of) and of > 0)


# ---------------------------------------------------------------- giving feedback back


def upload_name(original: str) -> tuple[str, str] | None:
    """Under which name a platform takes a page of feedback back: platform and name.

    Canvas ("Upload Submissions") and Moodle ("Upload multiple feedback files in a zip") know a
    file by the beginning of the name that they gave it themselves.

    >>> upload_name("doeann_LATE_101_9001_04_vae.ipynb")
    ('canvas', 'doeann_LATE_101_9001_feedback.html')
    >>> upload_name("Ann Doe_7001_assignsubmission_file_/04_vae.ipynb")
    ('moodle', 'Ann Doe_7001_assignsubmission_file_feedback.html')
    >>> upload_name("s01/04_vae.ipynb") is None
    True
    """
    top = original.split("/")[0]
    if "\\" in top or top.endswith("…"):  # not the name itself, but how it is shown
        return None
    if match := re.match(r"[^_]*_\d+_assignsubmission_", top):
        return "moodle", f"{match[0]}file_feedback.html"
    if match := re.match(r"(?:.*?_)??(?:LATE_)?(?:\d+|anon_[A-Za-z0-9]+)_\d+_(?=.)", top):
        return "canvas", f"{match[0]}feedback.html"
    return None


def feedback_zips(pages: Iterable[tuple[Row, bytes]]) -> dict[str, bytes]:
    """Pages of feedback as a zip file for the platform that the submissions came from.

    Args:
        pages: each student's row and page.

    Returns:
        "canvas" or "moodle" → the zip file; nothing for submissions from elsewhere. A file that
        a person assigned is left out: the platform would give its page to somebody else.
    """
    named: dict[str, dict[str, bytes]] = {}
    for row, page in pages:
        if row.submission is None or row.submission.assigned:
            continue
        if address := upload_name(row.submission.original):
            named.setdefault(address[0], {})[address[1]] = page
    zips = {}
    for platform, files in named.items():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, page in sorted(files.items()):
                archive.writestr(name, page)
        zips[platform] = packed.getvalue()
    return zips
