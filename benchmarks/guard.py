"""Is the course's loop still as fast as it was? Ratios, compared with those that are kept.

Run ``python benchmarks/guard.py [--write]``: a short form of ``benchmarks/training.py`` on one
thread in float32, of which three things are kept in ``benchmarks/guard.json`` (``--write``): how
many times as fast as the usual loop the course's is, for the two fully connected networks, and
which share of its limit it reaches, for the VAEs. A ratio below ``GENEROUS`` times the kept one is
said, and the exit code is then 1. Seconds are never compared: they are the machine's. Under half a
minute.
"""

import argparse
import os
import sys
from typing import Any

import training
from measuring import keep, kept, machine, said, spread

from aigc_edu.data import load_digits

GENEROUS = 0.75
"""A noisy machine moves these ratios by a tenth; what loses a quarter is another program."""

WATCHED = {
    "MLP VAE": ("usual", "limit, float32"),
    "MLP GAN": ("usual",),
    "conv VAE": ("limit, float32",),
}
"""Network -> what the course's loop is measured against."""


def watch(rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """What is watched -> its ratio now: median and quartiles over the rounds."""
    os.environ["AIGC_EDU_PRECISION"] = "float32"
    digits = load_digits("train")
    found = {}
    for name, others in WATCHED.items():
        made = training.ways(name, "cpu", digits)
        wanted = {way: made[way] for way in ("course, float32", *others)}
        times = training.measured(wanted, rounds, seconds)
        for other in others:
            # Against the limit, a share of at most about 1; against the usual loop, times as fast.
            ratio = spread(training.ratios(times, other, "course, float32"))
            found[f"{name}: the course's loop against {other}"] = ratio
    return found


def slower(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """A sentence for each ratio that fell too far."""
    return [
        f"{what}: {said(now[what])}, kept {said(ratio)}, at least "
        f"{GENEROUS * ratio['median']:.2f} is asked for"
        for what, ratio in before.items()
        if not now[what]["median"] >= GENEROUS * ratio["median"]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="stretches of each way (7)")
    parser.add_argument("--seconds", type=float, default=0.3, help="about so long each (0.3)")
    parser.add_argument("--write", action="store_true", help="keep the ratios as JSON")
    options = parser.parse_args()
    now = watch(options.rounds, options.seconds)
    table = {
        "what": "seconds an image of the loop named over those of the course's loop, float32",
        "machine": machine(),
        "ratios": now,
    }
    if options.write:
        keep(table, "guard", write=True)
        return 0
    for what, ratio in now.items():
        print(f"{what}: {said(ratio)}")
    sentences = slower(kept("guard")["ratios"], now)
    for sentence in sentences:
        print(f"Slower than it was. {sentence}", file=sys.stderr)
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
