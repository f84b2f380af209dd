"""From text to cells: stubs, answers, ids, front matter."""

import re

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from nbformat import v4

from aigc_edu.authoring.source import (
    Source,
    as_bytes,
    code_digest,
    lesson_notebook,
    marker_problems,
    parse,
    solution_notebook,
    source_problems,
    stubbed,
    without_outputs,
    worked,
)
from aigc_edu.errors import CourseError
from aigc_edu.lessons import LESSONS, PARTS, Lesson

NAME = "07_sums"


def test_the_lesson_has_stubs_and_the_solution_answers(text: str) -> None:
    source = parse(NAME, text)
    assert source_problems(source) == []
    lesson, solution = lesson_notebook(source), solution_notebook(source)
    assert lesson.cells[1].source == (
        "def add(a, b):\n    return None  # yours\n\n\nprint(add(1, 2))"
    )
    assert solution.cells[1].source == (
        "def add(a, b):\n    total_of_both = a + b\n    return total_of_both * 1.0\n\n\n"
        "print(add(1, 2))"
    )
    assert len(solution.cells) == len(lesson.cells) + 1  # the solution-only cell


def test_twice_gives_the_same_bytes(text: str) -> None:
    for make in (lesson_notebook, solution_notebook):
        assert as_bytes(make(parse(NAME, text))) == as_bytes(make(parse(NAME, text)))


def test_line_ends_make_no_difference(text: str) -> None:
    other = parse(NAME, text.replace("\n", "\r\n"))
    assert as_bytes(lesson_notebook(other)) == as_bytes(lesson_notebook(parse(NAME, text)))


def test_ids_are_unique_and_shared_by_lesson_and_solution(text: str) -> None:
    source = parse(NAME, text)
    solution = {cell.id: cell for cell in solution_notebook(source).cells}
    lesson = {cell.id: cell for cell in lesson_notebook(source).cells}
    assert len(solution) == len(source.cells)  # two cells of equal text among them
    assert lesson.keys() < solution.keys()
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", identifier) for identifier in solution)


def test_ids_of_other_cells_stay_when_one_changes(text: str) -> None:
    before = [cell.id for cell in solution_notebook(parse(NAME, text)).cells]
    changed = text.replace("Some math", "Much math")
    after = [cell.id for cell in solution_notebook(parse(NAME, changed)).cells]
    assert [a == b for a, b in zip(before, after, strict=True)].count(False) == 1


def test_metadata_is_small_and_says_what_it_is(text: str) -> None:
    notebook = lesson_notebook(parse(NAME, text))
    assert set(notebook.metadata) == {"aigc_edu", "kernelspec", "language_info"}
    assert notebook.metadata.aigc_edu.title == "GAN: training"
    assert notebook.metadata.aigc_edu.version
    assert notebook.metadata.language_info == {"name": "python"}


def test_without_outputs_undoes_execution(text: str) -> None:
    template = solution_notebook(parse(NAME, text))
    executed = solution_notebook(parse(NAME, text))
    executed.cells[1].execution_count = 3
    assert as_bytes(executed) != as_bytes(template)
    assert as_bytes(without_outputs(executed)) == as_bytes(template)


def test_code_digest_minds_code_tags_and_exercises_not_prose(text: str) -> None:
    digest = code_digest(parse(NAME, text), "e")
    assert code_digest(parse(NAME, text.replace("Some math", "Much math")), "e") == digest
    assert code_digest(parse(NAME, text.replace("a + b", "b + a")), "e") != digest
    assert code_digest(parse(NAME, text.replace("[solution-only]", "[other]")), "e") != digest
    assert code_digest(parse(NAME, text), "f") != digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("aigc_edu:", "other:", "aigc_edu is missing"),
        ('number: "07"', 'number: "08"', "aigc_edu.number is '08'"),
        ('number: "07"', "number: 7", "aigc_edu.number is 7"),
        ('  number: "07"\n', "", "aigc_edu.number is missing"),
        ('  title: "GAN: training"\n', "", "aigc_edu.title is missing"),
        ("  part: III. Adversarial networks\n", "", "aigc_edu.part is missing"),
        ("  minutes: {cpu: 1, gpu: 1}\n", "", "aigc_edu.minutes is missing"),
        ("cpu: 1,", "", "aigc_edu.minutes.cpu must be a number"),
        ("cpu: 1,", "cpu: 1, reading: 9,", "aigc_edu.minutes.reading is computed: leave it out"),
        ("# 07 · GAN: training\n", "", 'does not begin with the heading "# 07 · GAN: training"'),
        ("# 07 · GAN: training", "07 · GAN: training", "does not begin with the heading"),
        ("    # STUB: return None  # yours\n", "", "an answer without # STUB: line"),
        ("    # BEGIN SOLUTION\n", "", "# STUB: outside"),
        ("    # END SOLUTION\n", "", "without # END SOLUTION"),
        ("# END SOLUTION", "# End solution", "must stand on a line of its own"),
    ],
)
def test_a_source_with_a_mistake_says_so(text: str, old: str, new: str, said: str) -> None:
    assert old in text
    problems = source_problems(parse(NAME, text.replace(old, new, 1)))
    assert any(said in problem for problem in problems), problems


