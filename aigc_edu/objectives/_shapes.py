"""Shape checks and sums that every objective shares."""

import torch
from torch import Tensor


def full_precision(value: Tensor) -> Tensor:
    """float16 and bfloat16 become float32 (a sum of 784 terms needs more digits than they have)."""
    if value.dtype in (torch.float16, torch.bfloat16):
        return value.float()
    if not value.is_floating_point():
        raise ValueError(f"expected a floating-point tensor, got {value.dtype}: call .float()")
    return value


def same_shape(**tensors: Tensor) -> None:
    """Refuse tensors of different shapes, which PyTorch would broadcast without a word."""
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"shapes must be the same (nothing is broadcast): {listed}")
    name, shape = next(iter(shapes.items()))
    if len(shape) == 0:
        raise ValueError(f"{name} needs a batch dimension first, got a single number")


def sum_over_example(value: Tensor) -> Tensor:
    """Sum over all but the first dimension: (batch, ...) -> (batch,)."""
    if value.ndim == 1:
        return value
    return value.sum(dim=tuple(range(1, value.ndim)))


def one_logit_each(name: str, logits: Tensor) -> Tensor:
    """Logits with exactly one value an example, as (batch,)."""
    if logits.ndim == 0 or logits.shape[0] == 0 or logits.numel() != logits.shape[0]:
        raise ValueError(
            f"{name} must hold one logit an example, shape (batch,) or (batch, 1), "
            f"got {tuple(logits.shape)}"
        )
    return full_precision(logits).reshape(-1)  # (batch,)
