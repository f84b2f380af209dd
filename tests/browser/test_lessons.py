"""Lessons in JupyterLab, unfilled, with the quick budget: run, explored, read again."""

import pytest
from lab_page import COMPLAINTS, EXPLORER, Notebook, violations
from playwright.sync_api import expect

EXPLORERS = {
    "00": {"slider"},
    "05": {"temperature", "latent sliders", "interpolation", "latent plane", "beta comparison"},
    "06": {"adversarial game", "slider"},
    "07": {"noise walk"},
}


def places(one: Notebook) -> list[int]:
    """The cells that show an explorer."""
    return [
        index
        for index, cell in enumerate(one.cells())
        for output in cell.get("outputs", [])
        if "aigc-explorer" in "".join(output.get("data", {}).get("text/html", ""))
    ]


def pictures(one: Notebook) -> list[int]:
    """The cells that show a picture."""
    return [
        index
        for index, cell in enumerate(one.cells())
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]


@pytest.mark.parametrize("number", sorted(EXPLORERS))
def test_a_lesson_runs_is_explored_and_read_without_a_kernel(number, lesson, watch, lab):
    one = lesson(number)
    one.run_all()
    assert one.errors() == []
    code = [cell for cell in one.cells() if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in code)
    assert pictures(one)

    found = set()
    for index in places(one):
        explorer = one.show_cell(index).locator(EXPLORER)
        name = explorer.get_attribute("data-explorer")
        found.add(name)
        one.wait_for_answer(explorer)
        before = one.drawn(explorer)
        handle = explorer.locator("canvas.aigc-plane, input[type=range]").first
        handle.focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
            handle.press(key)
        handle.press("ArrowRight")
        one.wait_for_drawing(explorer, before)
        assert one.ask("panel.content.activeCellIndex") == index
        one.screenshot(f"lesson-{number}-{name.replace(' ', '-')}")
    assert found == EXPLORERS[number]
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        one.theme(theme)
        for index in sorted({*places(one), *pictures(one)}):
            one.show_cell(index)
            assert violations(one.page, f"[id='{one.ask('panel.id')}'] .jp-OutputArea-output") == []
    watch.assert_quiet()

    shown = pictures(one)
    one.save()
    lab.end_sessions()
    one.open_without_kernel()
    assert pictures(one) == shown
    for index in shown:
        picture = one.show_cell(index).locator("img").first
        expect(picture).to_be_visible()
        assert picture.get_attribute("alt")
        assert picture.evaluate("one => one.complete && one.naturalWidth > 0")
        text = one.cell(index).inner_text()
        assert not [complaint for complaint in COMPLAINTS if complaint in text]
    assert lab.api("kernels") == []
