"""kl_per_latent(mean, log_variance) → (latents,), in nats, averaged over the batch"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.lessons.inputs import normal


def kl_per_latent(mean: Tensor, log_variance: Tensor) -> Tensor:
    """The KL of each latent, averaged over the batch: (batch, latents) -> (latents,)."""
    return (0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)).mean(0)


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        return (
            normal(generator, *shape, dtype=dtype),
            normal(generator, *shape, dtype=dtype),
        )

    mean, log_variance = pair(4, 3)
    silent = torch.tensor([1.0, 0.0, 1.0])
    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("more latents than examples", pair(2, 6)),
        Case("batch of one", pair(1, 4)),
        Case("one latent", pair(6, 1)),
        Case("a silent latent", (mean * silent, log_variance * silent)),
        Case("float64", pair(7, 4, dtype=torch.float64)),
    ]


def _latent_by_torch(mean: Tensor, log_variance: Tensor) -> Tensor:
    from torch.distributions import Normal, kl_divergence

    q = Normal(mean, (0.5 * log_variance).exp())
    p = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    divergence: Tensor = kl_divergence(q, p)
    return divergence.mean(0)


def _share(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)


EXERCISE = Exercise(
    id="5.4",
    title="What each latent says",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=6,
    reference=kl_per_latent,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda mean, log_variance: _share(mean, log_variance).sum(1),
            "This is one value an example: you summed over the latents (dimension 1). They are "
            "to stay, and the batch is to go.",
        ),
        Mistake(
            lambda mean, log_variance: _share(mean, log_variance).sum(0),
            "Summed over the batch, it grows with the number of images. Take the average.",
        ),
        Mistake(
            lambda mean, log_variance: _share(mean, log_variance).sum(1).mean(),
            "This is the KL of the whole code, one number. It is the sum of what is asked.",
        ),
        Mistake(
            lambda mean, log_variance: _share(mean.mean(0), log_variance.mean(0)),
            "You averaged the means and log-variances first. A latent whose mean is +2 for one "
            "image and −2 for another says much, and would count as silent.",
        ),
        Mistake(
            lambda mean, log_variance: 2 * _share(mean, log_variance).mean(0),
            "Twice too large: the ½ of the formula is lost.",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * (mean**2 + (0.5 * log_variance).exp() - 1 - log_variance).mean(0)
            ),
            "This is what you get with σ where σ² belongs.",
        ),
        Mistake(
            lambda mean, log_variance: mean.var(0, unbiased=False),
            "This is how much the means vary over the images, another measure of activity. "
            "Asked is the KL, in nats.",
        ),
    ),
    hints=(
        "One latent of one image costs ½(μ² + σ² − 1 − log σ²); σ² is exp(log_variance).",
        "Compute that for the whole (batch, latents) table. Which dimension is then averaged?",
        "The first one, the batch. Nothing is summed.",
    ),
    why="The KL of independent latents is a sum, so it can be read latent by latent. One whose "
    "share is near zero has q equal to the prior for every image: the decoder hears noise "
    "there and learns to ignore it.",
    also_right=(_latent_by_torch,),
)
