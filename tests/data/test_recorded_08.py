"""Lesson 08's table: measured in full, by three seeds at least, and bearing what it is read for."""

from aigc_edu.data import recorded, recorded_rows


def test_three_seeds_ran_every_row_in_full() -> None:
    table = recorded("08_seeds")
    assert table["conditions"]["budget"] == "full"
    assert len(table["seeds"]) >= 3
    for seed in table["seeds"].values():
        assert "failed" not in seed
        assert seed["rows"] == "all"
    assert all(len(row["frechet_distance"]) >= 3 for row in recorded_rows("08_seeds").values())


def test_the_long_run_stays_within_two_deletions_and_drops_no_digit() -> None:
    for seed in recorded("08_seeds")["seeds"].values():
        figures = seed["figures"]
        assert figures["steps"] == 1200
        assert figures["frechet_distance"] < 2.1 * figures["dearest_deletion"]
        assert figures["smallest_share"] > 0.03


def test_two_changes_cost_much_with_every_seed() -> None:
    rows = recorded_rows("08_seeds")
    baseline = rows["baseline"]["frechet_distance"]
    for name in ("3 hidden layer in both", "4 no tanh"):
        values = rows[name]["frechet_distance"]
        assert all(value > 2 * base for value, base in zip(values, baseline, strict=True))
