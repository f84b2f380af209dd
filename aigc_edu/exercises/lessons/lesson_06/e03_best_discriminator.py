"""best_discriminator(log_p_data, log_p_model) → probabilities, same shape"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal
from aigc_edu.objectives import optimal_discriminator


def _cases(generator: torch.Generator) -> list[Case]:
    """Log-densities of the data and of the model at the same points."""

    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> Pair:
        return (
            -1 + normal(generator, *shape, dtype=dtype),
            -1 + normal(generator, *shape, dtype=dtype),
        )

    alike = -1 + normal(generator, 4)
    return [
        Case("ordinary", pair(6), weight=2),
        Case("one point", pair(1)),
        Case("a grid of points", pair(3, 4)),
        Case("where the two are alike", (alike, alike.clone())),
        Case(
            "far from both",
            (torch.tensor([-200.0, -300.0, -201.0]), torch.tensor([-201.0, -200.0, -200.0])),
        ),
        Case("float64", pair(5, dtype=torch.float64)),
    ]


def _by_softmax(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return torch.stack([log_p_data, log_p_model]).softmax(dim=0)[0]


EXERCISE = Exercise(
    id="6.3",
    title="The best discriminator",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=optimal_discriminator,
    cases=_cases,
    gradient=True,
    also_right=(_by_softmax,),
    mistakes=(
        Mistake(
            lambda log_p_data, log_p_model: (
                log_p_data.exp() / (log_p_data.exp() + log_p_model.exp())
            ),
            "Line (8) as it stands. Far from both densities it computes 0/0; rewrite it "
            "with the difference of the logarithms.",
        ),
        Mistake(
            lambda log_p_data, log_p_model: torch.sigmoid(log_p_model - log_p_data),
            "That is 1 − D*: the probability of being a fake. Swap the two.",
        ),
        Mistake(
            lambda log_p_data, log_p_model: (log_p_data - log_p_model).exp(),
            "The ratio of the densities is D*/(1 − D*), the odds. A probability is at most 1.",
        ),
        Mistake(
            lambda log_p_data, log_p_model: log_p_data - log_p_model,
            "That is the best logit of line (9). The probability is its sigmoid.",
        ),
        Mistake(
            lambda log_p_data, log_p_model: torch.sigmoid(log_p_data.exp() - log_p_model.exp()),
            "You took the difference of the densities. The logit is the difference of "
            "their logarithms.",
        ),
        Mistake(
            lambda log_p_data, log_p_model: log_p_data / (log_p_data + log_p_model),
            "a/(a + b) holds for the densities, not for their logarithms.",
        ),
        Mistake(
            lambda log_p_data, log_p_model: torch.sigmoid(torch.sigmoid(log_p_data - log_p_model)),
            "The sigmoid is applied twice.",
        ),
    ),
    hints=(
        "Divide line (8), above and below, by p_data: what is left is 1/(1 + p_model/p_data).",
        "p_model/p_data is the exponential of a difference of logarithms; then "
        "1/(1 + exp(−t)) has a name.",
    ),
    why="The best logit is the logarithm of the density ratio, so a trained discriminator "
    "is an estimate of p_data/p_model. That ratio is what the generator learns from.",
)
