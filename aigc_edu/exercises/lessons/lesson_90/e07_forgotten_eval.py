"""One letter: what happens without model.eval(), inside torch.no_grad()?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="90.7",
    title="Forgotten eval",
    kind="choice",
    prompt=__doc__,
    reference="b",
    choices={
        "a": "Nothing: no_grad already switches dropout and batch normalization off.",
        "b": "An image's logits are noisy, depend on the other images of the batch, and the "
        "running statistics drift towards the test data.",
        "c": "The weights are trained on the test images.",
        "d": "Only the memory suffers: the graph of every batch is kept.",
    },
    points=2,
    difficulty=1,
    minutes=3,
    mistakes=(
        Mistake(
            "a",
            "no_grad and eval are two different switches: one stops the recording, the other "
            "changes what the layers compute.",
        ),
        Mistake(
            "c",
            "Weights change in optimizer.step() only. What batch normalization updates while "
            "it looks are its running statistics, and those are no weights.",
        ),
        Mistake(
            "d",
            "That would be a missing no_grad, and it is there. Eval is about what the layers "
            "compute.",
        ),
    ),
    hints=(
        "Which of the two switches makes dropout stop?",
        "In train mode batch normalization uses the mean of the batch in front of it, and "
        "writes it down.",
    ),
    why="eval() changes what layers compute, no_grad() what is recorded. A measurement needs both.",
)
