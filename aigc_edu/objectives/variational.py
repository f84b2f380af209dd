"""What a variational autoencoder maximizes, and its parts."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.objectives._shapes import full_precision, same_shape, sum_over_example


def reparameterize(
    mean: Tensor, log_variance: Tensor, generator: torch.Generator | None = None
) -> Tensor:
    """A sample of N(mean, exp(log_variance)) through which gradients flow: mean + sigma * noise.

    Args:
        mean: any shape, usually (batch, latent).
        log_variance: the same shape, natural logarithm of the variance.
        generator: source of the noise; the global one if None. It may live on another device:
            the noise is drawn there and moved.

    Returns:
        The latent, same shape as ``mean``.

    Raises:
        ValueError: if the shapes differ.

    Source: Kingma & Welling 2013, "Auto-Encoding Variational Bayes", section 2.4.

    >>> mean = torch.zeros(2, 3)
    >>> latent = reparameterize(mean, torch.zeros(2, 3), torch.Generator().manual_seed(0))
    >>> latent.shape
    torch.Size([2, 3])
    """
    same_shape(mean=mean, log_variance=log_variance)
    mean, log_variance = full_precision(mean), full_precision(log_variance)
    source = mean.device if generator is None else generator.device
    # From pinned memory the noise goes to a GPU without anybody waiting for it.
    pinned = mean.is_cuda and source.type == "cpu"
    noise = torch.randn(
        mean.shape, generator=generator, device=source, dtype=mean.dtype, pin_memory=pinned
    ).to(mean.device, non_blocking=pinned)
    return mean + torch.exp(0.5 * log_variance) * noise


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, 1)) of a diagonal Gaussian, in nats, an example.

    ``1/2 * sum(mean^2 + exp(log_variance) - 1 - log_variance)``

    Args:
        mean: (batch, ...), usually (batch, latent).
        log_variance: the same shape, natural logarithm of the variance.

    Returns:
        (batch,), never negative up to rounding, 0 where mean and log_variance are 0.

    Raises:
        ValueError: if the shapes differ.

    Source: Kingma & Welling 2013, appendix B (there with the opposite sign).

    >>> kl_to_standard_normal(torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2))
    tensor([2.5000])
    """
    same_shape(mean=mean, log_variance=log_variance)
    mean, log_variance = full_precision(mean), full_precision(log_variance)
    # expm1 keeps the digits that exp(v) - 1 would lose near v = 0.
    return sum_over_example(0.5 * (mean.square() + (torch.expm1(log_variance) - log_variance)))


def gaussian_kl(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    """KL(q || p) between two diagonal Gaussians, in nats, an example.

    With ``d = log_variance_q - log_variance_p`` and ``m = mean_q - mean_p``:
    ``1/2 * sum(exp(d) - 1 - d + m^2 * exp(-log_variance_p))``

    Args:
        mean_q, log_variance_q, mean_p, log_variance_p: (batch, ...), all of one shape.

    Returns:
        (batch,), never negative up to rounding, 0 where q = p.

    Raises:
        ValueError: if the shapes differ.

    Source: the general case of Kingma & Welling 2013, appendix B, which has N(0, 1) for p.

    >>> zero = torch.zeros(1, 1)
    >>> gaussian_kl(zero + 1, zero, zero, zero)
    tensor([0.5000])
    """
    same_shape(
        mean_q=mean_q,
        log_variance_q=log_variance_q,
        mean_p=mean_p,
        log_variance_p=log_variance_p,
    )
    mean_q, log_variance_q = full_precision(mean_q), full_precision(log_variance_q)
    mean_p, log_variance_p = full_precision(mean_p), full_precision(log_variance_p)
    ratio = log_variance_q - log_variance_p
    # A fourth of the exponent, applied four times (twice, then squared): equal means never meet
    # an infinity (0 * inf is NaN), and tiny differences of means are not lost by squaring first.
    # At the cap any difference other than 0 overflows, as its true value does.
    cap = math.floor(math.log(torch.finfo(mean_q.dtype).max))
    root = torch.exp((-0.25 * log_variance_p).clamp(max=cap))
    distance = (mean_q - mean_p) * root * root  # in standard deviations of p
    return sum_over_example(0.5 * ((torch.expm1(ratio) - ratio) + distance.square()))


def bernoulli_log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """log p(x | latent) of independent Bernoulli pixels, in nats, an example.

    ``sum(x * log(sigmoid(logits)) + (1 - x) * log(1 - sigmoid(logits)))``. Gray levels between 0
    and 1 are read as probabilities: the value is then the expected log-likelihood of an image
    binarized at random with them.

    Args:
        logits: (batch, ...), before the sigmoid.
        x: the same shape, values in [0, 1].

    Returns:
        (batch,), at most 0.

    Raises:
        ValueError: if the shapes differ.

    Source: Kingma & Welling 2013, appendix C.1.

    >>> bernoulli_log_likelihood(torch.zeros(2, 3), torch.ones(2, 3))  # 3 times -log 2
    tensor([-2.0794, -2.0794])
    """
    same_shape(logits=logits, x=x)
    logits, x = full_precision(logits), full_precision(x)
    # Both terms have one sign, so nothing cancels: right to the last digit also at x = 0 or 1.
    return sum_over_example(x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits))


def elbo(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float = 1.0
) -> Tensor:
    """The evidence lower bound of a Bernoulli VAE with one latent sample, in nats, an example.

    ``bernoulli_log_likelihood(logits, x) - beta * kl_to_standard_normal(mean, log_variance)``.
    Training minimizes ``-elbo(...).mean()``.

    Args:
        logits: (batch, ...), what the decoder gave for one latent sample.
        x: the same shape, values in [0, 1].
        mean, log_variance: (batch, latent), what the encoder gave.
        beta: weight of the KL term. 1 is the bound; with less it bounds nothing.

    Returns:
        (batch,)

    Raises:
        ValueError: if shapes do not fit.

    Source: Kingma & Welling 2013, equation 10 (with L = 1); beta as in Higgins et al. 2017.

    >>> zero = torch.zeros(1, 2)
    >>> elbo(zero, torch.ones(1, 2), zero, zero)
    tensor([-1.3863])
    """
    if logits.ndim and mean.ndim and logits.shape[0] != mean.shape[0]:
        raise ValueError(
            f"logits and mean must hold the same examples, got {logits.shape[0]} "
            f"and {mean.shape[0]}"
        )
    return bernoulli_log_likelihood(logits, x) - beta * kl_to_standard_normal(mean, log_variance)


def importance_weighted_bound(log_weights: Tensor) -> Tensor:
    """The bound of an importance-weighted autoencoder, in nats, an example.

    ``log(1/k * sum_i exp(log_weights_i))``, with
    ``log_weights_i = log p(x, latent_i) - log q(latent_i | x)``. One sample (k = 1) is the
    sampled ELBO.

    Args:
        log_weights: (k, batch), k samples of each example.

    Returns:
        (batch,)

    Raises:
        ValueError: if there are not exactly two dimensions, or no sample.

    Source: Burda et al. 2015, "Importance Weighted Autoencoders", equation 8.

    >>> importance_weighted_bound(torch.tensor([[0.0], [-1e4]]))  # log(1/2)
    tensor([-0.6931])
    """
    if log_weights.ndim != 2 or log_weights.shape[0] == 0:
        raise ValueError(f"log_weights must be (k, batch), got {tuple(log_weights.shape)}")
    log_weights = full_precision(log_weights)
    return torch.logsumexp(log_weights, dim=0) - math.log(log_weights.shape[0])
