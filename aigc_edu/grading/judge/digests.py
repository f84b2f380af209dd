"""Hashes of exercises: whether what marks rest on is still what was released."""

import hashlib
import inspect
import json
import random
import types
from typing import Any

from aigc_edu.exercises import Exercise
from aigc_edu.exercises.drawn import Drawn


def exercise_digest(exercise: Exercise) -> str:
    """A hash of all that an exercise's marks rest on: the source of its functions, and of
    what these call in the course or in the pack, with points, tolerance and texts."""
    plain = {
        "id": exercise.id,
        "kind": exercise.kind,
        "prompt": exercise.prompt,
        "points": exercise.points,
        "tolerance": exercise.tolerance,
        "gradient": exercise.gradient,
        "choices": dict(exercise.choices) if exercise.choices else None,
        "minimum_words": exercise.minimum_words,
        "mistakes": [_source(m.wrong) + m.sentence for m in exercise.mistakes],
    }
    seen: dict[str, str] = {}
    for part in (exercise.reference, exercise.cases, exercise.run):
        if not callable(part) and part is not None:
            plain["reference"] = repr(sorted(part) if isinstance(part, set) else part)
        _add_source(part, seen)
    text = json.dumps([plain, dict(sorted(seen.items()))], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _source(value: Any) -> str:
    if not callable(value):
        return repr(sorted(value) if isinstance(value, set | frozenset) else value)
    try:
        return inspect.getsource(value)
    except (TypeError, OSError):
        return repr(getattr(value, "__qualname__", type(value).__qualname__))


def _ours(value: Any) -> bool:
    module = getattr(value, "__module__", "") or ""
    return callable(value) and module.startswith(("aigc_edu.", "aigc_edu_pack_"))


def _add_source(value: Any, seen: dict[str, str]) -> None:
    """A function's source, that of the course's functions it names, and its closure's values."""
    if not _ours(value):
        return
    value = inspect.unwrap(value)
    # A pack's module name holds a number of this run.
    name = f"{value.__module__.split('_pack_')[0]}.{getattr(value, '__qualname__', '')}"
    if name in seen:
        return
    seen[name] = _source(value)
    if isinstance(value, type):
        for item in vars(value).values():
            if inspect.isfunction(item):
                _follow(item, seen)
    else:
        _follow(value, seen)


def _follow(function: Any, seen: dict[str, str]) -> None:
    """What a function names of the course's: further functions, and plain values."""
    code = getattr(function, "__code__", None)
    if code is None:
        return
    # Also what lambdas and functions inside it name.
    names: set[str] = set()
    waiting = [code]
    while waiting:
        code = waiting.pop()
        names |= set(code.co_names)
        waiting += [const for const in code.co_consts if isinstance(const, types.CodeType)]
    for name in sorted(names):
        value = function.__globals__.get(name)
        if _ours(value):
            _add_source(value, seen)
        elif isinstance(value, int | float | str | tuple):
            seen[f"{function.__module__.split('_pack_')[0]}.{name}"] = repr(value)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            inside = cell.cell_contents
        except ValueError:
            continue
        if _ours(inside):
            _add_source(inside, seen)
        elif isinstance(inside, int | float | str | tuple | bool):
            seen[f"{function.__qualname__}:{name}"] = repr(inside)


def drawn_digest(drawn: Drawn) -> str:
    """A hash of a drawn exercise: how it draws and what it makes."""
    sample = drawn.make(drawn.draw(random.Random(0)))
    parts = [exercise_digest(sample), _source(drawn.draw), _source(drawn.make)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
