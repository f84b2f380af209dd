"""Two variational autoencoders with the same three methods: encode, decode, forward."""

import torch
from torch import Tensor, nn

from aigc_edu.objectives import reparameterize


class MLPVAE(nn.Module):
    """A fully connected variational autoencoder: 784-hidden-latent-hidden-784.

    Args:
        latent_size: dimensions of the latent.
        hidden: units of each of the two hidden layers.

    Source: Kingma & Welling 2013, "Auto-Encoding Variational Bayes", appendix C (one hidden
    layer on each side, Bernoulli decoder); here with ReLU in place of tanh.

    >>> model = MLPVAE()
    >>> logits, mean, log_variance = model(torch.zeros(8, 1, 28, 28))
    >>> logits.shape, mean.shape
    (torch.Size([8, 1, 28, 28]), torch.Size([8, 20]))
    """

    def __init__(self, latent_size: int = 20, hidden: int = 400) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.encoder = nn.Sequential(nn.Linear(784, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, latent_size)
        self.log_variance = nn.Linear(hidden, latent_size)
        self.decoder = nn.Sequential(
            nn.Linear(latent_size, hidden), nn.ReLU(), nn.Linear(hidden, 784)
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, 1, 28, 28) in [0, 1] to q's mean and log-variance, each (batch, latent)."""
        hidden = self.encoder(x.flatten(1))  # (batch, 784) -> (batch, hidden)
        return self.mean(hidden), self.log_variance(hidden)

    def decode(self, latent: Tensor) -> Tensor:
        """(batch, latent) to the pixels' logits (batch, 1, 28, 28); a sigmoid makes the image."""
        logits: Tensor = self.decoder(latent)  # (batch, 784)
        return logits.view(-1, 1, 28, 28)  # (batch, 1, 28, 28)

    def forward(
        self, x: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Encode, draw one latent, decode: logits, mean, log-variance."""
        mean, log_variance = self.encode(x)
        return self.decode(reparameterize(mean, log_variance, generator)), mean, log_variance


class ConvVAE(nn.Module):
    """A convolutional variational autoencoder: two convolutions down, two up, each of stride 2.

    Kernels are 4 wide with stride 2, so that in the way up every pixel is covered by equally many
    kernel positions (no checkerboard).

    Args:
        latent_size: dimensions of the latent.
        channels: channels at 14x14 and at 7x7.

    Source: Kingma & Welling 2013 for the model; strided and transposed convolutions in place of
    pooling follow Radford et al. 2015, section 3.

    >>> model = ConvVAE()
    >>> logits, mean, log_variance = model(torch.zeros(8, 1, 28, 28))
    >>> logits.shape, mean.shape
    (torch.Size([8, 1, 28, 28]), torch.Size([8, 20]))
    """

    def __init__(self, latent_size: int = 20, channels: tuple[int, int] = (16, 32)) -> None:
        super().__init__()
        self.latent_size = latent_size
        wide, deep = channels
        self.encoder = nn.Sequential(
            nn.Conv2d(1, wide, kernel_size=4, stride=2, padding=1),  # (batch, wide, 14, 14)
            nn.ReLU(),
            nn.Conv2d(wide, deep, kernel_size=4, stride=2, padding=1),  # (batch, deep, 7, 7)
            nn.ReLU(),
            nn.Flatten(),  # (batch, deep * 49)
        )
        self.mean = nn.Linear(deep * 49, latent_size)
        self.log_variance = nn.Linear(deep * 49, latent_size)
        self.decoder = nn.Sequential(
            nn.Linear(latent_size, deep * 49),
            nn.ReLU(),
            nn.Unflatten(1, (deep, 7, 7)),  # (batch, deep, 7, 7)
            nn.ConvTranspose2d(deep, wide, kernel_size=4, stride=2, padding=1),  # 14x14
            nn.ReLU(),
            nn.ConvTranspose2d(wide, 1, kernel_size=4, stride=2, padding=1),  # (batch, 1, 28, 28)
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, 1, 28, 28) in [0, 1] to q's mean and log-variance, each (batch, latent)."""
        hidden = self.encoder(x)  # (batch, deep * 49)
        return self.mean(hidden), self.log_variance(hidden)

    def decode(self, latent: Tensor) -> Tensor:
        """(batch, latent) to the pixels' logits (batch, 1, 28, 28); a sigmoid makes the image."""
        logits: Tensor = self.decoder(latent)
        return logits

    def forward(
        self, x: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Encode, draw one latent, decode: logits, mean, log-variance."""
        mean, log_variance = self.encode(x)
        return self.decode(reparameterize(mean, log_variance, generator)), mean, log_variance
