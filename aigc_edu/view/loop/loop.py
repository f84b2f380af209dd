"""A training loop that can be watched and stopped, and stays a plain loop.

``live(steps)`` counts steps as ``range`` does. It runs on the main thread, starts no
thread or task, and what it draws changes nothing in training. On a notebook's page a bar
stands above the picture (:mod:`aigc_edu.view.loop.controls`). Where there is no notebook it
simply runs.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from aigc_edu.view.display import checked_alt, in_kernel, picture_bundle, png_bytes
from aigc_edu.view.front_end import has_front_end
from aigc_edu.view.loop.interrupts import Interrupts
from aigc_edu.view.loop.output import Frame, Output

if TYPE_CHECKING:
    from PIL.Image import Image

    from aigc_edu.view.loop.controls import Controls
    from aigc_edu.view.loop.rates import LearningRates

COST_FACTOR = 20
"""No new frame before this many times the time that the last one took: at most 5 %."""

LOOK = 0.1
"""Seconds between two looks at ■ while a loop is paused."""

# The loops that are running, outermost first. ■ and Stop end all of them.
_running: list["Live"] = []

# The bar, from the beginning of the outermost loop until the last one has ended.
_controls: "Controls | None" = None

_last_frame: Frame | None = None


def _stop_all() -> None:
    for loop in _running:
        loop.stop()


_interrupts = Interrupts(_stop_all)


class Live:
    """A loop over ``range(steps)`` that can show how far it is. Made by :data:`live`.

    Attributes:
        steps: the number of steps asked for.
        steps_done: the number of steps whose body ran to its end.
        stopped: whether ■ or Stop ended the loop (or :meth:`stop` did).
        seconds: how long the loop ran, without pauses; 0 before it ended.
    """

    def __init__(
        self,
        steps: int,
        *,
        rate: float = 4,
        alt: str = "The state of the training.",
        learning_rate: Any = None,
    ) -> None:
        from aigc_edu.view.loop.history import History

        if isinstance(steps, bool) or not hasattr(steps, "__index__") or steps < 0:
            raise ValueError(f"live needs a whole number of steps, 0 or more, not {steps!r}.")
        if not rate > 0:
            raise ValueError(f"rate is in frames a second and more than 0, not {rate!r}.")
        self.steps = int(steps)
        self.alt = checked_alt(alt)
        self.steps_done = 0
        self.stopped = False
        self.seconds = 0.0
        self._period = 1 / rate
        self._history = History()
        self._step = 0
        self._started: float | None = None
        self._paused_for = 0.0  # seconds
        self._next_frame = 0.0  # time of the next frame, on the clock of perf_counter
        self._rates = _learning_rates(learning_rate)
        self._moved_at: int | None = None  # first step with another learning rate
        # Under the cell, from top to bottom.
        self._note, self._bar, self._picture_place = Output(), Output(), Output()
        self._last: tuple[Any, dict[str, Any]] | None = None  # what the loop showed last
        self._picture: tuple[Any, Any, str] = (None, None, "")  # pixels, broken, note
        self._png: bytes | None = None

    @property
    def history(self) -> dict[str, list[float]]:
        """What the loop showed: name → the values, one for each call of :meth:`show`."""
        return self._history.read()

    def stop(self) -> None:
        """End the loop before its next step; the code after the loop goes on."""
        self.stopped = True

    def __iter__(self) -> Iterator[int]:
        if self._started is not None:
            raise RuntimeError("This loop has run already: make a new one with live(...).")
        self._started = time.perf_counter()
        outermost = not _running
        _running.append(self)
        finished = False
        try:
            if self._rates is not None:
                self._rates.begin()
            if outermost:
                _interrupts.install()
                self._open_bar()
            while self.steps_done < self.steps and not self.stopped:
                self._obey()
                if self.stopped:  # the bar said so just now
                    break
                self._step = self.steps_done
                yield self._step
                self.steps_done += 1
            finished = True
        finally:
            # Reached at the end, and by break or an exception in the loop's body: a generator that
            # nobody asks for more is closed, which raises GeneratorExit at the yield. The bar goes
            # and SIGINT is given back even where the last frame cannot be drawn.
            self.seconds = time.perf_counter() - self._started - self._paused_for
            if self._rates is not None:
                self._rates.restore()
            try:
                self._finish(finished)
            finally:
                self._last = None  # what the picture came from need not live on
                _running.remove(self)
                if not _running:
                    try:
                        _close_bar()
                    finally:
                        _interrupts.restore()
                self._note.clear()
                self._bar.clear()

    def _open_bar(self) -> None:
        """Put the bar above the place of the picture, where somebody can press its buttons."""
        global _controls
        if not self.steps or not has_front_end():
            return
        from aigc_edu.view.loop.controls import NOTE, Controls

        _controls = Controls(self._rates)
        bundle = _controls.widget._repr_mimebundle_()
        assert bundle is not None
        self._note.put({"text/html": NOTE, "text/plain": ""})
        self._bar.put({**bundle[0], "text/plain": "Training controls"})
        _controls.listen()

    def _obey(self) -> None:
        """Do what the bar asks for, before a step; while paused, wait here."""
        controls = _controls
        if controls is None:
            return
        if not controls.may_step():
            began = time.perf_counter()
            if self._last is not None:
                self._draw()  # whoever pauses wants to see this step, not one of a second ago
            while not controls.may_step() and not self.stopped:
                controls.wait(LOOK)
            self._paused_for += time.perf_counter() - began
        if controls.stop:
            _stop_all()
        # The slider belongs to the loop that opened the bar, whichever loop runs now.
        opener = _running[0]
        if opener._rates is not None and controls.factor != opener._rates.factor:
            opener._rates.scale(controls.factor)
            if opener._moved_at is None:
                opener._moved_at = opener.steps_done

    def show(
        self,
        images: Any = None,
        /,
        *,
        columns: int | None = None,
        value_range: tuple[float, float] = (0.0, 1.0),
        **scalars: Any,
    ) -> None:
        """Show pictures and numbers of the present step; cheap enough for every step.

        A frame is drawn only when one is due: ``rate`` a second, and never before twenty
        times the last frame's cost. Numbers are kept at every call.

        Args:
            images: images (count, 1, height, width) or (count, height, width), or better a
                function without arguments that makes them: it is called only for a frame,
                without gradients, with every network in eval mode, and with random
                numbers of its own, so that looking never changes training (see
                :func:`aigc_edu.view.undisturbed.undisturbed`).
            columns: images in a row; by default about a square.
            value_range: values drawn black and white: (-1, 1) for a generator with tanh.
            scalars: numbers by name, such as ``loss=loss``. A tensor is not read before a
                frame needs it, so that a GPU need not wait.

        Raises:
            ValueError: if a number is not one number, or the images have another shape.
        """
        self._history.add(self._step, scalars)
        self._last = (images, {"columns": columns, "value_range": value_range})
        if time.perf_counter() >= self._next_frame and in_kernel():
            self._draw()

    def _draw(self) -> None:
        """Draw what was shown last and put it on the screen."""
        from aigc_edu.view.undisturbed import wait_for_device

        wait_for_device()
        began = time.perf_counter()
        self._take_picture()
        self._png = png_bytes(self._frame(self._line()), level=1)
        alt = f"{self.alt} (step {self._step})"
        data, metadata = picture_bundle(self._png, alt)
        # While the loop runs a plain PNG does: it is half the size, and moves without a flicker.
        del data["text/html"]
        self._publish(data, metadata)
        ended = time.perf_counter()
        self._next_frame = ended + max(self._period, COST_FACTOR * (ended - began))

    def _take_picture(self) -> None:
        """Evaluate the images shown last."""
        from aigc_edu.view.pictures import to_pixels
        from aigc_edu.view.undisturbed import undisturbed

        if self._last is None:
            return
        images, options = self._last
        if callable(images):
            with undisturbed():
                images = images()
        if images is not None:
            pixels, broken, note = to_pixels(images, options["value_range"])
            self._picture = (pixels.copy(), broken, note)

    def _frame(self, line: str) -> "Image":
        from aigc_edu.view.loop.frame import draw_frame

        pixels, broken, _ = self._picture
        history = self._history.read()
        return draw_frame(
            pixels,
            broken,
            columns=None if self._last is None else self._last[1]["columns"],
            history=history,
            steps={name: self._history.steps(name) for name in history},
            total=self.steps,
            line=line,
        )

    def _line(self) -> str:
        from aigc_edu.view.loop.frame import PANELS, number

        assert self._started is not None
        ran = time.perf_counter() - self._started - self._paused_for
        rate = self._step / max(ran, 1e-9)
        line = f"step {self._step + 1:,} of {self.steps:,}"
        if self._step:
            line += f"   {number(rate)} steps/s"
        for name, values in list(self._history.read().items())[PANELS:]:
            line += f"   {name} {number(values[-1])}"
        return line

    def summary(self) -> str:
        """One line: steps, seconds, rate and the last value of each number."""
        from aigc_edu.view.loop.frame import number

        text = f"{self.steps_done:,} of {self.steps:,} steps"
        if self.seconds and self.steps_done:
            text += f" in {self.seconds:.1f} s ({number(self.steps_done / self.seconds)} a second)"
        if self.stopped and self.steps_done < self.steps:
            text = f"Stopped after {text}"
        values = [f"{name} {number(series[-1])}" for name, series in self.history.items() if series]
        return ", ".join([text, *values])

    def _finish(self, finished: bool) -> None:
        """Leave the last frame with its text alternative, and one line of text.

        Args:
            finished: False if an exception or ``break`` left the loop: then nothing here
                may hide the reason, and the picture that is there stays.
        """
        line = self.summary()
        if self._last is None:
            if self.steps:
                print(line)
            return
        if not in_kernel():
            print("\n".join(filter(None, [line, self._history.faults()])))
            return
        try:
            self._take_picture()  # again, since the last frame may be of an earlier step
        except Exception:
            if finished:
                raise
        image = self._frame(f"step {self.steps_done:,} of {self.steps:,}")
        notes = filter(None, [line, self._moved(), self._picture[2], self._history.faults()])
        alt = " ".join(_sentences([self.alt, line]))
        data, metadata = picture_bundle(png_bytes(image), alt, note=" ".join(_sentences(notes)))
        self._publish(data, metadata)

    def _moved(self) -> str:
        """A sentence if the slider moved the learning rate, or ""."""
        if self._moved_at is None:
            return ""
        return (
            f"The learning rate was moved by hand from step {self._moved_at:,} on: another run "
            "with this seed will differ."
        )

    def _publish(self, data: dict[str, str], metadata: dict[str, Any]) -> None:
        """Put a frame in the place of the one before."""
        global _last_frame
        _last_frame = Frame(data, metadata)
        self._picture_place.put(data, metadata)


def _close_bar() -> None:
    """Take the bar away, if there is one."""
    global _controls
    controls, _controls = _controls, None
    if controls is not None:
        controls.close()


def _learning_rates(optimizers: Any) -> "LearningRates | None":
    """What the slider moves, or None without a slider; wrong arguments are refused anywhere."""
    if optimizers is None:
        return None
    from aigc_edu.view.loop.rates import LearningRates

    return LearningRates(optimizers)


def _sentences(parts: Any) -> Iterator[str]:
    for part in parts:
        yield part if part.endswith(".") else f"{part}."


class LiveEntry:
    """What the name ``live`` stands for: make a loop, or show something in the running one."""

    def __call__(
        self,
        steps: int,
        *,
        rate: float = 4,
        alt: str = "The state of the training.",
        learning_rate: Any = None,
    ) -> Live:
        """Loop over ``range(steps)`` and show how training goes.

        ■ (interrupt the kernel) ends the loop after the present step, and the cell goes
        on; ■ again, later than half a second, is a KeyboardInterrupt as usual. With loops
        in loops ■ ends them all. On a notebook's page a bar offers the same by Stop, and
        Pause, Step (one step, then pause) and a slider for the learning rate. At the end,
        however it comes, the bar goes, the last frame stays as a picture with its text
        alternative, and one line of text says steps, seconds and the last numbers.

        Args:
            steps: how many, 0 or more.
            rate: frames a second at most.
            alt: what the picture shows, for readers who cannot see it.
            learning_rate: the optimizer, or a list of them, whose learning rate the bar's
                slider moves, from a tenth to ten times. After the loop it is as before.
                In loops in loops the outermost one's counts.

        Raises:
            ValueError: if ``steps`` is no whole number or negative, ``rate`` not positive,
                or ``learning_rate`` no optimizer.

        >>> training = live(3, alt="Nothing to see.")
        >>> for step in training:
        ...     training.show(loss=1 / (step + 1))
        3 of 3 steps in 0.0 s (... a second), loss 0.3333
        >>> training.steps_done, training.stopped
        (3, False)
        """
        return Live(steps, rate=rate, alt=alt, learning_rate=learning_rate)

    @property
    def last(self) -> Frame | None:
        """The frame that a loop showed last, None before the first: for a page loaded anew.

        A page that is loaded while a loop runs is not told of its pictures. When the loop
        has ended, ``live.last`` as the last line of a new cell shows the final one.
        """
        return _last_frame

    def show(
        self,
        images: Callable[[], Any] | Any = None,
        /,
        *,
        columns: int | None = None,
        value_range: tuple[float, float] = (0.0, 1.0),
        **scalars: Any,
    ) -> None:
        """Show something in the innermost running loop; arguments as in :meth:`Live.show`.

        Raises:
            RuntimeError: if no ``live`` loop is running.
        """
        if not _running:
            raise RuntimeError("live.show belongs inside a loop: for step in live(1000): ...")
        _running[-1].show(images, columns=columns, value_range=value_range, **scalars)


live = LiveEntry()
"""``for step in live(1000): ...`` runs a loop; ``live.show(...)`` inside it shows something."""
