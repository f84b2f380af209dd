"""Explorers of a latent space: plane, path, sliders, temperature, β, and a walk through noise."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.base import (
    Answer,
    Explorer,
    choice_control,
    draw_control,
    figure_picture,
    group,
    pixels_answer,
    raised,
    range_control,
)
from aigc_edu.view.explorers.decoders import Decoder, Output, checked_codes, checked_labels

if TYPE_CHECKING:
    from PIL.Image import Image

Path = Callable[[Tensor, Tensor, int], Tensor]
"""``path(start, end, count)``: (latent,), (latent,) -> (count, latent), ends included."""

MOST_CODES = 4000  # drawn under the handle
MOST_CHOICES = 200  # in a list to choose from
STEPS = 41  # positions of the slider from one code to another


def _grid(
    images: Tensor, value_range: tuple[float, float], **options: Any
) -> tuple["Image", None, str]:
    """Images as one still picture."""
    from aigc_edu.view.pictures import grid_image, to_pixels

    pixels, broken, note = to_pixels(images, value_range)
    return grid_image(pixels, broken, **options), None, note


def _noise(count: int, size: int, seed: float) -> Tensor:
    """Standard normal latents (count, size); the same seed gives the same."""
    return torch.randn(count, size, generator=torch.Generator().manual_seed(int(seed)))


def _whole(name: str, value: Any, least: int = 1) -> int:
    if not hasattr(value, "__index__") or isinstance(value, bool) or int(value) < least:
        raise CourseError(f"{name} is a whole number of {least} or more, not {value!r}.")
    return int(value)


def _choices(labels: list[str] | None, count: int) -> list[str]:
    """A name for each code, all different."""
    if count > MOST_CHOICES:
        raise CourseError(
            f"{count} codes are too many to choose from: pass the first {MOST_CHOICES} or fewer."
        )
    return [
        f"number {place}" if labels is None else f"{labels[place]} (number {place})"
        for place in range(count)
    ]


# ------------------------------------------------------------------------------ the plane


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
) -> None:
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
    plane_explorer(
        decoder,
        codes,
        labels=labels,
        dimensions=dimensions,
        base=base,
        extent=extent,
        output=output,
        latent_size=latent_size,
        alt=alt,
    ).show()


def plane_explorer(
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
    """The explorer that :func:`latent_plane` shows."""
    if latent_size is None and isinstance(codes, Tensor) and codes.ndim == 2:
        latent_size = getattr(decoder, "latent_size", codes.shape[1])
    network = Decoder(decoder, output, latent_size)
    first, second = _two(dimensions, network.latent_size)
    stay = torch.zeros(network.latent_size)
    if base is not None:
        stay = checked_codes(base[None], network.latent_size, "base")[0]
    places = torch.zeros(0, 2)
    names: list[str] | None = None
    if codes is not None:
        known = checked_codes(codes, network.latent_size)
        names = checked_labels(labels, len(known))
        places = known[:, [first, second]]  # (count, 2)
    elif labels is not None:
        raise CourseError("There are labels but no codes: pass the codes that they belong to.")
    if len(places) > MOST_CODES:
        kept = torch.linspace(0, len(places) - 1, MOST_CODES).long()
        places = places[kept]
        names = None if names is None else [names[int(place)] for place in kept]
    side = _extent(extent, places)
    kinds = [] if names is None else sorted(set(names), key=lambda one: (len(one), one))
    if len(kinds) > 100:
        raise CourseError(
            f"labels has {len(kinds)} different values, too many to tell apart: pass at most 100."
        )
    which = np.array([kinds.index(one) for one in names or []], dtype=np.uint8)
    middles = [places[torch.from_numpy(which == k)].median(dim=0).values for k in range(len(kinds))]
    axis_names = (f"latent {first}", f"latent {second}")

    def latent_at(x: float, y: float) -> Tensor:
        latent = stay.clone()
        latent[first], latent[second] = x, y
        return latent

    def answer(values: list[float]) -> Answer:
        return pixels_answer(network(latent_at(*values)[None]), network.value_range)

    def static() -> tuple["Image", int, str]:
        return _plane_picture(network, latent_at, places, which, kinds, middles, side, axis_names)

    count = f"{len(places):,} codes as dots" if len(places) else "no codes given"
    points = np.ascontiguousarray(places.numpy(), dtype="<f4").tobytes() + which.tobytes()
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
                "points": len(places),
                "classes": [
                    {"name": kind, "x": float(middle[0]), "y": float(middle[1])}
                    for kind, middle in zip(kinds, middles, strict=True)
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
        points=points,
        pictures=[group("What the decoder draws at the handle.", scale=8)],
    )


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


def _extent(extent: float | None, places: Tensor) -> float:
    if extent is not None:
        if not (math.isfinite(extent) and extent > 0):
            raise CourseError(f"extent is how far the plane goes, more than 0, not {extent:g}.")
        return float(extent)
    if not len(places):
        return 3.5
    reach = float(places.abs().flatten().quantile(0.99))
    return max(2.0, math.ceil(2 * reach + 0.5) / 2)


def _plane_picture(
    network: Decoder,
    latent_at: Callable[[float, float], Tensor],
    places: Tensor,
    which: Any,
    kinds: list[str],
    middles: list[Tensor],
    side: float,
    names: tuple[str, str],
) -> tuple["Image", int, str]:
    """The plane with six numbered places, and what is drawn there."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from aigc_edu.view.pictures import to_pixels
    from aigc_edu.view.style import settings

    def circle(degrees: int) -> list[tuple[float, float]]:
        turns = [math.radians(degrees + 60 * k) for k in range(6)]
        return [(0.5 * side * math.cos(turn), 0.5 * side * math.sin(turn)) for turn in turns]

    def room(degrees: int) -> float:
        return min(math.dist(spot, middle) for spot in circle(degrees) for middle in middles)

    # Turned so that no number covers the name of a kind.
    spots = circle(max(range(0, 60, 10), key=room) if middles else 0)
    pixels, broken, note = to_pixels(
        network(torch.stack([latent_at(*spot) for spot in spots])), network.value_range
    )
    colored = np.repeat(pixels[..., None], 3, axis=-1)
    colored[broken] = (213, 94, 0)
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
    with mpl.rc_context(settings()):
        figure = Figure(figsize=(7.6, 4.2))
        panels = figure.subplot_mosaic(
            [["plane", "0", "1"], ["plane", "2", "3"], ["plane", "4", "5"]], width_ratios=[3, 1, 1]
        )
        plane = panels["plane"]
        if kinds:
            for k, kind in enumerate(kinds):
                inside = places.numpy()[which == k]
                color = mpl.colormaps["tab10"](k % 10)
                plane.plot(*inside.T, ls="", marker=".", ms=3, color=color, alpha=0.6)
                plane.text(
                    float(middles[k][0]),
                    float(middles[k][1]),
                    kind,
                    fontsize=13,
                    weight="bold",
                    ha="center",
                    va="center",
                    bbox=box,
                )
        else:
            plane.plot(*places.numpy().T, ls="", marker=".", ms=3, color="#0072B2", alpha=0.6)
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


