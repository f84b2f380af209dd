"""Deleting what is kept of a student."""

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.collection import forget_student, read_collection
from aigc_edu.grading.intake.csv_tables import read_table
from aigc_edu.grading.intake.roster import key
from aigc_edu.grading.intake.safe import safe_name, shown
from aigc_edu.grading.judge.ledger import LEDGER, Ledger, MarkLine
from aigc_edu.grading.judge.manifest import MANIFEST, Manifest
from aigc_edu.grading.results.pseudonyms import read_pseudonyms
from aigc_edu.grading.results.report import MARK

_COLLECTION = "collection.json"
# Made from all students: deleted, and made again by the next report.
_OF_ALL = (
    "marks.csv",
    "class.html",
    "canvas.csv",
    "moodle.csv",
    "feedback-for-canvas.zip",
    "feedback-for-moodle.zip",
)


def forget(student: str, folders: Sequence[Path]) -> list[str]:
    """Delete everything of a student in folders of the course's grading.

    Args:
        student: the id in the roster.
        folders: made by ``collect``, ``grade``, ``release`` and ``report``.

    Returns:
        What was deleted, a line each, and what only the lecturer can delete.

    Raises:
        CourseError: if a folder is none of these (before anything is deleted), or something
            in it is damaged.
    """
    marks = (LEDGER, MANIFEST, MARK, _COLLECTION, f"lecturer/{MANIFEST}")
    for folder in folders:
        if not any((folder / name).is_file() for name in marks):
            raise CourseError(
                f"{folder} is no folder of 'collect', 'grade', 'release' or 'report': nothing was "
                "deleted."
            )
    labels = [student]
    for folder in folders:
        if names := read_pseudonyms(folder, [student], make=False):
            labels.append(names.of(student))
    deleted: list[str] = []
    for folder in folders:
        nothing = f"{folder}: nothing of {shown(student)} was there."
        deleted += _forget_in(folder, student, labels) or [nothing]
    deleted.append(
        "Not touched, because it is yours: the roster, the downloads from the platform, the late "
        "rules, backups, and the platform itself."
    )
    return deleted


def _forget_in(folder: Path, student: str, labels: Sequence[str]) -> list[str]:
    deleted = []
    # 'grade' keeps a collection of its own where it was given a plain folder.
    for path in sorted({folder / _COLLECTION, *folder.glob(f"*/{_COLLECTION}")}):
        if path.is_file():
            collection = read_collection(path.parent)
            count = len(collection.attempts(student))
            known = count or student in collection.missing
            if forget_student(collection, student) or known:
                deleted.append(f"{path.parent}: {count} attempts and their files.")
    if (folder / LEDGER).is_file():
        ledger = Ledger(folder)
        lines = ledger.lines()
        rest = [x for x in lines if not (isinstance(x, MarkLine) and x.student == student)]
        if len(rest) < len(lines):
            ledger.replace(rest)
            deleted.append(f"{folder / LEDGER}: {len(lines) - len(rest)} lines.")
    for path in sorted({folder / MANIFEST, *folder.glob(f"*/{MANIFEST}")}):
        if path.is_file():
            manifest = Manifest.read(path)
            if student in manifest.parameters:
                others = {name: v for name, v in manifest.parameters.items() if name != student}
                dataclasses.replace(manifest, parameters=others).write(path)
                deleted.append(f"{path}: the student's parameters.")
    deleted += _own_files(folder, labels)
    if (folder / MARK).is_file():
        for name in _OF_ALL:
            if (folder / name).is_file():
                (folder / name).unlink()
                deleted.append(f"{folder / name}: deleted; 'aigc-edu report' makes it again.")
        deleted += _sheet(folder / "manual.csv", labels)
    return deleted


def _own_files(folder: Path, labels: Sequence[str]) -> list[str]:
    """Files and folders that bear the student's name, wherever these commands put them."""
    deleted = []
    for label in labels:
        name = safe_name(label)
        for path in sorted(folder.glob("*/*")):
            if path.name == name or (path.is_file() and path.name.startswith(f"{name}.")):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
                deleted.append(f"{path}: deleted.")
    return deleted


def _sheet(path: Path, labels: Sequence[str]) -> list[str]:
    if not path.is_file():
        return []
    table = read_table(path, "sheet of marks by hand")
    at = table.column("student", "id")
    own = {key(label) for label in labels}
    rest = [row for row in table.rows if at is None or key(row[at].lstrip("'")) not in own]
    gone = len(table.rows) - len(rest)
    if not gone:
        return []
    table.rows = rest
    write_atomically(path, table.as_bytes(), private=True)
    return [f"{path}: {gone} rows."]
