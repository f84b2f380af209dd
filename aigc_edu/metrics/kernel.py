"""The kernel distance between two sets of features."""

from typing import NamedTuple

import torch
from torch import Tensor

from aigc_edu.metrics.features import as_features, same_size


class KernelDistance(NamedTuple):
    """An estimate and its error.

    Attributes:
        value: the mean over the blocks; without bias, so it may be negative.
        standard_error: of that mean, from the spread of the blocks.
    """

    value: float
    standard_error: float


def _unbiased(first: Tensor, second: Tensor) -> Tensor:
    """The unbiased estimate of the squared maximum mean discrepancy of two equal sets."""
    size, count = first.shape[1], len(first)

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.mT / size + 1.0) ** 3

    def others(a: Tensor) -> Tensor:
        """The mean of the kernel over all pairs of two different points."""
        table = kernel(a, a)
        return (table.sum() - table.diagonal().sum()) / (count * (count - 1))

    return others(first) + others(second) - 2.0 * kernel(first, second).mean()


def kernel_distance(
    real: Tensor,
    generated: Tensor,
    block_size: int = 500,
    generator: torch.Generator | None = None,
) -> KernelDistance:
    """The squared maximum mean discrepancy with the kernel (x·y/d + 1)³: the "KID".

    Its expectation does not depend on the number of images, which the Fréchet distance's does.
    Both sets are shuffled and cut into disjoint blocks of ``block_size``; each pair of blocks gives
    one unbiased estimate, and their mean and the standard error of that mean are returned.
    Disjoint, because estimates from overlapping subsets are not independent: their spread says
    nothing about the error.

    Args:
        real: features (count, size), or digits (count, 1, 28, 28) whose features are taken.
        generated: the same; another count is allowed, the smaller one decides.
        block_size: images a block, at least 2; there must be two blocks at least.
        generator: shuffles; one with a fixed seed if None, so that the same sets give the same.

    Returns:
        A ``KernelDistance``: (value, standard_error).

    Raises:
        ValueError: for shapes that do not fit, values that are not finite, or fewer than two
            blocks.

    Source: Bińkowski, Sutherland, Arbel & Gretton 2018, "Demystifying MMD GANs", section 4
    (there with Inception features); the unbiased estimate is Gretton et al. 2012, "A Kernel
    Two-Sample Test", lemma 6.

    >>> points = torch.randn(1000, 3, generator=torch.Generator().manual_seed(0))
    >>> value, error = kernel_distance(points[:500], points[500:] + 1, block_size=100)
    >>> value > 10 * error
    True
    """
    real, generated = as_features("real", real), as_features("generated", generated)
    same_size(real, generated)
    if block_size < 2:
        raise ValueError(f"block_size must be at least 2, not {block_size}")
    blocks = min(len(real), len(generated)) // block_size
    if blocks < 2:
        raise ValueError(
            f"two blocks of {block_size} are needed for an error, and the smaller set has "
            f"{min(len(real), len(generated))}: choose a smaller block_size"
        )
    generator = generator or torch.Generator().manual_seed(0)
    # Shuffled: a set sorted by digit would make blocks that are not alike.
    real = real[torch.randperm(len(real), generator=generator)]
    generated = generated[torch.randperm(len(generated), generator=generator)]
    estimates = torch.stack(
        [
            _unbiased(one, two)
            for one, two in zip(
                torch.split(real[: blocks * block_size], block_size),
                torch.split(generated[: blocks * block_size], block_size),
                strict=True,
            )
        ]
    )  # (blocks,)
    return KernelDistance(float(estimates.mean()), float(estimates.std() / blocks**0.5))
