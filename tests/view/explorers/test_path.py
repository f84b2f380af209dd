"""The way between two codes."""

import pytest
import torch
from pretended import Gray, codes, gray

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.path import interpolation, spherical_path, straight_path


def test_the_paths_begin_and_end_where_they_should():
    a, b = torch.randn(2, 7, generator=torch.Generator().manual_seed(1))
    for path in (straight_path, spherical_path):
        way = path(a, b, 11)
        assert way.shape == (11, 7)
        assert torch.allclose(way[0], a, atol=1e-5)
        assert torch.allclose(way[-1], b, atol=1e-5)
    for count in (2, 5):  # the same direction, and opposite ones: no NaN
        assert spherical_path(a, 2 * a, count).isfinite().all()
        assert spherical_path(a, -a, count).isfinite().all()
        assert spherical_path(0 * a, a, count).isfinite().all()


def test_interpolation_shows_ends_mixture_and_every_path():
    known = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    images = torch.stack([torch.zeros(1, 6, 5), torch.ones(1, 6, 5)])
    explorer = interpolation.__wrapped__(
        Gray(), known, images=images, paths={"line": straight_path}, output=(0, 1)
    )
    assert [one["caption"] for one in explorer.spec["pictures"]] == [
        "from",
        "mixed pixels",
        "line",
        "to",
    ]
    drawn = gray([0, 1, 10], explorer)[:, 0, 0, 0]
    assert drawn.tolist() == [0, 64, 64, 255]
    assert gray([1, 1, 10], explorer)[:, 0, 0, 0].tolist() == [255, 255, 255, 255]


def test_a_path_of_the_learner_may_be_wrong_in_any_way():
    def fails(start, end, count):
        raise TypeError("unsupported operand")

    for path, sentence in (
        (fails, "'mine' stopped with TypeError"),
        (lambda start, end, count: None, "'mine' must return codes of shape"),
        (lambda start, end, count: start, r"returned \(2,\)"),
    ):
        explorer = interpolation.__wrapped__(Gray(), codes(), paths={"mine": path})
        assert "'mine'" in explorer.answer([0, 1, 3])[0]["error"]
        with pytest.raises(CourseError, match=sentence):
            explorer._static()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"codes": torch.zeros(1, 2)}, "two ends"),
        ({"codes": torch.zeros(300, 2)}, "too many to choose"),
        ({"codes": codes(), "start": 6}, "from 0 to 5"),
        ({"codes": codes(), "paths": {}}, "paths is empty"),
        ({"codes": codes(), "images": torch.zeros(2, 1, 6, 5)}, "6 codes but 2 images"),
        ({"codes": codes(), "images": torch.zeros(6, 30)}, "images must be a tensor"),
    ],
)
def test_bad_input_of_the_interpolation_gets_a_sentence(settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        interpolation.__wrapped__(Gray(), **settings)
