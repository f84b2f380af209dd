"""A JupyterLab on this machine, and a notebook in it, driven as a person's browser drives them."""

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import nbformat
from axe_playwright_python.base import AXE_SCRIPT
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect
from playwright.sync_api import TimeoutError as TooLate

from aigc_edu.commands.lab import jupyterlab_arguments, lay_out

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "browser"
SECONDS = 1000  # Playwright counts in milliseconds
PATIENCE = 60 * SECONDS  # for what is over in a second or two on an idle machine

EXPLORER = ".aigc-explorer"
COMPLAINTS = ("model not found", "Error displaying widget", "Loading widget")
"""What JupyterLab writes in the place of a widget that it cannot show."""

# What JupyterLab itself logs as an error whatever notebook is open.
NOT_OURS = [
    # A page that is loaded again or closed drops its sockets and its open requests.
    r"WebSocket connection to 'ws://127\.0\.0\.1:\d+/\S+' failed",
    r"Connection lost, reconnecting",
    # The extension for widgets asks for the kernel of a notebook that has none.
    r"^TypeError: Cannot read properties of null \(reading 'kernel'\)\s+at \S+ \(\S+"
    r"@jupyter-widgets/jupyterlab-manager/",
]


# All canvases and pictures of an explorer, but not the plane, whose handle moves by itself.
DRAWN = """one => [...one.querySelectorAll('.aigc-pictures canvas, .aigc-pictures img')]
    .map(part => part.tagName === 'IMG' ? part.src : part.toDataURL()).join()"""


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Server:
    """A running JupyterLab: its address, its token, the learner's folder, its log."""

    url: str
    token: str
    work: Path
    log: Path

    def address(self, name: str) -> str:
        """Where a browser finds a notebook of the learner's folder, in a fresh workspace."""
        return f"{self.url}/lab/tree/{self.work.name}/{name}?token={self.token}&reset"

    def api(self, path: str, method: str = "GET") -> Any:
        """Ask the server's own interface; JSON, or None where the answer is empty."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def end_sessions(self) -> None:
        """End every kernel, so that the next test begins with none."""
        eventually(self._end_sessions_once, "the end of all kernels")

    def _end_sessions_once(self) -> bool:
        with contextlib.suppress(OSError):  # ended in the meantime, or about to
            for kind in ("sessions", "kernels"):
                for one in self.api(kind):
                    self.api(f"{kind}/{one['id']}", "DELETE")
            return self.api("kernels") == []
        return False


@contextlib.contextmanager
def serve(folder: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    """Start JupyterLab as ``aigc-edu lab`` does, with a home of its own; end it with its kernels.

    Args:
        folder: an empty folder for the learner's copies and everything JupyterLab writes.
        settings: environment variables of the server and so of its kernels.
    """
    work = folder / "work"
    lay_out(work)
    home = folder / "home"
    # An autosave that meets a test's own saving asks the reader what to do.
    autosave = home / "settings" / "@jupyterlab" / "docmanager-extension"
    autosave.mkdir(parents=True)
    (autosave / "plugin.jupyterlab-settings").write_text('{"autosave": false}')
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON", "AIGC_EDU_", "PYTEST"))
    }
    environment |= {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "AIGC_EDU_STATE": str(home / "state"),
        "AIGC_EDU_CACHE": str(home / "cache"),
        "OMP_NUM_THREADS": "1",
        # The kernel's specification says 'python': this environment's, wherever we came from.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        **settings,
    }
    port, token = free_port(), secrets.token_hex(16)
    log = folder / "server.log"
    command = [
        *jupyterlab_arguments(work, no_browser=True, port=port),
        f"--IdentityProvider.token={token}",
        "--ServerApp.port_retries=0",
        "--LabApp.expose_app_in_browser=True",
    ]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", token, work, log)
    try:
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError):
                server.api("status")
                break
            assert process.poll() is None, f"JupyterLab ended: {log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, f"JupyterLab is silent: {log.read_text()[-3000:]}"
            time.sleep(0.1)
        yield server
        with contextlib.suppress(OSError):
            server.end_sessions()
    finally:
        process.send_signal(signal.SIGTERM)  # it ends its kernels before itself
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@dataclass
class Watch:
    """What a page did that it should not have done."""

    outside: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Watch every page of a browser's context; requests off this machine are refused."""

        def route(one: Route) -> None:
            if re.match(r"(http|ws)://127\.0\.0\.1[:/]|data:|blob:", one.request.url):
                one.continue_()
            else:
                one.abort()

        def asked(request: Request) -> None:
            if not re.match(r"(http|ws)://127\.0\.0\.1[:/]|data:|blob:", request.url):
                self.outside.append(request.url)

        def note(faults: list[str], text: str) -> None:
            if not any(re.search(pattern, text) for pattern in NOT_OURS):
                faults.append(text)

        def attach_to(page: Page) -> None:
            page.on("pageerror", lambda error: note(self.page_errors, error.stack or str(error)))
            page.on(
                "console",
                lambda said: note(self.console_errors, said.text) if said.type == "error" else None,
            )

        context.route("**/*", route)
        context.on("request", asked)
        context.on("page", attach_to)

    def assert_quiet(self) -> None:
        """No page error, no console error, no request off this machine."""
        assert (self.page_errors, self.console_errors, self.outside) == ([], [], [])


