"""The table of threads: its loads, the load from which a kind loses, what is kept."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """benchmarks/threads.py, which finds its neighbors as a script does, on two cores."""
    spec = importlib.util.spec_from_file_location("threads_under_test", BENCHMARKS / "threads.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        spec.loader.exec_module(module)
    monkeypatch.setattr(module, "free_to_use", lambda: 2)
    monkeypatch.setattr(sys.modules[module.keep.__module__], "HERE", tmp_path)
    return module


@pytest.mark.parametrize(
    ("cores", "busy"), [(1, [0, 1]), (2, [0, 1, 2]), (3, [0, 1, 3]), (8, [0, 1, 4, 8])]
)
def test_loads(threads: ModuleType, cores: int, busy: list[int]) -> None:
    assert list(threads.loads(cores).values()) == busy


def test_busy_processes_and_where_each_kind_loses(
    threads: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    alive: list[list[str]] = []

    class Busy:
        def __init__(self, command: list[str]) -> None:
            assert command[-1] == threads.BUSY
            self.command = command
            alive.append(command)

        def kill(self) -> None:
            alive.remove(self.command)

        def wait(self) -> None:
            pass

    def step_seconds(count: int, policy: str | None, choose: bool, seconds: float) -> list[float]:
        # Two threads halve the time alone; spinning, they lose beside one other; asleep, beside
        # two; the choice takes one thread as soon as somebody is there.
        load = len(alive)
        if choose:
            return [0.01, 1] if load else [0.005, 2]
        if count == 1:
            return [0.01, 1]
        return [{0: 0.005, 1: 0.05 if policy is None else 0.009, 2: 0.06}[load], 2]

    monkeypatch.setattr(threads.subprocess, "Popen", Busy)
    monkeypatch.setattr(threads, "step_seconds", step_seconds)
    monkeypatch.setattr(sys, "argv", ["threads.py", "--blocks", "5", "--write"])
    threads.main()
    assert alive == []
    kept = json.loads((tmp_path / "threads.json").read_text())
    assert kept["slower than one thread from"] == {
        "all threads, spinning": "beside one busy process",
        "all threads, asleep": "beside one busy process a core",
        "chosen at the start": "none of these",
    }
    rows = kept["rows"]
    assert [row["busy processes"] for row in rows.values()] == [0, 1, 2]
    assert rows["alone"]["chosen at the start"]["median"] == 0.5
    assert rows["alone"]["chosen at the start"]["threads"] == [2] * 5
    beside = rows["beside one busy process"]
    assert beside["all threads, spinning"]["median"] == 5.0
    assert beside["milliseconds a step, one thread"]["median"] == 10.0
    assert beside["chosen at the start"]["threads"] == [1] * 5
    assert "threads chosen" in capsys.readouterr().out


def test_a_process_really_trains_with_the_threads_it_was_given(threads: ModuleType) -> None:
    for choose in (False, True):  # one is the limit of a choice, too
        seconds, count = threads.step_seconds(1, None, choose, seconds=0.01)
        assert 0 < seconds < 10
        assert count == 1
