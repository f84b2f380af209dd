"""psnr(first, second) → (batch,), in decibels, for images in [0, 1]"""

from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake


def psnr(first: Tensor, second: Tensor) -> Tensor:
    """Decibels a pair of images: 10 log10(1 / mean squared error)."""
    error = (first - second).square().mean(dim=(1, 2, 3))  # (batch,)
    return -10 * torch.log10(error)


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32, near: float = 1.0) -> tuple[Any, Any]:
        first = torch.rand(shape, generator=generator, dtype=dtype)
        other = torch.rand(shape, generator=generator, dtype=dtype)
        return first, (1 - near) * first + near * other

    return [
        Case("ordinary", pair(5, 1, 6, 4), weight=2),
        Case("batch of one", pair(1, 1, 5, 7)),
        Case("nearly alike", pair(3, 1, 4, 4, near=0.02)),
        Case("three channels", pair(2, 3, 5, 4)),
        Case("float64", pair(4, 1, 3, 5, dtype=torch.float64)),
    ]


def _by_root(first: Tensor, second: Tensor) -> Tensor:
    root = (first - second).flatten(1).norm(dim=1) / first[0].numel() ** 0.5
    decibels: Tensor = 20 * torch.log10(1 / root)
    return decibels


EXERCISE = Exercise(
    id="9.2",
    title="Peak signal-to-noise ratio",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=6,
    reference=psnr,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda first, second: -10 * (first - second).square().mean(dim=(1, 2, 3)).log(),
            "Decibels are tenths of a power of ten; this is the natural logarithm, 2.3 times "
            "as large.",
        ),
        Mistake(
            lambda first, second: -20 * torch.log10((first - second).square().mean(dim=(1, 2, 3))),
            "Twenty belongs to a ratio of amplitudes. The squared error is one of powers "
            "already, so the square was counted twice.",
        ),
        Mistake(
            lambda first, second: (
                10 * torch.log10(255**2 / (first - second).square().mean(dim=(1, 2, 3)))
            ),
            "This is for images from 0 to 255. Here the peak is 1, and every value is 48 "
            "decibels too good.",
        ),
        Mistake(
            lambda first, second: -10 * torch.log10((first - second).square().sum(dim=(1, 2, 3))),
            "You summed the squares over the pixels. The ratio is defined with their mean, so "
            "that it does not depend on the size of the image.",
        ),
        Mistake(
            lambda first, second: (
                -10 * torch.log10((first - second).square().mean()).expand(len(first))
            ),
            "All pairs got one value: the mean was taken over the batch too.",
        ),
        Mistake(
            lambda first, second: -20 * torch.log10((first - second).abs().mean(dim=(1, 2, 3))),
            "You averaged absolute differences and squared the average. The squares come first.",
        ),
        Mistake(
            lambda first, second: (-10 * torch.log10((first - second).square())).mean(
                dim=(1, 2, 3)
            ),
            "You took the logarithm of each pixel's error and averaged those. The mean comes "
            "first: a single pixel without any error would make yours infinite.",
        ),
    ),
    hints=(
        "Three things in a row: the mean squared error of each pair, its inverse, decibels.",
        "The mean goes over all dimensions but the first; ten times the logarithm to the base 10.",
    ),
    why="Ten decibels more are a tenth of the squared error. The logarithm changes the scale "
    "and not the order: whatever misleads the squared error misleads this too.",
    also_right=(_by_root,),
)
