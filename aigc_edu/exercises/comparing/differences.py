"""The first difference between two values, in words."""

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

TOLERANCES = {
    torch.float64: (1e-7, 1e-9),
    torch.complex128: (1e-7, 1e-9),
    torch.bfloat16: (2e-2, 1e-3),
    torch.float16: (2e-2, 1e-3),
}

FLOAT32 = (1e-4, 1e-5)

NUMBER = (0.01, 0.0)


@dataclass(frozen=True)
class Difference:
    """The first thing in which a value differs from the expected one."""

    what: str
    text: str
    got: torch.Tensor | None = None
    expected: torch.Tensor | None = None
    where: str = ""


def find_difference(
    got: Any, expected: Any, tolerance: tuple[float, float] | None = None, where: str = ""
) -> Difference | None:
    """The first difference between two values, or None.

    Args:
        got, expected: tensors, numbers, strings, None, and nested tuples, lists, dicts.
        tolerance: (rtol, atol), or None for the default of the expected dtype.
        where: how the place inside a nested value is called.
    """
    place = f" {where}" if where else ""

    def differs(what: str, text: str) -> Difference:
        return Difference(what, text, where=where)

    if isinstance(expected, torch.Tensor):
        if got is None:
            return differs("type", f"It returns None{place}: is a return missing?")
        if not isinstance(got, torch.Tensor):
            return differs("type", f"A tensor belongs here{place}, but this is {kind_of(got)}.")
        return _tensor_difference(got, expected, tolerance, where)
    if got is None and expected is not None:
        return differs("type", f"It returns None{place}: is a return missing?")
    if isinstance(expected, bool):
        got = plain(got)
        if not isinstance(got, bool):
            return differs("type", f"True or False belongs here{place}, not {kind_of(got)}.")
        if got != expected:
            return differs("value", f"It is {got}{place} where {expected} is right.")
        return None
    if isinstance(expected, int | float):
        got = plain(got)
        if isinstance(got, bool) or not isinstance(got, int | float):
            return differs("type", f"A number belongs here{place}, but this is {kind_of(got)}.")
        return _tensor_difference(
            torch.tensor(as_float(got), dtype=torch.float64),
            torch.tensor(float(expected), dtype=torch.float64),
            tolerance or FLOAT32,
            where,
        )
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping):
            return differs("type", f"A dict belongs here{place}, but this is {kind_of(got)}.")
        if set(map(str, got)) != set(map(str, expected)):
            return differs(
                "shape",
                f"The keys{place} are {_listed(got)}; they should be {_listed(expected)}.",
            )
        for key, item in expected.items():
            inner = f"{where}, " if where else ""
            difference = find_difference(got.get(key), item, tolerance, f"{inner}in {key!r}")
            if difference is not None:
                return difference
        return None
    if isinstance(expected, list | tuple):
        if not isinstance(got, list | tuple):
            return differs(
                "type",
                f"{len(expected)} values belong here{place}, but this is {kind_of(got)}.",
            )
        if len(got) != len(expected):
            return differs(
                "shape", f"There are {len(got)} values{place} where {len(expected)} belong."
            )
        for number, (mine, item) in enumerate(zip(got, expected, strict=True)):
            inner = f"{where}, " if where else ""
            difference = find_difference(
                mine, item, tolerance, f"{inner}in value {number + 1} of {len(expected)}"
            )
            if difference is not None:
                return difference
        return None
    try:
        same = type(got) is type(expected) and bool(got == expected)
    except Exception:
        same = False
    if same:
        return None
    if type(got) is not type(expected):
        return differs("type", f"{_a(type(expected))} belongs here{place}, not {kind_of(got)}.")
    return differs("value", f"It is {got!r:.100}{place} where {expected!r:.100} is right.")


def plain(value: Any) -> Any:
    """A tensor or NumPy scalar of one element as a Python number."""
    if isinstance(value, torch.Tensor) and value.numel() == 1 and value.device.type != "meta":
        return value.item()
    if type(value).__module__ == "numpy" and getattr(value, "size", 0) == 1:
        return value.item()
    return value


