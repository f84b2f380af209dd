"""The convolutional players: every guideline is on by default, each switch takes one back."""

from typing import Any

import pytest
import torch
from torch import nn

from aigc_edu.models import DCGANDiscriminator, DCGANGenerator

GENERATORS: list[dict[str, Any]] = [
    {},
    {"channels": (4, 6)},
    {"upsample": "resize"},
    {"kernel_size": 2},
    {"kernel_size": 3},
    {"kernel_size": 5},
    {"normalize": False},
    {"activation": "leaky_relu"},
    {"hidden": 30},
    {"hidden": 30, "normalize": False},
    {"bounded": False},
    {"classes": 10},
]
DISCRIMINATORS: list[dict[str, Any]] = [
    {},
    {"channels": (4, 6)},
    {"downsample": "pool"},
    {"normalization": "spectral"},
    {"normalization": "none"},
    {"activation": "relu"},
    {"hidden": 30},
    {"hidden": 30, "normalization": "spectral"},
    {"classes": 10},
    {"classes": 10, "normalization": "spectral"},
    {"classes": 10, "hidden": 30},
]


def kinds(model: nn.Module) -> set[type[nn.Module]]:
    return {type(each) for each in model.modules()}


def labels_for(settings: dict[str, Any], count: int) -> torch.Tensor | None:
    return torch.arange(count) % 10 if settings.get("classes") else None


