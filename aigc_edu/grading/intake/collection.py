"""A collection: one notebook an attempt of a student, in ``collection.json`` and its files.

A collection is a folder with mode 0700::

    collection.json                       who handed in what; written last, whole or not at all
    files/STUDENT/attempt-1.ipynb         the kept notebook, under a name that we chose

It is made by :mod:`collecting`, and read with :func:`read_collection` by the grader and the
report.

Who a file belongs to is decided by the platform's own identifiers and the roster alone. A
notebook's content, a person's name and a similar name decide nothing. What cannot be decided is
listed: *unmatched* (nobody in the roster), *claimed twice* (two students could be meant, or two
places claim to be one student), *refused* (not read: a link, a bomb, damage). A student of the
roster with nothing handed in is *missing*, which is not the same as zero points.
"""

import json
import shutil
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.safe import safe_name, shown

FORMAT = "aigc-edu collection 1"


@dataclass(frozen=True)
class Submission:
    """One attempt of one student.

    Attributes:
        student: the student's id in the roster.
        attempt: 1, 2, ...; kept for good once given, later ones get the next numbers.
        submitted: when, as the platform says it (ISO 8601; without an offset it is in the
            late rules' time zone), or None where the platform does not say.
        late: what the platform itself says (Canvas marks late files), or None.
        status: ``kept``, or why there is no file to grade: ``no notebook``,
            ``several notebooks``, ``refused``, ``claimed twice``.
        file: the kept notebook, relative to the collection's folder; None if none is kept.
            It may be empty or no notebook at all: that is for the grader to say.
        sha256: of the kept file.
        size: of the kept file, in bytes.
        original: its place in the source, fit for a terminal.
        source: the name of the folder or zip file it came from.
        notes: what a lecturer should know, a sentence each.
        assigned: whether a person said whose it is, and not the platform.
    """

    student: str
    attempt: int
    submitted: str | None = None
    late: bool | None = None
    status: str = "kept"
    file: str | None = None
    sha256: str | None = None
    size: int = 0
    original: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()
    assigned: bool = False

    @property
    def key(self) -> str:
        """The attempt's name, for a ledger: student and number."""
        return f"{self.student}/{self.attempt}"


@dataclass(frozen=True)
class Listed:
    """Something that a person has to look at: where it is, in which source, and why."""

    place: str
    why: str
    source: str
    students: tuple[str, ...] = ()


@dataclass
class Collection:
    """What was collected; see the module for the words."""

    folder: Path
    lesson: str | None = None
    submissions: list[Submission] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unmatched: list[Listed] = field(default_factory=list)
    claimed_twice: list[Listed] = field(default_factory=list)
    refused: list[Listed] = field(default_factory=list)
    ignored: int = 0

    def attempts(self, student: str) -> list[Submission]:
        """A student's attempts in order."""
        own = [item for item in self.submissions if item.student == student]
        return sorted(own, key=lambda item: item.attempt)

    @property
    def gradable(self) -> list[Submission]:
        """The attempts with a file, in the order of students and attempts."""
        with_file = [item for item in self.submissions if item.file is not None]
        return sorted(with_file, key=lambda item: (item.student, item.attempt))

    def path(self, submission: Submission) -> Path | None:
        """Where the kept notebook is, or None.

        Raises:
            CourseError: if ``collection.json`` names a file outside the collection.
        """
        if submission.file is None:
            return None
        path = self.folder / submission.file
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise CourseError(
                f"{self.folder / 'collection.json'} names a file outside its folder: collect again."
            )
        return path

    @property
    def settled(self) -> bool:
        """Whether nothing is left for a person to decide."""
        return not (self.unmatched or self.claimed_twice or self.refused) and all(
            item.status == "kept" for item in self.submissions
        )


