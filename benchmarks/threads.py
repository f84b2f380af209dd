"""What two threads gain on a free machine, and lose on one that does something else too.

Run ``python benchmarks/threads.py [--blocks 5] [--write]``. Each measurement is a process of its
own, because how threads wait is settled when the first one starts: the GAN of lesson 07 trains with
one thread and with all, where waiting threads spin (the default of the OpenMP that PyTorch brings
on Linux) and where they sleep (``OMP_WAIT_POLICY=PASSIVE``); alone, and
beside one busy process a core. Printed as ratios to one thread under the same load. ``--write``
keeps the table as ``benchmarks/threads.json``. About three minutes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

STEPS = """
import sys, time
import torch
from aigc_edu.models import MLPDiscriminator, MLPGenerator
from aigc_edu.objectives import discriminator_loss, generator_loss

torch.manual_seed(0)
generator, discriminator = MLPGenerator(), MLPDiscriminator()
g_optimizer = torch.optim.Adam(generator.parameters(), fused=True)
d_optimizer = torch.optim.Adam(discriminator.parameters(), fused=True)
real = torch.rand(128, 1, 28, 28)


def step():
    fake = generator(torch.randn(128, 100))
    loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
    d_optimizer.zero_grad()
    loss.backward()
    d_optimizer.step()
    loss = generator_loss(discriminator(fake))
    g_optimizer.zero_grad()
    loss.backward()
    g_optimizer.step()


for _ in range(5):
    step()
times = []
until = time.perf_counter() + float(sys.argv[1])
while time.perf_counter() < until:
    began = time.perf_counter()
    step()
    times.append(time.perf_counter() - began)
print(sum(times) / len(times))
"""

BUSY = "while True: pass"


def seconds_a_step(threads: int, policy: str | None, seconds: float) -> float:
    """Mean seconds a step of a new process."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OMP_", "MKL_", "GOMP_", "KMP_"))
    }
    environment["OMP_NUM_THREADS"] = str(threads)
    if policy:
        environment["OMP_WAIT_POLICY"] = policy
    ran = subprocess.run(
        [sys.executable, "-c", STEPS, str(seconds)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ran.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--blocks", type=int, default=5, help="measurements of each kind (5)")
    parser.add_argument("--seconds", type=float, default=3, help="about so long each (3)")
    parser.add_argument("--write", action="store_true", help="keep the table as JSON")
    options = parser.parse_args()
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    kinds = {
        "one thread": (1, None),
        "all threads, spinning": (cores, None),
        "all threads, asleep": (cores, "PASSIVE"),
    }
    rows = {}
    for load, others in (("alone", 0), ("beside one busy process a core", cores)):
        busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(others)]
        try:
            times: dict[str, list[float]] = {name: [] for name in kinds}
            for _ in range(options.blocks):
                for name, (threads, policy) in kinds.items():
                    times[name].append(seconds_a_step(threads, policy, options.seconds))
        finally:
            for process in busy:
                process.kill()
                process.wait()
        one = times["one thread"]
        rows[load] = {"milliseconds a step, one thread": round(1000 * statistics.median(one), 2)}
        for name in list(kinds)[1:]:
            ratios = sorted(a / b for a, b in zip(times[name], one, strict=True))
            rows[load][name] = {
                "median": round(statistics.median(ratios), 3),
                "least": round(ratios[0], 3),
                "most": round(ratios[-1], 3),
            }
    table = {
        "what": "seconds a step of the GAN of lesson 07 over those with one thread, same load",
        "cores": cores,
        "blocks": options.blocks,
        "rows": rows,
    }
    text = json.dumps(table, indent=2) + "\n"
    print(text)
    if options.write:
        Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
