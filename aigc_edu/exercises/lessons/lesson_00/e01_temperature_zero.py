"""same_or_not: "a", "b", "c" or "d"; what the decoder draws when each of the random latents is
multiplied by 0"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="0.1",
    title="Predict: temperature 0",
    kind="prediction",
    prompt=__doc__,
    reference="b",
    choices={
        "a": "Black images: nothing goes in, nothing comes out.",
        "b": "The same image again and again.",
        "c": "Different digits, each perfectly clean.",
        "d": "Gray noise.",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "a",
            "Zero is a place among the latents like any other, in fact the middle of them, "
            "and the decoder draws something there. Its layers also add numbers of their "
            "own (biases).",
        ),
        Mistake(
            "c",
            "For different digits the decoder would have to receive different latents. How "
            "many different ones are left after multiplying by 0?",
        ),
        Mistake(
            "d",
            "The noise goes in as latents, not as pixels, and at 0 no noise is left: the "
            "decoder turns any latent into connected strokes.",
        ),
    ),
    hints=(
        "The decoder has no randomness of its own. Equal latents give equal images.",
        "What is each of ten random numbers after a multiplication by 0?",
    ),
    why="All the variety of the samples comes from the latents; the decoder itself draws the "
    "same latent the same way every time. At temperature 0 only one latent is left, the "
    "middle one.",
)
