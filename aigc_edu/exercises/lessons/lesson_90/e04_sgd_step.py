"""sgd_step(parameters, learning_rate): moves every parameter in place by its .grad and clears
it; returns nothing"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, mistake
from aigc_edu.exercises.lessons.inputs import normal


def sgd_step(parameters: Sequence[Tensor], learning_rate: float) -> None:
    """Move each parameter against its gradient, in place, and clear the gradient."""
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad  # type: ignore[operator]
            parameter.grad = None


def _cases(generator: torch.Generator) -> list[Case]:
    def pairs(*shapes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> tuple[Any, Any]:
        start = [normal(generator, *shape, dtype=dtype) for shape in shapes]
        return start, [normal(generator, *shape, dtype=dtype) for shape in shapes]

    return [
        Case("ordinary", (*pairs((3, 2), (3,)), 0.1), weight=2),
        Case("three parameters", (*pairs((4,), (2, 2), ()), 0.05)),
        Case("float64", (*pairs((5,), (1, 3), dtype=torch.float64), 0.2)),
    ]


def _run(answer: Any, start: Any, targets: Any, learning_rate: float) -> Any:
    """Three steps towards the targets: where the parameters are, and whether they still learn."""
    parameters = [tensor.clone().requires_grad_() for tensor in start]
    for _ in range(3):
        pairs = list(zip(parameters, targets, strict=True))
        loss = sum((place - target).square().sum() for place, target in pairs)
        if not loss.requires_grad:
            break
        loss.backward()
        returned = answer(parameters, learning_rate)
        if repr(returned) == "TODO":
            return returned
    return {
        "the parameters": [parameter.detach().clone() for parameter in parameters],
        "requires_grad of each": [parameter.requires_grad for parameter in parameters],
    }


def _by_torch(parameters: Sequence[Tensor], learning_rate: float) -> None:
    optimizer = torch.optim.SGD(list(parameters), lr=learning_rate)
    optimizer.step()
    optimizer.zero_grad()


def _by_data(parameters: Sequence[Tensor], learning_rate: float) -> None:
    for parameter in parameters:
        assert parameter.grad is not None
        parameter.data = parameter.data - learning_rate * parameter.grad
        parameter.grad.zero_()


@mistake(
    "The first step is right, the second is not: the old gradients are still there, "
    "and backward adds to them."
)
def _keeps_gradients(parameters: Sequence[Tensor], learning_rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad  # type: ignore[operator]


@mistake("You walk uphill. The gradient points to where the loss grows.")
def _uphill(parameters: Sequence[Tensor], learning_rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter += learning_rate * parameter.grad  # type: ignore[operator]
            parameter.grad = None


@mistake(
    "PyTorch refuses to change a parameter in place while it records. A step is "
    "bookkeeping and no part of the model: tell PyTorch not to record it."
)
def _on_the_graph(parameters: Sequence[Tensor], learning_rate: float) -> None:
    for parameter in parameters:
        parameter -= learning_rate * parameter.grad  # type: ignore[operator]
        parameter.grad = None


@mistake(
    "The parameters have not moved. Either `p = p - ...` gave the name to a new "
    "tensor and left the old one as it was, or the gradients were cleared before "
    "they were used."
)
def _does_not_move(parameters: Sequence[Tensor], learning_rate: float) -> None:
    for parameter in parameters:
        moved = parameter - learning_rate * parameter.grad  # type: ignore[operator]
        assert moved.shape == parameter.shape
        parameter.grad = None


@mistake("The learning rate is not used: this is the full gradient.")
def _full_step(parameters: Sequence[Tensor], learning_rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter -= parameter.grad  # type: ignore[arg-type]
            parameter.grad = None


@mistake("Only the first parameter moved. Does the loop end too early?")
def _first_only(parameters: Sequence[Tensor], learning_rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad  # type: ignore[operator]
            parameter.grad = None
            return


@mistake(
    "After your step the parameters no longer ask for gradients, so there is no "
    "second step. Stop the recording for the step only."
)
def _no_new_gradient(parameters: Sequence[Tensor], learning_rate: float) -> None:
    for parameter in parameters:
        parameter.requires_grad_(False)
        parameter -= learning_rate * parameter.grad  # type: ignore[operator]
        parameter.grad = None


EXERCISE = Exercise(
    id="90.4",
    title="One step of gradient descent",
    kind="function",
    prompt=__doc__,
    reference=sgd_step,
    cases=_cases,
    run=_run,
    points=4,
    difficulty=2,
    minutes=12,
    mistakes=(
        _keeps_gradients,
        _uphill,
        _on_the_graph,
        _does_not_move,
        _full_step,
        _first_only,
        _no_new_gradient,
    ),
    hints=(
        "Three things have to happen for each parameter: not recorded, moved, cleared.",
        "`with torch.no_grad():` around the loop stops the recording. `p -= ...` changes the "
        "tensor itself; `p = p - ...` makes another one.",
        "Cleared means: p.grad set to None, or zeroed in place, after it has been used.",
    ),
    why="The step changes the tensors that the model holds, outside of any recording. And "
    "since backward adds, whoever steps also has to clear.",
    also_right=(_by_torch, _by_data),
)
