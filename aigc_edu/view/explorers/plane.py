"""A handle over two latents, the data's codes under it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.arguments import checked_codes, checked_labels, latent_size_of
from aigc_edu.view.explorers.base import (
    Answer,
    Explorer,
    figure_picture,
    group,
    pixels_answer,
    shows,
)
from aigc_edu.view.explorers.decoders import Decoder, Output

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_CODES = 4000  # drawn under the handle


@shows
def latent_plane(
    decoder: Any,
    codes: Tensor | None = None,
    *,
    labels: Any = None,
    dimensions: tuple[int, int] = (0, 1),
    base: Tensor | None = None,
    extent: float | None = None,
    output: Output = "logits",
    latent_size: int | None = None,
    alt: str | None = None,
) -> Explorer:
    """Drag a handle over two latents and see what the decoder draws there.

    Mouse or finger: drag. Keyboard: the arrow keys move by a seventieth of the width, with Shift
    by a fourteenth, Home goes to the middle.

    Args:
        decoder: a model with a method ``decode``, or a function from latents (batch, latent) to
            images (batch, 1, height, width).
        codes: (count, latent), drawn under the handle; at most 4,000 of them, evenly taken.
        labels: one for each code; each kind gets a color and its name.
        dimensions: which two latents the plane shows, first to the right, second upward.
        base: (latent,), where the other latents stay; zeros by default.
        extent: the plane goes from -extent to extent; by default it holds nearly all codes.
        output: "logits", or the two values that are drawn black and white.
        latent_size: numbers in a latent, if the decoder has no ``latent_size``.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if the decoder, the codes or the labels do not fit: what to do about it.

    >>> from aigc_edu.models import load_decoder
    >>> latent_plane(load_decoder(), dimensions=(5, 7))
    """
    network = Decoder(decoder, output, latent_size_of(decoder, codes, latent_size))
    first, second = _two(dimensions, network.latent_size)
    stay = torch.zeros(network.latent_size)
    if base is not None:
        stay = checked_codes(base[None], network.latent_size, "base")[0]
    if codes is None and labels is not None:
        raise CourseError("There are labels but no codes: pass the codes that they belong to.")
    dots = _dots(codes, labels, first, second, network.latent_size)
    side = _extent(extent, dots.positions)
    axis_names = (f"latent {first}", f"latent {second}")

    def latent_at(x: float, y: float) -> Tensor:
        latent = stay.clone()
        latent[first], latent[second] = x, y
        return latent

    def answer(values: list[float]) -> Answer:
        return pixels_answer(network(latent_at(*values)[None]), network.value_range)

    def static() -> tuple["Image", int, str]:
        return _plane_picture(network, latent_at, dots, side, axis_names)

    count = f"{len(dots.positions):,} codes as dots" if len(dots.positions) else "no codes given"
    points = np.ascontiguousarray(dots.positions.numpy(), dtype="<f4").tobytes()
    return Explorer(
        "latent plane",
        label="Latent plane: move a handle, see what the decoder draws there",
        controls=[
            {
                "kind": "plane",
                "label": f"Plane of {axis_names[0]} and {axis_names[1]}, from {-side:g} to {side:g}"
                f", {count}. Arrow keys move the handle, with Shift farther, Home to the middle.",
                "names": list(axis_names),
                "low": -side,
                "high": side,
                "start": [0.0, 0.0],
                "points": len(dots.positions),
                "classes": [
                    {"name": kind, "x": float(middle[0]), "y": float(middle[1])}
                    for kind, middle in zip(dots.kinds, dots.middles, strict=True)
                ],
            }
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"Left: the plane of two latents, {count}, with six numbered places on a circle. "
        "Right: what the decoder draws at these places.",
        hint="Drag the handle, or click the plane and use the arrow keys (Shift: farther, Home: "
        "to the middle).",
        points=points + dots.kind_of.tobytes(),
        pictures=[group("What the decoder draws at the handle.", scale=8)],
    )


@dataclass(frozen=True)
class _Dots:
    """The codes as dots in the plane.

    Attributes:
        positions: (count, 2), right and up.
        kinds: the different labels, sorted.
        kind_of: uint8 (count,), each dot's place among ``kinds``; empty without labels.
        middles: (2,) for each kind, the median of its dots: where its name stands.
    """

    positions: Tensor
    kinds: list[str]
    kind_of: npt.NDArray[np.uint8]
    middles: list[Tensor]


def _dots(codes: Tensor | None, labels: Any, first: int, second: int, latent_size: int) -> _Dots:
    """At most MOST_CODES of the codes as dots, evenly taken."""
    positions = torch.zeros(0, 2)
    names: list[str] | None = None
    if codes is not None:
        codes = checked_codes(codes, latent_size)
        names = checked_labels(labels, len(codes))
        positions = codes[:, [first, second]]  # (count, 2)
    if len(positions) > MOST_CODES:
        few = torch.linspace(0, len(positions) - 1, MOST_CODES).long()
        positions = positions[few]
        names = None if names is None else [names[int(index)] for index in few]
    kinds = sorted(set(names or []), key=lambda one: (len(one), one))  # 2 before 10
    if len(kinds) > 100:
        raise CourseError(
            f"labels has {len(kinds)} different values, too many to tell apart: pass at most 100."
        )
    kind_of = np.array([kinds.index(one) for one in names or []], dtype=np.uint8)
    middles = [
        positions[torch.from_numpy(kind_of == k)].median(dim=0).values for k in range(len(kinds))
    ]
    return _Dots(positions, kinds, kind_of, middles)


def _two(dimensions: Any, size: int) -> tuple[int, int]:
    try:
        first, second = (int(one) for one in dimensions)
    except (TypeError, ValueError):
        raise CourseError(
            f"dimensions names two latents, such as (0, 1), not {dimensions!r}."
        ) from None
    if first == second or not (0 <= first < size and 0 <= second < size):
        raise CourseError(
            f"dimensions must be two different latents from 0 to {size - 1}, "
            f"not {first} and {second}."
        )
    return first, second


def _extent(extent: float | None, positions: Tensor) -> float:
    """How far the plane goes: as far as was asked, else so that it holds nearly all codes."""
    if extent is not None:
        if not (math.isfinite(extent) and extent > 0):
            raise CourseError(f"extent is how far the plane goes, more than 0, not {extent:g}.")
        return float(extent)
    if not len(positions):
        return 3.5
    reach = float(positions.abs().flatten().quantile(0.99))
    return max(2.0, math.ceil(2 * reach + 0.5) / 2)


def _plane_picture(
    network: Decoder,
    latent_at: Callable[[float, float], Tensor],
    dots: _Dots,
    side: float,
    names: tuple[str, str],
) -> tuple["Image", int, str]:
    """The plane with six numbered places, and what is drawn there."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from aigc_edu.view.pictures import to_pixels
    from aigc_edu.view.style import COLORS, NOT_A_NUMBER, settings

    def circle(degrees: int) -> list[tuple[float, float]]:
        turns = [math.radians(degrees + 60 * k) for k in range(6)]
        return [(0.5 * side * math.cos(turn), 0.5 * side * math.sin(turn)) for turn in turns]

    def free(degrees: int) -> float:
        return min(math.dist(spot, middle) for spot in circle(degrees) for middle in dots.middles)

    # Turned so that no number covers the name of a kind.
    spots = circle(max(range(0, 60, 10), key=free) if dots.middles else 0)
    pixels, broken, note = to_pixels(
        network(torch.stack([latent_at(*spot) for spot in spots])), network.value_range
    )
    colored = np.repeat(pixels[..., None], 3, axis=-1)
    colored[broken] = NOT_A_NUMBER
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
    with mpl.rc_context(settings()):
        figure = Figure(figsize=(7.6, 4.2))
        panels = figure.subplot_mosaic(
            [["plane", "0", "1"], ["plane", "2", "3"], ["plane", "4", "5"]], width_ratios=[3, 1, 1]
        )
        plane = panels["plane"]
        if dots.kinds:
            for k, kind in enumerate(dots.kinds):
                inside = dots.positions.numpy()[dots.kind_of == k]
                color = mpl.colormaps["tab10"](k % 10)
                plane.plot(*inside.T, ls="", marker=".", ms=3, color=color, alpha=0.6)
                plane.text(
                    float(dots.middles[k][0]),
                    float(dots.middles[k][1]),
                    kind,
                    fontsize=13,
                    weight="bold",
                    ha="center",
                    va="center",
                    bbox=box,
                )
        else:
            plane.plot(
                *dots.positions.numpy().T, ls="", marker=".", ms=3, color=COLORS[0], alpha=0.6
            )
        for number, spot in enumerate(spots, start=1):
            plane.text(
                spot[0],
                spot[1],
                str(number),
                ha="center",
                va="center",
                fontsize=10,
                color="white",
                bbox={"facecolor": "black", "boxstyle": "circle"},
            )
            panels[str(number - 1)].imshow(colored[number - 1])
            panels[str(number - 1)].set_axis_off()
            panels[str(number - 1)].set_title(str(number), fontsize=10)
        plane.set(
            xlim=(-side, side), ylim=(-side, side), aspect="equal", xlabel=names[0], ylabel=names[1]
        )
        figure.suptitle(
            "Six places in the plane, and what is drawn there",
            x=0.01,
            ha="left",
            fontsize=12,
            weight="bold",
        )
    return (*figure_picture(figure), note)
