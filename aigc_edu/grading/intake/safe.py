"""What others named, made safe: for a terminal, for a page, as the name of a folder of ours."""

import hashlib
import re
from pathlib import Path

from aigc_edu.errors import CourseError

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}[A-Za-z0-9]|[A-Za-z0-9]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def shown(name: str, longest: int = 200) -> str:
    """A name from outside, fit for a terminal: nothing that moves the cursor or turns the text.

    >>> shown("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    text = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name
    )
    return text if len(text) <= longest else text[: longest - 1] + "…"


def plain(text: str) -> str:
    """Text of others on several lines, with nothing in it that is not seen.

    >>> plain("a\\x1b[31m\\u202eb")
    'a\\\\x1b[31m\\\\u202eb'
    """
    return "\n".join(shown(line, 2000) for line in text.replace("\r\n", "\n").split("\n"))


def safe_name(identifier: str) -> str:
    """A student's id as the name of a folder on every system.

    >>> safe_name("ab12"), safe_name("../x")[:3], safe_name("CON")[:3]
    ('ab12', 'id-', 'id-')
    """
    if (
        _SAFE.fullmatch(identifier)
        and not _RESERVED.fullmatch(identifier)
        and not identifier.startswith("id-")
    ):
        return identifier
    return "id-" + hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def lesson_number(text: str) -> str:
    """A lesson's number as a person types it, in two digits.

    Raises:
        CourseError: if it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise CourseError(f"{text!r} is no lesson's number: write it like 04.")
    return text.zfill(2)


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can look into.

    Raises:
        CourseError: if something that is no folder stands there, or it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise CourseError(
            f"The folder {folder} cannot be made ({error.strerror}): choose another with --out."
        ) from error
