"""Making lessons and worked solutions from their sources: what ``aigc-edu build`` does."""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from aigc_edu.authoring.execute import ExecutionError, execute, first_words
from aigc_edu.authoring.reading import time_problems
from aigc_edu.authoring.shown import shown_text
from aigc_edu.authoring.source import (
    NAME,
    Source,
    as_bytes,
    lesson_notebook,
    read_source,
    solution_notebook,
    source_problems,
)
from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.paths import PACKAGE

LARGEST_NOTEBOOK = 1_000_000
"""Bytes that a notebook must stay below; GitHub shows larger ones badly or not at all."""

SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "AIGC_EDU_DEVICE": "cpu",
    "AIGC_EDU_PRECISION": "float32",
    "AIGC_EDU_BUDGET": "full",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "COLUMNS": "80",
}
"""Environment in which solutions are executed, and tested against their stored outputs."""

UNSET = ("AIGC_EDU_SEED", "AIGC_EDU_RECORD", "AIGC_EDU_ROWS")
"""Variables that must not be there while a solution is executed."""


@dataclass(frozen=True)
class Course:
    """The folders that authors work in.

    Attributes:
        root: the checkout.
        solutions: holds the sources ``NN_topic.md`` and the worked ``NN_topic.ipynb``.
        lessons: holds the lessons ``NN_topic.ipynb``.
        exercises: holds a folder ``lesson_NN`` a lesson, with one file an exercise.
        docs: pages that lessons may link to.
    """

    root: Path
    solutions: Path
    lessons: Path
    exercises: Path
    docs: Path

    @classmethod
    def at(cls, root: Path) -> "Course":
        """The usual folders of a checkout."""
        return cls(
            root=root,
            solutions=root / "solutions",
            lessons=root / "lessons",
            exercises=root / "aigc_edu" / "exercises" / "lessons",
            docs=root / "docs",
        )

    @classmethod
    def here(cls) -> "Course":
        """The checkout that this package runs from.

        Raises:
            CourseError: if it was installed without the sources.
        """
        if not (PACKAGE.parent / "solutions").is_dir():
            raise CourseError(
                "Lessons are built in a checkout of the course's repository, and this "
                "installation holds no sources: clone the repository and run the command there."
            )
        return cls.at(PACKAGE.parent)

    def names(self) -> list[str]:
        """The sources there are, as ``NN_topic``, in order."""
        return sorted(
            path.stem for path in self.solutions.glob("*.md") if NAME.fullmatch(path.stem)
        )

    def source(self, name: str) -> Path:
        """The file of a source."""
        return self.solutions / f"{name}.md"

    def lesson(self, name: str) -> Path:
        """The file of a lesson."""
        return self.lessons / f"{name}.ipynb"

    def solution(self, name: str) -> Path:
        """The file of a worked solution."""
        return self.solutions / f"{name}.ipynb"

    def shown_exercises(self, source: Source) -> str:
        """What can show of a lesson's exercises in its worked solution, "" where it has none."""
        wrong_answers = bool(source.facts.get("shows_wrong_answers"))
        return shown_text(self.exercises / f"lesson_{source.number}", wrong_answers=wrong_answers)

    def choose(self, wanted: tuple[str, ...] | list[str]) -> list[str]:
        """The names that numbers (``5``, ``05``) or names stand for; all for none.

        Raises:
            CourseError: if there is no such source, or none at all.
        """
        names = self.names()
        if not names:
            raise CourseError(
                f"There is no source in {self.solutions}: start one with 'aigc-edu new NN topic'."
            )
        if not wanted:
            return names
        chosen = []
        for word in wanted:
            number = word.zfill(2) if word.isdigit() else None
            stem = Path(word).stem
            found = [name for name in names if name[:2] == number or name == stem]
            if not found:
                raise CourseError(
                    f"There is no source for {word!r}: the numbers are "
                    f"{', '.join(name[:2] for name in names)}."
                )
            if len(found) > 1:
                raise CourseError(
                    f"Two sources have the number {word}, {' and '.join(found)}: rename one."
                )
            chosen += [name for name in found if name not in chosen]
        return chosen


# Outputs ----------------------------------------------------------------------------------

