"""Recognizing the known mistake that an answer makes."""

from collections.abc import Sequence
from typing import Any

from aigc_edu.exercises.comparing.memory import Memory
from aigc_edu.exercises.comparing.outcomes import alike
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.probing import Case, Outcome


def known_mistake(
    exercise: Exercise,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    expected: Sequence[Outcome],
    memory: Memory,
) -> int | None:
    """The index of the mistake that an answer makes, or None.

    The answer's code is not looked at, only what it does: each mistake's own wrong answer runs
    on the same cases, and the two must do the same on every case where the mistake can be told
    from the reference. A mistake shows on some inputs only (σ for σ² not where σ is 1), and an
    answer may have a second fault on the others; so agreement there is not asked for, but
    among several mistakes one that agrees on all cases goes first.
    """
    partly: int | None = None
    for index, mistake in enumerate(exercise.mistakes):
        agreeing, telling = _agreement(exercise, mistake.wrong, cases, outcomes, expected, memory)
        if agreeing == len(cases):
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
    memory: Memory,
) -> tuple[int, int]:
    """On how many cases an answer does as a mistake does, and how many of those tell it
    from the reference; (0, 0) at the first telling case where it does not."""
    agreeing = telling = 0
    for case, outcome, right in zip(cases, outcomes, expected, strict=True):
        mistaken = memory.outcome(exercise, wrong, case)
        tolerance = case.tolerance or exercise.tolerance
        agrees = alike(outcome, mistaken, tolerance)
        tells = not memory.alike(mistaken, right, tolerance)
        if tells and not agrees:
            return 0, 0  # most mistakes are ruled out by the first case: the rest need not run
        agreeing += agrees
        telling += tells
    # Without a telling case it did as the reference does, and agreement would mean nothing.
    return (agreeing, telling) if telling else (0, 0)
