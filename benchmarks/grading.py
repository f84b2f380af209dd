"""How fast a class is graded: 1 worker, 2 workers, a local Dask cluster; memory a submission.

    python benchmarks/grading.py --students 200

Every submission is lesson 04's worked notebook, pictures included, in which some answers are
stubs and some are wrong. Nothing else should run beside it. The marks must be the same each
time; that is asserted.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from click.testing import CliRunner

from aigc_edu import paths
from aigc_edu.cli import group
from aigc_edu.grading.judge.ledger import Ledger, MarkLine, standings

WRONG = [
    ("0.5 * share.sum(dim=1)", "0.5 * share.mean(dim=1)"),
    ("0.5 * share.sum(dim=1)", "share.sum(dim=1)"),
    ("return 0.5 *", "return 2 *"),
]


def write_class(folder: Path, students: int) -> None:
    """Notebooks and a roster."""
    folder.mkdir()
    solution = json.loads((paths.solutions_dir() / "04_vae_derivation.ipynb").read_text())
    lesson = json.loads((paths.lessons_dir() / "04_vae_derivation.ipynb").read_text())
    stubs = {cell["id"]: cell["source"] for cell in lesson["cells"]}
    names = [f"s{number:03d}" for number in range(students)]
    for number, name in enumerate(names):
        source = random.Random(number)
        made = json.loads(json.dumps(solution))
        for cell in made["cells"]:
            answers = cell["id"] in stubs and stubs[cell["id"]] != cell["source"]
            if answers and source.random() < 0.15:
                cell["source"] = stubs[cell["id"]]
            elif answers and source.random() < 0.15:
                old, new = source.choice(WRONG)
                cell["source"] = "".join(cell["source"]).replace(old, new)
        (folder / f"{name}.ipynb").write_text(json.dumps(made))
    (folder.parent / "roster.csv").write_text("id\n" + "\n".join(names) + "\n")
    (folder.parent / "seed").write_text("a seed for the benchmark alone\n")


def grade(place: Path, handed: Path, name: str, *words: str) -> tuple[float, Path]:
    """Seconds that 'aigc-edu grade' takes, and its folder."""
    out = place / name
    began = time.perf_counter()
    given = ["--seed-file", place / "seed", "--roster", place / "roster.csv", "--out", out]
    words = tuple(map(str, ("grade", handed, "--lesson", "04", *given, *words)))
    result = CliRunner().invoke(group, words)
    assert result.exit_code == 0, (result.output, result.exception)
    return time.perf_counter() - began, out


def marks(out: Path) -> dict[tuple[str, int], list[tuple[str, str, float]]]:
    """What counts, without times."""
    found = standings(Ledger(out).lines(), "04")
    return {
        place: [(m.id, m.status, m.points) for m in standing.exercises.values()]
        for place, standing in found.items()
    }


def main() -> None:
    """Time the three, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=200, help="the class; 0 leaves it out")
    parser.add_argument("--few", type=int, default=30, help="for the comparison; 0 leaves it out")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.few:
            compare(Path(folder), given.few)
        if given.students:
            whole_class(Path(folder), given.students)


def said(what: str, count: int, seconds: float) -> None:
    """One line."""
    rate = 60 * count / seconds
    print(f"{what}: {count} in {seconds:.0f} s, {rate:.1f} a minute", flush=True)


def compare(place: Path, count: int) -> None:
    """One worker, two workers and two of Dask's: the same marks."""
    few = place / "few"
    write_class(few, count)
    one, out_one = grade(place, few, "one", "--workers", "1")
    said("1 worker", count, one)
    two, out_two = grade(place, few, "two", "--workers", "2")
    said("2 workers", count, two)
    assert marks(out_one) == marks(out_two)
    try:
        from distributed import LocalCluster
    except ModuleNotFoundError:
        print("no Dask here (the extra 'cluster'), so without it")
        return
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        dask, out_dask = grade(place, few, "dask", "--dask", cluster.scheduler_address)
    said("2 workers of Dask, the same marks", count, dask)
    assert marks(out_one) == marks(out_dask)


def whole_class(place: Path, count: int) -> None:
    """A class, with memory."""
    everybody = place / "everybody"
    write_class(everybody, count)
    seconds, out = grade(place, everybody, "whole", "--workers", "2")
    said("2 workers", count, seconds)
    lines = [line for line in Ledger(out).lines() if isinstance(line, MarkLine)]
    memory = [line.memory_mb for line in lines]
    print(f"memory a submission: median {statistics.median(memory):.0f}, most {max(memory):.0f} MB")
    print(f"seconds a submission: median {statistics.median(x.seconds for x in lines):.1f}")
    counts = [mark.status for line in lines for mark in line.exercises]
    print({status: counts.count(status) for status in sorted(set(counts))})


if __name__ == "__main__":
    main()
