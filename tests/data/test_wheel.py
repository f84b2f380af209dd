"""The unpickler runs nothing and accepts nothing but the known arrays."""

import gzip
import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aigc_edu.data import wheel


class Runs:
    """An object whose pickle calls a function when it is opened."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def packed(value: Any, protocol: int = 2) -> io.BytesIO:
    return io.BytesIO(gzip.compress(pickle.dumps(value, protocol=protocol)))


@pytest.mark.parametrize("protocol", range(6))
def test_a_malicious_pickle_runs_nothing(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "it-ran"
    for function, arguments in (
        (os.system, (f"touch {mark}",)),
        (eval, (f"open({str(mark)!r}, 'w')",)),
        (Path.touch, (mark,)),
    ):
        with pytest.raises(ValueError, match="not allowed"):
            wheel.read_pickle(packed(Runs(function, *arguments), protocol))
    assert not mark.exists()
    # The same pickle is dangerous indeed: opened the ordinary way, it runs.
    pickle.loads(pickle.dumps(Runs(os.system, f"touch {mark}"), protocol=protocol))
    assert mark.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x02cos\nsystem\n(S'true'\ntR.",
        b"\x80\x02cnumpy\nndarray\n(K\x01tR.",  # builds an array directly
        b"\x80\x02cnumpy\ndtype\n(U\x02O8tR.",  # a type alone is no data
        b"cnumpy.core.multiarray\n_reconstruct\n)R(K\x01)NNNtb.",
        b"K\x05.",
        b"(((",
        b"\x80\x02Pname.",
    ],
)
def test_nonsense_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match="pickle"):
        wheel.read_pickle(io.BytesIO(gzip.compress(content)))


def test_a_file_that_unpacks_forever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "LARGEST_PICKLE", 1000)
    with pytest.raises(ValueError, match="more than the known data"):
        wheel.read_pickle(packed(b"\0" * 100_000, 3))


def test_pixels_that_are_no_multiples_are_refused() -> None:
    images = np.full((3, 784), 0.3, dtype="<f4")
    pair = (images, np.zeros(3, dtype="<i8"))
    content = pickle.dumps((pair, pair, pair), protocol=3).replace(b"numpy._core", b"numpy.core")
    with pytest.raises(ValueError, match="multiples"):
        wheel.read_pickle(io.BytesIO(gzip.compress(content)))


def test_a_damaged_gzip_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        wheel.read_pickle(io.BytesIO(gzip.compress(b"\0" * 1000)[:-12]))
