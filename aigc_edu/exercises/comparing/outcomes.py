"""Comparing two outcomes of one case: values, errors, side effects and gradients."""

from aigc_edu.exercises.comparing.differences import (
    FLOAT32,
    TOLERANCES,
    Difference,
    Tolerance,
    find_difference,
)
from aigc_edu.exercises.comparing.results import State
from aigc_edu.exercises.comparing.wording import failure_text
from aigc_edu.exercises.exercise import Exercise
from aigc_edu.exercises.probing import Case, Outcome


def judge(
    exercise: Exercise, case: Case, outcome: Outcome, right: Outcome
) -> tuple[State, Difference | None]:
    """The state of a case and, where it is not right, what differs.

    Args:
        outcome: what the answer did; it may be anything at all.
        right: what the reference did.
    """
    if outcome.todo:
        return "not started", None
    if outcome.failure is not None:
        # To raise can be right; a more special error than the reference's is as good.
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
    except Exception as error:  # an object of the learner's that raises when it is looked at
        difference = Difference(
            "type", f"The result cannot be compared ({type(error).__name__}): give plain tensors."
        )
    if difference is not None:
        if outcome.value is None and outcome.printed:
            difference = Difference(
                "type", "It prints its result and returns None: use return, not print."
            )
        return "wrong", difference
    # From here on the value is right, and what is asked is how it came about.
    altered = [argument for argument in outcome.changed if argument not in right.changed]
    if altered:
        return "wrong", _altered(exercise, altered[0])
    if any(
        needed and not there
        for needed, there in zip(right.attached, outcome.attached, strict=False)
    ):
        return "wrong", _NO_GRADIENT
    if right.gradients is not None:
        difference = _gradient_difference(outcome, right, tolerance)
    return ("right" if difference is None else "wrong"), difference


def alike(one: Outcome, other: Outcome, tolerance: Tolerance | None) -> bool:
    """Whether two outcomes of a case are the same, errors and side effects included."""
    if one.todo or other.todo:
        return False
    if (one.failure is None) != (other.failure is None):
        return False
    if one.failure is not None and other.failure is not None:
        return one.failure.type == other.failure.type
    if one.changed != other.changed:
        return False
    if find_difference(one.value, other.value, tolerance) is not None:
        return False
    if one.attached != other.attached or (one.gradients is None) != (other.gradients is None):
        return False
    if other.gradients is None:
        return True
    return _gradient_difference(one, other, tolerance) is None


def _altered(exercise: Exercise, argument: int | str) -> Difference:
    if isinstance(argument, int):
        # An argument beyond the reference's names stands for *args: it has none of its own.
        argument = next(iter(exercise.argument_names()[argument:]), "")
    return Difference(
        "changed",
        f"The value is right, but {f'`{argument}`' if argument else 'an input'} is altered on the "
        "way: an operation in place (+=, mul_, x[...] = ...) changes the caller's tensor.",
    )


_NO_GRADIENT = Difference(
    "gradient",
    "The value is right, but it carries no gradient: detach, item, tolist, numpy, no_grad or a "
    "new torch.tensor(...) on the way cuts it off, and nothing could be trained through it.",
)


def _gradient_difference(
    outcome: Outcome, right: Outcome, tolerance: Tolerance | None
) -> Difference | None:
    if outcome.gradients is None:
        return _NO_GRADIENT
    assert right.gradients is not None
    pairs = zip(outcome.gradients, right.gradients, strict=True)
    for number, (got, expected) in enumerate(pairs, 1):
        scale = max(1.0, float(expected.abs().max())) if expected.numel() else 1.0
        rtol, atol = tolerance or TOLERANCES.get(expected.dtype, FLOAT32)
        # A gradient's rounding goes with its largest element.
        difference = find_difference(got, expected, (rtol, max(atol, rtol) * scale))
        if difference is not None:
            return Difference(
                "gradient",
                "The value is right, but its gradient is not "
                f"(in floating input number {number}): {difference.text}",
            )
    return None
