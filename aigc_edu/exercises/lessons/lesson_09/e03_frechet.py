"""frechet(mean_1, covariance_1, mean_2, covariance_2) → one number, squared"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def frechet(mean_1: Tensor, covariance_1: Tensor, mean_2: Tensor, covariance_2: Tensor) -> Tensor:
    """|m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½), the last from the eigenvalues of C1 C2."""
    roots = torch.linalg.eigvals(covariance_1 @ covariance_2).real.clamp(min=0).sqrt()
    spread = covariance_1.trace() + covariance_2.trace() - 2 * roots.sum()
    distance: Tensor = (mean_1 - mean_2).square().sum() + spread
    return distance


def _cases(generator: torch.Generator) -> list[Case]:
    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    def gaussian(size: int, rank: int) -> tuple[Tensor, Tensor]:
        root = normal(size, rank)
        return normal(size), root @ root.T / rank

    one, plane = gaussian(4, 6), gaussian(4, 2)
    stretched = torch.diag(torch.rand(3, generator=generator, dtype=torch.float64) + 0.5)
    turned = torch.linalg.qr(normal(3, 3)).Q
    return [
        Case("ordinary", (*gaussian(5, 8), *gaussian(5, 7)), weight=2),
        Case("one feature", (*gaussian(1, 3), *gaussian(1, 2))),
        Case("the same Gaussian twice", (*one, one[0].clone(), one[1].clone())),
        Case("one of them flat", (*gaussian(4, 6), *plane), tolerance=(1e-5, 1e-5)),
        Case(
            "the same spread, turned",
            (normal(3), stretched, normal(3), turned @ stretched @ turned.T),
        ),
        Case("far apart", (30 * normal(3), *gaussian(3, 5)[1:], *gaussian(3, 4))),
    ]


def _run(
    answer: Callable[..., Any],
    mean_1: torch.Tensor,
    covariance_1: torch.Tensor,
    mean_2: torch.Tensor,
    covariance_2: torch.Tensor,
) -> Any:
    """A tensor or a number will do."""
    found = answer(mean_1, covariance_1, mean_2, covariance_2)
    if isinstance(found, torch.Tensor) and found.numel() == 1 and not found.is_complex():
        return float(found)
    return found


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    return root


def _distance_with_cross(
    mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor, cross: Tensor, twice: float = 2.0
) -> Tensor:
    return (mean_1 - mean_2).square().sum() + c1.trace() + c2.trace() - twice * cross


def _by_singular_values(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    exact = torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()
    return _distance_with_cross(mean_1, c1, mean_2, c2, exact)


@mistake(
    "You took the root of each entry. The root of a matrix is a matrix whose product "
    "with itself gives it back."
)
def _elementwise(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    cross = (c1 @ c2).clamp(min=0).sqrt().trace()
    return _distance_with_cross(mean_1, c1, mean_2, c2, cross)


@mistake(
    "You paired the eigenvalues of one with those of the other. That forgets in which "
    "directions they lie: the same spread, turned, would be at distance 0."
)
def _sorted_spectra(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    both = torch.linalg.eigvalsh(c1).clamp(min=0) * torch.linalg.eigvalsh(c2).clamp(min=0)
    return _distance_with_cross(mean_1, c1, mean_2, c2, both.sqrt().sum())


@mistake(
    "Only the variances of single features are used here. Two clouds can agree in all "
    "of these and differ in every correlation."
)
def _variances(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    cross = (c1.diagonal() * c2.diagonal()).sqrt().sum()
    return _distance_with_cross(mean_1, c1, mean_2, c2, cross)


@mistake(
    "The last term is there once and belongs there twice: the distance of a Gaussian "
    "to itself does not vanish."
)
def _once(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    exact = torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()
    return _distance_with_cross(mean_1, c1, mean_2, c2, exact, twice=1.0)


@mistake(
    "The distance of the means enters squared: it is added to variances, which are squares too."
)
def _mean_not_squared(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    exact = torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()
    distance: Tensor = (mean_1 - mean_2).norm() + c1.trace() + c2.trace() - 2 * exact
    return distance


@mistake(
    "You took the root of the whole. That is the distance itself; for images its "
    "square is given, here too."
)
def _root_of_all(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    exact = torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()
    return _distance_with_cross(mean_1, c1, mean_2, c2, exact).clamp(min=0).sqrt()


EXERCISE = Exercise(
    id="9.3",
    title="The Fréchet distance",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=15,
    reference=frechet,
    cases=_cases,
    run=_run,
    tolerance=(1e-6, 1e-6),
    mistakes=(
        _elementwise,
        Mistake(
            lambda mean_1, c1, mean_2, c2: _distance_with_cross(
                mean_1, c1, mean_2, c2, (_root(c1) @ _root(c2)).trace()
            ),
            "These are two roots multiplied. That is the root of the product only where the "
            "two covariances have the same eigenvectors.",
        ),
        _sorted_spectra,
        _variances,
        _once,
        _mean_not_squared,
        _root_of_all,
        Mistake(
            lambda mean_1, c1, mean_2, c2: _distance_with_cross(
                mean_1, c1, mean_2, c2, (c1 @ c2).trace()
            ),
            "The product of the covariances stands there without its root.",
        ),
    ),
    hints=(
        "You never need the root of a matrix, only its trace: the sum of its eigenvalues.",
        "The eigenvalues of a root are the roots of the eigenvalues.",
        "torch.linalg.eigvals takes a matrix that is not symmetric and answers in complex "
        "numbers; here their real parts are all there is, and rounding may put one below 0.",
    ),
    why="The product of two covariances is not symmetric, but its eigenvalues are those of a "
    "symmetric matrix, so they are real and at least 0. No inverse occurs, which is why flat "
    "clouds do no harm.",
    also_right=(_by_singular_values,),
)
