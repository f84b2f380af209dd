"""The variational objectives against closed forms, torch.distributions, autograd, Monte Carlo."""

import math

import mpmath
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Bernoulli, Normal, kl_divergence

from aigc_edu.objectives import (
    bernoulli_log_likelihood,
    elbo,
    gaussian_kl,
    importance_weighted_bound,
    kl_to_standard_normal,
    reparameterize,
)

numbers = st.floats(-8, 8, allow_nan=False, width=32)


def draw(seed: int, *shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def normal(mean: torch.Tensor, log_variance: torch.Tensor) -> Normal:
    return Normal(mean, torch.exp(0.5 * log_variance))


@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 3, 2)])
def test_gaussian_kl_is_that_of_torch_distributions(shape: tuple[int, ...]) -> None:
    q, p = (draw(0, *shape), draw(1, *shape)), (draw(2, *shape), draw(3, *shape))
    expected = kl_divergence(normal(*q), normal(*p)).reshape(5, -1).sum(1)
    torch.testing.assert_close(gaussian_kl(*q, *p), expected)
    zero = torch.zeros(shape, dtype=torch.float64)
    torch.testing.assert_close(kl_to_standard_normal(*q), gaussian_kl(*q, zero, zero))


def test_kl_is_the_mean_log_ratio_of_samples() -> None:
    mean, log_variance = draw(0, 1, 4), draw(1, 1, 4)
    count = 200_000
    generator = torch.Generator().manual_seed(2)
    latent = reparameterize(mean.expand(count, 4), log_variance.expand(count, 4), generator)
    q, p = normal(mean, log_variance), Normal(0.0, 1.0)
    ratio = (q.log_prob(latent) - p.log_prob(latent)).sum(1)
    error = float(ratio.std()) / math.sqrt(count)
    assert abs(float(ratio.mean() - kl_to_standard_normal(mean, log_variance))) < 4 * error
    assert error < 0.01  # an error bar this wide would prove nothing


@settings(max_examples=100)
@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=6))
def test_kl_is_never_negative_and_zero_for_equals(rows: list[tuple[float, ...]]) -> None:
    a, b, c, d = torch.tensor(rows, dtype=torch.float64).T[:, None, :]
    assert float(gaussian_kl(a, b, c, d)) >= -1e-12
    assert float(gaussian_kl(a, b, a, b)) == 0.0
    if not (torch.allclose(a, c, atol=1e-3) and torch.allclose(b, d, atol=1e-3)):
        assert float(gaussian_kl(a, b, c, d)) > 0.0


def exact_kl(mq: float, vq: float, mp: float, vp: float) -> mpmath.mpf:
    with mpmath.workdps(60):
        mq_, vq_, mp_, vp_ = (mpmath.mpf(value) for value in (mq, vq, mp, vp))
        ratio = vq_ - vp_
        distance = (mq_ - mp_) ** 2 * mpmath.exp(-vp_)
        return (mpmath.expm1(ratio) - ratio + distance) / 2


EXTREME = [
    (0.0, 0.0, 0.0, -10_000.0),
    (3.0, -10_000.0, 3.0, -10_000.0),
    (3.0, 10_000.0, 3.0, 10_000.0),
    (1e-30, -170.0, 0.0, -170.0),
    (1e-30, -200.0, 0.0, -200.0),
    (0.0, -10_000.0, 0.0, 0.0),
    (1e4, -50.0, -1e4, 60.0),
    (0.0, 80.0, 0.0, 0.0),
    (0.0, 1e-3, 0.0, 0.0),
]


@pytest.mark.parametrize("case", EXTREME)
def test_gaussian_kl_at_extremes_is_exact_in_float32(case: tuple[float, ...]) -> None:
    rounded = [float(torch.tensor(value, dtype=torch.float32)) for value in case]
    expected = float(exact_kl(*rounded)) if exact_kl(*rounded) < 1e300 else math.inf
    inputs = [torch.tensor([[value]], dtype=torch.float32, requires_grad=True) for value in case]
    value = gaussian_kl(*inputs)
    if expected > 3.4e38:
        assert float(value.detach()) == math.inf
        return
    assert float(value.detach()) == pytest.approx(expected, rel=2e-4)
    value.sum().backward()
    # The slope along the mean may truly be beyond float32, but nothing is ever undefined.
    assert not any(bool(each.grad.isnan().any()) for each in inputs if each.grad is not None)


