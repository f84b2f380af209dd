"""Lessons 05, 07 and 08 with Fashion-MNIST, by the one line that their text says to change."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aigc_edu.authoring.build import Course
from aigc_edu.authoring.source import lesson_notebook, read_source
from aigc_edu.data.catalog import FASHION_MNIST

# What each lesson's text says; the test does it.
ADVICE = re.compile(r"change `(?P<old>[^`]+)` to `(?P<new>[^`]+)` in the imports of the first cell")

# The catalog knows the hashes of the real files: here those of the small ones.
BEGINNING = """
import dataclasses, hashlib, traceback
from aigc_edu import paths
from aigc_edu.data.catalog import DATA_SETS
fashion = DATA_SETS["fashion-mnist"]
folder = paths.cache_dir() / fashion.name
files = tuple(
    dataclasses.replace(file, sha256=hashlib.sha256((folder / file.name).read_bytes()).hexdigest())
    for file in fashion.files
)
DATA_SETS["fashion-mnist"] = dataclasses.replace(fashion, files=files)
namespace = {"__name__": "__main__"}
def run_cell(code):
    try:
        exec(code, namespace)
    except Exception:
        print("FAILED", traceback.format_exc().splitlines()[-2:], repr(code[:60]))
"""
END = """
images = namespace["train_images"] if "train_images" in namespace else namespace["train"].images
print("TRAINED ON", images[:19_000].sum().item(), "STEPS", namespace["run"].steps_done)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "stops"),
    [
        ("05", []),
        ("07", []),
        # It compares with the recorded runs, which were trained on digits.
        ("08", ["long_runs = {"]),
    ],
)
def test_the_lesson_runs_with_the_line_changed(
    fashion: Any, tmp_path: Path, number: str, stops: list[str]
) -> None:
    course = Course.here()
    [name] = course.choose([number])
    cells = lesson_notebook(read_source(course.source(name))).cells
    [text] = [cell.source for cell in cells if "load_fashion_mnist" in cell.source]
    assert f"`aigc-edu data get fashion-mnist` in a terminal ({FASHION_MNIST.megabytes} MB)" in text
    advice = ADVICE.search(text)
    assert advice is not None
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    code[0] = code[0].replace(advice["old"], advice["new"], 1)
    assert re.search(rf"^(from .*|    ){advice['new']},", code[0], flags=re.M)  # in an import
    script = tmp_path / "lesson.py"
    calls = [f"run_cell({cell!r})\n" for cell in code]
    script.write_text("".join([BEGINNING, *calls, END]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ
        | {"AIGC_EDU_BUDGET": "quick", "AIGC_EDU_STATE": str(tmp_path), "MPLBACKEND": "Agg"},
        capture_output=True,
        encoding="utf-8",
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert len(failed) == len(stops), failed
    assert all(word in line for word, line in zip(stops, failed, strict=True)), failed
    ink = int(fashion.arrays["train-images"][:19_000].sum(dtype="int64"))
    assert re.search(rf"TRAINED ON {ink} STEPS [1-9]", done.stdout), done.stdout[-200:]
