"""What is graded: from a lesson, a pack and the drawn exercises to records with hashes."""

import hashlib
import importlib.metadata
import inspect
import json
import platform
import random
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_edu import __version__
from aigc_edu.errors import CourseError
from aigc_edu.exercises import Exercise, lesson_exercises, load_pack
from aigc_edu.exercises.registry import lesson_numbers
from aigc_edu.grading.box.notebook import NotebookError, Program, code_cells, read
from aigc_edu.grading.drawn import Drawn, drawn_of
from aigc_edu.grading.judging import secret_number
from aigc_edu.grading.records import ExerciseRecord, Manifest, now
from aigc_edu.lessons import notebook_of

PACKAGES = ("torch", "numpy", "aigc-edu")
"""Whose versions are noted in a manifest."""


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
    import sys

    place = path.expanduser().resolve()
    found = []
    for name, module in list(sys.modules.items()):
        if name.startswith("aigc_edu_pack_"):
            file = Path(getattr(module, "__file__", "") or "/").resolve()
            if file == place or file.parent == place:
                found.append(module)
    return found


# ------------------------------------------------------------------------- fingerprints


def fingerprint(exercise: Exercise) -> str:
    """A hash of all that an exercise's marks rest on: the source of its functions, and of
    what these call in the course or in the pack, with points, tolerance and texts."""
    plain = {
        "id": exercise.id,
        "kind": exercise.kind,
        "prompt": exercise.prompt,
        "points": exercise.points,
        "tolerance": exercise.tolerance,
        "gradient": exercise.gradient,
        "choices": dict(exercise.choices) if exercise.choices else None,
        "minimum_words": exercise.minimum_words,
        "mistakes": [_source(m.wrong) + m.sentence for m in exercise.mistakes],
    }
    seen: dict[str, str] = {}
    for part in (exercise.reference, exercise.cases, exercise.run):
        if not callable(part) and part is not None:
            plain["reference"] = repr(sorted(part) if isinstance(part, set) else part)
        _collect(part, seen)
    text = json.dumps([plain, dict(sorted(seen.items()))], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _source(value: Any) -> str:
    if not callable(value):
        return repr(sorted(value) if isinstance(value, set | frozenset) else value)
    try:
        return inspect.getsource(value)
    except (TypeError, OSError):
        return repr(getattr(value, "__qualname__", type(value).__qualname__))


def _ours(value: Any) -> bool:
    module = getattr(value, "__module__", "") or ""
    return callable(value) and module.startswith(("aigc_edu.", "aigc_edu_pack_"))


def _collect(value: Any, seen: dict[str, str]) -> None:
    """A function's source, that of the course's functions it names, and its closure's values."""
    if not _ours(value):
        return
    value = inspect.unwrap(value)
    # A pack's module name holds a number of this run.
    name = f"{value.__module__.split('_pack_')[0]}.{getattr(value, '__qualname__', '')}"
    if name in seen:
        return
    seen[name] = _source(value)
    if isinstance(value, type):
        for item in vars(value).values():
            if inspect.isfunction(item):
                _follow(item, seen)
    else:
        _follow(value, seen)


def _follow(function: Any, seen: dict[str, str]) -> None:
    code = getattr(function, "__code__", None)
    if code is None:
        return
    names: set[str] = set()
    waiting = [code]
    while waiting:
        one = waiting.pop()
        names |= set(one.co_names)
        waiting += [const for const in one.co_consts if isinstance(const, types.CodeType)]
    for name in sorted(names):
        found = function.__globals__.get(name)
        if _ours(found):
            _collect(found, seen)
        elif isinstance(found, int | float | str | tuple):
            seen[f"{function.__module__.split('_pack_')[0]}.{name}"] = repr(found)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            inside = cell.cell_contents
        except ValueError:
            continue
        if _ours(inside):
            _collect(inside, seen)
        elif isinstance(inside, int | float | str | tuple | bool):
            seen[f"{function.__qualname__}:{name}"] = repr(inside)


def drawn_fingerprint(drawn: Drawn) -> str:
    """A hash of a drawn exercise: how it draws and what it makes."""
    sample = drawn.make(drawn.draw(random.Random(0)))
    parts = [fingerprint(sample), _source(drawn.draw), _source(drawn.make)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


# ------------------------------------------------------------------------------ lessons


def lesson_file(lesson: str) -> Path:
    """The lesson as the course ships it.

    Raises:
        CourseError: if there is none.
    """
    return notebook_of(lesson)


def lesson_cells(lesson: str) -> list[str]:
    """The code cells of a lesson as shipped."""
    try:
        return code_cells(read(lesson_file(lesson).read_bytes()))
    except (OSError, NotebookError) as error:
        raise CourseError(
            f"The lesson {lesson_file(lesson)} cannot be read ({error}): install the course again."
        ) from error


def answer_names(cells: Sequence[str]) -> dict[str, str]:
    """Exercise → what its answer is called in a lesson's check cells."""
    import ast

    names = {}
    for check in Program(cells).checks:
        if isinstance(check.answer, ast.Name):
            names[check.id] = check.answer.id
    return names


def records_of(lesson: str, pack: Pack, *, drawn: bool) -> list[ExerciseRecord]:
    """What a lesson is graded by.

    Args:
        lesson: its number.
        pack: private exercises, an empty pack for none.
        drawn: whether exercises with parameters of each student's own are among it.

    Raises:
        CourseError: if the lesson has no exercise at all.
    """
    number = lesson.zfill(2)
    names = answer_names(lesson_cells(lesson))
    own = lesson_exercises(int(lesson)) if int(lesson) in lesson_numbers() else []
    private, private_drawn = pack.of_lesson(lesson)

    def record(exercise: Exercise, digest: str, name: str, **more: bool) -> ExerciseRecord:
        return ExerciseRecord(
            exercise.id,
            exercise.title,
            exercise.kind,
            float(exercise.points),
            number,
            name,
            digest,
            **more,
        )

    found = [record(each, fingerprint(each), names.get(each.id, each.name)) for each in own]
    for each in private:
        found.append(record(each, fingerprint(each), answer_name(each), private=True))
    if drawn:
        for one, is_private in [
            *((each, False) for each in drawn_of(lesson)),
            *((each, True) for each in private_drawn),
        ]:
            sample = one.make(one.draw(random.Random(0)))
            name = stub_name(one.stub)
            digest = drawn_fingerprint(one)
            found.append(record(sample, digest, name, drawn=True, private=is_private))
    if not found:
        raise CourseError(f"Lesson {number} has no exercises: there is nothing to grade in it.")
    return found


def answer_name(exercise: Exercise) -> str:
    """What a private exercise's answer is called: its function's name, else ``answer_P4_1``."""
    word = exercise.prompt.split("(")[0].strip()
    if exercise.kind in ("function", "class") and word.isidentifier():
        return word
    return f"answer_{exercise.id.replace('.', '_')}"


def stub_name(stub: str) -> str:
    """What a stub cell binds."""
    program = Program([stub])
    return next(iter(sorted(program.statements[-1].binds)))


def parameters_for(
    secret: bytes, student: str, drawn: Iterable[Drawn]
) -> dict[str, dict[str, Any]]:
    """What is drawn for a student: HMAC(secret, student, exercise) seeds the draw."""
    return {
        each.id: each.draw(random.Random(secret_number(secret, "draw", student, each.id)))
        for each in drawn
    }


def all_drawn(lessons: Iterable[str], pack: Pack) -> list[Drawn]:
    """Every drawn exercise of some lessons, the course's and the pack's."""
    found: list[Drawn] = []
    for lesson in lessons:
        found += [*drawn_of(lesson), *pack.of_lesson(lesson)[1]]
    return found


def make_manifest(
    lessons: Sequence[str],
    pack: Pack,
    *,
    secret: bytes = b"",
    students: Sequence[str] = (),
) -> Manifest:
    """The manifest of a release; with students, what was drawn for each of them is in it.

    Raises:
        CourseError: if a lesson is not there or has no exercises.
    """
    numbers = tuple(dict.fromkeys(lesson.zfill(2) for lesson in lessons))
    records: list[ExerciseRecord] = []
    for number in numbers:
        records += records_of(number, pack, drawn=bool(students))
    drawn = all_drawn(numbers, pack)
    parameters: Mapping[str, Any] = {}
    if students and drawn:
        parameters = {student: parameters_for(secret, student, drawn) for student in students}
    return Manifest(__version__, now(), numbers, tuple(records), versions(), parameters, pack.name)


def versions() -> dict[str, str]:
    """Package → version, Python among them."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name).split("+")[0]
        except importlib.metadata.PackageNotFoundError:
            found[name] = __version__ if name == "aigc-edu" else "?"
    return found


# -------------------------------------------------------------------- the manifest, again


def differences(manifest: Manifest, lesson: str, pack: Pack) -> list[str]:
    """What is not as it was at release, a short clause each; [] if marks may be given."""
    said = []
    if manifest.pack and not pack.name:
        said.append(f"the pack {manifest.pack} is not given (--exercises)")
        return said
    if manifest.course_version != __version__:
        said.append(f"the course was {manifest.course_version} and is {__version__}")
    drawn = any(record.drawn for record in manifest.of_lesson(lesson))
    now_there = {record.id: record for record in records_of(lesson, pack, drawn=drawn)}
    for record in manifest.of_lesson(lesson):
        present = now_there.pop(record.id, None)
        if present is None:
            said.append(f"exercise {record.id} is gone")
        elif present.sha256 != record.sha256:
            said.append(f"exercise {record.id} has changed")
        elif present.points != record.points:
            said.append(f"exercise {record.id} had {record.points:g} points")
    said += [f"exercise {identifier} is new" for identifier in now_there]
    for name in ("torch", "numpy"):
        then, present_version = manifest.constraints.get(name), versions()[name]
        if then is not None and then.split(".")[:2] != present_version.split(".")[:2]:
            said.append(f"{name} was {then} and is {present_version}")
    return said


def exercise_for(
    record: ExerciseRecord, manifest: Manifest, pack: Pack, student: str
) -> Exercise | None:
    """The exercise that a student was given; None where nothing was drawn for them."""
    if record.drawn:
        parameters = manifest.parameters.get(student, {}).get(record.id)
        if parameters is None:
            return None
        for drawn in all_drawn([record.lesson], pack):
            if drawn.id == record.id:
                return drawn.make(parameters)
    pool = pack.exercises if record.private else lesson_exercises(int(record.lesson))
    for exercise in pool:
        if exercise.id == record.id:
            return exercise
    raise CourseError(
        f"Exercise {record.id} of the manifest is not there any more: give the pack that it is "
        "in with --exercises, or install the version of the course that made the release."
    )
