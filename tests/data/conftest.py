"""What the tests of the data room share: a small data set, and a server that misbehaves."""

import dataclasses
import gzip
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from aigc_edu.data import catalog, fetch
from aigc_edu.data.catalog import DataFile, DataSet
from aigc_edu.data.idx import idx_bytes


@dataclass
class Tiny:
    """A data set of the real shape, but small: its files, packed files and catalog entry."""

    what: DataSet
    plain: dict[str, bytes]
    arrays: dict[str, np.ndarray]

    @cached_property
    def packed(self) -> dict[str, bytes]:
        """What a mirror offers."""
        return {f"{name}.gz": gzip.compress(file, mtime=0) for name, file in self.plain.items()}


@dataclass
class Server:
    """A local mirror. ``behavior`` says how it answers, ``requests`` what it was asked."""

    address: str
    files: dict[str, bytes]
    behavior: str = "good"
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    breaks_left: int = 0


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on this machine that offers ``files`` and misbehaves as told."""
    state = Server("", {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            name = self.path.rsplit("/", 1)[-1]
            asked = self.headers.get("Range")
            state.requests.append((name, asked))
            content = state.files.get(name)
            if content is None or state.behavior == "missing":
                self.send_error(404)
                return
            start = 0
            if asked and state.behavior != "ignores range":
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                if start >= len(content):
                    self.send_error(416)
                    return
                self.send_response(206)
                given = start + 1 if state.behavior == "wrong range" else start
                self.send_header(
                    "Content-Range", f"bytes {given}-{len(content) - 1}/{len(content)}"
                )
            else:
                self.send_response(200)
            body = content[start:]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.breaks_left and len(body) > 10:
                state.breaks_left -= 1
                body = body[: len(body) // 2]
            self.wfile.write(body)

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{httpd.server_port}/"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def small_set(name: str, images: tuple[int, int], mirrors: tuple[str, ...] = ()) -> Tiny:
    """A data set like the one of that name, with so many random images to train and test with."""
    random = np.random.default_rng(0)
    arrays = {}
    for part, count in zip(("train", "test"), images, strict=True):
        arrays[f"{part}-images"] = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"{part}-labels"] = random.integers(0, 10, count, dtype=np.uint8)
    real = catalog.DATA_SETS[name]
    plain = {file.name: idx_bytes(arrays[file.key]) for file in real.files}
    files = tuple(
        DataFile(file.key, file.name, len(content), hashlib.sha256(content).hexdigest())
        for file, content in zip(real.files, plain.values(), strict=True)
    )
    what = dataclasses.replace(real, files=files, mirrors=mirrors, folders=(), wheel=False)
    return Tiny(what, plain, arrays)


@pytest.fixture
def tiny(cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """A small "mnist" in the catalog's place, offered by the local server only."""
    small = small_set("mnist", (40, 10), (server.address,))
    server.files = dict(small.packed)
    monkeypatch.setitem(fetch.DATA_SETS, "mnist", small.what)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return small


@pytest.fixture
def fashion(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """A "fashion-mnist" of a third of its images, all noise, fetched already."""
    small = small_set("fashion-mnist", (20_100, 2_000))
    monkeypatch.setitem(fetch.DATA_SETS, "fashion-mnist", small.what)
    (cache / "fashion-mnist").mkdir(parents=True)
    for name, content in small.plain.items():
        (cache / "fashion-mnist" / name).write_bytes(content)
    return small
