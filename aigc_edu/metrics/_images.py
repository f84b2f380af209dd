"""What every measure asks of the images it gets."""

import functools
from collections.abc import Iterator

import torch
from torch import Tensor

from aigc_edu.models import Classifier, load_classifier

_BATCH = 500  # images a forward pass: memory stays small, speed does not suffer


@functools.cache
def embedded_classifier() -> Classifier:
    """The embedded classifier, read once."""
    return load_classifier()


def checked_parts(images: Tensor) -> Iterator[Tensor]:
    """Images (count, 1, 28, 28) in [0, 1], checked, as float32 parts on the CPU.

    Raises:
        ValueError: for another shape, no image, integers, NaN, or values outside [0, 1].
    """
    if images.ndim != 4 or tuple(images.shape[1:]) != (1, 28, 28) or len(images) == 0:
        raise ValueError(f"images must be (count, 1, 28, 28), got {tuple(images.shape)}")
    if not images.is_floating_point():
        raise ValueError(f"images must be floats in [0, 1], got {images.dtype}: see to_range")
    low, high = (float(value) for value in torch.aminmax(images.detach()))
    # A hair outside is rounding (tanh mapped back, say); NaN fails both comparisons.
    if not (low >= -1e-3 and high <= 1 + 1e-3):
        raise ValueError(f"images must lie in [0, 1], got values from {low:.4g} to {high:.4g}")
    return (part.detach().float().cpu().clamp(0.0, 1.0) for part in torch.split(images, _BATCH))
