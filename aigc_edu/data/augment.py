"""Small changes that keep a digit's meaning: shift, rotation, zoom; two for both sides of a GAN.

Each maker returns a function ``(batch, generator) -> batch`` that draws its own amount for
each image, for use as ``Batches(augment=...)``. What comes in from outside is black (0), so
batches must be in [0, 1], as ``Batches`` gives them. No mirror image is offered: a flipped 7 is
no digit at all.

``augment_translate`` and ``augment_cutout`` work in any range and pass gradients on, for use on
real *and* generated images in front of a discriminator (Zhao et al. 2020).
"""

import math
from collections.abc import Callable

import torch
from torch.nn import functional

Augment = Callable[[torch.Tensor, torch.Generator], torch.Tensor]


def _uniform(count: int, bound: float, generator: torch.Generator) -> torch.Tensor:
    """Numbers from -bound to bound, one an image, drawn on the generator's device."""
    drawn = torch.rand(count, generator=generator, device=generator.device)
    return (2 * drawn - 1) * bound


def _warp(batch: torch.Tensor, matrices: torch.Tensor) -> torch.Tensor:
    """Resample each image of (batch, channels, height, width) by its (2, 3) matrix."""
    # float32 for the grid's arithmetic on every device, then the batch's own type for the images.
    grid = functional.affine_grid(
        matrices.to(batch.device, batch.dtype), list(batch.shape), align_corners=False
    )
    return functional.grid_sample(
        batch, grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )


def _check(batch: torch.Tensor) -> None:
    if batch.ndim != 4 or not batch.is_floating_point():
        raise ValueError(
            "the batch must be floats (batch, channels, height, width), not "
            f"{batch.dtype} {tuple(batch.shape)}"
        )


def _identity(count: int) -> torch.Tensor:
    """(count, 2, 3) matrices that change nothing."""
    return torch.eye(2, 3).repeat(count, 1, 1)


