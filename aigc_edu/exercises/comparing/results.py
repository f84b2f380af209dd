"""What is said of an answer: the state of each case, and of the whole."""

from dataclasses import dataclass
from typing import Literal

from aigc_edu.exercises.exercise import Exercise

State = Literal["not started", "raised", "wrong", "right"]


@dataclass(frozen=True)
class CaseResult:
    """How one named case went. ``text`` says what was wrong and may hold numbers."""

    name: str
    weight: float
    state: State
    text: str = ""


@dataclass(frozen=True)
class Result:
    """How an answer did on an exercise.

    ``points`` are those earned of ``of``: the share of the weights of the right cases,
    and none while the first, ordinary case is not right. ``mistake`` is the index of
    the known mistake that was recognized. ``by_hand``: a person marks it. In
    ``message`` a line that begins with four spaces is the learner's code that raised.
    """

    exercise: str
    state: State
    message: str
    points: float
    of: float
    cases: tuple[CaseResult, ...] = ()
    mistake: int | None = None
    by_hand: bool = False


def result_of(
    exercise: Exercise,
    state: State,
    message: str,
    cases: tuple[CaseResult, ...] = (),
    mistake: int | None = None,
) -> Result:
    """A result with its points counted from the cases."""
    points = 0.0
    if cases and cases[0].state == "right" and not exercise.by_hand:
        right = sum(case.weight for case in cases if case.state == "right")
        points = exercise.points * right / sum(case.weight for case in cases)
    return Result(
        exercise.id,
        state,
        message,
        points,
        exercise.points,
        cases,
        mistake,
        exercise.by_hand,
    )
