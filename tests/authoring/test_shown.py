"""What makes a solution stale: what can show in it, of each exercise, and nothing else."""

import ast
import random
import shutil
from pathlib import Path

import nbformat
import pytest

from aigc_edu.authoring.build import Course
from aigc_edu.authoring.check import demonstration_problems
from aigc_edu.authoring.shown import SHOWN, shown_text
from aigc_edu.authoring.source import parse, read_source
from aigc_edu.errors import CourseError
from aigc_edu.exercises import find
from aigc_edu.exercises.registry import LESSONS, exercise_files

FOLDERS = sorted(LESSONS.glob("lesson_*"))


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a lesson's exercises that may be changed."""
    shutil.copy(LESSONS / "inputs.py", tmp_path)
    return Path(shutil.copytree(request.param, tmp_path / request.param.name))


def literals(node: ast.AST) -> list[ast.Constant]:
    """Strings and numbers inside a node that stand on one line."""
    return [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str | int | float)
        and not isinstance(each.value, bool)
        and each.lineno == each.end_lineno
    ]


def changed(text: str, literal: ast.Constant) -> str:
    """The text with one letter or digit of a literal changed."""
    lines = text.split("\n")
    line = lines[literal.lineno - 1].encode()
    start, end = literal.col_offset, literal.end_col_offset
    words = line[start:end].decode()
    place = next((i for i in range(len(words) - 1, -1, -1) if words[i].isalnum()), None)
    if place is None:
        return text
    new = "7" if words[place].isdigit() and words[place] != "7" else "8"
    new = new if words[place].isdigit() else ("x" if words[place] != "x" else "y")
    words = words[:place] + new + words[place + 1 :]
    lines[literal.lineno - 1] = (line[:start] + words.encode() + line[end:]).decode()
    return "\n".join(lines)


