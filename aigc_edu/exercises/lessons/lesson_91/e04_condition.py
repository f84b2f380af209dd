"""condition(mean, covariance, known) → (mean, covariance) of the other entries"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def condition(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    """Mean and covariance of the rest of a Gaussian vector, given its first entries."""
    count = len(known)
    between = covariance[count:, :count]  # (rest, known)
    gain = torch.linalg.solve(covariance[:count, :count], between.T).T  # (rest, known)
    new_mean = mean[count:] + gain @ (known - mean[:count])
    return new_mean, covariance[count:, count:] - gain @ between.T


def _cases(generator: torch.Generator) -> list[Case]:
    def triple(
        size: int, known: int, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        root = normal(generator, size, size, dtype=dtype)
        covariance = root @ root.T + 0.5 * torch.eye(size, dtype=dtype)
        mean = 2 * normal(generator, size, dtype=dtype)
        return mean, covariance, 2 * normal(generator, known, dtype=dtype)

    return [
        Case("ordinary", triple(5, 2), weight=2, tolerance=(1e-3, 1e-3)),
        Case("two numbers, one known", triple(2, 1), tolerance=(1e-3, 1e-3)),
        Case("more known than not", triple(6, 4, dtype=torch.float64)),
        Case("nothing but the last unknown", triple(4, 3, dtype=torch.float64)),
    ]


def _by_precision(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    count = len(known)
    precision = torch.linalg.inv(covariance)
    new_covariance = torch.linalg.inv(precision[count:, count:])
    pull = precision[count:, :count] @ (known - mean[:count])
    return mean[count:] - new_covariance @ pull, new_covariance


def _parts(
    mean: Tensor, covariance: Tensor, known: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Both means, the gain, the covariance between, and the rest's own covariance."""
    count = len(known)
    between = covariance[count:, :count]
    gain = between @ torch.linalg.inv(covariance[:count, :count])
    return mean[:count], mean[count:], gain, between, covariance[count:, count:]


@mistake(
    "The inverse of the known entries' covariance is missing: a covariance is not yet a slope."
)
def _without_inverse(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, _, between, rest = _parts(mean, covariance, known)
    return mean_rest + between @ (known - mean_known), rest - between @ between.T


@mistake(
    "Two things at once: the mean moves by a covariance where a gain belongs (an "
    "inverse is missing), and the covariance has not shrunk."
)
def _as_if_standard(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, _, between, rest = _parts(mean, covariance, known)
    return mean_rest + between @ (known - mean_known), rest.clone()


@mistake("You used the known values themselves. What counts is how far they are from their mean.")
def _known_not_centered(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    _, mean_rest, gain, between, rest = _parts(mean, covariance, known)
    return mean_rest + gain @ known, rest - gain @ between.T


@mistake(
    "The own mean of the unknown entries is missing: even if the known ones say "
    "nothing new, the answer is that mean and not 0."
)
def _without_own_mean(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, _, gain, between, rest = _parts(mean, covariance, known)
    return gain @ (known - mean_known), rest - gain @ between.T


@mistake("The mean moves the wrong way: the surprise is what was measured minus what was expected.")
def _wrong_way(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, gain, between, rest = _parts(mean, covariance, known)
    return mean_rest - gain @ (known - mean_known), rest - gain @ between.T


@mistake("You added where line (32) subtracts: to know something cannot make a Gaussian wider.")
def _plus(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, gain, between, rest = _parts(mean, covariance, known)
    return mean_rest + gain @ (known - mean_known), rest + gain @ between.T


@mistake(
    "The mean is right, but the covariance is the one from before anything was "
    "known. It must shrink."
)
def _marginal(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, gain, _, rest = _parts(mean, covariance, known)
    return mean_rest + gain @ (known - mean_known), rest.clone()


@mistake(
    "You divided by the variance of each known entry by itself. They are correlated "
    "with each other too: the whole block must be inverted."
)
def _one_by_one(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, _, between, rest = _parts(mean, covariance, known)
    gain = between / covariance.diagonal()[: len(known)]
    return mean_rest + gain @ (known - mean_known), rest - gain @ between.T


EXERCISE = Exercise(
    id="91.4",
    title="A Gaussian of which a part is known",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=15,
    reference=condition,
    cases=_cases,
    mistakes=(
        _without_inverse,
        _as_if_standard,
        _known_not_centered,
        _without_own_mean,
        _wrong_way,
        _plus,
        _marginal,
        _one_by_one,
    ),
    hints=(
        "Cut the covariance into four blocks; the first len(known) entries are the known "
        "ones, the rest is wanted.",
        "The gain K of line (28) is a block of shape (rest, known) times an inverse of shape "
        "(known, known).",
        "The new mean is the old one plus K times the surprise; the new covariance is the "
        "old block minus K times the block between, transposed.",
    ),
    why="The mean moves by the gain times the surprise; the covariance shrinks by an amount "
    "that does not depend on what was seen. This is the posterior of every linear-Gaussian "
    "model of the course.",
    also_right=(_by_precision,),
)
