"""How fast training is: the usual notebook's loop, the course's, and the limit; as ratios.

Run ``python benchmarks/training.py [--rounds 12] [--seconds 1] [--write]``. Four networks of the
course's lessons train on the embedded digits in five ways:

- usual: a ``DataLoader`` over a dataset that makes one PIL image at a time and a tensor of it, as
  ``torchvision.datasets.MNIST`` with ``ToTensor`` (for a GAN ``Normalize`` too) does; Adam as it
  comes; float32;
- tensors: the same loop, with a ``DataLoader`` over a ``TensorDataset``;
- course: the loop of lessons 05, 07 and 08: ``Batches``, fused Adam, the average of a generator's
  weights, ``live`` without a page; in float32, and in bfloat16 where the hardware has it;
- limit: the course's loop with one batch again and again, so that nothing is fetched;
- graph (CUDA alone): the course's loop with its step captured as a CUDA graph, and its limit.

``--pythae`` adds the trainer of pythae 0.1.2 with the same network, in an environment of its own
under ``build/`` (made on first use; needs a package index).

All of them live in one process (pythae's in a child that waits for its turn) and take turns:
a round is a stretch of about ``--seconds`` of each, in an order that rotates. A ratio is taken
within a round; printed are its median and quartiles over the rounds. ``--write`` keeps the table as
``benchmarks/training.json``, on CUDA as ``training_cuda.json``. About eight minutes on two free
cores.
"""

import argparse
import contextlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from measuring import HERE, keep, machine, said, spread
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

from aigc_edu import training
from aigc_edu.data import Batches, ImageSet, load_digits
from aigc_edu.models import (
    MLPVAE,
    ConvVAE,
    DCGANDiscriminator,
    DCGANGenerator,
    MLPDiscriminator,
    MLPGenerator,
)
from aigc_edu.objectives import discriminator_loss, elbo, generator_loss
from aigc_edu.view import live

BATCH = 128
NETWORKS: dict[str, Callable[[], list[nn.Module]]] = {
    "MLP VAE": lambda: [MLPVAE(latent_size=20, hidden=400)],
    "conv VAE": lambda: [ConvVAE(latent_size=20, channels=(32, 64))],
    "MLP GAN": lambda: [MLPGenerator(), MLPDiscriminator()],
    "DCGAN": lambda: [DCGANGenerator(channels=(64, 128)), DCGANDiscriminator(channels=(64, 128))],
}

# What the course should reach against the usual loop and against its limit: (float32, bfloat16).
TARGETS = {
    "cpu": {
        "MLP VAE": (2.5, 4.0),
        "conv VAE": (1.1, 1.6),
        "MLP GAN": (1.5, 3.0),
        "DCGAN": (1.1, 1.6),
    },
    "cuda": {"MLP VAE": (20.0, 20.0), "MLP GAN": (20.0, 20.0)},
}
LIMIT_TARGETS = {"MLP VAE": 0.92, "conv VAE": 0.97, "MLP GAN": 0.92, "DCGAN": 0.97}


class PILDigits(Dataset[tuple[torch.Tensor, int]]):
    """One digit and its label at a time through PIL.

    The same work as ``torchvision.datasets.MNIST`` with ``ToTensor``, and with ``Normalize`` where
    pixels are to lie in [-1, 1]; torchvision itself need not be installed.
    """

    def __init__(self, images: torch.Tensor, labels: torch.Tensor, signed: bool) -> None:
        self.images = images[:, 0]  # uint8 (count, 28, 28)
        self.labels = labels
        self.signed = signed

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = Image.fromarray(self.images[index].numpy())  # mode L
        pixels = torch.from_numpy(numpy.array(image, numpy.uint8, copy=True))
        x = pixels.view(28, 28, 1).permute(2, 0, 1).contiguous().to(torch.float32).div(255)
        return normalized(x) if self.signed else x, int(self.labels[index])


def normalized(x: torch.Tensor) -> torch.Tensor:
    """(x - 0.5) / 0.5 with the copies and the check of a library's general function."""
    mean, deviation = torch.as_tensor((0.5,)), torch.as_tensor((0.5,))
    if (deviation == 0).any():
        raise ValueError("a deviation is 0")
    return x.clone().sub_(mean.view(-1, 1, 1)).div_(deviation.view(-1, 1, 1))


@dataclass
class Way:
    """One way to train: ``steps(n)`` takes so many steps."""

    steps: Callable[[int], None]
    stretch: int = 1  # steps of one measurement

    def seconds_an_image(self) -> float:
        began = time.perf_counter()
        self.steps(self.stretch)
        wait()
        return (time.perf_counter() - began) / (self.stretch * BATCH)


