"""The bar of a running loop, ■, and what stays: pressed, reloaded, restarted, reopened."""

import json
import re
import time

from lab_page import Notebook, eventually
from playwright.sync_api import expect

IMPORTS = "import threading, time\nimport numpy as np\nfrom aigc_edu.view import live"

# Ten million steps of a hundredth of a second: only a person ends it.
LOOP = """\
training = live(10**7, rate=20, alt="Gray squares.")
for step in training:
    live.show(lambda: np.full((4, 28, 28), step % 10 / 10), loss=1 / (step + 1))
    time.sleep(0.01)
print("went on", training.stopped)
"""
AFTER = "print('the next cell ran')"


def step_shown(one: Notebook, index: int = 1) -> int:
    """The step of the frame under a cell, as the notebook's model has it; -1 before the first."""
    for bundle in one.bundles(index):
        found = re.search(r"\(step (\d+)\)", "".join(bundle.get("text/plain", "")))
        if found:
            return int(found.group(1))
    return -1


def moves(one: Notebook, index: int = 1) -> bool:
    """Whether new frames come."""
    before = step_shown(one, index)
    eventually(lambda: step_shown(one, index) > before, "a new frame")
    return True


def stands_still(one: Notebook, index: int = 1) -> int:
    """The step at which the loop waits; it is looked at for half a second."""
    before = step_shown(one, index)
    time.sleep(0.5)  # fifty steps' worth: nothing can be waited for that should not happen
    assert step_shown(one, index) == before
    return before


def begin(one: Notebook) -> Notebook:
    """Run everything, and wait until the loop's first frames are there."""
    one.start()
    eventually(lambda: step_shown(one) > 0, "the first frames")
    return one


def ready(one: Notebook) -> None:
    """Wait until the kernel has answered the bar."""
    expect(one.button("Stop")).to_be_enabled(timeout=20_000)


def assert_ended(one: Notebook, index: int = 1, said: str = "Gray squares. Stopped after") -> None:
    """No bar is left under the cell; a picture with its text alternative is, and one line."""
    expect(one.cell(index).get_by_role("toolbar", name="Training controls")).to_have_count(0)
    expect(one.cell(index).locator("img")).to_have_attribute("alt", re.compile(re.escape(said)))
    picture = [bundle for bundle in one.bundles(index) if "image/png" in bundle]
    assert len(picture) == 1
    assert not any("widget" in kind for bundle in one.bundles(index) for kind in bundle)
    text = one.cell(index).inner_text()
    assert "steps in" in text
    assert "Loading widget" not in text


def test_stop_pause_and_step_by_mouse(notebook, watch):
    one = begin(notebook(IMPORTS, LOOP, AFTER))
    ready(one)
    expect(one.status).to_have_text("Running")
    one.screenshot("live-running")
    one.button("Pause").click()
    expect(one.button("Resume")).to_be_visible()
    expect(one.button("Pause")).to_have_count(0)
    expect(one.status).to_have_text("Paused")
    step = stands_still(one)
    for _ in range(2):
        one.button("Step").click()
        eventually(lambda step=step: step_shown(one) > step, "one step")
        assert stands_still(one) == step + 1
        step += 1
    one.button("Resume").click()
    expect(one.status).to_have_text("Running")
    assert moves(one)
    one.button("Stop").click()
    one.finish()
    assert_ended(one)
    assert one.texts(1) == "went on True\n"
    assert one.texts(2) == "the next cell ran\n"
    assert one.errors() == []
    watch.assert_quiet()


