"""Toy data on which a generator can be watched: eight small Gaussians on a ring.

Every mode is known here, so "how many of them does the generator reach?" has an exact answer,
which real data never give.
"""

import math

import torch
from torch import Tensor, nn


def ring_centers(modes: int = 8, radius: float = 2.0) -> Tensor:
    """The centers of the modes: equally spaced on a circle around the origin.

    Args:
        modes: how many, at least 1.
        radius: of the circle.

    Returns:
        (modes, 2); the first lies at (radius, 0), the others follow counterclockwise.

    Raises:
        ValueError: if there is no mode or the radius is not positive.

    >>> ring_centers(4, radius=1.0)[1].abs().round().tolist()
    [0.0, 1.0]
    """
    if modes < 1 or radius <= 0:
        raise ValueError(f"a ring needs modes >= 1 and radius > 0, got {modes} and {radius}")
    angle = torch.arange(modes) * (2 * math.pi / modes)
    return radius * torch.stack([angle.cos(), angle.sin()], dim=1)


def ring_samples(
    count: int,
    generator: torch.Generator | None = None,
    *,
    modes: int = 8,
    radius: float = 2.0,
    deviation: float = 0.05,
) -> Tensor:
    """Draw points from equally likely round Gaussians whose centers stand on a ring.

    Args:
        count: how many points.
        generator: where the randomness comes from; None is the global one.
        modes: how many Gaussians.
        radius: of the ring.
        deviation: standard deviation of each Gaussian along each axis.

    Returns:
        (count, 2)

    Raises:
        ValueError: if ``count`` or ``deviation`` is negative, or as in :func:`ring_centers`.

    Source: the eight-Gaussian test of mode collapse goes back to Metz et al. 2017, "Unrolled
    Generative Adversarial Networks" (section 3.1); the width and the radius are our own.

    >>> ring_samples(5, torch.Generator().manual_seed(0)).shape
    torch.Size([5, 2])
    """
    if count < 0 or deviation < 0:
        raise ValueError(f"count and deviation must not be negative, got {count}, {deviation}")
    which = torch.randint(modes, (count,), generator=generator)
    noise = torch.randn(count, 2, generator=generator)
    return ring_centers(modes, radius)[which] + deviation * noise


def mode_shares(samples: Tensor, centers: Tensor, distance: float = 0.3) -> Tensor:
    """Which share of all samples lands near each center.

    A sample counts for its nearest center if it is closer than ``distance``, and for none
    otherwise: the shares add up to 1 only where no sample lies between the modes.

    Args:
        samples: (count, dimensions), count at least 1.
        centers: (modes, dimensions).
        distance: 0.3 is six standard deviations of :func:`ring_samples`.

    Returns:
        (modes,), each between 0 and 1.

    Raises:
        ValueError: if shapes do not fit or there is no sample.

    >>> mode_shares(torch.tensor([[0.0], [0.1], [0.5], [1.0]]), torch.tensor([[0.0], [1.0]]))
    tensor([0.5000, 0.2500])
    """
    if samples.ndim != 2 or centers.ndim != 2 or samples.shape[1] != centers.shape[1]:
        raise ValueError(
            "samples and centers must be (count, dimensions) and (modes, dimensions), got "
            f"{tuple(samples.shape)} and {tuple(centers.shape)}"
        )
    if not len(samples):
        raise ValueError("there is no sample to count")
    nearest, which = torch.cdist(samples.detach(), centers).min(dim=1)
    counts = torch.bincount(which[nearest < distance], minlength=len(centers))
    return counts / len(samples)


def toy_network(inputs: int, outputs: int, hidden: int = 128) -> nn.Sequential:
    """A small network for toy data: two hidden layers with ReLU.

    Args:
        inputs: size of an input.
        outputs: size of an output; 1 for a discriminator's logit.
        hidden: size of both hidden layers.

    Returns:
        A module from (batch, inputs) to (batch, outputs).

    >>> toy_network(2, 1)(torch.zeros(3, 2)).shape
    torch.Size([3, 1])
    """
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, outputs),
    )
