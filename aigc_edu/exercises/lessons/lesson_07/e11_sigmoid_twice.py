"""the loss of a perfect discriminator, in nats, when a sigmoid stands before it"""

import math

from aigc_edu.exercises import Exercise, Mistake

# A perfect discriminator whose probabilities 1 and 0 are read as logits.
TWICE = math.log1p(math.exp(-1)) + math.log(2)


EXERCISE = Exercise(
    id="7.11",
    title="Sigmoid twice",
    kind="number",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=7,
    reference=round(TWICE, 4),
    tolerance=(0.01, 0.0),
    mistakes=(
        Mistake(
            0.0,
            "That is what a perfect discriminator reaches when the loss gets logits. Here it "
            "gets 1 and 0, and takes its own sigmoid of them.",
            when=lambda answer: abs(float(answer)) < 0.01,
        ),
        Mistake(
            1.386,
            "That is the loss of a discriminator that cannot tell at all. This one is perfect "
            "and yet hardly gets below it.",
        ),
        Mistake(
            0.3133,
            "That is the real images' share. The generated ones, with probability 0 read as "
            "logit 0, add theirs.",
        ),
        Mistake(
            0.6931,
            "That is the generated images' share: a logit of 0 is one half. The real ones, "
            "with logit 1, add theirs.",
        ),
        Mistake(
            0.6265,
            "You took the same share for both kinds. A real image arrives as logit 1, a "
            "generated one as logit 0, not -1.",
        ),
        Mistake(
            0.5032,
            "That is the average of the two shares; the loss of this course is their sum.",
        ),
    ),
    hints=(
        "Perfect means: probability 1 for every real image, 0 for every generated one. What "
        "does the loss do with these two numbers?",
        "It takes -log σ(1) for a real image and -log(1 - σ(0)) for a generated one; add them.",
    ),
    why="With probabilities read as logits, the second sigmoid never leaves [0.5, 0.73]. The "
    "loss seems stuck near 1, and the gradients shrink, though nothing raises an error.",
)
