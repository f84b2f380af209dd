"""Who is in the course: ``roster.csv``, the only source of identity.

The roster is a CSV file with a header. Columns (their order, case, blanks and ``_`` do not
matter; others are left alone):

============================  ==============================================================
``id``                        required, unique: the name of a student in everything we write
``name``                      for people to read; nothing is ever matched by it
``login``                     the user name on the platform (also ``username``,
                              ``SIS Login ID``)
``email``                     also ``Email address``
``canvas_id``                 the number in the names of Canvas downloads; without this
                              column, ``id`` is compared with it
``canvas_anonymous_id``       the five letters in the names of an anonymous Canvas download
``moodle_id``                 Moodle's *ID number*; without it, ``id``
``moodle_participant``        the number in the names of a Moodle download, where no grading
                              worksheet gives it; it belongs to one assignment
``sis_id``                    also ``SIS User ID``
============================  ==============================================================

Canvas's own gradebook export and Moodle's can be given as they are: ``Student``, ``ID`` and
``First name``, ``Surname``, ``ID number`` are understood, and Canvas's rows for points and
its test student are passed over.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.grading.intake.csv_tables import read_table

# Our name -> other titles of the same column.
_COLUMNS = {
    "name": ("name", "student", "full name", "student name"),
    "login": ("login", "sis login id", "username", "user name", "login id"),
    "email": ("email", "email address", "e-mail"),
    "canvas_id": ("canvas id", "canvas user id"),
    "canvas_anonymous_id": ("canvas anonymous id", "anonymous id"),
    "moodle_id": ("moodle id", "id number"),
    "moodle_participant": ("moodle participant", "participant", "identifier"),
    "sis_id": ("sis id", "sis user id"),
}
IDENTIFYING = tuple(name for name in _COLUMNS if name != "name")


def key(text: str) -> str:
    """How identifiers are compared: one normal form, no blanks around, no case.

    >>> key(" AB12 ") == key("ab12")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip().casefold())


@dataclass(frozen=True)
class Student:
    """One row of the roster. ``others`` holds the identifiers that the row gives."""

    id: str
    name: str = ""
    others: dict[str, str] = field(default_factory=dict)

    def get(self, column: str) -> str:
        """An identifier by its column, "" if the roster does not give it."""
        return self.id if column == "id" else self.others.get(column, "")


class Roster:
    """The students of a course, found by their identifiers and never by their names."""

    def __init__(self, students: Iterable[Student], columns: Iterable[str] = ()) -> None:
        self.students = {student.id: student for student in students}
        self.columns = frozenset(columns)
        self._index: dict[str, dict[str, Student]] = {}
        for column in ("id", *IDENTIFYING):
            by_value: dict[str, Student] = {}
            for student in self.students.values():
                value = key(student.get(column))
                if not value:
                    continue
                if value in by_value:
                    raise CourseError(
                        f"The roster gives {column} {student.get(column)!r} to two students "
                        f"({by_value[value].id} and {student.id}): mend one of the rows."
                    )
                by_value[value] = student
            self._index[column] = by_value

    def __len__(self) -> int:
        return len(self.students)

    def find(self, value: str, columns: Iterable[str]) -> list[Student]:
        """The students whose identifier in one of these columns is this value; at best one."""
        identifier, students = key(value), {}
        if identifier:
            for column in columns:
                if student := self._index[column].get(identifier):
                    students[student.id] = student
        return list(students.values())

    def anywhere(self, value: str) -> list[Student]:
        """The students that this value identifies in any column but Moodle's participants."""
        return self.find(value, [c for c in ("id", *IDENTIFYING) if c != "moodle_participant"])


def read_roster(path: Path) -> Roster:
    """Read ``roster.csv``; see the module for its columns.

    Raises:
        CourseError: if there is no id column, an id is missing, or an identifier is given
            to two students (two that differ only by case count as the same).
    """
    table = read_table(path, "roster")
    columns = {name: table.column(*titles) for name, titles in _COLUMNS.items()}
    first, last = table.column("first name"), table.column("surname", "last name")
    canvas_export = table.column("student") is not None and table.column("section") is not None
    identity = table.column("id")
    if identity is None:
        identity = columns["moodle_id"]
    if identity is None:
        raise CourseError(
            f"The roster {path} has no column 'id': its first line must name the columns, for "
            "instance id,name,login,email,canvas_id."
        )
    students: dict[str, Student] = {}
    for number, row in enumerate(table.rows, start=2):
        identifier = unicodedata.normalize("NFC", row[identity].strip())
        name = cell(row, columns["name"]) or " ".join(
            part for part in (cell(row, first), cell(row, last)) if part
        )
        if canvas_export and (not identifier or name in ("Points Possible", "Student, Test")):
            continue
        if not identifier:
            raise CourseError(
                f"Row {number} of the roster {path} has no id: give one, or delete the row."
            )
        if identifier in students:
            raise CourseError(f"The roster {path} gives the id {identifier!r} twice: mend it.")
        others = {c: value for c in IDENTIFYING if (value := cell(row, columns[c]))}
        if "moodle_participant" in others:
            others["moodle_participant"] = participant_number(others["moodle_participant"])
        students[identifier] = Student(identifier, name, others)
    if not students:
        raise CourseError(f"The roster {path} lists nobody: add a row for each student.")
    return Roster(students.values(), [name for name, at in columns.items() if at is not None])


def cell(row: list[str], column: int | None) -> str:
    """A cell without blanks around it and in one normal form, "" without that column."""
    return "" if column is None else unicodedata.normalize("NFC", row[column].strip())


def participant_number(identifier: str) -> str:
    """The digits at the end of "Participant 1234", in whatever language it is written."""
    text = identifier.strip()
    return text[len(text.rstrip("0123456789")) :]
