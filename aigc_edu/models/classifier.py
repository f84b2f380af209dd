"""The small classifier whose features measure generated digits."""

from torch import Tensor, nn


class Classifier(nn.Module):
    """Digits to ten logits, by way of 64 features: two convolutions, two fully connected layers.

    The features are what ``aigc_edu.metrics`` compares distributions in.

    Source: in the spirit of LeCun et al. 1998, "Gradient-Based Learning Applied to Document
    Recognition" (convolution, pooling, fully connected), with ReLU and max pooling.

    >>> import torch
    >>> model = Classifier()
    >>> x = torch.zeros(8, 1, 28, 28)
    >>> model(x).shape, model.features(x).shape
    (torch.Size([8, 10]), torch.Size([8, 64]))
    """

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, padding=1),  # (batch, 16, 28, 28)
            nn.ReLU(),
            nn.MaxPool2d(2),  # (batch, 16, 14, 14)
            nn.Conv2d(16, 32, kernel_size=3, padding=1),  # (batch, 32, 14, 14)
            nn.ReLU(),
            nn.MaxPool2d(2),  # (batch, 32, 7, 7)
            nn.Flatten(),  # (batch, 1568)
        )
        self.hidden = nn.Sequential(nn.Linear(1568, 64), nn.ReLU())
        self.output = nn.Linear(64, 10)

    def features(self, x: Tensor) -> Tensor:
        """(batch, 1, 28, 28) in [0, 1] to 64 features an image, (batch, 64), each at least 0."""
        features: Tensor = self.hidden(self.convolutions(x))  # (batch, 64)
        return features

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, 28, 28) in [0, 1] to the ten digits' logits, (batch, 10)."""
        logits: Tensor = self.output(self.features(x))  # (batch, 10)
        return logits
