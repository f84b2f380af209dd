"""the largest dimension of the space that the images before tanh can fill"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="7.5",
    title="How many dimensions are left",
    kind="number",
    prompt=__doc__,
    points=2,
    difficulty=2,
    minutes=5,
    reference=256,
    tolerance=(0.0, 0.4),
    mistakes=(
        Mistake(
            784,
            "That is how many pixels there are. What matters is the narrowest place that "
            "everything has to pass after the last bend.",
        ),
        Mistake(
            1024,
            "Without an activation the wide layer adds nothing: a product of matrices has no "
            "larger rank than the smallest of them.",
        ),
        Mistake(512, "Go one layer further back: these 512 numbers were made linearly from 256."),
        Mistake(
            100,
            "The noise has 100 numbers, but the first layer's activation bends their space, "
            "and a bent surface can lie across more dimensions than it has itself.",
        ),
        Mistake(
            255,
            "Nearly: subtracting the mean takes away the offset, not a direction. The rank of "
            "a product is at most the smallest size in it.",
        ),
    ),
    hints=(
        "Write the three layers after the only activation as one: W₃(W₂(W₁h + b₁) + b₂) + b₃.",
        "The rank of W₃W₂W₁ is at most the smallest of their sizes, that of what goes in included.",
    ),
    why="After the only activation there are 256 numbers, and everything that follows is one "
    "affine map of them. The million weights of the last two layers add no shape that the "
    "first could not make.",
)
