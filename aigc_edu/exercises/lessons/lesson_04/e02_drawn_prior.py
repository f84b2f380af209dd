"""The price of a latent under your prior: drawn per student."""

import math
import random
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.drawn import Drawn, Parameters
from aigc_edu.exercises.lessons.inputs import normal

UNITS = {"nats": 1.0, "bits": math.log(2), "bans (base 10)": math.log(10)}


def _draw(source: random.Random) -> dict[str, Any]:
    return {
        "prior_mean": source.choice([-2.0, -1.5, -1.25, -0.75, 0.5, 0.75, 1.25, 1.75, 2.5]),
        "prior_variance": source.choice([0.25, 0.4, 0.5, 2.0, 2.5, 4.0, 5.0]),
        "unit": source.choice(["bits", "bans (base 10)"]),
    }


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        return normal(generator, *shape, dtype=dtype), normal(generator, *shape, dtype=dtype)

    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("batch of one", pair(1, 4)),
        Case("one latent", pair(6, 1)),
        Case("float64", pair(4, 2, dtype=torch.float64)),
    ]


def _make(parameters: Parameters) -> Exercise:
    center, variance = parameters["prior_mean"], parameters["prior_variance"]
    unit = UNITS[parameters["unit"]]

    def nats(mean: Tensor, log_variance: Tensor, m: float, v: float) -> Tensor:
        share = ((mean - m) ** 2 + log_variance.exp()) / v - 1 - log_variance + math.log(v)
        return 0.5 * share.sum(1)  # (batch,)

    def reference(mean: Tensor, log_variance: Tensor) -> Tensor:
        return nats(mean, log_variance, center, variance) / unit

    def standard(mean: Tensor, log_variance: Tensor) -> Tensor:
        return nats(mean, log_variance, 0.0, 1.0) / unit

    def in_nats(mean: Tensor, log_variance: Tensor) -> Tensor:
        return nats(mean, log_variance, center, variance)

    def multiplied(mean: Tensor, log_variance: Tensor) -> Tensor:
        return nats(mean, log_variance, center, variance) * unit

    def as_sigma(mean: Tensor, log_variance: Tensor) -> Tensor:
        return nats(mean, log_variance, center, variance**2) / unit

    def by_torch(mean: Tensor, log_variance: Tensor) -> Tensor:
        from torch.distributions import Normal, kl_divergence

        prior = Normal(torch.full_like(mean, center), math.sqrt(variance))
        found: Tensor = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), prior).sum(1)
        return found / unit

    return Exercise(
        id="D4.1",
        title="The price of a latent under your prior",
        kind="function",
        prompt=f"price(mean, log_variance) → (batch,), in {parameters['unit']}",
        points=4,
        difficulty=2,
        minutes=12,
        reference=reference,
        cases=_cases,
        gradient=True,
        mistakes=(
            Mistake(standard, "This is the KL to the standard normal; your prior is another one."),
            Mistake(in_nats, "This is in nats; another unit was asked for."),
            Mistake(multiplied, "The unit is turned over: a larger unit gives a smaller number."),
            Mistake(as_sigma, "You used the prior's variance as if it were its σ."),
        ),
        hints=(
            "Write down the two log-densities, subtract, and average over q.",
            "A prior other than the standard one brings its mean, its variance, and the "
            "logarithm of its variance.",
        ),
        why="The standard normal is a convention. Another prior moves the place where a latent "
        "is free, and the unit only rescales the price.",
        also_right=(by_torch,),
    )


def _text(parameters: Parameters) -> str:
    return (
        "Your model has the prior "
        rf"$p(z) = \mathcal N({parameters['prior_mean']:g},\ {parameters['prior_variance']:g})$ "
        "on every latent, independently (the second number is the *variance*). The encoder gives "
        r"`mean` and `log_variance`, both (batch, latents). Return $\mathrm{KL}(q \Vert p)$, one "
        f"value an example, **in {parameters['unit']}**."
    )


def _answer(parameters: Parameters) -> str:
    return (
        "import math\n\ndef price(mean, log_variance):\n"
        f"    m, v = {parameters['prior_mean']!r}, {parameters['prior_variance']!r}\n"
        "    share = (log_variance.exp() + (mean - m) ** 2) / v - 1 - log_variance + math.log(v)\n"
        f"    return 0.5 * share.sum(dim=1) / {UNITS[parameters['unit']]!r}\n"
    )


DRAWN = Drawn(
    "D4.1",
    _draw,
    _make,
    _text,
    "def price(mean, log_variance):\n    return TODO",
    _answer,
)
