"""Pictures with one number to move: a slider where there is a reader, a picture where not."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aigc_edu.view.display import (
    SHARPNESS,
    checked_alt,
    close,
    figure_image,
    picture_bundle,
    png_bytes,
    show,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDGET = "application/vnd.jupyter.widget-view+json"


def has_front_end() -> bool:
    """Whether a person's notebook page is likely to be attached, so that a widget can live.

    A page that edits notebooks tells the kernel which cell it runs (``cellId`` in the
    request's metadata: JupyterLab, Notebook 7, VS Code; Colab is known by its module). What
    executes notebooks without a page (nbclient, nbconvert, nbval) does not.
    """
    if "google.colab" in sys.modules:
        return True
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return False
    try:
        request = kernel.get_parent() or {}
    except LookupError:  # outside a request there is no parent
        return False
    return bool((request.get("metadata") or {}).get("cellId"))


def _picture(figure: "Figure", alt: str) -> tuple[dict[str, str], dict[str, Any]]:
    """A figure as a display message's data and metadata; the figure is closed."""
    try:
        image = figure_image(figure)
        return picture_bundle(png_bytes(image), alt, width=round(image.width / SHARPNESS))
    finally:
        close(figure)


def slider_figure(
    draw: "Callable[[Any], Figure]",
    name: str,
    values: Sequence[Any],
    alt: str,
    *,
    default: Any = None,
) -> None:
    """Show ``draw(value)`` with a slider over ``values``; without a live page, the picture alone.

    Executed without a page (built, tested, exported) the notebook keeps the picture for the
    default value and nothing else. On a live page each move of the slider (mouse or arrow keys)
    draws again. The picture travels along for whoever opens the saved notebook elsewhere.

    Args:
        draw: takes one of ``values``, returns a matplotlib figure; it is closed here.
        name: the slider's label, a word or two.
        values: what the slider goes through, in order; numbers are printed to three digits.
        alt: what the picture shows, for those who cannot see it.
        default: the value of the first and of the static picture; the middle one if None.

    Raises:
        ValueError: when ``values`` is empty or ``default`` is not among them.

    >>> def draw(width):
    ...     figure, axes = plt.subplots()
    ...     axes.plot([0, width])
    ...     return figure
    >>> slider_figure(draw, "width", [0.5, 1.0, 2.0], "A line.")  # doctest: +SKIP
    """
    alt = checked_alt(alt)
    options = list(values)
    if not options:
        raise ValueError("slider_figure needs at least one value.")
    start = options[len(options) // 2] if default is None else default
    if start not in options:
        raise ValueError(f"default {start!r} is not one of the values.")
    if has_front_end():
        _show_slider(draw, name, options, alt, start)
    else:
        show(draw(start), alt)


def _show_slider(
    draw: "Callable[[Any], Figure]", name: str, options: list[Any], alt: str, start: Any
) -> None:
    import ipywidgets
    from IPython.display import display

    labels = [f"{one:.3g}" if isinstance(one, float) else str(one) for one in options]
    slider = ipywidgets.SelectionSlider(
        # Positions, not the values: two labels may be alike, two positions never are.
        options=list(zip(labels, range(len(options)), strict=True)),
        value=options.index(start),
        description=name,
        # Drawing takes a tenth of a second: while it is dragged, only where it rests.
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "28em"},
    )
    data, metadata = _picture(draw(start), alt)
    picture = ipywidgets.HTML(value=data["text/html"])

    def redraw(change: Any) -> None:
        position = slider.value
        described = f"{alt} ({name}: {labels[position]})"
        picture.value = _picture(draw(options[position]), described)[0]["text/html"]

    slider.observe(redraw, names="value")
    box = ipywidgets.VBox([slider, picture])
    # The picture beside the widget is what pages that cannot show widgets fall back to.
    widget = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display(  # type: ignore[no-untyped-call]
        {_WIDGET: widget, **data}, raw=True, metadata=metadata
    )
