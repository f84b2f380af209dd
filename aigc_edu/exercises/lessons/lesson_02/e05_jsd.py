"""jsd(p, q) → (...), in nats, from probabilities over the last dimension"""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal
from aigc_edu.objectives import jensen_shannon


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> Pair:
        p = (1.5 * normal(generator, *shape, dtype=dtype)).softmax(-1)
        return p, (1.5 * normal(generator, *shape, dtype=dtype)).softmax(-1)

    p, q = pair(4, 5)
    p[:, 0] = 0.0
    q[:, 3] = 0.0
    p[:, 2], q[:, 2] = 0.0, 0.0  # an outcome that neither has
    apart = torch.tensor([[0.25, 0.75, 0.0], [1.0, 0.0, 0.0]])
    other = torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.5, 0.5]])
    return [
        Case("ordinary", pair(3, 5), weight=2),
        Case("with zeros", (p / p.sum(-1, keepdim=True), q / q.sum(-1, keepdim=True)), weight=2),
        Case("nothing in common", (apart, other)),
        Case("one pair", pair(6)),
        Case("float64", pair(2, 7, dtype=torch.float64)),
    ]


def _entropies(p: Tensor, q: Tensor) -> Tensor:
    entropy = torch.special.entr
    divergence: Tensor = (entropy((p + q) / 2) - entropy(p) / 2 - entropy(q) / 2).sum(-1)
    return divergence


def _xlogy_kl(p: Tensor, q: Tensor) -> Tensor:
    divergence: Tensor = (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).sum(-1)
    return divergence


@mistake(
    "The mixture is p + q in your answer, which sums to 2: a half is missing, and "
    "the result is too small by log 2."
)
def _unhalved_mixture(p: Tensor, q: Tensor) -> Tensor:
    m = p + q
    return 0.5 * (_xlogy_kl(p, m) + _xlogy_kl(q, m))


@mistake(
    "The KLs are the wrong way round: KL(m‖p) is infinite where p is 0. The mixture comes second."
)
def _wrong_way(p: Tensor, q: Tensor) -> Tensor:
    m = 0.5 * (p + q)
    return 0.5 * (_xlogy_kl(m, p) + _xlogy_kl(m, q))


@mistake(
    "The formula is right, and 0 · log 0 is NaN in floating point. An outcome of "
    "probability 0 must add 0: torch.special.xlogy does that."
)
def _not_a_number(p: Tensor, q: Tensor) -> Tensor:
    m = 0.5 * (p + q)
    return 0.5 * ((p * (p / m).log()).sum(-1) + (q * (q / m).log()).sum(-1))


@mistake(
    "Right, but for outcomes that neither has: there p/m is 0/0, NaN before the "
    "logarithm is taken. Let p log p and p log m stand apart."
)
def _ratio_of_zeros(p: Tensor, q: Tensor) -> Tensor:
    m = 0.5 * (p + q)
    each: Tensor = torch.special.xlogy(p, p / m) + torch.special.xlogy(q, q / m)
    return 0.5 * each.sum(-1)


EXERCISE = Exercise(
    id="2.5",
    title="Jensen–Shannon with zeros",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=jensen_shannon,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda p, q: jensen_shannon(p, q) / math.log(2),
            "This is in bits (log2). In nats the largest value is log 2 = 0.693, not 1.",
        ),
        Mistake(
            lambda p, q: jensen_shannon(p, q).sqrt(),
            "This is the square root, the Jensen–Shannon *distance* that SciPy returns.",
        ),
        Mistake(
            lambda p, q: 2 * jensen_shannon(p, q),
            "You added the two KLs. Line (25) takes half of each.",
        ),
        _unhalved_mixture,
        Mistake(
            lambda p, q: _xlogy_kl(p, 0.5 * (p + q)),
            "This is KL(p‖m) alone. The other half, KL(q‖m), is missing.",
        ),
        _wrong_way,
        Mistake(
            lambda p, q: 0.5 * (_xlogy_kl(p, q) + _xlogy_kl(q, p)),
            "This is the mean of KL(p‖q) and KL(q‖p), without a mixture. It is infinite as "
            "soon as one of them is 0 where the other is not.",
        ),
        _not_a_number,
        _ratio_of_zeros,
    ),
    hints=(
        "First the mixture m, half of each. Then two KLs to m, and half of each.",
        "KL(p‖m) is a sum of p log p − p log m. What is 0 · log 0 to be?",
        "torch.special.xlogy(p, m) is p log m, and 0 where p is 0.",
    ),
    why="The mixture is positive wherever p or q is, so no logarithm is ever infinite. That "
    "is what bounds the result by log 2, reached when the two have nothing in common.",
    also_right=(_entropies,),
)
