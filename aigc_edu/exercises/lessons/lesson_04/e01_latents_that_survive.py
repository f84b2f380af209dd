"""One letter: how many of the 20 latents still carry something after training?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="4.1",
    title="Predict: how many latents survive?",
    kind="prediction",
    prompt=__doc__,
    reference="c",
    choices={
        "a": "all 20",
        "b": "about half of them",
        "c": "none",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "a",
            "A latent survives only where it pays for itself. Compare the size of an error "
            "averaged over 784 pixels with the price per latent, and read section 7.",
        ),
        Mistake(
            "b",
            "Some would pay for themselves if the error were summed. Here it is averaged "
            "over 784 pixels, and that changes the price: section 7 says by how much.",
        ),
    ),
    hints=(
        "Averaging instead of summing divides the first term by 784 and leaves the second.",
        "If rebuilding the image earns 784 times less, which latents are worth their price?",
    ),
    why="Averaged over 784 pixels, the error is worth so little that no latent pays for "
    "itself. Section 7 turns this into a noise variance of 392, and section 10 shows that "
    "a latent lives only where the data's eigenvalue is above that.",
)
