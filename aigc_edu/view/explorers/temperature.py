"""How wild samples are: the latents of all of them, multiplied by one number."""

import math
from typing import TYPE_CHECKING, Any

import torch

from aigc_edu.errors import CourseError
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
def temperature(
    decoder: Any,
    *,
    count: int = 20,
    highest: float = 3.0,
    seed: int = 0,
    output: Output = "logits",
    latent_size: int | None = None,
    alt: str | None = None,
) -> Explorer:
    """Draw from the prior and multiply every latent by one number, the temperature.

    Args:
        decoder: as in :func:`~aigc_edu.view.explore.latent_plane`.
        count: how many samples are shown.
        highest: where the slider ends; it begins at 0.
        seed: of the first latents; a button draws others.
        output: as in :func:`~aigc_edu.view.explore.latent_plane`.
        latent_size: numbers in a latent, if the decoder has no ``latent_size``.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import load_decoder
    >>> temperature(load_decoder())
    """
    network = Decoder(decoder, output, latent_size)
    count = checked_count("count", count)
    if not (math.isfinite(highest) and highest > 0):
        raise CourseError(f"highest is a temperature above 0, not {highest!r}.")
    columns = min(count, 10)

    def answer(values: list[float]) -> Answer:
        heat, presses = values
        latent = heat * normal_latents(count, network.latent_size, seed + presses)
        images = network(latent)
        fields, buffer = pixels_answer(images, network.value_range)
        varies = float(network.to_unit(images).std(dim=0).mean()) if count > 1 else 0
        fields["sentence"] = (
            f"Temperature {heat:.2f}: from image to image a pixel varies by {varies:.2f} "
            "(standard deviation, average over the pixels)."
        )
        return fields, buffer

    heats = [heat for heat in (0.0, 0.5, 1.0, 2.0) if heat <= highest]

    def static() -> tuple["Image", None, str]:
        latent = normal_latents(columns, network.latent_size, seed)
        images = torch.cat([network(heat * latent) for heat in heats])
        return grid_picture(
            images,
            network.value_range,
            columns=columns,
            title="The same latents at temperature "
            + ", ".join(f"{heat:g}" for heat in heats)
            + ", from top to bottom",
        )

    return Explorer(
        "temperature",
        label="Temperature: multiply the latents of all samples by one number",
        controls=[
            range_control("temperature", 0.0, highest, start=min(1.0, highest), step=0.05),
            draw_control("Other latents"),
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"Rows of {columns} images drawn from the same latents, multiplied by "
        + ", ".join(f"{heat:g}" for heat in heats)
        + " from top to bottom. In the first row all are the same.",
        hint="Move the slider; the latents stay the same until you draw others.",
        pictures=[
            group(f"{count} samples at this temperature.", count=count, columns=columns, scale=2)
        ],
    )
