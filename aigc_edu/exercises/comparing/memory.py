"""The inputs of an exercise, and what its own answers did with them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch

from aigc_edu.exercises.comparing.outcomes import alike
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.probing import Case, Outcome, answer_outputs


def probe(exercise: Exercise, seed: int) -> tuple[Case, ...]:
    """The inputs of an exercise for a seed; the same seed gives the same inputs.

    A value (number, prediction, choice, text) has one case without arguments.
    """
    return _cases(exercise.cases, seed)


def _cases(make: Any, seed: int) -> tuple[Case, ...]:
    if make is None:
        return (Case("answer"),)
    return tuple(make(torch.Generator().manual_seed(seed)))


def _outcome(run: Any, answer: Any, case: Case, gradient: bool) -> Outcome:
    return answer_outputs(run, answer, [case], gradient=gradient)[0]


class Memory:
    """Remembers what an exercise's own answers (reference, known mistakes) did.

    Whoever judges many answers on the same seeds hands one over, so that each of the
    exercise's own answers runs once an input and not once an answer. A learner's check has
    none: its inputs are new each time. Any other answer runs whenever it is judged.

    An entry belongs to the very objects that it came from (function that makes the cases, run,
    answer, case), so that an exercise that was loaded again or changed finds nothing.

    Args:
        size: how many inputs, outcomes and comparisons of two of these are kept; the longest
            unused go first. 0 remembers nothing.
    """

    def __init__(self, size: int) -> None:
        self._cases = lru_cache(size)(_cases)
        self._outcome = lru_cache(size)(_outcome)
        self.alike = lru_cache(size)(alike)

    def probe(self, exercise: Exercise, seed: int) -> tuple[Case, ...]:
        """As the function ``probe``; asked again, the same objects."""
        return self._cases(exercise.cases, seed)

    def outcome(self, exercise: Exercise, answer: Any, case: Case) -> Outcome:
        """What one of the exercise's own answers does with a case."""
        return self._outcome(exercise.run, answer, case, exercise.gradient)

    def outcomes(self, exercise: Exercise, answer: Any, cases: Sequence[Case]) -> list[Outcome]:
        """What any answer does with cases: remembered for the exercise's own, else run."""
        own = (exercise.reference, *(mistake.wrong for mistake in exercise.mistakes))
        if any(answer is one for one in own):
            return [self.outcome(exercise, answer, case) for case in cases]
        return answer_outputs(exercise.run, answer, cases, gradient=exercise.gradient)


NO_MEMORY = Memory(0)
