"""minibatches(images, batch_size, generator) → list of (batch, ...) tensors"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def minibatches(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    """One pass over the images in a new random order, the last batch as large as is left."""
    order = torch.randperm(len(images), generator=generator)  # (count,)
    return list(torch.split(images[order], batch_size))


def _cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, count: int, batch_size: int, weight: float = 1.0) -> Case:
        images = torch.rand(count, 2, 3, generator=generator).sort(dim=0).values
        return Case(name, (images, batch_size), weight=weight)

    return [
        case("a last batch of 3", 43, 8, weight=2),
        case("batches that come out even", 40, 8),
        case("a last batch of one", 31, 10),
        case("fewer images than a batch", 21, 64),
    ]


def _run(answer: Callable[..., Any], images: torch.Tensor, batch_size: int) -> Any:
    """What does not depend on the order drawn: sizes, what is in them, and that it is drawn."""

    def one_pass(generator: torch.Generator) -> Any:
        return list(answer(images, batch_size, generator))

    generator = torch.Generator().manual_seed(5)
    first, second = one_pass(generator), one_pass(generator)
    if not all(isinstance(batch, torch.Tensor) for batch in first):
        return first
    facts: dict[str, Any] = {"shapes": [list(batch.shape) for batch in first]}
    if first and all(batch.ndim == 3 for batch in first):
        shown = torch.cat(first)
        facts["each image once"] = shown.flatten(1).sort(dim=0).values
        facts["in the order of the file"] = bool(
            len(shown) <= len(images) and shown.equal(images[: len(shown)])
        )
        facts["the same order at the next pass"] = bool(
            len(first) == len(second) and shown.equal(torch.cat(second))
        )
    return facts


def _by_steps(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    order = torch.rand(len(images), generator=generator).argsort()
    return [images[order[i : i + batch_size]] for i in range(0, len(images), batch_size)]


@mistake(
    "The last images are missing: when the count is no multiple of the batch size, a "
    "smaller batch is left over, and it was asked for."
)
def _dropped(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    order = torch.randperm(len(images), generator=generator)
    whole = len(images) // batch_size * batch_size
    return list(torch.split(images[order[:whole]], batch_size)) if whole else []


@mistake(
    "Every pass has the same order: shuffle with the generator that is given, whose state moves on."
)
def _same_order(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return list(torch.split(images[order], batch_size))


@mistake(
    "Some images come twice and others not at all: you draw with replacement. One "
    "pass shows each image once."
)
def _with_replacement(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    order = torch.randint(len(images), (len(images),), generator=generator)
    return list(torch.split(images[order], batch_size))


@mistake(
    "You cut into batch_size parts instead of parts of batch_size images: compare chunk and split."
)
def _even_parts(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    # chunk() takes a number of parts, split() a size.
    return list(images[torch.randperm(len(images), generator=generator)].chunk(batch_size))


EXERCISE = Exercise(
    id="7.4",
    title="One pass in batches",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=minibatches,
    cases=_cases,
    run=_run,
    mistakes=(
        Mistake(
            lambda images, batch_size, generator: list(
                images[torch.randperm(len(images), generator=generator)]
            ),
            "This hands out single images: the loss would be an average of one, and 128 "
            "updates would take the place of one.",
        ),
        _dropped,
        Mistake(
            lambda images, batch_size, generator: list(torch.split(images, batch_size)),
            "The images come in the order of the file. Where a file is sorted by digit, every "
            "batch would hold one digit only.",
        ),
        _same_order,
        _with_replacement,
        _even_parts,
    ),
    hints=(
        "First put all the images into a new order, then cut.",
        "torch.randperm gives an order, indexing applies it, and a tensor knows how to split "
        "itself into pieces of a given length.",
    ),
    why="A permutation shows every image once in each pass, and the last batch is as large as "
    "what is left. Nothing after it may assume that a batch holds 128 images.",
    also_right=(_by_steps,),
)
