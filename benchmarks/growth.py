"""How the cost of training grows: with the images, the batch, the latent, the width.

Run ``python benchmarks/growth.py [--rounds 4] [--write]``. The course's loops (``Batches``, fused
Adam, its objectives, float32, no view) train on ``aigc_edu.training.device()``, with its threads as
they are. Measured are seconds a pass against the number of images, and seconds a step against the
batch size, the dimensions of the latent, and the width: for the MLP VAE, the convolutional VAE, the
MLP GAN and the DCGAN, each with the sizes of its lesson but for the one that grows (the MLP GAN has
no argument for its width). All points take turns, in another order each round, so that a machine
whose speed drifts favors none.

A row is fitted by least squares in log-log: time = constant * size**slope, on the medians of its
points; given is the slope with its standard error, over the whole range and over the upper half
of the points, where what is spent whatever the size weighs less. ``--write`` keeps the table as
``benchmarks/growth.json``. About five minutes on two cores; ``--only`` names the parts to run.
"""

import argparse
import math
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from measuring import keep, machine, said, spread
from torch import nn

from aigc_edu import training
from aigc_edu.data import Batches, load_digits
from aigc_edu.models import (
    MLPVAE,
    ConvVAE,
    DCGANDiscriminator,
    DCGANGenerator,
    MLPDiscriminator,
    MLPGenerator,
)
from aigc_edu.objectives import discriminator_loss, elbo, generator_loss

Step = Callable[[], None]

COUNTS = (1024, 2048, 4096, 8192, 16384, 25000)  # whole batches, and all there are
BATCH_SIZES = (16, 32, 64, 128, 256, 512)
LATENT_SIZES = (2, 4, 8, 16, 32, 64, 128, 256, 512)
HIDDEN = (50, 100, 200, 400, 800, 1600)
CHANNELS = (8, 16, 24, 32, 48, 64)  # at 14x14; twice as many at 7x7

PASS = "seconds a pass"
STEP = "seconds a step"


def embedded() -> torch.Tensor:
    """All digits that come with the course, training and test: uint8 (25000, 1, 28, 28)."""
    return torch.cat([load_digits("train").images, load_digits("test").images])


# ---------------------------------------------------------------- the loops of the lessons


def vae_step(model: MLPVAE | ConvVAE, images: torch.Tensor, batch_size: int) -> Step:
    """The step of lesson 05."""
    device = training.device()
    model.to(device)
    noise = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    batches = Batches(images, batch_size, seed=0, device=device)

    def step() -> None:
        x = next(batches)
        logits, mean, log_variance = model(x, noise)
        loss = -elbo(logits, x, mean, log_variance).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def gan_step(
    generator: MLPGenerator | DCGANGenerator,
    discriminator: nn.Module,
    images: torch.Tensor,
    batch_size: int,
) -> Step:
    """The step of lessons 07 and 08, with the average of the generator's weights."""
    device = training.device()
    generator.to(device)
    discriminator.to(device)
    noise = torch.Generator().manual_seed(0)
    average = training.EMA(generator, decay=0.998)
    settings: dict[str, Any] = {"lr": 2e-4, "betas": (0.5, 0.999), "fused": True}
    generator_optimizer = torch.optim.Adam(generator.parameters(), **settings)
    discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), **settings)
    batches = Batches(images, batch_size, seed=0, value_range=(-1.0, 1.0), device=device)

    def step() -> None:
        real = next(batches)
        latent = torch.randn(len(real), generator.latent_size, generator=noise).to(device)
        fake = generator(latent)
        d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
        discriminator_optimizer.zero_grad()
        d_loss.backward()
        discriminator_optimizer.step()
        discriminator.requires_grad_(False)
        g_loss = generator_loss(discriminator(fake))
        generator_optimizer.zero_grad()
        g_loss.backward()
        generator_optimizer.step()
        discriminator.requires_grad_(True)
        average.update()

    return step


def mlp_vae(images: torch.Tensor, batch: int, latent: int = 20, width: int = 400) -> Step:
    return vae_step(MLPVAE(latent, width), images, batch)


