"""What this machine has, and what would go wrong: in lesson 00 and as ``aigc-edu doctor``.

Nothing is changed and nothing leaves the machine.
"""

import contextlib
import importlib.metadata
import os
import platform
import re
import shutil
import socket
import struct
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from aigc_edu import paths
from aigc_edu.errors import CourseError

Status = Literal["ok", "warn", "fail"]

INSTALL = "run 'make setup' (or 'python bootstrap.py setup')"


class Finding(NamedTuple):
    """One line of the report.

    Attributes:
        name: what was looked at.
        status: "ok", "warn" (works, with less) or "fail" (lessons will not run).
        detail: what was found.
        advice: what to do about it; empty where all is well.
    """

    name: str
    status: Status
    detail: str
    advice: str = ""


def examine() -> list[Finding]:
    """Look at everything the course rests on; a check that breaks is itself a finding."""
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("Python", _python),
        ("packages", _packages),
        ("processor", _processor),
        ("memory", _memory),
        ("disk", _disk),
        ("PyTorch", _torch),
        ("device", _device),
        ("precision", _precision),
        ("widgets", _widgets),
        ("digits", _digits),
        ("weights", _weights),
        ("data sets", _data_sets),
        ("cache", lambda: _folder("cache", paths.cache_dir(), "AIGC_EDU_CACHE")),
        ("progress", lambda: _folder("progress", paths.state_dir(), "AIGC_EDU_STATE")),
        ("port", _port),
    ]
    findings = []
    for name, check in checks:
        try:
            findings.append(check())
        except CourseError as error:
            findings.append(Finding(name, "fail", str(error)))
        except ModuleNotFoundError as error:
            findings.append(Finding(name, "fail", f"{error.name} is missing", INSTALL))
        except Exception as error:
            detail = f"{type(error).__name__}: {error}"
            findings.append(Finding(name, "fail", detail, f"set up again: {INSTALL}"))
    return findings


def doctor() -> None:
    """Print the report, one line a finding (used in lesson 00)."""
    print(as_text(examine()))


def as_text(findings: list[Finding]) -> str:
    """The findings as a plain text table, at most 100 columns wide.

    >>> print(as_text([Finding("disk", "warn", "0.5 GB free", "free some")]))
    warn  disk       0.5 GB free
                     -> free some
    <BLANKLINE>
    The course runs here; 1 warning.
    """
    lines = []
    for finding in findings:
        head = f"{finding.status:<5} {finding.name:<10} "
        lines += textwrap.wrap(
            finding.detail or "-", 100, initial_indent=head, subsequent_indent=" " * len(head)
        )
        if finding.advice:
            lines += textwrap.wrap(
                finding.advice,
                100,
                initial_indent=" " * len(head) + "-> ",
                subsequent_indent=" " * (len(head) + 3),
            )
    failed = sum(finding.status == "fail" for finding in findings)
    warned = sum(finding.status == "warn" for finding in findings)
    warnings = f"{warned} warning{'s' if warned != 1 else ''}"
    if failed:
        verdict = f"Something must be put right first: {failed} failed, {warnings}."
    elif warned:
        verdict = f"The course runs here; {warnings}."
    else:
        verdict = "The course runs here; all is well."
    return "\n".join([*lines, "", verdict])


def _python() -> Finding:
    version = platform.python_version()
    bits = struct.calcsize("P") * 8
    detail = f"{version}, {bits} bits, {platform.system()} {platform.machine()}"
    if sys.version_info < (3, 11) or bits < 64:
        return Finding("Python", "fail", detail, "install a 64-bit Python 3.11, 3.12 or 3.13")
    if sys.version_info >= (3, 14):
        return Finding(
            "Python", "warn", detail, "the course is tested on 3.11 to 3.13; use one of these"
        )
    return Finding("Python", "ok", detail)


def tested_versions() -> dict[str, str]:
    """The versions the course was tested with (``constraints.txt``): name -> version.

    >>> tested_versions()["torch"]
    '2.13.0'
    """
    root = paths.course_root()
    file = root / "constraints.txt" if root else paths.PACKAGE / "_constraints.txt"
    if not file.is_file():
        return {}
    pins = (line.partition("==") for line in file.read_text(encoding="utf-8").splitlines())
    return {name.strip(): version.strip() for name, sign, version in pins if sign}


def _requirements() -> list[tuple[str, bool]]:
    """What the course asks for directly: (name, whether nothing runs without it)."""
    packages = []
    for line in importlib.metadata.requires("aigc-edu") or []:
        name = re.match(r"[A-Za-z0-9._-]+", line)
        if name is None:
            continue
        if "extra ==" not in line:
            packages.append((name.group(), True))
        elif re.search(r"extra == ['\"]lab['\"]", line):
            packages.append((name.group(), False))
    return packages


def _packages() -> Finding:
    tested = tested_versions()
    requirements = _requirements()
    missing: list[str] = []
    without_lab: list[str] = []
    other: list[str] = []
    for name, needed in requirements:
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            (missing if needed else without_lab).append(name)
            continue
        pinned = tested.get(re.sub(r"[-_.]+", "-", name).lower())
        # '+cpu' and the like name a build of the same version.
        if pinned is not None and version.partition("+")[0] != pinned:
            other.append(f"{name} {version} (tested: {pinned})")
    if missing:
        return Finding("packages", "fail", "missing: " + ", ".join(missing), INSTALL)
    if without_lab:
        return Finding("packages", "warn", f"missing: {', '.join(without_lab)}", INSTALL)
    if other:
        return Finding(
            "packages", "warn", "other versions than tested: " + ", ".join(other), INSTALL
        )
    return Finding("packages", "ok", f"all {len(requirements)} are the tested versions")


