"""Plots that say more than one color can."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from aigc_edu.view.display import checked_alt, show
from aigc_edu.view.style import COLORS, LINE_STYLES, MARKERS, settings


def _series(name: str, values: Any) -> npt.NDArray[np.float64]:
    if hasattr(values, "detach"):
        values = values.detach().cpu().double().numpy()
    elif isinstance(values, Sequence) and values and hasattr(values[0], "detach"):
        values = [float(value) for value in values]
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name!r} must be a list of numbers, not of shape {array.shape}.")
    return array


def curves(
    series: Mapping[str, Any],
    *,
    x: Any = None,
    x_label: str,
    y_label: str,
    title: str,
    alt: str,
    log_y: bool = False,
) -> None:
    """Display one or more named curves over a common axis.

    Curves differ by color, by line style and by marker, so that the plot reads
    without color. Values that are not numbers leave a gap, and the title says so.

    Args:
        series: name → values, as lists, arrays or tensors; at most six.
        x: positions of the values, one list for all; by default 0, 1, 2, ... for each.
        x_label: the horizontal axis, with its unit.
        y_label: the vertical axis, with its unit.
        title: what to see.
        alt: text alternative.
        log_y: logarithmic vertical axis.

    Raises:
        ValueError: if there is no curve or there are more than six, if lengths do not
            fit, or if ``alt`` is empty.

    >>> curves({"squares": [0, 1, 4]}, x_label="n", y_label="n²",
    ...        title="Squares grow faster and faster", alt="A curve that bends upwards.")
    """
    import matplotlib
    from matplotlib.figure import Figure

    alt = checked_alt(alt)
    if not 1 <= len(series) <= len(MARKERS):
        raise ValueError(f"curves draws 1 to {len(MARKERS)} series, not {len(series)}.")
    shared = None if x is None else _series("x", x)
    with matplotlib.rc_context(settings()):
        figure = Figure()
        axes = figure.subplots()
        gaps = []
        for index, (name, values) in enumerate(series.items()):
            heights = _series(name, values)
            places = np.arange(len(heights)) if shared is None else shared
            if len(places) != len(heights):
                raise ValueError(
                    f"{name!r} has {len(heights)} values for {len(places)} positions x."
                )
            finite = np.isfinite(heights)
            if not finite.all():
                gaps.append(name)
            axes.plot(
                places,
                np.where(finite, heights, np.nan),
                label=name,
                color=COLORS[index],
                linestyle=LINE_STYLES[index],
                marker=MARKERS[index],
                # About a dozen markers a curve, shifted so that they do not cover each other.
                markevery=max(1, len(heights) // 12)
                if len(heights) <= 12
                else (index * len(heights) // 72, max(1, len(heights) // 12)),
            )
        if log_y:
            axes.set_yscale("log")
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        if gaps:
            title += f"\n(not a number in places: {', '.join(gaps)})"
        axes.set_title(title, wrap=True)
        if len(series) > 1:
            axes.legend()
        show(figure, alt)
