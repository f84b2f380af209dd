"""gaussian_codes(codes, noise) → (draws, latents), from noise of the same shape drawn from
N(0, I)"""

from collections.abc import Callable

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal
from aigc_edu.exercises.lessons.lesson_03.shared import mixing_matrix


def gaussian_codes(codes: Tensor, noise: Tensor) -> Tensor:
    """Standard normal draws (draws, latents), given the mean and covariance of the codes."""
    root: Tensor = torch.linalg.cholesky(torch.cov(codes.T))  # (latents, latents)
    return codes.mean(0) + noise @ root.T


def _cases(generator: torch.Generator) -> list[Case]:
    def cloud(count: int, latents: int, dtype: torch.dtype = torch.float32) -> Tensor:
        mixing = mixing_matrix(generator, latents, dtype)
        mixing = mixing * torch.linspace(1.5, 3.0, latents, dtype=dtype)
        return normal(generator, count, latents, dtype=dtype) @ mixing - 1.2

    return [
        Case("ordinary", (cloud(4000, 3),), weight=2),
        Case("two latents", (cloud(3000, 2),)),
        Case("float64", (cloud(5000, 5, torch.float64),)),
    ]


def _run(answer: Callable[..., Tensor], codes: Tensor) -> dict[str, Tensor]:
    """Mean and covariance of what an affine answer draws: no root is preferred to another."""
    latents = codes.shape[1]
    mean = answer(codes, torch.zeros(1, latents, dtype=codes.dtype))  # (1, latents)
    directions = answer(codes, torch.eye(latents, dtype=codes.dtype)) - mean
    return {"mean": mean, "covariance": directions.T @ directions}


def _by_eigenvectors(codes: Tensor, noise: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(torch.cov(codes.T, correction=0))
    deviations: Tensor = (noise * values.sqrt()) @ vectors.T
    return codes.mean(0) + deviations


@mistake(
    "The Cholesky root stands the wrong way round: with noise in rows, noise @ L has "
    "covariance LᵀL, and asked is LLᵀ."
)
def _transposed(codes: Tensor, noise: Tensor) -> Tensor:
    root: Tensor = torch.linalg.cholesky(torch.cov(codes.T))
    return codes.mean(0) + noise @ root


EXERCISE = Exercise(
    id="3.7",
    title="Random codes, as good as a Gaussian can make them",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=gaussian_codes,
    cases=_cases,
    run=_run,
    tolerance=(1e-3, 1e-3),
    mistakes=(
        Mistake(
            lambda codes, noise: codes.mean(0) + noise * codes.std(0),
            "Each code has its right spread, but codes are correlated and yours are not: use "
            "a root of the whole covariance matrix.",
        ),
        Mistake(
            lambda codes, noise: noise.clone(),
            "These are plain N(0, I) draws, which know nothing of the codes.",
        ),
        Mistake(
            lambda codes, noise: codes.mean(0) + noise,
            "The mean is right and the covariance is still the identity.",
        ),
        Mistake(
            lambda codes, noise: gaussian_codes(codes, noise) - codes.mean(0),
            "The mean of the codes is missing: nobody centered them.",
        ),
        Mistake(
            lambda codes, noise: codes.mean(0) + noise @ torch.cov(codes.T),
            "You multiplied by the covariance, which stands for a variance, not for a "
            "standard deviation: your draws have its square as covariance. Use a root of it.",
        ),
        _transposed,
        Mistake(
            lambda codes, noise: codes.mean(0) + noise @ torch.cov(codes.T).abs().sqrt(),
            "You took the root of each entry. Asked is a matrix L with LLᵀ equal to the "
            "covariance; roots of the entries do not multiply to that.",
        ),
        Mistake(
            lambda codes, noise: gaussian_codes(codes, noise) - codes.mean(0) + codes.mean(),
            "You added one number, the average of all codes together. Each of the latents "
            "has an average of its own: codes.mean(0).",
        ),
        Mistake(
            lambda codes, noise: codes.mean(0) + noise * codes.var(0),
            "You multiplied by variances; a spread is multiplied by the standard deviation. "
            "And codes are correlated: use a root of the whole covariance.",
        ),
    ),
    hints=(
        "If ε has covariance I, then Lε has covariance LLᵀ. Which L gives that of the codes?",
        "torch.cov wants one row a variable, so give it codes.T; torch.linalg.cholesky gives "
        "a root L of it.",
        "noise has one draw a row, and each row has to be multiplied by L from the left: "
        "that is noise times L transposed. Add the mean.",
    ),
    why="Any root does: Cholesky's, or eigenvectors times standard deviations. Mean and "
    "covariance are now right, and whatever still looks wrong is not their fault.",
    also_right=(_by_eigenvectors,),
)