def wait() -> None:
    """Let a GPU finish what it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    elif torch.backends.mps.is_available():
        torch.mps.synchronize()


def endless(loader: DataLoader[Any]) -> Iterator[Any]:
    while True:
        yield from loader


# ------------------------------------------------------------------------------ the usual loop


def usual_vae(networks: list[nn.Module], batches: Iterator[Any], device: str) -> Way:
    """Binary cross-entropy of sigmoids plus the KL term, summed, and its value asked for."""
    (model,) = networks
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def steps(count: int) -> None:
        total = 0.0
        for _ in range(count):
            x = next(batches)[0].to(device)
            optimizer.zero_grad()
            logits, mean, log_variance = model(x)
            error = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
            kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
            loss = error + kl
            loss.backward()
            total += loss.item()
            optimizer.step()

    return Way(steps)


def usual_gan(networks: list[nn.Module], batches: Iterator[Any], device: str) -> Way:
    """The generator first, then the discriminator; losses of probabilities, asked for."""
    generator, discriminator = networks
    settings: dict[str, Any] = {"lr": 2e-4, "betas": (0.5, 0.999)}
    g_optimizer = torch.optim.Adam(generator.parameters(), **settings)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), **settings)
    criterion = nn.BCELoss()

    def steps(count: int) -> None:
        totals = [0.0, 0.0]
        for _ in range(count):
            real = next(batches)[0].to(device)
            ones = torch.ones(len(real), device=device)
            zeros = torch.zeros(len(real), device=device)
            g_optimizer.zero_grad()
            fake = generator(torch.randn(len(real), 100, device=device))
            g_loss = criterion(torch.sigmoid(discriminator(fake)), ones)
            g_loss.backward()
            g_optimizer.step()
            d_optimizer.zero_grad()
            real_loss = criterion(torch.sigmoid(discriminator(real)), ones)
            fake_loss = criterion(torch.sigmoid(discriminator(fake.detach())), zeros)
            d_loss = (real_loss + fake_loss) / 2
            d_loss.backward()
            d_optimizer.step()
            totals[0] += g_loss.item()
            totals[1] += d_loss.item()

    return Way(steps)


# ------------------------------------------------------------------------------ the course's loop


def course_vae(
    networks: list[nn.Module],
    batches: Iterator[torch.Tensor],
    device: str,
    precision: str,
    graph: bool,
) -> Way:
    """Lesson 05."""
    (model,) = networks
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    noise = torch.Generator().manual_seed(0)

    def step(x: torch.Tensor) -> torch.Tensor:
        with training.mixed_precision(device):
            # The default generator of a GPU may be captured, one of the CPU may not.
            logits, mean, log_variance = model(x, None if graph else noise)
            loss = -elbo(logits, x, mean, log_variance).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    moved = training.captured(step, optimizers=[optimizer], graph=graph)

    def steps(count: int) -> None:
        os.environ["AIGC_EDU_PRECISION"] = precision
        with quiet():
            run = live(count)
            for _ in run:
                loss = moved(next(batches))
                run.show(lambda: None, batch_elbo=-loss)

    return Way(steps)


def course_gan(
    networks: list[nn.Module],
    batches: Iterator[torch.Tensor],
    device: str,
    precision: str,
    graph: bool,
) -> Way:
    """Lessons 07 and 08."""
    generator, discriminator = networks
    average = training.EMA(generator, decay=0.998)
    settings: dict[str, Any] = {"lr": 4e-4, "betas": (0.5, 0.999), "fused": True}
    g_optimizer = torch.optim.Adam(generator.parameters(), **settings)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), **settings)
    noise = torch.Generator().manual_seed(0)
    on_gpu = device.startswith("cuda")

    def step(real: torch.Tensor, latent: torch.Tensor) -> dict[str, torch.Tensor]:
        with training.mixed_precision(device):
            fake = generator(latent)
            d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        discriminator.requires_grad_(False)
        with training.mixed_precision(device):
            g_loss = generator_loss(discriminator(fake))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        discriminator.requires_grad_(True)
        average.update()
        return {"discriminator": d_loss.detach(), "generator": g_loss.detach()}

    moved = training.captured(step, optimizers=[g_optimizer, d_optimizer], graph=graph)

    def steps(count: int) -> None:
        os.environ["AIGC_EDU_PRECISION"] = precision
        with quiet():
            run = live(count)
            for _ in run:
                real = next(batches)
                latent = torch.randn(len(real), 100, generator=noise, pin_memory=on_gpu)
                losses = moved(real, latent.to(device, non_blocking=on_gpu))
                run.show(lambda: None, **losses)

    return Way(steps)


def quiet() -> contextlib.redirect_stdout[io.StringIO]:
    """Without the line that a loop ends with."""
    return contextlib.redirect_stdout(io.StringIO())


# ------------------------------------------------------------------------------ pythae

PYTHAE = """
import sys, time, logging, torch
torch.set_num_threads(int(sys.argv[1]))
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import nn
logging.disable(logging.CRITICAL)
images = torch.load(sys.argv[2], weights_only=True)
batch = int(sys.argv[3])


