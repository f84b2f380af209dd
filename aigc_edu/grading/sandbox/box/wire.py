"""What travels in and out of the sandbox: JSON with tensors as base64, and nothing else.

``pack`` writes, ``unpack`` reads. What comes from a submission is checked before it is
parsed (:func:`read_json`: length, depth) and again while it is unpacked (types, shapes,
and that a tensor has as many bytes as its shape says).
"""

import base64
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import torch

from aigc_edu.exercises.probing import Case, Failure, Outcome

MOST_BYTES = 16_000_000
"""Of one answer's results, as JSON."""

MOST_ELEMENTS = 1_000_000
"""Of one tensor that is written out; of a larger one only the shape travels."""

MOST_DEPTH = 40
LONGEST_TEXT = 20_000

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
        torch.complex64,
        torch.complex128,
    )
}


class WireError(ValueError):
    """What came is not what may come."""


class Foreign:
    """The base of stand-ins for objects that do not travel; the class's name is theirs."""


def foreign(name: str) -> Foreign:
    """An object of which only the name of its type is known."""
    word = re.sub(r"\W", "", name, flags=re.ASCII)[:60]
    kind: type[Foreign] = type(word or "object", (Foreign,), {})
    return kind()


# ----------------------------------------------------------------------------- writing


def pack(value: Any, depth: int = 0) -> Any:
    """A value as JSON knows it. Types that do not travel become their names."""
    if depth > MOST_DEPTH // 3:
        return {"other": "nesting"}
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        return value[:LONGEST_TEXT]
    if kind is int:
        return {"int": str(value)} if value.bit_length() < 1000 else {"other": "int"}
    if kind is float:
        return {"float": value.hex()}
    if isinstance(value, torch.Tensor):
        return _pack_tensor(value)
    if isinstance(value, torch.Generator):
        return {"generator": base64.b64encode(value.get_state().numpy().tobytes()).decode()}
    if isinstance(value, torch.dtype):
        return {"dtype": str(value).removeprefix("torch.")}
    if isinstance(value, torch.device):
        return {"device": str(value)}
    if isinstance(value, Mapping):
        return {"dict": [[pack(k, depth + 1), pack(v, depth + 1)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [pack(item, depth + 1) for item in value]}
    if isinstance(value, list):
        return [pack(item, depth + 1) for item in value]
    if isinstance(value, set | frozenset):
        return {"set": [pack(item, depth + 1) for item in value]}
    if isinstance(value, bool | int | float | str):  # a subclass: NumPy's float64, an enum
        base = next(base for base in (bool, int, float, str) if isinstance(value, base))
        return pack(base(value), depth)
    if kind.__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return pack(value.item(), depth)
    return {"other": kind.__name__[:60]}


def _pack_tensor(value: torch.Tensor) -> Any:
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        plain = value.detach()
        name = str(plain.dtype).removeprefix("torch.")
        if plain.layout != torch.strided or name not in DTYPES:
            return {"other": "Tensor"}
        if plain.numel() > MOST_ELEMENTS:
            return {"huge": [list(plain.shape), name]}
        plain = plain.cpu().resolve_conj().resolve_neg().contiguous()
        data = plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""
        text = base64.b64encode(data).decode()
        return {"tensor": [list(plain.shape), name, text, bool(value.requires_grad)]}


def pack_case(case: Case) -> Any:
    """A case without its name, weight and tolerance: these say too much."""
    return [pack(tuple(case.args)), pack(dict(case.kwargs))]


def pack_outcome(outcome: Outcome) -> Any:
    """An outcome; a value that cannot be looked at becomes a failure."""
    failure = outcome.failure
    try:
        value = pack(outcome.value)
        gradients = None if outcome.gradients is None else [pack(g) for g in outcome.gradients]
    except Exception as error:
        value, gradients = None, None
        name = type(error).__name__
        failure = Failure(name, (name,), "the result cannot be looked at")
    return {
        "value": value,
        "failure": None
        if failure is None
        else [
            failure.type,
            list(failure.ancestors)[:20],
            failure.message[:400],
            failure.line[:400],
            failure.line_number,
        ],
        "todo": bool(outcome.todo),
        "changed": list(outcome.changed),
        "printed": bool(outcome.printed),
        "attached": list(outcome.attached),
        "gradients": gradients,
    }


# ----------------------------------------------------------------------------- reading


def read_json(data: bytes, most_bytes: int = MOST_BYTES, most_depth: int = MOST_DEPTH) -> Any:
    """Parse JSON whose length and depth were measured first.

    Raises:
        WireError: if it is too long, too deep or no JSON.
    """
    if len(data) > most_bytes:
        raise WireError(f"{len(data)} bytes, and at most {most_bytes} may come")
    # Without strings, only brackets count: a parser that recurses is never given more.
    depth = deepest = 0
    for bracket in re.findall(rb"[\[\]{}]", re.sub(rb'"(?:[^"\\]|\\.)*"', b"", data)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
        if deepest > most_depth:
            raise WireError("nested too deeply")
    try:
        return json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WireError("no JSON") from error


def _no_constant(name: str) -> None:
    raise WireError(f"{name} is no JSON")


def unpack(value: Any) -> Any:
    """What :func:`pack` wrote.

    Raises:
        WireError: if it could not have written this.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict) or len(value) != 1:
        raise WireError("not a value")
    ((kind, content),) = value.items()
    reader = _READERS.get(kind)
    if reader is None:
        raise WireError("not a value")
    try:
        return reader(content)
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"not a {kind}") from error


def _shape(value: Any) -> list[int]:
    if not isinstance(value, list) or len(value) > 16:
        raise WireError("not a shape")
    if any(type(size) is not int or not 0 <= size < 2**40 for size in value):
        raise WireError("not a shape")
    return value


def _read_tensor(content: Any) -> torch.Tensor:
    shape, name, text, requires_grad = content
    shape, dtype = _shape(shape), DTYPES[name]
    elements = math.prod(shape)
    size = elements * dtype.itemsize
    if elements > MOST_ELEMENTS or len(text) != 4 * ((size + 2) // 3):
        raise WireError("a tensor has other bytes than its shape says")
    data = bytearray(base64.b64decode(text, validate=True))
    if len(data) != size:
        raise WireError("a tensor has other bytes than its shape says")
    if dtype is torch.bool and any(byte > 1 for byte in data):
        raise WireError("not a bool")
    tensor = torch.frombuffer(data, dtype=dtype) if size else torch.empty(0, dtype=dtype)
    tensor = tensor.reshape(shape).clone()
    return tensor.requires_grad_() if requires_grad is True and dtype.is_floating_point else tensor


def _read_huge(content: Any) -> torch.Tensor:
    shape, name = content
    shape, dtype = _shape(shape), DTYPES[name]
    if math.prod(shape) >= 2**62:
        raise WireError("not a shape")
    # One element that pretends: comparing shapes needs no more.
    return torch.zeros((), dtype=dtype).expand(shape)


def _read_generator(content: Any) -> torch.Generator:
    generator = torch.Generator()
    state = bytearray(base64.b64decode(content, validate=True))
    generator.set_state(torch.frombuffer(state, dtype=torch.uint8).clone())
    return generator


def _read_int(content: Any) -> int:
    if not isinstance(content, str) or not re.fullmatch(r"-?\d{1,310}", content, re.ASCII):
        raise WireError("not an int")
    return int(content)


def _read_list(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise WireError("not a list")
    return [unpack(item) for item in content]


_READERS: dict[str, Any] = {
    "int": _read_int,
    "float": float.fromhex,
    "tensor": _read_tensor,
    "huge": _read_huge,
    "generator": _read_generator,
    "dtype": lambda content: DTYPES[content],
    "device": lambda content: torch.device(content),
    "dict": lambda content: {unpack(key): unpack(item) for key, item in content},
    "tuple": lambda content: tuple(_read_list(content)),
    "set": lambda content: set(_read_list(content)),
    "other": lambda content: foreign(str(content)),
}


def unpack_case(content: Any) -> Case:
    """What :func:`pack_case` wrote."""
    args, kwargs = content
    return Case("", unpack(args), unpack(kwargs))


def unpack_outcome(content: Any) -> Outcome:
    """What :func:`pack_outcome` wrote.

    Raises:
        WireError: if it could not have written this.
    """
    keys = {"value", "failure", "todo", "changed", "printed", "attached", "gradients"}
    if not isinstance(content, dict) or set(content) != keys:
        raise WireError("not an outcome")
    failure = None
    if content["failure"] is not None:
        failure = _read_failure(content["failure"])
    changed, attached = content["changed"], content["attached"]
    gradients = content["gradients"]
    if not (
        isinstance(changed, list)
        and all(type(item) in (int, str) for item in changed)
        and isinstance(attached, list)
        and all(type(item) is bool for item in attached)
        and (gradients is None or isinstance(gradients, list))
    ):
        raise WireError("not an outcome")
    taken = None if gradients is None else tuple(unpack(item) for item in gradients)
    if taken is not None and not all(isinstance(item, torch.Tensor) for item in taken):
        raise WireError("not an outcome")
    return Outcome(
        value=unpack(content["value"]),
        failure=failure,
        todo=content["todo"] is True,
        changed=tuple(clean(item)[:60] if isinstance(item, str) else item for item in changed),
        printed=content["printed"] is True,
        attached=tuple(attached),
        gradients=taken,
    )


def _read_failure(content: Any) -> Failure:
    try:
        kind, ancestors, message, line, number = content
        if not isinstance(ancestors, list):
            raise WireError("not a failure")
        return Failure(
            type=clean(kind)[:60],
            ancestors=tuple(clean(name)[:60] for name in ancestors[:20]),
            message=clean(message)[:400],
            line=clean(line)[:400],
            line_number=number if type(number) is int and 0 <= number < 10**6 else None,
        )
    except (TypeError, ValueError) as error:
        raise WireError("not a failure") from error


def clean(text: Any) -> str:
    """A submission's text for people: no control characters, no direction marks.

    Raises:
        WireError: if it is no text.
    """
    if not isinstance(text, str):
        raise WireError("not a text")
    text = text.replace("\r", "\n").replace("\t", "    ")
    kept = (
        " " if char == "\n" else char for char in text if char == "\n" or not _unprintable(char)
    )
    return "".join(kept)


def _unprintable(char: str) -> bool:
    # Cc: terminal escapes; Cf: right-to-left overrides; Cs, Co, Cn: no characters at all.
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")
