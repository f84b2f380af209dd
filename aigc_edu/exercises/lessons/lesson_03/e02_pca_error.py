"""pca_error(x, latents) → the squared error an image, a tensor with one number, from x of
shape (count, pixels)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def pca_error(x: Tensor, latents: int) -> Tensor:
    """Squared error an example of the best linear autoencoder: its discarded eigenvalues' sum."""
    centered = x - x.mean(0)  # (count, pixels)
    eigenvalues: Tensor = torch.linalg.eigvalsh(centered.T @ centered / len(x))  # smallest first
    return eigenvalues.flip(0)[latents:].sum()


def _cases(generator: torch.Generator) -> list[Case]:
    def data(count: int, pixels: int, dtype: torch.dtype = torch.float32) -> Tensor:
        scale = 2.0 / (1 + torch.arange(pixels, dtype=dtype))
        mixing = normal(generator, pixels, pixels, dtype=dtype)
        return 0.7 + (normal(generator, count, pixels, dtype=dtype) * scale) @ mixing

    constant = data(12, 5)
    constant[:, 2] = 0.25
    return [
        Case("ordinary", (data(11, 6), 2), weight=2),
        Case("no code at all", (data(9, 4), 0)),
        Case("every direction kept", (data(10, 3), 3)),
        Case("a constant pixel", (constant, 1)),
        Case("far from zero", (data(8, 4) + 5.0, 1)),
        Case("float64", (data(20, 7, torch.float64), 4)),
    ]


def _by_svd(x: Tensor, latents: int) -> Tensor:
    lengths: Tensor = torch.linalg.svdvals(x - x.mean(0))
    return lengths[latents:].square().sum() / len(x)


def _by_rebuilding(x: Tensor, latents: int) -> Tensor:
    centered = x - x.mean(0)
    kept = torch.linalg.svd(centered, full_matrices=False).Vh[:latents]  # (latents, pixels)
    missing: Tensor = centered - centered @ kept.T @ kept
    return missing.square().sum(1).mean()


def _from(eigenvalues: Tensor, latents: int) -> Tensor:
    """The sum of all but the largest; ``eigenvalues`` come smallest first."""
    return eigenvalues.flip(0)[latents:].sum()


def _spectrum(x: Tensor) -> Tensor:
    eigenvalues: Tensor = torch.linalg.eigvalsh(torch.cov(x.T, correction=0))
    return eigenvalues


@mistake(
    "You subtracted one number, the average of all pixels of all images. Each pixel "
    "has an average of its own: x.mean(0)."
)
def _one_mean(x: Tensor, latents: int) -> Tensor:
    centered = x - x.mean()
    return _from(torch.linalg.eigvalsh(centered.T @ centered / len(x)), latents)


@mistake(
    "You added the singular values themselves. An eigenvalue of the covariance is a "
    "singular value squared, divided by the count."
)
def _singular_values(x: Tensor, latents: int) -> Tensor:
    lengths: Tensor = torch.linalg.svdvals(x - x.mean(0))
    return lengths[latents:].sum()


EXERCISE = Exercise(
    id="3.2",
    title="The error of PCA, without rebuilding anything",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=2,
    minutes=12,
    reference=pca_error,
    cases=_cases,
    tolerance=(1e-3, 1e-4),
    mistakes=(
        Mistake(
            lambda x, latents: _from(torch.linalg.eigvalsh(x.T @ x / len(x)), latents),
            "The data were not centered: these are eigenvalues of the average of xxᵀ, and the "
            "first of them is mostly the mean. Subtract the average image first.",
        ),
        Mistake(
            lambda x, latents: _from(torch.linalg.eigvalsh(torch.cov(x.T)), latents),
            "Too large by n/(n − 1): torch.cov divides by n − 1 unless told otherwise, and "
            "an average over n images divides by n.",
        ),
        Mistake(
            lambda x, latents: _spectrum(x)[latents:].sum(),
            "You discarded the wrong end: eigvalsh gives the smallest eigenvalue first, so "
            "this drops the small ones and counts the large ones as lost.",
        ),
        Mistake(
            lambda x, latents: _spectrum(x).flip(0)[:latents].sum(),
            "This is the variance that is kept. What is lost is the rest.",
        ),
        Mistake(
            lambda x, latents: _from(_spectrum(x), latents) / x.shape[1],
            "This is the error a pixel: you divided by the number of pixels. The course's "
            "convention is the sum over the pixels of an image.",
        ),
        Mistake(
            lambda x, latents: _from(_spectrum(x), latents) * len(x),
            "This is the error of all images together. Divide by their number.",
        ),
        Mistake(
            lambda x, latents: _from(_spectrum(x), latents) / _spectrum(x).sum(),
            "This is the share of the variance that is lost, between 0 and 1. Asked is the "
            "error itself.",
        ),
        Mistake(
            lambda x, latents: _from(_spectrum(x).clamp(min=0).sqrt(), latents),
            "You added standard deviations. Line (12) adds the eigenvalues, which are "
            "variances (singular values have to be squared, and divided by n).",
        ),
        Mistake(
            lambda x, latents: _spectrum(x).flip(0)[latents + 1 :].sum(),
            "You left out one eigenvalue too many: Python counts from 0, so index `latents` "
            "is the first that is discarded.",
        ),
        _one_mean,
        _singular_values,
        Mistake(
            lambda x, latents: _spectrum(x)[:-latents].sum(),
            "Right unless latents is 0: the slice [:-0] is empty. With no code at all the "
            "error is the whole variance.",
        ),
    ),
    hints=(
        "Line (12): the error is a sum of eigenvalues of the covariance. Which ones?",
        "Center, form the average of the outer products (divide by the count), and take "
        "torch.linalg.eigvalsh of it.",
        "eigvalsh sorts from small to large: turn the order round, then leave out the first "
        "`latents` of them.",
    ),
    why="The error is known before anything is rebuilt, and each further component lowers it "
    "by exactly its own eigenvalue. No linear decoder, with whatever encoder, can do better.",
    also_right=(_by_svd, _by_rebuilding),
)
