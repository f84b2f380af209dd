"""Names for markers, from which nobody without the key can go back."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically

KEY_FILE = "pseudonyms.key"


class Pseudonyms:
    """Names for markers: the same for a student each time, and nothing about them.

    A pseudonym is a keyed hash of the id; who has no key cannot go back. The key lies beside
    the marks, readable by its owner alone.
    """

    def __init__(self, secret: bytes, students: Iterable[str]) -> None:
        self._names = {name: self._hash(secret, name) for name in students}

    @staticmethod
    def _hash(secret: bytes, name: str) -> str:
        digest = hmac.new(secret, name.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        # 40 bits: among 1,000 students two are alike once in two million courses.
        return "P-" + base64.b32encode(digest).decode()[:8]

    def of(self, student: str) -> str:
        """A student's pseudonym."""
        return self._names[student]

    def student(self, pseudonym: str) -> str | None:
        """Whose pseudonym it is."""
        label = pseudonym.strip().upper()
        return next((name for name, own in self._names.items() if own == label), None)


def read_pseudonyms(folder: Path, students: Iterable[str], *, make: bool) -> Pseudonyms | None:
    """The pseudonyms of a folder of marks; None if it has none and ``make`` is False.

    Raises:
        CourseError: if the key cannot be read or written.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            if not make:
                return None
            write_atomically(path, secrets.token_hex(32).encode() + b"\n", private=True)
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise CourseError(
            f"The key of the pseudonyms, {path}, cannot be read: take it from a backup, or "
            "delete it to give everybody a new pseudonym."
        ) from error
    return Pseudonyms(secret, students)
