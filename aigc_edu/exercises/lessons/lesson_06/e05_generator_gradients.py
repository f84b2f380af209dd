"""generator_gradients(fake_logits) → (saturating, nonsaturating), each (batch,)"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def generator_gradients(fake_logits: Tensor) -> Pair:
    """Derivatives of the saturating and of the non-saturating loss in each logit."""
    count = fake_logits.numel()
    return -torch.sigmoid(fake_logits) / count, -torch.sigmoid(-fake_logits) / count


def _cases(generator: torch.Generator) -> list[Case]:
    return [
        Case("ordinary", (2 * normal(generator, 6),), weight=2),
        Case("batch of one", (torch.tensor([0.7]),)),
        Case("the discriminator wins", (-20 + normal(generator, 4),)),
        Case("the generator wins", (20 + normal(generator, 4),)),
        Case("float64", (2 * normal(generator, 5, dtype=torch.float64),)),
    ]


def _by_autograd(fake_logits: Tensor) -> Pair:
    logits = fake_logits.detach().requires_grad_()
    losses = F.logsigmoid(-logits).mean(), -F.logsigmoid(logits).mean()
    (saturating,) = torch.autograd.grad(losses[0], logits)
    (nonsaturating,) = torch.autograd.grad(losses[1], logits)
    return saturating, nonsaturating


@mistake("The two are swapped: first saturating, log(1 − D).")
def _swapped(fake_logits: Tensor) -> Pair:
    saturating, nonsaturating = generator_gradients(fake_logits)
    return nonsaturating, saturating


@mistake(
    "Both signs are turned. A larger logit fools the discriminator more, so each "
    "loss must fall with it."
)
def _positive(fake_logits: Tensor) -> Pair:
    saturating, nonsaturating = generator_gradients(fake_logits)
    return -saturating, -nonsaturating


@mistake("The second sign is turned: −log D falls as the logit grows.")
def _one_sign(fake_logits: Tensor) -> Pair:
    saturating, nonsaturating = generator_gradients(fake_logits)
    return saturating, -nonsaturating


@mistake("These are derivatives in D. The chain rule still asks for dD/dℓ = D(1 − D).")
def _in_probability(fake_logits: Tensor) -> Pair:
    count = fake_logits.numel()
    return (
        -1 / torch.sigmoid(-fake_logits) / count,
        -1 / torch.sigmoid(fake_logits) / count,
    )


@mistake("That is the derivative of D itself. Where is the logarithm?")
def _of_probability(fake_logits: Tensor) -> Pair:
    count = fake_logits.numel()
    slope = torch.sigmoid(fake_logits) * torch.sigmoid(-fake_logits) / count
    return -slope, -slope


EXERCISE = Exercise(
    id="6.5",
    title="Derive: the generator's two gradients",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=2,
    minutes=12,
    reference=generator_gradients,
    cases=_cases,
    also_right=(_by_autograd,),
    mistakes=(
        _swapped,
        _positive,
        _one_sign,
        Mistake(
            lambda fake_logits: (-torch.sigmoid(fake_logits), -torch.sigmoid(-fake_logits)),
            "The factor 1/batch is lost: the loss is a mean, and each logit is one of batch terms.",
        ),
        _in_probability,
        _of_probability,
    ),
    hints=(
        "Start from dD/dℓ = D(1 − D), then use the chain rule on each logarithm.",
        "One factor of D(1 − D) cancels each time: the first leaves D, the second 1 − D.",
    ),
    why="Where the discriminator is sure of a fake, D is near 0: the first gradient "
    "vanishes there and the second is at its strongest. Both point the same way; only the "
    "weight of each example differs.",
)