@pytest.mark.parametrize("settings", GENERATORS, ids=str)
def test_generators_make_images_and_every_weight_learns(settings: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = DCGANGenerator(12, **settings)
    assert model.latent_size == 12
    images = model(torch.randn(6, 12), labels_for(settings, 6))
    assert images.shape == (6, 1, 28, 28)
    images.square().sum().backward()
    for name, weights in model.named_parameters():
        assert weights.grad is not None, name
        # A bias right before batch normalization is subtracted again: its gradient is 0.
        if not name.endswith("bias"):
            assert float(weights.grad.abs().sum()) > 0, name


@pytest.mark.parametrize("settings", DISCRIMINATORS, ids=str)
def test_discriminators_give_logits_and_every_weight_learns(settings: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = DCGANDiscriminator(**settings)
    images = torch.randn(6, 1, 28, 28, requires_grad=True)
    logits = model(images, labels_for(settings, 6))
    assert logits.shape == (6,)
    logits.square().sum().backward()
    assert images.grad is not None
    assert bool((images.grad != 0).flatten(1).any(dim=1).all())
    for name, weights in model.named_parameters():
        assert weights.grad is not None, name
        if not name.endswith("bias"):
            assert float(weights.grad.abs().sum()) > 0, name


def test_the_defaults_follow_the_guidelines() -> None:
    generator, discriminator = DCGANGenerator(), DCGANDiscriminator()
    assert {nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU, nn.Tanh} <= kinds(generator)
    assert nn.LeakyReLU not in kinds(generator)
    assert {nn.Conv2d, nn.BatchNorm2d, nn.LeakyReLU} <= kinds(discriminator)
    assert not {nn.MaxPool2d, nn.ReLU, nn.Sigmoid} & kinds(discriminator)
    # Neither the generator's last layer nor the discriminator's first is normalized.
    assert [type(each) for each in list(generator.layers)[-2:]] == [nn.ConvTranspose2d, nn.Tanh]
    first = [type(each) for each in list(discriminator.layers)[:2]]
    assert first == [nn.Conv2d, nn.LeakyReLU]


def test_each_switch_takes_its_guideline_back() -> None:
    def generator(**settings: Any) -> set[type[nn.Module]]:
        return kinds(DCGANGenerator(**settings))

    def discriminator(**settings: Any) -> set[type[nn.Module]]:
        return kinds(DCGANDiscriminator(**settings))

    assert nn.ConvTranspose2d not in generator(upsample="resize")
    assert nn.BatchNorm2d not in generator(normalize=False)
    assert nn.ReLU not in generator(activation="leaky_relu")
    assert nn.Tanh not in generator(bounded=False)
    assert nn.MaxPool2d in discriminator(downsample="pool")
    assert nn.BatchNorm2d not in discriminator(normalization="none")
    assert nn.LeakyReLU not in discriminator(activation="relu")

    def linear(model: nn.Module) -> int:
        return sum(isinstance(each, nn.Linear) for each in model.modules())

    assert linear(DCGANGenerator(hidden=9)) == linear(DCGANGenerator()) + 1 == 2
    assert linear(DCGANDiscriminator(hidden=9)) == linear(DCGANDiscriminator()) + 1 == 2


def test_tanh_binds_and_its_absence_does_not() -> None:
    torch.manual_seed(0)
    latent = torch.randn(4, 100)
    bounded, free = DCGANGenerator(), DCGANGenerator(bounded=False)
    for model in (bounded, free):
        with torch.no_grad():
            model.layers[7 if model is bounded else -1].weight.mul_(1e4)
    assert float(bounded(latent).detach().abs().max()) <= 1.0
    assert float(free(latent).detach().abs().max()) > 1.0


def test_labels_change_the_image_and_the_verdict() -> None:
    torch.manual_seed(0)
    generator, discriminator = DCGANGenerator(classes=10), DCGANDiscriminator(classes=10)
    generator.eval()
    discriminator.eval()
    latent, sevens, twos = torch.randn(3, 100), torch.full((3,), 7), torch.full((3,), 2)
    assert not generator(latent, sevens).allclose(generator(latent, twos), atol=1e-9)
    images = torch.rand(3, 1, 28, 28)
    assert not discriminator(images, sevens).equal(discriminator(images, twos))


def test_the_verdict_on_a_label_is_an_inner_product() -> None:
    torch.manual_seed(0)
    model, images = DCGANDiscriminator(classes=10).eval(), torch.rand(4, 1, 28, 28)
    features = model.layers[:-1](images)  # (4, 3136)
    plain = model.layers(images).squeeze(1)
    assert model.embedding is not None
    for digit in range(10):
        extra = features @ model.embedding.weight[digit]
        torch.testing.assert_close(model(images, torch.full((4,), digit)), plain + extra)


def test_missing_or_needless_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="labels"):
        DCGANGenerator(classes=10)(torch.randn(2, 100))
    with pytest.raises(ValueError, match="without classes"):
        DCGANGenerator()(torch.randn(2, 100), torch.zeros(2, dtype=torch.long))
    with pytest.raises(ValueError, match="labels"):
        DCGANDiscriminator(classes=10)(torch.zeros(2, 1, 28, 28))


@pytest.mark.parametrize(
    "settings",
    [
        {"latent_size": 0},
        {"channels": (0, 4)},
        {"upsample": "bilinear"},
        {"kernel_size": 1},
        {"activation": "gelu"},
        {"hidden": -1},
        {"classes": -1},
    ],
)
def test_a_generator_that_cannot_be_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        DCGANGenerator(**settings)


@pytest.mark.parametrize(
    "settings",
    [{"downsample": "average"}, {"normalization": "layer"}, {"activation": "gelu"}, {"hidden": -1}],
)
def test_a_discriminator_that_cannot_be_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        DCGANDiscriminator(**settings)


def test_spectral_normalization_brings_every_layer_to_one() -> None:
    torch.manual_seed(0)
    model = DCGANDiscriminator((4, 6), normalization="spectral")
    for _ in range(50):  # each pass in train mode refines the estimate by one step
        model(torch.randn(2, 1, 28, 28))
    layers = [each for each in model.modules() if isinstance(each, nn.Conv2d | nn.Linear)]
    assert len(layers) == 3
    for layer in layers:
        largest = torch.linalg.svdvals(layer.weight.flatten(1))[0]
        assert float(largest.detach()) == pytest.approx(1.0, abs=1e-3)


def test_weights_start_small() -> None:
    torch.manual_seed(0)
    weight = DCGANGenerator().layers[0].weight
    assert float(weight.detach().std()) == pytest.approx(0.02, rel=0.02)


def test_channels_last_gives_the_same() -> None:
    torch.manual_seed(0)
    model, images = DCGANDiscriminator((4, 6)).eval(), torch.rand(3, 1, 28, 28)
    expected = model(images)
    model = model.to(memory_format=torch.channels_last)
    got = model(images.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(got, expected)
