"""The sandbox: bubblewrap with an interpreter, the packages, the course's library, no more.

Inside there is no network, no file of the host but these (read-only), no other process,
no environment, and a user that owns nothing. ``/tmp`` and ``/dev/shm`` are small and of
memory. Started by root, the sandbox first becomes a user of its own: a first, outer
bubblewrap binds what may lie in a folder that only root can enter (a Python under
``/root``) to another place, so that no permission on the host is loosened.
"""

import glob
import os
import random
import shutil
import subprocess
import sys
import sysconfig
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
    """A path of the host, and where it is, read-only, inside."""

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

    folders = [Path(module.__file__ or "").resolve().parent.parent for module in (torch, numpy)]
    folders += [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))]
    return list(dict.fromkeys(os.path.realpath(folder) for folder in folders))


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
        path = inside(folder)
        if path is None:
            path = f"/packages/{number}"
            binds.append(Bind(folder, path))
        paths.append(path)
    masks = []
    for bind in binds:
        # An installed course holds its answers: nothing of it may be seen.
        for pattern in ("aigc_edu", "*/site-packages/aigc_edu", "*/*/site-packages/aigc_edu"):
            for course in glob.glob(os.path.join(glob.escape(bind.source), pattern)):
                masks.append(bind.inside + course[len(bind.source) :])
    libraries = "/py/lib" if prefix != "/usr" else ""
    return Layout(
        tuple(binds), tuple(masks), tuple(symlinks), python, libraries, ("/course", *paths)
    )


def _bwrap() -> str:
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise CourseError(
            "Grading runs submissions in a sandbox, and bubblewrap is not installed: install it "
            "(Debian and Ubuntu: 'apt install bubblewrap'; Fedora: 'dnf install bubblewrap'), or "
            "say --unsafe if you would run every one of them yourself."
        )
    return bwrap


def boxed_command(library: Path, inside: list[str] | None = None) -> list[str]:
    """The command that runs the worker in the sandbox.

    Args:
        library: what :func:`~aigc_edu.grading.sandbox.library.build_library` made.
        inside: other arguments for Python than those that start the worker.

    Raises:
        CourseError: if bubblewrap is not installed.
    """
    bwrap, plan = _bwrap(), layout()
    start = _START.format(paths=list(plan.paths), main="main", arguments="")
    arguments = inside if inside is not None else ["-c", start]
    # Where the sandbox takes each folder from: the host, or where the outer one laid it.
    sources = {bind: bind.source for bind in (*plan.binds, Bind(str(library), "/course"))}
    outer: list[str] = []
    if os.geteuid() == 0:
        outer, bwrap, sources = _as_another_user(bwrap, plan, sources)
    # The order of bubblewrap's words counts: each is done on what those before it have made.
    # First what the processes inside are: alone, powerless, dead with the grader.
    inner = [bwrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    if _can_disable_namespaces():
        inner += ["--disable-userns"]
    inner += ["--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--clearenv"]
    settings = {
        **SETTINGS,
        "PATH": os.path.dirname(plan.python),
        "HOME": "/tmp",
        "MPLCONFIGDIR": "/tmp",
        "AIGC_EDU_STATE": "/tmp/state",
        "AIGC_EDU_CACHE": "/tmp/cache",
        "LD_LIBRARY_PATH": plan.libraries,
    }
    for name, value in settings.items():
        inner += ["--setenv", name, value]
    # Then what they can read, and empty folders over what they may not.
    for bind, source in sources.items():
        inner += ["--ro-bind", source, bind.inside]
    for target, name in plan.symlinks:
        inner += ["--symlink", target, name]
    for mask in plan.masks:
        inner += ["--size", "4096", "--tmpfs", mask, "--remount-ro", mask]
    # Last the two small folders of memory; / and /dev are closed around them.
    size = str(TMP_MB << 20)
    inner += ["--proc", "/proc", "--dev", "/dev"]
    inner += ["--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    inner += ["--size", size, "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/tmp"]
    return [*outer, *inner, "--", plan.python, "-I", "-S", *arguments]


def _as_another_user(
    bwrap: str, plan: Layout, sources: dict[Bind, str]
) -> tuple[list[str], str, dict[Bind, str]]:
    """For root: what stands before the sandbox's command, so that it is made by somebody else.

    The other user could not enter a Python under ``/root``, nor the library's folder. So a
    first bubblewrap, still root's, shows these under ``/from`` in a root of its own; only
    then the user changes, and the sandbox is built from there.

    Returns:
        The words that come first, where bubblewrap itself is then, and where each folder is.
    """
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
    moved = dict(sources)
    for number, bind in enumerate(sources):
        if not bind.source.startswith("/usr/"):  # /usr is there as it is
            moved[bind] = f"/from/{number}"
            outer += ["--ro-bind", bind.source, moved[bind]]
    if not bwrap.startswith(("/usr/", "/bin/")):
        outer += ["--ro-bind", bwrap, "/from/bwrap"]
        bwrap = "/from/bwrap"
    # This /proc is seen by programs of ours alone; the sandbox makes its own.
    outer += ["--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev", "--"]
    # A user that nobody else is, another for each sandbox.
    user = str(random.SystemRandom().randrange(1 << 20, 1 << 30))
    outer += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    outer += ["--no-new-privs", "--"]
    return outer, bwrap, moved


_disables: bool | None = None


def _can_disable_namespaces() -> bool:
    global _disables
    if _disables is None:
        usage = subprocess.run([_bwrap(), "--help"], capture_output=True, text=True, check=False)
        _disables = "--disable-userns" in usage.stdout + usage.stderr
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
    inherited = {name: os.environ[name] for name in needed if name in os.environ}
    own = dict.fromkeys(("HOME", "USERPROFILE", "MPLCONFIGDIR", "AIGC_EDU_STATE"), str(home))
    return {**inherited, **SETTINGS, **own}


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
