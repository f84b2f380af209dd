"""The tables of seeds that lessons 05 and 07 quote: full budget, and the aims they state."""

import pytest

from aigc_edu.data import recorded


@pytest.mark.parametrize("lesson", ["05", "07"])
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
