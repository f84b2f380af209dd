"""What lies in a folder or a zip file that others made, read without trusting any of it.

Nothing is ever unpacked: entries are listed, and the few that are wanted are read into memory
within limits. So no name in an archive decides where anything is written.
"""

import contextlib
import io
import os
import stat
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.grading.intake.safe import shown

_JUNK = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini", "__pycache__"}
_CENTRAL = b"PK\x01\x02"  # how each entry of a zip file's directory begins


class Refused(Exception):
    """An entry that is not read; the text says why, in a few words."""


@dataclass(frozen=True)
class Limits:
    """How much is read.

    Attributes:
        entries: files and folders of one source, or of one archive inside it.
        file_bytes: of one file, unpacked.
        total_bytes: of all files that are read from one source, unpacked.
        ratio: how many times larger than packed a file over 1 MB may be.
        depth: folders inside each other.
    """

    entries: int = 50_000
    file_bytes: int = 20_000_000
    total_bytes: int = 5_000_000_000
    ratio: float = 200.0
    depth: int = 20


@dataclass(frozen=True)
class Entry:
    """A file in a source.

    Attributes:
        raw: the names of its folders and its own, as they are.
        read: gives its content, or raises :class:`Refused`.
        modified: its file's own time, without an offset where a zip file gives it.
    """

    raw: tuple[str, ...]
    read: Callable[[], bytes]
    modified: datetime | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The names in one normal form, whatever system packed them."""
        return tuple(unicodedata.normalize("NFC", part) for part in self.raw)

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return shown("/".join(self.parts))


@dataclass
class Listing:
    """What a source holds: files, what was refused (place and reason), and a count of junk."""

    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    ignored: int = 0


class Budget:
    """What may still be read of a source."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.bytes_left = limits, limits.total_bytes

    def take(self, size: int) -> None:
        """Count what was read.

        Raises:
            Refused: when more than ``total_bytes`` were read in all.
        """
        self.bytes_left -= size
        if self.bytes_left < 0:
            raise Refused(
                f"more than {self.limits.total_bytes:,} bytes in all: the rest is not read"
            )


def is_junk(part: str) -> bool:
    """Whether a folder or file is what systems leave behind, or hidden.

    >>> [is_junk(name) for name in ("__MACOSX", "._a.ipynb", ".ipynb_checkpoints", "a.ipynb")]
    [True, True, True, False]
    """
    return part.startswith(".") or part.casefold() in _JUNK


def list_source(source: Path, spent: Budget) -> Listing:
    """The files of a folder or zip file.

    Raises:
        CourseError: if it is neither, cannot be read, or holds more entries than the limit.
    """
    if source.is_symlink() and not source.exists():
        raise CourseError(f"{source} is a link that leads nowhere: give a folder or a zip file.")
    if source.is_dir():
        return _list_folder(source, spent)
    if not source.is_file():
        raise CourseError(f"There is nothing at {source}: give a folder or a zip file.")
    try:
        return _list_zip(zipfile.ZipFile(source), spent)
    except Refused as error:
        raise CourseError(f"{source} is not collected: {error}.") from error
    except OSError as error:
        raise CourseError(f"{source} cannot be read ({error.strerror or error}).") from error
    except Exception as error:  # a forged directory can make zipfile raise almost anything
        raise CourseError(
            f"{source} is no zip file ({error}): give the zip file as the platform gave it, or "
            "the folder it was unpacked to."
        ) from error


def list_inner_zip(content: bytes, spent: Budget) -> Listing:
    """The files of a zip file that a student handed in.

    Raises:
        Refused: if it is no zip file, or holds too much.
    """
    if content.count(_CENTRAL) > spent.limits.entries // 10:
        raise Refused(f"a zip file with more than {spent.limits.entries // 10:,} entries")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:  # a forged directory can make zipfile raise almost anything
        raise Refused("not a zip file, or a damaged one") from error
    return _list_zip(archive, spent)


# ----------------------------------------------------------------------------- folders


