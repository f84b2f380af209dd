"""The sheet for marks by hand: read, and filled up with what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.csv_tables import Table, read_table, safe_cell
from aigc_edu.grading.intake.roster import Roster, key
from aigc_edu.grading.intake.safe import shown
from aigc_edu.grading.judge.manifest import ExerciseRecord
from aigc_edu.grading.results.marks import Marks
from aigc_edu.grading.results.pseudonyms import Pseudonyms

SHEET = ("student", "attempt", "exercise", "of", "points", "comment", "answer")
"""The columns of the sheet for marks by hand."""


@dataclass(frozen=True)
class HandMark:
    """A mark that a person gave. ``attempt`` None means whichever counts."""

    points: float
    comment: str = ""
    attempt: int | None = None


HandMarks = dict[tuple[str, str], list[HandMark]]


def read_hand_marks(
    path: Path, roster: Roster, questions: Sequence[ExerciseRecord], names: Pseudonyms | None
) -> HandMarks:
    """Read the sheet of marks by hand: student, exercise, points; also attempt and comment.

    Students are named by any identifier of the roster or by pseudonym. Rows without points
    are not marked yet.

    Raises:
        CourseError: if a column is missing, or a row names nobody, no question of the lesson,
            points that are none or out of range, or says something a second time.
    """
    table = read_table(path, "sheet of marks by hand")
    who, what = table.column("student", "id"), table.column("exercise", "question")
    points, comment = table.column("points", "mark"), table.column("comment")
    which = table.column("attempt")
    if who is None or what is None or points is None:
        raise CourseError(f"{path} needs the columns 'student', 'exercise' and 'points'.")
    known = {question.id: question for question in questions}
    marks: HandMarks = {}
    seen: set[tuple[str, str, int | None]] = set()
    for number, row in enumerate(table.rows, start=2):
        if not row[points].strip():
            continue
        where = f"Row {number} of {path}"
        student = (names and names.student(row[who])) or None
        if student is None:
            students = roster.anywhere(row[who])
            if len(students) != 1:
                raise CourseError(f"{where} names {shown(row[who])!r}, who is not in the roster.")
            student = students[0].id
        question = known.get(row[what].strip().lstrip("'"))
        if question is None:
            raise CourseError(
                f"{where} names the question {shown(row[what])!r}; this lesson has "
                f"{', '.join(known)}."
            )
        try:
            value = float(row[points].strip().replace(",", "."))
        except ValueError:
            value = float("nan")
        if not 0 <= value <= question.points:
            raise CourseError(
                f"{where} gives {shown(row[points])!r} points; question {question.id} has 0 to "
                f"{question.points:g}."
            )
        attempt = row[which].strip() if which is not None else ""
        if attempt and not attempt.isdecimal():
            raise CourseError(f"{where}: the attempt is a number like 2.")
        mark = HandMark(
            value,
            row[comment].strip() if comment is not None else "",
            int(attempt) if attempt else None,
        )
        subject = (student, question.id, mark.attempt)
        if subject in seen:
            raise CourseError(f"{where} marks {shown(row[who])}, {question.id} a second time.")
        seen.add(subject)
        marks.setdefault((student, question.id), []).append(mark)
    return marks


def hand_mark(marks: HandMarks, student: str, question: str, attempt: int) -> HandMark | None:
    """The mark by hand for an attempt; one for this very attempt goes before one for any."""
    of_question = marks.get((student, question), [])
    for number in (attempt, None):
        for mark in of_question:
            if mark.attempt == number:
                return mark
    return None


def write_sheet(path: Path, marks: Marks) -> int:
    """Add a row to the sheet for every question that waits for a person; returns how many.

    What the sheet holds already stays exactly as it is.

    Args:
        path: the sheet; made if it is not there.
        marks: of the lesson.
    """
    if path.exists():
        table = read_table(path, "sheet of marks by hand")
    else:
        table = Table(list(SHEET), [], bom=True, newline="\r\n")
    ids = {key(row.label): row.student.id for row in marks.rows}
    for row in marks.rows:
        ids[key(row.student.id)] = row.student.id
        if marks.names:
            ids[key(marks.names.of(row.student.id))] = row.student.id
    columns = [table.column(name) for name in ("student", "attempt", "exercise")]
    present = set()
    for line in table.rows:
        who, which, what = ("" if at is None else line[at].strip().lstrip("'") for at in columns)
        present.add((ids.get(key(who), who), which, what))
    added = 0
    for row in marks.rows:
        for question in row.waiting:
            attempt = str(row.submission.attempt) if row.submission else ""
            if any((row.student.id, number, question) in present for number in (attempt, "")):
                continue
            cells = {
                "student": row.label,
                "attempt": attempt,
                "exercise": question,
                "of": f"{row.cells[question].of:g}",
                "answer": row.cells[question].message,
            }
            table.rows.append(
                [str(safe_cell(cells.get(name.strip().lower(), ""))) for name in table.header]
            )
            added += 1
    if added or not path.exists():
        write_atomically(path, table.as_bytes(), private=True)
    return added
