"""The sandbox: bubblewrap with an interpreter, the packages, the course's library, no more.

Inside there is no network, no file of the host but these (read-only), no other process,
no environment, and a user that owns nothing. ``/tmp`` and ``/dev/shm`` are small and of
memory. Started by root, the sandbox first becomes a user of its own: a first, outer
bubblewrap binds what may lie in a folder that only root can enter (a Python under
``/root``) to another place, so that no permission on the host is loosened.
"""

import contextlib
import glob
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

from aigc_edu.errors import CourseError

TMP_MB = 64
"""Size of ``/tmp``, and of ``/dev/shm``, in the sandbox."""

_START = (
    "import sys; sys.path[:0] = {paths!r}; "
    "from aigc_edu.grading.sandbox.box.worker import {main}; {main}({arguments})"
)

SETTINGS = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "AIGC_EDU_DEVICE": "cpu",
    "AIGC_EDU_PRECISION": "float32",
}
"""The environment in which answers run, in the sandbox and without it."""


@dataclass(frozen=True)
class Bind:
    """A place of the host that is there, read-only, inside."""

    source: str
    inside: str


@dataclass(frozen=True)
class Layout:
    """Where Python and its packages are, on the host and inside."""

    binds: tuple[Bind, ...]
    masks: tuple[str, ...]
    symlinks: tuple[tuple[str, str], ...]
    python: str
    libraries: str
    paths: tuple[str, ...]


