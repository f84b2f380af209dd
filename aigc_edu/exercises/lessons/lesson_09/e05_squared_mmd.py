"""squared_mmd(first, second) → one number, with the kernel (x·y/d + 1)³"""

from collections.abc import Callable

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake


def squared_mmd(first: Tensor, second: Tensor) -> Tensor:
    """The unbiased estimate of the squared maximum mean discrepancy, kernel (x·y/d + 1)³."""

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def others(a: Tensor) -> Tensor:
        table = kernel(a, a)
        return (table.sum() - table.diagonal().sum()) / (len(a) * (len(a) - 1))

    return others(first) + others(second) - 2 * kernel(first, second).mean()


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(count_1: int, count_2: int, size: int, shift: float = 0.7) -> tuple[Tensor, Tensor]:
        def normal(count: int) -> Tensor:
            return torch.randn(count, size, generator=generator, dtype=torch.float64)

        return normal(count_1), normal(count_2) + shift

    points, _ = pair(8, 8, 5)
    return [
        Case("ordinary", pair(9, 9, 4), weight=2),
        Case("another number on each side", pair(7, 11, 3)),
        Case("one feature", pair(6, 5, 1)),
        Case("two points each", pair(2, 2, 3)),
        Case("the same points twice", (points, points.clone())),  # always negative
    ]


def _by_hand(first: Tensor, second: Tensor) -> Tensor:
    size = first.shape[1]

    def among(points: Tensor) -> Tensor:
        total = points.new_zeros(())
        for i in range(len(points)):
            rest = torch.cat([points[:i], points[i + 1 :]])
            total = total + ((rest @ points[i] / size + 1) ** 3).mean()
        return total / len(points)

    cross = torch.stack([((second @ x / size + 1) ** 3).mean() for x in first]).mean()
    return among(first) + among(second) - 2 * cross


def _mmd(
    first: Tensor,
    second: Tensor,
    *,
    own: Callable[[Tensor], Tensor],
    twice: float = 2.0,
    divide: bool = True,
    degree: int = 3,
    paired: bool = False,
) -> Tensor:
    size = first.shape[1] if divide else 1

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / size + 1) ** degree

    cross = kernel(first, second)
    mean = cross.mean()
    if paired and cross.shape[0] == cross.shape[1]:
        count = len(cross)
        mean = (cross.sum() - cross.diagonal().sum()) / (count * (count - 1))
    return own(kernel(first, first)) + own(kernel(second, second)) - twice * mean


def _others(table: Tensor) -> Tensor:
    return (table.sum() - table.diagonal().sum()) / (len(table) * (len(table) - 1))


EXERCISE = Exercise(
    id="9.5",
    title="A distance without bias",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=12,
    reference=squared_mmd,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda first, second: _mmd(first, second, own=torch.mean),
            "Each point is compared with itself too. That pair is the most alike of all, and "
            "it is where the bias comes from.",
        ),
        Mistake(
            lambda first, second: _mmd(
                first, second, own=lambda t: (t.sum() - t.diagonal().sum()) / t.numel()
            ),
            "The pairs of a point with itself are left out of the sum and still counted in "
            "the number you divide by.",
        ),
        Mistake(
            lambda first, second: _mmd(first, second, own=_others, twice=1.0),
            "The term between the two sets belongs there twice: it is the middle term of a square.",
        ),
        Mistake(
            lambda first, second: _mmd(first, second, own=_others, divide=False),
            "The inner product is not divided by the number of features, so the kernel is "
            "another one.",
        ),
        Mistake(
            lambda first, second: _mmd(first, second, own=_others, degree=2),
            "The kernel is of degree 2 here. Cubes were asked for: they also see a difference "
            "in skewness.",
        ),
        Mistake(
            lambda first, second: _mmd(first, second, own=_others, paired=True),
            "Between the two sets you left out the pairs with equal places. These are two "
            "different points, drawn independently: all pairs count.",
        ),
        Mistake(
            lambda first, second: squared_mmd(first, second).clamp(min=0),
            "What is negative was raised to 0. An estimate without bias of something that is "
            "0 must be negative about half of the time.",
        ),
        Mistake(
            lambda first, second: squared_mmd(first, second).clamp(min=0).sqrt(),
            "You took the root. It would bring back a bias, so the square is what is used.",
        ),
    ),
    hints=(
        "Three means of the kernel: within the first set, within the second, between them.",
        "Within a set of n points there are n(n − 1) ordered pairs of two different ones; "
        "what has to be left out stands on the diagonal of the table.",
    ),
    why="Each mean is over pairs of independent points, so each is right on average, for any "
    "number of points. The price: the estimate can be negative.",
    also_right=(_by_hand,),
)
