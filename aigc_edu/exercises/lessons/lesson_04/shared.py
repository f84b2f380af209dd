"""What several exercises of lesson 04 use."""

import math

import torch

from aigc_edu.exercises import Case
from aigc_edu.exercises.lessons.inputs import Pair, normal


def moments_cases(generator: torch.Generator) -> list[Case]:
    """Means and log-variances of a batch of diagonal Gaussians."""

    def pair(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> Pair:
        mean = scale * normal(generator, *shape, dtype=dtype)
        return mean, math.sqrt(scale) * normal(generator, *shape, dtype=dtype)

    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("batch of one", pair(1, 4)),
        Case("one latent", pair(6, 1)),
        Case("large values", pair(3, 2, scale=9.0)),
        Case("the prior itself", (torch.zeros(2, 3), torch.zeros(2, 3))),
        Case("float64", pair(4, 6, dtype=torch.float64)),
    ]
