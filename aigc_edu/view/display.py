"""Putting a picture with its text alternative under a cell, or nowhere if there is no cell."""

import base64
import html
import io
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

# A figure is drawn finer than it is shown, so that letters stay sharp on a dense screen.
SHARPNESS = 1.5


def checked_alt(alt: str) -> str:
    """The text alternative without white space around it.

    Raises:
        ValueError: if nothing is left.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(
            "A picture needs a text alternative: pass alt='...' with one sentence "
            "that says what the picture shows."
        )
    return " ".join(alt.split())


def in_kernel() -> bool:
    """Whether there is a notebook's kernel (or IPython) that can display something."""
    # Never imports IPython: if nobody has, there is no kernel.
    module = sys.modules.get("IPython")
    return module is not None and module.get_ipython() is not None


def png_bytes(image: "Image", level: int = 9) -> bytes:
    """A Pillow image as PNG; ``level`` 1 is quick and large, 9 is slow and small."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=level, optimize=level == 9)
    return buffer.getvalue()


def picture_bundle(
    png: bytes, alt: str, *, width: int | None = None, note: str = ""
) -> tuple[dict[str, str], dict[str, Any]]:
    """A picture as the data and metadata of a display message.

    ``text/html`` stands beside ``image/png`` because JupyterLab's renderer of images
    drops the text alternative.

    Args:
        png: the picture.
        alt: its text alternative.
        width: width in CSS pixels at which it is shown; None for its own.
        note: a sentence for everybody, shown under the picture.
    """
    encoded = base64.b64encode(png).decode("ascii")
    size = f' width="{width}"' if width else ""
    markup = (
        f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(alt)}"{size} '
        'style="max-width:100%">'
    )
    if note:
        markup = f"<div>{markup}<p>{html.escape(note)}</p></div>"
    data = {
        "image/png": encoded,
        "text/html": markup,
        "text/plain": f"{alt}\n{note}" if note else alt,
    }
    metadata: dict[str, Any] = {"image/png": {"alt": alt}}
    if width:
        metadata["image/png"]["width"] = width
    return data, metadata


def show_picture(image: "Image", alt: str, *, width: int | None = None, note: str = "") -> None:
    """Display a Pillow image with its text alternative; without a kernel only check ``alt``.

    Without a kernel a ``note`` is still printed, since it reports a fault.
    """
    alt = checked_alt(alt)
    if not in_kernel():
        if note:
            print(note)
        return
    from IPython.display import display

    data, metadata = picture_bundle(png_bytes(image), alt, width=width, note=note)
    display(data, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


def few_colors(image: "Image", colors: int = 256) -> "Image":
    """The image with a palette of so many colors: a third of the bytes for a plot."""
    from PIL import Image as pillow

    rgb = image.convert("RGB")
    # No dithering: it would speckle flat areas and undo the saving.
    return rgb.quantize(colors=colors, method=pillow.Quantize.MEDIANCUT, dither=pillow.Dither.NONE)


def figure_image(figure: "Figure") -> "Image":
    """Draw a matplotlib figure into a Pillow image, whatever its backend is."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image as pillow

    dpi, canvas = figure.dpi, figure.canvas
    try:
        figure.set_dpi(dpi * SHARPNESS)
        agg: Any = FigureCanvasAgg(figure)
        agg.draw()
        pixels = np.asarray(agg.buffer_rgba()).copy()  # (height, width, 4)
    finally:
        figure.set_dpi(dpi)
        figure.set_canvas(canvas)
    flat = pillow.new("RGB", (pixels.shape[1], pixels.shape[0]), "white")
    drawn = pillow.fromarray(pixels)
    flat.paste(drawn, mask=drawn.getchannel("A"))
    # Lines and letters need few colors, an image or a colored mesh all it can get.
    shaded = any(axes.images or axes.collections for axes in figure.axes)
    return few_colors(flat, 256 if shaded else 64)


def close(figure: "Figure") -> None:
    """Forget a figure, so that neither pyplot nor the notebook shows it again."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)


def show(figure: "Figure", alt: str) -> None:
    """Display a matplotlib figure with a text alternative, then close it.

    The picture is stored as PNG, as ``text/html`` with the text alternative, and as
    plain text. Without a notebook's kernel nothing is displayed and nothing opened.

    Args:
        figure: from ``matplotlib.pyplot.subplots`` or ``matplotlib.figure.Figure``.
        alt: one or two sentences that say what the figure shows, for readers who
            cannot see it.

    Raises:
        ValueError: if ``alt`` is empty.
        TypeError: if ``figure`` is no matplotlib figure.

    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> _ = figure.subplots().plot([0, 1], [0, 1])
    >>> show(figure, alt="A line that rises from 0 to 1.")
    """
    from matplotlib.figure import Figure

    if not isinstance(figure, Figure):
        raise TypeError(f"show needs a matplotlib figure, not {type(figure).__name__}.")
    try:
        alt = checked_alt(alt)
        if in_kernel():
            image = figure_image(figure)
            show_picture(image, alt, width=round(image.width / SHARPNESS))
    finally:
        close(figure)
