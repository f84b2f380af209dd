"""Features of images, and distances between them."""

from collections.abc import Iterator

import torch
from torch import Tensor

from aigc_edu.metrics._images import checked_parts, embedded_classifier
from aigc_edu.models import Classifier

_ROWS = 500  # of a table of distances at a time: memory stays small


@torch.no_grad()
def image_features(images: Tensor, classifier: Classifier | None = None) -> Tensor:
    """The 64 features that the embedded classifier sees in each digit.

    Distances in these features are this course's own. They are not comparable with published
    values, whose features are those of an Inception network trained on photographs.

    Args:
        images: (count, 1, 28, 28) floats in [0, 1].
        classifier: another one to take features from, on the CPU; the embedded one if None.

    Returns:
        (count, 64) float64, each at least 0.

    Raises:
        ValueError: for images of another shape, type or range.

    >>> image_features(torch.zeros(3, 1, 28, 28)).shape
    torch.Size([3, 64])
    """
    classifier = classifier or embedded_classifier()
    return torch.cat([classifier.features(part).double() for part in checked_parts(images)])


def as_features(name: str, values: Tensor, least: int = 1) -> Tensor:
    """Features (count, size) as float64 on the CPU; digits are turned into theirs.

    Raises:
        ValueError: for another shape, values that are not finite, or too few.
    """
    if values.ndim == 4:
        values = image_features(values)
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(
            f"{name} must be features (count, size) or digits (count, 1, 28, 28), got "
            f"{tuple(values.shape)}"
        )
    if len(values) < least:
        raise ValueError(f"{name} must hold at least {least}, got {len(values)}")
    values = values.detach().double().cpu()
    if not bool(values.isfinite().all()):
        raise ValueError(f"{name} must be finite")
    return values


def same_size(real: Tensor, generated: Tensor) -> None:
    """Raises a ValueError where two sets have another number of features."""
    if real.shape[1] != generated.shape[1]:
        raise ValueError(
            f"as many features on both sides: {real.shape[1]} and {generated.shape[1]}"
        )


def distances(first: Tensor, second: Tensor) -> Iterator[Tensor]:
    """Euclidean distances from each row of ``first`` to each of ``second``, some rows at a time.

    Not by way of a matrix product, which leaves 1e-7 where two rows are equal: here copies have
    the distance 0.
    """
    for part in torch.split(first, _ROWS):
        yield torch.cdist(part, second, compute_mode="donot_use_mm_for_euclid_dist")


def neighbor_radii(points: Tensor, k: int) -> Tensor:
    """The distance of each point to its k-th nearest other one, (count,)."""
    if not 1 <= k < len(points):
        raise ValueError(f"k must be from 1 to {len(points) - 1}, one below the count, not {k}")
    radii = []
    start = 0
    for block in distances(points, points):
        rows = torch.arange(len(block))
        block[rows, start + rows] = torch.inf  # a point is no neighbor of itself
        radii.append(block.kthvalue(k, dim=1).values)
        start += len(block)
    return torch.cat(radii)
