"""The networks: sizes, ranges, what reaches what."""

import pytest
import torch
from torch import Tensor, nn

from aigc_edu.models import MLPVAE, Classifier, ConvVAE, MLPDiscriminator, MLPGenerator


def linear_sizes(model: nn.Module) -> list[tuple[int, int]]:
    return [
        (each.in_features, each.out_features)
        for each in model.modules()
        if isinstance(each, nn.Linear)
    ]


def test_the_gan_has_the_articles_sizes() -> None:
    assert linear_sizes(MLPGenerator()) == [(100, 256), (256, 512), (512, 1024), (1024, 784)]
    assert linear_sizes(MLPDiscriminator()) == [(784, 512), (512, 256), (256, 1)]


@pytest.mark.parametrize("model", [MLPGenerator(), MLPDiscriminator()])
def test_an_activation_stands_between_every_two_layers(model: nn.Module) -> None:
    kinds = [type(each) for each in model.layers]  # type: ignore[union-attr, arg-type]
    assert nn.Linear not in kinds[1::2]
    assert all(kind is nn.Linear for kind in kinds[0::2])


def test_generator_makes_images_in_the_range_of_tanh() -> None:
    images = MLPGenerator(latent_size=7)(100 * torch.randn(5, 7))
    assert images.shape == (5, 1, 28, 28)
    assert float(images.detach().abs().max()) <= 1.0
    assert float(images.detach().min()) < 0.0


def test_discriminator_gives_logits() -> None:
    logits = MLPDiscriminator()(100 * torch.randn(5, 1, 28, 28))
    assert logits.shape == (5,)
    assert float(logits.detach().abs().max()) > 1.0  # no sigmoid, no tanh


def vaes() -> list[MLPVAE | ConvVAE]:
    torch.manual_seed(0)
    return [MLPVAE(5, 30), ConvVAE(5, (4, 8))]


@pytest.mark.parametrize("model", vaes(), ids=["mlp", "conv"])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_vae_encodes_and_decodes(model: MLPVAE | ConvVAE, batch: int) -> None:
    x = torch.rand(batch, 1, 28, 28)
    assert model.latent_size == 5
    mean, log_variance = model.encode(x)
    assert mean.shape == log_variance.shape == (batch, 5)
    assert model.decode(mean).shape == (batch, 1, 28, 28)
    logits, again, _ = model(x, torch.Generator().manual_seed(0))
    assert torch.equal(again, mean)
    same, _, _ = model(x, torch.Generator().manual_seed(0))
    other, _, _ = model(x, torch.Generator().manual_seed(1))
    assert torch.equal(logits, same)
    assert not torch.equal(logits, other)


@pytest.mark.parametrize("model", vaes(), ids=["mlp", "conv"])
def test_every_weight_of_a_vae_learns(model: MLPVAE | ConvVAE) -> None:
    logits, mean, log_variance = model(torch.rand(4, 1, 28, 28))
    (logits.square().sum() + mean.sum() + log_variance.sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert float(parameter.grad.abs().sum()) > 0, name


def test_every_pixel_of_the_conv_vae_reaches_the_latent() -> None:
    x = torch.rand(1, 1, 28, 28, requires_grad=True)
    mean, _ = ConvVAE().encode(x)
    mean.square().sum().backward()
    assert x.grad is not None
    assert bool((x.grad != 0).all())


def test_conv_vae_default_is_small() -> None:
    model = ConvVAE()
    assert model.latent_size == 20
    assert sum(each.numel() for each in model.parameters()) < 120_000


def test_channels_last_gives_the_same() -> None:
    torch.manual_seed(0)
    model, x = ConvVAE(5, (4, 8)), torch.rand(3, 1, 28, 28)
    expected = model.encode(x)[0]
    model = model.to(memory_format=torch.channels_last)
    got = model.encode(x.contiguous(memory_format=torch.channels_last))[0]
    torch.testing.assert_close(got, expected)


def test_classifier_has_64_features_behind_its_logits() -> None:
    model, x = Classifier(), torch.rand(3, 1, 28, 28)
    features: Tensor = model.features(x)
    assert features.shape == (3, 64)
    assert float(features.detach().min()) >= 0.0
    torch.testing.assert_close(model(x), model.output(features))
    assert model(x).shape == (3, 10)
