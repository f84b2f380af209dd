"""The one list of lessons: numbers, titles and parts, of those that are there and those to come.

A lesson's title and part are written here and nowhere else by choice; its source repeats them
in its front matter and its heading, and ``aigc-edu build`` refuses a source that disagrees.
Numbers are fixed, so that links and grades last.

A new lesson that was not planned is one line below, with its number in ``_PLANNED`` while it is
in the making. Taken out of ``_PLANNED`` it is there: it then needs its lab plan in
``docs/plans``, and the README links it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_edu import paths
from aigc_edu.errors import CourseError

_TITLES = {
    "I. Ground": {
        "00": "Start here",
        "01": "Data collection and preprocessing",
        "02": "Generative and discriminative models",
    },
    "II. Autoencoders": {
        "03": "Autoencoders",
        "04": "VAE: the derivation",
        "05": "VAE: training",
    },
    "III. Adversarial networks": {
        "06": "GAN: the derivation",
        "07": "GAN: training",
        "08": "DCGAN and conditional generation",
        "09": "Evaluation",
        "10": "Better quality, less overfitting",
    },
    "IV. Beyond": {
        "11": "Normalizing flows",
        "12": "Diffusion and flow matching",
        "13": "Text",
        "14": "Sound",
        "15": "Conditional generation and editing",
    },
    "V. In the world": {
        "16": "Privacy",
        "17": "Business cases",
        "18": "Scaling up",
    },
    "VI. Yours": {"19": "Capstone"},
    "Appendices": {
        "90": "Tensors, gradients, a first network",
        "91": "Probability and linear algebra",
    },
}

_PLANNED = {"11", "12", "13", "14", "15", "16", "17", "18", "19"}


@dataclass(frozen=True)
class Lesson:
    """A lesson of the course.

    Attributes:
        number: two digits, "07".
        title: as its heading says it, without the number.
        part: the part of the course that it stands in, "III. Adversarial networks".
        planned: it is to come, or in the making: files of it may be there, unfinished.
    """

    number: str
    title: str
    part: str
    planned: bool = False

    @property
    def notebook(self) -> Path | None:
        """The notebook that a learner opens, as shipped; None where it is not there (yet).

        Raises:
            CourseError: if the installation holds no lessons at all.
        """
        return self._file(paths.lessons_dir(), ".ipynb")

    @property
    def solution(self) -> Path | None:
        """The worked notebook, or None.

        Raises:
            CourseError: if the installation holds no solutions at all.
        """
        return self._file(paths.solutions_dir(), ".ipynb")

    @property
    def source(self) -> Path | None:
        """The text that both notebooks are made from: in a checkout only, otherwise None."""
        return self._file(paths.solutions_dir(), ".md")

    @property
    def minutes(self) -> Mapping[str, float]:
        """Minutes of running every cell, by "cpu" and "gpu", as the notebook states them.

        How long reading takes is computed from the source: ``aigc_edu.authoring.reading``.

        Raises:
            CourseError: if the notebook is not there or states none.
        """
        try:
            if self.notebook is None:
                raise FileNotFoundError
            about: dict[str, Any] = json.loads(self.notebook.read_text(encoding="utf-8"))
            minutes: Mapping[str, float] = about["metadata"]["aigc_edu"]["minutes"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CourseError(
                f"The notebook of lesson {self.number} does not state its minutes: "
                "install the course again."
            ) from error
        return minutes

    def _file(self, folder: Path, ending: str) -> Path | None:
        return next(iter(sorted(folder.glob(f"{self.number}_*{ending}"))), None)


PARTS = tuple(_TITLES)
"""The parts of the course, in order."""

LESSONS = tuple(
    Lesson(number, title, part, planned=number in _PLANNED)
    for part, titles in _TITLES.items()
    for number, title in titles.items()
)
"""Every lesson, in order."""


def listed(number: str | int) -> Lesson | None:
    """The lesson with this number (``"07"``, ``"7"`` or ``7``), or None.

    >>> listed("7").title
    'GAN: training'
    """
    text = str(number)
    if not (text.isascii() and text.isdigit()):
        return None
    return next((lesson for lesson in LESSONS if int(lesson.number) == int(text)), None)


def title_of(number: str | int) -> str:
    """A lesson's title, "" where there is no such lesson."""
    lesson = listed(number)
    return lesson.title if lesson else ""


def shipped() -> list[Lesson]:
    """The lessons whose notebooks are there, in order.

    Raises:
        CourseError: if the installation holds no lessons at all.
    """
    return [lesson for lesson in LESSONS if lesson.notebook is not None]


def notebook_of(number: str | int) -> Path:
    """The notebook of a lesson, as shipped.

    Raises:
        CourseError: if there is none; the sentence names those there are.
    """
    lesson = listed(number)
    notebook = lesson.notebook if lesson else None
    if notebook is None:
        numbers = ", ".join(lesson.number for lesson in shipped()) or "none yet"
        raise CourseError(f"There is no lesson {number}: the lessons are {numbers}.")
    return notebook
