"""best_decoder(codes, x) → (weight, offset), of shapes (pixels, latents) and (pixels,)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal
from aigc_edu.exercises.lessons.lesson_03.shared import mixing_matrix


def best_decoder(codes: Tensor, x: Tensor) -> Pair:
    """Weight (pixels, latents) and offset (pixels,) that rebuild x from codes best."""
    code_mean, mean = codes.mean(0), x.mean(0)
    code, image = codes - code_mean, x - mean
    weight = torch.linalg.solve(code.T @ code, code.T @ image).T  # (pixels, latents)
    return weight, mean - weight @ code_mean


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(
        count: int, latents: int, pixels: int, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        codes = normal(generator, count, latents, dtype=dtype)
        codes = codes @ mixing_matrix(generator, latents, dtype) + 0.8
        x = codes.tanh() @ normal(generator, latents, pixels, dtype=dtype)
        return codes, x + 0.3 * normal(generator, count, pixels, dtype=dtype) + 0.5

    centered, x = pair(12, 2, 5)
    return [
        Case("ordinary", pair(14, 3, 6), weight=2),
        Case("one latent", pair(9, 1, 4)),
        Case("centered codes", (centered - centered.mean(0), x)),
        Case("more latents than pixels", pair(15, 4, 2)),
        Case("float64", pair(20, 3, 7, torch.float64)),
    ]


def _by_least_squares(codes: Tensor, x: Tensor) -> Pair:
    ones = torch.ones(len(codes), 1, dtype=codes.dtype)
    solution = torch.linalg.lstsq(torch.cat([codes, ones], dim=1), x).solution
    return solution[:-1].T, solution[-1]


def _with_offset(weight: Tensor, codes: Tensor, x: Tensor) -> Pair:
    return weight, x.mean(0) - weight @ codes.mean(0)


@mistake(
    "The weight comes from products of codes and images that were not centered. "
    "Line (16) has covariances: subtract both means first."
)
def _not_centered(codes: Tensor, x: Tensor) -> Pair:
    weight = torch.linalg.solve(codes.T @ codes, codes.T @ x).T
    return _with_offset(weight, codes, x)


def _products(codes: Tensor, x: Tensor) -> Pair:
    """Covariance of the codes, (latents, latents), and with the images, (pixels, latents)."""
    code, image = codes - codes.mean(0), x - x.mean(0)
    return code.T @ code / len(x), image.T @ code / len(x)


@mistake(
    "The offset is the average image only if the average code is zero. Line (14) has a second term."
)
def _mean_offset(codes: Tensor, x: Tensor) -> Pair:
    within, across = _products(codes, x)
    return across @ torch.linalg.inv(within), x.mean(0)


@mistake(
    "The weight is right, and the offset 0 is not: codes and images were centered to "
    "find the weight, and line (14) puts their means back."
)
def _no_offset(codes: Tensor, x: Tensor) -> Pair:
    weight, offset = best_decoder(codes, x)
    return weight, torch.zeros_like(offset)


@mistake(
    "The sign in the offset is turned: at the average code the decoder must draw the average image."
)
def _wrong_sign(codes: Tensor, x: Tensor) -> Pair:
    weight, _ = best_decoder(codes, x)
    return weight, x.mean(0) + weight @ codes.mean(0)


@mistake("The weight is transposed: asked is (pixels, latents), so that weight @ code is an image.")
def _transposed(codes: Tensor, x: Tensor) -> Pair:
    weight, offset = best_decoder(codes, x)
    return weight.T, offset


@mistake(
    "The inverse of the codes' covariance is missing: this would be right if the "
    "codes were uncorrelated, with variance 1."
)
def _without_inverse(codes: Tensor, x: Tensor) -> Pair:
    _, across = _products(codes, x)
    return _with_offset(across, codes, x)


@mistake(
    "You divided by the codes' variances. That ignores that codes are correlated; "
    "line (16) has the inverse of the whole covariance matrix."
)
def _variances_only(codes: Tensor, x: Tensor) -> Pair:
    within, across = _products(codes, x)
    return _with_offset(across / within.diagonal(), codes, x)


@mistake(
    "One covariance was divided by n and the other by n − 1 (torch.cov does that). "
    "Either is fine, if it is the same in both."
)
def _mixed_counts(codes: Tensor, x: Tensor) -> Pair:
    _, across = _products(codes, x)
    within = torch.cov(codes.T).reshape(codes.shape[1], codes.shape[1])
    return _with_offset(across @ torch.linalg.inv(within), codes, x)


EXERCISE = Exercise(
    id="3.4",
    title="The best decoder for given codes",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=15,
    reference=best_decoder,
    cases=_cases,
    tolerance=(2e-3, 1e-4),
    mistakes=(
        _not_centered,
        Mistake(
            lambda codes, x: (torch.linalg.solve(codes.T @ codes, codes.T @ x).T, x.mean(0)),
            "Nobody centered the codes: this weight and this offset are right only where "
            "their mean is zero. Line (16) has covariances, line (14) a second term.",
        ),
        _mean_offset,
        _no_offset,
        _wrong_sign,
        _transposed,
        _without_inverse,
        _variances_only,
        _mixed_counts,
    ),
    hints=(
        "First center both: the offset of line (14) then takes care of itself.",
        "Two matrices: codes with codes, (latents, latents), and images with codes, "
        "(pixels, latents).",
        "The weight is the second times the inverse of the first; torch.linalg.solve or "
        "torch.linalg.lstsq do it without an inverse. The offset is the average image minus "
        "the weight times the average code.",
    ),
    why="This is linear regression of every pixel on the codes, all at once. It holds for any "
    "codes, also for those of a deep encoder: a linear decoder never needs gradient descent.",
    also_right=(_by_least_squares,),
)
