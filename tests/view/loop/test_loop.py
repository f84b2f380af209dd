"""The live loop without a front end, and with one that is pretended."""

import math
import random
import signal
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from aigc_edu.view import live
from aigc_edu.view.loop import history, interrupts, loop
from aigc_edu.view.undisturbed import undisturbed


@pytest.fixture
def frames(monkeypatch):
    """Pretend that there is a kernel; a list of what is put on the screen."""
    import IPython.display

    kept = []

    def show(data, **options):
        kept.append(dict(data))
        return SimpleNamespace(display_id="one")

    monkeypatch.setattr(loop, "in_kernel", lambda: True)
    monkeypatch.setattr(IPython.display, "display", show)
    monkeypatch.setattr(IPython.display, "update_display", show)
    return kept


@pytest.fixture
def every_step(monkeypatch):
    """No limit by cost: with a large rate every step has its frame."""
    monkeypatch.setattr(loop, "COST_FACTOR", 0)


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now

    monotonic = perf_counter


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(loop, "time", clock)
    monkeypatch.setattr(interrupts, "time", clock)
    return clock


def run(steps, body):
    """A loop whose body is a function."""
    for _ in live(steps):
        body()


_threads = 1  # that other tests of this process may have left


@pytest.fixture(autouse=True)
def threads_before():
    global _threads
    _threads = threading.active_count()


def nothing_left() -> bool:
    return (
        not loop._running
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        and threading.active_count() <= _threads
    )


class TestLoop:
    def test_counts_like_range(self):
        training = live(5)
        assert list(training) == [0, 1, 2, 3, 4]
        assert (training.steps_done, training.stopped) == (5, False)
        assert nothing_left()

    def test_zero_steps(self, capsys):
        training = live(0)
        assert list(training) == []
        assert training.history == {}
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize("steps", [-1, 2.5, "3", None, True])
    def test_steps_must_be_a_count(self, steps):
        with pytest.raises(ValueError, match="whole number of steps"):
            live(steps)

    def test_numbers_of_numpy_count_too(self):
        assert list(live(np.int64(2))) == [0, 1]

    @pytest.mark.parametrize("rate", [0, -1, math.nan])
    def test_rate_must_be_positive(self, rate):
        with pytest.raises(ValueError, match="rate"):
            live(3, rate=rate)

    def test_alt_must_say_something(self):
        with pytest.raises(ValueError, match="text alternative"):
            live(3, alt=" ")

    def test_break(self):
        training = live(10)
        for step in training:
            training.show(loss=step)
            if step == 3:
                break
        assert training.steps_done == 3
        assert training.history["loss"] == [0, 1, 2, 3]
        assert not training.stopped
        assert nothing_left()

    def test_an_exception_comes_out_as_itself(self):
        with pytest.raises(ZeroDivisionError):
            run(10, lambda: 1 / 0)
        assert nothing_left()

    def test_nested_loops_show_in_the_innermost(self):
        outer = live(2)
        for _ in outer:
            inner = live(3)
            for step in inner:
                live.show(loss=step)
            live.show(epoch_loss=9)
            assert inner.history == {"loss": [0, 1, 2]}
        assert outer.history == {"epoch_loss": [9, 9]}
        assert nothing_left()

    def test_a_loop_runs_once(self):
        training = live(1)
        list(training)
        with pytest.raises(RuntimeError, match="has run already"):
            list(training)

    def test_show_outside_a_loop(self):
        with pytest.raises(RuntimeError, match="inside a loop"):
            live.show(loss=1)

    def test_plain_python_prints_one_line(self, capsys):
        called = []
        training = live(3)
        for step in training:
            training.show(lambda: called.append(1), loss=step)
        out = capsys.readouterr().out
        assert out.startswith("3 of 3 steps in ")
        assert out.endswith("loss 2\n")
        assert out.count("\n") == 1
        assert not called


