"""accuracy(logits, labels) → the share of right answers, a float32 tensor without dimensions"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.lessons.inputs import normal


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Share of the examples whose largest logit is that of their label."""
    return (logits.argmax(dim=1) == labels).float().mean()


def _cases(generator: torch.Generator) -> list[Case]:
    def batch(count: int, classes: int) -> tuple[Tensor, Tensor]:
        labels = torch.randint(classes, (count,), generator=generator)
        signal = 2.0 * F.one_hot(labels, classes)
        return signal + 1.2 * normal(generator, count, classes), labels

    certain, labels = batch(6, 4)
    low, low_labels = batch(40, 5)
    return [
        Case("ordinary", batch(60, 10), weight=2),
        Case("as many examples as classes", batch(10, 10)),
        Case("two classes", batch(30, 2)),
        Case("all right", (certain + 50 * F.one_hot(labels, 4), labels)),
        Case("negative logits", (low - 9, low_labels)),
    ]


def _by_count(logits: Tensor, labels: Tensor) -> Tensor:
    right = (logits.softmax(dim=1).topk(1).indices[:, 0] == labels).sum()
    return right / len(labels)


EXERCISE = Exercise(
    id="90.8",
    title="Accuracy from logits",
    kind="function",
    prompt=__doc__,
    reference=accuracy,
    cases=_cases,
    points=2,
    difficulty=1,
    minutes=6,
    mistakes=(
        Mistake(
            lambda logits, labels: (logits.argmax(dim=0) == labels).float().mean(),
            "argmax over dim 0 asks which image has most of a class. Which class has most of "
            "an image?",
        ),
        Mistake(
            lambda logits, labels: (logits.argmax(dim=1) == labels).mean(),
            "True and False have no mean in PyTorch: make them floats first.",
        ),
        Mistake(
            lambda logits, labels: (logits.argmax(dim=1) == labels).float().sum(),
            "That is how many are right; the share is asked.",
        ),
        Mistake(
            lambda logits, labels: (logits.argmax(dim=1) != labels).float().mean(),
            "That is the share of wrong answers.",
        ),
        Mistake(
            lambda logits, labels: 100 * (logits.argmax(dim=1) == labels).float().mean(),
            "That is in percent; a share lies between 0 and 1.",
        ),
        Mistake(
            lambda logits, labels: (logits.argmax(dim=1, keepdim=True) == labels).float().mean(),
            "A column of guesses met a row of labels, so each guess was compared with every "
            "label: section 3 again.",
        ),
        Mistake(
            lambda logits, labels: (logits.max(dim=1).values == labels).float().mean(),
            "You compared the largest logit's value with the label. Where it stands is what "
            "counts.",
        ),
    ),
    hints=(
        "Softmax keeps the order, so the largest logit has the largest probability.",
        "argmax tells where the largest element stands; comparing with == gives True and False.",
    ),
    why="The order of the logits decides, so no probability is needed. A comparison gives "
    "booleans, and their mean as floats is a share.",
    also_right=(_by_count,),
)
