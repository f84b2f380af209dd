"""What two threads gain on a free machine, where they begin to lose, and what a choice gives.

Run ``python benchmarks/threads.py [--blocks 5] [--write]``. Each measurement is a process of its
own, because how threads wait is settled when the first one starts: the GAN of lesson 07 trains with
one thread; with all, where waiting threads spin (the default of the OpenMP that PyTorch brings
on Linux) and where they sleep (``OMP_WAIT_POLICY=PASSIVE``); and with as many as
``use_free_cores`` chooses at its start. Alone, beside one busy process, and beside one a core
(on more than two cores also beside one for every second core). Printed as ratios to one thread
under the same load, in blocks that take turns; below the table stands the load from which each kind
loses to one thread. ``--write`` keeps the table as ``benchmarks/threads.json``. About eight minutes
on two cores.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from measuring import free_to_use, keep, machine, said, spread

STEPS = """
import json, sys, time
import torch
from aigc_edu.models import MLPDiscriminator, MLPGenerator
from aigc_edu.objectives import discriminator_loss, generator_loss
from aigc_edu.training import use_free_cores

if sys.argv[2] == "choose":
    use_free_cores()
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
print(json.dumps([sum(times) / len(times), torch.get_num_threads()]))
"""

# Ends with the process that started it, however that ends.
BUSY = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(10**6):
        pass
"""

ONE = "one thread"
CHOSEN = "chosen at the start"


def step_seconds(threads: int, policy: str | None, choose: bool, seconds: float) -> list[float]:
    """Mean seconds a step of a new process, and the threads that it had."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OMP_", "MKL_", "GOMP_", "KMP_"))
    }
    environment["OMP_NUM_THREADS"] = str(threads)
    if policy:
        environment["OMP_WAIT_POLICY"] = policy
    ran = subprocess.run(
        [sys.executable, "-c", STEPS, str(seconds), "choose" if choose else "keep"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[float] = json.loads(ran.stdout)
    return found


def loads(cores: int) -> dict[str, int]:
    """Busy processes beside the one that trains, by name, from none to one a core."""
    named = {"alone": 0, "beside one busy process": 1}
    if cores // 2 > 1:
        named[f"beside {cores // 2} busy processes"] = cores // 2
    if cores > 1:
        named["beside one busy process a core"] = cores
    return named


def loses_from(rows: dict[str, Any], kind: str) -> str:
    """The first load under which a kind is slower than one thread, quartiles and all."""
    for load, row in rows.items():
        if row[kind]["low"] > 1:
            return load
    return "none of these"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--blocks", type=int, default=5, help="measurements of each kind (5)")
    parser.add_argument("--seconds", type=float, default=3, help="about so long each (3)")
    parser.add_argument("--write", action="store_true", help="keep the table as JSON")
    options = parser.parse_args()
    cores = free_to_use()
    kinds: dict[str, tuple[int, str | None, bool]] = {
        ONE: (1, None, False),
        "all threads, spinning": (cores, None, False),
        "all threads, asleep": (cores, "PASSIVE", False),
        CHOSEN: (cores, None, True),
    }
    rows: dict[str, Any] = {}
    for load, others in loads(cores).items():
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        chosen: list[int] = []
        busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(others)]
        try:
            for _ in range(options.blocks):
                for kind, how in kinds.items():
                    seconds, threads = step_seconds(*how, options.seconds)
                    times[kind].append(seconds)
                    if kind == CHOSEN:
                        chosen.append(int(threads))
        finally:
            for process in busy:
                process.kill()
                process.wait()
        one = times[ONE]
        rows[load] = {
            "busy processes": others,
            "milliseconds a step, one thread": spread((1000 * value for value in one), 2),
        }
        for kind in list(kinds)[1:]:
            rows[load][kind] = spread(a / b for a, b in zip(times[kind], one, strict=True))
        rows[load][CHOSEN]["threads"] = sorted(chosen)
        print(f"{load} ({others}): one thread, milliseconds a step", end=" ")
        print(said(rows[load]["milliseconds a step, one thread"]))
        for kind in list(kinds)[1:]:
            print(f"  {kind:<22} {said(rows[load][kind])} of one thread's time")
        print(f"  {'threads chosen':<22} {sorted(chosen)}", flush=True)
    table = {
        "what": "seconds a step of the GAN of lesson 07 over those with one thread, same load",
        "machine": machine(),
        "blocks": options.blocks,
        "rows": rows,
        "slower than one thread from": {kind: loses_from(rows, kind) for kind in list(kinds)[1:]},
    }
    keep(table, "threads", options.write)


if __name__ == "__main__":
    main()
