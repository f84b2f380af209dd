"""The table of a paper again: a VAE and an importance-weighted one, at equal updates.

Run ``python benchmarks/paper_table.py [--updates N | --passes N] [--data mnist] [--write]``. It
trains the model with one stochastic layer of Burda, Grosse & Salakhutdinov 2015, "Importance
Weighted Autoencoders" (section 5 and table 1), once with the bound of k = 1 sample (the VAE) and
once with k = 50 (the IWAE), from the same weights, on the same batches and the same binarizations.
Printed are how far each budget gets, after each learning rate and on a few test digits, and at the
end the negative log-likelihood of the test digits for both by the same bound of 5,000 samples,
beside the paper's. On CUDA an update is one CUDA graph. Ctrl-C prints what is measured so far.
``--write`` keeps the table as ``benchmarks/paper_table.json`` (``paper_table_cuda.json`` on CUDA).

The paper's: 784-200-200-50 and back, tanh; 50 latents, each with a mean and a variance; weights as
Glorot and Bengio drew them; batches of 20; Adam with 0.9, 0.999 and epsilon 1e-4; learning rates
0.001 * 10^(-i/7) for 3^i passes, i = 0 to 7, 3,280 passes in all; pixels binarized anew whenever
they are used; a latent is active where the variance of its posterior mean over the data (here the
test digits) is above 0.01.

From the authors' published code: gradients are summed over a batch, and the biases of the pixels
start at the log-odds of the mean training digit. (That code also has 0.99 in place of 0.9, second
moments that start at 1, and 59,600 training digits; here they are the paper's 0.9, the usual 0, and
all 60,000.)

Ours: the order is shuffled at every pass; the test digits are binarized once, with a seed; fewer
than all of them are taken evenly spaced, because the first 5,000 of MNIST are the easier ones. And
a budget below 3,280 passes is spent in one of two ways. ``--schedule scaled`` lets each learning
rate keep its share of the updates, 3^i / 3,280, so that two thirds of them are at a tenth of the
first rate, and a short run is far from its end. ``--schedule start`` is the beginning of the
paper's own run, and gets further: after 6,000 updates (two passes; one seed, 200 test digits and
samples) the VAE stands at 106 nats, scaled at 130.
"""

import argparse
import bisect
import copy
import itertools
import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from measuring import keep, machine
from torch import Tensor, nn
from tqdm import tqdm

from aigc_edu import training
from aigc_edu.data import Batches, binarize, load_digits, load_mnist, to_range
from aigc_edu.errors import CourseError
from aigc_edu.metrics import importance_log_likelihood
from aigc_edu.metrics.likelihood import Encodes
from aigc_edu.objectives import (
    bernoulli_log_likelihood,
    elbo,
    importance_weighted_bound,
    reparameterize,
)

PASSES = [3**i for i in range(8)]  # 1, 3, 9, ..., 2187: 3,280 in all
LEARNING_RATES = [1e-3 * 10 ** (-i / 7) for i in range(8)]
PAPER = {1: 86.76, 5: 85.54, 50: 84.78}  # table 1, MNIST, one stochastic layer, by k
UPDATES = {"cpu": 6_000, "cuda": 246_000, "mps": 246_000}  # 2 and 82 passes over MNIST
TEST = {"cpu": 1_000}  # test digits; elsewhere all
GLANCE = (200, 200)  # test digits and samples of a look in between
ELBO_DRAWS = 20
CHUNK = 20  # test digits between two moves of the progress line
ACTIVE = 0.01


class PaperVAE(nn.Module):
    """One stochastic layer: 784-200-200-50 and back, tanh (Burda et al. 2015, section 5)."""

    def __init__(self, mean_image: Tensor, latent_size: int = 50, hidden: int = 200) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            *(nn.Linear(784, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh())
        )
        self.mean = nn.Linear(hidden, latent_size)
        self.log_variance = nn.Linear(hidden, latent_size)
        self.decoder = nn.Sequential(
            *(nn.Linear(latent_size, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh()),
            nn.Linear(hidden, 784),
        )
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.decoder[-1].bias.copy_(mean_image.flatten().clamp(0.001, 0.999).logit())

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, 1, 28, 28) to q's mean and log-variance, each (batch, latent)."""
        hidden = self.encoder(x.flatten(1))  # (batch, 784) -> (batch, hidden)
        return self.mean(hidden), self.log_variance(hidden)

    def decode(self, latent: Tensor) -> Tensor:
        """(batch, latent) to the pixels' logits (batch, 1, 28, 28)."""
        return self.decoder(latent).view(-1, 1, 28, 28)


