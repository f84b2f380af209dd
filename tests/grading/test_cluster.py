"""Dask is asked for by whoever asks for a cluster, and by nobody else."""

import concurrent.futures
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from aigc_edu.errors import CourseError
from aigc_edu.grading.judge.cluster import cluster_pool
from aigc_edu.grading.judge.pool import Workers

_GRADES_LOCALLY = """
import pkgutil, sys, importlib
import aigc_edu.grading
from aigc_edu.commands import appeal, collect, forget, grade, regrade, release, report
from aigc_edu.exercises import lesson_exercises
from aigc_edu.grading.judge.grader import Task, Terms
from aigc_edu.grading.judge.pool import Workers, run
from tests.grading import sandboxed

if __name__ == "__main__":
    for info in pkgutil.walk_packages(aigc_edu.grading.__path__, "aigc_edu.grading."):
        importlib.import_module(info.name)
    terms = Terms(sandboxed.manifest(), "04", sandboxed.SECRET, boxed=False, only=("4.2",))
    lines = []
    task = Task("s01", 1, sandboxed.honest())
    run(terms, [lambda: task], Workers(1), lines.append)
    print(lines[0].status, [mark.status for mark in lines[0].exercises])
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform != "linux", reason="a submission is graded, in a fork")
def test_grading_on_this_machine_imports_nothing_of_dask(tmp_path: Path) -> None:
    """Neither here nor in a worker process: who imports it writes that down, and fails."""
    noted = tmp_path / "imported"
    for name in ("distributed", "dask"):
        (tmp_path / f"{name}.py").write_text(
            f"open({str(noted)!r}, 'a').write({name!r})\nraise RuntimeError('imported')\n"
        )
    program = tmp_path / "grades.py"
    program.write_text(_GRADES_LOCALLY)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(program)],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not noted.exists(), "something imports Dask"
    assert done.stdout == "graded ['right']\n", done.stderr[-2000:]


def test_without_the_extra_one_sentence_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match=r"not installed: .*pip install 'aigc-edu\[cluster\]'"):
        Workers(cluster="tcp://host:8786").pool(1)


class _Client:
    """As much of Dask's client as is used."""

    closed = 0

    def __init__(self, address: str, timeout: float) -> None:
        if "nobody" in address:
            raise OSError("Timed out trying to connect")

    def get_executor(self, pure: bool) -> concurrent.futures.Executor:
        assert pure is False, "the same file twice is graded twice"
        return concurrent.futures.ThreadPoolExecutor(1)

    def nthreads(self) -> dict[str, int]:
        return {"tcp://one": 2, "tcp://two": 3}

    def close(self) -> None:
        type(self).closed += 1


@pytest.fixture
def dask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stand-in for Dask, so that the adapter is tested where the extra is not installed."""
    module: Any = types.ModuleType("distributed")
    module.Client = _Client
    monkeypatch.setitem(sys.modules, "distributed", module)
    monkeypatch.setattr(_Client, "closed", 0)
    return _Client


def test_a_cluster_is_an_executor_that_closes_its_connection(dask: Any) -> None:
    pool, width = Workers(cluster="tcp://host:8786").pool(100)
    assert width == 5
    assert pool.submit(divmod, 7, 2).result() == (3, 1)
    pool.shutdown()
    assert dask.closed == 1


def test_a_scheduler_that_is_not_there_is_named(dask: Any) -> None:
    with pytest.raises(CourseError, match=r"No Dask scheduler was reached at tcp://nobody:1"):
        cluster_pool("tcp://nobody:1")


def test_processes_or_a_cluster() -> None:
    with pytest.raises(CourseError, match=r"either --workers or --dask"):
        Workers(2, "tcp://host:8786")
