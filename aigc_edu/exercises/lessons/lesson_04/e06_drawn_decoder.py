"""The likelihood of your decoder: drawn per student."""

import math
import random
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.drawn import Drawn, Parameters


def _draw(source: random.Random) -> dict[str, Any]:
    return {
        "family": source.choice(["Gaussian", "Laplace"]),
        "spread": source.choice([0.05, 0.1, 0.2, 0.3, 0.4, 0.6]),
    }


def _image_cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        one = torch.rand(shape, generator=generator, dtype=dtype)
        return one, torch.rand(shape, generator=generator, dtype=dtype)

    same = torch.rand(2, 5, generator=generator)
    return [
        Case("ordinary", pair(5, 8), weight=2),
        Case("batch of one", pair(1, 7)),
        Case("images", pair(3, 1, 4, 6)),
        Case("rebuilt exactly", (same, same.clone())),
        Case("float64", pair(4, 3, dtype=torch.float64)),
    ]


def _make(parameters: Parameters) -> Exercise:
    spread, gaussian = parameters["spread"], parameters["family"] == "Gaussian"

    def parts(x: Tensor, reconstruction: Tensor, scale: float) -> Tensor:
        difference = x - reconstruction
        if gaussian:
            constant = 0.5 * math.log(2 * math.pi) + math.log(scale)
            return -0.5 * (difference / scale) ** 2 - constant
        return -difference.abs() / scale - math.log(2 * scale)

    def reference(x: Tensor, reconstruction: Tensor) -> Tensor:
        return parts(x, reconstruction, spread).flatten(1).sum(1)  # (batch,)

    def averaged(x: Tensor, reconstruction: Tensor) -> Tensor:
        return parts(x, reconstruction, spread).flatten(1).mean(1)

    def negative(x: Tensor, reconstruction: Tensor) -> Tensor:
        return -reference(x, reconstruction)

    def without_constant(x: Tensor, reconstruction: Tensor) -> Tensor:
        constant = parts(x, x, spread)
        return (parts(x, reconstruction, spread) - constant).flatten(1).sum(1)

    def unit_spread(x: Tensor, reconstruction: Tensor) -> Tensor:
        return parts(x, reconstruction, 1.0).flatten(1).sum(1)

    def by_torch(x: Tensor, reconstruction: Tensor) -> Tensor:
        family: Any = torch.distributions.Normal if gaussian else torch.distributions.Laplace
        found: Tensor = family(reconstruction, spread).log_prob(x).flatten(1).sum(1)
        return found

    return Exercise(
        id="D4.2",
        title="The likelihood of your decoder",
        kind="function",
        prompt="log_likelihood(x, reconstruction) → (batch,), in nats",
        points=3,
        difficulty=2,
        minutes=10,
        reference=reference,
        cases=_image_cases,
        gradient=True,
        mistakes=(
            Mistake(averaged, "You averaged over the pixels; a log-likelihood is their sum."),
            Mistake(negative, "This is a loss: the sign is turned."),
            Mistake(
                without_constant,
                "The normalizing constant is missing: the density does not integrate to one.",
            ),
            Mistake(unit_spread, "Your decoder's spread is not in it: this is for a spread of 1."),
        ),
        hints=(
            "The pixels are independent given the latent: what happens to a logarithm then?",
            "A density has a constant in front that makes it integrate to one, and the constant "
            "depends on the spread.",
        ),
        why="Squared and absolute errors are two decoders, not two tastes. The constant matters "
        "as soon as spreads are compared or learned.",
        also_right=(by_torch,),
    )


def _text(parameters: Parameters) -> str:
    what = "standard deviation" if parameters["family"] == "Gaussian" else "scale $b$"
    return (
        f"Your decoder says that each pixel is **{parameters['family']}**, independently, around "
        f"the reconstruction, with {what} **{parameters['spread']:g}**. `x` and `reconstruction` "
        "have the same shape, (batch, ...). Return $\\log p(x \\mid z)$ in nats, one value an "
        "example, with every constant."
    )


def _answer(parameters: Parameters) -> str:
    name = "Normal" if parameters["family"] == "Gaussian" else "Laplace"
    return (
        f"from torch.distributions import {name}\n\ndef log_likelihood(x, reconstruction):\n"
        f"    pixel = {name}(reconstruction, {parameters['spread']!r}).log_prob(x)\n"
        "    return pixel.flatten(1).sum(1)\n"
    )


DRAWN = Drawn(
    "D4.2",
    _draw,
    _make,
    _text,
    "def log_likelihood(x, reconstruction):\n    return TODO",
    _answer,
)
