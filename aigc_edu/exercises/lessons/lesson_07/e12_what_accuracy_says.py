"""run A has discriminator accuracy 0.50, run B 0.75: which makes better images?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="7.12",
    title="What accuracy says",
    kind="choice",
    prompt=__doc__,
    points=2,
    difficulty=2,
    minutes=4,
    reference="d",
    choices={
        "a": "A: at one half the game is won, the images cannot be told from real ones",
        "b": "B: its discriminator is better, so it taught its generator better",
        "c": "Both are broken: a discriminator should be near 1.0",
        "d": "It cannot be said from these numbers",
    },
    mistakes=(
        Mistake(
            "a",
            "One half is also what a discriminator reaches that has learned nothing: coin "
            "tossing against pure noise. The next cell shows one.",
        ),
        Mistake(
            "b",
            "A better discriminator may just have an easier opponent: bad images are easy to tell.",
        ),
        Mistake(
            "c",
            "Near 1.0 the discriminator wins every time. That is a sign of trouble more often "
            "than of health, but it does not tell A from B.",
        ),
    ),
    hints=(
        "Accuracy is about two networks at once. What would each of them have to be for 0.50?",
        "Think of a discriminator whose weights are all 0.",
    ),
    why="Accuracy compares two moving opponents and says nothing of either alone. Quality "
    "needs a judge that stays the same: a fixed classifier, real held-out images, your eyes.",
)
