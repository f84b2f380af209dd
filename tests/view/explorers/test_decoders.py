"""A network as explorers ask it."""

import pytest
import torch
from pretended import Gray

from aigc_edu.errors import CourseError
from aigc_edu.models import MLPGenerator, load_decoder
from aigc_edu.view.explorers.decoders import Decoder


def test_a_decoder_is_a_model_a_module_or_a_function():
    latent = torch.zeros(3, 10)
    model = load_decoder()
    by_model = Decoder(model)(latent)
    assert by_model.shape == (3, 1, 28, 28)
    assert ((by_model >= 0) & (by_model <= 1)).all()  # the sigmoid made images of logits
    assert torch.equal(Decoder(model.decode)(latent), by_model)
    function = Decoder(lambda z: model.decode(z), latent_size=10)
    assert torch.equal(function(latent), by_model)
    assert Decoder(MLPGenerator(), (-1, 1)).latent_size == 100


def test_latents_go_to_where_the_weights_are_and_images_come_back():
    model = Gray().to("meta")
    assert Decoder(model).device.type == "meta"


@pytest.mark.parametrize(
    ("decoder", "settings", "sentence"),
    [
        (3, {}, "a model with a method decode"),
        (lambda z: z, {}, "pass latent_size"),
        (lambda z: z, {"latent_size": 0}, "1 or more"),
        (Gray(), {"output": (1, 0)}, "must rise"),
        (Gray(), {"output": "pixels"}, "logits"),
        (Gray(), {"output": 3}, "logits"),
    ],
)
def test_what_is_no_decoder_is_refused(decoder, settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        Decoder(decoder, **settings)
