"""Tables that are made: what goes in, that what is stale is told, that no other page is touched."""

import pytest
from click.testing import CliRunner

from aigc_edu.authoring import tables
from aigc_edu.authoring.build import Course
from aigc_edu.authoring.check import check_course
from aigc_edu.authoring.source import parse
from aigc_edu.authoring.tables import BEGIN, END, TABLES, lesson_rows, page_with, stale_tables
from aigc_edu.commands.build import command
from aigc_edu.errors import CourseError
from aigc_edu.lessons import LESSONS

NAME = "07_sums"


def lay_pages(course: Course) -> None:
    """The three pages of a course, with nothing in their tables."""
    for name, (file, _) in TABLES.items():
        page = f"# Page\n\nBefore.\n\n{BEGIN.format(name)}\n{END.format(name)}\n\nAfter.\n"
        (course.root / file).write_text(page, encoding="utf-8")
    for lesson in LESSONS:  # what the tables link to
        (course.docs / "plans").mkdir(exist_ok=True)
        (course.docs / "plans" / f"{lesson.number}.md").write_text("# Plan\n")


def problems(course: Course) -> list[str]:
    return [p for p in check_course(course, course.names()).problems if "table" in p.lower()]


def test_the_courses_own_tables_are_all_there_and_up_to_date() -> None:
    course = Course.here()
    for name, (file, _) in TABLES.items():
        page = (course.root / file).read_text(encoding="utf-8")
        assert page.count(BEGIN.format(name)) == page.count(END.format(name)) == 1
    assert stale_tables(course) == [], "run: aigc-edu build"


def test_what_is_stale_is_told_and_a_build_writes_it(course: Course) -> None:
    lay_pages(course)
    assert problems(course) == [
        f"{file}: the table of {name} is stale: run aigc-edu build"
        for name, (file, _) in TABLES.items()
    ]
    done = CliRunner().invoke(command, ["--no-execute", "--root", str(course.root)])
    assert done.exit_code == 0, done.output
    for name, (file, _) in TABLES.items():
        assert f"{file}: the table of {name} is written" in done.output
        page = (course.root / file).read_text(encoding="utf-8")
        assert page.startswith("# Page\n\nBefore.\n\n")
        assert page.endswith("\n\nAfter.\n")
    assert problems(course) == []
    assert "| 07 | [GAN: training](lessons/07_sums.ipynb) |" in (
        course.root / "README.md"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"), [("cpu: 1", "cpu: 2.5"), ("gpu: 1", "gpu: 9"), ("Some math", "word " * 900)]
)
def test_minutes_that_change_are_noticed(course: Course, text: str, old: str, new: str) -> None:
    lay_pages(course)
    stale_tables(course, write=True)
    course.source(NAME).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert stale_tables(course) == ["README.md: the table of lessons"]


@pytest.mark.parametrize("name", ["points", "mistakes"])
def test_exercises_that_change_are_noticed(
    course: Course, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    lay_pages(course)
    stale_tables(course, write=True)
    original = tables.lesson_exercises
    monkeypatch.setattr(tables, "lesson_exercises", lambda number: original(number)[:-1])
    assert f"{TABLES[name][0]}: the table of {name}" in stale_tables(course)


def test_a_course_without_pages_or_without_tables_is_left_alone(course: Course) -> None:
    assert stale_tables(course, write=True) == []
    (course.root / "README.md").write_text("# A page\n")
    course.source(NAME).write_text("no source", encoding="utf-8")  # nobody asks for it
    assert stale_tables(course, write=True) == []
    assert (course.root / "README.md").read_text() == "# A page\n"
    assert not (course.docs / "mistakes.md").exists()


def test_a_build_elsewhere_leaves_the_courses_own_pages(course: Course) -> None:
    here = Course.here().root
    before = [(here / file).read_bytes() for file, _ in TABLES.values()]
    lay_pages(course)
    stale_tables(course, write=True)
    assert [(here / file).read_bytes() for file, _ in TABLES.values()] == before


def test_a_comment_that_is_gone_is_told(course: Course) -> None:
    lay_pages(course)
    page = (course.root / "README.md").read_text(encoding="utf-8")
    for comment in (BEGIN.format("lessons"), END.format("lessons")):
        (course.root / "README.md").write_text(page.replace(comment, ""), encoding="utf-8")
        assert any("one is gone" in problem for problem in problems(course))
        with pytest.raises(CourseError, match="one is gone"):
            stale_tables(course, write=True)
    with pytest.raises(CourseError, match="one is gone"):
        page_with(END.format("x") + BEGIN.format("x"), "x", "table")


def test_a_source_that_cannot_be_built_stops_the_tables(course: Course, text: str) -> None:
    lay_pages(course)
    course.source(NAME).write_text(text.replace("part: III", "part: IV", 1), encoding="utf-8")
    with pytest.raises(CourseError, match=r"because of solutions/07_sums\.md: front matter"):
        stale_tables(course, write=True)


def test_lessons_to_come_are_named_and_not_linked(text: str) -> None:
    source = parse("07_sums", text)
    unfinished = parse("12_x", text)
    rows = lesson_rows([source, unfinished])
    for lesson in LESSONS:
        if lesson.planned:
            assert f"{lesson.number} {lesson.title}" in rows
        assert (f"](lessons/{lesson.number}_" in rows) == (lesson.number == "07")
