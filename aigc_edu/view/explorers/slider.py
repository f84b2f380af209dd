"""Any figure that depends on one number, with a slider for it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aigc_edu.view.display import checked_alt
from aigc_edu.view.explorers.base import (
    Answer,
    Explorer,
    figure_answer,
    figure_picture,
    range_control,
    shows,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@shows
def slider_figure(
    draw: "Callable[[Any], Figure]",
    name: str,
    values: Sequence[Any],
    alt: str,
    *,
    default: Any = None,
) -> Explorer:
    """Show ``draw(value)`` with a slider over ``values``; without a live page, the picture alone.

    Executed without a page (built, tested, exported) the notebook keeps the picture for the
    default value and nothing else. On a live page each move of the slider (mouse or arrow keys)
    draws again.

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
    labels = [f"{one:.3g}" if isinstance(one, float) else str(one) for one in options]

    def answer(moved: list[float]) -> Answer:
        position = round(moved[0])
        return figure_answer(draw(options[position]), f"{alt} ({name}: {labels[position]})")

    return Explorer(
        "slider",
        label=f"A picture that follows the slider {name}",
        # Positions, not the values: two labels may be alike, two positions never are.
        controls=[
            range_control(
                name, 0, len(options) - 1, start=options.index(start), step=1, labels=labels
            )
        ],
        draw=answer,
        static=lambda: (*figure_picture(draw(start)), ""),
        alt=alt,
        figure={"alt": alt},
    )
