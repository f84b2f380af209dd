"""Marks in a platform's own gradebook: Canvas's export, Moodle's worksheet or export."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aigc_edu.errors import CourseError
from aigc_edu.grading.intake.csv_tables import Table
from aigc_edu.grading.intake.roster import Roster, Student, participant_number
from aigc_edu.grading.intake.safe import shown
from aigc_edu.grading.intake.worksheet import Worksheet, worksheet_columns
from aigc_edu.grading.results.marks import Marks, Row, rounded


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


@dataclass(frozen=True)
class FillOptions:
    """How a gradebook is filled.

    Attributes:
        column: title of the assignment's column, with or without Canvas's number in
            parentheses, or that number; None where there is only one, or a worksheet.
        out_of: the assignment's points in a Moodle gradebook; Canvas's exports and Moodle's
            worksheets say them themselves.
        overwrite: also where another mark is there already.
        provisional: also where something waits for a mark by hand.
    """

    column: str | None = None
    out_of: float | None = None
    overwrite: bool = False
    provisional: bool = False


DEFAULT = FillOptions()


@dataclass
class _Filling:
    """A gradebook on its way to be filled: which cells were, and which were left."""

    marks: Marks
    options: FillOptions
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
        if row.waiting and not self.options.provisional:
            self.waiting.append(row.label)
            return before
        after = write(row.final)
        if before.strip() and _value(before) != _value(after) and not self.options.overwrite:
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
    options: FillOptions = DEFAULT,
) -> Filled:
    """Marks into Canvas's gradebook export ("Export entire gradebook").

    Args:
        table: the export; changed in place.
        marks: of the lesson.
        roster: to find students by the export's ID (or SIS login, or SIS user id).
        options: which column, and what is replaced.

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
    at = _canvas_column(table, options.column)
    points = [row for row in table.rows if row[student].strip() == "Points Possible"]
    text = points[0][at] if points else ""
    if "read only" in text:
        raise CourseError(f"Canvas reckons the column {table.header[at]!r} itself: choose another.")
    possible = _possible(text)
    by_student = {row.student.id: row for row in marks.rows}
    filling = _Filling(marks, options)
    write = _writer(marks.of, possible, "," in text and "." not in text)
    canvas = ("canvas_id",) if "canvas_id" in roster.columns else ("id",)
    met: set[str] = set()
    for line in table.rows:
        students = roster.find(line[identity], canvas)
        if not students and login is not None:
            students = roster.find(line[login], ("login",))
        if not students and sis is not None:
            students = roster.find(line[sis], ("sis_id",))
        if len(students) != 1 or not line[identity].strip():
            continue
        row = _met(by_student, students[0], met, "gradebook")
        if line[at].strip() in ("EX", "N/A"):
            continue
        if row.status == "excused" and not line[at].strip():
            line[at] = "EX"
            continue
        line[at] = filling.cell(line[at], row, write)
    return _filled(table, at, filling, marks, met, possible)


def _canvas_column(table: Table, column: str | None) -> int:
    assignments = {
        number: match
        for number, title in enumerate(table.header)
        if (match := re.fullmatch(r"(.*?)\s*\((\d+)\)", title.strip()))
    }
    if column is None:
        if len(assignments) == 1:
            return next(iter(assignments))
        raise CourseError(
            "Which assignment? Name its column with --column: "
            + "; ".join(repr(shown(table.header[n], 60)) for n in list(assignments)[:20])
            + "."
        )
    name = column.strip()
    exact = [n for n, title in enumerate(table.header) if title.strip() == name]
    matching = exact or [n for n, match in assignments.items() if name in (match[1], match[2])]
    if len(matching) != 1:
        raise CourseError(
            f"The gradebook has {'no' if not matching else 'more than one'} column {column!r}; "
            "its assignments are "
            + "; ".join(repr(shown(table.header[n], 60)) for n in list(assignments)[:20])
            + "."
        )
    return matching[0]


def fill_moodle(
    table: Table,
    marks: Marks,
    roster: Roster,
    options: FillOptions = DEFAULT,
) -> Filled:
    """Marks into Moodle's grading worksheet of an assignment, or its gradebook export.

    Args:
        table: the worksheet or export (English titles); changed in place.
        marks: of the lesson.
        roster: to find students by ID number, email address or user name.
        options: which column of a gradebook export, its points, and what is replaced.

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
    at = columns["grade"]
    if not sheet or options.column is not None:
        at = _moodle_column(table, options.column)
    if at is None:
        raise CourseError(
            "The grading worksheet has no column 'Grade': allow grading in the assignment's "
            "settings and download it again."
        )
    by_student = {row.student.id: row for row in marks.rows}
    filling = _Filling(marks, options)
    met: set[str] = set()
    comma = table.delimiter == ";" or any("," in line[at] for line in table.rows)
    known: set[float | None] = set()
    for line in table.rows:
        cells = {name: line[where].strip() for name, where in columns.items() if where is not None}
        number = participant_number(cells.get("identifier", ""))
        students = Worksheet({number: cells}).students(number, roster)
        if not students and sheet:
            students = roster.find(number, ["moodle_participant"])
        if len(students) != 1:
            continue
        row = _met(by_student, students[0], met, "file")
        possible = _possible(cells.get("maximum", "")) or options.out_of
        known.add(possible)
        if cells.get("can_change", "").casefold() == "no":
            filling.locked.append(row.label)
            continue
        line[at] = filling.cell(
            "" if line[at].strip() == "-" else line[at], row, _writer(marks.of, possible, comma)
        )
    return _filled(table, at, filling, marks, met, known.pop() if len(known) == 1 else None)


def _moodle_column(table: Table, column: str | None) -> int:
    if column is None:
        raise CourseError(
            "Which assignment? Name its column of the gradebook with --column, for instance "
            "'Assignment: Lesson 4 (Real)'."
        )
    matching = [n for n, title in enumerate(table.header) if title.strip() == column.strip()]
    if len(matching) != 1:
        raise CourseError(
            f"The file has {'no' if not matching else 'more than one'} column {column!r}; its "
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
