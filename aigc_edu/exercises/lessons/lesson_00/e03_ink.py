"""ink(images) → (batch,), the average brightness of each image"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake


def _ink(images: Tensor) -> Tensor:
    return images.mean(dim=(1, 2, 3))


def _cases(generator: torch.Generator) -> list[Case]:
    """Batches of images; the counts differ from the sizes, so that no axis is mistaken."""

    def images(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.rand(shape, generator=generator, dtype=dtype)

    black_and_white = torch.cat([torch.zeros(1, 1, 28, 28), torch.ones(1, 1, 28, 28)])
    return [
        Case("ordinary", (images(5, 1, 28, 28),), weight=2),
        Case("batch of one", (images(1, 1, 28, 28),)),
        Case("images that are not square", (images(4, 1, 6, 9),)),
        Case("one black and one white image", (black_and_white,)),
        Case("small images in float64", (images(3, 1, 8, 8, dtype=torch.float64),)),
    ]


def _one_by_one(images: Tensor) -> Tensor:
    return torch.stack([image.mean() for image in images])


def _flattened(images: Tensor) -> Tensor:
    return images.flatten(1).mean(1)


EXERCISE = Exercise(
    id="0.3",
    title="Ink",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=5,
    reference=_ink,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda images: images.mean(),
            "This is one number for the whole batch. Each image should get its own.",
        ),
        Mistake(
            lambda images: images.mean(dim=0),
            "You averaged over the batch: that gives the average image. Keep the first "
            "dimension and average over the others.",
        ),
        Mistake(
            lambda images: images.sum(dim=(1, 2, 3)),
            "This is a sum over the pixels, not an average: a larger image would have more "
            "ink for being larger.",
        ),
        Mistake(
            lambda images: images.mean(dim=-1),
            "You averaged over the last dimension only: that gives a number for each row of "
            "pixels. An image has rows, columns and a channel.",
        ),
        Mistake(
            lambda images: images.mean(dim=(1, 2, 3), keepdim=True),
            "The numbers are right, but they still lie in a (batch, 1, 1, 1) tensor: the "
            "averaged dimensions should be gone.",
        ),
        Mistake(
            lambda images: (images > 0.5).to(images.dtype).mean(dim=(1, 2, 3)),
            "You counted the pixels above one half. Gray pixels should count by how bright "
            "they are.",
        ),
        Mistake(
            lambda images: images.mean(dim=(1, 2, 3)) / 255,
            "You divided by 255 as well. That would be needed if the pixels went from 0 to "
            "255; these go from 0 to 1.",
        ),
    ),
    hints=(
        "`images` has the shape (batch, 1, height, width). Which of the four dimensions "
        "should be left?",
        "`mean` accepts a tuple of dimensions as `dim`; dimensions are counted from 0, and "
        "the batch is number 0.",
    ),
    why="Averaging over all dimensions but the first leaves one number an image. One value for "
    "each example is what most functions of this course return.",
    also_right=(_one_by_one, _flattened),
)
