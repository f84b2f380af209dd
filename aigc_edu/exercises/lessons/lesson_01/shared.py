"""What several exercises of lesson 01 use."""

import torch
from torch import Tensor


def random_bytes(generator: torch.Generator, *shape: int, high: int = 256) -> Tensor:
    return torch.randint(0, high, shape, generator=generator, dtype=torch.uint8)
