"""Measures from nearest neighbors: precision and recall, density and coverage, memorization."""

from typing import NamedTuple

import torch
from torch import Tensor

from aigc_edu.metrics.features import as_features, distances, neighbor_radii, same_size


class PrecisionRecall(NamedTuple):
    """Two shares from 0 to 1.

    Attributes:
        precision: of the generated, how many lie where the real ones are.
        recall: of the real ones, how many lie where the generated are.
    """

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """Two measures that an outlier harms less.

    Attributes:
        density: about how many real neighborhoods a generated one lies in, divided by k; near 1
            for two samples of one distribution, and it may exceed 1.
        coverage: of the real neighborhoods, how many hold a generated one; from 0 to 1.
    """

    density: float
    coverage: float


def _both(real: Tensor, generated: Tensor, k: int) -> tuple[Tensor, Tensor]:
    real = as_features("real", real, least=k + 1)
    generated = as_features("generated", generated)
    same_size(real, generated)
    return real, generated


def _share_inside(points: Tensor, centers: Tensor, radii: Tensor) -> float:
    """The share of points that lie in at least one ball."""
    inside = [(block <= radii).any(dim=1) for block in distances(points, centers)]
    return float(torch.cat(inside).double().mean())


def precision_recall(real: Tensor, generated: Tensor, k: int = 3) -> PrecisionRecall:
    """How many generated images look real, and how many real ones could have been generated.

    Around each real point stands a ball that reaches to its k-th nearest other real point.
    Precision is the share of generated points inside at least one of them. Recall is the same with
    the two sets exchanged. Both depend on the number of points and on k: compare at equal numbers
    on both sides, and put real against real beside it, which is what can be reached at best.

    Args:
        real: features (count, size), or digits (count, 1, 28, 28) whose features are taken.
        generated: the same, best as many.
        k: how many neighbors a ball reaches over; the point itself is not one of them.

    Returns:
        A ``PrecisionRecall``: (precision, recall).

    Raises:
        ValueError: for shapes that do not fit, values that are not finite, or a k that is not
            below the count.

    Source: Kynkäänniemi, Karras, Laine, Lehtinen & Aila 2019, "Improved Precision and Recall
    Metric for Assessing Generative Models", equations 1 and 2; k = 3 as there.

    >>> points = torch.randn(200, 2, generator=torch.Generator().manual_seed(0))
    >>> far = torch.cat([points[:100], points[:100] + 50])
    >>> precision_recall(points, far).precision  # half of them are where no real one is
    0.5
    """
    real, generated = _both(real, generated, k)
    return PrecisionRecall(
        precision=_share_inside(generated, real, neighbor_radii(real, k)),
        recall=_share_inside(real, generated, neighbor_radii(generated, k)),
    )


def density_coverage(real: Tensor, generated: Tensor, k: int = 5) -> DensityCoverage:
    """How densely generated images fill the real neighborhoods, and how many they reach.

    The balls are those of ``precision_recall``, around real points only. Density counts *how many*
    of them a generated point lies in, so one real outlier with its large ball does not make
    everything "real". Coverage asks of each real ball whether any generated point is in it.

    Args:
        real: features (count, size), or digits (count, 1, 28, 28) whose features are taken.
        generated: the same.
        k: how many neighbors a ball reaches over.

    Returns:
        A ``DensityCoverage``: (density, coverage). For two samples of one distribution with as
        many points the expectations are 1 and, to a good approximation, 1 - 2⁻ᵏ.

    Raises:
        ValueError: as ``precision_recall``.

    Source: Naeem, Oh, Uh, Choi & Yoo 2020, "Reliable Fidelity and Diversity Metrics for
    Generative Models", equations 3 and 4; k = 5 as there.

    >>> points = torch.randn(200, 2, generator=torch.Generator().manual_seed(0))
    >>> density, coverage = density_coverage(points, points[:100])
    >>> 0.9 < density < 1.5 and 0.9 < coverage <= 1
    True
    """
    real, generated = _both(real, generated, k)
    radii = neighbor_radii(real, k)
    total, reached = 0.0, torch.zeros(len(real), dtype=torch.bool)
    for block in distances(generated, real):
        inside = block <= radii  # (rows, real)
        total += float(inside.double().sum())
        reached |= inside.any(dim=0)
    return DensityCoverage(
        density=total / (k * len(generated)), coverage=float(reached.double().mean())
    )


class Neighbors(NamedTuple):
    """For each query its nearest one in a set.

    Attributes:
        distance: (count,) float64, Euclidean; exactly 0 for a copy.
        place: (count,), where in the set it is.
    """

    distance: Tensor
    place: Tensor


