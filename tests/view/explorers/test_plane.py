"""The plane of two latents."""

import math

import numpy as np
import pytest
import torch
from pretended import Gray

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.plane import latent_plane


def test_the_plane_moves_the_two_latents_named_and_leaves_the_others():
    seen = []

    def decode(latent):
        seen.append(latent.clone())
        return torch.zeros(len(latent), 1, 2, 2)

    base = torch.tensor([5.0, 6.0, 7.0, 8.0])
    explorer = latent_plane.__wrapped__(decode, dimensions=(3, 1), base=base, latent_size=4)
    explorer.answer([0.5, -1.0])
    assert seen[-1].tolist() == [[5.0, -1.0, 7.0, 0.5]]


def test_the_codes_travel_as_positions_and_classes():
    known = torch.tensor([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]])
    explorer = latent_plane.__wrapped__(Gray(), known, labels=torch.tensor([10, 2, 10]))
    (plane,) = explorer.spec["controls"]
    assert plane["points"] == 3
    assert [one["name"] for one in plane["classes"]] == ["2", "10"]
    places = np.frombuffer(explorer.points[:24], "<f4").reshape(3, 2)
    assert places.tolist() == known.tolist()
    assert list(explorer.points[24:]) == [1, 0, 1]
    assert plane["high"] == -plane["low"] >= 4


def test_many_codes_are_thinned_evenly():
    known = torch.linspace(-1, 1, 10_000)[:, None].expand(-1, 2)
    explorer = latent_plane.__wrapped__(Gray(), known, labels=[0] * 5000 + [1] * 5000)
    places = np.frombuffer(explorer.points[: 8 * 4000], "<f4")
    assert (places[0], places[-1]) == (-1, 1)
    assert sum(explorer.points[8 * 4000 :]) == 2000


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"codes": torch.zeros(3, 2), "labels": [1, 2]}, "3 codes but 2 labels"),
        ({"codes": torch.zeros(0, 2)}, "codes is empty"),
        ({"codes": torch.zeros(3)}, r"shape \(count, latent\)"),
        ({"codes": [[1.0, 2.0]]}, "list"),
        ({"codes": torch.zeros(3, 5)}, "5 numbers a latent, but the decoder takes 2"),
        ({"codes": torch.full((3, 2), math.nan)}, "not numbers"),
        ({"codes": torch.zeros(200, 2), "labels": range(200)}, "at most 100"),
        ({"labels": [1]}, "labels but no codes"),
        ({"dimensions": (0, 0)}, "two different latents"),
        ({"dimensions": (0, 2)}, "from 0 to 1"),
        ({"dimensions": 3}, "names two latents"),
        ({"extent": 0.0}, "more than 0"),
        ({"extent": math.inf}, "more than 0"),
        ({"base": torch.zeros(3)}, "base has 3 numbers"),
    ],
)
def test_bad_input_of_the_plane_gets_a_sentence(settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        latent_plane.__wrapped__(Gray(), **settings)
