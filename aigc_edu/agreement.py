"""Checked by running: two ways to say that numbers agree, and to stop where they do not.

The derivation lessons end each result with one of these: a closed form against another
one within the arithmetic's tolerance, or a Monte Carlo average against the exact value
within its own error.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def _numbers(values: Any) -> "Tensor":
    import torch

    if isinstance(values, torch.Tensor):
        return values if values.is_complex() else values.double()
    return torch.as_tensor(values, dtype=torch.float64)


def agree(name: str, found: Any, expected: Any, tolerance: float) -> None:
    """Say that two results agree, or stop here.

    Args:
        name: what is compared.
        found: a number or a tensor.
        expected: a number or a tensor of a shape that broadcasts with it.
        tolerance: the largest absolute difference allowed, anywhere; 0 asks for equality.

    Raises:
        AssertionError: if they differ by more, or one of them is NaN.

    >>> agree("a third of three", 3 * (1 / 3), 1.0, 1e-12)
    a third of three: agree to 1e-12
    """
    error = float((_numbers(found) - _numbers(expected)).detach().abs().max())
    assert error <= tolerance, f"{name}: off by {error:.2g}"
    print(f"{name}: agree to {tolerance:.0e}" if tolerance else f"{name}: agree exactly")


def average(samples: "Tensor") -> "tuple[Tensor, Tensor]":
    """A Monte Carlo average over the first dimension, and its standard error.

    Args:
        samples: (draws, ...), at least two draws.

    >>> import torch
    >>> [round(part.item(), 4) for part in average(torch.tensor([1.0, 3.0]))]
    [2.0, 1.0]
    """
    return samples.mean(0), samples.std(0) / len(samples) ** 0.5


def agree_on_average(name: str, samples: "Tensor", expected: Any) -> None:
    """Say that a Monte Carlo average hits a value within four standard errors, or stop here.

    Args:
        name: what is estimated.
        samples: (draws, ...).
        expected: a number, or one for each of the remaining places.

    Raises:
        AssertionError: if the average is farther away anywhere.

    >>> import torch
    >>> agree_on_average("mean of a coin", torch.tensor([0.0, 1.0, 1.0, 0.0]), 0.5)
    mean of a coin: 0.5 ± 0.3 by sampling, 0.5 exactly
    """
    value, error = (part.detach().double() for part in average(samples))
    targets = _numbers(expected).to(value.device)
    assert bool(((value - targets).abs() <= 4 * error).all()), f"{name}: {value}, not {targets}"
    for one, its_error, target in zip(
        value.flatten(), error.flatten(), targets.expand_as(value).flatten(), strict=True
    ):
        print(f"{name}: {one:.4g} ± {its_error:.1g} by sampling, {target:.4g} exactly")
