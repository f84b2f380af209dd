"""What each student gets: the ledger, marks by hand, late rules and the roster, put together.

Nothing here changes any of them. Where two speak of the same question, the mark by hand
counts; late rules apply to the sum.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.collection import Collection, Submission
from aigc_edu.grading.intake.csv_tables import Table, read_table, safe_cell, shown
from aigc_edu.grading.intake.roster import Roster, Student, key
from aigc_edu.grading.judge.ledger import (
    CaseMark,
    ExerciseRecord,
    Ledger,
    Manifest,
    Standing,
    standings,
    voids,
)
from aigc_edu.grading.results.late_rules import Lateness, Rules

SHEET = ("student", "attempt", "exercise", "of", "points", "comment", "answer")
"""The columns of the sheet for marks by hand."""

PSEUDONYM_KEY = "pseudonyms.key"


@dataclass(frozen=True)
class Cell:
    """One question of one student.

    Attributes:
        points: None where a person has to mark it first.
        status: of the grader (see :data:`~aigc_edu.grading.judge.ledger.ExerciseStatus`), or
            "marked by hand", or "full points for all".
        message, mistake, cases: the grader's; text of the submission may be in them.
        comment: of whoever marked it by hand.
    """

    id: str
    title: str
    points: float | None
    of: float
    status: str
    message: str = ""
    mistake: str = ""
    cases: tuple[CaseMark, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class Row:
    """One student.

    Attributes:
        label: the id, or a pseudonym.
        status: "graded", "missing", "excused", "not graded yet", or why there is nothing to
            grade (see :class:`~aigc_edu.grading.intake.collection.Submission`).
        submission: the attempt that counts.
        attempts: how many there are.
        cells: question → what it brought, in the order of the lesson.
        raw, of: the sum, and what there was to be had; ``raw`` is None without marks.
        final: after the late rules; None without marks.
        waiting: questions that a person has to mark; until then ``final`` is provisional.
        file_status, file_note: how the grader found the file as a whole.
        notes: for the lecturer.
    """

    student: Student
    label: str
    status: str
    submission: Submission | None = None
    attempts: int = 0
    cells: Mapping[str, Cell] = field(default_factory=dict)
    raw: float | None = None
    of: float = 0.0
    final: float | None = None
    late: Lateness = field(default_factory=lambda: Lateness("in time"))
    waiting: tuple[str, ...] = ()
    file_status: str = ""
    file_note: str = ""
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether ``final`` is what the student gets."""
        return self.final is not None and not self.waiting


@dataclass(frozen=True)
class Marks:
    """The marks of one lesson.

    Attributes:
        lesson: two digits.
        questions: those that count, in order.
        dropped: question → why it does not count.
        rows: a row for each student of the roster.
        needs: what a person has to do, a sentence each.
        names: the pseudonyms, where there are any.
        pseudonyms: whether labels are pseudonyms.
    """

    lesson: str
    questions: tuple[ExerciseRecord, ...]
    dropped: Mapping[str, str]
    rows: tuple[Row, ...]
    needs: tuple[str, ...]
    names: "Pseudonyms | None" = None
    pseudonyms: bool = False

    @property
    def of(self) -> float:
        """All points of the lesson."""
        return sum(question.points for question in self.questions)


# --------------------------------------------------------------------------- pseudonyms


