"""losses 0.0002 and 9.6, shares fine, pictures stopped improving: what first?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="7.14",
    title="Read the signs",
    kind="choice",
    prompt=__doc__,
    points=2,
    difficulty=2,
    minutes=4,
    reference="b",
    choices={
        "a": "Train longer: a generator's loss of 9.6 has far to fall",
        "b": "Look for what gives the generated images away, then slow the discriminator down",
        "c": "Raise the learning rate of both, to get things moving",
        "d": "Nothing: a discriminator's loss near 0 is what training is for",
    },
    mistakes=(
        Mistake(
            "a",
            "The discriminator tells every image for certain, so what the generator hears is "
            "little and one-sided: more of the same keeps it there.",
        ),
        Mistake(
            "c",
            "A faster discriminator wins even more clearly; the imbalance is what needs mending.",
        ),
        Mistake(
            "d",
            "For a classifier it would be. Here it means that one player has stopped teaching "
            "the other.",
        ),
    ),
    hints=(
        "What would the two losses be if the discriminator could not tell? 1.386 and 0.693.",
        "A loss of 0.0002 means certain and right for all images. What could make that so easy?",
    ),
    why="A discriminator this sure has usually found something silly: a range, a blank "
    "border, a fixed gray level. Only if there is nothing of that kind is it simply too fast.",
)
