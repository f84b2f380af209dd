"""What is graded: from a lesson, a pack and the drawn exercises to records with hashes."""

import ast
import importlib.metadata
import platform
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aigc_edu import __version__
from aigc_edu.errors import CourseError
from aigc_edu.exercises import Exercise, lesson_exercises
from aigc_edu.exercises.drawn import Drawn
from aigc_edu.exercises.registry import drawn_exercises, lesson_numbers
from aigc_edu.grading.judge.digests import drawn_digest, exercise_digest
from aigc_edu.grading.judge.manifest import ExerciseRecord, Manifest, now
from aigc_edu.grading.judge.packs import Pack
from aigc_edu.grading.judge.seed import secret_number
from aigc_edu.grading.sandbox.box.notebook import NotebookError, Program, code_cells, read
from aigc_edu.lessons import notebook_of

PACKAGES = ("torch", "numpy", "aigc-edu")
"""Whose versions are noted in a manifest."""


def lesson_cells(lesson: str) -> list[str]:
    """The code cells of a lesson as shipped."""
    try:
        return code_cells(read(notebook_of(lesson).read_bytes()))
    except (OSError, NotebookError) as error:
        raise CourseError(
            f"The lesson {notebook_of(lesson)} cannot be read ({error}): install the course again."
        ) from error


def answer_names(cells: Sequence[str]) -> dict[str, str]:
    """Exercise → what its answer is called in a lesson's check cells."""
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

    records = [record(each, exercise_digest(each), names.get(each.id, each.name)) for each in own]
    for each in private:
        records.append(record(each, exercise_digest(each), answer_name(each), private=True))
    if drawn:
        for one, is_private in [
            *((each, False) for each in drawn_exercises(int(lesson))),
            *((each, True) for each in private_drawn),
        ]:
            sample = one.make(one.draw(random.Random(0)))
            name = stub_name(one.stub)
            digest = drawn_digest(one)
            records.append(record(sample, digest, name, drawn=True, private=is_private))
    if not records:
        raise CourseError(f"Lesson {number} has no exercises: there is nothing to grade in it.")
    return records


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
    return [
        each
        for lesson in lessons
        for each in (*drawn_exercises(int(lesson)), *pack.of_lesson(lesson)[1])
    ]


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
    installed = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            installed[name] = importlib.metadata.version(name).split("+")[0]
        except importlib.metadata.PackageNotFoundError:
            installed[name] = __version__ if name == "aigc-edu" else "?"
    return installed


def differences(
    manifest: Manifest, lesson: str, pack: Pack, changed: Sequence[str] = ()
) -> list[str]:
    """What is not as it was at release, a short clause each; [] if marks may be given.

    Args:
        manifest: of the release.
        lesson: which of its lessons.
        pack: private exercises, an empty pack for none.
        changed: ids of exercises that may have changed, because they are graded again.
    """
    if manifest.pack and not pack.name:
        return [f"the pack {manifest.pack} is not given (--exercises)"]
    clauses = []
    if manifest.course_version != __version__:
        clauses.append(f"the course was {manifest.course_version} and is {__version__}")
    released = manifest.of_lesson(lesson)
    drawn = any(record.drawn for record in released)
    today = {record.id: record for record in records_of(lesson, pack, drawn=drawn)}
    for before in released:
        after = today.pop(before.id, None)
        if after is None:
            clauses.append(f"exercise {before.id} is gone")
        elif before.id in changed:
            continue
        elif after.sha256 != before.sha256:
            clauses.append(f"exercise {before.id} has changed")
        elif after.points != before.points:
            clauses.append(f"exercise {before.id} had {before.points:g} points")
    clauses += [f"exercise {identifier} is new" for identifier in today]
    for name in ("torch", "numpy"):
        then, installed = manifest.constraints.get(name), versions()[name]
        if then is not None and then.split(".")[:2] != installed.split(".")[:2]:
            clauses.append(f"{name} was {then} and is {installed}")
    return clauses


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
