"""Threads for the free cores: what is chosen under which load, and what is never overruled."""

import math
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from aigc_edu.training import threads as room
from aigc_edu.training import use_free_cores

Machine = Callable[..., types.SimpleNamespace]


@pytest.fixture(autouse=True)
def _as_new(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = torch.get_num_threads()
    monkeypatch.setattr(room, "_most", 1)
    monkeypatch.setattr(room, "_chosen", None)
    monkeypatch.setattr(room, "_quota", lambda: math.inf)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with a percentage of load a core; what is returned can be changed later."""

    def made(
        percents: list[float], affinity: list[int] | None = None, whole: int | None = None
    ) -> types.SimpleNamespace:
        state = types.SimpleNamespace(percents=percents, looked=0)

        def cpu_percent(interval: float, percpu: bool) -> list[float]:
            assert percpu
            assert 0.1 <= interval <= 0.3
            state.looked += 1
            return state.percents

        process = types.SimpleNamespace()
        if affinity is not None:
            process.cpu_affinity = lambda: affinity
        fake = types.SimpleNamespace(
            Process=lambda: process,
            cpu_percent=cpu_percent,
            cpu_count=lambda logical: whole,
        )
        monkeypatch.setitem(sys.modules, "psutil", fake)
        # The sample takes no time here, and nothing of our own runs in it.
        clock = iter(range(10**6))
        monkeypatch.setattr(room.time, "perf_counter", lambda: float(next(clock)))
        monkeypatch.setattr(room.time, "process_time", lambda: 0.0)
        return state

    return made


@pytest.mark.parametrize(
    ("percents", "expected"),
    [
        ([0, 0], 2),
        ([3, 20], 2),  # what a desktop does by itself is no program
        ([100, 0], 1),
        ([0, 60], 1),
        ([100, 100], 1),
        ([50, 0], 1),  # half a core counts as busy
        ([30, 30], 1),  # the same load, on both
        ([0] * 8, 8),
        ([100] + [0] * 7, 7),
        ([25] * 8, 6),  # two cores' worth, spread over eight
        ([100] * 8, 1),
    ],
)
def test_what_is_chosen(machine: Machine, percents: list[float], expected: int) -> None:
    machine(percents)
    torch.set_num_threads(len(percents))
    assert use_free_cores() == expected
    assert torch.get_num_threads() == expected


def test_a_moment_of_load_does_not_count(machine: Machine) -> None:
    state = machine([100, 0])
    torch.set_num_threads(2)
    seen = iter([[100, 0], [100, 30], [10, 0]])
    sys.modules["psutil"].cpu_percent = lambda interval, percpu: next(seen)
    assert use_free_cores() == 2
    assert next(seen, None) is None
    assert state.looked == 0


def test_only_cores_that_this_process_may_use_count(machine: Machine) -> None:
    torch.set_num_threads(8)
    machine([100, 100, 0, 0, 0, 0, 0, 0], affinity=[2, 3, 4])
    assert use_free_cores() == 3
    torch.set_num_threads(8)
    machine([0, 0, 100, 100, 0, 0, 0, 0], affinity=[2, 3, 4])
    assert use_free_cores() == 1


def test_cores_numbered_as_on_the_host(machine: Machine) -> None:
    torch.set_num_threads(4)
    machine([100, 0], affinity=[30, 31])
    assert use_free_cores() == 1


@pytest.mark.parametrize(
    ("threads", "whole", "percents", "expected"),
    [
        (4, 4, [0] * 8, 4),  # PyTorch uses whole cores
        (4, 4, [100] + [0] * 7, 3),  # and one program takes one of them
        (2, 1, [0, 0], 2),  # two hardware threads of one core, both in use by PyTorch
        (2, 1, [100, 0], 1),
        (2, 16, [100, 100] + [0] * 30, 2),  # a user's two find room beside two programs
    ],
)
def test_hardware_threads(
    machine: Machine, threads: int, whole: int, percents: list[float], expected: int
) -> None:
    torch.set_num_threads(threads)
    machine(percents, whole=whole)
    assert use_free_cores() == expected


def test_one_thread_stays_one_and_nothing_is_looked_at(machine: Machine) -> None:
    state = machine([0, 0])
    torch.set_num_threads(1)
    assert use_free_cores() == 1
    assert state.looked == 0


def test_what_was_set_by_hand_is_the_limit(machine: Machine) -> None:
    machine([0] * 8)
    torch.set_num_threads(3)
    assert use_free_cores() == 3
    torch.set_num_threads(2)  # after a call: the new limit
    assert use_free_cores() == 2
    torch.set_num_threads(1)
    assert use_free_cores() == 1


def test_a_later_call_may_take_back_what_an_earlier_one_gave_up(machine: Machine) -> None:
    state = machine([100, 100, 100, 0])
    torch.set_num_threads(4)
    assert use_free_cores() == 1
    state.percents = [0, 0, 0, 0]
    assert torch.get_num_threads() == 1  # never by itself
    assert use_free_cores() == 4
    state.percents = [0, 0, 0, 100]
    assert use_free_cores() == 3


def test_our_own_spinning_threads_are_no_load(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine([100, 100])
    own = iter([0.0, 2.0])  # two seconds of work in a sample of one
    monkeypatch.setattr(room.time, "process_time", lambda: next(own))
    torch.set_num_threads(2)
    assert use_free_cores() == 2


@pytest.mark.parametrize(("quota", "expected"), [(0.3, 1), (1.4, 1), (1.6, 2), (3.0, 3), (99, 4)])
def test_a_quota_is_a_limit(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, quota: float, expected: int
) -> None:
    machine([0] * 4)
    monkeypatch.setattr(room, "_quota", lambda: quota)
    torch.set_num_threads(4)
    assert use_free_cores() == expected


def test_psutil_that_fails_or_is_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(3)
    machine([])  # no core at all: whatever comes of that
    assert use_free_cores() == 3

    def refused(interval: float, percpu: bool) -> list[float]:
        raise PermissionError("/proc/stat")

    monkeypatch.setattr(sys.modules["psutil"], "cpu_percent", refused)
    assert use_free_cores() == 3
    monkeypatch.setitem(sys.modules, "psutil", None)  # an import of it raises ImportError
    assert use_free_cores() == 3


def test_psutil_itself() -> None:
    torch.set_num_threads(2)
    assert use_free_cores() in (1, 2)


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, math.inf),
        ({"proc/self/cgroup": "0::/\n"}, math.inf),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, math.inf),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"}, 1.5),
        (  # the least on the way to the root counts
            {
                "proc/self/cgroup": "0::/user/job\n",
                "sys/fs/cgroup/user/job/cpu.max": "400000 100000\n",
                "sys/fs/cgroup/user/cpu.max": "200000 100000\n",
                "sys/fs/cgroup/cpu.max": "max 100000\n",
            },
            2.0,
        ),
        (  # version 1; other controllers' groups are another matter
            {
                "proc/self/cgroup": "5:memory:/a\n4:cpu,cpuacct:/docker/b\n3:cpuset:/c\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/cpu/c/cpu.cfs_quota_us": "100000\n",
                "sys/fs/cgroup/cpu/c/cpu.cfs_period_us": "100000\n",
            },
            3.0,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            math.inf,
        ),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "odd\n"}, math.inf),
    ],
)
def test_the_quota_of_a_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: float
) -> None:
    monkeypatch.undo()  # the fixture above takes the quota out of the other tests
    assert room._quota(written(tmp_path, files)) == expected
