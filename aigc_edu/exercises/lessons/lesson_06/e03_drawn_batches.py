"""The best discriminator of your batches: drawn per student."""

import math
import random
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.drawn import Drawn, Parameters


def _log_densities(generator: torch.Generator) -> list[Case]:
    def pair(
        *shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        one = torch.randn(shape, generator=generator, dtype=dtype) - 2
        return scale * one, scale * (torch.randn(shape, generator=generator, dtype=dtype) - 2)

    equal = torch.randn(4, generator=generator)
    return [
        Case("ordinary", pair(6), weight=2),
        Case("one point", pair(1)),
        Case("a grid", pair(3, 5)),
        Case("far apart", pair(4, scale=80.0)),
        Case("where both are equal", (equal, equal.clone())),
        Case("float64", pair(5, dtype=torch.float64)),
    ]


def _draw(source: random.Random) -> dict[str, Any]:
    real = source.choice([1, 2, 3, 4, 5])
    fake = source.choice([count for count in (1, 2, 3, 4, 5, 6) if count != real])
    return {"real": real, "fake": fake}


def _make(parameters: Parameters) -> Exercise:
    real: int = parameters["real"]
    fake: int = parameters["fake"]
    odds = math.log(real / fake)

    def reference(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
        return log_p_data - log_p_model + odds

    def even(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
        return log_p_data - log_p_model

    def turned(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
        return log_p_data - log_p_model - odds

    def probability(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
        return torch.sigmoid(log_p_data - log_p_model + odds)

    def ratio(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
        return (log_p_data - log_p_model).exp() * real / fake

    def in_steps(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
        return (log_p_data + math.log(real)) - (log_p_model + math.log(fake))

    return Exercise(
        id="D6.1",
        title="The best discriminator of your batches",
        kind="function",
        prompt="best_logit(log_p_data, log_p_model) → the logit, shaped as the input",
        points=3,
        difficulty=2,
        minutes=10,
        reference=reference,
        cases=_log_densities,
        mistakes=(
            Mistake(even, "This is right for batches that are half real, half generated."),
            Mistake(turned, "The share of real images is turned over."),
            Mistake(probability, "This is the probability; the logit was asked for."),
            Mistake(ratio, "This is the odds; the logit is its logarithm."),
        ),
        hints=(
            "By Bayes' rule, how likely is an image to be real before one has looked at it?",
            "The logit is the logarithm of the odds, and prior odds multiply the likelihood ratio.",
        ),
        why="Bayes' rule: the logit adds the log-odds of the batches to the log-ratio of the "
        "densities. Where both densities are equal, the best discriminator answers with the "
        "share of real images and not with one half.",
        also_right=(in_steps,),
    )


def _text(parameters: Parameters) -> str:
    return (
        f"In your batches, for every **{parameters['real']}** real images there are "
        f"**{parameters['fake']}** generated ones, and the discriminator is trained on the whole "
        "batch with one cross-entropy, each image counting the same. Given $\\log p_\\text{data}(x)"
        "$ and $\\log p_g(x)$, return the *logit* of the best discriminator. Densities can be "
        "very small: stay with logarithms."
    )


def _answer(parameters: Parameters) -> str:
    return (
        "import math\n\ndef best_logit(log_p_data, log_p_model):\n"
        f"    return math.log({parameters['real']} / {parameters['fake']}) "
        "+ (log_p_data - log_p_model)\n"
    )


DRAWN = Drawn(
    "D6.1",
    _draw,
    _make,
    _text,
    "def best_logit(log_p_data, log_p_model):\n    return TODO",
    _answer,
)
