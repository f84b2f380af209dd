"""which GAN draws nearer to real digits: without labels, or told which digit to draw"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="8.1",
    title="Do labels help",
    kind="prediction",
    prompt=__doc__,
    points=1,
    difficulty=1,
    minutes=2,
    reference="c",
    choices={
        "a": "The first: it may draw what it is good at.",
        "b": "Neither: labels say which digit comes out, not how well it is drawn.",
        "c": "The second: the labels help.",
    },
    mistakes=(
        Mistake(
            "a",
            "Drawing what it is good at is just what costs it: the digits that it neglects are "
            "missing, and the distance counts them.",
        ),
        Mistake(
            "b",
            "A label is one more thing to be judged by: the discriminator compares each image "
            "with real ones of its own digit, and so its verdict says more.",
        ),
    ),
    hints=(
        "What does the first generator do about a digit that it finds hard?",
        "Think of what the discriminator knows: with a label it judges a 4 among 4s.",
    ),
    why="The labels make the generator draw every digit as often as it occurs, and let the "
    "discriminator judge each image among its own kind. More information, a better teacher.",
)
