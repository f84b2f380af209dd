"""What watching costs: training with the live view over the same training without it.

Run ``python benchmarks/live_view.py [--pairs 60] [--write]``. It starts a kernel as a notebook's
page would (so that pictures are encoded and sent, and the bar is there) and trains the VAE of
lesson 05 and the GAN of lesson 07 with their batch sizes in one loop each. Stretches of about a
second in which each step is shown take turns with stretches in which none is, so that a machine
whose speed drifts favors neither; printed is the ratio of the seconds a step, over all stretches
and pair by pair: with four frames a second, and with a frame asked for at every step, where the
view's own limit decides. What is spent once a loop (making the bar, the last frame) stands beside
it in milliseconds. ``--write`` keeps the table as ``benchmarks/live_view.json``. About nine minutes
on two free cores.
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


def stretches(made, steps, pairs, rate):
    # Seconds of each stretch of so many steps, shown and not shown in turns; and what is spent
    # before the first step.
    step, pictures, optimizers = made
    seconds = []
    began = time.perf_counter()
    for number in live(2 * pairs * steps, rate=rate, learning_rate=optimizers):
        place, first = divmod(number, steps)
        if first == 0:
            now = time.perf_counter()
            seconds.append(now - began)
            began = now
        # Pairs alternate in which of the two comes first.
        if (place + place // 2) % 2 == 0:
            live.show(pictures, **step())
        else:
            step()
    # One last stretch holds the end of the loop too: the loop's own clock tells them apart.
    ended = time.perf_counter()
    return {"before": seconds[0], "stretches": [*seconds[1:], ended - began]}


def plain(made, steps):
    began = time.perf_counter()
    for _ in range(steps):
        made[0]()
    return (time.perf_counter() - began) / steps
"""

MODES = {"four a second": 4.0, "every step": 1e9}
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


def measured(kernel: Kernel, name: str, pairs: int) -> dict[str, Any]:
    """Milliseconds a step without a view, and the ratio to it in each mode."""
    kernel.run(f"made = {name}()\nplain(made, 50)")
    milliseconds = 1000 * float(kernel.run("print(plain(made, 200))"))
    steps = max(10, round(1000 / milliseconds))
    row: dict[str, Any] = {"milliseconds a step": round(milliseconds, 2), "steps a stretch": steps}
    for mode, rate in MODES.items():
        # One pair more: the last holds the end of the loop and is left out.
        printed = kernel.run(f"print(json.dumps(stretches(made, {steps}, {pairs + 1}, {rate})))")
        found = json.loads(printed.strip().splitlines()[-1])
        times = found["stretches"][: 2 * pairs]
        shown = [times[2 * k + k % 2] for k in range(pairs)]
        hidden = [times[2 * k + 1 - k % 2] for k in range(pairs)]
        quartiles = statistics.quantiles(
            [one / other for one, other in zip(shown, hidden, strict=True)], n=4
        )
        row[mode] = {
            "ratio": round(sum(shown) / sum(hidden), 4),
            "pairs, quartiles": [round(value, 4) for value in quartiles],
            "once, milliseconds": round(1000 * found["before"], 1),
        }
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=60, help="pairs of stretches (60)")
    parser.add_argument("--write", action="store_true", help="keep the table as JSON")
    options = parser.parse_args()
    kernel = Kernel()
    try:
        kernel.run(SETUP)
        threads = int(kernel.run("print(torch.get_num_threads())"))
        rows = {NAMES[name]: measured(kernel, name, options.pairs) for name in NAMES}
    finally:
        kernel.close()
    table = {
        "what": "seconds a step with the live view over seconds a step without, in turns",
        "pairs": options.pairs,
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
