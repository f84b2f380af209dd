"""``aigc-edu assets picture``: the README's picture, from lesson 07's own training loop."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from PIL.Image import Image

LESSON = "07"
COLUMNS, ROWS = 8, 4  # latents of the film
FRAME, LAST_FRAME = 450, 2500  # milliseconds that a picture stands
STRIP = (0, 3, 5, 7, 11)  # frames of the still picture


def _frames(film: list[Any]) -> "list[Image]":
    """The film's images, (count, 1, 28, 28) floats in [0, 1] a frame, as grids."""
    from PIL import Image as pillow

    from aigc_edu.view.pictures import tile, to_pixels

    return [
        pillow.fromarray(
            tile(to_pixels(images[: COLUMNS * ROWS])[0], columns=COLUMNS, zoom=2, gap=2)
        )
        for images in film
    ]


def _strip(frames: "list[Image]") -> "Image":
    """A few frames' left halves side by side, for readers without moving pictures."""
    from PIL import Image as pillow

    chosen = [frames[min(index, len(frames) - 1)] for index in STRIP]
    width, height = chosen[0].width // 2, chosen[0].height
    strip = pillow.new("L", (len(chosen) * (width + 12) - 12, height), "white")
    for place, frame in enumerate(chosen):
        strip.paste(frame.crop((0, 0, width, height)), (place * (width + 12), 0))
    return strip


@click.command()
@click.option("--seed", default=0, show_default=True, help="Of weights, order and noise.")
@click.option("--quick", is_flag=True, help="The quick budget: to see whether everything runs.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="A folder to write to; else docs/pictures."
)
def picture(seed: int, quick: bool, out: Path | None) -> None:
    """Train lesson 07 and make noise_to_digits.gif and .png from the pictures it kept."""
    import io
    import tempfile

    from aigc_edu.authoring.build import SETTINGS, Course, cell_timeout
    from aigc_edu.authoring.execute import execute
    from aigc_edu.authoring.source import read_source, solution_notebook
    from aigc_edu.errors import CourseError
    from aigc_edu.files import write_atomically
    from aigc_edu.training.checkpoints import read_extra

    course = Course.here()
    (name,) = course.choose([LESSON])
    source = read_source(course.source(name))
    notebook = solution_notebook(source)
    cells = [cell.source for cell in notebook.cells]
    saved = next((n for n, text in enumerate(cells) if "save_checkpoint(" in text), None)
    if saved is None:
        raise CourseError(f"{name} saves no checkpoint: its film cannot be read.")
    # What comes after the checkpoint is not needed, nor what is claimed at the full budget.
    notebook.cells = [
        cell
        for cell in notebook.cells[: saved + 1]
        if "solution-only" not in cell.metadata.get("tags", [])
    ]
    with tempfile.TemporaryDirectory(prefix="aigc-edu-picture-") as folder:
        environment = {
            **SETTINGS,
            "AIGC_EDU_BUDGET": "quick" if quick else "full",
            "AIGC_EDU_SEED": str(seed),
            "AIGC_EDU_STATE": folder,
        }
        execute(notebook, cwd=Path(folder), env=environment, timeout=cell_timeout(source))
        (checkpoint,) = (Path(folder) / "checkpoints").glob(f"{LESSON}_*.safetensors")
        frames = _frames(read_extra(checkpoint, "film"))
    target = out or course.docs / "pictures"
    target.mkdir(parents=True, exist_ok=True)
    moving, still = io.BytesIO(), io.BytesIO()
    few = [frame.quantize(16) for frame in frames]
    durations = [FRAME] * (len(few) - 1) + [LAST_FRAME]
    few[0].save(moving, "GIF", save_all=True, append_images=few[1:], duration=durations, loop=0)
    _strip(frames).save(still, "PNG", optimize=True)
    for suffix, content in (("gif", moving.getvalue()), ("png", still.getvalue())):
        path = target / f"noise_to_digits.{suffix}"
        write_atomically(path, content)
        click.echo(f"{path}: {len(content):,} bytes")
