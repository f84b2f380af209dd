"""Costs: imports of fresh interpreters, memory, lessons in their settings, summaries of tests."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(path: Path) -> ModuleType:
    """A script as a module, which finds its neighbors as a script does."""
    spec = importlib.util.spec_from_file_location(f"{path.stem}_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(path.parent))
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """benchmarks/costs.py, keeping its table in a folder of the test's own."""
    module = load(ROOT / "benchmarks" / "costs.py")
    (tmp_path / "kept").mkdir()
    monkeypatch.setattr(module, "HERE", tmp_path / "kept")
    monkeypatch.setattr(sys.modules[module.keep.__module__], "HERE", tmp_path / "kept")
    return module


def table_in(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "kept" / "costs.json").read_text())
    return found


# ---------------------------------------------------------------- imports


def test_what_comes_after_the_base_is_told_from_it(costs: ModuleType) -> None:
    base = "import time; time.sleep(0.1)"
    slow = "import time; time.sleep(0.2)"
    table = costs.import_times(base, {"nothing": "pass", "slow": slow}, turns=3)
    assert list(table) == [base, "nothing", "slow"]
    # Sleep is never shorter; that a busy machine makes it longer is allowed for.
    assert table[base]["milliseconds"]["median"] >= 100
    assert table["slow"]["milliseconds"]["median"] >= 300
    assert table["slow"]["after torch"]["median"] >= 200
    assert table["nothing"]["after torch"]["median"] < 100
    assert table["nothing"]["over torch"]["median"] < table["slow"]["over torch"]["median"]


def test_code_that_fails_is_one_sentence(costs: ModuleType) -> None:
    with pytest.raises(costs.NotMeasuredError, match=r"ModuleNotFoundError.*try it alone"):
        costs.import_times("pass", {"none": "import no_such_module_at_all"}, turns=1)


