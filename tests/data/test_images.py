"""The embedded digits: what they are, and what happens when the file is not whole."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from aigc_edu.data import embed, images, load_digits, load_fashion_mnist
from aigc_edu.errors import CourseError


def test_the_digits_are_there() -> None:
    train, test = load_digits(), load_digits("test")
    assert train.images.shape == (20_000, 1, 28, 28)
    assert test.images.shape == (5_000, 1, 28, 28)
    for part in (train, test):
        assert (part.images.dtype, part.labels.dtype) == (torch.uint8, torch.int64)
        assert part.labels.unique().tolist() == list(range(10))
        assert (int(part.images.min()), int(part.images.max())) == (0, 255)
    # MNIST's first training labels, as printed in many a book.
    assert train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def test_fashion_mnist_stands_in_for_the_digits(fashion: Any) -> None:
    digits, clothes = load_digits(), load_fashion_mnist()
    assert type(clothes) is type(digits)
    for ours, theirs in zip(digits, clothes, strict=True):
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    assert np.array_equal(clothes.images[:, 0], fashion.arrays["train-images"][:20_000])
    assert np.array_equal(clothes.labels, fashion.arrays["train-labels"][:20_000])
    clothes.images.zero_()  # yours to change
    assert int(load_fashion_mnist(limit=5).images.max()) > 0


def test_all_of_fashion_mnist_and_its_test_images(fashion: Any) -> None:
    assert len(load_fashion_mnist(limit=None).images) == 20_100
    test = load_fashion_mnist("test")
    assert test.images.shape == (2_000, 1, 28, 28)
    assert np.array_equal(test.labels, fashion.arrays["test-labels"])
    with pytest.raises(ValueError, match="split"):
        load_fashion_mnist("validation")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limit"):
        load_fashion_mnist(limit=0)


@pytest.mark.parametrize("fault", ["absent", "damaged"])
def test_fashion_mnist_that_is_not_there_is_one_sentence(
    fashion: Any, cache: Path, fault: str
) -> None:
    path = cache / "fashion-mnist" / "train-labels-idx1-ubyte"
    path.unlink() if fault == "absent" else path.write_bytes(b"short")
    with pytest.raises(CourseError, match="run 'aigc-edu data get fashion-mnist'") as error:
        load_fashion_mnist()
    assert "\n" not in str(error.value)


def test_limit_and_bad_arguments() -> None:
    assert torch.equal(load_digits(limit=5).images, load_digits().images[:5])
    with pytest.raises(ValueError, match="split"):
        load_digits("validation")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limit"):
        load_digits(limit=0)


def test_what_was_loaded_may_be_changed() -> None:
    load_digits(limit=5).images.zero_()
    assert int(load_digits(limit=5).images.max()) > 0


@pytest.mark.parametrize("fault", ["absent", "empty", "cut", "flipped", "other data"])
def test_a_damaged_file_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    path = tmp_path / "digits.npz"
    content = bytearray(images.EMBEDDED.read_bytes())
    if fault == "empty":
        content.clear()
    elif fault == "cut":
        del content[len(content) // 2 :]
    elif fault == "flipped":
        content[1_000_000] ^= 1
    if fault == "other data":
        zeros = np.zeros((20_000, 28, 28), dtype=np.uint8)
        embed.write_npz(path, {"train_images": zeros, "train_labels": zeros[:, 0, 0]})
    elif fault != "absent":
        path.write_bytes(content)
    monkeypatch.setattr(images, "EMBEDDED", path)
    with pytest.raises(CourseError, match="install the course again") as error:
        load_digits()
    assert "\n" not in str(error.value)


def test_the_file_is_made_the_same_each_time(tmp_path: Path) -> None:
    arrays = {"a": np.arange(10, dtype=np.uint8)}
    embed.write_npz(tmp_path / "1.npz", arrays)
    embed.write_npz(tmp_path / "2.npz", arrays)
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()
    assert np.array_equal(np.load(tmp_path / "1.npz")["a"], arrays["a"])
    assert zipfile.ZipFile(images.EMBEDDED).infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_another_subset_is_refused() -> None:
    zeros = np.zeros((60_000, 28, 28), dtype=np.uint8)
    originals = {"train-images": zeros, "train-labels": zeros[:, 0, 0]}
    originals |= {"test-images": zeros[:10_000], "test-labels": zeros[:10_000, 0, 0]}
    with pytest.raises(CourseError, match="differ from the course's"):
        embed.digits_subset(originals)


def test_the_license_lies_beside_it() -> None:
    text = (images.EMBEDDED.parent / "LICENSE-DIGITS.txt").read_text(encoding="utf-8")
    for word in ("CC BY-SA 3.0", "LeCun", "Cortes", "subset", "Keras"):
        assert word in text


def test_nothing_heavy_is_loaded_with_the_room() -> None:
    code = (
        "import sys, aigc_edu.data as d; d.load_digits('test');"
        "print([m for m in ('sklearn', 'scipy', 'matplotlib', 'torchvision') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
