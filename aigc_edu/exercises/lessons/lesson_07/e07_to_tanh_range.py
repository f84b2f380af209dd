"""to_tanh_range(images) → float32 in [-1, 1], same shape; images are uint8"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def to_tanh_range(images: Tensor) -> Tensor:
    """Bytes 0 to 255 as float32 from -1 to 1."""
    return images.float() / 127.5 - 1


def _cases(generator: torch.Generator) -> list[Case]:
    def some(*shape: int) -> tuple[Tensor]:
        images = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
        images.view(-1)[:2] = torch.tensor([0, 255], dtype=torch.uint8)
        return (images,)

    return [
        Case("ordinary", some(4, 1, 3, 5), weight=2),
        Case("batch of one", some(1, 1, 2, 3)),
        Case("without a channel", some(3, 4, 4)),
        Case("dark images", (some(3, 1, 4, 4)[0] // 4,)),
        Case("blank images", (torch.zeros(2, 1, 3, 3, dtype=torch.uint8),)),
    ]


def _by_two_steps(images: Tensor) -> Tensor:
    unit = images.to(torch.float32).div(255.0)
    return unit.mul(2.0).sub(1.0)


@mistake(
    "Mean 0 and standard deviation 1 is another range than [-1, 1]: bright pixels end "
    "near 3, where tanh never gets."
)
def _standardized(images: Tensor) -> Tensor:
    values = images.float()
    return (values - values.mean()) / values.std().clamp(min=1e-8)


@mistake(
    "You stretch each batch to its own darkest and brightest pixel: the same image "
    "then looks different from batch to batch."
)
def _of_the_batch(images: Tensor) -> Tensor:
    values = images.float()
    span = (values.max() - values.min()).clamp(min=1.0)
    return (values - values.min()) / span * 2 - 1


EXERCISE = Exercise(
    id="7.7",
    title="Real images in the range of tanh",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=5,
    reference=to_tanh_range,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda images: images.float() / 255,
            "This is [0, 1], the listing's own range: a pixel below 0 then gives a generated "
            "image away.",
        ),
        Mistake(
            lambda images: images.float() / 255 - 0.5,
            "This goes from -½ to ½: centered, but half as wide as tanh.",
        ),
        Mistake(
            lambda images: images.float() / 127.5,
            "This goes from 0 to 2: the width is right, the middle is not.",
        ),
        Mistake(
            lambda images: images * 2 / 255 - 1,
            "A byte holds no number above 255, so doubling it first starts again at 0: bright "
            "pixels turn dark. Turn into floats before you calculate.",
        ),
        _standardized,
        _of_the_batch,
        Mistake(
            lambda images: images.float() / 128 - 1,
            "White ends at 0.992 instead of 1: the largest byte is 255, not 256.",
        ),
    ),
    hints=(
        "0 is to become -1, and 255 is to become 1: a straight line through two points.",
        "Half the width of the bytes is 127.5. Leave the bytes for floats before you calculate.",
    ),
    why="Now black is -1 and white is 1 on both sides, and only what is drawn can tell them "
    "apart. The line is fixed, so it can be undone exactly.",
    also_right=(_by_two_steps,),
)
