"""``TODO``: what a stub returns until the learner replaces it."""

from typing import Any, ClassVar, NoReturn, final

SENTENCE = "this is still TODO: fill in the cell above and run it again"


class TodoError(TypeError):
    """Something was computed with a part that is still ``TODO``."""

    # Recognized by name, so that a sandbox needs no import from here.
    _aigc_edu_todo = True


def _refuse(*args: object, **kwargs: object) -> NoReturn:
    raise TodoError(SENTENCE)


@final
class Todo:
    """The type of ``TODO``; there is one instance.

    It prints as ``TODO``; computing with it, calling it or asking for an attribute
    raises :class:`TodoError` (a ``TypeError``) that says which way out.

    >>> TODO
    TODO
    >>> TODO + 1
    Traceback (most recent call last):
    ...
    aigc_edu.exercises.todo.TodoError: this is still TODO: fill in the cell above and run it again
    """

    _aigc_edu_todo = True
    _only: ClassVar["Todo | None"] = None

    def __new__(cls) -> "Todo":
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "TODO"

    def __format__(self, specification: str) -> str:
        # A lesson may print f"{value:.3f}" of something unfilled and go on.
        return "TODO"

    def __reduce__(self) -> str:
        return "TODO"  # copies and pickles are the same object

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            # Python and Jupyter probe for such names and expect this answer.
            raise AttributeError(name)
        raise TodoError(SENTENCE)

    @classmethod
    def __torch_function__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        # torch.exp(TODO) and tensor * TODO come here.
        raise TodoError(SENTENCE)


# Each operation that Python looks up on the type.
_OPERATIONS = """
    add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow
    matmul rmatmul and rand or ror xor rxor lshift rlshift rshift rrshift
    neg pos abs invert lt le gt ge bool int float complex index round
    len iter next getitem setitem contains call enter exit array
"""
for _name in _OPERATIONS.split():
    setattr(Todo, f"__{_name}__", _refuse)

TODO = Todo()