def conv_vae(images: torch.Tensor, batch: int, latent: int = 20, width: int = 16) -> Step:
    return vae_step(ConvVAE(latent, (width, 2 * width)), images, batch)


def mlp_gan(images: torch.Tensor, batch: int, latent: int = 100) -> Step:
    return gan_step(MLPGenerator(latent), MLPDiscriminator(), images, batch)


def dcgan(images: torch.Tensor, batch: int, latent: int = 100, width: int = 32) -> Step:
    channels = (width, 2 * width)
    return gan_step(DCGANGenerator(latent, channels), DCGANDiscriminator(channels), images, batch)


NETWORKS: dict[str, Callable[..., Step]] = {
    "MLP VAE": mlp_vae,
    "conv VAE": conv_vae,
    "MLP GAN": mlp_gan,
    "DCGAN": dcgan,
}
USUAL_BATCH = {"MLP VAE": 128, "conv VAE": 128, "MLP GAN": 128, "DCGAN": 64}

# part: what grows (in the plural, as the sentence says it), the argument, its values for a network
PARTS: dict[str, tuple[str, str, Callable[[str], Sequence[int]]]] = {
    "images": ("images", "count", lambda network: COUNTS),
    "batch": ("images a batch", "batch", lambda network: BATCH_SIZES),
    "latent": ("dimensions of the latent", "latent", lambda network: LATENT_SIZES),
    "width": (
        "hidden units or channels",
        "width",
        lambda network: {"MLP VAE": HIDDEN, "MLP GAN": ()}.get(network, CHANNELS),
    ),
}


# ---------------------------------------------------------------- measuring


@dataclass
class Point:
    """One size of one row: how it runs, and the seconds of each visit."""

    part: str
    network: str
    size: int
    step: Step
    steps: int | None  # steps a visit; None: as many as fill the time given to a point
    times: list[float] = field(default_factory=list)

    @property
    def unit(self) -> str:
        return PASS if self.part == "images" else STEP


def points(parts: Iterable[str], images: torch.Tensor) -> list[Point]:
    """All points, each with networks, optimizers and batches of its own."""
    made = []
    for part in parts:
        _, argument, values = PARTS[part]
        for network, build in NETWORKS.items():
            usual = USUAL_BATCH[network]
            for size in values(network):
                torch.manual_seed(0)
                if part == "images":
                    # A pass of Batches: whole batches, and the order drawn anew once.
                    step, steps = build(images[:size], usual), size // usual
                else:
                    step, steps = build(images, **{"batch": usual, argument: size}), None
                made.append(Point(part, network, size, step, steps))
    return made


def finished() -> None:
    """Wait for what the device still has to do."""
    kind = training.device().type
    if kind == "cuda":
        torch.cuda.synchronize()
    elif kind == "mps":
        torch.mps.synchronize()


def visit(point: Point, seconds: float) -> None:
    """Measure a point once: its seconds a pass, or its mean seconds a step."""
    for _ in range(2):  # what the other points left in the caches is gone
        point.step()
    finished()
    if point.steps is not None:
        began = time.perf_counter()
        for _ in range(point.steps):
            point.step()
        finished()
        point.times.append(time.perf_counter() - began)
        return
    # In a few stretches, so that a device is not waited for at each step.
    done, stretch = 0, 3
    began = time.perf_counter()
    while True:
        for _ in range(stretch):
            point.step()
        finished()
        done += stretch
        spent = time.perf_counter() - began
        if spent >= seconds:
            break
        stretch = max(3, min(100, int((seconds - spent) / spent * done)))
    point.times.append(spent / done)


# ---------------------------------------------------------------- what follows from it


def slope(sizes: Sequence[float], times: Sequence[float]) -> tuple[float, float]:
    """Least squares of log(time) on log(size): the slope and its standard error (nan for two).

    Raises:
        ValueError: for fewer than two points.
    """
    if len(sizes) < 2:
        raise ValueError(f"a slope needs at least two points, not {len(sizes)}")
    x = [math.log(value) for value in sizes]
    y = [math.log(value) for value in times]
    fitted = statistics.linear_regression(x, y)
    if len(x) == 2:
        return fitted.slope, math.nan
    rest = sum(
        (b - fitted.intercept - fitted.slope * a) ** 2 for a, b in zip(x, y, strict=True)
    ) / (len(x) - 2)
    middle = statistics.fmean(x)
    return fitted.slope, math.sqrt(rest / sum((a - middle) ** 2 for a in x))


