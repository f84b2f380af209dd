"""what Python says first when the listing runs"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="7.2",
    title="Which error comes first",
    kind="choice",
    prompt=__doc__,
    points=1,
    difficulty=1,
    minutes=5,
    reference="b",
    choices={
        "a": "NameError: name 'np' is not defined",
        "b": "ValueError: too many values to unpack",
        "c": "RuntimeError: sizes of tensors must match",
        "d": "Nothing: it runs to the end, only the pictures are bad",
    },
    mistakes=(
        Mistake(
            "a",
            "np is indeed never imported. But Python looks a name up when it runs the line, "
            "and there is a line before it that already fails.",
        ),
        Mistake(
            "c",
            "The shapes in the concatenation do not fit, but the loop does not get that far: "
            "read from the line with `for`, and ask what one turn of it hands out.",
        ),
        Mistake(
            "d",
            "It stops in the very first turn of the loop. Follow it line by line and write "
            "down the shape of everything.",
        ),
    ),
    hints=(
        "Follow the lines in the order in which Python runs them, not from top to bottom of "
        "the page: a function's body runs when it is called.",
        "What does a loop over a tensor of shape (20000, 28, 28) hand out at each turn, and "
        "into how many names is it to go?",
    ),
    why="A loop over a tensor hands out its rows, here one image of 28 rows, and 28 things do "
    "not go into 2 names. It is a lucky fault, because it is loud.",
)