@pytest.mark.parametrize("log_variance", [-10_000.0, -100.0, 0.0, 1e-4, 80.0])
def test_kl_to_standard_normal_at_extremes(log_variance: float) -> None:
    rounded = float(torch.tensor(log_variance, dtype=torch.float32))
    value = kl_to_standard_normal(torch.full((2, 3), 100.0), torch.full((2, 3), log_variance))
    expected = 3 * float(exact_kl(100.0, rounded, 0.0, 0.0))
    torch.testing.assert_close(
        value.double(), torch.full((2,), expected).double(), rtol=1e-6, atol=0
    )


def test_bernoulli_is_that_of_torch_distributions() -> None:
    logits = 3 * draw(0, 4, 1, 5, 5)
    x = torch.rand(4, 1, 5, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    binary = (x > 0.5).double()
    expected = Bernoulli(logits=logits).log_prob(binary).sum(dim=(1, 2, 3))
    torch.testing.assert_close(bernoulli_log_likelihood(logits, binary), expected)
    # Gray levels: the expectation over images binarized with them.
    on, off = torch.ones_like(x), torch.zeros_like(x)
    expected = (
        x * Bernoulli(logits=logits).log_prob(on) + (1 - x) * Bernoulli(logits=logits).log_prob(off)
    ).sum(dim=(1, 2, 3))
    torch.testing.assert_close(bernoulli_log_likelihood(logits, x), expected)


def test_gray_levels_are_expected_binarizations() -> None:
    logits, x = draw(0, 1, 6), torch.linspace(0, 1, 6, dtype=torch.float64)[None]
    count = 100_000
    generator = torch.Generator().manual_seed(3)
    binary = torch.bernoulli(x.expand(count, 6), generator=generator)
    values = bernoulli_log_likelihood(logits.expand(count, 6), binary)
    error = float(values.std()) / math.sqrt(count)
    assert abs(float(values.mean() - bernoulli_log_likelihood(logits, x))) < 4 * error


@pytest.mark.parametrize("logit", [-1e4, -100.0, -20.0, -1e-3, 0.0, 20.0, 100.0, 1e4])
@pytest.mark.parametrize("x", [0.0, 0.25, 1.0])
def test_bernoulli_at_extremes_is_exact_in_float32(logit: float, x: float) -> None:
    exact = float(torch.tensor(logit, dtype=torch.float32))
    with mpmath.workdps(60):
        expected = -x * mpmath.log1p(mpmath.exp(-exact)) - (1 - x) * mpmath.log1p(mpmath.exp(exact))
    logits = torch.full((1, 1), logit, requires_grad=True)
    value = bernoulli_log_likelihood(logits, torch.full((1, 1), x))
    # Below 1e-38 float32 has nothing left but zero.
    assert float(value.detach()) == pytest.approx(float(expected), rel=1e-6, abs=1e-38)
    value.sum().backward()
    gradient = x - 1 / (1 + mpmath.exp(-exact))
    assert float(logits.grad) == pytest.approx(float(gradient), rel=1e-5, abs=1e-7)  # type: ignore[arg-type]


def test_gradients_of_the_elbo_are_right() -> None:
    logits, mean, log_variance = draw(0, 3, 4), draw(1, 3, 2), draw(2, 3, 2)
    x = torch.sigmoid(draw(3, 3, 4))
    for each in (logits, mean, log_variance):
        each.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda a, b, c: elbo(a, x, b, c, beta=0.7), (logits, mean, log_variance)
    )
    assert torch.autograd.gradcheck(
        gaussian_kl, (mean, log_variance, logits[:, :2].detach(), logits[:, 2:].detach())
    )


def test_elbo_weighs_the_kl_by_beta() -> None:
    logits, x, mean, log_variance = draw(0, 3, 4), torch.rand(3, 4), draw(1, 3, 2), draw(2, 3, 2)
    x = x.double()
    kl = kl_to_standard_normal(mean, log_variance)
    full = elbo(logits, x, mean, log_variance)
    assert full.shape == (3,)
    torch.testing.assert_close(full, bernoulli_log_likelihood(logits, x) - kl)
    torch.testing.assert_close(elbo(logits, x, mean, log_variance, beta=4.0), full - 3 * kl)


def test_elbo_is_below_the_likelihood_of_a_small_model() -> None:
    # One latent number, three pixels: log p(x) by quadrature, the bound by Monte Carlo.
    weight, x = (
        torch.tensor([[1.5], [-2.0], [0.5]]).double(),
        torch.tensor([1.0, 0.0, 1.0]).double(),
    )
    grid = torch.linspace(-10, 10, 20_001, dtype=torch.float64)[:, None]
    each = bernoulli_log_likelihood(grid @ weight.T, x.expand(len(grid), 3))
    density = each + Normal(0.0, 1.0).log_prob(grid[:, 0])
    evidence = float(torch.logsumexp(density, 0)) + math.log(20 / 20_000)
    count = 100_000
    mean = torch.full((count, 1), 0.8, dtype=torch.float64)
    log_variance = torch.full((count, 1), -0.5, dtype=torch.float64)
    latent = reparameterize(mean, log_variance, torch.Generator().manual_seed(0))
    bounds = elbo(latent @ weight.T, x.expand(count, 3), mean, log_variance)
    error = float(bounds.std()) / math.sqrt(count)
    assert float(bounds.mean()) < evidence - 4 * error
    assert float(bounds.mean()) > evidence - 0.5


