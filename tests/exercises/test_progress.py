"""The progress file, and the two commands."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from aigc_edu.commands import exercises as exercises_command
from aigc_edu.commands import progress as progress_command
from aigc_edu.errors import CourseError
from aigc_edu.exercises import TODO, Exercise, check, find, hint, progress, registry


def test_attempts_and_the_first_time_right_are_kept() -> None:
    check("99.1", lambda m, v: m)
    assert progress.read().entries["99.1"]["first_right"] is None
    check("99.1", find("99.1").reference)
    check("99.1", lambda m, v: v)
    entry = progress.read().entries["99.1"]
    assert (entry["state"], entry["attempts"]) == ("wrong", 3)
    assert len(entry["first_right"]) == 10


def test_not_started_and_stand_ins_are_no_attempts(state: Path) -> None:
    handed = check("99.1", TODO)
    check("99.1", handed)
    assert not (state / "progress.json").exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"exercises": 3}',
        '{"exercises": {"9.1": 3}}',
        '{"exercises": {"9.1": {"attempts": "many"}}}',
        "\x00\xff",
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_put_aside(content: str, state: Path, capsys) -> None:
    state.mkdir()
    file = state / "progress.json"
    file.write_bytes(content.encode("latin-1"))
    check("99.1", find("99.1").reference)
    text = " ".join(capsys.readouterr().out.split())
    assert "✓ right" in text
    assert "damaged" in text
    assert (state / "progress.json.bak").read_bytes() == content.encode("latin-1")
    assert list(json.loads(file.read_text())["exercises"]) == ["99.1"]


def test_an_unwritable_place_is_said_once(tmp_path: Path, monkeypatch, capsys) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AIGC_EDU_STATE", str(tmp_path / "file" / "state"))
    for expected in (True, False):
        check("99.1", find("99.1").reference)
        text = " ".join(capsys.readouterr().out.split())
        assert "✓ right" in text
        assert ("Your progress is not kept" in text) is expected
    hint("99.1")
    assert "1." in capsys.readouterr().out


def test_a_break_while_writing_leaves_the_old_file(state: Path, monkeypatch, capsys) -> None:
    progress.record("99.1", "right")
    before = (state / "progress.json").read_text()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress.os, "fsync", full)
    assert "No space left" in progress.record("99.2", "right")
    assert (state / "progress.json").read_text() == before
    assert [file.name for file in state.glob(".progress*")] == []


def test_two_kernels_do_not_lose_each_others_notes() -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: progress.record(f"99.{n % 2 + 1}", "wrong"), range(40)))
    assert [progress.read().entries[i]["attempts"] for i in ("99.1", "99.2")] == [20, 20]


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch) -> list[Exercise]:
    """The pack as if it were lesson 99 of the course."""
    pack = [find(f"99.{number}") for number in range(1, 8)]
    monkeypatch.setattr(registry, "lesson_numbers", lambda: [99])
    monkeypatch.setattr(registry, "lesson_exercises", lambda number: pack)
    return pack


def test_table_as_text_and_html(lesson: list[Exercise]) -> None:
    check("99.1", find("99.1").reference)
    check("99.3", 5)
    table = progress.progress_table()
    assert "lesson 99  ##+++" in repr(table).replace("##+++++", "##+++")
    assert "1 of  7 right, 3 of 11 points" in repr(table)
    assert 'aria-label="1 right, 1 begun, 5 not started"' in table._repr_html_()
    assert "<caption>" in table._repr_html_()


def test_the_page_says_what_is_done_lesson_by_lesson_and_exercise_by_exercise(lesson) -> None:
    check("99.1", find("99.1").reference)
    check("99.3", 5)
    check("99.3", 6)
    page = progress.progress_table()._repr_html_()
    assert "0 of 1 lessons done, 1 of 7 exercises right, 3 of 11 points." in page
    assert re.search(r"✓ 99\.1 [^<]*: right since \d{4}-\d\d-\d\d", page)
    assert re.search(r"○ 99\.3 [^<]*: begun, 2 attempts", page)
    assert re.search(r"○ 99\.2 [^<]*: not started", page)
    for exercise in lesson:
        progress.record(exercise.id, "right")
    page = progress.progress_table()._repr_html_()
    assert "1 of 1 lessons done" in page
    assert "✓ done" in page


def test_titles_are_escaped_and_lessons_linked(lesson, monkeypatch) -> None:
    monkeypatch.setattr(progress, "_lessons", lambda: {99: ("a < b", "99_a.ipynb")})
    page = progress.progress_table()._repr_html_()
    assert '<a href="99_a.ipynb">99 · a &lt; b</a>' in page
    assert progress.progress_table().plan() == "99 · a < b: 7 exercises, 11 points"


def test_the_real_lessons_have_titles() -> None:
    found = progress._lessons()
    assert found[5] == ("VAE: training", "05_vae_training.ipynb")


def test_without_a_page_the_table_holds_nobodys_progress(lesson, monkeypatch) -> None:
    """What a built notebook stores is the same for everybody."""
    from aigc_edu.view import front_end

    untouched = progress.progress_table()._repr_mimebundle_()
    check("99.1", find("99.1").reference)
    assert progress.progress_table()._repr_mimebundle_() == untouched
    assert "right" not in untouched["text/html"]
    assert "30</td>" in untouched["text/html"]  # minutes
    monkeypatch.setattr(front_end, "has_front_end", lambda: True)
    live = progress.progress_table()._repr_mimebundle_()
    assert "1 of 7 exercises right" in live["text/html"]
    assert "1 of  7 right" in live["text/plain"]


def test_progress_command(lesson: list[Exercise], state: Path) -> None:
    check("99.1", find("99.1").reference)
    run = CliRunner()
    assert "1 of  7 right" in run.invoke(progress_command.command, []).output
    found = json.loads(run.invoke(progress_command.command, ["--json"]).output)
    assert found["lessons"][0]["right"] == 1
    assert found["exercises"]["99.1"]["state"] == "right"
    assert run.invoke(progress_command.command, ["--reset"], input="n\n").exit_code == 1
    assert (state / "progress.json").exists()
    assert run.invoke(progress_command.command, ["--reset"], input="y\n").exit_code == 0
    assert not (state / "progress.json").exists()
    assert (state / "progress.json.bak").exists()
    assert run.invoke(progress_command.command, ["--reset", "--yes"]).exit_code == 0


def test_exercises_command(lesson: list[Exercise]) -> None:
    run = CliRunner()
    found = json.loads(run.invoke(exercises_command.command, ["--json"]).output)
    keys = ["id", "title", "lesson", "points", "difficulty", "minutes", "known_mistakes", "hints"]
    assert [list(row) for row in found] == [keys] * len(lesson)
    assert found[0]["known_mistakes"] == 2
    text = run.invoke(exercises_command.command, ["--lesson", "99"]).output
    assert "KL to the standard normal" in text
    assert "7 exercises, 11 points, 30 minutes." in text


@pytest.mark.parametrize("number", ["42", "-1", "five", "٣", ""])
def test_a_lesson_that_does_not_exist_is_a_sentence(number: str, lesson) -> None:
    with pytest.raises(CourseError, match="There is no lesson"):
        exercises_command.rows(number)


def test_a_lesson_file_that_does_not_import_is_a_sentence(lesson, monkeypatch) -> None:
    def broken(number: int) -> list[Exercise]:
        raise SyntaxError("oops")

    monkeypatch.setattr(registry, "lesson_exercises", broken)
    with pytest.raises(CourseError, match="cannot be read"):
        exercises_command.rows()
