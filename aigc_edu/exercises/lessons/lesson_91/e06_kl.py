"""kl(p, q) → (batch,), in nats, from two tables of shape (batch, outcomes)"""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p ‖ q) of each pair of rows, in nats; infinite where p needs what q forbids."""
    share = p * (p.log() - q.log())
    return torch.where(p > 0, share, torch.zeros_like(share)).sum(dim=1)


def _cases(generator: torch.Generator) -> list[Case]:
    def rows(batch: int, outcomes: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.softmax(normal(generator, batch, outcomes, dtype=dtype), dim=1)

    def without(probabilities: Tensor, outcome: int) -> Tensor:
        kept = probabilities.clone()
        kept[:, outcome] = 0
        return kept / kept.sum(dim=1, keepdim=True)

    return [
        Case("ordinary", (rows(5, 3), rows(5, 3)), weight=2),
        Case("one pair", (rows(1, 4), rows(1, 4))),
        Case("p is zero somewhere", (without(rows(3, 4), 1), rows(3, 4))),
        Case("q is zero where p is not", (rows(2, 5), without(rows(2, 5), 3))),
        Case("both are zero", (without(rows(3, 5), 2), without(rows(3, 5), 2))),
        Case("float64", (rows(4, 6, torch.float64), rows(4, 6, torch.float64))),
    ]


def _by_xlogy(p: Tensor, q: Tensor) -> Tensor:
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=1)


@mistake(
    "You leave out outcomes that q forbids. If p allows them the divergence is "
    "infinite; only where p is 0 is there nothing to add."
)
def _skips_both(p: Tensor, q: Tensor) -> Tensor:
    share = p * (p / q).log()
    return torch.where((p > 0) & (q > 0), share, torch.zeros_like(share)).sum(dim=1)


EXERCISE = Exercise(
    id="91.6",
    title="KL between tables with zeros",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=kl,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda p, q: (torch.xlogy(q, q) - torch.xlogy(q, p)).sum(dim=1),
            "The wrong direction: this is KL(q‖p). The average must be over p.",
        ),
        Mistake(
            lambda p, q: (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=1) / math.log(2),
            "That is in bits: a logarithm of base 2. The course counts in nats.",
        ),
        Mistake(
            lambda p, q: (p * (p / q).log()).sum(dim=1),
            "Right where nothing is zero. Where p is 0 the computer finds 0 · (−∞) and gives "
            "NaN; such an outcome never happens and adds nothing.",
        ),
        Mistake(
            lambda p, q: torch.xlogy(p, p / q).sum(dim=1),
            "Right, but for outcomes that both forbid: there the ratio is 0/0, and log q "
            "times 0 is no better. Both are NaN before you add them up.",
        ),
        Mistake(
            lambda p, q: (p * ((p + 1e-8) / (q + 1e-8)).log()).sum(dim=1),
            "A small number added inside the logarithm hides the case that matters: where q "
            "is 0 and p is not, the divergence is infinite, not large.",
        ),
        _skips_both,
        Mistake(
            lambda p, q: -torch.xlogy(p, q).sum(dim=1),
            "This is the cross-entropy −Σ p log q. The entropy of p is still to be "
            "subtracted: KL(p‖p) must be 0.",
        ),
        Mistake(
            lambda p, q: (torch.xlogy(p, p) - torch.xlogy(p, q)).mean(dim=1),
            "You averaged over the outcomes. They are weighted by p already, so they are summed.",
        ),
        Mistake(
            lambda p, q: (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=1).mean(),
            "One number for the whole batch: averaged too early. Return one value a row.",
        ),
    ),
    hints=(
        "Write line (39) for one row; then see what happens where p is 0 and where q is 0.",
        "p · log p goes to 0 when p does. So an outcome with p = 0 adds 0, whatever q says.",
        "torch.where, or torch.xlogy, which knows that 0 times log 0 is 0 here.",
    ),
    why="An outcome that p never produces cannot add anything; one that p produces and q "
    "forbids costs infinitely much. Adding a small number makes the second case look "
    "harmless.",
    also_right=(_by_xlogy,),
)
