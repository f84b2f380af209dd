"""``aigc-edu assets picture``: what the README shows comes from lesson 07's own loop."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from aigc_edu.commands.assets import command
from aigc_edu.commands.assets_picture import STRIP, _frames, _strip

LARGEST = 600_000  # bytes that the README's first screen may load


def test_frames_are_grids_and_the_strip_shows_some() -> None:
    film = [torch.full((32, 1, 28, 28), level / 11) for level in range(12)]
    frames = _frames(film)
    assert len(frames) == 12
    assert len({frame.size for frame in frames}) == 1
    assert [frame.getpixel((10, 10)) for frame in frames] == [
        round(n * 255 / 11) for n in range(12)
    ]
    strip = _strip(frames)
    assert strip.height == frames[0].height
    assert strip.width > 4 * (frames[0].width // 2)
    assert strip.getpixel((10, 10)) == round(STRIP[0] * 255 / 11)


@pytest.mark.slow
def test_the_command_makes_both_pictures(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["picture", "--quick", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "noise_to_digits.gif") as moving:
        assert moving.n_frames >= 8
    assert (tmp_path / "noise_to_digits.png").stat().st_size > 1000


def test_the_pictures_that_are_kept_are_small_and_move() -> None:
    folder = Path(__file__).resolve().parents[2] / "docs" / "pictures"
    path = folder / "noise_to_digits.gif"
    assert path.stat().st_size < LARGEST
    with Image.open(path) as moving:
        assert moving.n_frames >= 10
    with Image.open(folder / "noise_to_digits.png") as still:
        assert still.width > still.height
