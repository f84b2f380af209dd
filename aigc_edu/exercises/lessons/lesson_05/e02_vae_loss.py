"""vae_loss(logits, x, mean, log_variance, beta) → one number with a gradient"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal
from aigc_edu.objectives import bernoulli_log_likelihood, elbo, kl_to_standard_normal


def vae_loss(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float = 1.0
) -> Tensor:
    """What a training step minimizes: minus the ELBO, averaged over the batch."""
    return -elbo(logits, x, mean, log_variance, beta).mean()


def _cases(generator: torch.Generator) -> list[Case]:
    def four(
        batch: int, *image: int, latents: int, size: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return (
            size * normal(generator, batch, *image, dtype=dtype),
            torch.rand((batch, *image), generator=generator, dtype=dtype),
            normal(generator, batch, latents, dtype=dtype),
            normal(generator, batch, latents, dtype=dtype),
        )

    return [
        Case("ordinary", (*four(5, 1, 4, 3, latents=2), 1.7), weight=2),
        Case("beta of one", (*four(4, 1, 3, 5, latents=6), 1.0)),
        Case("batch of one", (*four(1, 1, 2, 5, latents=3), 0.3)),
        Case("logits in the hundreds", (*four(3, 1, 5, 2, latents=2, size=200.0), 2.0)),
        Case("float64", (*four(6, 1, 3, 4, latents=5, dtype=torch.float64), 0.5)),
    ]


def _by_torch(logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float) -> Tensor:
    error = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
    return (error + beta * kl) / len(x)


@mistake(
    "The reconstruction is averaged over the pixels, the KL is not. By lesson 04 this "
    "makes the KL weigh as many times more as there are pixels, and latents fall "
    "silent."
)
def _pixel_mean(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    error = F.binary_cross_entropy_with_logits(logits, x)
    return error + beta * kl_to_standard_normal(mean, log_variance).mean()


@mistake(
    "The KL is averaged over the latents, but the price of a code is the sum over all of them."
)
def _kl_latent_mean(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    kl = kl_to_standard_normal(mean, log_variance) / mean.shape[1]
    return (beta * kl - bernoulli_log_likelihood(logits, x)).mean()


@mistake(
    "Everything is averaged: over pixels here and over latents there. The two numbers "
    "of elements differ, so this is the ELBO with another β. Sum within an example."
)
def _all_means(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    kl = kl_to_standard_normal(mean, log_variance) / mean.shape[1]
    return F.binary_cross_entropy_with_logits(logits, x) + beta * kl.mean()


@mistake(
    "These are squared errors, which belong to a Gaussian decoder (here with variance "
    "½). Our pixels are Bernoulli: use their log-likelihood."
)
def _squares(logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float) -> Tensor:
    error = (torch.sigmoid(logits) - x).square().flatten(1).sum(1)  # (batch,)
    return (error + beta * kl_to_standard_normal(mean, log_variance)).mean()


@mistake(
    "The formula is right and the arithmetic is not: in float32 the sigmoid of 20 is "
    "exactly 1, and log(1 − 1) is −inf. Work with the logits."
)
def _log_of_sigmoid(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    p = torch.sigmoid(logits)
    likelihood = (x * p.log() + (1 - x) * (1 - p).log()).flatten(1).sum(1)  # (batch,)
    return (beta * kl_to_standard_normal(mean, log_variance) - likelihood).mean()


def _sum_of_probabilities(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    error = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
    return error + beta * kl_to_standard_normal(mean, log_variance).sum()


SUM_OF_PROBABILITIES = Mistake(
    _sum_of_probabilities,
    "You summed over the batch too, so the loss grows with the number of images in a "
    "step. And for large logits the probabilities have lost their last digits: work "
    "with the logits.",
)


EXERCISE = Exercise(
    id="5.2",
    title="The loss of a training step",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=vae_loss,
    cases=_cases,
    gradient=True,
    mistakes=(
        Mistake(
            lambda logits, x, mean, log_variance, beta: (
                -elbo(logits, x, mean, log_variance, beta).sum()
            ),
            "You summed over the batch too: the loss, and every gradient, then grows with the "
            "number of images in a step.",
        ),
        _pixel_mean,
        _kl_latent_mean,
        _all_means,
        Mistake(
            lambda logits, x, mean, log_variance, beta: elbo(
                logits, x, mean, log_variance, beta
            ).mean(),
            "This is the ELBO itself. An optimizer makes its number small, and would make the "
            "images as unlikely as it can.",
        ),
        Mistake(
            lambda logits, x, mean, log_variance, beta: (
                -elbo(logits, x, mean, log_variance, -beta).mean()
            ),
            "The KL has the wrong sign: the loss falls when the code moves away from the "
            "prior, without end.",
        ),
        Mistake(
            lambda logits, x, mean, log_variance, beta: (
                -elbo(torch.sigmoid(logits), x, mean, log_variance, beta).mean()
            ),
            "A sigmoid was applied twice: a function that takes logits must get logits, not "
            "probabilities.",
        ),
        Mistake(
            lambda logits, x, mean, log_variance, beta: (
                -beta * elbo(logits, x, mean, log_variance).mean()
            ),
            "β multiplies the whole loss, so it changes nothing but the step size. It belongs "
            "to the KL alone.",
        ),
        Mistake(
            lambda logits, x, mean, log_variance, beta: (
                -elbo(logits, x, mean, log_variance, beta * beta).mean()
            ),
            "β is in it twice: you multiplied a KL that had been multiplied already.",
        ),
        Mistake(
            lambda logits, x, mean, log_variance, beta: -elbo(logits, x, mean, log_variance).mean(),
            "β is ignored: with any β other than 1 this is another loss.",
        ),
        _squares,
        _log_of_sigmoid,
        Mistake(
            lambda logits, x, mean, log_variance, beta: (
                _sum_of_probabilities(logits, x, mean, log_variance, beta) / len(x)
            ),
            "Right for small logits. For large ones F.binary_cross_entropy, which takes "
            "probabilities, cuts every logarithm at −100; the version for logits does not.",
        ),
        SUM_OF_PROBABILITIES,
    ),
    hints=(
        "First one number an example: the log-likelihood summed over pixels, minus β times "
        "the KL summed over latents.",
        "bernoulli_log_likelihood and kl_to_standard_normal each give (batch,). What must "
        "happen to the batch, and to the sign?",
        "Average over the batch, and turn the sign: the optimizer goes down, the ELBO should "
        "go up.",
    ),
    why="Summed within an example, averaged over the batch: then the loss is in nats an image, "
    "whatever the batch size, and can be compared with other people's. The step size means "
    "the same for every batch size, too.",
    also_right=(_by_torch,),
)
