"""The marks of one lesson, as reports show them: a row a student, a cell a question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from aigc_edu.grading.intake.collection import Submission
from aigc_edu.grading.intake.roster import Student
from aigc_edu.grading.judge.ledger import CaseMark
from aigc_edu.grading.judge.manifest import ExerciseRecord
from aigc_edu.grading.results.late_rules import Lateness
from aigc_edu.grading.results.pseudonyms import Pseudonyms


def rounded(points: float) -> float:
    """Points to two digits; a half goes up.

    >>> rounded(2.675), rounded(1 / 3)
    (2.68, 0.33)
    """
    exact = Decimal(repr(round(points, 9)))
    return float(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


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
    names: Pseudonyms | None = None
    pseudonyms: bool = False

    @property
    def of(self) -> float:
        """All points of the lesson."""
        return sum(question.points for question in self.questions)
