"""One letter: which of the four has the largest mean squared error to the original?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="9.1",
    title="Which is farthest",
    kind="prediction",
    prompt=__doc__,
    reference="a",
    choices={
        "a": "the same digit, two pixels to the right and two down",
        "b": "somebody's digit of another kind, the one that overlaps most",
        "c": "the same digit, so blurred that it is hard to read",
        "d": "nothing: a black square",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "b",
            "You compared what the images mean. The squared error compares the pixel here with "
            "the pixel there, and most of those agree.",
        ),
        Mistake(
            "c",
            "A blur changes every pixel a little. The squared error dislikes few large "
            "differences more than many small ones.",
        ),
        Mistake(
            "d",
            "A black square is wrong where there is ink, and right everywhere else. One of "
            "the others is wrong twice: where the ink was, and where it now is.",
        ),
    ),
    hints=(
        "Think of one pixel on a stroke of the original. What stands there in each of the four?",
        "Strokes are two to three pixels wide. How much of a stroke still overlaps itself "
        "after the move?",
    ),
    why="The moved digit misses the ink where it was and has ink where none was: it pays "
    "twice, and the black square once. To a person it is the only one of the four without "
    "any fault.",
)
