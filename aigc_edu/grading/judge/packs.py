"""A lecturer's private pack: exercises of their own, beside the course's."""

import sys
import types
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.exercises import Exercise, load_pack
from aigc_edu.exercises.drawn import Drawn


@dataclass(frozen=True)
class Pack:
    """A lecturer's own exercises: a Python file with ``EXERCISES``, ``DRAWN`` or both."""

    name: str
    exercises: tuple[Exercise, ...] = ()
    drawn: tuple[Drawn, ...] = ()

    def of_lesson(self, lesson: str) -> tuple[list[Exercise], list[Drawn]]:
        """Its exercises and drawn ones of one lesson."""
        number = int(lesson)
        exercises = [each for each in self.exercises if each.lesson == number]
        return exercises, [each for each in self.drawn if lesson_of(each.id) == number]


def lesson_of(identifier: str) -> int:
    """The lesson's number in an exercise's id.

    >>> lesson_of("D4.1"), lesson_of("90.6")
    (4, 90)
    """
    digits = identifier.split(".")[0].lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits)


def read_pack(path: Path | None) -> Pack:
    """A private pack, an empty one for None.

    Raises:
        CourseError: if it cannot be read, or an id of it is the course's.
    """
    if path is None:
        return Pack("")
    exercises = load_pack(path)
    drawn: list[Drawn] = []
    for module in _pack_modules(exercises, path):
        drawn += list(getattr(module, "DRAWN", []))
    for identifier in [*(each.id for each in exercises), *(each.id for each in drawn)]:
        if not identifier[0].isalpha():
            raise CourseError(
                f"The pack {path} uses the id {identifier!r}, which is the course's form: put a "
                "letter in front, as in 'P4.1'."
            )
    return Pack(path.resolve().name, tuple(exercises), tuple(drawn))


def _pack_modules(exercises: Iterable[Exercise], path: Path) -> list[types.ModuleType]:
    source = path.expanduser().resolve()
    modules = []
    for name, module in list(sys.modules.items()):
        if name.startswith("aigc_edu_pack_"):
            file = Path(getattr(module, "__file__", "") or "/").resolve()
            if file == source or file.parent == source:
                modules.append(module)
    return modules
