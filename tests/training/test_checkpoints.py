"""Checkpoints: the same weights as never having stopped, and whole at every moment."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from aigc_edu.data import Batches
from aigc_edu.errors import CourseError
from aigc_edu.models import ConvVAE
from aigc_edu.objectives import elbo
from aigc_edu.training import EMA, EarlyStopping, load_checkpoint, save_checkpoint
from aigc_edu.training.checkpoints import read_extra


class Run:
    """A small training run with everything that has a state."""

    def __init__(self, *, channels_last: bool = False, seed: int = 0) -> None:
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        images = (torch.arange(30 * 784) % 251).to(torch.uint8).view(30, 1, 28, 28)
        self.batches = Batches(images, 8, seed=seed, channels_last=channels_last)
        self.model = ConvVAE(4, (4, 8))
        if channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.average = EMA(self.model, 0.9)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, 20)
        self.stopping = EarlyStopping(patience=100)
        self.generator = generator
        self.history: list[float] = []
        self.step = 0

    def parts(self) -> dict[str, Any]:
        return {
            "models": {"vae": self.model},
            "optimizers": {"adam": self.optimizer},
            "extra": {
                "batches": self.batches,
                "average": self.average,
                "generator": self.generator,
                "schedule": self.schedule,
                "stopping": self.stopping,
                "history": self.history,
            },
        }

    def train(self, steps: int) -> None:
        for _ in range(steps):
            x = next(self.batches)
            assert isinstance(x, torch.Tensor)
            x = x + 0.01 * torch.rand(x.shape)  # draws from the global generator too
            logits, mean, log_variance = self.model(x, self.generator)
            loss = -elbo(logits, x.clamp(0, 1), mean, log_variance).mean()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            self.average.update()
            self.history.append(loss.item())
            self.stopping.update(loss.item())
            self.step += 1


@pytest.mark.parametrize("channels_last", [False, True])
def test_resuming_is_the_same_as_never_stopping(tmp_path: Path, channels_last: bool) -> None:
    whole = Run(channels_last=channels_last)
    whole.train(20)

    first = Run(channels_last=channels_last)
    first.train(10)  # 10 steps of 3 a pass: in the middle of one
    path = tmp_path / "new folder" / "run.safetensors"
    save_checkpoint(path, step=first.step, **first.parts())

    again = Run(channels_last=channels_last, seed=1)  # other weights, other order
    again.train(4)
    again.step = load_checkpoint(path, **again.parts())
    assert again.step == 10
    assert again.history == first.history
    again.train(10)

    assert again.history == whole.history
    assert again.stopping.best == whole.stopping.best
    for one, two in ((again.model, whole.model), (again.average.model, whole.average.model)):
        for key, value in one.state_dict().items():
            assert torch.equal(value, two.state_dict()[key]), key


def test_the_saving_run_is_not_changed(tmp_path: Path) -> None:
    with_save, without = Run(), Run()
    with_save.train(3)
    save_checkpoint(tmp_path / "run.safetensors", step=3, **with_save.parts())
    with_save.train(3)
    # The order of the two runs' steps must not mix their draws from the global generator.
    torch.manual_seed(0)
    without = Run()
    without.train(6)
    assert with_save.history == without.history


# One process pays for importing torch; each line it reads makes it fork a writer and say its pid.
NURSERY = """
import os, sys, torch
from torch import nn
from aigc_edu.training import save_checkpoint
for line in sys.stdin:
    step = int(line)
    child = os.fork()
    if child == 0:
        model = nn.Linear(300, 300)
        while True:
            step += 1
            with torch.no_grad():
                model.weight.fill_(step); model.bias.fill_(step)
            save_checkpoint(
                sys.argv[1], step=step, models={"m": model}, extra={"history": [step] * 1000}
            )
    print(child, flush=True)
    os.waitpid(child, 0)
    print("killed", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_at_any_moment_the_last_checkpoint_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    save_checkpoint(path, step=0, models={"m": filled(0)}, extra={"history": [0] * 1000})
    chance = random.Random(0)
    steps = [0]
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        # On a busy machine a writer gets little done before it is killed: wait for longer then.
        longest = 0.05  # seconds that a writer may live
        while len(steps) <= 40 or (steps[-1] <= 10 and len(steps) <= 400):
            print(steps[-1], file=nursery.stdin, flush=True)
            writer = int(nursery.stdout.readline())
            time.sleep(chance.uniform(0.0, longest))
            os.kill(writer, signal.SIGKILL)
            assert nursery.stdout.readline() == "killed\n"
            steps.append(whole_step(path, steps[-1]))
            if steps[-10:] == steps[-1:] * 10:  # nothing was written by ten of them
                longest = min(1.3 * longest, 2.0)
        nursery.stdin.close()
    assert steps[-1] > 10  # it did write between the kills
    # What the killed writers left lying about goes when it is old enough.
    left = list(tmp_path.glob(".run.safetensors.*.tmp"))
    assert left, "no writer was killed while it wrote: the test proves nothing"
    for each in left:
        os.utime(each, (0, 0))
    save_checkpoint(path, step=0, models={})
    assert [each.name for each in tmp_path.iterdir()] == ["run.safetensors"]


def filled(value: float) -> nn.Linear:
    model = nn.Linear(300, 300)
    nn.init.constant_(model.weight, value)
    nn.init.constant_(model.bias, value)
    return model


def whole_step(path: Path, at_least: int) -> int:
    model = nn.Linear(300, 300)
    history: list[int] = []
    step = load_checkpoint(path, models={"m": model}, extra={"history": history})
    assert step >= at_least
    assert history == [step] * 1000
    assert bool((model.weight == step).all() and (model.bias == step).all())
    return step


def small(path: Path) -> nn.Linear:
    model = nn.Linear(3, 2)
    save_checkpoint(path, step=7, models={"m": model}, extra={"log": {"loss": [1.5, float("nan")]}})
    return model


def test_dicts_come_back_in_place(tmp_path: Path) -> None:
    path = tmp_path / "c"
    small(path)
    log: dict[str, Any] = {"old": 1}
    assert load_checkpoint(path, models={"m": nn.Linear(3, 2)}, extra={"log": log}) == 7
    assert list(log) == ["loss"]
    assert log["loss"][0] == 1.5
    assert log["loss"][1] != log["loss"][1]  # NaN


@pytest.mark.parametrize("keep", [0, 5, 100, -1, -9])
def test_a_cut_checkpoint_is_one_sentence(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "c"
    small(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CourseError, match="no whole checkpoint"):
        load_checkpoint(path, models={"m": nn.Linear(3, 2)}, extra={"log": {}})


def test_any_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "c"
    small(path)
    content = path.read_bytes()
    before = nn.Linear(3, 2)
    kept = before.weight.detach().clone()
    unnoticed = []
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        try:
            load_checkpoint(path, models={"m": before}, extra={"log": {}})
            unnoticed.append(place)
            kept = before.weight.detach().clone()
        except CourseError:
            assert torch.equal(before.weight, kept)
    # The header's "format" entry and its padding say nothing about the run.
    for place in unnoticed:
        assert content[place] == 32 or b"format" in content[max(0, place - 12) : place + 12]


def test_other_contents_are_refused_and_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c"
    small(path)
    model = nn.Linear(3, 2)
    kept = model.weight.detach().clone()
    adam = torch.optim.Adam(model.parameters())
    for models, optimizers, extra, words in (
        ({"other": model}, {}, {"log": {}}, "belongs to another"),
        ({"m": nn.Linear(4, 2)}, {}, {"log": {}}, "another model"),
        ({"m": model}, {"adam": adam}, {"log": {}}, "belongs to another"),
        ({"m": model}, {}, {"log": []}, "something else"),
        ({"m": model}, {}, {"log": torch.Generator()}, "something else"),
    ):
        with pytest.raises(CourseError, match=words):
            load_checkpoint(path, models=models, optimizers=optimizers, extra=extra)
    assert torch.equal(model.weight, kept)
    with pytest.raises(CourseError, match="no checkpoint at"):
        load_checkpoint(tmp_path / "none", models={})
    foreign = tmp_path / "foreign"
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(2)}, foreign)
    with pytest.raises(CourseError, match="no whole checkpoint"):
        load_checkpoint(foreign, models={})


