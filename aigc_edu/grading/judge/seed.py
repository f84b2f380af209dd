"""The secret seed: where the inputs of the questions, and what is drawn, come from."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from aigc_edu.errors import CourseError

SHORTEST_SEED = 16


def read_seed(path: Path, *, make: bool) -> bytes:
    """The seed file's content.

    Args:
        path: a file of at least 16 characters that nobody can guess.
        make: write a new one, for its owner alone, where there is none.

    Raises:
        CourseError: if it cannot be read or is too short.
    """
    try:
        if make and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
        secret = path.read_bytes().strip()
    except OSError as error:
        raise CourseError(
            f"The seed file {path} cannot be read ({error.strerror}): 'aigc-edu release' makes "
            "one, or write a line of random characters into a file."
        ) from error
    if len(secret) < SHORTEST_SEED:
        raise CourseError(
            f"The seed in {path} has {len(secret)} characters: at least {SHORTEST_SEED} random "
            "ones are needed, or it could be guessed."
        )
    return secret


def secret_number(secret: bytes, *words: str) -> int:
    """A number that only who has the secret can know: HMAC-SHA-256 of some words."""
    text = "\x1f".join(words).encode()
    return int.from_bytes(hmac.new(secret, text, hashlib.sha256).digest()[:8], "big")


def seed_digest(secret: bytes) -> str:
    """What may be written down of a secret: enough to tell two apart."""
    return hashlib.sha256(b"aigc-edu seed\x1f" + secret).hexdigest()[:16]
