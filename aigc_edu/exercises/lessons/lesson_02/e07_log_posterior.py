"""log_posterior(log_likelihoods, log_priors) → log p(y|x), (batch, classes)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal


def log_posterior(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    """log p(y | x) from log p(x | y), (batch, classes), and log p(y), (classes,)."""
    return (log_likelihoods + log_priors).log_softmax(dim=1)


def _cases(generator: torch.Generator) -> list[Case]:
    def pair(batch: int, classes: int, dtype: torch.dtype = torch.float32) -> Pair:
        likelihoods = 2 * normal(generator, batch, classes, dtype=dtype) - 5
        return likelihoods, normal(generator, classes, dtype=dtype).log_softmax(0)

    small, priors = pair(4, 3)
    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("batch of one", pair(1, 4)),
        Case("two classes", pair(6, 2)),
        # float32 keeps 300.0 to 3e-5 only: right answers may differ by that much.
        Case("as small as for images", (small - 300, priors), tolerance=(1e-3, 3e-4)),
        Case("float64", pair(3, 7, torch.float64)),
    ]


def _by_logsumexp(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    log_joint = log_likelihoods + log_priors
    return log_joint - torch.logsumexp(log_joint, dim=1, keepdim=True)


@mistake(
    "The formula is right and the arithmetic is not: exp(−300) is 0 in float32, and "
    "0/0 is NaN. Stay in logarithms."
)
def _underflows(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    joint = log_likelihoods.exp() * log_priors.exp()
    return (joint / joint.sum(dim=1, keepdim=True)).log()


@mistake(
    "Right but for one step: exp(−300) is 0 in float32, and the logarithm of that "
    "sum −∞. torch.logsumexp does the same without leaving the logarithms."
)
def _log_of_zero(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    log_joint = log_likelihoods + log_priors
    return log_joint - log_joint.exp().sum(dim=1, keepdim=True).log()


@mistake(
    "The normalizer leaves out the prior: log p(x) sums p(x|y) p(y), the same terms "
    "as above the line."
)
def _wrong_normalizer(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    normalizer = torch.logsumexp(log_likelihoods, dim=1, keepdim=True)
    return log_likelihoods + log_priors - normalizer


@mistake("You subtracted the sum of the logarithms. log p(x) is the logarithm of a sum.")
def _sum_of_logs(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    log_joint = log_likelihoods + log_priors
    return log_joint - log_joint.sum(dim=1, keepdim=True)


EXERCISE = Exercise(
    id="2.7",
    title="Bayes' rule in logarithms",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=log_posterior,
    cases=_cases,
    gradient=True,
    mistakes=(
        Mistake(
            lambda log_likelihoods, log_priors: log_likelihoods.log_softmax(dim=1),
            "The prior p(y) is missing: this takes all classes as equally frequent.",
        ),
        Mistake(
            lambda log_likelihoods, log_priors: log_likelihoods + log_priors,
            "This is log p(x, y), not normalized. The most probable class is the same, but "
            "these are no probabilities of labels: subtract log p(x).",
        ),
        Mistake(
            lambda log_likelihoods, log_priors: (log_likelihoods + log_priors).softmax(dim=1),
            "These are the probabilities; asked are their logarithms.",
        ),
        Mistake(
            lambda log_likelihoods, log_priors: (log_likelihoods + log_priors).log_softmax(dim=0),
            "You normalized over the batch (dimension 0). For each x the classes, in "
            "dimension 1, must sum to 1.",
        ),
        _underflows,
        _log_of_zero,
        _wrong_normalizer,
        _sum_of_logs,
        Mistake(
            lambda log_likelihoods, log_priors: (log_likelihoods + log_priors.exp()).log_softmax(
                dim=1
            ),
            "You added the prior itself to a logarithm. Multiplying by p(y) adds log p(y).",
        ),
        Mistake(
            lambda log_likelihoods, log_priors: (log_likelihoods * log_priors).log_softmax(dim=1),
            "You multiplied the logarithms. A product of probabilities is a *sum* of logarithms.",
        ),
    ),
    hints=(
        "Line (3) in logarithms: a product becomes a sum, the division a difference.",
        "What is subtracted is log p(x), the logarithm of a sum of exponentials over classes.",
        "torch.logsumexp with keepdim=True; or one call that adds and normalizes: log_softmax.",
    ),
    why="In logarithms nothing underflows, however many pixels there are. The normalizer "
    "that is subtracted is log p(x): a generative classifier gets it for nothing, and a "
    "discriminative one never knows it.",
    also_right=(_by_logsumexp,),
)
