"""standard_error(samples) → (columns,), from samples of shape (n, columns)"""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.lessons.inputs import normal


def standard_error(samples: Tensor) -> Tensor:
    """Standard error of the average over the first dimension: (n, columns) → (columns,)."""
    return samples.std(dim=0) / math.sqrt(len(samples))


def _cases(generator: torch.Generator) -> list[Case]:
    return [
        Case("ordinary", (3 * normal(generator, 9, 4) + 1,), weight=2),
        Case("two draws", (normal(generator, 2, 3),)),
        Case("many draws", (0.2 * normal(generator, 60, 2) - 4,)),
        Case("float64", (normal(generator, 7, 5, dtype=torch.float64),)),
    ]


def _in_steps(samples: Tensor) -> Tensor:
    squares = (samples - samples.mean(dim=0)).square().sum(dim=0)
    return (squares / (samples.shape[0] * (samples.shape[0] - 1))).sqrt()


EXERCISE = Exercise(
    id="91.5",
    title="The standard error of an average",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=5,
    reference=standard_error,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda samples: samples.std(dim=0),
            "This is how far a single draw scatters. The average of n draws scatters less.",
        ),
        Mistake(
            lambda samples: samples.var(dim=0) / math.sqrt(len(samples)),
            "You divided the variance by √n. The variance goes with n, the standard "
            "deviation with √n.",
        ),
        Mistake(
            lambda samples: samples.std(dim=0) / len(samples),
            "You divided by n instead of √n: variances of independent draws add, standard "
            "deviations do not.",
        ),
        Mistake(
            lambda samples: samples.var(dim=0) / len(samples),
            "This is the variance of the average; its square root is missing.",
        ),
        Mistake(
            lambda samples: samples.std(dim=0, correction=0) / math.sqrt(len(samples)),
            "A little too small: you divided the squares by n. Their mean was fitted to the "
            "same draws, so it is n − 1, line (37).",
        ),
        Mistake(
            lambda samples: samples.std(dim=0) / math.sqrt(len(samples) - 1),
            "samples.std() has the n − 1 in it already. The average is over n draws: divide by √n.",
        ),
        Mistake(
            lambda samples: samples.std(dim=0) / math.sqrt(samples.shape[1]),
            "You divided by the root of the number of columns. The draws that are averaged "
            "are the rows.",
        ),
        Mistake(
            lambda samples: samples.std(dim=1) / math.sqrt(samples.shape[1]),
            "You took the columns for draws. The draws are in dimension 0.",
        ),
        Mistake(
            lambda samples: samples.std() / math.sqrt(samples.numel()),
            "One number for everything: each column is a quantity of its own.",
        ),
    ),
    hints=(
        "Line (34) says what the variance of an average is. What is its root?",
        "The standard deviation of one draw is estimated from the draws, over dimension 0.",
        "Then divide by the square root of the number of draws.",
    ),
    why="Variances of independent draws add, so the variance of an average falls like 1/n and "
    "its standard deviation like 1/√n. One more digit costs a hundred times the draws.",
    also_right=(_in_steps,),
)
