"""Measures of a pair of images: squared error, signal-to-noise ratio, structural similarity."""

import torch
from torch import Tensor

SSIM_WINDOW = 11  # pixels: 3.5 standard deviations of 1.5 to either side, and the middle


def _checked_pair(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Two batches of images as float64 (batch, channels, height, width)."""
    if first.shape != second.shape or first.ndim != 4 or first.numel() == 0:
        raise ValueError(
            "two batches of images of one shape (batch, channels, height, width) are needed, got "
            f"{tuple(first.shape)} and {tuple(second.shape)}"
        )
    for images in (first, second):
        if not images.is_floating_point():
            raise ValueError(f"images must be floats in [0, 1], got {images.dtype}: see to_range")
        low, high = (float(value) for value in torch.aminmax(images.detach()))
        # A hair outside is rounding; NaN fails both comparisons.
        if not (low >= -1e-3 and high <= 1 + 1e-3):
            raise ValueError(f"images must lie in [0, 1], got values from {low:.4g} to {high:.4g}")
    return first.double(), second.double()


def mse(first: Tensor, second: Tensor) -> Tensor:
    """The mean squared error of each pair of images: averaged over the pixels of one image.

    Args:
        first, second: (batch, channels, height, width) floats in [0, 1], the i-th of one with the
            i-th of the other.

    Returns:
        (batch,) float64, from 0 (the same) to 1 (black against white).

    Raises:
        ValueError: for shapes that differ, integers, NaN, or values outside [0, 1].

    >>> mse(torch.zeros(2, 1, 3, 3), torch.full((2, 1, 3, 3), 0.5))
    tensor([0.2500, 0.2500], dtype=torch.float64)
    """
    first, second = _checked_pair(first, second)
    return (first - second).square().flatten(1).mean(dim=1)  # (batch,)


def psnr(first: Tensor, second: Tensor) -> Tensor:
    """The peak signal-to-noise ratio of each pair of images, in decibels.

    ``10 log10(1 / mse)`` with the peak 1 of images in [0, 1]: the squared error on another scale,
    on which 10 decibels more are a tenth of the error.

    Args:
        first, second: as for ``mse``.

    Returns:
        (batch,) float64, in decibels, at least 0; infinite for equal images.

    Raises:
        ValueError: as ``mse``.

    >>> psnr(torch.zeros(1, 1, 3, 3), torch.full((1, 1, 3, 3), 0.5))
    tensor([6.0206], dtype=torch.float64)
    """
    return -10.0 * torch.log10(mse(first, second))


def ssim(first: Tensor, second: Tensor) -> Tensor:
    """The structural similarity of each pair of images.

    The settings are those of the paper and the usual ones for comparing numbers: a Gaussian window
    of standard deviation 1.5 (11 pixels wide), population variances and covariance (weighted with
    the window, not corrected by n/(n-1)), K1 = 0.01, K2 = 0.03, data range 1. The mean is taken
    over the places where the whole window lies inside the image. scikit-image gives the same with
    ``structural_similarity(a, b, data_range=1, gaussian_weights=True, sigma=1.5,
    use_sample_covariance=False)``; its defaults are others, and torchmetrics by itself averages
    over a reflected margin too.

    Args:
        first, second: as for ``mse``, at least 11 pixels high and wide.

    Returns:
        (batch,) float64, at most 1; 1 for equal images, and it may be negative.

    Raises:
        ValueError: as ``mse``, and for images smaller than the window.

    Source: Wang, Bovik, Sheikh & Simoncelli 2004, "Image Quality Assessment: From Error
    Visibility to Structural Similarity", IEEE Transactions on Image Processing 13(4), section
    III.B and III.C; computed by torchmetrics.

    >>> image = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    >>> ssim(image, image)
    tensor([1.], dtype=torch.float64)
    """
    first, second = _checked_pair(first, second)
    if min(first.shape[2:]) < SSIM_WINDOW:
        raise ValueError(
            f"images must be at least {SSIM_WINDOW} pixels high and wide for this window, got "
            f"{tuple(first.shape[2:])}"
        )
    from torchmetrics.functional.image import structural_similarity_index_measure

    _, local = structural_similarity_index_measure(
        first,
        second,
        gaussian_kernel=True,
        sigma=1.5,
        data_range=1.0,
        reduction="none",
        return_full_image=True,
    )
    # torchmetrics pads the image by reflection and would average over the margin as well, which
    # the paper's valid windows and scikit-image leave out: -0.01 against -0.08 for noise.
    margin = SSIM_WINDOW // 2
    return local[..., margin:-margin, margin:-margin].flatten(1).mean(dim=1)  # (batch,)
