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


def _size(case: Case) -> int:
    return sum(tensor.numel() for tensor in tensors_in([case.args, dict(case.kwargs)]))


def _on(exercise: Exercise, case: Case) -> str:
    inputs = input_text(exercise, case)
    return f"“{case.name}”{f' ({inputs})' if inputs else ''}"


def failure_text(failure: Failure) -> str:
    return f"{failure.type}: {failure.message}" if failure.message else failure.type


def raised_text(
    exercise: Exercise,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    states: Sequence[State],
) -> str:
    raised = [n for n, state in enumerate(states) if state == "raised"]
    number = min(raised, key=lambda n: _size(cases[n]))
    failure = outcomes[number].failure
    assert failure is not None
    text = failure_text(failure)
    if failure.line:
        text += f"\nLine {failure.line_number} of your cell:\n    {failure.line}"
    others = "" if len(raised) == len(cases) else f" Other inputs work ({_rest(cases, raised)})."
    return f"{text}\nOn the input {_on(exercise, cases[number])}.{others}"


def _rest(cases: Sequence[Case], bad: Sequence[int]) -> str:
    return ", ".join(f"“{case.name}”" for n, case in enumerate(cases) if n not in bad)


def wrong_text(
    exercise: Exercise,
    cases: Sequence[Case],
    judged: Sequence[tuple[State, Difference | None]],
) -> str:
    wrong = [(n, d) for n, (_, d) in enumerate(judged) if d is not None]
    number, difference = min(wrong, key=lambda item: _size(cases[item[0]]))
    # The smallest failing input goes last: a size named in the text is this one's.
    ordered = [item for item in wrong if item[0] != number] + [(number, difference)]
    relation = diagnose([(cases[n], d) for n, d in ordered])
    text = f"{relation} " if relation else ""
    text += f"{difference.text}\nOn the input {_on(exercise, cases[number])}."
    right = [n for n, (state, _) in enumerate(judged) if state == "right"]
    if right:
        text += f" Right on {_rest(cases, [n for n, _ in wrong])}."
    return text
