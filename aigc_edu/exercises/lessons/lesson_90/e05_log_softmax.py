"""log_softmax(logits) → (batch, classes), exact also for logits of ±500"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def log_softmax(logits: Tensor) -> Tensor:
    """Logarithms of the softmax probabilities of each row, exact for every logit."""
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


def _cases(generator: torch.Generator) -> list[Case]:
    def logits(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return 2 * normal(generator, *shape, dtype=dtype)

    large = logits(3, 4)
    large[0] += 300
    large[1] -= 300
    large[2, 1] += 500
    return [
        Case("ordinary", (logits(5, 3),), weight=2),
        Case("batch of one", (logits(1, 10),)),
        Case("large logits", (large,)),
        Case("equal logits", (torch.full((2, 6), 7.0),)),
        Case("float64", (logits(4, 7, dtype=torch.float64),)),
    ]


def _softmax_by_hand(logits: Tensor) -> Tensor:
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


def _softmax_by_torch(logits: Tensor) -> Tensor:
    return F.log_softmax(logits, dim=1)


@mistake(
    "Right for small logits. But exp(300) does not fit into float32: it is infinite, "
    "and infinite through infinite is NaN."
)
def _of_exponentials(logits: Tensor) -> Tensor:
    grown = logits.exp()
    return (grown / grown.sum(dim=1, keepdim=True)).log()


@mistake(
    "You subtracted the largest logit of the whole batch. A row far below it still "
    "underflows: each row needs its own maximum."
)
def _softmax_one_maximum(logits: Tensor) -> Tensor:
    shifted = logits - logits.max()
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@mistake("The maximum was taken out of the exponentials and never put back.")
def _softmax_half_shifted(logits: Tensor) -> Tensor:
    largest = logits.max(dim=1, keepdim=True).values
    return logits - (logits - largest).exp().sum(dim=1, keepdim=True).log()


EXERCISE = Exercise(
    id="90.5",
    title="A logarithm that survives",
    kind="function",
    prompt=__doc__,
    reference=log_softmax,
    cases=_cases,
    gradient=True,
    points=3,
    difficulty=2,
    minutes=10,
    mistakes=(
        Mistake(
            lambda logits: logits.softmax(dim=1).log(),
            "Right for small logits. But a probability below 1e-45 is rounded to 0, and "
            "log 0 is minus infinity: do not go through the probability.",
        ),
        _of_exponentials,
        _softmax_one_maximum,
        Mistake(
            lambda logits: logits.log_softmax(dim=0),
            "Normalized over the batch: the probabilities of one example's classes must sum "
            "to 1, not those of one class over the examples.",
        ),
        Mistake(
            lambda logits: logits.softmax(dim=1),
            "These are the probabilities; their logarithm is asked.",
        ),
        Mistake(
            lambda logits: logits - torch.logsumexp(logits.flatten(), dim=0),
            "Here all probabilities of the batch together sum to 1; each row should.",
        ),
        _softmax_half_shifted,
    ),
    hints=(
        "Take the logarithm on paper first: log(e^a / Σ e^b) = a − log Σ e^b. What is left "
        "that can overflow?",
        "Adding the same number to all logits of a row changes nothing. Which number makes "
        "the largest exponential exactly 1?",
        "torch.logsumexp does the second half for you; mind dim and keepdim.",
    ),
    why="Taken on paper, the logarithm cancels the exponential, and shifting by the row's "
    "maximum keeps the rest finite. F.cross_entropy does the same, which is why it wants "
    "logits.",
    also_right=(_softmax_by_hand, _softmax_by_torch),
)
