"""best_diagonal_variance(weight, noise_variance) → (latents,)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def best_diagonal_variance(weight: Tensor, noise_variance: float) -> Tensor:
    """Variances of the factorized Gaussian q with the highest ELBO in the linear model."""
    return noise_variance / (weight.square().sum(0) + noise_variance)  # (latents,)


def _cases(generator: torch.Generator) -> list[Case]:
    def weight(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return normal(generator, *shape, dtype=dtype)

    orthogonal = torch.linalg.qr(weight(7, 3, dtype=torch.float64)).Q.float()
    return [
        Case("ordinary", (weight(6, 2), 0.3), weight=2),
        Case("one latent", (weight(5, 1), 0.5)),
        Case("orthogonal columns", (2 * orthogonal, 0.1)),
        Case("much noise", (weight(4, 3), 25.0)),
        Case("float64", (weight(9, 4, dtype=torch.float64), 0.05)),
    ]


def _precision(weight: Tensor, noise_variance: float) -> Tensor:
    """The matrix M of the lesson, (latents, latents)."""
    size = weight.shape[1]
    return weight.T @ weight + noise_variance * torch.eye(size, dtype=weight.dtype)


def _by_matrix(weight: Tensor, noise_variance: float) -> Tensor:
    return noise_variance * _precision(weight, noise_variance).diagonal().reciprocal()


@mistake(
    "These are the true posterior's own variances, the diagonal of σₓ²M⁻¹. They "
    "minimize KL(p‖q); the ELBO minimizes KL(q‖p), which wants narrower ones."
)
def _of_posterior(weight: Tensor, noise_variance: float) -> Tensor:
    posterior: Tensor = noise_variance * torch.linalg.inv(_precision(weight, noise_variance))
    return posterior.diagonal()


@mistake(
    "This is the diagonal of M⁻¹. Two things are amiss: the posterior's covariance is "
    "σₓ²M⁻¹, and the best factorized q does not take its diagonal."
)
def _of_inverse(weight: Tensor, noise_variance: float) -> Tensor:
    inverse: Tensor = torch.linalg.inv(_precision(weight, noise_variance))
    return inverse.diagonal()


@mistake(
    "You took the length of the column. Mⱼⱼ is an entry of WᵀW, so it holds the length squared."
)
def _unsquared(weight: Tensor, noise_variance: float) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(weight, dim=0)
    return noise_variance / (lengths + noise_variance)


EXERCISE = Exercise(
    id="4.4",
    title="The best factorized posterior",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=15,
    reference=best_diagonal_variance,
    cases=_cases,
    mistakes=(
        _of_posterior,
        Mistake(
            lambda weight, noise_variance: noise_variance / weight.square().sum(0),
            "The prior is missing: Mⱼⱼ is ‖wⱼ‖² plus the noise variance.",
        ),
        Mistake(
            lambda weight, noise_variance: 1 / (weight.square().sum(0) + noise_variance),
            "This is 1/Mⱼⱼ. The noise variance belongs in the numerator: without data "
            "(weight 0) the best q is the prior, with variance 1.",
        ),
        _of_inverse,
        Mistake(
            lambda weight, noise_variance: (
                noise_variance / (weight.square().sum(1) + noise_variance)
            ),
            "You summed over the columns of W, so there is one value a pixel. wⱼ is a column: "
            "sum its squares over the pixels, dimension 0.",
        ),
        _unsquared,
        Mistake(
            lambda weight, noise_variance: (
                noise_variance / (weight.square().sum(0) + noise_variance)
            ).sqrt(),
            "This is the standard deviation; asked is the variance.",
        ),
        Mistake(
            lambda weight, noise_variance: (
                (weight.square().sum(0) + noise_variance) / noise_variance
            ),
            "This is the precision, one over the variance.",
        ),
        Mistake(
            lambda weight, noise_variance: (
                noise_variance**2 / (weight.square().sum(0) + noise_variance**2)
            ),
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
    also_right=(_by_matrix,),
)
