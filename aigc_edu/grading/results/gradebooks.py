"""Marks as files: by question (CSV), for Gradescope, and into a platform's own gradebook."""

import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from aigc_edu.errors import CourseError
from aigc_edu.grading.intake.csv_tables import Table, csv_bytes, shown
from aigc_edu.grading.intake.roster import (
    Roster,
    Student,
    Worksheet,
    participant_number,
    worksheet_columns,
)
from aigc_edu.grading.results.marks import Marks, Row


def rounded(points: float) -> float:
    """Points to two digits; a half goes up.

    >>> rounded(2.675), rounded(1 / 3)
    (2.68, 0.33)
    """
    exact = Decimal(repr(round(points, 9)))
    return float(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


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


def plain(text: str) -> str:
    """Text of others on several lines, with nothing in it that is not seen.

    >>> plain("a\\x1b[31m\\u202eb")
    'a\\\\x1b[31m\\\\u202eb'
    """
    return "\n".join(shown(line, 2000) for line in text.replace("\r\n", "\n").split("\n"))


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
    if found := re.match(r"[^_]*_\d+_assignsubmission_", top):
        return "moodle", f"{found[0]}file_feedback.html"
    if found := re.match(r"(?:.*?_)??(?:LATE_)?(?:\d+|anon_[A-Za-z0-9]+)_\d+_(?=.)", top):
        return "canvas", f"{found[0]}feedback.html"
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
        if found := upload_name(row.submission.original):
            named.setdefault(found[0], {})[found[1]] = page
    zips = {}
    for platform, files in named.items():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, page in sorted(files.items()):
                archive.writestr(name, page)
        zips[platform] = packed.getvalue()
    return zips


# --------------------------------------------------------------------------- gradebooks


@dataclass
class Filled:
    """A gradebook with marks in it, and what was done and left.

    Attributes:
        content: the file.
        column: the column that was filled.
        written: how many cells have a mark of ours now.
        left: sentences about cells that were left as they were.
    """

    content: bytes
    column: str
    written: int = 0
    left: list[str] = field(default_factory=list)


@dataclass
class _Filling:
    """What every platform's filling shares."""

    marks: Marks
    overwrite: bool
    provisional: bool
    filled: int = 0
    kept: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)

    def cell(self, before: str, row: Row, write: Callable[[float], str]) -> str:
        """What a student's cell holds afterwards."""
        if row.final is None:
            if not before.strip():
                self.without.append(row.label)
            return before
        if row.waiting and not self.provisional:
            self.waiting.append(row.label)
            return before
        after = write(row.final)
        if before.strip() and _value(before) != _value(after) and not self.overwrite:
            self.kept.append(row.label)
            return before
        self.filled += 1
        return after if _value(before) != _value(after) else before

    def sentences(self, absent: Iterable[str]) -> list[str]:
        """What was left, and why."""
        left = []
        for labels, sentence in (
            (self.without, "No mark, so the cell stays empty: {}."),
            (self.waiting, "Waits for a mark by hand, so the cell stays as it was: {}."),
            (self.kept, "Has another mark already, which was kept (see --overwrite): {}."),
            (self.locked, "The platform has locked the mark: {}."),
            (list(absent), "In the roster, and not in this gradebook: {}."),
        ):
            if labels:
                left.append(sentence.format(", ".join(map(shown, labels))))
        return left


def _value(cell: str) -> float | str:
    text = cell.strip()
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _possible(cell: str) -> float | None:
    """Points of an assignment; None where the cell has no number."""
    value = _value(cell)
    return value if isinstance(value, float) and value > 0 and math.isfinite(value) else None


def _writer(of: float, possible: float | None, comma: bool) -> Callable[[float], str]:
    def write(points: float) -> str:
        scaled = points if possible is None or not of else points * possible / of
        text = f"{rounded(scaled):.2f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if comma else text

    return write


def fill_canvas(
    table: Table,
    marks: Marks,
    roster: Roster,
    column: str | None = None,
    *,
    overwrite: bool = False,
    provisional: bool = False,
) -> Filled:
    """Marks into Canvas's gradebook export ("Export entire gradebook").

    Args:
        table: the export; changed in place.
        marks: of the lesson.
        roster: to find students by the export's ID (or SIS login, or SIS user id).
        column: title of the assignment's column, with or without its number in parentheses,
            or that number; None where the export has one assignment alone.
        overwrite: also where another mark is there already.
        provisional: also where something waits for a mark by hand.

    Where the assignment has other points than the lesson, marks are scaled to them.

    Raises:
        CourseError: if it is no export of Canvas, or the column cannot be told.
    """
    _no_pseudonyms(marks)
    identity, student = table.column("ID"), table.column("Student", "LastName")
    login, sis = table.column("SIS Login ID"), table.column("SIS User ID")
    if student is None or identity is None:
        raise CourseError(
            "This is no gradebook of Canvas (no columns 'Student' and 'ID'): in Canvas, choose "
            "Gradebook, Export, 'Export entire gradebook'."
        )
    at = _canvas_column(table, column)
    points = [row for row in table.rows if row[student].strip() == "Points Possible"]
    text = points[0][at] if points else ""
    if "read only" in text:
        raise CourseError(f"Canvas reckons the column {table.header[at]!r} itself: choose another.")
    possible = _possible(text)
    by_student = {row.student.id: row for row in marks.rows}
    filling = _Filling(marks, overwrite, provisional)
    write = _writer(marks.of, possible, "," in text and "." not in text)
    canvas = ("canvas_id",) if "canvas_id" in roster.columns else ("id",)
    met: set[str] = set()
    for line in table.rows:
        found = roster.find(line[identity], canvas)
        if not found and login is not None:
            found = roster.find(line[login], ("login",))
        if not found and sis is not None:
            found = roster.find(line[sis], ("sis_id",))
        if len(found) != 1 or not line[identity].strip():
            continue
        row = _met(by_student, found[0], met, "gradebook")
        if line[at].strip() in ("EX", "N/A"):
            continue
        if row.status == "excused" and not line[at].strip():
            line[at] = "EX"
            continue
        line[at] = filling.cell(line[at], row, write)
    return _filled(table, at, filling, marks, met, possible)


