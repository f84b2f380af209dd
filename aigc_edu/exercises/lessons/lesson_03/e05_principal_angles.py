"""principal_angles(first, second) → (latents,), in degrees, smallest first"""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def principal_angles(first: Tensor, second: Tensor) -> Tensor:
    """Angles between the column spaces of two (pixels, latents) matrices, degrees, rising.

    Source: Björck & Golub 1973, "Numerical methods for computing angles between linear
    subspaces", Mathematics of Computation 27.
    """
    one, other = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q  # (pixels, latents)
    cosines: Tensor = torch.linalg.svdvals(one.T @ other)  # (latents,), falling
    return cosines.clamp(max=1).acos().rad2deg()


def _cases(generator: torch.Generator) -> list[Case]:
    def matrix(*shape: int) -> Tensor:
        return normal(generator, *shape, dtype=torch.float64)

    base = matrix(7, 3)
    near = base + 0.05 * matrix(7, 3)
    other_basis = near @ (torch.eye(3, dtype=torch.float64) + 0.5 * matrix(3, 3).triu(1))
    square_root = math.sqrt(0.5)
    # Twelve cosines of 1: rounding lifts at least one of them above 1, nearly always.
    many = matrix(20, 12)
    return [
        Case("ordinary", (matrix(6, 2), matrix(6, 2)), weight=2),
        Case("one column", (matrix(5, 1), matrix(5, 1))),
        Case("near, in another basis", (base, other_basis)),
        Case("the same space, columns swapped", (many, 3.0 * many.flip(1))),
        Case(
            "45 degrees and 90",
            (
                torch.tensor([[2.0, 0], [0, 1], [0, 0], [0, 0]], dtype=torch.float64),
                torch.tensor(
                    [[square_root, 0], [0, 0], [square_root, 0], [0, 5]], dtype=torch.float64
                ),
            ),
        ),
    ]


def _acos_degrees(cosines: Tensor) -> Tensor:
    return cosines.clamp(max=1).acos().rad2deg()


def _by_eigenvalues(first: Tensor, second: Tensor) -> Tensor:
    """Squared cosines are the eigenvalues of QᵀPQ, with P the projection on the second."""
    one = torch.linalg.qr(first).Q
    projection = second @ torch.linalg.pinv(second)
    squared = torch.linalg.eigvalsh(one.T @ projection @ one).flip(0)
    return _acos_degrees(squared.clamp(min=0).sqrt())


@mistake(
    "You gave each column length 1, which is not enough: columns of one matrix must "
    "also be at right angles to each other."
)
def _unit_columns(first: Tensor, second: Tensor) -> Tensor:
    one, other = first / first.norm(dim=0), second / second.norm(dim=0)
    return _acos_degrees(torch.linalg.svdvals(one.T @ other))


@mistake(
    "You compared column with column. The same space has many bases: its columns may "
    "be swapped or mixed, and the angles must not notice."
)
def _columns_paired(first: Tensor, second: Tensor) -> Tensor:
    """Column 1 against column 1, and so on."""
    cosines = (first * second).sum(0) / (first.norm(dim=0) * second.norm(dim=0))
    return _acos_degrees(cosines.abs()).sort().values


@mistake(
    "Orthonormal, as it should be, but then compared column with column. The singular "
    "values of the product of the two bases find the nearest pairs."
)
def _paired_bases(first: Tensor, second: Tensor) -> Tensor:
    """Column 1 of one orthonormal basis against column 1 of the other, and so on."""
    one, other = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    return _acos_degrees((one * other).sum(0).abs()).sort().values


def _cosines(first: Tensor, second: Tensor) -> Tensor:
    one, other = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    cosines: Tensor = torch.linalg.svdvals(one.T @ other)
    return cosines


COSINES = Mistake(
    _cosines,
    "These are the cosines. Take the arc cosine, and turn it into degrees.",
)


@mistake(
    "These are angles between the spaces of the rows. A decoder draws combinations of its columns."
)
def _of_rows(first: Tensor, second: Tensor) -> Tensor:
    one, other = torch.linalg.qr(first.T).Q, torch.linalg.qr(second.T).Q
    return _acos_degrees(torch.linalg.svdvals(one.T @ other))


EXERCISE = Exercise(
    id="3.5",
    title="Angles between two subspaces",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=2,
    minutes=12,
    reference=principal_angles,
    cases=_cases,
    tolerance=(1e-5, 1e-4),
    mistakes=(
        Mistake(
            lambda first, second: _acos_degrees(torch.linalg.svdvals(first.T @ second)),
            "The columns were not made orthonormal. The cosines come out right only for "
            "columns of length 1 at right angles; torch.linalg.qr makes them so.",
        ),
        _unit_columns,
        _columns_paired,
        _paired_bases,
        Mistake(
            lambda first, second: _acos_degrees(_cosines(first, second).square()),
            "These cosines are squared: eigenvalues of MᵀM, with M the product of the bases, "
            "are the singular values of M squared.",
        ),
        Mistake(
            lambda first, second: principal_angles(first, second).deg2rad(),
            "These are radians; asked are degrees.",
        ),
        COSINES,
        Mistake(
            lambda first, second: _cosines(first, second).clamp(max=1).asin().rad2deg(),
            "You took the arc sine: equal spaces now have angles of 90°. The singular values "
            "are cosines.",
        ),
        _of_rows,
    ),
    hints=(
        "Replace each matrix by an orthonormal basis of its columns.",
        "The products of the two bases, (latents, latents), hold all cosines between basis "
        "vectors; line (20) says which number of that matrix to take.",
        "torch.linalg.qr, then torch.linalg.svdvals of the product; cut at 1 before acos, "
        "because rounding can lift a cosine to 1.0000000000000002.",
    ),
    why="Angles do not depend on the basis, so they compare what decoders can draw and not "
    "how they write it down. All of them are zero exactly if the spaces are the same.",
    also_right=(_by_eigenvalues,),
)
