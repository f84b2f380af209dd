"""largest_singular_value(weight, start, steps) → a number, as a tensor"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def largest_singular_value(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    """The largest singular value of a layer's weights, as a matrix (out, rest), by iteration."""
    matrix = weight.flatten(1)  # (out, rest)
    u = start
    v = F.normalize(matrix.mT @ u, dim=0)
    for _ in range(steps):
        v = F.normalize(matrix.mT @ u, dim=0)  # (rest,)
        u = F.normalize(matrix @ v, dim=0)  # (out,)
    value: Tensor = u @ matrix @ v
    return value


def _cases(generator: torch.Generator) -> list[Case]:
    def weights(*shape: int, first: float, second: float) -> Tensor:
        """Weights whose two largest singular values are these, in directions of chance."""
        rows, rest = shape[0], int(torch.tensor(shape[1:]).prod())
        rank = min(rows, rest)
        left = torch.linalg.qr(torch.randn(rows, rank, generator=generator)).Q
        right = torch.linalg.qr(torch.randn(rest, rank, generator=generator)).Q
        values = torch.linspace(second, 0.1, rank)
        values = torch.cat([torch.tensor([first]), values[: rank - 1]])
        made: Tensor = left * values @ right.mT  # (out, rest)
        return made.reshape(shape)

    def start(size: int) -> Tensor:
        drawn = torch.randn(size, generator=generator)
        return torch.where(drawn.abs() < 0.3, drawn.sign() * 0.3, drawn)

    return [
        Case(
            "a fully connected layer", (weights(5, 7, first=3, second=1.2), start(5), 40), weight=2
        ),
        Case("a convolution", (weights(6, 3, 2, 4, first=2.5, second=1), start(6), 40)),
        Case("one output", (weights(1, 9, first=1.7, second=0.5), start(1), 3)),
        Case("small weights", (1e-3 * weights(4, 3, 3, 3, first=2, second=1), start(4), 40)),
        Case("few steps: an estimate", (weights(5, 6, first=2, second=1.9), start(5), 2)),
        Case("a start of another length", (weights(5, 7, first=3, second=1), 50 * start(5), 40)),
    ]


def _run(answer: Callable[..., Any], weight: torch.Tensor, start: torch.Tensor, steps: int) -> Any:
    """The estimate as a number of no dimension."""
    found = answer(weight, start, steps)
    return found.reshape(()) if isinstance(found, torch.Tensor) and found.numel() == 1 else found


def _by_gram(weight: Tensor, start: Tensor, steps: int) -> Any:
    matrix = weight.reshape(len(weight), -1)
    gram, u = matrix @ matrix.mT, start / start.norm()
    for _ in range(steps - 1):
        u = gram @ u
        u = u / u.norm()
    v = matrix.mT @ u
    # |W v| for the unit v is what u W v is after the last half step.
    return (matrix @ (v / v.norm())).norm()


@mistake(
    "Nothing brings the vectors back to length 1, so they grow or shrink at each step, "
    "and the result with them."
)
def _not_normalized(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    matrix, u = weight.flatten(1), start
    v = matrix.mT @ u
    for _ in range(steps):
        v = matrix.mT @ u
        u = matrix @ v
    return u @ matrix @ v


@mistake(
    "You took each place of the kernel as a matrix of its own. The paper lays all of "
    "one output's weights in one row: (out, in × kernel × kernel)."
)
def _other_matrix(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    # One matrix for each place in the kernel, and the largest of all of them.
    return (
        torch.linalg.matrix_norm(weight.flatten(2).movedim(2, 0), 2).max()
        if (weight.ndim > 2)
        else largest_singular_value(weight, start, steps)
    )


@mistake(
    "The start is used once and never improved: there must be steps in which u and v take turns."
)
def _one_sided(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    matrix = weight.flatten(1)
    u = F.normalize(start, dim=0)
    v = F.normalize(matrix.mT @ u, dim=0)
    return u @ matrix @ v


EXERCISE = Exercise(
    id="8.6",
    title="The largest singular value",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=3,
    minutes=15,
    reference=largest_singular_value,
    cases=_cases,
    run=_run,
    tolerance=(1e-3, 1e-7),
    mistakes=(
        Mistake(
            lambda weight, start, steps: largest_singular_value(weight, start, steps).square(),
            "This is the square: the largest eigenvalue of the matrix times its transpose.",
        ),
        Mistake(
            lambda weight, start, steps: weight.norm(),
            "This is the root of the sum of all squared weights, and so of all squared "
            "singular values, not of the largest.",
        ),
        _not_normalized,
        _other_matrix,
        _one_sided,
        Mistake(
            lambda weight, start, steps: weight.abs().max(),
            "This is the largest single weight. The singular value says how much the layer can "
            "stretch a whole vector.",
        ),
    ),
    hints=(
        "Multiply a vector by the matrix and its transpose, again and again: which direction wins?",
        "At each step v is the transpose times u and u is the matrix times v, both brought to "
        "length 1. At the end the value is u times the matrix times v.",
    ),
    why="Each step multiplies the direction that is stretched most by the largest ratio, so it "
    "wins. PyTorch does one step a training step and keeps u, because weights move little.",
    also_right=(_by_gram,),
)
