"""What all explorers share: a widget that asks, Python that answers, a picture where neither is.

An explorer is a function from the values of its controls to a picture. The page's half is
``explorer.js``; the protocol between them is three messages:

- page to Python ``{"ask": n, "view": token, "values": [number, ...]}``: the value of every
  control, in order; at most three of these are open, and the newest position is never lost;
- Python to page ``{"answer": n, "view": token, ...}`` with one buffer: raw pixels, curves, or a
  PNG; it settles every question up to ``n``;
- or ``{"answer": n, "view": token, "error": sentence}``.

Pictures are made on the main thread only, between cells: never beside a training loop. While a
cell runs the questions wait, and only the newest of them is answered afterwards.
"""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import numpy as np

from aigc_edu.errors import CourseError
from aigc_edu.view import front_end
from aigc_edu.view.display import (
    SHARPNESS,
    checked_alt,
    close,
    few_colors,
    figure_image,
    in_kernel,
    picture_bundle,
    png_bytes,
)
from aigc_edu.view.style import CANVAS_COLORS, NOT_A_NUMBER, page_properties

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

FOLDER = Path(__file__).resolve().parent

P = ParamSpec("P")

Answer = tuple[dict[str, Any], bytes]
"""What a picture function returns: the fields of the message, and its buffer."""


@cache
def _widget_class() -> Any:
    """The widget, made when first needed: importing anywidget takes a while."""
    import anywidget
    import traitlets

    class ExplorerWidget(anywidget.AnyWidget):
        _esm = (FOLDER / "explorer.js").read_text(encoding="utf-8")
        _css = page_properties() + (FOLDER / "explorer.css").read_text(encoding="utf-8")
        spec = traitlets.Dict().tag(sync=True)
        points = traitlets.Bytes(b"").tag(sync=True)
        anchor = traitlets.Unicode("").tag(sync=True)  # class of the element to come alive in
        identity = traitlets.Unicode("").tag(sync=True)

    return ExplorerWidget


# Cell -> the run that made explorers there, and these: the next run of the cell replaces them.
_widgets_of_cell: dict[str, tuple[Any, list[Any]]] = {}


