"""augmented_losses(discriminator, augment, real, fake) → (d_loss, g_loss)"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.objectives import discriminator_loss, generator_loss

Augment = Callable[[Tensor], Tensor]


def augmented_losses(
    discriminator: nn.Module, augment: Augment, real: Tensor, fake: Tensor
) -> tuple[Tensor, Tensor]:
    """The discriminator's and the generator's loss where the discriminator only sees augmented."""
    d_loss = discriminator_loss(discriminator(augment(real)), discriminator(augment(fake.detach())))
    g_loss = generator_loss(discriminator(augment(fake)))
    return d_loss, g_loss


def _cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, batch: int, pixels: int, weight: float = 1.0) -> Case:
        args = (
            1 + torch.randn(batch, pixels, generator=generator),
            torch.randn(batch, pixels, generator=generator) - 0.5,
            torch.randn(1, pixels, generator=generator),
        )
        return Case(name, args, weight=weight)

    return [
        case("ordinary", 6, 5, weight=2),
        case("batch of one", 1, 4),
        case("many pixels", 3, 20),
    ]


def _run(
    answer: Callable[..., Any], real: torch.Tensor, fake: torch.Tensor, weight: torch.Tensor
) -> Any:
    """Both losses, and what of each reaches the generated images."""
    pixels = weight.shape[1]
    scores = nn.Linear(pixels, 1, bias=False)
    discriminator = nn.Sequential(scores, nn.Tanh(), nn.Flatten(0))
    with torch.no_grad():
        scores.weight.copy_(weight)

    def augment(images: torch.Tensor) -> torch.Tensor:
        return 1.5 * images.roll(1, dims=1) + 0.25  # passes gradients on

    drawn = fake.clone().requires_grad_()
    both = answer(discriminator, augment, real.clone(), drawn)
    if not isinstance(both, tuple | list) or len(both) != 2:
        return both
    d_loss, g_loss = both
    reached = torch.zeros_like(fake)
    if isinstance(d_loss, torch.Tensor) and d_loss.requires_grad:
        (found,) = torch.autograd.grad(d_loss, drawn, allow_unused=True, retain_graph=True)
        reached = reached if found is None else found
    pulled = torch.zeros_like(fake)
    if isinstance(g_loss, torch.Tensor) and g_loss.requires_grad:
        (found,) = torch.autograd.grad(g_loss, drawn, allow_unused=True)
        pulled = pulled if found is None else found
    return {
        "the discriminator's loss": d_loss,
        "the generator's loss": g_loss,
        "the generated images' gradient from the generator's loss": pulled,
        "the generated images' gradient from the discriminator's loss": reached,
    }


def _by_hand(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    seen_real, seen_fake = augment(real), augment(fake)
    d_loss = F.softplus(-d(seen_real)).mean() + F.softplus(d(seen_fake.detach())).mean()
    return d_loss, F.softplus(-d(seen_fake)).mean()


@mistake(
    "The discriminator trains on changed images, and the generator is then judged by "
    "unchanged ones, of a kind that the discriminator has never seen."
)
def _d_only(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss = discriminator_loss(d(augment(real)), d(augment(fake.detach())))
    return d_loss, generator_loss(d(fake))


@mistake(
    "The real images are not changed: the discriminator tells them by a blank corner, "
    "and need not look at digits."
)
def _not_reals(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss = discriminator_loss(d(real), d(augment(fake.detach())))
    return d_loss, generator_loss(d(augment(fake)))


@mistake("Nothing reaches the generator: its loss is computed on detached images.")
def _cut_off(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss = discriminator_loss(d(augment(real)), d(augment(fake.detach())))
    return d_loss, generator_loss(d(augment(fake.detach())))


@mistake("The discriminator's loss reaches into the generator: detach what it trains on.")
def _not_cut(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss = discriminator_loss(d(augment(real)), d(augment(fake)))
    return d_loss, generator_loss(d(augment(fake)))


@mistake(
    "You changed the verdicts. It is the images that are changed, before the "
    "discriminator sees them."
)
def _verdicts(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    def changed(images: Tensor) -> Tensor:
        return augment(d(images)[:, None]).squeeze(1)

    return discriminator_loss(changed(real), changed(fake.detach())), generator_loss(changed(fake))


@mistake("The two losses are exchanged: the discriminator's comes first.")
def _swapped(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss, g_loss = augmented_losses(d, augment, real, fake)
    return g_loss, d_loss


EXERCISE = Exercise(
    id="8.7",
    title="Both sides, both losses",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=12,
    reference=augmented_losses,
    cases=_cases,
    run=_run,
    mistakes=(
        Mistake(
            lambda d, augment, real, fake: (
                discriminator_loss(d(augment(real)), d(fake.detach())),
                generator_loss(d(fake)),
            ),
            "Only the real images are changed. Then shifted and blanked digits are what real "
            "ones look like, and the generator learns to draw the damage too.",
        ),
        _d_only,
        _not_reals,
        _cut_off,
        _not_cut,
        _verdicts,
        Mistake(
            lambda d, augment, real, fake: (
                discriminator_loss(d(real), d(fake.detach())),
                generator_loss(d(fake)),
            ),
            "Nothing is changed here: this is the step of lesson 07.",
        ),
        _swapped,
    ),
    hints=(
        "Three kinds of images go into the discriminator: real ones, generated ones for its "
        "own loss, generated ones for the generator's loss.",
        "All three go through the augmentation. Only the second is detached: the generator's "
        "gradient has to come back through discriminator and augmentation.",
    ),
    why="The discriminator never sees an image that is not changed, so it cannot memorize the "
    "few real ones; and since both kinds are changed alike, matching the changed ones means "
    "matching the real ones.",
    also_right=(_by_hand,),
)
