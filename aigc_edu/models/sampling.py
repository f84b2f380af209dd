"""Drawing new digits from any of the course's trained models."""

import torch
from torch import Tensor, nn

from aigc_edu.data import load_digits, to_range
from aigc_edu.models.autoencoder import Autoencoder
from aigc_edu.models.dcgan import DCGANGenerator
from aigc_edu.models.gan import MLPGenerator
from aigc_edu.models.vae import MLPVAE, ConvVAE

_BATCH = 500  # images a forward pass: memory stays small


@torch.no_grad()
def code_statistics(model: Autoencoder) -> tuple[Tensor, Tensor]:
    """Mean (latent,) and covariance (latent, latent) of the codes of the training digits."""
    images = to_range(load_digits("train").images, 0.0, 1.0)
    codes = torch.cat([model.encode(part) for part in torch.split(images, 2000)]).double()
    return codes.mean(dim=0), torch.cov(codes.mT)


@torch.no_grad()
def generate(model: nn.Module, count: int, generator: torch.Generator) -> Tensor:
    """New digits, each in the way of its lesson.

    - ``Autoencoder`` (lesson 03): codes from the Gaussian that has the mean and the covariance of
      the training digits' codes. Nothing in an autoencoder says what to draw from; this is the
      most generous simple choice.
    - ``MLPVAE``, ``ConvVAE`` (05): latents from N(0, I); the pixels' probabilities are the image.
    - ``MLPGenerator``, ``DCGANGenerator`` (07, 08): latents from N(0, I); [-1, 1] becomes [0, 1].

    Args:
        model: on the CPU; used in eval mode, and handed back in the mode it was in.
        count: how many.
        generator: draws the latents.

    Returns:
        (count, 1, 28, 28), float32 in [0, 1].

    Raises:
        ValueError: for another model, a conditional one, or a count below 1.

    >>> from aigc_edu.models import MLPGenerator
    >>> generate(MLPGenerator(), 3, torch.Generator().manual_seed(0)).shape
    torch.Size([3, 1, 28, 28])
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}")
    if not isinstance(model, Autoencoder | MLPVAE | ConvVAE | MLPGenerator | DCGANGenerator):
        raise ValueError(f"generate knows no {type(model).__name__}")
    if isinstance(model, DCGANGenerator) and model.classes:
        raise ValueError("this generator wants labels: call it with latents and labels yourself")
    training = model.training
    model.eval()
    try:
        latent = torch.randn(count, model.latent_size, generator=generator)
        if isinstance(model, Autoencoder):
            mean, covariance = code_statistics(model)
            # A code that never varies has a zero on the diagonal, which Cholesky refuses.
            values, vectors = torch.linalg.eigh(covariance)
            root = vectors * values.clamp(min=0).sqrt()  # root @ root.T is the covariance
            latent = (mean + latent.double() @ root.mT).float()
        images = []
        for part in torch.split(latent, _BATCH):
            if isinstance(model, Autoencoder):
                images.append(model.decode(part))
            elif isinstance(model, MLPVAE | ConvVAE):
                images.append(torch.sigmoid(model.decode(part)))
            else:
                images.append((model(part) + 1) / 2)
        return torch.cat(images).clamp(0.0, 1.0)
    finally:
        model.train(training)
