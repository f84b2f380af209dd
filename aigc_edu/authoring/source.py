"""One text source a lesson: from MyST text to the cells of a lesson and of its worked solution.

Nothing here reads or writes a file, except :func:`read_source`.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from aigc_edu import __version__
from aigc_edu.errors import CourseError
from aigc_edu.lessons import PARTS, listed

NAME = re.compile(r"(?P<number>\d{2})_(?P<topic>[a-z][a-z0-9]*(?:_[a-z0-9]+)*)")
"""What the name of a source looks like, without ``.md``: two digits and the topic."""

BEGIN, END, STUB = "# BEGIN SOLUTION", "# END SOLUTION", "# STUB:"
SOLUTION_ONLY = "solution-only"
IGNORE_OUTPUT = "nbval-ignore-output"
TABLE = "table"

_MARKER = re.compile(r"^(?P<indent>[ \t]*)#\s*(?P<word>BEGIN SOLUTION|END SOLUTION|STUB\b:?)")
_MARKER_LIKE = re.compile(r"#\s*(BEGIN\s+SOLUTION|END\s+SOLUTION|STUB\b\s*:?)", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A lesson's source, read.

    Attributes:
        name: file name without ``.md``, for instance ``05_vae_training``.
        text: the source with ``\\n`` line ends.
        cells: markdown and code cells as written, answers and markers included.
        facts: the ``aigc_edu`` mapping of the front matter (number, title, part, minutes).
    """

    name: str
    text: str
    cells: tuple[NotebookNode, ...]
    facts: dict[str, Any]

    @property
    def number(self) -> str:
        """The two digits that the name begins with."""
        return self.name[:2]


def read_source(path: Path) -> Source:
    """Read ``NN_topic.md``.

    Raises:
        CourseError: if the file cannot be read, or jupytext is not installed.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CourseError(f"The source {path} could not be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"The source {path} is no UTF-8 text: save it as UTF-8.") from error
    return parse(path.stem, text)


def parse(name: str, text: str) -> Source:
    """Read a source from its text.

    Raises:
        CourseError: if the text is no MyST notebook, or jupytext is not installed.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    notebook = _reads(name, text)
    facts = notebook.metadata.get("aigc_edu", {})
    return Source(name, text, tuple(notebook.cells), dict(facts) if hasattr(facts, "keys") else {})


def _reads(name: str, text: str) -> NotebookNode:
    try:
        import jupytext  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise CourseError(
            "Lessons are built with jupytext, which only authors need: "
            "install it with pip install 'aigc-edu[test]'."
        ) from error
    try:
        notebook: NotebookNode = jupytext.reads(text, fmt="md:myst")
    except Exception as error:  # jupytext passes on whatever YAML and its own parser raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CourseError(
            f"The source {name}.md is no MyST notebook: {reason.rstrip('.')}."
        ) from error
    return notebook


def tags(cell: NotebookNode) -> list[str]:
    """A cell's tags, in order."""
    found = cell.metadata.get("tags", [])
    return [found] if isinstance(found, str) else list(found)


def up_to_table(source: Source) -> Source | None:
    """A lesson's source up to and including the cell tagged ``table``; None without such a cell.

    That is all that an ablation's table rests on: ``aigc-edu seeds`` runs no more of it.
    """
    for position, cell in enumerate(source.cells, start=1):
        if cell.cell_type == "code" and TABLE in tags(cell):
            return replace(source, cells=source.cells[:position])
    return None


# Front matter and markers -----------------------------------------------------------------


def source_problems(source: Source) -> list[str]:
    """What keeps a source from being built: one sentence each, in the order of the text."""
    problems = _front_matter_problems(source)
    code_cells = 0
    for cell in source.cells:
        if cell.cell_type == "raw":
            problems.append("has a raw cell: only prose and code cells are used")
        elif cell.cell_type == "markdown":
            problems += [
                f"prose holds the marker {match.group(0)!r}: it belongs in a code cell"
                for match in re.finditer(r"^\s*# (BEGIN|END) SOLUTION", cell.source, re.M)
            ]
        else:
            code_cells += 1
            problems += [f"code cell {code_cells}: {what}" for what in marker_problems(cell.source)]
    if not code_cells:
        problems.append("has no code cell")
    return problems