generated = settings(
    max_examples=60,
    suppress_health_check=[*settings().suppress_health_check, HealthCheck.function_scoped_fixture],
)

# YAML's own values too: a title that reads as a number or a date is another one.
_VALUES = st.one_of(
    st.text(), st.integers(), st.booleans(), st.none(), st.dates(), st.lists(st.text(), max_size=2)
)
_TEXTS = st.sampled_from([*(lesson.title for lesson in LESSONS), *PARTS]) | st.text(max_size=40)


def written(number: str, facts: dict[str, object], heading: str) -> Source:
    """A source of this number with this front matter and this first line."""
    cells = [v4.new_markdown_cell(f"{heading}\n\nProse."), v4.new_code_cell("x = 1")]
    facts = yaml.safe_load(yaml.safe_dump(facts))
    return Source(f"{number}_topic", "", tuple(cells), facts)


@pytest.fixture(params=[*LESSONS, Lesson("42", "Elsewhere", PARTS[3])], ids=lambda one: one.number)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """A lesson of the list, and one that is not in it."""
    return request.param  # type: ignore[no-any-return]


def sound(lesson: Lesson) -> tuple[str, dict[str, object], str]:
    facts = {"number": lesson.number, "title": lesson.title, "part": lesson.part}
    minutes = {"minutes": {"cpu": 1, "gpu": 1}}
    return lesson.number, facts | minutes, f"# {lesson.number} · {lesson.title}"


def test_what_agrees_with_the_list_is_sound(lesson: Lesson) -> None:
    assert source_problems(written(*sound(lesson))) == []


@generated
@given(
    field=st.sampled_from(["number", "title", "part"]),
    value=_VALUES | _TEXTS,
    left_out=st.booleans(),
)
def test_front_matter_that_disagrees_is_told(
    lesson: Lesson, field: str, value: object, left_out: bool
) -> None:
    number, facts, heading = sound(lesson)
    listed_title_or_known_part = lesson in LESSONS or field != "part" or value not in PARTS
    assume(facts[field] != value and listed_title_or_known_part)
    facts[field] = value
    if left_out:
        del facts[field]
    problems = source_problems(written(number, facts, heading))
    assert any(f"aigc_edu.{field} " in problem or "heading" in problem for problem in problems)
    assert all("\n" not in problem for problem in problems)


@generated
@given(
    number=st.from_regex(r"\A\d\d\Z"),
    title=_TEXTS,
    form=st.sampled_from(["# {} · {}", "# {}: {}", "## {} · {}", "{} · {}"]),
)
def test_a_heading_that_disagrees_is_told(
    lesson: Lesson, number: str, title: str, form: str
) -> None:
    _, facts, right = sound(lesson)
    heading = form.format(number, title)
    assume(heading.split("\n")[0] != right)
    problems = source_problems(written(lesson.number, facts, heading))
    assert problems == [f'does not begin with the heading "{right}"']


@generated
@given(other=st.sampled_from(LESSONS))
def test_a_file_under_the_number_of_another_lesson_is_told(lesson: Lesson, other: Lesson) -> None:
    assume(lesson.number != other.number)
    _, facts, heading = sound(lesson)
    problems = source_problems(written(other.number, facts, heading))
    for what in ("aigc_edu.number", "aigc_edu.title", "the heading"):
        assert any(what in problem for problem in problems)


def test_front_matter_that_is_no_yaml_is_one_sentence(text: str) -> None:
    with pytest.raises(CourseError, match="is no MyST notebook"):
        parse(NAME, text.replace('title: "', 'title: ["'))


words = st.text(alphabet="abcxyz =+()", min_size=1, max_size=12).filter(str.strip)


@given(
    before=st.lists(words, max_size=3),
    blocks=st.lists(
        st.tuples(
            st.lists(words, min_size=1, max_size=3),
            st.lists(words.map(lambda word: f"SECRET {word}"), min_size=1, max_size=4),
            st.lists(words, max_size=2),
            st.sampled_from(["", "    ", "        "]),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_answers_never_reach_the_stub(
    before: list[str], blocks: list[tuple[list[str], list[str], list[str], str]]
) -> None:
    lines, stub, answer = list(before), list(before), list(before)
    for stubs, secrets, after, indent in blocks:
        lines.append(f"{indent}# BEGIN SOLUTION")
        lines += [f"{indent}# STUB: {line}" for line in stubs]
        lines += [indent + line for line in secrets]
        lines += [f"{indent}# END SOLUTION", *after]
        stub += [(indent + line).rstrip() for line in stubs] + after
        answer += [indent + line for line in secrets] + after
    code = "\n".join(lines)
    assert marker_problems(code) == []
    assert "SECRET" not in stubbed(code)
    assert stubbed(code) == "\n".join(stub)
    assert worked(code) == "\n".join(answer)
    for made in (stubbed(code), worked(code)):
        assert "SOLUTION" not in made
        assert "STUB" not in made
