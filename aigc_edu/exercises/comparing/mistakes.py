"""Recognizing the known mistake that an answer makes."""

from collections.abc import Sequence
from typing import Any

from aigc_edu.exercises.comparing.outcomes import alike
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.probing import Case, Outcome, answer_outputs


def known_mistake(
    exercise: Exercise,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    expected: Sequence[Outcome],
) -> int | None:
    """The index of the mistake that an answer makes, or None.

    It must do as the mistake does on every case where that differs from the reference;
    among several, one that agrees on all cases goes first.
    """
    partly: int | None = None
    for index, mistake in enumerate(exercise.mistakes):
        same, telling = _agreement(exercise, mistake.wrong, cases, outcomes, expected)
        if same == len(cases):
            return index
        # At least half of the cases must speak for it, or a second fault elsewhere
        # would be explained by something rare.
        if partly is None and 2 * telling >= len(cases):
            partly = index
    return partly


def _agreement(
    exercise: Exercise,
    wrong: Any,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    expected: Sequence[Outcome],
) -> tuple[int, int]:
    """On how many cases an answer does as a mistake does, and how many of those tell it
    from the reference; (0, 0) at the first telling case where it does not."""
    same = telling = 0
    for case, outcome, right in zip(cases, outcomes, expected, strict=True):
        (theirs,) = own_outcomes(exercise, wrong, [case])
        agrees = alike(exercise, case, outcome, theirs)
        tells = not alike(exercise, case, theirs, right)
        if tells and not agrees:
            return 0, 0
        same += agrees
        telling += tells
    return (same, telling) if telling else (0, 0)


def own_outcomes(exercise: Exercise, answer: Any, cases: Sequence[Case]) -> list[Outcome]:
    return answer_outputs(exercise.run, answer, cases, gradient=exercise.gradient)
