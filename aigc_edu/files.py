"""Files that are written whole or not at all."""

import contextlib
import glob
import os
import secrets
import time
from pathlib import Path

from aigc_edu.errors import CourseError

_ABANDONED_AFTER = 3600.0  # seconds; a writer that was killed cannot clean up after itself


def write_atomically(path: Path, content: bytes, *, private: bool = False) -> bool:
    """Put ``content`` at ``path``; at every moment the old file or the new one is there, whole.

    Args:
        path: the file; the folders above it are made.
        content: all of it.
        private: readable and writable for its owner alone (mode 0600). Otherwise the file has
            the permissions that any new file of the user's has.

    Returns:
        Whether the file changed. One that holds ``content`` already is left as it is, unless
        its permissions are to be narrowed.

    Raises:
        CourseError: if it cannot be written (no space, no permission); the old file stays.
    """
    try:
        if not private and _holds(path, content):
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content, private=private)
    except OSError as error:
        raise CourseError(
            f"{path} could not be written ({error.strerror or error}): make room there or choose "
            "a folder that you may write to; what was there before is untouched."
        ) from error
    return True


def _holds(path: Path, content: bytes) -> bool:
    # The size first: a file of another size, as most checkpoints are, need not be read.
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content


def replace_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """:func:`write_atomically` for callers with a sentence of their own: its folder must be there.

    Written under another name beside it, flushed to the disk, then renamed over it.

    Raises:
        OSError: if it cannot be written; the old file stays.
    """
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _ABANDONED_AFTER:
                leftover.unlink()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    # The system applies the user's umask itself; asking for it would change it for a moment.
    mode = 0o600 if private else 0o666
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    # The new name itself must survive a power cut too; Windows cannot open a folder for this.
    with contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
