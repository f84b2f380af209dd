"""wilson(right, answered, z=1.96) → (low, high)"""

import math
from collections.abc import Callable
from typing import Any

import torch

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def wilson(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    """The shares p with |right/answered - p| at most z sqrt(p (1 - p) / answered)."""
    share = right / answered
    shrink = 1 + z**2 / answered
    middle = (share + z**2 / (2 * answered)) / shrink
    reach = z / shrink * math.sqrt(share * (1 - share) / answered + z**2 / (4 * answered**2))
    return middle - reach, middle + reach


def _cases(generator: torch.Generator) -> list[Case]:
    answered = int(torch.randint(30, 60, (), generator=generator))
    right = int(answered * 0.6) + int(torch.randint(0, 6, (), generator=generator))
    return [
        Case("ordinary", (right, answered, 1.96), weight=2),
        Case("all right", (12, 12, 1.96)),
        Case("none right", (0, 7, 1.96)),
        Case("one question", (1, 1, 1.96)),
        Case("many questions", (520, 1000, 1.96)),
        Case("99 percent", (18, 25, 2.576)),
    ]


def _run(answer: Callable[..., Any], right: int, answered: int, z: float) -> Any:
    """Two numbers; tensors will do."""
    found = answer(right, answered, z)
    if isinstance(found, tuple | list) and len(found) == 2:
        return {"low": float(found[0]), "high": float(found[1])}
    return found


def _by_quadratic(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    # (right/answered - p)² = z² p (1 - p) / answered, solved for p
    a, b = answered + z**2, -(2 * right + z**2)
    c = right**2 / answered
    root = math.sqrt(max(b**2 - 4 * a * c, 0.0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


@mistake(
    "This takes the width from the observed share. With all answers right its width "
    "is 0, as if one had become certain."
)
def _wald(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    share = right / answered
    reach = z * math.sqrt(share * (1 - share) / answered)
    return share - reach, share + reach


@mistake(
    "This adds two right and two wrong answers (about) and goes on as usual: Agresti "
    "and Coull's interval, close to Wilson's and always a little wider."
)
def _agresti(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    count = answered + z**2
    share = (right + z**2 / 2) / count
    reach = z * math.sqrt(share * (1 - share) / count)
    return share - reach, share + reach


@mistake(
    "The width is right, and it lies around the observed share. Wilson's middle is "
    "drawn toward one half."
)
def _around_share(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    low, high = wilson(right, answered, z)
    share, reach = right / answered, (high - low) / 2
    return share - reach, share + reach


@mistake(
    "The middle is right. The width is that of the usual interval, which vanishes "
    "where all answers are right."
)
def _middle_only(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    low, high = wilson(right, answered, z)
    share, middle = right / answered, (low + high) / 2
    reach = z * math.sqrt(share * (1 - share) / answered)
    return middle - reach, middle + reach


@mistake("The middle is divided by 1 + z²/n and the width is not.")
def _not_shrunk(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    low, high = wilson(right, answered, z)
    middle, reach = (low + high) / 2, (high - low) / 2 * (1 + z**2 / answered)
    return middle - reach, middle + reach


@mistake("The width is that of guessing, √(¼/n), at every share: it leaves [0, 1] near the ends.")
def _against_one_half(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    reach = z * math.sqrt(0.25 / answered)
    return right / answered - reach, right / answered + reach


EXERCISE = Exercise(
    id="9.7",
    title="How sure is a share",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=wilson,
    cases=_cases,
    run=_run,
    mistakes=(
        _wald,
        _agresti,
        _around_share,
        _middle_only,
        Mistake(
            lambda right, answered, z=1.96: wilson(right, answered, 1.96),
            "z is an argument, and you used 1.96 whatever it is.",
        ),
        _not_shrunk,
        _against_one_half,
    ),
    hints=(
        "Square the condition and collect powers of p: what kind of equation is it?",
        "A quadratic equation a p² + b p + c = 0 has its roots at (−b ± √(b² − 4ac)) / 2a. "
        "Here a = n + z².",
    ),
    why="The width is taken at the *supposed* share and not at the observed one, so the "
    "interval never leaves [0, 1] and never has width 0. All right out of twelve still "
    "allows 76 %.",
    also_right=(_by_quadratic,),
)
