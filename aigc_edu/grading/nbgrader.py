"""A lesson as an assignment of nbgrader, for places that require nbgrader.

**It is no proof against cheating.** nbgrader runs its tests in the kernel that the student's
code owns: an answer can replace what a test uses, read the tests while they run, or change the
grade itself. ``aigc-edu grade`` runs answers in a sandbox and compares outside; use it for marks.

A lesson becomes one source notebook: each answer stands in a cell that nbgrader clears, and after
each ``check`` comes a locked cell whose hidden test gives the points of the exercise, partial
marks included. nbgrader's own commands do the rest.
"""

import ast
import difflib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from aigc_edu import __version__, paths
from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.lessons import notebook_of

SCHEMA = 3
"""The version of nbgrader's metadata that is written."""

WARNING = (
    "nbgrader is no proof against cheating: its tests run in the kernel that the student's code "
    "owns. Use it where it is required, and 'aigc-edu grade' for marks that count."
)

_TAG = "solution-only"


def export(lessons: Sequence[str], out: Path, *, seed: int | None = None) -> list[str]:
    """Write a course folder of nbgrader with an assignment for each lesson.

    Args:
        lessons: numbers, "04" or "4".
        out: the folder; ``source/lesson-04/...``, ``nbgrader_config.py`` and a README are made
            in it. Other assignments in it stay.
        seed: of the hidden tests' inputs; drawn where it is None.

    Returns:
        The assignments' names.

    Raises:
        CourseError: if a lesson is not there, has no exercises, or the assignment is there
            already.
    """
    files = [_files(lesson) for lesson in lessons]
    made = []
    for lesson, solution in files:
        folder = out / "source" / _assignment(lesson)
        if folder.exists():
            raise CourseError(
                f"{folder} is there already: choose another --out, or remove it if nobody has it."
            )
        number = secrets.randbits(48) if seed is None else seed
        made.append((folder / lesson.name, source_notebook(lesson, solution, number)))
    for path, content in made:
        write_atomically(path, content)
    write_atomically(out / "nbgrader_config.py", _CONFIG.encode())
    write_atomically(out / "README.md", _README.encode())
    return [_assignment(lesson) for lesson, _ in files]


def _assignment(lesson: Path) -> str:
    return f"lesson-{lesson.name[:2]}"


def _files(lesson: str) -> tuple[Path, Path]:
    notebook = notebook_of(lesson)
    solution = paths.solutions_dir() / notebook.name
    if not solution.is_file():
        raise CourseError(f"The worked solution of lesson {lesson} is missing: install it again.")
    return notebook, solution


def source_notebook(lesson: Path, solution: Path, seed: int) -> bytes:
    """One lesson as nbgrader's source: answers between its markers, tests behind the checks.

    Args:
        lesson: the lesson's notebook.
        solution: its worked solution; the cells of the two have the same ids.
        seed: of the hidden tests' inputs.

    Raises:
        CourseError: if the two do not fit together, or there is nothing to grade.
    """
    from aigc_edu.exercises import find

    library: Any = nbformat
    notebook = library.reads(lesson.read_text(encoding="utf-8"), as_version=4)
    worked = library.reads(solution.read_text(encoding="utf-8"), as_version=4)
    answers = {cell["id"]: cell.source for cell in worked.cells}
    cells: list[Any] = []
    graded = 0
    for cell in notebook.cells:
        identifier = cell["id"]
        if identifier not in answers or _TAG in cell.metadata.get("tags", []):
            raise CourseError(f"{lesson.name} and its solution do not fit: build them again.")
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        if cell.source != answers[identifier]:
            cell.source = with_markers(cell.source, answers[identifier])
            cell.metadata["nbgrader"] = _facts(f"answer-{identifier}", solution=True)
        for exercise_id, answer in _checks(cell.source):
            exercise = find(exercise_id)
            name = f"test-{exercise_id.replace('.', '-')}"
            test = library.v4.new_code_cell(_test(exercise_id, answer, seed))
            test["id"] = name
            test.metadata["nbgrader"] = _facts(name, points=exercise.points)
            cells.append(test)
            graded += 1
    if not graded:
        raise CourseError(f"{lesson.name} has no exercises: there is nothing to grade.")
    notebook.cells = cells
    return (str(library.writes(notebook)).rstrip("\n") + "\n").encode()


