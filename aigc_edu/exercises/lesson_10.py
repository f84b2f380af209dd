"""Exercises of lesson 10: better quality, less overfitting, and honest comparisons."""

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.metrics import mean_interval, memorization

# --------------------------------------------------------- 10.2 the interval of a few runs


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The mean and half the width of Student's 95 % interval."""
    mean, half_width = mean_interval(values)
    return float(mean), float(half_width)


def _run_cases(generator: torch.Generator) -> list[Case]:
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


def _quantile(degrees: int, below: float = 0.975) -> float:
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    return float(stdtrit(degrees, below))


def _with(
    half_width: Callable[[Sequence[float]], float],
) -> Callable[[Sequence[float]], tuple[float, float]]:
    """The right mean with another half width."""

    def wrong(values: Sequence[float]) -> tuple[float, float]:
        return statistics.fmean(values), half_width(values)

    return wrong


_interval_n = _with(lambda v: _quantile(len(v) - 1) * statistics.pstdev(v) / math.sqrt(len(v)))
_interval_normal = _with(lambda v: 1.96 * statistics.stdev(v) / math.sqrt(len(v)))
_interval_spread = _with(lambda v: _quantile(len(v) - 1) * statistics.stdev(v))
_interval_deviation = _with(lambda v: statistics.stdev(v))
_interval_error = _with(lambda v: statistics.stdev(v) / math.sqrt(len(v)))
_interval_one_sided = _with(
    lambda v: _quantile(len(v) - 1, 0.95) * statistics.stdev(v) / math.sqrt(len(v))
)
_interval_degrees = _with(lambda v: _quantile(len(v)) * statistics.stdev(v) / math.sqrt(len(v)))
_interval_variance = _with(
    lambda v: _quantile(len(v) - 1) * statistics.variance(v) / math.sqrt(len(v))
)


def _interval_ends(values: Sequence[float]) -> tuple[float, float]:
    mean, half_width = interval(values)
    return mean - half_width, mean + half_width


def _interval_whole(values: Sequence[float]) -> tuple[float, float]:
    mean, half_width = interval(values)
    return mean, 2 * half_width


def _interval_by_torch(values: Sequence[float]) -> tuple[float, float]:
    numbers = torch.tensor(values, dtype=torch.float64)
    error = numbers.std(correction=1) / len(numbers) ** 0.5
    return numbers.mean().item(), _quantile(len(numbers) - 1) * error.item()


# ------------------------------------------------------------------- 10.3 better or luck?


def verdict(changed: Sequence[float], baseline: Sequence[float]) -> str:
    """Whether runs with a change are better than the runs of the same seeds without it."""
    mean, half_width = mean_interval([a - b for a, b in zip(changed, baseline, strict=True)])
    if abs(mean) <= half_width:
        return "cannot tell"
    return "better" if mean > 0 else "worse"


def _verdict_cases(generator: torch.Generator) -> list[Case]:
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


def _run_verdict(
    answer: Callable[..., Any], changed: Sequence[float], baseline: Sequence[float]
) -> Any:
    """The word, and the side that it takes."""
    said = answer(changed, baseline)
    if not isinstance(said, str):
        return said
    return {"verdict": said, "side": {"better": 1.0, "worse": -1.0}.get(said, 0.0)}


def _sign(difference: float) -> str:
    return "better" if difference > 0 else "worse"


def _verdict_means(changed: Sequence[float], baseline: Sequence[float]) -> str:
    return _sign(statistics.fmean(changed) - statistics.fmean(baseline))


def _verdict_best(changed: Sequence[float], baseline: Sequence[float]) -> str:
    return _sign(max(changed) - max(baseline))


def _verdict_unpaired(changed: Sequence[float], baseline: Sequence[float]) -> str:
    (one, reach), (other, other_reach) = mean_interval(changed), mean_interval(baseline)
    return "cannot tell" if abs(one - other) <= reach + other_reach else _sign(one - other)


