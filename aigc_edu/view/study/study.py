"""A study under a cell: two images, one real and one generated. Which is the real one?

A two-alternative forced choice: whoever looks must choose, also when in doubt, so that nobody's
caution or boldness counts, only what the eye can tell. Answers stay on the learner's machine.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.metrics.intervals import Interval, wilson_interval
from aigc_edu.paths import state_dir
from aigc_edu.view.display import checked_alt, picture_bundle, png_bytes, show_picture
from aigc_edu.view.front_end import WIDGET, has_front_end
from aigc_edu.view.pictures import Pixels, grid_image, to_array, to_pixels
from aigc_edu.view.style import page_properties

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER = Path(__file__).resolve().parent

Side = Literal["left", "right"]
Observer = Callable[[npt.NDArray[Any], npt.NDArray[Any]], Side]

_ZOOM = 6  # screen pixels a pixel of an image
_STATIC = 10  # pairs in the picture for a page without a kernel
_MARGIN = 2  # pixels beside a pair in that picture


@dataclass(frozen=True)
class Pair:
    """One question.

    Attributes:
        real: place of the real image.
        generated: place of the generated one.
        real_side: where the real one is shown.
    """

    real: int
    generated: int
    real_side: Side


@dataclass(frozen=True)
class StudyResult:
    """What the answers say.

    Attributes:
        right: how many were right.
        answered: how many there are.
        interval: Wilson's 95 % interval of the share that is right; None without an answer.
    """

    right: int
    answered: int
    interval: Interval | None

    @property
    def tells_apart(self) -> bool:
        """Whether chance (one half) lies below the interval."""
        return self.interval is not None and self.interval.low > 0.5

    def __str__(self) -> str:
        if self.interval is None:
            return "Nobody has answered yet."
        text = (
            f"{self.right} of {self.answered} right: {self.right / self.answered:.0%}, "
            f"95 % interval {self.interval.low:.0%} to {self.interval.high:.0%}. "
        )
        if self.tells_apart:
            return text + "Guessing lies below it: the two can be told apart."
        if self.interval.high < 0.5:
            return text + "Guessing lies above it: told apart, and taken for one another."
        return text + "Guessing (50 %) is among what these answers allow."


def fair_pairs(real: int, generated: int, trials: int, seed: int = 0) -> list[Pair]:
    """Questions in a fair order: no image twice, the real one as often left as right.

    Args:
        real: how many real images there are.
        generated: how many generated ones.
        trials: how many questions.
        seed: the same seed, the same questions.

    Returns:
        ``trials`` pairs. Of an odd number, the side of the one left over is drawn.

    Raises:
        ValueError: for no question, or more than there are images.

    >>> pairs = fair_pairs(10, 10, 4)
    >>> sorted(pair.real_side for pair in pairs)
    ['left', 'left', 'right', 'right']
    """
    if not 1 <= trials <= min(real, generated):
        raise ValueError(
            f"trials must be from 1 to {min(real, generated)}, the smaller number of images, "
            f"not {trials}: each image is shown once"
        )
    draws = np.random.default_rng(seed)
    sides = draws.permutation(np.arange(trials + trials % 2) % 2)[:trials]  # as many 0 as 1
    return [
        Pair(int(one), int(two), "left" if side else "right")
        for one, two, side in zip(
            draws.permutation(real)[:trials],
            draws.permutation(generated)[:trials],
            sides,
            strict=True,
        )
    ]


class Study:
    """A two-alternative forced-choice study with real and generated images.

    ``show()`` asks under the cell: by mouse, by the left and right arrow keys, or by Tab and
    Enter. It never says during the study whether an answer was right, since that would teach the
    observer. Answers are written after each one and found again, as long as images and questions
    are the same; ``result()`` sums them up. Without a live page a picture of the first pairs is
    left in its place.

    Args:
        real: (count, 1, height, width) in [0, 1].
        generated: the same, of the same height and width.
        trials: how many questions.
        seed: which images are paired, in which order, and where the real one is.
        name: of the file with the answers: letters, digits, hyphens.
        folder: where that file is; else "studies" where the course keeps progress.

    Raises:
        ValueError: for images that do not fit, a name that is no file's, or too many trials.

    >>> study = Study(np.zeros((4, 8, 8)), np.ones((4, 8, 8)), trials=4, name="example")
    >>> print(study.observe(lambda left, right: "left" if left.max() == 0 else "right"))
    4 of 4 right: 100%, 95 % interval 51% to 100%. Guessing lies below it: the two can be told \
