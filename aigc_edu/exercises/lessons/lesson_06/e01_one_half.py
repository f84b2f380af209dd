"""One letter: the discriminator says 0.5 to every image. What do you know?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="6.1",
    title="Predict: what does 0.5 tell you?",
    kind="prediction",
    prompt=__doc__,
    reference="c",
    choices={
        "a": "the generator is perfect",
        "b": "the discriminator has reached its aim",
        "c": "neither of the two",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "a",
            "A discriminator that has learned nothing says 0.5 as well, whatever the "
            "generator does. Section 4 builds one.",
        ),
        Mistake(
            "b",
            "The discriminator wants to tell the two kinds apart, which is 1 for one and 0 "
            "for the other. Section 4 compares its losses.",
        ),
    ),
    hints=(
        "What does a network say whose last layer is all zeros?",
        "Sigmoid of 0 is 0.5. Did that network train, and did it see any generator?",
    ),
    why="An output of 0.5 everywhere is what a perfect generator leaves the discriminator, "
    "and also what an untrained discriminator says. It is a sign of nothing until you know "
    "that this discriminator had learned to tell.",
)
