"""The course's images: the embedded digits, and full MNIST and Fashion-MNIST from the cache.

The embedded digits are real MNIST: the first 20,000 of its 60,000 training images, and
every second one of its 10,000 test images (the first 5,000 alone are easier than the rest).
``aigc-edu assets digits`` makes the file from the verified originals.
"""

import hashlib
import io
import zipfile
import zlib
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from aigc_edu.errors import CourseError

Split = Literal["train", "test"]

EMBEDDED = Path(__file__).parent / "embedded" / "digits.npz"
# SHA-256 of each array's bytes (not of the file: another zlib compresses differently).
EMBEDDED_SHA256 = {
    "train_images": "0256de32dd5050b8dd6e2b05e1ae765ddfc4e4b1ee926076b40746b1fa882e29",
    "train_labels": "144ad3b0173ca5c3576c18ce96a30122a116dac67293af6b88c4f037dea66eb3",
    "test_images": "f5f88c4c63c971e40866cb1d0f29f95b292289d45554e8cb55ad7a2895038ee8",
    "test_labels": "23e83d84e6b636db9507ecf91e0f946e802afabfea5f76ed2bb7a3348d00c5e1",
}


class ImageSet(NamedTuple):
    """Images and their labels.

    Attributes:
        images: uint8 (count, 1, 28, 28); 0 is the background, 255 full ink.
        labels: int64 (count,), 0 to 9.
    """

    images: torch.Tensor
    labels: torch.Tensor


def _check_arguments(split: str, limit: int | None = None) -> None:
    if split not in ("train", "test"):
        raise ValueError(f"split is {split!r}, but must be 'train' or 'test'")
    if limit is not None and limit < 1:
        raise ValueError(f"limit is {limit}, but must be at least 1 (or None for all)")


def _as_image_set(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], limit: int | None
) -> ImageSet:
    images, labels = images[:limit], labels[:limit]
    return ImageSet(
        torch.from_numpy(images).reshape(-1, 1, 28, 28),  # (count, 28, 28) -> (count, 1, 28, 28)
        torch.from_numpy(labels.astype(np.int64)),
    )


def _embedded_array(archive: zipfile.ZipFile, name: str) -> NDArray[np.uint8]:
    array: NDArray[np.uint8] = np.lib.format.read_array(
        io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False
    )
    if hashlib.sha256(array.tobytes()).hexdigest() != EMBEDDED_SHA256[name]:
        raise ValueError(f"the SHA-256 of {name} is another one")
    return array


def load_digits(split: Split = "train", limit: int | None = None) -> ImageSet:
    """Load the handwritten digits that come with the course (real MNIST, a third of it).

    Args:
        split: ``"train"`` (20,000 images) or ``"test"`` (5,000).
        limit: keep only the first so many.

    Returns:
        An :class:`ImageSet`; the tensors are yours to change.

    Raises:
        CourseError: if the embedded file is missing, cut or corrupt.
        ValueError: if ``split`` or ``limit`` is no sensible value.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits";
    license in ``aigc_edu/data/embedded/LICENSE-DIGITS.txt``.

    >>> digits = load_digits("test", limit=4)
    >>> digits.images.shape, digits.images.dtype, digits.labels
    (torch.Size([4, 1, 28, 28]), torch.uint8, tensor([7, 1, 4, 4]))
    """
    _check_arguments(split, limit)
    try:
        with zipfile.ZipFile(EMBEDDED) as archive:
            images = _embedded_array(archive, f"{split}_images")
            labels = _embedded_array(archive, f"{split}_labels")
    except FileNotFoundError:
        raise CourseError(
            f"The embedded digits are missing ({EMBEDDED}): install the course again."
        ) from None
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, OSError) as error:
        raise CourseError(
            f"The embedded digits cannot be read ({EMBEDDED}: {error}): install the course again, "
            "or in a checkout restore that file with git."
        ) from error
    return _as_image_set(images, labels, limit)


def _load_cached(name: str, split: str, limit: int | None) -> ImageSet:
    from aigc_edu.data import fetch
    from aigc_edu.data.idx import parse_idx

    _check_arguments(split, limit)
    what = fetch.data_set(name)
    images = parse_idx(fetch.read_cached(what, f"{split}-images"))
    labels = parse_idx(fetch.read_cached(what, f"{split}-labels"))
    return _as_image_set(images, labels, limit)


def load_mnist(split: Split = "train", limit: int | None = None) -> ImageSet:
    """Load the whole of MNIST from the cache (``aigc-edu data get mnist`` puts it there).

    Args:
        split: ``"train"`` (60,000 images) or ``"test"`` (10,000).
        limit: keep only the first so many.

    Raises:
        CourseError: if it is not in the cache, or damaged there.
        ValueError: if ``split`` or ``limit`` is no sensible value.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86(11), 1998.
    """
    return _load_cached("mnist", split, limit)


def load_fashion_mnist(split: Split = "train", limit: int | None = 20_000) -> ImageSet:
    """Load Fashion-MNIST from the cache (``aigc-edu data get fashion-mnist`` puts it there).

    It stands where a lesson has ``load_digits``, so by default it gives as many images to train
    with. The labels are 0 T-shirt, 1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt,
    7 sneaker, 8 bag, 9 ankle boot.

    Args:
        split: ``"train"`` (60,000 images) or ``"test"`` (10,000).
        limit: keep only the first so many; None for all.

    Raises:
        CourseError: if it is not in the cache, or damaged there.
        ValueError: if ``split`` or ``limit`` is no sensible value.

    Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for
    benchmarking machine learning algorithms", arXiv:1708.07747, 2017 (MIT license).
    """
    return _load_cached("fashion-mnist", split, limit)
