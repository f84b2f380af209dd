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
from aigc_edu.grading.records import Ledger, MarkLine, standings

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
    parser.add_argument("--students", type=int, default=200, help="for two workers")
    parser.add_argument("--few", type=int, default=30, help="for one worker, and for Dask")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        few, all_of_them = place / "few", place / "all"
        write_class(few, given.few)
        one, out_one = grade(place, few, "one", "--workers", "1")
        print(f"1 worker:  {given.few} in {one:.0f} s, {60 * given.few / one:.1f} a minute")
        two, out_two = grade(place, few, "two", "--workers", "2")
        print(f"2 workers: {given.few} in {two:.0f} s, {60 * given.few / two:.1f} a minute")
        assert marks(out_one) == marks(out_two)
        from distributed import LocalCluster

        with LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
        ) as cluster:
            dask, out_dask = grade(place, few, "dask", "--dask", cluster.scheduler_address)
        print(f"Dask, 2 workers: {given.few} in {dask:.0f} s, {60 * given.few / dask:.1f} a minute")
        assert marks(out_one) == marks(out_dask)
        write_class(all_of_them, given.students)
        whole, out = grade(place, all_of_them, "whole", "--workers", "2")
        rate = 60 * given.students / whole
        print(f"2 workers: {given.students} in {whole:.0f} s, {rate:.1f} a minute")
        lines = [line for line in Ledger(out).lines() if isinstance(line, MarkLine)]
        memory = [line.memory_mb for line in lines]
        print(
            f"memory a submission, the whole tree: median {statistics.median(memory):.0f} MB, "
            f"most {max(memory):.0f} MB"
        )
        print(f"seconds a submission in its worker: {statistics.median(x.seconds for x in lines)}")
        counts = [mark.status for line in lines for mark in line.exercises]
        print({status: counts.count(status) for status in sorted(set(counts))})


if __name__ == "__main__":
    main()
