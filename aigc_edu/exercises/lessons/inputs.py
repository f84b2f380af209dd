"""What cases of many exercises are drawn with."""

import torch
from torch import Tensor

Pair = tuple[Tensor, Tensor]


def normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Standard normal numbers of a shape, from a case's generator."""
    return torch.randn(shape, generator=generator, dtype=dtype)
