"""The bar beside a loop, with the page pretended: what its messages do to the loop."""

import signal
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from aigc_edu.view import live
from aigc_edu.view.loop import controls, loop
from aigc_edu.view.loop.controls import HIGHEST, LOWEST, Controls
from aigc_edu.view.loop.rates import LearningRates


def optimizer(rate=0.1, **options):
    return torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=rate, **options)


class Page:
    """A page with the bar: sends messages as its thread does, and keeps what is displayed."""

    def __init__(self) -> None:
        self.controls: list[Controls] = []
        self.outputs: dict[str, dict] = {}
        self.answers: list[dict] = []

    def send(self, **message) -> None:
        thread = threading.Thread(
            target=self.controls[-1]._on_message, args=(self, message, []), name="subshell"
        )
        thread.start()
        thread.join()

    # What Controls answers through.
    def receive(self, message) -> None:
        self.answers.append(message)


@pytest.fixture
def page(monkeypatch):
    import IPython.display

    page = Page()

    class Watched(Controls):
        def __init__(self, rates) -> None:
            super().__init__(rates)
            page.controls.append(self)

        def _on_message(self, widget, message, buffers) -> None:
            super()._on_message(SimpleNamespace(send=page.receive), message, buffers)

    def display(data, display_id=None, **options):
        name = display_id if isinstance(display_id, str) else f"output {len(page.outputs)}"
        page.outputs[name] = data
        return SimpleNamespace(display_id=name)

    monkeypatch.setattr(controls, "Controls", Watched)
    monkeypatch.setattr(loop, "has_front_end", lambda: True)
    monkeypatch.setattr(loop, "in_kernel", lambda: True)
    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr(IPython.display, "update_display", display)
    return page


def later(page, *messages, seconds=0.15):
    """Send messages one after the other from another thread, while the loop waits."""

    def send():
        for message in messages:
            time.sleep(seconds)
            page.send(**message)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


_threads = 1  # that other tests of this process may have left


@pytest.fixture(autouse=True)
def threads_before():
    global _threads
    _threads = threading.active_count()


def nothing_left() -> bool:
    return (
        not loop._running
        and loop._controls is None
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        and threading.active_count() <= _threads
    )


class TestBar:
    def test_stop_ends_the_loop_after_the_step(self, page):
        training = live(100)
        for step in training:
            if step == 3:
                page.send(kind="stop")
        assert training.stopped
        assert training.steps_done == 4
        assert page.answers == [{"kind": "state", "paused": False, "stop": True}]
        assert nothing_left()

    def test_stop_ends_nested_loops(self, page):
        outer = live(100)
        for _ in outer:
            inner = live(100)
            for _ in inner:
                page.send(kind="stop")
        assert (outer.steps_done, inner.steps_done) == (1, 1)
        assert len(page.controls) == 1  # one bar for all of them
        assert nothing_left()

    def test_pause_step_resume(self, page):
        seen, thread = [], None
        for step in live(5):
            seen.append(step)
            if step == 0:
                page.send(kind="pause")
                thread = later(page, {"kind": "step"}, {"kind": "step"}, {"kind": "resume"})
            if step in (1, 2):
                assert page.controls[0]._paused
        thread.join()
        assert seen == [0, 1, 2, 3, 4]
        assert [answer["paused"] for answer in page.answers] == [True, True, True, False]
        assert nothing_left()

    def test_step_while_running_pauses_after_it(self, page):
        thread = None
        for step in live(3):
            if step == 0:
                page.send(kind="step")
                assert page.answers[-1]["paused"]
                thread = later(page, {"kind": "resume"})
        thread.join()
        assert nothing_left()

    def test_a_pause_counts_no_time_and_shows_the_present_step(self, page):
        thread, training = None, live(3, alt="Squares.")
        for step in training:
            training.show(np.zeros((1, 4, 4)), loss=step)
            if step == 1:
                page.send(kind="pause")
                thread = later(page, {"kind": "resume"}, seconds=0.6)
        thread.join()
        assert training.seconds < 0.5

    def test_stop_while_paused(self, page):
        training, thread = live(10), None
        for _ in training:
            page.send(kind="pause")
            thread = later(page, {"kind": "stop"})
        thread.join()
        assert training.steps_done == 1
        assert nothing_left()

    def test_the_interrupt_is_heard_while_paused(self, page):
        training = live(10)
        for _ in training:
            page.send(kind="pause")
            timer = threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGINT))
            timer.start()
        timer.join()
        assert training.stopped
        assert nothing_left()

    @pytest.mark.parametrize(
        "message",
        ["stop", None, 3, {}, {"kind": "shout"}, {"kind": "rate"}, {"kind": "rate", "factor": "2"},
         {"kind": "rate", "factor": float("nan")}],
    )  # fmt: skip
    def test_other_messages_do_nothing(self, page, message):
        training = live(3, learning_rate=optimizer())
        for _ in training:
            page.controls[0]._on_message(page, message, [])
        assert training.steps_done == 3
        assert not training.stopped

    def test_outputs_while_running_and_afterwards(self, page):
        for step in live(2, alt="Squares."):
            live.show(np.zeros((1, 4, 4)), loss=step)
            note, bar, picture = page.outputs.values()
            assert "live.last" in note["text/html"]
            assert "application/vnd.jupyter.widget-view+json" in bar
            assert "image/png" in picture
        note, bar, picture = page.outputs.values()
        assert note == bar == {"text/html": "", "text/plain": ""}
        assert "2 of 2 steps" in picture["text/html"]
        assert page.controls[0].widget.comm is None  # closed
        assert live.last._repr_mimebundle_()[0] == picture
        assert "2 of 2 steps" in repr(live.last)
        assert nothing_left()

    @pytest.mark.parametrize("end", ["break", "error"])
    def test_the_bar_goes_however_the_loop_ends(self, page, end):
        def run():
            for step in live(10):
                live.show(loss=step)
                if step == 2:
                    if end == "error":
                        raise RuntimeError("the loop's own")
                    break

        if end == "error":
            with pytest.raises(RuntimeError, match="the loop's own"):
                run()
        else:
            run()
        assert not any("widget-view" in kind for data in page.outputs.values() for kind in data)
        assert nothing_left()

    def test_no_bar_for_no_steps(self, page):
        list(live(0))
        assert not page.controls
        assert not page.outputs

    def test_two_loops_side_by_side_share_a_bar(self, page):
        pairs = list(zip(live(3), live(5), strict=False))
        assert len(pairs) == 3
        assert len(page.controls) == 1
        assert nothing_left()


