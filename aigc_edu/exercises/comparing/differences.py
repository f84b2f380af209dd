"""The first difference between two values, in words."""

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

Tolerance = tuple[float, float]
"""(rtol, atol), as in ``torch.isclose``."""

FLOAT32: Tolerance = (1e-4, 1e-5)
NUMBER: Tolerance = (0.01, 0.0)
TOLERANCES: dict[torch.dtype, Tolerance] = {
    torch.float64: (1e-7, 1e-9),
    torch.complex128: (1e-7, 1e-9),
    torch.bfloat16: (2e-2, 1e-3),
    torch.float16: (2e-2, 1e-3),
}


@dataclass(frozen=True)
class Difference:
    """The first thing in which a value differs from the expected one.

    Attributes:
        what: type, shape, device, dtype, nonfinite or value; in an outcome also raised, no
            error, changed or gradient.
        text: a sentence for the learner.
        got, expected: both tensors where they differ in value alone, for a diagnosis.
    """

    what: str
    text: str
    got: torch.Tensor | None = None
    expected: torch.Tensor | None = None


def find_difference(
    got: Any, expected: Any, tolerance: Tolerance | None = None
) -> Difference | None:
    """The first difference between two values, or None.

    Args:
        got, expected: tensors, numbers, strings, None, and nested tuples, lists, dicts.
        tolerance: (rtol, atol), or None for the default of the expected dtype.
    """
    return _difference(got, expected, tolerance, "")


def _difference(
    got: Any, expected: Any, tolerance: Tolerance | None, where: str
) -> Difference | None:
    """``where`` is how the place inside a nested value is called: " in 'loss'", or ""."""
    if got is None and expected is not None:
        return Difference("type", f"It returns None{where}: is a return missing?")
    if isinstance(expected, torch.Tensor):
        if not isinstance(got, torch.Tensor):
            return _another_kind("A tensor belongs", got, where)
        return _tensor_difference(got, expected, tolerance, where)
    # Before the numbers: for Python True is one.
    if isinstance(expected, bool):
        return _truth_difference(plain(got), expected, where)
    if isinstance(expected, int | float):
        return _number_difference(plain(got), expected, tolerance, where)
    if isinstance(expected, Mapping):
        return _mapping_difference(got, expected, tolerance, where)
    if isinstance(expected, list | tuple):
        return _sequence_difference(got, expected, tolerance, where)
    return _other_difference(got, expected, where)


def _another_kind(what_belongs: str, got: Any, where: str) -> Difference:
    return Difference("type", f"{what_belongs} here{where}, but this is {kind_of(got)}.")


def _inside(where: str, part: str) -> str:
    return f"{where}, {part}" if where else f" {part}"


def _truth_difference(got: Any, expected: bool, where: str) -> Difference | None:
    if not isinstance(got, bool):
        return Difference("type", f"True or False belongs here{where}, not {kind_of(got)}.")
    if got != expected:
        return Difference("value", f"It is {got}{where} where {expected} is right.")
    return None


def _number_difference(
    got: Any, expected: int | float, tolerance: Tolerance | None, where: str
) -> Difference | None:
    # True equals 1, but whoever returns it has compared where they should have computed.
    if isinstance(got, bool) or not isinstance(got, int | float):
        return _another_kind("A number belongs", got, where)
    return _tensor_difference(
        torch.tensor(as_float(got), dtype=torch.float64),
        torch.tensor(float(expected), dtype=torch.float64),
        # Python's numbers are float64, but most come out of float32 tensors.
        tolerance or FLOAT32,
        where,
    )


def _mapping_difference(
    got: Any, expected: Mapping[Any, Any], tolerance: Tolerance | None, where: str
) -> Difference | None:
    if not isinstance(got, Mapping):
        return _another_kind("A dict belongs", got, where)
    # As text, because keys of several types have no order.
    if set(map(str, got)) != set(map(str, expected)):
        return Difference(
            "shape", f"The keys{where} are {_listed(got)}; they should be {_listed(expected)}."
        )
    for key, value in expected.items():
        inside = _inside(where, f"in {key!r}")
        difference = _difference(got.get(key), value, tolerance, inside)
        if difference is not None:
            return difference
    return None


def _sequence_difference(
    got: Any, expected: list[Any] | tuple[Any, ...], tolerance: Tolerance | None, where: str
) -> Difference | None:
    # A list for a tuple is no mistake: which of the two is rarely what an exercise teaches.
    if not isinstance(got, list | tuple):
        return _another_kind(f"{len(expected)} values belong", got, where)
    if len(got) != len(expected):
        return Difference(
            "shape", f"There are {len(got)} values{where} where {len(expected)} belong."
        )
    for number, (one, other) in enumerate(zip(got, expected, strict=True), 1):
        inside = _inside(where, f"in value {number} of {len(expected)}")
        difference = _difference(one, other, tolerance, inside)
        if difference is not None:
            return difference
    return None


