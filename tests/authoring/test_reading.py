"""How long a lesson takes: what counts, what goes further, and that lessons say it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_edu.authoring.build import Course
from aigc_edu.authoring.check import check_course
from aigc_edu.authoring.reading import LABEL, Minutes, lesson_time, time_problems
from aigc_edu.authoring.source import Source, parse, read_source
from aigc_edu.exercises import find
from aigc_edu.lessons import LESSONS, listed

NAME = "07_sums"
SOLUTION_ONLY = "```{code-cell} ipython3\n:tags: [solution-only]\n\n"


def code(text: str) -> str:
    return f"```{{code-cell}} ipython3\n{text}\n```"


def source(*blocks: str) -> Source:
    return parse(NAME, "\n\n".join(["# 07 · GAN: training", *blocks]) + "\n")


def core(*blocks: str) -> float:
    """Minutes that blocks add to a lesson that has nothing but its heading."""
    return lesson_time(source(*blocks)).core.reading - lesson_time(source()).core.reading


@pytest.mark.parametrize(
    ("block", "minutes"),
    [
        ("word " * 300, 2),
        ("[two words](https://example.org/which/is/no/word) " * 75, 1),
        ("$a + b = c$ is " * 75, 1),  # a formula in a sentence is a word
        ("| a | b |\n|---|---|\n" + "| c d | e |\n" * 50, 152 / 150),
        ("| (1) | $a = b$ |\n|---|---|\n| (2) | $b = c$ |", 2 + 4 / 150),
        ("$$a = b$$\n\n$$\nc\n= d\n$$", 2),
        ("```\n" + "listing\n" * 20 + "```", 2),
        ("<!-- a remark of the author's, which nobody reads -->", 0),
        (code("x = 1\n\ny = 2\n" * 10), 2),
        (code("import matplotlib.pyplot as plt\nplt.plot(\n    [1],\n)\n"), 0.1),
        (code("figure, axes = plt.subplots()\nfor i in a:\n    axes.plot(i)\n    b = i"), 0.1),
        (code("from aigc_edu.view import live\n\nfor step in live(9):\n    train()"), 0.2),
        (code("# BEGIN SOLUTION\n# STUB: x = TODO\nx = 1\ny = 2\nz = 3\n# END SOLUTION"), 0.1),
        (code("this is (no code"), 0),
        (SOLUTION_ONLY + "assert True\n```", 0),
    ],
)
def test_what_is_counted(block: str, minutes: float) -> None:
    assert core(block) == pytest.approx(minutes, abs=0.02)


def test_an_exercise_takes_its_own_minutes_and_counts_once() -> None:
    block = code('used = check("7.3", f)')
    time = lesson_time(source(block, "and again", block, code('check("7.99", f)')))
    assert time.core.exercises == find("7.3").minutes


def test_what_goes_further() -> None:
    time = lesson_time(
        source(
            "word " * 150,
            "## 1. Needed\n\n" + "word " * 150,
            "## 2. More\n<!-- further -->\n\n" + "word " * 150,
            code('check("7.3", f)'),
            "### Below it\n<!-- further -->\n\n" + "word " * 75,
            "### And there\n\n" + "word " * 75,
            "## 3. Needed again\n\n" + "word " * 150,
            code('check("7.4", f)'),
            "## 4. More again\n\n<!-- further -->\n\n" + "word " * 150,
            "## What to keep",
        )
    )
    assert time.core.reading == pytest.approx(3, abs=0.2)
    assert time.further.reading == pytest.approx(3, abs=0.2)
    assert (time.core.exercises, time.further.exercises) == (
        find("7.4").minutes,
        find("7.3").minutes,
    )
    assert "Further (sections 2 and 4): " in time.sentences()


def test_without_marks_all_is_core() -> None:
    time = lesson_time(
        source("## 1. One", "word " * 900, "```\n## no heading\n<!-- further -->\n```")
    )
    assert not time.further
    assert "Further" not in time.sentences()


@settings(max_examples=40)
@given(
    counts=st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=6),
    one=st.integers(0, 5),
)
def test_more_to_read_never_takes_less(counts: list[tuple[int, bool]], one: int) -> None:
    """And whatever is marked, nothing is lost between core and further."""

    def time_of(counts: list[tuple[int, bool]]) -> tuple[float, float]:
        time = lesson_time(
            source(
                *[
                    f"## {n}. Section\n"
                    + ("<!-- further -->\n" if marked else "")
                    + "\nword" * words
                    for n, (words, marked) in enumerate(counts, start=1)
                ]
            )
        )
        return time.core.reading, time.further.reading

    before = time_of(counts)
    unmarked = time_of([(words, False) for words, _ in counts])
    assert sum(before) == pytest.approx(sum(unmarked))
    if counts:
        position = one % len(counts)
        words, marked = counts[position]
        counts[position] = (words + 150, marked)
        after = time_of(counts)
        assert sum(after) == pytest.approx(sum(before) + 1)
        assert after[not marked] == pytest.approx(before[not marked])


@given(reading=st.floats(0, 500), exercises=st.integers(0, 200))
def test_a_range_is_a_range(reading: float, exercises: int) -> None:
    minutes = Minutes(reading, exercises)
    assert 5 <= minutes.fewest <= minutes.most
    assert minutes.fewest % 5 == minutes.most % 5 == 0
    assert minutes.most >= exercises - 3


def test_the_formula_agrees_with_what_reviewers_estimated() -> None:
    """The figures in the module's docstring: reading alone, in minutes."""

    def reading(number: str) -> float:
        time = lesson_time(read_source(listed(number).source))  # type: ignore[union-attr, arg-type]
        return time.core.reading + time.further.reading

    for numbers, fewest, most in ((["04"], 150, 180), (["06"], 150, 180), (["02", "91"], 180, 240)):
        minutes = sum(map(reading, numbers))
        assert fewest / 1.2 <= minutes <= most * 1.2, (numbers, minutes)


@pytest.mark.parametrize("number", [lesson.number for lesson in LESSONS if not lesson.planned])
def test_each_lesson_says_what_is_computed(number: str) -> None:
    lesson = read_source(listed(number).source)  # type: ignore[union-attr, arg-type]
    prose = [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]
    assert sum(line.startswith(LABEL) for line in "\n".join(prose).split("\n")) == 1
    assert time_problems(lesson) == []


def test_a_lesson_that_says_something_else_is_told(course: Course, text: str) -> None:
    for line, right in (("Core: 5 minutes. It runs in a second.", True), ("An hour.", False)):
        changed = text.replace("Some math", f"{LABEL} {line}\n\nSome math")
        course.source(NAME).write_text(changed, encoding="utf-8")
        told = [p for p in check_course(course, [NAME]).problems if "on time" not in p]
        told = [p for p in told if LABEL in p]
        assert told == (
            []
            if right
            else [
                f"solutions/{NAME}.md: the paragraph {LABEL} must say what is computed: "
                '"Core: 5 minutes."'
            ]
        )
