"""The export for nbgrader: by itself, and with nbgrader in an environment of its own."""

import ast
import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from aigc_edu import paths
from aigc_edu.errors import CourseError
from aigc_edu.exercises import lesson_exercises
from aigc_edu.grading.nbgrader import WARNING, export, source_notebook, with_markers

LESSONS = sorted(path.name[:2] for path in paths.lessons_dir().glob("[0-9][0-9]_*.ipynb"))


def cleared(code: str) -> str:
    """What nbgrader's generate_assignment leaves of a cell, by its documentation."""
    lines, inside = [], False
    for line in code.split("\n"):
        if "BEGIN SOLUTION" in line:
            inside = True
            lines.append(line[: len(line) - len(line.lstrip())] + "# YOUR CODE HERE")
        elif "END SOLUTION" in line:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def read(path: Path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_lesson_becomes_an_assignment(tmp_path, lesson):
    assert export([lesson], tmp_path, seed=1) == [f"lesson-{lesson}"]
    (path,) = (tmp_path / "source" / f"lesson-{lesson}").glob("*.ipynb")
    notebook = read(path)
    nbformat.validate(notebook)
    facts = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    graded = [fact for fact in facts if fact and fact["grade"]]
    exercises = lesson_exercises(int(lesson))
    assert [fact["grade_id"] for fact in graded] == [
        f"test-{exercise.id.replace('.', '-')}" for exercise in exercises
    ]
    assert sum(fact["points"] for fact in graded) == sum(e.points for e in exercises)
    ids = [fact["grade_id"] for fact in facts if fact]
    assert len(set(ids)) == len(ids)
    for fact in graded:
        assert fact["locked"]
        assert not fact["solution"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_nbgrader_clears_is_the_lesson_again(tmp_path, lesson):
    """With the answers cut out, a cell is the lesson's, with a line that says where to write."""
    export([lesson], tmp_path, seed=1)
    (path,) = (tmp_path / "source" / f"lesson-{lesson}").glob("*.ipynb")
    original = {cell["id"]: cell.source for cell in read(paths.lessons_dir() / path.name).cells}
    worked = {cell["id"]: cell.source for cell in read(paths.solutions_dir() / path.name).cells}
    answered = 0
    for cell in read(path).cells:
        if cell["id"] not in original:
            continue
        lines = cleared(cell.source).split("\n")
        plain = "\n".join(line for line in lines if line.strip() != "# YOUR CODE HERE")
        assert plain == original[cell["id"]]
        if "BEGIN SOLUTION" in cell.source:
            answered += 1
            compile(cell.source, path.name, "exec")
            compile(cleared(cell.source), path.name, "exec")
            assert "TODO" in plain
            kept = {line.strip() for line in cell.source.split("\n")}
            assert {line.strip() for line in worked[cell["id"]].split("\n")} <= kept
    assert answered == len(lesson_exercises(int(lesson)))


def always_returns(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and always_returns(last.body) and always_returns(last.orelse)
    if isinstance(last, ast.With):
        return always_returns(last.body)
    return isinstance(last, ast.Return | ast.Raise)


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_answer_never_falls_through_to_its_stub(tmp_path, lesson):
    export([lesson], tmp_path, seed=1)
    (path,) = (tmp_path / "source" / f"lesson-{lesson}").glob("*.ipynb")
    for cell in read(path).cells:
        if "BEGIN SOLUTION" not in cell.source:
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef) and ast.unparse(node.body[-1]) == "return TODO":
                assert always_returns(node.body[:-1]), (path.name, node.name)


def test_a_stub_that_does_not_return_stands_before_the_answer():
    assert with_markers("x = TODO  # a number", "x = 3\nx += 1") == (
        "x = TODO  # a number\n### BEGIN SOLUTION\nx = 3\nx += 1\n### END SOLUTION"
    )
    assert with_markers("def f(x):\n    return TODO", "def f(x):\n    x.step()") == (
        "def f(x):\n    ### BEGIN SOLUTION\n    x.step()\n    return\n    ### END SOLUTION\n"
        "    return TODO"
    )
    with pytest.raises(CourseError, match="no stub"):
        with_markers("x = 1", "x = 2")


def test_what_is_there_is_not_overwritten(tmp_path):
    export(["04"], tmp_path)
    before = (tmp_path / "source" / "lesson-04" / "04_vae_derivation.ipynb").read_bytes()
    with pytest.raises(CourseError, match="there already"):
        export(["4"], tmp_path)
    assert (tmp_path / "source" / "lesson-04" / "04_vae_derivation.ipynb").read_bytes() == before
    with pytest.raises(CourseError, match="no lesson"):
        export(["55"], tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_warning_is_given(tmp_path):
    export(["04"], tmp_path)
    text = " ".join((tmp_path / "README.md").read_text().replace(">", " ").split())
    assert "no proof against cheating" in text
    assert "kernel that the student's code owns" in text
    assert "no proof against cheating" in WARNING


def test_a_lesson_and_another_solution_do_not_fit():
    lessons, solutions = paths.lessons_dir(), paths.solutions_dir()
    with pytest.raises(CourseError, match="do not fit"):
        source_notebook(lessons / "04_vae_derivation.ipynb", solutions / "05_vae_training.ipynb", 1)


# -------------------------------------------------------------------------- nbgrader itself


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory) -> Path:
    """The folder of nbgrader's programs, in an environment of its own."""
    base = tmp_path_factory.mktemp("nbgrader")
    subprocess.run([sys.executable, "-m", "venv", str(base / "venv")], check=True)
    programs = base / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = programs / ("python.exe" if os.name == "nt" else "python")
    command = [python, "-m", "pip", "install", "--quiet", "--retries", "0", "--timeout", "10"]
    try:
        ran = subprocess.run(
            [*command, "nbgrader==0.9.6"], capture_output=True, text=True, timeout=400
        )
    except subprocess.TimeoutExpired:
        pytest.skip("nbgrader could not be installed within 400 seconds")
    if ran.returncode:
        pytest.skip("nbgrader could not be installed: no package index was reached")
    return programs


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_nbgrader_makes_the_assignment_and_gives_the_worked_solution_full_marks(tmp_path, nbgrader):
    course, kernels = tmp_path / "course", tmp_path / "jupyter" / "kernels" / "python3"
    export(["04"], course)
    kernels.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (kernels / "kernel.json").write_text(json.dumps(spec))
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **os.environ,
        "PATH": f"{nbgrader}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "USERPROFILE": str(home),
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "OMP_NUM_THREADS": "1",
        "AIGC_EDU_BUDGET": "quick",
        "AIGC_EDU_STATE": str(tmp_path / "state"),
    }

    def call(*words: str) -> None:
        ran = subprocess.run(
            [str(nbgrader / "nbgrader"), *words],
            cwd=course,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    call("generate_assignment", "lesson-04")
    name = "lesson-04/04_vae_derivation.ipynb"
    released = (course / "release" / name).read_text()
    assert "HIDDEN TESTS" not in released
    assert "evaluate(" not in released
    stubs = [c for c in read(course / "release" / name).cells if "# YOUR CODE HERE" in c.source]
    assert len(stubs) == len(lesson_exercises(4))
    source, half = course / "source" / name, read(course / "release" / name)
    answers = {cell["id"]: cell.source for cell in read(source).cells}
    for cell in half.cells:  # the first function alone is answered
        if "kl_used = check" in cell.source or "def kl(" in cell.source:
            cell.source = answers[cell["id"]]
    for student, notebook in (("worked", read(source)), ("half", half)):
        path = course / "submitted" / student / name
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    call("autograde", "lesson-04")
    call("export")
    with (course / "grades.csv").open() as file:
        scores = {row["student_id"]: row for row in csv.DictReader(file)}
    total = sum(exercise.points for exercise in lesson_exercises(4))
    assert float(scores["worked"]["max_score"]) == total
    assert float(scores["worked"]["score"]) == total
    assert float(scores["half"]["score"]) == 3
    shutil.rmtree(course)
