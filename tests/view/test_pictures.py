"""Grids and strips: the pixels themselves."""

import numpy as np
import pytest
import torch

from aigc_edu import view
from aigc_edu.view import pictures
from aigc_edu.view.style import NOT_A_NUMBER


@pytest.mark.parametrize("shape", [(4, 1, 28, 28), (4, 28, 28)])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float64])
def test_shapes_and_types(shape, kind):
    pixels, broken, note = pictures.to_pixels(torch.ones(shape, dtype=kind, requires_grad=True))
    assert pixels.shape == (4, 28, 28)
    assert (pixels == 255).all()
    assert not broken.any()
    assert note == ""


def test_bytes_are_taken_as_they_are():
    images = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    pixels, _, _ = pictures.to_pixels(images)
    assert (pixels.ravel() == np.arange(256)).all()


def test_value_range():
    pixels, _, note = pictures.to_pixels(np.array([[-1.0, 0.0, 1.0]]), value_range=(-1, 1))
    assert pixels.ravel().tolist() == [0, 128, 255]
    assert note == ""
    _, _, note = pictures.to_pixels(np.array([[-1.0, 0.0, 1.0]]))
    assert "-1 to 1" in note
    assert "value_range" in note


@pytest.mark.parametrize(
    "images",
    [np.zeros((2, 3, 28, 28)), np.zeros(5), np.zeros((0, 28, 28)), np.array([["a", "b"]])],
)
def test_what_is_no_image_is_refused(images):
    with pytest.raises(ValueError, match=r"Images must be|no image"):
        view.image_grid(images, alt="Nothing.")


def test_a_falling_value_range_is_refused():
    with pytest.raises(ValueError, match="value_range"):
        pictures.to_pixels(np.zeros((1, 2, 2)), value_range=(1, 0))


def test_every_image_is_where_it_belongs():
    images = np.arange(1, 7, dtype=np.uint8)[:, None, None] * np.ones((6, 4, 4), np.uint8)
    grid = pictures.tile(images, columns=3, zoom=2, gap=1)
    assert grid.shape == (2 * 9 + 1, 3 * 9 + 1)
    for index in range(6):
        top, left = 1 + index // 3 * 9, 1 + index % 3 * 9
        assert (grid[top : top + 8, left : left + 8] == index + 1).all()
    assert (grid[0] == 255).all()
    assert (grid[:, -1] == 255).all()


def test_a_pixel_stays_a_sharp_square():
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    picture = np.asarray(pictures.grid_image(images))
    zoom = (picture.shape[0] - 4) // 28
    assert zoom > 1
    assert (picture[2:-2:zoom, 2 : 2 + 28 * zoom : zoom] == images[0]).all()


def test_a_broken_value_is_marked_and_said(capsys):
    images = torch.zeros(3, 1, 4, 4)
    images[1, 0, 0, 0] = float("nan")
    images[2, 0, 0, 0] = float("inf")
    pixels, broken, note = pictures.to_pixels(images)
    assert broken.sum() == 2
    assert "2 of 3 images hold" in note
    grid = pictures.tile(pixels, broken, columns=3, gap=0)
    assert grid[0, 4].tolist() == list(NOT_A_NUMBER)
    assert grid[0, 0].tolist() == [0, 0, 0]
    view.image_grid(images, alt="Three squares.")
    assert "not numbers" in capsys.readouterr().out


def test_labels_and_title_make_room_for_themselves():
    pixels = np.zeros((4, 28, 28), np.uint8)
    plain = pictures.grid_image(pixels)
    labeled = pictures.grid_image(pixels, labels=["seven", "a much longer label", 3, ""])
    titled = pictures.grid_image(pixels, title="What to see: " + "four black squares " * 5)
    assert labeled.width > plain.width
    assert labeled.height > plain.height
    assert titled.height > plain.height
    assert (np.asarray(titled)[-plain.height :, : plain.width] == np.asarray(plain)).all()


def test_wrong_labels_columns_and_alts():
    images = np.zeros((4, 28, 28))
    with pytest.raises(ValueError, match="4 images but 2 labels"):
        view.image_grid(images, labels=["a", "b"], alt="Four.")
    with pytest.raises(ValueError, match="column"):
        view.image_grid(images, columns=0, alt="Four.")
    with pytest.raises(ValueError, match="text alternative"):
        view.image_grid(images, alt="")
    with pytest.raises(ValueError, match="text alternative"):
        view.interpolation_strip(images, alt="")
    with pytest.raises(ValueError, match="at least two"):
        view.interpolation_strip(images[:1], alt="One.")


def test_sixty_four_digits_are_a_small_file():
    from aigc_edu.data import load_digits
    from aigc_edu.view.display import png_bytes

    pixels, broken, _ = pictures.to_pixels(load_digits("test").images[:64])
    picture = pictures.grid_image(pixels, broken, title="Sixty-four digits")
    assert picture.width <= pictures.WIDTH
    assert len(png_bytes(picture)) < 40_000
