"""How many threads to train with: the cores that are free now, asked for once, at the start."""

import math
import time
from pathlib import Path

import torch

SAMPLE = 0.25  # seconds; the system counts in steps of 10 to 16 ms, so a share is good to 6 %
LOOKS = 3  # a page that is drawn keeps a core busy for a moment, a program keeps it busy each time

_most = 1  # threads that PyTorch had before anything was chosen here
_chosen: int | None = None  # what was set here last


def use_free_cores() -> int:
    """Set PyTorch's threads to the cores that are free right now, and return their number.

    Threads of one operation wait for each other at its end. So one that has to share its core
    with another program holds up all, and two threads may be slower than one;
    ``benchmarks/threads.json`` has what was measured on an idle machine and beside one and more
    busy programs (``python benchmarks/threads.py`` measures it on yours). Call this once, in the
    cell before a training loop, on the thread that trains. It looks at the load for a quarter of a
    second, up to three times while it finds some, and takes the least: what is free is the cores
    less the sum of all busy shares, to the nearest whole number. Its own process does not count as
    load. Nothing is changed later:
    not when the load does, and not during the loop.

    The limit is what PyTorch had before: with ``OMP_NUM_THREADS=1`` or after
    ``torch.set_num_threads(1)`` it stays at 1, without looking. A number that you set after an
    earlier call is the new limit. Cores that this process may not use (its affinity) do not count,
    and where a container has a quota of processor time, threads are no more than that. Two
    hardware threads of one core count once, unless PyTorch was set to use both.

    Training with another number of threads gives results that differ in their last digits. On a
    GPU it matters little, and does no harm.

    Returns:
        ``torch.get_num_threads()`` as it is now: at least 1, at most the limit. Where the load
        cannot be read (psutil is missing or fails), threads stay as they are.

    >>> before = torch.get_num_threads()
    >>> 1 <= use_free_cores() <= before
    True
    >>> torch.set_num_threads(before)
    """
    global _most, _chosen
    now = torch.get_num_threads()
    if now != _chosen:  # the first call, or somebody has set another number since
        _most, _chosen = now, None
    if _most > 1:
        try:
            free = 0
            for _ in range(LOOKS):
                free = max(free, _free_cores(_most))
                if free >= _most:
                    break
        except Exception:  # psutil is absent, or the system refuses: each has errors of its own
            return now
        _chosen = max(1, min(_most, free))
        torch.set_num_threads(_chosen)
    return torch.get_num_threads()


def _free_cores(most: int) -> int:
    """Cores less the load of other processes, to the nearest whole one; may be below 1."""
    import psutil  # comes with ipykernel; a plain script may do without

    process = psutil.Process()
    began, own = time.perf_counter(), time.process_time()
    percents: list[float] = psutil.cpu_percent(SAMPLE, percpu=True)
    # Our own threads may still spin after the last operation: that is no load.
    own_share = (time.process_time() - own) / (time.perf_counter() - began)
    if hasattr(process, "cpu_affinity"):  # Linux and Windows
        usable: list[int] = process.cpu_affinity()
    else:
        usable = list(range(len(percents)))
    # In some containers cores are numbered as on the host, and the load is the container's.
    seen = usable if max(usable) < len(percents) else range(len(percents))
    busy = max(0.0, sum(percents[core] for core in seen) / 100 - own_share)
    whole = psutil.cpu_count(logical=False) or len(usable)
    cores = min(len(usable), max(whole, most))
    return min(cores - _nearest(busy), max(1, _nearest(_quota())))


def _nearest(value: float) -> int:
    """To the nearest whole number, a half upward (``round`` takes the even one)."""
    return int(min(value, 2**31) + 0.5)


def _quota(root: Path = Path("/")) -> float:
    """Cores' worth of processor time that Linux grants this process's group; inf if no limit.

    A group's limit binds all groups within it, so the least on the way to the root counts.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return math.inf
    least = math.inf
    for line in lines:
        _, controllers, group_path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        # Version 2 has one tree and names no controllers; version 1 has a tree for each.
        base = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
        group = base / group_path.lstrip("/")
        for folder in (group, *group.parents):
            if not folder.is_relative_to(base):
                break
            least = min(least, _granted(folder))
    return least


def _granted(folder: Path) -> float:
    """Cores' worth of time that one group has; inf where it has no limit or none is readable."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text(encoding="utf-8").strip()
            period = (folder / "cpu.cfs_period_us").read_text(encoding="utf-8").strip()
        # "max" in version 2 and -1 in version 1 say that there is no limit.
        return math.inf if quota in ("max", "-1") else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf
