"""The lecturer's pages: their clocks, and that the plans fit the lessons."""

import itertools
import re
from functools import cache
from pathlib import Path

import pytest

from aigc_edu.authoring.reading import lesson_time
from aigc_edu.authoring.source import read_source
from aigc_edu.cli import COMMANDS
from aigc_edu.exercises import find
from aigc_edu.exercises.registry import lesson_exercises
from aigc_edu.lessons import LESSONS, listed

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PLANS = {path.stem: path.read_text(encoding="utf-8") for path in (DOCS / "plans").glob("*.md")}
PAGE = "\n".join([(DOCS / "teaching.md").read_text(encoding="utf-8"), *PLANS.values()])
NUMBERS = [lesson.number for lesson in LESSONS if not lesson.planned]
LAB_HOUR = 50
"""Minutes; a lesson whose core fits in is short."""


@cache
def is_short(number: str) -> bool:
    return lesson_time(read_source(listed(number).source)).core.most <= LAB_HOUR


def rows(number: str) -> dict[int, list[tuple[int, int, str]]]:
    """Length of the session -> rows: from, to, text."""
    parts = re.split(r"^\*\*(Fifty minutes|A hundred minutes)\*\*", PLANS[number], flags=re.M)
    found = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        length = 50 if name.startswith("Fifty") else 100
        found[length] = [
            (int(begin), int(end), rest)
            for begin, end, rest in re.findall(r"^\| (\d+)–(\d+) \| (.*) \|$", text, re.M)
        ]
    return found


def test_each_lesson_that_is_there_has_its_page_of_plans():
    assert set(NUMBERS) <= set(PLANS)  # one in the making may have one
    for number, text in PLANS.items():
        assert text.startswith(f"# {number} · {listed(number).title}\n")


@pytest.mark.parametrize("number", sorted(PLANS))
def test_the_clock_goes_round(number):
    """Each lesson has both plans, a short one at least that of a lab hour; rows follow each
    other and end with the session."""
    found = rows(number)
    assert set(found) == {50, 100} or (is_short(number) and set(found) == {LAB_HOUR})
    for length, lines in found.items():
        assert lines[0][0] == 0
        assert lines[-1][1] == length
        for (_, end, _), (begin, _, _) in itertools.pairwise(lines):
            assert begin == end
        assert all(end > begin for begin, end, _ in lines)
    assert any("Break" in text for _, _, text in found.get(100, [])) == (100 in found)


@pytest.mark.parametrize("number", sorted(PLANS))
def test_every_slot_has_time_for_its_exercises(number):
    for lines in rows(number).values():
        for begin, end, text in lines:
            if text.startswith(("As in", "The fifty")):
                continue
            what = re.sub(r"Sections? [\d.]+((,| and| to) [\d.]+)*", "", text.split("|")[0])
            exercises = [find(i) for i in re.findall(r"\b\d+\.\d+\b", what)]
            minutes = sum(e.minutes for e in exercises if e.kind != "prediction")
            minutes += sum(1 for e in exercises if e.kind == "prediction")
            assert minutes <= end - begin, (number, begin, text)


@pytest.mark.parametrize("number", sorted(PLANS))
def test_sections_and_exercises_that_are_named_are_there(number):
    source = listed(number).source.read_text(encoding="utf-8")
    own = {exercise.id for exercise in lesson_exercises(int(number))}
    for line in PLANS[number].split("\n"):
        line = re.sub(r"Sections? [\d.]+\.\d+((,| and| to) [\d.]+)*", "", line)
        for identifier in re.findall(rf"(?<![\d.,]){int(number)}\.\d{{1,2}}(?![\d.,]\d)", line):
            assert identifier in own, (number, line)
        if not line.startswith("| ") or "Appendix" in line:
            continue
        what = line.split("|")[2]
        for section in re.findall(r"Sections? (\d+)", what):
            assert re.search(rf"^## {section}\. ", source, re.M), (number, section)


def test_commands_that_are_named_are_there():
    named = set(re.findall(r"aigc-edu ([a-z]+)", PAGE))
    assert named <= {*COMMANDS, "in"}


def test_options_that_are_named_are_known_somewhere():
    folder = ROOT / "aigc_edu" / "commands"
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    others = {"--prefix", "--name", "--display-name", "--env", "--no-index"}
    others |= {"--find-links"}
    for option in set(re.findall(r"(?<![-|\w])--[a-z][a-z-]+", PAGE)):
        assert option in others or f'"{option}"' in text, option
