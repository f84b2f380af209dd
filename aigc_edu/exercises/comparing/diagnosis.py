"""How wrong values hang together with the right ones."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from aigc_edu.exercises.comparing.differences import Difference
from aigc_edu.exercises.probing import Case


def diagnose(wrong: Sequence[tuple[Case, Difference]]) -> str:
    """How the wrong values hang together with the right ones in every wrong case."""
    triples = [
        (case, d.got.to(torch.float64), d.expected.to(torch.float64))
        for case, d in wrong
        if d.what == "value"
        and d.got is not None
        and d.expected is not None
        and not d.got.is_complex()
    ]
    if len(triples) < len(wrong) or not triples:
        return ""
    triples = [
        (case, got[keep], right[keep])
        if not bool((keep := torch.isfinite(got) & torch.isfinite(right)).all())
        else (case, got, right)
        for case, got, right in triples
    ]
    if sum(int((right.abs() > 1e-6).sum()) for _, _, right in triples) < 2:
        return ""

    def everywhere(change: Any) -> bool:
        try:
            return all(_near(got, change(right)) for _, got, right in triples)
        except RuntimeError:
            return False

    if everywhere(torch.neg):
        return "The sign is flipped."
    ratios = [_ratio(got, right) for _, got, right in triples]
    if all(ratio is not None for ratio in ratios):
        known = [ratio for ratio in ratios if ratio is not None]
        sizes = _sizes(triples[0][0])
        for position in range(len(sizes)):
            here = []
            for case, _, _ in triples:
                of_case = _sizes(case)
                here.append(of_case[position] if position < len(of_case) else ("", 0))
            if any(size == 0 for _, size in here) or all(size == 1 for _, size in here):
                continue
            name, size = here[-1]
            pairs = list(zip(known, here, strict=True))
            if all(math.isclose(ratio * n, 1, rel_tol=1e-3) for ratio, (_, n) in pairs):
                return (
                    f"Each value is the expected one divided by {name} (here {size}): a mean "
                    "where a sum belongs."
                )
            if all(math.isclose(ratio, n, rel_tol=1e-3) for ratio, (_, n) in pairs):
                return (
                    f"Each value is the expected one times {name} (here {size}): a sum where a "
                    "mean belongs."
                )
        if all(math.isclose(ratio, known[0], rel_tol=1e-3) for ratio in known):
            if math.isclose(known[0], 1 / math.log(2), rel_tol=1e-3):
                return "Everywhere 1.443 × the expected value: bits where nats belong."
            return f"Everywhere {known[0]:.4g} × the expected value."
    if all(right.dim() == 2 for _, _, right in triples) and everywhere(torch.t):
        return "It is transposed."
    for change, name in (
        (torch.log, "the logarithm of"),
        (torch.exp, "the exponential of"),
        (torch.square, "the square of"),
        (torch.sqrt, "the square root of"),
        (torch.reciprocal, "one divided by"),
    ):
        if everywhere(change):
            return f"You return {name} what is expected."
    offsets = [got - right for _, got, right in triples]
    first = next((offset.flatten()[0] for offset in offsets if offset.numel()), None)
    if first is not None and everywhere(lambda right: right + first):
        return f"Everywhere the expected value {float(first):+.4g}."
    if all(
        got.dim() > 0 and _near(got.flatten().sort().values, right.flatten().sort().values)
        for _, got, right in triples
    ):
        return "The numbers are right but stand in another order."
    return ""


def _near(got: torch.Tensor, right: torch.Tensor) -> bool:
    return got.shape == right.shape and torch.allclose(got, right, rtol=1e-3, atol=1e-5)


def _ratio(got: torch.Tensor, right: torch.Tensor) -> float | None:
    """got / right where it is the same number everywhere, else None."""
    telling = right.abs() > 1e-6
    if not bool(telling.any()) or not bool((got[~telling].abs() < 1e-3).all()):
        return None
    ratios = got[telling] / right[telling]
    middle = float(ratios.median())
    if middle == 0 or not torch.allclose(ratios, ratios.median(), rtol=1e-3, atol=0):
        return None
    return middle


def _sizes(case: Case) -> list[tuple[str, int]]:
    """Sizes of a case's inputs that a mean could have divided by."""
    sizes: list[tuple[str, int]] = []
    for value in [*case.args, *case.kwargs.values()]:
        if isinstance(value, torch.Tensor) and value.dim():
            sizes.append(("the batch size", value.shape[0]))
            if value.dim() > 1:
                one = value[0].numel() if value.shape[0] else 0
                what = (
                    "the number of pixels"
                    if one == 784 or value.dim() == 4
                    else "one example's size"
                )
                sizes.append((what, one))
                sizes.append(("the number of all elements", value.numel()))
                sizes.append(("the last dimension's size", value.shape[-1]))
    return sizes