def _other_difference(got: Any, expected: Any, where: str) -> Difference | None:
    """Strings, None, dtypes: the same type and equal."""
    same_type = type(got) is type(expected)
    try:
        # In this order: the answer's own == is asked only where it is not the learner's type.
        if same_type and bool(got == expected):
            return None
    except Exception:  # its == raises, or has no truth
        pass
    if not same_type:
        return Difference("type", f"{_a(type(expected))} belongs here{where}, not {kind_of(got)}.")
    return Difference("value", f"It is {got!r:.100}{where} where {expected!r:.100} is right.")


def _tensor_difference(
    got: torch.Tensor, expected: torch.Tensor, tolerance: Tolerance | None, where: str
) -> Difference | None:
    """What keeps the values from being compared goes first: device, layout, shape, dtype."""
    if type(got) is not torch.Tensor:  # a subclass could answer the comparison itself
        got = torch.Tensor.as_subclass(got.detach(), torch.Tensor)
    got, expected = got.detach(), expected.detach()
    if got.device != expected.device:
        return Difference(
            "device",
            f"The result{where} is on {got.device} where the input is on {expected.device}: make "
            "new tensors on the input's device.",
        )
    if got.layout != expected.layout or got.is_quantized:
        return Difference("type", f"A plain dense tensor belongs here{where}.")
    if got.shape != expected.shape:
        return Difference("shape", _shape_text(got.shape, expected.shape, where))
    if got.dtype != expected.dtype:
        return Difference(
            "dtype",
            f"The dtype{where} is {dtype_name(got)}; with this input it should be "
            f"{dtype_name(expected)}: let the input decide it.",
        )
    inexact = expected.is_floating_point() or expected.is_complex()
    if inexact:
        rtol, atol = tolerance or TOLERANCES.get(expected.dtype, FLOAT32)
        equal = torch.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    else:
        equal = got == expected
    if bool(equal.all()):
        return None
    if inexact:
        # Apart from the values, because NaN has a cause of its own: a log of zero, 0/0.
        nonfinite = ~torch.isfinite(got) & torch.isfinite(expected)
        if bool(nonfinite.any()):
            return Difference("nonfinite", _nonfinite_text(got, expected, nonfinite, where))
    return Difference("value", _element_text(got, expected, ~equal, where), got, expected)


def plain(value: Any) -> Any:
    """A tensor or NumPy scalar of one element as a Python number."""
    if isinstance(value, torch.Tensor) and value.numel() == 1 and value.device.type != "meta":
        return value.item()
    if type(value).__module__ == "numpy" and getattr(value, "size", 0) == 1:
        return value.item()
    return value


def as_float(value: int | float) -> float:
    """The number as a float; an integer that is too large for one is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


# ------------------------------------------------------------------------------- wording


def _shape_text(got: torch.Size, expected: torch.Size, where: str) -> str:
    text = f"The shape{where} is {tuple(got)}; it should be {tuple(expected)}."
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


def _nonfinite_text(
    got: torch.Tensor, expected: torch.Tensor, nonfinite: torch.Tensor, where: str
) -> str:
    first = tuple(nonfinite.nonzero()[0].tolist())
    value = "NaN" if bool(got[first].isnan()) else "infinite"
    count = int(nonfinite.sum())
    many = "It" if got.dim() == 0 else f"{count} of {got.numel()} elements"
    return (
        f"{many}{where} {'is' if count == 1 or got.dim() == 0 else 'are'} {value} where a "
        f"finite number is right (expected {_number(expected[first])}{_at(first)})."
    )


def _element_text(got: torch.Tensor, expected: torch.Tensor, bad: torch.Tensor, where: str) -> str:
    if got.dim() == 0:
        mine, right = _pair(got, expected)
        return f"The value{where} is {mine}; expected {right}."
    first = tuple(bad.nonzero()[0].tolist())
    mine, right = _pair(got[first], expected[first])
    return (
        f"{int(bad.sum())} of {bad.numel()} elements{where} differ, the first{_at(first)}: "
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
    """The dtype without its module: "float32"."""
    return str(value.dtype).removeprefix("torch.")


def _a(kind: type) -> str:
    name = kind.__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def kind_of(value: Any) -> str:
    """What a value is, in words: "a tensor of shape (3,)", "a list of 2"."""
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