def _front_matter_problems(source: Source) -> list[str]:
    facts, problems = source.facts, []
    if not NAME.fullmatch(source.name):
        problems.append("file name: two digits, _ and a topic in small letters, as in 05_vae.md")
    if not facts:
        return [*problems, "front matter: the mapping aigc_edu is missing"]
    number = facts.get("number")
    if number is None:
        problems.append("front matter: aigc_edu.number is missing")
    elif number != source.number:
        problems.append(
            f'front matter: aigc_edu.number is {number!r}, write "{source.number}" in quotes'
        )
    for field in ("title", "part"):
        value = facts.get(field)
        if value is None or not str(value).strip():
            problems.append(f"front matter: aigc_edu.{field} is missing")
    minutes = facts.get("minutes")
    if not hasattr(minutes, "get"):
        problems.append("front matter: aigc_edu.minutes is missing")
    else:
        assert minutes is not None
        for field in ("cpu", "gpu"):
            value = minutes.get(field)
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                problems.append(f"front matter: aigc_edu.minutes.{field} must be a number")
        if "reading" in minutes:
            problems.append("front matter: aigc_edu.minutes.reading is computed: leave it out")
    return problems + _listing_problems(source)


def _listing_problems(source: Source) -> list[str]:
    """Where front matter and heading disagree with the list of lessons, or with each other."""
    problems = []
    lesson = listed(source.number) if NAME.fullmatch(source.name) else None
    title, part = source.facts.get("title"), source.facts.get("part")
    if title is not None and lesson is not None and title != lesson.title:
        problems.append(
            f"front matter: aigc_edu.title is {title!r}, and aigc_edu/lessons.py calls "
            f"lesson {lesson.number} {lesson.title!r}"
        )
    if part is not None and lesson is not None and part != lesson.part:
        problems.append(
            f"front matter: aigc_edu.part is {part!r}, and aigc_edu/lessons.py has "
            f"lesson {lesson.number} in {lesson.part!r}"
        )
    elif part is not None and part not in PARTS:
        problems.append(
            f"front matter: aigc_edu.part is {part!r}, and the parts are {', '.join(PARTS)}"
        )
    heading = f"# {source.number} · {lesson.title if lesson else title}"
    first = source.cells[0] if source.cells else None
    if first is None or first.cell_type != "markdown" or first.source.split("\n")[0] != heading:
        problems.append(f'does not begin with the heading "{heading}"')
    return problems


def marker_problems(code: str) -> list[str]:
    """What is wrong with the answer markers of one code cell.

    >>> marker_problems("x = 1  # BEGIN SOLUTION")
    ["line 1: 'BEGIN SOLUTION' must stand on a line of its own, as # BEGIN SOLUTION"]
    >>> marker_problems("# BEGIN SOLUTION\\n# STUB: x = TODO\\nx = 1\\n# END SOLUTION")
    []
    """
    problems = []
    begun = stubs = answers = 0  # begun: line of the open BEGIN, 0 outside a block
    for line_number, line in enumerate(code.split("\n"), start=1):
        where = f"line {line_number}:"
        stripped = line.strip()
        if stripped == BEGIN:
            if begun:
                problems.append(f"{where} a second {BEGIN} before {END}")
            begun, stubs, answers = line_number, 0, 0
        elif stripped == END:
            if not begun:
                problems.append(f"{where} {END} without {BEGIN}")
            elif not stubs:
                problems.append(f"line {begun}: an answer without {STUB} line")
            elif not answers:
                problems.append(f"line {begun}: {STUB} without an answer below it")
            begun = 0
        elif stripped.startswith(STUB):
            if not begun:
                problems.append(f"{where} {STUB} outside {BEGIN} and {END}")
            elif answers:
                problems.append(f"{where} {STUB} must come right after {BEGIN}")
            stubs += 1
        elif match := _MARKER_LIKE.search(line):
            words = match.group(0).lstrip("# ").rstrip()
            problems.append(
                f"{where} {words!r} must stand on a line of its own, as # {words.upper()}"
            )
        elif begun and stripped:
            answers += 1
    if begun:
        problems.append(f"line {begun}: {BEGIN} without {END}")
    return problems


