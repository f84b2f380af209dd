"""Colors, lines and letters of every figure in the course, and the colors of its pages."""

from functools import lru_cache
from typing import Any

COLORS = [
    "#0072B2",  # blue
    "#D55E00",  # vermilion
    "#009E73",  # bluish green
    "#CC79A7",  # reddish purple
    "#E69F00",  # orange
    "#56B4E9",  # sky blue
    "#F0E442",  # yellow: on white only for areas, never for a thin line
    "#000000",  # black
]
"""Eight colors that stay apart for color-blind readers.

Masataka Okabe and Kei Ito, "Color Universal Design", 2008. The order puts those
first that stand out best on white.
"""

LINE_STYLES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 3))]
"""Line styles in the order of :data:`COLORS`: a line is never told apart by color alone."""

MARKERS = ["o", "s", "^", "D", "v", "P"]
"""Markers in the order of :data:`COLORS`."""

# A figure brings its own white paper; a page is light or dark, as its reader likes it. What is
# drawn on a page needs contrast with the paper that is there: 3 to 1 for an area or a frame that
# says something by itself, 4.5 to 1 for letters and thin lines. So pages have palettes of their
# own, and no other file of the package writes a color of the course (a test looks).

PAGE_COLORS = {
    "blue": COLORS[0],
    "brown": "#B36B00",
    "vermilion": COLORS[1],
    "green": COLORS[2],
    "purple": COLORS[3],
    "orange": COLORS[4],
    "sky blue": COLORS[5],
}
"""Frames, areas and marks on a page of either kind.

The first five keep 3 to 1 on white and on JupyterLab's dark paper alike. Orange and sky blue do
not on white: only beside an icon and a word that say the same.
"""

CANVAS_COLORS = {
    "light": [
        COLORS[0], "#C45200", "#007A5A", "#B0508E", "#8F6B00",
        "#1A7AB3", "#7A3E9D", "#555555", "#B01030", "#4E7A00",
    ],
    "dark": [
        COLORS[5], "#FF8C42", "#2FC79B", "#E79AC6", "#E6B800",
        "#7FD0F5", "#C39BE8", "#BBBBBB", "#FF7F8E", "#A8D45A",
    ],
}  # fmt: skip
"""Letters, dots and lines that a page draws itself: 4.5 to 1 on white, and on dark paper."""


def page_properties() -> str:
    """:data:`PAGE_COLORS` for a style sheet: ``var(--aigc-blue)``, ``var(--aigc-sky-blue)``."""
    properties = "; ".join(
        f"--aigc-{name.replace(' ', '-')}: {color}" for name, color in PAGE_COLORS.items()
    )
    return f":root, :host {{ {properties} }}\n"


def rgb(color: str) -> tuple[int, int, int]:
    """A color as (red, green, blue), each from 0 to 255.

    >>> rgb("#FF8000")
    (255, 128, 0)
    """
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


NOT_A_NUMBER = rgb(COLORS[1])
"""Vermilion: how a value that is not a number looks in a picture."""


def settings() -> Any:
    """The matplotlib settings that :func:`use_style` sets, as a dictionary."""
    from cycler import cycler

    return {
        "figure.figsize": (6.4, 3.6),  # inches
        "figure.dpi": 100,
        "figure.constrained_layout.use": True,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same on every machine
        "font.size": 11,
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=COLORS[:6]) + cycler(linestyle=LINE_STYLES),
        "grid.color": "#DDDDDD",
        "grid.linewidth": 0.6,
        "lines.linewidth": 1.8,
        "lines.markersize": 6,
        "xtick.labelsize": 10,
        "ytick.labelsize": 10,
        "legend.fontsize": 10,
        "legend.frameon": False,
        "image.cmap": "gray",
        "image.interpolation": "nearest",
    }


def use_style() -> None:
    """Set matplotlib to the course's style: letters that can be read, colors that stay apart.

    A line gets a line style along with its color, so that a plot reads without
    color too. The setting lasts for the session; the functions of this room use the
    same style whether or not this was called.

    >>> use_style()
    >>> import matplotlib
    >>> matplotlib.rcParams["image.interpolation"]
    'nearest'
    """
    import matplotlib

    matplotlib.rcParams.update(settings())


@lru_cache(maxsize=16)
def font(size: int) -> Any:
    """A Pillow font of ``size`` pixels: DejaVu Sans, which travels with matplotlib."""
    from importlib.util import find_spec
    from pathlib import Path

    from PIL import ImageFont

    # find_spec locates matplotlib without paying for its import.
    spec = find_spec("matplotlib")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