# ------------------------------------------------------------------------------ paths


def straight_path(start: Tensor, end: Tensor, count: int) -> Tensor:
    """(latent,), (latent,) -> (count, latent) on the straight line.

    >>> straight_path(torch.zeros(2), torch.ones(2), 3).tolist()
    [[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]]
    """
    return torch.lerp(start, end, torch.linspace(0, 1, count)[:, None])


def spherical_path(start: Tensor, end: Tensor, count: int) -> Tensor:
    """(latent,), (latent,) -> (count, latent) at equal angles, as on a sphere.

    Codes that point the same way are joined by a straight line, where both paths agree.

    Source: K. Shoemake 1985, "Animating Rotation with Quaternion Curves".

    >>> path = spherical_path(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 3)
    >>> path.norm(dim=1).round(decimals=4).tolist()
    [1.0, 1.0, 1.0]
    """
    cosine = torch.dot(start, end) / (start.norm() * end.norm()).clamp(min=1e-12)
    angle = torch.acos(cosine.clamp(-1, 1))
    if angle.sin().abs() < 1e-4:
        return straight_path(start, end, count)
    time = torch.linspace(0, 1, count)[:, None]
    path = torch.sin((1 - time) * angle) * start + torch.sin(time * angle) * end
    return path / torch.sin(angle)