class Encoder(BaseEncoder):
    def __init__(self):
        super().__init__()
        self.latent_dim = 20
        self.hidden = nn.Sequential(nn.Linear(784, 400), nn.ReLU())
        self.mean, self.log_variance = nn.Linear(400, 20), nn.Linear(400, 20)

    def forward(self, x):
        hidden = self.hidden(x.flatten(1))
        return ModelOutput(embedding=self.mean(hidden), log_covariance=self.log_variance(hidden))


class Decoder(BaseDecoder):
    def __init__(self):
        super().__init__()
        layers = [nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid()]
        self.layers = nn.Sequential(*layers)

    def forward(self, z):
        return ModelOutput(reconstruction=self.layers(z).view(-1, 1, 28, 28))


model = VAE(
    VAEConfig(input_dim=(1, 28, 28), latent_dim=20, reconstruction_loss="bce"), Encoder(), Decoder()
)
config = BaseTrainerConfig(
    output_dir=sys.argv[4], per_device_train_batch_size=batch, num_epochs=1, learning_rate=1e-3,
    no_cuda=True,
)
trainer = BaseTrainer(model, BaseDataset(images, torch.zeros(len(images))), training_config=config)
trainer.prepare_training()
print("ready", flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    trainer.train_step(epoch=1)
    print((time.perf_counter() - began) / len(images), flush=True)
"""


class Pythae:
    """The trainer of pythae in a child that trains for one pass when told to."""

    def __init__(self, images: torch.Tensor) -> None:
        folder = HERE.parent / "build" / "pythae"
        python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        ready = folder / "ready"
        if not ready.exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            wanted = [f"torch=={torch.__version__.split('+')[0]}", "pythae==0.1.2"]
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
            subprocess.run([*pip, *wanted], check=True)
            ready.touch()
        floats = folder / "digits.pt"
        torch.save(images.float().div(255), floats)
        script = folder / "trainer.py"
        script.write_text(PYTHAE, encoding="utf-8")
        words = [torch.get_num_threads(), floats, BATCH, folder / "output"]
        self._child = subprocess.Popen(
            [str(python), str(script), *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answer()

    def _answer(self) -> str:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            with contextlib.suppress(ValueError):
                return line if line.startswith("ready") else str(float(line))
        raise RuntimeError("pythae's trainer ended: run build/pythae/trainer.py by hand")

    def seconds_an_image(self) -> float:
        assert self._child.stdin is not None
        self._child.stdin.write("go\n")
        self._child.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        self._child.kill()
        self._child.wait()


# ------------------------------------------------------------------------------ measuring


def bfloat16_in_hardware(device: str) -> bool:
    """Whether the course would take bfloat16 here by itself."""
    os.environ["AIGC_EDU_PRECISION"] = "auto"
    return not isinstance(training.mixed_precision(device), contextlib.nullcontext)


def ways(name: str, device: str, digits: ImageSet) -> dict[str, Any]:
    """All ways to train one network, each with weights of its own that start alike."""
    images, labels = digits.images, digits.labels
    signed = name.endswith("GAN")
    low, high = (-1.0, 1.0) if signed else (0.0, 1.0)
    usual, course = (usual_gan, course_gan) if signed else (usual_vae, course_vae)
    on_gpu = device.startswith("cuda")

    def networks() -> list[nn.Module]:
        torch.manual_seed(0)
        return [network.to(device) for network in NETWORKS[name]()]

    floats = images.float().div(255) * (high - low) + low
    loaders = {
        "usual": DataLoader(PILDigits(images, labels, signed), BATCH, shuffle=True, drop_last=True),
        "tensors": DataLoader(TensorDataset(floats, labels), BATCH, shuffle=True, drop_last=True),
    }
    made: dict[str, Any] = {
        way: usual(networks(), endless(loader), device) for way, loader in loaders.items()
    }

    def course_way(precision: str, fetching: bool, graph: bool) -> Way:
        batches = Batches(images, BATCH, value_range=(low, high), device=device)
        same = next(batches)
        stream = batches if fetching else iter(lambda: same, None)
        return course(networks(), stream, device, precision, graph)

    for precision in ("float32", "bfloat16"):
        if precision == "bfloat16" and not bfloat16_in_hardware(device):
            continue
        for graph in (False, True) if on_gpu else (False,):
            label = f"{'graph, ' if graph else ''}{precision}"
            made[f"course, {label}"] = course_way(precision, True, graph)
            made[f"limit, {label}"] = course_way(precision, False, graph)
    return made


def measured(
    made: dict[str, Any], rounds: int, seconds: float, longest: int = 100_000
) -> dict[str, list[float]]:
    """Seconds an image of every way in every round."""
    for way in made.values():
        if isinstance(way, Way):
            way.stretch = 5
            way.seconds_an_image()  # the first steps make buffers and choose algorithms
            way.stretch = 10
            way.stretch = min(longest, max(5, round(seconds / (way.seconds_an_image() * BATCH))))
    found: dict[str, list[float]] = {name: [] for name in made}
    names = list(made)
    for number in range(rounds):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            found[name].append(made[name].seconds_an_image())
    return found


def ratios(found: dict[str, list[float]], slow: str, fast: str) -> list[float]:
    """How many times as fast, round by round."""
    return [a / b for a, b in zip(found[slow], found[fast], strict=True)]


def row(found: dict[str, list[float]]) -> dict[str, Any]:
    """One network's figures."""
    made: dict[str, Any] = {
        "images a second": {
            name: spread((1 / value for value in values), 0) for name, values in found.items()
        },
        "times as fast as usual": {
            name: spread(ratios(found, "usual", name)) for name in found if name != "usual"
        },
        "share of the limit": {
            name.removeprefix("course, "): spread(
                ratios(found, name.replace("course", "limit"), name)
            )
            for name in found
            if name.startswith("course")
        },
    }
    if "pythae" in found:
        made["times as fast as pythae"] = {
            name: spread(ratios(found, "pythae", name)) for name in found if name != "pythae"
        }
    return made


def targets(name: str, kind: str, made: dict[str, Any]) -> Iterator[str]:
    """A line for each target: reached or missed, and by how much."""
    faster, share = made["times as fast as usual"], made["share of the limit"]
    graph = "graph, " if kind == "cuda" else ""
    for place, precision in enumerate(("float32", "bfloat16")):
        course = f"course, {graph}{precision}"
        if course not in faster:
            continue
        if name in TARGETS.get(kind, {}):
            least = TARGETS[kind][name][place]
            yield judged(name, course, "x the usual loop", faster[course], least)
        least = 0.9 if kind == "cuda" else LIMIT_TARGETS[name]
        yield judged(name, course, "of the limit", share[f"{graph}{precision}"], least)


def judged(name: str, course: str, what: str, value: dict[str, float], least: float) -> str:
    word = "reached" if value["median"] >= least else "MISSED"
    return f"{word}: {name}, {course}: {said(value)} {what}, target {least}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=12, help="stretches of each way (12)")
    parser.add_argument("--seconds", type=float, default=1.0, help="about so long each (1)")
    parser.add_argument("--network", choices=list(NETWORKS), action="append", help="only these")
    parser.add_argument("--pythae", action="store_true", help="also pythae's trainer")
    parser.add_argument("--write", action="store_true", help="keep the table as JSON")
    options = parser.parse_args()
    os.environ.pop("AIGC_EDU_PRECISION", None)
    device = str(training.device())
    kind = torch.device(device).type
    digits = load_digits("train")
    images = digits.images
    rows, lines = {}, []
    for name in options.network or NETWORKS:
        made = ways(name, device, digits)
        rival = None
        if options.pythae and name == "MLP VAE" and kind == "cpu":
            try:
                made["pythae"] = rival = Pythae(images)
            except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
                # Its environment needs a package index; everything else does not.
                print(f"pythae is left out: {error}", file=sys.stderr)
        try:
            rows[name] = row(measured(made, options.rounds, options.seconds))
        finally:
            if rival is not None:
                rival.close()
        lines += targets(name, kind, rows[name])
        print(f"\n{name}", file=sys.stderr)
        for way, value in rows[name]["times as fast as usual"].items():
            rate = rows[name]["images a second"][way]["median"]
            print(f"  {way:24} {said(value):>22} x, {rate:,.0f} images/s", file=sys.stderr)
        for way, value in rows[name]["share of the limit"].items():
            print(f"  {way:24} {said(value):>22} of the limit", file=sys.stderr)
    table = {
        "what": "training: medians and quartiles of ratios taken within a round",
        "machine": machine(device),
        "batch": BATCH,
        "images": len(images),
        "rounds": options.rounds,
        "seconds a stretch": options.seconds,
        "rows": rows,
        "targets": lines,
    }
    keep(table, "training" if kind == "cpu" else f"training_{kind}", options.write)


if __name__ == "__main__":
    main()
