"""One letter: where does the most likely Gaussian have its peak?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="2.1",
    title="Predict: one bell for two heaps",
    kind="prediction",
    prompt=__doc__,
    reference="b",
    choices={
        "a": "over the larger heap",
        "b": "between the heaps, where there are no data",
        "c": "over one of the two, depending on where the search began",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "a",
            "Then the smaller heap would lie far out in the tail, and each of its points "
            "would cost a very negative logarithm. Sections 3 and 6 say what is cheaper.",
        ),
        Mistake(
            "c",
            "The likelihood of a single Gaussian has one maximum only, wherever the search "
            "begins. What you describe does happen, with another measure: see section 6.",
        ),
    ),
    hints=(
        "Maximum likelihood multiplies over *all* points. What does one point with "
        "probability near 0 do to a product?",
        "Section 3 derives which mean is the likeliest one. Where is it for two heaps?",
    ),
    why="The most likely mean is the average of the data, and the average of two heaps lies "
    "between them. Maximum likelihood would rather waste probability where nothing is than "
    "give none to a point that did occur.",
)
