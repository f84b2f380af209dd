"""Moodle's grading worksheet: who is which participant, and when they handed in."""

from dataclasses import dataclass
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.grading.intake.csv_tables import Table, read_table
from aigc_edu.grading.intake.roster import Roster, Student, cell, participant_number


@dataclass(frozen=True)
class Worksheet:
    """Moodle's grading worksheet: participant number -> what identifies the student, and when.

    ``times`` are as the worksheet writes them; see
    :func:`~aigc_edu.grading.intake.times.parse_time`.
    """

    rows: dict[str, dict[str, str]]

    def students(self, participant: str, roster: Roster) -> list[Student]:
        """The students that a participant's row identifies; at best one."""
        students: dict[str, Student] = {}
        row = self.rows.get(participant, {})
        number, email, login = (row.get(name, "") for name in ("number", "email", "login"))
        for value, columns in (
            (number, ("moodle_id", "sis_id", "id")),
            (email, ("email",)),
            (login, ("login",)),
        ):
            for student in roster.find(value, columns):
                students[student.id] = student
        return list(students.values())


def worksheet_columns(table: Table) -> dict[str, int | None]:
    """Where a grading worksheet has what; its identifier is the first column anyway."""
    return {
        "identifier": table.column("identifier"),
        "number": table.column("id number"),
        "email": table.column("email address", "email"),
        "login": table.column("username"),
        "submitted": table.column("last modified (submission)"),
        "grade": table.column("grade"),
        "maximum": table.column("maximum grade"),
        "can_change": table.column("grade can be changed"),
        "graded": table.column("last modified (grade)"),
        "feedback": table.column("feedback comments"),
    }


def read_worksheet(path: Path) -> Worksheet:
    """Read the grading worksheet of a Moodle assignment ("Download grading worksheet").

    Raises:
        CourseError: if it has no column ``Identifier``, or names a participant twice.
    """
    table = read_table(path, "grading worksheet")
    columns = worksheet_columns(table)
    if columns["identifier"] is None:
        raise CourseError(
            f"{path} is no grading worksheet of Moodle: it has no column 'Identifier'. Switch "
            "Moodle to English, and choose 'Download grading worksheet' in the assignment."
        )
    rows: dict[str, dict[str, str]] = {}
    for row in table.rows:
        participant = participant_number(row[columns["identifier"]])
        if not participant:
            continue
        if participant in rows:
            raise CourseError(f"{path} names participant {participant} twice: download it again.")
        rows[participant] = {name: cell(row, at) for name, at in columns.items()}
    return Worksheet(rows)
