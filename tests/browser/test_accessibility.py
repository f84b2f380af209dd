"""axe-core on the bar of a running loop, against WCAG 2.1 AA, in both of JupyterLab's themes.

Explorers, pictures and tables are examined where lessons show them (test_lessons.py).
"""

import pytest
from lab_page import violations
from playwright.sync_api import expect

LOOP = """\
import time, numpy as np, torch
from aigc_edu.view import live
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.01)
for step in live(10**7, rate=10, alt="Gray squares.", learning_rate=optimizer):
    live.show(lambda: np.full((4, 28, 28), 0.5), loss=1 / (step + 1))
    time.sleep(0.01)
"""


@pytest.mark.pinned_only
def test_the_bar_running_paused_and_gone(notebook):
    one = notebook(LOOP)
    one.start()
    expect(one.button("Stop")).to_be_enabled()
    output = f"[id='{one.ask('panel.id')}'] .jp-OutputArea-output"
    bar = f"[id='{one.ask('panel.id')}'] [data-aigc-live]"
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        one.theme(theme)
        assert violations(one.page, bar) == []
        one.button("Pause").click()
        expect(one.button("Resume")).to_be_focused()
        one.screenshot(f"live-paused-{theme.split()[-1].lower()}")
        assert violations(one.page, bar) == []
        one.button("Resume").click()
    one.button("Stop").click()
    one.finish()
    expect(one.bar).to_have_count(0)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        one.theme(theme)
        assert violations(one.page, output) == []


@pytest.mark.pinned_only
def test_what_is_wrong_is_found(notebook):
    faint = '<p style="color: #cccccc; background: #ffffff">Can you read this?</p>'
    one = notebook(f"from IPython.display import HTML, display\ndisplay(HTML({faint!r}))")
    one.run_all()
    expect(one.cell(0).get_by_text("Can you read this?", exact=True)).to_be_visible()
    output = f"[id='{one.ask('panel.id')}'] .jp-OutputArea-output"
    assert any(found.startswith("color-contrast") for found in violations(one.page, output))
