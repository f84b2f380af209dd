"""the expected squared Fréchet distance of two samples of 1,000 points of one standard normal
in 64 dimensions"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="9.4",
    title="Far from oneself",
    kind="number",
    prompt=__doc__,
    points=2,
    difficulty=2,
    minutes=6,
    reference=2.208,
    tolerance=(0.01, 0.0),
    mistakes=(
        Mistake(
            0.0,
            "That is the distance of the two distributions. Two samples of it have two means "
            "and two covariances, which differ by chance.",
            when=lambda answer: abs(float(answer)) < 0.01,
        ),
        Mistake(
            1.104,
            "One sample of 1,000 against the truth gives that. Here both sides are samples, "
            "and each adds its share.",
        ),
        Mistake(
            0.128,
            "That is the share of the means alone. The covariances differ by chance too, and "
            "there are many more entries in them.",
        ),
        Mistake(
            2.08,
            "That is the share of the covariances alone: the means differ by chance too.",
        ),
        Mistake(
            8.832,
            "The fourth part of this: the quarter comes from the square root, whose slope at "
            "1 is one half.",
        ),
        Mistake(
            1.486,
            "That is the root of it; the squared distance was asked for.",
        ),
    ),
    hints=(
        "Two terms: one for the means, one for the covariances. Both shrink like 1/n + 1/m.",
        "The formula is in the line above; d is 64, and both samples have 1,000 points.",
    ),
    why="Two halves of one data set are never at distance 0, and with fewer images they are "
    "farther apart. A Fréchet distance without its number of images says little.",
)
