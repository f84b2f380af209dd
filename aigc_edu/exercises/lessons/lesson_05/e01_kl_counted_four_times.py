"""One letter: what changes when β goes from 1 to 4?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="5.1",
    title="Predict: a KL that counts four times",
    kind="prediction",
    prompt=__doc__,
    reference="b",
    choices={
        "a": "rebuilt images get sharper and the KL falls: a tidy code is a good code",
        "b": "rebuilt images get blurrier and the KL falls: less is said about each image",
        "c": "rebuilt images get blurrier and the KL grows: it has more weight",
        "d": "nothing much: the best networks are the same, only the loss is larger",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "a",
            "The decoder knows of the image only what the code says. If a smaller KL is "
            "bought, can the decoder then know more?",
        ),
        Mistake(
            "c",
            "Training makes the loss small. What happens to a thing whose price is raised?",
        ),
        Mistake(
            "d",
            "Multiplying the whole loss would change nothing. Here one term is multiplied and "
            "the other is not, so the best balance between them moves.",
        ),
    ),
    hints=(
        "The KL is a price, in nats, for what the code says about its image.",
        "With a higher price less is bought. What does the decoder then have to work with?",
    ),
    why="The KL is the price of information, and a fourfold price makes the encoder say less, "
    "so the decoder must guess more. What the images lose, the prior gains: codes of real "
    "images then lie closer to where the prior draws.",
)
