"""The letters of all changes after which a digit is still the same digit"""

from typing import Any

from aigc_edu.exercises import Exercise, Mistake
from aigc_edu.exercises.exercise import letters


def _has(letter: str, other: str) -> Any:
    def applies(answer: Any) -> bool:
        return letter in letters(answer) and other not in letters(answer)

    return applies


def _has_both(answer: Any) -> bool:
    return {"b", "d"} <= letters(answer)


def _too_careful(answer: Any) -> bool:
    return bool(letters(answer)) and letters(answer) < {"a", "c", "e", "f"}


EXERCISE = Exercise(
    id="1.5",
    title="What keeps the meaning",
    kind="choice",
    prompt=__doc__,
    reference=frozenset({"a", "c", "e", "f"}),
    choices={
        "a": "move it by two pixels",
        "b": "mirror it left to right",
        "c": "turn it by 10 degrees",
        "d": "turn it upside down (180 degrees)",
        "e": "make it 10 % larger or smaller",
        "f": "make the ink 15 % fainter",
    },
    points=2,
    difficulty=1,
    minutes=4,
    mistakes=(
        Mistake(
            frozenset({"a", "b", "c", "e", "f"}),
            "Mirror a 7, or a 2: nobody writes that. A model that is shown mirrored digits as "
            "real ones will draw them.",
            when=_has("b", "d"),
        ),
        Mistake(
            frozenset({"a", "c", "d", "e", "f"}),
            "Upside down, a 6 is a 9 and keeps the label 6: that plants wrong labels. A 4 "
            "or a 7 is no digit at all.",
            when=_has("d", "b"),
        ),
        Mistake(
            frozenset({"a", "b", "c", "d", "e", "f"}),
            "Two of these make other signs of some digits. Try each on a 7 and on a 6.",
            when=_has_both,
        ),
        Mistake(
            frozenset({"a", "c"}),
            "What you chose is right, but there is more. Would a postman hesitate at any "
            "of the others?",
            when=_too_careful,
        ),
    ),
    hints=(
        "Try each change on a 7, on a 6 and on a 2, on paper.",
        "What the writer, the pen or the scanner could have done by chance keeps the meaning.",
    ),
    why="Another pen, another hand or another place on the paper could have made the four. "
    "No writer makes a mirrored 7 or an upside-down 4.",
)
