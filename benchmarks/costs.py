"""What the course costs besides training: imports, memory, each lesson, the parts of the tests.

Run ``python benchmarks/costs.py [--lessons [NUMBER ...]] [--tests FILE] [--write]``.

- Imports: ``import torch``; the same with ``aigc_edu``; with ``matplotlib.pyplot``; and the imports
  of lesson 05's first cell; in fresh interpreters that take turns. "Over torch" is the difference
  of the whole times within a turn; "after torch" what the rest takes in the same interpreter once
  torch is there, without the noise of torch's own import. ``import aigc_edu`` may take 50 ms.
- Memory: the embedded digits as bytes, whether ``Batches`` on the CPU shares them, and by how much
  the resident set of a fresh process grows when the training digits are loaded and 200 batches
  drawn: as the course does it, and with the images as float32 in a ``TensorDataset``.
- ``--lessons``: seconds of ``aigc-edu run NUMBER`` for the lessons named, or for all, in order,
  once each, with the full budget and default threads and precision. As long as the lessons take.
- ``--tests FILE``: the summary that ends the output of ``make test``, kept in FILE.

``--write`` keeps the table as ``benchmarks/costs.json``; rows that were not measured this time stay
as they were, each with what it was measured on. Imports and memory take about two minutes;
``--turns 0`` leaves them out.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import HERE, keep, kept, machine, said, spread

from aigc_edu import lessons

ROOT = Path(__file__).resolve().parents[1]
TARGET = 50  # milliseconds that import aigc_edu may take over torch


class NotMeasuredError(Exception):
    """One sentence: what could not be measured, and what to do."""


# ---------------------------------------------------------------- imports

TIMED = """
import sys
from time import perf_counter
began = perf_counter()
exec(sys.argv[1], {})
middle = perf_counter()
exec(sys.argv[2], {})
print(perf_counter() - began, perf_counter() - middle)
"""


def first_cell_imports(notebook: Path) -> str:
    """The import statements of a notebook's first code cell."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    statements = [
        ast.unparse(statement)
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]
    return "\n".join(statements)


def output(program: str, *arguments: str) -> str:
    """What a fresh interpreter prints; its folder is empty, so that nothing else is imported."""
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotMeasuredError(f"A process that was to be measured failed ({last}): try it alone.")
    return ran.stdout


def import_times(base: str, further: Mapping[str, str], turns: int) -> dict[str, Any]:
    """Milliseconds of ``base`` alone, and of each further code after it, in turns.

    Args:
        base: code that every interpreter runs first.
        further: name -> code that runs after it.
        turns: measurements of each; one more at first is left out (files not yet read from disk).
    """
    whole: dict[str, list[float]] = {"": [], **{name: [] for name in further}}
    after: dict[str, list[float]] = {name: [] for name in further}
    for turn in range(turns + 1):
        for name in whole:
            both, rest = map(float, output(TIMED, base, further.get(name, "")).split())
            if turn:
                whole[name].append(1000 * both)
                if name:
                    after[name].append(1000 * rest)
    table: dict[str, Any] = {base: {"milliseconds": spread(whole[""], 1)}}
    for name in further:
        differences = (a - b for a, b in zip(whole[name], whole[""], strict=True))
        table[name] = {
            "milliseconds": spread(whole[name], 1),
            "over torch": spread(differences, 1),
            "after torch": spread(after[name], 1),
        }
    return table


def imports(turns: int) -> dict[str, Any]:
    """The table of the imports."""
    lesson = first_cell_imports(lessons.notebook_of("05"))
    further = {
        "import torch, aigc_edu": "import aigc_edu",
        # Most of what a lesson's first cell takes is not the course's own.
        "import torch, matplotlib.pyplot": "import matplotlib.pyplot",
        "first cell of lesson 05": lesson,
    }
    rows = import_times("import torch", further, turns)
    after = rows["import torch, aigc_edu"]["after torch"]["median"]
    for name, row in rows.items():
        print(f"{name}: " + ", ".join(f"{key} {said(value)}" for key, value in row.items()))
    print(f"import aigc_edu after torch: {after:.1f} ms, target {TARGET} ms", flush=True)
    return {
        "rows": rows,
        "turns": turns,
        "target, milliseconds after torch": TARGET,
        "within the target": after <= TARGET,
        "on": words(machine()),
    }


