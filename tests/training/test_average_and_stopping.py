"""The average of the weights, and early stopping."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from aigc_edu.training import EMA, EarlyStopping


def test_average_is_pytorchs_own() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    ours = EMA(model, 0.8)
    # PyTorch's version copies the weights at its first update; ours starts from the first ones.
    theirs = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.8), use_buffers=False)
    theirs.update_parameters(model)
    for _ in range(5):
        model(torch.randn(8, 3))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter))
        ours.update()
        theirs.update_parameters(model)
    for one, two in zip(ours.model.parameters(), theirs.module.parameters(), strict=True):
        torch.testing.assert_close(one, two)
    for one, two in zip(ours.model.buffers(), model.buffers(), strict=True):
        assert torch.equal(one, two)
    assert not ours.model.training
    assert model.training
    assert not any(each.requires_grad for each in ours.model.parameters())


def test_average_of_a_constant_is_that_constant() -> None:
    model = nn.Linear(2, 2)
    average = EMA(model, 0.99)
    for _ in range(10):
        average.update()
    assert torch.equal(average.model.weight, model.weight)
    assert average.model.weight.data_ptr() != model.weight.data_ptr()


def test_average_of_nothing_is_the_model() -> None:
    model = nn.Linear(2, 2)
    average = EMA(model, 0.0)
    nn.init.ones_(model.weight)
    average.update()
    assert torch.equal(average.model.weight, model.weight)
    for bad in (1.0, -0.1, math.nan):
        with pytest.raises(ValueError, match="decay"):
            EMA(model, bad)


def test_stopping_waits_for_patience() -> None:
    stopping = EarlyStopping(patience=3)
    values = [5.0, 4.0, 4.0, 4.5, 3.0, 3.1, math.nan, 3.0]
    assert [stopping.update(v) for v in values] == [False] * 7 + [True]
    assert stopping.best == 3.0


def test_small_changes_do_not_count() -> None:
    stopping = EarlyStopping(patience=2, minimum_change=0.5)
    assert [stopping.update(v) for v in (5.0, 4.6, 4.2, 4.1)] == [False, False, False, False]
    assert stopping.best == 4.2  # 0.8 below the best, 0.4 below the one before
    assert stopping.update(4.0)


def test_larger_is_better() -> None:
    stopping = EarlyStopping(patience=1, larger_is_better=True)
    assert not stopping.update(-110.0)
    assert not stopping.update(-105.0)
    assert stopping.improved
    assert stopping.update(-106.0)
    assert not stopping.improved


def test_nan_first_is_no_best() -> None:
    stopping = EarlyStopping(patience=2)
    assert not stopping.update(math.nan)
    assert stopping.best is None
    assert not stopping.update(1.0)
    assert stopping.best == 1.0


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=30), st.integers(1, 5), st.integers(0, 29)
)
def test_a_resumed_stopping_goes_on(values: list[float], patience: int, cut: int) -> None:
    whole, first = EarlyStopping(patience), EarlyStopping(patience)
    expected = [whole.update(v) for v in values]
    got = [first.update(v) for v in values[:cut]]
    second = EarlyStopping(patience)
    second.load_state_dict(first.state_dict())
    assert got + [second.update(v) for v in values[cut:]] == expected
    assert whole.best == min(values)


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="patience"):
        EarlyStopping(0)
    with pytest.raises(ValueError, match="minimum_change"):
        EarlyStopping(1, -0.1)
