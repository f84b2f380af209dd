"""Files that are replaced whole or not at all."""

import contextlib
import os
import tempfile
import time
from pathlib import Path

from aigc_edu.errors import CourseError

_ABANDONED_AFTER = 3600.0  # seconds; a writer that was killed cannot clean up after itself


def write_atomically(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path``; at every moment the old file or the new one is there, whole.

    Written under another name beside it, flushed to the disk, then renamed over it.

    Raises:
        CourseError: if it cannot be written (no space, no permission); the old file stays.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left_over in path.parent.glob(f".{path.name}.*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - left_over.stat().st_mtime > _ABANDONED_AFTER:
                    left_over.unlink()
        handle, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"
        )
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise CourseError(
            f"{path} could not be written ({error.strerror or error}): make room there or choose "
            "a folder that you may write to; what was there before is untouched."
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    # The new name itself must survive a power cut too; Windows cannot open a folder for this.
    with contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
