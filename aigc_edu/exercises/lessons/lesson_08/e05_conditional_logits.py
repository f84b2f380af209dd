"""conditional_logits(features, logits, embedding, labels) → (batch,)"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def conditional_logits(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    """(batch,): the logit without a label, plus features times the label's own vector."""
    return logits + (embedding[labels] * features).sum(dim=1)


def _cases(generator: torch.Generator) -> list[Case]:
    def case(
        name: str,
        labels: list[int],
        classes: int,
        size: int,
        weight: float = 1.0,
        dtype: torch.dtype = torch.float32,
    ) -> Case:
        def normal(*shape: int) -> Tensor:
            return torch.randn(shape, generator=generator, dtype=dtype)

        batch = len(labels)
        args = (normal(batch, size), normal(batch), normal(classes, size), torch.tensor(labels))
        return Case(name, args, weight=weight)

    return [
        case("ordinary", [3, 0, 4, 1, 3], 6, 7, weight=2),
        case("batch of one", [2], 4, 5),
        case("as many images as classes and features", [1, 2, 0], 3, 3),
        case("only one digit", [4, 4], 5, 6),
        case("float64", [1, 0, 2], 4, 5, dtype=torch.float64),
    ]


def _by_one_hot(features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor) -> Tensor:
    picked = F.one_hot(labels, len(embedding)).to(features)  # (batch, classes)
    return logits + torch.einsum("bc,cf,bf->b", picked, embedding, features)


@mistake(
    "You took the vectors in the order of the images. Each image wants the vector of its own label."
)
def _first_rows(features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor) -> Tensor:
    rows = torch.arange(len(labels)) % len(embedding)
    return conditional_logits(features, logits, embedding, rows)


EXERCISE = Exercise(
    id="8.5",
    title="A verdict on image and label",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=conditional_logits,
    cases=_cases,
    gradient=True,
    mistakes=(
        _first_rows,
        Mistake(
            lambda features, logits, embedding, labels: (
                logits + (embedding[labels] * features).mean(dim=1)
            ),
            "You took the mean over the features. An inner product is a sum: with the mean the "
            "label's word would weigh thousands of times less.",
        ),
        Mistake(
            lambda features, logits, embedding, labels: (embedding[labels] * features).sum(dim=1),
            "The logit without a label is missing: it says whether this is a digit at all.",
        ),
        Mistake(
            lambda features, logits, embedding, labels: logits[:, None] + features @ embedding.mT,
            "This is a verdict for every class: (batch, classes). Wanted is the one for the "
            "label that the image came with.",
        ),
        Mistake(
            lambda features, logits, embedding, labels: (
                logits + labels.to(logits) * features.sum(dim=1)
            ),
            "You used the label as a number: then 8 counts twice as much as 4, and 0 not at "
            "all. It is to pick a row of the embedding.",
        ),
        Mistake(
            lambda features, logits, embedding, labels: logits + embedding[labels].sum(dim=1),
            "The label's vector is added up without the features: then the label alone would "
            "move the verdict, whatever the image shows.",
        ),
        Mistake(
            lambda features, logits, embedding, labels: (
                logits + (embedding[labels] * features).sum()
            ),
            "The sum runs over the whole batch, so every image hears all labels. Sum over the "
            "features of one image.",
        ),
        Mistake(
            lambda features, logits, embedding, labels: (
                logits[:, None] + features @ embedding[labels].mT
            ),
            "This compares every image with every label of the batch: (batch, batch). Wanted "
            "is each image with its own.",
        ),
    ),
    hints=(
        "The embedding has one row a class. Which rows, and how many of them, go with this batch?",
        "Pick a row for each label, multiply it with the image's features element by element, "
        "sum over the features, and add the logit.",
    ),
    why="The inner product asks how much this image looks like that digit, and the logit how "
    "much it looks like any. Both share the features, so the label costs one vector a class.",
    also_right=(_by_one_hot,),
)