def _flat(name: str, values: Tensor) -> Tensor:
    if values.ndim < 2 or values.numel() == 0:
        raise ValueError(f"{name} must be (count, ...) with at least one, got {values.shape}")
    values = values.detach().flatten(1).double().cpu()  # (count, size)
    if not bool(values.isfinite().all()):
        raise ValueError(f"{name} must be finite")
    return values


def nearest_neighbors(queries: Tensor, training: Tensor) -> Neighbors:
    """For each query the nearest example of a set, in the values as they are given.

    Images are compared pixel by pixel. For a comparison that forgives a shift by one pixel pass
    ``image_features`` of both instead.

    Args:
        queries: (count, ...), images or features.
        training: (other count, ...), the same shape after the first dimension.

    Returns:
        ``Neighbors``: (distance, place).

    Raises:
        ValueError: for shapes that do not fit, or values that are not finite.

    >>> nearest_neighbors(torch.tensor([[0.0, 0.9]]), torch.tensor([[0.0, 0.0], [0.0, 1.0]]))
    Neighbors(distance=tensor([0.1000], dtype=torch.float64), place=tensor([1]))
    """
    if queries.shape[1:] != training.shape[1:]:
        raise ValueError(
            f"both must have one shape after the first dimension: {tuple(queries.shape)} and "
            f"{tuple(training.shape)}"
        )
    queries, training = _flat("queries", queries), _flat("training", training)
    half_squares = 0.5 * training.square().sum(dim=1)  # (training,)
    # The largest of x·y - |y|²/2 is the nearest y. The product is fast and leaves rounding,
    # so the distance itself is then computed from the difference.
    index = torch.cat(
        [(part @ training.mT - half_squares).argmax(dim=1) for part in torch.split(queries, 500)]
    )
    return Neighbors((queries - training[index]).norm(dim=1), index)


class Memorization(NamedTuple):
    """How near generated images are to training images, measured against held-out ones.

    Attributes:
        nearer: the chance that a generated image is nearer to its nearest training image than a
            held-out one is to its own (ties count half). One half: as new as new data.
        copies: the share of generated images that are nearer than all but 1 % of the held-out ones.
        threshold: that distance, below which 1 % of the held-out images lie.
    """

    nearer: float
    copies: float
    threshold: float


def memorization(
    generated: Tensor, training: Tensor, held_out: Tensor, quantile: float = 0.01
) -> Memorization:
    """Are generated images copies? Their nearest training images, calibrated by held-out data.

    A small distance alone says nothing: ones all look alike. Held-out images, which nobody can
    have copied, say how near is normal. A generator that memorizes is nearer than they are; one
    that draws no digits is farther away, so a value of ``nearer`` below one half is no praise.
    Both sets should have the same mixture of classes.

    Args:
        generated: (count, ...), images or features.
        training: what the generator was trained on.
        held_out: of the same distribution, never trained on.
        quantile: the share of held-out images that count as too near, from 0 to 1.

    Returns:
        ``Memorization``: (nearer, copies, threshold). Without memorization ``copies`` is near
        ``quantile``.

    Raises:
        ValueError: for shapes that do not fit, values that are not finite, or a quantile outside
            (0, 1).

    Source: the comparison of nearest distances is Meehan, Chaudhuri & Dasgupta 2020, "A
    Non-Parametric Test to Detect Data-Copying in Generative Models", section 3, with the
    Mann-Whitney statistic as the share of pairs.

    >>> draws = torch.Generator().manual_seed(0)
    >>> training, new = torch.randn(300, 2, generator=draws), torch.randn(300, 2, generator=draws)
    >>> memorization(training[:100] + 1e-3, training, new).nearer > 0.95
    True
    """
    if not 0.0 < quantile < 1.0:
        raise ValueError(f"quantile must lie between 0 and 1, not be {quantile}")
    of_generated = nearest_neighbors(generated, training).distance
    of_held_out = nearest_neighbors(held_out, training).distance.sort().values
    threshold = float(torch.quantile(of_held_out, quantile))
    # For each generated one: held-out distances above it, and half of those equal to it.
    above = len(of_held_out) - torch.searchsorted(of_held_out, of_generated, right=True)
    at_least = len(of_held_out) - torch.searchsorted(of_held_out, of_generated)
    nearer = float((above + at_least).double().mean()) / (2 * len(of_held_out))
    return Memorization(
        nearer=nearer,
        copies=float((of_generated < threshold).double().mean()),
        threshold=threshold,
    )