def _processor() -> Finding:
    if hasattr(os, "sched_getaffinity"):
        usable = len(os.sched_getaffinity(0))
    else:
        usable = os.cpu_count() or 1
    if usable < 2:
        return Finding(
            "processor", "warn", "1 core", "training takes about twice as long; use 2 or more"
        )
    return Finding("processor", "ok", f"{usable} cores")


def _free_memory() -> int | None:
    with contextlib.suppress(ImportError):
        import psutil

        return int(psutil.virtual_memory().available)
    with contextlib.suppress(OSError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _memory() -> Finding:
    free = _free_memory()
    if free is None:
        return Finding("memory", "ok", "not known on this system")
    detail = f"{free / 1e9:.1f} GB free"
    if free < 0.7e9:
        return Finding("memory", "fail", detail, "close other programs: a lesson needs 1 to 2 GB")
    if free < 2e9:
        return Finding("memory", "warn", detail, "run one lesson at a time, close other kernels")
    return Finding("memory", "ok", detail)


def _disk() -> Finding:
    folder = _existing(paths.state_dir())
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1e9:.1f} GB free at {folder}"
    if free < 0.1e9:
        return Finding("disk", "fail", detail, "free some: work cannot be saved on a full disk")
    if free < 1e9:
        return Finding("disk", "warn", detail, "free some: checkpoints and data sets need room")
    return Finding("disk", "ok", detail)


def _torch() -> Finding:
    import torch

    # Importing is not proof: a build that does not fit the machine breaks when it computes.
    result = float((torch.ones(8, 8) @ torch.ones(8, 8)).sum())
    if result != 512.0:
        return Finding("PyTorch", "fail", f"{torch.__version__} computes wrongly", INSTALL)
    return Finding("PyTorch", "ok", f"{torch.__version__}, {torch.get_num_threads()} threads")


def _device() -> Finding:
    import torch

    from aigc_edu.training import device

    chosen = device()
    if chosen.type == "cuda":
        memory = torch.cuda.get_device_properties(chosen).total_memory
        detail = f"{torch.cuda.get_device_name(chosen)}, {memory / 1e9:.0f} GB"
    elif chosen.type == "mps":
        detail = "Apple GPU"
    else:
        detail = "CPU (no GPU is needed)"
    return Finding("device", "ok", detail)


def _precision() -> Finding:
    from aigc_edu.training import device, mixed_precision

    # mixed_precision asks the hardware; what it hands back is torch.autocast where it is used.
    used = type(mixed_precision(device())).__name__ == "autocast"
    return Finding("precision", "ok", "bfloat16 where it is faster" if used else "float32")


def _widgets() -> Finding:
    versions = {
        name: importlib.metadata.version(name) for name in ("ipywidgets", "anywidget", "ipykernel")
    }
    detail = ", ".join(f"{name} {version}" for name, version in versions.items())
    if not versions["ipykernel"].startswith("7.3."):
        return Finding(
            "widgets", "warn", detail, f"buttons work during training on ipykernel 7.3: {INSTALL}"
        )
    return Finding("widgets", "ok", detail)


def _digits() -> Finding:
    from aigc_edu.data import load_digits

    # Loading compares every array with its known SHA-256.
    counts = [len(load_digits(split).labels) for split in ("train", "test")]
    return Finding("digits", "ok", f"{counts[0]:,} to train on, {counts[1]:,} to test; hashes hold")


def _weights() -> Finding:
    from aigc_edu.models import load_classifier, load_decoder

    load_classifier()
    load_decoder()
    return Finding("weights", "ok", "classifier and decoder")


def _data_sets() -> Finding:
    from aigc_edu.data import fetch
    from aigc_edu.data.catalog import DATA_SETS

    there, damaged = [], []
    for what in DATA_SETS.values():
        states = {fetch.state_of(what, file) for file in what.files}
        if states == {"ok"}:
            there.append(what.name)
        elif states != {"missing"}:
            damaged.append(what.name)
    if damaged:
        commands = " and ".join(f"'aigc-edu data get {name}'" for name in damaged)
        return Finding("data sets", "warn", f"incomplete: {', '.join(damaged)}", f"run {commands}")
    return Finding("data sets", "ok", ", ".join(there) or "none fetched (no lesson needs one)")


def _existing(folder: Path) -> Path:
    """The folder itself or the nearest one above it that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _folder(name: str, folder: Path, variable: str) -> Finding:
    """Whether a folder can be written, without leaving one behind."""
    existing = _existing(folder)
    try:
        # A real file: permission bits alone say nothing about root, quotas or read-only disks.
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        detail = f"{folder} cannot be written ({error.strerror})"
        return Finding(name, "fail", detail, f"set {variable} to a folder of your own")
    return Finding(name, "ok", str(folder))


def _port() -> Finding:
    def free(port: int) -> bool:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
            return True

    if not free(0):
        return Finding(
            "port",
            "fail",
            "no port of this machine can be opened",
            "a firewall or sandbox forbids it: 'aigc-edu run 00' works without a browser",
        )
    return Finding(
        "port",
        "ok",
        "8888 is free" if free(8888) else "8888 is taken; JupyterLab takes the next one",
    )


def as_json(findings: list[Finding]) -> list[dict[str, Any]]:
    """The findings for programs: name, status, detail, advice.

    >>> as_json([Finding("port", "ok", "8888 is free")])
    [{'name': 'port', 'status': 'ok', 'detail': '8888 is free', 'advice': ''}]
    """
    return [finding._asdict() for finding in findings]