def _verdict_majority(changed: Sequence[float], baseline: Sequence[float]) -> str:
    wins = sum(a > b for a, b in zip(changed, baseline, strict=True))
    return _sign(wins - len(changed) / 2)


def _verdict_reversed(changed: Sequence[float], baseline: Sequence[float]) -> str:
    return verdict(baseline, changed)


def _verdict_one_error(changed: Sequence[float], baseline: Sequence[float]) -> str:
    gains = [a - b for a, b in zip(changed, baseline, strict=True)]
    error = statistics.stdev(gains) / math.sqrt(len(gains))
    mean = statistics.fmean(gains)
    return "cannot tell" if abs(mean) <= error else _sign(mean)


def _verdict_all_or_nothing(changed: Sequence[float], baseline: Sequence[float]) -> str:
    if min(changed) > max(baseline):
        return "better"
    return "worse" if max(changed) < min(baseline) else "cannot tell"


def _verdict_by_ends(changed: Sequence[float], baseline: Sequence[float]) -> str:
    gains = torch.tensor(changed, dtype=torch.float64) - torch.tensor(baseline, dtype=torch.float64)
    reach = _quantile(len(gains) - 1) * float(gains.std()) / len(gains) ** 0.5
    low, high = float(gains.mean()) - reach, float(gains.mean()) + reach
    return "better" if low > 0 else "worse" if high < 0 else "cannot tell"


# --------------------------------------------------------------- 10.4 choose, then report


def choose(validation: Tensor, test: Tensor) -> tuple[int, float]:
    """The setting with the best mean on validation images, and its mean on test images."""
    setting = int(validation.mean(dim=1).argmax())
    return setting, float(test[setting].mean())


def _choice_cases(generator: torch.Generator) -> list[Case]:
    """(settings, seeds) of held-out bounds, larger is better."""

    def case(
        name: str, on_validation: list[list[float]], on_test: list[list[float]], weight: float = 1.0
    ) -> Case:
        validation = torch.tensor(on_validation, dtype=torch.float64)
        test = torch.tensor(on_test, dtype=torch.float64)
        order = torch.randperm(len(validation), generator=generator)
        level = float(torch.rand((), generator=generator)) * 20
        shake = 0.01 * torch.rand(validation.shape, generator=generator, dtype=torch.float64)
        return Case(
            name,
            (validation[order] - level + shake, test[order] - level - shake),
            weight=weight,
        )

    return [
        case(
            "ordinary",
            [[-120.0, -121.0, -119.5], [-123.0, -117.0, -124.0], [-122.0, -122.5, -121.5]],
            [[-121.5, -122.0, -120.6], [-124.0, -121.0, -125.0], [-121.0, -119.0, -121.2]],
            weight=2,
        ),
        case("two settings", [[-5.0, -3.0], [-4.5, -4.0]], [[-4.0, -6.5], [-4.2, -3.6]]),
        case(
            "four settings, one seed",
            [[-8.0], [-7.0], [-9.0], [-7.5]],
            [[-6.0], [-8.0], [-9.0], [-7.0]],
        ),
        case(
            "a seed that failed",
            [[-10.0, -10.2, -10.1, -10.0], [-9.0, -9.1, -30.0, -9.2]],
            [[-10.5, -10.4, -10.6, -10.4], [-9.5, -9.4, -9.6, -31.0]],
        ),
    ]