def test_importance_weights_close_in_on_the_evidence() -> None:
    # p(latent) = N(0, 1), p(x | latent) = N(latent, 1): log p(x) = log N(x; 0, 2) is known.
    generator = torch.Generator().manual_seed(0)
    x, batch = 1.3, 20_000
    evidence = float(Normal(0.0, math.sqrt(2.0)).log_prob(torch.tensor(x)))
    means = []
    for k in (1, 5, 50):
        latent = torch.randn(k, batch, generator=generator, dtype=torch.float64)
        log_weights = Normal(latent, 1.0).log_prob(torch.tensor(x).double())
        bound = importance_weighted_bound(log_weights)
        assert bound.shape == (batch,)
        means.append(float(bound.mean()))
    assert means[0] < means[1] < means[2] < evidence + 0.01
    assert evidence - means[2] < 0.02


def test_importance_weighted_bound_of_one_sample_is_that_sample() -> None:
    weights = draw(0, 1, 7)
    torch.testing.assert_close(importance_weighted_bound(weights), weights[0])
    big = torch.full((3, 2), 1e4)
    torch.testing.assert_close(importance_weighted_bound(big), torch.full((2,), 1e4))
    assert torch.isfinite(importance_weighted_bound(-big)).all()


def test_reparameterize_draws_the_right_gaussian() -> None:
    mean, log_variance = torch.tensor([[1.0, -2.0]]), torch.tensor([[-1.0, 2.0]])
    count = 100_000
    latent = reparameterize(
        mean.expand(count, 2), log_variance.expand(count, 2), torch.Generator().manual_seed(0)
    )
    deviation = torch.exp(0.5 * log_variance[0])
    assert ((latent.mean(0) - mean[0]).abs() < 4 * deviation / math.sqrt(count)).all()
    torch.testing.assert_close(latent.std(0), deviation, rtol=0.02, atol=0)


def test_reparameterize_lets_gradients_through() -> None:
    mean = torch.zeros(4, 3, requires_grad=True)
    log_variance = torch.full((4, 3), 2 * math.log(3.0), requires_grad=True)
    latent = reparameterize(mean, log_variance, torch.Generator().manual_seed(5))
    latent.sum().backward()
    torch.testing.assert_close(mean.grad, torch.ones(4, 3))
    torch.testing.assert_close(log_variance.grad, 0.5 * latent.detach())
    assert (latent.detach() != 0).all()


def test_reparameterize_follows_the_generator() -> None:
    zero = torch.zeros(2, 2)
    one, two = (reparameterize(zero, zero, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(one, two)
    state = torch.get_rng_state()
    reparameterize(zero, zero, torch.Generator())
    assert torch.equal(state, torch.get_rng_state())
    # No variance, no noise.
    still = reparameterize(zero + 3, torch.full((2, 2), -1e4))
    assert torch.equal(still, zero + 3)


def test_half_precision_is_summed_in_float32() -> None:
    logits = torch.full((2, 784), 0.1, dtype=torch.bfloat16)
    value = bernoulli_log_likelihood(logits, torch.ones(2, 784))
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, bernoulli_log_likelihood(logits.float(), torch.ones(2, 784)))
    assert kl_to_standard_normal(logits, logits).dtype == torch.float32


def test_what_would_broadcast_is_refused() -> None:
    a, b = torch.zeros(4, 3), torch.zeros(4, 1)
    for call in (
        lambda: kl_to_standard_normal(a, b),
        lambda: gaussian_kl(a, a, b, a),
        lambda: bernoulli_log_likelihood(a, b),
        lambda: bernoulli_log_likelihood(torch.zeros(4, 1, 28, 28), torch.zeros(4, 784)),
        lambda: reparameterize(a, b),
        lambda: elbo(a, a, torch.zeros(5, 2), torch.zeros(5, 2)),
        lambda: kl_to_standard_normal(torch.tensor(0.0), torch.tensor(0.0)),
        lambda: importance_weighted_bound(torch.zeros(4)),
        lambda: importance_weighted_bound(torch.zeros(0, 4)),
        lambda: bernoulli_log_likelihood(a.long(), a.long()),
    ):
        with pytest.raises(ValueError, match=r"shape|must|expected|batch"):
            call()
