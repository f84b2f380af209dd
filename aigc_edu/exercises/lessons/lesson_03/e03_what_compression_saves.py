"""All 20,000 digits as 16 PCA codes each: how many times fewer numbers must be sent, counting
everything that the receiver needs?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="3.3",
    title="What compression really saves",
    kind="number",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=5,
    reference=20_000 * 784 / (20_000 * 16 + 784 * 16 + 784),
    tolerance=(0.005, 0.0),
    mistakes=(
        Mistake(
            49.0,
            "That counts the codes alone. Without the decoder the receiver cannot make an "
            "image of them.",
        ),
        Mistake(
            20_000 * 784 / (20_000 * 16 + 2 * 784 * 16 + 784),
            "You sent the encoder too. The receiver only decodes.",
        ),
        Mistake(
            20_000 * 784 / (784 * 16 + 784),
            "You sent the decoder, and forgot the codes.",
        ),
        Mistake(
            (20_000 * 16 + 784 * 16 + 784) / (20_000 * 784),
            "That is the share that remains. Asked is how many times fewer: the other way round.",
        ),
        Mistake(
            784 / (16 + 784 * 16 + 784),
            "You sent the decoder with every image. Once is enough for all 20,000.",
        ),
    ),
    hints=(
        "What does the receiver need to turn codes into images? Look at line (1).",
        "The codes of all images; the weight, 784 × 16; the offset, 784.",
    ),
    why="The decoder is paid once and the codes for every image, so compression pays off for "
    "many images of one kind. For a single image the decoder would cost more than it saves.",
)