class TestHandshake:
    def test_a_ping_is_answered(self, page):
        for _ in live(1):
            page.send(kind="ping")
        assert page.answers == [{"kind": "state", "paused": False, "stop": False}]

    def test_messages_are_not_pinned_to_the_busy_shell(self):
        controls = Controls(None)
        controls.widget.comm._reply_subshell_id = None  # as ipykernel 7.4 does after a send
        controls.listen()
        assert not hasattr(controls.widget.comm, "_reply_subshell_id")
        controls.listen()
        controls.close()
        controls.listen()


class TestLearningRate:
    def test_the_slider_moves_it_before_the_next_step(self, page):
        one, two, seen = optimizer(0.1), optimizer(0.4), []
        training = live(4, learning_rate=[one, two])
        for step in training:
            training.show(loss=step)
            seen.append([part.param_groups[0]["lr"] for part in (one, two)])
            if step == 1:
                page.send(kind="rate", factor=0.5)
        assert seen == [[0.1, 0.4], [0.1, 0.4], [0.05, 0.2], [0.05, 0.2]]
        assert [part.param_groups[0]["lr"] for part in (one, two)] == [0.1, 0.4]
        *_, picture = page.outputs.values()
        assert "moved by hand from step 2 on" in picture["text/plain"]

    def test_no_more_than_tenfold(self, page):
        moved, seen = optimizer(1.0), []
        for step in live(3, learning_rate=moved):
            page.send(kind="rate", factor=[1e9, -3, 1.0][step])
            seen.append(moved.param_groups[0]["lr"])
        assert seen == [1.0, HIGHEST, LOWEST]

    def test_a_schedule_goes_on_below_the_slider(self, page):
        moved = optimizer(1.0)
        schedule = torch.optim.lr_scheduler.ExponentialLR(moved, 0.5)
        for step in live(3, learning_rate=moved):
            page.send(kind="rate", factor=[2.0, 4.0, 4.0][step])
            moved.step()
            schedule.step()
        assert moved.param_groups[0]["lr"] == pytest.approx(0.125)

    def test_rates_in_tensors(self):
        moved = torch.optim.Adam(nn.Linear(2, 2).parameters(), lr=torch.tensor(0.1))
        rates = LearningRates(moved)
        rates.begin()
        rates.scale(2.0)
        assert moved.param_groups[0]["lr"].item() == pytest.approx(0.2)
        rates.restore()
        assert moved.param_groups[0]["lr"].item() == pytest.approx(0.1)

    def test_what_the_bar_shows(self):
        assert LearningRates(optimizer(0.1)).common() == 0.1
        assert LearningRates([optimizer(0.1), optimizer(0.2)]).common() == 0.0

    @pytest.mark.parametrize("wrong", [0.1, nn.Linear(2, 2), [], ["adam"]])
    def test_only_optimizers(self, wrong):
        with pytest.raises(ValueError, match="takes the optimizer"):
            live(3, learning_rate=wrong)


def train(rate, page=None) -> torch.Tensor:
    torch.manual_seed(5)
    network = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 8))
    moved = torch.optim.Adam(network.parameters(), 1e-2)
    thread = None
    for step in live(20, rate=rate, learning_rate=moved):
        loss = network(torch.randn(4, 8)).square().mean()
        moved.zero_grad()
        loss.backward()
        moved.step()
        if page is not None:
            live.show(lambda: network(torch.randn(1, 8)).reshape(1, 2, 4), loss=loss)
            page.send(kind="step" if step == 3 else "resume")
            if step == 3:
                thread = later(page, {"kind": "step"}, {"kind": "resume"})
    if thread is not None:
        thread.join()
    return torch.cat([parameter.flatten() for parameter in network.parameters()])


def test_pausing_and_stepping_change_no_weight(page):
    watched = train(1000.0, page)
    page.controls.clear()
    assert torch.equal(watched, train(4.0))
