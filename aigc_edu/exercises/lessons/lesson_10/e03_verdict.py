"""verdict(changed, baseline) → "better", "worse" or "cannot tell"; larger is better"""

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import torch

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.lesson_10.shared import quantile
from aigc_edu.metrics import mean_interval


def verdict(changed: Sequence[float], baseline: Sequence[float]) -> str:
    """Whether runs with a change are better than the runs of the same seeds without it."""
    mean, half_width = mean_interval([a - b for a, b in zip(changed, baseline, strict=True)])
    if abs(mean) <= half_width:
        return "cannot tell"
    return "better" if mean > 0 else "worse"


def _cases(generator: torch.Generator) -> list[Case]:
    """Sets of runs whose verdict is certain; level, order, direction and tiny shakes are drawn."""

    def case(name: str, base: list[float], gains: list[float], weight: float = 1.0) -> Case:
        level = float(torch.rand((), generator=generator)) * 40 - 140
        order = torch.randperm(len(base), generator=generator).tolist()
        shake = 0.01 * torch.randn(2, len(base), generator=generator, dtype=torch.float64)
        baseline = [level + base[i] + float(shake[0, i]) for i in order]
        changed = [
            value + gains[i] + float(shake[1, i]) for value, i in zip(baseline, order, strict=True)
        ]
        if float(torch.rand((), generator=generator)) < 0.5:  # what was a gain is a loss now
            changed, baseline = baseline, changed
        return Case(name, (changed, baseline), weight=weight)

    apart = [-3.0, -1.5, 0.0, 1.5, 3.0]
    return [
        case("a small difference with every seed", apart, [1.0, 1.2, 0.8, 1.1, 0.9], weight=2),
        case("another one, the other way", apart, [-0.8, -1.2, -1.0, -0.9, -1.1]),
        case("noise", apart, [0.9, -0.8, 0.5, -1.0, 0.7]),
        case("one lucky run", [0.0, 0.2, 0.1, -0.1, -0.2], [-0.3, -0.2, 4.0, -0.2, -0.4]),
        case("one run went wrong", [0.0, 0.2, 0.1, -0.1, -0.2], [0.5, 0.4, 0.5, 0.6, -6.0]),
        case("three seeds, uneven", [-0.1, 0.0, 0.1], [0.2, 1.0, 1.7]),
        case("three seeds, even", [-2.0, 0.0, 2.0], [1.0, 1.1, 1.05]),
        case("three seeds, close together", [-0.3, 0.0, 0.3], [1.0, 1.1, 1.05]),
        case("one run against the others", [0.0, 1.0, -1.0, 0.5], [-3.0, -3.2, 4.5, -3.1]),
    ]


def _run(answer: Callable[..., Any], changed: Sequence[float], baseline: Sequence[float]) -> Any:
    """The word, and the side that it takes."""
    said = answer(changed, baseline)
    if not isinstance(said, str):
        return said
    return {"verdict": said, "side": {"better": 1.0, "worse": -1.0}.get(said, 0.0)}


def _by_ends(changed: Sequence[float], baseline: Sequence[float]) -> str:
    gains = torch.tensor(changed, dtype=torch.float64) - torch.tensor(baseline, dtype=torch.float64)
    reach = quantile(len(gains) - 1) * float(gains.std()) / len(gains) ** 0.5
    low, high = float(gains.mean()) - reach, float(gains.mean()) + reach
    return "better" if low > 0 else "worse" if high < 0 else "cannot tell"


def _sign(difference: float) -> str:
    return "better" if difference > 0 else "worse"


@mistake(
    "You compared two intervals. Both rows had the same seeds, the same images and "
    "first weights: what is common to both drops out if you subtract first."
)
def _unpaired(changed: Sequence[float], baseline: Sequence[float]) -> str:
    (one, reach), (other, other_reach) = mean_interval(changed), mean_interval(baseline)
    return "cannot tell" if abs(one - other) <= reach + other_reach else _sign(one - other)


@mistake(
    "You counted wins. Four small wins do not outweigh one collapse, and four of five "
    "happen by luck often enough."
)
def _majority(changed: Sequence[float], baseline: Sequence[float]) -> str:
    wins = sum(a > b for a, b in zip(changed, baseline, strict=True))
    return _sign(wins - len(changed) / 2)


@mistake("One standard error is an interval that misses the truth in every third case or more.")
def _one_error(changed: Sequence[float], baseline: Sequence[float]) -> str:
    gains = [a - b for a, b in zip(changed, baseline, strict=True)]
    error = statistics.stdev(gains) / math.sqrt(len(gains))
    mean = statistics.fmean(gains)
    return "cannot tell" if abs(mean) <= error else _sign(mean)


@mistake(
    "You asked that every run with the change beats every run without. That hides "
    "each gain that is smaller than the difference between seeds."
)
def _all_or_nothing(changed: Sequence[float], baseline: Sequence[float]) -> str:
    if min(changed) > max(baseline):
        return "better"
    return "worse" if max(changed) < min(baseline) else "cannot tell"


EXERCISE = Exercise(
    id="10.3",
    title="Better, worse, or cannot tell",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=verdict,
    cases=_cases,
    run=_run,
    mistakes=(
        Mistake(
            lambda changed, baseline: _sign(statistics.fmean(changed) - statistics.fmean(baseline)),
            "You compared two means. Any two means differ; the question is whether by more "
            "than the seeds make them.",
        ),
        Mistake(
            lambda changed, baseline: _sign(max(changed) - max(baseline)),
            "You compared the best runs. The best of many runs says how often somebody tried, "
            "and how lucky it was.",
        ),
        _unpaired,
        _majority,
        Mistake(
            lambda changed, baseline: verdict(baseline, changed),
            "The difference the other way round: here a larger number is better.",
        ),
        _one_error,
        _all_or_nothing,
    ),
    hints=(
        "The two lists belong together, seed by seed: what do you get if you subtract them?",
        "Take the interval of the differences. If it holds 0, the runs do not say; otherwise "
        "its sign does.",
    ),
    why="Seeds differ in their thousand images, first weights and batches, and both rows share "
    "all of that. The difference seed by seed is free of it, so a small gain can be seen.",
    also_right=(_by_ends,),
)
