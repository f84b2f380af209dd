"""Device, seed, budget, precision, record: what the environment says and what is there."""

import json
import random
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from aigc_edu.errors import CourseError
from aigc_edu.training import (
    budget,
    device,
    mixed_precision,
    record,
    record_row,
    rows,
    seed,
    seed_everything,
)
from aigc_edu.training import environment as room


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEVICE", "PRECISION", "BUDGET", "SEED", "RECORD", "ROWS"):
        monkeypatch.delenv(f"AIGC_EDU_{name}", raising=False)
    room._has_bfloat16.cache_clear()


def test_device_follows_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert device().type == "cpu"
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert device().type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device().type == "cuda"


def test_device_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for asked, expected in (
        ("cpu", "cpu"),
        (" CPU ", "cpu"),
        ("cuda", "cuda"),
        ("cuda:1", "cuda:1"),
    ):
        monkeypatch.setenv("AIGC_EDU_DEVICE", asked)
        assert str(device()) == expected


@pytest.mark.parametrize("asked", ["cuda", "mps", "cuda:3", "xpu", "meta", "the fast one"])
def test_a_device_that_is_not_there(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: asked == "cuda:3")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setenv("AIGC_EDU_DEVICE", asked)
    with pytest.raises(CourseError, match="AIGC_EDU_DEVICE is"):
        device()


def test_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seed() == 0
    monkeypatch.setenv("AIGC_EDU_SEED", "17")
    assert seed() == 17
    for bad in ("-1", "1.5", "one", str(2**32)):
        monkeypatch.setenv("AIGC_EDU_SEED", bad)
        with pytest.raises(CourseError, match="AIGC_EDU_SEED"):
            seed()


def test_seed_everything_repeats_every_generator() -> None:
    def draws() -> list[float]:
        generator = seed_everything(5)
        return [
            random.random(),
            float(np.random.rand()),  # noqa: NPY002 - the global state is what is tested
            float(torch.rand(1)),
            float(torch.rand(1, generator=generator)),
        ]

    first = draws()
    assert first == draws()
    seed_everything(6)
    assert random.random() != first[0]
    with pytest.raises(ValueError, match="seed"):
        seed_everything(-1)


def test_seed_everything_changes_no_switch() -> None:
    before = (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
    seed_everything(0)
    assert before == (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())


def test_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIGC_EDU_DEVICE", "cpu")
    assert budget(1, 2, 3) == 2
    monkeypatch.setenv("AIGC_EDU_BUDGET", "full")
    assert budget(1, 2, 3) == 2
    monkeypatch.setenv("AIGC_EDU_BUDGET", "quick")
    assert budget(1, 2, 3) == 1
    monkeypatch.setenv("AIGC_EDU_BUDGET", "full")
    monkeypatch.setenv("AIGC_EDU_DEVICE", "mps")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert budget(1, 2, 3) == 3
    monkeypatch.setenv("AIGC_EDU_BUDGET", "long")
    with pytest.raises(CourseError, match="AIGC_EDU_BUDGET"):
        budget(1, 2, 3)


def product_dtype() -> torch.dtype:
    with mixed_precision(torch.device("cpu")):
        return (torch.ones(2, 2) @ torch.ones(2, 2)).dtype


def test_precision_asks_the_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False, raising=False)
    assert product_dtype() == torch.float32
    room._has_bfloat16.cache_clear()
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True, raising=False)
    assert product_dtype() == torch.bfloat16
    monkeypatch.setenv("AIGC_EDU_PRECISION", "float32")
    assert product_dtype() == torch.float32
    assert isinstance(mixed_precision("cpu"), nullcontext)


def test_precision_without_the_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    assert product_dtype() == torch.float32
    monkeypatch.setenv("AIGC_EDU_PRECISION", "bfloat16")
    assert product_dtype() == torch.bfloat16
    monkeypatch.setenv("AIGC_EDU_PRECISION", "half")
    with pytest.raises(CourseError, match="AIGC_EDU_PRECISION"):
        mixed_precision("cpu")