def stubbed(code: str) -> str:
    """A code cell as the learner gets it: each answer replaced by its STUB lines.

    The markers must be sound (see :func:`marker_problems`).

    >>> print(stubbed("def f():\\n    # BEGIN SOLUTION\\n    # STUB: return TODO\\n"
    ...               "    return 1\\n    # END SOLUTION"))
    def f():
        return TODO
    """
    lines, inside = [], False
    for line in code.split("\n"):
        stripped = line.strip()
        if stripped in (BEGIN, END):
            inside = stripped == BEGIN
        elif stripped.startswith(STUB):
            indent = line[: len(line) - len(line.lstrip())]
            # One space follows the colon; more of them indent the stub's own lines.
            lines.append((indent + stripped[len(STUB) :].removeprefix(" ")).rstrip())
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def worked(code: str) -> str:
    """A code cell with its answer and without the markers.

    >>> print(worked("# BEGIN SOLUTION\\n# STUB: x = TODO\\nx = 1\\n# END SOLUTION"))
    x = 1
    """
    lines: list[str] = []
    at_start = False  # blank lines at either end of an answer go with the markers
    for line in code.split("\n"):
        stripped = line.strip()
        if stripped == BEGIN or stripped.startswith(STUB):
            at_start = True
        elif stripped == END:
            while lines and not lines[-1].strip():
                lines.pop()
        elif stripped or not at_start:
            at_start = False
            lines.append(line)
    return "\n".join(lines)


# Notebooks --------------------------------------------------------------------------------


def _cell_ids(cells: tuple[NotebookNode, ...]) -> list[str]:
    """An id for each cell of a source, from its text and how often that text occurred.

    Lesson and solution share them, so that a cell can be found again in the other.
    """
    seen: Counter[tuple[str, str]] = Counter()
    ids = []
    for cell in cells:
        key = (cell.cell_type, cell.source)
        text = f"{cell.cell_type}\n{seen[key]}\n{cell.source}"
        ids.append(hashlib.sha256(text.encode()).hexdigest()[:16])
        seen[key] += 1
    return ids


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def code_digest(source: Source, exercises: str) -> str:
    """A hash of all that the outputs of a solution rest on, as far as the lesson goes.

    Args:
        source: the lesson's source; only its code and tags count, not the prose.
        exercises: what can show of the lesson's exercises (see :mod:`.shown`), or "".
    """
    parts = [
        "\n".join([*tags(cell), cell.source]).encode()
        for cell in source.cells
        if cell.cell_type == "code"
    ]
    return _digest(exercises.replace("\r\n", "\n").encode(), *parts)


def _notebook(source: Source, cells: list[NotebookNode], **facts: str) -> NotebookNode:
    course = {key: _plain(value) for key, value in source.facts.items()}
    course |= {"version": __version__, "source_sha256": _digest(source.text.encode()), **facts}
    return nbformat.v4.new_notebook(  # type: ignore[no-untyped-call, no-any-return]
        cells=cells,
        metadata={
            "aigc_edu": course,
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            # What the kernel would add (its version, its lexer) changes with the machine.
            "language_info": {"name": "python"},
        },
    )


def _plain(value: Any) -> Any:
    """YAML's values as JSON knows them: a date becomes its text."""
    if hasattr(value, "items"):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _cell(cell: NotebookNode, identifier: str, text: str) -> NotebookNode:
    metadata = {"tags": tags(cell)} if tags(cell) else {}
    if cell.cell_type == "code":
        made = nbformat.v4.new_code_cell(text, metadata=metadata)  # type: ignore[no-untyped-call]
    else:
        made = nbformat.v4.new_markdown_cell(text, metadata=metadata)  # type: ignore[no-untyped-call]
    made["id"] = identifier
    return made  # type: ignore[no-any-return]


def lesson_notebook(source: Source) -> NotebookNode:
    """What a learner opens: stubs instead of answers, no outputs, no solution-only cells."""
    cells = [
        _cell(cell, identifier, stubbed(cell.source) if cell.cell_type == "code" else cell.source)
        for cell, identifier in zip(source.cells, _cell_ids(source.cells), strict=True)
        if SOLUTION_ONLY not in tags(cell)
    ]
    return _notebook(source, cells)


def solution_notebook(source: Source, exercises: str = "") -> NotebookNode:
    """The worked notebook, not executed: answers without their markers, every cell.

    Args:
        source: the lesson's source.
        exercises: what can show of the lesson's exercises (see :mod:`.shown`); its hash is kept
            with the code's, so that a solution executed with other exercises is known to be stale.
    """
    cells = [
        _cell(cell, identifier, worked(cell.source) if cell.cell_type == "code" else cell.source)
        for cell, identifier in zip(source.cells, _cell_ids(source.cells), strict=True)
    ]
    return _notebook(source, cells, code_sha256=code_digest(source, exercises))


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """A copy of a notebook as it was before it was executed."""
    bare = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    for cell in bare.cells:
        if cell.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return bare  # type: ignore[no-any-return]


def as_bytes(notebook: NotebookNode) -> bytes:
    """The notebook's file: sorted keys, one blank of indentation, ``\\n`` line ends."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return (text.rstrip("\n") + "\n").encode("utf-8")
