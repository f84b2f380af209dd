"""clean_split(groups, held) → (training, held_out): indices, rising"""

from collections.abc import Sequence

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, mistake


def clean_split(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    """The first image of each group; the last ``held`` of these are held out."""
    seen: set[int] = set()
    kept = []
    for index, group in enumerate(groups.tolist()):
        if group not in seen:
            seen.add(group)
            kept.append(index)
    first = torch.tensor(kept, dtype=torch.int64)
    return first[:-held], first[-held:]


def _cases(generator: torch.Generator) -> list[Case]:
    def case(
        name: str, pattern: list[int], held: int, weight: float = 1.0, shuffle: bool = False
    ) -> Case:
        numbers = torch.randperm(500, generator=generator)[: max(pattern) + 1]  # any numbers do
        groups = numbers[torch.tensor(pattern)]
        if shuffle:
            groups = groups[torch.randperm(len(groups), generator=generator)]
        return Case(name, (groups, held), weight=weight)

    return [
        case("ordinary", [0, 1, 2, 1, 3, 4, 0, 5, 6, 2, 7, 7, 1], 3, 2, shuffle=True),
        case("no copies", [0, 1, 2, 3, 4, 5], 2),
        case("copies only at the end", [0, 1, 2, 3, 4, 0, 1, 2], 2),
        case("many copies of one", [0, 0, 0, 0, 1, 2, 0, 3, 0], 1),
        case("copies beside each other", [0, 0, 1, 1, 2, 2, 3, 3], 2),
    ]


def _by_table(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    same = groups[:, None] == groups[None, :]  # (count, count)
    earlier = same.tril(diagonal=-1).any(dim=1)  # a copy stands before it
    kept = (~earlier).nonzero().squeeze(1)
    cut = len(kept) - held
    return kept[:cut], kept[cut:]


def _long(indices: Sequence[int]) -> Tensor:
    return torch.tensor(list(indices), dtype=torch.int64)


@mistake(
    "All copies are still there: some are trained on more often than others, and some "
    "are held out whose twin is trained on."
)
def _nothing(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    order = range(len(groups))
    return _long(order[:-held]), _long(order[-held:])


def _first_of(groups: Tensor, indices: Sequence[int]) -> list[int]:
    seen: set[int] = set()
    kept = []
    for index in indices:
        if int(groups[index]) not in seen:
            seen.add(int(groups[index]))
            kept.append(index)
    return kept


@mistake(
    "You split first and removed copies within each part. A twin on the other side of "
    "the cut is not seen that way."
)
def _first(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    order = range(len(groups))
    return _long(_first_of(groups, order[:-held])), _long(_first_of(groups, order[-held:]))


@mistake(
    "You removed copies from the training part only. Held-out images may still have a "
    "twin there, and count more than once."
)
def _train_only(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    order = range(len(groups))
    return _long(_first_of(groups, order[:-held])), _long(order[-held:])


@mistake("One of each group is left, but the last one; the first was asked for.")
def _last_kept(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    kept = sorted(_first_of(groups, range(len(groups) - 1, -1, -1)))
    return _long(kept[:-held]), _long(kept[-held:])


@mistake("You threw out every image that has a copy, the originals too. One of each should stay.")
def _no_families(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    counts = {int(group): int((groups == group).sum()) for group in groups}
    kept = [index for index, group in enumerate(groups.tolist()) if counts[group] == 1]
    return _long(kept[:-held]), _long(kept[-held:])


@mistake("The two parts are exchanged: training first.")
def _exchanged(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    train, held_out = clean_split(groups, held)
    return held_out, train


@mistake("Those are the numbers of the groups. The places of the images were asked for.")
def _numbers(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    train, held_out = clean_split(groups, held)
    return groups[train], groups[held_out]


@mistake("You held out the first ones that are left; the last ones were asked for.")
def _front(groups: Tensor, held: int) -> tuple[Tensor, Tensor]:
    kept = _first_of(groups, range(len(groups)))
    return _long(kept[held:]), _long(kept[:held])


EXERCISE = Exercise(
    id="10.5",
    title="Copies out, then the split",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=clean_split,
    cases=_cases,
    mistakes=(
        _nothing,
        _first,
        _train_only,
        _last_kept,
        _no_families,
        _exchanged,
        _numbers,
        _front,
    ),
    hints=(
        "Which comes first, so that no twin can be on both sides?",
        "Walk through the groups and keep an index where its group has not been met before. "
        "Cut what you have kept, not what you were given.",
    ),
    why="Split first, and twins end up on both sides: the held-out images then reward "
    "memorizing. Remove copies first, and each image counts once and is on one side.",
    also_right=(_by_table,),
)
