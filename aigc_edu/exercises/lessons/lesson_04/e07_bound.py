"""bound(log_weights) → (batch,), from log_weights of shape (k, batch)"""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.lessons.inputs import normal
from aigc_edu.objectives import importance_weighted_bound


def _cases(generator: torch.Generator) -> list[Case]:
    def weights(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return 2 * normal(generator, *shape, dtype=dtype) - 5

    return [
        Case("ordinary", (weights(8, 5),), weight=2),
        Case("one sample", (weights(1, 4),)),
        Case("batch of one", (weights(6, 1),)),
        Case("as small as for images", (weights(5, 3) - 200,)),
        Case("float64", (weights(7, 2, dtype=torch.float64),)),
    ]


def _by_softmax_shift(log_weights: Tensor) -> Tensor:
    largest = log_weights.max(dim=0).values  # (batch,)
    return largest + (log_weights - largest).exp().mean(dim=0).log()


EXERCISE = Exercise(
    id="4.7",
    title="The importance-weighted bound",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=importance_weighted_bound,
    cases=_cases,
    gradient=True,
    mistakes=(
        Mistake(
            lambda log_weights: torch.logsumexp(log_weights, dim=0),
            "log k is missing: this is the logarithm of the sum, not of the average, and no "
            "bound any more.",
        ),
        Mistake(
            lambda log_weights: log_weights.mean(dim=0),
            "This averages the logarithms: the ordinary ELBO with k samples, which never "
            "gets tighter. The average belongs inside the logarithm.",
        ),
        Mistake(
            lambda log_weights: torch.logsumexp(log_weights, dim=0) / log_weights.shape[0],
            "You divided the logarithm by k. Dividing the sum by k subtracts log k.",
        ),
        Mistake(
            lambda log_weights: (
                torch.logsumexp(log_weights, dim=0) - math.log(log_weights.shape[1])
            ),
            "You subtracted the logarithm of the batch size. k is the number of samples, the "
            "size of dimension 0.",
        ),
        Mistake(
            lambda log_weights: (
                torch.logsumexp(log_weights, dim=0) + math.log(log_weights.shape[0])
            ),
            "The sign of log k is turned: a division inside the logarithm subtracts.",
        ),
        Mistake(
            lambda log_weights: log_weights.exp().mean(dim=0).log(),
            "The formula is right and the arithmetic is not: exp(−200) is 0 in float32, and "
            "its logarithm −inf. Use torch.logsumexp.",
        ),
        Mistake(
            lambda log_weights: (
                torch.logsumexp(log_weights, dim=1) - math.log(log_weights.shape[1])
            ),
            "You averaged over the batch (dimension 1). The k samples are in dimension 0.",
        ),
        Mistake(
            lambda log_weights: (
                torch.logsumexp(log_weights, dim=0) - math.log(log_weights.shape[0])
            ).mean(),
            "One number for the whole batch: averaged too early. Return one value an "
            "example, shape (batch,).",
        ),
    ),
    hints=(
        "The k weights of one example are averaged, and then the logarithm is taken.",
        "torch.logsumexp(..., dim=0) takes the logarithm of a sum of exponentials safely.",
        "An average is a sum divided by k; inside a logarithm that subtracts log k.",
    ),
    why="The average inside the logarithm is an unbiased estimate of p(x); the logarithm "
    "makes it a bound. With more samples the average wobbles less, so the logarithm loses "
    "less.",
    also_right=(_by_softmax_shift,),
)
