"""Images as one picture: grids and strips, drawn with numpy and Pillow.

Sixty-four matplotlib axes take as long as many training steps; one array takes less
than a millisecond, and each pixel of an image stays a sharp square.
"""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aigc_edu.view.display import checked_alt, few_colors, show_picture
from aigc_edu.view.style import NOT_A_NUMBER, font

if TYPE_CHECKING:
    from PIL.Image import Image

Pixels = npt.NDArray[np.uint8]

WIDTH = 640  # CSS pixels that a lesson's column offers a picture
GAP = 2  # pixels between two images of a grid


def to_array(images: Any) -> npt.NDArray[Any]:
    """Images as a numpy array (count, height, width).

    Args:
        images: tensor, array or nested sequence of shape (count, 1, height, width),
            (count, height, width) or (height, width); any number type.

    Raises:
        ValueError: on another shape, or if there is nothing to draw.

    >>> to_array(np.zeros((3, 1, 28, 28))).shape
    (3, 28, 28)
    """
    if hasattr(images, "detach"):  # a tensor; torch itself is not needed here
        images = images.detach().cpu()
        if images.is_floating_point():
            images = images.float()  # numpy knows no bfloat16
        images = images.numpy()
    elif isinstance(images, list | tuple) and images and hasattr(images[0], "detach"):
        images = np.stack([image.detach().cpu().float().numpy() for image in images])
    array = np.asarray(images)
    if array.ndim == 2:
        array = array[None]  # (1, height, width)
    elif array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]  # (count, height, width)
    if array.ndim != 3 or array.dtype.kind not in "fiub":
        raise ValueError(
            "Images must be numbers of shape (count, 1, height, width) or "
            f"(count, height, width), not {array.dtype} of shape {tuple(array.shape)}."
        )
    if array.size == 0:
        raise ValueError(f"There is no image to show: the shape is {tuple(array.shape)}.")
    return array


def to_pixels(
    images: Any, value_range: tuple[float, float] = (0.0, 1.0)
) -> tuple[Pixels, npt.NDArray[np.bool_], str]:
    """Images as bytes, the places that hold no number, and a sentence on what is odd.

    Args:
        images: as in :func:`to_array`. Unsigned bytes are taken as they are.
        value_range: the values drawn black and white; others are cut to them.

    Returns:
        ``(pixels, broken, note)``: uint8 and bool arrays (count, height, width), and a
        sentence for the reader ("" if all is well).

    >>> pixels, broken, note = to_pixels([[0.0, 0.5], [1.0, float("nan")]])
    >>> pixels.tolist()
    [[[0, 128], [255, 0]]]
    >>> note
    '1 of 1 images holds values that are not numbers (NaN or infinite), drawn in vermilion: \
try a lower learning rate, and look for a division or a logarithm of zero.'
    """
    low, high = value_range
    if not low < high:
        raise ValueError(f"value_range must rise, not go from {low} to {high}.")
    array = to_array(images)
    if array.dtype == np.uint8:
        return array, np.zeros(array.shape, dtype=bool), ""
    values = array.astype(np.float32)
    broken = ~np.isfinite(values)
    notes = []
    if broken.any():
        count = int(broken.any(axis=(1, 2)).sum())
        notes.append(
            f"{count} of {len(values)} images {'holds' if count == 1 else 'hold'} values that are "
            "not numbers (NaN or infinite), drawn in vermilion: try a lower learning rate, and "
            "look for a division or a logarithm of zero."
        )
        values = np.where(broken, np.float32(low), values)
    smallest, largest = float(values.min()), float(values.max())
    margin = 0.01 * (high - low)
    if smallest < low - margin or largest > high + margin:
        notes.append(
            f"Values from {smallest:.3g} to {largest:.3g} were cut to the range "
            f"{low:g} to {high:g}: pass value_range=(low, high) if another one is meant."
        )
    scaled = (np.clip(values, low, high) - low) * np.float32(255 / (high - low))
    return np.rint(scaled).astype(np.uint8), broken, " ".join(notes)


