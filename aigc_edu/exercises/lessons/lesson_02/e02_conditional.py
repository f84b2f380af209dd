"""conditional(counts) → p(y|x), shaped as counts: x in the rows, y in the columns"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def conditional(counts: Tensor) -> Tensor:
    """p(y | x) from a table of counts with x in the rows and y in the columns."""
    return counts / counts.sum(dim=1, keepdim=True)  # (values of x, labels)


def _cases(generator: torch.Generator) -> list[Case]:
    def table(rows: int, columns: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.randint(1, 40, (rows, columns), generator=generator).to(dtype)

    zeros = table(5, 2)
    zeros[1, 0] = zeros[3, 1] = 0.0
    return [
        Case("ordinary", (table(6, 2),), weight=2),
        Case("three labels", (table(4, 3),)),
        Case("one value of x", (table(1, 5),)),
        Case("an empty cell", (zeros,)),
        Case("float64", (table(3, 7, torch.float64),)),
    ]


def _by_bayes(counts: Tensor) -> Tensor:
    joint = counts / counts.sum()
    return torch.exp(joint.log() - joint.sum(1, keepdim=True).log())


@mistake(
    "You treated the labels as equally frequent: this is Bayes' rule with the prior p(y) left out."
)
def _prior(counts: Tensor) -> Tensor:
    table = counts / counts.sum(dim=0, keepdim=True)  # p(x | y)
    return table / table.sum(dim=1, keepdim=True)


EXERCISE = Exercise(
    id="2.2",
    title="From the joint table to p(y|x)",
    kind="function",
    prompt=__doc__,
    points=1,
    difficulty=1,
    minutes=4,
    reference=conditional,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda counts: counts / counts.sum(),
            "You divided by the total: this is the joint p(x, y). Given x, the labels of "
            "that one row must sum to 1.",
        ),
        Mistake(
            lambda counts: counts / counts.sum(dim=0, keepdim=True),
            "This is p(x|y): your columns sum to 1. It answers the question the other way "
            "round, how wide the ones are, and not which digit a wide one is.",
        ),
        Mistake(
            lambda counts: counts.softmax(dim=1),
            "A softmax is for logits. Counts are already proportional to probabilities: "
            "dividing is enough.",
        ),
        _prior,
        Mistake(
            lambda counts: (counts.sum(dim=0) / counts.sum()).expand(counts.shape).clone(),
            "This is p(y), the same in each row: it does not look at x at all.",
        ),
    ),
    hints=(
        "p(y|x) = p(x, y) / p(x). Where is p(x) in the table?",
        "p(x) is a sum over the labels, so over dimension 1. The total cancels.",
        "Divide each row by its own sum; keepdim=True lets the shapes fit.",
    ),
    why="Conditioning on x means looking at one row and nothing else. That is why p(y|x) has "
    "forgotten how frequent each x was, and cannot be turned back into the table.",
    also_right=(_by_bayes,),
)
