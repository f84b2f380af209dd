"""``aigc-edu assets trained``: the models of lessons 03, 05, 07 and 08, from their own loops."""

import hashlib
import json
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_edu.commands.seeds import _conditions, _numbers

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from torch import Tensor, nn

LARGEST = 3_100_000  # bytes of one file
GENERATED = 5000  # as many as there are test digits


def _until_saved(notebook: "NotebookNode", lesson: str) -> "NotebookNode":
    """A worked solution up to the cell that saves its checkpoint."""
    from aigc_edu.errors import CourseError

    cells = [cell.source for cell in notebook.cells]
    # The file's name stands in the cell itself or, where the loop follows, in the one before.
    saved = next(
        (
            n
            for n, text in enumerate(cells)
            if "save_checkpoint(" in text and "def new_" not in text
        ),
        None,
    )
    if saved is None:
        raise CourseError(f"Lesson {lesson} saves no checkpoint: it has nothing to embed.")
    # What is claimed at the full budget is the notebook's own test, not this command's.
    notebook.cells = [
        cell
        for cell in notebook.cells[: saved + 1]
        if "solution-only" not in cell.metadata.get("tags", [])
    ]
    return notebook


def figures(model: "nn.Module") -> dict[str, float]:
    """What a model reaches on the 5,000 test digits; always the same numbers for one model."""
    import torch

    from aigc_edu.data import load_digits, to_range
    from aigc_edu.metrics import class_shares, image_frechet_distance
    from aigc_edu.models import Autoencoder, ConvVAE, generate
    from aigc_edu.models.embed import mean_elbo

    digits = load_digits("test").images
    real = to_range(digits, 0.0, 1.0)
    drawn = generate(model, GENERATED, torch.Generator().manual_seed(0))
    figures = {
        "frechet_distance": round(image_frechet_distance(real, drawn), 3),
        "smallest_share": round(float(class_shares(drawn).min()), 4),
    }
    if isinstance(model, Autoencoder):
        with torch.no_grad():
            error = (model(real) - real).square().sum(dim=(1, 2, 3)).mean()
        figures["test_squared_error"] = round(float(error), 4)
    if isinstance(model, ConvVAE):
        figures["test_elbo_nats"] = round(mean_elbo(model, digits), 3)
    return figures


def halved(weights: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    """Weights in half precision; whole numbers stay what they are."""
    return {
        key: (value.half() if value.is_floating_point() else value).contiguous()
        for key, value in weights.items()
    }


@click.command()
@click.option("--only", help="Some of: autoencoder, vae, gan, dcgan, with commas between.")
@click.option("--seeds", default="0,1,2", show_default=True, help="Which seeds to run.")
@click.option("--again", is_flag=True, help="Train again what is there already.")
@click.option("--quick", is_flag=True, help="The quick budget: to see whether everything runs.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="A folder to write to; else the package's own."
)
def trained(only: str | None, seeds: str, again: bool, quick: bool, out: Path | None) -> None:
    """Run lessons 03, 05, 07 and 08 until each has saved its model; keep the weights.

    The loops are the lessons' own. Each model's weights are written in half precision, one file a
    seed, and what it reaches with them stands in one JSON file. Written after every seed: the
    command can be stopped and goes on where it was.
    """
    from safetensors.torch import load, save

    from aigc_edu.authoring.build import SETTINGS, Course, cell_timeout
    from aigc_edu.authoring.execute import execute
    from aigc_edu.authoring.source import read_source, solution_notebook
    from aigc_edu.errors import CourseError
    from aigc_edu.files import write_atomically
    from aigc_edu.models.embedded import FOLDER, TRAINED, model_of
    from aigc_edu.training.trained import SAVED, saved_weights

    names = only.split(",") if only else list(TRAINED)
    if unknown := [name for name in names if name not in TRAINED]:
        raise click.BadParameter(f"there is no {unknown[0]!r}: {', '.join(TRAINED)}")
    folder = out or FOLDER
    course = Course.here()
    settings = {**SETTINGS, "AIGC_EDU_BUDGET": "quick" if quick else "full"}
    for name in names:
        lesson = SAVED[name][0]
        (source_name,) = course.choose([lesson[:2]])
        source = read_source(course.source(source_name))
        notebook = _until_saved(solution_notebook(source), lesson[:2])
        code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        conditions = _conditions(settings, hashlib.sha256(code.encode()).hexdigest())
        path = folder / f"{name}.json"
        record: dict[str, Any] = {"conditions": conditions, "seeds": {}}
        if path.exists() and not again:
            before = json.loads(path.read_text(encoding="utf-8"))
            before["conditions"].pop("date", None)
            if before["conditions"] == conditions:
                record = before
            else:
                click.echo(f"{path.name} is of other conditions: starting anew.")
        for seed in _numbers(seeds):
            if str(seed) in record["seeds"]:
                click.echo(f"{name}, seed {seed}: there already")
                continue
            started = time.perf_counter()
            with tempfile.TemporaryDirectory(prefix="aigc-edu-trained-") as run_folder:
                environment = {**settings, "AIGC_EDU_SEED": str(seed), "AIGC_EDU_STATE": run_folder}
                execute(
                    notebook, cwd=Path(run_folder), env=environment, timeout=cell_timeout(source)
                )
                checkpoint = Path(run_folder) / "checkpoints" / f"{lesson}.safetensors"
                weights = halved(saved_weights(checkpoint, name))
            content = save(weights)
            if len(content) > LARGEST:
                raise CourseError(f"{name} would have {len(content):,} bytes; {LARGEST:,} at most.")
            # Read back, so that the figures are those of what is stored.
            stored = {
                key: value.float() if value.is_floating_point() else value
                for key, value in load(content).items()
            }
            reached = figures(model_of(name, stored))
            write_atomically(folder / f"{name}_{seed}.safetensors", content)
            record["seeds"][str(seed)] = {
                "figures": reached,
                "seconds": round(time.perf_counter() - started, 1),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            table = {
                "name": name,
                "lesson": lesson[:2],
                "precision": "float32, stored as float16",
                "conditions": {**conditions, "date": datetime.now(UTC).date().isoformat()},
                "seeds": {key: record["seeds"][key] for key in sorted(record["seeds"], key=int)},
            }
            write_atomically(path, (json.dumps(table, indent=2) + "\n").encode())
            reached_text = ", ".join(f"{key} {value:.4g}" for key, value in reached.items())
            click.echo(f"{name}, seed {seed}: {len(content):,} bytes, {reached_text}")
