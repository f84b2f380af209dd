"""Whether there is a page."""

import subprocess
import sys

from pretended import attach

from aigc_edu.view.front_end import has_front_end


def test_a_page_is_known_by_the_cell_it_names(monkeypatch):
    attach(monkeypatch, {"cellId": "a1", "recordTiming": False})
    assert has_front_end()
    attach(monkeypatch, {})
    assert not has_front_end()
    attach(monkeypatch, None)
    assert not has_front_end()


def test_plain_python_has_no_page():
    program = "from aigc_edu.view.explore import has_front_end; print(has_front_end())"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert out.stdout.strip() == "False", out.stderr


def test_the_room_stays_cheap_to_enter():
    program = "import sys, aigc_edu.view; print('torch' in sys.modules, 'anywidget' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert out.stdout.strip() == "False False", out.stderr
