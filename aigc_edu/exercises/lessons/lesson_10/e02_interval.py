"""interval(values) → (mean, half the width of the 95 % interval)"""

import math
import statistics
from collections.abc import Callable, Sequence

import torch

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.lesson_10.shared import quantile
from aigc_edu.metrics import mean_interval


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The mean and half the width of Student's 95 % interval."""
    mean, half_width = mean_interval(values)
    return float(mean), float(half_width)


def _cases(generator: torch.Generator) -> list[Case]:
    def runs(count: int, center: float, spread: float) -> list[float]:
        drawn = torch.randn(count, generator=generator, dtype=torch.float64)
        # Never all alike by chance: only level, width (within limits) and pattern are drawn.
        drawn = (drawn - drawn.mean()) / drawn.std()
        level, width = torch.rand(2, generator=generator, dtype=torch.float64).tolist()
        return [float(value) for value in center * (1 + level) + spread * (1 + width) * drawn]

    return [
        Case("five runs", (runs(5, -125.0, 0.8),), weight=2),
        Case("three runs", (runs(3, 40.0, 3.0),)),
        Case("two runs", (runs(2, 40.0, 3.0),)),
        Case("twelve runs", (runs(12, 0.2, 0.05),)),
        Case("large values", (runs(4, 3e5, 2e4),)),
    ]


def _by_torch(values: Sequence[float]) -> tuple[float, float]:
    numbers = torch.tensor(values, dtype=torch.float64)
    error = numbers.std(correction=1) / len(numbers) ** 0.5
    return numbers.mean().item(), quantile(len(numbers) - 1) * error.item()


def _with_half_width(
    half_width: Callable[[Sequence[float]], float],
) -> Callable[[Sequence[float]], tuple[float, float]]:
    """The right mean with another half width."""

    def wrong(values: Sequence[float]) -> tuple[float, float]:
        return statistics.fmean(values), half_width(values)

    return wrong


@mistake("Those are the two ends of the interval. The mean and half the width were asked for.")
def _ends(values: Sequence[float]) -> tuple[float, float]:
    mean, half_width = interval(values)
    return mean - half_width, mean + half_width


@mistake("That is the whole width; half of it was asked for.")
def _whole(values: Sequence[float]) -> tuple[float, float]:
    mean, half_width = interval(values)
    return mean, 2 * half_width


EXERCISE = Exercise(
    id="10.2",
    title="How sure a mean is",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=interval,
    cases=_cases,
    tolerance=(1e-4, 1e-9),
    mistakes=(
        Mistake(
            _with_half_width(
                lambda v: quantile(len(v) - 1) * statistics.pstdev(v) / math.sqrt(len(v))
            ),
            "You divided the squares by n. The mean is taken from the same few values and lies "
            "too near to them: it is n - 1 that makes up for it.",
        ),
        Mistake(
            _with_half_width(lambda v: 1.96 * statistics.stdev(v) / math.sqrt(len(v))),
            "1.96 holds where the standard deviation is known. Here it is itself a guess from "
            "a few runs, and with three of them the factor is more than twice as large.",
        ),
        Mistake(
            _with_half_width(lambda v: quantile(len(v) - 1) * statistics.stdev(v)),
            "That is how far single runs scatter. A mean of n runs scatters less, by the root "
            "of n.",
        ),
        Mistake(
            _with_half_width(lambda v: statistics.stdev(v)),
            "That is the standard deviation of single runs: no interval for their mean yet.",
        ),
        Mistake(
            _with_half_width(lambda v: statistics.stdev(v) / math.sqrt(len(v))),
            "That is the standard error of the mean. Plus and minus one of it holds the truth "
            "in far fewer than 95 of 100 cases; how many of them does it take?",
        ),
        Mistake(
            _with_half_width(
                lambda v: quantile(len(v) - 1, 0.95) * statistics.stdev(v) / math.sqrt(len(v))
            ),
            "Below the 0.95 quantile lie 95 %, but on both sides 5 % are then left out each: "
            "that is an interval of 90 %.",
        ),
        Mistake(
            _with_half_width(lambda v: quantile(len(v)) * statistics.stdev(v) / math.sqrt(len(v))),
            "n values around their own mean are only n - 1 free numbers: the quantile is that "
            "of n - 1 degrees of freedom.",
        ),
        Mistake(
            _with_half_width(
                lambda v: quantile(len(v) - 1) * statistics.variance(v) / math.sqrt(len(v))
            ),
            "This is what you get with the variance where the standard deviation belongs.",
        ),
        _ends,
        _whole,
    ),
    hints=(
        "Three parts: how far single runs scatter, how much less a mean of n of them does, and "
        "how many of these units it takes.",
        "The scatter is the standard deviation with n - 1; a mean of n runs has the root of n "
        "less; the number of units is Student's quantile at 0.975.",
    ),
    why="With three runs the quantile is 4.3, with five 2.8, with many 1.96. So the third, "
    "fourth and fifth seed are worth more than any after them.",
    also_right=(_by_torch,),
)
