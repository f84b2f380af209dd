"""The adversarial objectives against closed forms, SciPy, autograd and exact reasoning."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.distributions import Normal
from torch.nn import functional as F

from aigc_edu.objectives import (
    discriminator_loss,
    generator_loss,
    jensen_shannon,
    optimal_discriminator,
    r1_penalty,
)


def draw(seed: int, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def test_losses_at_the_equilibrium() -> None:
    zero = torch.zeros(8, 1)
    assert float(discriminator_loss(zero, zero)) == pytest.approx(2 * math.log(2))
    assert float(generator_loss(zero)) == pytest.approx(math.log(2))
    assert float(generator_loss(zero, "saturating")) == pytest.approx(-math.log(2))


def test_losses_are_the_equations() -> None:
    real, fake = draw(0, 9), draw(1, 5)  # the batches may differ in size
    d_real, d_fake = torch.sigmoid(real), torch.sigmoid(fake)
    expected = -torch.log(d_real).mean() - torch.log(1 - d_fake).mean()
    torch.testing.assert_close(discriminator_loss(real, fake), expected)
    torch.testing.assert_close(discriminator_loss(real[:, None], fake[:, None]), expected)
    torch.testing.assert_close(generator_loss(fake), -torch.log(d_fake).mean())
    torch.testing.assert_close(generator_loss(fake, "saturating"), torch.log(1 - d_fake).mean())
    targets = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
    targets = targets + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
    torch.testing.assert_close(discriminator_loss(real, fake), targets)


def test_extreme_logits_are_exact_in_float32() -> None:
    high, low = torch.full((4,), 1e4), torch.full((4,), -1e4)
    assert float(discriminator_loss(high, low)) == 0.0
    assert float(discriminator_loss(low, high)) == 2e4
    assert float(generator_loss(low)) == 1e4
    assert float(generator_loss(high)) == 0.0
    assert float(generator_loss(high, "saturating")) == -1e4
    assert float(generator_loss(low, "saturating")) == 0.0
    # Not rounded to 0 where a probability would be: -log(sigmoid(50)) = exp(-50).
    fifty = torch.full((4,), 50.0)
    assert float(generator_loss(fifty)) == pytest.approx(math.exp(-50), rel=1e-5)
    assert float(generator_loss(-fifty, "saturating")) == pytest.approx(-math.exp(-50), rel=1e-5)


@pytest.mark.parametrize("logit", [-1e4, -30.0, 0.0, 30.0, 1e4])
def test_generator_gradients_when_the_discriminator_wins(logit: float) -> None:
    for kind, slope in (
        ("nonsaturating", lambda d: d - 1),
        ("saturating", lambda d: -d),
    ):
        fake = torch.full((1,), logit, requires_grad=True)
        generator_loss(fake, kind).backward()  # type: ignore[arg-type]
        d = 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
        assert float(fake.grad) == pytest.approx(slope(d), rel=1e-4, abs=1e-9)  # type: ignore[arg-type]


def test_gradients_are_right() -> None:
    real, fake = draw(0, 4).requires_grad_(), draw(1, 4).requires_grad_()
    assert torch.autograd.gradcheck(discriminator_loss, (real, fake))
    assert torch.autograd.gradcheck(lambda x: generator_loss(x, "saturating"), (fake,))


def test_optimal_discriminator_is_the_best_one() -> None:
    points = torch.linspace(-4, 4, 9, dtype=torch.float64)
    data, model = Normal(0.5, 1.0).log_prob(points), Normal(-1.0, 1.5).log_prob(points)
    best = optimal_discriminator(data, model)
    torch.testing.assert_close(best, data.exp() / (data.exp() + model.exp()))
    # Moving away from it in either direction makes the integrand of the game worse.
    value = data.exp() * best.log() + model.exp() * (1 - best).log()
    for moved in (best * 0.99, 1 - (1 - best) * 0.99):
        assert (data.exp() * moved.log() + model.exp() * (1 - moved).log() < value).all()


def test_optimal_discriminator_far_from_both() -> None:
    far = torch.tensor([-1e4, -1e4, 0.0, -math.inf, 3.0])
    other = torch.tensor([-1e4, 0.0, -1e4, 3.0, -math.inf])
    assert optimal_discriminator(far, other).tolist() == [0.5, 0.0, 1.0, 0.0, 1.0]


def test_value_of_the_game_is_the_divergence() -> None:
    # -log 4 + 2 JSD = E log D* + E log(1 - D*), both sums on the same grid.
    p, q = torch.softmax(draw(0, 50), 0), torch.softmax(draw(1, 50), 0)
    best = optimal_discriminator(p.log(), q.log())
    value = (p * best.log()).sum() + (q * (1 - best).log()).sum()
    torch.testing.assert_close(value, -math.log(4) + 2 * jensen_shannon(p, q))


def test_jensen_shannon_is_scipys_squared() -> None:
    from scipy.spatial.distance import jensenshannon

    p, q = torch.softmax(3 * draw(0, 6, 5), 1), torch.softmax(3 * draw(1, 6, 5), 1)
    value = jensen_shannon(p, q)
    assert value.shape == (6,)
    expected = torch.from_numpy(jensenshannon(p.numpy(), q.numpy(), axis=1) ** 2)
    torch.testing.assert_close(value, expected)


weights = st.lists(st.integers(0, 1000), min_size=2, max_size=8).filter(lambda row: sum(row) > 0)


@settings(max_examples=150)
@given(st.data())
def test_jensen_shannon_is_symmetric_and_bounded(data: st.DataObject) -> None:
    first = data.draw(weights)
    second = data.draw(
        st.lists(st.integers(0, 1000), min_size=len(first), max_size=len(first)).filter(
            lambda row: sum(row) > 0
        )
    )
    p, q = (torch.tensor(row, dtype=torch.float64) / sum(row) for row in (first, second))
    value = float(jensen_shannon(p, q))
    assert value == float(jensen_shannon(q, p))
    assert 0.0 <= value <= math.log(2) + 1e-12
    assert float(jensen_shannon(p, p)) == 0.0
    if float((p - q).abs().max()) > 1e-6:
        assert value > 0.0


def test_jensen_shannon_with_zeros() -> None:
    p, q = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 0.0, 1.0])
    assert float(jensen_shannon(p, q)) == pytest.approx(math.log(2))
    half = torch.tensor([0.5, 0.0, 0.5], requires_grad=True)
    value = jensen_shannon(half, torch.tensor([0.5, 0.0, 0.5]))
    assert float(value.detach()) == 0.0
    # Close distributions: a difference of 1e-4 adds about d^2 / 4 in all, not rounding noise.
    near = jensen_shannon(torch.tensor([0.5, 0.5]), torch.tensor([0.5001, 0.4999]))
    assert float(near) == pytest.approx(5e-9, rel=0.01)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.5, 0.6], [0.5, 0.5]),
        ([1.5, -0.5], [0.5, 0.5]),
        ([1.0], [0.5, 0.5]),
        ([math.nan, 1.0], [0.5, 0.5]),
    ],
)
def test_jensen_shannon_refuses_what_is_no_distribution(p: list[float], q: list[float]) -> None:
    with pytest.raises(ValueError, match=r"sum|negative|same"):
        jensen_shannon(torch.tensor(p), torch.tensor(q))


@pytest.mark.parametrize("column", [False, True])
def test_r1_of_a_quadratic_is_known(column: bool) -> None:
    # D(x) = a . x + 1/2 |x|^2 has the gradient a + x.
    x = draw(0, 6, 1, 2, 2).requires_grad_()
    a = draw(1, 1, 2, 2)
    logits = (a * x + 0.5 * x.square()).sum(dim=(1, 2, 3))
    penalty = r1_penalty(logits[:, None] if column else logits, x)
    torch.testing.assert_close(penalty, (a + x).square().sum(dim=(1, 2, 3)).mean())
    # It can be differentiated itself.
    penalty.backward()
    torch.testing.assert_close(x.grad, 2 * (a + x.detach()) / 6)


def test_r1_reaches_the_weights() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    x = draw(0, 5, 1, 2, 2).requires_grad_()
    penalty = r1_penalty(model(x), x)
    by_hand = torch.stack(
        [torch.autograd.functional.jacobian(lambda v: model(v[None])[0, 0], each) for each in x]
    )
    torch.testing.assert_close(penalty, by_hand.square().sum(dim=(1, 2, 3)).mean())
    penalty.backward()
    assert all(p.grad is not None for p in list(model.parameters())[:3])


def test_r1_says_what_is_missing() -> None:
    x = torch.ones(3, 2)
    with pytest.raises(ValueError, match="requires_grad_"):
        r1_penalty(x.sum(1), x)
    x.requires_grad_()
    with pytest.raises(ValueError, match="do not depend"):
        r1_penalty(torch.zeros(3), x)
    with pytest.raises(ValueError, match="do not depend"):
        r1_penalty(torch.ones(3, requires_grad=True) * 2, x)
    with pytest.raises(ValueError, match="same examples"):
        r1_penalty(x.sum(1)[:2], x)
    with pytest.raises(ValueError, match="one logit an example"):
        r1_penalty(x * 2, x)


def test_bad_logits_are_refused() -> None:
    with pytest.raises(ValueError, match="one logit"):
        discriminator_loss(torch.zeros(4, 2), torch.zeros(4))
    with pytest.raises(ValueError, match="one logit"):
        generator_loss(torch.zeros(0))
    with pytest.raises(ValueError, match="floating-point"):
        generator_loss(torch.zeros(3, dtype=torch.long))
    with pytest.raises(ValueError, match="kind"):
        generator_loss(torch.zeros(3), "least-squares")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="same"):
        optimal_discriminator(torch.zeros(3), torch.zeros(3, 1))