class TestStop:
    def test_once_ends_the_loop_and_the_code_goes_on(self):
        training = live(1000)
        for step in training:
            if step == 4:
                signal.raise_signal(signal.SIGINT)
        assert training.stopped
        assert training.steps_done == 5  # the step that was running is finished
        assert nothing_left()

    def test_two_presses_at_once_count_as_one(self):
        training = live(1000)
        for _ in training:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        assert training.steps_done == 1

    def test_again_later_is_a_keyboard_interrupt(self, clock):
        def press_twice():
            signal.raise_signal(signal.SIGINT)
            clock.now += 0.6
            signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            run(1000, press_twice)
        assert nothing_left()

    def test_nested_loops_all_end(self):
        outer = live(1000)
        for _ in outer:
            inner = live(1000)
            for _ in inner:
                signal.raise_signal(signal.SIGINT)
        assert (outer.steps_done, inner.steps_done) == (1, 1)
        assert outer.stopped
        assert inner.stopped
        assert nothing_left()

    def test_the_next_loop_starts_afresh(self):
        for _ in live(10):
            signal.raise_signal(signal.SIGINT)
        training = live(10)
        list(training)
        assert training.steps_done == 10

    def test_a_handler_of_somebody_else_comes_back(self):
        before = signal.getsignal(signal.SIGINT)
        mine = lambda number, frame: None  # noqa: E731
        signal.signal(signal.SIGINT, mine)

        def fail():
            assert signal.getsignal(signal.SIGINT) is not mine
            raise ValueError("of the loop")

        try:
            with pytest.raises(ValueError, match="of the loop"):
                run(3, fail)
            assert signal.getsignal(signal.SIGINT) is mine
        finally:
            signal.signal(signal.SIGINT, before)

    def test_on_another_thread_it_simply_runs(self):
        done = []
        thread = threading.Thread(target=lambda: done.extend(live(3)))
        thread.start()
        thread.join()
        assert done == [0, 1, 2]
        assert nothing_left()


class TestThrottle:
    def test_by_rate(self, frames, clock):
        calls = []
        training = live(1000, rate=4)
        for step in training:
            clock.now += 0.01  # ten seconds in all
            training.show(lambda step=step: calls.append(step) or np.zeros((1, 4, 4)))
        # The first at once, one every 0.25 s, and the last.
        assert 39 <= len(frames) <= 42
        assert calls[0] == 0
        assert calls[-1] == 999

    def test_by_cost(self, frames, clock):
        def slow():
            clock.now += 0.1
            return np.zeros((1, 4, 4))

        training = live(1000, rate=1000)
        for _ in training:
            clock.now += 0.01
            training.show(slow)
        # Each frame costs 0.1 s, so the next waits for 2 s: 5 in ten seconds, and the last.
        assert 5 <= len(frames) <= 7

    def test_numbers_are_read_only_for_a_frame(self, monkeypatch):
        read = []
        fetch = history.History._fetch
        monkeypatch.setattr(
            history.History, "_fetch", lambda self, name: (read.append(name), fetch(self, name))
        )
        training = live(100)
        for step in training:
            training.show(loss=torch.tensor(float(step)))
            assert not read
        assert training.history["loss"] == [float(step) for step in range(100)]


class TestHistory:
    def test_a_running_total_is_kept_as_it_was(self):
        total = torch.zeros(())
        training = live(3)
        for _ in training:
            total += 1
            training.show(total=total)
        assert training.history["total"] == [1, 2, 3]

    def test_all_kinds_of_numbers(self):
        training = live(2)
        for step in training:
            training.show(
                a=step,
                b=np.float32(0.5),
                c=torch.tensor([2.0], requires_grad=True),
                d=torch.tensor(3, dtype=torch.int64) if step else 1.5,
                e=torch.tensor(0.1, dtype=torch.float64),
            )
        assert training.history == {
            "a": [0, 1],
            "b": [0.5, 0.5],
            "c": [2, 2],
            "d": [1.5, 3],
            "e": [0.1, 0.1],
        }
        assert all(type(value) is float for values in training.history.values() for value in values)

    @pytest.mark.parametrize("value", [torch.zeros(3), [1, 2], "high", None])
    def test_what_is_not_one_number_is_refused(self, value):
        with pytest.raises(ValueError, match="'loss' must be one number"):
            run(1, lambda: live.show(loss=value))

    def test_more_values_than_are_left_pending(self):
        training = live(2500)
        for step in training:
            training.show(loss=torch.tensor(float(step)))
        assert training.history["loss"] == list(range(2500))


