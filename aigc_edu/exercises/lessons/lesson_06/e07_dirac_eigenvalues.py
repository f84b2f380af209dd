"""dirac_eigenvalues(gamma) → (count, 2) complex, the one with +√ first"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def dirac_eigenvalues(gamma: Tensor) -> Tensor:
    """Eigenvalues of the Dirac-GAN with (gamma / 2) R1 at its equilibrium."""
    root = torch.sqrt((gamma.square() / 4 - 0.25).to(torch.complex128))
    return torch.stack([-gamma / 2 + root, -gamma / 2 - root], dim=1)  # (count, 2)


def _cases(generator: torch.Generator) -> list[Case]:
    def some(count: int, low: float, high: float) -> tuple[Tensor]:
        drawn = torch.rand(count, generator=generator, dtype=torch.float64)
        return (low + (high - low) * drawn,)

    return [
        Case(
            "ordinary: weak and strong", (torch.tensor([0.3, 2.0], dtype=torch.float64),), weight=2
        ),
        Case("no penalty", (torch.zeros(1, dtype=torch.float64),)),
        Case("critical", (torch.ones(1, dtype=torch.float64),)),
        Case("weak penalties", some(4, 0.1, 0.9)),
        Case("strong penalties", some(4, 1.2, 4.0)),
    ]


def _by_formula(gamma: Tensor) -> Tensor:
    minus_b, c = -gamma.to(torch.complex128), 0.25
    root = torch.sqrt(minus_b * minus_b - 4 * c)
    return torch.stack([(minus_b + root) / 2, (minus_b - root) / 2], dim=1)


def _both_roots(half_trace: Tensor, under_root: Tensor) -> Tensor:
    root = torch.sqrt(under_root.to(torch.complex128))
    return torch.stack([half_trace + root, half_trace - root], dim=1)


@mistake(
    "Below γ = 1 the root is of a negative number, and the eigenvalues turn: take a "
    "complex root, do not cut it off at 0."
)
def _real_root(gamma: Tensor) -> Tensor:
    root = (gamma.square() / 4 - 0.25).clamp(min=0).sqrt().to(torch.complex128)
    return torch.stack([-gamma / 2 + root, -gamma / 2 - root], dim=1)


EXERCISE = Exercise(
    id="6.7",
    title="Derive: the eigenvalues with R1",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=3,
    minutes=12,
    reference=dirac_eigenvalues,
    cases=_cases,
    also_right=(_by_formula,),
    tolerance=(1e-6, 1e-7),
    mistakes=(
        Mistake(
            lambda gamma: _both_roots(-gamma, gamma.square() - 0.25),
            "This is the penalty γ·R1. With (γ/2)·R1 the square's 2 cancels the ½, and the "
            "matrix holds −γ.",
        ),
        Mistake(
            lambda gamma: _both_roots(-gamma / 2, gamma.square() / 4 - 1),
            "You took σ(0) = 1. It is ½, so the matrix holds ½ and the product ¼.",
        ),
        Mistake(
            lambda gamma: _both_roots(gamma / 2, gamma.square() / 4 - 0.25),
            "The real part is positive: a penalty that blows up. R1 pulls the slope to 0.",
        ),
        _real_root,
        Mistake(
            lambda gamma: _both_roots(-gamma, gamma.square() - 1),
            "These are twice the eigenvalues: the quadratic formula divides by 2.",
        ),
        Mistake(
            lambda gamma: _both_roots(-gamma / 2, gamma.square() / 4 + 0.25),
            "The sign under the root is turned: the off-diagonal entries are ½ and −½, and "
            "minus their product is +¼.",
        ),
    ),
    hints=(
        "The trace of the matrix is −γ, its determinant ¼.",
        "Solve λ² + γλ + ¼ = 0. Convert what is under the root to a complex number first.",
    ),
    why="Without a penalty the real part is 0 and the players circle for ever. Every γ > 0 "
    "pulls them in; γ = 1, where the root vanishes, does it fastest.",
)
