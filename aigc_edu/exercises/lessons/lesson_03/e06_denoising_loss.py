"""denoising_loss(network, clean, noise_level, generator) → one number"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from aigc_edu.exercises import Case, Exercise, Mistake, mistake

Network = Callable[[Tensor], Tensor]


def denoising_loss(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    """Squared error of the rebuilt noisy images against the clean ones: sum, then mean."""
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return (network(noisy) - clean).square().sum((1, 2, 3)).mean()


def _cases(generator: torch.Generator) -> list[Case]:
    def images(batch: int, side: int) -> Tensor:
        return torch.rand(batch, 1, side, side, generator=generator)

    def draw(seed: int) -> torch.Generator:
        return torch.Generator().manual_seed(seed)

    return [
        Case("ordinary", (images(5, 4), 0.5, draw(1), 1.0), weight=2),
        Case("batch of one", (images(1, 3), 0.3, draw(2), 0.7)),
        Case("much noise", (images(6, 5), 2.0, draw(3), 0.4)),
        Case("no noise", (images(3, 4), 0.0, draw(4), 1.0)),
    ]


def _run(
    answer: Callable[..., Tensor],
    clean: Tensor,
    noise_level: float,
    generator: torch.Generator,
    strength: float,
) -> Tensor:
    pixels = clean[0].numel()
    weight = strength * torch.cos(torch.arange(pixels * pixels).float()).view(pixels, pixels)

    def network(x: Tensor) -> Tensor:
        return torch.sigmoid(x.flatten(1) @ weight).view(x.shape)

    return answer(network, clean, noise_level, generator)


def _by_torch(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noise = torch.empty_like(clean).normal_(generator=generator)
    rebuilt = network(torch.add(clean, noise, alpha=noise_level))
    return nn.functional.mse_loss(rebuilt, clean, reduction="sum") / len(clean)


def _squared(difference: Tensor) -> Tensor:
    return difference.square().sum((1, 2, 3)).mean()


@mistake(
    "You compare with the noisy image. That rewards a network that hands the noise "
    "through; compare with the clean one."
)
def _noisy_target(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return _squared(network(noisy) - noisy)


@mistake(
    "Input and target are swapped: the network is to see the noisy image and to "
    "rebuild the clean one."
)
def _swapped(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return _squared(network(clean) - noisy)


@mistake(
    "You averaged over the pixels too. The course's convention: sum over the pixels "
    "of an image, average over the batch."
)
def _averaged(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return (network(noisy) - clean).square().mean()


@mistake("You summed over the batch too. Sum over the pixels, then average over images.")
def _summed(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return (network(noisy) - clean).square().sum()


@mistake(
    "noise_level is a standard deviation: the noise is multiplied by it, not by its square root."
)
def _variance(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level**0.5 * torch.randn(clean.shape, generator=generator)
    return _squared(network(noisy) - clean)


@mistake("This is what you get with σ² where σ belongs: noise_level is the standard deviation.")
def _squared_level(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level**2 * torch.randn(clean.shape, generator=generator)
    return _squared(network(noisy) - clean)


@mistake(
    "The noise does not come from the generator, so no two runs are alike: pass "
    "generator=generator to torch.randn."
)
def _own_noise(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape)
    return _squared(network(noisy) - clean)


@mistake(
    "You clipped the noisy image to [0, 1]. That is another kind of noise: its mean "
    "is no longer 0, and lines (21)–(28) are about x + η."
)
def _clipped(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return _squared(network(noisy.clamp(0, 1)) - clean)


@mistake(
    "torch.rand is uniform on [0, 1), with mean ½: it makes images brighter. The "
    "noise is meant to be normal, with mean 0."
)
def _uniform(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.rand(clean.shape, generator=generator)
    return _squared(network(noisy) - clean)


EXERCISE = Exercise(
    id="3.6",
    title="The denoising loss",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=1,
    minutes=8,
    reference=denoising_loss,
    cases=_cases,
    run=_run,
    gradient=False,
    mistakes=(
        _noisy_target,
        Mistake(
            lambda network, clean, noise_level, generator: _squared(network(clean) - clean),
            "The network was shown the clean image: this is the plain autoencoder's loss.",
        ),
        _swapped,
        _averaged,
        _summed,
        _variance,
        _squared_level,
        _own_noise,
        _clipped,
        _uniform,
    ),
    hints=(
        "Two images play a part: what the network sees, and what it is compared with.",
        "Noise: torch.randn of the images' shape with the generator, times noise_level.",
        "Square the difference, sum over all dimensions but the first, average the rest.",
    ),
    why="The noise goes in and the clean image is asked for, so copying the input no longer "
    "pays. What does pay is knowing what digits look like.",
    also_right=(_by_torch,),
)
