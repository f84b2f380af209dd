"""``aigc-edu build``: files, what is executed when, and what a failure leaves behind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from aigc_edu.authoring import build as building
from aigc_edu.authoring.build import Course, build, build_all, machine_paths
from aigc_edu.authoring.check import check_course
from aigc_edu.commands.build import command
from aigc_edu.errors import CourseError

NAME = "07_sums"
Said = list[str]


@pytest.fixture
def said() -> Said:
    return []


def change(course: Course, old: str, new: str) -> None:
    path = course.source(NAME)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def solution(course: Course) -> nbformat.NotebookNode:
    return nbformat.read(course.solution(NAME), as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_build_executes_and_then_only_where_code_changed(course: Course, said: Said) -> None:
    build(NAME, course, say=said.append)
    cells = code_cells(solution(course))
    assert cells[0].outputs[0].text == "3.0\n"
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4]
    assert all(set(cell.metadata) <= {"tags"} for cell in cells)  # no execution times
    lesson = nbformat.read(course.lesson(NAME), as_version=4)
    nbformat.validate(lesson)
    assert not any(cell.outputs for cell in code_cells(lesson))
    before = course.solution(NAME).read_bytes()

    said.clear()
    build(NAME, course, say=said.append)
    assert said == [f"{NAME}: lesson unchanged", f"{NAME}: solution unchanged"]

    said.clear()
    change(course, "Some math", "Much math")
    build(NAME, course, say=said.append)
    assert said[1:] == [f"{NAME}: solution rewritten, its outputs kept"]
    assert code_cells(solution(course))[0].outputs[0].text == "3.0\n"
    change(course, "Much math", "Some math")

    # Executed anew, the file is the same to the byte.
    build(NAME, course, force=True, say=said.append)
    assert course.solution(NAME).read_bytes() == before


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Replace the kernel by something quick; returns the environments it was called with."""
    environments: list[dict[str, str]] = []

    def pretend(notebook: Any, *, cwd: Path, env: dict[str, str], **_: Any) -> Any:
        environments.append(dict(env))
        made = nbformat.from_dict(notebook)
        for count, cell in enumerate(code_cells(made), start=1):
            cell["execution_count"] = count
            cell["outputs"] = [nbformat.v4.new_output("stream", text=OUTPUT[0])]
        return made

    monkeypatch.setattr(building, "execute", pretend)
    monkeypatch.setitem(globals(), "OUTPUT", ["3\n"])
    return environments


OUTPUT = ["3\n"]


def exercise(course: Course, fields: str) -> None:
    """One exercise file of the lesson, with these fields."""
    folder = course.exercises / "lesson_07"
    folder.mkdir(exist_ok=True)
    (folder / "e01_sum.py").write_text(f"EXERCISE = Exercise({fields})\n", encoding="utf-8")


@pytest.mark.parametrize(
    "touch",
    [
        lambda course: change(course, "a + b", "b + a"),
        lambda course: exercise(course, 'id="7.1", why="One and one are two."'),
        lambda course: course.solution(NAME).unlink(),
        lambda course: course.solution(NAME).write_text("no JSON"),
    ],
)
def test_a_change_that_matters_executes_again(
    course: Course, executions: list[Any], touch: Callable[[Course], object]
) -> None:
    build(NAME, course, say=lambda _: None)
    build(NAME, course, say=lambda _: None)
    assert len(executions) == 1
    touch(course)
    build(NAME, course, say=lambda _: None)
    assert len(executions) == 2


def test_a_sentence_costs_no_execution(course: Course, executions: list[Any]) -> None:
    for sentence in ("You subtracted.", "The sign is turned."):
        exercise(course, f'id="7.1", mistakes=(Mistake(lambda a, b: a - b, "{sentence}"),)')
        build(NAME, course, say=lambda _: None)
        assert check_course(course, [NAME]).problems == []
    assert len(executions) == 1