# ---------------------------------------------------------------- memory

HELD = """
import gc, itertools, json, sys
import psutil
import torch
from torch.utils.data import DataLoader, TensorDataset
from aigc_edu.data import Batches, load_digits

DRAWN = 200


def course(images):
    batches = Batches(images, 128, seed=0)
    for _ in range(DRAWN):
        next(batches)
    return batches


def tensors(images):
    images = images.float() / 255
    loader = DataLoader(TensorDataset(images), 128, shuffle=True, drop_last=True)
    passes = itertools.chain.from_iterable(itertools.repeat(loader))
    for _ in itertools.islice(passes, DRAWN):
        pass
    return loader


way = {"course": course, "tensors": tensors}[sys.argv[1]]
way(torch.zeros(256, 1, 28, 28, dtype=torch.uint8))  # what PyTorch sets up once
gc.collect()
before = psutil.Process().memory_info().rss
images = load_digits("train").images
found = {"images": len(images), "bytes": images.nbytes}
held = way(images)
if sys.argv[1] == "course":
    found["shared"] = held.images.data_ptr() == images.data_ptr()
del images
gc.collect()
found["grown"] = psutil.Process().memory_info().rss - before
print(json.dumps(found))
"""


def memory(turns: int) -> dict[str, Any]:
    """The table of the memory."""
    found: dict[str, list[dict[str, Any]]] = {"course": [], "tensors": []}
    for _ in range(turns):
        for way, results in found.items():
            results.append(json.loads(output(HELD, way)))
    first = found["course"][0]
    grown = {
        way: spread((one["grown"] / 1e6 for one in results), 1) for way, results in found.items()
    }
    table = {
        "images": first["images"],
        "megabytes as uint8": round(first["bytes"] / 1e6, 2),
        "Batches shares the images": all(one["shared"] for one in found["course"]),
        "resident set grows, megabytes": {
            "digits and 200 batches of the course": grown["course"],
            "float32 in a TensorDataset and 200 batches": grown["tensors"],
        },
        "turns": turns,
        "on": words(machine()),
    }
    print(
        f"{first['images']} digits: {table['megabytes as uint8']} MB as uint8, "
        f"{'shared' if table['Batches shares the images'] else 'COPIED'} by Batches; resident set "
        f"grows by {said(grown['course'])} MB, as float32 tensors {said(grown['tensors'])} MB",
        flush=True,
    )
    return table


# ---------------------------------------------------------------- lessons


def default_settings(folder: str) -> dict[str, str]:
    """The environment of a learner who set nothing and starts anew; a device asked for stays."""
    swept = ("AIGC_EDU_", "OMP_", "MKL_", "GOMP_", "KMP_", "OPENBLAS_")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name == "AIGC_EDU_DEVICE" or not name.startswith(swept)
    }
    # Nobody's progress or checkpoints are touched, and no data set beyond the embedded is found.
    for name in ("STATE", "CACHE"):
        environment[f"AIGC_EDU_{name}"] = os.path.join(folder, name.lower())
    environment["AIGC_EDU_BUDGET"] = "full"
    return environment


def lesson_numbers(asked: Sequence[str]) -> list[str]:
    """The lessons to run, in order: those asked for, or all.

    Raises:
        NotMeasuredError: if one is not there.
    """
    there = [lesson.number for lesson in lessons.shipped()]
    wanted = {number.zfill(2) for number in asked}
    missing = sorted(wanted - set(there))
    if missing:
        raise NotMeasuredError(f"There is no lesson {missing[0]}: choose among {', '.join(there)}.")
    return [number for number in there if number in wanted or not asked]


def stated_minutes(number: str, device: str) -> float | None:
    """What the lesson says about its own time on that device."""
    lesson = lessons.listed(number)
    return lesson.minutes.get("cpu" if device == "cpu" else "gpu") if lesson else None


