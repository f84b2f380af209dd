"""discriminator_step(generator, discriminator, optimizer, real, latent)"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.exercises import Exercise, mistake
from aigc_edu.exercises.lessons.lesson_07.shared import Optimizer, move, step_cases
from aigc_edu.objectives import discriminator_loss


def discriminator_step(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer: torch.optim.Optimizer,
    real: Tensor,
    latent: Tensor,
) -> None:
    """Move the discriminator, and nothing else."""
    with torch.no_grad():
        fake = generator(latent)
    optimizer.zero_grad()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _run(
    answer: Callable[..., Any],
    real: torch.Tensor,
    latent: torch.Tensor,
    generator_weight: torch.Tensor,
    discriminator_weight: torch.Tensor,
) -> Any:
    """Two steps of a small linear game; what moved, and what lies in the generator."""
    pixels, latents = generator_weight.shape
    generator = nn.Linear(latents, pixels, bias=False)
    scores = nn.Linear(pixels, 1, bias=False)
    discriminator = nn.Sequential(scores, nn.Flatten(0))
    with torch.no_grad():
        generator.weight.copy_(generator_weight)
        scores.weight.copy_(discriminator_weight)
    optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.3)
    said = [answer(generator, discriminator, optimizer, real, latent) for _ in range(2)]
    left = generator.weight.grad
    return {
        "the discriminator's weights after two steps": scores.weight.detach(),
        "the generator's weights": generator.weight.detach(),
        "gradient left in the generator": torch.zeros(pixels, latents) if left is None else left,
        # A step may return its loss or nothing; an unfilled stub returns something else.
        "else": [each for each in said if each is not None and not torch.is_tensor(each)],
    }


def _by_entropy(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    logits = d(torch.cat([real, g(z).detach()]))
    targets = torch.cat([torch.ones(len(real)), torch.zeros(len(z))])
    # Both halves are of one size, so twice the mean over both is the sum of the two means.
    loss = 2 * F.binary_cross_entropy_with_logits(logits, targets)
    if len(real) != len(z):
        raise ValueError("as many real images as generated ones")
    move(optimizer, loss)


@mistake(
    "The discriminator moves rightly, but a gradient is left in the generator: the "
    "backward pass went on through the fake images. It costs time, and it is the "
    "gradient of the wrong aim."
)
def _not_cut(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    move(optimizer, discriminator_loss(d(real), d(g(z))))


@mistake("The second step also uses the gradient of the first: backward() adds to what is there.")
def _not_cleared(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    move(optimizer, discriminator_loss(d(real), d(g(z).detach())), clear=False)


@mistake("The discriminator does not move: you clear the gradient between computing and using it.")
def _cleared_late(
    g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor
) -> None:
    discriminator_loss(d(real), d(g(z).detach())).backward()  # type: ignore[no-untyped-call]
    optimizer.zero_grad()
    optimizer.step()


@mistake(
    "The labels are exchanged: this discriminator learns to give generated images the high logits."
)
def _swapped(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    move(optimizer, discriminator_loss(d(g(z).detach()), d(real)))


@mistake("Real and generated images are both called real: there is nothing to tell apart.")
def _all_real(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    move(optimizer, F.softplus(-d(real)).mean() + F.softplus(-d(g(z).detach())).mean())


@mistake("It sees generated images only, so calling everything fake is a perfect answer.")
def _only_fakes(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    move(optimizer, F.softplus(d(g(z).detach())).mean())


@mistake("The loss takes logits and you gave it probabilities: a sigmoid of a sigmoid.")
def _sigmoid_twice(
    g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor
) -> None:
    move(optimizer, discriminator_loss(d(real).sigmoid(), d(g(z).detach()).sigmoid()))


@mistake(
    "Every move is half of what it should be: one mean over real and generated images "
    "together is half the sum of the two means."
)
def _halved(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    move(optimizer, 0.5 * discriminator_loss(d(real), d(g(z).detach())))


@mistake(
    "The targets are made for 128 images, whatever comes in: a smaller last batch "
    "stops this. Take the sizes from what you are given."
)
def _fixed_size(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    logits = torch.cat([d(real), d(g(z).detach())])
    targets = torch.cat([torch.ones(128), torch.zeros(128)])
    move(optimizer, F.binary_cross_entropy_with_logits(logits, targets))


EXERCISE = Exercise(
    id="7.9",
    title="The discriminator's own step",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=2,
    minutes=12,
    reference=discriminator_step,
    cases=step_cases,
    run=_run,
    mistakes=(
        _not_cut,
        _not_cleared,
        _cleared_late,
        _swapped,
        _all_real,
        _only_fakes,
        _sigmoid_twice,
        _halved,
        _fixed_size,
    ),
    hints=(
        "Make the fakes, clear, loss, backward, step. Which of these should leave a trace in "
        "the generator?",
        "detach() cuts the fakes loose from the network that made them; discriminator_loss "
        "takes the logits of real images first.",
    ),
    why="The discriminator learns from both kinds of image, on its own, and nothing of it "
    "reaches the generator. In the listing this step never happened.",
    also_right=(_by_entropy,),
)
