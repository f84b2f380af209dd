"""What several exercises of lesson 03 use."""

import torch
from torch import Tensor


def mixing_matrix(generator: torch.Generator, size: int, dtype: torch.dtype) -> Tensor:
    """A well-conditioned square matrix that correlates its inputs."""
    return torch.eye(size, dtype=dtype) + 0.3 * torch.rand(
        size, size, generator=generator, dtype=dtype
    ).triu(1)
