"""The harness itself: it must fail where a notebook is wrong."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from aigc_edu.authoring.source import parse, solution_notebook

HERE = Path(__file__).resolve().parent

TEXT = """---
kernelspec:
  name: python3
  display_name: Python 3
aigc_edu:
  number: "{number}"
  title: Sums
  part: One
  minutes: {{reading: 1, cpu: 1, gpu: 1}}
---

```{{code-cell}} ipython3
import os

print(os.environ["AIGC_EDU_BUDGET"], os.environ.get("AIGC_EDU_SEED"))
```

```{{code-cell}} ipython3
print("took", 3.25, "s at", object())
```

```{{code-cell}} ipython3
from pathlib import Path

print(Path(os.environ["AIGC_EDU_STATE"]).name)
```
"""


def load(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def notebook(number: str, outputs: list[str]) -> nbformat.NotebookNode:
    made = solution_notebook(parse(f"{number}_sums", TEXT.format(number=number)))
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    for count, (cell, text) in enumerate(zip(code, outputs, strict=True), start=1):
        cell["execution_count"] = count
        cell["outputs"] = [nbformat.v4.new_output("stream", text=text)]
    return made


@pytest.mark.slow
def test_strict_mode_compares_and_isolates(tmp_path: Path) -> None:
    """One notebook fits its outputs, up to what is sanitized; the other says another budget."""
    (tmp_path / "solutions").mkdir()
    took = "took 3.18 s at <object object at 0x7f0000000000>\n"
    for number, budget in (("41", "full"), ("42", "quick")):
        made = notebook(number, [f"{budget} None\n", took, f"{number}_sums\n"])
        nbformat.write(made, tmp_path / "solutions" / f"{number}_sums.ipynb")
    done = subprocess.run(
        [sys.executable, str(HERE / "run.py"), "solutions", "--root", str(tmp_path), "-v"],
        env={**os.environ, "AIGC_EDU_SEED": "5", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    failed = set(re.findall(r"FAILED \S*?(\d\d_sums\.ipynb::\S+(?: \d)?)", done.stdout))
    assert done.returncode == 1, done.stdout + done.stderr
    assert failed == {"42_sums.ipynb::Cell 0"}, done.stdout
    assert "7 passed" in done.stdout  # 3 + 3 cells less one, and the exercises of both


def test_nothing_to_run_is_no_success(tmp_path: Path) -> None:
    run = load("run")
    assert run.main(["lessons", "--root", str(tmp_path)]) == 5


def test_the_command_has_both_time_outs_and_keeps_notebooks_together(tmp_path: Path) -> None:
    run = load("run")
    for folder in ("lessons", "solutions"):
        (tmp_path / folder).mkdir()
        for name in ("01_a", "02_b"):
            (tmp_path / folder / f"{name}.ipynb").write_text("{}")
    for what, mode in (("lessons", "--nbval-lax"), ("solutions", "--nbval")):
        options, _ = run.arguments([what, "--root", str(tmp_path)])
        command = run.pytest_command(options)
        assert {mode, "--nbval-current-env", "--nbval-cell-timeout", "--timeout"} <= set(command)
        assert command[command.index("--dist") + 1] == "loadfile"
        assert len([word for word in command if word.endswith(".ipynb")]) == 2
    options, _ = run.arguments(["lessons", "2", "--root", str(tmp_path)])
    assert [w for w in run.pytest_command(options) if w.endswith(".ipynb")] == [
        str(tmp_path / "lessons" / "02_b.ipynb")
    ]


def test_exercises_of_a_solution_must_be_right_and_of_a_lesson_not_started() -> None:
    problems = load("course_notebooks").exercise_problems
    both = ["7.1", "7.2"]
    right = {"7.1": "right", "7.2": "right"}
    assert problems(both, both, right, lesson=False) == []
    assert problems(both, both, {}, lesson=True) == []
    assert problems(both, both, {"7.1": "right"}, lesson=False) == [
        "exercise 7.2 is 'not started' and should be 'right'"
    ]
    assert problems(both, both, {"7.1": "wrong"}, lesson=True) == [
        "exercise 7.1 is 'wrong' and should be 'not started'"
    ]
    assert problems(both, ["7.1"], right, lesson=False) == ["exercise 7.2 is never checked"]
    assert len(problems(["7.1"], both, right, lesson=False)) == 1
    # Lesson 00 shows the states on purpose, but has to check its exercises all the same.
    assert problems(both, both, {"7.1": "wrong"}, lesson=True, demonstrates=True) == []
    assert len(problems(both, [], {}, lesson=True, demonstrates=True)) == 2


def test_checks_are_found_where_they_stand() -> None:
    made = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell('used = check("7.1", f)\nprint("check(7.3)")'),
            nbformat.v4.new_markdown_cell('check("7.2", g)'),
        ]
    )
    assert load("course_notebooks").checked_exercises(made) == ["7.1"]


def test_time_limits_are_four_times_the_minutes(tmp_path: Path) -> None:
    plugin = load("course_notebooks")
    for minutes, seconds in ((0.5, 120), (2.5, 600)):
        path = tmp_path / "05_x.ipynb"
        path.write_text(f'{{"metadata": {{"aigc_edu": {{"minutes": {{"cpu": {minutes}}}}}}}}}')
        assert plugin.time_limit(path) == seconds
    path.write_text("no JSON")
    assert plugin.time_limit(path) == 120