def test_everything_by_keyboard(notebook, page, watch):
    source = """\
import torch
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.01)
training = live(10**7, rate=20, alt="Gray squares.", learning_rate=optimizer)
for step in training:
    with open("rate.txt", "w") as file:  # where the test can see it while the loop runs
        file.write(f"{optimizer.param_groups[0]['lr']:.6g}")
    live.show(lambda: np.full((4, 28, 28), step % 10 / 10), loss=1 / (step + 1))
    time.sleep(0.01)
"""
    one = begin(notebook(IMPORTS, source, AFTER))
    rate = one.server.work / "rate.txt"

    def rate_is(factor: float) -> None:
        eventually(lambda: rate.read_text() == f"{0.01 * factor:.6g}", f"the rate times {factor}")

    ready(one)
    one.button("Stop").focus()
    cells = len(one.cells())
    page.keyboard.press("Tab")
    expect(one.button("Pause")).to_be_focused()
    page.keyboard.press("Space")
    expect(one.button("Resume")).to_be_focused()
    expect(one.status).to_have_text("Paused")
    step = stands_still(one)
    page.keyboard.press("Tab")
    expect(one.button("Step")).to_be_focused()
    page.keyboard.press("Enter")
    eventually(lambda: step_shown(one) > step, "one step")
    assert stands_still(one) == step + 1
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert moves(one)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(one.slider).to_be_focused()
    # JupyterLab would move its selection with the arrows and insert cells with letters.
    active = one.ask("panel.content.activeCellIndex")
    rate_is(1)
    for key, notches in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowDown", 1), ("b", 1)]:
        page.keyboard.press(key)
        assert one.slider.input_value() == str(notches)
        rate_is(10 ** (notches / 20))
    assert moves(one)
    box = one.slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    value = float(one.slider.input_value())
    assert value > 1
    assert one.slider.get_attribute("aria-valuetext")
    rate_is(10 ** (value / 20))
    assert moves(one)
    assert one.ask("panel.content.activeCellIndex") == active
    assert len(one.cells()) == cells
    one.button("Stop").focus()
    page.keyboard.press("Space")
    one.finish()
    assert_ended(one)
    rate.unlink()


def test_without_an_answer_the_buttons_stay_off_and_the_hint_names_the_square(notebook):
    deaf = f"{IMPORTS}\nfrom aigc_edu.view.loop.controls import Controls\n"
    one = begin(notebook(deaf + "Controls._on_message = lambda *message: None", LOOP, AFTER))
    expect(one.status).to_contain_text("■", timeout=20_000)
    for name in ("Stop", "Pause", "Step"):
        expect(one.button(name)).to_be_disabled()
    one.interrupt()
    one.finish()
    assert_ended(one)
    assert one.texts(2) == "the next cell ran\n"


def test_interrupt_once_or_in_a_double_click_goes_on_twice_is_an_interrupt(notebook):
    # A step that takes a minute: the second press comes while it lasts.
    slow = """\
training = live(10**7, rate=20, alt="Gray squares.")
for step in training:
    live.show(lambda: np.full((4, 28, 28), step % 10 / 10), loss=1 / (step + 1))
    if step == 30:
        print("slow")
    time.sleep(60 if step == 30 else 0.01)
"""
    # On a busy machine the second half of a double click may come after the loop.
    late = "try:\n    time.sleep(2)\nexcept KeyboardInterrupt:\n    pass"
    one = begin(notebook(IMPORTS, LOOP, AFTER, late, slow, AFTER))
    one.interrupt(clicks=2)
    eventually(lambda: one.texts(1), "the cell's end")
    assert_ended(one)
    assert one.texts(2) == "the next cell ran\n"
    eventually(lambda: one.texts(4) == "slow\n", "the slow step")
    one.interrupt()
    time.sleep(0.8)  # presses within half a second count as one
    one.interrupt()
    one.finish()
    assert one.errors() == ["cell 4: KeyboardInterrupt: "]
    assert_ended(one, 4, "Gray squares. Stopped after 30 of")
    assert one.texts(5) == ""


def test_an_exception_a_break_loops_in_loops_and_no_steps_at_all(notebook, watch):
    fails = """\
for step in live(100, alt="Gray squares."):
    live.show(lambda: np.full((4, 28, 28), 0.5), loss=step)
    if step == 7:
        raise ValueError("the batch is empty")
"""
    breaks = fails.replace('raise ValueError("the batch is empty")', "break")
    nested = """\
before = threading.active_count()
for epoch in live(3, alt="Outer."):
    for step in live(10**6, rate=20, alt="Inner."):
        live.show(lambda: np.full((4, 28, 28), 0.5), loss=step)
        time.sleep(0.01)
    live.show(epoch=epoch)
print("ended", epoch, threading.active_count() - before)
"""
    several = """\
for step in live(0, alt="Nothing."):
    live.show(loss=1)
for first, second in zip(live(3, alt="First."), live(3, alt="Second.")):
    live.show(np.zeros((4, 28, 28)), loss=1.0)
"""
    one = notebook(IMPORTS, fails, breaks, several, nested)
    one.run_all()
    assert one.errors() == ["cell 1: ValueError: the batch is empty"]
    assert_ended(one, 1, "Gray squares. 7 of 100 steps in")
    for index in (2, 3, 4):
        one.start_cell(index)
        if index == 4:
            ready(one)
            expect(one.bar).to_have_count(1)
            one.button("Stop").click()
        one.finish()
    assert_ended(one, 2, "Gray squares. 7 of 100 steps in")
    assert one.texts(4).endswith("ended 0 0\n")
    expect(one.bar).to_have_count(0)
    assert one.errors() == ["cell 1: ValueError: the batch is empty"]
    watch.assert_quiet()


