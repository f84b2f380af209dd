"""score(latent, mean, log_variance) → (d_mean, d_log_variance), shaped as the input"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def score(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    """Derivatives of log N(latent; mean, exp(log_variance)) in mean and log_variance."""
    distance = latent - mean
    precision = (-log_variance).exp()
    return distance * precision, 0.5 * (distance.square() * precision - 1)


def _cases(generator: torch.Generator) -> list[Case]:
    def triple(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
        return (
            2 * normal(generator, *shape, dtype=dtype),
            normal(generator, *shape, dtype=dtype),
            normal(generator, *shape, dtype=dtype),
        )

    mean = normal(generator, 3, 2)
    return [
        Case("ordinary", triple(5, 3), weight=2),
        Case("batch of one", triple(1, 4)),
        Case("latent at the mean", (mean, mean.clone(), normal(generator, 3, 2))),
        Case("float64", triple(4, 2, dtype=torch.float64)),
    ]


def _by_autograd(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    mean = mean.detach().requires_grad_()
    log_variance = log_variance.detach().requires_grad_()
    q = torch.distributions.Normal(mean, (0.5 * log_variance).exp(), validate_args=False)
    total = q.log_prob(latent).sum()  # type: ignore[no-untyped-call]
    in_mean, in_log_variance = torch.autograd.grad(total, (mean, log_variance))
    return in_mean, in_log_variance


@mistake("This is what you get with σ where σ² belongs.")
def _sigma(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    sigma = (0.5 * log_variance).exp()
    return (latent - mean) / sigma, 0.5 * ((latent - mean) ** 2 / sigma - 1)


@mistake(
    "The first part has the wrong sign: this is the derivative by the latent, not by "
    "the mean. Moving the mean towards the latent makes the latent likelier."
)
def _negative(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return (mean - latent) / variance, 0.5 * ((latent - mean) ** 2 / variance - 1)


@mistake(
    "The normalizer −½ log σ² depends on log σ² too. Check: the average of a score "
    "over its own density is 0."
)
def _without_one(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return (latent - mean) / variance, 0.5 * (latent - mean) ** 2 / variance


@mistake("The second part is twice too large: log σ² stands with a ½ in the log-density.")
def _without_half(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return (latent - mean) / variance, (latent - mean) ** 2 / variance - 1


@mistake("This is the derivative by σ². Asked is the one by log σ²: multiply by σ².")
def _in_variance(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return (latent - mean) / variance, 0.5 * ((latent - mean) ** 2 / variance - 1) / variance


@mistake("This is the derivative by σ. Asked is the one by log σ²: multiply by dσ/d(log σ²) = σ/2.")
def _in_sigma(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance, sigma = log_variance.exp(), (0.5 * log_variance).exp()
    return (latent - mean) / variance, ((latent - mean) ** 2 / variance - 1) / sigma


@mistake("The exponent of the density is −(z − μ)²/(2σ²), with a 2 that you lost.")
def _exponent(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return 2 * (latent - mean) / variance, (latent - mean) ** 2 / variance - 0.5


EXERCISE = Exercise(
    id="4.5",
    title="The score of a Gaussian",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=score,
    cases=_cases,
    mistakes=(
        _sigma,
        _negative,
        _without_one,
        _without_half,
        _in_variance,
        _in_sigma,
        _exponent,
    ),
    hints=(
        "Write the log-density with v = log σ²: −½ log 2π − ½v − ½(z − μ)² e⁻ᵛ.",
        "Differentiate by μ, then by v. The derivative of e⁻ᵛ is −e⁻ᵛ.",
        "First part: distance over variance. Second: half of (squared distance over variance "
        "minus one).",
    ),
    why="A score averages to zero over its own density, which is why any constant may be "
    "subtracted from f without bias. It is all that the score-function estimator knows "
    "about the encoder: f itself is never differentiated.",
    also_right=(_by_autograd,),
)