def _choose_on_test(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(test.mean(dim=1).argmax())
    return setting, float(test[setting].mean())


def _choose_report_validation(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(validation.mean(dim=1).argmax())
    return setting, float(validation[setting].mean())


def _choose_best_seed(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(validation.mean(dim=1).argmax())
    return setting, float(test[setting].max())


def _choose_by_best_seed(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(validation.max(dim=1).values.argmax())
    return setting, float(test[setting].mean())


def _choose_lowest(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(validation.mean(dim=1).argmin())
    return setting, float(test[setting].mean())


def _choose_best_of_all(validation: Tensor, test: Tensor) -> tuple[int, float]:
    place = int(test.argmax())
    return place // test.shape[1], float(test.max())


def _choose_picked_run(validation: Tensor, test: Tensor) -> tuple[int, float]:
    place = int(validation.argmax())
    return place // test.shape[1], float(test.flatten()[place])


def _choose_both(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int((validation + test).mean(dim=1).argmax())
    return setting, float(test[setting].mean())


def _choose_by_lists(validation: Tensor, test: Tensor) -> tuple[int, float]:
    means = [sum(row) / len(row) for row in validation.tolist()]
    setting = means.index(max(means))
    return setting, sum(test[setting].tolist()) / test.shape[1]


# ------------------------------------------------------- 10.5 copies out, then the split


def clean_split(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    """The first image of each group; the last ``held`` of these are held out."""
    seen: set[int] = set()
    kept = []
    for index, group in enumerate(groups.tolist()):
        if group not in seen:
            seen.add(group)
            kept.append(index)
    first = torch.tensor(kept, dtype=torch.int64)
    return first[:-held], first[-held:]


def _group_cases(generator: torch.Generator) -> list[Case]:
    def case(
        name: str, pattern: list[int], held: int, weight: float = 1.0, shuffle: bool = False
    ) -> Case:
        numbers = torch.randperm(500, generator=generator)[: max(pattern) + 1]  # any numbers do
        groups = numbers[torch.tensor(pattern)]
        if shuffle:
            groups = groups[torch.randperm(len(groups), generator=generator)]
        return Case(name, (groups, held), weight=weight)

    return [
        case("ordinary", [0, 1, 2, 1, 3, 4, 0, 5, 6, 2, 7, 7, 1], 3, 2, shuffle=True),
        case("no copies", [0, 1, 2, 3, 4, 5], 2),
        case("copies only at the end", [0, 1, 2, 3, 4, 0, 1, 2], 2),
        case("many copies of one", [0, 0, 0, 0, 1, 2, 0, 3, 0], 1),
        case("copies beside each other", [0, 0, 1, 1, 2, 2, 3, 3], 2),
    ]


def _first_of(groups: Tensor, indices: Sequence[int]) -> list[int]:
    seen: set[int] = set()
    kept = []
    for index in indices:
        if int(groups[index]) not in seen:
            seen.add(int(groups[index]))
            kept.append(index)
    return kept


def _long(indices: Sequence[int]) -> Tensor:
    return torch.tensor(list(indices), dtype=torch.int64)


def _split_nothing(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    order = range(len(groups))
    return _long(order[:-held]), _long(order[-held:])


def _split_first(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    order = range(len(groups))
    return _long(_first_of(groups, order[:-held])), _long(_first_of(groups, order[-held:]))


def _split_train_only(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    order = range(len(groups))
    return _long(_first_of(groups, order[:-held])), _long(order[-held:])


def _split_last_kept(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    kept = sorted(_first_of(groups, range(len(groups) - 1, -1, -1)))
    return _long(kept[:-held]), _long(kept[-held:])


def _split_no_families(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    counts = {int(group): int((groups == group).sum()) for group in groups}
    kept = [index for index, group in enumerate(groups.tolist()) if counts[group] == 1]
    return _long(kept[:-held]), _long(kept[-held:])


def _split_exchanged(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    train, held_out = clean_split(groups, held)
    return held_out, train


def _split_numbers(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    train, held_out = clean_split(groups, held)
    return groups[train], groups[held_out]


def _split_front(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    kept = _first_of(groups, range(len(groups)))
    return _long(kept[held:]), _long(kept[:held])


def _split_by_table(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    same = groups[:, None] == groups[None, :]  # (count, count)
    earlier = same.tril(diagonal=-1).any(dim=1)  # a copy stands before it
    kept = (~earlier).nonzero().squeeze(1)
    cut = len(kept) - held
    return kept[:cut], kept[cut:]


# ------------------------------------------------------------ 10.6 too near to be new


def nearer(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    """The chance that a generated image is nearer to the training set than a held-out one."""
    return memorization(generated, training, held_out).nearer


def _near_cases(generator: torch.Generator) -> list[Case]:
    def draws(count: int, size: int, scale: float = 1.0) -> Tensor:
        return scale * torch.randn(count, size, generator=generator)

    def copies(of: Tensor, count: int, noise: float) -> Tensor:
        return of[torch.arange(count) % len(of)] + noise * draws(count, of.shape[1])

    many, few, one = draws(40, 3), draws(15, 2), draws(12, 4)
    whole = torch.randint(0, 3, (9, 2), generator=generator).float()
    mixed = torch.cat([copies(many, 12, 0.05), draws(13, 3)])
    exact, held_too = torch.cat([few[:6], draws(5, 2)]), torch.cat([few[6:9], draws(8, 2)])
    moved = whole[4:] + torch.tensor([1.0, 0.0])
    images = [torch.rand(count, 1, 3, 3, generator=generator) for count in (6, 8, 7)]
    return [
        Case("half of them copies", (mixed, many, draws(30, 3)), weight=2),
        Case("new ones", (draws(21, 2), few, draws(17, 2))),
        Case("noise, far from everything", (draws(11, 4, 4.0), one, draws(14, 4))),
        Case("exact copies, among the held-out ones too", (exact, few, held_too)),
        Case("whole numbers, with ties", (whole[:5] + 1, whole, moved)),
        Case("images", tuple(images)),
        Case("one generated image", (copies(one, 1, 0.1), one, draws(9, 4))),
    ]


def _nearest(queries: Tensor, others: Tensor) -> Tensor:
    return torch.cdist(queries.flatten(1).double(), others.flatten(1).double()).amin(dim=1)


def _share(left: Tensor, right: Tensor) -> float:
    """The share of pairs in which the left one is smaller; ties count half."""
    less = (left[:, None] < right[None, :]).double()
    equal = (left[:, None] == right[None, :]).double()
    return float((less + 0.5 * equal).mean())


def _near_to_held_out(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    return _share(_nearest(generated, training), _nearest(generated, held_out))


def _near_backward(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    return _share(_nearest(training, generated), _nearest(training, held_out))


def _near_farther(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    return 1 - nearer(generated, training, held_out)


def _near_no_ties(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    mine, theirs = _nearest(generated, training), _nearest(held_out, training)
    return float((mine[:, None] < theirs[None, :]).double().mean())


def _near_ties_count(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    mine, theirs = _nearest(generated, training), _nearest(held_out, training)
    return float((mine[:, None] <= theirs[None, :]).double().mean())


def _near_mean(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    mine, theirs = _nearest(generated, training), _nearest(held_out, training)
    return float((mine < theirs.mean()).double().mean())


def _near_ratio(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    return float(_nearest(generated, training).mean() / _nearest(held_out, training).mean())


def _near_all(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    def typical(queries: Tensor) -> Tensor:
        return torch.cdist(queries.flatten(1).double(), training.flatten(1).double()).mean(dim=1)

    return _share(typical(generated), typical(held_out))


def _near_by_loop(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    def distance(query: Tensor) -> float:
        return min(float((query.double() - each.double()).norm()) for each in training)

    theirs = [distance(query) for query in held_out]
    points = 0.0
    for query in generated:
        mine = distance(query)
        points += sum(1.0 if mine < other else 0.5 if mine == other else 0.0 for other in theirs)
    return points / (len(generated) * len(theirs))


EXERCISES = [
    Exercise(
        id="10.1",
        title="Predict: two rulers",
        kind="prediction",
        prompt="training goes on too long: what do the bound and the Fréchet distance do?",
        points=1,
        difficulty=1,
        minutes=3,
        reference="c",
        choices={
            "a": "Both get worse: overfitting is overfitting",
            "b": "Both stay: a thousand images are enough for digits",
            "c": "The held-out bound gets worse, the Fréchet distance does not",
            "d": "The Fréchet distance gets worse, the held-out bound does not",
        },
        mistakes=(
            Mistake(
                "a",
                "So most people think, and it is why a single number is trusted too far. The "
                "curves of section 1 go different ways.",
            ),
            Mistake(
                "b",
                "A thousand images can be learned by heart by a network with hundreds of thousands "
                "of weights. Section 1 shows the gap open.",
            ),
            Mistake(
                "d",
                "One of the two asks about every single held-out image; that is the one that "
                "notices first.",
            ),
        ),
        hints=(
            "What does each number need? One wants every held-out image explained, the other "
            "compares a crowd with a crowd.",
            "Copies of real digits look like real digits. Which of the two minds?",
        ),
        why="The bound is an average over single held-out images, and one image explained badly "
        "costs many nats. The Fréchet distance compares two crowds by mean and covariance, and a "
        "crowd of near copies looks very real.",
    ),
    Exercise(
        id="10.2",
        title="How sure a mean is",
        kind="function",
        prompt="interval(values) → (mean, half the width of the 95 % interval)",
        points=3,
        difficulty=2,
        minutes=10,
        reference=interval,
        cases=_run_cases,
        tolerance=(1e-4, 1e-9),
        mistakes=(
            Mistake(
                _interval_n,
                "You divided the squares by n. The mean is taken from the same few values and lies "
                "too near to them: it is n - 1 that makes up for it.",
            ),
            Mistake(
                _interval_normal,
                "1.96 holds where the standard deviation is known. Here it is itself a guess from "
                "a few runs, and with three of them the factor is more than twice as large.",
            ),
            Mistake(
                _interval_spread,
                "That is how far single runs scatter. A mean of n runs scatters less, by the root "
                "of n.",
            ),
            Mistake(
                _interval_deviation,
                "That is the standard deviation of single runs: no interval for their mean yet.",
            ),
            Mistake(
                _interval_error,
                "That is the standard error of the mean. Plus and minus one of it holds the truth "
                "in far fewer than 95 of 100 cases; how many of them does it take?",
            ),
            Mistake(
                _interval_one_sided,
                "Below the 0.95 quantile lie 95 %, but on both sides 5 % are then left out each: "
                "that is an interval of 90 %.",
            ),
            Mistake(
                _interval_degrees,
                "n values around their own mean are only n - 1 free numbers: the quantile is that "
                "of n - 1 degrees of freedom.",
            ),
            Mistake(
                _interval_variance,
                "This is what you get with the variance where the standard deviation belongs.",
            ),
            Mistake(
                _interval_ends,
                "Those are the two ends of the interval. The mean and half the width were asked "
                "for.",
            ),
            Mistake(_interval_whole, "That is the whole width; half of it was asked for."),
        ),
        hints=(
            "Three parts: how far single runs scatter, how much less a mean of n of them does, and "
            "how many of these units it takes.",
            "The scatter is the standard deviation with n - 1; a mean of n runs has the root of n "
            "less; the number of units is Student's quantile at 0.975.",
        ),
        why="With three runs the quantile is 4.3, with five 2.8, with many 1.96. So the third, "
        "fourth and fifth seed are worth more than any after them.",
        also_right=(_interval_by_torch,),
    ),
    Exercise(
        id="10.3",
        title="Better, worse, or cannot tell",
        kind="function",
        prompt='verdict(changed, baseline) → "better", "worse" or "cannot tell"; larger is better',
        points=3,
        difficulty=2,
        minutes=10,
        reference=verdict,
        cases=_verdict_cases,
        run=_run_verdict,
        mistakes=(
            Mistake(
                _verdict_means,
                "You compared two means. Any two means differ; the question is whether by more "
                "than the seeds make them.",
            ),
            Mistake(
                _verdict_best,
                "You compared the best runs. The best of many runs says how often somebody tried, "
                "and how lucky it was.",
            ),
            Mistake(
                _verdict_unpaired,
                "You compared two intervals. Both rows had the same seeds, the same images and "
                "first weights: what is common to both drops out if you subtract first.",
            ),
            Mistake(
                _verdict_majority,
                "You counted wins. Four small wins do not outweigh one collapse, and four of five "
                "happen by luck often enough.",
            ),
            Mistake(
                _verdict_reversed,
                "The difference the other way round: here a larger number is better.",
            ),
            Mistake(
                _verdict_one_error,
                "One standard error is an interval that misses the truth in every third case or "
                "more.",
            ),
            Mistake(
                _verdict_all_or_nothing,
                "You asked that every run with the change beats every run without. That hides "
                "each gain that is smaller than the difference between seeds.",
            ),
        ),
        hints=(
            "The two lists belong together, seed by seed: what do you get if you subtract them?",
            "Take the interval of the differences. If it holds 0, the runs do not say; otherwise "
            "its sign does.",
        ),
        why="Seeds differ in their thousand images, first weights and batches, and both rows share "
        "all of that. The difference seed by seed is free of it, so a small gain can be seen.",
        also_right=(_verdict_by_ends,),
    ),
    Exercise(
        id="10.4",
        title="Choose on one set, report on another",
        kind="function",
        prompt="choose(validation, test), each (settings, seeds) → (setting, its figure to report)",
        points=3,
        difficulty=2,
        minutes=8,
        reference=choose,
        cases=_choice_cases,
        tolerance=(1e-6, 1e-6),
        mistakes=(
            Mistake(
                _choose_on_test,
                "You chose by the test images. The one that happened to fit them best won, and "
                "what you report is that luck too.",
            ),
            Mistake(
                _choose_report_validation,
                "You reported the numbers that you chose by. The winner of a contest was also "
                "lucky in it, so they flatter.",
            ),
            Mistake(
                _choose_best_seed,
                "The setting is right, but you reported its best run. Nobody who repeats it gets "
                "that on average.",
            ),
            Mistake(
                _choose_by_best_seed,
                "You chose the setting with the best single run. One lucky seed decided.",
            ),
            Mistake(
                _choose_lowest,
                "You took the lowest mean. Here larger is better.",
            ),
            Mistake(
                _choose_best_of_all,
                "That is the best test figure of all settings and seeds: chosen on the test "
                "images, among lucky runs.",
            ),
            Mistake(
                _choose_picked_run,
                "You chose one run by validation and reported that run alone. It is a setting that "
                "is compared, so all its seeds count.",
            ),
            Mistake(
                _choose_both,
                "You chose by both sets together. The test images had a say in what they then "
                "judge.",
            ),
        ),
        hints=(
            "Two questions, two sets of images: which setting? How good is it?",
            "Average over the seeds, which are the last dimension, in both. The validation images "
            "answer the first question, the test images only the second.",
        ),
        why="Whatever images helped to choose, they flatter the winner. The test images are asked "
        "once, at the end, and about one setting only.",
        also_right=(_choose_by_lists,),
    ),
    Exercise(
        id="10.5",
        title="Copies out, then the split",
        kind="function",
        prompt="clean_split(groups, held) → (training, held_out): indices, rising",
        points=3,
        difficulty=2,
        minutes=10,
        reference=clean_split,
        cases=_group_cases,
        mistakes=(
            Mistake(
                _split_nothing,
                "All copies are still there: some are trained on more often than others, and some "
                "are held out whose twin is trained on.",
            ),
            Mistake(
                _split_first,
                "You split first and removed copies within each part. A twin on the other side of "
                "the cut is not seen that way.",
            ),
            Mistake(
                _split_train_only,
                "You removed copies from the training part only. Held-out images may still have a "
                "twin there, and count more than once.",
            ),
            Mistake(
                _split_last_kept,
                "One of each group is left, but the last one; the first was asked for.",
            ),
            Mistake(
                _split_no_families,
                "You threw out every image that has a copy, the originals too. One of each should "
                "stay.",
            ),
            Mistake(_split_exchanged, "The two parts are exchanged: training first."),
            Mistake(
                _split_numbers,
                "Those are the numbers of the groups. The places of the images were asked for.",
            ),
            Mistake(
                _split_front,
                "You held out the first ones that are left; the last ones were asked for.",
            ),
        ),
        hints=(
            "Which comes first, so that no twin can be on both sides?",
            "Walk through the groups and keep an index where its group has not been met before. "
            "Cut what you have kept, not what you were given.",
        ),
        why="Split first, and twins end up on both sides: the held-out images then reward "
        "memorizing. Remove copies first, and each image counts once and is on one side.",
        also_right=(_split_by_table,),
    ),
    Exercise(
        id="10.6",
        title="Nearer than new images are",
        kind="function",
        prompt="nearer(generated, training, held_out) → the chance, from 0 to 1",
        points=4,
        difficulty=3,
        minutes=15,
        reference=nearer,
        cases=_near_cases,
        tolerance=(1e-5, 1e-7),
        mistakes=(
            Mistake(
                _near_to_held_out,
                "You asked which set a generated image is nearer to. How near depends on how many "
                "images a set has; the question was how near *held-out images* are to the same "
                "training set.",
            ),
            Mistake(
                _near_backward,
                "You looked for the nearest generated image of each training image. Draw more and "
                "all come nearer; each generated image is to be judged by itself.",
            ),
            Mistake(
                _near_farther,
                "That is the chance of being farther away.",
            ),
            Mistake(
                _near_no_ties,
                "Ties count nothing in yours. Then a set compared with itself gets less than one "
                "half.",
            ),
            Mistake(
                _near_ties_count,
                "Ties count in full in yours. Then a set compared with itself gets more than one "
                "half.",
            ),
            Mistake(
                _near_mean,
                "You compared with the average held-out distance. Distances are skewed (ones are "
                "near, eights far), so half of the images are not below their average.",
            ),
            Mistake(
                _near_ratio,
                "That is a ratio of two averages. A few images far away, such as scribbles, hide "
                "many copies in it.",
            ),
            Mistake(
                _near_all,
                "You averaged over all training images. A copy has one image at distance zero and "
                "the others where everybody has them.",
            ),
        ),
        hints=(
            "Two lists of distances: from each generated image to its nearest training image, and "
            "from each held-out image to its own nearest one. How do you compare two lists?",
            "Take all pairs of one from each list. Count a pair where the generated one is "
            "smaller, and half a pair where both are equal; divide by how many there are.",
        ),
        why="Held-out images cannot have been copied, so they say how near is normal. One half "
        "means as new as new data, near one means copies, and below one half means farther from "
        "the data than data is.",
        also_right=(_near_by_loop,),
    ),
    Exercise(
        id="10.7",
        title="A distance to be proud of",
        kind="choice",
        prompt="Fréchet distance to the training set: A 9, B 27, held-out images 26: which is it?",
        points=2,
        difficulty=2,
        minutes=4,
        reference="d",
        choices={
            "a": "A is the better generator: 9 is less than 27",
            "b": "A is better than real images, the best there can be",
            "c": "B is broken: it is farther away than held-out images",
            "d": "A may be copying; B is about as far away as new images are",
        },
        mistakes=(
            Mistake(
                "a",
                "It would be, if small were always good. How near do images come that are real and "
                "were never trained on?",
            ),
            Mistake(
                "b",
                "Nothing new is nearer to a sample than other samples of the same kind. What is "
                "nearer has looked.",
            ),
            Mistake(
                "c",
                "27 against 26 is as good as the training set lets anybody be who does not copy "
                "it.",
            ),
        ),
        hints=(
            "What would a generator get that only hands out training images?",
            "Put held-out images in the place of the generator: that is what an honest one can "
            "reach.",
        ),
        why="A distance to the training set is smallest for a machine that hands out the training "
        "set. Measure against held-out images, and look for near copies as well.",
    ),
]
