"""What a learner hands to an explorer, checked: codes, labels, images, numbers."""

from typing import Any

import torch
from torch import Tensor

from aigc_edu.errors import CourseError

MOST_CHOICES = 200  # in a list to choose from


def checked_codes(codes: Any, latent_size: int | None = None, name: str = "codes") -> Tensor:
    """Codes (count, latent) as float32 on the CPU.

    Raises:
        CourseError: on another shape, no code, another size than the decoder's, or a value that
            is no number.
    """
    if not isinstance(codes, Tensor) or codes.ndim != 2 or not codes.is_floating_point():
        got = tuple(codes.shape) if isinstance(codes, Tensor) else type(codes).__name__
        raise CourseError(f"{name} must be a tensor of shape (count, latent), not {got}.")
    if not len(codes):
        raise CourseError(f"{name} is empty: pass at least one latent.")
    if latent_size is not None and codes.shape[1] != latent_size:
        raise CourseError(
            f"{name} has {codes.shape[1]} numbers a latent, but the decoder takes {latent_size}."
        )
    values: Tensor = codes.detach().float().cpu()
    if not values.isfinite().all():
        raise CourseError(
            f"{name} holds values that are not numbers (NaN or infinite): train the encoder "
            "again with a lower learning rate."
        )
    return values


def checked_labels(labels: Any, count: int) -> list[str] | None:
    """Labels as words, one a code.

    Raises:
        CourseError: if there are not as many labels as codes.
    """
    if labels is None:
        return None
    values = labels.detach().cpu().tolist() if isinstance(labels, Tensor) else list(labels)
    if len(values) != count:
        raise CourseError(
            f"There are {count} codes but {len(values)} labels: pass one label for each code."
        )
    return [str(value) for value in values]


def checked_images(images: Any, count: int) -> Tensor:
    """Images (count, 1, height, width) as float32 on the CPU; bytes become values from 0 to 1.

    Raises:
        CourseError: on another shape, or another number of them.
    """
    if not isinstance(images, Tensor) or images.ndim != 4 or images.shape[1] != 1:
        got = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise CourseError(f"images must be a tensor (count, 1, height, width), not {got}.")
    if len(images) != count:
        raise CourseError(
            f"There are {count} codes but {len(images)} images: pass the images that were encoded."
        )
    values = images.detach().float().cpu()
    return values / 255 if images.dtype == torch.uint8 else values


def checked_count(name: str, value: Any) -> int:
    """A whole number of 1 or more.

    Raises:
        CourseError: if it is something else.
    """
    if not hasattr(value, "__index__") or isinstance(value, bool) or int(value) < 1:
        raise CourseError(f"{name} is a whole number of 1 or more, not {value!r}.")
    return int(value)


def latent_size_of(decoder: Any, codes: Any, latent_size: int | None) -> int | None:
    """The latent size that was named, else the decoder's own, else that of the codes."""
    if latent_size is None and isinstance(codes, Tensor) and codes.ndim == 2:
        return getattr(decoder, "latent_size", codes.shape[1])
    return latent_size


def code_names(labels: Any, count: int) -> list[str]:
    """A name for each of ``count`` codes, all different.

    Raises:
        CourseError: if there are too many to choose from, or not as many labels.
    """
    words = checked_labels(labels, count)
    if count > MOST_CHOICES:
        raise CourseError(
            f"{count} codes are too many to choose from: pass the first {MOST_CHOICES} or fewer."
        )
    return [
        f"number {index}" if words is None else f"{words[index]} (number {index})"
        for index in range(count)
    ]
