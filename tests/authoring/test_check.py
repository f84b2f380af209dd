"""``aigc-edu build --check``: each problem planted, each found."""

import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from aigc_edu.authoring import check as checking
from aigc_edu.authoring.build import Course, build
from aigc_edu.authoring.check import (
    Report,
    asserts,
    check_course,
    code_problems,
    output_problems,
    read_prose,
    shows,
    training_problems,
    trains,
)
from aigc_edu.authoring.source import as_bytes, parse, solution_notebook

NAME = "07_sums"
PIXEL = "iVBORw0KGgo="


def executed(notebook: Any) -> Any:
    """As if the kernel had run: the first cell prints, the others say nothing."""
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell["execution_count"] = count
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first["outputs"] = [nbformat.v4.new_output("stream", text="3\n")]
    return notebook


@pytest.fixture
def built(course: Course) -> Course:
    """The course with its lesson built (and its solution as if executed)."""
    build(NAME, course, run=False, say=lambda _: None)
    source = parse(NAME, course.source(NAME).read_text(encoding="utf-8"))
    course.solution(NAME).write_bytes(as_bytes(executed(solution_notebook(source))))
    return course


def report(course: Course) -> Report:
    return check_course(course, course.names())


def edit_source(course: Course, old: str, new: str) -> None:
    """Change the source and build again, so that nothing is stale."""
    path = course.source(NAME)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    source = parse(NAME, path.read_text(encoding="utf-8"))
    build(NAME, course, run=False, say=lambda _: None)
    course.solution(NAME).write_bytes(as_bytes(executed(solution_notebook(source))))


def edit(course: Course, which: str, change: Callable[[Any], object]) -> None:
    """Change a notebook's JSON by hand."""
    path = course.lesson(NAME) if which == "lesson" else course.solution(NAME)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")


def test_a_course_that_is_fine_has_no_problem(built: Course) -> None:
    assert report(built).problems == []


def test_nothing_is_executed_or_written(built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    from aigc_edu.authoring import build as building

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("executed")

    monkeypatch.setattr(building, "execute", never)
    before = {path: path.stat().st_mtime_ns for path in built.root.rglob("*")}
    report(built)
    assert {path: path.stat().st_mtime_ns for path in built.root.rglob("*")} == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[page](https://example.org/a)", "[page](nowhere.md)", "leads nowhere"),
        ("[page](https://example.org/a)", "[page](08_later.ipynb)", "leads nowhere"),
        ("[page](https://example.org/a)", "[page](#Less)", "names a heading that is not there"),
        ("[page](https://example.org/a)", "[page](07_sums.ipynb#Less)", "heading that is not"),
        ("[page](https://example.org/a)", "[page](https://nodot/a)", "not well formed"),
        ("[page](https://example.org/a)", "[page](file:///a)", "neither relative nor"),
        ("[page](https://example.org/a)", "[page](../../../../out)", "out of the course"),
        ("[page](https://example.org/a)", "![](https://example.org/a.png)", "no text alternative"),
        ("[page](https://example.org/a)", '<img src="https://e.org/a.png">', "no text alternative"),
        ("[page](https://example.org/a)", "in /home/ada/notes", "path of this machine"),
        ("## More", "### More", "skips from a heading of level 1 to 3"),
        ("## More", "# More", "second heading of level 1"),
        ("Some math", "```{note}\nA directive.\n```\n", "is not shown by JupyterLab"),
        ("x = 1", "%matplotlib inline", "magics"),
        ("x = 1", "!ls", "magics"),
        ("x = 1", "x = 1;", "ends line 1 with ;"),
        ("x = 1", "clear_output()", "uses clear_output"),
        ("x = 1", "from IPython.display import update_display", "uses update_display"),
        ("x = 1", 'get_ipython().run_line_magic("ls", "")', "uses get_ipython"),
        ("x = 1", 'image_grid(x, alt="")', "gives an empty alt"),
        ("x = 1", "print(2)", "has no stored output"),
        ("# STUB: return None  # yours", "# STUB: return None;", "as a stub ends line 2 with ;"),
    ],
)
def test_problems_of_sources(built: Course, old: str, new: str, said: str) -> None:
    edit_source(built, old, new)
    problems = report(built).problems
    assert any(said in problem for problem in problems), problems
    assert not any("stale" in problem for problem in problems)


@pytest.mark.parametrize(
    "link", ["#More", "07_sums.ipynb#More", "../solutions/07_sums.ipynb", "../docs/a.md#a--b"]
)
def test_links_that_lead_somewhere(built: Course, link: str) -> None:
    (built.docs / "a.md").write_text("# A & b\n")
    edit_source(built, "https://example.org/a", link)
    assert report(built).problems == []


