"""normalize(images) → float32, same shape: 0 becomes −1, 255 becomes 1"""

import torch
from torch import Tensor

from aigc_edu.data import to_range
from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.lessons.lesson_01.shared import random_bytes


def normalize(images: Tensor) -> Tensor:
    """Bytes to float32 in [-1, 1]."""
    return to_range(images, -1.0, 1.0)


def _cases(generator: torch.Generator) -> list[Case]:
    ends = torch.tensor([0, 1, 127, 128, 254, 255], dtype=torch.uint8)
    return [
        Case("ordinary", (random_bytes(generator, 5, 1, 4, 4),), weight=2),
        Case("both ends", (ends,)),
        Case("batch of one", (random_bytes(generator, 1, 1, 3, 5),)),
        Case("dark images", (random_bytes(generator, 3, 1, 4, 4, high=90),)),
    ]


def _otherwise(images: Tensor) -> Tensor:
    return (images.float() - 127.5) / 127.5


EXERCISE = Exercise(
    id="1.3",
    title="From bytes to [−1, 1]",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=5,
    reference=normalize,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda images: images.float() / 256 * 2 - 1,
            "255 becomes 0.9922: you divided by 256 (or by 128). There are 256 levels, but "
            "only 255 steps between them.",
        ),
        Mistake(
            lambda images: (images.float() - 127.5) / 128,
            "The ends are −0.996 and 0.996: you moved by half of 255, but divided by half of 256.",
        ),
        Mistake(
            lambda images: images.float() / 255,
            "This is [0, 1]. Its width is 1; the new range has width 2 and begins at −1.",
        ),
        Mistake(
            lambda images: images.float() / 255 * 2,
            "This is [0, 2]: the width is right, but the range must be moved down by 1.",
        ),
        Mistake(
            lambda images: (images.float() / 255 - 1) * 2,
            "This is [−2, 0]: you took 1 away before doubling. First stretch, then move.",
        ),
        Mistake(
            lambda images: images * 2 / 255 - 1,
            "You doubled while the numbers were still bytes: 200 × 2 does not fit into a "
            "byte and becomes 144. Make floats first.",
        ),
        Mistake(
            lambda images: images.float() / images.max() * 2 - 1,
            "You divided by the brightest pixel of what was given. Then a dim image and a "
            "bright one get different scales, and nobody can undo it: divide by 255.",
        ),
        Mistake(
            lambda images: images.float() / 255 - 0.5,
            "This is [−0.5, 0.5]: centered, but only half as wide as it should be.",
        ),
    ),
    hints=(
        "It takes two steps: stretch 255 to the width of the new range, then move.",
        "The new range is 2 wide and starts at −1.",
        "As floats, divide by 127.5, and take 1 away.",
    ),
    why="A straight line is fixed by two points, and these are the two ends. A straight line "
    "has a straight way back, so nothing is lost.",
    also_right=(_otherwise,),
)
