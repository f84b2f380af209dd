"""all that must be saved so that a resumed run gives the same weights"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="7.13",
    title="What a checkpoint must hold",
    kind="choice",
    prompt=__doc__,
    points=2,
    difficulty=2,
    minutes=5,
    reference={"a", "b", "c", "d"},
    choices={
        "a": "the weights of generator and discriminator",
        "b": "the optimizers' states",
        "c": "the place in the shuffled data, and the order that follows",
        "d": "the state of the random generator that draws the latents",
        "e": "the batch of images that was shown last",
        "f": "the gradients of the last step",
    },
    mistakes=(
        Mistake(
            {"a"},
            "That is what most people save. Adam then starts without its running averages, "
            "and the data and the noise start again from the beginning.",
        ),
        Mistake(
            {"a", "b"},
            "The networks go on rightly, but see other images and other noise than they would "
            "have: what decides those?",
        ),
        Mistake(
            {"a", "b", "c"},
            "The real images are the same again; the generated ones start from other noise.",
        ),
        Mistake(
            {"a", "b", "d"},
            "The noise is the same again, but the real images start a new pass: some come "
            "twice, others not at all.",
        ),
        Mistake(
            {"a", "c", "d"},
            "Adam remembers averages of past gradients for each weight; without them the next "
            "steps are different ones.",
        ),
        Mistake(
            {"a", "b", "c", "d", "e"},
            "One too many: the next step draws its own batch. It needs the place in the data, "
            "not the last images.",
        ),
        Mistake(
            {"a", "b", "c", "d", "f"},
            "One too many: the next step clears the gradients before it computes its own.",
        ),
        Mistake(
            {"a", "b", "c", "d", "e", "f"},
            "Two of these are not needed: what the next step clears or draws anew need not be "
            "kept.",
        ),
    ),
    hints=(
        "Go through the loop and ask of each line what it remembers from the step before.",
        "Two networks, two optimizers, one stream of images, one stream of noise. Gradients "
        "are cleared before they are used.",
    ),
    why="Everything that carries over from one step to the next is kept, and nothing else. "
    "The lesson's checkpoint adds the averaged generator, because it carries over too.",
)