def picture(**data: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def put(output: dict[str, Any]) -> Callable[[Any], object]:
    return lambda notebook: notebook["cells"][1]["outputs"].append(output)


@pytest.mark.parametrize(
    ("which", "change", "said"),
    [
        ("lesson", lambda n: n["cells"][0]["source"].append("\nmore"), "is stale"),
        ("solution", lambda n: n["cells"][0]["source"].append("\nmore"), "is stale"),
        ("lesson", lambda n: n["metadata"].update(widgets={}), "has metadata.widgets"),
        ("solution", lambda n: n["metadata"].update(widgets={}), "has metadata.widgets"),
        (
            "lesson",
            lambda n: n["cells"][1].update(execution_count=1),
            "lessons are shipped without",
        ),
        (
            "lesson",
            lambda n: n["cells"][1]["source"].append("\n# BEGIN SOLUTION"),
            "still holds an answer",
        ),
        (
            "lesson",
            lambda n: n["cells"][0]["source"].append(
                "\ntotal_of_both = a + b\nreturn total_of_both * 1.0"
            ),
            "still holds an answer: 'total_of_both = a + b'",
        ),
        (
            "lesson",
            lambda n: n["cells"][1]["metadata"].update(tags=["solution-only"]),
            "for the solution only",
        ),
        ("solution", lambda n: n["cells"][1].update(outputs=[]), "it was not executed"),
        ("solution", lambda n: n["cells"][1].update(outputs=[]), "has no stored output"),
        ("solution", lambda n: n["cells"][1].update(execution_count=None), "was not executed"),
        ("solution", put(picture(**{"image/png": PIXEL})), "without a text alternative"),
        (
            "solution",
            put(picture(**{"image/png": PIXEL, "text/html": '<img src="x" alt=" ">'})),
            "without a text alternative",
        ),
        ("solution", put(picture(**{"text/html": "<img src='x'>"})), "without a text alternative"),
        ("solution", put(picture(**{"text/plain": "/home/ada/x.py"})), "path of this machine"),
        (
            "solution",
            put({"output_type": "error", "ename": "KeyError", "evalue": "x", "traceback": []}),
            "ended with KeyError",
        ),
    ],
)
def test_problems_of_notebooks(
    built: Course, which: str, change: Callable[[Any], object], said: str
) -> None:
    edit(built, which, change)
    problems = report(built).problems
    assert any(said in problem for problem in problems), problems


def test_a_picture_with_alt_is_fine(built: Course) -> None:
    html = f'<img src="data:image/png;base64,{PIXEL}" alt="Ten digits.">'
    edit(built, "solution", put(picture(**{"image/png": PIXEL, "text/html": html})))
    assert report(built).problems == []


def test_a_large_notebook(built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "LARGEST_NOTEBOOK", 1000)
    assert any("must stay under" in problem for problem in report(built).problems)


def test_files_that_should_not_be_there(built: Course) -> None:
    (built.lessons / "09_gone.ipynb").write_text("{}")
    (built.solutions / "notes.md").write_text("x")
    (built.solutions / "07_twice.md").write_text(built.source(NAME).read_text())
    problems = report(built).problems
    for said in ("09_gone.ipynb: has no source", "notes.md: is named", "have the number 07"):
        assert any(said in problem for problem in problems), problems


@pytest.mark.parametrize("content", ["", "no JSON", "[]", '{"cells": 3}'])
def test_a_notebook_that_is_none(built: Course, content: str) -> None:
    built.lesson(NAME).write_text(content)
    assert any("lessons/07_sums.ipynb: is no notebook" in p for p in report(built).problems)


def test_pages_are_checked_too(built: Course) -> None:
    (built.docs / "page.md").write_text("[x](gone.md) ![](../lessons/07_sums.ipynb)\n")
    problems = report(built).problems
    assert any("docs/page.md: the link gone.md leads nowhere" in p for p in problems)
    assert any("docs/page.md: the picture" in p for p in problems)


def test_long_numbers_are_a_warning(built: Course) -> None:
    edit(built, "solution", lambda n: n["cells"][1]["outputs"][0].update(text=["0.123456\n"]))
    found = report(built)
    assert found.problems == []
    assert any("0.123456" in warning for warning in found.warnings)


def test_what_shows_trains_and_asserts() -> None:
    assert shows("y = check('1.1', f)")
    assert shows("x")
    assert shows("a + b")
    assert not shows("print(1, file=out)")
    assert not shows("if x:\n    print(1)")
    assert trains("loss.backward()")
    assert trains("for step in view.live(3):\n    pass")
    assert trains("train_gan(3)")
    assert not trains("model.train()")
    assert not trains("class A:\n    def f(self):\n        loss.backward()")
    assert asserts("if x:\n    assert x")
    assert not asserts("def f():\n    assert x")


def test_a_value_may_be_awaited_and_math_is_no_link() -> None:
    assert code_problems("await f()") == []
    assert read_prose("$a[b](c)$ and $$d[e](f)$$").links == []


def notebook(*cells: tuple[str, bool]) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                code, metadata={"tags": ["nbval-ignore-output"] if ignored else []}
            )
            for code, ignored in cells
        ]
    )


def test_ignored_training_must_be_followed_by_an_assert() -> None:
    training = ("for step in live(3):\n    pass", True)
    assert training_problems(notebook(training, ("x = 1", False), ("assert x", False))) == []
    assert len(training_problems(notebook(training))) == 1
    # The second one's assertion does not vouch for the first.
    assert len(training_problems(notebook(training, training, ("assert x", False)))) == 1
    assert training_problems(notebook(("print(time())", True))) == []


def test_output_problems_of_an_empty_solution() -> None:
    assert "has no outputs at all: it was not executed" in output_problems(notebook(("x", False)))
