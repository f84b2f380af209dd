"""The manifest of a release: its exercises and limits, by which it is graded.

It is JSON, so that it can be read without the course.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically

FORMAT = 1
"""The version of the format."""

MANIFEST = "manifest.json"
"""The manifest's name in the lecturer's part of a release; ``grade`` keeps a copy in ``--out``."""


def now() -> str:
    """The time in UTC to a second, as ``2026-03-01T18:00:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class ExerciseRecord:
    """One exercise of a release, as it was when students got it.

    Attributes:
        id, title, kind, points: the exercise's own.
        lesson: two digits.
        name: what the answer is called in the lesson as it was handed out.
        sha256: a hash of all that its marks rest on (reference, cases, run, tolerance,
            known mistakes, and what they call).
        seconds, memory_mb: limits for the whole process tree of one answer.
        drawn: whether each student has parameters of their own.
        private: whether it comes from a pack and not from the course.
    """

    id: str
    title: str
    kind: str
    points: float
    lesson: str
    name: str
    sha256: str
    seconds: float = 20.0
    memory_mb: int = 1024
    drawn: bool = False
    private: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether a person marks it."""
        return self.kind == "text"


@dataclass(frozen=True)
class Manifest:
    """What was released: the terms on which it is graded.

    Attributes:
        course_version: of ``aigc_edu``.
        released: when, in UTC.
        lessons: two digits each, in order.
        exercises: all that are graded, in the order of the lessons.
        constraints: package → version with which the release was made.
        parameters: student → exercise → what was drawn for them (drawn exercises only).
        pack: name of the private pack's file or folder, "" if there is none.
    """

    course_version: str
    released: str
    lessons: tuple[str, ...]
    exercises: tuple[ExerciseRecord, ...]
    constraints: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    pack: str = ""

    def of_lesson(self, lesson: str) -> tuple[ExerciseRecord, ...]:
        """The exercises of one lesson ("04" or "4"), in order.

        Raises:
            CourseError: if the release holds no such lesson.
        """
        number = lesson.zfill(2)
        if number not in self.lessons:
            raise CourseError(
                f"This release holds no lesson {lesson}: it was made for "
                f"{', '.join(self.lessons)}; release the lesson, or name one of these."
            )
        return tuple(record for record in self.exercises if record.lesson == number)

    def exercise(self, identifier: str) -> ExerciseRecord:
        """One exercise by its id.

        Raises:
            CourseError: if it is not in the release.
        """
        for record in self.exercises:
            if record.id == identifier:
                return record
        raise CourseError(
            f"This release holds no exercise {identifier!r}: it has "
            f"{', '.join(record.id for record in self.exercises)}."
        )

    def specification(self, lesson: str) -> str:
        """A hash of what a lesson is graded by: its exercises, points and limits."""
        text = json.dumps(
            [FORMAT, [dataclasses.asdict(record) for record in self.of_lesson(lesson)]],
            sort_keys=True,
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def write(self, path: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            CourseError: if the file cannot be written.
        """
        fields = {"format": FORMAT, **dataclasses.asdict(self)}
        text = json.dumps(fields, indent=1, sort_keys=True, ensure_ascii=False)
        write_atomically(path, (text + "\n").encode(), private=True)

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read what :meth:`write` wrote; a folder means the manifest in it.

        Raises:
            CourseError: if there is none, or it is damaged or of another format.
        """
        file = path / MANIFEST if path.is_dir() else path
        try:
            fields = json.loads(file.read_text(encoding="utf-8"))
            if fields.pop("format") != FORMAT:
                raise CourseError(
                    f"{file} was written by another version of the course: make the release "
                    "again, or install the version that made it."
                )
            fields["exercises"] = tuple(ExerciseRecord(**each) for each in fields["exercises"])
            fields["lessons"] = tuple(fields["lessons"])
            return cls(**fields)
        except OSError as error:
            raise CourseError(
                f"There is no manifest at {file} ({error.strerror}): 'aigc-edu release' makes it."
            ) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CourseError(
                f"{file} is no manifest, or a damaged one: take the copy that 'aigc-edu release' "
                "made."
            ) from error
