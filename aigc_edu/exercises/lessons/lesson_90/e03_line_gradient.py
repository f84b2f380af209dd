"""line_gradient(weight, offset, x, y) → (derivative in weight, derivative in offset) of the
mean squared error"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def line_gradient(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    """Derivatives of mean((weight * x + offset - y)^2) in weight and offset."""
    error = weight * x + offset - y  # (batch,)
    return 2 * (error * x).mean(), 2 * error.mean()


def _cases(generator: torch.Generator) -> list[Case]:
    def line(count: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, ...]:
        x = normal(generator, count, dtype=dtype) + 1
        y = 2 * x - 1 + normal(generator, count, dtype=dtype)
        return normal(generator, dtype=dtype), normal(generator, dtype=dtype), x, y

    return [
        Case("ordinary", line(7), weight=2),
        Case("two points", line(2)),
        Case("float64", line(5, torch.float64)),
    ]


def _by_autograd(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    weight, offset = weight.detach().requires_grad_(), offset.detach().requires_grad_()
    loss = (weight * x + offset - y).square().mean()
    in_weight, in_offset = torch.autograd.grad(loss, (weight, offset))
    return in_weight, in_offset


@mistake("Half of it: the derivative of a square has a 2.")
def _without_two(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return (error * x).mean(), error.mean()


@mistake("This is the gradient of the sum over the batch. The loss is the mean.")
def _sum(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * (error * x).sum(), 2 * error.sum()


@mistake("The sign is turned: the error inside the square is prediction minus target.")
def _sign(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = y - weight * x - offset
    return 2 * (error * x).mean(), 2 * error.mean()


@mistake("The inner derivative is missing: where weight moves by 1, the prediction moves by x.")
def _without_inner(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * error.mean(), 2 * error.mean()


@mistake("The offset moves every prediction by 1, not by x.")
def _both_inner(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * (error * x).mean(), 2 * (error * x).mean()


@mistake(
    "The mean of a product is not the product of the means: multiply error and x "
    "example by example, then average."
)
def _product_of_means(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * error.mean() * x.mean(), 2 * error.mean()


@mistake("One value an example: these still have to be averaged, as the loss is.")
def _unreduced(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * error * x, 2 * error


EXERCISE = Exercise(
    id="90.3",
    title="A gradient by hand",
    kind="function",
    prompt=__doc__,
    reference=line_gradient,
    cases=_cases,
    points=3,
    difficulty=2,
    minutes=10,
    mistakes=(
        _without_two,
        _sum,
        _sign,
        _without_inner,
        _both_inner,
        _product_of_means,
        _unreduced,
    ),
    hints=(
        "Chain rule: first the square, then what is inside it.",
        "Inside the square stands error = weight · x + offset − y. How much does it change "
        "when weight changes by 1? And when offset does?",
    ),
    why="Each example contributes 2 · error times how strongly its prediction reacts: x for "
    "the weight, 1 for the offset. Backpropagation is this chain rule, done for you.",
    also_right=(_by_autograd,),
)
