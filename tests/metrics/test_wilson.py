"""Wilson's interval against SciPy's and by how often it holds the truth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from aigc_edu.metrics import wilson_interval


@given(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
)
def test_equal_to_scipy(counts: tuple[int, int], confidence: float) -> None:
    successes, trials = counts
    expected = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    found = wilson_interval(successes, trials, confidence)
    assert found == (
        pytest.approx(expected.low, abs=1e-12),
        pytest.approx(expected.high, abs=1e-12),
    )
    assert 0.0 <= found.low <= successes / trials <= found.high <= 1.0


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_it_holds_the_truth_as_often_as_it_says(share: float) -> None:
    trials = 40
    held = 0.0
    for successes in range(trials + 1):
        low, high = wilson_interval(successes, trials)
        held += binom.pmf(successes, trials, share) * (low <= share <= high)
    assert held == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(
    ("successes", "trials", "confidence"), [(0, 0, 0.95), (-1, 5, 0.95), (6, 5, 0.95), (1, 5, 1.0)]
)
def test_what_is_no_share(successes: int, trials: int, confidence: float) -> None:
    with pytest.raises(ValueError, match=r"successes|confidence"):
        wilson_interval(successes, trials, confidence)
