"""Exercises of lesson 04: the derivation of the variational autoencoder."""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.objectives import importance_weighted_bound, kl_to_standard_normal

Pair = tuple[Tensor, Tensor]


def _normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype)


def _moments_cases(generator: torch.Generator) -> list[Case]:
    """Means and log-variances of a batch of diagonal Gaussians."""

    def pair(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> Pair:
        mean = scale * _normal(generator, *shape, dtype=dtype)
        return mean, math.sqrt(scale) * _normal(generator, *shape, dtype=dtype)

    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("batch of one", pair(1, 4)),
        Case("one latent", pair(6, 1)),
        Case("large values", pair(3, 2, scale=9.0)),
        Case("the prior itself", (torch.zeros(2, 3), torch.zeros(2, 3))),
        Case("float64", pair(4, 6, dtype=torch.float64)),
    ]


# ---------------------------------------------------------------------------- 4.2 the KL


def _kl_without_half(mean: Tensor, log_variance: Tensor) -> Tensor:
    return (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)


def _kl_sigma(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + (0.5 * log_variance).exp() - 1 - log_variance).sum(1)


def _kl_log_sigma(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + (2 * log_variance).exp() - 1 - 2 * log_variance).sum(1)


def _kl_averaged(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean(1)


def _kl_one_number(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()


def _kl_negative(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1)


def _kl_other_direction(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * ((1 + mean**2) * (-log_variance).exp() - 1 + log_variance).sum(1)


def _kl_without_one(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + log_variance.exp() - log_variance).sum(1)


def _kl_plus_log(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + log_variance.exp() - 1 + log_variance).sum(1)


def _kl_no_exponential(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + log_variance - 1 - log_variance.log()).sum(1)


def _kl_by_torch(mean: Tensor, log_variance: Tensor) -> Tensor:
    from torch.distributions import Normal, kl_divergence

    q = Normal(mean, (0.5 * log_variance).exp())
    p = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    divergence: Tensor = kl_divergence(q, p).sum(1)
    return divergence


# ------------------------------------------------------------------- 4.3 its gradient


def kl_gradient(mean: Tensor, log_variance: Tensor) -> Pair:
    """Derivatives of KL(N(mean, exp(log_variance)) || N(0, 1)) in both of its arguments."""
    return mean.clone(), 0.5 * torch.expm1(log_variance)


def _gradient_without_half(mean: Tensor, log_variance: Tensor) -> Pair:
    return mean.clone(), log_variance.exp() - 1


def _gradient_in_variance(mean: Tensor, log_variance: Tensor) -> Pair:
    return mean.clone(), 0.5 * (1 - (-log_variance).exp())


def _gradient_in_sigma(mean: Tensor, log_variance: Tensor) -> Pair:
    sigma = (0.5 * log_variance).exp()
    return mean.clone(), sigma - 1 / sigma


def _gradient_negative(mean: Tensor, log_variance: Tensor) -> Pair:
    return -mean, 0.5 * (1 - log_variance.exp())


def _gradient_without_log(mean: Tensor, log_variance: Tensor) -> Pair:
    return mean.clone(), 0.5 * log_variance.exp()


def _gradient_half_mean(mean: Tensor, log_variance: Tensor) -> Pair:
    return 0.5 * mean, 0.5 * (log_variance.exp() - 1)


def _gradient_without_any_half(mean: Tensor, log_variance: Tensor) -> Pair:
    return 2 * mean, log_variance.exp() - 1


def _gradient_by_autograd(mean: Tensor, log_variance: Tensor) -> Pair:
    mean = mean.detach().requires_grad_()
    log_variance = log_variance.detach().requires_grad_()
    total = kl_to_standard_normal(mean, log_variance).sum()
    in_mean, in_log_variance = torch.autograd.grad(total, (mean, log_variance))
    return in_mean, in_log_variance


# ----------------------------------------------------------- 4.4 the best diagonal q


def best_diagonal_variance(weight: Tensor, noise_variance: float) -> Tensor:
    """Variances of the factorized Gaussian q with the highest ELBO in the linear model."""
    return noise_variance / (weight.square().sum(0) + noise_variance)  # (latents,)


def _precision(weight: Tensor, noise_variance: float) -> Tensor:
    """The matrix M of the lesson, (latents, latents)."""
    size = weight.shape[1]
    return weight.T @ weight + noise_variance * torch.eye(size, dtype=weight.dtype)


def _diagonal_of_posterior(weight: Tensor, noise_variance: float) -> Tensor:
    posterior: Tensor = noise_variance * torch.linalg.inv(_precision(weight, noise_variance))
    return posterior.diagonal()


def _diagonal_without_prior(weight: Tensor, noise_variance: float) -> Tensor:
    return noise_variance / weight.square().sum(0)


def _diagonal_without_noise(weight: Tensor, noise_variance: float) -> Tensor:
    return 1 / (weight.square().sum(0) + noise_variance)


def _diagonal_sigma(weight: Tensor, noise_variance: float) -> Tensor:
    return (noise_variance / (weight.square().sum(0) + noise_variance)).sqrt()


def _diagonal_precision(weight: Tensor, noise_variance: float) -> Tensor:
    return (weight.square().sum(0) + noise_variance) / noise_variance


def _diagonal_squared_noise(weight: Tensor, noise_variance: float) -> Tensor:
    return noise_variance**2 / (weight.square().sum(0) + noise_variance**2)


def _diagonal_of_inverse(weight: Tensor, noise_variance: float) -> Tensor:
    inverse: Tensor = torch.linalg.inv(_precision(weight, noise_variance))
    return inverse.diagonal()


def _diagonal_rows(weight: Tensor, noise_variance: float) -> Tensor:
    return noise_variance / (weight.square().sum(1) + noise_variance)


def _diagonal_unsquared(weight: Tensor, noise_variance: float) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(weight, dim=0)
    return noise_variance / (lengths + noise_variance)


def _diagonal_by_matrix(weight: Tensor, noise_variance: float) -> Tensor:
    return noise_variance * _precision(weight, noise_variance).diagonal().reciprocal()


def _weight_cases(generator: torch.Generator) -> list[Case]:
    def weight(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return _normal(generator, *shape, dtype=dtype)

    orthogonal = torch.linalg.qr(weight(7, 3, dtype=torch.float64)).Q.float()
    return [
        Case("ordinary", (weight(6, 2), 0.3), weight=2),
        Case("one latent", (weight(5, 1), 0.5)),
        Case("orthogonal columns", (2 * orthogonal, 0.1)),
        Case("much noise", (weight(4, 3), 25.0)),
        Case("float64", (weight(9, 4, dtype=torch.float64), 0.05)),
    ]


# ---------------------------------------------------------------------- 4.5 the score


def score(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    """Derivatives of log N(latent; mean, exp(log_variance)) in mean and log_variance."""
    distance = latent - mean
    precision = (-log_variance).exp()
    return distance * precision, 0.5 * (distance.square() * precision - 1)


def _score_sigma(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    sigma = (0.5 * log_variance).exp()
    return (latent - mean) / sigma, 0.5 * ((latent - mean) ** 2 / sigma - 1)


def _score_negative(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return (mean - latent) / variance, 0.5 * ((latent - mean) ** 2 / variance - 1)


def _score_without_one(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return (latent - mean) / variance, 0.5 * (latent - mean) ** 2 / variance


def _score_without_half(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return (latent - mean) / variance, (latent - mean) ** 2 / variance - 1


def _score_in_variance(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return (latent - mean) / variance, 0.5 * ((latent - mean) ** 2 / variance - 1) / variance


def _score_in_sigma(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance, sigma = log_variance.exp(), (0.5 * log_variance).exp()
    return (latent - mean) / variance, ((latent - mean) ** 2 / variance - 1) / sigma


def _score_exponent(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    variance = log_variance.exp()
    return 2 * (latent - mean) / variance, (latent - mean) ** 2 / variance - 0.5


def _score_by_autograd(latent: Tensor, mean: Tensor, log_variance: Tensor) -> Pair:
    mean = mean.detach().requires_grad_()
    log_variance = log_variance.detach().requires_grad_()
    q = torch.distributions.Normal(mean, (0.5 * log_variance).exp(), validate_args=False)
    total = q.log_prob(latent).sum()  # type: ignore[no-untyped-call]
    in_mean, in_log_variance = torch.autograd.grad(total, (mean, log_variance))
    return in_mean, in_log_variance


def _score_cases(generator: torch.Generator) -> list[Case]:
    def triple(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
        return (
            2 * _normal(generator, *shape, dtype=dtype),
            _normal(generator, *shape, dtype=dtype),
            _normal(generator, *shape, dtype=dtype),
        )

    mean = _normal(generator, 3, 2)
    return [
        Case("ordinary", triple(5, 3), weight=2),
        Case("batch of one", triple(1, 4)),
        Case("latent at the mean", (mean, mean.clone(), _normal(generator, 3, 2))),
        Case("float64", triple(4, 2, dtype=torch.float64)),
    ]


# ------------------------------------------------------------ 4.6 what a mean implies


def implied_noise_variance(pixels: int, beta: float) -> float:
    """The decoder's variance for which (mean square over pixels) + beta * KL is -ELBO."""
    return pixels * beta / 2


def _implied_without_half(pixels: int, beta: float) -> float:
    return pixels * beta


def _implied_for_a_sum(pixels: int, beta: float) -> float:
    return beta / 2


def _implied_beta_below(pixels: int, beta: float) -> float:
    return pixels / (2 * beta)


def _implied_precision(pixels: int, beta: float) -> float:
    return 2 / (pixels * beta)


def _implied_sigma(pixels: int, beta: float) -> float:
    return math.sqrt(pixels * beta / 2)


def _implied_without_beta(pixels: int, beta: float) -> float:
    return pixels / 2


def _implied_pixels_below(pixels: int, beta: float) -> float:
    return beta / (2 * pixels)


def _implied_in_steps(pixels: int, beta: float) -> float:
    scale = 1 / beta  # divide the loss by beta, so that the KL term stands alone
    return 1 / (2 * scale / pixels)


def _implied_cases(generator: torch.Generator) -> list[Case]:
    beta = float(torch.rand((), generator=generator)) + 1.5
    return [
        Case("digits", (784, beta), weight=2),
        Case("beta of one", (784, 1.0)),
        Case("a color photograph", (3 * 64 * 64, 0.25)),
        Case("one pixel", (1, beta / 7)),
    ]


# ------------------------------------------------- 4.7 the importance-weighted bound


def _bound_without_log_k(log_weights: Tensor) -> Tensor:
    return torch.logsumexp(log_weights, dim=0)


def _bound_mean_of_logs(log_weights: Tensor) -> Tensor:
    return log_weights.mean(dim=0)


def _bound_divided_outside(log_weights: Tensor) -> Tensor:
    return torch.logsumexp(log_weights, dim=0) / log_weights.shape[0]


def _bound_overflows(log_weights: Tensor) -> Tensor:
    return log_weights.exp().mean(dim=0).log()


def _bound_other_axis(log_weights: Tensor) -> Tensor:
    return torch.logsumexp(log_weights, dim=1) - math.log(log_weights.shape[1])


def _bound_one_number(log_weights: Tensor) -> Tensor:
    return (torch.logsumexp(log_weights, dim=0) - math.log(log_weights.shape[0])).mean()


def _bound_log_batch(log_weights: Tensor) -> Tensor:
    return torch.logsumexp(log_weights, dim=0) - math.log(log_weights.shape[1])


def _bound_plus_log_k(log_weights: Tensor) -> Tensor:
    return torch.logsumexp(log_weights, dim=0) + math.log(log_weights.shape[0])


def _bound_by_softmax_shift(log_weights: Tensor) -> Tensor:
    largest = log_weights.max(dim=0).values  # (batch,)
    return largest + (log_weights - largest).exp().mean(dim=0).log()


def _bound_cases(generator: torch.Generator) -> list[Case]:
    def weights(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return 2 * _normal(generator, *shape, dtype=dtype) - 5

    return [
        Case("ordinary", (weights(8, 5),), weight=2),
        Case("one sample", (weights(1, 4),)),
        Case("batch of one", (weights(6, 1),)),
        Case("as small as for images", (weights(5, 3) - 200,)),
        Case("float64", (weights(7, 2, dtype=torch.float64),)),
    ]


EXERCISES = [
    Exercise(
        id="4.1",
        title="Predict: how many latents survive?",
        kind="prediction",
        prompt="One letter: how many of the 20 latents still carry something after training?",
        reference="c",
        choices={
            "a": "all 20",
            "b": "about half of them",
            "c": "none",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "a",
                "A latent survives only where it pays for itself. Compare the size of an error "
                "averaged over 784 pixels with the price per latent, and read section 7.",
            ),
            Mistake(
                "b",
                "Some would pay for themselves if the error were summed. Here it is averaged "
                "over 784 pixels, and that changes the price: section 7 says by how much.",
            ),
        ),
        hints=(
            "Averaging instead of summing divides the first term by 784 and leaves the second.",
            "If rebuilding the image earns 784 times less, which latents are worth their price?",
        ),
        why="Averaged over 784 pixels, the error is worth so little that no latent pays for "
        "itself. Section 7 turns this into a noise variance of 392, and section 10 shows that "
        "a latent lives only where the data's eigenvalue is above that.",
    ),
    Exercise(
        id="4.2",
        title="KL to the standard normal",
        kind="function",
        prompt="kl(mean, log_variance) → (batch,), in nats",
        points=3,
        difficulty=1,
        minutes=8,
        reference=kl_to_standard_normal,
        cases=_moments_cases,
        gradient=True,
        mistakes=(
            Mistake(
                _kl_without_half,
                "This is twice the KL: the ½ of line (23) is lost.",
            ),
            Mistake(
                _kl_sigma,
                "This is what you get with σ where σ² belongs: exp(log_variance) is already σ², "
                "no half in the exponent.",
            ),
            Mistake(
                _kl_log_sigma,
                "You read log_variance as log σ. It is log σ²: no factor 2 in front of it.",
            ),
            Mistake(
                _kl_averaged,
                "You averaged over the latents; the KL of independent latents is their sum.",
            ),
            Mistake(
                _kl_one_number,
                "One number for the whole batch: averaged too early. Return one value an "
                "example, shape (batch,).",
            ),
            Mistake(
                _kl_negative,
                "The sign is turned: this is −KL, as appendix B of Kingma and Welling prints it. "
                "A KL is never negative.",
            ),
            Mistake(
                _kl_other_direction,
                "This is KL(p‖q), the other direction: the average must be over q.",
            ),
            Mistake(
                _kl_without_one,
                "The −1 is missing: where μ = 0 and σ = 1 the KL must be 0.",
            ),
            Mistake(
                _kl_plus_log,
                "The logarithm has the wrong sign: a small σ must cost, so it is −log σ².",
            ),
            Mistake(
                _kl_no_exponential,
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
        also_right=(_kl_by_torch,),
    ),
    Exercise(
        id="4.3",
        title="Where the KL pulls",
        kind="function",
        prompt="kl_gradient(mean, log_variance) → (d_mean, d_log_variance), each (batch, latents)",
        points=3,
        difficulty=2,
        minutes=10,
        reference=kl_gradient,
        cases=_moments_cases,
        mistakes=(
            Mistake(
                _gradient_without_half,
                "The second derivative is twice too large: the ½ in front of the bracket stays "
                "when log σ² is what you differentiate by.",
            ),
            Mistake(
                _gradient_without_any_half,
                "Both are twice too large: the ½ in front of the bracket of line (23) is lost.",
            ),
            Mistake(
                _gradient_in_variance,
                "This is the derivative by σ². Asked is the one by log σ²: multiply by "
                "dσ²/d(log σ²) = σ².",
            ),
            Mistake(
                _gradient_in_sigma,
                "This is the derivative by σ. Asked is the one by log σ²: multiply by "
                "dσ/d(log σ²) = σ/2.",
            ),
            Mistake(
                _gradient_negative,
                "Both signs are turned: this is the way downhill, −∇KL. Asked is the gradient.",
            ),
            Mistake(
                _gradient_without_log,
                "The term −log σ² has a derivative too: −1. At σ = 1 the gradient must vanish.",
            ),
            Mistake(
                _gradient_half_mean,
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
        also_right=(_gradient_by_autograd,),
    ),
    Exercise(
        id="4.4",
        title="The best factorized posterior",
        kind="function",
        prompt="best_diagonal_variance(weight, noise_variance) → (latents,)",
        points=4,
        difficulty=3,
        minutes=15,
        reference=best_diagonal_variance,
        cases=_weight_cases,
        mistakes=(
            Mistake(
                _diagonal_of_posterior,
                "These are the true posterior's own variances, the diagonal of σₓ²M⁻¹. They "
                "minimize KL(p‖q); the ELBO minimizes KL(q‖p), which wants narrower ones.",
            ),
            Mistake(
                _diagonal_without_prior,
                "The prior is missing: Mⱼⱼ is ‖wⱼ‖² plus the noise variance.",
            ),
            Mistake(
                _diagonal_without_noise,
                "This is 1/Mⱼⱼ. The noise variance belongs in the numerator: without data "
                "(weight 0) the best q is the prior, with variance 1.",
            ),
            Mistake(
                _diagonal_of_inverse,
                "This is the diagonal of M⁻¹. Two things are amiss: the posterior's covariance is "
                "σₓ²M⁻¹, and the best factorized q does not take its diagonal.",
            ),
            Mistake(
                _diagonal_rows,
                "You summed over the columns of W, so there is one value a pixel. wⱼ is a column: "
                "sum its squares over the pixels, dimension 0.",
            ),
            Mistake(
                _diagonal_unsquared,
                "You took the length of the column. Mⱼⱼ is an entry of WᵀW, so it holds the "
                "length squared.",
            ),
            Mistake(
                _diagonal_sigma,
                "This is the standard deviation; asked is the variance.",
            ),
            Mistake(
                _diagonal_precision,
                "This is the precision, one over the variance.",
            ),
            Mistake(
                _diagonal_squared_noise,
                "You squared noise_variance: it is σₓ² already, not σₓ.",
            ),
        ),
        hints=(
            "Collect from line (33), with T = σₓ²M⁻¹ and S diagonal, the terms that hold one vⱼ.",
            "They are −½(‖wⱼ‖²/σₓ² + 1)vⱼ + ½ log vⱼ, with σₓ² the decoder's noise variance.",
            "Set the derivative by vⱼ to zero; ‖wⱼ‖² is the sum of squares of column j.",
        ),
        why="A factorized q must take its width from the diagonal of the precision, not of the "
        "covariance. So it is narrower than the true posterior wherever latents are "
        "correlated: the price of averaging over q.",
        also_right=(_diagonal_by_matrix,),
    ),
    Exercise(
        id="4.5",
        title="The score of a Gaussian",
        kind="function",
        prompt="score(latent, mean, log_variance) → (d_mean, d_log_variance), shaped as the input",
        points=3,
        difficulty=2,
        minutes=10,
        reference=score,
        cases=_score_cases,
        mistakes=(
            Mistake(
                _score_sigma,
                "This is what you get with σ where σ² belongs.",
            ),
            Mistake(
                _score_negative,
                "The first part has the wrong sign: this is the derivative by the latent, not by "
                "the mean. Moving the mean towards the latent makes the latent likelier.",
            ),
            Mistake(
                _score_without_one,
                "The normalizer −½ log σ² depends on log σ² too. Check: the average of a score "
                "over its own density is 0.",
            ),
            Mistake(
                _score_without_half,
                "The second part is twice too large: log σ² stands with a ½ in the log-density.",
            ),
            Mistake(
                _score_in_variance,
                "This is the derivative by σ². Asked is the one by log σ²: multiply by σ².",
            ),
            Mistake(
                _score_in_sigma,
                "This is the derivative by σ. Asked is the one by log σ²: multiply by "
                "dσ/d(log σ²) = σ/2.",
            ),
            Mistake(
                _score_exponent,
                "The exponent of the density is −(z − μ)²/(2σ²), with a 2 that you lost.",
            ),
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
        also_right=(_score_by_autograd,),
    ),
    Exercise(
        id="4.6",
        title="What a mean over pixels implies",
        kind="function",
        prompt="implied_noise_variance(pixels, beta) → a number",
        points=3,
        difficulty=2,
        minutes=8,
        reference=implied_noise_variance,
        cases=_implied_cases,
        mistakes=(
            Mistake(
                _implied_without_half,
                "Twice too large: the Gaussian's exponent is ‖x − x̂‖²/(2σ²), with a 2.",
            ),
            Mistake(
                _implied_for_a_sum,
                "That would be right if the squares were summed. Their mean divides by the "
                "number of pixels.",
            ),
            Mistake(
                _implied_beta_below,
                "β is on the wrong side: a dearer KL acts like a noisier decoder, so the "
                "variance grows with β.",
            ),
            Mistake(
                _implied_pixels_below,
                "The number of pixels is on the wrong side: a mean makes errors count less, as a "
                "larger noise variance does.",
            ),
            Mistake(
                _implied_precision,
                "This is the precision, one over the variance.",
            ),
            Mistake(
                _implied_sigma,
                "This is the standard deviation; asked is the variance.",
            ),
            Mistake(
                _implied_without_beta,
                "β is not in it. Divide the whole loss by β first, so that the KL stands alone.",
            ),
        ),
        hints=(
            "A loss may be multiplied by any positive number: the best networks stay the best.",
            "Divide by β, so that the KL has weight 1 as in −ELBO. What stands before ‖x − x̂‖² "
            "then?",
            "It must equal one over twice the variance.",
        ),
        why="Averaging over pixels is a β of its own. With 784 pixels and β = 1 the decoder is "
        "told to expect a noise variance of 392 on pixels that lie between 0 and 1.",
        also_right=(_implied_in_steps,),
    ),
    Exercise(
        id="4.7",
        title="The importance-weighted bound",
        kind="function",
        prompt="bound(log_weights) → (batch,), from log_weights of shape (k, batch)",
        points=3,
        difficulty=2,
        minutes=8,
        reference=importance_weighted_bound,
        cases=_bound_cases,
        gradient=True,
        mistakes=(
            Mistake(
                _bound_without_log_k,
                "log k is missing: this is the logarithm of the sum, not of the average, and no "
                "bound any more.",
            ),
            Mistake(
                _bound_mean_of_logs,
                "This averages the logarithms: the ordinary ELBO with k samples, which never "
                "gets tighter. The average belongs inside the logarithm.",
            ),
            Mistake(
                _bound_divided_outside,
                "You divided the logarithm by k. Dividing the sum by k subtracts log k.",
            ),
            Mistake(
                _bound_log_batch,
                "You subtracted the logarithm of the batch size. k is the number of samples, the "
                "size of dimension 0.",
            ),
            Mistake(
                _bound_plus_log_k,
                "The sign of log k is turned: a division inside the logarithm subtracts.",
            ),
            Mistake(
                _bound_overflows,
                "The formula is right and the arithmetic is not: exp(−200) is 0 in float32, and "
                "its logarithm −inf. Use torch.logsumexp.",
            ),
            Mistake(
                _bound_other_axis,
                "You averaged over the batch (dimension 1). The k samples are in dimension 0.",
            ),
            Mistake(
                _bound_one_number,
                "One number for the whole batch: averaged too early. Return one value an "
                "example, shape (batch,).",
            ),
        ),
        hints=(
            "The k weights of one example are averaged, and then the logarithm is taken.",
            "torch.logsumexp(..., dim=0) takes the logarithm of a sum of exponentials safely.",
            "An average is a sum divided by k; inside a logarithm that subtracts log k.",
        ),
        why="The average inside the logarithm is an unbiased estimate of p(x); the logarithm "
        "makes it a bound. With more samples the average wobbles less, so the logarithm loses "
        "less.",
        also_right=(_bound_by_softmax_shift,),
    ),
]
