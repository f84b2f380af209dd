"""`aigc-edu run`: results, progress, and every way to fail in one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from aigc_edu import files, paths
from aigc_edu.commands import run


def write(path: Path, *sources: str) -> Path:
    cells = [new_markdown_cell("# Sums of $n$\n"), *(new_code_cell(source) for source in sources)]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def aigc_edu(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aigc_edu", "run", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=300,
    )


def fails(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The command failed with one sentence that holds all ``words``."""
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("aigc-edu: ")
    for word in words:
        assert word in done.stderr


@pytest.fixture
def lessons(monkeypatch, tmp_path):
    """A folder of two lessons in place of the course's own."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    write(folder / "00_start_here.ipynb", "print('zero')")
    write(folder / "05_training.ipynb", "print('five')")
    monkeypatch.setattr(paths, "lessons_dir", lambda: folder)
    return folder


def test_a_notebook_runs_and_leaves_both_files(tmp_path):
    source = write(
        tmp_path / "mine.ipynb",
        "import os\nprint(os.path.basename(os.getcwd()))",
        "# a comment first\n1 + 1",
    )
    before = source.read_bytes()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = aigc_edu(elsewhere, source, "--out", "a/b")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[1].startswith("[1/2] import os")
    assert lines[2].startswith("[2/2] # a comment first")
    assert all(line.endswith(" s") for line in lines[1:3])
    executed = nbformat.read(elsewhere / "a/b/mine.ipynb", as_version=4)
    # The kernel works in the notebook's own folder, as in Jupyter.
    assert executed.cells[1].outputs[0].text == f"{tmp_path.name}\n"
    assert executed.cells[2].outputs[0].data["text/plain"] == "2"
    page = (elsewhere / "a/b/mine.html").read_text(encoding="utf-8")
    assert "<title>Sums of n</title>" in page
    assert "<math" in page
    assert sorted(path.name for path in (elsewhere / "a/b").iterdir()) == [
        "mine.html",
        "mine.ipynb",
    ]
    assert source.read_bytes() == before


def test_a_cell_that_raises_leaves_what_ran(tmp_path):
    source = write(tmp_path / "mine.ipynb", "print('first')", "1 / 0", "print('last')")
    done = aigc_edu(tmp_path, source)
    fails(done, "Cell 2 of 3 ('1 / 0') raised ZeroDivisionError: division by zero.", "mine.html")
    executed = nbformat.read(tmp_path / "runs/mine.ipynb", as_version=4)
    assert executed.cells[1].outputs[0].text == "first\n"
    assert executed.cells[2].outputs[0].ename == "ZeroDivisionError"
    assert executed.cells[3].outputs == []
    assert "ZeroDivisionError" in (tmp_path / "runs/mine.html").read_text(encoding="utf-8")


def test_a_cell_that_takes_too_long(tmp_path):
    source = write(tmp_path / "mine.ipynb", "import time\ntime.sleep(600)")
    fails(aigc_edu(tmp_path, source, "--timeout", 1), "took longer than 1 s")


def test_a_kernel_that_dies(tmp_path):
    source = write(tmp_path / "mine.ipynb", "import os\nos._exit(9)")
    fails(aigc_edu(tmp_path, source), "ended the kernel")


@pytest.mark.parametrize("number", ["5", "05", "005"])
def test_a_lesson_by_its_number(lessons, number):
    assert run.find_lesson(number) == lessons / "05_training.ipynb"


def test_a_number_that_does_not_exist_names_those_that_do(lessons):
    with pytest.raises(run.CourseError, match=r"no lesson 42: the lessons are 00, 05\.$"):
        run.find_lesson("42")


def test_the_number_reaches_the_command_line(tmp_path):
    fails(aigc_edu(tmp_path, "77"), "There is no lesson 77")


@pytest.mark.parametrize(
    "content",
    [
        b"not JSON",
        b"",
        b"[]",
        b"{}",
        b'{"cells": []}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "odd"}]}',
        b'{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        b"\x89PNG\r\n\xff\xfe",
    ],
)
def test_what_is_no_notebook(tmp_path, content):
    path = tmp_path / "odd.ipynb"
    path.write_bytes(content)
    with pytest.raises(run.CourseError, match="is not a Jupyter notebook"):
        run.read_notebook(path)


def test_no_notebook_on_the_command_line(tmp_path):
    (tmp_path / "odd.ipynb").write_text("not JSON")
    fails(aigc_edu(tmp_path, "odd.ipynb"), "odd.ipynb is not a Jupyter notebook")
    fails(aigc_edu(tmp_path, "missing.ipynb"), "There is no notebook missing.ipynb")
    assert not (tmp_path / "runs").exists()


def test_an_old_notebook_without_ids_runs_too(tmp_path):
    old = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": []}
    (tmp_path / "old.ipynb").write_text(json.dumps(old))
    assert run.read_notebook(tmp_path / "old.ipynb").cells == []


def test_a_folder_that_cannot_be_written(tmp_path):
    source = write(tmp_path / "mine.ipynb", "1")
    (tmp_path / "taken").write_text("a file")
    done = aigc_edu(tmp_path, source, "--out", "taken")
    fails(done, "Nothing can be written to taken", "--out")
    assert "[1/1]" not in done.stdout  # found out before anything ran
    assert (tmp_path / "taken").read_text() == "a file"


def test_results_never_replace_the_notebook_itself(tmp_path):
    source = write(tmp_path / "mine.ipynb", "1")
    before = source.read_bytes()
    fails(aigc_edu(tmp_path, "mine.ipynb", "--out", "."), "would be replaced")
    assert source.read_bytes() == before


def test_a_full_disk_keeps_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "mine.html"
    path.write_text("before")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    notebook = new_notebook()
    with pytest.raises(run.CourseError, match="No space left on device"):
        run.leave_results(notebook, name="mine", source=tmp_path / "mine.ipynb", folder=tmp_path)
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.html"]


def test_a_timeout_must_be_positive(tmp_path):
    done = aigc_edu(tmp_path, "00", "--timeout", 0)
    assert done.returncode == 2
    assert "--timeout" in done.stderr
