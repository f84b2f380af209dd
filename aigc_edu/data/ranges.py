"""Between bytes and floats: ranges with an exact way back, dequantization, binarization."""

import math

import torch

# Float32 keeps 24 bits; a range so far from zero that neighboring levels could melt
# together has no way back.
_SMALLEST_STEP = 8 * 2.0**-24


def check_range(low: float, high: float) -> float:
    """Return the levels a unit, ``255 / (high - low)``.

    Raises:
        ValueError: if the ends are not finite, not in order, or too close together for
            float32 to keep the 256 levels apart.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"the range ({low}, {high}) needs two finite ends, the lower one first")
    step = (high - low) / 255
    if step < _SMALLEST_STEP * max(abs(low), abs(high)) or step < 1e-30 or high - low > 1e30:
        raise ValueError(f"float32 cannot keep 256 levels apart between {low} and {high}")
    return 255 / (high - low)


def _check_bytes(images: torch.Tensor) -> None:
    if images.dtype != torch.uint8:
        raise ValueError(f"the images must be uint8 (0 to 255), but are {images.dtype}")


def to_range(images: torch.Tensor, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    """Map bytes linearly onto ``[low, high]``: 0 becomes ``low``, 255 becomes ``high``.

    Args:
        images: uint8, any shape.
        low, high: the ends of the new range, e.g. ``(-1, 1)`` for a tanh generator.

    Returns:
        float32, same shape and device. For ``(0, 1)`` and ``(-1, 1)`` the ends are exact;
        for others they are within float32 rounding. :func:`from_range` undoes it exactly.

    Raises:
        ValueError: if ``images`` is not uint8 or the range is none.

    >>> to_range(torch.tensor([0, 51, 255], dtype=torch.uint8), -1.0, 1.0)
    tensor([-1.0000, -0.6000,  1.0000])
    """
    _check_bytes(images)
    scale = check_range(low, high)
    # One fused kernel: bytes in, float32 out. (Converting first writes the batch twice.)
    scaled = torch.div(images, scale).to(torch.float32)
    return scaled if low == 0 else scaled.add_(low)


def from_range(x: torch.Tensor, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    """Map floats from ``[low, high]`` back to bytes, rounding to the nearest level.

    ``from_range(to_range(images, low, high), low, high)`` gives ``images`` back, bit by bit.

    Args:
        x: floating point, any shape, values from ``low`` to ``high``.

    Returns:
        uint8, same shape and device.

    Raises:
        ValueError: if ``x`` is no float tensor, holds NaN, or lies more than half a level
            outside the range (a range mixed up is a fault to find, not to clip away).

    >>> from_range(torch.tensor([-1.0, 0.0, 1.0]), -1.0, 1.0)
    tensor([  0, 128, 255], dtype=torch.uint8)
    """
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats from {low} to {high}, but is {x.dtype}")
    scale = check_range(low, high)
    levels = x.detach().to(torch.promote_types(x.dtype, torch.float32)).sub(low).mul_(scale)
    # NaN fails this comparison too.
    if not bool(((levels >= -0.5) & (levels <= 255.5)).all()):
        raise ValueError(f"x holds NaN or values outside {low} to {high}: was it in another range?")
    return levels.round_().clamp_(0, 255).to(torch.uint8)


def dequantize(images: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
    """Spread each level over its own interval: ``(images + u) / 256`` with u uniform on [0, 1).

    A density model given whole numbers can put infinite density on them; noise of one level
    mends that. ``floor(256 * x)`` gives the images back exactly.

    Args:
        images: uint8, any shape.
        generator: draws the noise, on the generator's device; None means PyTorch's global one.

    Returns:
        float32 in [0, 1), same shape and device.

    Raises:
        ValueError: if ``images`` is not uint8.

    Source: B. Uria, I. Murray, H. Larochelle, "RNADE: the real-valued neural autoregressive
    density-estimator", NIPS 2013, section 5; L. Theis, A. van den Oord, M. Bethge, "A note on
    the evaluation of generative models", ICLR 2016, section 3.1.

    >>> x = dequantize(torch.tensor([0, 255], dtype=torch.uint8), torch.Generator().manual_seed(0))
    >>> (x * 256).floor()
    tensor([  0., 255.])
    """
    _check_bytes(images)
    device = generator.device if generator is not None else images.device
    # float32 holds 255 + u only to 2**-16; u in whole 2**-15 keeps every sum below the next level.
    noise = torch.randint(0, 2**15, images.shape, generator=generator, device=device)
    return (images.to(torch.float32) + noise.to(images.device) / 2**15) / 256


def binarize(x: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
    """Turn gray levels into zeros and ones.

    Args:
        x: floats in [0, 1], any shape.
        generator: given, each pixel is 1 with probability ``x`` (R. Salakhutdinov, I. Murray,
            "On the quantitative analysis of deep belief networks", ICML 2008, section 6);
            None, a pixel is 1 where ``x`` is at least 0.5.

    Returns:
        Zeros and ones in the dtype of ``x``, same shape and device.

    Raises:
        ValueError: if ``x`` holds no floats, or values outside [0, 1], or NaN.

    >>> binarize(torch.tensor([0.2, 0.5, 0.9]))
    tensor([0., 1., 1.])
    """
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats from 0 to 1, but is {x.dtype}")
    if not bool(((x >= 0) & (x <= 1)).all()):
        raise ValueError("x holds NaN or values outside 0 to 1: bring it to that range first")
    if generator is None:
        return (x >= 0.5).to(x.dtype)
    noise = torch.rand(x.shape, generator=generator, device=generator.device)
    return (noise.to(x.device) < x).to(x.dtype)
