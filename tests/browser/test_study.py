"""The study under the hand: answered by keys and by buttons, and thanked for at the end."""

import pytest
from lab_page import violations
from playwright.sync_api import expect

from aigc_edu.view.style import PAGE_COLORS, rgb

STUDY = """\
import numpy as np
from aigc_edu.view.study import Study
study = Study(np.zeros((3, 8, 8)), np.ones((3, 8, 8)), trials=3, name="in-a-browser")
study.start_anew()
study.show("Three pairs of squares.")
"""


@pytest.mark.pinned_only
def test_keys_and_buttons_answer_once_each(notebook, page, watch):
    one = notebook(STUDY, "[answer['chosen'] for answer in study.answers]")
    one.run_all()
    study = one.show_cell(0).locator(".aigc-study")
    expect(study).to_contain_text("Pair 1 of 3")
    study.focus()
    expect(study).to_have_css("outline-color", "rgb({}, {}, {})".format(*rgb(PAGE_COLORS["blue"])))
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        one.theme(theme)
        assert violations(page, ".aigc-study") == []
    study.focus()
    page.keyboard.press("ArrowLeft")
    expect(study).to_contain_text("Pair 2 of 3")
    study.get_by_role("button", name="the right one").click()
    expect(study).to_contain_text("Pair 3 of 3")
    study.get_by_role("button", name="the left one").click()
    expect(study).to_contain_text("Thank you")
    expect(study.get_by_role("button")).to_have_count(0)
    one.start_cell(1)
    one.finish()
    assert one.bundles(1)[0]["text/plain"] == "['left', 'right', 'left']"
    watch.assert_quiet()