_DATA_URI = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")
_MACHINE_PATH = re.compile(
    # Folders where people's files lie, and anything two or more folders deep.
    r"(?<![\w.:/<])/(?:(?:tmp|home|root|Users|private|opt)/[^\s\"'<>]+"
    r"|[A-Za-z][\w.-]*(?:/[\w.@+-]+){2,})"
    r"|\b[A-Za-z]:\\+[^\s\"'<>]+"
    r"|\b(?:site|dist)-packages\b[^\s\"'<>]*"
)


def output_texts(output: NotebookNode) -> Iterator[str]:
    """The texts of one output, without what embedded pictures are made of."""
    pieces: list[Any]
    if output.output_type == "stream":
        pieces = [output.text]
    elif output.output_type == "error":
        pieces = [output.get("evalue", ""), "\n".join(output.get("traceback", []))]
    else:
        pieces = [
            value
            for mime, value in output.get("data", {}).items()
            if mime.startswith("text/") or mime == "image/svg+xml"
        ]
    for piece in pieces:
        text = piece if isinstance(piece, str) else "".join(piece)
        yield _DATA_URI.sub("data:", text)


def machine_paths(text: str) -> list[str]:
    """Folders of somebody's machine that a text names.

    >>> machine_paths("/home/ada/x.py:3: UserWarning: a/b and 1/2")
    ['/home/ada/x.py:3:']
    """
    found = [match.group(0) for match in _MACHINE_PATH.finditer(text)]
    if not found:
        known = {str(Path.home()), tempfile.gettempdir(), str(PACKAGE.parent)} - {"/"}
        found = [place for place in sorted(known) if f"{place}{os.sep}" in text]
    return found


def _as_a_terminal_shows(text: str) -> str:
    """What stays on the screen after ``\\r`` has overwritten it (progress bars)."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.removesuffix("\r").split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip() if "\r" in line else line)
    return "\n".join(lines)


def _clean(executed: NotebookNode) -> NotebookNode:
    """Keep what the cells said; drop what changes with each run or machine."""
    for cell in executed.cells:
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if output.output_type == "stream":
                output["text"] = _as_a_terminal_shows(output.text)
            elif "data" in output:
                # A widget's view is an id into a kernel that is gone.
                output.data.pop("application/vnd.jupyter.widget-view+json", None)
        cell["outputs"] = [
            output
            for output in cell.outputs
            if (output.get("text") if output.output_type == "stream" else output.get("data", True))
        ]
    return executed


def _into(template: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """The freshly made notebook with the outputs of the executed one, cell by cell."""
    made = {cell["id"]: cell for cell in executed.cells if cell.cell_type == "code"}
    for cell in template.cells:
        if cell.cell_type == "code":
            cell["outputs"] = made[cell["id"]].outputs
            cell["execution_count"] = made[cell["id"]].execution_count
    return template


def _stored(path: Path, template: NotebookNode) -> NotebookNode | None:
    """The solution at ``path`` if its outputs still belong to the code of ``template``."""
    try:
        stored = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        key = "code_sha256"
        same = stored.metadata["aigc_edu"][key] == template.metadata["aigc_edu"][key]
        cells = {cell["id"]: cell for cell in stored.cells if cell.cell_type == "code"}
        for cell in template.cells:
            if cell.cell_type == "code" and cell.source.strip():
                there = cells[cell["id"]]
                same = same and there.source == cell.source and there.execution_count is not None
    except Exception:  # no file, no JSON, another shape: then it has to be executed
        return None
    return stored if same else None


# Building ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _unset(names: tuple[str, ...]) -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _execute(
    template: NotebookNode, cell_timeout: float, say: Callable[[str], None]
) -> NotebookNode:
    def on_cell(position: int, total: int, cell: NotebookNode, seconds: float | None) -> None:
        if seconds is not None:
            say(f"  cell {position}/{total}  {seconds:6.1f} s  {first_words(cell.source)}")

    with tempfile.TemporaryDirectory(prefix="aigc-edu-build-") as folder, _unset(UNSET):
        state, cwd = Path(folder) / "state", Path(folder) / "work"
        state.mkdir()
        cwd.mkdir()
        return execute(
            template,
            cwd=cwd,
            env={**SETTINGS, "AIGC_EDU_STATE": str(state)},
            on_cell=on_cell,
            timeout=cell_timeout,
        )


def cell_timeout(source: Source) -> float:
    """Seconds that one cell may take: four times the lesson's minutes, at least two minutes."""
    return max(120.0, 4 * 60 * float(source.facts["minutes"]["cpu"]))


