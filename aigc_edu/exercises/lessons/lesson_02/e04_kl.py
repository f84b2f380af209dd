"""kl(mean_q, log_variance_q, mean_p, log_variance_p) → (batch,), KL(q‖p) in nats"""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal
from aigc_edu.objectives import gaussian_kl

Four = tuple[Tensor, Tensor, Tensor, Tensor]


def _cases(generator: torch.Generator) -> list[Case]:
    def four(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> Four:
        def draw(factor: float) -> Tensor:
            return factor * normal(generator, *shape, dtype=dtype)

        return draw(scale), draw(1.0), draw(scale), draw(1.0)

    mean, log_variance = normal(generator, 2, 3), normal(generator, 2, 3)
    return [
        Case("ordinary", four(5, 3), weight=2),
        Case("batch of one", four(1, 4)),
        Case("one dimension", four(6, 1)),
        Case("far apart", four(3, 2, scale=10.0)),
        Case("twice the same", (mean, log_variance, mean.clone(), log_variance.clone())),
        Case("float64", four(4, 6, dtype=torch.float64)),
    ]


def _by_torch(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    from torch.distributions import Normal, kl_divergence

    q = Normal(mean_q, (0.5 * log_variance_q).exp())
    p = Normal(mean_p, (0.5 * log_variance_p).exp())
    divergence: Tensor = kl_divergence(q, p).sum(1)
    return divergence


def _terms(mean_q: Tensor, log_q: Tensor, mean_p: Tensor, log_p: Tensor) -> Tensor:
    """Twice the KL of each dimension."""
    distance = (mean_q - mean_p).square() * (-log_p).exp()
    return distance + (log_q - log_p).exp() - 1 - (log_q - log_p)


@mistake("This is what you get with σ where σ² belongs: exp(log_variance) is σ² already.")
def _sigma(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    distance = (mean_q - mean_p).square() * (-0.5 * log_variance_p).exp()
    return 0.5 * (distance + (0.5 * ratio).exp() - 1 - ratio).sum(1)


@mistake(
    "The logarithm has the wrong sign: in line (24) it is minus the logarithm of q's "
    "variance over p's."
)
def _plus_log(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    distance = (mean_q - mean_p).square() * (-log_variance_p).exp()
    return 0.5 * (distance + ratio.exp() - 1 + ratio).sum(1)


@mistake(
    "The ½ is missing before the logarithm: log(σ_q/σ_p) is half the difference of "
    "the log-variances."
)
def _whole_log(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    distance = (mean_q - mean_p).square() * (-log_variance_p).exp()
    return (0.5 * (distance + ratio.exp() - 1) - ratio).sum(1)


@mistake(
    "The distance of the means must be measured in units of p: divide its square by p's variance."
)
def _distance_plain(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    return 0.5 * ((mean_q - mean_p).square() + ratio.exp() - 1 - ratio).sum(1)


@mistake(
    "You divided the distance by q's variance. In line (23) it is the exponent of p that holds it."
)
def _distance_by_q(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    distance = (mean_q - mean_p).square() * (-log_variance_q).exp()
    return 0.5 * (distance + ratio.exp() - 1 - ratio).sum(1)


@mistake(
    "The distance of the means is right; the ratio of the variances is upside down. "
    "The average is over q, so its variance is the numerator."
)
def _ratio_turned(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_p - log_variance_q
    distance = (mean_q - mean_p).square() * (-log_variance_p).exp()
    return 0.5 * (distance + ratio.exp() - 1 - ratio).sum(1)


EXERCISE = Exercise(
    id="2.4",
    title="KL between two Gaussians",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=gaussian_kl,
    cases=_cases,
    gradient=True,
    mistakes=(
        Mistake(
            lambda mean_q, log_variance_q, mean_p, log_variance_p: _terms(
                mean_q, log_variance_q, mean_p, log_variance_p
            ).sum(1),
            "This is twice the KL: the ½ of line (24) is lost.",
        ),
        Mistake(
            lambda mean_q, log_variance_q, mean_p, log_variance_p: (
                0.5 * _terms(mean_p, log_variance_p, mean_q, log_variance_q).sum(1)
            ),
            "This is KL(p‖q), the other direction: the average is over q, so q's variance "
            "stands above p's.",
        ),
        Mistake(
            lambda mean_q, log_variance_q, mean_p, log_variance_p: (
                0.5 * _terms(mean_q, log_variance_q, mean_p, log_variance_p).mean(1)
            ),
            "You averaged over the dimensions. The logarithm of a product is a sum, so the "
            "KL of independent dimensions is their sum.",
        ),
        _sigma,
        Mistake(
            lambda mean_q, log_variance_q, mean_p, log_variance_p: gaussian_kl(
                mean_q, 2 * log_variance_q, mean_p, 2 * log_variance_p
            ),
            "You read log_variance as log σ. It is log σ²: no factor 2 in front of it.",
        ),
        _plus_log,
        _whole_log,
        _distance_plain,
        _distance_by_q,
        _ratio_turned,
        Mistake(
            lambda mean_q, log_variance_q, mean_p, log_variance_p: (
                0.5 * (_terms(mean_q, log_variance_q, mean_p, log_variance_p) + 1).sum(1)
            ),
            "The −1 is missing: for two equal Gaussians the KL must be 0.",
        ),
        Mistake(
            lambda mean_q, log_variance_q, mean_p, log_variance_p: (
                gaussian_kl(mean_q, log_variance_q, mean_p, log_variance_p) / math.log(2)
            ),
            "This is in bits. The course measures in nats: natural logarithms.",
        ),
    ),
    hints=(
        "Line (24) for each dimension; then a sum over dimension 1.",
        "σ_q²/σ_p² is the exponential of a difference of the two log-variances.",
        "Half of: squared distance over p's variance, plus the ratio of variances, minus one, "
        "minus the logarithm of that ratio.",
    ),
    why="Everything is measured in units of p: the distance of the means and the ratio of "
    "the widths. Exchange the two Gaussians and the units change, so the number does too.",
    also_right=(_by_torch,),
)
