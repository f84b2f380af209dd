"""CSV files from outside, read as they are, and CSV files of ours that no spreadsheet executes."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_edu.errors import CourseError

_LARGEST = 50_000_000  # bytes; a gradebook of 10,000 students has about 5 MB
# What a spreadsheet takes for the beginning of a formula, wide forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass
class Table:
    """A CSV file: its header, its rows, and how it was written, so that it can be written back.

    ``rows`` are as long as the header; ``delimiter``, ``bom`` and ``newline`` are the file's own.
    """

    header: list[str]
    rows: list[list[str]]
    delimiter: str = ","
    bom: bool = False
    newline: str = "\n"

    def column(self, *names: str) -> int | None:
        """The first column with one of these names (spaces, ``_`` and case do not matter)."""
        wanted = [_plain(name) for name in names]
        for name in wanted:
            for number, title in enumerate(self.header):
                if _plain(title) == name:
                    return number
        return None

    def as_bytes(self) -> bytes:
        """The file again, in its own way of writing."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline)
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return (b"\xef\xbb\xbf" if self.bom else b"") + text.getvalue().encode("utf-8")


def _plain(title: str) -> str:
    return " ".join(title.replace("_", " ").split()).casefold()


def read_table(path: Path, what: str) -> Table:
    """Read a CSV file with a header: UTF-8 (or UTF-16 with its mark), comma, semicolon or tab.

    Args:
        path: the file.
        what: how a message calls it: "roster".

    Raises:
        CourseError: if there is no such file, or it is no such table.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= _LARGEST else None
    except OSError as error:
        raise CourseError(
            f"The {what} {path} cannot be read ({error.strerror or error}): give the path of a "
            "CSV file."
        ) from error
    if raw is None:
        raise CourseError(f"The {what} {path} is larger than 50 MB: is it the right file?")
    bom = raw.startswith(b"\xef\xbb\xbf")
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise CourseError(
            f"The {what} {path} is no UTF-8 text: save it as 'CSV UTF-8' in your spreadsheet."
        ) from error
    if "\0" in text:
        raise CourseError(f"The {what} {path} is no text: save it as 'CSV UTF-8'.")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise CourseError(f"The {what} {path} is no CSV file ({error}): save it again.") from error
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if not lines:
        raise CourseError(f"The {what} {path} is empty: its first line must name the columns.")
    header, width = lines[0], len(lines[0])
    for number, line in enumerate(lines[1:], start=2):
        if len(line) > width and any(cell.strip() for cell in line[width:]):
            raise CourseError(
                f"Row {number} of the {what} {path} has {len(line)} cells where the header has "
                f"{width}: put cells that hold a {delimiter!r} in quotes."
            )
    rows = [(line + [""] * width)[:width] for line in lines[1:]]
    newline = "\r\n" if "\r\n" in text else "\n"
    return Table(header, rows, delimiter, bom, newline)


def safe_cell(value: Any) -> Any:
    """A cell that a spreadsheet shows and does not execute.

    Text that begins like a formula (also after blanks) gets an apostrophe in front; control
    characters become blanks. Numbers and None stay.

    >>> safe_cell("=1+1"), safe_cell(-2.5), safe_cell("Ann")
    ("'=1+1", -2.5, 'Ann')
    """
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    risky = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    text = "".join(c if c == "\n" or c.isprintable() else " " for c in text)
    return "'" + text if risky else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file of ours: UTF-8 with a mark (so that spreadsheets see it), every cell safe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_cell(cell) for cell in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")
