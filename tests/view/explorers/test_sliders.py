"""One slider a latent."""

import pytest
import torch
from pretended import Gray, gray

from aigc_edu.errors import CourseError
from aigc_edu.models import MLPGenerator
from aigc_edu.view.explorers.sliders import latent_sliders


def test_one_slider_a_latent_in_the_order_asked_for_and_presets_that_fit():
    known = torch.tensor([[0.5, -1.5]])
    explorer = latent_sliders.__wrapped__(
        Gray(), known, labels=["seven"], order=[1, 0], output=(0, 1)
    )
    choice, first, second = explorer.spec["controls"]
    assert choice["options"] == ["seven (number 0)", "all at 0"]
    assert choice["sets"] == [[-1.5, 0.5], [0.0, 0.0]]
    assert (first["name"], first["start"]) == ("latent 1", -1.5)
    assert (second["name"], second["start"]) == ("latent 0", 0.5)
    start, now = gray([0, -1.5, 1.0], explorer)[:, 0, 0, 0]
    assert (start, now) == (128, 255)


def test_a_code_beyond_the_usual_range_still_fits_its_slider():
    explorer = latent_sliders.__wrapped__(Gray(), torch.tensor([[7.3, 0.0]]))
    assert explorer.spec["controls"][1]["high"] == 8


@pytest.mark.parametrize("order", [[], [0, 0], [2], [-1]])
def test_an_order_that_names_no_latents_is_refused(order):
    with pytest.raises(CourseError, match="order names latents from 0 to 1"):
        latent_sliders.__wrapped__(Gray(), order=order)


def test_too_many_sliders_are_refused():
    with pytest.raises(CourseError, match="at most 64"):
        latent_sliders.__wrapped__(MLPGenerator(), output=(-1, 1))
