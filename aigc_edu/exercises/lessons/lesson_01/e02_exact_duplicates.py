"""exact_duplicates(images) → int64 (found,): the images that repeat an earlier one"""

import torch
from torch import Tensor

from aigc_edu.data import find_exact_duplicates
from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.lesson_01.shared import random_bytes


def _cases(generator: torch.Generator) -> list[Case]:
    def drawn(kinds: int, count: int, side: int) -> Tensor:
        """So many images, drawn from a few: twins, triplets and singles in any order."""
        few = random_bytes(generator, kinds, 1, side, side)
        return few[torch.randint(0, kinds, (count,), generator=generator)]

    one = random_bytes(generator, 1, 1, 4, 4)
    turned = torch.cat([one, one.flip(3), one.flip(2), one.flip(2).flip(3), one])
    twice = random_bytes(generator, 5, 1, 3, 3).repeat(2, 1, 1, 1)
    return [
        Case("ordinary", (drawn(7, 12, 3),), weight=2),
        Case("the same pixels in another order", (turned[torch.randperm(5, generator=generator)],)),
        Case("no twins", (random_bytes(generator, 6, 1, 5, 5),)),
        Case("a whole set twice", (twice,)),
        Case("many of a few", (drawn(3, 15, 2),)),
    ]


def _by_unique(images: Tensor) -> Tensor:
    _, number = torch.unique(images.flatten(1), dim=0, return_inverse=True)
    same = number[:, None] == number[None]  # (count, count)
    found: Tensor = same.tril(diagonal=-1).any(dim=1).nonzero().squeeze(1)
    return found


@mistake(
    "You return all members of each family, the first one too. Throw these out and "
    "nothing of the family is left: keep the earliest."
)
def _all(images: Tensor) -> Tensor:
    _, number, count = torch.unique(
        images.flatten(1), dim=0, return_inverse=True, return_counts=True
    )
    found: Tensor = (count[number] > 1).nonzero().squeeze(1)
    return found


@mistake(
    "You return the images that come back later. Asked are the later ones: the "
    "first of each family is the one to keep."
)
def _first(images: Tensor) -> Tensor:
    rows = [row.tolist() for row in images.flatten(1)]
    first = [i for i, row in enumerate(rows) if row not in rows[:i] and row in rows[i + 1 :]]
    return torch.tensor(first, dtype=torch.int64)


@mistake("You compare only with the image just before. A twin may stand anywhere earlier.")
def _neighbors(images: Tensor) -> Tensor:
    same = (images[1:] == images[:-1]).flatten(1).all(dim=1)
    return same.nonzero().squeeze(1) + 1


@mistake(
    "Two images with the same sum of pixels are not yet the same image: the mirror "
    "image has the same sum. Compare all of the pixels."
)
def _by_sum(images: Tensor) -> Tensor:
    sums = images.flatten(1).long().sum(1).tolist()
    again = [i for i, value in enumerate(sums) if value in sums[:i]]
    return torch.tensor(again, dtype=torch.int64)


@mistake("These are the images to keep. Asked are those to throw out.")
def _kept(images: Tensor) -> Tensor:
    again = set(find_exact_duplicates(images).tolist())
    return torch.tensor([i for i in range(len(images)) if i not in again], dtype=torch.int64)


@mistake(
    "This is a mask of True and False. Asked are the indices: nonzero turns one into the other."
)
def _mask(images: Tensor) -> Tensor:
    mask = torch.zeros(len(images), dtype=torch.bool)
    mask[find_exact_duplicates(images)] = True
    return mask


EXERCISE = Exercise(
    id="1.2",
    title="Exact duplicates",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=find_exact_duplicates,
    cases=_cases,
    mistakes=(
        _all,
        _first,
        _neighbors,
        _by_sum,
        _kept,
        _mask,
        Mistake(
            lambda images: torch.tensor(find_exact_duplicates(images).tolist()),
            "Right, except where nothing is found: torch.tensor([]) is float32, since an "
            "empty list doesn't say what it holds. Name the dtype.",
        ),
    ),
    hints=(
        "Walk through the images once and remember what you have seen.",
        "A Python set answers “seen before?” at once, but it needs something that can be "
        "hashed: the bytes of an image, as a bytes object or as a tuple of numbers.",
        "Go through the indices; if the bytes are in the set, note the index; then add the "
        "bytes. At the end make an int64 tensor, also where it is empty.",
    ),
    why="A set finds a known image in constant time, so 20,000 images cost 20,000 look-ups "
    "instead of 200 million comparisons. It finds only what is equal to the last bit; one "
    "pixel off by one, and it sees two images.",
    also_right=(_by_unique,),
)
