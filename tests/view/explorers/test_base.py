"""What all explorers share: messages, threads, errors, the page, and no page."""

import sys
import threading
from types import SimpleNamespace

import pytest
from PIL import Image
from pretended import Widget, attach

from aigc_edu.errors import CourseError
from aigc_edu.view import front_end
from aigc_edu.view.explorers import base
from aigc_edu.view.explorers.base import (
    Explorer,
    choice_control,
    draw_control,
    pixels_answer,
    range_control,
)


@pytest.fixture
def widgets(monkeypatch):
    made = []

    def make(**traits):
        made.append(Widget(**traits))
        return made[-1]

    monkeypatch.setattr(base, "_widget_class", lambda: make)
    monkeypatch.setattr(base, "_widgets_of_cell", {})
    return made


def simple(answer=lambda values: ({"sentence": str(values)}, b"abc"), controls=None):
    return Explorer(
        "simple",
        label="A simple one",
        controls=controls or [range_control("one", 0, 10, start=5, step=1)],
        draw=answer,
        static=lambda: (Image.new("L", (4, 4)), None, ""),
        alt="A black square.",
        pictures=[],
    )


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
    assert f'<div class="{widget.anchor}"><img' in data["text/html"]
    assert widget.anchor.startswith("aigc-explorer-")
    assert widget.identity == widget.model_id


def test_where_outputs_and_widgets_are_apart_it_is_displayed_as_a_widget(monkeypatch, widgets):
    sent = attach(monkeypatch, {"cellId": "vscode-notebook-cell:/a#W0"})
    simple().show()
    ((data, _),) = sent
    assert data[front_end.WIDGET]["model_id"] == "m"
    assert {"image/png", "text/html"} <= set(data)
    assert widgets[0].anchor == ""


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
    assert widget.sent == [({"answer": 7, "view": "v", "sentence": "[3.0]"}, [b"abc"])]


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
