"""A new lesson that builds and passes as it is; formatting of sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aigc_edu.authoring.build import Course
from aigc_edu.authoring.formatting import format_source, format_text
from aigc_edu.authoring.new import new_exercise, new_lesson
from aigc_edu.authoring.source import read_source, source_problems
from aigc_edu.errors import CourseError
from aigc_edu.lessons import LESSONS, Lesson
from aigc_edu.paths import PACKAGE

NAME = "07_sums"


@pytest.mark.slow
def test_new_then_build_then_check_passes(tmp_path: Path) -> None:
    """In a copy of the package, so that ``check`` finds the new exercise file."""
    shutil.copytree(
        PACKAGE, tmp_path / "aigc_edu", ignore=shutil.ignore_patterns("__pycache__", "_*s")
    )
    for path in (tmp_path / "aigc_edu" / "exercises" / "lessons").glob("lesson_*"):
        shutil.rmtree(path)
    for folder in ("solutions", "lessons", "docs"):
        (tmp_path / folder).mkdir()
    shutil.copy(PACKAGE.parent / "pyproject.toml", tmp_path)

    def run(*words: str, harness: bool = False, module: bool = False, code: int = 0) -> str:
        start = [str(HARNESS)] if harness else ["-m"] if module else ["-m", "aigc_edu"]
        done = subprocess.run(
            [sys.executable, *start, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    assert "next: give it a line in aigc_edu/lessons.py" in run("new", "42", "little_thing")
    written = run("new-exercise", "42", "another_length")
    assert "e02_another_length.py" in written
    cells = written[written.index("### ") : written.index("next: ")].rstrip()
    source = tmp_path / "solutions" / "42_little_thing.md"
    source.write_text(f"{source.read_text(encoding='utf-8')}\n{cells}\n", encoding="utf-8")
    refused = run("build", "42", code=1)  # before anything is executed
    assert "executing" not in refused
    says = "Core: 10 minutes, 6 of them for exercises."
    text = source.read_text(encoding="utf-8").replace(
        "Core: 5 minutes, 3 of them for exercises.", says
    )
    source.write_text(text, encoding="utf-8")
    run("build", "42")
    assert "42_little_thing.md: the lesson is not listed" in run("build", "--check", code=1)
    listing = tmp_path / "aigc_edu" / "lessons.py"
    text = listing.read_text(encoding="utf-8")
    added = text.replace('"19": "Capstone"', '"19": "Capstone", "42": "Little thing"')
    assert added != text
    listing.write_text(added, encoding="utf-8")
    assert "nothing stale" in run("build", "--check")
    assert "42_little_thing: unchanged" in run("build", "--format", "42")
    solution = (tmp_path / "solutions" / "42_little_thing.ipynb").read_text(encoding="utf-8")
    assert "✓ right · 42.1" in solution
    assert "✓ right · 42.2" in solution
    every = PACKAGE.parent / "tests" / "exercises" / "test_every_exercise.py"
    run("pytest", "-q", str(every), "-k", "42.1 or 42.2", "-p", "no:cacheprovider", module=True)
    for what in ("lessons", "solutions"):
        said = run(what, "--workers", "1", "--root", str(tmp_path), "-v", harness=True)
        assert "::exercises PASSED" in said
    for what in ("check", "format"):
        extra = ["--check"] if what == "format" else []
        subprocess.run(
            [sys.executable, "-m", "ruff", what, *extra, "--no-cache", "lessons", "solutions"],
            cwd=tmp_path,
            check=True,
        )


HARNESS = Path(__file__).resolve().parent.parent / "notebooks" / "run.py"


@pytest.mark.parametrize(
    ("number", "topic", "said"),
    [
        ("8", "flows", "two digits"),
        ("a8", "flows", "two digits"),
        ("008", "flows", "two digits"),
        ("٠٨", "flows", "two digits"),
        ("08", "Flows", "small letters"),
        ("08", "two words", "small letters"),
        ("08", "../out", "small letters"),
        ("08", "", "small letters"),
        ("08", "a__b", "small letters"),
        ("07", "other", "is taken by 07_sums"),
    ],
)
def test_new_refuses_bad_names(course: Course, number: str, topic: str, said: str) -> None:
    before = sorted(course.root.rglob("*"))
    with pytest.raises(CourseError, match=said):
        new_lesson(number, topic, course)
    assert sorted(course.root.rglob("*")) == before


@pytest.mark.parametrize(
    "lesson", [one for one in LESSONS if one.number != "07"], ids=lambda one: one.number
)
def test_new_takes_title_and_part_from_the_list(course: Course, lesson: Lesson) -> None:
    new_lesson(lesson.number, "topic", course)
    source = read_source(course.source(f"{lesson.number}_topic"))
    assert source_problems(source) == []
    assert (source.facts["title"], source.facts["part"]) == (lesson.title, lesson.part)


@pytest.mark.parametrize(
    ("number", "part"), [("20", "VI. Yours"), ("42", "VI. Yours"), ("92", "Appendices")]
)
def test_new_outside_the_list_stays_in_the_part_before(
    course: Course, number: str, part: str
) -> None:
    new_lesson(number, "little_thing", course)
    source = read_source(course.source(f"{number}_little_thing"))
    assert source_problems(source) == []
    assert (source.facts["title"], source.facts["part"]) == ("Little thing", part)


def test_new_overwrites_nothing(course: Course) -> None:
    there = course.exercises / "lesson_08" / "e01_mine.py"
    there.parent.mkdir()
    there.write_text("mine")
    with pytest.raises(CourseError, match="is there already"):
        new_lesson("08", "flows", course)
    assert there.read_text() == "mine"
    assert list(there.parent.iterdir()) == [there]
    assert not course.source("08_flows").exists()


@pytest.mark.parametrize(
    ("number", "topic", "said"),
    [
        ("42", "length", "has no exercises"),
        ("..", "length", "has no exercises"),
        ("07", "Length", "small letters"),
        ("07", "../out", "small letters"),
        ("07", "lambda", "a word of Python"),
    ],
)
def test_new_exercise_refuses_bad_names(course: Course, number: str, topic: str, said: str) -> None:
    (course.exercises / "lesson_07").mkdir()
    before = sorted(course.root.rglob("*"))
    with pytest.raises(CourseError, match=said):
        new_exercise(number, topic, course)
    assert sorted(course.root.rglob("*")) == before


def test_new_exercise_takes_the_next_number(course: Course) -> None:
    folder = course.exercises / "lesson_07"
    folder.mkdir()
    (folder / "e03_drawn_other.py").touch()  # a variant is no exercise of its own
    for count in range(1, 4):
        path, cells = new_exercise("07", f"topic_{count}", course)
        assert path == folder / f"e{count:02d}_topic_{count}.py"
        assert f'check("7.{count}", topic_{count})' in cells


def test_format_changes_code_only_and_only_once(course: Course, text: str) -> None:
    untidy = text.replace("x = 1", "x=[ 1,2 ]\n\n\n", 1).replace("## More", "##  More  `x=1`", 1)
    made = format_text(untidy, config_root=course.root)
    assert "x = [1, 2]\n```" in made
    assert made.replace("x = [1, 2]", "x = 1") == untidy.replace("x=[ 1,2 ]\n\n\n", "x = 1")
    assert format_text(made, config_root=course.root) == made
    assert format_text(text, config_root=course.root) == text


def test_format_in_place(course: Course, text: str) -> None:
    assert not format_source(course.source(NAME), config_root=course.root)
    course.source(NAME).write_text(text.replace("x = 1", "x=1", 1), encoding="utf-8")
    assert format_source(course.source(NAME), config_root=course.root)
    assert course.source(NAME).read_text(encoding="utf-8") == text


def test_format_of_code_that_does_not_parse(course: Course, text: str) -> None:
    course.source(NAME).write_text(text.replace("x = 1", "x = (", 1), encoding="utf-8")
    before = course.source(NAME).read_bytes()
    with pytest.raises(CourseError, match=r"07_sums\.md could not be formatted"):
        format_source(course.source(NAME), config_root=course.root)
    assert course.source(NAME).read_bytes() == before