class Explorer:
    """Controls beside a picture that follows them; without a page, the picture alone.

    Args:
        name: what it is, a word or two.
        label: what the whole is called for a reader who cannot see it, a sentence.
        controls: descriptions of the controls, see ``explorer.js``.
        draw: the control's values to an answer. Runs on the main thread, between cells.
        static: the picture for readers without a kernel: an image, its width in CSS pixels
            (None for its own), and a sentence on what is wrong with it ("" if nothing is).
        alt: text alternative of the static picture.
        hint: what to do, a sentence shown under the controls.
        points: bytes that the controls need.
        output: how answers look: ``pictures``, ``curves`` or ``figure``.
    """

    def __init__(
        self,
        name: str,
        *,
        label: str,
        controls: Sequence[Mapping[str, Any]],
        draw: Callable[[list[float]], Answer],
        static: Callable[[], tuple["Image", int | None, str]],
        alt: str,
        hint: str = "",
        points: bytes = b"",
        **output: Any,
    ) -> None:
        self.spec = {
            "name": name,
            "label": label,
            "controls": [dict(control) for control in controls],
            "hint": hint,
            "colors": CANVAS_COLORS,
            **output,
        }
        self.alt = checked_alt(alt)
        self.points = points
        self._draw = draw
        self._static = static
        self._lock = threading.Lock()
        self._open: dict[str, dict[str, Any]] = {}  # view -> its newest question
        self.widget: Any = None

    def starts(self) -> list[float]:
        """The values with which the controls begin."""
        values: list[float] = []
        for control in self.spec["controls"]:
            values += control["start"] if control["kind"] == "plane" else [control.get("start", 0)]
        return values

    def answer(self, values: Any) -> Answer:
        """What belongs to these values; a mistake comes back as ``{"error": sentence}``."""
        try:
            return self._draw(self._checked(values))
        except CourseError as error:
            return {"error": str(error)}, b""
        except Exception as error:  # a learner's decoder may raise anything
            return {"error": raised("The picture", error)}, b""

    def _checked(self, values: Any) -> list[float]:
        """The page's values, each brought into the range of its control."""
        count = len(self.starts())
        if not isinstance(values, list | tuple) or len(values) != count:
            raise CourseError(f"The page must send {count} numbers: reload it.")
        numbers = [
            float(value)
            if isinstance(value, int | float) and not isinstance(value, bool)
            else math.nan
            for value in values
        ]
        if not all(map(math.isfinite, numbers)):
            raise CourseError("The page sent something that is no number: reload it.")
        checked: list[float] = []
        for control in self.spec["controls"]:
            for _ in range(2 if control["kind"] == "plane" else 1):  # a plane has x and y
                value = numbers[len(checked)]
                if control["kind"] == "choice":
                    checked.append(min(max(round(value), 0), len(control["options"]) - 1))
                elif control["kind"] == "draw":
                    checked.append(max(round(value), 0))
                else:
                    checked.append(min(max(value, control["low"]), control["high"]))
        return checked

    # ---------------------------------------------------------------- messages

    def received(self, widget: Any, content: Any, buffers: Any = None) -> None:
        """Take a question of the page; it is answered on the main thread."""
        if not isinstance(content, dict) or "ask" not in content:
            return
        with self._lock:
            self._open[str(content.get("view"))] = content
        front_end.on_main_thread(self._answer_newest)

    def _answer_newest(self) -> None:
        # Several questions may have put several of these calls on the loop: the first takes
        # all, and the rest have nothing left to do.
        with self._lock:
            waiting, self._open = self._open, {}
        for view, content in waiting.items():
            fields, buffer = self.answer(content.get("values"))
            self.widget.send({"answer": content["ask"], "view": view, **fields}, [buffer])
        front_end.unbind_shell(self.widget)

    # ---------------------------------------------------------------- on the page

    def show(self) -> None:
        """Display the explorer, or its picture where no page is attached.

        Raises:
            CourseError: if the picture cannot be made: what is wrong and what to do.
        """
        if not in_kernel():
            self._static()  # an example that cannot be drawn should fail here too
            return
        from IPython.display import display

        image, width, note = self._static()
        if image.mode == "RGB":
            image = few_colors(image)
        data, metadata = picture_bundle(png_bytes(image), self.alt, width=width, note=note)
        if front_end.has_front_end():
            self._start()
            if front_end.one_document():
                # Comes alive in this element; what is saved is a picture in a <div>.
                anchor = self.widget.anchor
                data["text/html"] = f'<div class="{anchor}">{data["text/html"]}</div>'
            else:
                view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
                data = {front_end.WIDGET: view, **data}  # type: ignore[dict-item]
        display(data, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]

    def _start(self) -> None:
        """Make the widget, and let those go that an earlier run of this cell had made."""
        from uuid import uuid4

        anchor = f"aigc-explorer-{uuid4().hex}" if front_end.one_document() else ""
        self.widget = _widget_class()(spec=self.spec, points=self.points, anchor=anchor)
        self.widget.identity = self.widget.model_id
        self.widget.on_msg(self.received)
        cell, run = front_end.cell(), (front_end.request().get("header") or {}).get("msg_id")
        if cell:
            # A cell may show several explorers: those of one run stay together.
            before, widgets = _widgets_of_cell.get(cell, (None, []))
            if before != run:
                for old in widgets:
                    old.close()
                widgets = []
            _widgets_of_cell[cell] = (run, [*widgets, self.widget])


def shows(make: Callable[P, Explorer]) -> Callable[P, None]:
    """A function with the arguments of ``make`` that shows the explorer that ``make`` returns.

    The explorer itself, without showing it, is ``function.__wrapped__(...)``.
    """

    @wraps(make)
    def function(*args: P.args, **kwargs: P.kwargs) -> None:
        make(*args, **kwargs).show()

    # What ``?`` and an editor show: the arguments of ``make``, and that nothing comes back.
    function.__signature__ = signature(make).replace(return_annotation=None)  # type: ignore[attr-defined]
    return function


