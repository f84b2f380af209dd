"""The tables of seeds that lessons quote: full budget, and the aims they state."""

import json
from pathlib import Path

import pytest

from aigc_edu.data import recorded, recorded_rows, tables
from aigc_edu.errors import CourseError


@pytest.mark.parametrize("lesson", ["05", "07", "10"])
def test_at_least_three_seeds_ran_in_full_and_none_failed(lesson: str) -> None:
    table = recorded(f"{lesson}_seeds")
    assert table["conditions"]["budget"] == "full"
    assert len(table["seeds"]) >= 3
    assert not any("failed" in row for row in table["seeds"].values())


def test_lesson_05_reached_its_aim_with_every_seed() -> None:
    for row in recorded("05_seeds")["seeds"].values():
        assert row["figures"]["elbo"] >= -104


def test_lesson_07_reached_its_aim_with_every_seed() -> None:
    for row in recorded("07_seeds")["seeds"].values():
        figures = row["figures"]
        assert figures["frechet_distance"] <= figures["dearest_deletion"]
        assert figures["smallest_share"] >= 0.05


def test_rows_come_back_seed_by_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(**rows: float) -> dict[str, object]:
        return {"figures": {"rows": {name: {"loss": x, "note": "-"} for name, x in rows.items()}}}

    seeds = {
        "10": run(plain=3.0, wide=6.0),
        "2": run(plain=1.0, wide=4.0),
        "3": run(plain=2.0),  # stopped on the way: left out
        "4": {**run(plain=9.0, wide=9.0), "failed": "it broke"},
    }
    (tmp_path / "77_seeds.json").write_text(json.dumps({"seeds": seeds}))
    (tmp_path / "78_seeds.json").write_text(json.dumps({"seeds": {}}))
    monkeypatch.setattr(tables, "_FOLDER", tmp_path)
    assert recorded_rows("77_seeds") == {
        "plain": {"loss": [1.0, 3.0]},
        "wide": {"loss": [4.0, 6.0]},
    }
    with pytest.raises(CourseError, match="has no rows"):
        recorded_rows("78_seeds")


def test_the_table_of_lesson_10_is_of_the_present_code() -> None:
    """Its cells up to the tag ``table``; else run ``aigc-edu seeds 10 --seeds 0,1,2,3,4``."""
    pytest.importorskip("jupytext")
    from aigc_edu.authoring.build import Course
    from aigc_edu.authoring.source import code_digest, read_source, up_to_table

    course = Course.here()
    part = up_to_table(read_source(course.source("10_quality")))
    assert part is not None
    conditions = recorded("10_seeds")["conditions"]
    assert conditions["code_sha256"] == code_digest(part, "")
    rows = recorded_rows("10_seeds")
    assert len(rows) == 12
    assert {len(figures["test bound"]) for figures in rows.values()} == {
        len(recorded("10_seeds")["seeds"])
    }
