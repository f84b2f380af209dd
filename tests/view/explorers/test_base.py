"""The slider and what all explorers share: messages, threads, errors, the page, and no page."""

import re
import subprocess
import sys
import textwrap
import threading
from types import SimpleNamespace

import pytest
from matplotlib.figure import Figure
from PIL import Image

from aigc_edu.errors import CourseError
from aigc_edu.view.explore import slider_figure
from aigc_edu.view.explorers import base
from aigc_edu.view.explorers.base import (
    Explorer,
    choice_control,
    draw_control,
    pixels_answer,
    range_control,
)
from aigc_edu.view.explorers.slider import slider_explorer


def draw(width):
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, width])
    return figure


class Shell:
    """Stands for IPython's shell, with or without a page behind it."""

    def __init__(self, metadata, msg_id="run"):
        request = {"metadata": metadata, "header": {"msg_id": msg_id}}
        self.kernel = SimpleNamespace(get_parent=lambda: request)


def attach(monkeypatch, metadata, **more):
    """Pretend to be in a kernel; what is displayed is returned."""
    shell, sent = Shell(metadata, **more), []
    module = SimpleNamespace(
        version_info=(9, 0),
        get_ipython=lambda: shell,
        display=SimpleNamespace(display=lambda data, **rest: sent.append((data, rest))),
    )
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", module.display)
    return sent


class Widget:
    """Stands for the widget: what is sent is kept."""

    def __init__(self, **traits):
        self.__dict__.update(traits)
        self.model_id, self.sent, self.closed, self.identity = "m", [], False, ""

    def on_msg(self, handler):
        self.handler = handler

    def send(self, content, buffers):
        self.sent.append((content, buffers))

    def close(self):
        self.closed = True


@pytest.fixture
def widgets(monkeypatch):
    made = []

    def make(**traits):
        made.append(Widget(**traits))
        return made[-1]

    monkeypatch.setattr(base, "_widget_class", lambda: make)
    monkeypatch.setattr(base, "_shown", {})
    return made


def simple(answer=lambda values: ({"said": str(values)}, b"abc"), controls=None):
    return Explorer(
        "simple",
        label="A simple one",
        controls=controls or [range_control("one", 0, 10, start=5, step=1)],
        draw=answer,
        static=lambda: (Image.new("L", (4, 4)), None, ""),
        alt="A black square.",
        pictures=[],
    )


# ------------------------------------------------------------------------------ is there a page?


def test_a_page_is_known_by_the_cell_it_names(monkeypatch):
    attach(monkeypatch, {"cellId": "a1", "recordTiming": False})
    assert base.has_front_end()
    attach(monkeypatch, {})
    assert not base.has_front_end()
    attach(monkeypatch, None)
    assert not base.has_front_end()


def test_plain_python_has_no_page():
    program = "from aigc_edu.view.explore import has_front_end; print(has_front_end())"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert out.stdout.strip() == "False", out.stderr


def test_the_room_stays_cheap_to_enter():
    program = "import sys, aigc_edu.view; print('torch' in sys.modules, 'anywidget' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert out.stdout.strip() == "False False", out.stderr


# ------------------------------------------------------------------------------ display


def test_without_a_page_there_is_a_picture_and_nothing_of_widgets(monkeypatch, widgets):
    sent = attach(monkeypatch, {})
    simple().show()
    ((data, _),) = sent
    assert set(data) == {"image/png", "text/html", "text/plain"}
    assert 'alt="A black square."' in data["text/html"]
    assert "aigc-explorer" not in data["text/html"]
    assert not widgets


def test_in_jupyterlab_the_picture_has_a_place_to_come_alive_and_the_file_no_widget(
    monkeypatch, widgets
):
    sent = attach(monkeypatch, {"cellId": "a"})
    simple().show()
    ((data, _),) = sent
    (widget,) = widgets
    assert set(data) == {"image/png", "text/html", "text/plain"}
    assert f'<div class="{widget.place}"><img' in data["text/html"]
    assert widget.place.startswith("aigc-explorer-")
    assert widget.identity == widget.model_id


