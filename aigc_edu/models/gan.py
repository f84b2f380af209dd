"""The two players of lesson 07's generative adversarial network."""

from torch import Tensor, nn


class MLPGenerator(nn.Module):
    """Noise to images in [-1, 1]: fully connected, 100-256-512-1024-784, tanh at the end.

    An activation stands between every two layers: without it neighboring layers would be one
    affine map.

    Args:
        latent_size: numbers of noise an image.

    Source: the game is Goodfellow et al. 2014, "Generative Adversarial Nets"; LeakyReLU with
    slope 0.2 and tanh follow Radford et al. 2015, "Unsupervised Representation Learning with
    Deep Convolutional Generative Adversarial Networks", section 3.

    >>> import torch
    >>> MLPGenerator()(torch.randn(8, 100)).shape
    torch.Size([8, 1, 28, 28])
    """

    def __init__(self, latent_size: int = 100) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.layers = nn.Sequential(
            nn.Linear(latent_size, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 512),
            nn.LeakyReLU(0.2),
            nn.Linear(512, 1024),
            nn.LeakyReLU(0.2),
            nn.Linear(1024, 784),
            nn.Tanh(),
        )

    def forward(self, latent: Tensor) -> Tensor:
        """(batch, latent_size) noise to (batch, 1, 28, 28) images in [-1, 1]."""
        images: Tensor = self.layers(latent)  # (batch, 784)
        return images.view(-1, 1, 28, 28)  # (batch, 1, 28, 28)


class MLPDiscriminator(nn.Module):
    """Images to one logit each, high for real: fully connected, 784-512-256-1.

    There is no sigmoid at the end: the losses take logits.

    Source: Goodfellow et al. 2014; LeakyReLU with slope 0.2 as in Radford et al. 2015, section 3.

    >>> import torch
    >>> MLPDiscriminator()(torch.zeros(8, 1, 28, 28)).shape
    torch.Size([8])
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 512),
            nn.LeakyReLU(0.2),
            nn.Linear(512, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """(batch, 1, 28, 28) images in [-1, 1] to (batch,) logits."""
        logits: Tensor = self.layers(images.flatten(1))  # (batch, 784) -> (batch, 1)
        return logits.squeeze(1)  # (batch,)
