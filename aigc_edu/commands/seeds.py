"""``aigc-edu seeds``: run a worked solution over several seeds and keep what it records."""

import contextlib
import hashlib
import json
import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from nbformat import NotebookNode


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
        seeds = [int(word) for word in text.split(",")]
    except ValueError:
        seeds = []
    if not seeds or min(seeds) < 0 or max(seeds) >= 2**32:
        raise click.BadParameter("give whole numbers from 0, with commas between: 0,1,2")
    return list(dict.fromkeys(seeds))


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The conditions, without the date, and the seeds of a table.

    Raises:
        CourseError: if the file holds none.
    """
    from aigc_edu.errors import CourseError

    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        conditions, seeds = dict(table["conditions"]), dict(table["seeds"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path} holds no table of seeds: choose another file with --out, or delete it."
        ) from error
    conditions.pop("date", None)
    return conditions, seeds


def _kept(path: Path, conditions: dict[str, Any]) -> dict[str, Any]:
    """The seeds that are there already, if they were measured under the same conditions."""
    if not path.exists():
        return {}
    before, seeds = _read(path)
    if before != conditions:
        changed = sorted(
            key for key in {*before, *conditions} if before.get(key) != conditions.get(key)
        )
        click.echo(f"{path.name} is of other conditions ({', '.join(changed)}): starting anew.")
        return {}
    return seeds


def _shown(figures: dict[str, Any]) -> str:
    """Figures as one line."""
    return ", ".join(
        f"{key} {value:.4g}"
        for key, value in figures.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    )


class _Keep:
    """Puts one seed into the table: after each row, and at its end.

    Attributes:
        rows: those that need not be run again.
    """

    def __init__(
        self,
        path: Path,
        lesson: str,
        conditions: dict[str, Any],
        seed: int,
        before: dict[str, Any],
        asked: str | None,
        again: bool,
    ) -> None:
        self._path, self._lesson, self._conditions, self._seed = path, lesson, conditions, seed
        self.rows: dict[str, Any] = before["figures"].get("rows", {})
        if again and asked is not None:
            names = [*self.rows] if asked == "all" else asked.split(",")
            self.rows = {name: row for name, row in self.rows.items() if name not in names}
        self._whole = asked == "all" or (asked is not None and before.get("rows") == "all")
        self._said = set(self.rows)
        self._earlier = float(before["seconds"]) if self.rows else 0.0
        self._started = time.perf_counter()

    def rows_so_far(self, recorded: dict[str, Any]) -> None:
        """Keep the rows that are finished, and say so."""
        for name, figures in recorded["rows"].items():
            if name not in self._said:
                self._said.add(name)
                click.echo(f"seed {self._seed}, {name}: {_shown(figures)}")
        self._write(recorded)

    def all_of(self, recorded: dict[str, Any], failed: str) -> None:
        """Keep all that the notebook recorded."""
        if "rows" in recorded:
            self.rows_so_far(recorded)
        status = {"rows": "all"} if self._whole and not failed else {}
        seconds = self._write(recorded, **status, **({"failed": failed} if failed else {}))
        click.echo(f"seed {self._seed}: {seconds} s  {failed}{_shown(recorded)}")

    def _write(self, recorded: dict[str, Any], **more: str) -> float:
        """Beside what another run of this command put into the table meanwhile."""
        from filelock import FileLock

        from aigc_edu.files import write_atomically

        seconds = round(self._earlier + time.perf_counter() - self._started, 1)
        name = hashlib.sha256(str(self._path.resolve()).encode()).hexdigest()[:16]
        with FileLock(Path(tempfile.gettempdir()) / f"aigc-edu-seeds-{name}.lock"):
            seeds: dict[str, Any] = {}
            if self._path.exists():
                conditions, there = _read(self._path)
                seeds = there if conditions == self._conditions else {}
            seeds[str(self._seed)] = {"figures": recorded, "seconds": seconds, **more}
            table = {
                "lesson": self._lesson,
                "conditions": {**self._conditions, "date": datetime.now(UTC).date().isoformat()},
                "seeds": {key: seeds[key] for key in sorted(seeds, key=int)},
            }
            write_atomically(self._path, (json.dumps(table, indent=2) + "\n").encode())
        return seconds


@contextlib.contextmanager
def _watching(figures: Path, on_rows: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Call ``on_rows`` with the record whenever a running notebook has added rows to it."""
    ended = threading.Event()

    def read() -> dict[str, Any]:
        return dict(json.loads(figures.read_text("utf-8")))  # always whole: it is renamed

    def watch(seen: int) -> None:
        while not ended.wait(1.0):
            recorded = read()
            if len(recorded.get("rows", {})) > seen:
                seen = len(recorded["rows"])
                on_rows(recorded)

    thread = threading.Thread(target=watch, args=[len(read().get("rows", {}))], daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _run(
    notebook: "NotebookNode",
    settings: dict[str, str],
    timeout: float,
    start: dict[str, Any],
    on_rows: Callable[[dict[str, Any]], None],
) -> tuple[dict[str, Any], str]:
    """Execute a notebook whose record begins with ``start``: the record, and why it failed."""
    from aigc_edu.authoring.execute import ExecutionError, execute

    with tempfile.TemporaryDirectory(prefix="aigc-edu-seeds-") as folder:
        figures = Path(folder) / "figures.json"
        figures.write_text(json.dumps(start), "utf-8")
        work = Path(folder) / "work"
        work.mkdir()
        environment = {
            **settings,
            "AIGC_EDU_RECORD": str(figures),
            "AIGC_EDU_STATE": str(Path(folder) / "state"),
        }
        failed = ""
        try:
            with _watching(figures, on_rows):
                execute(notebook, cwd=work, env=environment, timeout=timeout)
        except ExecutionError as error:
            if error.cell_index is None:  # no kernel: nothing was learned about this seed
                raise
            failed = str(error)
        return json.loads(figures.read_text("utf-8")), failed


def _complete(row: dict[str, Any], asked: str | None) -> bool:
    """Whether a seed of the table has all that is asked for."""
    if "failed" in row:
        return False
    if asked is None or row.get("rows") == "all":
        return True
    there = row["figures"].get("rows", {})
    return asked != "all" and all(name in there for name in asked.split(","))


@click.command()
@click.argument("number")
@click.option("--seeds", "wanted", default="0,1,2", show_default=True, help="Which seeds to run.")
@click.option(
    "--rows",
    "asked",
    help="Rows of a lesson with an ablation, with commas between.  [default: all]",
)
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
    asked: str | None,
    out: Path | None,
    again: bool,
    device: str,
    quick: bool,
    root: Path | None,
) -> None:
    """Run the worked solution of lesson NUMBER once a seed; keep the figures it records.

    A lesson with an ablation (one that has a cell tagged 'table') is run up to that cell, with
    all the rows of its table or those named by --rows.

    The file is written after every row and every seed, so that the command can be stopped and
    goes on where it was; two of them, with different seeds, may fill one table. A seed whose
    notebook fails is kept as failed, and the command ends with exit code 1.
    """
    from aigc_edu.authoring.build import SETTINGS, Course, cell_timeout
    from aigc_edu.authoring.source import read_source, solution_notebook, up_to_table
    from aigc_edu.errors import CourseError
    from aigc_edu.paths import PACKAGE

    seeds = _numbers(wanted)
    course = Course.here() if root is None else Course.at(root.resolve())
    (name,) = course.choose([number])
    source = read_source(course.source(name))
    part = up_to_table(source)
    if part is not None:
        source, asked = part, ",".join(word.strip() for word in (asked or "all").split(","))
    elif asked is not None:
        raise CourseError(
            f"{name} has no cell tagged 'table', so it has no rows to choose: leave --rows out."
        )
    notebook = solution_notebook(source)
    settings = dict(SETTINGS)
    settings["AIGC_EDU_DEVICE"] = device
    settings["AIGC_EDU_BUDGET"] = "quick" if quick else "full"
    settings["AIGC_EDU_ROWS"] = asked or ""
    conditions = _conditions(settings, notebook.metadata["aigc_edu"]["code_sha256"])
    path = out or PACKAGE / "data" / "recorded" / f"{source.number}_seeds.json"
    broken = []
    for seed in seeds:
        done = _kept(path, conditions)  # read anew: another run may have added seeds meanwhile
        before = done.get(str(seed), {"figures": {}, "seconds": 0.0})
        if str(seed) in done and _complete(before, asked) and not again:
            click.echo(f"seed {seed}: there already")
            continue
        keep = _Keep(path, source.number, conditions, seed, before, asked, again)
        recorded, failed = _run(
            notebook,
            {**settings, "AIGC_EDU_SEED": str(seed)},
            # All the rows are one cell, where a learner's run has two.
            cell_timeout(source) * (1 if asked is None else 10),
            {"rows": keep.rows} if keep.rows else {},
            keep.rows_so_far if asked is not None else lambda _: None,
        )
        if not recorded and not failed:
            raise CourseError(
                f"The solution of {name} recorded nothing: call training.record(...) in it."
            )
        if asked is not None and not failed and "rows" not in recorded:
            raise CourseError(
                f"The solution of {name} recorded no row: call training.record_row(...) in it, "
                "before the end of the cell tagged 'table'."
            )
        keep.all_of(recorded, failed)
        if failed:
            broken.append(str(seed))
    if broken:
        raise CourseError(
            f"The solution of {name} failed with seed {', '.join(broken)}: see 'failed' in {path}."
        )
