"""training goes on too long: what do the bound and the Fréchet distance do?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="10.1",
    title="Predict: two rulers",
    kind="prediction",
    prompt=__doc__,
    points=1,
    difficulty=1,
    minutes=3,
    reference="c",
    choices={
        "a": "Both get worse: overfitting is overfitting",
        "b": "Both stay: a thousand images are enough for digits",
        "c": "The held-out bound gets worse, the Fréchet distance does not",
        "d": "The Fréchet distance gets worse, the held-out bound does not",
    },
    mistakes=(
        Mistake(
            "a",
            "So most people think, and it is why a single number is trusted too far. The "
            "curves of section 1 go different ways.",
        ),
        Mistake(
            "b",
            "A thousand images can be learned by heart by a network with hundreds of thousands "
            "of weights. Section 1 shows the gap open.",
        ),
        Mistake(
            "d",
            "One of the two asks about every single held-out image; that is the one that "
            "notices first.",
        ),
    ),
    hints=(
        "What does each number need? One wants every held-out image explained, the other "
        "compares a crowd with a crowd.",
        "Copies of real digits look like real digits. Which of the two minds?",
    ),
    why="The bound is an average over single held-out images, and one image explained badly "
    "costs many nats. The Fréchet distance compares two crowds by mean and covariance, and a "
    "crowd of near copies looks very real.",
)
