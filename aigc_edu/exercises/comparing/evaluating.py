"""From outcomes to a result: right, or wrong and in what way."""

import inspect
from collections.abc import Sequence
from typing import Any

import torch

from aigc_edu.exercises.comparing.differences import kind_of
from aigc_edu.exercises.comparing.mistakes import known_mistake, own_outcomes
from aigc_edu.exercises.comparing.outcomes import judge
from aigc_edu.exercises.comparing.results import CaseResult, Result, State, result_of
from aigc_edu.exercises.comparing.values import VALUE_KINDS, compare_value
from aigc_edu.exercises.comparing.wording import raised_text, wrong_text
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.probing import Case, Outcome, answer_outputs, call, holds_todo


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
        return result_of(exercise, "not started", "")
    if exercise.kind in ("function", "class"):
        complaint = _unfit(exercise, answer)
        if complaint:
            return result_of(exercise, "wrong", complaint)
    cases = probe(exercise, seed)
    outcomes = answer_outputs(run_of(exercise), answer, cases, gradient=exercise.gradient)
    result = compare(exercise, cases, outcomes)
    if result.state == "raised" and exercise.kind == "class" and _mentions_todo(answer):
        # An unfilled constructor leaves attributes out that the check then misses.
        return result_of(exercise, "not started", "Part of it is still TODO.", result.cases)
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
        return compare_value(exercise, outcomes[0])
    expected = own_outcomes(exercise, exercise.reference, cases)
    judged = [
        judge(exercise, case, outcome, right)
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
        return result_of(exercise, "not started", text, table)
    if all(state == "right" for state in states):
        return result_of(exercise, "right", exercise.why, table)
    state: State = "raised" if "raised" in states else "wrong"
    known = known_mistake(exercise, cases, outcomes, expected)
    if state == "raised":
        text = raised_text(exercise, cases, outcomes, states)
        if known is not None:
            text = f"{exercise.mistakes[known].sentence}\n{text}"
    elif known is not None:
        text = exercise.mistakes[known].sentence
    else:
        text = wrong_text(exercise, cases, judged)
    return result_of(exercise, state, text, table, known)


def _unfit(exercise: Exercise, answer: Any) -> str:
    """What is wrong with an answer that cannot even be run; "" if it can."""
    name = exercise.name
    if answer is None:
        return "The answer is None: run the cell that defines it, then check again."
    if exercise.kind == "class" and not isinstance(answer, type):
        if type(answer).__module__ == "builtins" or not callable(answer):
            return f"A class belongs here, but this is {kind_of(answer)}."
        return (
            f"A class belongs here, but this is an object of class {type(answer).__name__}: "
            "give the class itself, without parentheses."
        )
    if not callable(answer):
        return (
            f"A function belongs here, but this is {kind_of(answer)}: give the function's "
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
