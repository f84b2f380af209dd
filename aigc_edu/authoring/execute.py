"""Executing a notebook in a fresh kernel, cell by cell, without a browser."""

import copy
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from nbformat import NotebookNode

from aigc_edu.errors import CourseError

TIMEOUT = 900.0
"""Seconds that one cell may take unless the caller says otherwise."""


class OnCell(Protocol):
    """What :func:`execute` calls around each code cell."""

    def __call__(
        self, position: int, total: int, cell: NotebookNode, seconds: float | None
    ) -> None:
        """Called with ``seconds=None`` when the cell starts, with its duration when it ends.

        ``position`` counts code cells from 1 to ``total``. A cell that fails is
        reported too, before :class:`ExecutionError` is raised.
        """


class ExecutionError(CourseError):
    """A notebook did not run to its end.

    Attributes:
        notebook: the notebook with the outputs up to and including the cell that failed.
        cell_index: index of that cell in ``notebook.cells``; None if no kernel started.
        kind: ``"raised"``, ``"timeout"``, ``"dead kernel"`` or ``"no kernel"``.
    """

    def __init__(
        self, message: str, *, notebook: NotebookNode, cell_index: int | None, kind: str
    ) -> None:
        super().__init__(message)
        self.notebook = notebook
        self.cell_index = cell_index
        self.kind = kind


def first_words(source: str, width: int = 48) -> str:
    """The first line of a cell that says something, cut to ``width`` characters.

    >>> first_words("\\n# %%\\nx = 1")
    '# %%'
    >>> first_words("a_very_long_line " * 9, width=12)
    'a_very_long…'
    """
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def execute(
    notebook: NotebookNode,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    on_cell: OnCell | None = None,
    timeout: float | None = TIMEOUT,
) -> NotebookNode:
    """Run every code cell of a notebook in a new kernel of this very Python.

    The kernel is the one installed beside the running interpreter, whatever
    kernels the user has registered under the name ``python3``. No execution times
    and no widget state are stored, so that the same outputs give the same file.

    Args:
        notebook: an nbformat 4 notebook; it is not changed.
        cwd: folder in which the kernel starts, as Jupyter starts it in the notebook's folder.
        env: environment variables to set on top of the present ones.
        on_cell: called when a code cell starts and when it ends, see :class:`OnCell`.
        timeout: seconds that one cell may take; None for no limit.

    Returns:
        A copy of the notebook with the outputs of this run.

    Raises:
        ExecutionError: a cell raised, took too long or killed its kernel, or no kernel
            could be started; its ``notebook`` holds what was executed until then.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None

    # No kernel folders: what is left is the kernel of the running interpreter.
    manager: Any = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    client: Any = NotebookClient(
        notebook,
        km=manager,
        timeout=None if timeout is None else max(1, round(timeout)),
        startup_timeout=120,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    )
    client.owns_km = True  # so that the kernel is shut down with the client

    # Cells that nbclient would skip: prose, and code cells without code.
    code = [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    position, index = 0, None
    started = time.perf_counter()
    variables = {"PYDEVD_DISABLE_FILE_VALIDATION": "1", **os.environ, **(env or {})}
    log = tempfile.TemporaryFile()  # noqa: SIM115 (closed below): what the kernel says beside the cells' outputs
    try:
        with client.setup_kernel(cwd=str(cwd), env=variables, stdout=log, stderr=log):
            for position, index in enumerate(code, start=1):
                cell = notebook.cells[index]
                if on_cell is not None:
                    on_cell(position, len(code), cell, None)
                started = time.perf_counter()
                try:
                    client.execute_cell(cell, index)
                finally:
                    if on_cell is not None:
                        on_cell(position, len(code), cell, time.perf_counter() - started)
    except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError, OSError) as error:
        if index is None:
            log.seek(0)
            said = log.read().decode(errors="replace").strip().splitlines()
            reason = str(said[-1] if said else error).rstrip(".")
            message = f"No Python kernel could be started in {cwd}: {reason}."
            raise ExecutionError(
                message, notebook=notebook, cell_index=None, kind="no kernel"
            ) from error
        where = f"Cell {position} of {len(code)} ({first_words(notebook.cells[index].source)!r})"
        if isinstance(error, CellExecutionError):
            value = first_words(str(error.evalue), width=200)
            what, kind = f"raised {error.ename}{f': {value}' if value else ''}", "raised"
        elif isinstance(error, CellTimeoutError):
            what = f"took longer than {timeout:g} s: allow it more time, or make it do less"
            kind = "timeout"
        elif isinstance(error, DeadKernelError):
            what = "ended the kernel: it may have run out of memory"
            kind = "dead kernel"
        else:
            raise
        message = f"{where} {what.rstrip('.')}."
        raise ExecutionError(message, notebook=notebook, cell_index=index, kind=kind) from error
    finally:
        log.close()
    return notebook