def upper_half(values: Sequence[float]) -> Sequence[float]:
    """The larger half of the points, and at least three of them."""
    return values[-max(3, (len(values) + 1) // 2) :]


def sentence(grows: str, unit: str, row: dict[str, Any]) -> str:
    """What a row says, in words."""
    upper, whole = row["upper half"], row["whole range"]
    text = (
        f"from {upper['from']} to {upper['to']} {grows}, doubling them multiplies the {unit} by "
        f"{2 ** upper['slope']:.2f} (2^{upper['slope']:.2f}); over the whole range, "
        f"from {whole['from']}, by {2 ** whole['slope']:.2f}"
    )
    if upper["slope"] - whole["slope"] > 2 * upper["standard error"]:
        text += f", as what a {unit.split()[-1]} costs whatever the size weighs more there"
    return text


def summary(found: Sequence[Point]) -> dict[str, Any]:
    """One row: its points, both slopes, and the sentence."""
    found = sorted(found, key=lambda point: point.size)
    first = found[0]
    sizes = [point.size for point in found]
    medians = [statistics.median(point.times) for point in found]
    row: dict[str, Any] = {"unit": first.unit, "points": {}}
    for point in found:
        row["points"][str(point.size)] = cell = {"seconds": spread(point.times, 6)}
        if point.part == "batch":
            cell["images a second"] = spread((point.size / value for value in point.times), 0)
    for name, part in (("whole range", sizes), ("upper half", upper_half(sizes))):
        value, error = slope(part, medians[-len(part) :])
        row[name] = {
            "from": part[0],
            "to": part[-1],
            "slope": round(value, 3) + 0.0,  # never -0.0
            "standard error": round(error, 3),
        }
    row["sentence"] = sentence(PARTS[first.part][0], first.unit, row)
    return row


def printed(part: str, network: str, row: dict[str, Any]) -> str:
    """A row for a reader."""
    lines = [f"{network}, {row['unit']} against {PARTS[part][0]}"]
    for size, value in row["points"].items():
        line = f"  {size:>6}  {said(value['seconds'])}"
        if "images a second" in value:
            line += f"   images a second {value['images a second']['median']:.0f}"
        lines.append(line)
    for name in ("whole range", "upper half"):
        fit = row[name]
        lines.append(
            f"  slope, {name} ({fit['from']} to {fit['to']}): "
            f"{fit['slope']:.2f} ± {fit['standard error']:.2f}"
        )
    lines.append(f"  {row['sentence']}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=4, help="visits of each point (4)")
    parser.add_argument(
        "--seconds", type=float, default=0.25, help="about so long a visit, but for passes (0.25)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="parts to run (all)"
    )
    parser.add_argument("--write", action="store_true", help="keep the table as JSON")
    options = parser.parse_args(arguments)
    if options.write and set(options.only) != set(PARTS):
        parser.error("--write keeps the whole table: leave out --only")
    began = time.perf_counter()
    made = points(options.only, embedded().to(training.device()))
    order = random.Random(0)
    for number in range(options.rounds):
        order.shuffle(made)
        for point in made:
            visit(point, options.seconds)
        spent = time.perf_counter() - began
        print(f"round {number + 1} of {options.rounds}: {spent:.0f} s", flush=True)
    rows: dict[str, Any] = {part: {} for part in options.only}
    for part in options.only:
        for network in NETWORKS:
            found = [point for point in made if (point.part, point.network) == (part, network)]
            if found:
                rows[part][network] = summary(found)
                print(printed(part, network, rows[part][network]), flush=True)
    device = training.device()
    table = {
        "what": "seconds against size in float32, and slopes of log(seconds) on log(size)",
        "device": device.type,
        "machine": machine(str(device)),
        "rounds": options.rounds,
        "rows": rows,
    }
    keep(table, "growth", options.write)


if __name__ == "__main__":
    main()
