"""Growth: slopes of known laws, the sentence that follows, and that every point runs and turns."""

import importlib.util
import json
import math
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def growth() -> ModuleType:
    """benchmarks/growth.py, which finds its neighbors as a script does."""
    spec = importlib.util.spec_from_file_location("growth_under_test", BENCHMARKS / "growth.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("power", [-1.0, 0.0, 0.5, 1.0, 2.0])
def test_the_slope_of_a_power_law_is_its_power(growth: ModuleType, power: float) -> None:
    sizes = [2, 4, 8, 16, 50]
    slope, error = growth.slope(sizes, [3e-3 * size**power for size in sizes])
    assert slope == pytest.approx(power, abs=1e-12)
    assert error == pytest.approx(0.0, abs=1e-12)


def test_the_error_of_a_slope_is_that_of_the_textbook(growth: ModuleType) -> None:
    from scipy.stats import linregress

    sizes, times = [1, 2, 4, 8, 16], [1.0, 1.7, 4.4, 7.5, 17.0]
    theirs = linregress([math.log(size) for size in sizes], [math.log(time) for time in times])
    slope, error = growth.slope(sizes, times)
    assert slope == pytest.approx(theirs.slope)
    assert error == pytest.approx(theirs.stderr)
    assert error > 0


def test_two_points_have_a_slope_without_an_error_and_one_has_none(growth: ModuleType) -> None:
    slope, error = growth.slope([1, 2], [1.0, 4.0])
    assert slope == pytest.approx(2.0)
    assert math.isnan(error)
    with pytest.raises(ValueError, match="two points"):
        growth.slope([1], [1.0])


@pytest.mark.parametrize(("count", "kept"), [(3, 3), (4, 3), (5, 3), (6, 3), (7, 4), (9, 5)])
def test_the_upper_half(growth: ModuleType, count: int, kept: int) -> None:
    assert list(growth.upper_half(list(range(count)))) == list(range(count - kept, count))


def row_of(growth: ModuleType, part: str, cost: dict[int, float]) -> dict:
    """A row of points that were measured three times and always took the same."""
    return growth.summary(
        [
            growth.Point(part, "MLP VAE", size, lambda: None, None, [time] * 3)
            for size, time in reversed(cost.items())  # rounds leave them in any order
        ]
    )


def test_a_row_says_what_its_numbers_say(growth: ModuleType) -> None:
    row = row_of(growth, "images", {size: size / 1000 for size in (100, 200, 400, 800)})
    assert list(row["points"]) == ["100", "200", "400", "800"]
    assert row["whole range"] == {"from": 100, "to": 800, "slope": 1.0, "standard error": 0.0}
    assert row["sentence"] == (
        "from 200 to 800 images, doubling them multiplies the seconds a pass by 2.00 (2^1.00); "
        "over the whole range, from 100, by 2.00"
    )
    # Squares, and a fixed cost that hides them at the small end.
    cost = {size: 0.5 + size**2 / 100 for size in (1, 2, 4, 8, 16, 32, 64)}
    row = row_of(growth, "width", cost)
    assert 1.5 < row["upper half"]["slope"] < 2.0
    assert row["whole range"]["slope"] < 1.2
    assert "as what a step costs whatever the size weighs more there" in row["sentence"]
    flat = row_of(growth, "latent", dict.fromkeys((2, 4, 8), 0.02))
    assert "by 1.00 (2^0.00)" in flat["sentence"]


def test_a_batch_has_images_a_second_too(growth: ModuleType) -> None:
    row = row_of(growth, "batch", {16: 0.008, 32: 0.008, 64: 0.016})
    assert row["points"]["16"]["images a second"]["median"] == 2000
    assert row["points"]["64"]["images a second"]["median"] == 4000
    assert "images a second 4000" in growth.printed("batch", "MLP VAE", row)


def test_a_pass_counts_its_steps_and_a_slow_step_costs_more(growth: ModuleType) -> None:
    taken = []
    point = growth.Point("images", "MLP VAE", 1024, lambda: taken.append(1), 8)
    growth.visit(point, seconds=0.0)
    assert len(taken) == 8 + 2  # two to warm up
    slow = growth.Point("batch", "MLP VAE", 16, lambda: growth.time.sleep(0.005), None)
    growth.visit(slow, seconds=0.02)
    assert 0.005 <= slow.times[0] < 0.05


def test_every_kind_of_point_trains(growth: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIGC_EDU_DEVICE", "cpu")
    monkeypatch.setattr(growth, "COUNTS", (256,))
    monkeypatch.setattr(growth, "BATCH_SIZES", (8,))
    monkeypatch.setattr(growth, "LATENT_SIZES", (3,))
    monkeypatch.setattr(growth, "HIDDEN", (5,))
    monkeypatch.setattr(growth, "CHANNELS", (2,))
    images = torch.randint(0, 256, (300, 1, 28, 28), dtype=torch.uint8)
    made = growth.points(growth.PARTS, images)
    # The MLP GAN has no width to vary.
    assert [(point.part, point.network) for point in made] == [
        (part, network)
        for part in ("images", "batch", "latent", "width")
        for network in ("MLP VAE", "conv VAE", "MLP GAN", "DCGAN")
        if (part, network) != ("width", "MLP GAN")
    ]
    assert [point.steps for point in made[:4]] == [2, 2, 2, 4]
    for point in made:
        point.step()


def test_a_whole_run(
    growth: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AIGC_EDU_DEVICE", "cpu")
    monkeypatch.setattr(growth, "embedded", lambda: torch.zeros(64, 1, 28, 28, dtype=torch.uint8))
    monkeypatch.setattr(growth, "NETWORKS", {"MLP VAE": growth.mlp_vae})
    monkeypatch.setattr(growth, "USUAL_BATCH", {"MLP VAE": 16})
    for name, sizes in (("COUNTS", (16, 32, 64)), ("BATCH_SIZES", (4, 8, 16))):
        monkeypatch.setattr(growth, name, sizes)
    for name in ("LATENT_SIZES", "HIDDEN"):
        monkeypatch.setattr(growth, name, (2, 4, 8))
    visited: list[tuple[str, int]] = []
    visit = growth.visit

    def watched(point, seconds):
        visited.append((point.part, point.size))
        visit(point, seconds)

    monkeypatch.setattr(growth, "visit", watched)
    monkeypatch.setattr(sys.modules[growth.keep.__module__], "HERE", tmp_path)
    growth.main(["--rounds", "2", "--seconds", "0", "--write"])
    kept = json.loads((tmp_path / "growth.json").read_text())
    assert list(kept["rows"]) == ["images", "batch", "latent", "width"]
    assert kept["device"] == "cpu"
    assert kept["machine"]["threads"] == torch.get_num_threads()
    # Each round visits each point once, and the order is another one.
    first, second = visited[:12], visited[12:]
    assert sorted(first) == sorted(second)
    assert len(set(first)) == 12
    assert first != second
    assert "slope, upper half (2 to 8)" in capsys.readouterr().out


def test_a_part_of_the_table_is_not_kept_in_place_of_the_whole(
    growth: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        growth.main(["--only", "batch", "--write"])
    assert "--only" in capsys.readouterr().err
