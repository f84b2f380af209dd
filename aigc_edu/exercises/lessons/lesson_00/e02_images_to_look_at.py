"""images_to_see: all images that you get when each of the ten latents is −3, 0 or 3"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="0.2",
    title="How many images would you have to look at?",
    kind="number",
    prompt=__doc__,
    reference=59_049,
    tolerance=(0.0, 0.4),
    points=1,
    difficulty=1,
    minutes=3,
    mistakes=(
        Mistake(
            30,
            "You turned one knob at a time. Each setting of the first latent goes with every "
            "setting of the second, and so on: the choices multiply.",
        ),
        Mistake(
            21,
            "These are the images with at most one latent away from 0. Two of them may be "
            "moved at once, or all ten.",
        ),
        Mistake(
            1_000,
            "This is ten settings for each of three latents. It is the other way round.",
        ),
        Mistake(
            1_024,
            "This counts two settings a latent. There are three: 0 counts as well.",
        ),
        Mistake(
            19_683,
            "One latent is missing: this is right for nine of them, and `decoder.latent_size` "
            "is ten.",
        ),
        Mistake(
            784,
            "This is the number of pixels of one image, 28 × 28. Asked is how many images.",
        ),
    ),
    hints=(
        "Begin with two latents, three settings each: write all pairs down and count them.",
        "Every further latent makes the number three times as large.",
    ),
    why="The choices multiply, so the number grows exponentially with the latents. That is why "
    "one draws samples at random instead of going through a latent space, and why a few "
    "good-looking samples prove little.",
)
