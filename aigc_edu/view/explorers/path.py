"""The way between two codes that the reader chooses."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.arguments import (
    checked_codes,
    checked_images,
    code_names,
    latent_size_of,
)
from aigc_edu.view.explorers.base import (
    Answer,
    Explorer,
    choice_control,
    grid_picture,
    group,
    pixels_answer,
    raised,
    range_control,
    shows,
)
from aigc_edu.view.explorers.decoders import Decoder, Output

if TYPE_CHECKING:
    from PIL.Image import Image

Path = Callable[[Tensor, Tensor, int], Tensor]
"""``path(start, end, count)``: (latent,), (latent,) -> (count, latent), ends included."""

STEPS = 41  # positions of the slider from one code to another


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


PATHS: dict[str, Path] = {"on a straight line": straight_path, "on the sphere": spherical_path}


@shows
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
) -> Explorer:
    """Choose two codes and walk from one to the other.

    Args:
        decoder: as in :func:`~aigc_edu.view.explore.latent_plane`.
        codes: (count, latent), at least two and at most 200, to choose from.
        images: (count, 1, height, width) with values from 0 to 1, what was encoded: shown at the
            ends, and mixed pixel by pixel for comparison.
        labels: one for each code, for the lists.
        paths: name -> ``path(start, end, count)``, from two codes (latent,) to (count, latent);
            by default the straight line and the sphere.
        start: the first code at the beginning.
        end: the last one.
        output: as in :func:`~aigc_edu.view.explore.latent_plane`.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if something does not fit.

    >>> from aigc_edu.models import load_decoder
    >>> codes = torch.randn(4, 10, generator=torch.Generator().manual_seed(0))
    >>> interpolation(load_decoder(), codes)
    """
    codes = checked_codes(codes)
    network = Decoder(decoder, output, latent_size_of(decoder, codes, None))
    codes = checked_codes(codes, network.latent_size)
    if len(codes) < 2:
        raise CourseError("codes holds one latent only: a way needs two ends.")
    names = code_names(labels, len(codes))
    paths = dict(PATHS if paths is None else paths)
    if not paths:
        raise CourseError("paths is empty: leave it out, or give at least one path.")
    for name, index in (("start", start), ("end", end)):
        if not hasattr(index, "__index__") or not 0 <= index < len(codes):
            raise CourseError(
                f"{name} is the place of a code, from 0 to {len(codes) - 1}, not {index!r}."
            )
    originals = None if images is None else checked_images(images, len(codes))

    def on_path(name: str, first: int, last: int) -> Tensor:
        """The codes (STEPS, latent) of one path, which a learner may have written."""
        if first == last:  # no direction to go in
            return codes[first].expand(STEPS, -1)
        try:
            path = paths[name](codes[first], codes[last], STEPS)
        except CourseError:
            raise
        except Exception as error:
            raise CourseError(raised(f"The path '{name}'", error)) from error
        expected = (STEPS, network.latent_size)
        if not isinstance(path, Tensor) or tuple(path.shape) != expected:
            got = tuple(path.shape) if isinstance(path, Tensor) else type(path).__name__
            raise CourseError(
                f"The path '{name}' must return codes of shape {expected} when asked for {STEPS}, "
                f"but it returned {got}."
            )
        return path.detach().float().cpu()

    def ends(first: int, last: int) -> Tensor:
        """The images (2, 1, height, width) at both ends."""
        if originals is None:
            return network.to_unit(network(codes[[first, last]]))
        return originals[[first, last]]

    def answer(values: list[float]) -> Answer:
        first, last, step = (round(value) for value in values)
        between = torch.stack([on_path(name, first, last)[step] for name in paths])
        decoded = network.to_unit(network(between))  # (paths, 1, height, width)
        two = ends(first, last)
        parts = [two[:1]]
        if originals is not None:
            parts.append(torch.lerp(two[:1], two[1:], step / (STEPS - 1)))
        return pixels_answer(torch.cat([*parts, decoded, two[1:]]), (0.0, 1.0))

    def static() -> tuple["Image", None, str]:
        nine = torch.linspace(0, STEPS - 1, 9).round().long()
        rows = [network.to_unit(network(on_path(name, start, end)[nine])) for name in paths]
        if originals is not None:
            two = ends(start, end)
            share = torch.linspace(0, 1, 9)[:, None, None, None]
            rows.insert(0, torch.lerp(two[:1], two[1:], share))
        title = ", ".join([*(["mixed pixels"] if originals is not None else []), *paths])
        return grid_picture(
            torch.cat(rows),
            (0.0, 1.0),
            columns=9,
            title=f"From {names[start]} to {names[end]}. Top to bottom: {title}",
        )

    captions = ["from", *(["mixed pixels"] if originals is not None else []), *paths, "to"]
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
                labels=[f"{100 * step / (STEPS - 1):.0f} %" for step in range(STEPS)],
            ),
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"Rows of nine images from {names[start]} to {names[end]}: "
        + ", ".join([*(["pixels mixed"] if originals is not None else []), *paths])
        + ".",
        hint="Choose the two ends, then move along the way between them.",
        pictures=[group(f"The image {caption}.", caption=caption) for caption in captions],
    )
