"""docs/teaching.md: its generated parts, its clocks, and that its plans fit the lessons."""

import importlib.util
import itertools
import re
from pathlib import Path

import pytest

from aigc_edu.cli import COMMANDS
from aigc_edu.exercises import find
from aigc_edu.exercises.registry import lesson_exercises

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
SOURCES = {path.name[:2]: path for path in (ROOT / "solutions").glob("[0-9][0-9]_*.md")}


def tables():
    path = Path(__file__).with_name("teaching_tables.py")
    spec = importlib.util.spec_from_file_location("teaching_tables", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plan(number: str) -> str:
    """The text of a lesson's plans."""
    found = re.search(rf"^### {number} · .*?(?=^##)", PAGE, re.M | re.S)
    assert found, f"docs/teaching.md has no plan for lesson {number}"
    return found[0]


def rows(number: str) -> dict[int, list[tuple[int, int, str]]]:
    """Length of the session -> rows: from, to, text."""
    parts = re.split(r"^\*\*(Fifty minutes|A hundred minutes)\*\*", plan(number), flags=re.M)
    found = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        length = 50 if name.startswith("Fifty") else 100
        found[length] = [
            (int(begin), int(end), rest)
            for begin, end, rest in re.findall(r"^\| (\d+)–(\d+) \| (.*) \|$", text, re.M)
        ]
    return found


def test_the_generated_parts_are_up_to_date():
    made = tables()
    assert made.written(PAGE) == PAGE, "run: python tests/house/teaching_tables.py --write"


def test_a_mistake_that_is_added_is_noticed(monkeypatch):
    made = tables()
    monkeypatch.setattr(made, "mistakes", lambda: "something else")
    assert made.written(PAGE) != PAGE
    with pytest.raises(ValueError, match="no place"):
        made.written("no markers here")


@pytest.mark.parametrize("number", sorted(SOURCES))
def test_the_clock_goes_round(number):
    """Each lesson has both plans; rows follow each other and end with the session."""
    found = rows(number)
    assert set(found) == {50, 100}
    for length, lines in found.items():
        assert lines[0][0] == 0
        assert lines[-1][1] == length
        for (_, end, _), (begin, _, _) in itertools.pairwise(lines):
            assert begin == end
        assert all(end > begin for begin, end, _ in lines)
    assert any("Break" in text for _, _, text in found[100])


@pytest.mark.parametrize("number", sorted(SOURCES))
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


@pytest.mark.parametrize("number", sorted(SOURCES))
def test_sections_and_exercises_that_are_named_are_there(number):
    source = SOURCES[number].read_text(encoding="utf-8")
    own = {exercise.id for exercise in lesson_exercises(int(number))}
    for line in plan(number).split("\n"):
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
    others = {"--write", "--prefix", "--name", "--display-name", "--env", "--no-index"}
    others |= {"--find-links"}
    for option in set(re.findall(r"(?<![-|\w])--[a-z][a-z-]+", PAGE)):
        assert option in others or f'"{option}"' in text, option
