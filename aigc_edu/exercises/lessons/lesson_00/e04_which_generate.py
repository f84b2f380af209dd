"""generative: a set of letters, such as {"a", "d"}; the tasks that need a generative model"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="0.4",
    title="Which of them generate?",
    kind="choice",
    prompt=__doc__,
    reference={"b", "c"},
    choices={
        "a": "Say whether a bone is broken in an X-ray image.",
        "b": "Write a new melody in the style of a hundred given ones.",
        "c": "Fill in the missing part of a damaged photograph.",
        "d": "Tell photographs from pictures that a network made.",
    },
    points=1,
    difficulty=1,
    minutes=3,
    mistakes=(
        Mistake(
            "b",
            "The melody is right, and one more is missing: a part that was never there can "
            "only be invented, in a way that suits the rest.",
        ),
        Mistake(
            "c",
            "The photograph is right, and one more is missing: which other task ends with "
            "something new instead of a verdict?",
        ),
        Mistake(
            {"b", "c", "d"},
            "b and c are right. Telling real from made is about generated pictures, but what "
            "comes out is a verdict: two classes. A GAN uses such a judge to train the other "
            "half.",
        ),
        Mistake(
            {"b", "d"},
            "The melody is right. But telling real from made ends with a verdict, not with a "
            "picture; and something on the list is missing.",
        ),
        Mistake(
            {"a", "d"},
            "These two are the discriminative ones: an image goes in, a class comes out. "
            "Asked are the others.",
        ),
        Mistake(
            {"a", "b", "c", "d"},
            "Not all of them. Ask what comes out: a verdict about what was given, or "
            "something that was not there before?",
        ),
    ),
    hints=(
        "For each task ask what comes out: a label, or data of the kind that went in?",
        "Two of the four end with a class: broken or not, real or made.",
    ),
    why="A generative model learns what the data are like, p(x) or p(x | a condition), and can "
    "draw from it. A discriminative model learns p(y | x), a label for what is given.",
)
