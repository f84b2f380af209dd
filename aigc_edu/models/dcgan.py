"""The two convolutional players of lesson 08, each guideline of their paper with a switch.

With the defaults every guideline is followed, so a network built without arguments is the
baseline of the lesson's ablation, and each switch takes one guideline back.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm


class DCGANGenerator(nn.Module):
    """Noise to images in [-1, 1] by transposed convolutions: 1x1, 7x7, 14x14, 28x28.

    A linear map lays the latent out as a 7x7 image of many channels; each of two layers then
    doubles height and width. Batch normalization and ReLU follow every layer but the last, which
    ends in tanh. Weights start as normal draws with standard deviation 0.02.

    Args:
        latent_size: numbers of noise an image.
        channels: channels at 14x14 and at 7x7.
        upsample: "transposed" doubles by a transposed convolution of stride 2, "resize" by
            repeating pixels and then a 3x3 convolution (Odena et al. 2016).
        kernel_size: of the transposed convolutions. An even size (4) covers every pixel equally
            often at stride 2, an odd one (3, or the paper's 5) does not.
        normalize: batch normalization after every layer but the last.
        activation: "relu", or "leaky_relu" with slope 0.2.
        hidden: units of a fully connected hidden layer before the 7x7 image; 0 leaves it out.
        bounded: end in tanh; without it the images are not bound to any range.
        classes: how many classes there are; 0 for a generator without labels. The label enters
            one-hot, appended to the latent (Mirza & Osindero 2014, section 3.2).

    Raises:
        ValueError: for a size or a name that cannot be.

    Source: Radford et al. 2015, "Unsupervised Representation Learning with Deep Convolutional
    Generative Adversarial Networks", section 3 and section 4 (initial weights); sizes for 28x28
    images are this course's. Odena et al. 2016, "Deconvolution and Checkerboard Artifacts".
    Mirza & Osindero 2014, "Conditional Generative Adversarial Nets".

    >>> DCGANGenerator()(torch.randn(8, 100)).shape
    torch.Size([8, 1, 28, 28])
    >>> sevens = torch.full((8,), 7)
    >>> DCGANGenerator(classes=10)(torch.randn(8, 100), sevens).shape
    torch.Size([8, 1, 28, 28])
    """

    def __init__(
        self,
        latent_size: int = 100,
        channels: tuple[int, int] = (32, 64),
        *,
        upsample: Literal["transposed", "resize"] = "transposed",
        kernel_size: int = 4,
        normalize: bool = True,
        activation: Literal["relu", "leaky_relu"] = "relu",
        hidden: int = 0,
        bounded: bool = True,
        classes: int = 0,
    ) -> None:
        super().__init__()
        _check_sizes(channels, hidden, classes)
        if latent_size < 1:
            raise ValueError(f"latent_size must be at least 1, not {latent_size}")
        if kernel_size < 2:
            raise ValueError(f"kernel_size must be at least 2 (the stride), not {kernel_size}")
        if upsample not in ("transposed", "resize"):
            raise ValueError(f'upsample must be "transposed" or "resize", not {upsample!r}')
        self.latent_size = latent_size
        self.classes = classes
        wide, deep = channels

        def doubled(size_in: int, size_out: int) -> list[nn.Module]:
            if upsample == "resize":
                return [
                    nn.Upsample(scale_factor=2, mode="nearest"),
                    nn.Conv2d(size_in, size_out, kernel_size=3, padding=1),
                ]
            return [
                nn.ConvTranspose2d(
                    size_in,
                    size_out,
                    kernel_size,
                    stride=2,
                    # (size - 1) * 2 - 2 * padding + kernel + output_padding = 2 * size
                    padding=(kernel_size - 1) // 2,
                    output_padding=kernel_size % 2,
                )
            ]

        def settled(size: int) -> list[nn.Module]:
            """What follows a convolution of that many channels."""
            norm: list[nn.Module] = [nn.BatchNorm2d(size)] if normalize else []
            return [*norm, _activation(activation)]

        layers: list[nn.Module] = []
        size = latent_size + classes
        if hidden:
            layers += [nn.Linear(size, hidden)]
            layers += [nn.BatchNorm1d(hidden)] if normalize else []
            layers += [_activation(activation)]
            size = hidden
        layers += [nn.Linear(size, deep * 49), nn.Unflatten(1, (deep, 7, 7)), *settled(deep)]
        layers += [*doubled(deep, wide), *settled(wide)]  # (batch, wide, 14, 14)
        layers += doubled(wide, 1)  # (batch, 1, 28, 28)
        self.layers = nn.Sequential(*layers, *([nn.Tanh()] if bounded else []))
        _start_small(self)

    def forward(self, latent: Tensor, labels: Tensor | None = None) -> Tensor:
        """(batch, latent_size) noise, and (batch,) labels if it has classes, to images.

        Returns:
            (batch, 1, 28, 28), in [-1, 1] unless ``bounded`` is off.

        Raises:
            ValueError: if labels are missing, or given where there are no classes.
        """
        if _uses_labels(self.classes, labels):
            assert labels is not None
            # (batch, latent_size + classes)
            latent = torch.cat([latent, F.one_hot(labels, self.classes).to(latent)], dim=1)
        images: Tensor = self.layers(latent)  # (batch, 1, 28, 28)
        return images


class DCGANDiscriminator(nn.Module):
    """Images to one logit each, high for real, by two strided convolutions: 28x28, 14x14, 7x7.

    LeakyReLU with slope 0.2 follows both. The first takes pixels as they are; after the second
    comes a normalization. Weights start as normal draws with standard deviation 0.02.

    Args:
        channels: channels at 14x14 and at 7x7.
        downsample: "strided" halves by the convolution's stride, "pool" by max pooling after a
            3x3 convolution of stride 1.
        normalization: "batch", "spectral" (every layer's weights divided by their largest singular
            value, in place of batch normalization), or "none".
        activation: "leaky_relu" with slope 0.2, or "relu".
        hidden: units of a fully connected hidden layer before the logit; 0 leaves it out.
        classes: how many classes there are; 0 for a discriminator without labels. The label picks
            a learned vector, whose inner product with the last features is added to the logit
            (Miyato & Koyama 2018).

    Raises:
        ValueError: for a size or a name that cannot be.

    Source: Radford et al. 2015, section 3; Miyato et al. 2018, "Spectral Normalization for
    Generative Adversarial Networks", section 2.1; Miyato & Koyama 2018, "cGANs with Projection
    Discriminator", section 3.

    >>> DCGANDiscriminator()(torch.zeros(8, 1, 28, 28)).shape
    torch.Size([8])
    >>> sevens = torch.full((8,), 7)
    >>> DCGANDiscriminator(classes=10)(torch.zeros(8, 1, 28, 28), sevens).shape
    torch.Size([8])
    """

    def __init__(
        self,
        channels: tuple[int, int] = (32, 64),
        *,
        downsample: Literal["strided", "pool"] = "strided",
        normalization: Literal["batch", "spectral", "none"] = "batch",
        activation: Literal["relu", "leaky_relu"] = "leaky_relu",
        hidden: int = 0,
        classes: int = 0,
    ) -> None:
        super().__init__()
        _check_sizes(channels, hidden, classes)
        if downsample not in ("strided", "pool"):
            raise ValueError(f'downsample must be "strided" or "pool", not {downsample!r}')
        if normalization not in ("batch", "spectral", "none"):
            raise ValueError(
                f'normalization must be "batch", "spectral" or "none", not {normalization!r}'
            )
        self.classes = classes
        wide, deep = channels

        def halved(size_in: int, size_out: int) -> list[nn.Module]:
            if downsample == "pool":
                return [nn.Conv2d(size_in, size_out, kernel_size=3, padding=1), nn.MaxPool2d(2)]
            return [nn.Conv2d(size_in, size_out, kernel_size=4, stride=2, padding=1)]

        layers = [*halved(1, wide), _activation(activation)]  # (batch, wide, 14, 14)
        layers += halved(wide, deep)  # (batch, deep, 7, 7)
        layers += [nn.BatchNorm2d(deep)] if normalization == "batch" else []
        layers += [_activation(activation), nn.Flatten()]  # (batch, deep * 49)
        size = deep * 49
        if hidden:
            layers += [nn.Linear(size, hidden)]
            layers += [nn.BatchNorm1d(hidden)] if normalization == "batch" else []
            layers += [_activation(activation)]
            size = hidden
        self.layers = nn.Sequential(*layers, nn.Linear(size, 1))
        self.embedding = nn.Embedding(classes, size) if classes else None
        _start_small(self)
        if normalization == "spectral":
            for layer in list(self.modules()):
                if isinstance(layer, nn.Conv2d | nn.Linear | nn.Embedding):
                    spectral_norm(layer)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(batch, 1, 28, 28) images in [-1, 1], and (batch,) labels if it has classes, to logits.

        Returns:
            (batch,)

        Raises:
            ValueError: if labels are missing, or given where there are no classes.
        """
        with_labels = _uses_labels(self.classes, labels)
        features: Tensor = self.layers[:-1](images)  # (batch, size)
        logits: Tensor = self.layers[-1](features).squeeze(1)  # (batch,)
        if with_labels:
            assert self.embedding is not None
            assert labels is not None
            logits = logits + (self.embedding(labels) * features).sum(dim=1)  # (batch,)
        return logits


def _activation(name: str) -> nn.Module:
    if name == "relu":
        return nn.ReLU()
    if name == "leaky_relu":
        return nn.LeakyReLU(0.2)
    raise ValueError(f'activation must be "relu" or "leaky_relu", not {name!r}')


def _check_sizes(channels: tuple[int, int], hidden: int, classes: int) -> None:
    if len(channels) != 2 or min(channels) < 1:
        raise ValueError(f"channels must be two whole numbers of at least 1, not {channels!r}")
    if hidden < 0 or classes < 0:
        raise ValueError(f"hidden and classes must not be negative, got {hidden} and {classes}")


def _uses_labels(classes: int, labels: Tensor | None) -> bool:
    if classes and labels is None:
        raise ValueError(f"this network was made for {classes} classes: give it (batch,) labels")
    if not classes and labels is not None:
        raise ValueError("this network was made without classes: leave the labels out")
    return classes > 0


def _start_small(network: nn.Module) -> None:
    """Radford et al. 2015, section 4: weights from a normal with standard deviation 0.02."""
    for module in network.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
