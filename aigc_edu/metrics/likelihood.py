"""Held-out likelihood of a variational autoencoder."""

import math
from typing import Protocol

import torch
from torch import Tensor

from aigc_edu.objectives import bernoulli_log_likelihood, importance_weighted_bound, reparameterize

_ROWS = 500  # decoded at a time


class Encodes(Protocol):
    """What is needed of a model: ``MLPVAE`` and ``ConvVAE`` have it."""

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images to the mean and log-variance of q."""

    def decode(self, latent: Tensor) -> Tensor:
        """Latents to the pixels' logits."""


def _log_normal(value: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """log N(value; mean, exp(log_variance)), summed over the latents."""
    squared = (value - mean).square() * torch.exp(-log_variance)
    return -0.5 * (squared + log_variance + math.log(2 * math.pi)).sum(dim=-1)


@torch.no_grad()
def importance_log_likelihood(
    model: Encodes,
    images: Tensor,
    draws: int = 100,
    generator: torch.Generator | None = None,
) -> Tensor:
    """An estimate of log p(x) for each image, by importance sampling from the encoder.

    The bound L_k of Burda et al. with k = ``draws``: the logarithm of the mean of
    p(x, z)/q(z | x) over k latents from q. Its expectation is at most log p(x) and rises with k; at
    k = 1 it is the sampled evidence lower bound. What is left of the gap is unknown, so give k
    with the number. Binarize images first where numbers are to be compared with published ones:
    for gray levels this is a bound averaged over binarizations, and no density.

    Args:
        model: a VAE with a standard normal prior and Bernoulli pixels, on the images' device.
        images: (count, ...) floats in [0, 1], as the model takes them.
        draws: latents an image, at least 1.
        generator: draws the noise; the global one if None.

    Returns:
        (count,) float64, nats an image.

    Raises:
        ValueError: for no draw, integers, or values outside [0, 1].

    Source: Burda, Grosse & Salakhutdinov 2015, "Importance Weighted Autoencoders", equation 8,
    and section 5 for its use as an estimate of the test likelihood.

    >>> from aigc_edu.models import load_decoder
    >>> x = torch.zeros(2, 1, 28, 28)
    >>> importance_log_likelihood(load_decoder(), x, draws=5).shape
    torch.Size([2])
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    if not images.is_floating_point() or images.numel() == 0:
        raise ValueError(f"images must be floats in [0, 1], got {images.dtype}")
    if not bool(((images >= 0) & (images <= 1)).all()):
        raise ValueError("images must lie in [0, 1]")
    estimates = []
    at_once = max(1, _ROWS // draws)  # images
    for part in torch.split(images, at_once):
        mean, log_variance = model.encode(part)  # each (batch, latent)
        log_weights = []
        for done in range(0, draws, _ROWS):
            rows = min(_ROWS, draws - done)
            # (rows, batch, latent) -> (rows * batch, latent): one pass of the decoder
            many_means = mean.expand(rows, *mean.shape).flatten(0, 1)
            many_log_variances = log_variance.expand(rows, *mean.shape).flatten(0, 1)
            latent = reparameterize(many_means, many_log_variances, generator)
            x = part.expand(rows, *part.shape).flatten(0, 1)
            zero = torch.zeros_like(latent)
            joint = bernoulli_log_likelihood(model.decode(latent), x).double()
            joint += _log_normal(latent.double(), zero.double(), zero.double())
            own = _log_normal(latent.double(), many_means.double(), many_log_variances.double())
            log_weights.append((joint - own).view(rows, len(part)))  # (rows, batch)
        estimates.append(importance_weighted_bound(torch.cat(log_weights)))
    return torch.cat(estimates)
