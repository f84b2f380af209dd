"""The paper's table: its bound against known likelihoods, its schedule, its pairs, a small run."""

import importlib.util
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from aigc_edu.data import load_digits, to_range
from aigc_edu.objectives import bernoulli_log_likelihood, importance_weighted_bound

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "paper_table.py"
SMALL = ["--data", "digits", "--test", "20", "--samples", "40", "--updates", "40"]
SMALL += ["--schedule", "start"]


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    specification = importlib.util.spec_from_file_location("paper_table", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    # Benchmarks are run as scripts, and import what they share from their own folder.
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        specification.loader.exec_module(module)
        yield module


@pytest.fixture
def kept(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a table is kept in this test."""
    monkeypatch.setattr(sys.modules["measuring"], "HERE", tmp_path)
    monkeypatch.setenv("AIGC_EDU_DEVICE", "cpu")
    return tmp_path / "paper_table.json"


class Deaf(nn.Module):
    """A decoder that ignores its latent, and q = prior: log p(x) is one sum over the pixels."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return torch.zeros(len(x), 3), torch.zeros(len(x), 3)

    def decode(self, latent: Tensor) -> Tensor:
        return self.logits.expand(len(latent), *self.logits.shape)


class OneLatent(nn.Module):
    """One latent and five pixels; the encoder is near the posterior and not right."""

    weight = torch.tensor([2.0, -1.5, 0.5, 3.0, -2.0])
    offset = torch.tensor([0.3, -0.6, 1.0, 0.0, -0.2])

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean = ((x.flatten(1) - 0.5) * self.weight).sum(dim=1, keepdim=True) / 4
        return mean, torch.full_like(mean, -0.3)

    def decode(self, latent: Tensor) -> Tensor:
        return (latent * self.weight + self.offset).view(-1, 1, 1, 5)


def test_a_model_whose_likelihood_is_a_sum_is_measured_exactly(script: ModuleType) -> None:
    draws = torch.Generator().manual_seed(0)
    x = torch.randint(0, 2, (30, 1, 4, 4), generator=draws).float()
    model = Deaf(torch.randn(1, 4, 4, generator=draws))
    truth = bernoulli_log_likelihood(model.decode(torch.zeros(30, 3)), x)
    found = script.log_likelihoods(model, x, 700, 0, "deaf")
    torch.testing.assert_close(found.float(), truth)
    weights = script.log_weights(model, x, 6, draws)
    assert weights.shape == (6, 30)
    torch.testing.assert_close(weights, truth.expand(6, 30))
    assert script.mean_elbo(model, x, 0) == pytest.approx(float(truth.mean()), rel=1e-6)
    assert script.active_units(model, x) == 0


def test_both_bounds_reach_an_integral_that_is_known(script: ModuleType) -> None:
    """Training's own weights and the measurement, against Gauss-Hermite quadrature."""
    model = OneLatent()
    draws = torch.Generator().manual_seed(1)
    x = torch.randint(0, 2, (8, 1, 1, 5), generator=draws).float()
    nodes, masses = np.polynomial.hermite_e.hermegauss(80)
    logits = model.decode(torch.from_numpy(nodes).float()[:, None])  # one for each node
    table = torch.stack(
        [bernoulli_log_likelihood(logits, one.expand(80, 1, 1, 5)).double() for one in x]
    )  # (images, nodes)
    truth = torch.logsumexp(table + torch.from_numpy(masses).log(), dim=1)
    truth -= 0.5 * math.log(2 * math.pi)
    trained = importance_weighted_bound(script.log_weights(model, x, 20_000, draws)).double()
    torch.testing.assert_close(trained, truth, rtol=0, atol=0.03)
    measured = script.log_likelihoods(model, x, 20_000, 0, "one latent")
    torch.testing.assert_close(measured, truth, rtol=0, atol=0.03)
    # One sample falls short of it, by more than its noise.
    assert script.mean_elbo(model, x, 0) < float(truth.mean()) - 0.05


def test_gradients_reach_both_networks(script: ModuleType) -> None:
    model = script.PaperVAE(torch.full((1, 28, 28), 0.2))
    x = torch.ones(2, 1, 28, 28)
    weights = script.log_weights(model, x, 3, torch.Generator().manual_seed(0))
    importance_weighted_bound(weights).sum().backward()
    assert all(bool((value.grad != 0).any()) for value in model.parameters())


def test_the_model_is_the_papers(script: ModuleType) -> None:
    mean_image = torch.rand(1, 28, 28, generator=torch.Generator().manual_seed(0))
    mean_image[0, 0, 0] = 0.0  # a corner that is always black
    model = script.PaperVAE(mean_image)
    sizes = [tuple(layer.weight.shape) for layer in model.modules() if isinstance(layer, nn.Linear)]
    assert sizes == [
        (200, 784),
        (200, 200),
        (50, 200),
        (50, 200),
        (200, 50),
        (200, 200),
        (784, 200),
    ]
    started = torch.sigmoid(model.decoder[-1].bias).view(1, 28, 28)
    torch.testing.assert_close(started, mean_image.clamp(0.001, 0.999))


def test_active_units_are_those_whose_mean_moves(script: ModuleType) -> None:
    class Scaled(nn.Module):
        def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
            standard = (x.flatten(1) - x.mean()) / x.std()  # (batch, 1), variance 1
            mean = standard * torch.tensor([2.0, 0.11, 0.09, 0.0]) + 5  # variance 4, .0121, .0081
            return mean, torch.zeros_like(mean)

    x = torch.rand(100, 1, 1, 1, generator=torch.Generator().manual_seed(0))
    assert script.active_units(Scaled(), x) == 2


@pytest.mark.parametrize("updates", [1, 7, 6_000, 3280, 246_000, 3280 * 3000])
def test_shares_add_up(script: ModuleType, updates: int) -> None:
    for plan in (script.stages(updates), script.stages(updates, 3280 * 3000)):
        assert sum(count for _, count in plan) == updates
        assert all(count > 0 for _, count in plan)


def test_the_schedule_is_the_papers(script: ModuleType) -> None:
    """3^i passes at 0.001 * 10^(-i/7): from 0.001 to 0.0001 in eight steps."""
    whole = script.stages(3280 * 3000)
    assert [count for _, count in whole] == [3000 * 3**i for i in range(8)]
    assert [rate for rate, _ in whole] == pytest.approx(
        [1e-3, 7.1969e-4, 5.1795e-4, 3.7276e-4, 2.6827e-4, 1.9307e-4, 1.3895e-4, 1e-4], rel=1e-4
    )
    assert whole == script.stages(3280 * 3000, 3280 * 3000)
    scaled = script.stages(32_800)
    assert [count for _, count in scaled] == [10 * 3**i for i in range(8)]
    assert [rate for rate, _ in scaled] == [rate for rate, _ in whole]
    # The beginning of the whole run: one pass at the first rate, three at the second.
    start = script.stages(15_000, 3280 * 3000)
    spent: dict[float, int] = {}
    for rate, count in start:
        spent[rate] = spent.get(rate, 0) + count
    assert list(spent.values()) == [3_000, 9_000, 3_000]
    assert list(spent) == [rate for rate, _ in whole[:3]]


def test_runs_see_the_same_batches_in_the_same_pixels(script: ModuleType) -> None:
    images = load_digits("train", 40).images
    torch.manual_seed(0)
    start = script.PaperVAE(to_range(images).mean(dim=0))
    one, many = (script.Run(k, start, images, 20, seed=5) for k in (1, 7))
    for mine, other in zip(one.model.parameters(), many.model.parameters(), strict=True):
        assert torch.equal(mine, other)
        assert mine is not other
    first = one.draw()
    assert torch.equal(first, many.draw())
    assert set(first.unique().tolist()) == {0.0, 1.0}
    # However many latents they have drawn by then, and in later passes too.
    one.train(1e-3, 4)
    many.train(1e-3, 4)
    again = one.draw()
    assert torch.equal(again, many.draw())
    assert not torch.equal(again, first)
    assert not torch.equal(one.model.mean.weight, many.model.mean.weight)
    assert not torch.equal(one.model.mean.weight, start.mean.weight)


def test_each_stage_trains_with_its_own_learning_rate(script: ModuleType) -> None:
    """Adam's first update moves a weight by nearly the rate, whatever the gradient."""
    images = load_digits("train", 20).images
    start = script.PaperVAE(to_range(images).mean(dim=0))
    moved = []
    for rate in (0.0, 1e-4, 1e-3):
        run = script.Run(1, start, images, 20, seed=0)
        run.train(rate, 1)
        difference = run.model.mean.weight.detach() - start.mean.weight.detach()
        moved.append(float(difference.abs().max()))
    assert moved == pytest.approx([0.0, 1e-4, 1e-3], rel=1e-2)
    assert run.updates == 1


def test_pixels_are_drawn_anew_at_every_pass(script: ModuleType) -> None:
    images = load_digits("train", 1).images
    start = script.PaperVAE(to_range(images).mean(dim=0))
    run = script.Run(1, start, images, 1, seed=0)
    drawn = torch.cat([run.draw() for _ in range(300)])  # one digit, 300 passes
    gray = to_range(images)[0]
    assert float((drawn.mean(dim=0) - gray).abs().max()) < 5 * 0.5 / 300**0.5
    assert torch.equal(drawn.mean(dim=0)[gray == 0], gray[gray == 0])


def test_a_small_run_from_end_to_end(
    script: ModuleType, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.main([*SMALL, "--objectives", "vae,iwae", "--write"])
    table: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    assert list(table["rows"]) == ["VAE (k=1)", "IWAE (k=50)"]
    vae, iwae = table["rows"].values()
    assert (vae["the paper's NLL"], iwae["the paper's NLL"]) == (86.76, 84.78)
    glance = table["glance"]["after"]
    assert glance[-1]["updates"] == table["updates"] == 40
    assert table["passes"] == 0.04
    for name, row in table["rows"].items():
        assert math.isfinite(row["NLL"])
        assert 86 < row["NLL"] < glance[0][name] - 5  # it has learned something
        assert row["-ELBO"] > row["NLL"]
        assert 0 < row["standard error"] < 20
        assert 0 <= row["active units"] <= 50
        assert row["seconds to train"] > 0
    gain = table["gains"]["IWAE (k=50) below VAE (k=1)"]
    assert gain["nats"] == pytest.approx(vae["NLL"] - iwae["NLL"], abs=0.002)
    assert gain["standard error"] < vae["standard error"]  # digit by digit
    assert (table["precision"], table["device"]["kind"]) == ("float32", "cpu")
    printed = capsys.readouterr().out
    for text in ("VAE (k=1)", "IWAE (k=50)", "86.76", "84.78", f"{iwae['NLL']:.2f}"):
        assert text in printed


def test_what_was_measured_is_printed_when_somebody_stops_it(
    script: ModuleType,
    kept: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train, trained = script.Run.train, []

    def stopped(run: Any, rate: float, updates: int) -> None:
        if len(trained) == 3:
            raise KeyboardInterrupt
        trained.append(run.name)
        train(run, rate, min(updates, 2))

    monkeypatch.setattr(script.Run, "train", stopped)
    with pytest.raises(SystemExit) as ended:
        script.main([*SMALL, "--objectives", "1,2", "--write"])
    assert ended.value.code == 130
    assert trained == ["VAE (k=1)", "IWAE (k=2)", "VAE (k=1)"]
    printed = capsys.readouterr()
    assert "stopped" in printed.err
    table = json.loads(printed.out[printed.out.index("{\n") :])
    first, second = table["glance"]["after"]
    assert {"VAE (k=1)", "IWAE (k=2)"} < set(first)
    assert "VAE (k=1)" in second
    assert "IWAE (k=2)" not in second
    assert f"{second['VAE (k=1)']:.2f}" in printed.out
    assert table["rows"] == {}
    assert not kept.exists()


def test_where_mnist_is_missing_one_sentence_names_the_command(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), "--updates", "1"],
        env={**os.environ, "AIGC_EDU_CACHE": str(tmp_path), "AIGC_EDU_DEVICE": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert "run 'aigc-edu data get mnist'" in ran.stderr


def test_fewer_test_digits_are_spread_over_all(script: ModuleType) -> None:
    numbers = torch.arange(10_000)
    assert script.evenly(numbers, 4).tolist() == [0, 2500, 5000, 7500]
    assert torch.equal(script.evenly(numbers, 20_000), numbers)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--updates", "0"],
        ["--updates", "5", "--passes", "1"],
        ["--objectives", "gan"],
        ["--objectives", "0"],
        ["--test", "1"],
        ["--seed", "-1"],
    ],
)
def test_options_that_make_no_sense_are_refused(
    script: ModuleType, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        script.main(arguments)
    assert ended.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_objectives_by_name_and_by_number(script: ModuleType) -> None:
    assert script.objectives("vae,iwae") == [1, 50]
    assert script.objectives("IWAE,5,1,vae") == [50, 5, 1]
