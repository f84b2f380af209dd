"""forward_fit(weights, means, variances) → (mean, variance), two numbers"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def forward_fit(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    """Mean and variance of the Gaussian q with the smallest KL(mixture || q)."""
    mean = (weights * means).sum()
    return mean, (weights * (variances + (means - mean).square())).sum()


def _cases(generator: torch.Generator) -> list[Case]:
    def mixture(parts: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
        weights = normal(generator, parts, dtype=dtype).softmax(0)
        means = 2 * normal(generator, parts, dtype=dtype) + 0.5
        return weights, means, normal(generator, parts, dtype=dtype).exp()

    one = torch.ones(1), normal(generator, 1), normal(generator, 1).exp()
    return [
        Case("ordinary", mixture(3), weight=2),
        Case("two parts", mixture(2)),
        Case("one part", one),
        Case(
            "equal means",
            (torch.tensor([0.2, 0.8]), torch.tensor([1.5, 1.5]), torch.tensor([1.0, 4.0])),
        ),
        Case("float64", mixture(5, torch.float64)),
    ]


def _by_moments(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    mean = weights @ means
    return mean, weights @ (variances + means * means) - mean * mean


@mistake("This is the spread of the means alone. Each part has a width of its own besides.")
def _between_only(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    mean = (weights * means).sum()
    return mean, (weights * (means - mean).square()).sum()


@mistake("You took all the parts as equally frequent: the weights are missing.")
def _unweighted(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    mean = means.mean()
    return mean, (variances + (means - mean).square()).mean()


@mistake("The second number is the standard deviation; asked is the variance.")
def _sigma(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    mean, variance = forward_fit(weights, means, variances)
    return mean, variance.sqrt()


@mistake(
    "This is the largest part alone. A forward KL pays dearly for every part that q leaves out."
)
def _biggest(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    best = weights.argmax()
    return means[best].clone(), variances[best].clone()


EXERCISE = Exercise(
    id="2.6",
    title="One Gaussian for a whole mixture",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=forward_fit,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda weights, means, variances: (
                (weights * means).sum(),
                (weights * variances).sum(),
            ),
            "You averaged the variances of the parts and forgot that the parts lie apart: "
            "the spread of their means adds to it.",
        ),
        _between_only,
        Mistake(
            lambda weights, means, variances: (
                (weights * means).sum(),
                (weights.square() * variances).sum(),
            ),
            "Squared weights belong to a weighted *sum* of random numbers. A mixture draws "
            "from one part or another; it adds nothing up.",
        ),
        _unweighted,
        Mistake(
            lambda weights, means, variances: (
                (weights * means).sum(),
                (weights * (variances + means.square())).sum(),
            ),
            "This is the mean square about 0. Subtract the square of the mean.",
        ),
        _sigma,
        _biggest,
    ),
    hints=(
        "Line (31): the mean and the variance of x itself, when x is drawn from the mixture.",
        "An average over the mixture is a weighted average of the averages over its parts.",
        "In part k the average of (x − mean)² is variance k plus (mean k − mean)². Weight and add.",
    ),
    why="The forward KL only asks for the first two moments of the data to be right. The "
    "variance of a mixture is the average width plus the spread of the centers.",
    also_right=(_by_moments,),
)
