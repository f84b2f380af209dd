"""join(real, fake) → (n + m, 1, 28, 28); real is (n, 28, 28), fake (m, 784)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake


def join(real: Tensor, fake: Tensor) -> Tensor:
    """(n, 28, 28) real and (m, 784) generated images: (n + m, 1, 28, 28), real ones first."""
    return torch.cat([real.reshape(-1, 1, 28, 28), fake.reshape(-1, 1, 28, 28)])


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(real: int, fake: int) -> tuple[Tensor, Tensor]:
        return (
            torch.rand(real, 28, 28, generator=generator),
            torch.rand(fake, 784, generator=generator),
        )

    return [
        Case("ordinary", pair(3, 3), weight=2),
        Case("a smaller last batch of real images", pair(2, 5)),
        Case("one of each", pair(1, 1)),
    ]


def _by_unflatten(real: Tensor, fake: Tensor) -> Tensor:
    return torch.cat([real.flatten(1), fake], dim=0)[:, None].view(-1, 1, 28, 28)


EXERCISE = Exercise(
    id="7.8",
    title="Two shapes, one batch",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=5,
    reference=join,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda real, fake: torch.cat(
                [fake.reshape(-1, 1, 28, 28), real.reshape(-1, 1, 28, 28)]
            ),
            "The generated images come first: labels made for real ones first would then all "
            "be wrong.",
        ),
        Mistake(
            lambda real, fake: torch.cat([real, fake.reshape(-1, 28, 28)]),
            "The channel is missing: one image is (1, 28, 28) in this course, also when it is "
            "gray.",
        ),
        Mistake(
            lambda real, fake: torch.cat([real.flatten(1), fake]),
            "These are vectors of 784: images were asked for.",
        ),
        Mistake(
            lambda real, fake: torch.cat([real.unsqueeze(1), fake.reshape(-1, 1, 28, 28).mT]),
            "The generated images lie on their side: rows and columns are exchanged.",
        ),
        Mistake(
            lambda real, fake: torch.cat(
                [real.reshape(-1, 1, 28, 28), fake.reshape(-1, 1, 28, 28)], dim=1
            ),
            "You put the images on top of each other as channels. They are to stand one "
            "after the other, along the batch.",
        ),
        Mistake(
            lambda real, fake: torch.cat([real, fake]),
            "This is the listing's own line: a table of three dimensions and one of two do "
            "not fit together.",
        ),
    ),
    hints=(
        "Bring both to the same shape first.",
        "A reshape to (-1, 1, 28, 28) serves both; torch.cat works along the first dimension "
        "by itself.",
    ),
    why="Both sides have one shape before they meet, whatever their number. Reading 784 "
    "numbers row by row is the same order in which the image was flattened.",
    also_right=(_by_unflatten,),
)
