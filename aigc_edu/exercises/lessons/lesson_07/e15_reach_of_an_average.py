"""after how many steps has a step's weight in the average (decay 0.998) halved?"""

import math

from aigc_edu.exercises import Exercise, Mistake

HALF_LIFE = math.log(0.5) / math.log(0.998)


EXERCISE = Exercise(
    id="7.15",
    title="How far back the average reaches",
    kind="number",
    prompt=__doc__,
    points=2,
    difficulty=2,
    minutes=5,
    reference=round(HALF_LIFE),
    tolerance=(0.01, 0.0),
    mistakes=(
        Mistake(
            500,
            "1/(1 - 0.998) = 500 is the average age of what is in the average. A step has lost "
            "half its weight before that.",
        ),
        Mistake(
            250,
            "The weight does not fall along a straight line to 0 at 500 steps: it is "
            "multiplied by 0.998 each time.",
        ),
        Mistake(
            150,
            "That is with the logarithm of base 10 on one side and the natural one on the "
            "other: take the same base for both.",
        ),
        Mistake(
            -346,
            "The number is right, the sign is not: both logarithms are negative, and their "
            "ratio is positive.",
        ),
        Mistake(
            0.5,
            "A number of steps was asked for.",
        ),
    ),
    hints=(
        "Each step multiplies all older weights by 0.998. How often until one half is left?",
        "Solve 0.998ⁿ = ½ by taking logarithms of both sides.",
    ),
    why="0.998 to the power of 346 is one half. The average thus covers the last few hundred "
    "steps, and the noise of the early thousands is long gone.",
)
