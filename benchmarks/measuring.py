"""What the benchmarks share: the machine in words, medians with spread, tables kept as JSON."""

import json
import os
import platform
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def processor() -> str:
    """The processor's name as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def free_to_use() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine(device: str = "cpu") -> dict[str, Any]:
    """What a table was measured on: no names of hosts or people."""
    import torch

    found: dict[str, Any] = {
        "processor": processor(),
        "cores": free_to_use(),
        "threads": torch.get_num_threads(),
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    flags = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    found["bfloat16 in hardware"] = any(
        probe() for flag in flags if (probe := getattr(torch.cpu, flag, None)) is not None
    )
    if device.startswith("cuda"):
        found["gpu"] = torch.cuda.get_device_name(device)
        found["cuda"] = torch.version.cuda
    return found


def spread(values: Iterable[float], digits: int = 3) -> dict[str, float]:
    """Median, and the quartiles that say how far to trust it (extremes for fewer than four)."""
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    if len(ordered) >= 4:
        low, _, high = statistics.quantiles(ordered, n=4, method="inclusive")
    return {
        "median": round(statistics.median(ordered), digits),
        "low": round(low, digits),
        "high": round(high, digits),
    }


def said(value: dict[str, float]) -> str:
    """A spread in words: ``1.52 (1.49-1.55)``."""
    return f"{value['median']:.3g} ({value['low']:.3g}-{value['high']:.3g})"


def keep(table: dict[str, Any], name: str, write: bool) -> None:
    """Print a table as JSON; with ``write`` keep it beside the benchmarks as ``name.json``."""
    text = json.dumps(table, indent=2) + "\n"
    print(text, flush=True)
    if write:
        (HERE / f"{name}.json").write_text(text, encoding="utf-8")


def kept(name: str) -> dict[str, Any]:
    """The table that :func:`keep` wrote."""
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found
