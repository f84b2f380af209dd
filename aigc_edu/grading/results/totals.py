"""What each student gets: the ledger, marks by hand, late rules and the roster, put together.

Nothing here changes any of them. Where two speak of the same question, the mark by hand
counts; late rules apply to the sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.grading.intake.collection import Collection, Submission
from aigc_edu.grading.intake.roster import Roster, Student
from aigc_edu.grading.intake.safe import shown
from aigc_edu.grading.judge.ledger import ExerciseMark, Ledger, Standing, standings, voids
from aigc_edu.grading.judge.manifest import ExerciseRecord, Manifest
from aigc_edu.grading.results.hand_marks import HandMarks, hand_mark, read_hand_marks
from aigc_edu.grading.results.late_rules import NO_RULES, LateRules
from aigc_edu.grading.results.marks import Cell, Marks, Row
from aigc_edu.grading.results.pseudonyms import read_pseudonyms


def put_together(
    folder: Path,
    lesson: str,
    collection: Collection,
    roster: Roster,
    *,
    rules: LateRules = NO_RULES,
    by_hand: Path | None = None,
    with_pseudonyms: bool = False,
) -> Marks:
    """The marks of a lesson.

    Args:
        folder: what ``aigc-edu grade --out`` made: ledger and manifest.
        lesson: "04".
        collection: what ``aigc-edu collect`` made.
        roster: who is in the course; only they get marks.
        rules: the late rules; without them nothing is late.
        by_hand: the sheet of marks by hand, if there is one.
        with_pseudonyms: label the rows with pseudonyms, in their order.

    Raises:
        CourseError: if something of it is damaged, or belongs to another lesson.
    """
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
    released = manifest.of_lesson(lesson)
    names = read_pseudonyms(folder, roster.students, make=with_pseudonyms)
    sources = _Sources(
        tuple(question for question in released if question.id not in dropped),
        frozenset(name for name, line in void.items() if line.how == "full"),
        standings(lines, lesson),
        read_hand_marks(by_hand, roster, released, names) if by_hand else {},
        rules,
    )
    rows = []
    for student in roster.students.values():
        label = names.of(student.id) if with_pseudonyms and names else student.id
        row = sources.row(student, label, collection.attempts(student.id))
        if with_pseudonyms:
            row = replace(row, notes=(), submission=_nameless(row.submission))
        rows.append(row)
    if with_pseudonyms:
        rows.sort(key=lambda row: row.label)
    marks = Marks(lesson, sources.questions, dropped, tuple(rows), (), names, with_pseudonyms)
    gone = sorted({item.student for item in collection.submissions} - set(roster.students))
    return replace(marks, needs=tuple(_needs(marks, collection, gone)))


def _nameless(submission: Submission | None) -> Submission | None:
    """Without the names that a platform writes into the names of files, and without the time."""
    if submission is None:
        return None
    return replace(submission, submitted=None, original="", source="", notes=(), file=None)


@dataclass(frozen=True)
class _Sources:
    """All that the marks of a lesson rest on, the same for every student.

    Attributes:
        questions: those that count.
        full: questions that everybody gets the points of.
        standings: what the ledger says of (student, attempt).
        by_hand: what people marked.
        rules: the late rules.
    """

    questions: tuple[ExerciseRecord, ...]
    full: frozenset[str]
    standings: Mapping[tuple[str, int], Standing]
    by_hand: HandMarks
    rules: LateRules

    def row(self, student: Student, label: str, attempts: Sequence[Submission]) -> Row:
        """A student's row: of the attempt that counts, or why there are no marks."""
        of = sum(question.points for question in self.questions)
        row = Row(student, label, "missing", of=of, attempts=len(attempts))
        if student.id in self.rules.excused:
            return replace(row, status="excused")
        if not attempts:
            if self.rules.missing == "zero":
                return replace(row, raw=0.0, final=0.0)
            return row
        notes: list[str] = []
        gradable = [item for item in attempts if item.status == "kept"]
        last = attempts[-1]
        if not gradable:
            return replace(row, status=last.status, submission=last, notes=last.notes)
        if gradable[-1] is not last:
            notes.append(f"Attempt {last.attempt} holds no notebook: {last.status}.")
        counting = self._counting([self._marked(row, item) for item in gradable])
        return replace(counting, notes=(*notes, *counting.notes))

    def _counting(self, rows: Sequence[Row]) -> Row:
        """Of one student's attempts the one that counts."""
        if self.rules.counts == "first":
            return rows[0]
        if self.rules.counts == "best":
            return max(rows, key=lambda row: row.final if row.final is not None else -1.0)
        if self.rules.counts == "last in time":
            return next((row for row in reversed(rows) if row.late.state != "late"), rows[-1])
        return rows[-1]

    def _marked(self, row: Row, submission: Submission) -> Row:
        """A student's row as one attempt would make it."""
        late = self.rules.lateness(submission.student, submission.submitted, submission.late)
        row = replace(row, submission=submission, late=late, notes=submission.notes)
        not_yet = replace(row, status="not graded yet")
        standing = self.standings.get((submission.student, submission.attempt))
        if standing is None or standing.line.submission != submission.sha256:
            return not_yet
        cells = {}
        for question in self.questions:
            mark = standing.exercises.get(question.id)
            cell = None if mark is None else self._cell(question, mark, submission)
            if cell is None:
                return not_yet
            cells[question.id] = cell
        of = sum(cell.of for cell in cells.values())
        raw = sum(cell.points or 0.0 for cell in cells.values())
        return replace(
            row,
            status="graded" if standing.line.status != "not graded" else "not graded yet",
            cells=cells,
            raw=raw,
            of=of,
            final=late.points(raw, of),
            waiting=tuple(name for name, cell in cells.items() if cell.points is None),
            file_status=standing.line.status,
            file_note=standing.line.note,
        )

    def _cell(
        self, question: ExerciseRecord, mark: ExerciseMark, submission: Submission
    ) -> Cell | None:
        """One question of one attempt; None where the grader failed at it."""
        points: float | None = mark.points
        status: str = mark.status
        comment = ""
        person = hand_mark(self.by_hand, submission.student, question.id, submission.attempt)
        if question.id in self.full:
            status = "full points for all"
        elif person is not None:
            points, status, comment = person.points, "marked by hand", person.comment
        elif mark.status == "by hand":
            points = None
        elif mark.status == "not graded":
            return None
        return Cell(
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