def read_collection(folder: Path) -> Collection:
    """Read a collection that ``aigc-edu collect`` made.

    Raises:
        CourseError: if there is none, or its ``collection.json`` is damaged.
    """
    path = folder / "collection.json"
    try:
        table = json.loads(path.read_bytes())
    except OSError as error:
        raise CourseError(
            f"{folder} holds no collection ({error.strerror}): make one with 'aigc-edu collect "
            f"SOURCE --roster roster.csv --out {folder}'."
        ) from error
    except ValueError as error:
        raise CourseError(f"{path} is damaged: collect again into a new folder.") from error
    try:
        if table["format"] != FORMAT:
            raise CourseError(
                f"{path} was made by another version ({table['format']}): collect again."
            )
        listed = {
            name: [Listed(**{**item, "students": tuple(item["students"])}) for item in table[name]]
            for name in ("unmatched", "claimed_twice", "refused")
        }
        return Collection(
            folder,
            table["lesson"],
            [
                Submission(**{**item, "notes": tuple(item["notes"])})
                for item in table["submissions"]
            ],
            list(table["missing"]),
            ignored=table["ignored"],
            **listed,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is damaged: collect again into a new folder.") from error


def write_collection(collection: Collection) -> None:
    """Write ``collection.json``, whole or not at all; it is readable by its owner alone."""
    fields = asdict(collection)
    del fields["folder"]
    text = json.dumps({"format": FORMAT, **fields}, indent=1, ensure_ascii=True) + "\n"
    write_atomically(collection.folder / "collection.json", text.encode(), private=True)


def forget_student(collection: Collection, student: str) -> list[Path]:
    """Delete a student's files and lines from a collection; returns what was deleted."""
    deleted = []
    folder = collection.folder / "files" / safe_name(student)
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
        deleted.append(folder)
    collection.submissions = [i for i in collection.submissions if i.student != student]
    collection.missing = [name for name in collection.missing if name != student]
    collection.claimed_twice = [i for i in collection.claimed_twice if student not in i.students]
    write_collection(collection)
    return deleted


def identical(collection: Collection) -> list[tuple[str, ...]]:
    """Groups of students who handed in the very same file, for a person to look at."""
    by_content: dict[str, set[str]] = defaultdict(set)
    for item in collection.submissions:
        if item.sha256 and item.size:
            by_content[item.sha256].add(item.student)
    return sorted(tuple(sorted(group)) for group in by_content.values() if len(group) > 1)


def overview(collection: Collection) -> list[str]:
    """What a lecturer reads after collecting: counts, then everything to be settled."""
    kept = [item for item in collection.submissions if item.status == "kept"]
    students = {item.student for item in collection.submissions}
    again = sum(1 for item in collection.submissions if item.attempt > 1)
    late = sum(1 for item in collection.submissions if item.late)
    more = f", {again} of them handed in again" if again else ""
    more += f", {late} marked late by the platform" if late else ""
    lines = [
        f"{len(students)} students handed in; {len(kept)} notebooks kept{more}; "
        f"{len(collection.missing)} missing."
    ]
    if collection.missing:
        lines.append("Missing (not the same as zero): " + ", ".join(map(shown, collection.missing)))
    for title, listed in (
        ("Unmatched (in nobody's name)", collection.unmatched),
        ("Claimed twice (nobody gets it)", collection.claimed_twice),
        ("Refused (not read)", collection.refused),
    ):
        if listed:
            lines.append(f"{title}:")
            lines += [
                f"  {item.place} ({shown(item.source)}): {item.why}"
                + (f" [{', '.join(map(shown, item.students))}]" if item.students else "")
                for item in listed
            ]
    unkept = [item for item in collection.submissions if item.status != "kept"]
    if unkept:
        lines.append("Handed in, but no notebook was kept:")
        lines += [
            f"  {shown(item.student)}, attempt {item.attempt}: {item.status}"
            + "".join(f"; {note}" for note in item.notes)
            for item in unkept
        ]
    if groups := identical(collection):
        lines.append("The very same file was handed in by:")
        lines += [f"  {', '.join(map(shown, group))}" for group in groups]
    return lines
