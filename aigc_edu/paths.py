"""Where the course keeps things on this machine.

Every place can be moved by an environment variable, so that a read-only
installation can serve many users and tests never touch a real home folder.
"""

import os
from pathlib import Path

from aigc_edu.errors import CourseError

PACKAGE = Path(__file__).resolve().parent


def course_root() -> Path | None:
    """The checkout this package runs from, or None when it was installed from a wheel."""
    root = PACKAGE.parent
    return root if (root / "bootstrap.py").is_file() and (root / "solutions").is_dir() else None


def _shipped(name: str) -> Path:
    root = course_root()
    folder = root / name if root is not None else PACKAGE / f"_{name}"
    if not folder.is_dir():
        raise CourseError(
            f"The course's {name} were not found at {folder}: install the course again."
        )
    return folder


def lessons_dir() -> Path:
    """The lessons as shipped (never edited; learners work on copies).

    Raises:
        CourseError: if the installation holds no lessons.
    """
    return _shipped("lessons")


def solutions_dir() -> Path:
    """The worked solutions and, in a checkout, the lessons' sources.

    Raises:
        CourseError: if the installation holds no solutions.
    """
    return _shipped("solutions")


def cache_dir() -> Path:
    """Downloads: ``$AIGC_EDU_CACHE``, or the user's cache folder. Not created here."""
    if given := os.environ.get("AIGC_EDU_CACHE"):
        return Path(given).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("aigc-edu", appauthor=False)


def state_dir() -> Path:
    """Progress, checkpoints: ``$AIGC_EDU_STATE``, or the user's data folder. Not created here."""
    if given := os.environ.get("AIGC_EDU_STATE"):
        return Path(given).expanduser()
    from platformdirs import user_data_path

    return user_data_path("aigc-edu", appauthor=False)
