"""The bar beside a running loop: Stop, Pause, Step and a learning-rate slider.

The page's messages arrive on a thread of the kernel's (a subshell), because the main thread
is busy with the loop. That thread only notes what was asked for; the loop looks before each
step. Whether messages arrive at all is found out by a handshake: the page pings, and enables
its buttons when an answer comes. Where none comes, ■ still works.
"""

import math
import threading
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from aigc_edu.view.front_end import unbind_shell
from aigc_edu.view.loop.rates import LearningRates
from aigc_edu.view.style import page_properties

FOLDER = Path(__file__).resolve().parent

LOWEST, HIGHEST = 0.1, 10.0
"""How far the slider moves the learning rate, as factors of where it began."""

# What the page does with the notebook's own outputs: a bar that nobody answers for (the page
# was loaded anew, or the file opened elsewhere) is hidden, and the sentence shown in its place.
# It waits, because a bar takes a moment to appear. The selectors fit JupyterLab and Notebook 7;
# everywhere else the sentence stays hidden.
NOTE = """\
<style>
.aigc-live-note { display: none; }
.jp-OutputArea:has(.aigc-live-note):not(:has([data-aigc-live])) .aigc-live-note {
  display: block; visibility: hidden; animation: aigc-live-note 0s 3s forwards; }
@keyframes aigc-live-note { to { visibility: visible; } }
.jp-OutputArea:not(:has([data-aigc-live]))
  .jp-OutputArea-child:has(.aigc-live-note) + .jp-OutputArea-child { display: none; }
</style>
<p class="aigc-live-note">This page was loaded while a loop was running. The loop goes on in the
kernel, and the picture is the last one that was saved. When the kernel is idle,
<code>live.last</code> in a new cell shows the last frame.</p>"""


class Bar(anywidget.AnyWidget):
    """The widget itself; what it does is in ``controls.js``."""

    _esm = (FOLDER / "controls.js").read_text(encoding="utf-8")
    _css = page_properties() + (FOLDER / "controls.css").read_text(encoding="utf-8")

    rate = traitlets.Float(0.0).tag(sync=True)  # of all parameter groups; 0: they differ
    slider = traitlets.Bool(False).tag(sync=True)
    lowest = traitlets.Float(LOWEST).tag(sync=True)
    highest = traitlets.Float(HIGHEST).tag(sync=True)


class Controls:
    """What the bar asks of the loop. The page's thread writes, the loop's thread reads.

    Attributes:
        stop: whether the loops should end.
        factor: by how much the learning rates should be multiplied.
    """

    def __init__(self, rates: LearningRates | None) -> None:
        self.stop = False
        self.factor = 1.0
        self._paused = False
        self._steps = 0  # steps still to go while paused
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self.widget = Bar(slider=rates is not None, rate=rates.common() if rates else 0.0)
        self.widget.on_msg(self._on_message)

    def may_step(self) -> bool:
        """Whether the loop may go on: not paused, or a single step was asked for."""
        with self._lock:
            if not self._paused or self.stop:
                return True
            if self._steps:
                self._steps -= 1
                return True
            return False

    def wait(self, seconds: float) -> None:
        """Wait until the bar asks for something, or so long at most."""
        # No lock that a signal's handler might need: ■ is noticed when the time is up.
        if self._asked.wait(seconds):
            self._asked.clear()

    def _on_message(self, widget: Any, message: Any, buffers: Any) -> None:
        """Note what was asked for. Nothing here plots, computes, or fails."""
        kind = message.get("kind") if isinstance(message, dict) else None
        with self._lock:
            if kind == "stop":
                self.stop = True
            elif kind == "pause":
                self._paused, self._steps = True, 0
            elif kind == "resume":
                self._paused, self._steps = False, 0
            elif kind == "step":
                # While the loop runs, the step under way is the one.
                self._steps += 1 if self._paused else 0
                self._paused = True
            elif kind == "rate":
                factor = message.get("factor")
                if isinstance(factor, int | float) and math.isfinite(factor):
                    self.factor = min(max(float(factor), LOWEST), HIGHEST)
            elif kind != "ping":
                return
            state = {"kind": "state", "paused": self._paused, "stop": self.stop}
        self._asked.set()
        widget.send(state)

    def listen(self) -> None:
        """Let messages come to the page's own thread, after something was sent from this one."""
        unbind_shell(self.widget)

    def close(self) -> None:
        """Take the widget away, here and in the page."""
        self.widget.close()