def _canvas_column(table: Table, wanted: str | None) -> int:
    assignments = {
        number: found
        for number, title in enumerate(table.header)
        if (found := re.fullmatch(r"(.*?)\s*\((\d+)\)", title.strip()))
    }
    if wanted is None:
        if len(assignments) == 1:
            return next(iter(assignments))
        raise CourseError(
            "Which assignment? Name its column with --column: "
            + "; ".join(repr(shown(table.header[n], 60)) for n in list(assignments)[:20])
            + "."
        )
    name = wanted.strip()
    exact = [n for n, title in enumerate(table.header) if title.strip() == name]
    matching = exact or [n for n, found in assignments.items() if name in (found[1], found[2])]
    if len(matching) != 1:
        raise CourseError(
            f"The gradebook has {'no' if not matching else 'more than one'} column {wanted!r}; "
            "its assignments are "
            + "; ".join(repr(shown(table.header[n], 60)) for n in list(assignments)[:20])
            + "."
        )
    return matching[0]


def fill_moodle(
    table: Table,
    marks: Marks,
    roster: Roster,
    column: str | None = None,
    *,
    out_of: float | None = None,
    overwrite: bool = False,
    provisional: bool = False,
) -> Filled:
    """Marks into Moodle's grading worksheet of an assignment, or its gradebook export.

    Args:
        table: the worksheet or export (English titles); changed in place.
        marks: of the lesson.
        roster: to find students by ID number, email address or user name.
        column: of a gradebook export, the title of the assignment's column.
        out_of: the assignment's points; a worksheet says them itself ("Maximum Grade").
        overwrite, provisional: as in :func:`fill_canvas`.

    Raises:
        CourseError: if it is neither, or the column cannot be told.
    """
    _no_pseudonyms(marks)
    columns = worksheet_columns(table)
    sheet = columns["identifier"] is not None
    if not sheet and columns["number"] is None and columns["email"] is None:
        raise CourseError(
            "This is no file of Moodle (no column 'Identifier', 'ID number' or 'Email address'): "
            "switch Moodle to English and download the grading worksheet."
        )
    at = columns["grade"] if sheet and column is None else _moodle_column(table, column)
    if at is None:
        raise CourseError(
            "The grading worksheet has no column 'Grade': allow grading in the assignment's "
            "settings and download it again."
        )
    by_student = {row.student.id: row for row in marks.rows}
    filling = _Filling(marks, overwrite, provisional)
    met: set[str] = set()
    comma = table.delimiter == ";" or any("," in line[at] for line in table.rows)
    known: set[float | None] = set()
    for line in table.rows:
        facts = {name: line[where].strip() for name, where in columns.items() if where is not None}
        number = participant_number(facts.get("identifier", ""))
        found = Worksheet({number: facts}).students(number, roster)
        if not found and sheet:
            found = roster.find(number, ["moodle_participant"])
        if len(found) != 1:
            continue
        row = _met(by_student, found[0], met, "file")
        possible = _possible(facts.get("maximum", "")) or out_of
        known.add(possible)
        if facts.get("can_change", "").casefold() == "no":
            filling.locked.append(row.label)
            continue
        line[at] = filling.cell(
            "" if line[at].strip() == "-" else line[at], row, _writer(marks.of, possible, comma)
        )
    return _filled(table, at, filling, marks, met, known.pop() if len(known) == 1 else None)


def _moodle_column(table: Table, wanted: str | None) -> int:
    if wanted is None:
        raise CourseError(
            "Which assignment? Name its column of the gradebook with --column, for instance "
            "'Assignment: Lesson 4 (Real)'."
        )
    matching = [n for n, title in enumerate(table.header) if title.strip() == wanted.strip()]
    if len(matching) != 1:
        raise CourseError(
            f"The file has {'no' if not matching else 'more than one'} column {wanted!r}; its "
            "columns are " + "; ".join(repr(shown(title, 60)) for title in table.header[:30]) + "."
        )
    return matching[0]


def _met(by_student: dict[str, Row], student: Student, met: set[str], what: str) -> Row:
    if student.id in met:
        raise CourseError(
            f"The {what} has {shown(student.id)} in two rows: take a fresh export, unchanged."
        )
    met.add(student.id)
    return by_student[student.id]


def _filled(
    table: Table,
    at: int,
    filling: _Filling,
    marks: Marks,
    met: set[str],
    possible: float | None,
) -> Filled:
    if not met:
        raise CourseError(
            "Nobody of the roster is in this gradebook: the roster needs the platform's ids (see "
            "'aigc-edu collect --help')."
        )
    absent = [row.label for row in marks.rows if row.student.id not in met]
    left = filling.sentences(absent)
    if possible is not None and possible != marks.of:
        left.insert(
            0, f"Scaled from {marks.of:g} to the {possible:g} points that the platform has."
        )
    return Filled(table.as_bytes(), table.header[at], filling.filled, left)


def _no_pseudonyms(marks: Marks) -> None:
    if marks.pseudonyms:
        raise CourseError(
            "A gradebook needs the students' own ids: run the report without --pseudonyms for it."
        )
