"""One letter: which planted fault will a program find worst?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="1.1",
    title="Predict: which fault hides best",
    kind="prediction",
    prompt=__doc__,
    reference="d",
    choices={
        "a": "images that are black on white",
        "b": "copies with a little noise, or moved by one pixel",
        "c": "images in which a few pixels are not numbers",
        "d": "images with a wrong label",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "a",
            "An inverted image has a bright border, and no digit has one: a single mean "
            "tells. Ask which fault can't be seen in the image alone.",
        ),
        Mistake(
            "b",
            "It takes a clever distance, but two copies are far closer to each other than "
            "two different digits ever are (section 3 measures both). Ask which fault "
            "can't be seen in the pixels at all.",
        ),
        Mistake(
            "c",
            "One call of isfinite finds every one of them. Ask which fault can't be seen in "
            "the image alone.",
        ),
    ),
    hints=(
        "For each fault ask: is a rule on the pixels enough?",
        "Three of them are faults of the picture. One is a fault of what somebody said about "
        "the picture.",
    ),
    why="A label is a claim about the image, and only reading the image can test it. "
    "A sloppy 4 labeled 4 and a neat 9 labeled 4 look alike to a program.",
)
