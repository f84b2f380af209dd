"""A pytest plugin around nbval: each notebook in its own settings, and its exercises checked.

Loaded by ``run.py`` with ``-p course_notebooks``. For every notebook it

- sets the environment that solutions are built in (``full`` budget) or, for lessons, the same
  with the ``quick`` budget, and an empty progress folder of the notebook's own, so that what
  another notebook did never shows;
- sets both time-outs to four times the lesson's minutes (nbval's own for a cell; pytest's,
  because nbval does not notice that a kernel died);
- adds one test at the end: the exercises of a solution are all right, those of a lesson are
  all not started.
"""

import ast
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from aigc_edu.authoring.build import SETTINGS, UNSET

SLACK = 4  # a busy machine may take this many times the lesson's minutes
LEAST = 120.0  # seconds; importing torch alone can take tens of them on a busy machine
SHOWS_ALL_STATES = ("00",)  # lesson 00 demonstrates right, wrong and raised on purpose


def pytest_configure(config: pytest.Config) -> None:
    lax = config.option.nbval_lax
    os.environ.update(SETTINGS, AIGC_EDU_BUDGET="quick" if lax else "full")
    for name in UNSET:
        os.environ.pop(name, None)
    # Kernels started by nbval take the environment of this process.
    folder = tempfile.TemporaryDirectory(prefix="aigc-edu-notebooks-")
    config.add_cleanup(folder.cleanup)
    config.stash[_STATES] = Path(folder.name)


_STATES = pytest.StashKey[Path]()


def state_folder(config: pytest.Config, notebook: Path) -> Path:
    """Where a notebook's progress goes."""
    return config.stash[_STATES] / notebook.stem


def time_limit(notebook: Path) -> float:
    """Seconds that one cell may take."""
    try:
        facts = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["aigc_edu"]
        return max(LEAST, SLACK * 60 * float(facts["minutes"]["cpu"]))
    except (ValueError, KeyError, TypeError):
        return LEAST  # nbval will say what is wrong with the file


@pytest.hookimpl(trylast=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ExercisesFile | None":
    if file_path.suffix != ".ipynb":
        return None
    return ExercisesFile.from_parent(parent, path=file_path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # A little above nbval's own limit, which says more: which cell, and what it had shown.
        item.add_marker(pytest.mark.timeout(time_limit(item.path) + 60))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.option.nbval_cell_timeout = time_limit(item.path)
    os.environ["AIGC_EDU_STATE"] = str(state_folder(item.config, item.path))


class ExercisesFile(pytest.File):
    """The exercises of one notebook; collected after nbval has collected its cells."""

    def collect(self) -> Any:
        yield ExercisesItem.from_parent(self, name="exercises")


class ExercisesItem(pytest.Item):
    """Looks at what the notebook's checks recorded while its cells ran."""

    def runtest(self) -> None:
        from aigc_edu.exercises import lesson_exercises

        notebook = nbformat.read(self.path, as_version=4)
        number = notebook.metadata["aigc_edu"]["number"]
        exercises = lesson_exercises(int(number))
        file = state_folder(self.config, self.path) / "progress.json"
        entries = json.loads(file.read_text(encoding="utf-8"))["exercises"] if file.exists() else {}
        problems = exercise_problems(
            [exercise.id for exercise in exercises],
            checked_exercises(notebook),
            {identifier: entry["state"] for identifier, entry in entries.items()},
            lesson=self.config.option.nbval_lax,
            demonstrates=number in SHOWS_ALL_STATES,
        )
        if problems:
            raise ExerciseError("\n".join(problems))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ExerciseError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.path.name}: exercises"


class ExerciseError(AssertionError):
    """What is wrong, one line each."""


def checked_exercises(notebook: nbformat.NotebookNode) -> list[str]:
    """The ids that a notebook's cells give to ``check``, in order."""
    return [
        node.args[0].value
        for cell in notebook.cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def exercise_problems(
    exercises: list[str],
    checked: list[str],
    states: dict[str, str],
    *,
    lesson: bool,
    demonstrates: bool = False,
) -> list[str]:
    """What is wrong with the exercises of a notebook that ran.

    Args:
        exercises: ids of the lesson's exercises.
        checked: ids that its cells check.
        states: what the checks recorded; "not started" leaves nothing.
        lesson: whether every exercise must be "not started", and not "right".
        demonstrates: whether the lesson shows the states on purpose; then they may differ.
    """
    problems = [
        f"exercise {identifier} is never checked"
        for identifier in exercises
        if identifier not in checked
    ]
    problems += [
        f"{identifier} is checked, and no such exercise is in the lesson's exercise file"
        for identifier in dict.fromkeys(checked)
        if identifier not in exercises
    ]
    if demonstrates:
        return problems
    wanted = "not started" if lesson else "right"
    problems += [
        f"exercise {identifier} is {state!r} and should be {wanted!r}"
        for identifier in exercises
        if identifier in checked and (state := states.get(identifier, "not started")) != wanted
    ]
    return problems
