"""Which of the ten digits a generator makes, and in what shares."""

import torch
from torch import Tensor, nn

from aigc_edu.metrics._images import checked_parts, embedded_classifier


@torch.no_grad()
def class_shares(images: Tensor, classifier: nn.Module | None = None) -> Tensor:
    """The share of each digit among images, as a classifier reads them.

    Args:
        images: (count, 1, 28, 28) floats in [0, 1].
        classifier: from images to (batch, 10) logits, on the CPU and in eval mode; the embedded
            one if None.

    Returns:
        (10,) float64, adding up to 1.

    Raises:
        ValueError: for images of another shape, type or range.

    >>> class_shares(torch.zeros(4, 1, 28, 28)).sum()
    tensor(1., dtype=torch.float64)
    """
    judge = embedded_classifier() if classifier is None else classifier
    labels = torch.cat([judge(part).argmax(dim=1) for part in checked_parts(images)])  # (count,)
    return torch.bincount(labels, minlength=10).double() / len(labels)


def class_coverage(labels: Tensor, classes: int = 10, minimum_share: float = 0.05) -> float:
    """The share of classes that are present: 1.0 where none is missing.

    Args:
        labels: (count,) whole numbers from 0 to classes - 1, e.g. what a classifier reads in
            generated images.
        classes: how many there are.
        minimum_share: a class is present if it makes up at least this share of the labels.

    Returns:
        From 0.0 to 1.0.

    Raises:
        ValueError: for labels that are no such whole numbers, or none at all.

    >>> class_coverage(torch.tensor([0, 1, 1, 3]), classes=4)
    0.75
    """
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise ValueError(f"labels must be whole numbers, got {labels.dtype}")
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError(f"labels must be (count,), at least one, got {tuple(labels.shape)}")
    if int(labels.min()) < 0 or int(labels.max()) >= classes:
        raise ValueError(f"labels must lie from 0 to {classes - 1}")
    counts = torch.bincount(labels, minlength=classes)
    # Multiplied out: 500 of 10,000 is exactly 0.05, whatever the division rounds to.
    present = counts.double() >= minimum_share * len(labels) - 1e-9
    return float((present & (counts > 0)).double().mean())
