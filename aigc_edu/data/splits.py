"""Splits that leak nothing: twins on one side, and if wanted each class in its share."""

import math
from collections.abc import Sequence

import torch


def _sizes(count: int, fractions: Sequence[float]) -> list[int]:
    """Whole numbers that sum to count, as near to the fractions as can be (largest remainder)."""
    exact = [count * fraction for fraction in fractions]
    sizes = [math.floor(value + 1e-9) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda part: sizes[part] - exact[part])
    for part in by_remainder[: count - sum(sizes)]:
        sizes[part] += 1
    return sizes


def split_indices(
    count: int,
    fractions: Sequence[float],
    seed: int = 0,
    groups: torch.Tensor | None = None,
    stratify: torch.Tensor | None = None,
) -> tuple[torch.Tensor, ...]:
    """Split ``range(count)`` at random into disjoint parts that together hold every index.

    Args:
        count: how many examples there are.
        fractions: the share of each part; they sum to 1.
        seed: decides the split.
        groups: int (count,); examples with the same number stay in one part (see
            ``duplicate_groups``). Sizes are then only as near to the fractions as whole groups
            allow.
        stratify: int (count,), usually the labels: each class gets split by the fractions.
            With ``groups`` too, a group counts for the class of its first example.

    Returns:
        For each fraction an int64 tensor of indices, rising.

    Raises:
        ValueError: if the fractions are negative or do not sum to 1, the count is negative, or
            groups or stratify have another length.

    >>> train, test = split_indices(10, (0.8, 0.2), seed=0)
    >>> len(train), len(test), sorted(train.tolist() + test.tolist()) == list(range(10))
    (8, 2, True)
    >>> parts = split_indices(4, (0.5, 0.5), groups=torch.tensor([7, 7, 3, 3]))
    >>> sorted(part.tolist() for part in parts)
    [[0, 1], [2, 3]]
    """
    if count < 0:
        raise ValueError(f"count must not be negative, but is {count}")
    if not fractions or any(not 0 <= fraction <= 1 for fraction in fractions):
        raise ValueError(f"fractions must be from 0 to 1, at least one, not {fractions}")
    if abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"fractions must sum to 1, but sum to {sum(fractions):.4g}")
    for name, given in (("groups", groups), ("stratify", stratify)):
        if given is not None and given.shape != (count,):
            raise ValueError(f"{name} must have shape ({count},), not {tuple(given.shape)}")
    generator = torch.Generator().manual_seed(seed)
    # One entry a group: which examples it holds. Without groups each example is its own.
    if groups is None:
        members = [[index] for index in range(count)]
    else:
        by_number: dict[int, list[int]] = {}
        for index, number in enumerate(groups.tolist()):
            by_number.setdefault(number, []).append(index)
        members = list(by_number.values())
    by_class: dict[int, list[list[int]]] = {}
    kinds = stratify.tolist() if stratify is not None else None
    for group in members:
        by_class.setdefault(kinds[group[0]] if kinds is not None else 0, []).append(group)

    parts: list[list[int]] = [[] for _ in fractions]
    # What earlier classes got too much or too little of is evened out by the later ones.
    owed = [0.0] * len(fractions)
    for kind in sorted(by_class):
        of_class = by_class[kind]
        total = sum(len(group) for group in of_class)
        exact = [total * fraction + debt for fraction, debt in zip(fractions, owed, strict=True)]
        wanted = _sizes(total, [max(0.0, value) / total for value in exact])
        order = torch.randperm(len(of_class), generator=generator).tolist()
        # Large groups first, so that the single examples at the end can fill every gap.
        shuffled = sorted((of_class[index] for index in order), key=len, reverse=True)
        room = list(wanted)
        for group in shuffled:
            # The part with the most room left in proportion would favor none; plain room does.
            part = max(range(len(room)), key=lambda part: room[part])
            parts[part].extend(group)
            room[part] -= len(group)
        owed = [value - (w - r) for value, w, r in zip(exact, wanted, room, strict=True)]
    return tuple(torch.tensor(sorted(part), dtype=torch.int64) for part in parts)
