"""Answers that are values and not code: numbers, predictions, choices, texts."""

import math
from typing import Any

from aigc_edu.exercises.comparing.differences import (
    NUMBER,
    as_float,
    find_difference,
    kind_of,
    plain,
)
from aigc_edu.exercises.comparing.results import CaseResult, Result, State, result_of
from aigc_edu.exercises.exercise import Exercise, letters
from aigc_edu.exercises.probing import Outcome

VALUE_KINDS = ("number", "prediction", "choice", "text")


def compare_value(exercise: Exercise, outcome: Outcome) -> Result:
    answer = outcome.value
    if outcome.todo:
        return result_of(exercise, "not started", "")

    def say(state: State, text: str, mistake: int | None = None) -> Result:
        table = (CaseResult("answer", 1.0, state),)
        return result_of(exercise, state, text, table, mistake)

    if answer is None:
        return say("wrong", "The answer is None: write your answer in the cell above.")
    if exercise.kind == "text":
        if not isinstance(answer, str):
            return say("wrong", f"A text in quotes belongs here, not {kind_of(answer)}.")
        if not answer.strip():
            return result_of(exercise, "not started", "")
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
        mine = plain(answer)
        return find_difference(mine, value, exercise.tolerance or NUMBER) is None

    known = None
    for index, mistake in enumerate(exercise.mistakes):
        try:
            applies = mistake.when(plain(answer)) if mistake.when else fits(mistake.wrong)
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
    expected, got = exercise.reference, plain(answer)
    numeric = isinstance(expected, int | float) and not isinstance(expected, bool)
    if not numeric:
        difference = find_difference(got, expected, exercise.tolerance or NUMBER)
        kinds = ("type", "shape")
        return difference.text if difference and difference.what in kinds else "That is not it."
    if isinstance(got, bool) or not isinstance(got, int | float):
        return f"A number belongs here, but this is {kind_of(got)}."
    got = as_float(got)
    if not math.isfinite(got):
        return "A finite number belongs here."

    def near(value: float) -> bool:
        return find_difference(got, value, exercise.tolerance or NUMBER) is None

    if expected and near(-expected):
        return "The sign is flipped."
    if expected and (near(100 * expected) or near(expected / 100)):
        return "It is off by a factor of 100: a percentage and a share are mixed up."
    if expected and near(expected / math.log(2)):
        return "That is in bits; nats belong here."
    if expected and got and not 0.1 < got / expected < 10:
        return f"{got:.4g} is not it, not even its order of magnitude."
    return f"{got:.4g} is not it."
