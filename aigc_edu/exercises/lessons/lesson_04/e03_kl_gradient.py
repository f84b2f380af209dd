"""kl_gradient(mean, log_variance) → (d_mean, d_log_variance), each (batch, latents)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair
from aigc_edu.exercises.lessons.lesson_04.shared import moments_cases
from aigc_edu.objectives import kl_to_standard_normal


def kl_gradient(mean: Tensor, log_variance: Tensor) -> Pair:
    """Derivatives of KL(N(mean, exp(log_variance)) || N(0, 1)) in both of its arguments."""
    return mean.clone(), 0.5 * torch.expm1(log_variance)


def _by_autograd(mean: Tensor, log_variance: Tensor) -> Pair:
    mean = mean.detach().requires_grad_()
    log_variance = log_variance.detach().requires_grad_()
    total = kl_to_standard_normal(mean, log_variance).sum()
    in_mean, in_log_variance = torch.autograd.grad(total, (mean, log_variance))
    return in_mean, in_log_variance


@mistake("This is the derivative by σ. Asked is the one by log σ²: multiply by dσ/d(log σ²) = σ/2.")
def _in_sigma(mean: Tensor, log_variance: Tensor) -> Pair:
    sigma = (0.5 * log_variance).exp()
    return mean.clone(), sigma - 1 / sigma


EXERCISE = Exercise(
    id="4.3",
    title="Where the KL pulls",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=kl_gradient,
    cases=moments_cases,
    mistakes=(
        Mistake(
            lambda mean, log_variance: (mean.clone(), log_variance.exp() - 1),
            "The second derivative is twice too large: the ½ in front of the bracket stays "
            "when log σ² is what you differentiate by.",
        ),
        Mistake(
            lambda mean, log_variance: (2 * mean, log_variance.exp() - 1),
            "Both are twice too large: the ½ in front of the bracket of line (23) is lost.",
        ),
        Mistake(
            lambda mean, log_variance: (mean.clone(), 0.5 * (1 - (-log_variance).exp())),
            "This is the derivative by σ². Asked is the one by log σ²: multiply by "
            "dσ²/d(log σ²) = σ².",
        ),
        _in_sigma,
        Mistake(
            lambda mean, log_variance: (-mean, 0.5 * (1 - log_variance.exp())),
            "Both signs are turned: this is the way downhill, −∇KL. Asked is the gradient.",
        ),
        Mistake(
            lambda mean, log_variance: (mean.clone(), 0.5 * log_variance.exp()),
            "The term −log σ² has a derivative too: −1. At σ = 1 the gradient must vanish.",
        ),
        Mistake(
            lambda mean, log_variance: (0.5 * mean, 0.5 * (log_variance.exp() - 1)),
            "The derivative of ½μ² is μ: the 2 from the square cancels the ½.",
        ),
    ),
    hints=(
        "Write v for log σ². Then line (23) is ½(μ² + eᵛ − 1 − v).",
        "Differentiate by μ with v fixed, then by v with μ fixed.",
        "The derivative of eᵛ by v is eᵛ, and that of −v is −1; the ½ stands before both.",
    ),
    why="The pull on the mean is a spring towards 0. The pull on log σ² is at most ½ however "
    "small σ becomes, and exponentially strong when σ is large.",
    also_right=(_by_autograd,),
)
