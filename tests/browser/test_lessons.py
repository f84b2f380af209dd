"""Lessons run from top to bottom in JupyterLab, unfilled, with the quick budget."""

import pytest


@pytest.mark.parametrize("number", ["00", "05", "06", "07"])
def test_a_lesson_runs_to_its_end(number, lesson, watch):
    opened = lesson(number)
    opened.run_all()
    assert opened.errors() == []
    code = [cell for cell in opened.cells() if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in code)
    assert any(output.get("data", {}).get("image/png") for c in code for output in c["outputs"])
    opened.screenshot(f"lesson-{number}")
    watch.assert_quiet()