def _package_folders() -> list[str]:
    """The folders that torch and the other packages are imported from."""
    import numpy
    import torch

    found = [str(Path(module.__file__ or "").resolve().parent.parent) for module in (torch, numpy)]
    found += [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return list(dict.fromkeys(os.path.realpath(folder) for folder in found))


def layout() -> Layout:
    """What must be bound for this very Python to run inside."""
    prefix = os.path.realpath(sys.base_prefix)
    executable = os.path.realpath(sys.executable)
    binds: list[Bind] = []
    symlinks: list[tuple[str, str]] = []
    # The loader and the C library; no programs: not even a shell is inside.
    for folder in ("/usr/lib", "/usr/lib64", "/usr/lib32"):
        if os.path.isdir(folder) and not os.path.islink(folder):
            binds.append(Bind(folder, folder))
    for folder in ("/lib", "/lib64", "/lib32"):
        if os.path.islink(folder):
            symlinks.append((os.readlink(folder), folder))
        elif os.path.isdir(folder):
            binds.append(Bind(folder, folder))
    if os.path.exists("/etc/ld.so.cache"):
        binds.append(Bind("/etc/ld.so.cache", "/etc/ld.so.cache"))

    def inside(path: str) -> str | None:
        for bind in binds:
            if path == bind.source or path.startswith(bind.source + os.sep):
                return bind.inside + path[len(bind.source) :]
        return None

    if prefix == "/usr":
        # Its libraries are there already; the program alone is added.
        binds.append(Bind(executable, executable))
    else:
        binds.append(Bind(prefix, "/py"))
    python = inside(executable)
    if python is None:
        raise CourseError(
            f"The sandbox cannot be built around {executable}, which lies outside of {prefix}: "
            "make the course's environment from another Python, as in 'make setup PYTHON=...'."
        )
    paths = []
    for number, folder in enumerate(_package_folders()):
        place = inside(folder)
        if place is None:
            place = f"/packages/{number}"
            binds.append(Bind(folder, place))
        paths.append(place)
    masks = []
    for bind in binds:
        # An installed course holds its answers: nothing of it may be seen.
        for pattern in ("aigc_edu", "*/site-packages/aigc_edu", "*/*/site-packages/aigc_edu"):
            for found in glob.glob(os.path.join(glob.escape(bind.source), pattern)):
                masks.append(bind.inside + found[len(bind.source) :])
    libraries = "/py/lib" if prefix != "/usr" else ""
    return Layout(
        tuple(binds), tuple(masks), tuple(symlinks), python, libraries, ("/course", *paths)
    )


def _bwrap() -> str:
    found = shutil.which("bwrap")
    if found is None:
        raise CourseError(
            "Grading runs submissions in a sandbox, and bubblewrap is not installed: install it "
            "(Debian and Ubuntu: 'apt install bubblewrap'; Fedora: 'dnf install bubblewrap'), or "
            "say --unsafe if you would run every one of them yourself."
        )
    return found


def boxed_command(library: Path, inside: list[str] | None = None) -> list[str]:
    """The command that runs the worker in the sandbox.

    Args:
        library: what :func:`aigc_edu.grading.sandbox.library.build_library` made.
        inside: other arguments for Python than those that start the worker.

    Raises:
        CourseError: if bubblewrap is not installed.
    """
    bwrap, plan = _bwrap(), layout()
    start = _START.format(paths=list(plan.paths), main="main", arguments="")
    arguments = inside if inside is not None else ["-c", start]
    course = Bind(str(library), "/course")
    outer: list[str] = []
    source = {bind: bind.source for bind in (*plan.binds, course)}
    if os.geteuid() == 0:
        outer = [bwrap, "--die-with-parent", "--ro-bind", "/usr", "/usr"]
        for target, name in plan.symlinks:
            outer += ["--symlink", target, name]
        for folder in ("bin", "sbin"):
            if os.path.islink(f"/{folder}"):
                outer += ["--symlink", os.readlink(f"/{folder}"), f"/{folder}"]
            elif os.path.isdir(f"/{folder}"):
                outer += ["--ro-bind", f"/{folder}", f"/{folder}"]
        # bubblewrap builds its root on /tmp.
        outer += ["--perms", "0755", "--dir", "/from", "--dir", "/tmp"]
        for number, bind in enumerate(source):
            if not bind.source.startswith("/usr/"):
                source[bind] = f"/from/{number}"
                outer += ["--ro-bind", bind.source, source[bind]]
        if not bwrap.startswith(("/usr/", "/bin/")):
            outer += ["--ro-bind", bwrap, "/from/bwrap"]
            bwrap = "/from/bwrap"
        # This /proc is seen by programs of ours alone; the sandbox makes its own.
        outer += ["--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev", "--"]
        # A user that nobody else is, another for each sandbox.
        user = str(random.SystemRandom().randrange(1 << 20, 1 << 30))
        outer += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        outer += ["--no-new-privs", "--"]
    inner = [bwrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    if _can_disable_namespaces():
        inner += ["--disable-userns"]
    inner += ["--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--clearenv"]
    inside_settings = {
        **SETTINGS,
        "PATH": os.path.dirname(plan.python),
        "HOME": "/tmp",
        "MPLCONFIGDIR": "/tmp",
        "AIGC_EDU_STATE": "/tmp/state",
        "AIGC_EDU_CACHE": "/tmp/cache",
        "LD_LIBRARY_PATH": plan.libraries,
    }
    for name, value in inside_settings.items():
        inner += ["--setenv", name, value]
    for bind, place in source.items():
        inner += ["--ro-bind", place, bind.inside]
    for target, name in plan.symlinks:
        inner += ["--symlink", target, name]
    for mask in plan.masks:
        inner += ["--size", "4096", "--tmpfs", mask, "--remount-ro", mask]
    size = str(TMP_MB << 20)
    inner += ["--proc", "/proc", "--dev", "/dev"]
    inner += ["--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    inner += ["--size", size, "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/tmp"]
    return [*outer, *inner, "--", plan.python, "-I", "-S", *arguments]


_disables: bool | None = None


def _can_disable_namespaces() -> bool:
    global _disables
    if _disables is None:
        said = subprocess.run([_bwrap(), "--help"], capture_output=True, text=True, check=False)
        _disables = "--disable-userns" in said.stdout + said.stderr
    return _disables


def plain_command(library: Path, fork: bool) -> list[str]:
    """The command that runs the worker as the user's own process: no sandbox at all."""
    # A folder of the environment, before this one's own aigc_edu.
    paths = [str(library), *_package_folders()]
    main, arguments = ("main", "boxed=False") if fork else ("main_plain", "")
    start = _START.format(paths=paths, main=main, arguments=arguments)
    return [sys.executable, "-I", "-S", "-c", start]


def plain_environment(home: Path) -> dict[str, str]:
    """The environment of the plain worker: as in the sandbox, with what the system needs."""
    needed = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    kept = {name: os.environ[name] for name in needed if name in os.environ}
    place = str(home)
    own = {"HOME": place, "USERPROFILE": place, "MPLCONFIGDIR": place, "AIGC_EDU_STATE": place}
    return {**kept, **SETTINGS, **own}


def require_sandbox(library: Path) -> None:
    """Make a sandbox and run one line in it.

    Raises:
        CourseError: if that does not work; the sentence names the remedy.
    """
    if sys.platform != "linux":
        raise CourseError(
            "The sandbox for submissions needs Linux: grade on a Linux machine, in a virtual "
            "machine or in WSL 2, or say --unsafe if you would run every one of them yourself."
        )
    line = "import os; os.listdir('/course'); import math; print('inside', os.getuid())"
    command = boxed_command(library, ["-c", line])
    try:
        tried = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
        reason = " ".join(tried.stderr.split())[-200:] or f"exit code {tried.returncode}"
    except (OSError, subprocess.TimeoutExpired) as error:
        tried, reason = None, str(error)[:200]
    if tried is None or tried.returncode or tried.stdout.strip() != "inside 1000":
        raise CourseError(
            f"bubblewrap is installed and cannot make a sandbox here ({reason}): allow user "
            "namespaces (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu 24.04 "
            "kernel.apparmor_restrict_unprivileged_userns=0 or an AppArmor profile for bwrap; in "
            "a container, run it with SYS_ADMIN or grade outside of it), or say --unsafe if you "
            "would run every submission yourself."
        )


# ------------------------------------------------------------------- limits of the tree


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
    found = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _mounts() -> dict[str, str]:
    """Controller ("" for the unified hierarchy) → where it is mounted."""
    found = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind == "cgroup2":
            found[""] = before.split()[4]
        elif kind == "cgroup":
            for option in options.split(","):
                found.setdefault(option.split()[-1], before.split()[4])
    return found


def _make_v2(name: str, memory_mb: int, processes: int) -> Cgroup | None:
    try:
        mount = Path(_mounts()[""])
        place = mount / _own_groups()[""].lstrip("/")
    except (KeyError, OSError, ValueError):
        return None
    # A group with processes of its own cannot pass controllers on: then one above it.
    for parent in (place, *place.parents):
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
