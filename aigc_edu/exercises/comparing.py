"""From outcomes to a result: right, or wrong and in what way.

``probe`` makes the inputs, ``probing.answer_outputs`` runs an answer on them, ``compare``
judges. The three can run in different places; ``evaluate`` does them in a row.
"""

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from aigc_edu.exercises.exercise import Exercise, letters
from aigc_edu.exercises.probing import (
    Case,
    Failure,
    Outcome,
    answer_outputs,
    call,
    holds_todo,
    tensors_in,
)

State = Literal["not started", "raised", "wrong", "right"]
VALUE_KINDS = ("number", "prediction", "choice", "text")

_TOLERANCES = {
    torch.float64: (1e-7, 1e-9),
    torch.complex128: (1e-7, 1e-9),
    torch.bfloat16: (2e-2, 1e-3),
    torch.float16: (2e-2, 1e-3),
}
_FLOAT32 = (1e-4, 1e-5)
_NUMBER = (0.01, 0.0)


@dataclass(frozen=True)
class CaseResult:
    """How one named case went. ``text`` says what was wrong and may hold numbers."""

    name: str
    weight: float
    state: State
    text: str = ""


@dataclass(frozen=True)
class Result:
    """How an answer did on an exercise.

    ``points`` are those earned of ``of``: the share of the weights of the right cases,
    and none while the first, ordinary case is not right. ``mistake`` is the index of
    the known mistake that was recognized. ``by_hand``: a person marks it. In
    ``message`` a line that begins with four spaces is the learner's code that raised.
    """

    exercise: str
    state: State
    message: str
    points: float
    of: float
    cases: tuple[CaseResult, ...] = ()
    mistake: int | None = None
    by_hand: bool = False


# ---------------------------------------------------------------------------- in a row


def probe(exercise: Exercise, seed: int) -> tuple[Case, ...]:
    """The inputs of an exercise for a seed; the same seed gives the same inputs.

    A value (number, prediction, choice, text) has one case without arguments.
    """
    if exercise.cases is None:
        return (Case("answer"),)
    return tuple(exercise.cases(torch.Generator().manual_seed(seed)))


def _identity(answer: Any) -> Any:
    return answer


def run_of(exercise: Exercise) -> Any:
    """What runs an answer to this exercise: its ``run``, or for a value the value."""
    return _identity if exercise.kind in VALUE_KINDS else exercise.run


def evaluate(exercise: Exercise, answer: Any, seed: int) -> Result:
    """Judge an answer on the inputs of a seed. Prints nothing and records nothing."""
    if holds_todo(answer):
        return _result(exercise, "not started", "")
    if exercise.kind in ("function", "class"):
        complaint = _unfit(exercise, answer)
        if complaint:
            return _result(exercise, "wrong", complaint)
    cases = probe(exercise, seed)
    outcomes = answer_outputs(run_of(exercise), answer, cases, gradient=exercise.gradient)
    result = compare(exercise, cases, outcomes)
    if result.state == "raised" and exercise.kind == "class" and _mentions_todo(answer):
        # An unfilled constructor leaves attributes out that the check then misses.
        return _result(exercise, "not started", "Part of it is still TODO.", result.cases)
    return result


def _mentions_todo(answer: type) -> bool:
    functions = [item for item in vars(answer).values() if inspect.isfunction(item)]
    return any("TODO" in function.__code__.co_names for function in functions)


