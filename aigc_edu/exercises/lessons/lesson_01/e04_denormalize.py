"""denormalize(x) → uint8, same shape: −1 becomes 0, 1 becomes 255"""

import torch
from torch import Tensor

from aigc_edu.data import to_range
from aigc_edu.exercises import Case, Exercise, Mistake


def denormalize(x: Tensor) -> Tensor:
    """Floats in [-1, 1] to the nearest byte; what lies outside is cut to 0 and 255."""
    levels = (x + 1) * 127.5
    return levels.round().clamp(0, 255).to(torch.uint8)


def _cases(generator: torch.Generator) -> list[Case]:
    def floats(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return 2 * torch.rand(shape, generator=generator, dtype=dtype) - 1

    levels = torch.arange(256, dtype=torch.uint8)[torch.randperm(256, generator=generator)]
    return [
        Case("ordinary", (floats(5, 1, 4, 4),), weight=2),
        Case("every gray level", (to_range(levels, -1.0, 1.0),)),
        Case("a little outside the range", (1.05 * floats(2, 1, 8, 8).sign(),)),
        Case("float64", (floats(2, 1, 3, 5, dtype=torch.float64),)),
    ]


def _otherwise(x: Tensor) -> Tensor:
    return torch.floor(x.clamp(-1, 1) * 127.5 + 128).clamp(max=255).to(torch.uint8)


EXERCISE = Exercise(
    id="1.4",
    title="And back to bytes",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=denormalize,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda x: ((x + 1) * 127.5).clamp(0, 255).to(torch.uint8),
            "Turning floats into bytes cuts off what follows the point: 56.999996 becomes "
            "56. Round to the nearest level first.",
        ),
        Mistake(
            lambda x: (x * 255).round().clamp(0, 255).to(torch.uint8),
            "Everything below 0 became black: you undid the range [0, 1], not [−1, 1]. "
            "Move the range up before you stretch it.",
        ),
        Mistake(
            lambda x: ((x + 1) * 255).round().clamp(0, 255).to(torch.uint8),
            "Everything above 0 became white: the range is 2 wide, so 255 levels are 127.5 "
            "for each 1.",
        ),
        Mistake(
            lambda x: ((x + 1) * 128).round().clamp(0, 255).to(torch.uint8),
            "You multiplied by 128 (half of 256). There are 256 levels, but only 255 steps "
            "between them, so the bright levels are off by one.",
        ),
        Mistake(
            lambda x: ((x + 1) * 127.5).round().to(torch.int64).remainder(256).to(torch.uint8),
            "Right inside the range. A little above 1, a level is 261, does not fit into a "
            "byte and comes out almost black: clamp to 0 and 255 first.",
        ),
        Mistake(
            lambda x: (x * 127.5 + 1).round().clamp(0, 255).to(torch.uint8),
            "The order is wrong: move up by 1 first, then stretch. Undoing goes backwards.",
        ),
    ),
    hints=(
        "Undo the steps of normalize in reverse order.",
        "Then bring the numbers to whole levels, and into 0 to 255, before the dtype changes.",
        "Add 1, multiply by 127.5, then round, clamp, and to(torch.uint8), in this order.",
    ),
    why="float32 keeps 24 bits, a byte needs 8, so rounding to the nearest level repairs "
    "whatever the arithmetic did in the last bits. Rounding is what makes the way back exact "
    "and not merely close.",
    also_right=(_otherwise,),
)
