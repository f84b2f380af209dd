"""The one list of lessons, and that what lies in the course agrees with it."""

import json
import re
from pathlib import Path

import pytest

from aigc_edu import lessons, paths
from aigc_edu.errors import CourseError
from aigc_edu.exercises.registry import lesson_numbers
from aigc_edu.lessons import LESSONS, PARTS, listed, notebook_of, shipped, title_of

THERE = [lesson for lesson in LESSONS if not lesson.planned]


def test_numbers_rise_and_nothing_is_named_twice():
    numbers = [lesson.number for lesson in LESSONS]
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"\d\d", number) for number in numbers)
    titles = [lesson.title for lesson in LESSONS]
    assert len(set(titles)) == len(titles)
    assert tuple(dict.fromkeys(lesson.part for lesson in LESSONS)) == PARTS


@pytest.mark.parametrize("lesson", THERE, ids=lambda lesson: lesson.number)
def test_a_lesson_that_is_there_has_its_files(lesson):
    assert lesson.notebook.parent == paths.lessons_dir()
    assert lesson.solution.name == lesson.notebook.name
    assert lesson.source == lesson.solution.with_suffix(".md")
    about = json.loads(lesson.notebook.read_text(encoding="utf-8"))["metadata"]["aigc_edu"]
    assert (about["number"], about["title"], about["part"]) == (
        lesson.number,
        lesson.title,
        lesson.part,
    )
    assert lesson.minutes["cpu"] > 0
    assert lesson.minutes["gpu"] > 0


def test_every_file_of_a_lesson_is_in_the_list():
    numbers = {lesson.number for lesson in LESSONS}
    for folder, pattern in ((paths.lessons_dir(), "*.ipynb"), (paths.solutions_dir(), "*_*.*")):
        assert {path.name[:2] for path in folder.glob(pattern)} <= numbers
    assert {f"{number:02d}" for number in lesson_numbers()} <= numbers


def test_nobody_else_searches_the_folders_for_lessons():
    """The lab lays both folders whole; nbgrader's export takes the solution of the same name."""
    root = paths.PACKAGE.parent
    files = [*paths.PACKAGE.rglob("*.py"), *(root / "benchmarks").glob("*.py")]
    users = {
        path.name
        for path in files
        if re.search(
            r"(lessons|solutions)_dir\(\)\W.*glob|\[0-9\]\[0-9\]_", path.read_text("utf-8")
        )
    }
    assert users == set()
    asking = {
        path.name
        for path in files
        if re.search(r"paths\.(lessons|solutions)_dir\(\)", path.read_text("utf-8"))
    }
    assert asking <= {"lessons.py", "lab.py", "nbgrader.py", "grading.py"}


def test_the_map_of_lesson_00_names_every_lesson():
    """Its table is prose; each lesson of the list stands in it once, with a link or in a range."""
    text = listed("00").source.read_text(encoding="utf-8")
    table = text.partition("| Station |")[2].partition("\n\n")[0]
    numbers = []
    for row in table.splitlines()[2:]:
        cell = row.split("|")[3]
        for first, last in re.findall(r"\b(\d\d)(?:_\w+\.ipynb|\]|–(\d\d)|\b)", cell):
            span = range(int(first), int(last or first) + 1)
            numbers += [f"{number:02d}" for number in span]
        for number in re.findall(r"\]\((\d\d)_", cell):
            assert listed(number).notebook is not None
    expected = {lesson.number for lesson in LESSONS if lesson.number != "00"}
    assert set(numbers) == expected, "put the lesson into the map in solutions/00_start_here.md"


@pytest.mark.parametrize("number", ["7", "07", "007", 7])
def test_a_number_in_any_spelling(number):
    assert listed(number).title == "GAN: training"
    assert title_of(number) == "GAN: training"


@pytest.mark.parametrize("number", ["", "42", "a7", "-7", "٠٧", "7.1", -7, 42])
def test_what_is_no_lesson(number):
    assert listed(number) is None
    assert title_of(number) == ""
    with pytest.raises(CourseError, match=r"There is no lesson .*: the lessons are 00, 01, "):
        notebook_of(number)


def test_a_lesson_that_is_planned_has_no_files(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "lessons_dir", lambda: tmp_path)
    monkeypatch.setattr(paths, "solutions_dir", lambda: tmp_path)
    lesson = listed("05")
    assert (lesson.notebook, lesson.solution, lesson.source) == (None, None, None)
    assert shipped() == []
    with pytest.raises(CourseError, match="There is no lesson 05: the lessons are none yet"):
        notebook_of("05")
    with pytest.raises(CourseError, match="does not state its minutes"):
        _ = lesson.minutes


@pytest.mark.parametrize("content", ["", "[]", '{"metadata": {}}', "{"])
def test_a_notebook_without_minutes(monkeypatch, tmp_path: Path, content):
    monkeypatch.setattr(paths, "lessons_dir", lambda: tmp_path)
    (tmp_path / "05_x.ipynb").write_text(content)
    with pytest.raises(CourseError, match="lesson 05 does not state its minutes"):
        _ = lessons.listed(5).minutes