def default_columns(count: int) -> int:
    """Columns of a grid: one row up to ten images, else full rows if eight or ten give them."""
    if count <= 10:
        return count
    return 8 if count % 8 == 0 and count % 10 != 0 else 10


def tile(
    pixels: Pixels,
    broken: npt.NDArray[np.bool_] | None = None,
    *,
    columns: int,
    zoom: int = 1,
    gap: int = GAP,
) -> Pixels:
    """Images side by side on white, each pixel a square of ``zoom`` × ``zoom``.

    Args:
        pixels: uint8 (count, height, width).
        broken: bool of the same shape; True is drawn in vermilion.
        columns: images in a row.
        zoom: how many times larger; whole, so that every pixel stays a square.
        gap: white pixels around each image, not zoomed.

    Returns:
        uint8 (rows, columns) of gray levels, or (rows, columns, 3) if something is broken.

    >>> tile(np.zeros((3, 2, 2), np.uint8), columns=2, gap=1)[:, :4].tolist()
    [[255, 255, 255, 255], [255, 0, 0, 255], [255, 0, 0, 255], [255, 255, 255, 255], \
[255, 0, 0, 255], [255, 0, 0, 255], [255, 255, 255, 255]]
    """
    count, height, width = pixels.shape
    rows = -(-count // columns)
    colored = broken is not None and bool(broken.any())
    if colored:
        pixels = np.repeat(pixels[..., None], 3, axis=-1)  # (count, height, width, 3)
        pixels[broken] = NOT_A_NUMBER
    else:
        pixels = pixels[..., None]  # (count, height, width, 1)
    pixels = pixels.repeat(zoom, axis=1).repeat(zoom, axis=2)
    height, width, depth = pixels.shape[1:]
    canvas = np.full((rows, columns, height + gap, width + gap, depth), 255, np.uint8)
    flat = canvas.reshape(rows * columns, height + gap, width + gap, depth)
    flat[:count, gap:, gap:] = pixels
    # (rows, columns, height, width, depth) -> (rows * height, columns * width, depth)
    joined = canvas.transpose(0, 2, 1, 3, 4).reshape(
        rows * (height + gap), columns * (width + gap), depth
    )
    joined = np.pad(joined, ((0, gap), (0, gap), (0, 0)), constant_values=255)
    return joined if colored else joined[..., 0]


def _wrapped(text: str, size: int, width: int) -> str:
    """``text`` broken into lines that fit into ``width`` pixels."""
    letter = font(size).getlength(text) / max(len(text), 1)
    lines = [textwrap.wrap(line, max(8, int(width / letter))) or [""] for line in text.split("\n")]
    return "\n".join("\n".join(line) for line in lines)


def _measure(text: str, size: int) -> tuple[int, int]:
    """Width and height in pixels of ``text``, which may have several lines."""
    from PIL import Image as pillow
    from PIL import ImageDraw

    pen = ImageDraw.Draw(pillow.new("L", (1, 1)))
    box = pen.multiline_textbbox((0, 0), text, font=font(size), spacing=2)
    return int(np.ceil(box[2])), int(np.ceil(box[3]))


def grid_image(
    pixels: Pixels,
    broken: npt.NDArray[np.bool_] | None = None,
    *,
    columns: int | None = None,
    labels: Sequence[object] | None = None,
    title: str | None = None,
) -> "Image":
    """The picture that :func:`image_grid` displays; arguments as in :func:`tile`.

    Raises:
        ValueError: if there are not as many labels as images, or no column.
    """
    from PIL import Image as pillow
    from PIL import ImageDraw

    count, height, width = pixels.shape
    columns = default_columns(count) if columns is None else columns
    if columns < 1:
        raise ValueError(f"A grid needs at least one column, not {columns}.")
    columns = min(columns, count)
    zoom = max(1, min(4, WIDTH // (columns * width + GAP * (columns + 1))))
    if labels is None:
        picture = pillow.fromarray(tile(pixels, broken, columns=columns, zoom=zoom))
    else:
        texts = [str(label) for label in labels]
        if len(texts) != count:
            raise ValueError(f"There are {count} images but {len(texts)} labels.")
        sizes = [_measure(text, 12) for text in texts]
        text_height = max(size[1] for size in sizes) + 4
        cell_width = max(zoom * width, *(size[0] for size in sizes)) + 2 * GAP
        cell_height = zoom * height + 2 * GAP + text_height
        rows = -(-count // columns)
        mode = "RGB" if broken is not None and broken.any() else "L"
        picture = pillow.new(mode, (columns * cell_width, rows * cell_height), "white")
        pen = ImageDraw.Draw(picture)
        for index, text in enumerate(texts):
            one = tile(
                pixels[index : index + 1],
                None if broken is None else broken[index : index + 1],
                columns=1,
                zoom=zoom,
                gap=0,
            )
            left, top = (index % columns) * cell_width, (index // columns) * cell_height
            center = left + cell_width // 2
            picture.paste(pillow.fromarray(one), (center - zoom * width // 2, top + GAP))
            pen.multiline_text(
                (center, top + GAP + zoom * height + 2),
                text,
                fill="black",
                font=font(12),
                anchor="ma",
                align="center",
                spacing=2,
            )
    if not title:
        return picture
    title = _wrapped(title, 14, max(picture.width, 320))
    title_width, title_height = _measure(title, 14)
    canvas_width = max(picture.width, title_width + 2 * GAP)
    canvas = pillow.new(picture.mode, (canvas_width, picture.height + title_height + 8), "white")
    ImageDraw.Draw(canvas).multiline_text((GAP, 2), title, fill="black", font=font(14), spacing=2)
    canvas.paste(picture, (0, title_height + 8))
    return canvas


def image_grid(
    images: Any,
    *,
    columns: int | None = None,
    labels: Sequence[object] | None = None,
    title: str | None = None,
    alt: str,
    value_range: tuple[float, float] = (0.0, 1.0),
) -> None:
    """Display images in a grid, as one picture with sharp pixels.

    A value that is not a number is drawn in vermilion, and a sentence under the
    picture says so; likewise for values far outside ``value_range``.

    Args:
        images: (count, 1, height, width) or (count, height, width), uint8 or numbers
            in ``value_range``.
        columns: images in a row; by default one row up to ten images, else 8 or 10.
        labels: one a picture, written under it.
        title: what to see, written above.
        alt: text alternative.
        value_range: values drawn black and white: (-1, 1) for a generator with tanh.

    Raises:
        ValueError: on another shape, a wrong number of labels, or an empty ``alt``.

    >>> image_grid(np.zeros((2, 28, 28)), labels=[0, 1], alt="Two black squares.")
    """
    alt = checked_alt(alt)
    pixels, broken, note = to_pixels(images, value_range)
    picture = grid_image(pixels, broken, columns=columns, labels=labels, title=title)
    show_picture(few_colors(picture) if picture.mode == "RGB" else picture, alt, note=note)


def interpolation_strip(
    images: Any,
    *,
    title: str | None = None,
    alt: str,
    value_range: tuple[float, float] = (0.0, 1.0),
) -> None:
    """Display images in one row, from a start (A) to an end (B).

    Args:
        images: (count, 1, height, width) or (count, height, width) with at least two
            images, in the order of the path.
        title: what to see, written above.
        alt: text alternative.
        value_range: values drawn black and white.

    Raises:
        ValueError: on another shape, fewer than two images, or an empty ``alt``.

    >>> interpolation_strip(np.zeros((5, 28, 28)), alt="Five black squares.")
    """
    alt = checked_alt(alt)
    count = len(to_array(images))
    if count < 2:
        raise ValueError("An interpolation needs at least two images: a start and an end.")
    # Only the ends are named: what lies between is read from left to right.
    labels = ["A", *("" for _ in range(count - 2)), "B"]
    pixels, broken, note = to_pixels(images, value_range)
    picture = grid_image(pixels, broken, columns=count, labels=labels, title=title)
    show_picture(few_colors(picture) if picture.mode == "RGB" else picture, alt, note=note)
