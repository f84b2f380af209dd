"""principal_angles(first, second) → radians, smallest first"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def principal_angles(first: Tensor, second: Tensor) -> Tensor:
    """Principal angles between two column spaces, in radians, smallest first."""
    one, two = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    cosines: Tensor = torch.linalg.svdvals(one.T @ two)
    return cosines.clamp(max=1).acos()


def _cases(generator: torch.Generator) -> list[Case]:
    def columns(size: int, count: int, dtype: torch.dtype = torch.float64) -> Tensor:
        return normal(generator, size, count, dtype=dtype)

    # Twelve cosines of 1: rounding lifts at least one of them above 1, nearly always.
    basis = columns(20, 12)
    mixed = basis @ (columns(12, 12) + 6 * torch.eye(12, dtype=torch.float64))
    cross = torch.linalg.qr(columns(5, 5)).Q
    return [
        Case("ordinary", (columns(7, 3), columns(7, 3)), weight=2),
        Case("a line and a plane", (columns(4, 1), columns(4, 2))),
        Case("the same subspace, another basis", (basis, mixed)),
        Case("at right angles", (2 * cross[:, :2], cross[:, 2:4] @ columns(2, 2))),
        Case("float32", (columns(9, 2, torch.float32), columns(9, 2, torch.float32))),
    ]


def _by_svd(first: Tensor, second: Tensor) -> Tensor:
    one = torch.linalg.svd(first, full_matrices=False).U
    two = torch.linalg.svd(second, full_matrices=False).U
    overlap = two.T @ one
    cosines: Tensor = torch.linalg.svdvals(overlap)
    return cosines.clamp(0, 1).arccos()


def _cosines(one: Tensor, two: Tensor) -> Tensor:
    """Singular values of the overlap of two bases, at most 1."""
    overlap: Tensor = torch.linalg.svdvals(one.T @ two)
    return overlap.clamp(max=1)


@mistake(
    "NaN, because some of your cosines are far above 1: the columns were not made "
    "orthonormal first."
)
def _not_a_number(first: Tensor, second: Tensor) -> Tensor:
    cosines: Tensor = torch.linalg.svdvals(first.T @ second)
    return cosines.acos()


@mistake("The columns have length 1 but are not perpendicular to each other. They must be both.")
def _only_normalized(first: Tensor, second: Tensor) -> Tensor:
    one, two = F.normalize(first, dim=0), F.normalize(second, dim=0)
    return _cosines(one, two).acos()


@mistake("These are the cosines; asked are the angles.")
def _angles_cosines(first: Tensor, second: Tensor) -> Tensor:
    one, two = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    return _cosines(one, two)


@mistake(
    "You compared column 1 with column 1, 2 with 2. A subspace has no first column: "
    "the singular values find the pairs."
)
def _column_by_column(first: Tensor, second: Tensor) -> Tensor:
    one, two = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    pairs: Tensor = (one.T @ two).diagonal().abs()
    return pairs.clamp(max=1).acos()


@mistake("Singular values are cosines here, not sines: 1 means no angle at all.")
def _sine(first: Tensor, second: Tensor) -> Tensor:
    one, two = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    return _cosines(one, two).asin()


@mistake("You worked with the rows. The subspaces are spanned by the columns.")
def _rows(first: Tensor, second: Tensor) -> Tensor:
    one, two = torch.linalg.qr(first.T).Q, torch.linalg.qr(second.T).Q
    size = min(len(one), len(two))
    return _cosines(one[:size], two[:size]).acos()


EXERCISE = Exercise(
    id="91.7",
    title="Principal angles between two subspaces",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=principal_angles,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda first, second: _cosines(first, second).acos(),
            "The columns were not made orthonormal first: this depends on how long and how "
            "tilted the basis is, not only on the subspace.",
        ),
        _not_a_number,
        _only_normalized,
        _angles_cosines,
        Mistake(
            lambda first, second: torch.rad2deg(principal_angles(first, second)),
            "That is in degrees; asked are radians.",
        ),
        _column_by_column,
        Mistake(
            lambda first, second: principal_angles(first, second).cos().square().acos(),
            "You took the eigenvalues of MᵀM for the cosines. They are the cosines squared.",
        ),
        _sine,
        _rows,
    ),
    hints=(
        "Both bases must be orthonormal first: torch.linalg.qr(...).Q.",
        "Then the cosines are the singular values of one basis transposed times the other.",
        "Rounding may push a cosine slightly above 1, where acos gives NaN: clamp it.",
    ),
    why="The singular values do not change when either basis is turned within its subspace, so "
    "the angles belong to the subspaces. Two bases that look nothing alike may span the same "
    "one.",
    also_right=(_by_svd,),
    tolerance=(1e-4, 1e-5),
)
