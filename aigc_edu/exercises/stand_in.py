"""Stand-ins: the course's version, handed on where the learner's is not right yet.

A stand-in behaves like the reference, says what it is when printed, is known to
``check``, and shows no answer when its source is asked for.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from torch import nn

_MARK = "_aigc_edu_stand_in"


def is_stand_in(value: object) -> bool:
    """Whether a value, a function or a class was handed out by ``check``."""
    return isinstance(getattr(value, _MARK, None), str)


def stand_in(identifier: str, reference: Any) -> Any:
    """A marked version of a reference: a function, a class or a value.

    >>> stand_in("5.2", 0.25) + 1
    1.25
    >>> stand_in("5.2", 0.25)
    0.25 (the course's version of exercise 5.2)
    """
    if isinstance(reference, type):
        return _class(identifier, reference)
    if callable(reference):
        return _Function(identifier, reference)
    return _value(identifier, reference)


def _sentence(identifier: str) -> str:
    return f"the course's version of exercise {identifier}"


class _Function:
    """A callable that hides what it calls."""

    __slots__ = ("__dict__",)

    def __init__(self, identifier: str, reference: Callable[..., Any]) -> None:
        # In a closure, without functools.wraps: __wrapped__ would lead to the source.
        self.__dict__[_MARK] = identifier
        self.__dict__["_call"] = lambda *args, **kwargs: reference(*args, **kwargs)
        self.__dict__["__name__"] = getattr(reference, "__name__", "stand_in")
        self.__dict__["__doc__"] = f"{_sentence(identifier).capitalize()}."
        with contextlib.suppress(TypeError, ValueError):
            self.__dict__["__signature__"] = inspect.signature(reference)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__dict__["_call"](*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{_sentence(self.__dict__[_MARK])}>"


def _opaque(method: FunctionType) -> Callable[..., Any]:
    def course_version(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    course_version.__name__ = method.__name__
    return course_version


def _class(identifier: str, reference: type) -> type:
    """A subclass with the methods behind wrappers; instances are real instances."""
    described = type(
        "CourseVersionType",
        (type(reference),),
        {"__repr__": lambda cls: f"<class: {_sentence(identifier)}>"},
    )
    methods: dict[str, Any] = {}
    for base in reversed(reference.__mro__):
        if base not in (object, nn.Module):
            methods.update(
                (name, _opaque(item))
                for name, item in vars(base).items()
                if isinstance(item, FunctionType)
            )
    methods |= {
        "__module__": __name__,
        "__doc__": f"{_sentence(identifier).capitalize()}.",
        "__qualname__": reference.__name__,
        _MARK: identifier,
    }
    twin: type = described(reference.__name__, (reference,), methods)
    return twin


@functools.cache
def _value_type(base: type[Any]) -> type[Any]:
    show: Any = base.__repr__
    if base is frozenset:

        def show(value: Any) -> str:
            return "{" + ", ".join(sorted(map(repr, value))) + "}"

    def describe(self: Any) -> str:
        return f"{show(self)} ({_sentence(getattr(self, _MARK))})"

    return type(
        f"CourseVersion{base.__name__.capitalize()}",
        (base,),
        {"__repr__": describe, "__str__": base.__str__ if base is str else show},
    )


def _value(identifier: str, reference: Any) -> Any:
    if isinstance(reference, bool) or type(reference) not in (int, float, str, tuple, frozenset):
        if isinstance(reference, set):
            reference = frozenset(reference)
        else:
            return reference  # cannot be marked
    kind: Any = type(reference)
    marked = _value_type(kind)(reference)
    setattr(marked, _MARK, identifier)
    return marked