def augment_shift(pixels: float = 2.0) -> Augment:
    """Make a function that moves each image by up to ``pixels``, in both directions.

    Raises:
        ValueError: if ``pixels`` is negative or not finite.

    >>> shift = augment_shift(2)
    >>> shift(torch.rand(4, 1, 28, 28), torch.Generator().manual_seed(0)).shape
    torch.Size([4, 1, 28, 28])
    """
    _check_bound("pixels", pixels)

    def shift(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        _check(batch)
        count, _, height, width = batch.shape
        matrices = _identity(count)
        # affine_grid's unit is half the image.
        matrices[:, 0, 2] = _uniform(count, pixels, generator).cpu() * (2 / width)
        matrices[:, 1, 2] = _uniform(count, pixels, generator).cpu() * (2 / height)
        return _warp(batch, matrices)

    return shift


def augment_rotate(degrees: float = 10.0) -> Augment:
    """Make a function that turns each image by up to ``degrees`` either way, about its middle.

    Raises:
        ValueError: if ``degrees`` is negative or not finite.

    >>> rotate = augment_rotate(10)
    >>> rotate(torch.rand(4, 1, 28, 28), torch.Generator().manual_seed(0)).shape
    torch.Size([4, 1, 28, 28])
    """
    _check_bound("degrees", degrees)

    def rotate(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        _check(batch)
        count, _, height, width = batch.shape
        angle = _uniform(count, math.radians(degrees), generator).cpu()
        matrices = _identity(count)
        # The aspect keeps a turn a turn where an image is not square.
        matrices[:, 0, 0] = matrices[:, 1, 1] = angle.cos()
        matrices[:, 0, 1] = -angle.sin() * (height / width)
        matrices[:, 1, 0] = angle.sin() * (width / height)
        return _warp(batch, matrices)

    return rotate


def augment_zoom(share: float = 0.1) -> Augment:
    """Make a function that enlarges or shrinks each image by up to ``share`` (0.1: 10 %).

    Raises:
        ValueError: unless ``share`` is from 0 to below 1.

    >>> zoom = augment_zoom(0.1)
    >>> zoom(torch.rand(4, 1, 28, 28), torch.Generator().manual_seed(0)).shape
    torch.Size([4, 1, 28, 28])
    """
    _check_bound("share", share)
    if share >= 1:
        raise ValueError(f"share must be below 1, not {share}")

    def zoom(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        _check(batch)
        count = len(batch)
        factor = 1 + _uniform(count, share, generator).cpu()
        # The matrix says where each new pixel comes from: to enlarge, look at less.
        return _warp(batch, _identity(count) / factor[:, None, None])

    return zoom


def augment_translate(share: float = 0.125, fill: float = -1.0) -> Augment:
    """Make a function that moves each image by whole pixels, up to ``share`` of its size.

    Made for both sides of a GAN: the discriminator sees real and generated images only after it,
    so a generator learns nothing of the shift. What is moved keeps its values exactly, and its
    gradients; what comes in from outside is ``fill``.

    Args:
        share: the largest move as a share of height and of width, rounded to whole pixels.
        fill: the value of black, -1 in a GAN's range.

    Raises:
        ValueError: unless ``share`` is from 0 to 1 and ``fill`` is finite.

    Source: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training",
    section 3.2 (translation within 1/8 of the size, filled with zeros).

    >>> translate = augment_translate()
    >>> translate(torch.rand(4, 1, 28, 28), torch.Generator().manual_seed(0)).shape
    torch.Size([4, 1, 28, 28])
    """
    _check_share("share", share, fill)

    def translate(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        _check(batch)
        count, _, height, width = batch.shape
        most_down, most_right = int(height * share + 0.5), int(width * share + 0.5)
        down = _whole(count, -most_down, most_down, generator).to(batch.device)
        right = _whole(count, -most_right, most_right, generator).to(batch.device)
        border = (most_right, most_right, most_down, most_down)
        padded = functional.pad(batch, border, value=fill)
        rows = torch.arange(height, device=batch.device) + most_down - down[:, None]
        columns = torch.arange(width, device=batch.device) + most_right - right[:, None]
        each = torch.arange(count, device=batch.device)[:, None, None]
        moved = padded.permute(0, 2, 3, 1)[each, rows[:, :, None], columns[:, None, :]]
        return moved.permute(0, 3, 1, 2)  # (batch, channels, height, width)

    return translate


def augment_cutout(share: float = 0.5, fill: float = -1.0) -> Augment:
    """Make a function that blanks a rectangle in each image, its sides ``share`` of the image's.

    Made for both sides of a GAN, as ``augment_translate``. The rectangle's center may lie
    anywhere in the image, so part of it may lie outside. No gradient passes what is blank.

    Args:
        share: the rectangle's height and width as a share of the image's.
        fill: what it is filled with; -1 is black in a GAN's range.

    Raises:
        ValueError: unless ``share`` is from 0 to 1 and ``fill`` is finite.

    Source: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training",
    section 3.2 (a square of half the size); DeVries & Taylor 2017, "Improved Regularization of
    Convolutional Neural Networks with Cutout".

    >>> cutout = augment_cutout(0.5)
    >>> blank = cutout(torch.ones(4, 1, 28, 28), torch.Generator().manual_seed(0)) == -1
    >>> bool(blank.flatten(1).any(dim=1).all())
    True
    """
    _check_share("share", share, fill)

    def cutout(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        _check(batch)
        count, _, height, width = batch.shape

        def hit(size: int) -> torch.Tensor:
            """(count, size): the rows (or columns) that the rectangle covers."""
            length = int(size * share + 0.5)
            first = _whole(count, 0, size - 1, generator)[:, None] - length // 2
            place = torch.arange(size)
            return (place >= first) & (place < first + length)

        blank = hit(height)[:, None, :, None] & hit(width)[:, None, None, :]
        return batch.masked_fill(blank.to(batch.device), fill)

    return cutout


def compose(*steps: Augment) -> Augment:
    """Make one function that applies several, in the order given.

    >>> both = compose(augment_rotate(10), augment_shift(2))
    >>> both(torch.rand(4, 1, 28, 28), torch.Generator().manual_seed(0)).shape
    torch.Size([4, 1, 28, 28])
    """

    def apply(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        for step in steps:
            batch = step(batch, generator)
        return batch

    return apply


def _whole(count: int, low: int, high: int, generator: torch.Generator) -> torch.Tensor:
    """Whole numbers from low to high, both included, one an image, on the CPU."""
    drawn = torch.randint(low, high + 1, (count,), generator=generator, device=generator.device)
    return drawn.cpu()


def _check_share(name: str, value: float, fill: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be from 0 to 1, not {value}")
    if not math.isfinite(fill):
        raise ValueError(f"fill must be finite, not {fill}")


def _check_bound(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} must be finite and not negative, not {value}")