def compare(exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Result:
    """Judge outcomes against the reference, and name what is wrong.

    Raises:
        ValueError: if there is not one outcome for each case.
    """
    if len(cases) != len(outcomes):
        raise ValueError(f"{len(cases)} cases but {len(outcomes)} outcomes.")
    if exercise.kind in VALUE_KINDS:
        return _compare_value(exercise, outcomes[0])
    expected = _outputs(exercise, exercise.reference, cases)
    judged = [
        _judge(exercise, case, outcome, right)
        for case, outcome, right in zip(cases, outcomes, expected, strict=True)
    ]
    table = tuple(
        CaseResult(case.name, case.weight, state, difference.text if difference else "")
        for case, (state, difference) in zip(cases, judged, strict=True)
    )
    states = [state for state, _ in judged]
    if "not started" in states:
        some = any(state != "not started" for state in states)
        text = "Part of it is still TODO." if some else ""
        return _result(exercise, "not started", text, table)
    if all(state == "right" for state in states):
        return _result(exercise, "right", exercise.why, table)
    state: State = "raised" if "raised" in states else "wrong"
    known = _known_mistake(exercise, cases, outcomes, expected)
    if state == "raised":
        text = _raised_text(exercise, cases, outcomes, states)
        if known is not None:
            text = f"{exercise.mistakes[known].sentence}\n{text}"
    elif known is not None:
        text = exercise.mistakes[known].sentence
    else:
        text = _wrong_text(exercise, cases, judged)
    return _result(exercise, state, text, table, known)


def _outputs(exercise: Exercise, answer: Any, cases: Sequence[Case]) -> list[Outcome]:
    return answer_outputs(exercise.run, answer, cases, gradient=exercise.gradient)


def _result(
    exercise: Exercise,
    state: State,
    message: str,
    cases: tuple[CaseResult, ...] = (),
    mistake: int | None = None,
) -> Result:
    points = 0.0
    if cases and cases[0].state == "right" and not exercise.by_hand:
        right = sum(case.weight for case in cases if case.state == "right")
        points = exercise.points * right / sum(case.weight for case in cases)
    return Result(
        exercise.id,
        state,
        message,
        points,
        exercise.points,
        cases,
        mistake,
        exercise.by_hand,
    )


# ------------------------------------------------------------------- before running it


def _unfit(exercise: Exercise, answer: Any) -> str:
    """What is wrong with an answer that cannot even be run; "" if it can."""
    name = exercise.name
    if answer is None:
        return "The answer is None: run the cell that defines it, then check again."
    if exercise.kind == "class" and not isinstance(answer, type):
        if type(answer).__module__ == "builtins" or not callable(answer):
            return f"A class belongs here, but this is {_kind_of(answer)}."
        return (
            f"A class belongs here, but this is an object of class {type(answer).__name__}: "
            "give the class itself, without parentheses."
        )
    if not callable(answer):
        return (
            f"A function belongs here, but this is {_kind_of(answer)}: give the function's "
            "name without calling it."
        )
    if exercise.run is not call or isinstance(answer, type):
        return ""
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):
        return ""
    for case in probe(exercise, 0):
        try:
            signature.bind(*case.args, **case.kwargs)
        except TypeError as error:
            given = [*map(str, exercise.argument_names()[: len(case.args)]), *case.kwargs]
            return (
                f"The arguments do not fit: the check calls {name}({', '.join(given)}), "
                f"but yours is {getattr(answer, '__name__', name)}{_brief(signature)} ({error})."
            )
    return ""


def _brief(signature: inspect.Signature) -> str:
    return "(" + ", ".join(str(p).split(":")[0] for p in signature.parameters.values()) + ")"


# ------------------------------------------------------------------------- differences


@dataclass(frozen=True)
class Difference:
    """The first thing in which a value differs from the expected one."""

    what: str
    text: str
    got: torch.Tensor | None = None
    expected: torch.Tensor | None = None
    where: str = ""


def _judge(
    exercise: Exercise, case: Case, outcome: Outcome, right: Outcome
) -> tuple[State, Difference | None]:
    if outcome.todo:
        return "not started", None
    if outcome.failure is not None:
        if right.failure is not None and right.failure.type in outcome.failure.ancestors:
            return "right", None
        return "raised", Difference("raised", _failure_text(outcome.failure))
    if right.failure is not None:
        return "wrong", Difference(
            "no error", f"It should refuse this input with a {right.failure.type}, but does not."
        )
    tolerance = case.tolerance or exercise.tolerance
    try:
        difference = find_difference(outcome.value, right.value, tolerance)
    except Exception as error:
        difference = Difference(
            "type", f"The result cannot be compared ({type(error).__name__}): give plain tensors."
        )
    if difference is not None:
        if outcome.value is None and outcome.printed:
            difference = Difference(
                "type", "It prints its result and returns None: use return, not print."
            )
        return "wrong", difference
    names = exercise.argument_names()
    changed = [item for item in outcome.changed if item not in right.changed]
    if changed:
        named = names[changed[0]] if isinstance(changed[0], int) and names[changed[0] :] else ""
        named = changed[0] if isinstance(changed[0], str) else named
        return "wrong", Difference(
            "changed",
            f"The value is right, but {f'`{named}`' if named else 'an input'} is altered on the "
            "way: an operation in place (+=, mul_, x[...] = ...) changes the caller's tensor.",
        )
    if any(
        here and not there for here, there in zip(right.attached, outcome.attached, strict=False)
    ):
        return "wrong", _NO_GRADIENT
    if right.gradients is not None:
        return _judge_gradients(exercise, case, outcome, right)
    return "right", None


