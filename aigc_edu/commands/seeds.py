"""``aigc-edu seeds``: run a worked solution over several seeds and keep what it records."""

import json
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click


def _processor() -> str:
    """The processor's name, as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _conditions(settings: dict[str, str], code: str) -> dict[str, Any]:
    """All that the figures rest on besides the seed; equal conditions, comparable figures."""
    import numpy
    import torch

    from aigc_edu import __version__

    accelerator = torch.cuda.get_device_name() if settings["AIGC_EDU_DEVICE"] == "cuda" else None
    return {
        "code_sha256": code,
        "versions": {
            "aigc_edu": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": numpy.__version__,
        },
        "threads": int(settings["OMP_NUM_THREADS"]),
        "device": settings["AIGC_EDU_DEVICE"],
        "precision": settings["AIGC_EDU_PRECISION"],
        "budget": settings["AIGC_EDU_BUDGET"],
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "accelerator": accelerator,
    }


def _numbers(text: str) -> list[int]:
    try:
        found = [int(word) for word in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 0 or max(found) >= 2**32:
        raise click.BadParameter("give whole numbers from 0, with commas between: 0,1,2")
    return list(dict.fromkeys(found))


def _kept(path: Path, conditions: dict[str, Any]) -> dict[str, Any]:
    """The seeds that are there already, if they were measured under the same conditions."""
    from aigc_edu.errors import CourseError

    if not path.exists():
        return {}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        before, seeds = dict(table["conditions"]), dict(table["seeds"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path} holds no table of seeds: choose another file with --out, or delete it."
        ) from error
    before.pop("date", None)
    if before != conditions:
        changed = sorted(
            key for key in {*before, *conditions} if before.get(key) != conditions.get(key)
        )
        click.echo(f"{path.name} is of other conditions ({', '.join(changed)}): starting anew.")
        return {}
    return seeds


@click.command()
@click.argument("number")
@click.option("--seeds", "wanted", default="0,1,2", show_default=True, help="Which seeds to run.")
@click.option("--out", type=click.Path(path_type=Path), help="Else data/recorded/NN_seeds.json.")
@click.option("--again", is_flag=True, help="Run seeds again that are there already.")
@click.option(
    "--device", default="cpu", show_default=True, type=click.Choice(["cpu", "cuda", "mps"])
)
@click.option("--quick", is_flag=True, help="The quick budget: to see whether everything runs.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Another checkout than the one this command runs from.",
)
def command(
    number: str,
    wanted: str,
    out: Path | None,
    again: bool,
    device: str,
    quick: bool,
    root: Path | None,
) -> None:
    """Run the worked solution of lesson NUMBER once a seed; keep the figures it records.

    The file is written after every seed, so that the command can be stopped and goes on where it
    was. A seed whose notebook fails is kept as failed, and the command ends with exit code 1.
    """
    from aigc_edu.authoring.build import SETTINGS, Course, cell_timeout
    from aigc_edu.authoring.execute import ExecutionError, execute
    from aigc_edu.authoring.source import code_digest, read_source, solution_notebook
    from aigc_edu.errors import CourseError
    from aigc_edu.paths import PACKAGE
    from aigc_edu.training.files import write_atomically

    seeds = _numbers(wanted)
    course = Course.here() if root is None else Course.at(root.resolve())
    (name,) = course.choose([number])
    source = read_source(course.source(name))
    notebook = solution_notebook(source)
    settings = dict(SETTINGS)
    settings["AIGC_EDU_DEVICE"] = device
    settings["AIGC_EDU_BUDGET"] = "quick" if quick else "full"
    conditions = _conditions(settings, code_digest(source, ""))
    path = out or PACKAGE / "data" / "recorded" / f"{source.number}_seeds.json"
    done = _kept(path, conditions)
    for seed in seeds:
        if str(seed) in done and "failed" not in done[str(seed)] and not again:
            click.echo(f"seed {seed}: there already")
            continue
        started = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="aigc-edu-seeds-") as folder:
            figures = Path(folder) / "figures.json"
            work = Path(folder) / "work"
            work.mkdir()
            environment = {
                **settings,
                "AIGC_EDU_SEED": str(seed),
                "AIGC_EDU_RECORD": str(figures),
                "AIGC_EDU_STATE": str(Path(folder) / "state"),
            }
            failed: dict[str, str] = {}
            try:
                execute(notebook, cwd=work, env=environment, timeout=cell_timeout(source))
            except ExecutionError as error:
                if error.cell_index is None:  # no kernel: nothing was learned about this seed
                    raise
                failed = {"failed": str(error)}
            recorded = json.loads(figures.read_text("utf-8")) if figures.exists() else {}
        if not recorded and not failed:
            raise CourseError(
                f"The solution of {name} recorded nothing: call training.record(...) in it."
            )
        done[str(seed)] = {
            "figures": recorded,
            "seconds": round(time.perf_counter() - started, 1),
            **failed,
        }
        table = {
            "lesson": source.number,
            "conditions": {**conditions, "date": datetime.now(UTC).date().isoformat()},
            "seeds": {key: done[key] for key in sorted(done, key=int)},
        }
        write_atomically(path, (json.dumps(table, indent=2) + "\n").encode())
        shown = ", ".join(
            f"{key} {value:.4g}"
            for key, value in recorded.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        )
        click.echo(
            f"seed {seed}: {done[str(seed)]['seconds']} s  {failed.get('failed', '')}{shown}"
        )
    broken = [str(seed) for seed in seeds if "failed" in done[str(seed)]]
    if broken:
        raise CourseError(
            f"The solution of {name} failed with seed {', '.join(broken)}: see 'failed' in {path}."
        )
