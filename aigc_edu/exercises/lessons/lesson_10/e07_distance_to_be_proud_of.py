"""Fréchet distance to the training set: A 9, B 27, held-out images 26: which is it?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="10.7",
    title="A distance to be proud of",
    kind="choice",
    prompt=__doc__,
    points=2,
    difficulty=2,
    minutes=4,
    reference="d",
    choices={
        "a": "A is the better generator: 9 is less than 27",
        "b": "A is better than real images, the best there can be",
        "c": "B is broken: it is farther away than held-out images",
        "d": "A may be copying; B is about as far away as new images are",
    },
    mistakes=(
        Mistake(
            "a",
            "It would be, if small were always good. How near do images come that are real and "
            "were never trained on?",
        ),
        Mistake(
            "b",
            "Nothing new is nearer to a sample than other samples of the same kind. What is "
            "nearer has looked.",
        ),
        Mistake(
            "c",
            "27 against 26 is as good as the training set lets anybody be who does not copy it.",
        ),
    ),
    hints=(
        "What would a generator get that only hands out training images?",
        "Put held-out images in the place of the generator: that is what an honest one can reach.",
    ),
    why="A distance to the training set is smallest for a machine that hands out the training "
    "set. Measure against held-out images, and look for near copies as well.",
)