def test_what_cannot_be_kept_is_said_before_writing(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="'loss'"):
        save_checkpoint(tmp_path / "c", step=1, models={}, extra={"loss": 1.0})
    with pytest.raises(TypeError, match="cannot hold"):
        save_checkpoint(tmp_path / "c", step=1, models={}, extra={"log": [object()]})
    assert not list(tmp_path.iterdir())


def test_a_failed_write_keeps_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c"
    small(path)
    content = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="No space left"):
        small(path)
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["c"]
    blocked = tmp_path / "c" / "below a file"
    with pytest.raises(CourseError, match="could not be written"):
        small(blocked)


def test_shared_and_odd_tensors(tmp_path: Path) -> None:
    path = tmp_path / "c"
    base = torch.arange(6, dtype=torch.float32)
    state = {
        "tied": [base, base],
        "view": base.view(2, 3).T,
        "scalar": torch.tensor(3, dtype=torch.int64),
        "empty": torch.zeros(0, 4),
        "bf16": torch.ones(2, dtype=torch.bfloat16),
        "flag": torch.tensor([True, False]),
        "pair": (1, None, "x", 0.1),
        3: True,
    }
    save_checkpoint(path, step=0, models={}, extra={"state": state})
    back: dict[Any, Any] = {}
    load_checkpoint(path, models={}, extra={"state": back})
    assert list(back) == list(state)
    assert back["pair"] == (1, None, "x", 0.1)
    assert back[3] is True
    for key in ("view", "scalar", "empty", "bf16", "flag"):
        assert torch.equal(back[key], state[key])
        assert back[key].dtype == state[key].dtype
    assert torch.equal(back["tied"][1], base)


def test_one_extra_is_read_without_the_models(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    film = [torch.arange(6.0).view(2, 3), torch.ones(2, 3)]
    save_checkpoint(path, step=1, models={"m": nn.Linear(2, 2)}, extra={"film": film})
    found = read_extra(path, "film")
    assert len(found) == 2
    assert all(a.equal(b) for a, b in zip(found, film, strict=True))
    with pytest.raises(CourseError, match="no 'book': there are film"):
        read_extra(path, "book")
    with pytest.raises(CourseError, match="no checkpoint"):
        read_extra(tmp_path / "elsewhere", "film")