def _refuse(source: Source, problems: list[str], what: str) -> None:
    if problems:
        raise CourseError(f"{source.name}: {what}: {'; '.join(problems)}.")


def _output_problems(notebook: NotebookNode) -> list[str]:
    problems = []
    for position, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
        for output in cell.outputs:
            for text in output_texts(output):
                problems += [
                    f"code cell {position} ({first_words(cell.source)!r}) shows the path {path}"
                    for path in machine_paths(text)
                ]
    return problems


def check_size(name: str, content: bytes) -> None:
    """Refuse a notebook that is too large.

    Raises:
        CourseError: at or above :data:`LARGEST_NOTEBOOK` bytes.
    """
    if len(content) >= LARGEST_NOTEBOOK:
        raise CourseError(
            f"{name} would have {len(content) / 1e6:.2f} MB, and a notebook must stay under "
            f"{LARGEST_NOTEBOOK / 1e6:g} MB: show fewer or smaller pictures."
        )


def build(
    name: str,
    course: Course,
    *,
    run: bool = True,
    force: bool = False,
    say: Callable[[str], None] = print,
) -> None:
    """Make one lesson and its worked solution.

    The solution is executed only where its code, tags or exercises changed since it was
    (or ``force`` is given); where only prose changed, the outputs that are there are kept.

    Args:
        name: the source's name, as ``05_vae_training``.
        course: the folders to read from and write to.
        run: False makes the lesson only.
        force: execute although nothing changed.
        say: gets one line of progress a cell.

    Raises:
        CourseError: the source has a mistake, a cell failed, an output names a folder of
            this machine, or a notebook is too large. The former solution is then left as it was.
    """
    source = read_source(course.source(name))
    _refuse(source, source_problems(source), "the source cannot be built")
    _refuse(source, time_problems(source), "the source cannot be built")  # before it is executed
    lesson = as_bytes(lesson_notebook(source))
    check_size(f"lessons/{name}.ipynb", lesson)
    changed = write_atomically(course.lesson(name), lesson)
    say(f"{name}: lesson {'written' if changed else 'unchanged'}")
    if not run:
        return

    solution = solution_notebook(source, course.shown_exercises(source))
    kept = None if force else _stored(course.solution(name), solution)
    if kept is None:
        say(f"{name}: executing the solution")
        try:
            executed = _clean(_execute(solution, cell_timeout(source), say))
        except ExecutionError as error:
            say(_traceback(error))
            raise CourseError(
                f"{name}: {str(error).rstrip('.')} (the former solution is left as it was)."
            ) from error
        _refuse(source, _output_problems(executed), "outputs must not name this machine's folders")
    else:
        executed = kept
    content = as_bytes(_into(solution, executed))
    check_size(f"solutions/{name}.ipynb", content)
    changed = write_atomically(course.solution(name), content)
    if kept is None:
        say(f"{name}: solution written")
    else:
        say(f"{name}: solution {'rewritten, its outputs kept' if changed else 'unchanged'}")


def _traceback(error: ExecutionError) -> str:
    """The traceback of the cell that failed, without terminal colors."""
    if error.cell_index is None:
        return ""
    cell = error.notebook.cells[error.cell_index]
    lines = [
        line
        for output in cell.get("outputs", [])
        if output.output_type == "error"
        for line in output.traceback
    ]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


def build_all(
    names: list[str],
    course: Course,
    *,
    run: bool = True,
    force: bool = False,
    say: Callable[[str], None] = print,
) -> None:
    """Build several lessons; one that fails does not keep the others from being built.

    Raises:
        CourseError: if any failed; each one's reason was said when it happened.
    """
    failed = []
    for name in names:
        try:
            build(name, course, run=run, force=force, say=say)
        except CourseError as error:
            if len(names) == 1:
                raise
            say(f"{error}")
            failed.append(name[:2])
    if failed:
        raise CourseError(
            f"{len(failed)} of {len(names)} lessons could not be built "
            f"({', '.join(failed)}): see the reasons above."
        )
