"""``aigc-edu seeds`` on a small course of its own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aigc_edu.commands.seeds import command
from aigc_edu.errors import CourseError

LESSON = """---
kernelspec:
  name: python3
  display_name: Python 3
aigc_edu:
  number: "42"
  title: A small one
  part: Test
  minutes: {reading: 1, cpu: 1, gpu: 1}
---

# A small lesson

```{code-cell} ipython3
import os
from aigc_edu.training import budget, record, seed

def double(x):
    # BEGIN SOLUTION
    # STUB: return TODO
    return 2 * x
    # END SOLUTION

record(doubled=double(seed()), steps=budget(1, 2, 3))
assert seed() != 13, "an unlucky one"
```
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "42_small.md").write_text(LESSON)
    return tmp_path


def run(course: Path, *arguments: str) -> Result:
    out = course / "seeds.json"
    return CliRunner().invoke(
        command,
        ["42", "--root", str(course), "--out", str(out), *arguments],
    )


def table(course: Path) -> dict:  # type: ignore[type-arg]
    return json.loads((course / "seeds.json").read_text())  # type: ignore[no-any-return]


@pytest.mark.slow
def test_figures_of_each_seed_are_kept_and_not_measured_twice(course: Path) -> None:
    first = run(course, "--seeds", "3,1")
    assert first.exit_code == 0, first.output
    kept = table(course)
    assert kept["lesson"] == "42"
    assert list(kept["seeds"]) == ["1", "3"]
    assert kept["seeds"]["3"]["figures"] == {"doubled": 6, "steps": 2}
    assert kept["seeds"]["3"]["seconds"] > 0
    assert {"threads", "device", "versions", "processor", "date"} <= set(kept["conditions"])

    second = run(course, "--seeds", "1,2,3")
    assert second.exit_code == 0
    assert second.output.count("there already") == 2
    after = table(course)
    assert after["seeds"]["3"] == kept["seeds"]["3"]
    assert after["seeds"]["2"]["figures"]["doubled"] == 4

    # Other code, other figures: nothing old is kept beside the new.
    source = course / "solutions" / "42_small.md"
    source.write_text(LESSON.replace("2 * x", "3 * x"))
    third = run(course, "--seeds", "1")
    assert "starting anew" in third.output
    assert table(course)["seeds"].keys() == {"1"}
    assert table(course)["seeds"]["1"]["figures"]["doubled"] == 3


@pytest.mark.slow
def test_a_failing_seed_is_kept_as_failed(course: Path) -> None:
    result = run(course, "--seeds", "13,0", "--quick")
    assert isinstance(result.exception, CourseError)
    seeds = table(course)["seeds"]
    assert "an unlucky one" in seeds["13"]["failed"]
    assert seeds["13"]["figures"] == {"doubled": 26, "steps": 1}
    assert "failed" not in seeds["0"]


@pytest.mark.slow
def test_a_solution_that_records_nothing(course: Path) -> None:
    source = course / "solutions" / "42_small.md"
    source.write_text(LESSON.replace("record(doubled=double(seed()), steps=budget(1, 2, 3))", ""))
    result = run(course, "--seeds", "0")
    assert "recorded nothing" in str(result.exception)
    assert not (course / "seeds.json").exists()


def test_what_cannot_be_run(course: Path) -> None:
    for bad in ("", "a", "-1", "1;2"):
        assert run(course, "--seeds", bad).exit_code == 2
    result = CliRunner().invoke(command, ["77", "--root", str(course)])
    assert isinstance(result.exception, CourseError)
    (course / "seeds.json").write_text("[]")
    result = run(course)
    assert isinstance(result.exception, CourseError)
    assert (course / "seeds.json").read_text() == "[]"
