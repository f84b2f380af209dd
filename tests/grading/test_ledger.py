"""The manifest and the ledger: written whole, read back, folded into what counts."""

from pathlib import Path

import pytest

from aigc_edu.errors import CourseError
from aigc_edu.grading.judge.ledger import (
    CaseMark,
    ExerciseMark,
    Ledger,
    MarkLine,
    VoidLine,
    standings,
)
from aigc_edu.grading.judge.manifest import ExerciseRecord, Manifest


def _mark(identifier: str, points: float) -> ExerciseMark:
    return ExerciseMark(
        identifier, "right", points, 3.0, "Fine.", cases=(CaseMark("ordinary", 2.0, "right"),)
    )


def _line(student: str, *marks: ExerciseMark, **more: object) -> MarkLine:
    facts: dict = {
        "student": student,
        "attempt": 1,
        "submission": "ab",
        "lesson": "04",
        "specification": "cd",
        "seed": "ef",
        "status": "graded",
        "note": "Graded.",
        "exercises": marks,
    }
    return MarkLine(**{**facts, **more})


def _manifest() -> Manifest:
    return Manifest(
        "0.1.0",
        "2026-01-01T00:00:00Z",
        ("04",),
        (ExerciseRecord("4.2", "KL", "function", 3.0, "04", "kl", "aa"),),
        {"torch": "2.13.0"},
        {"s1": {"D4.1": {"unit": "bits"}}},
    )


def test_a_manifest_survives_the_disk(tmp_path: Path) -> None:
    _manifest().write(tmp_path / "manifest.json")
    assert Manifest.read(tmp_path) == _manifest()
    assert _manifest().of_lesson("4")[0].id == "4.2"
    with pytest.raises(CourseError, match="holds no lesson 05"):
        _manifest().of_lesson("05")
    (tmp_path / "manifest.json").write_text('{"format": 1, "lessons"')
    with pytest.raises(CourseError, match="damaged"):
        Manifest.read(tmp_path)
    with pytest.raises(CourseError, match="no manifest"):
        Manifest.read(tmp_path / "elsewhere")


def test_lines_are_read_back_and_a_torn_one_is_cut_off(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.lines() == []
    ledger.open_for_writing()
    first, second = _line("s1", _mark("4.2", 3)), _line("ß\n", _mark("4.2", 1))
    ledger.append(first)
    ledger.append(second)
    whole = ledger.path.read_bytes()
    with open(ledger.path, "ab") as file:
        file.write(b'{"kind": "mark", "stud')
    assert ledger.lines() == [first, second]
    ledger.open_for_writing()
    assert ledger.path.read_bytes() == whole
    assert ledger.graded() == {first.key, second.key}
    assert (ledger.path.stat().st_mode & 0o777) == 0o600


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append(_line("s1"))
    with open(ledger.path, "ab") as file:
        file.write(b'{"kind": "mark"}\n')
    with pytest.raises(CourseError, match=r"Line 2 of .*is damaged"):
        ledger.lines()


def test_the_last_line_counts_and_a_regrade_replaces_what_it_holds() -> None:
    lines = [
        _line("s1", _mark("4.2", 1), _mark("4.3", 2)),
        _line("s1", _mark("4.3", 3), reason="the tolerance was too tight"),
        _line("s1", _mark("4.2", 0), attempt=2),
    ]
    found = standings(lines, "4")
    assert found["s1", 1].points == 4
    assert found["s1", 1].reasons == {"4.3": "the tolerance was too tight"}
    assert list(found["s1", 1].exercises) == ["4.2", "4.3"]
    assert found["s1", 2].points == 0


@pytest.mark.parametrize(("how", "points", "of"), [("drop", 1, 3), ("full", 4, 6)])
def test_a_void_question(how: str, points: float, of: float) -> None:
    lines = [
        _line("s1", _mark("4.2", 1), _mark("4.3", 2)),
        VoidLine("04", "4.3", how, "two answers are right"),  # type: ignore[arg-type]
    ]
    standing = standings(lines, "04")["s1", 1]
    assert (standing.points, standing.of) == (points, of)
    lines.append(VoidLine("04", "4.3", "restore", "it was right after all"))
    assert standings(lines, "04")["s1", 1].points == 3


def test_what_the_grader_itself_failed_at_is_graded_again(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append(_line("s1", ExerciseMark("4.2", "not graded", 0, 3)))
    ledger.append(_line("s2", status="not graded"))
    assert ledger.graded() == set()
