"""Colors, lines and letters of every figure in the course."""

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

NOT_A_NUMBER = (213, 94, 0)
"""Vermilion, as (red, green, blue): how a value that is not a number looks in a picture."""


def settings() -> Any:
    """The matplotlib settings that :func:`use_style` sets, as a dictionary."""
    from cycler import cycler

    lines = [color for color in COLORS if color != "#F0E442"]
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
        "axes.prop_cycle": cycler(color=lines[:6])
        + cycler(linestyle=[LINE_STYLES[i] for i in range(6)]),
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