def test_where_outputs_and_widgets_are_apart_it_is_displayed_as_a_widget(monkeypatch, widgets):
    sent = attach(monkeypatch, {"cellId": "vscode-notebook-cell:/a#W0"})
    simple().show()
    ((data, _),) = sent
    assert data[base.WIDGET]["model_id"] == "m"
    assert {"image/png", "text/html"} <= set(data)
    assert widgets[0].place == ""


def test_running_a_cell_again_lets_the_explorers_of_the_run_before_go(monkeypatch, widgets):
    attach(monkeypatch, {"cellId": "a"}, msg_id="first")
    simple().show()
    simple().show()
    assert [one.closed for one in widgets] == [False, False]
    attach(monkeypatch, {"cellId": "b"}, msg_id="second")
    simple().show()
    assert not any(one.closed for one in widgets)
    attach(monkeypatch, {"cellId": "a"}, msg_id="third")
    simple().show()
    assert [one.closed for one in widgets] == [True, True, False, False]


# ------------------------------------------------------------------------------ messages


def live(one):
    one.widget = Widget()
    return one.widget


def ask(one, number, values, view="v"):
    one.received(one.widget, {"ask": number, "view": view, "values": values}, [])


def test_a_question_is_answered_with_its_number_its_view_and_one_buffer():
    one = simple()
    widget = live(one)
    ask(one, 7, [3])
    assert widget.sent == [({"answer": 7, "view": "v", "said": "[3.0]"}, [b"abc"])]


@pytest.mark.parametrize("content", [None, 3, "ask", {}, {"view": "v"}])
def test_what_is_no_question_is_left_alone(content):
    one = simple()
    widget = live(one)
    one.received(widget, content, [])
    assert widget.sent == []


@pytest.mark.parametrize("values", [None, [], [1, 2], ["a"], [None], [True], [float("nan")], {}])
def test_values_that_do_not_fit_are_answered_with_a_sentence(values):
    one = simple()
    widget = live(one)
    ask(one, 1, values)
    ((content, _),) = widget.sent
    assert content["answer"] == 1
    assert "reload" in content["error"]


def test_values_outside_a_control_are_brought_back_into_it():
    seen = []
    controls = [
        {"kind": "plane", "low": -2.0, "high": 2.0, "start": [0.0, 0.0]},
        choice_control("which", ["a", "b"]),
        range_control("how", 0.0, 1.0, start=0.5, step=0.1),
        draw_control("again"),
    ]
    one = simple(lambda values: (seen.append(values), ({}, b""))[1], controls)
    assert one.starts() == [0.0, 0.0, 0, 0.5, 0]
    one.answer([-5, 1.5, 9, 3.0, -1])
    assert seen == [[-2.0, 1.5, 1, 1.0, 0]]


def test_an_error_comes_back_as_one_sentence():
    def fails(values):
        raise ZeroDivisionError("division by zero\nand a second line")

    fields, buffer = simple(fails).answer([1])
    assert fields["error"].startswith("The picture stopped with ZeroDivisionError: division by")
    assert "\n" not in fields["error"]
    assert buffer == b""

    def says(values):
        raise CourseError("Do this.")

    assert simple(says).answer([1])[0] == {"error": "Do this."}


class Loop:
    """Stands for the kernel's loop, which runs when no cell does."""

    def __init__(self):
        self.waiting = []

    def add_callback(self, function, *arguments):
        self.waiting.append((function, arguments))

    def run(self):
        waiting, self.waiting = self.waiting, []
        for function, arguments in waiting:
            function(*arguments)


