"""fit_gaussian(x) → (mean, variance), each (dims,), from x of shape (count, dims)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def fit_gaussian(x: Tensor) -> Pair:
    """Mean and variance of the diagonal Gaussian under which x, (count, dims), is likeliest."""
    mean = x.mean(dim=0)  # (dims,)
    return mean, (x - mean).square().mean(dim=0)


def _cases(generator: torch.Generator) -> list[Case]:
    return [
        Case("ordinary", (2 * normal(generator, 7, 3) + 1,), weight=2),
        Case("one dimension", (normal(generator, 5, 1) - 3,)),
        Case("two examples", (normal(generator, 2, 4),)),
        # Mean square minus squared mean is right too, and loses digits here.
        Case("shifted", (0.5 * normal(generator, 9, 2) + 20,), tolerance=(1e-2, 1e-3)),
        Case("float64", (normal(generator, 6, 5, dtype=torch.float64),)),
    ]


def _by_moments(x: Tensor) -> Pair:
    mean = x.sum(0) / x.shape[0]
    variance = x.var(0, correction=0)
    return mean, variance


@mistake(
    "You averaged the squares over the dimensions too. Each dimension has a variance of its own."
)
def _one_variance(x: Tensor) -> Pair:
    variance = (x - x.mean(0)).square().mean()
    return x.mean(0), variance.expand(x.shape[1]).clone()


EXERCISE = Exercise(
    id="2.3",
    title="The most likely Gaussian",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=fit_gaussian,
    cases=_cases,
    tolerance=(2e-4, 1e-6),
    mistakes=(
        Mistake(
            lambda x: (x.mean(0), x.var(0)),
            "You divided by n − 1, as x.var() does. That removes the bias of the estimate; "
            "the likelihood is largest with n, line (18).",
        ),
        Mistake(
            lambda x: (x.mean(0), x.var(0, correction=0).sqrt()),
            "This is the standard deviation; asked is the variance.",
        ),
        Mistake(
            lambda x: (x.mean(0), x.std(0)),
            "Two slips: this is a standard deviation, not a variance, and with n − 1.",
        ),
        Mistake(
            lambda x: (x.mean(0), x.square().mean(0)),
            "This is the mean square of x itself. The variance is about the mean: subtract "
            "it first.",
        ),
        Mistake(
            lambda x: (x.mean(0), (x - x.mean(0)).square().sum(0)),
            "This is the sum of the squares. Line (18) divides it by the number of examples.",
        ),
        _one_variance,
        Mistake(
            lambda x: (x.mean(1), x.var(1, correction=0)),
            "You averaged over the dimensions of each example. Examples are in dimension 0.",
        ),
        Mistake(
            lambda x: (x.mean(0), (x - x.mean(0)).abs().mean(0).square()),
            "This is the squared mean absolute deviation. The likelihood asks for the mean "
            "of the squares.",
        ),
    ),
    hints=(
        "Lines (17) and (18), for each dimension on its own.",
        "What does x.var(dim=0) divide by? Its argument `correction` decides.",
        "Mean over dimension 0; subtract it, square, and take the mean over dimension 0.",
    ),
    why="Setting two derivatives to zero gives the average and the average squared distance "
    "from it. The n in the denominator makes the estimate a little small on average, by the "
    "factor (n − 1)/n; likelihood does not care about bias.",
    also_right=(_by_moments,),
)
