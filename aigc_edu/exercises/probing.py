"""Running an answer on inputs. This file stands alone.

It knows neither the reference nor the comparison and imports only torch and the
standard library, so that the same code can run an answer where neither may be seen.
What an answer did with one input is an :class:`Outcome`.
"""

import contextlib
import copy
import io
import os
import random
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import torch


@dataclass(frozen=True, eq=False)
class Case:
    """One input of an exercise; equal to itself alone, because tensors have no yes or no.

    Args:
        name: what a learner is told ("ordinary", "batch of one", "large values").
        args: positional arguments: tensors, numbers, strings, ``torch.Generator``,
            ``torch.dtype``, and tuples, lists and dicts of these (what JSON can carry).
        kwargs: keyword arguments, of the same types.
        weight: share in partial marks, relative to the other cases.
        tolerance: (rtol, atol) for this case alone; None takes the exercise's.
    """

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 1.0
    tolerance: tuple[float, float] | None = None


@dataclass(frozen=True)
class Failure:
    """An exception that an answer raised, in words only."""

    type: str
    ancestors: tuple[str, ...]
    message: str
    line: str = ""
    line_number: int | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What an answer did with one input; equal to itself alone, as a case is.

    ``changed`` holds the positions or names of the arguments it altered in place,
    ``attached`` says for each tensor of the value whether it carries gradients,
    ``gradients`` are those of the (weighted) output in each floating input.
    """

    value: Any = None
    failure: Failure | None = None
    todo: bool = False
    changed: tuple[int | str, ...] = ()
    printed: bool = False
    attached: tuple[bool, ...] = ()
    gradients: tuple[torch.Tensor, ...] | None = None


def call(answer: Any, *args: Any, **kwargs: Any) -> Any:
    """The usual way to run an answer: call it."""
    return answer(*args, **kwargs)


def holds_todo(value: Any) -> bool:
    """Whether a value is ``TODO`` or a tuple, list, set or dict with ``TODO`` in it."""
    if getattr(type(value), "_aigc_edu_todo", False):
        return True
    if isinstance(value, Mapping):
        return any(holds_todo(item) for item in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return any(holds_todo(item) for item in value)
    return False


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Every tensor of a nested value, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for item in value.values() for tensor in tensors_in(item)]
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in tensors_in(item)]
    return []


def fresh(value: Any) -> Any:
    """A copy that shares nothing: tensors cloned, generators in the same state."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, torch.Generator):
        twin = torch.Generator(value.device)
        twin.set_state(value.get_state())
        return twin
    if isinstance(value, Mapping):
        return {key: fresh(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(fresh(item) for item in value))
    if isinstance(value, list | tuple):
        return type(value)(fresh(item) for item in value)
    return copy.deepcopy(value)


def _altered(before: Any, after: Any) -> bool:
    """Whether an argument was changed in place; a generator may be drawn from."""
    if isinstance(before, torch.Tensor):
        if before.shape != after.shape or before.dtype != after.dtype:
            return True
        with torch.no_grad():
            before, after = before.detach(), after.detach()
            same = (before == after) | ((before != before) & (after != after))
        return not bool(same.all())
    if isinstance(before, torch.Generator):
        return False
    if isinstance(before, Mapping):
        return before.keys() != after.keys() or any(
            _altered(before[key], after[key]) for key in before
        )
    if isinstance(before, list | tuple):
        return len(before) != len(after) or any(
            _altered(one, other) for one, other in zip(before, after, strict=True)
        )
    try:
        return not bool(before == after)
    except Exception:
        return False


class _Ear(io.TextIOBase):
    """Notes that something was printed and forgets it."""

    heard = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.heard = self.heard or bool(text.strip())
        return len(text)


def _cuda_in_use() -> bool:
    return bool(torch.cuda.is_initialized())  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def untouched_state() -> Iterator[None]:
    """Put torch's, NumPy's and Python's global random state and modes back afterwards."""
    numpy_random = sys.modules["numpy"].random if "numpy" in sys.modules else None
    python_state = random.getstate()
    numpy_state = numpy_random.get_state() if numpy_random is not None else None
    torch_state = torch.get_rng_state()
    cuda_states = torch.cuda.get_rng_state_all() if _cuda_in_use() else None
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    recursion = sys.getrecursionlimit()
    try:
        yield
    finally:
        random.setstate(python_state)
        if numpy_random is not None:
            numpy_random.set_state(numpy_state)
        torch.set_rng_state(torch_state)
        if cuda_states is not None:
            torch.cuda.set_rng_state_all(cuda_states)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        sys.setrecursionlimit(recursion)


def _seed_globals() -> None:
    """The same global randomness for every answer: what draws from it can be compared."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    torch.default_generator.manual_seed(0)
    if _cuda_in_use():
        torch.cuda.manual_seed_all(0)


_NOT_THE_LEARNERS = (
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
    sysconfig.get_paths()["stdlib"] + os.sep,
    os.path.dirname(torch.__file__) + os.sep,
)


def _learners_line(trace: TracebackType | None, run: Callable[..., Any]) -> tuple[str, int | None]:
    """The last line of the learner's own code in a traceback, with its number."""
    own: tuple[str, int | None] = ("", None)
    run_code = getattr(run, "__code__", None)
    for frame, number in traceback.walk_tb(trace):
        name = frame.f_code.co_filename
        if frame.f_code is run_code or name.startswith(_NOT_THE_LEARNERS):
            continue
        if "site-packages" in name or "dist-packages" in name:
            continue
        summary = traceback.FrameSummary(name, number, frame.f_code.co_name)
        own = ((summary.line or "").strip(), number)
    return own


def _snapshot(value: Any) -> Any:
    """The value apart from its graph and from what the answer may change later."""
    if isinstance(value, torch.Tensor):
        plain = torch.Tensor.detach(value)
        if type(plain) is not torch.Tensor:
            plain = torch.Tensor.as_subclass(plain, torch.Tensor)
        # A tensor that only pretends to be large (expand) is not written out.
        return plain.clone() if plain.numel() <= _LARGE else plain
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return tuple(_snapshot(item) for item in value)
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return type(value)(_snapshot(item) for item in value)
    if isinstance(value, dict):
        return {key: _snapshot(item) for key, item in value.items()}
    return value


_LARGE = 10_000_000


def _ordinary(value: torch.Tensor) -> bool:
    """Whether a tensor is real, dense and not pretending to be huge (expand)."""
    return value.numel() <= _LARGE and value.layout == torch.strided and not value.is_complex()


def _watched(value: Any, inputs: list[torch.Tensor]) -> Any:
    """The inputs with gradients asked for; the tensors to differentiate by go to ``inputs``.

    The answer gets clones, because a leaf would refuse operations in place with an
    error that hides what is wrong.
    """
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        inputs.append(value.detach().requires_grad_())
        return inputs[-1].clone()
    if isinstance(value, dict):
        return {key: _watched(item, inputs) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_watched(item, inputs) for item in value)
    return value


def _gradients(value: Any, inputs: list[torch.Tensor]) -> tuple[torch.Tensor, ...] | None:
    """Gradients of a weighted sum of all outputs; None where nothing carries gradients.

    The weights differ from element to element, because a plain sum hides mistakes
    whose gradients cancel (a softmax's sum has none).
    """
    attached = [tensor for tensor in tensors_in(value) if tensor.requires_grad]
    if not attached or any(not _ordinary(tensor) for tensor in attached):
        return None
    total = torch.stack(
        [
            (tensor * torch.linspace(1, 2, tensor.numel(), dtype=tensor.dtype).reshape_as(tensor))
            .sum()
            .double()
            for tensor in attached
        ]
    ).sum()
    gradients = torch.autograd.grad(total, inputs, allow_unused=True)
    return tuple(
        torch.zeros_like(one) if gradient is None else gradient.detach()
        for one, gradient in zip(inputs, gradients, strict=True)
    )


def answer_outputs(
    run: Callable[..., Any],
    answer: Any,
    cases: Iterable[Case],
    *,
    gradient: bool = False,
) -> list[Outcome]:
    """Run an answer on every case; whatever it does becomes an outcome.

    Args:
        run: ``run(answer, *case.args, **case.kwargs)`` gives the value to compare.
        answer: the learner's function, class or value.
        cases: the inputs; the answer gets copies.
        gradient: also take the gradients in every floating tensor of the inputs.

    Returns:
        One outcome a case. Only KeyboardInterrupt passes through.
    """
    return [_outcome(run, answer, case, gradient) for case in cases]


def _outcome(run: Callable[..., Any], answer: Any, case: Case, gradient: bool) -> Outcome:
    args, kwargs = fresh(tuple(case.args)), fresh(dict(case.kwargs))
    inputs: list[torch.Tensor] = []
    if gradient:
        args, kwargs = _watched((args, kwargs), inputs)
    ear = _Ear()
    failure: Failure | None = None
    value: Any = None
    gradients: tuple[torch.Tensor, ...] | None = None
    attached: tuple[bool, ...] = ()
    todo = False
    try:
        with (
            untouched_state(),
            contextlib.redirect_stdout(ear),
            torch.enable_grad(),
        ):
            _seed_globals()
            value = run(answer, *args, **kwargs)
            todo = holds_todo(value)
            if gradient and inputs and not todo:
                # An operation in place can make the gradient fail: then there is none.
                with contextlib.suppress(RuntimeError):
                    gradients = _gradients(value, inputs)
            # In here, because a strange value can raise when it is looked at.
            with torch._C.DisableTorchFunctionSubclass():
                attached = tuple(tensor.requires_grad for tensor in tensors_in(value))
                value = _snapshot(value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: a check never ends the kernel
        line, number = _learners_line(error.__traceback__, run)
        # A stub may raise NotImplementedError; torch raises it too, for other reasons.
        todo = getattr(type(error), "_aigc_edu_todo", False) or (
            isinstance(error, NotImplementedError) and "raise NotImplementedError" in line
        )
        try:
            message = str(error)
        except Exception:
            message = ""
        failure = Failure(
            type=type(error).__name__,
            ancestors=tuple(kind.__name__ for kind in type(error).__mro__),
            message=message if len(message) <= 300 else message[:300] + " …",
            line=line,
            line_number=number,
        )
    before: list[tuple[int | str, Any]] = [*enumerate(case.args), *case.kwargs.items()]
    after: list[Any] = [*args, *kwargs.values()]
    changed = tuple(
        name for (name, old), new in zip(before, after, strict=True) if _altered(old, new)
    )
    return Outcome(
        value=value if failure is None else None,
        failure=failure,
        todo=todo,
        changed=changed,
        printed=ear.heard,
        attached=attached,
        gradients=gradients,
    )
