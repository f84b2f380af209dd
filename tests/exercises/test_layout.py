"""One file an exercise: what a reader of it finds where."""

import ast
import dataclasses
import statistics
from pathlib import Path

import pytest

from aigc_edu.exercises import all_exercises, find, lesson_exercises, registry
from aigc_edu.exercises.registry import LESSONS, drawn_exercises, exercise_files, lesson_numbers

FILES = [path for folder in sorted(LESSONS.glob("lesson_*")) for path in exercise_files(folder)]


def distances(path: Path) -> list[int]:
    """Lines between each wrong answer that is code and the sentence that belongs to it."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    lines = {
        node.name: node.lineno
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    between = []
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if (
                    isinstance(decorator, ast.Call)
                    and getattr(decorator.func, "id", "") == "mistake"
                ):
                    between.append(node.lineno - decorator.args[0].lineno)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Mistake":
            wrong, sentence = node.args[:2]
            if isinstance(wrong, ast.Name) and wrong.id in lines:
                between.append(abs(sentence.lineno - lines[wrong.id]))
            elif isinstance(wrong, ast.Lambda | ast.Call):
                between.append(sentence.lineno - wrong.lineno)
    return between


def test_a_wrong_answer_stands_beside_its_sentence() -> None:
    between = [lines for path in FILES for lines in distances(path)]
    assert len(between) > 500
    assert statistics.median(between) < 10
    assert max(between) <= 30, "move the sentence to its wrong answer: @mistake(...)"


def test_every_file_is_an_exercise_and_no_file_is_left_out() -> None:
    assert len(FILES) == len(all_exercises())
    for folder in LESSONS.glob("lesson_*"):
        drawn = exercise_files(folder, drawn=True)
        stray = {path.name for path in folder.glob("*.py")} - {
            "__init__.py",
            "shared.py",
            *(path.name for path in [*exercise_files(folder), *drawn]),
        }
        assert not stray, f"{folder.name}: named unlike an exercise's file"
    assert sorted(each.id for number in lesson_numbers() for each in drawn_exercises(number)) == [
        "D4.1", "D4.2", "D6.1", "D6.2", "D7.1", "D7.2",
    ]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_prompt_stands_first(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "prompt=__doc__" in text
    assert len(text.splitlines()) <= 240, "an exercise is read in one go"


def test_no_two_wrong_answers_share_a_line() -> None:
    """The source of a lambda is its line: two of them on it would have one hash."""
    for exercise in all_exercises():
        places = [
            (code.co_filename, code.co_firstlineno)
            for mistake in exercise.mistakes
            if (code := getattr(mistake.wrong, "__code__", None)) is not None
            and code.co_name == "<lambda>"
        ]
        assert len(set(places)) == len(places), exercise.id


def test_a_file_whose_number_is_not_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    (first, *_) = registry._modules(7, drawn=False)
    monkeypatch.setattr(registry, "_modules", lambda *_args, **_settings: [first, first])
    with pytest.raises(ValueError, match="uses an id twice"):
        lesson_exercises(7)
    monkeypatch.setattr(first, "__file__", str(first.__file__).replace("e01_", "e04_"))
    monkeypatch.setattr(registry, "_modules", lambda *_args, **_settings: [first])
    with pytest.raises(ValueError, match=r"e04_\w+\.py holds exercise 7\.1: the numbers differ"):
        lesson_exercises(7)
    with pytest.raises(ValueError, match="is another lesson's"):
        lesson_exercises(8)


def test_a_prompt_keeps_its_lines() -> None:
    """A docstring's indentation goes; a private question's list stays a list."""
    exercise = find("9.2")
    text = "Explain in steps:\n\n1. the term\n2. the sign"
    assert dataclasses.replace(exercise, prompt=text).prompt == text
    indented = "Explain in steps:\n\n    1. the term\n    2. the sign\n    "
    assert dataclasses.replace(exercise, prompt=indented).prompt == text
