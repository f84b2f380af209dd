"""One frame of the live view: a picture, small curves and a line of numbers.

Drawn with Pillow, one byte a pixel, so that watching costs next to nothing.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aigc_edu.view.pictures import Pixels, tile
from aigc_edu.view.style import COLORS, NOT_A_NUMBER, font, rgb

if TYPE_CHECKING:
    from PIL.Image import Image

Numbers = npt.NDArray[np.float64]

PANEL_WIDTH = 300  # pixels
PANEL_HEIGHTS = (92, 170)  # smallest and largest, pixels
PANELS = 4  # curves drawn; further numbers still stand in the line below
PICTURE_SIDE = 480  # pixels that the picture may take in each direction
INK, FAINT, PAPER = 0, 118, 255

# A frame is an image of gray levels whose darkest nine, which no eye tells from black, are
# given away to colors: a third of the bytes to encode, and so a third of the time.
BROKEN_LEVEL = 1
LINE_LEVELS = (2, 3, 4, 5)
BAND_LEVELS = (6, 7, 8, 9)
_GIVEN_AWAY = [INK if level <= max(BAND_LEVELS) else level for level in range(256)]


def _palette() -> list[int]:
    colors = [(level, level, level) for level in range(256)]
    colors[BROKEN_LEVEL] = NOT_A_NUMBER
    for line, band, color in zip(LINE_LEVELS, BAND_LEVELS, COLORS, strict=False):
        red, green, blue = rgb(color)
        colors[line] = (red, green, blue)
        # Two thirds of the way to white.
        colors[band] = ((red + 510) // 3, (green + 510) // 3, (blue + 510) // 3)
    return [channel for color in colors for channel in color]


_PALETTE = _palette()


def number(value: float) -> str:
    """A number in at most four significant digits.

    >>> number(103.24987), number(0.000123456), number(float("nan"))
    ('103.2', '0.0001235', 'NaN')
    """
    return f"{value:.4g}".replace("nan", "NaN")


def thinned(
    steps: Sequence[int], values: Sequence[float], columns: int
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """A long curve as at most ``columns`` points: position, mean, smallest and largest value.

    Values that are not numbers are left out; where a column has no other, all three are NaN.

    >>> x, mean, low, high = thinned(range(1000), [i % 10 for i in range(1000)], 20)
    >>> len(x), float(mean[3]), float(low.min()), float(high.max())
    (20, 4.5, 0.0, 9.0)
    """
    x, y = np.asarray(steps, dtype=float), np.asarray(values, dtype=float)
    finite = np.isfinite(y)
    if len(y) <= columns:
        y = np.where(finite, y, np.nan)
        return x, y, y, y
    starts = np.arange(columns) * len(y) // columns
    count = np.add.reduceat(finite.astype(float), starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.add.reduceat(np.where(finite, y, 0.0), starts) / count
    low = np.minimum.reduceat(np.where(finite, y, np.inf), starts)
    high = np.maximum.reduceat(np.where(finite, y, -np.inf), starts)
    empty = count == 0
    low[empty] = high[empty] = np.nan
    ends = np.append(starts[1:], len(y)) - 1
    return (x[starts] + x[ends]) / 2, mean, low, high


def _panel(
    pen: Any,
    box: tuple[int, int, int, int],
    steps: Sequence[int],
    values: Sequence[float],
    total: int,
    index: int,
) -> None:
    """Draw one curve into ``box`` (left, top, right, bottom): its mean, on the band it fills."""
    left, top, right, bottom = box
    x, mean, low, high = thinned(steps, values, (right - left) // 2)
    finite = np.isfinite(mean)
    if not finite.any():
        return
    smallest, largest = float(low[finite].min()), float(high[finite].max())
    span = largest - smallest or 1.0
    across = left + 2 + (right - left - 4) * x / max(total - 1, 1)
    scale = (bottom - top - 6) / span

    def down(heights: Numbers) -> list[float]:
        rows: list[float] = (bottom - 3 - scale * (heights - smallest)).tolist()
        return rows

    # One run of points for each stretch without a gap (a value that is not a number).
    edges = np.flatnonzero(np.diff(np.concatenate([[0], finite.astype(int), [0]])))
    for start, end in edges.reshape(-1, 2).tolist():
        places = across[start:end].tolist()
        line = list(zip(places, down(mean[start:end]), strict=True))
        if len(line) == 1:
            ((column, row),) = line
            pen.ellipse((column - 2, row - 2, column + 2, row + 2), fill=LINE_LEVELS[index])
            continue
        if len(values) > len(x):
            upper = list(zip(places, down(high[start:end]), strict=True))
            lower = list(zip(places, down(low[start:end]), strict=True))
            pen.polygon(upper + lower[::-1], fill=BAND_LEVELS[index])
        pen.line(line, fill=LINE_LEVELS[index], width=2)


def _panel_text(
    pen: Any, box: tuple[int, int, int, int], name: str, values: Sequence[float]
) -> None:
    """Name, last value, and the range of one curve."""
    left, top, right, bottom = box
    pen.text((left, top - 19), f"{name}  {number(values[-1])}", fill=INK, font=font(13))
    pen.line([(left, bottom), (right, bottom)], fill=FAINT)
    pen.line([(left, top), (left, bottom)], fill=FAINT)
    y = np.asarray(values, dtype=float)
    y = y[np.isfinite(y)]
    span = f"{number(float(y.min()))} to {number(float(y.max()))}" if y.size else "not a number"
    pen.text((right, top - 17), span, fill=FAINT, font=font(11), anchor="ra")


def draw_frame(
    pixels: Pixels | None,
    broken: npt.NDArray[np.bool_] | None,
    *,
    columns: int | None,
    history: Mapping[str, Sequence[float]],
    steps: Mapping[str, Sequence[int]],
    total: int,
    line: str,
) -> "Image":
    """The picture at the left, up to four curves at the right, one line of text below.

    A curve with more values than it has room for is drawn as its running mean over the
    band between the smallest and the largest value.

    Args:
        pixels: uint8 (count, height, width), or None for curves alone.
        broken: where a pixel is not a number, of the same shape.
        columns: images in a row.
        history: name → values.
        steps: name → the steps of those values.
        total: number of steps that the horizontal axis holds.
        line: what stands below.
    """
    from PIL import Image as pillow
    from PIL import ImageDraw

    grid = None
    if pixels is not None:
        count, height, width = pixels.shape
        across = min(columns or int(np.ceil(np.sqrt(count))), count)
        down = -(-count // across)
        zoom = min((PICTURE_SIDE // across - 2) // width, (PICTURE_SIDE // down - 2) // height)
        shown = np.where(pixels <= max(BAND_LEVELS), np.uint8(INK), pixels)
        if broken is not None:
            shown[broken] = BROKEN_LEVEL
        grid = pillow.fromarray(tile(shown, columns=across, zoom=max(1, min(4, zoom))))
    names = [name for name in history if history[name]][:PANELS]
    panels = len(names)
    smallest, largest = PANEL_HEIGHTS
    picture_width, picture_height = (grid.width, grid.height) if grid else (0, 0)
    each = min(largest, max(smallest, picture_height // panels)) if panels else 0
    body = max(picture_height, each * panels)
    left = picture_width + (18 if grid else 2)
    full_width = left + PANEL_WIDTH if panels else picture_width
    frame = pillow.new("L", (max(full_width, int(font(13).getlength(line)) + 4), body + 24), PAPER)
    pen = ImageDraw.Draw(frame)
    boxes = [
        (left, index * each + 21, left + PANEL_WIDTH - 4, (index + 1) * each - 6)
        for index in range(panels)
    ]
    for name, box in zip(names, boxes, strict=True):
        _panel_text(pen, box, name, history[name])
    pen.text((2, body + 5), line, fill=INK, font=font(13))
    frame = frame.point(_GIVEN_AWAY)  # smooth letters use every level: make room for colors
    if grid:
        frame.paste(grid, (0, 0))
    pen = ImageDraw.Draw(frame)
    for index, (name, box) in enumerate(zip(names, boxes, strict=True)):
        _panel(pen, box, steps[name], history[name], total, index)
    frame.putpalette(_PALETTE)  # from gray levels ("L") to a palette ("P")
    return frame