def log_weights(model: Encodes, x: Tensor, k: int, noise: torch.Generator | None) -> Tensor:
    """log p(x, z) - log q(z | x) for k latents of each image: (k, batch), with gradients."""
    mean, log_variance = (
        value.expand(k, *value.shape).flatten(0, 1) for value in model.encode(x)
    )  # (batch, latent) -> (k * batch, latent)
    latent = reparameterize(mean, log_variance, noise)
    # log p(z) - log q(z | x): the constants of the two normal densities cancel.
    distance = (latent - mean).square() * torch.exp(-log_variance)
    ratio = 0.5 * (distance + log_variance - latent.square()).sum(dim=1)
    many = x.expand(k, *x.shape).flatten(0, 1)
    return (bernoulli_log_likelihood(model.decode(latent), many) + ratio).view(k, len(x))


class Run:
    """One objective with all that its training needs: equal seeds give equal batches and pixels."""

    def __init__(
        self, k: int, start: PaperVAE, images: Tensor, batch: int, seed: int, graph: bool = False
    ) -> None:
        self.k = k
        self.name = "VAE (k=1)" if k == 1 else f"IWAE (k={k})"
        self.model = copy.deepcopy(start)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(),
            lr=torch.tensor(LEARNING_RATES[0], device=images.device),  # a graph sees it move
            betas=(0.9, 0.999),
            eps=1e-4,
            fused=True,
        )
        self.batches = Batches(images, batch, seed=seed)
        # On the device of the images, so that no draw waits for a transfer. Two streams: runs
        # differ in how many latents they draw, and must not differ in their pixels. A graph may
        # hold no generator but the device's own.
        self.coin = torch.Generator(images.device).manual_seed(seed + 1)
        self.noise = None if graph else torch.Generator(images.device).manual_seed(seed + 2)
        self.step = training.captured(self._step, optimizers=[self.optimizer], graph=graph)
        self.updates = 0
        self.seconds = 0.0

    def draw(self) -> Tensor:
        """The next batch, binarized: (batch, 1, 28, 28)."""
        return torch.bernoulli(next(self.batches), generator=self.coin)

    def _step(self, x: Tensor) -> None:
        bound = importance_weighted_bound(log_weights(self.model, x, self.k, self.noise))
        self.optimizer.zero_grad()
        (-bound.sum()).backward()  # the authors' sum over the batch
        self.optimizer.step()

    def train(self, learning_rate: float, updates: int) -> None:
        """So many updates with one learning rate."""
        for group in self.optimizer.param_groups:
            group["lr"].fill_(learning_rate)
        device = self.batches.images.device
        synchronize(device)
        began = time.perf_counter()
        for _ in progress(range(updates), f"{self.name}, rate {learning_rate:.1e}"):
            self.step(self.draw())
        synchronize(device)
        self.updates += updates
        self.seconds += time.perf_counter() - began


def progress(steps: Iterable[Any], name: str) -> Iterable[Any]:
    """The steps, with a line on stderr once a second."""
    return tqdm(steps, name, leave=False, mininterval=1)


