"""jsd_from_loss(loss) → same shape, in nats"""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake


def jsd_from_loss(loss: Tensor) -> Tensor:
    """The JSD between data and model, from the loss of the best discriminator."""
    return math.log(2) - loss / 2


def _cases(generator: torch.Generator) -> list[Case]:
    """Losses between 0 (told apart for certain) and log 4 (cannot be told)."""

    def some(count: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor]:
        return (math.log(4) * torch.rand(count, generator=generator, dtype=dtype),)

    return [
        Case("ordinary", some(5), weight=2),
        Case("one loss", some(1)),
        Case("no difference at all", (torch.tensor([math.log(4)]),)),
        Case("told apart for certain", (torch.tensor([0.0]),)),
        Case("float64", some(6, dtype=torch.float64)),
    ]


def _by_value(loss: Tensor) -> Tensor:
    value = -loss
    return (value + math.log(4)) / 2


EXERCISE = Exercise(
    id="6.4",
    title="Derive: the JSD from a loss",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=2,
    minutes=8,
    reference=jsd_from_loss,
    cases=_cases,
    also_right=(_by_value,),
    mistakes=(
        Mistake(lambda loss: math.log(4) - loss, "Twice the JSD: the value holds 2 JSD."),
        Mistake(
            lambda loss: 2 * (math.log(4) - loss),
            "You multiplied by 2 where line (15) asks you to divide.",
        ),
        Mistake(
            lambda loss: (math.log(2) - loss) / 2,
            "The game without any difference costs log 4 = 2 log 2, one log 2 a term. You "
            "used log 2.",
        ),
        Mistake(
            lambda loss: (loss - math.log(4)) / 2,
            "The sign is turned. A smaller loss means that the two are easier to tell "
            "apart: the divergence grows.",
        ),
        Mistake(
            lambda loss: (loss + math.log(4)) / 2,
            "You put the loss where the value belongs. The loss is the negative of the value.",
        ),
        Mistake(
            lambda loss: (math.log(4) - loss) / (2 * math.log(2)),
            "That is in bits. The course measures in nats.",
        ),
    ),
    hints=(
        "Write line (15) for the loss instead of the value, then solve it for the JSD.",
        "A loss of log 4 must give 0, and a loss of 0 must give log 2.",
    ),
    why="Any discriminator, best or not, turns into an estimate that is never too large: "
    "its loss is at least the best one's. That is why a trained discriminator measures how "
    "far apart two sets of samples are, at least.",
)
