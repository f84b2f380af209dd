"""Memory and processes of a whole tree: a control group where one can be made, else a look.

A limit of one process says nothing of its children; only the kernel's control groups count
a tree. Where this user cannot make one, the session samples the tree's memory instead.
"""

import contextlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path


class Cgroup:
    """A control group for one sandbox: memory and processes of the whole tree.

    Args:
        folders: the group's folder, one a hierarchy (cgroup v1) or the one (v2).
    """

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders

    @property
    def entries(self) -> list[str]:
        """The files that a process writes its number to."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def kills(self) -> int:
        """How often the kernel ended a process because the memory was used up."""
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError, ValueError):
                for line in (self.folders[0] / name).read_text().splitlines():
                    if line.startswith("oom_kill "):
                        return int(line.split()[1])
        return 0

    def peak_mb(self) -> float:
        """The most memory that was in use, 0 where the kernel does not say."""
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                return int((self.folders[0] / name).read_text()) / 2**20
        return 0.0

    def remove(self) -> None:
        """End what is in it, and take it away."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                for number in (folder / "cgroup.procs").read_text().split():
                    with contextlib.suppress(OSError, ValueError):
                        os.kill(int(number), 9)
        for folder in self.folders:
            for _ in range(100):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)


_PREFIX = "aigc-edu-"


def make_cgroup(memory_mb: int, processes: int = 96) -> Cgroup | None:
    """A control group with limits, or None where this user cannot make one."""
    if sys.platform != "linux" or os.environ.get("AIGC_EDU_CGROUP") == "off":
        return None
    name = f"{_PREFIX}{os.getpid()}-{random.SystemRandom().randrange(1 << 40):x}"
    return _make_v2(name, memory_mb, processes) or _make_v1(name, memory_mb, processes)


def _own_groups() -> dict[str, str]:
    """Controller → this process's group ("" for the unified hierarchy)."""
    groups = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = path
    return groups


def _mounts() -> dict[str, str]:
    """Controller ("" for the unified hierarchy) → where it is mounted."""
    mounts = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind == "cgroup2":
            mounts[""] = before.split()[4]
        elif kind == "cgroup":
            for option in options.split(","):
                mounts.setdefault(option.split()[-1], before.split()[4])
    return mounts


def _make_v2(name: str, memory_mb: int, processes: int) -> Cgroup | None:
    try:
        mount = Path(_mounts()[""])
        own = mount / _own_groups()[""].lstrip("/")
    except (KeyError, OSError, ValueError):
        return None
    # A group with processes of its own cannot pass controllers on: then one above it.
    for parent in (own, *own.parents):
        if parent != mount and mount not in parent.parents:
            return None
        folder = parent / name
        try:
            _clear_old(parent)
            folder.mkdir()
            if (folder / "memory.max").exists():
                (folder / "memory.max").write_text(str(memory_mb << 20))
                (folder / "pids.max").write_text(str(processes))
                with contextlib.suppress(OSError):
                    (folder / "memory.swap.max").write_text("0")
                group = Cgroup([folder])
                if _can_enter(group):
                    return group
            folder.rmdir()
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
    return None


def _make_v1(name: str, memory_mb: int, processes: int) -> Cgroup | None:
    folders: list[Path] = []
    try:
        mounts, own = _mounts(), _own_groups()
        for controller, file, value in (
            ("memory", "memory.limit_in_bytes", memory_mb << 20),
            ("pids", "pids.max", processes),
        ):
            parent = Path(mounts[controller]) / own[controller].lstrip("/")
            _clear_old(parent)
            folder = parent / name
            folder.mkdir()
            folders.append(folder)
            (folder / file).write_text(str(value))
        with contextlib.suppress(OSError):
            (folders[0] / "memory.memsw.limit_in_bytes").write_text(str(memory_mb << 20))
        group = Cgroup(folders)
        if _can_enter(group):
            return group
    except (KeyError, OSError, ValueError):
        pass
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()
    return None


def _can_enter(group: Cgroup) -> bool:
    command = in_cgroup(group, ["true"])
    tried = subprocess.run(command, capture_output=True, check=False)
    return tried.returncode == 0


def _clear_old(parent: Path) -> None:
    """Groups of graders that were killed."""
    for folder in parent.glob(f"{_PREFIX}*-*"):
        number = folder.name.removeprefix(_PREFIX).split("-")[0]
        if number.isdigit() and not os.path.exists(f"/proc/{number}"):
            with contextlib.suppress(OSError):
                folder.rmdir()


def in_cgroup(group: Cgroup | None, command: list[str]) -> list[str]:
    """A command that first enters the group."""
    if group is None:
        return command
    enter = "".join(f'echo $$ > "$g{n}" && ' for n in range(len(group.entries)))
    names = "".join(f"g{n}=$1; shift; " for n in range(len(group.entries)))
    return ["/bin/sh", "-c", f'{names}{enter}exec "$@"', "sh", *group.entries, *command]


def tree_memory_mb(root: int) -> float:
    """What a process and all below it hold now, shared pages counted in shares.

    For where there is no control group. Sampled, so that a short peak can be missed.
    """
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                text = Path(entry.path, "stat").read_text(errors="replace")
                parent = int(text.rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    total, waiting = 0.0, [root]
    while waiting:
        number = waiting.pop()
        waiting += children.get(number, [])
        total += _process_memory_mb(number)
    return total


def _process_memory_mb(number: int) -> float:
    try:
        for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        # Not to be looked into: its own pages, those shared with a fork counted twice.
        with contextlib.suppress(OSError, ValueError):
            total = 0
            for line in Path(f"/proc/{number}/status").read_text(errors="replace").splitlines():
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1])
            return total / 1024
    return 0.0