class Pseudonyms:
    """Names for markers: the same for a student each time, and nothing about them.

    A pseudonym is a keyed hash of the id; who has no key cannot go back. The key lies beside
    the marks, readable by its owner alone.
    """

    def __init__(self, secret: bytes, students: Iterable[str]) -> None:
        self._names = {name: self._hash(secret, name) for name in students}

    @staticmethod
    def _hash(secret: bytes, name: str) -> str:
        digest = hmac.new(secret, name.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        # 40 bits: among 1,000 students two are alike once in two million courses.
        return "P-" + base64.b32encode(digest).decode()[:8]

    def of(self, student: str) -> str:
        """A student's pseudonym."""
        return self._names[student]

    def student(self, pseudonym: str) -> str | None:
        """Whose pseudonym it is."""
        wanted = pseudonym.strip().upper()
        return next((name for name, label in self._names.items() if label == wanted), None)


def pseudonyms(folder: Path, students: Iterable[str], *, make: bool) -> Pseudonyms | None:
    """The pseudonyms of a folder of marks; None if it has none and ``make`` is False.

    Raises:
        CourseError: if the key cannot be read or written.
    """
    path = folder / PSEUDONYM_KEY
    try:
        if not path.exists():
            if not make:
                return None
            write_atomically(path, secrets.token_hex(32).encode() + b"\n", private=True)
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise CourseError(
            f"The key of the pseudonyms, {path}, cannot be read: take it from a backup, or "
            "delete it to give everybody a new pseudonym."
        ) from error
    return Pseudonyms(secret, students)


# ------------------------------------------------------------------------ marks by hand


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
    found: HandMarks = {}
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
        place = (student, question.id, mark.attempt)
        if place in seen:
            raise CourseError(f"{where} marks {shown(row[who])}, {question.id} a second time.")
        seen.add(place)
        found.setdefault((student, question.id), []).append(mark)
    return found


def _by_hand(marks: HandMarks, student: str, question: str, attempt: int) -> HandMark | None:
    given = marks.get((student, question), [])
    for mark in given:
        if mark.attempt == attempt:
            return mark
    return next((mark for mark in given if mark.attempt is None), None)


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
            places = [(row.student.id, number, question) for number in (attempt, "")]
            if any(place in present for place in places):
                continue
            facts = {
                "student": row.label,
                "attempt": attempt,
                "exercise": question,
                "of": f"{row.cells[question].of:g}",
                "answer": row.cells[question].message,
            }
            table.rows.append(
                [str(safe_cell(facts.get(name.strip().lower(), ""))) for name in table.header]
            )
            added += 1
    if added or not path.exists():
        write_atomically(path, table.as_bytes(), private=True)
    return added


# ---------------------------------------------------------------------- putting together


def put_together(
    folder: Path,
    lesson: str,
    collection: Collection,
    roster: Roster,
    *,
    rules: Rules | None = None,
    by_hand: Path | None = None,
    with_pseudonyms: bool = False,
) -> Marks:
    """The marks of a lesson.

    Args:
        folder: what ``aigc-edu grade --out`` made: ledger and manifest.
        lesson: "04".
        collection: what ``aigc-edu collect`` made.
        roster: who is in the course; only they get marks.
        rules: late rules; None for none.
        by_hand: the sheet of marks by hand, if there is one.
        with_pseudonyms: label the rows with pseudonyms, in their order.

    Raises:
        CourseError: if something of it is damaged, or belongs to another lesson.
    """
    rules = rules or Rules()
    lesson = lesson.zfill(2)
    if collection.lesson not in (None, lesson):
        raise CourseError(
            f"{collection.folder} holds submissions of lesson {collection.lesson}, not of lesson "
            f"{lesson}."
        )
    manifest = Manifest.read(folder)
    lines = Ledger(folder).lines()
    void = voids(lines, lesson)
    dropped = {name: line.reason for name, line in void.items() if line.how == "drop"}
    full = {name for name, line in void.items() if line.how == "full"}
    everything = manifest.of_lesson(lesson)
    questions = tuple(question for question in everything if question.id not in dropped)
    names = pseudonyms(folder, roster.students, make=with_pseudonyms)
    hand = read_hand_marks(by_hand, roster, everything, names) if by_hand else {}
    found = standings(lines, lesson)
    rows = []
    for student in roster.students.values():
        label = names.of(student.id) if with_pseudonyms and names else student.id
        row = _row(student, label, collection, found, questions, rules, hand, full)
        if with_pseudonyms:
            row = replace(row, notes=(), submission=_nameless(row.submission))
        rows.append(row)
    if with_pseudonyms:
        rows.sort(key=lambda row: row.label)
    marks = Marks(lesson, questions, dropped, tuple(rows), (), names, with_pseudonyms)
    gone = sorted({item.student for item in collection.submissions} - set(roster.students))
    return replace(marks, needs=tuple(_needs(marks, collection, gone)))


def _nameless(submission: Submission | None) -> Submission | None:
    """Without the names that a platform writes into the names of files, and without the time."""
    if submission is None:
        return None
    return replace(submission, submitted=None, original="", source="", notes=(), file=None)


def _row(
    student: Student,
    label: str,
    collection: Collection,
    found: Mapping[tuple[str, int], Standing],
    questions: Sequence[ExerciseRecord],
    rules: Rules,
    hand: HandMarks,
    full: set[str],
) -> Row:
    attempts = collection.attempts(student.id)
    of = sum(question.points for question in questions)
    row = Row(student, label, "missing", of=of, attempts=len(attempts))
    if student.id in rules.excused:
        return replace(row, status="excused")
    if not attempts:
        if rules.missing == "zero":
            return replace(row, raw=0.0, final=0.0)
        return row
    notes: list[str] = []
    kept = [item for item in attempts if item.status == "kept"]
    if not kept:
        last = attempts[-1]
        return replace(row, status=last.status, submission=last, notes=last.notes)
    if kept[-1] is not attempts[-1]:
        notes.append(f"Attempt {attempts[-1].attempt} holds no notebook: {attempts[-1].status}.")
    marked = [_marked(row, item, found, questions, rules, hand, full) for item in kept]
    chosen = _counting(marked, rules)
    return replace(chosen, notes=(*notes, *chosen.notes))


def _counting(marked: Sequence[Row], rules: Rules) -> Row:
    if rules.counts == "first":
        return marked[0]
    if rules.counts == "best":
        return max(marked, key=lambda row: row.final if row.final is not None else -1.0)
    if rules.counts == "last in time":
        return next((row for row in reversed(marked) if row.late.state != "late"), marked[-1])
    return marked[-1]


def _marked(
    row: Row,
    submission: Submission,
    found: Mapping[tuple[str, int], Standing],
    questions: Sequence[ExerciseRecord],
    rules: Rules,
    hand: HandMarks,
    full: set[str],
) -> Row:
    student = submission.student
    late = rules.lateness(student, submission.submitted, submission.late)
    row = replace(row, submission=submission, late=late, notes=submission.notes)
    standing = found.get((student, submission.attempt))
    if standing is None or standing.line.submission != submission.sha256:
        return replace(row, status="not graded yet")
    cells: dict[str, Cell] = {}
    waiting = []
    for question in questions:
        mark = standing.exercises.get(question.id)
        if mark is None:
            return replace(row, status="not graded yet")
        points: float | None = mark.points
        status: str = mark.status
        comment = ""
        if question.id in full:
            status = "full points for all"
        elif (given := _by_hand(hand, student, question.id, submission.attempt)) is not None:
            points, status, comment = given.points, "marked by hand", given.comment
        elif mark.status == "by hand":
            points = None
            waiting.append(question.id)
        elif mark.status == "not graded":
            return replace(row, status="not graded yet")
        cells[question.id] = Cell(
            question.id,
            question.title,
            points,
            mark.of,
            status,
            mark.message,
            mark.mistake,
            mark.cases,
            comment,
        )
    of = sum(cell.of for cell in cells.values())
    raw = sum(cell.points or 0.0 for cell in cells.values())
    return replace(
        row,
        status="graded" if standing.line.status != "not graded" else "not graded yet",
        cells=cells,
        raw=raw,
        of=of,
        final=late.points(raw, of),
        waiting=tuple(waiting),
        file_status=standing.line.status,
        file_note=standing.line.note,
    )


def _needs(marks: Marks, collection: Collection, gone: Sequence[str]) -> list[str]:
    def listed(rows: Iterable[Row]) -> str:
        return ", ".join(shown(row.label) for row in rows)

    needs = []
    for status, sentence in (
        ("not graded yet", "Not graded yet (run 'aigc-edu grade' again): {}."),
        ("several notebooks", "Several notebooks and none chosen (see 'aigc-edu collect'): {}."),
        ("claimed twice", "Claimed by several places (see 'aigc-edu collect'): {}."),
        ("refused", "Handed in, but nothing could be read (see 'aigc-edu collect'): {}."),
        ("no notebook", "Handed in, but no notebook: {}."),
    ):
        if rows := [row for row in marks.rows if row.status == status]:
            needs.append(sentence.format(listed(rows)))
    if rows := [row for row in marks.rows if row.waiting]:
        count = sum(len(row.waiting) for row in rows)
        needs.append(
            f"{count} answers of {len(rows)} students wait for a mark by hand; their sums are "
            "provisional."
        )
    if rows := [row for row in marks.rows if row.late.state == "unknown"]:
        needs.append(
            "The platform does not say when these were handed in, so no late rule was applied "
            f"(give the times to 'aigc-edu collect --times'): {listed(rows)}."
        )
    strange = ("not a notebook", "empty", "too large", "another lesson", "wrong kernel")
    if rows := [row for row in marks.rows if row.file_status in strange]:
        needs.append(
            "Handed in, but not as it should be: "
            + ", ".join(f"{shown(row.label)} ({row.file_status})" for row in rows)
            + "."
        )
    if gone and not marks.pseudonyms:
        needs.append(
            "Handed in by somebody who is not in the roster any more, and left out: "
            f"{', '.join(map(shown, gone))}."
        )
    open_places = len(collection.unmatched) + len(collection.claimed_twice)
    if open_places:
        needs.append(
            f"{open_places} files of the collection are unmatched or claimed twice; they count "
            "for nobody."
        )
    return needs
