"""Ranges with an exact way back."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aigc_edu.data import binarize, dequantize, from_range, to_range

LEVELS = torch.arange(256, dtype=torch.uint8)
ends = st.floats(-1e6, 1e6, width=32)


@given(ends, ends)
def test_the_way_back_is_exact_or_refused(low: float, high: float) -> None:
    try:
        x = to_range(LEVELS, low, high)
    except ValueError:
        assert (
            not low < high or (high - low) < 2e-4 * max(abs(low), abs(high)) or high - low < 1e-27
        )
        return
    assert x.dtype == torch.float32
    assert torch.equal(from_range(x, low, high), LEVELS)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_ends_are_exact(ends: tuple[float, float]) -> None:
    x = to_range(LEVELS, *ends)
    assert (float(x[0]), float(x[-1])) == ends
    assert bool((x.diff() > 0).all())


def test_from_range_refuses_what_is_no_such_range() -> None:
    for bad in (torch.tensor([1.1]), torch.tensor([float("nan")]), torch.tensor([-0.6]), LEVELS):
        with pytest.raises(ValueError, match="x "):
            from_range(bad, 0.0, 1.0)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_from_range_takes_other_floats(dtype: torch.dtype) -> None:
    assert torch.equal(
        from_range(torch.tensor([0.0, 1.0], dtype=dtype)), torch.tensor([0, 255], dtype=torch.uint8)
    )


def test_dequantize_stays_within_its_level_and_is_even() -> None:
    images = LEVELS.repeat(2000, 1)
    x = dequantize(images, torch.Generator().manual_seed(0))
    assert torch.equal((x * 256).floor().to(torch.uint8), images)
    assert float(x.max()) < 1
    noise = x * 256 - images
    assert float(noise.mean()) == pytest.approx(0.5, abs=0.002)
    assert float(noise.var()) == pytest.approx(1 / 12, abs=0.001)


def test_binarize() -> None:
    x = torch.full((100_000,), 0.3)
    drawn = binarize(x, torch.Generator().manual_seed(0))
    assert set(drawn.tolist()) == {0.0, 1.0}
    assert float(drawn.mean()) == pytest.approx(0.3, abs=0.006)
    assert float(binarize(x).sum()) == 0
    sure = torch.tensor([0.0, 1.0]).repeat(10_000)
    assert torch.equal(binarize(sure, torch.Generator().manual_seed(0)), sure)
    for bad in (torch.tensor([1.5]), torch.tensor([float("nan")]), LEVELS):
        with pytest.raises(ValueError, match="x "):
            binarize(bad)