def raised(what: str, error: Exception) -> str:
    """A sentence on an exception in the learner's code.

    >>> raised("The decoder", ValueError("no such thing\\nand more"))
    'The decoder stopped with ValueError: no such thing. Mend it, then run its cell and this one \
again.'
    """
    lines = str(error).strip().splitlines()
    reason = f": {lines[0].rstrip('.')}" if lines else ""
    return (
        f"{what} stopped with {type(error).__name__}{reason}. Mend it, then run its cell and "
        "this one again."
    )


# ------------------------------------------------------------------------------ answers


def pixels_answer(images: Any, value_range: tuple[float, float]) -> Answer:
    """Images (count, 1, height, width) as raw pixels; what is no number in vermilion."""
    from aigc_edu.view.pictures import to_pixels

    pixels, broken, note = to_pixels(images, value_range)
    colored = pixels[..., None]  # (count, height, width, 1)
    if broken.any():
        colored = np.repeat(colored, 3, axis=-1)  # (count, height, width, 3)
        colored[broken] = NOT_A_NUMBER
    fields: dict[str, Any] = {"shape": list(colored.shape)}
    if note:
        fields["note"] = note
    return fields, colored.tobytes()


def curves_answer(curves: Any, sentence: str) -> Answer:
    """Curves (series, points) as float32, and a sentence on them."""
    values = np.asarray(curves, dtype=np.float32)
    return {"sentence": sentence}, np.ascontiguousarray(values).tobytes()


def grid_picture(
    images: Any, value_range: tuple[float, float], **options: Any
) -> tuple["Image", None, str]:
    """Images as one still picture; options as in :func:`aigc_edu.view.pictures.grid_image`."""
    from aigc_edu.view.pictures import grid_image, to_pixels

    pixels, broken, note = to_pixels(images, value_range)
    return grid_image(pixels, broken, **options), None, note


def figure_picture(figure: "Figure") -> tuple["Image", int]:
    """A matplotlib figure as an image and its width in CSS pixels; the figure is closed."""
    try:
        image = figure_image(figure)
    finally:
        close(figure)
    return image, round(image.width / SHARPNESS)


def figure_answer(figure: "Figure", alt: str) -> Answer:
    """A matplotlib figure as PNG."""
    image, width = figure_picture(figure)
    return {"alt": alt, "width": width}, png_bytes(image)


# ------------------------------------------------------------------------------ controls


def range_control(
    name: str,
    low: float,
    high: float,
    *,
    start: float,
    step: float,
    labels: Sequence[str] | None = None,
    unit: str = "",
    play: float = 0,
    around: bool = False,
    jumps: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A slider. ``play`` is by how much it moves by itself each time; 0 for no such button."""
    control: dict[str, Any] = {
        "kind": "range",
        "name": name,
        "low": low,
        "high": high,
        "step": step,
        "start": start,
        "unit": unit,
        "play": play,
        "around": around,
        "jumps": [dict(jump) for jump in jumps],
    }
    if labels is not None:
        control["labels"] = [str(label) for label in labels]
    return control


def choice_control(
    name: str,
    options: Sequence[str],
    *,
    start: int = 0,
    sets: Sequence[Sequence[float]] | None = None,
) -> dict[str, Any]:
    """A list to choose from; ``sets`` are values for the controls that follow, an option each."""
    control: dict[str, Any] = {
        "kind": "choice",
        "name": name,
        "options": [str(option) for option in options],
        "start": start,
    }
    if sets is not None:
        control["sets"] = [list(values) for values in sets]
    return control


def draw_control(name: str) -> dict[str, Any]:
    """A button; its value is how often it was pressed."""
    return {"kind": "draw", "name": name, "start": 0}


def group(
    alt: str, *, count: int = 1, columns: int = 1, scale: int = 4, caption: str = ""
) -> dict[str, Any]:
    """Some of an answer's images, shown together: ``scale`` CSS pixels for each of theirs."""
    return {"alt": alt, "count": count, "columns": columns, "scale": scale, "caption": caption}
