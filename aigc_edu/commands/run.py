"""``aigc-edu run``: execute a lesson without a browser."""

import json
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_edu import lessons
from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically

if TYPE_CHECKING:
    from nbformat import NotebookNode


def find_lesson(name: str) -> Path:
    """The notebook meant by a lesson's number or by a path.

    Raises:
        CourseError: if there is no such lesson or file.
    """
    if not name.isascii() or not name.isdigit():
        path = Path(name).expanduser()
        if path.is_file():
            return path
        raise CourseError(
            f"There is no notebook {name}: give the path of a notebook or the number of a lesson."
        )
    return lessons.notebook_of(name)


def read_notebook(path: Path) -> "NotebookNode":
    """A notebook from its file, in the present format.

    Raises:
        CourseError: if the file cannot be read or holds no notebook.
    """
    import nbformat

    library: Any = nbformat  # it has no types
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CourseError(
            f"{path} is not a Jupyter notebook: give a file that ends in .ipynb."
        ) from error
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about cells without ids, which we add
            if "nbformat" not in json.loads(text):  # which nbformat takes for its version 1
                raise ValueError("no notebook")
            notebook: NotebookNode = library.reads(text, as_version=4)
            _, notebook = library.validator.normalize(notebook)
            library.validate(notebook)
    except Exception as error:  # each fault of a file has its own exception in nbformat
        raise CourseError(
            f"{path} is not a Jupyter notebook, or a damaged one: "
            "give a file that JupyterLab can open."
        ) from error
    return notebook


def prepare_folder(folder: Path) -> None:
    """Make sure, before anything runs, that results can be left in ``folder``.

    Raises:
        CourseError: if they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CourseError(
            f"Nothing can be written to {folder} ({error.strerror}): "
            "choose another folder with --out."
        ) from error


def leave_results(notebook: "NotebookNode", *, name: str, source: Path, folder: Path) -> Path:
    """Write NAME.ipynb and NAME.html; returns the HTML's path."""
    import nbformat

    from aigc_edu.authoring.html import one_page

    library: Any = nbformat
    page = one_page(notebook, name=name, folder=source.parent)
    write_atomically(folder / f"{name}.ipynb", library.writes(notebook).encode())
    write_atomically(folder / f"{name}.html", page.encode())
    return folder / f"{name}.html"


class ProgressLines:
    """One line for each cell: its number, its first words, its seconds."""

    def __init__(self) -> None:
        # On a terminal the line appears when the cell starts, so that a long one has a name.
        self._terminal = sys.stdout.isatty()

    def __call__(
        self, position: int, total: int, cell: "NotebookNode", seconds: float | None
    ) -> None:
        from aigc_edu.authoring.execute import first_words

        width = len(str(total))
        words = first_words(cell.source, 50)
        line = f"[{position:>{width}}/{total}] {words:<50}"
        if seconds is None:
            if self._terminal:
                click.echo(line, nl=False)
        else:
            start = "" if self._terminal else line
            click.echo(f"{start} {seconds:8.1f} s")


@click.command()
@click.argument("lesson", metavar="NUMBER|FILE")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=True, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where the executed notebook and the HTML file are left.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=900.0,
    show_default=True,
    help="Seconds that one cell may take.",
)
def command(lesson: str, folder: Path, timeout: float) -> None:
    """Execute a lesson without a browser.

    Give the NUMBER of a lesson (as shipped) or the FILE of any notebook, such as your own
    copy in work/. It runs in a new kernel whose working folder is the notebook's own, as in
    Jupyter, and the notebook itself is not changed. The result is an executed notebook and
    one HTML file, with pictures and formulas inside, that loads nothing from the internet.
    If a cell fails, what ran until then is left, and the command ends with exit code 1.
    """
    from aigc_edu.authoring.execute import ExecutionError, execute

    source = find_lesson(lesson)
    notebook = read_notebook(source)
    prepare_folder(folder)
    name = source.stem
    target = folder / f"{name}.ipynb"
    if target.exists() and target.samefile(source):
        raise CourseError(
            f"{source} would be replaced by its executed copy: choose another folder with --out."
        )
    click.echo(f"Running {source}")
    try:
        executed = execute(
            notebook, cwd=source.resolve().parent, on_cell=ProgressLines(), timeout=timeout
        )
    except ExecutionError as error:
        if error.cell_index is None:
            raise
        page = leave_results(error.notebook, name=name, source=source, folder=folder)
        raise CourseError(f"{error} What ran until then is in {page}.") from error
    page = leave_results(executed, name=name, source=source, folder=folder)
    click.echo(f"Left {target} and {page}")
