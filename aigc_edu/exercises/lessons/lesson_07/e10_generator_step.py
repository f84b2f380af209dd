"""generator_step(generator, discriminator, optimizer, latent)"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.exercises import Exercise, mistake
from aigc_edu.exercises.lessons.lesson_07.shared import Optimizer, move, step_cases
from aigc_edu.objectives import generator_loss


def generator_step(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer: torch.optim.Optimizer,
    latent: Tensor,
) -> None:
    """Move the generator, through a discriminator that stays where it is."""
    optimizer.zero_grad()
    loss = generator_loss(discriminator(generator(latent)))
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _run(
    answer: Callable[..., Any],
    real: torch.Tensor,
    latent: torch.Tensor,
    generator_weight: torch.Tensor,
    discriminator_weight: torch.Tensor,
) -> Any:
    """Two steps of a small linear game; what moved."""
    pixels, latents = generator_weight.shape
    generator = nn.Linear(latents, pixels, bias=False)
    scores = nn.Linear(pixels, 1, bias=False)
    discriminator = nn.Sequential(scores, nn.Flatten(0))
    with torch.no_grad():
        generator.weight.copy_(generator_weight)
        scores.weight.copy_(discriminator_weight)
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.3)
    said = [answer(generator, discriminator, optimizer, latent) for _ in range(2)]
    return {
        "the generator's weights after two steps": generator.weight.detach(),
        "the discriminator's weights": scores.weight.detach(),
        # A step may return its loss or nothing; an unfilled stub returns something else.
        "else": [each for each in said if each is not None and not torch.is_tensor(each)],
    }


def _frozen(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    d.requires_grad_(False)
    move(optimizer, F.softplus(-d(g(z))).mean())
    d.requires_grad_(True)


@mistake(
    "The generator does not move: detach() cuts the only path on which a gradient could reach it."
)
def _cut_off(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    move(optimizer, generator_loss(d(g(z).detach())))


@mistake(
    "The generator learns to be found out: these are the targets of the "
    "discriminator's step. Here a generated image is to be called real."
)
def _wrong_target(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    move(optimizer, F.softplus(d(g(z))).mean())


@mistake(
    "This is the minimax loss, mean of log(1 - D). It has nearly no gradient where the "
    "discriminator is sure, which is at the start (lesson 06); the non-saturating "
    "one was asked for."
)
def _saturating(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    move(optimizer, generator_loss(d(g(z)), "saturating"))


@mistake("The second step also uses the gradient of the first: backward() adds to what is there.")
def _not_cleared(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    move(optimizer, generator_loss(d(g(z))), clear=False)


@mistake(
    "The discriminator moved too, and toward being fooled: in this half it must stay where it is."
)
def _moves_both(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    d.zero_grad()
    move(optimizer, generator_loss(d(g(z))))
    with torch.no_grad():
        for weights in d.parameters():
            if weights.grad is not None:
                weights.sub_(optimizer.param_groups[0]["lr"] * weights.grad)


@mistake(
    "The loss takes logits and you gave it probabilities: a sigmoid of a sigmoid, "
    "whose gradient is always small."
)
def _sigmoid_twice(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    move(optimizer, generator_loss(d(g(z)).sigmoid()))


@mistake(
    "You raise the mean of D itself, without the logarithm: the gradient vanishes "
    "where the discriminator is sure, as with the saturating loss."
)
def _no_logarithm(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    move(optimizer, -d(g(z)).sigmoid().mean())


EXERCISE = Exercise(
    id="7.10",
    title="The generator's step",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=12,
    reference=generator_step,
    cases=step_cases,
    run=_run,
    mistakes=(
        _cut_off,
        _wrong_target,
        _saturating,
        _not_cleared,
        _moves_both,
        _sigmoid_twice,
        _no_logarithm,
    ),
    hints=(
        "The gradient has to come from the discriminator's verdict, through the image, to the "
        "generator's weights. What may lie on that path, and what may move?",
        "The optimizer holds the generator's weights alone, so its step cannot move the "
        "discriminator; generator_loss takes one batch of logits.",
    ),
    why="The gradient goes through the discriminator but changes only what the optimizer "
    "holds. That is all that 'frozen' has to mean.",
    also_right=(_frozen,),
)
