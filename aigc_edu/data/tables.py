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


def recorded_rows(name: str) -> dict[str, dict[str, list[float]]]:
    """Read an ablation table that ``aigc-edu seeds`` wrote: row -> figure -> one value a seed.

    Only seeds that ran every row that any seed ran count, and none that failed, so that the same
    place in two lists is the same seed: differences between rows may be taken seed by seed.

    Args:
        name: the table, as for ``recorded``: ``"10_seeds"``.

    Returns:
        Values in rising order of the seeds; figures that are no numbers are left out. Rows in the
        order in which they were first recorded, which is alphabetical.

    Raises:
        CourseError: if there is no such table, or it has no rows.

    >>> recorded_rows("cleaning")
    Traceback (most recent call last):
    aigc_edu.errors.CourseError: The recorded table 'cleaning' has no rows of an ablation.
    """
    seeds = recorded(name).get("seeds")
    if not isinstance(seeds, dict):  # a table of another kind
        seeds = {}
    runs = [
        seeds[seed]["figures"].get("rows", {})
        for seed in sorted(seeds, key=int)
        if "failed" not in seeds[seed]
    ]
    names = list(dict.fromkeys(row for run in runs for row in run))
    if not names:
        raise CourseError(f"The recorded table {name!r} has no rows of an ablation.")
    whole = [run for run in runs if all(row in run for row in names)]
    return {
        row: {
            figure: [run[row][figure] for run in whole]
            for figure, value in (whole[0][row].items() if whole else ())
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        for row in names
    }