def _facts(name: str, *, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "schema_version": SCHEMA,
        "grade_id": name,
        "grade": points is not None,
        "solution": solution,
        "locked": points is not None,
        "task": False,
        "cell_type": "code",
    }
    return facts if points is None else {**facts, "points": points}


def with_markers(stub: str, answer: str) -> str:
    """A cell with its answer between nbgrader's markers, and its stub where it takes over.

    A stub that returns stands after the answer, where the answer's own return hides it (one is
    added where the answer has none); any other stands before it.

    >>> print(with_markers("def f():\\n    return TODO", "def f():\\n    return 1"))
    def f():
        ### BEGIN SOLUTION
        return 1
        ### END SOLUTION
        return TODO

    Raises:
        CourseError: if the two differ in something else than answers.
    """
    old, new = stub.split("\n"), answer.split("\n")
    lines: list[str] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            lines += old[a:b]
            continue
        stubs = old[a:b]
        if what != "replace" or not all("TODO" in line for line in stubs):
            raise CourseError(f"This cell is no stub with an answer:\n{stub}")
        indent = stubs[0][: len(stubs[0]) - len(stubs[0].lstrip())]
        after = stubs[0].lstrip().startswith("return")
        inside = new[c:d]
        if after and not inside[-1].startswith((f"{indent}return", f"{indent}raise")):
            # An answer that returns nothing (or not everywhere) must not come to the stub.
            inside.append(f"{indent}return")
        block = [f"{indent}### BEGIN SOLUTION", *inside, f"{indent}### END SOLUTION"]
        lines += [*block, *stubs] if after else [*stubs, *block]
    return "\n".join(lines)


def _checks(code: str) -> list[tuple[str, str]]:
    """The exercises that a cell checks: id and the answer's expression.

    >>> _checks('a = check("4.2", kl)\\nb = check("0.3", loop, record=False)')
    [('4.2', 'kl')]
    """
    found = []
    for node in ast.walk(ast.parse(code)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "check"
            and len(node.args) == 2
            and isinstance(node.args[0], ast.Constant)
            and not node.keywords
        ):
            found.append((str(node.args[0].value), ast.unparse(node.args[1])))
    return found


def _test(exercise: str, answer: str, seed: int) -> str:
    return (
        f"# The points of exercise {exercise}: what the answer does on other inputs.\n"
        "### BEGIN HIDDEN TESTS\n"
        "from aigc_edu.exercises import evaluate, find\n\n"
        f'evaluate(find("{exercise}"), {answer}, {seed}).points\n'
        "### END HIDDEN TESTS"
    )


_CONFIG = '''"""nbgrader's settings for these assignments; set the name of your course first."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "aigc"
# A lesson runs to its end whatever is filled in: a stub is TODO and raises nothing.
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}
# Lessons that train take minutes, and a cell of theirs more than nbgrader's usual 30 seconds.
c.ExecutePreprocessor.timeout = 1800
c.Execute.timeout = 1800
'''

_README = f"""# Assignments for nbgrader

> **Warning.** nbgrader is no proof against cheating. Its tests run in the kernel that the
> student's code owns: an answer can replace what a test uses, read the tests while they run, or
> change the grade itself. Answers to the course's exercises are public besides. Use this where
> nbgrader is required, for formative work; for marks that count use `aigc-edu grade`, which runs
> answers in a sandbox and compares outside of it, with private exercises.

Made by version {__version__} of the course. In this folder:

```sh
nbgrader generate_assignment lesson-04    # release/: what students get
nbgrader collect lesson-04                # or lay their notebooks into submitted/NAME/lesson-04/
nbgrader autograde lesson-04              # runs whole lessons, training included
nbgrader export                           # grades.csv
```

- Activate nbgrader's environment first: it calls `alembic` by name.
- The kernel `python3` must be one with the course installed (`aigc-edu doctor` runs there).
- Set `OMP_NUM_THREADS=1` and `AIGC_EDU_BUDGET=quick` for `autograde`: no answer is judged by how
  long a network was trained.
- A hidden test gives the points of an exercise, partial marks by its named cases. What it prints to
  the error stream counts as a failure; that is nbgrader's rule.
- `nbgrader generate_feedback` shows hidden tests to students: with them the seed of the inputs.
"""
