"""Lesson 04, drawn a student: a prior and a unit; a decoder."""

import math
import random
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.grading.drawn import Drawn, Parameters

UNITS = {"nats": 1.0, "bits": math.log(2), "bans (base 10)": math.log(10)}


def _normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype)


# ------------------------------------------------------------------- D4.1 your prior


def _draw_prior(source: random.Random) -> dict[str, Any]:
    return {
        "prior_mean": source.choice([-2.0, -1.5, -1.25, -0.75, 0.5, 0.75, 1.25, 1.75, 2.5]),
        "prior_variance": source.choice([0.25, 0.4, 0.5, 2.0, 2.5, 4.0, 5.0]),
        "unit": source.choice(["bits", "bans (base 10)"]),
    }


def _kl_cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        return _normal(generator, *shape, dtype=dtype), _normal(generator, *shape, dtype=dtype)

    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("batch of one", pair(1, 4)),
        Case("one latent", pair(6, 1)),
        Case("float64", pair(4, 2, dtype=torch.float64)),
    ]


def _make_prior(parameters: Parameters) -> Exercise:
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
        cases=_kl_cases,
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


def _text_prior(parameters: Parameters) -> str:
    return (
        "Your model has the prior "
        rf"$p(z) = \mathcal N({parameters['prior_mean']:g},\ {parameters['prior_variance']:g})$ "
        "on every latent, independently (the second number is the *variance*). The encoder gives "
        r"`mean` and `log_variance`, both (batch, latents). Return $\mathrm{KL}(q \Vert p)$, one "
        f"value an example, **in {parameters['unit']}**."
    )


def _answer_prior(parameters: Parameters) -> str:
    return (
        "import math\n\ndef price(mean, log_variance):\n"
        f"    m, v = {parameters['prior_mean']!r}, {parameters['prior_variance']!r}\n"
        "    share = (log_variance.exp() + (mean - m) ** 2) / v - 1 - log_variance + math.log(v)\n"
        f"    return 0.5 * share.sum(dim=1) / {UNITS[parameters['unit']]!r}\n"
    )


# ----------------------------------------------------------------- D4.2 your decoder


def _draw_decoder(source: random.Random) -> dict[str, Any]:
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


def _make_decoder(parameters: Parameters) -> Exercise:
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


def _text_decoder(parameters: Parameters) -> str:
    what = "standard deviation" if parameters["family"] == "Gaussian" else "scale $b$"
    return (
        f"Your decoder says that each pixel is **{parameters['family']}**, independently, around "
        f"the reconstruction, with {what} **{parameters['spread']:g}**. `x` and `reconstruction` "
        "have the same shape, (batch, ...). Return $\\log p(x \\mid z)$ in nats, one value an "
        "example, with every constant."
    )


def _answer_decoder(parameters: Parameters) -> str:
    name = "Normal" if parameters["family"] == "Gaussian" else "Laplace"
    return (
        f"from torch.distributions import {name}\n\ndef log_likelihood(x, reconstruction):\n"
        f"    pixel = {name}(reconstruction, {parameters['spread']!r}).log_prob(x)\n"
        "    return pixel.flatten(1).sum(1)\n"
    )


DRAWN = [
    Drawn(
        "D4.1",
        _draw_prior,
        _make_prior,
        _text_prior,
        "def price(mean, log_variance):\n    return TODO",
        _answer_prior,
    ),
    Drawn(
        "D4.2",
        _draw_decoder,
        _make_decoder,
        _text_decoder,
        "def log_likelihood(x, reconstruction):\n    return TODO",
        _answer_decoder,
    ),
]
