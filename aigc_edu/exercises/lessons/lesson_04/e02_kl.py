"""kl(mean, log_variance) → (batch,), in nats"""

import torch
from torch import Tensor

from aigc_edu.exercises import Exercise, Mistake
from aigc_edu.exercises.lessons.lesson_04.shared import moments_cases
from aigc_edu.objectives import kl_to_standard_normal


def _by_torch(mean: Tensor, log_variance: Tensor) -> Tensor:
    from torch.distributions import Normal, kl_divergence

    q = Normal(mean, (0.5 * log_variance).exp())
    p = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    divergence: Tensor = kl_divergence(q, p).sum(1)
    return divergence


EXERCISE = Exercise(
    id="4.2",
    title="KL to the standard normal",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=1,
    minutes=8,
    reference=kl_to_standard_normal,
    cases=moments_cases,
    gradient=True,
    mistakes=(
        Mistake(
            lambda mean, log_variance: (mean**2 + log_variance.exp() - 1 - log_variance).sum(1),
            "This is twice the KL: the ½ of line (23) is lost.",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * (mean**2 + (0.5 * log_variance).exp() - 1 - log_variance).sum(1)
            ),
            "This is what you get with σ where σ² belongs: exp(log_variance) is already σ², "
            "no half in the exponent.",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * (mean**2 + (2 * log_variance).exp() - 1 - 2 * log_variance).sum(1)
            ),
            "You read log_variance as log σ. It is log σ²: no factor 2 in front of it.",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean(1)
            ),
            "You averaged over the latents; the KL of independent latents is their sum.",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()
            ),
            "One number for the whole batch: averaged too early. Return one value an "
            "example, shape (batch,).",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1)
            ),
            "The sign is turned: this is −KL, as appendix B of Kingma and Welling prints it. "
            "A KL is never negative.",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * ((1 + mean**2) * (-log_variance).exp() - 1 + log_variance).sum(1)
            ),
            "This is KL(p‖q), the other direction: the average must be over q.",
        ),
        Mistake(
            lambda mean, log_variance: 0.5 * (mean**2 + log_variance.exp() - log_variance).sum(1),
            "The −1 is missing: where μ = 0 and σ = 1 the KL must be 0.",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * (mean**2 + log_variance.exp() - 1 + log_variance).sum(1)
            ),
            "The logarithm has the wrong sign: a small σ must cost, so it is −log σ².",
        ),
        Mistake(
            lambda mean, log_variance: (
                0.5 * (mean**2 + log_variance - 1 - log_variance.log()).sum(1)
            ),
            "You took log_variance for σ² itself. It may be negative, where its logarithm is "
            "NaN: σ² is its exponential, and log σ² it is already.",
        ),
    ),
    hints=(
        "Start from line (23), which is for one latent. What happens with several?",
        "σ² is exp(log_variance), and log σ² is what you are given.",
        "Half of: mean squared plus variance minus one minus log-variance; summed over "
        "dimension 1.",
    ),
    why="Each latent adds its own share, because the logarithm of a product is a sum. The "
    "KL is zero exactly where μ = 0 and σ = 1, and it grows slowly in log σ² below and "
    "exponentially above.",
    also_right=(_by_torch,),
)
