"""The page at the other end of the kernel: whether there is one, and how its messages come in."""

import contextvars
import sys
import threading
from collections.abc import Callable
from typing import Any

WIDGET = "application/vnd.jupyter.widget-view+json"
"""The kind of output in which a page shows a widget."""


def request() -> dict[str, Any]:
    """The message that made the kernel run this cell; empty where there is none."""
    if "IPython" not in sys.modules:
        return {}
    shell = sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return {}
    try:
        return kernel.get_parent() or {}
    except LookupError:  # outside a request there is no parent
        return {}


def cell() -> str:
    """The identifier that the page gave the running cell, or ""."""
    return str((request().get("metadata") or {}).get("cellId") or "")


def has_front_end() -> bool:
    """Whether a person's notebook page is likely to be attached, so that a widget can live.

    A page that edits notebooks tells the kernel which cell it runs (``cellId`` in the
    request's metadata: JupyterLab, Notebook 7, VS Code; Colab is known by its module). What
    executes notebooks without a page (nbclient, nbconvert, nbval) does not.
    """
    return "google.colab" in sys.modules or bool(cell())


def one_document() -> bool:
    """Whether outputs and widgets share one document, as in JupyterLab and Notebook 7.

    In VS Code and Colab they do not: there a widget must be displayed as a widget.
    """
    return "google.colab" not in sys.modules and not cell().startswith("vscode")


def on_main_thread(work: Callable[[], None]) -> None:
    """Do ``work`` now if this is the main thread, else there as soon as no cell runs.

    A kernel may hand over a page's messages on another thread while a cell runs (a subshell).
    A network must not be looked at then: the cell may be training it.
    """
    if threading.current_thread() is threading.main_thread():
        work()
        return
    kernel = getattr(sys.modules["IPython"].get_ipython(), "kernel", None)
    loop = getattr(kernel, "io_loop", None)
    if loop is None:  # no kernel that could run a cell beside this
        work()
        return
    # The context carries the page's request, which the kernel wants to name in its answer.
    loop.add_callback(contextvars.copy_context().run, work)


def unbind_shell(widget: Any) -> None:
    """Let a widget's messages come to the shell that the page asks for.

    ipykernel 7.4 marks a comm with the shell that used it last and sends messages there: to the
    main shell, which may be busy, or to a subshell that has ended. Without the mark they go where
    the page says, as in 7.3.
    """
    comm: Any = getattr(widget, "comm", None)
    if hasattr(comm, "_reply_subshell_id"):
        del comm._reply_subshell_id