_NO_GRADIENT = Difference(
    "gradient",
    "The value is right, but it carries no gradient: detach, item, tolist, numpy, no_grad or a "
    "new torch.tensor(...) on the way cuts it off, and nothing could be trained through it.",
)


def _judge_gradients(
    exercise: Exercise, case: Case, outcome: Outcome, right: Outcome
) -> tuple[State, Difference | None]:
    if outcome.gradients is None:
        return "wrong", _NO_GRADIENT
    assert right.gradients is not None
    tolerance = case.tolerance or exercise.tolerance
    for number, (got, expected) in enumerate(zip(outcome.gradients, right.gradients, strict=True)):
        scale = max(1.0, float(expected.abs().max())) if expected.numel() else 1.0
        rtol, atol = tolerance or _TOLERANCES.get(expected.dtype, _FLOAT32)
        # A gradient's rounding goes with its largest element.
        difference = find_difference(got, expected, (rtol, max(atol, rtol) * scale))
        if difference is not None:
            return "wrong", Difference(
                "gradient",
                "The value is right, but its gradient is not "
                f"(in floating input number {number + 1}): {difference.text}",
            )
    return "right", None


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
            return differs("type", f"A tensor belongs here{place}, but this is {_kind_of(got)}.")
        return _tensor_difference(got, expected, tolerance, where)
    if got is None and expected is not None:
        return differs("type", f"It returns None{place}: is a return missing?")
    if isinstance(expected, bool):
        got = _plain(got)
        if not isinstance(got, bool):
            return differs("type", f"True or False belongs here{place}, not {_kind_of(got)}.")
        if got != expected:
            return differs("value", f"It is {got}{place} where {expected} is right.")
        return None
    if isinstance(expected, int | float):
        got = _plain(got)
        if isinstance(got, bool) or not isinstance(got, int | float):
            return differs("type", f"A number belongs here{place}, but this is {_kind_of(got)}.")
        return _tensor_difference(
            torch.tensor(_float(got), dtype=torch.float64),
            torch.tensor(float(expected), dtype=torch.float64),
            tolerance or _FLOAT32,
            where,
        )
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping):
            return differs("type", f"A dict belongs here{place}, but this is {_kind_of(got)}.")
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
                f"{len(expected)} values belong here{place}, but this is {_kind_of(got)}.",
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
        return differs("type", f"{_a(type(expected))} belongs here{place}, not {_kind_of(got)}.")
    return differs("value", f"It is {got!r:.100}{place} where {expected!r:.100} is right.")


def _plain(value: Any) -> Any:
    """A tensor or NumPy scalar of one element as a Python number."""
    if isinstance(value, torch.Tensor) and value.numel() == 1 and value.device.type != "meta":
        return value.item()
    if type(value).__module__ == "numpy" and getattr(value, "size", 0) == 1:
        return value.item()
    return value


def _float(value: int | float) -> float:
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
            f"The dtype{place} is {_dtype(got)}; with this input it should be {_dtype(expected)}: "
            "let the input decide it.",
        )
    if not (expected.is_floating_point() or expected.is_complex()):
        equal = got == expected
        if bool(equal.all()):
            return None
        return differs("value", _element_text(got, expected, ~equal, place), pair=True)
    rtol, atol = tolerance or _TOLERANCES.get(expected.dtype, _FLOAT32)
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


