"""One letter: what does a line learn from predictions of shape (100, 1) and targets of shape
(100,)?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="90.1",
    title="Predict: a loss with two shapes",
    kind="prediction",
    prompt=__doc__,
    reference="c",
    choices={
        "a": "Nothing: PyTorch refuses to subtract the two.",
        "b": "The right line: both hold the same 100 numbers.",
        "c": "A flat line at the average target.",
        "d": "The right line, only more slowly.",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "a",
            "It does not refuse, and that is the trouble: sizes 100 and 1 fit together. "
            "Section 3 shows the rule, section 6 the line.",
        ),
        Mistake(
            "b",
            "The numbers are the same 100, but the difference has 10,000: each prediction "
            "meets every target. Section 3 shows the rule.",
        ),
        Mistake(
            "d",
            "Speed is not what suffers. Each prediction is pulled towards every target at "
            "once: where does it come to rest?",
        ),
    ),
    hints=(
        "Think of the 100 predictions as a column and of the 100 targets as a row. What "
        "does a table of all differences look like?",
        "If one number is to be close to 100 different targets at once, which number has the "
        "smallest mean squared error?",
    ),
    why="A column minus a row is a table: every prediction is compared with every target. "
    "The number closest to all targets at once is their average, whatever x is.",
)
