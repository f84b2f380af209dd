"""A line of text that says how far a loop is."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from aigc_edu.view.display import in_kernel

Item = TypeVar("Item")


def progress(iterable: Iterable[Item], description: str) -> Iterator[Item]:
    """Pass through an iterable and show rate and time left in one line of text.

    Text, not a widget: a saved notebook keeps the last state of the line, where a
    widget would reopen empty. The line is drawn again at most once a second. Where
    there is neither a notebook nor a terminal (a log file, a pipe) nothing is printed.

    Args:
        iterable: anything to loop over; with a length, the time left is shown too.
        description: what is going on, for the start of the line.

    >>> sum(progress(range(4), "adding"))
    6
    """
    from tqdm import tqdm  # type: ignore[import-untyped]

    class Line(tqdm):  # type: ignore[misc]
        monitor_interval = 0  # no thread that watches over the bar and outlives the loop

    kernel = in_kernel()
    with Line(
        iterable,
        desc=description,
        file=sys.stdout if kernel else sys.stderr,  # notebooks print stderr on red
        disable=False if kernel else None,  # None: quiet unless it is a terminal
        mininterval=1.0 if kernel else 0.2,
        ncols=80,
        leave=True,
    ) as bar:
        yield from bar
