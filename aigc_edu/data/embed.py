"""Makes the embedded digits from the verified originals (``aigc-edu assets digits``)."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aigc_edu.data.images import EMBEDDED_SHA256
from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically

TRAIN_COUNT = 20_000
TEST_STEP = 2


def digits_subset(originals: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.uint8]]:
    """Return the embedded subset of MNIST's four arrays.

    Args:
        originals: ``train-images`` (60000, 28, 28), ``train-labels``, ``test-images``
            (10000, 28, 28), ``test-labels``, uint8.

    Raises:
        CourseError: if the subset is not the one whose SHA-256 stands in the code.
    """
    subset = {
        "train_images": originals["train-images"][:TRAIN_COUNT],
        "train_labels": originals["train-labels"][:TRAIN_COUNT],
        "test_images": originals["test-images"][::TEST_STEP],
        "test_labels": originals["test-labels"][::TEST_STEP],
    }
    for name, array in subset.items():
        if (digest := hashlib.sha256(array.tobytes()).hexdigest()) != EMBEDDED_SHA256[name]:
            raise CourseError(
                f"The digits made now differ from the course's ({name} has SHA-256 {digest}): "
                "check the originals with 'aigc-edu data verify'."
            )
    return subset


def write_npz(path: Path, arrays: Mapping[str, NDArray[np.uint8]]) -> None:
    """Write ``arrays`` as a compressed ``.npz`` whose bytes depend on nothing but the arrays.

    No times and no owner are stored; the same zlib gives the same file. An existing file is
    replaced only once the new one is whole.

    Raises:
        OSError: if the file cannot be written.
    """
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0))
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, buffer.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    write_atomically(path, whole.getvalue())
