"""An example of a private pack: what a lecturer gives with ``--exercises``.

Its ids begin with a letter; ``P4.1`` belongs to lesson 04. ``EXERCISES`` are the same for
everybody, ``DRAWN`` have parameters of each student's own.
"""

import math

import torch

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.drawn import Drawn


def _entropy(log_variance):
    return 0.5 * (log_variance + math.log(2 * math.pi * math.e)).sum(1)


def _without_e(log_variance):
    return 0.5 * (log_variance + math.log(2 * math.pi)).sum(1)


def _averaged(log_variance):
    return 0.5 * (log_variance + math.log(2 * math.pi * math.e)).mean(1)


def _entropy_cases(generator):
    def normal(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype)

    return [
        Case("ordinary", (normal(5, 3),), weight=2),
        Case("batch of one", (normal(1, 4),)),
        Case("float64", (normal(3, 2, dtype=torch.float64),)),
    ]


def _draw(source):
    return {"exponent": source.choice([2, 3, 5, 7, 11, 13])}


def _make(parameters):
    exponent = parameters["exponent"]

    def power(x):
        return x**exponent

    return Exercise(
        id="P4.2",
        title="Your power",
        kind="function",
        prompt="power(x) → shaped as x",
        points=1,
        difficulty=1,
        minutes=1,
        reference=power,
        cases=lambda generator: [Case("ordinary", (torch.rand(4, generator=generator) + 0.5,))],
        mistakes=(
            Mistake(lambda x: x * exponent, "You multiplied."),
            Mistake(lambda x: exponent**x, "The base and the exponent are exchanged."),
        ),
        hints=("What does a small raised number mean?", "Multiply x with itself."),
        why="A power is a repeated product. The exponent says how often.",
    )


EXERCISES = [
    Exercise(
        id="P4.1",
        title="The entropy of the encoder",
        kind="function",
        prompt="entropy(log_variance) → (batch,), in nats",
        points=2,
        difficulty=1,
        minutes=6,
        reference=_entropy,
        cases=_entropy_cases,
        gradient=True,
        mistakes=(
            Mistake(_without_e, "The constant is log 2πe, with an e."),
            Mistake(_averaged, "You averaged over the latents; entropies add up."),
        ),
        hints=("The latents are independent.", "One latent has half of the log of 2πe times σ²."),
        why="A wide encoder keeps more open. Each latent adds its own share.",
    ),
]

DRAWN = [
    Drawn(
        "P4.2",
        _draw,
        _make,
        lambda parameters: f"Return $x^{{{parameters['exponent']}}}$.",
        "def power(x):\n    return TODO",
        lambda parameters: f"def power(x):\n    return x ** {parameters['exponent']}\n",
    )
]
