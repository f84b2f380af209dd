"""Importance-weighted estimates against quadrature, where log p(x) can be computed."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from aigc_edu.data import binarize, load_digits, to_range
from aigc_edu.metrics import importance_log_likelihood
from aigc_edu.models import load_decoder
from aigc_edu.objectives import bernoulli_log_likelihood, elbo


class Small(nn.Module):
    """One latent, five pixels, and an encoder that is near the posterior and not right."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        draws = torch.Generator().manual_seed(seed)
        self.weight = torch.randn(5, generator=draws, dtype=torch.float64) * 2
        self.offset = torch.randn(5, generator=draws, dtype=torch.float64)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        lean = ((x.flatten(1) - 0.5) * self.weight).sum(1, keepdim=True) / 4
        return lean, torch.full_like(lean, -0.3)

    def decode(self, latent: Tensor) -> Tensor:
        return (latent * self.weight + self.offset).view(-1, 1, 1, 5)


def exact(model: Small, x: Tensor) -> Tensor:
    """log of the integral of p(x | z) N(z; 0, 1) over z, by Gauss and Hermite."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    z = torch.from_numpy(nodes)[:, None]  # (nodes, 1)
    table = torch.stack(
        [bernoulli_log_likelihood(model.decode(z), one.expand(120, 1, 1, 5)) for one in x]
    )  # (count, nodes)
    return torch.logsumexp(table + torch.from_numpy(weights).log(), dim=1) - 0.5 * math.log(
        2 * math.pi
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_many_draws_reach_the_integral_and_few_stay_below(seed: int) -> None:
    model = Small(seed)
    draws = torch.Generator().manual_seed(seed)
    x = torch.randint(0, 2, (12, 1, 1, 5), generator=draws).double()
    truth = exact(model, x)
    assert float(truth.exp().max()) < 1
    many = importance_log_likelihood(model, x, draws=20_000, generator=draws)
    torch.testing.assert_close(many, truth, rtol=0, atol=0.03)
    means = [
        torch.stack(
            [importance_log_likelihood(model, x, k, generator=draws) for _ in range(300)]
        ).mean()
        for k in (1, 5, 50)
    ]
    assert means[0] < means[1] < means[2] < truth.mean() + 0.005


def test_all_binary_images_add_up_to_one() -> None:
    """Probabilities of all 32 images: no constant is missing."""
    model = Small(3)
    x = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 5).double().view(32, 1, 1, 5)
    found = importance_log_likelihood(model, x, 20_000, torch.Generator().manual_seed(0))
    assert float(found.exp().sum()) == pytest.approx(1.0, abs=0.01)


def test_one_draw_is_the_sampled_elbo_on_average() -> None:
    model = load_decoder()
    x = to_range(load_digits("test", 20).images, 0.0, 1.0)
    generator = torch.Generator().manual_seed(0)
    sampled = torch.stack(
        [importance_log_likelihood(model, x, 1, generator) for _ in range(200)]
    )  # (200, 20)
    closed = torch.stack([elbo(*_with_targets(model, x, generator)) for _ in range(200)])
    error = sampled.mean(1).std() / 200**0.5 + closed.mean(1).std() / 200**0.5
    assert abs(sampled.mean() - closed.mean()) < 4 * error


def _with_targets(model, x, generator):  # type: ignore[no-untyped-def]
    with torch.no_grad():
        logits, mean, log_variance = model(x, generator)
    return logits, x, mean, log_variance


def test_more_draws_than_fit_at_once_and_batches() -> None:
    model = load_decoder()
    x = binarize(
        to_range(load_digits("test", 3).images, 0.0, 1.0), torch.Generator().manual_seed(0)
    )
    one = importance_log_likelihood(model, x, 1300, torch.Generator().manual_seed(0))
    assert one.shape == (3,)
    assert one.dtype == torch.float64
    two = importance_log_likelihood(model, x, 1300, torch.Generator().manual_seed(1))
    torch.testing.assert_close(one, two, rtol=0, atol=3.0)


def test_what_cannot_be_estimated() -> None:
    model = load_decoder()
    with pytest.raises(ValueError, match="draws"):
        importance_log_likelihood(model, torch.zeros(1, 1, 28, 28), 0)
    with pytest.raises(ValueError, match="floats"):
        importance_log_likelihood(model, torch.zeros(1, 1, 28, 28, dtype=torch.uint8))
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        importance_log_likelihood(model, torch.full((1, 1, 28, 28), math.nan))