@pytest.mark.parametrize("native", [True, False])
def test_precision_on_cuda_does_not_count_emulation(
    monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation=True: including_emulation or native,
    )
    assert room._has_bfloat16("cuda") is native
    room._has_bfloat16.cache_clear()
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)  # an older signature
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (8 if native else 7, 0))
    assert room._has_bfloat16("cuda") is native
    assert room._has_bfloat16("mps") is False


def test_record_adds_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(lost=1)  # nowhere to write: nothing happens
    path = tmp_path / "deep" / "figures.json"
    monkeypatch.setenv("AIGC_EDU_RECORD", str(path))
    record(elbo=torch.tensor(-101.5), steps=3)
    record(steps=4, shares=np.array([0.5, 0.5]))
    assert json.loads(path.read_text()) == {"elbo": -101.5, "steps": 4, "shares": [0.5, 0.5]}
    with pytest.raises(TypeError, match="cannot hold"):
        record(thing=object())
    assert json.loads(path.read_text())["steps"] == 4


def test_record_never_overwrites_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notes.txt"
    monkeypatch.setenv("AIGC_EDU_RECORD", str(path))
    for text in ("my notes", "[1, 2]"):
        path.write_text(text)
        with pytest.raises(CourseError, match="holds no record"):
            record(a=1)
        assert path.read_text() == text
    path.write_text("")
    record(a=1)
    assert json.loads(path.read_text()) == {"a": 1}


def test_importing_the_room_changes_nothing() -> None:
    code = (
        "import torch; n = torch.get_num_threads(), torch.get_rng_state().sum().item();"
        "import aigc_edu.training, aigc_edu.models;"
        "assert n == (torch.get_num_threads(), torch.get_rng_state().sum().item());"
        "import sys; assert not {'sklearn', 'scipy', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", "import torch; torch.manual_seed(0);" + code], check=True)


def test_rows_of_an_ordinary_run_and_of_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = {"baseline": 1, "wide": 2, "deep": 3}
    assert rows(names, default=["deep", "baseline", "deep"]) == ["deep", "baseline"]
    monkeypatch.setenv("AIGC_EDU_ROWS", "all")
    assert rows(names, default=["wide"]) == ["baseline", "wide", "deep"]
    monkeypatch.setenv("AIGC_EDU_ROWS", " deep, wide ")
    assert rows(names, default=["baseline"]) == ["deep", "wide"]

    # What the record holds is not run again, but only when the command asks.
    monkeypatch.setenv("AIGC_EDU_RECORD", str(tmp_path / "figures.json"))
    record_row("deep", loss=torch.tensor(0.5))
    record(noise=1)
    record_row("wide", loss=0.25)
    assert json.loads((tmp_path / "figures.json").read_text()) == {
        "noise": 1,
        "rows": {"deep": {"loss": 0.5}, "wide": {"loss": 0.25}},
    }
    assert rows(names, default=["baseline"]) == []
    monkeypatch.setenv("AIGC_EDU_ROWS", "all")
    assert rows(names, default=["baseline"]) == ["baseline"]
    monkeypatch.delenv("AIGC_EDU_ROWS")
    assert rows(names, default=["deep"]) == ["deep"]
    (tmp_path / "figures.json").write_text('{"rows": 3}')
    with pytest.raises(CourseError, match="holds no record"):
        record_row("deep", loss=1)


def test_rows_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CourseError, match="no row 'tall': choose among baseline, wide"):
        rows(["baseline", "wide"], default=["baseline", "tall"])
    monkeypatch.setenv("AIGC_EDU_ROWS", "tall")
    with pytest.raises(CourseError, match="no row 'tall'"):
        rows(["baseline", "wide"], default=["baseline"])
    for bad in (["a", "a"], ["a,b"], [""], ["all"]):
        with pytest.raises(ValueError, match="names of rows"):
            rows(bad, default=bad)
