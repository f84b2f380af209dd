"""log_posterior(log_prior, log_likelihood) → (batch, hypotheses), normalized"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def log_posterior(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    """Log-probability of each hypothesis given each observation, (batch, hypotheses)."""
    joint = log_prior + log_likelihood
    return joint - torch.logsumexp(joint, dim=1, keepdim=True)


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(
        batch: int, hypotheses: int, shift: float = 0.0, dtype: torch.dtype = torch.float32
    ) -> Pair:
        log_prior = torch.log_softmax(normal(generator, hypotheses, dtype=dtype), dim=0)
        return log_prior, 2 * normal(generator, batch, hypotheses, dtype=dtype) - 3 + shift

    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("one observation", pair(1, 4)),
        Case("as small as for images", pair(4, 3, shift=-500.0)),
        Case("float64", pair(2, 6, dtype=torch.float64)),
    ]


def _by_softmax(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    return torch.log_softmax(log_prior + log_likelihood, dim=1)


@mistake(
    "You normalized over the batch (dimension 0). It is the hypotheses, dimension 1, "
    "whose probabilities sum to 1."
)
def _other_axis(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    joint = log_prior + log_likelihood
    return joint - torch.logsumexp(joint, dim=0, keepdim=True)


@mistake(
    "The formula is right and the arithmetic is not: exp(−500) is 0 in float32, and "
    "0/0 is no number. Stay with logarithms."
)
def _underflows(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    joint = log_prior.exp() * log_likelihood.exp()
    return (joint / joint.sum(dim=1, keepdim=True)).log()


@mistake(
    "Right but for one step: exp(−500) is 0 in float32, and the logarithm of that sum "
    "−∞. torch.logsumexp does the same without leaving the logarithms."
)
def _log_of_zero(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    joint = log_prior + log_likelihood
    return joint - joint.exp().sum(dim=1, keepdim=True).log()


@mistake(
    "You divided the logarithm by a sum of logarithms. Dividing probabilities means "
    "subtracting one logarithm, that of the sum of the probabilities."
)
def _divided(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    joint = log_prior + log_likelihood
    return joint / joint.sum(dim=1, keepdim=True)


EXERCISE = Exercise(
    id="91.2",
    title="Bayes' rule in log space",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=log_posterior,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda log_prior, log_likelihood: log_prior + log_likelihood,
            "You forgot to normalize: this is the joint log-probability. The posterior's "
            "probabilities sum to 1 in each row.",
        ),
        Mistake(
            lambda log_prior, log_likelihood: (
                log_likelihood - torch.logsumexp(log_likelihood, dim=1, keepdim=True)
            ),
            "The prior is missing: this answers as if all hypotheses had been equally likely.",
        ),
        _other_axis,
        _underflows,
        _log_of_zero,
        Mistake(
            lambda log_prior, log_likelihood: (
                log_prior + log_likelihood - torch.logsumexp(log_likelihood, dim=1, keepdim=True)
            ),
            "The normalizer leaves out the prior: the denominator of line (10) sums the same "
            "products as stand above it.",
        ),
        Mistake(
            lambda log_prior, log_likelihood: torch.log_softmax(
                log_prior.exp() + log_likelihood, dim=1
            ),
            "You added the prior itself to a logarithm. What you are given is its logarithm "
            "already.",
        ),
        Mistake(
            lambda log_prior, log_likelihood: torch.softmax(log_prior + log_likelihood, dim=1),
            "These are the probabilities themselves; asked are their logarithms.",
        ),
        Mistake(
            lambda log_prior, log_likelihood: torch.log_softmax(log_prior * log_likelihood, dim=1),
            "You multiplied the logarithms. Probabilities multiply, so their logarithms add.",
        ),
        _divided,
    ),
    hints=(
        "Take the logarithm of both sides of line (10). What becomes of the product, and of "
        "the quotient?",
        "The denominator is a sum of probabilities; you need its logarithm without ever "
        "leaving log space.",
        "torch.logsumexp over the hypotheses, with keepdim=True, is that logarithm.",
    ),
    why="Products become sums, and only the denominator has to leave log space for a moment. "
    "torch.logsumexp does so after subtracting the largest entry, so nothing underflows.",
    also_right=(_by_softmax,),
)
