"""split_by_group(groups, share, generator) → (train, test), indices of examples"""

from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, mistake


def split_by_group(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Whole groups to the test set, drawn at random."""
    numbers, group = torch.unique(groups, return_inverse=True)
    drawn = torch.randperm(len(numbers), generator=generator)[: round(share * len(numbers))]
    in_test = torch.isin(group, drawn)
    return (~in_test).nonzero().squeeze(1), in_test.nonzero().squeeze(1)


def _cases(generator: torch.Generator) -> list[Case]:
    def groups(kinds: int, count: int) -> Tensor:
        return torch.randint(0, kinds, (count,), generator=generator)

    def share() -> float:
        return 0.15 + 0.25 * float(torch.rand((), generator=generator))

    def seed() -> int:
        return int(torch.randint(0, 10_000, (), generator=generator))

    return [
        Case("ordinary", (groups(25, 60), share(), seed()), weight=2),
        Case("numbers far apart", (1000 * groups(15, 40) + 500, share(), seed())),
        Case("few large groups", (groups(9, 90), share(), seed())),
        Case("nobody has a twin", (torch.randperm(30, generator=generator), share(), seed())),
    ]


def _run(answer: Any, groups: Any, share: Any, seed: Any) -> Any:
    """Any draw is right: what is compared does not depend on it."""

    def draw(seed: int) -> list[list[int]]:
        train, test = answer(groups.clone(), share, torch.Generator().manual_seed(seed))
        return [sorted(int(i) for i in part) for part in (train, test)]

    train, test = draw(seed)
    listed = train + test
    valid = [i for i in listed if 0 <= i < len(groups)]
    in_train = {int(groups[i]) for i in train if 0 <= i < len(groups)}
    in_test = {int(groups[i]) for i in test if 0 <= i < len(groups)}
    whole = len(valid) == len(listed) == len(set(listed)) == len(groups)
    leaks = whole and bool(in_train & in_test)
    return {
        "numbers that are no example": len(listed) - len(valid),
        "examples listed twice": len(valid) - len(set(valid)),
        "examples missing": len(groups) - len(set(valid)),
        "a group stands on both sides": leaks,
        "groups in the test set": len(in_test) if whole and not leaks else -1,
        # Several times: one draw of few groups may come out alike by chance.
        "the same seed gives the same split": all(draw(seed) == [train, test] for _ in range(4)),
        "other seeds give other splits": any(draw(seed + i) != [train, test] for i in range(1, 6)),
    }


def _by_shuffled_list(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    numbers = sorted(set(groups.tolist()))
    order = torch.rand(len(numbers), generator=generator).argsort().tolist()
    chosen = {numbers[i] for i in order[: round(share * len(numbers))]}
    train = [i for i, number in enumerate(groups.tolist()) if number not in chosen]
    test = [i for i, number in enumerate(groups.tolist()) if number in chosen]
    return torch.tensor(train), torch.tensor(test)


@mistake(
    "You split the examples, so twins stand on both sides. Draw groups, and let "
    "every example follow its group."
)
def _examples(groups: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    order = torch.randperm(len(groups), generator=generator)
    size = round(share * len(groups))
    return order[size:], order[:size]


@mistake(
    "Another seed gives the same split: nothing is drawn. If the data are sorted, "
    "the first groups are not like the rest; use the generator."
)
def _first(groups: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    numbers, group = torch.unique(groups, return_inverse=True)
    in_test = group < round(share * len(numbers))
    return (~in_test).nonzero().squeeze(1), in_test.nonzero().squeeze(1)


@mistake(
    "The two parts are exchanged: share is that of the test set, and the training set comes first."
)
def _swapped(groups: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    train, test = split_by_group(groups, share, generator)
    return test, train


@mistake(
    "You return the numbers of the groups. Asked are the indices of the examples "
    "that belong to them."
)
def _numbers(groups: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    numbers = torch.unique(groups)
    order = numbers[torch.randperm(len(numbers), generator=generator)]
    size = round(share * len(numbers))
    return order[size:], order[:size]


@mistake(
    "Too many groups in the test set: share × the number of *examples* is drawn "
    "where share × the number of *groups* is asked."
)
def _counts_examples(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    numbers = torch.unique(groups)
    order = numbers[torch.randperm(len(numbers), generator=generator)]
    in_test = torch.isin(groups, order[: round(share * len(groups))])
    return (~in_test).nonzero().squeeze(1), in_test.nonzero().squeeze(1)


@mistake(
    "No leak, but the same generator gives another split each time: the draw doesn't "
    "use it, so nobody can repeat your split."
)
def _without_generator(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    own = torch.Generator().manual_seed(int(torch.randint(0, 2**31, ())))
    return split_by_group(groups, share, own)


@mistake(
    "No leak, but one example of each group is all that is left. Each example has "
    "to be on one of the two sides."
)
def _drops(groups: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    listed = groups.tolist()
    first = torch.tensor([i for i, number in enumerate(listed) if number not in listed[:i]])
    order = first[torch.randperm(len(first), generator=generator)]
    size = round(share * len(first))
    return order[size:], order[:size]


EXERCISE = Exercise(
    id="1.6",
    title="A split that keeps families together",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=15,
    reference=split_by_group,
    cases=_cases,
    run=_run,
    mistakes=(
        _examples,
        _first,
        _swapped,
        _numbers,
        _counts_examples,
        _without_generator,
        _drops,
    ),
    hints=(
        "First decide for the groups, then look up each example's group.",
        "torch.unique gives the groups that occur; torch.randperm with the generator puts "
        "them in random order; take the first round(share × how many) of them.",
        "torch.isin(groups, chosen) is True for the examples of the test set, and nonzero "
        "turns that into indices.",
    ),
    why="Drawing groups makes a leak impossible rather than unlikely. The price is that the "
    "test set's size is only about what was asked, since groups differ in size.",
    also_right=(_by_shuffled_list,),
)
