"""What watching costs: training with the live view over the same training without it.

Run ``python benchmarks/live_view.py [--blocks 7] [--seconds 5] [--write]``. It starts a kernel as
a notebook's page would (so that pictures are encoded and sent, and the bar is there), trains the
VAE of lesson 05 and the GAN of lesson 07 with their batch sizes, and prints seconds a step as
ratios: blocks without a view, with four frames a second, and with a frame asked for at every step
take turns, so that a machine whose speed drifts does not favor one of them. ``--write`` keeps the
table as ``benchmarks/live_view.json``. About four minutes on two free cores.
"""

import argparse
import json
import platform
import statistics
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

SETUP = """
import json, time
import torch
from aigc_edu import training
from aigc_edu.data import Batches, load_digits
from aigc_edu.models import ConvVAE, MLPDiscriminator, MLPGenerator
from aigc_edu.objectives import discriminator_loss, elbo, generator_loss
from aigc_edu.view import live

noise = training.seed_everything(0)
images = load_digits("train").images


def vae():
    model = ConvVAE(latent_size=20, channels=(16, 64))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
    batches = Batches(images, 128, seed=0)
    shown, latent = next(batches)[:10], torch.randn(10, 20, generator=noise)

    def step():
        x = next(batches)
        logits, mean, log_variance = model(x, noise)
        loss = -elbo(logits, x, mean, log_variance).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return {"batch_elbo": -loss.detach()}

    def pictures():
        rebuilt = torch.sigmoid(model.decode(model.encode(shown)[0]))
        return torch.cat([shown, rebuilt, torch.sigmoid(model.decode(latent))])

    return step, pictures, optimizer


def gan():
    generator, discriminator = MLPGenerator(), MLPDiscriminator()
    average = training.EMA(generator, decay=0.998)
    settings = {"lr": 4e-4, "betas": (0.5, 0.999), "fused": True}
    g_optimizer = torch.optim.Adam(generator.parameters(), **settings)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), **settings)
    batches = Batches(images, 128, seed=0, value_range=(-1.0, 1.0))
    watched = torch.randn(32, 100, generator=noise)

    def step():
        real = next(batches)
        fake = generator(torch.randn(len(real), 100, generator=noise))
        d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        discriminator.requires_grad_(False)
        g_loss = generator_loss(discriminator(fake))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        discriminator.requires_grad_(True)
        average.update()
        return {"discriminator": d_loss, "generator": g_loss}

    return step, lambda: (average.model(watched) + 1) / 2, [g_optimizer, d_optimizer]


def seconds_a_step(made, steps, rate):
    step, pictures, optimizers = made
    began = time.perf_counter()
    if rate is None:
        for _ in range(steps):
            step()
    else:
        for _ in live(steps, rate=rate, learning_rate=optimizers):
            live.show(pictures, **step())
    return (time.perf_counter() - began) / steps
"""

MODES: dict[str, float | None] = {"without": None, "four a second": 4.0, "every step": 1e9}
NAMES = {"vae": "VAE of lesson 05", "gan": "GAN of lesson 07"}


class Kernel:
    """A kernel that believes a page is attached, because each request names its cell."""

    def __init__(self) -> None:
        self._manager, self._client = start_new_kernel(kernel_name="python3")

    def run(self, code: str) -> str:
        """Execute, read all that is published, and return what was printed."""
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = self._client.session.msg("execute_request", content, metadata={"cellId": "cell"})
        self._client.shell_channel.send(message)
        printed = ""
        while True:
            answer = self._client.get_iopub_msg(timeout=600)
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, body = answer["msg_type"], answer["content"]
            if kind == "stream":
                printed += body["text"]
            elif kind == "error":
                raise RuntimeError("\n".join(body["traceback"]))
            elif kind == "status" and body["execution_state"] == "idle":
                return printed

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def measured(kernel: Kernel, name: str, blocks: int, seconds: float) -> dict[str, Any]:
    """Seconds a step in each mode, block by block, and the ratios to the block without a view."""

    def block(steps: int, rate: float | None) -> float:
        return float(
            kernel.run(f"print('block', seconds_a_step(made, {steps}, {rate}))").split()[-1]
        )

    kernel.run(f"made = {name}()")
    block(20, None)
    steps = max(20, round(seconds / block(50, None)))
    times: dict[str, list[float]] = {mode: [] for mode in MODES}
    for turn in range(blocks):
        order = list(MODES.items())
        for mode, rate in order[turn % 3 :] + order[: turn % 3]:
            times[mode].append(block(steps, rate))
    row: dict[str, Any] = {
        "steps a block": steps,
        "milliseconds a step": round(1000 * statistics.median(times["without"]), 3),
    }
    for mode in list(MODES)[1:]:
        ratios = sorted(
            one / plain for one, plain in zip(times[mode], times["without"], strict=True)
        )
        row[mode] = {
            "median": round(statistics.median(ratios), 4),
            "least": round(ratios[0], 4),
            "most": round(ratios[-1], 4),
        }
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--blocks", type=int, default=7, help="blocks of each kind (7)")
    parser.add_argument("--seconds", type=float, default=5, help="about so long a block (5)")
    parser.add_argument("--write", action="store_true", help="keep the table as JSON")
    options = parser.parse_args()
    kernel = Kernel()
    try:
        kernel.run(SETUP)
        threads = int(kernel.run("print(torch.get_num_threads())"))
        rows = {
            NAMES[name]: measured(kernel, name, options.blocks, options.seconds) for name in NAMES
        }
    finally:
        kernel.close()
    table = {
        "what": "seconds a step with the live view over seconds a step without, paired by turns",
        "blocks": options.blocks,
        "threads": threads,
        "machine": platform.machine(),
        "python": platform.python_version(),
        "rows": rows,
    }
    text = json.dumps(table, indent=2) + "\n"
    print(text)
    if options.write:
        Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
