"""What the tests of the data room share: a small data set, and a server that misbehaves."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
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
    packed: dict[str, bytes]
    arrays: dict[str, np.ndarray]


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


@pytest.fixture
def tiny(cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """A small "mnist" in the catalog's place, offered by the local server only."""
    random = np.random.default_rng(0)
    arrays = {
        "train-images": random.integers(0, 256, (40, 28, 28), dtype=np.uint8),
        "train-labels": random.integers(0, 10, 40, dtype=np.uint8),
        "test-images": random.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        "test-labels": random.integers(0, 10, 10, dtype=np.uint8),
    }
    plain, packed, files = {}, {}, []
    for file in catalog.MNIST.files:
        content = idx_bytes(arrays[file.key])
        plain[file.name] = content
        packed[file.name + ".gz"] = gzip.compress(content, mtime=0)
        files.append(
            DataFile(
                file.key,
                file.name,
                len(content),
                hashlib.sha256(content).hexdigest(),
                hashlib.sha256(packed[file.name + ".gz"]).hexdigest(),
            )
        )
    what = DataSet(
        name="mnist",
        title="MNIST",
        files=tuple(files),
        mirrors=(server.address,),
        folders=(),
        wheel=False,
        license="-",
        source="-",
        megabytes=1,
    )
    server.files = dict(packed)
    monkeypatch.setitem(fetch.DATA_SETS, "mnist", what)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return Tiny(what, plain, packed, arrays)