def _list_folder(source: Path, spent: Budget) -> Listing:
    listing, seen = Listing(), 0

    def walk(folder: str, raw: tuple[str, ...]) -> None:
        nonlocal seen
        try:
            with os.scandir(folder) as scan:
                items = sorted(scan, key=lambda item: item.name)
        except OSError as error:
            listing.refused.append((shown("/".join(raw)), f"cannot be read ({error.strerror})"))
            return
        for item in items:
            seen += 1
            if seen > spent.limits.entries:
                raise CourseError(
                    f"{source} holds more than {spent.limits.entries:,} files and folders: is it "
                    "the folder of one assignment?"
                )
            path = (*raw, item.name)
            place = shown("/".join(path))
            if is_junk(item.name):
                listing.ignored += 1
            elif item.is_symlink():
                listing.refused.append((place, "a link; links are never followed"))
            elif item.is_dir(follow_symlinks=False):
                if len(path) > spent.limits.depth:
                    listing.refused.append((place, "too many folders inside each other"))
                else:
                    walk(item.path, path)
            elif item.is_file(follow_symlinks=False):
                modified = datetime.fromtimestamp(item.stat(follow_symlinks=False).st_mtime)
                listing.entries.append(
                    Entry(path, _reader_of_file(item.path, spent), modified.astimezone())
                )
            else:
                listing.refused.append((place, "neither a file nor a folder"))

    walk(str(source), ())
    return listing


def _reader_of_file(path: str, spent: Budget) -> Callable[[], bytes]:
    def read() -> bytes:
        # What was a file when it was listed may be a link or a pipe by now.
        flags = os.O_RDONLY
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
            flags |= getattr(os, name, 0)
        try:
            with os.fdopen(os.open(path, flags), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise Refused("not a file")
                if status.st_size > spent.limits.file_bytes:
                    raise Refused(_too_large(status.st_size, spent.limits))
                content = file.read(spent.limits.file_bytes + 1)
        except OSError as error:
            raise Refused(f"cannot be read ({error.strerror})") from error
        if len(content) > spent.limits.file_bytes:
            raise Refused(_too_large(len(content), spent.limits))
        spent.take(len(content))
        return content

    return read


def _too_large(size: int, limits: Limits) -> str:
    return f"too large: {size:,} bytes, and {limits.file_bytes:,} are allowed"


# --------------------------------------------------------------------------- zip files


def _list_zip(archive: zipfile.ZipFile, spent: Budget) -> Listing:
    listing = Listing()
    infos = archive.infolist()
    if len(infos) > spent.limits.entries:
        raise Refused(f"it holds more than {spent.limits.entries:,} files and folders")
    for info in infos:
        name = _true_name(info)
        # The slash that a Windows program writes the other way round separates folders too.
        raw = tuple(name.replace("\\", "/").split("/"))
        folder = raw[-1] == ""
        raw = raw[:-1] if folder else raw
        reason = _why_not(info, name, raw, spent.limits)
        if any(is_junk(part) for part in raw if part not in ("", ".", "..")):
            listing.ignored += 1
        elif reason:
            listing.refused.append((shown(name), reason))
        elif not folder:
            listing.entries.append(Entry(raw, _reader_of_zip(archive, info, spent), _time_of(info)))
    return listing


def _true_name(info: zipfile.ZipInfo) -> str:
    """The name as it was packed. Some programs write UTF-8 and do not say so."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name


def _why_not(info: zipfile.ZipInfo, name: str, raw: tuple[str, ...], limits: Limits) -> str:
    mode = info.external_attr >> 16
    if "\0" in name:
        return "a name with a zero byte"
    if name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        return "an absolute path"
    if ".." in raw:
        return "a path that leads out of the archive"
    if not raw or "" in raw or "." in raw:
        return "a path with an empty part"
    if mode and stat.S_ISLNK(mode):
        return "a link; links are never followed"
    if mode and stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return "neither a file nor a folder"
    if len(raw) > limits.depth:
        return "too many folders inside each other"
    return ""


def _time_of(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)
    except ValueError:
        return None


def _reader_of_zip(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, spent: Budget
) -> Callable[[], bytes]:
    limits = spent.limits

    def read() -> bytes:
        if info.flag_bits & 0x1:
            raise Refused("locked with a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("packed in an unusual way")
        if info.file_size > limits.file_bytes:
            raise Refused(_too_large(info.file_size, limits))
        if info.file_size > 1_000_000 and info.file_size > limits.ratio * info.compress_size:
            raise Refused(f"a zip bomb: more than {limits.ratio:g} times larger than packed")
        try:
            with archive.open(info) as file:
                content = file.read(limits.file_bytes + 1)
        except Exception as error:  # zlib.error, BadZipFile, EOFError, NotImplementedError, ...
            raise Refused("damaged: it cannot be unpacked") from error
        if len(content) > limits.file_bytes:
            raise Refused(_too_large(len(content), limits))
        spent.take(len(content))
        return content

    return read
