"""Tables that were measured once and that lessons quote."""

import json
import re
from pathlib import Path
from typing import Any

from aigc_edu.errors import CourseError

_FOLDER = Path(__file__).parent / "recorded"


def recorded(name: str) -> dict[str, Any]:
    """Read the recorded table ``name``: figures, and the conditions they were measured under.

    Args:
        name: the file's name in ``aigc_edu/data/recorded``, without ``.json``.

    Raises:
        CourseError: if there is no such table, or it cannot be read.
        ValueError: if the name is no plain one.

    >>> recorded("cleaning")["images"]
    20000
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ValueError(f"{name!r} is no name of a table: letters, digits, _ and - only")
    path = _FOLDER / f"{name}.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(item.stem for item in _FOLDER.glob("*.json"))) or "none"
        raise CourseError(f"There is no recorded table {name!r}: there are {known}.") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CourseError(
            f"The recorded table {path} cannot be read ({error}): install the course again."
        ) from error
    if not isinstance(table, dict):
        raise CourseError(f"The recorded table {path} is no table: install the course again.")
    return table