def test_a_target_that_is_missed_is_said(
    costs: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for milliseconds, within in ((20.0, True), (80.0, False)):
        spread = {"median": milliseconds, "low": 0.0, "high": 0.0}
        rows = {"import torch, aigc_edu": {"after torch": spread}}
        monkeypatch.setattr(costs, "import_times", lambda base, further, turns, rows=rows: rows)
        assert costs.imports(3)["within the target"] is within
        assert f"{milliseconds} ms, target 50 ms" in capsys.readouterr().out


def test_only_the_imports_of_the_first_code_cell(costs: ModuleType, tmp_path: Path) -> None:
    code = "import math\nfrom os import (\n    path,\n    sep,\n)\n\nuse_style()\nx = 1"
    cells = [
        {"cell_type": "markdown", "source": ["import that"]},
        {"cell_type": "code", "source": code.splitlines(keepends=True)},
        {"cell_type": "code", "source": ["import later"]},
    ]
    (tmp_path / "05.ipynb").write_text(json.dumps({"cells": cells}))
    found = costs.first_cell_imports(tmp_path / "05.ipynb")
    assert found == "import math\nfrom os import path, sep"


def test_lesson_05_still_opens_with_its_imports(costs: ModuleType) -> None:
    found = costs.first_cell_imports(costs.lessons.notebook_of("05"))
    assert "import torch" in found.splitlines()
    assert "from aigc_edu" in found


# ---------------------------------------------------------------- memory


@pytest.mark.slow
def test_the_digits_are_held_once(costs: ModuleType) -> None:
    table = costs.memory(1)
    assert table["images"] == 20_000
    assert table["megabytes as uint8"] == pytest.approx(20_000 * 784 / 1e6, abs=0.01)
    assert table["Batches shares the images"] is True
    grown = table["resident set grows, megabytes"]
    course, floats = (value["median"] for value in grown.values())
    assert course >= 15  # the bytes themselves
    assert floats >= 4 * 15.6  # the floats themselves
    assert course < floats


# ---------------------------------------------------------------- lessons


def test_a_lesson_runs_as_for_a_learner_who_set_nothing(
    costs: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("AIGC_EDU_BUDGET", "quick")
    monkeypatch.setenv("AIGC_EDU_SEED", "9")
    monkeypatch.setenv("AIGC_EDU_STATE", "/home/somebody")
    monkeypatch.setenv("AIGC_EDU_DEVICE", "cpu")
    settings = costs.default_settings("folder")
    assert "OMP_NUM_THREADS" not in settings
    assert {name: value for name, value in settings.items() if name.startswith("AIGC_EDU_")} == {
        "AIGC_EDU_BUDGET": "full",
        "AIGC_EDU_DEVICE": "cpu",
        "AIGC_EDU_STATE": str(Path("folder/state")),
        "AIGC_EDU_CACHE": str(Path("folder/cache")),
    }
    assert "PATH" in settings


def test_which_lessons(costs: ModuleType) -> None:
    every = costs.lesson_numbers([])
    assert every == sorted(every)
    assert {"00", "05", "90"} <= set(every)
    assert costs.lesson_numbers(["5", "00"]) == ["00", "05"]
    with pytest.raises(costs.NotMeasuredError, match="There is no lesson 77: choose among 00"):
        costs.lesson_numbers(["5", "77"])


def lesson(folder: Path, number: str, code: str) -> None:
    """A lesson of one cell."""
    import nbformat
    from nbformat import v4

    notebook = v4.new_notebook(cells=[v4.new_code_cell(code)])
    notebook.metadata["aigc_edu"] = {"number": number, "minutes": {"cpu": 2.5, "gpu": 1}}
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / f"{number}_topic.ipynb")


@pytest.mark.slow
def test_a_lesson_is_timed_and_one_that_fails_is_not(
    costs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIGC_EDU_DEVICE", "cpu")
    lesson(tmp_path / "lessons", "05", "import time\ntime.sleep(1.5)")
    lesson(tmp_path / "lessons", "07", "raise ValueError('no digits today')")
    monkeypatch.setattr(costs.lessons.paths, "lessons_dir", lambda: tmp_path / "lessons")
    run = costs.subprocess.run

    def by_file(command, **settings):  # a number means a lesson of the course
        command = list(command)
        if "run" in command:
            number = command.index("run") + 1
            command[number] = str(tmp_path / "lessons" / f"{command[number]}_topic.ipynb")
        return run(command, **settings)

    monkeypatch.setattr(costs.subprocess, "run", by_file)
    row = costs.run_lesson("05")
    assert 1.5 < row["seconds"] < 60
    assert row["stated minutes"] == 2.5
    assert row["device"] == "cpu"
    assert "torch" in row["on"]
    with pytest.raises(costs.NotMeasuredError, match="Lesson 07 did not run to its end"):
        costs.run_lesson("07")


def test_rows_that_were_not_measured_stay(
    costs: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def row(seconds: float) -> dict[str, Any]:
        return {"seconds": seconds, "stated minutes": 2.5, "on": "another machine"}

    before = {
        "imports": {"on": "another machine"},
        "lessons": {"05": row(100.0), "07": row(200.0)},
        "tests": {"unit": {"seconds": 9.0, "result": "passed", "on": "another machine"}},
    }
    (tmp_path / "kept" / "costs.json").write_text(json.dumps(before))

    def run(number: str) -> dict[str, Any]:
        if number == "01":
            raise costs.NotMeasuredError("Lesson 01 did not run to its end: why not")
        return {"seconds": 60.0, "stated minutes": None, "on": "this machine"}

    monkeypatch.setattr(costs, "run_lesson", run)
    assert costs.main(["--turns", "0", "--lessons", "5", "1", "0", "--write"]) == 1
    printed = capsys.readouterr().out
    assert "Lesson 01 did not run to its end: why not" in printed
    assert "lesson 05: 60.0 s = 1.0 minutes" in printed
    after = table_in(tmp_path)
    assert list(after["lessons"]) == ["00", "05", "07"]
    assert after["lessons"]["05"]["on"] == "this machine"
    assert after["lessons"]["07"] == before["lessons"]["07"]
    assert after["imports"] == before["imports"]
    assert after["tests"] == before["tests"]


def test_without_write_nothing_is_kept(costs: ModuleType, tmp_path: Path) -> None:
    assert costs.main(["--turns", "0"]) == 0
    assert list((tmp_path / "kept").iterdir()) == []


# ---------------------------------------------------------------- the parts of the tests


@pytest.fixture
def summary(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> str:
    """What ``make test`` prints around its summary: by bootstrap.py itself, with nothing run."""
    bootstrap = load(ROOT / "bootstrap.py")
    clock = iter([0.0, 0.5, 1.0, 8.25, 10.0, 1244.5, 1250.0, 1300.0, 1310.0])
    monkeypatch.setattr(bootstrap.time, "time", lambda: next(clock))
    monkeypatch.setattr(bootstrap, "set_up", lambda venv, extras: "python")
    monkeypatch.setattr(bootstrap, "find_browser", lambda: None)
    monkeypatch.setattr(
        bootstrap,
        "run_tested",
        lambda command, settings: (
            (1, ["3 failed, 900 passed in 1234.50s"]) if "tests" in command else (0, [])
        ),
    )
    assert bootstrap.run_parts("venv", ["lint", "unit", "browser"]) == 1
    monkeypatch.undo()
    return capsys.readouterr().out


def test_the_summary_that_bootstrap_prints(costs: ModuleType, summary: str) -> None:
    assert costs.parse_summary(summary) == {
        "set-up": {"seconds": 0.5, "result": "passed"},
        "lint": {"seconds": 7.2, "result": "passed"},
        "unit": {"seconds": 1234.5, "result": "FAILED"},
    }


def test_of_several_summaries_the_last_counts(costs: ModuleType, summary: str) -> None:
    later = "\n===== summary =====\nlint       passed      9.9 s\nAll parts passed in 10 s\n"
    assert costs.parse_summary(summary + later) == {"lint": {"seconds": 9.9, "result": "passed"}}


@pytest.mark.parametrize(
    "text",
    ["", "lint       passed      9.9 s\n", "===== summary =====\n", "===== summary =====\nKilled"],
)
def test_a_file_without_a_summary(costs: ModuleType, text: str) -> None:
    with pytest.raises(costs.NotMeasuredError, match="keep its whole output"):
        costs.parse_summary(text)


def test_the_parts_of_the_tests_are_kept(
    costs: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tests.txt"
    file.write_text("\n===== summary =====\nlint       passed      9.9 s\n")
    assert costs.main(["--turns", "0", "--tests", str(file), "--write"]) == 0
    row = table_in(tmp_path)["tests"]["lint"]
    assert (row["seconds"], row["result"]) == (9.9, "passed")
    assert "threads 1" in row["on"]
    for unreadable, sentence in ((tmp_path / "none", "cannot be read"), (tmp_path, "cannot be")):
        with pytest.raises(SystemExit) as stopped:
            costs.main(["--turns", "0", "--tests", str(unreadable)])
        assert stopped.value.code == 1
        assert sentence in capsys.readouterr().err
