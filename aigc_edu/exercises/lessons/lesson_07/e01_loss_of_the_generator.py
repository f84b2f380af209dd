"""the generator's loss while its images turn from noise to digits"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="7.1",
    title="What will the generator's loss do",
    kind="prediction",
    prompt=__doc__,
    points=1,
    difficulty=1,
    minutes=2,
    reference="c",
    choices={
        "a": "It falls toward 0, as a loss does when training works.",
        "b": "It stays at 0.693 = log 2, where the discriminator cannot tell.",
        "c": "It goes up and down, and at the end is higher than at the start.",
    },
    mistakes=(
        Mistake(
            "a",
            "This loss is measured against an opponent that learns too: it would fall to 0 "
            "only if the discriminator took every generated image for a real one.",
        ),
        Mistake(
            "b",
            "It starts near log 2, because the discriminator has not learned anything yet. "
            "One half everywhere is where an ideal game ends, not where this one is after "
            "six thousand steps.",
        ),
    ),
    hints=(
        "The loss says how well the generator does against today's discriminator. Does that "
        "one stay the same?",
        "At step 0 neither has learned anything. From then on the discriminator learns the "
        "easier task of the two.",
    ),
    why="The loss compares the generator with its present opponent, and the opponent improves "
    "as well. So a GAN's loss does not measure the quality of its images.",
)