def parts(path: Path) -> tuple[list[ast.Constant], list[ast.Constant]]:
    """Literals of an exercise's file that cannot show in a solution, and such that can."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    lesson, number = int(path.parent.name[-2:]), int(path.name[1:3])
    exercise = find(f"{lesson}.{number}")
    rests_on = {
        getattr(part, "__name__", "") for part in (exercise.reference, exercise.cases, exercise.run)
    }
    hidden: list[ast.Constant] = []
    visible: list[ast.Constant] = []
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                hidden += literals(decorator)
            if node.name in rests_on:
                visible += literals(node)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXERCISE":
            assert isinstance(node.value, ast.Call)
            for field in node.value.keywords:
                if field.arg in ("mistakes", "hints", "also_right", "points", "minutes"):
                    hidden += literals(field.value)
                elif field.arg in ("title", "why", "choices", "tolerance"):
                    visible += literals(field.value)
    return hidden, visible


def test_each_word_counts_exactly_where_it_can_show(folder: Path) -> None:
    before = shown_text(folder)
    assert before
    choose = random.Random(folder.name)
    counts = [0, 0]
    for path in exercise_files(folder):
        text = path.read_text(encoding="utf-8")
        for shows, candidates in enumerate(parts(path)):
            for literal in choose.sample(candidates, min(2, len(candidates))):
                mutant = changed(text, literal)
                if mutant == text:
                    continue
                path.write_text(mutant, encoding="utf-8")
                assert (shown_text(folder) != before) is bool(shows), (
                    f"{path.name}, line {literal.lineno}: {literal.value!r}"
                )
                counts[shows] += 1
        path.write_text(text, encoding="utf-8")
    assert min(counts) > 5
    assert shown_text(folder) == before


def test_where_wrong_answers_show_every_word_counts(folder: Path) -> None:
    before = shown_text(folder, wrong_answers=True)
    for path in exercise_files(folder):
        text = path.read_text(encoding="utf-8")
        hidden, visible = parts(path)
        for literal in [*hidden[:2], *visible[:2]]:
            if (mutant := changed(text, literal)) != text:
                path.write_text(mutant, encoding="utf-8")
                assert shown_text(folder, wrong_answers=True) != before
        path.write_text(text, encoding="utf-8")


def test_what_is_shared_counts_where_it_is_used(tmp_path: Path) -> None:
    for name in ("inputs.py", "lesson_07", "lesson_04"):
        copy = shutil.copytree if (LESSONS / name).is_dir() else shutil.copy
        copy(LESSONS / name, tmp_path / name)
    before = {name: shown_text(tmp_path / name) for name in ("lesson_04", "lesson_07")}
    inputs = tmp_path / "inputs.py"
    inputs.write_text(inputs.read_text().replace("return torch.randn", "return 1 * torch.randn"))
    assert shown_text(tmp_path / "lesson_04") != before["lesson_04"]  # its cases use normal()
    assert shown_text(tmp_path / "lesson_07") == before["lesson_07"]
    shared = tmp_path / "lesson_07" / "shared.py"
    shared.write_text(shared.read_text().replace('"batch of one"', '"one"'))
    assert shown_text(tmp_path / "lesson_07") != before["lesson_07"]


def test_an_import_for_a_mistake_is_not_a_change(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LESSONS / "lesson_09", tmp_path / "lesson_09"))
    before = shown_text(folder)
    path = folder / "e05_squared_mmd.py"
    text = path.read_text(encoding="utf-8")
    more = text.replace("import Case, Exercise, Mistake", "import Case, Exercise, Mistake, mistake")
    assert more != text
    path.write_text("# Why this exercise is here.\n" + more, encoding="utf-8")
    assert shown_text(folder) == before


HEAD = "from aigc_edu.exercises import Exercise\n"
FIELDS = 'EXERCISE = Exercise(id="1.1", why=W, reference=f)\n'
OURS = "from aigc_edu.exercises.lessons"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("W = 1", "W = 2"),
        ("A, W = 1, 2", "A, W = 1, 3"),
        ("W = 1\nW += 1", "W = 1\nW += 2"),
        ("W = 1\nW = 2", "W = 1\nW = 3"),
        ("W = []\nW.append(1)", "W = []\nW.append(2)"),
        ("W = {}\nW['x'] = 1", "W = {}\nW['x'] = 2"),
        ("W: int = 1", "W: int = 2"),
        ("if True:\n    W = 1", "if True:\n    W = 2"),
        ("for W in [1]:\n    pass", "for W in [2]:\n    pass"),
        (f"{OURS}.inputs import g as W", f"{OURS}.inputs import h as W"),
        ("from torch import sin as W", "from torch import cos as W"),
        ("class W:\n    x = 1", "class W:\n    x = 2"),
        ("def W(x=1):\n    pass", "def W(x=2):\n    pass"),
        ("def helper():\n    return 1\nW = helper()", "def helper():\n    return 2\nW = helper()"),
    ],
)
def test_whatever_a_field_rests_on_counts(tmp_path: Path, before: str, after: str) -> None:
    folder = tmp_path / "lesson_42"
    folder.mkdir()
    (tmp_path / "inputs.py").write_text("g = 1\nh = 2\n")
    texts = []
    for definition in (before, after):
        (folder / "e01_x.py").write_text(f"{HEAD}{definition}\ndef f(): pass\n{FIELDS}")
        texts.append(shown_text(folder))
    assert texts[0] != texts[1]


@pytest.mark.parametrize("way", ["import inputs", "import inputs as i", "inputs import g as k"])
def test_what_is_imported_from_the_exercises_counts(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "lesson_42"
    folder.mkdir()
    line = f"{OURS}.{way}" if way.startswith("inputs") else f"{OURS} {way}"
    use = {"import inputs": "inputs.g", "import inputs as i": "i.g"}.get(way, "k")
    (folder / "e01_x.py").write_text(f"{HEAD}{line}\nW = {use}\ndef f(): pass\n{FIELDS}")
    texts = []
    for value in (1, 2):
        (tmp_path / "inputs.py").write_text(f"g = {value}\n")
        texts.append(shown_text(folder))
    assert texts[0] != texts[1]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}from .shared import *\n{FIELDS}",
        f'{HEAD}EXERCISE = Exercise("1.1", why=1)\n',
        f"{HEAD}K = dict()\nEXERCISE = Exercise(id='1.1', **K)\n",
        f"{OURS}.lesson_43 import shared\n{HEAD}W = shared.x\n{FIELDS}",
    ],
)
def test_what_cannot_be_followed_is_one_sentence(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "lesson_42"
    folder.mkdir()
    (folder / "e01_x.py").write_text(text)
    with pytest.raises(CourseError):
        shown_text(folder)


def test_line_ends_do_not_matter(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LESSONS / "lesson_09", tmp_path / "lesson_09"))
    before = shown_text(folder)
    for path in folder.glob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert shown_text(folder) == before


@pytest.mark.parametrize(
    ("text", "sentence"), [("def f(", "is no Python"), ("x = 1", "holds no EXERCISE")]
)
def test_a_file_that_is_no_exercise(tmp_path: Path, text: str, sentence: str) -> None:
    folder = tmp_path / "lesson_42"
    folder.mkdir()
    assert shown_text(folder) == ""
    (folder / "e01_bad.py").write_text(text)
    with pytest.raises(CourseError, match=sentence):
        shown_text(folder)


def test_the_fields_are_an_exercise_s() -> None:
    from dataclasses import fields

    from aigc_edu.exercises import Exercise

    assert set(SHOWN) <= {field.name for field in fields(Exercise)}
    hidden = {field.name for field in fields(Exercise)} - set(SHOWN)
    assert hidden == {
        "prompt", "points", "difficulty", "minutes", "hints", "mistakes", "also_right",
    }, "decide of a new field whether it can show in a solution"  # fmt: skip


# ------------------------------------------------------------------------- demonstrations


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("✗ wrong · 7.1 Title", True),
        ("⚠ raised · 7.1 Title", True),
        ("? hint · 7.1 Title", True),
        ("✓ right · 7.1 Title", False),
        ("○ not started · 7.1 Title", False),
        ("nothing wrong", False),
    ],
)
def test_a_demonstration_must_be_announced(text: str, output: str, says: bool) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                "check(...)", outputs=[nbformat.v4.new_output("stream", text=output)]
            )
        ]
    )
    assert bool(demonstration_problems(notebook, parse("07_sums", text))) is says
    announced = text.replace("aigc_edu:\n", "aigc_edu:\n  shows_wrong_answers: true\n", 1)
    assert announced != text
    assert not demonstration_problems(notebook, parse("07_sums", announced))


def test_lesson_00_announces_and_only_it() -> None:
    course = Course.here()
    announced = {
        name
        for name in course.names()
        if read_source(course.source(name)).facts.get("shows_wrong_answers")
    }
    assert announced == {"00_start_here"}
