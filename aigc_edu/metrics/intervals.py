"""How sure a share or a mean is."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class Interval(NamedTuple):
    """From ``low`` to ``high``."""

    low: float
    high: float


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """The Wilson score interval of a share: the shares that the count does not contradict.

    All p with ``|successes/trials - p| <= z * sqrt(p (1 - p) / trials)``. Unlike the textbook
    interval, whose width comes from the *observed* share, it never leaves [0, 1] and is not of
    width 0 where all answers were right.

    Args:
        successes: from 0 to ``trials``.
        trials: at least 1.
        confidence: between 0 and 1.

    Returns:
        An ``Interval``: (low, high), within [0, 1].

    Raises:
        ValueError: for counts or a confidence that cannot be.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference",
    Journal of the American Statistical Association 22.

    >>> low, high = wilson_interval(10, 10)
    >>> round(low, 3), high
    (0.722, 1.0)
    """
    from scipy.special import ndtri  # type: ignore[import-untyped]

    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"successes must be from 0 to trials, got {successes} of {trials}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not be {confidence}")
    z = float(ndtri(0.5 + confidence / 2))
    share = successes / trials
    shrink = 1 + z**2 / trials
    middle = (share + z**2 / (2 * trials)) / shrink
    reach = z / shrink * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    # At the ends the formula is exact; only rounding would leave them.
    low = 0.0 if successes == 0 else max(0.0, middle - reach)
    high = 1.0 if successes == trials else min(1.0, middle + reach)
    return Interval(low, high)


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """The mean of a few runs and half the width of Student's interval around it.

    ``t * s / sqrt(n)``, with s the standard deviation (divided by n - 1) and t the quantile of
    Student's distribution with n - 1 degrees of freedom: with three seeds t is 4.3, not 1.96. It
    takes for granted that the values are independent and roughly normal.

    Args:
        values: one a seed, at least one.
        confidence: between 0 and 1.

    Returns:
        The mean and half the interval's width; infinite for a single value.

    Raises:
        ValueError: for no value, values that are not finite, or a confidence that cannot be.

    Source: Student 1908, "The Probable Error of a Mean", Biometrika 6(1).

    >>> mean, half_width = mean_interval([1.0, 2.0, 3.0])
    >>> mean, round(half_width, 3)
    (2.0, 2.484)
    """
    from scipy.special import stdtrit

    if not len(values) or not all(math.isfinite(value) for value in values):
        raise ValueError("values must be finite numbers, at least one")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not be {confidence}")
    count = len(values)
    mean = math.fsum(values) / count
    if count == 1:
        return mean, math.inf
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    return mean, float(stdtrit(count - 1, 0.5 + confidence / 2)) * spread / math.sqrt(count)