class Notebook:
    """One notebook open in JupyterLab: its cells are read from the model, not from the page.

    JupyterLab takes cells that are out of sight out of the page; the model has them all.
    """

    def __init__(self, page: Page, server: Server, name: str) -> None:
        self.page, self.server, self.name = page, server, name
        self.path = server.work / name

    def open(self) -> Self:
        """Load the page with this notebook alone and wait until its kernel is ready."""
        self.page.goto(self.server.address(self.name))
        self._loaded()
        self.wait_for_kernel()
        return self

    def reload(self) -> Self:
        """Load the page again, as F5 does, whatever the kernel is doing."""
        self.page.goto(self.server.address(self.name))
        self._loaded()
        return self

    def open_without_kernel(self) -> Self:
        """End all kernels, and load the page with this notebook as a reader of a file does."""
        self.page.goto("about:blank")  # a page with a notebook would miss its kernel
        self.server.end_sessions()
        self.page.goto(f"{self.server.url}/lab?token={self.server.token}&reset")
        self.page.wait_for_function(
            "!document.querySelector('#jupyterlab-splash')"
            " && window.jupyterapp?.commands.hasCommand('docmanager:open')",
            timeout=2 * PATIENCE,
        )
        self.page.evaluate(
            "path => {"
            " window.jupyterapp.docRegistry.getKernelPreference = () =>"
            "  ({shouldStart: false, canStart: false, autoStartDefault: false});"
            " return window.jupyterapp.commands.execute('docmanager:open', {path}); }",
            self._path,
        )
        self._loaded(kernel=False)
        return self

    def beside(self) -> Self:
        """Open this notebook next to the one that is open already."""
        self.page.evaluate(
            "path => window.jupyterapp.commands.execute('docmanager:open',"
            " {path, options: {mode: 'split-right'}})",
            self._path,
        )
        self._loaded()
        self.wait_for_kernel()
        return self

    def _loaded(self, kernel: bool = True) -> None:
        self.page.wait_for_function(
            """([name, kernel]) => {
                const app = window.jupyterapp;
                if (!app || document.querySelector('#jupyterlab-splash')) return false;
                window.courseNotebook = path => {
                    for (const one of app.shell.widgets('main'))
                        if (one.context && one.context.path === path) return one;
                    return null;
                };
                const panel = window.courseNotebook(name);
                if (!panel || !panel.content.model || !panel.content.widgets.length) return false;
                if (!panel.context.isReady) return false;
                const session = panel.sessionContext;
                return kernel ? Boolean(session.isReady && session.session?.kernel) : true;
            }""",
            arg=[self._path, kernel],
            timeout=2 * PATIENCE,
        )

    @property
    def _path(self) -> str:
        return f"{self.server.work.name}/{self.name}"

    def ask(self, expression: str, *arguments: Any) -> Any:
        """Evaluate JavaScript with ``panel`` (this notebook) and ``given`` (the arguments)."""
        return self.page.evaluate(
            f"([path, given]) => {{ const panel = window.courseNotebook(path);"
            f" return ({expression}); }}",
            [self._path, list(arguments)],
        )

    def wait_for(self, expression: str, *arguments: Any, timeout: float = PATIENCE) -> None:
        """Wait until a JavaScript expression over ``panel`` and ``given`` holds."""
        self.page.wait_for_function(
            f"([path, given]) => {{ const panel = window.courseNotebook(path);"
            f" return ({expression}); }}",
            arg=[self._path, list(arguments)],
            timeout=timeout,
        )

    def kernel_status(self) -> str:
        return str(self.ask("panel.sessionContext.session?.kernel?.status ?? 'none'"))

    def wait_for_kernel(self, status: str = "idle", timeout: float = PATIENCE) -> None:
        deadline = time.monotonic() + timeout / SECONDS
        while True:
            try:
                self.wait_for(
                    "panel.sessionContext.session?.kernel?.status === given[0]",
                    status,
                    timeout=min(timeout, 15_000),
                )
                return
            except TooLate:
                if time.monotonic() > deadline:
                    raise
            # Now and then the first answer of a new kernel never reaches JupyterLab, which then
            # takes its state for unknown until it hears of it: running a cell would do too.
            self.ask("(panel.sessionContext.session?.kernel?.requestKernelInfo(), null)")

    def activate(self) -> None:
        """Bring this notebook to the front: commands act on the one that is there."""
        self.ask("(window.jupyterapp.shell.activateById(panel.id), null)")

    def command(self, name: str) -> Any:
        """Run a command of JupyterLab on this notebook and wait for it."""
        self.activate()
        return self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def run_all(self, timeout: float = 4 * PATIENCE) -> None:
        """Run every cell and wait until the last one has replied."""
        self.start("notebook:run-all-cells")
        self.finish(timeout)

    def start(self, name: str = "notebook:run-all-cells") -> None:
        """Begin running; :meth:`finish` waits for the end."""
        self.activate()
        self.ask(
            "(panel.courseRun = {over: false},"
            " window.jupyterapp.commands.execute(given[0]).then("
            "  () => { panel.courseRun.over = true; },"
            "  error => { panel.courseRun = {over: true, error: String(error)}; }), null)",
            name,
        )

    def finish(self, timeout: float = 4 * PATIENCE) -> None:
        """Wait until what :meth:`start` began is over."""
        self.wait_for("panel.courseRun.over", timeout=timeout)
        assert self.ask("panel.courseRun.error ?? null") is None

    def start_cell(self, index: int) -> None:
        """Begin running one cell; :meth:`finish` waits for the end."""
        self.select(index)
        self.start("notebook:run-cell")

    def replace(self, index: int, source: str) -> None:
        """Write other code into a cell."""
        self.ask(
            "(panel.content.model.cells.get(given[0]).sharedModel.setSource(given[1]), null)",
            index,
            source,
        )

    def interrupt(self, clicks: int = 1) -> None:
        """Press ■ in the notebook's own bar, with the mouse."""
        self.activate()
        button = self.panel_in_front().locator('[data-jp-item-name="interrupt"]')
        button.click(click_count=clicks)

    @property
    def bar(self) -> Locator:
        """The bar of a running loop."""
        return self.panel_in_front().get_by_role("toolbar", name="Training controls")

    def button(self, name: str) -> Locator:
        """A button of the bar."""
        return self.bar.get_by_role("button", name=name, exact=True)

    @property
    def slider(self) -> Locator:
        """The bar's slider."""
        return self.bar.get_by_role("slider", name="Learning rate")

    @property
    def status(self) -> Locator:
        """What the bar says in words."""
        return self.bar.get_by_role("status")

    def panel_in_front(self) -> Locator:
        """The visible panel: this notebook's after :meth:`activate`."""
        return self.page.locator(f"[id='{self.ask('panel.id')}']")

    def restart(self) -> None:
        """Restart the kernel, without the question that the menu asks first."""
        self.ask("panel.sessionContext.restartKernel().then(() => null)")
        self.wait_for_kernel()

    def save(self) -> None:
        self.command("docmanager:save")

    def cells(self) -> list[dict[str, Any]]:
        """The cells as the model has them, in the notebook format."""
        return list(self.ask("panel.content.model.toJSON().cells"))

    def select(self, index: int) -> None:
        """Make a cell the active one and bring it into view."""
        self.activate()
        self.ask(
            "(panel.content.activeCellIndex = given[0],"
            " panel.content.scrollToItem(given[0], 'center'))",
            index,
        )

    def cell(self, index: int) -> Locator:
        """A cell on the page, by its place in the notebook."""
        return self.panel_in_front().locator(f'.jp-Cell[data-windowed-list-index="{index}"]')

    def show_cell(self, index: int) -> Locator:
        """Scroll to a cell and return it."""
        self.select(index)
        expect(self.cell(index)).to_be_visible()
        return self.cell(index)

    def wait_for_answer(self, explorer: Locator) -> None:
        """Wait until an explorer has drawn what Python sent."""
        expect(explorer).to_have_attribute("data-answers", re.compile("[1-9]"))

    def drawn(self, explorer: Locator) -> str:
        """What an explorer shows, in one string that differs where a pixel differs."""
        return str(explorer.evaluate(DRAWN))

    def wait_for_drawing(self, explorer: Locator, before: str) -> None:
        """Wait until an explorer shows something else than it did."""
        eventually(lambda: self.drawn(explorer) != before, "another picture in the explorer")

    def theme(self, name: str) -> None:
        """Switch JupyterLab to another theme."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
        )
        self.page.wait_for_function(
            "name => document.body.dataset.jpThemeName === name", arg=name, timeout=PATIENCE
        )

    def errors(self) -> list[str]:
        """What cells raised, as 'cell: name: message'."""
        return [
            f"cell {index}: {output['ename']}: {output['evalue']}"
            for index, cell in enumerate(self.cells())
            for output in cell.get("outputs", [])
            if output["output_type"] == "error"
        ]

    def texts(self, index: int) -> str:
        """What a cell printed."""
        return "".join(
            "".join(output["text"])
            for output in self.cells()[index].get("outputs", [])
            if output["output_type"] == "stream"
        )

    def bundles(self, index: int) -> list[dict[str, Any]]:
        """What a cell displayed: data by MIME type."""
        return [
            output["data"]
            for output in self.cells()[index].get("outputs", [])
            if output["output_type"] in ("display_data", "execute_result")
        ]

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the page as a build artifact."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path)
        return path


def violations(page: Page, *selectors: str) -> list[str]:
    """What axe-core finds against WCAG 2.1 AA in these elements of a page."""
    # JupyterLab's body has no height and hides what flows over: axe-core believes that, takes
    # every text for hidden and looks at no contrast.
    page.add_style_tag(content="html, body { height: 100% !important }")
    for selector in selectors:
        expect(page.locator(selector).first).to_be_attached()
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        """selectors => axe.run(
            {include: selectors.map(selector => [selector])},
            {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})""",
        list(selectors),
    )
    return [
        f"{one['id']}: {one['help']}: {node['html'][:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def write_notebook(path: Path, *sources: str) -> None:
    """A notebook with these code cells."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def eventually(holds: Callable[[], Any], what: str, timeout: float = PATIENCE) -> Any:
    """Wait until something that is asked in Python holds, and return it."""
    deadline = time.monotonic() + timeout / SECONDS
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < deadline, f"did not happen: {what}"
        time.sleep(0.05)
