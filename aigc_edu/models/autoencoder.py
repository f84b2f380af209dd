"""The autoencoder of lesson 03."""

from torch import Tensor, nn


class Autoencoder(nn.Module):
    """Digits to a short code and back: fully connected, 784-256-128-latent and its mirror image.

    Args:
        latent_size: numbers in a code.

    Source: Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural
    Networks", for deep autoencoders; here with ReLU, trained in one go.

    >>> import torch
    >>> model = Autoencoder()
    >>> model.encode(torch.zeros(8, 1, 28, 28)).shape, model(torch.zeros(8, 1, 28, 28)).shape
    (torch.Size([8, 16]), torch.Size([8, 1, 28, 28]))
    """

    def __init__(self, latent_size: int = 16) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.encoder = nn.Sequential(
            nn.Flatten(),  # (batch, 784)
            nn.Linear(784, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, latent_size),  # no activation: a code may be any number
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_size, 128),
            nn.ReLU(),
            nn.Linear(128, 256),
            nn.ReLU(),
            nn.Linear(256, 784),
            nn.Sigmoid(),  # pixels lie between 0 and 1
            nn.Unflatten(1, (1, 28, 28)),  # (batch, 1, 28, 28)
        )

    def encode(self, x: Tensor) -> Tensor:
        """(batch, 1, 28, 28) in [0, 1] to codes (batch, latent_size)."""
        code: Tensor = self.encoder(x)
        return code

    def decode(self, code: Tensor) -> Tensor:
        """(batch, latent_size) to images (batch, 1, 28, 28) in [0, 1], not logits."""
        image: Tensor = self.decoder(code)
        return image

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, 28, 28) in [0, 1], rebuilt from its code."""
        return self.decode(self.encode(x))
