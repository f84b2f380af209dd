"""Several models side by side, from copying an image to drawing from the prior."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.arguments import checked_codes, checked_images
from aigc_edu.view.explorers.base import (
    Answer,
    Explorer,
    draw_control,
    grid_picture,
    group,
    pixels_answer,
    raised,
    range_control,
    shows,
)
from aigc_edu.view.explorers.decoders import Decoder, Output, normal_latents
from aigc_edu.view.undisturbed import undisturbed

if TYPE_CHECKING:
    from PIL.Image import Image


@shows
def beta_comparison(
    models: Mapping[str, Any],
    images: Tensor,
    *,
    output: Output = "logits",
    seed: int = 0,
    alt: str | None = None,
) -> Explorer:
    """Several models side by side, from copying an image to dreaming one up.

    At 0 each model decodes its own code of each image: a copy. At 1 it decodes a draw from the
    prior: a sample. In between the code turns into the draw.

    Args:
        models: name -> model with ``encode(x) -> (mean, log_variance)`` and ``decode(latent)``.
        images: (count, 1, height, width) with values from 0 to 1, what is copied; at most 12.
        output: as in :func:`~aigc_edu.view.explore.latent_plane`.
        seed: of the draws; a button draws others.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import MLPVAE
    >>> beta_comparison({"β = 1": MLPVAE()}, torch.zeros(2, 1, 28, 28))
    """
    if not models:
        raise CourseError("models is empty: pass at least one, by name.")
    originals = checked_images(images, len(images) if isinstance(images, Tensor) else 0)
    if not 1 <= len(originals) <= 12:
        raise CourseError("images must hold between 1 and 12 images, for one row.")
    count = len(originals)
    rows: list[tuple[Decoder, Tensor]] = []
    for name, model in models.items():
        if not hasattr(model, "encode") or not hasattr(model, "decode"):
            raise CourseError(f"The model '{name}' needs the methods encode and decode.")
        rows.append(_encoded(str(name), model, originals, output))

    def drawn(share: float, presses: float) -> Tensor:
        # A quarter of a circle, not a line: cos² + sin² = 1 keeps the variance of a draw.
        turn = share * math.pi / 2
        parts = [originals]
        for network, codes in rows:
            draw = normal_latents(count, network.latent_size, seed + presses)
            latent = math.cos(turn) * codes + math.sin(turn) * draw
            parts.append(network.to_unit(network(latent)))
        return torch.cat(parts)  # ((1 + models) * count, 1, height, width)

    def answer(values: list[float]) -> Answer:
        return pixels_answer(drawn(values[0], values[1]), (0.0, 1.0))

    def static() -> tuple["Image", None, str]:
        return grid_picture(
            torch.cat([drawn(0.0, 0), drawn(1.0, 0)[count:]]),
            (0.0, 1.0),
            columns=count,
            title=f"The images, copied by {', '.join(models)}; then what each draws from the prior",
        )

    return Explorer(
        "beta comparison",
        label="Comparison of models, from copying an image to drawing from the prior",
        controls=[
            range_control("from copy (0) to sample (1)", 0.0, 1.0, start=0.0, step=0.05, play=0.05),
            draw_control("Other draws"),
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"Rows of {count} images: the images themselves, then the copies by "
        f"{', '.join(models)}, then samples from the prior by the same models.",
        hint="At 0 every model decodes its own code of the image, at 1 a draw from the prior.",
        pictures=[
            group(
                f"{caption}: {count} images.", count=count, columns=count, scale=2, caption=caption
            )
            for caption in ["the images", *map(str, models)]
        ],
    )


def _encoded(name: str, model: Any, images: Tensor, output: Output) -> tuple[Decoder, Tensor]:
    """A model as a decoder, and its codes of the images (count, latent)."""
    # A model need not say how many numbers a latent has: its codes show it below.
    network = Decoder(
        model, output, name=f"The model '{name}'", latent_size=getattr(model, "latent_size", 1)
    )
    try:
        with undisturbed():
            codes = model.encode(images.to(network.device))
    except Exception as error:
        raise CourseError(raised(f"The model '{name}'", error)) from error
    if isinstance(codes, tuple) and codes:
        codes = codes[0]  # the mean, of (mean, log_variance)
    codes = checked_codes(codes, name=f"The codes of '{name}'")
    network.latent_size = codes.shape[1]
    return network, codes