def as_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _tensor_difference(
    got: torch.Tensor,
    expected: torch.Tensor,
    tolerance: tuple[float, float] | None,
    where: str,
) -> Difference | None:
    place = f" {where}" if where else ""

    def differs(what: str, text: str, *, pair: bool = False) -> Difference:
        return Difference(
            what, text, got if pair else None, expected if pair else None, where=where
        )

    if type(got) is not torch.Tensor:  # a subclass could answer the comparison itself
        got = torch.Tensor.as_subclass(got.detach(), torch.Tensor)
    got, expected = got.detach(), expected.detach()
    if got.device != expected.device:
        return differs(
            "device",
            f"The result{place} is on {got.device} where the input is on {expected.device}: make "
            "new tensors on the input's device.",
        )
    if got.layout != expected.layout or got.is_quantized:
        return differs("type", f"A plain dense tensor belongs here{place}.")
    if got.shape != expected.shape:
        return differs("shape", _shape_text(got.shape, expected.shape, place))
    if got.dtype != expected.dtype:
        return differs(
            "dtype",
            f"The dtype{place} is {dtype_name(got)}; with this input it should be "
            f"{dtype_name(expected)}: let the input decide it.",
        )
    if not (expected.is_floating_point() or expected.is_complex()):
        equal = got == expected
        if bool(equal.all()):
            return None
        return differs("value", _element_text(got, expected, ~equal, place), pair=True)
    rtol, atol = tolerance or TOLERANCES.get(expected.dtype, FLOAT32)
    strange = ~torch.isfinite(got) & torch.isfinite(expected)
    if bool(strange.any()):
        first = tuple(strange.nonzero()[0].tolist())
        value = "NaN" if bool(got[first] != got[first]) else "infinite"
        count = int(strange.sum())
        many = "It" if got.dim() == 0 else f"{count} of {got.numel()} elements"
        return differs(
            "nonfinite",
            f"{many}{place} {'is' if count == 1 or got.dim() == 0 else 'are'} {value} where a "
            f"finite number is right (expected {_number(expected[first])}"
            f"{_at(first)}).",
        )
    close = torch.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if bool(close.all()):
        return None
    return differs("value", _element_text(got, expected, ~close, place), pair=True)


def _shape_text(got: torch.Size, expected: torch.Size, place: str) -> str:
    text = f"The shape{place} is {tuple(got)}; it should be {tuple(expected)}."
    if len(got) == len(expected) > 1 and tuple(got) == tuple(reversed(expected)):
        return f"{text} It is transposed."
    if len(got) == 0 and len(expected) > 0:
        return f"{text} You reduced over the first dimension too; it stays."
    if [n for n in got if n != 1] == [n for n in expected if n != 1]:
        return f"{text} A dimension of size 1 is {'left over' if got > expected else 'missing'}."
    if len(got) > len(expected) and got[: len(expected)] == expected:
        return f"{text} The dimensions after the first {len(expected)} are still to be reduced."
    if math.prod(got) == math.prod(expected):
        return f"{text} The number of elements is right, their arrangement is not."
    return text


def _element_text(got: torch.Tensor, expected: torch.Tensor, bad: torch.Tensor, place: str) -> str:
    if got.dim() == 0:
        mine, right = _pair(got, expected)
        return f"The value{place} is {mine}; expected {right}."
    first = tuple(bad.nonzero()[0].tolist())
    mine, right = _pair(got[first], expected[first])
    return (
        f"{int(bad.sum())} of {bad.numel()} elements{place} differ, the first{_at(first)}: "
        f"got {mine}, expected {right}."
    )


def _pair(got: torch.Tensor, expected: torch.Tensor) -> tuple[str, str]:
    """Two numbers to four digits, and how far apart they are where that hides it."""
    mine, right = _number(got), _number(expected)
    if mine == right:
        gap = (got.to(torch.float64) - expected.to(torch.float64)).item()
        mine = f"{mine} (off by {gap:.2g})"
    return mine, right


def _number(value: torch.Tensor) -> str:
    number = value.item()
    return f"{number:.4g}" if isinstance(number, float) else str(number)


def _at(index: tuple[int, ...]) -> str:
    return f" at [{', '.join(map(str, index))}]" if index else ""


def dtype_name(value: torch.Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")


def _a(kind: type) -> str:
    name = kind.__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def kind_of(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if type(value).__module__ == "numpy":
        return "a NumPy array" if getattr(value, "ndim", 0) else "a NumPy number"
    if inspect.isgenerator(value):
        return "a generator (yield where return belongs)"
    if isinstance(value, tuple | list) and len(value) <= 20:
        return f"{_a(type(value))} of {len(value)}"
    if callable(value) and not isinstance(value, type):
        return "a function"
    return _a(type(value))


def _listed(keys: Mapping[Any, Any]) -> str:
    return ", ".join(sorted(repr(key)[:40] for key in list(keys)[:20])) or "none"