class TestFrames:
    def test_png_while_running_and_an_alternative_at_the_end(self, frames, every_step):
        training = live(3, rate=1e9, alt="Gray squares.")
        for step in training:
            training.show(np.full((4, 8, 8), step / 4), loss=step, kl=1.0)
        assert len(frames) == 4
        assert all(set(frame) == {"image/png", "text/plain"} for frame in frames[:-1])
        assert set(frames[-1]) == {"image/png", "text/plain", "text/html"}
        assert 'alt="Gray squares. 3 of 3 steps in ' in frames[-1]["text/html"]
        assert "loss 2, kl 1" in frames[-1]["text/plain"]

    def test_the_last_picture_is_of_the_last_step(self, frames, clock):
        seen = []
        training = live(10)
        for step in training:
            training.show(lambda: seen.append(step) or np.zeros((1, 4, 4)))  # noqa: B023
        assert seen == [0, 9]

    @pytest.mark.parametrize("end", ["break", "stop", "error"])
    def test_a_last_frame_stays_however_the_loop_ends(self, frames, end):
        training = live(10, alt="Squares.")
        try:
            for step in training:
                training.show(np.zeros((1, 4, 4)), loss=step)
                if step == 2 and end == "break":
                    break
                if step == 2 and end == "stop":
                    training.stop()
                if step == 2 and end == "error":
                    raise RuntimeError("the loop's own")
        except RuntimeError as error:
            assert str(error) == "the loop's own"  # noqa: PT017
        assert "text/html" in frames[-1]
        assert "loss 2" in frames[-1]["text/plain"]
        assert nothing_left()

    def test_a_picture_that_fails_is_an_error_of_its_own(self, frames):
        with pytest.raises(ZeroDivisionError):
            run(3, lambda: live.show(lambda: 1 / 0))
        assert nothing_left()

    def test_a_picture_that_fails_after_an_error_does_not_hide_it(self, frames):
        broken = []

        def picture():
            if broken:
                raise OSError("of the picture")
            return np.zeros((1, 4, 4))

        def body():
            live.show(picture)
            broken.append(1)
            return 1 / 0

        with pytest.raises(ZeroDivisionError):
            run(3, body)
        assert "text/html" in frames[-1]

    def test_nan_is_shown_and_said(self, frames):
        training = live(4)
        for step in training:
            training.show(torch.full((2, 1, 4, 4), math.nan), loss=math.nan if step >= 2 else 1.0)
        note = frames[-1]["text/plain"]
        assert "2 of 2 images hold values that are not numbers" in note
        assert "loss was not a number (NaN or infinite) from step 2 on: try a lower" in note

    def test_only_numbers_or_only_pictures(self, frames):
        for _ in live(2):
            live.show(loss=1.0)
        for _ in live(2):
            live.show(np.zeros((70, 28, 28)))
        for _ in live(2):
            live.show()
        assert all(frame["image/png"] for frame in frames)

    def test_tanh_images(self, frames):
        for _ in live(2):
            live.show(torch.full((1, 1, 4, 4), -1.0), value_range=(-1, 1))
        assert "cut to" not in frames[-1]["text/plain"]


def small_network() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(16, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 16)
    )


def train(show=None, rate=4.0) -> dict[str, torch.Tensor]:
    """A few steps with BatchNorm, Dropout and noise from the global generators."""
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    network = small_network()
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in live(30, rate=rate):
        x = torch.randn(8, 16) + float(np.random.rand()) + random.random()  # noqa: NPY002
        loss = (network(x) - x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if show is not None:
            live.show(lambda: show(network), loss=loss)
    return {**network.state_dict(), "next": torch.rand(3), "numpy": torch.tensor(np.random.rand())}  # noqa: NPY002


class TestNothingInTrainingChanges:
    def test_weights_are_identical_with_and_without_at_any_rate(self, frames, every_step):
        modes, grads = [], []

        def picture(network):
            assert network.training  # switched when called, not before
            noise = torch.randn(4, 16) + np.random.rand() + random.random()  # noqa: NPY002
            images = network(noise).reshape(4, 1, 4, 4)
            modes.append(any(part.training for part in network))
            grads.append(images.requires_grad)
            return images

        plain = train()
        assert not frames
        often = train(picture, rate=1e9)
        drawn = len(frames)
        seldom = train(picture, rate=0.01)
        assert drawn >= 31
        assert len(frames) - drawn == 2
        assert not any(modes)
        assert not any(grads)
        for name, value in plain.items():
            assert torch.equal(value, often[name]), name
            assert torch.equal(value, seldom[name]), name

    def test_modes_come_back_one_by_one(self):
        network = small_network()
        network[1].eval()  # a frozen BatchNorm stays frozen
        with undisturbed():
            network(torch.zeros(2, 16))
            assert not network.training
        assert network.training
        assert not network[1].training
        assert network[3].training
        assert torch.is_grad_enabled()

    def test_modes_and_generators_come_back_after_an_error(self):
        network = small_network()
        torch.manual_seed(5)
        expected = torch.rand(2)
        torch.manual_seed(5)
        with pytest.raises(ZeroDivisionError), undisturbed():
            network(torch.rand(2, 16))[0, 0] / (1 // 0)
        assert all(part.training for part in network)
        assert torch.equal(torch.rand(2), expected)

    def test_a_picture_draws_the_same_noise_each_time(self):
        drawn = []
        for _ in range(2):
            torch.rand(3)
            with undisturbed():
                drawn.append(torch.randn(4))
        assert torch.equal(*drawn)
