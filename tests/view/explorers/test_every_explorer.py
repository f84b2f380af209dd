"""What holds for every explorer: what a page gets, its still picture, a network that is wrong."""

import inspect
import math

import pytest
import torch
from pretended import Gray, codes
from torch import nn

from aigc_edu.errors import CourseError
from aigc_edu.view import explore
from aigc_edu.view.explore import (
    beta_comparison,
    interpolation,
    latent_plane,
    latent_sliders,
    noise_walk,
    temperature,
)
from aigc_edu.view.explorers.base import Explorer
from aigc_edu.view.explorers.decoders import Decoder


def every_explorer(model=None):
    """One of each kind that asks a decoder, on the same decoder with two latents."""
    model = Gray() if model is None else model
    two = {"output": (0.0, 1.0)}
    return {
        "plane": latent_plane.__wrapped__(model, codes(), labels=[0, 1, 0, 1, 2, 2], **two),
        "interpolation": interpolation.__wrapped__(model, codes(), **two),
        "sliders": latent_sliders.__wrapped__(model, codes(), **two),
        "temperature": temperature.__wrapped__(model, **two),
        "beta": beta_comparison.__wrapped__(
            {"one": model, "two": model}, torch.rand(3, 1, 6, 5), **two
        ),
        "walk": noise_walk.__wrapped__(model, **two),
    }


@pytest.mark.parametrize("kind", every_explorer())
def test_what_is_sent_fits_the_pictures_that_the_page_expects(kind):
    explorer = every_explorer()[kind]
    fields, buffer = explorer.answer(explorer.starts())
    count, high, wide, channels = fields["shape"]
    assert count == sum(group["count"] for group in explorer.spec["pictures"])
    assert (high, wide, channels) == (6, 5, 1)
    assert len(buffer) == count * high * wide
    assert all(group["alt"] for group in explorer.spec["pictures"])
    assert explorer.spec["label"]
    assert explorer.spec["hint"]


@pytest.mark.parametrize("kind", every_explorer())
def test_each_has_a_still_picture_that_fits_a_lesson(kind):
    explorer = every_explorer()[kind]
    image, width, note = explorer._static()
    assert (width or image.width) <= 780
    assert note == "" or "cut to the range" in note  # gray levels beyond the range
    assert explorer.alt


@pytest.mark.parametrize("kind", every_explorer())
def test_a_decoder_that_raises_comes_back_as_a_sentence_and_the_next_answer_is_a_picture(kind):
    class Moody(Gray):
        moody = False

        def decode(self, latent):
            if self.moody:
                raise RuntimeError("mat1 and mat2 cannot be multiplied\nand so on")
            return super().decode(latent)

    model = Moody()
    explorer = every_explorer(model)[kind]
    model.moody = True
    fields, buffer = explorer.answer(explorer.starts())
    assert "stopped with RuntimeError: mat1 and mat2 cannot be multiplied. Mend" in fields["error"]
    assert buffer == b""
    model.moody = False
    assert "shape" in explorer.answer(explorer.starts())[0]


@pytest.mark.parametrize("kind", every_explorer())
def test_a_picture_with_nan_is_shown_as_such_and_said(kind):
    model = Gray()
    explorer = every_explorer(model)[kind]
    with torch.no_grad():
        model.weight.fill_(math.nan)
    fields, buffer = explorer.answer(explorer.starts())
    assert fields["shape"][3] == 3
    assert "not numbers" in fields["note"]
    assert bytes([213, 94, 0]) in buffer


@pytest.mark.parametrize("kind", every_explorer())
def test_a_decoder_of_another_shape_is_refused_with_a_sentence(kind):
    class Flat(Gray):
        def decode(self, latent):
            return super().decode(latent).flatten(1)

    explorer = every_explorer(Flat())[kind]
    with pytest.raises(CourseError, match=r"must turn latents .* into images .* \(\d+, 30\)"):
        explorer._static()
    assert "must turn latents" in explorer.answer(explorer.starts())[0]["error"]


@pytest.mark.parametrize("kind", every_explorer())
def test_looking_leaves_training_as_it_was(kind):
    class Trained(Gray):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm2d(1)
            self.looked = []

        def decode(self, latent):
            self.looked.append((self.norm.training, torch.is_grad_enabled()))
            torch.rand(3)
            return self.norm(super().decode(latent))

    model = Trained().train()
    explorer = every_explorer(model)[kind]
    torch.manual_seed(3)
    state = torch.get_rng_state()
    mean = model.norm.running_mean.clone()
    explorer.answer(explorer.starts())
    explorer._static()
    assert model.training
    assert model.norm.training
    assert torch.equal(model.norm.running_mean, mean)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(not gradient for _, gradient in model.looked)


def test_batch_norm_is_asked_in_eval_mode():
    seen = []

    class Normed(nn.Module):
        latent_size = 2

        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(2)
            self.norm.register_forward_pre_hook(lambda module, _: seen.append(module.training))

        def forward(self, latent):
            return self.norm(latent).view(-1, 1, 1, 2)

    model = Normed().train()
    Decoder(model, (-1.0, 1.0))(torch.zeros(3, 2))
    assert seen == [False]
    assert model.norm.training


@pytest.mark.parametrize("name", [name for name in explore.__all__ if name != "has_front_end"])
def test_an_editor_shows_the_arguments_and_that_nothing_comes_back(name):
    function = getattr(explore, name)
    visible, made = inspect.signature(function), inspect.signature(function.__wrapped__)
    assert list(visible.parameters.values()) == list(made.parameters.values())
    assert visible.return_annotation is None
    assert made.return_annotation is Explorer
    assert "Args:" in function.__doc__
    assert function.__name__ == name
