"""What a release writes: for the students, and for the lecturer.

::

    DIR/students/04_vae_derivation.ipynb         the lesson without answers
    DIR/students/STUDENT/04_vae_derivation.ipynb the same with the student's own questions
    DIR/students/README.md, constraints.txt      what they need
    DIR/lecturer/manifest.json, seed             by what is graded; the seed is secret

Questions of a pack and drawn ones stand at the end of the lesson, so that a student hands
in one notebook a lesson. The course's own lessons are not changed.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from aigc_edu import paths
from aigc_edu.errors import CourseError
from aigc_edu.exercises import Exercise
from aigc_edu.exercises.drawn import Drawn
from aigc_edu.exercises.registry import drawn_exercises
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.safe import private_folder, safe_name
from aigc_edu.grading.judge.manifest import MANIFEST, Manifest
from aigc_edu.grading.judge.packs import Pack
from aigc_edu.grading.judge.seed import read_seed
from aigc_edu.grading.judge.specification import (
    answer_name,
    make_manifest,
    parameters_for,
)
from aigc_edu.lessons import notebook_of

_HEADING = """## Your questions

These count, and are graded after you hand in. `check` cannot help here: test your answers
yourself. Each answer must stand in this notebook, with all that it needs; what you return
counts, not what is printed.
"""


def release(
    lessons: Sequence[str],
    out: Path,
    *,
    pack: Pack,
    seed_file: Path | None = None,
    students: Sequence[str] = (),
) -> Manifest:
    """Write a release.

    Args:
        lessons: numbers, as "04".
        out: the folder; students' and lecturer's parts are made in it.
        pack: private exercises, an empty pack for none.
        seed_file: the secret; ``out/lecturer/seed`` by default, made where it is not there.
        students: ids of the roster: then each gets questions with parameters of their own.

    Raises:
        CourseError: if a lesson is not there, or the folder holds a release already.
    """
    lecturer, public = out / "lecturer", out / "students"
    if (lecturer / MANIFEST).exists():
        raise CourseError(
            f"{out} holds a release already: choose another --out, or remove it if nobody has it."
        )
    numbers = [lesson.zfill(2) for lesson in lessons]
    files = {number: notebook_of(number) for number in numbers}  # before anything is written
    private_folder(lecturer)
    secret = read_seed(seed_file or lecturer / "seed", make=True)
    manifest = make_manifest(numbers, pack, secret=secret, students=students)
    for number, file in files.items():
        private, private_drawn = pack.of_lesson(number)
        drawn = [*drawn_exercises(int(number)), *private_drawn]
        if students and drawn:
            for student in students:
                parameters = parameters_for(secret, student, drawn)
                cells = _questions(private, [(each, parameters[each.id]) for each in drawn])
                _write(public / safe_name(student) / file.name, file, cells, parameters)
        else:
            _write(public / file.name, file, _questions(private, []), {})
    root = paths.course_root()
    if root is not None and (root / "constraints.txt").is_file():
        shutil.copyfile(root / "constraints.txt", public / "constraints.txt")
    write_atomically(public / "README.md", _readme(manifest).encode())
    manifest.write(lecturer / MANIFEST)
    return manifest


def _questions(
    private: Iterable[Exercise], drawn: Iterable[tuple[Drawn, Mapping[str, Any]]]
) -> list[dict[str, str]]:
    """The cells at a lesson's end; [] where there is nothing to add."""
    cells: list[dict[str, str]] = []
    for exercise in private:
        cells += [
            {"kind": "markdown", "text": private_text(exercise)},
            {"kind": "code", "text": private_stub(exercise)},
            {"kind": "code", "text": f'check("{exercise.id}", {answer_name(exercise)})'},
        ]
    for each, parameters in drawn:
        exercise = each.make(parameters)
        name = each.stub.split("(")[0].removeprefix("def ").split(" = ")[0].strip()
        head = f"### {exercise.id} {exercise.title}\n\n{each.text(parameters)}\n\n"
        asked = (
            f"`{_one_line(exercise.prompt)}`. " if exercise.kind in ("function", "class") else ""
        )
        cells += [
            {"kind": "markdown", "text": f"{head}{asked}({_points(exercise)})"},
            {"kind": "code", "text": each.stub},
            {"kind": "code", "text": f'check("{exercise.id}", {name})'},
        ]
    if not cells:
        return []
    start = [
        {"kind": "markdown", "text": _HEADING},
        {"kind": "code", "text": "from aigc_edu.exercises import TODO, check"},
    ]
    return start + cells


def _points(exercise: Exercise) -> str:
    return (
        f"{exercise.points:g} points, {exercise.minutes} minutes, "
        f"difficulty {exercise.difficulty} of 3"
    )


def private_text(exercise: Exercise) -> str:
    """What a student reads of a pack's exercise."""
    text = f"### {exercise.id} {exercise.title}\n\n"
    if exercise.kind in ("function", "class"):
        text += f"Write `{_one_line(exercise.prompt)}`."
    else:
        text += exercise.prompt
    if exercise.choices:
        text += "\n\n" + "\n".join(f"- **{k}** {v}" for k, v in exercise.choices.items())
    return f"{text}\n\n({_points(exercise)})"


def private_stub(exercise: Exercise) -> str:
    """The cell that a student fills in for a pack's exercise."""
    name = answer_name(exercise)
    if exercise.kind == "function" and "(" in exercise.prompt:
        signature = exercise.prompt.split("→")[0].split(")")[0].strip() + ")"
        return f"def {signature}:\n    return TODO"
    if exercise.kind == "class":
        return f"class {name}:\n    def __init__(self, *arguments):\n        self.filled_in = TODO"
    return f"{name} = TODO"


def _write(
    target: Path, source: Path, cells: list[dict[str, str]], parameters: Mapping[str, Any]
) -> None:
    """A lesson with questions at its end; without any, the very file of the course."""
    if not cells:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, source.read_bytes(), private=True)
        return
    library: Any = nbformat
    notebook = library.reads(source.read_text(encoding="utf-8"), as_version=4)
    for number, cell in enumerate(cells):
        make = library.v4.new_code_cell if cell["kind"] == "code" else library.v4.new_markdown_cell
        question = make(cell["text"])
        question["id"] = f"question-{number:02d}"
        notebook.cells.append(question)
    if parameters:
        # For 'grade --self' alone; marks are given by the manifest.
        metadata = dict(notebook.metadata.get("aigc_edu", {}))
        notebook.metadata["aigc_edu"] = {**metadata, "drawn": json.loads(json.dumps(parameters))}
    target.parent.mkdir(parents=True, exist_ok=True)
    text = library.writes(notebook).rstrip("\n") + "\n"
    write_atomically(target, text.encode(), private=True)


def _readme(manifest: Manifest) -> str:
    lessons = ", ".join(manifest.lessons)
    return f"""# Lessons {lessons}: what to do and what to hand in

Open the notebook in JupyterLab (`make lab` or `aigc-edu lab` in the course's folder; these
notebooks were made for version {manifest.course_version}). Answer the exercises in their cells
and hand in the notebook, one file a lesson, under the name that your lecturer asks for.

- What counts is what your functions return on inputs that you do not see. Nothing that is
  printed counts, and neither do the stored outputs.
- Nothing is trained while grading: an answer must not need a trained network of yours.
- Keep each answer's name and its `check` cell. Cells may be moved or copied.
- `aigc-edu grade FILE --self` shows what the grader will see, with other inputs.
"""


def _one_line(prompt: str) -> str:
    return " ".join(prompt.split())
