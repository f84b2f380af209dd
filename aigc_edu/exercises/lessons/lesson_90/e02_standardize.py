"""standardize(x) → like x: each column with mean 0 and standard deviation 1, constant columns
0"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def standardize(x: Tensor) -> Tensor:
    """Columns with mean 0 and standard deviation 1; constant columns become 0."""
    spread = x.std(dim=0, correction=0)  # (columns,)
    spread = torch.where(spread > 0, spread, torch.ones_like(spread))
    return (x - x.mean(dim=0)) / spread


def _cases(generator: torch.Generator) -> list[Case]:
    def table(rows: int, columns: int, dtype: torch.dtype = torch.float32) -> Tensor:
        scale = torch.arange(1, columns + 1, dtype=dtype)
        return normal(generator, rows, columns, dtype=dtype) * scale + 3 * scale

    constant = table(6, 4)
    constant[:, 1], constant[:, 3] = 3.0, 0.0
    return [
        Case("ordinary", (table(7, 3),), weight=2),
        Case("as many rows as columns", (table(4, 4),)),
        Case("two rows", (table(2, 5),)),
        Case("two constant columns", (constant,)),
        Case("float64", (table(8, 2, torch.float64),)),
    ]


def _by_hand(x: Tensor) -> Tensor:
    centered = x - x.mean(dim=0, keepdim=True)
    spread = centered.square().mean(dim=0, keepdim=True).sqrt()
    return centered / spread.clamp(min=1e-12)


@mistake(
    "Now each row has mean 0 and standard deviation 1. The columns should: name the "
    "dimension that is to disappear."
)
def _rows_by_n(x: Tensor) -> Tensor:
    spread = x.std(dim=1, correction=0, keepdim=True)
    return (x - x.mean(dim=1, keepdim=True)) / spread


def _guarded(spread: Tensor) -> Tensor:
    return torch.where(spread > 0, spread, torch.ones_like(spread))


EXERCISE = Exercise(
    id="90.2",
    title="Standardize the columns",
    kind="function",
    prompt=__doc__,
    reference=standardize,
    cases=_cases,
    points=3,
    difficulty=2,
    minutes=10,
    mistakes=(
        Mistake(
            lambda x: (x - x.mean()) / x.std(),
            "One mean and one spread for the whole table: each column needs its own.",
        ),
        Mistake(
            lambda x: (x - x.mean(dim=1, keepdim=True)) / x.std(dim=1, keepdim=True),
            "You standardized the rows. The dimension that you name is the one that "
            "disappears, and here the rows shall.",
        ),
        _rows_by_n,
        Mistake(
            lambda x: (x - x.mean(dim=1)) / x.std(dim=1),
            "The mean over dim 1 has one value a row. Broadcasting compares sizes from the "
            "right, so it meets the columns: an error, or with as many rows as columns a "
            "silent mistake.",
        ),
        Mistake(
            lambda x: (x - x.mean(dim=0)) / _guarded(x.var(dim=0, correction=0)),
            "You divided by the variance. The spread in the units of x is its square root.",
        ),
        Mistake(
            lambda x: (x - x.mean(dim=0)) / _guarded(x.std(dim=0)),
            "Almost: this standard deviation divides by n − 1. That is what std does unless "
            "told otherwise (correction=0); here the mean square is to be 1.",
        ),
        Mistake(
            lambda x: (x - x.mean(dim=0)) / x.std(dim=0, correction=0),
            "A constant column has spread 0, and 0/0 is NaN. It should come out as 0.",
        ),
        Mistake(
            lambda x: (x - x.mean(dim=0)) / x.std(dim=0),
            "The axis is right; two things are missing. std divides by n − 1 unless told "
            "otherwise, and a constant column gives 0/0, which is NaN.",
        ),
        Mistake(
            lambda x: x - x.mean(dim=0),
            "The means are 0 now, but every column has kept its spread.",
        ),
    ),
    hints=(
        "The columns stay and the rows disappear: which dim is that?",
        "You need two tensors of shape (columns,): the mean and the standard deviation. "
        "Broadcasting then does the rest.",
        "torch.where(condition, this, that) puts something harmless where the spread is 0. "
        "And std divides by n − 1 unless you pass correction=0.",
    ),
    why="Reducing over dim 0 leaves one value a column, and broadcasting hands it to every "
    "row. Border pixels of the digits never change, so constant columns are no rarity.",
    also_right=(_by_hand,),
)
