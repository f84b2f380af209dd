"""play_round(shift, slope, real, noise, step) → (new_shift, new_slope)"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def _slopes(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients: the discriminator's in ``slope``, the generator's loss in ``shift``."""
    fake = noise + shift  # (batch, dimensions)
    of_real = -torch.sigmoid(-(real @ slope))  # derivative of -log sigmoid in each logit
    of_fake = torch.sigmoid(fake @ slope)
    in_slope = (of_real[:, None] * real).mean(0) + (of_fake[:, None] * fake).mean(0)
    in_shift = -torch.sigmoid(-(fake @ slope)).mean() * slope
    return in_slope, in_shift


def play_round(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    """One alternating round: the discriminator moves, then the generator answers."""
    new_slope = slope - step * _slopes(shift, slope, real, noise)[0]
    new_shift = shift - step * _slopes(shift, new_slope, real, noise)[1]
    return new_shift, new_slope


def _cases(generator: torch.Generator) -> list[Case]:
    def case(
        batch: int, size: int, step: float, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, float]:
        return (
            normal(generator, size, dtype=dtype),
            normal(generator, size, dtype=dtype),
            2 + normal(generator, batch, size, dtype=dtype),
            normal(generator, batch, size, dtype=dtype),
            step,
        )

    return [
        Case("ordinary", case(8, 2, 0.5), weight=2),
        Case("batch of one", case(1, 3, 0.5)),
        Case("one dimension", case(6, 1, 1.0)),
        Case("a small step", case(8, 2, 0.1)),
        Case("float64", case(5, 4, 0.5, dtype=torch.float64)),
    ]


def _by_autograd(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    shift, slope = shift.clone().requires_grad_(), slope.clone().requires_grad_()
    fake = noise + shift
    loss = F.softplus(-(real @ slope)).mean() + F.softplus(fake.detach() @ slope).mean()
    (gradient,) = torch.autograd.grad(loss, slope)
    slope = (slope - step * gradient).detach()
    (gradient,) = torch.autograd.grad(F.softplus(-(fake @ slope)).mean(), shift)
    return (shift - step * gradient).detach(), slope


@mistake(
    "Both players moved at once: the generator must answer the discriminator that "
    "has just moved. These are simultaneous steps."
)
def _at_once(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    in_slope, in_shift = _slopes(shift, slope, real, noise)
    return shift - step * in_shift, slope - step * in_slope


@mistake("The generator moved first. In this course the discriminator does.")
def _generator_first(
    shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float
) -> Pair:
    new_shift = shift - step * _slopes(shift, slope, real, noise)[1]
    return new_shift, slope - step * _slopes(new_shift, slope, real, noise)[0]


@mistake(
    "The discriminator's loss left a gradient in shift, and it was added to the "
    "generator's. Detach the fakes, or ask autograd for one gradient only."
)
def _not_detached(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    new_slope = slope - step * _slopes(shift, slope, real, noise)[0]
    # What backward() of the discriminator's loss left behind in the generator.
    left_behind = torch.sigmoid((noise + shift) @ slope).mean() * slope
    in_shift = _slopes(shift, new_slope, real, noise)[1] + left_behind
    return shift - step * in_shift, new_slope


@mistake("This is the saturating loss, mean log(1 − D). Here the generator minimizes mean −log D.")
def _saturating(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    new_slope = slope - step * _slopes(shift, slope, real, noise)[0]
    logits = (noise + shift) @ new_slope
    return shift + step * torch.sigmoid(logits).mean() * new_slope, new_slope


@mistake("The discriminator climbed its loss. Both players descend, each its own loss.")
def _uphill(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    new_slope = slope + step * _slopes(shift, slope, real, noise)[0]
    return shift - step * _slopes(shift, new_slope, real, noise)[1], new_slope


@mistake("The generator descended the discriminator's loss: it helps where it should fool.")
def _one_loss(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    new_slope = slope - step * _slopes(shift, slope, real, noise)[0]
    # Descends the discriminator's own loss: helps it instead of fooling it.
    logits = (noise + shift) @ new_slope
    return shift - step * torch.sigmoid(logits).mean() * new_slope, new_slope


EXERCISE = Exercise(
    id="6.6",
    title="One alternating round",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=15,
    reference=play_round,
    cases=_cases,
    also_right=(_by_autograd,),
    mistakes=(
        _at_once,
        _generator_first,
        _not_detached,
        Mistake(
            lambda shift, slope, real, noise, step: (
                shift.clone(),
                slope - step * _slopes(shift, slope, real, noise)[0],
            ),
            "shift did not move: the fakes that the generator is judged by are detached, so "
            "no gradient reaches it. Detach only in the discriminator's step.",
        ),
        _saturating,
        _uphill,
        _one_loss,
    ),
    hints=(
        "Four lines: the discriminator's loss on detached fakes, its step; the generator's "
        "loss with the new slope, its step. torch.autograd.grad gives one gradient at a time.",
        "shift and slope come without requires_grad: make copies that have it. What you "
        "return carries no gradient.",
    ),
    why="Each player descends its own loss, one after the other. Detaching keeps the "
    "discriminator's gradient out of the generator, and the order makes the generator "
    "answer the discriminator as it is now.",
)
