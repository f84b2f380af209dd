"""The best discriminator for your targets: drawn per student."""

import random
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.drawn import Drawn, Parameters


def _draw(source: random.Random) -> dict[str, Any]:
    real = source.choice([0.8, 0.9, 1.5, 2.0])
    return {"real_target": real, "fake_target": source.choice([-1.0, -0.5, 0.1, 0.25])}


def _densities(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        one = torch.rand(shape, generator=generator, dtype=dtype) + 0.05
        return one, torch.rand(shape, generator=generator, dtype=dtype) + 0.05

    only = torch.rand(3, generator=generator) + 0.1
    return [
        Case("ordinary", pair(6), weight=2),
        Case("one point", pair(1)),
        Case("a grid", pair(4, 3)),
        Case("only real data here", (only, torch.zeros(3))),
        Case("float64", pair(5, dtype=torch.float64)),
    ]


def _make(parameters: Parameters) -> Exercise:
    real: float = parameters["real_target"]
    fake: float = parameters["fake_target"]

    def reference(p_data: Tensor, p_model: Tensor) -> Tensor:
        return (real * p_data + fake * p_model) / (p_data + p_model)

    def turned(p_data: Tensor, p_model: Tensor) -> Tensor:
        return (fake * p_data + real * p_model) / (p_data + p_model)

    def zero_one(p_data: Tensor, p_model: Tensor) -> Tensor:
        return p_data / (p_data + p_model)

    def unnormalized(p_data: Tensor, p_model: Tensor) -> Tensor:
        return real * p_data + fake * p_model

    def in_steps(p_data: Tensor, p_model: Tensor) -> Tensor:
        share = p_data / (p_data + p_model)
        return fake + (real - fake) * share

    return Exercise(
        id="D6.2",
        title="The best discriminator for your targets",
        kind="function",
        prompt="best_score(p_data, p_model) → the score, shaped as the input",
        points=3,
        difficulty=2,
        minutes=10,
        reference=reference,
        cases=_densities,
        mistakes=(
            Mistake(turned, "The two targets are exchanged."),
            Mistake(zero_one, "This is for the targets 1 and 0, or for the cross-entropy."),
            Mistake(
                unnormalized,
                "Not yet an average: the two weights must add up to one at every point.",
            ),
        ),
        hints=(
            "At one point x the loss is a weighted sum of two squares. Where is its minimum?",
            "It is the average of the two targets, weighted with the two densities.",
        ),
        why="With squares the best score at a point is the average of the targets, weighted with "
        "the densities (Mao et al. 2017, least-squares GAN). With the targets 1 and 0 it is the "
        "D* of this lesson.",
        also_right=(in_steps,),
    )


def _text(parameters: Parameters) -> str:
    return (
        "Your discriminator $D(x)$ is any number, and is trained with squares instead of the "
        "cross-entropy: it minimizes $\\mathbb E_\\text{data}[(D(x) - a)^2] + \\mathbb E_g[(D(x) "
        f"- b)^2]$ with your targets $a = {parameters['real_target']:g}$ and $b = "
        f"{parameters['fake_target']:g}$. Given the two densities at some points, return the best "
        "$D$ there. At least one of the densities is positive."
    )


def _answer(parameters: Parameters) -> str:
    return (
        "def best_score(p_data, p_model):\n"
        f"    a, b = {parameters['real_target']!r}, {parameters['fake_target']!r}\n"
        "    return b + (a - b) * p_data / (p_data + p_model)\n"
    )


DRAWN = Drawn(
    "D6.2",
    _draw,
    _make,
    _text,
    "def best_score(p_data, p_model):\n    return TODO",
    _answer,
)
