"""Lessons in JupyterLab, unfilled, with the quick budget: run, explored, read again."""

from collections.abc import Callable
from typing import Any

import pytest
from lab_page import COMPLAINTS, EXPLORER, Notebook, violations
from playwright.sync_api import expect

EXPLORERS = {
    "00": {"slider"},
    "05": {"temperature", "latent sliders", "interpolation", "latent plane", "beta comparison"},
    "06": {"adversarial game", "slider"},
    "07": {"noise walk"},
}


def where(one: Notebook, holds: Callable[[dict[str, Any]], bool]) -> list[int]:
    """The cells with an output whose data, by MIME type, are of this kind."""
    return [
        index
        for index, cell in enumerate(one.cells())
        if any(holds(output.get("data", {})) for output in cell.get("outputs", []))
    ]


def explored(data: dict[str, Any]) -> bool:
    return "aigc-explorer" in "".join(data.get("text/html", ""))


def pictured(data: dict[str, Any]) -> bool:
    return "image/png" in data


def written(data: dict[str, Any]) -> bool:
    """Words and tables, whose colors are the theme's."""
    return "text/html" in data and "image/png" not in data


@pytest.mark.parametrize("number", sorted(EXPLORERS))
def test_a_lesson_runs_and_is_explored(number, lesson, watch, ipykernel):
    one = lesson(number)
    one.run_all()
    assert one.errors() == []
    code = [cell for cell in one.cells() if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in code)
    assert where(one, pictured)

    places = where(one, explored)
    found = set()
    for index in places:
        explorer = one.show_cell(index).locator(EXPLORER)
        name = explorer.get_attribute("data-explorer")
        found.add(name)
        one.wait_for_answer(explorer)
        before = one.drawn(explorer)
        handle = explorer.locator("canvas.aigc-plane, input[type=range]").first
        handle.focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight"):
            handle.press(key)
        one.wait_for_drawing(explorer, before)
        assert one.ask("panel.content.activeCellIndex") == index
        one.screenshot(f"lesson-{number}-{name.replace(' ', '-')}")
    assert found == EXPLORERS[number]
    watch.assert_quiet()
    if ipykernel:
        return  # what follows asks nothing of the kernel: on the pinned version it is enough

    outputs = f"[id='{one.ask('panel.id')}'] .jp-OutputArea-output"
    colored = {*places, *where(one, written)}
    for theme, cells in [
        ("JupyterLab Dark", colored),
        ("JupyterLab Light", colored.union(where(one, pictured))),
    ]:
        one.theme(theme)
        for index in sorted(cells):
            one.show_cell(index)
            assert violations(one.page, outputs) == []
    read_without_a_kernel(one)
    watch.assert_quiet()


def read_without_a_kernel(one: Notebook) -> None:
    """Save, end the kernel, open again as a reader does: every picture is there, and described."""
    shown = where(one, pictured)
    one.save()
    one.open_without_kernel()
    assert where(one, pictured) == shown
    for index in shown:
        picture = one.show_cell(index).locator("img").first
        expect(picture).to_be_visible()
        # "Image" is what JupyterLab writes where there is no text alternative.
        assert picture.get_attribute("alt") not in (None, "", "Image")
        assert picture.evaluate("one => one.complete && one.naturalWidth > 0")
        text = one.cell(index).inner_text()
        assert not [complaint for complaint in COMPLAINTS if complaint in text]
    assert one.server.api("kernels") == []