def interpolation(
    decoder: Any,
    codes: Tensor,
    *,
    images: Tensor | None = None,
    labels: Any = None,
    paths: Mapping[str, Path] | None = None,
    start: int = 0,
    end: int = 1,
    output: Output = "logits",
    alt: str | None = None,
) -> None:
    """Choose two codes and walk from one to the other.

    Args:
        decoder: as in :func:`latent_plane`.
        codes: (count, latent), at least two and at most 200, to choose from.
        images: (count, 1, height, width) with values from 0 to 1, what was encoded: shown at the
            ends, and mixed pixel by pixel for comparison.
        labels: one for each code, for the lists.
        paths: name -> ``path(start, end, count)``, from two codes (latent,) to (count, latent);
            by default the straight line and the sphere.
        start: the first code at the beginning.
        end: the last one.
        output: as in :func:`latent_plane`.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import load_decoder
    >>> codes = torch.randn(4, 10, generator=torch.Generator().manual_seed(0))
    >>> interpolation(load_decoder(), codes)
    """
    interpolation_explorer(
        decoder,
        codes,
        images=images,
        labels=labels,
        paths=paths,
        start=start,
        end=end,
        output=output,
        alt=alt,
    ).show()


def interpolation_explorer(
    decoder: Any,
    codes: Tensor,
    *,
    images: Tensor | None = None,
    labels: Any = None,
    paths: Mapping[str, Path] | None = None,
    start: int = 0,
    end: int = 1,
    output: Output = "logits",
    alt: str | None = None,
) -> Explorer:
    """The explorer that :func:`interpolation` shows."""
    known = checked_codes(codes)
    network = Decoder(decoder, output, getattr(decoder, "latent_size", known.shape[1]))
    known = checked_codes(known, network.latent_size)
    if len(known) < 2:
        raise CourseError("codes holds one latent only: a way needs two ends.")
    names = _choices(checked_labels(labels, len(known)), len(known))
    ways = (
        dict(paths)
        if paths is not None
        else {
            "on a straight line": straight_path,
            "on the sphere": spherical_path,
        }
    )
    if not ways:
        raise CourseError("paths is empty: leave it out, or give at least one path.")
    for name, place in (("start", start), ("end", end)):
        if not hasattr(place, "__index__") or not 0 <= place < len(known):
            raise CourseError(
                f"{name} is the place of a code, from 0 to {len(known) - 1}, not {place!r}."
            )
    originals = _originals(images, len(known))

    def way(name: str, first: int, last: int) -> Tensor:
        if first == last:  # no direction to go in
            return known[first].expand(STEPS, -1)
        try:
            path = ways[name](known[first], known[last], STEPS)
        except CourseError:
            raise
        except Exception as error:
            raise CourseError(raised(f"The path '{name}'", error)) from error
        wanted = (STEPS, network.latent_size)
        if not isinstance(path, Tensor) or tuple(path.shape) != wanted:
            got = tuple(path.shape) if isinstance(path, Tensor) else type(path).__name__
            raise CourseError(
                f"The path '{name}' must return codes of shape {wanted} when asked for {STEPS}, "
                f"but it returned {got}."
            )
        return path.detach().float().cpu()

    def ends(first: int, last: int) -> Tensor:
        if originals is None:
            return _to_unit(network(known[[first, last]]), network.value_range)
        return originals[[first, last]]

    def answer(values: list[float]) -> Answer:
        first, last, place = (round(value) for value in values)
        between = torch.stack([way(name, first, last)[place] for name in ways])
        drawn = _to_unit(network(between), network.value_range)  # (paths, 1, h, w)
        two = ends(first, last)
        parts = [two[:1]]
        if originals is not None:
            parts.append(torch.lerp(two[:1], two[1:], place / (STEPS - 1)))
        return pixels_answer(torch.cat([*parts, drawn, two[1:]]), (0.0, 1.0))

    def static() -> tuple["Image", None, str]:
        shown = torch.linspace(0, STEPS - 1, 9).round().long()
        rows = [
            _to_unit(network(way(name, start, end)[shown]), network.value_range) for name in ways
        ]
        if originals is not None:
            two = ends(start, end)
            share = torch.linspace(0, 1, 9)[:, None, None, None]
            rows.insert(0, torch.lerp(two[:1], two[1:], share))
        title = ", ".join([*(["mixed pixels"] if originals is not None else []), *ways])
        return _grid(
            torch.cat(rows),
            (0.0, 1.0),
            columns=9,
            title=f"From {names[start]} to {names[end]}. Top to bottom: {title}",
        )

    captions = ["from", *(["mixed pixels"] if originals is not None else []), *ways, "to"]
    return Explorer(
        "interpolation",
        label="Interpolation: choose two codes and walk from one to the other",
        controls=[
            choice_control("from", names, start=start),
            choice_control("to", names, start=end),
            range_control(
                "way",
                0,
                STEPS - 1,
                start=STEPS // 2,
                step=1,
                play=1,
                labels=[f"{100 * place / (STEPS - 1):.0f} %" for place in range(STEPS)],
            ),
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"Rows of nine images from {names[start]} to {names[end]}: "
        + ", ".join([*(["pixels mixed"] if originals is not None else []), *ways])
        + ".",
        hint="Choose the two ends, then move along the way between them.",
        pictures=[group(f"The image {caption}.", caption=caption) for caption in captions],
    )


def _originals(images: Any, count: int) -> Tensor | None:
    if images is None:
        return None
    if not isinstance(images, Tensor) or images.ndim != 4 or images.shape[1] != 1:
        got = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise CourseError(f"images must be a tensor (count, 1, height, width), not {got}.")
    if len(images) != count:
        raise CourseError(
            f"There are {count} codes but {len(images)} images: pass the images that were encoded."
        )
    kept = images.detach().float().cpu()
    return kept / 255 if images.dtype == torch.uint8 else kept


def _to_unit(images: Tensor, value_range: tuple[float, float]) -> Tensor:
    """Images with values from 0 to 1."""
    low, high = value_range
    return (images - low) / (high - low)


# ------------------------------------------------------------------------------ sliders


def latent_sliders(
    decoder: Any,
    codes: Tensor | None = None,
    *,
    labels: Any = None,
    order: Sequence[int] | Tensor | None = None,
    output: Output = "logits",
    latent_size: int | None = None,
    alt: str | None = None,
) -> None:
    """One slider a latent: set each number by hand and see what it tells the decoder.

    Args:
        decoder: as in :func:`latent_plane`.
        codes: (count, latent), to start from; at most 200. All at 0 is always among the choices.
        labels: one for each code.
        order: the latents in the order of their sliders, such as the most talkative first; those
            left out stay as they are.
        output: as in :func:`latent_plane`.
        latent_size: numbers in a latent, if the decoder has no ``latent_size``.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import load_decoder
    >>> latent_sliders(load_decoder())
    """
    sliders_explorer(
        decoder,
        codes,
        labels=labels,
        order=order,
        output=output,
        latent_size=latent_size,
        alt=alt,
    ).show()


def sliders_explorer(
    decoder: Any,
    codes: Tensor | None = None,
    *,
    labels: Any = None,
    order: Sequence[int] | Tensor | None = None,
    output: Output = "logits",
    latent_size: int | None = None,
    alt: str | None = None,
) -> Explorer:
    """The explorer that :func:`latent_sliders` shows."""
    if latent_size is None and isinstance(codes, Tensor) and codes.ndim == 2:
        latent_size = getattr(decoder, "latent_size", codes.shape[1])
    network = Decoder(decoder, output, latent_size)
    size = network.latent_size
    middle = torch.zeros(1, size)
    names = ["all at 0"]
    known = middle
    if codes is not None:
        given = checked_codes(codes, size)
        names = [*_choices(checked_labels(labels, len(given)), len(given)), *names]
        known = torch.cat([given, middle])  # (count + 1, latent)
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
    reach = max(3.0, math.ceil(float(known.abs().max())))

    def answer(values: list[float]) -> Answer:
        begun = known[round(values[0])]
        latent = begun.clone()
        latent[moved] = torch.tensor(values[1:])
        return pixels_answer(network(torch.stack([begun, latent])), network.value_range)

    shown = moved[:5]
    ticks = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]

    def static() -> tuple["Image", None, str]:
        latents = known[0].repeat(len(shown), len(ticks), 1)  # (rows, columns, latent)
        for row, latent in enumerate(shown):
            latents[row, :, latent] = torch.tensor(ticks)
        return _grid(
            network(latents.flatten(0, 1)),
            network.value_range,
            columns=len(ticks),
            title=f"One latent moved from −3 to 3; top to bottom latent "
            f"{', '.join(map(str, shown))}",
        )

    return Explorer(
        "latent sliders",
        label="Latent sliders: set each number of a code by hand",
        controls=[
            choice_control("start from", names, sets=known[:, moved].tolist()),
            *(
                range_control(
                    f"latent {latent}",
                    -reach,
                    reach,
                    start=round(float(known[0, latent]), 2),
                    step=0.05,
                )
                for latent in moved
            ),
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"{len(shown)} rows of seven images. In each row one latent goes from −3 to 3 and the "
        f"others stay; top to bottom latent {', '.join(map(str, shown))}.",
        hint="Choose where to start: every slider goes to that code. Then move one at a time.",
        pictures=[
            group("The image decoded from the code to start from.", caption="start", scale=5),
            group("The image decoded from the sliders.", caption="now", scale=5),
        ],
    )


# ------------------------------------------------------------------------------ temperature


def temperature(
    decoder: Any,
    *,
    count: int = 20,
    highest: float = 3.0,
    seed: int = 0,
    output: Output = "logits",
    latent_size: int | None = None,
    alt: str | None = None,
) -> None:
    """Draw from the prior and multiply every latent by one number, the temperature.

    Args:
        decoder: as in :func:`latent_plane`.
        count: how many samples are shown.
        highest: where the slider ends; it begins at 0.
        seed: of the first latents; a button draws others.
        output: as in :func:`latent_plane`.
        latent_size: numbers in a latent, if the decoder has no ``latent_size``.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import load_decoder
    >>> temperature(load_decoder())
    """
    temperature_explorer(
        decoder,
        count=count,
        highest=highest,
        seed=seed,
        output=output,
        latent_size=latent_size,
        alt=alt,
    ).show()


def temperature_explorer(
    decoder: Any,
    *,
    count: int = 20,
    highest: float = 3.0,
    seed: int = 0,
    output: Output = "logits",
    latent_size: int | None = None,
    alt: str | None = None,
) -> Explorer:
    """The explorer that :func:`temperature` shows."""
    network = Decoder(decoder, output, latent_size)
    count = _whole("count", count)
    if not (math.isfinite(highest) and highest > 0):
        raise CourseError(f"highest is a temperature above 0, not {highest!r}.")
    columns = min(count, 10)

    def answer(values: list[float]) -> Answer:
        heat, presses = values
        latent = heat * _noise(count, network.latent_size, seed + presses)
        images = network(latent)
        fields, buffer = pixels_answer(images, network.value_range)
        varies = float(_to_unit(images, network.value_range).std(dim=0).mean()) if count > 1 else 0
        fields["said"] = (
            f"Temperature {heat:.2f}: from image to image a pixel varies by {varies:.2f} "
            "(standard deviation, average over the pixels)."
        )
        return fields, buffer

    heats = [heat for heat in (0.0, 0.5, 1.0, 2.0) if heat <= highest]

    def static() -> tuple["Image", None, str]:
        latent = _noise(columns, network.latent_size, seed)
        images = torch.cat([network(heat * latent) for heat in heats])
        return _grid(
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


# ------------------------------------------------------------------------------ β


def beta_comparison(
    models: Mapping[str, Any],
    images: Tensor,
    *,
    output: Output = "logits",
    seed: int = 0,
    alt: str | None = None,
) -> None:
    """Several models side by side, from copying an image to dreaming one up.

    At 0 each model decodes its own code of each image: a copy. At 1 it decodes a draw from the
    prior: a sample. In between the code turns into the draw.

    Args:
        models: name -> model with ``encode(x) -> (mean, log_variance)`` and ``decode(latent)``.
        images: (count, 1, height, width) with values from 0 to 1, what is copied; at most 12.
        output: as in :func:`latent_plane`.
        seed: of the draws; a button draws others.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import MLPVAE
    >>> beta_comparison({"β = 1": MLPVAE()}, torch.zeros(2, 1, 28, 28))
    """
    beta_explorer(models, images, output=output, seed=seed, alt=alt).show()


def beta_explorer(
    models: Mapping[str, Any],
    images: Tensor,
    *,
    output: Output = "logits",
    seed: int = 0,
    alt: str | None = None,
) -> Explorer:
    """The explorer that :func:`beta_comparison` shows."""
    if not models:
        raise CourseError("models is empty: pass at least one, by name.")
    originals = _originals(images, len(images) if isinstance(images, Tensor) else 0)
    if originals is None or not 1 <= len(originals) <= 12:
        raise CourseError("images must hold between 1 and 12 images, for one row.")
    count = len(originals)
    rows: list[tuple[Decoder, Tensor]] = []
    for name, model in models.items():
        if not hasattr(model, "encode") or not hasattr(model, "decode"):
            raise CourseError(f"The model '{name}' needs the methods encode and decode.")
        rows.append(_encoded(str(name), model, originals, output))

    def drawn(share: float, presses: float) -> Tensor:
        turn = share * math.pi / 2
        parts = [originals]
        for network, codes in rows:
            draw = _noise(count, network.latent_size, seed + presses)
            latent = math.cos(turn) * codes + math.sin(turn) * draw
            parts.append(_to_unit(network(latent), network.value_range))
        return torch.cat(parts)  # ((1 + models) * count, 1, height, width)

    def answer(values: list[float]) -> Answer:
        return pixels_answer(drawn(values[0], values[1]), (0.0, 1.0))

    def static() -> tuple["Image", None, str]:
        return _grid(
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
    from aigc_edu.view.undisturbed import undisturbed

    network = Decoder(
        model, output, name=f"The model '{name}'", latent_size=getattr(model, "latent_size", 1)
    )
    try:
        with undisturbed():
            codes = model.encode(images.to(network.device))
    except Exception as error:
        raise CourseError(raised(f"The model '{name}'", error)) from error
    if isinstance(codes, tuple) and codes:
        codes = codes[0]
    kept = checked_codes(codes, name=f"The codes of '{name}'")
    network.latent_size = kept.shape[1]
    return network, kept


# ------------------------------------------------------------------------------ noise


def noise_walk(
    generator: Any,
    *,
    count: int = 10,
    seed: int = 0,
    output: Output = (-1.0, 1.0),
    latent_size: int | None = None,
    alt: str | None = None,
) -> None:
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
    walk_explorer(
        generator, count=count, seed=seed, output=output, latent_size=latent_size, alt=alt
    ).show()


def walk_explorer(
    generator: Any,
    *,
    count: int = 10,
    seed: int = 0,
    output: Output = (-1.0, 1.0),
    latent_size: int | None = None,
    alt: str | None = None,
) -> Explorer:
    """The explorer that :func:`noise_walk` shows."""
    network = Decoder(generator, output, latent_size, name="The generator")
    count = _whole("count", count)
    columns = min(count, 5)

    def noise(turn: float, scale: float, presses: float, many: int) -> Tensor:
        both = _noise(2 * count, network.latent_size, seed + presses)
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
        return _grid(
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