def run_lesson(number: str) -> dict[str, Any]:
    """Seconds of one lesson, from the command to the files that it leaves.

    Raises:
        NotMeasuredError: if it does not run to its end.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = default_settings(folder)
        # Asked in the lesson's own environment, which has other threads than this process may have.
        program = (
            "import json, sys; sys.path.insert(0, sys.argv[1]); import measuring; "
            "from aigc_edu import training; device = training.device(); "
            "print(json.dumps([device.type, measuring.machine(str(device))]))"
        )
        asked = subprocess.run(
            [sys.executable, "-c", program, str(ROOT / "benchmarks")],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        device, found = json.loads(asked.stdout)
        command = [sys.executable, "-m", "aigc_edu", "run", number, "--out", folder]
        began = time.perf_counter()
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotMeasuredError(f"Lesson {number} did not run to its end: {last}")
    return {
        "seconds": round(seconds, 1),
        "stated minutes": stated_minutes(number, device),
        "budget": "full",
        "device": device,
        "on": words(found),
    }


# ---------------------------------------------------------------- the parts of the tests


def parse_summary(text: str) -> dict[str, dict[str, Any]]:
    """Each part that ran, from the last summary that ``make test`` printed.

    Returns:
        name -> {"seconds": ..., "result": "passed" or "FAILED"}; parts left out are not there.

    Raises:
        NotMeasuredError: if there is no summary.
    """
    _, heading, summary = text.rpartition("===== summary =====")
    found = re.findall(r"^(\S+)\s+(passed|FAILED|left out)\s+([\d.]+) s\s*$", summary, re.MULTILINE)
    if not heading or not found:
        raise NotMeasuredError(
            "The file holds no summary of 'make test': keep its whole output, "
            "for instance with 'make test > FILE'."
        )
    return {
        name: {"seconds": float(seconds), "result": result}
        for name, result, seconds in found
        if result != "left out"
    }


# ---------------------------------------------------------------- the whole


def words(found: Mapping[str, Any]) -> str:
    """A machine on one line, so that each row can say what it was measured on."""
    return ", ".join(f"{key} {value}" for key, value in found.items())


def earlier() -> dict[str, Any]:
    """The kept table, or an empty one."""
    try:
        return kept("costs")
    except FileNotFoundError:
        return {}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--turns", type=int, default=11, help="interpreters of each import; 0 leaves it out (11)"
    )
    parser.add_argument(
        "--lessons", nargs="*", metavar="NUMBER", help="run these lessons (or all) and time them"
    )
    parser.add_argument("--tests", type=Path, metavar="FILE", help="the output of make test")
    parser.add_argument("--write", action="store_true", help="keep the table as JSON")
    options = parser.parse_args(arguments)
    table = {"what": "imports in ms, memory in MB, lessons and parts of the tests in s"}
    table.update(earlier())
    failed = []
    try:
        if options.tests is not None:
            try:
                text = options.tests.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                raise NotMeasuredError(
                    f"{options.tests} cannot be read: {error.strerror}."
                ) from None
            # One thread each is what bootstrap.py sets for every part.
            on = words({**machine(), "threads": 1})
            for name, row in parse_summary(text).items():
                table.setdefault("tests", {})[name] = {**row, "on": on}
                print(f"tests, {name}: {row['seconds']} s, {row['result']}", flush=True)
        numbers = [] if options.lessons is None else lesson_numbers(options.lessons)
        if options.turns > 0:
            table["imports"] = imports(options.turns)
            table["memory"] = memory(min(options.turns, 5))
    except NotMeasuredError as error:
        parser.exit(1, f"{error}\n")
    for number in numbers:
        try:
            row = run_lesson(number)
        except NotMeasuredError as error:
            failed.append(str(error))
            print(error, flush=True)
            continue
        lessons = {**table.get("lessons", {}), number: row}
        table["lessons"] = dict(sorted(lessons.items()))
        stated = row["stated minutes"]
        print(
            f"lesson {number}: {row['seconds']} s = {row['seconds'] / 60:.1f} minutes"
            + ("" if stated is None else f", {stated} stated"),
            flush=True,
        )
        if options.write:  # a long run that is stopped leaves what it has
            (HERE / "costs.json").write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    keep(table, "costs", options.write)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