def synchronize(device: torch.device) -> None:
    """Wait for what was launched, so that a clock sees it."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def stages(updates: int, whole: int | None = None) -> list[tuple[float, int]]:
    """Learning rates and how many updates each, cut where budgets are looked at.

    Each of the paper's rates takes 3^i of 3,280 parts: of these updates, or of ``whole`` (the
    updates of its whole run), of which they are then the beginning. Looked at are the budgets of
    1, 1 + 3, ..., 3,280 parts of these updates, and each end of a rate.
    """
    parts = list(itertools.accumulate(PASSES))
    ends = [(whole or updates) * part // parts[-1] for part in parts]
    looks = [updates * part // parts[-1] for part in parts]
    cuts = sorted({cut for cut in (*ends, *looks) if 0 < cut <= updates})
    rates = (
        LEARNING_RATES[min(bisect.bisect(ends, begin), len(ends) - 1)] for begin in (0, *cuts[:-1])
    )
    return [
        (rate, end - begin) for rate, begin, end in zip(rates, (0, *cuts[:-1]), cuts, strict=True)
    ]


def evenly(images: Tensor, count: int) -> Tensor:
    """So many of the images, evenly spaced, the first one among them."""
    count = min(count, len(images))
    return images[torch.arange(count, device=images.device) * len(images) // count]


def log_likelihoods(model: Encodes, x: Tensor, samples: int, seed: int, name: str) -> Tensor:
    """The bound of so many samples for each binary image, on the CPU: (count,) float64, nats."""
    noise = torch.Generator(x.device).manual_seed(seed)
    parts = progress(torch.split(x, CHUNK), f"{name}, {samples} samples")
    found = [importance_log_likelihood(model, part, samples, noise) for part in parts]
    return torch.cat(found).cpu()


@torch.no_grad()
def mean_elbo(model: Encodes, x: Tensor, seed: int) -> float:
    """The evidence lower bound, with the KL in closed form: mean over images, a few draws each."""
    noise = torch.Generator(x.device).manual_seed(seed)
    mean, log_variance = model.encode(x)
    bounds = []
    for _ in range(ELBO_DRAWS):
        logits = model.decode(reparameterize(mean, log_variance, noise))
        bounds.append(elbo(logits, x, mean, log_variance).mean())
    return float(torch.stack(bounds).mean())


@torch.no_grad()
def active_units(model: Encodes, x: Tensor) -> int:
    """Latents whose posterior mean varies over the images by more than 0.01 (section 5.2)."""
    return int((model.encode(x)[0].var(dim=0) > ACTIVE).sum())


def mean_and_error(values: Tensor) -> tuple[float, float]:
    """Mean over images and its standard error."""
    return float(values.mean()), float(values.std() / math.sqrt(len(values)))


def measured(run: Run, x: Tensor, samples: int, seed: int) -> tuple[dict[str, Any], Tensor]:
    """The row of one model, and log p(x) of each test digit."""
    began = time.perf_counter()
    found = log_likelihoods(run.model, x, samples, seed, run.name)
    nll, error = mean_and_error(-found)
    row = {
        "k": run.k,
        "NLL": round(nll, 3),
        "standard error": round(error, 3),
        "the paper's NLL": PAPER.get(run.k),
        "-ELBO": round(-mean_elbo(run.model, x, seed), 3),
        "active units": active_units(run.model, x),
        "seconds to train": round(run.seconds, 1),
        "milliseconds an update": round(1000 * run.seconds / run.updates, 3),
        "seconds to measure": round(time.perf_counter() - began, 1),
    }
    return row, found


def as_text(table: dict[str, Any]) -> str:
    """The table for a terminal."""
    names = table["objectives"]
    lines = [
        f"NLL on {table['glance']['digits']} test digits, {table['glance']['samples']} samples"
    ]
    lines.append(f"{'updates':>10}  {'rate':>8}" + "".join(f"{name:>14}" for name in names))
    for row in table["glance"]["after"]:
        values = "".join(f"{row[name]:>14.2f}" for name in names if name in row)
        lines.append(f"{row['updates']:>10,}  {row['learning rate']:>8.1e}{values}")
    if table["rows"]:
        lines.append(f"NLL on {table['test digits']:,} test digits, {table['samples']:,} samples")
        lines.append(
            f"{'':14}{'NLL':>8}{'error':>8}{'paper':>8}{'-ELBO':>9}{'active':>8}{'seconds':>9}"
        )
    for name, row in table["rows"].items():
        paper = row["the paper's NLL"]
        lines.append(
            f"{name:14}{row['NLL']:8.2f}{row['standard error']:8.2f}"
            f"{paper if paper is not None else '':>8}{row['-ELBO']:9.2f}{row['active units']:8}"
            f"{row['seconds to train']:9.0f}"
        )
    for name, gain in table["gains"].items():
        lines.append(f"{name}: {gain['nats']:.2f} nats, standard error {gain['standard error']}")
    return "\n".join(lines) + "\n"


def images_of(data: str) -> tuple[Tensor, Tensor]:
    """Training and test images: all of MNIST from the cache, or the embedded third of it."""
    load = load_mnist if data == "mnist" else load_digits
    return load("train").images, load("test").images


def objectives(text: str) -> list[int]:
    """``vae,iwae`` or numbers of samples to those numbers: [1, 50]."""
    words = [{"vae": "1", "iwae": "50"}.get(word, word) for word in text.lower().split(",")]
    if not all(word.isascii() and word.isdigit() and int(word) > 0 for word in words):
        raise argparse.ArgumentTypeError("must be vae, iwae or numbers of samples, with commas")
    return list(dict.fromkeys(int(word) for word in words))


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from ``low`` to ``high``."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"must be a whole number from {low:,} to {high:,}")
        return int(text)

    return read


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    count = whole_number(1, 10**9)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data", choices=("mnist", "digits"), default="mnist", help="all of MNIST, or a third"
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--updates", type=count, help="of each model (CPU 6000, else 246000)")
    length.add_argument("--passes", type=count, help="over the digits (the paper: 3280)")
    parser.add_argument(
        "--schedule", choices=("scaled", "start"), default="scaled", help="of learning rates"
    )
    parser.add_argument("--batch", type=count, default=20, help="digits an update (20)")
    parser.add_argument(
        "--test", type=whole_number(2, 10**9), help="test digits (CPU 1000, else all)"
    )
    parser.add_argument("--samples", type=count, default=5000, help="of the last bound (5000)")
    parser.add_argument(
        "--seed", type=whole_number(0, 10**9), default=0, help="of all that is drawn (0)"
    )
    parser.add_argument(
        "--objectives", type=objectives, default=[1, 50], help="vae,iwae or k as numbers: 1,5,50"
    )
    parser.add_argument("--no-graph", action="store_true", help="CUDA: no graphs of the updates")
    parser.add_argument("--write", action="store_true", help="keep the table as JSON")
    return parser.parse_args(arguments)


def fill(
    table: dict[str, Any], runs: list[Run], x: Tensor, plan: list[tuple[float, int]], seed: int
) -> None:
    """Train and measure, entering each figure into the table as soon as it is there."""
    glance = table["glance"]
    few = evenly(x, glance["digits"])
    done = 0
    for rate, updates in plan:
        done += updates
        after: dict[str, Any] = {"updates": done, "learning rate": rate}
        for run in runs:
            run.train(rate, updates)
            found = log_likelihoods(run.model, few, glance["samples"], seed, run.name)
            after[run.name] = round(float(-found.mean()), 3)
            if run is runs[0]:
                glance["after"].append(after)
    each: dict[str, Tensor] = {}
    for run in runs:
        table["rows"][run.name], each[run.name] = measured(run, x, table["samples"], seed)
    first = runs[0].name
    for run in runs[1:]:
        # Digit by digit: the digits differ far more than the models.
        gain, error = mean_and_error(each[run.name] - each[first])
        table["gains"][f"{run.name} below {first}"] = {
            "nats": round(gain, 3),
            "standard error": round(error, 3),
        }


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    device = training.device()
    train_images, test_images = (part.to(device) for part in images_of(options.data))
    a_pass = len(train_images) // options.batch  # updates
    if a_pass == 0:
        raise CourseError(
            f"--batch {options.batch} is above the {len(train_images)} training digits: "
            "take a smaller one."
        )
    updates = options.updates or UPDATES[device.type]
    if options.passes:
        updates = options.passes * a_pass
    plan = stages(updates, sum(PASSES) * a_pass if options.schedule == "start" else None)
    gray = to_range(evenly(test_images, options.test or TEST.get(device.type, len(test_images))))
    x = binarize(gray.cpu(), torch.Generator().manual_seed(options.seed + 3)).to(device)

    training.seed_everything(options.seed)
    start = PaperVAE(to_range(train_images).mean(dim=0).cpu()).to(device)
    graph = device.type == "cuda" and not options.no_graph
    runs = [
        Run(k, start, train_images, options.batch, options.seed, graph) for k in options.objectives
    ]
    table: dict[str, Any] = {
        "what": "test NLL in nats: Burda et al. 2015, table 1, MNIST, one stochastic layer",
        "data": options.data,
        "training digits": len(train_images),
        "test digits": len(x),
        "updates": updates,
        "passes": round(updates / a_pass, 2),
        "the paper's passes": sum(PASSES),
        "schedule": options.schedule,
        "batch": options.batch,
        "samples": options.samples,
        "seed": options.seed,
        "precision": "float32",
        "updates as CUDA graphs": graph,
        "device": {"kind": device.type, **machine(device.type)},
        "objectives": [run.name for run in runs],
        "glance": {
            "digits": min(GLANCE[0], len(x)),
            "samples": min(GLANCE[1], options.samples),
            "after": [],
        },
        "rows": {},
        "gains": {},
    }
    whole = False
    try:
        fill(table, runs, x, plan, options.seed + 4)
        whole = True
    except KeyboardInterrupt:
        print("stopped: this is what was measured, and nothing is kept", file=sys.stderr)
    print(as_text(table))
    name = "paper_table" if device.type == "cpu" else f"paper_table_{device.type}"
    keep(table, name, options.write and whole)
    if not whole:
        sys.exit(130)


if __name__ == "__main__":
    try:
        main()
    except CourseError as problem:
        sys.exit(f"paper_table: {problem}")
