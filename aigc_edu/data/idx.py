"""The IDX file format of the MNIST family: a four-byte magic number, the sizes, the bytes.

Source: the format's description on Yann LeCun's MNIST page. Only unsigned bytes
(type 0x08) are read: nothing else is used by the data sets of this course.
"""

import struct

import numpy as np
from numpy.typing import NDArray


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """Return ``array`` (uint8, any number of dimensions up to 255) as an IDX file's bytes.

    Raises:
        ValueError: if the array is not uint8.

    >>> idx_bytes(np.array([7, 2], dtype=np.uint8)).hex()
    '00000801000000020702'
    """
    if array.dtype != np.uint8:
        raise ValueError(f"an IDX file of this course holds uint8 values, not {array.dtype}")
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.tobytes()


def parse_idx(content: bytes) -> NDArray[np.uint8]:
    """Return the array (uint8, writable) that an IDX file's bytes hold.

    Raises:
        ValueError: if the magic number is another one, or the length does not fit the sizes.

    >>> parse_idx(idx_bytes(np.array([[1, 2, 3]], dtype=np.uint8)))
    array([[1, 2, 3]], dtype=uint8)
    """
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise ValueError("this is no IDX file of unsigned bytes: its first three bytes differ")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise ValueError("the IDX file ends inside its header")
    sizes = struct.unpack(f">{dimensions}I", content[4:start])
    expected = 1
    for size in sizes:
        expected *= size
    if len(content) - start != expected:
        raise ValueError(
            f"the IDX file holds {len(content) - start} values where its header says {expected}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(sizes).copy()
