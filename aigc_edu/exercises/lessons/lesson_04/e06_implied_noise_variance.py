"""implied_noise_variance(pixels, beta) → a number"""

import math

import torch

from aigc_edu.exercises import Case, Exercise, Mistake


def implied_noise_variance(pixels: int, beta: float) -> float:
    """The decoder's variance for which (mean square over pixels) + beta * KL is -ELBO."""
    return pixels * beta / 2


def _cases(generator: torch.Generator) -> list[Case]:
    beta = float(torch.rand((), generator=generator)) + 1.5
    return [
        Case("digits", (784, beta), weight=2),
        Case("beta of one", (784, 1.0)),
        Case("a color photograph", (3 * 64 * 64, 0.25)),
        Case("one pixel", (1, beta / 7)),
    ]


def _in_steps(pixels: int, beta: float) -> float:
    scale = 1 / beta  # divide the loss by beta, so that the KL term stands alone
    return 1 / (2 * scale / pixels)


EXERCISE = Exercise(
    id="4.6",
    title="What a mean over pixels implies",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=implied_noise_variance,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda pixels, beta: pixels * beta,
            "Twice too large: the Gaussian's exponent is ‖x − x̂‖²/(2σ²), with a 2.",
        ),
        Mistake(
            lambda pixels, beta: beta / 2,
            "That would be right if the squares were summed. Their mean divides by the "
            "number of pixels.",
        ),
        Mistake(
            lambda pixels, beta: pixels / (2 * beta),
            "β is on the wrong side: a dearer KL acts like a noisier decoder, so the "
            "variance grows with β.",
        ),
        Mistake(
            lambda pixels, beta: beta / (2 * pixels),
            "The number of pixels is on the wrong side: a mean makes errors count less, as a "
            "larger noise variance does.",
        ),
        Mistake(
            lambda pixels, beta: 2 / (pixels * beta),
            "This is the precision, one over the variance.",
        ),
        Mistake(
            lambda pixels, beta: math.sqrt(pixels * beta / 2),
            "This is the standard deviation; asked is the variance.",
        ),
        Mistake(
            lambda pixels, beta: pixels / 2,
            "β is not in it. Divide the whole loss by β first, so that the KL stands alone.",
        ),
    ),
    hints=(
        "A loss may be multiplied by any positive number: the best networks stay the best.",
        "Divide by β, so that the KL has weight 1 as in −ELBO. What stands before ‖x − x̂‖² then?",
        "It must equal one over twice the variance.",
    ),
    why="Averaging over pixels is a β of its own. With 784 pixels and β = 1 the decoder is "
    "told to expect a noise variance of 392 on pixels that lie between 0 and 1.",
    also_right=(_in_steps,),
)
