"""Sentences about the cases in which an answer failed."""

from collections.abc import Sequence
from typing import Any

import torch

from aigc_edu.exercises.comparing.diagnosis import diagnose
from aigc_edu.exercises.comparing.differences import Difference, dtype_name
from aigc_edu.exercises.comparing.results import State
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.probing import Case, Failure, Outcome, tensors_in


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
        return f"{name}: {dtype_name(value)} {tuple(value.shape)}"
    if isinstance(value, torch.Generator):
        return ""
    if isinstance(value, bool | int | str):
        return f"{name} = {value!r:.40}"
    if isinstance(value, float):
        return f"{name} = {value:.4g}"
    if isinstance(value, list | tuple):
        return f"{name}: {type(value).__name__} of {len(value)}"
    return f"{name}: {type(value).__name__}"


def failure_text(failure: Failure) -> str:
    """An exception as Python itself ends a traceback: "ValueError: negative"."""
    return f"{failure.type}: {failure.message}" if failure.message else failure.type


def raised_text(
    exercise: Exercise,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    states: Sequence[State],
) -> str:
    """The error on the smallest input that raised one, with the learner's line."""
    raised = [number for number, state in enumerate(states) if state == "raised"]
    smallest = min(raised, key=lambda number: _size(cases[number]))
    failure = outcomes[smallest].failure
    assert failure is not None
    text = failure_text(failure)
    if failure.line:
        text += f"\nLine {failure.line_number} of your cell:\n    {failure.line}"
    others = [case for number, case in enumerate(cases) if number not in raised]
    work = f" Other inputs work ({_names(others)})." if others else ""
    return f"{text}\nOn the input {_on(exercise, cases[smallest])}.{work}"


def wrong_text(
    exercise: Exercise,
    cases: Sequence[Case],
    judged: Sequence[tuple[State, Difference | None]],
) -> str:
    """How the values hang together with the right ones, and the smallest wrong input."""
    verdicts = list(zip(cases, judged, strict=True))
    wrong = [(case, difference) for case, (_, difference) in verdicts if difference is not None]
    smallest = min(wrong, key=lambda pair: _size(pair[0]))
    # It goes last: a size named in the diagnosis is this one's.
    relation = diagnose([*(pair for pair in wrong if pair is not smallest), smallest])
    case, difference = smallest
    text = f"{relation} " if relation else ""
    text += f"{difference.text}\nOn the input {_on(exercise, case)}."
    right = [case for case, (state, _) in verdicts if state == "right"]
    return f"{text} Right on {_names(right)}." if right else text


def _size(case: Case) -> int:
    return sum(tensor.numel() for tensor in tensors_in([case.args, dict(case.kwargs)]))


def _on(exercise: Exercise, case: Case) -> str:
    inputs = input_text(exercise, case)
    return f"“{case.name}”{f' ({inputs})' if inputs else ''}"


def _names(cases: Sequence[Case]) -> str:
    return ", ".join(f"“{case.name}”" for case in cases)