def test_a_page_loaded_again_while_a_loop_runs(notebook, page, lab):
    counting = LOOP.replace(
        "    time.sleep", "    open('steps', 'w').write(str(step))\n    time.sleep"
    )
    one = begin(notebook(IMPORTS, counting, "live.last"))
    ready(one)
    one.save()
    one.reload()
    steps = lab.work / "steps"
    before = steps.read_text()
    eventually(lambda: steps.read_text() not in (before, ""), "training goes on")
    picture = one.cell(1).locator("img")
    expect(picture).to_be_visible()
    saved = picture.get_attribute("src")
    # What stands in the bar's place appears after three seconds.
    expect(one.cell(1).get_by_text("This page was loaded while a loop was running")).to_be_visible(
        timeout=20_000
    )
    expect(page.get_by_text("Loading widget")).to_be_hidden()
    expect(page.get_by_text("Error displaying widget")).to_be_hidden()
    assert picture.get_attribute("src") == saved
    one.screenshot("live-reloaded")
    one.start_cell(2)  # waits for the loop
    one.interrupt()
    one.finish()
    (bundle,) = one.bundles(2)
    assert "Stopped after" in bundle["text/html"]
    expect(one.cell(2).locator("img")).to_have_attribute("alt", re.compile("Stopped after"))
    assert one.errors() == []
    steps.unlink()


def test_a_kernel_restarted_while_a_loop_runs_and_run_again(notebook):
    one = begin(notebook(IMPORTS, LOOP, AFTER))
    ready(one)
    one.restart()
    expect(one.button("Stop")).to_be_disabled()
    expect(one.status).to_contain_text("run the cell again")
    expect(one.page.get_by_text("Error displaying widget")).to_be_hidden()
    begin(one)
    ready(one)
    one.button("Stop").click()
    one.finish()
    assert_ended(one)
    assert one.texts(2) == "the next cell ran\n"


def test_a_saved_notebook_opened_without_a_kernel(notebook, lab):
    one = notebook(IMPORTS, LOOP.replace("10**7", "50"), AFTER)
    one.run_all()
    assert_ended(one, said="Gray squares. 50 of 50 steps in")
    one.save()
    saved = json.loads(one.path.read_text())
    assert "widgets" not in saved["metadata"]
    one.open_without_kernel()
    assert lab.api("kernels") == []
    assert_ended(one, said="Gray squares. 50 of 50 steps in")
    text = one.panel_in_front().inner_text()
    for complaint in ("model not found", "Error displaying widget", "Loading widget"):
        assert complaint not in text


def test_a_notebook_saved_in_the_middle_of_a_loop_opened_without_a_kernel(notebook):
    one = begin(notebook(IMPORTS, LOOP, AFTER))
    ready(one)
    one.save()
    one.open_without_kernel()
    expect(one.cell(1).locator("img")).to_be_visible()
    for complaint in ("model not found", "Error displaying widget", "Loading widget"):
        expect(one.page.get_by_text(complaint)).to_be_hidden()


def test_two_notebooks_at_once(notebook, watch):
    left = begin(notebook(IMPORTS, LOOP, AFTER, name="left"))
    right = begin(notebook(IMPORTS, LOOP, AFTER, name="right", beside=True))
    ready(left)
    ready(right)
    right.button("Pause").click()
    expect(right.status).to_have_text("Paused")
    assert moves(left)
    left.button("Stop").click()
    left.finish()
    assert_ended(left)
    stands_still(right)
    right.button("Resume").click()
    assert moves(right)
    right.button("Stop").click()
    right.finish()
    assert_ended(right)
    watch.assert_quiet()
