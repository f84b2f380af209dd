"""sample(model, count, generator) → images (count, 1, 28, 28) in [0, 1]"""

from typing import Any

import torch
from torch import Tensor, nn

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal

Model = Any  # what encodes and decodes; built inside run


def sample(model: Model, count: int, generator: torch.Generator) -> Tensor:
    """New images, gray levels in [0, 1]: latents from the prior, decoded."""
    where = next(model.parameters()).device
    latent = torch.randn(count, model.latent_size, generator=generator).to(where)
    return torch.sigmoid(model.decode(latent))  # (count, 1, 28, 28)


def _cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, latents: int, count: int, seed: int, weight: float = 1.0) -> Case:
        decoder = 2 * normal(generator, latents, 784)
        return Case(name, (decoder, count, torch.Generator().manual_seed(seed)), weight=weight)

    return [
        case("ordinary", 3, 5, 7, weight=2),
        case("one image", 6, 1, 11),
        case("more latents than images", 20, 2, 3),
    ]


def _run(answer: Any, weight: Tensor, count: int, generator: torch.Generator) -> Any:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.latent_size = weight.shape[0]
            self.weight = nn.Parameter(weight, requires_grad=False)

        def encode(self, x: torch.Tensor) -> Any:
            mean = x.flatten(1) @ self.weight.T / 10
            return mean, -1 - mean.square()

        def decode(self, latent: torch.Tensor) -> Any:
            return (latent @ self.weight).reshape(-1, 1, 28, 28)

        def forward(self, x: torch.Tensor, generator: Any = None) -> Any:
            mean, log_variance = self.encode(x)
            noise = torch.randn(mean.shape, generator=generator)
            return self.decode(mean + (0.5 * log_variance).exp() * noise), mean, log_variance

    return answer(Model(), count, generator)


def _by_hand(model: Model, count: int, generator: torch.Generator) -> Tensor:
    latent = torch.empty(count, model.latent_size).normal_(generator=generator)
    logits = model.decode(latent)
    images: Tensor = 1 / (1 + (-logits).exp())
    return images


def _logits(model: Model, count: int, generator: torch.Generator) -> Tensor:
    latent = torch.randn(count, model.latent_size, generator=generator)
    logits: Tensor = model.decode(latent)
    return logits


LOGITS = Mistake(
    _logits,
    "These are logits, of any sign and size. The sigmoid that makes gray levels is missing.",
)


@mistake(
    "The latents are uniform between 0 and 1 (torch.rand). The prior is the standard "
    "normal, and half of it is negative."
)
def _uniform(model: Model, count: int, generator: torch.Generator) -> Tensor:
    latent = torch.rand(count, model.latent_size, generator=generator)
    return torch.sigmoid(model.decode(latent))


@mistake(
    "You put noise images through the encoder. These codes come from q(z|x) of "
    "something that is no digit; a sample starts at the prior and needs no encoder."
)
def _posterior(model: Model, count: int, generator: torch.Generator) -> Tensor:
    noise_images = torch.rand(count, 1, 28, 28, generator=generator)
    logits, _, _ = model(noise_images, generator)
    return torch.sigmoid(logits)


@mistake("One latent serves for all images: each image needs a draw of its own.")
def _one_for_all(model: Model, count: int, generator: torch.Generator) -> Tensor:
    latent = torch.randn(1, model.latent_size, generator=generator)
    return torch.sigmoid(model.decode(latent.expand(count, -1)))


EXERCISE = Exercise(
    id="5.3",
    title="Images that never were",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=6,
    reference=sample,
    cases=_cases,
    run=_run,
    mistakes=(
        LOGITS,
        _uniform,
        _posterior,
        Mistake(
            lambda model, count, generator: torch.bernoulli(
                sample(model, count, generator), generator=generator
            ),
            "You went one step further and drew each pixel black or white. That is a draw from "
            "p(x|z) and no mistake of thought; asked here is the mean image.",
        ),
        Mistake(
            lambda model, count, generator: torch.sigmoid(
                model.decode(torch.zeros(count, model.latent_size))
            ),
            "All latents are zero: that is the middle of the prior, and one and the same image "
            "each time.",
        ),
        Mistake(
            lambda model, count, generator: _logits(model, count, generator).clamp(0, 1),
            "Cutting logits to [0, 1] is not the sigmoid: a logit of 0 means a gray level of "
            "one half.",
        ),
        _one_for_all,
        Mistake(
            lambda model, count, generator: torch.sigmoid(
                model.decode(torch.randn(count, model.latent_size))
            ),
            "You drew from PyTorch's global generator. Hand the one you were given to "
            "torch.randn, so that the same seed gives the same images.",
        ),
    ),
    hints=(
        "Two steps: draw codes, decode them. The encoder has no part in it.",
        "The prior is N(0, I): torch.randn with the generator, of shape (count, latents).",
        "The decoder gives logits; a sigmoid turns them into gray levels.",
    ),
    why="A VAE is sampled as its formula is read: z from the prior, then x from p(x|z). The "
    "mean image is shown, because single black and white pixels would only add speckle.",
    also_right=(_by_hand,),
)
