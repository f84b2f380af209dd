"""The notebook's ■ while live loops run."""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

ONE_PRESS = 0.5
"""Seconds within which two presses of ■ count as one."""


class Interrupts:
    """■ (SIGINT) while live loops run: once ends the loops, again is a KeyboardInterrupt.

    Installed by the outermost loop and taken away when no loop runs, whichever way it ended.

    Args:
        stop: ends the loops before their next step; called by a signal's handler, between any two
            instructions of the main thread.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._before: Any = None
        self._installed = False
        self._pressed_at: float | None = None

    def install(self) -> None:
        """Take over SIGINT, if this is the main thread and somebody in Python holds it."""
        if threading.current_thread() is not threading.main_thread():
            return
        before = signal.getsignal(signal.SIGINT)
        if before is None or self._installed:  # None: set outside Python, cannot be restored
            return
        self._pressed_at = None
        self._before = signal.signal(signal.SIGINT, self._on_signal)
        self._installed = True

    def restore(self) -> None:
        """Give SIGINT back to who had it, if :meth:`install` took it."""
        if self._installed:
            self._installed = False
            signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        # A second press in a hurry is not meant to break into the step.
        if self._pressed_at is None:
            self._pressed_at = now
            self._stop()
        elif now - self._pressed_at >= ONE_PRESS:
            raise KeyboardInterrupt
