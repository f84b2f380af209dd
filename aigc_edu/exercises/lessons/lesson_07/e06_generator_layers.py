"""generator_layers(sizes) → nn.Sequential, LeakyReLU(0.2) between layers, tanh last"""

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def generator_layers(sizes: list[int]) -> nn.Sequential:
    """Linear layers of these sizes, LeakyReLU(0.2) between every two, tanh at the end."""
    layers: list[nn.Module] = []
    for size_in, size_out in itertools.pairwise(sizes):
        layers += [nn.Linear(size_in, size_out), nn.LeakyReLU(0.2)]
    layers[-1] = nn.Tanh()
    return nn.Sequential(*layers)


def _cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, batch: int, sizes: list[int], weight: float = 1.0) -> Case:
        return Case(name, (torch.randn(batch, sizes[0], generator=generator), sizes), weight=weight)

    return [
        case("ordinary", 6, [5, 7, 8, 9, 4], weight=2),
        case("batch of one", 1, [3, 6, 5, 8]),
        case("one hidden layer", 4, [3, 6, 2]),
        case("no hidden layer", 4, [3, 5]),
    ]


def _run(answer: Callable[..., Any], latent: torch.Tensor, sizes: list[int]) -> Any:
    """Fill the weights with fixed numbers and use the network."""
    network = answer(list(sizes))
    if isinstance(network, list | tuple):
        raise TypeError("a list of layers is no network yet: nn.Sequential makes one of them")
    if not isinstance(network, nn.Module):
        return network
    draws = torch.Generator().manual_seed(3)
    shapes = []
    with torch.no_grad():
        for weights in network.parameters():
            weights.copy_(torch.randn(weights.shape, generator=draws))
            shapes.append(list(weights.shape))
    return {"weights": shapes, "output": network(latent)}


def _by_loop(sizes: list[int]) -> nn.Sequential:
    network = nn.Sequential()
    for index in range(len(sizes) - 1):
        network.append(nn.Linear(sizes[index], sizes[index + 1]))
        last = index == len(sizes) - 2
        network.append(nn.Tanh() if last else nn.LeakyReLU(negative_slope=0.2))
    return network


def _stack(sizes: list[int], between: list[nn.Module | None], last: nn.Module) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index, (size_in, size_out) in enumerate(itertools.pairwise(sizes)):
        layers.append(nn.Linear(size_in, size_out))
        if index < len(sizes) - 2:
            layers += [each for each in [between[min(index, len(between) - 1)]] if each is not None]
    return nn.Sequential(*layers, last)


@mistake(
    "There is a LeakyReLU right before the tanh as well: it shrinks everything that "
    "should become black, so that no pixel gets below about -0.2 easily."
)
def _before_tanh(sizes: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size_in, size_out in itertools.pairwise(sizes):
        layers += [nn.Linear(size_in, size_out), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Tanh())


EXERCISE = Exercise(
    id="7.6",
    title="Layers that do not fold into one",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=generator_layers,
    cases=_cases,
    run=_run,
    mistakes=(
        Mistake(
            lambda sizes: _stack(sizes, [nn.LeakyReLU(0.2), None], nn.Tanh()),
            "Only the first layer has an activation: the rest still folds into one affine map.",
        ),
        Mistake(
            lambda sizes: _stack(sizes, [None], nn.Tanh()),
            "There is no activation between the layers at all: before the tanh this is one "
            "affine map of the noise.",
        ),
        _before_tanh,
        Mistake(
            lambda sizes: _stack(sizes, [nn.LeakyReLU(0.2)], nn.Identity()),
            "The last layer's output goes anywhere: tanh is missing, which keeps pixels in "
            "[-1, 1].",
        ),
        Mistake(
            lambda sizes: _stack(sizes, [nn.LeakyReLU(0.2)], nn.Sigmoid()),
            "A sigmoid ends in [0, 1]; the real images will be in [-1, 1].",
        ),
        Mistake(
            lambda sizes: _stack(sizes, [nn.LeakyReLU()], nn.Tanh()),
            "LeakyReLU without an argument has the slope 0.01, not 0.2.",
        ),
        Mistake(
            lambda sizes: _stack(sizes, [nn.Tanh()], nn.Tanh()),
            "You put tanh between all the layers: it bends, but it is flat at both ends and "
            "lets little gradient through. LeakyReLU was asked for.",
        ),
    ),
    hints=(
        "Walk over neighboring pairs of sizes; only the last pair is special.",
        "nn.Sequential takes the layers as separate arguments: collect them in a list and "
        "unpack it with a star.",
    ),
    why="One bend between every two affine maps keeps them from folding into one. The last "
    "bend is a tanh, because the images are to lie in [-1, 1].",
    also_right=(_by_loop,),
)
