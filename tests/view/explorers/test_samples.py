"""Samples: their temperature, the walk through noise, several models beside each other."""

import numpy as np
import pytest
import torch
from pretended import Gray, gray

from aigc_edu.errors import CourseError
from aigc_edu.models import MLPVAE, MLPGenerator
from aigc_edu.view.explorers.beta import beta_comparison
from aigc_edu.view.explorers.temperature import temperature
from aigc_edu.view.explorers.walk import noise_walk


def test_temperature_scales_the_same_latents_until_others_are_drawn():
    explorer = temperature.__wrapped__(Gray(), count=3, output=(-4.0, 4.0))
    cold, warm, again, other = (
        gray(values, explorer)[:, 0, 0, 0].astype(int)
        for values in ([0.0, 0], [1.0, 0], [1.0, 0], [1.0, 1])
    )
    assert (cold == 128).all()
    assert warm.std() > 0
    assert (warm == again).all()
    assert (warm != other).any()
    assert "Temperature 1.00" in explorer.answer([1.0, 0])[0]["sentence"]


def test_the_walk_is_a_circle_and_every_step_of_it_is_a_normal_draw():
    seen = []

    def generator(latent):
        seen.append(latent)
        return torch.zeros(len(latent), 1, 2, 2)

    explorer = noise_walk.__wrapped__(generator, count=500, latent_size=20)
    for angle in (0, 45, 90, 180, 360):
        explorer.answer([angle, 1.0, 0])
    begin, between, _, opposite, round_ = seen[-5:]
    assert abs(between.std().item() - 1) < 0.05
    assert torch.allclose(opposite, -begin, atol=1e-5)
    assert torch.allclose(round_, begin, atol=1e-5)


def test_beta_comparison_goes_from_the_code_to_a_draw():
    images = torch.rand(4, 1, 6, 5, generator=torch.Generator().manual_seed(0))
    explorer = beta_comparison.__wrapped__({"a": Gray(), "b": MLPLike()}, images, output=(0.0, 1.0))
    copied = gray([0.0, 0], explorer)
    assert copied.shape == (12, 6, 5, 1)
    mean = (images.flatten(1)[:, 0] * 255).round().numpy()
    assert np.abs(copied[4:8, 0, 0, 0] - mean).max() <= 1
    sampled, others = gray([1.0, 0], explorer), gray([1.0, 1], explorer)
    assert (sampled[:4] == copied[:4]).all()
    assert (sampled[4:8] != others[4:8]).any()


class MLPLike(Gray):
    latent_size = 5

    def encode(self, x):
        return x.flatten(1)[:, :5], None


@pytest.mark.parametrize(
    ("models", "images", "sentence"),
    [
        ({}, torch.zeros(2, 1, 6, 5), "models is empty"),
        ({"a": Gray()}, torch.zeros(0, 1, 6, 5), "between 1 and 12"),
        ({"a": Gray()}, torch.zeros(13, 1, 6, 5), "between 1 and 12"),
        ({"a": Gray()}, torch.zeros(2, 30), "images must be a tensor"),
        ({"a": MLPGenerator()}, torch.zeros(2, 1, 6, 5), "'a' needs the methods"),
        ({"a": MLPVAE()}, torch.zeros(2, 1, 6, 5), "'a' stopped with RuntimeError"),
    ],
)
def test_bad_input_of_the_comparison_gets_a_sentence(models, images, sentence):
    with pytest.raises(CourseError, match=sentence):
        beta_comparison.__wrapped__(models, images)


@pytest.mark.parametrize("make", [temperature, noise_walk])
@pytest.mark.parametrize("count", [0, -1, 2.5, True])
def test_no_picture_is_no_number_of_pictures(make, count):
    with pytest.raises(CourseError, match="whole number of 1 or more"):
        make(Gray(), count=count)
