"""snapshot(model, optimizer, generator) → dict with "model", "optimizer", "generator" """

import copy
import io
from typing import Any

import torch
from torch import Tensor, nn

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def snapshot(
    model: nn.Module, optimizer: torch.optim.Optimizer, generator: torch.Generator
) -> dict[str, Any]:
    """All that training needs to go on as if it had never stopped."""
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "generator": generator.get_state(),
    }


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(rows: int, columns: int, count: int) -> tuple[Tensor, Tensor]:
        return normal(generator, rows, columns), normal(generator, count, columns)

    return [
        Case("ordinary", (*pair(3, 2, 6), "Adam", 7), weight=2),
        Case("another size and seed", (*pair(2, 5, 4), "Adam", 11)),
        Case("SGD with momentum", (*pair(4, 3, 5), "SGD", 3)),
    ]


def _run(answer: Any, weight: Tensor, data: Tensor, kind: str, seed: int) -> Any:
    def build() -> Any:
        model = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            model.weight.copy_(weight)
            model.bias.zero_()
        if kind == "Adam":
            return model, torch.optim.Adam(model.parameters(), lr=0.05)
        return model, torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)

    def train(model: Any, optimizer: Any, generator: torch.Generator, steps: int) -> None:
        for _ in range(steps):
            noise = torch.randn(data.shape, generator=generator)
            loss = (model(data + noise) - 1).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    model, optimizer = build()
    generator = torch.Generator().manual_seed(seed)
    train(model, optimizer, generator, 5)
    kept = answer(model, optimizer, generator)
    train(model, optimizer, generator, 4)  # the first run goes on: what was kept must not move

    # Another day: everything new, and then what was kept is put back.
    again, optimizer_again = build()
    generator_again = torch.Generator().manual_seed(0)
    if "model" in kept:
        again.load_state_dict(kept["model"])
    if "optimizer" in kept:
        optimizer_again.load_state_dict(kept["optimizer"])
    if "generator" in kept:
        state = kept["generator"]
        generator_again.set_state(state.get_state() if hasattr(state, "get_state") else state)
    train(again, optimizer_again, generator_again, 4)
    return {
        "the run that never stopped": model.weight.detach(),
        "the resumed run": again.weight.detach(),
    }


def _by_file(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    file = io.BytesIO()
    states = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**states, "generator": generator.get_state()}, file)
    file.seek(0)
    kept: dict[str, Any] = torch.load(file, weights_only=True)
    return kept


@mistake(
    "The optimizer is missing. Its averages of past gradients start from zero, so the "
    "first steps after the resume are different ones."
)
def _without_optimizer(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    kept = snapshot(model, optimizer, generator)
    del kept["optimizer"]
    return kept


@mistake("The generator is missing: after the resume other noise is drawn.")
def _without_generator(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    kept = snapshot(model, optimizer, generator)
    del kept["generator"]
    return kept


@mistake("You kept the seed, not the state: the noise begins again at its first draw.")
def _seed(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    anew = torch.Generator().manual_seed(generator.initial_seed())
    return {**snapshot(model, optimizer, generator), "generator": anew.get_state()}


EXERCISE = Exercise(
    id="5.7",
    title="Stop today, go on tomorrow",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=snapshot,
    cases=_cases,
    run=_run,
    mistakes=(
        Mistake(
            lambda model, optimizer, generator: {"model": copy.deepcopy(model.state_dict())},
            "Only the weights were kept. The optimizer starts without its memory, and the "
            "noise is another: the run goes on, but not as it would have.",
        ),
        _without_optimizer,
        _without_generator,
        Mistake(
            lambda model, optimizer, generator: {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "generator": generator.get_state(),
            },
            "state_dict() hands out the very tensors that training goes on changing. Your "
            "snapshot moved along with the run; copy them.",
        ),
        Mistake(
            lambda model, optimizer, generator: {
                **snapshot(model, optimizer, generator),
                "optimizer": optimizer.state_dict(),
            },
            "The weights are copied, the optimizer's averages are not: they moved along with "
            "the run.",
        ),
        _seed,
        Mistake(
            lambda model, optimizer, generator: {
                **snapshot(model, optimizer, generator),
                "generator": generator,
            },
            "You kept the generator itself, and it went on drawing. Keep its state.",
        ),
    ),
    hints=(
        "Three things have a state. Models and optimizers give theirs by state_dict(), a "
        "generator by get_state().",
        "Training goes on after the snapshot. Do the tensors in your dict change then?",
        "copy.deepcopy makes a copy of a dict with all tensors in it; get_state() is one already.",
    ),
    why="Weights, the optimizer's averages and the state of every source of noise: with all "
    "three the resumed run repeats the other bit by bit. A file does the copying by itself, "
    "but must be written so that a crash in the middle leaves the old one whole.",
    also_right=(_by_file,),
)
