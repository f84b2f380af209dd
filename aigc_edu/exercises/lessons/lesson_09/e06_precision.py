"""precision(real, generated, k) → a share from 0 to 1"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def precision(real: Tensor, generated: Tensor, k: int) -> Tensor:
    """The share of generated points within the k-th neighbor's distance of some real point."""
    between = torch.cdist(real, real)  # (real, real), 0 on the diagonal
    radii = between.kthvalue(k + 1, dim=1).values  # (real,); the nearest of all is the point itself
    inside = torch.cdist(generated, real) <= radii  # (generated, real)
    return inside.any(dim=1).double().mean()


def _cases(generator: torch.Generator) -> list[Case]:
    def clouds(real: int, generated: int, size: int, shift: float, k: int) -> tuple[Any, ...]:
        def normal(count: int) -> Tensor:
            return torch.randn(count, size, generator=generator, dtype=torch.float64)

        return normal(real), 1.3 * normal(generated) + shift, k

    return [
        Case("ordinary", clouds(50, 50, 2, 0.6, 3), weight=2),
        Case("another number on each side", clouds(35, 60, 3, 0.8, 2)),
        Case("nearest neighbor only", clouds(45, 45, 2, 0.5, 1)),
        Case("all far away", clouds(20, 20, 2, 100.0, 3)),
    ]


def _run(answer: Callable[..., Any], real: torch.Tensor, generated: torch.Tensor, k: int) -> Any:
    """A tensor or a number will do."""
    found = answer(real, generated, k)
    return float(found) if isinstance(found, torch.Tensor) and found.numel() == 1 else found


def _by_loop(real: Tensor, generated: Tensor, k: int) -> float:
    found = 0
    for point in generated:
        for index in range(len(real)):
            others = torch.cat([real[:index], real[index + 1 :]])
            radius = (others - real[index]).norm(dim=1).sort().values[k - 1]
            if (point - real[index]).norm() <= radius:
                found += 1
                break
    return found / len(generated)


@mistake(
    "The nearest real point of a real point is itself, at distance 0. You counted it, "
    "so every ball reaches one neighbor less."
)
def _self_counted(real: Tensor, generated: Tensor, k: int) -> Tensor:
    radii = torch.cdist(real, real).kthvalue(k, dim=1).values
    return (torch.cdist(generated, real) <= radii).any(dim=1).double().mean()


def _radii(points: Tensor, k: int) -> Tensor:
    return torch.cdist(points, points).kthvalue(k + 1, dim=1).values


@mistake(
    "All balls have one size here. Where the data are thin the balls must be large, "
    "where they are dense small."
)
def _one_radius(real: Tensor, generated: Tensor, k: int) -> Tensor:
    radius = _radii(real, k).mean()
    return (torch.cdist(generated, real) <= radius).any(dim=1).double().mean()


@mistake(
    "The balls stand around generated points here, with their radii. They belong "
    "around the real ones."
)
def _own_balls(real: Tensor, generated: Tensor, k: int) -> Tensor:
    inside = torch.cdist(generated, real) <= _radii(generated, k)[:, None]
    return inside.any(dim=1).double().mean()


EXERCISE = Exercise(
    id="9.6",
    title="Precision",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=12,
    reference=precision,
    cases=_cases,
    run=_run,
    mistakes=(
        _self_counted,
        Mistake(
            lambda real, generated, k: (
                (torch.cdist(real, generated) <= _radii(generated, k)).any(dim=1).double().mean()
            ),
            "The two sets are exchanged: this asks how many real points lie among the "
            "generated, which is recall.",
        ),
        Mistake(
            lambda real, generated, k: (
                (torch.cdist(generated, real) <= _radii(real, k)).any(dim=0).double().mean()
            ),
            "This is the share of real balls that hold a generated point: coverage. Asked was "
            "the share of generated points that are in a ball.",
        ),
        Mistake(
            lambda real, generated, k: (
                (torch.cdist(generated, real) <= _radii(real, k)).double().mean()
            ),
            "You averaged over all pairs. A generated point is real enough if *one* ball holds it.",
        ),
        Mistake(
            lambda real, generated, k: (
                (torch.cdist(generated, real) <= _radii(real, k)).double().sum()
                / (k * len(generated))
            ),
            "A point in five balls was counted five times: this is density. For precision one "
            "ball is as good as five.",
        ),
        _one_radius,
        _own_balls,
    ),
    hints=(
        "First a radius for each real point, from real points only. Then ask each generated "
        "point whether it is inside any ball.",
        "A table of distances within one set has zeros on its diagonal: the k-th neighbor is "
        "the (k + 1)-th smallest in its row.",
    ),
    why="The balls follow the density of the real data. With the two sets exchanged the same "
    "function gives recall.",
    also_right=(_by_loop,),
)
