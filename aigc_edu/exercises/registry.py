"""Where exercises are found: one file an exercise in a lesson's folder, and packs from outside."""

import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

from aigc_edu.errors import CourseError
from aigc_edu.exercises.drawn import Drawn
from aigc_edu.exercises.exercise import Exercise

LESSONS = Path(__file__).resolve().parent / "lessons"
"""A folder ``lesson_NN`` a lesson; in it ``eMM_TOPIC.py`` an exercise, ``eMM_drawn_TOPIC.py``
a variant of it that is drawn per student."""

_FILE = re.compile(r"e(?P<number>\d\d)_(?P<drawn>drawn_)?[a-z0-9_]+")
_packs: dict[Path, list[Exercise]] = {}


def lesson_numbers() -> list[int]:
    """The lessons that have exercises."""
    names = (re.fullmatch(r"lesson_(\d\d)", path.name) for path in LESSONS.iterdir())
    return sorted(int(name[1]) for name in names if name)


def exercise_files(folder: Path, *, drawn: bool = False) -> list[Path]:
    """The exercises' files in a lesson's folder, or those of its drawn variants, in order."""
    names = ((path, _FILE.fullmatch(path.stem)) for path in sorted(folder.glob("e*.py")))
    return [path for path, name in names if name and bool(name["drawn"]) is drawn]


def _modules(lesson: int, *, drawn: bool) -> list[ModuleType]:
    name = f"lesson_{lesson:02d}"
    return [
        importlib.import_module(f"aigc_edu.exercises.lessons.{name}.{path.stem}")
        for path in exercise_files(LESSONS / name, drawn=drawn)
    ]


def lesson_exercises(lesson: int) -> list[Exercise]:
    """The exercises of one lesson, in order, [] if it has none. Imports only that lesson's files.

    Raises:
        ValueError: if an exercise's id does not agree with its folder and file.
    """
    exercises = []
    for module in _modules(lesson, drawn=False):
        file = Path(str(module.__file__)).name
        (exercise,) = _sound([module.EXERCISE], file, lesson)
        if exercise.id.split(".")[1] != str(int(file[1:3])):
            raise ValueError(f"{file} holds exercise {exercise.id}: the numbers differ.")
        exercises.append(exercise)
    return _sound(exercises, f"lesson_{lesson:02d}", lesson)


def drawn_exercises(lesson: int) -> list[Drawn]:
    """The course's drawn exercises of a lesson, in order; [] where there are none."""
    drawn: list[Drawn] = [module.DRAWN for module in _modules(lesson, drawn=True)]
    return sorted(drawn, key=lambda one: one.id)


def all_exercises() -> list[Exercise]:
    """Every exercise of the course, in order; packs are not among them."""
    return [exercise for lesson in lesson_numbers() for exercise in lesson_exercises(lesson)]


def find(identifier: str) -> Exercise:
    """The exercise with this id, from its lesson's file or a loaded pack.

    Raises:
        CourseError: if there is none; the sentence names the ids there are.
    """
    if not isinstance(identifier, str):
        raise CourseError("An exercise is named by its id in quotes, like '5.1'.")
    identifier = identifier.strip()
    for exercises in _packs.values():
        for exercise in exercises:
            if exercise.id == identifier:
                return exercise
    known: list[str] = []
    if number := re.fullmatch(r"(\d+)\.\d+", identifier):
        for exercise in lesson_exercises(int(number[1])):
            if exercise.id == identifier:
                return exercise
            known.append(exercise.id)
    if known:
        raise CourseError(
            f"There is no exercise {identifier!r}: this lesson has {', '.join(known)}."
        )
    if re.fullmatch(r"[A-Za-z]+\d+\.\d+", identifier):
        raise CourseError(
            f"Exercise {identifier} is graded by your lecturer and not checked here: "
            "'aigc-edu grade FILE --self' shows what the grader will see, where that is public."
        )
    raise CourseError(
        f"There is no exercise {identifier!r}: ids look like '5.1', and "
        "'aigc-edu exercises' lists them all."
    )


def load_pack(path: str | Path) -> list[Exercise]:
    """Load exercises from outside the course and make them known to :func:`find`.

    Args:
        path: a Python file with a list ``EXERCISES``, or a folder of such files
            (files whose name begins with ``_`` are left out).

    Returns:
        The pack's exercises. An id of the course that the pack uses again is the
        pack's from here on.

    Raises:
        CourseError: if there is nothing there, or a file does not import.
    """
    place = Path(path).expanduser().resolve()
    if place.is_dir():
        files = sorted(file for file in place.glob("*.py") if not file.name.startswith("_"))
    else:
        files = [place] if place.is_file() else []
    if not files:
        raise CourseError(f"No exercises at {path}: give a .py file or a folder of them.")
    exercises: list[Exercise] = []
    for number, file in enumerate(files):
        name = f"aigc_edu_pack_{abs(hash(place)):x}_{number}"
        specification = importlib.util.spec_from_file_location(name, file)
        if specification is None or specification.loader is None:
            raise CourseError(f"{file} is no Python file: a pack's files end in .py.")
        module = importlib.util.module_from_spec(specification)
        sys.modules[name] = module  # dataclasses and inspect look it up
        try:
            specification.loader.exec_module(module)
            found = list(module.EXERCISES)
        except Exception as error:
            del sys.modules[name]
            raise CourseError(
                f"{file} cannot be read as exercises ({type(error).__name__}: {error}): mend "
                "the file, and see that it defines a list EXERCISES."
            ) from error
        exercises += _sound(found, file.name, None)
    identifiers = [exercise.id for exercise in exercises]
    if len(set(identifiers)) < len(identifiers):
        raise CourseError(f"The pack at {path} uses an id twice: {', '.join(identifiers)}.")
    _packs[place] = exercises
    return exercises


def forget_packs() -> None:
    """Undo every :func:`load_pack`."""
    _packs.clear()


def _sound(exercises: list[Exercise], file: str, lesson: int | None) -> list[Exercise]:
    for exercise in exercises:
        if not isinstance(exercise, Exercise):
            raise CourseError(f"{file} holds something that is no Exercise.")
        if lesson is not None and exercise.lesson != lesson:
            raise ValueError(f"{file} holds exercise {exercise.id}, which is another lesson's.")
    if len({exercise.id for exercise in exercises}) < len(exercises):
        raise ValueError(f"{file} uses an id twice.")
    return exercises
