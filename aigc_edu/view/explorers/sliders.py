"""One slider a latent."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.arguments import checked_codes, code_names, latent_size_of
from aigc_edu.view.explorers.base import (
    Answer,
    Explorer,
    choice_control,
    grid_picture,
    group,
    pixels_answer,
    range_control,
    shows,
)
from aigc_edu.view.explorers.decoders import Decoder, Output

if TYPE_CHECKING:
    from PIL.Image import Image


@shows
def latent_sliders(
    decoder: Any,
    codes: Tensor | None = None,
    *,
    labels: Any = None,
    order: Sequence[int] | Tensor | None = None,
    output: Output = "logits",
    latent_size: int | None = None,
    alt: str | None = None,
) -> Explorer:
    """One slider a latent: set each number by hand and see what it tells the decoder.

    Args:
        decoder: as in :func:`~aigc_edu.view.explore.latent_plane`.
        codes: (count, latent), to start from; at most 200. All at 0 is always among the choices.
        labels: one for each code.
        order: the latents in the order of their sliders, such as the most talkative first; those
            left out stay as they are.
        output: as in :func:`~aigc_edu.view.explore.latent_plane`.
        latent_size: numbers in a latent, if the decoder has no ``latent_size``.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import load_decoder
    >>> latent_sliders(load_decoder())
    """
    network = Decoder(decoder, output, latent_size_of(decoder, codes, latent_size))
    size = network.latent_size
    middle = torch.zeros(1, size)
    names = ["all at 0"]
    starting = middle  # the codes to start from
    if codes is not None:
        codes = checked_codes(codes, size)
        names = [*code_names(labels, len(codes)), *names]
        starting = torch.cat([codes, middle])  # (count + 1, latent)
    elif labels is not None:
        raise CourseError("There are labels but no codes: pass the codes that they belong to.")
    moved = list(range(size)) if order is None else [int(one) for one in order]
    if not moved or len(set(moved)) != len(moved) or not all(0 <= one < size for one in moved):
        raise CourseError(
            f"order names latents from 0 to {size - 1}, each at most once and at least one."
        )
    if len(moved) > 64:
        raise CourseError(
            f"{len(moved)} sliders are too many for a page: name at most 64 of them with order."
        )
    reach = max(3.0, math.ceil(float(starting.abs().max())))

    def answer(values: list[float]) -> Answer:
        start = starting[round(values[0])]
        latent = start.clone()
        latent[moved] = torch.tensor(values[1:])
        return pixels_answer(network(torch.stack([start, latent])), network.value_range)

    pictured = moved[:5]  # in the still picture, a row each
    ticks = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]

    def static() -> tuple["Image", None, str]:
        latents = starting[0].repeat(len(pictured), len(ticks), 1)  # (rows, columns, latent)
        for row, latent in enumerate(pictured):
            latents[row, :, latent] = torch.tensor(ticks)
        return grid_picture(
            network(latents.flatten(0, 1)),
            network.value_range,
            columns=len(ticks),
            title=f"One latent moved from −3 to 3; top to bottom latent "
            f"{', '.join(map(str, pictured))}",
        )

    return Explorer(
        "latent sliders",
        label="Latent sliders: set each number of a code by hand",
        controls=[
            choice_control("start from", names, sets=starting[:, moved].tolist()),
            *(
                range_control(
                    f"latent {latent}",
                    -reach,
                    reach,
                    start=round(float(starting[0, latent]), 2),
                    step=0.05,
                )
                for latent in moved
            ),
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"{len(pictured)} rows of seven images. In each row one latent goes from −3 to 3 and "
        f"the others stay; top to bottom latent {', '.join(map(str, pictured))}.",
        hint="Choose where to start: every slider goes to that code. Then move one at a time.",
        pictures=[
            group("The image decoded from the code to start from.", caption="start", scale=5),
            group("The image decoded from the sliders.", caption="now", scale=5),
        ],
    )
