"""Answers that are values and not code: numbers, predictions, choices, texts."""

import math
from collections.abc import Mapping
from typing import Any

from aigc_edu.exercises.comparing.differences import (
    NUMBER,
    Tolerance,
    as_float,
    find_difference,
    kind_of,
    plain,
)
from aigc_edu.exercises.comparing.results import CaseResult, Result, State, result_of
from aigc_edu.exercises.exercise import Exercise, Mistake, letters
from aigc_edu.exercises.probing import Outcome

VALUE_KINDS = ("number", "prediction", "choice", "text")


def compare_value(exercise: Exercise, outcome: Outcome) -> Result:
    """Judge a value: right, a known mistake, or what else can be said of it."""
    answer = outcome.value
    if outcome.todo:
        return result_of(exercise, "not started", "")

    def judged(state: State, text: str, mistake: int | None = None) -> Result:
        return result_of(exercise, state, text, (CaseResult("answer", 1.0, state),), mistake)

    if answer is None:
        return judged("wrong", "The answer is None: write your answer in the cell above.")
    if exercise.kind == "text":
        if not isinstance(answer, str):
            return judged("wrong", f"A text in quotes belongs here, not {kind_of(answer)}.")
        if not answer.strip():
            return result_of(exercise, "not started", "")
    right, mistake = matches_value(exercise, answer)
    if right:
        return judged("right", exercise.why)
    if mistake is not None:
        return judged("wrong", exercise.mistakes[mistake].sentence, mistake)
    return judged("wrong", _value_text(exercise, answer))


def matches_value(exercise: Exercise, answer: Any) -> tuple[bool, int | None]:
    """Whether a value is right, and if not which known mistake it is."""

    def fits(value: Any) -> bool:
        if exercise.choices is not None:
            return letters(answer) == letters(value) != frozenset()
        if exercise.kind == "text":
            return bool(answer == value)
        return find_difference(plain(answer), value, exercise.tolerance or NUMBER) is None

    def applies(mistake: Mistake) -> bool:
        try:
            return bool(mistake.when(plain(answer)) if mistake.when else fits(mistake.wrong))
        except Exception:  # a `when` that was not made for this answer
            return False

    known = next((n for n, mistake in enumerate(exercise.mistakes) if applies(mistake)), None)
    if exercise.kind == "text":  # it has no reference to compare with: a person marks it
        return known is None and len(answer.split()) >= exercise.minimum_words, known
    return (True, None) if fits(exercise.reference) else (False, known)


def _value_text(exercise: Exercise, answer: Any) -> str:
    if exercise.choices is not None:
        return _choice_text(exercise, exercise.choices, answer)
    if exercise.kind == "text":
        return (
            f"{len(answer.split())} words; at least {exercise.minimum_words} are needed to say it."
        )
    expected, got = exercise.reference, plain(answer)
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return _number_text(got, expected, exercise.tolerance or NUMBER)
    difference = find_difference(got, expected, exercise.tolerance or NUMBER)
    # A difference in value would show the right one.
    if difference is not None and difference.what in ("type", "shape"):
        return difference.text
    return "That is not it."


def _choice_text(exercise: Exercise, choices: Mapping[str, str], answer: Any) -> str:
    chosen, right = letters(answer), letters(exercise.reference)
    if not chosen or not chosen <= set(choices):
        options = ", ".join(map(repr, choices))
        how = " (several of them: 'a, b')" if len(right) > 1 else ""
        return f"The answer is one of {options}{how}, not {answer!r:.60}."
    if chosen < right:
        return "What you chose is right, but there is more."
    return "That is not it."


def _number_text(answer: Any, expected: float, tolerance: Tolerance) -> str:
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return f"A number belongs here, but this is {kind_of(answer)}."
    number = as_float(answer)
    if not math.isfinite(number):
        return "A finite number belongs here."

    def near(value: float) -> bool:
        return find_difference(number, value, tolerance) is None

    # Nothing can be said of a number where zero is right: it is any multiple of it.
    if expected and near(-expected):
        return "The sign is flipped."
    if expected and (near(100 * expected) or near(expected / 100)):
        return "It is off by a factor of 100: a percentage and a share are mixed up."
    if expected and near(expected / math.log(2)):
        return "That is in bits; nats belong here."
    if expected and number and not 0.1 < number / expected < 10:
        return f"{number:.4g} is not it, not even its order of magnitude."
    return f"{number:.4g} is not it."
