"""A browser, a JupyterLab with each of two ipykernel versions, and notebooks in them."""

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))  # for lab_page.py, which stands beside this file

pytest.register_assert_rewrite("lab_page")

PINNED = version("ipykernel")
NEWER = "7.4.0"
"""The release after the pinned one: its subshells answer comms in another way."""

# As root Chromium refuses its sandbox. Nothing is asked of its maker's servers.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that uses a kernel runs on both versions, unless it says that one will do.

    pytest sorts by the session's parameter: each worker of xdist has one server at a time.
    """
    if "ipykernel" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("pinned_only")
        versions = [PINNED] if one else [PINNED, NEWER]
        metafunc.parametrize("ipykernel", versions, scope="session", indirect=True)


def find_browser() -> str | None:
    """The browser that bootstrap.py would use."""
    spec = importlib.util.spec_from_file_location("bootstrap_for_browser", ROOT / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    bootstrap = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bootstrap)
    return bootstrap.find_browser()


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium, without a window."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium, Chrome or Edge was found: 'make test-browser' says more")
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect.set_options(timeout=30_000)  # for what takes a blink on an idle machine
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, headless=True, args=CHROMIUM_OPTIONS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def ipykernel(request: pytest.FixtureRequest) -> dict[str, str]:
    """Environment variables that give kernels the version asked for."""
    if request.param == PINNED:
        return {}
    folder = overlay(f"ipykernel=={request.param}")
    if folder is None:
        pytest.skip(f"ipykernel {request.param} cannot be had here: no package index was reached")
    before = os.environ.get("PYTHONPATH")  # where this copy of the course may be found
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), before]))}


def overlay(requirement: str) -> Path | None:
    """A folder with one package in another version, to go before the environment's own."""
    folder = ROOT / "build" / "overlays" / requirement.replace("==", "-")
    done = folder / "complete"
    if done.exists():
        return folder
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    ran = subprocess.run(
        [*pip, "--no-deps", "--upgrade", "--target", str(folder), requirement],
        capture_output=True,
        text=True,
        timeout=300,
    )
    if ran.returncode:
        print(ran.stderr[-2000:])
        return None
    done.touch()
    return folder


@pytest.fixture(scope="session")
def lab(ipykernel, tmp_path_factory: pytest.TempPathFactory):
    """JupyterLab as 'aigc-edu lab' starts it, with the quick budget in its kernels."""
    from lab_page import serve

    settings = {"AIGC_EDU_BUDGET": "quick", "AIGC_EDU_DEVICE": "cpu", **ipykernel}
    with serve(tmp_path_factory.mktemp("lab"), settings) as server:
        yield server


@pytest.fixture
def watch():
    """What the test's pages did that they should not have done."""
    from lab_page import Watch

    return Watch()


@pytest.fixture
def page(browser, lab, watch, request):
    """A new page in a context of its own; a failed test leaves a picture of it."""
    from lab_page import PICTURES

    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    watch.attach(context)
    one = context.new_page()
    try:
        yield one
        if getattr(request.node, "failed", False):
            PICTURES.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(Exception):
                one.screenshot(path=PICTURES / f"failed-{request.node.name.replace('/', '-')}.png")
    finally:
        context.close()
        lab.end_sessions()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
def lesson(page, lab) -> Callable[..., object]:
    """Open a lesson by its number."""
    from lab_page import Notebook

    def open_lesson(number: str):
        (path,) = lab.work.glob(f"{number}_*.ipynb")
        return Notebook(page, lab, path.name).open()

    return open_lesson


@pytest.fixture
def notebook(page, lab, request) -> Callable[..., object]:
    """Write a notebook with the code given, and open it."""
    from lab_page import Notebook, write_notebook

    made: list[Path] = []

    def open_notebook(*sources: str, name: str = "cells", beside: bool = False):
        path = lab.work / f"{name}.ipynb"
        write_notebook(path, *sources)
        made.append(path)
        one = Notebook(page, lab, path.name)
        return one.beside() if beside else one.open()

    yield open_notebook
    for path in made:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
