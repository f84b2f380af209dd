"""An autoencoder rebuilds digits well. Decode codes drawn at random, with the mean and
covariance that the codes of real digits have: what comes out?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="3.1",
    title="What random codes decode to",
    kind="prediction",
    prompt=__doc__,
    points=1,
    difficulty=1,
    minutes=2,
    reference="c",
    choices={
        "a": "Digits, nearly without exception: the decoder has only ever drawn digits.",
        "b": "Copies of training images.",
        "c": "Some digits, and many strokes that are no digit.",
        "d": "Gray noise.",
    },
    mistakes=(
        Mistake(
            "a",
            "The decoder drew digits only at the codes that digits have. Nothing in its "
            "loss says what the other codes decode to.",
        ),
        Mistake(
            "b",
            "Twenty thousand codes are a few specks in sixteen dimensions, so a random code "
            "lands on none of them; and the decoder is continuous, it does not look up.",
        ),
        Mistake(
            "d",
            "The decoder is continuous, so near a digit's code it draws something near that "
            "digit: strokes, not noise.",
        ),
    ),
    hints=(
        "At which codes was the decoder ever told what to draw?",
        "Between and beyond them it must draw something, and it changes without jumps.",
    ),
    why="The loss asks for good images at the codes of real images, and nowhere else. "
    "Section 7 measures how far the rest falls behind.",
)
