"""Student's interval against SciPy's own, and by how often it holds the truth."""

import math

import pytest
import torch
from scipy import stats

from aigc_edu.metrics import mean_interval


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("count", [2, 3, 5, 30])
def test_equal_to_scipy(count: int, confidence: float) -> None:
    values = torch.randn(count, generator=torch.Generator().manual_seed(count)).double() * 3 + 7
    mean, half_width = mean_interval(values.tolist(), confidence)
    low, high = stats.t.interval(
        confidence, count - 1, loc=values.mean().item(), scale=stats.sem(values.numpy())
    )
    assert mean == pytest.approx((low + high) / 2, rel=1e-12)
    assert half_width == pytest.approx((high - low) / 2, rel=1e-9)


def test_nineteen_of_twenty_hold_the_truth() -> None:
    draws = torch.randn(2000, 3, generator=torch.Generator().manual_seed(0)).double()
    held = 0
    for row in draws.tolist():
        mean, half_width = mean_interval(row)
        held += abs(mean) <= half_width
    assert held / 2000 == pytest.approx(0.95, abs=0.015)


def test_edges() -> None:
    assert mean_interval([4.0]) == (4.0, math.inf)
    assert mean_interval([4.0, 4.0]) == (4.0, 0.0)
    for bad in ([], [1.0, math.nan], [math.inf, 1.0]):
        with pytest.raises(ValueError, match="values must be"):
            mean_interval(bad)
    for confidence in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="confidence"):
            mean_interval([1.0, 2.0], confidence)