apart.
    """

    def __init__(
        self,
        real: Any,
        generated: Any,
        *,
        trials: int = 40,
        seed: int = 0,
        name: str = "which-is-real",
        folder: Path | None = None,
    ) -> None:
        self._real, self._generated = to_array(real), to_array(generated)
        if self._real.shape[1:] != self._generated.shape[1:]:
            raise ValueError(
                "real and generated images must be of one height and width, got "
                f"{self._real.shape[1:]} and {self._generated.shape[1:]}"
            )
        if not name.replace("-", "").isalnum() or not name.isascii():
            raise ValueError(f"name must be letters, digits and hyphens, not {name!r}")
        self.pairs = fair_pairs(len(self._real), len(self._generated), trials, seed)
        self.answers: list[dict[str, Any]] = []
        self._name, self._folder = name, folder
        self._asked_at = time.monotonic()
        self._digest = self._fingerprint()
        self._read()

    def _fingerprint(self) -> str:
        """SHA-256 of what is seen, in order: other images or questions have another file."""
        digest = hashlib.sha256()
        for index, pair in enumerate(self.pairs):
            digest.update(f"{pair.real_side} ".encode())
            digest.update(b"".join(image.tobytes() for image in self.images(index)))
        return digest.hexdigest()

    @property
    def path(self) -> Path:
        """The file with the answers; other images or questions have another one."""
        folder = self._folder or state_dir() / "studies"
        return folder / f"{self._name}-{self._digest[:8]}.json"

    def _read(self) -> None:
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))["answers"]
            self.answers = [
                {
                    "chosen": str(answer["chosen"]),
                    # From the choice, not from the file: who edits it earns nothing.
                    "right": answer["chosen"] == pair.real_side,
                    "seconds": float(answer["seconds"]),
                }
                for answer, pair in zip(stored, self.pairs, strict=False)
            ]
        except (OSError, ValueError, KeyError, TypeError):
            self.answers = []  # none yet, or no longer readable: the study begins anew

    def _write(self) -> None:
        record = {"format": 1, "images": self._digest, "answers": self.answers}
        write_atomically(self.path, (json.dumps(record, indent=1) + "\n").encode(), private=True)

    def images(self, index: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """The two images of a question as they are shown: (left, right), each (height, width)."""
        pair = self.pairs[index]
        real, generated = self._real[pair.real], self._generated[pair.generated]
        return (real, generated) if pair.real_side == "left" else (generated, real)

    @property
    def next(self) -> int | None:
        """The question to be answered now, from 0; None when all are."""
        done = len(self.answers)
        return done if done < len(self.pairs) else None

    def answer(self, side: Side) -> None:
        """Say which image of the present pair is the real one; kept at once.

        Raises:
            ValueError: for anything but "left" and "right".
            CourseError: if all questions are answered, or the file cannot be written.
        """
        if side not in ("left", "right"):
            raise ValueError(f'an answer is "left" or "right", not {side!r}')
        index = self.next
        if index is None:
            raise CourseError("All pairs are answered: start_anew() begins again.")
        now = time.monotonic()
        self.answers.append(
            {
                "chosen": side,
                "right": side == self.pairs[index].real_side,
                "seconds": round(now - self._asked_at, 2),
            }
        )
        self._asked_at = now
        try:
            self._write()
        except CourseError:
            self.answers.pop()
            raise

    def start_anew(self) -> None:
        """Forget all answers, in the file too."""
        self.answers = []
        self.path.unlink(missing_ok=True)

    def result(self) -> StudyResult:
        """What the answers so far say."""
        return _summed([bool(answer["right"]) for answer in self.answers])

    def observe(self, observer: Observer) -> StudyResult:
        """Put every question to a function instead of a person; nothing is kept.

        Args:
            observer: takes the left and the right image, (height, width) each, and returns "left"
                or "right".
        """
        return _summed(
            [
                observer(*self.images(index)) == pair.real_side
                for index, pair in enumerate(self.pairs)
            ]
        )

    # ------------------------------------------------------------------- what is seen

    def key(self, count: int = _STATIC) -> list[Side]:
        """Where the real image is in the first pairs: the answers to the static picture."""
        return [pair.real_side for pair in self.pairs[:count]]

    def picture(self, count: int = _STATIC) -> "Image":
        """The first pairs as one picture, numbered, without the answers."""
        count = min(count, len(self.pairs))
        height, width = self._real.shape[1:]
        # White to both sides, so that two images of a pair stand closer than two pairs.
        pairs = np.full((count, height, 2 * width + 1 + 2 * _MARGIN), 255, np.uint8)
        for index in range(count):
            left, right = self.images(index)
            pairs[index, :, _MARGIN : _MARGIN + width] = _pixels(left)
            pairs[index, :, _MARGIN + width + 1 : -_MARGIN] = _pixels(right)
        return grid_image(
            pairs,
            columns=5,
            labels=[str(index + 1) for index in range(count)],
            title="Which of each pair is real, left or right?",
        )

    def show(self, alt: str) -> None:
        """Ask under the cell; without a live page leave the picture of the first pairs.

        Args:
            alt: what the picture of the first pairs shows.

        Raises:
            ValueError: if ``alt`` is empty.
        """
        alt = checked_alt(alt)
        if not has_front_end():
            show_picture(self.picture(), alt)
            return
        from IPython.display import display

        widget = _widget_class()(self)
        data, metadata = picture_bundle(png_bytes(self.picture()), alt)
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        display(  # type: ignore[no-untyped-call]
            {WIDGET: view, **data}, raw=True, metadata=metadata
        )


def _summed(right: list[bool]) -> StudyResult:
    interval = wilson_interval(sum(right), len(right)) if right else None
    return StudyResult(sum(right), len(right), interval)


def _pixels(image: npt.NDArray[Any]) -> Pixels:
    pixels: Pixels = to_pixels(image)[0][0]
    return pixels


def _data_uri(image: npt.NDArray[Any]) -> str:
    """An image as the page shows it, enlarged with sharp pixels."""
    import base64

    from PIL import Image as pillow

    large = np.kron(_pixels(image), np.ones((_ZOOM, _ZOOM), np.uint8))
    png = png_bytes(pillow.fromarray(large), level=1)
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


@cache
def _widget_class() -> Any:
    """The widget's class; made when first used, because anywidget loads ipywidgets."""
    import anywidget
    import traitlets

    class StudyWidget(anywidget.AnyWidget):
        """Two images and a question; the page sends which one was chosen."""

        _esm = (FOLDER / "study.js").read_text(encoding="utf-8")
        _css = page_properties() + (FOLDER / "study.css").read_text(encoding="utf-8")
        left = traitlets.Unicode().tag(sync=True)
        right = traitlets.Unicode().tag(sync=True)
        text = traitlets.Unicode().tag(sync=True)
        asking = traitlets.Bool().tag(sync=True)
        trial = traitlets.Int().tag(sync=True)
        shown = traitlets.Int().tag(sync=True)  # raised last: everything else is there then

        def __init__(self, study: Study) -> None:
            super().__init__()
            self._study = study
            self.on_msg(self._chosen)
            self._ask()

        def _chosen(self, _widget: Any, content: Any, _buffers: Any) -> None:
            study = self._study
            # A second press, or another view of the same widget, may speak of a pair that is gone.
            if isinstance(content, dict) and content.get("trial") == study.next:
                try:
                    study.answer(content["side"])
                except (CourseError, ValueError) as error:
                    self._ask(str(error))
                    return
            self._ask()

        def _ask(self, trouble: str = "") -> None:
            study, index = self._study, self._study.next
            with self.hold_sync():
                if index is None:
                    self.asking = False
                    self.text = f"Thank you. {study.result()}"
                else:
                    left, right = study.images(index)
                    self.left, self.right = _data_uri(left), _data_uri(right)
                    self.trial, self.asking = index, True
                    self.text = trouble or (
                        f"Pair {index + 1} of {len(study.pairs)}. Which one is real? In doubt, "
                        "guess. (Click here once for the arrow keys.)"
                    )
                self.shown += 1

    return StudyWidget