def test_settings_of_execution(
    course: Course, executions: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setenv("AIGC_EDU_SEED", "3")
    seen: list[str | None] = []
    pretend = building.execute
    monkeypatch.setattr(
        building,
        "execute",
        lambda *given, **named: (
            seen.append(os.environ.get("AIGC_EDU_SEED")),
            pretend(*given, **named),
        )[1],
    )
    build(NAME, course, say=lambda _: None)
    assert seen == [None]
    assert os.environ["AIGC_EDU_SEED"] == "3"
    wanted = {"OMP_NUM_THREADS": "1", "AIGC_EDU_DEVICE": "cpu", "AIGC_EDU_BUDGET": "full"}
    assert wanted.items() <= executions[0].items()
    assert not Path(executions[0]["AIGC_EDU_STATE"]).exists()  # its own, and gone


def test_no_execute_makes_the_lesson_only(course: Course, executions: list[Any]) -> None:
    build(NAME, course, run=False, say=lambda _: None)
    assert course.lesson(NAME).is_file()
    assert not course.solution(NAME).exists()
    assert not executions


def test_a_failing_cell_leaves_the_former_solution(course: Course, said: Said) -> None:
    course.solution(NAME).write_text("the former one")
    change(course, "print(add(1, 2))", 'raise KeyError("lost")')
    with pytest.raises(CourseError, match=r"07_sums: .*def add.* raised KeyError: 'lost'"):
        build(NAME, course, say=said.append)
    assert course.solution(NAME).read_text() == "the former one"
    assert any("Traceback" in line and "KeyError" in line for line in said)
    assert list(course.solutions.glob(".*")) == []


@pytest.mark.parametrize("output", ["/home/ada/x.py:3: Warning\n", "/x/lib/site-packages/torch\n"])
def test_outputs_with_paths_are_refused(
    course: Course, executions: list[Any], output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "OUTPUT", [output])
    with pytest.raises(CourseError, match="shows the path"):
        build(NAME, course, say=lambda _: None)
    assert not course.solution(NAME).exists()


def test_a_notebook_that_is_too_large_is_refused(
    course: Course, executions: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "OUTPUT", ["x" * 1_000_000])
    with pytest.raises(CourseError, match="must stay under 1 MB"):
        build(NAME, course, say=lambda _: None)
    assert not course.solution(NAME).exists()


def test_progress_bars_are_stored_as_they_end(
    course: Course, executions: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "OUTPUT", ["\r 0 %\r 50 % of all\r100 %\nend\n"])
    build(NAME, course, say=lambda _: None)
    assert code_cells(solution(course))[0].outputs[0].text == "100 % of all\nend\n"


def test_one_bad_source_does_not_stop_the_others(
    course: Course, executions: list[Any], said: Said
) -> None:
    good = course.source(NAME).read_text(encoding="utf-8")
    course.source("03_bad").write_text(good, encoding="utf-8")  # its number is another
    with pytest.raises(CourseError, match=r"1 of 2 lessons could not be built \(03\)"):
        build_all(course.names(), course, say=said.append)
    assert course.solution(NAME).is_file()
    assert any("03_bad" in line and "aigc_edu.number" in line for line in said)


def test_choose(course: Course) -> None:
    for word in ("7", "07", NAME, f"solutions/{NAME}.md"):
        assert course.choose([word]) == [NAME]
    assert course.choose([]) == [NAME]
    with pytest.raises(CourseError, match="the numbers are 07"):
        course.choose(["12"])
    course.source(NAME).unlink()
    with pytest.raises(CourseError, match="There is no source"):
        course.choose([])


def test_an_unwritable_folder_is_one_sentence(course: Course) -> None:
    course.lessons.rmdir()
    course.lessons.write_text("a file where a folder belongs")
    with pytest.raises(CourseError, match="could not be written"):
        build(NAME, course, run=False, say=lambda _: None)


def test_machine_paths_in_texts() -> None:
    for text in ("/tmp/x", "(/home/ada/x)", "at /a/b/c.py", r"C:\Users\ada", "/var/folders/x/y"):
        assert machine_paths(text), text
    for text in ("1/2 and a/b/c", "</a></b></c>", "https://a.org/b/c/d", "and/or", "N/A"):
        assert not machine_paths(text), text


def test_the_command(course: Course, executions: list[Any]) -> None:
    done = CliRunner().invoke(command, ["7", "--root", str(course.root)])
    assert done.exit_code == 0, done.output
    assert json.loads(course.solution(NAME).read_text(encoding="utf-8"))["nbformat"] == 4
    done = CliRunner().invoke(command, ["--check", "--root", str(course.root)])
    assert done.exit_code == 0, done.output
    assert "nothing stale" in done.output
    course.lesson(NAME).unlink()
    done = CliRunner().invoke(command, ["--check", "--root", str(course.root)])
    assert isinstance(done.exception, CourseError)
    assert "lessons/07_sums.ipynb: is missing" in done.output
