"""From outcomes to a result: right, or wrong and in what way."""

import inspect
from collections.abc import Sequence
from typing import Any

from aigc_edu.exercises.comparing.differences import kind_of
from aigc_edu.exercises.comparing.memory import NO_MEMORY, Memory
from aigc_edu.exercises.comparing.mistakes import known_mistake
from aigc_edu.exercises.comparing.outcomes import judge
from aigc_edu.exercises.comparing.results import CaseResult, Result, State, result_of
from aigc_edu.exercises.comparing.values import VALUE_KINDS, compare_value
from aigc_edu.exercises.comparing.wording import raised_text, wrong_text
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.probing import Case, Outcome, answer_outputs, call, holds_todo


def _identity(answer: Any) -> Any:
    return answer


def evaluate(exercise: Exercise, answer: Any, seed: int, *, memory: Memory = NO_MEMORY) -> Result:
    """Judge an answer on the inputs of a seed. Prints nothing and records nothing.

    Args:
        memory: what the exercise's own answers did before, where many answers are judged.
    """
    if holds_todo(answer):
        return result_of(exercise, "not started", "")
    cases = memory.probe(exercise, seed)
    if exercise.kind in VALUE_KINDS:
        return compare(exercise, cases, answer_outputs(_identity, answer, cases))
    complaint = _unfit(exercise, answer, cases)
    if complaint:
        return result_of(exercise, "wrong", complaint)
    outcomes = memory.outcomes(exercise, answer, cases)
    result = compare(exercise, cases, outcomes, memory=memory)
    if result.state == "raised" and exercise.kind == "class" and _mentions_todo(answer):
        # An unfilled constructor leaves attributes out that the check then misses.
        return result_of(exercise, "not started", "Part of it is still TODO.", result.cases)
    return result


def _mentions_todo(answer: type) -> bool:
    functions = [item for item in vars(answer).values() if inspect.isfunction(item)]
    return any("TODO" in function.__code__.co_names for function in functions)


def compare(
    exercise: Exercise,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    *,
    memory: Memory = NO_MEMORY,
) -> Result:
    """Judge outcomes against the reference, and name what is wrong.

    Raises:
        ValueError: if there is not one outcome for each case.
    """
    if len(cases) != len(outcomes):
        raise ValueError(f"{len(cases)} cases but {len(outcomes)} outcomes.")
    if exercise.kind in VALUE_KINDS:
        return compare_value(exercise, outcomes[0])
    expected = memory.outcomes(exercise, exercise.reference, cases)
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
    mistake = known_mistake(exercise, cases, outcomes, expected, memory)
    # An exercise's own sentence says more than anything that can be seen in the numbers; but
    # where something was raised the line that raised it belongs beside it.
    sentences = [] if mistake is None else [exercise.mistakes[mistake].sentence]
    if state == "raised":
        sentences.append(raised_text(exercise, cases, outcomes, states))
    elif mistake is None:
        sentences.append(wrong_text(exercise, cases, judged))
    return result_of(exercise, state, "\n".join(sentences), table, mistake)


def _unfit(exercise: Exercise, answer: Any, cases: Sequence[Case]) -> str:
    """What is wrong with an answer that cannot even be run; "" if it can."""
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
    # What a run of its own hands over is not known before it runs.
    if exercise.run is not call or isinstance(answer, type):
        return ""
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):
        return ""
    for case in cases:
        try:
            signature.bind(*case.args, **case.kwargs)
        except TypeError as error:
            name = exercise.name
            arguments = [*exercise.argument_names()[: len(case.args)], *case.kwargs]
            return (
                f"The arguments do not fit: the check calls {name}({', '.join(arguments)}), "
                f"but yours is {getattr(answer, '__name__', name)}{_brief(signature)} ({error})."
            )
    return ""


def _brief(signature: inspect.Signature) -> str:
    return "(" + ", ".join(str(p).split(":")[0] for p in signature.parameters.values()) + ")"
