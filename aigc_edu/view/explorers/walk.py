"""A walk through a generator's noise."""

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from aigc_edu.view.explorers.arguments import checked_count
from aigc_edu.view.explorers.base import (
    Answer,
    Explorer,
    draw_control,
    grid_picture,
    group,
    pixels_answer,
    range_control,
    shows,
)
from aigc_edu.view.explorers.decoders import Decoder, Output, normal_latents

if TYPE_CHECKING:
    from PIL.Image import Image


@shows
def noise_walk(
    generator: Any,
    *,
    count: int = 10,
    seed: int = 0,
    output: Output = (-1.0, 1.0),
    latent_size: int | None = None,
    alt: str | None = None,
) -> Explorer:
    """Walk through a generator's noise in a circle and see the images change.

    Each image has two draws of noise, a and b, and is drawn from cos(t) a + sin(t) b. For every
    t that is again a standard normal draw, so each step shows what the generator was trained for.

    Args:
        generator: a module or function from noise (batch, latent) to images (batch, 1, height,
            width).
        count: how many images walk.
        seed: of the first noise; a button draws another walk.
        output: the two values that are drawn black and white, or "logits".
        latent_size: numbers in a latent, if the generator has no ``latent_size``.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import MLPGenerator
    >>> noise_walk(MLPGenerator())
    """
    network = Decoder(generator, output, latent_size, name="The generator")
    count = checked_count("count", count)
    columns = min(count, 5)

    def noise(turn: float, scale: float, presses: float, many: int) -> Tensor:
        both = normal_latents(2 * count, network.latent_size, seed + presses)
        a, b = both[:many], both[count : count + many]
        return scale * (math.cos(turn) * a + math.sin(turn) * b)  # (many, latent)

    def answer(values: list[float]) -> Answer:
        angle, scale, presses = values
        images = network(noise(math.radians(angle), scale, presses, count))
        return pixels_answer(images, network.value_range)

    rows = min(count, 4)

    def static() -> tuple["Image", None, str]:
        turns = [math.radians(10 * step) for step in range(10)]  # a quarter of the circle
        images = [network(noise(turn, 1.0, 0, rows)) for turn in turns]
        walks = torch.stack(images, dim=1)  # (rows, steps, 1, height, width)
        return grid_picture(
            walks.flatten(0, 1),
            network.value_range,
            columns=10,
            title="Each row is one walk through the noise, ten steps of ten degrees",
        )

    return Explorer(
        "noise walk",
        label="Noise walk: go round a circle in the generator's noise",
        controls=[
            range_control("angle", 0, 360, start=0, step=2, unit="°", play=2, around=True),
            range_control("scale of the noise", 0.0, 2.0, start=1.0, step=0.05),
            draw_control("Another walk"),
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"{rows} rows of ten images. In each row the noise turns by ten degrees from image to "
        "image.",
        hint="Play walks round the circle; at 360° you are back. Scale 1 is what it was trained "
        "for.",
        pictures=[group(f"{count} generated images.", count=count, columns=columns, scale=3)],
    )