def test_questions_that_arrive_while_a_cell_runs_wait_and_the_newest_is_answered(monkeypatch):
    """On another thread nothing is drawn: the cell may be training what would be looked at."""
    loop, threads = Loop(), []
    shell = SimpleNamespace(kernel=SimpleNamespace(io_loop=loop))
    module = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", module)

    def answer(values):
        threads.append(threading.current_thread())
        return {}, b""

    one = simple(answer)
    widget = live(one)

    def page():
        for number in (1, 2, 3):
            ask(one, number, [number])
        ask(one, 1, [9], view="another view")

    asking = threading.Thread(target=page)
    asking.start()
    asking.join()
    assert not widget.sent
    loop.run()  # the cell has ended
    assert [(content["answer"], content["view"]) for content, _ in widget.sent] == [
        (3, "v"),
        (1, "another view"),
    ]
    assert set(threads) == {threading.main_thread()}


def test_the_half_in_the_page_fetches_nothing_from_anywhere():
    for name in ("explorer.js", "explorer.css"):
        text = (base.FOLDER / name).read_text(encoding="utf-8")
        assert not re.search(r"https?:|\bimport\b|\bfetch\(|XMLHttpRequest|url\(", text), name


# ------------------------------------------------------------------------------ pixels


def test_pixels_travel_raw_and_what_is_no_number_in_vermilion():
    import numpy as np

    fields, buffer = pixels_answer(np.array([[[0.0, 1.0]]]), (0.0, 1.0))
    assert (fields, buffer) == ({"shape": [1, 1, 2, 1]}, b"\x00\xff")
    fields, buffer = pixels_answer(np.array([[[0.0, float("nan")]]]), (0.0, 1.0))
    assert fields["shape"] == [1, 1, 2, 3]
    assert buffer == bytes([0, 0, 0, 213, 94, 0])
    assert "not numbers" in fields["note"]
    assert "lower learning rate" in fields["note"]


# ------------------------------------------------------------------------------ the slider


def test_without_a_page_the_slider_shows_its_default(monkeypatch):
    drawn = []

    def note(width):
        drawn.append(width)
        return draw(width)

    sent = attach(monkeypatch, {})
    slider_figure(note, "width", [1, 2, 3], "A line.")
    slider_figure(note, "width", [1, 2, 3], "A line.", default=3)
    assert drawn == [2, 3]
    assert ['alt="A line."' in data["text/html"] for data, _ in sent] == [True, True]


def test_moving_the_slider_draws_again():
    drawn = []

    def note(width):
        drawn.append(width)
        return draw(width)

    one = slider_explorer(note, "width", [0.5, 1.0, 2.0], "A line that rises.")
    (control,) = one.spec["controls"]
    assert control["labels"] == ["0.5", "1", "2"]
    assert control["start"] == 1
    fields, buffer = one.answer([2])
    assert drawn == [2.0]
    assert buffer.startswith(b"\x89PNG")
    assert fields["alt"] == "A line that rises. (width: 2)"


def test_executed_without_a_page_no_widget_is_left_in_the_notebook(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    source = textwrap.dedent(
        """
        from matplotlib.figure import Figure
        from aigc_edu.models import load_decoder
        from aigc_edu.view.explore import latent_plane, slider_figure
        def draw(width):
            figure = Figure(figsize=(2, 1))
            figure.subplots().plot([0, width])
            return figure
        slider_figure(draw, "width", [1, 2, 3], "A line.")
        latent_plane(load_decoder(), alt="A plane.")
        """
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    outputs = notebook.cells[0].outputs
    assert ['alt="A' in output.data["text/html"] for output in outputs] == [True, True]
    assert all(set(o.data) == {"image/png", "text/html", "text/plain"} for o in outputs)
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize(
    ("values", "default", "alt"), [([], None, "A line."), ([1], 2, "A line."), ([1], None, " ")]
)
def test_wrong_arguments_are_refused(values, default, alt):
    with pytest.raises(ValueError, match=r"."):
        slider_figure(draw, "width", values, alt, default=default)