def _dtype(value: torch.Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")


def _a(kind: type) -> str:
    name = kind.__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _kind_of(value: Any) -> str:
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


# --------------------------------------------------------------------- known mistakes


def _known_mistake(
    exercise: Exercise,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    expected: Sequence[Outcome],
) -> int | None:
    """The index of the mistake that an answer makes, or None.

    It must do as the mistake does on every case where that differs from the reference;
    among several, one that agrees on all cases goes first.
    """
    partly: int | None = None
    for index, mistake in enumerate(exercise.mistakes):
        same, telling = _agreement(exercise, mistake.wrong, cases, outcomes, expected)
        if same == len(cases):
            return index
        # At least half of the cases must speak for it, or a second fault elsewhere
        # would be explained by something rare.
        if partly is None and 2 * telling >= len(cases):
            partly = index
    return partly


def _agreement(
    exercise: Exercise,
    wrong: Any,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    expected: Sequence[Outcome],
) -> tuple[int, int]:
    """On how many cases an answer does as a mistake does, and how many of those tell it
    from the reference; (0, 0) at the first telling case where it does not."""
    same = telling = 0
    for case, outcome, right in zip(cases, outcomes, expected, strict=True):
        (theirs,) = _outputs(exercise, wrong, [case])
        agrees = _alike(exercise, case, outcome, theirs)
        tells = not _alike(exercise, case, theirs, right)
        if tells and not agrees:
            return 0, 0
        same += agrees
        telling += tells
    return (same, telling) if telling else (0, 0)


def _alike(exercise: Exercise, case: Case, one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes of a case are the same, errors and side effects included."""
    if one.todo or other.todo:
        return False
    if (one.failure is None) != (other.failure is None):
        return False
    if one.failure is not None and other.failure is not None:
        return one.failure.type == other.failure.type
    if one.changed != other.changed:
        return False
    if find_difference(one.value, other.value, case.tolerance or exercise.tolerance) is not None:
        return False
    if one.attached != other.attached or (one.gradients is None) != (other.gradients is None):
        return False
    if other.gradients is not None:
        return _judge_gradients(exercise, case, one, other)[0] == "right"
    return True


# ------------------------------------------------------------------------------- texts


def input_text(exercise: Exercise, case: Case) -> str:
    """What a case is made of: "mean: float32 (5, 3); beta = 0.5"."""
    names = exercise.argument_names()
    parts = []
    for number, value in enumerate(case.args):
        name = names[number] if number < len(names) else f"input {number + 1}"
        parts.append(_input_part(name, value))
    parts += [_input_part(name, value) for name, value in case.kwargs.items()]
    return "; ".join(part for part in parts if part)


def _input_part(name: str, value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"{name}: {_dtype(value)} {tuple(value.shape)}"
    if isinstance(value, torch.Generator):
        return ""
    if isinstance(value, bool | int | str):
        return f"{name} = {value!r:.40}"
    if isinstance(value, float):
        return f"{name} = {value:.4g}"
    if isinstance(value, list | tuple):
        return f"{name}: {type(value).__name__} of {len(value)}"
    return f"{name}: {type(value).__name__}"


def _size(case: Case) -> int:
    return sum(tensor.numel() for tensor in tensors_in([case.args, dict(case.kwargs)]))


def _on(exercise: Exercise, case: Case) -> str:
    inputs = input_text(exercise, case)
    return f"“{case.name}”{f' ({inputs})' if inputs else ''}"


def _failure_text(failure: Failure) -> str:
    return f"{failure.type}: {failure.message}" if failure.message else failure.type


def _raised_text(
    exercise: Exercise,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    states: Sequence[State],
) -> str:
    raised = [n for n, state in enumerate(states) if state == "raised"]
    number = min(raised, key=lambda n: _size(cases[n]))
    failure = outcomes[number].failure
    assert failure is not None
    text = _failure_text(failure)
    if failure.line:
        text += f"\nLine {failure.line_number} of your cell:\n    {failure.line}"
    others = "" if len(raised) == len(cases) else f" Other inputs work ({_rest(cases, raised)})."
    return f"{text}\nOn the input {_on(exercise, cases[number])}.{others}"


def _rest(cases: Sequence[Case], bad: Sequence[int]) -> str:
    return ", ".join(f"“{case.name}”" for n, case in enumerate(cases) if n not in bad)


def _wrong_text(
    exercise: Exercise,
    cases: Sequence[Case],
    judged: Sequence[tuple[State, Difference | None]],
) -> str:
    wrong = [(n, d) for n, (_, d) in enumerate(judged) if d is not None]
    number, difference = min(wrong, key=lambda item: _size(cases[item[0]]))
    # The smallest failing input goes last: a size named in the text is this one's.
    ordered = [item for item in wrong if item[0] != number] + [(number, difference)]
    relation = _relation([(cases[n], d) for n, d in ordered])
    text = f"{relation} " if relation else ""
    text += f"{difference.text}\nOn the input {_on(exercise, cases[number])}."
    right = [n for n, (state, _) in enumerate(judged) if state == "right"]
    if right:
        text += f" Right on {_rest(cases, [n for n, _ in wrong])}."
    return text


def _relation(wrong: Sequence[tuple[Case, Difference]]) -> str:
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


# ------------------------------------------------------------------------------ values


def _compare_value(exercise: Exercise, outcome: Outcome) -> Result:
    answer = outcome.value
    if outcome.todo:
        return _result(exercise, "not started", "")

    def say(state: State, text: str, mistake: int | None = None) -> Result:
        table = (CaseResult("answer", 1.0, state),)
        return _result(exercise, state, text, table, mistake)

    if answer is None:
        return say("wrong", "The answer is None: write your answer in the cell above.")
    if exercise.kind == "text":
        if not isinstance(answer, str):
            return say("wrong", f"A text in quotes belongs here, not {_kind_of(answer)}.")
        if not answer.strip():
            return _result(exercise, "not started", "")
    right, wrong = matches_value(exercise, answer)
    if right:
        return say("right", exercise.why)
    if wrong is not None:
        return say("wrong", exercise.mistakes[wrong].sentence, wrong)
    return say("wrong", _value_text(exercise, answer))


def matches_value(exercise: Exercise, answer: Any) -> tuple[bool, int | None]:
    """Whether a value is right, and if not which known mistake it is."""

    def fits(value: Any) -> bool:
        if exercise.choices is not None:
            return letters(answer) == letters(value) != frozenset()
        if exercise.kind == "text":
            return bool(answer == value)
        mine = _plain(answer)
        return find_difference(mine, value, exercise.tolerance or _NUMBER) is None

    known = None
    for index, mistake in enumerate(exercise.mistakes):
        try:
            applies = mistake.when(_plain(answer)) if mistake.when else fits(mistake.wrong)
        except Exception:  # a `when` that was not made for this answer
            applies = False
        if applies:
            known = index
            break
    if exercise.kind == "text":
        return known is None and len(answer.split()) >= exercise.minimum_words, known
    return (True, None) if fits(exercise.reference) else (False, known)


def _value_text(exercise: Exercise, answer: Any) -> str:
    if exercise.choices is not None:
        options = ", ".join(map(repr, exercise.choices))
        given = letters(answer)
        if not given or not given <= set(exercise.choices):
            several = len(letters(exercise.reference)) > 1
            how = " (several of them: 'a, b')" if several else ""
            return f"The answer is one of {options}{how}, not {answer!r:.60}."
        if given < letters(exercise.reference):
            return "What you chose is right, but there is more."
        return "That is not it."
    if exercise.kind == "text":
        return (
            f"{len(answer.split())} words; at least {exercise.minimum_words} are needed to say it."
        )
    expected, got = exercise.reference, _plain(answer)
    numeric = isinstance(expected, int | float) and not isinstance(expected, bool)
    if not numeric:
        difference = find_difference(got, expected, exercise.tolerance or _NUMBER)
        kinds = ("type", "shape")
        return difference.text if difference and difference.what in kinds else "That is not it."
    if isinstance(got, bool) or not isinstance(got, int | float):
        return f"A number belongs here, but this is {_kind_of(got)}."
    got = _float(got)
    if not math.isfinite(got):
        return "A finite number belongs here."

    def near(value: float) -> bool:
        return find_difference(got, value, exercise.tolerance or _NUMBER) is None

    if expected and near(-expected):
        return "The sign is flipped."
    if expected and (near(100 * expected) or near(expected / 100)):
        return "It is off by a factor of 100: a percentage and a share are mixed up."
    if expected and near(expected / math.log(2)):
        return "That is in bits; nats belong here."
    if expected and got and not 0.1 < got / expected < 10:
        return f"{got:.4g} is not it, not even its order of magnitude."
    return f"{got:.4g} is not it."


def leaves(value: Any) -> Iterator[Any]:
    """Every value inside nested tuples, lists and dicts, in order."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value
