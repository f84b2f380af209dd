"""Agreement is said only where it is there."""

import pytest
import torch

from aigc_edu.agreement import agree, agree_on_average


def test_a_difference_above_the_tolerance_stops() -> None:
    with pytest.raises(AssertionError, match=r"tail: off by 0\.001"):
        agree("tail", torch.tensor([1.0, 2.001], dtype=torch.float64), [1.0, 2.0], 1e-4)


@pytest.mark.parametrize("found", [float("nan"), torch.tensor([0.0, float("nan")])])
def test_nan_agrees_with_nothing(found: object) -> None:
    with pytest.raises(AssertionError):
        agree("nan", found, 0.0, 1.0)


def test_complex_numbers_are_compared_whole(capsys: pytest.CaptureFixture[str]) -> None:
    agree("root", torch.tensor([1j]), torch.tensor([1j]), 0)
    assert capsys.readouterr().out == "root: agree exactly\n"
    with pytest.raises(AssertionError):
        agree("root", torch.tensor([1j]), torch.tensor([1j + 1e-3]), 1e-6)


def test_an_average_outside_its_error_stops() -> None:
    draws = torch.randn(10_000, 3, generator=torch.Generator().manual_seed(0))
    agree_on_average("normal", draws, 0.0)
    with pytest.raises(AssertionError, match="normal"):
        agree_on_average("normal", draws, [0.0, 0.0, 0.1])
