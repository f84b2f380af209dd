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
    (tmp_path / "solutions").mkdir(exist_ok=True)
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


ABLATION = """---
kernelspec:
  name: python3
  display_name: Python 3
aigc_edu:
  number: "43"
  title: One with rows
  part: Test
  minutes: {reading: 1, cpu: 1, gpu: 1}
---

```{code-cell} ipython3
import pathlib
from aigc_edu import training

mine = "double"
results = {}
```

```{code-cell} ipython3
:tags: [table]

for name in training.rows(["plain", "double", "broken", "more"], default=["plain", mine]):
    with open(r"PLACE/log", "a") as log:
        print(training.seed(), name, file=log)
    assert name != "broken" or pathlib.Path(r"PLACE/mended").exists(), "it broke"
    results[name] = training.seed() * (2 if name == "double" else 1)
    training.record_row(name, value=results[name])
training.record(noise=0.5)
```

```{code-cell} ipython3
training.record(after_the_table=1)
assert list(results) == ["plain", "double"]
```
"""


@pytest.fixture
def ablation(tmp_path: Path) -> Path:
    (tmp_path / "solutions").mkdir(exist_ok=True)
    text = ABLATION.replace("PLACE", str(tmp_path))
    (tmp_path / "solutions" / "43_rows.md").write_text(text)
    return tmp_path


def run_rows(course: Path, *arguments: str) -> Result:
    out = course / "seeds.json"
    return CliRunner().invoke(command, ["43", "--root", str(course), "--out", str(out), *arguments])


def trained(course: Path) -> list[str]:
    """The rows that were run since the last call."""
    log = course / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


@pytest.mark.slow
def test_all_rows_run_up_to_the_table_and_a_stopped_seed_goes_on(ablation: Path) -> None:
    first = run_rows(ablation, "--seeds", "3")
    assert isinstance(first.exception, CourseError)
    assert trained(ablation) == ["3 plain", "3 double", "3 broken"]
    kept = table(ablation)["seeds"]["3"]
    assert "it broke" in kept["failed"]
    assert kept["figures"] == {"rows": {"double": {"value": 6}, "plain": {"value": 3}}}

    (ablation / "mended").touch()
    second = run_rows(ablation, "--seeds", "3,4")
    assert second.exit_code == 0, second.output
    assert trained(ablation) == ["3 broken", "3 more"] + [
        f"4 {name}" for name in ("plain", "double", "broken", "more")
    ]
    assert "seed 4, double: value 8" in second.output
    seeds = table(ablation)["seeds"]
    assert set(seeds["3"]["figures"]["rows"]) == {"plain", "double", "broken", "more"}
    assert seeds["3"]["figures"]["noise"] == 0.5
    assert not any("failed" in seed for seed in seeds.values())
    # The cells after the table were not run.
    assert "after_the_table" not in seeds["3"]["figures"]

    assert run_rows(ablation, "--seeds", "3", "--rows", "plain").output.strip().endswith("already")
    again = run_rows(ablation, "--seeds", "3", "--rows", "double, more", "--again")
    assert again.exit_code == 0, again.output
    assert trained(ablation) == ["3 double", "3 more"]
    assert run_rows(ablation, "--seeds", "3,4").output.count("there already") == 2

    # What comes after the table does not make it stale, what comes before does.
    source = ablation / "solutions" / "43_rows.md"
    source.write_text(source.read_text() + "\n```{code-cell} ipython3\nx = 1\n```\n")
    assert run_rows(ablation, "--seeds", "3,4").output.count("there already") == 2
    source.write_text(source.read_text().replace("results = {}", "results = {}  # new"))
    stale = run_rows(ablation, "--seeds", "4", "--rows", "plain")
    assert "starting anew" in stale.output
    seeds = table(ablation)["seeds"]
    assert {key: list(seed["figures"]["rows"]) for key, seed in seeds.items()} == {"4": ["plain"]}


@pytest.mark.slow
def test_rows_that_are_not_there(course: Path, ablation: Path) -> None:
    assert "no rows to choose" in str(run(course, "--rows", "plain").exception)
    result = run_rows(ablation, "--seeds", "1", "--rows", "tall")
    assert "There is no row 'tall'" in table(ablation)["seeds"]["1"]["failed"]
    assert isinstance(result.exception, CourseError)


@pytest.mark.slow
def test_two_runs_fill_one_table_row_by_row(
    ablation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one seed runs, another process adds its own; neither loses the other's."""
    from aigc_edu.commands import seeds as room

    (ablation / "mended").touch()
    assert run_rows(ablation, "--seeds", "1").exit_code == 0
    before = table(ablation)
    (ablation / "seeds.json").unlink()
    real = room._run

    def slow(*arguments: object) -> object:
        # The other process writes after this one has read the table.
        (ablation / "seeds.json").write_text(json.dumps(before))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "_run", slow)
    assert run_rows(ablation, "--seeds", "2").exit_code == 0
    assert table(ablation)["seeds"].keys() == {"1", "2"}
    assert table(ablation)["seeds"]["1"] == before["seeds"]["1"]
