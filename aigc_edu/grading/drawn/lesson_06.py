"""Lesson 06, drawn a student: how often the discriminator sees real images; its targets."""

import math
import random
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.grading.drawn import Drawn, Parameters


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


# ------------------------------------------------------------------ D6.1 your mixture


def _draw_share(source: random.Random) -> dict[str, Any]:
    real = source.choice([1, 2, 3, 4, 5])
    fake = source.choice([count for count in (1, 2, 3, 4, 5, 6) if count != real])
    return {"real": real, "fake": fake}


def _make_share(parameters: Parameters) -> Exercise:
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


def _text_share(parameters: Parameters) -> str:
    return (
        f"In your batches, for every **{parameters['real']}** real images there are "
        f"**{parameters['fake']}** generated ones, and the discriminator is trained on the whole "
        "batch with one cross-entropy, each image counting the same. Given $\\log p_\\text{data}(x)"
        "$ and $\\log p_g(x)$, return the *logit* of the best discriminator. Densities can be "
        "very small: stay with logarithms."
    )


def _answer_share(parameters: Parameters) -> str:
    return (
        "import math\n\ndef best_logit(log_p_data, log_p_model):\n"
        f"    return math.log({parameters['real']} / {parameters['fake']}) "
        "+ (log_p_data - log_p_model)\n"
    )


# ------------------------------------------------------------------ D6.2 your targets


def _draw_targets(source: random.Random) -> dict[str, Any]:
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


def _make_targets(parameters: Parameters) -> Exercise:
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


def _text_targets(parameters: Parameters) -> str:
    return (
        "Your discriminator $D(x)$ is any number, and is trained with squares instead of the "
        "cross-entropy: it minimizes $\\mathbb E_\\text{data}[(D(x) - a)^2] + \\mathbb E_g[(D(x) "
        f"- b)^2]$ with your targets $a = {parameters['real_target']:g}$ and $b = "
        f"{parameters['fake_target']:g}$. Given the two densities at some points, return the best "
        "$D$ there. At least one of the densities is positive."
    )


def _answer_targets(parameters: Parameters) -> str:
    return (
        "def best_score(p_data, p_model):\n"
        f"    a, b = {parameters['real_target']!r}, {parameters['fake_target']!r}\n"
        "    return b + (a - b) * p_data / (p_data + p_model)\n"
    )


DRAWN = [
    Drawn(
        "D6.1",
        _draw_share,
        _make_share,
        _text_share,
        "def best_logit(log_p_data, log_p_model):\n    return TODO",
        _answer_share,
    ),
    Drawn(
        "D6.2",
        _draw_targets,
        _make_targets,
        _text_targets,
        "def best_score(p_data, p_model):\n    return TODO",
        _answer_targets,
    ),
]
