"""Comparing two outcomes of one case: values, errors, side effects and gradients."""

from aigc_edu.exercises.comparing.differences import (
    FLOAT32,
    TOLERANCES,
    Difference,
    find_difference,
)
from aigc_edu.exercises.comparing.results import State
from aigc_edu.exercises.comparing.wording import failure_text
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.probing import Case, Outcome


def judge(
    exercise: Exercise, case: Case, outcome: Outcome, right: Outcome
) -> tuple[State, Difference | None]:
    if outcome.todo:
        return "not started", None
    if outcome.failure is not None:
        if right.failure is not None and right.failure.type in outcome.failure.ancestors:
            return "right", None
        return "raised", Difference("raised", failure_text(outcome.failure))
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
        return judge_gradients(exercise, case, outcome, right)
    return "right", None


_NO_GRADIENT = Difference(
    "gradient",
    "The value is right, but it carries no gradient: detach, item, tolist, numpy, no_grad or a "
    "new torch.tensor(...) on the way cuts it off, and nothing could be trained through it.",
)


def judge_gradients(
    exercise: Exercise, case: Case, outcome: Outcome, right: Outcome
) -> tuple[State, Difference | None]:
    if outcome.gradients is None:
        return "wrong", _NO_GRADIENT
    assert right.gradients is not None
    tolerance = case.tolerance or exercise.tolerance
    for number, (got, expected) in enumerate(zip(outcome.gradients, right.gradients, strict=True)):
        scale = max(1.0, float(expected.abs().max())) if expected.numel() else 1.0
        rtol, atol = tolerance or TOLERANCES.get(expected.dtype, FLOAT32)
        # A gradient's rounding goes with its largest element.
        difference = find_difference(got, expected, (rtol, max(atol, rtol) * scale))
        if difference is not None:
            return "wrong", Difference(
                "gradient",
                "The value is right, but its gradient is not "
                f"(in floating input number {number + 1}): {difference.text}",
            )
    return "right", None


def alike(exercise: Exercise, case: Case, one: Outcome, other: Outcome) -> bool:
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
        return judge_gradients(exercise, case, one, other)[0] == "right"
    return True
