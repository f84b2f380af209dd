"""Shares and coverage of the ten digits."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from aigc_edu.data import load_digits, to_range
from aigc_edu.metrics import class_coverage, class_shares


def test_shares_of_real_digits_are_their_labels() -> None:
    test = load_digits("test", 1000)
    shares = class_shares(to_range(test.images, 0.0, 1.0))
    expected = torch.bincount(test.labels, minlength=10).double() / 1000
    assert shares.shape == (10,)
    assert float(shares.sum()) == pytest.approx(1.0)
    torch.testing.assert_close(shares, expected, rtol=0, atol=0.02)


def test_another_classifier_may_judge() -> None:
    class Always(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.one_hot(torch.full((len(x),), 7), 10).float()

    shares = class_shares(torch.zeros(1200, 1, 28, 28), Always())
    assert shares.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("count", [20, 1000, 10_000, 12_340])
def test_exactly_the_minimum_share_counts(count: int) -> None:
    few = round(0.05 * count)
    labels = torch.cat([torch.zeros(few), torch.ones(count - few)]).long()
    assert class_coverage(labels, classes=2) == 1.0
    assert class_coverage(labels[1:], classes=2) == 0.5


@given(st.lists(st.integers(0, 9), min_size=1, max_size=200), st.floats(0.0, 1.0))
def test_coverage_is_its_definition(labels: list[int], minimum: float) -> None:
    got = class_coverage(torch.tensor(labels), minimum_share=minimum)
    shares = [labels.count(digit) / len(labels) for digit in range(10)]
    # Within a rounding of the minimum either answer is right.
    low = sum(share > 0 and share >= minimum + 1e-8 for share in shares) / 10
    high = sum(share > 0 and share >= minimum - 1e-8 for share in shares) / 10
    assert low <= got <= high


def test_a_class_that_never_occurs_is_never_present() -> None:
    assert class_coverage(torch.tensor([1, 1]), classes=2, minimum_share=0.0) == 0.5


@pytest.mark.parametrize(
    "labels",
    [
        torch.tensor([0.0, 1.0]),
        torch.tensor([True]),
        torch.tensor([], dtype=torch.long),
        torch.zeros(2, 10, dtype=torch.long),
        torch.tensor([10]),
        torch.tensor([-1]),
    ],
)
def test_what_are_no_labels_is_refused(labels: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="labels must"):
        class_coverage(labels)
