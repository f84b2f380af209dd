"""``aigc-edu lab``: the learner's own copy of the lessons, in JupyterLab, on this machine only."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import click

from aigc_edu import paths, workspace
from aigc_edu.errors import CourseError

FIRST = "00_start_here.ipynb"


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    help="Your copy of the lessons (default: work/ in the checkout, or else in this folder).",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to use if it is free.")
@click.option("--lay-only", is_flag=True, help="Lay out the lessons and stop there.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def command(
    work: Path | None, no_browser: bool, port: int | None, lay_only: bool, options: tuple[str, ...]
) -> None:
    """Lay out your own copy of the lessons and open JupyterLab on lesson 00.

    What you wrote is never overwritten. OPTIONS go on to JupyterLab.
    """
    root = paths.course_root()
    if work is None:
        work = (root or Path.cwd()) / "work"
    work = work.expanduser().absolute()
    for sentence in lay_out(work):
        click.echo(sentence)
    if lay_only:
        click.echo(f"Your copy of the lessons is in {work}.")
        return
    if importlib.util.find_spec("jupyterlab") is None:
        raise CourseError(
            "JupyterLab is missing: run 'make setup' (or 'python bootstrap.py setup') in the "
            "course's folder, or 'pip install \"aigc-edu[lab]\"'."
        )
    arguments = jupyterlab_arguments(work, no_browser=no_browser, port=port)
    click.echo(f"Your copy of the lessons is in {work}. Ctrl+C here ends JupyterLab.")
    sys.stdout.flush()
    start([*arguments, *options])


def lay_out(work: Path) -> list[str]:
    """Lay the lessons into ``work`` and, outside a checkout, the solutions beside it.

    Lessons link to ``../solutions/``; from ``work`` in a checkout that is the course's own
    folder, anywhere else a copy is laid, kept in the same way.

    Returns:
        What to tell the learner, one sentence each.
    """
    root = paths.course_root()
    copies = workspace.lay(paths.lessons_dir(), work)
    if not (copies.fresh or any(work.glob("*.ipynb"))):
        raise CourseError(
            "This installation holds no lessons: install the course again, or run "
            "'aigc-edu build' in a checkout."
        )
    sentences = copies.sentences()
    if root is None or work.parent != root:
        sentences += workspace.lay(paths.solutions_dir(), work.parent / "solutions").sentences()
    return sentences


def jupyterlab_arguments(work: Path, *, no_browser: bool, port: int | None) -> list[str]:
    """The command line that starts JupyterLab on lesson 00 with the course's settings.

    The root is the folder above ``work``, so that links to ``../solutions/`` lead somewhere.
    Nothing leaves the machine: only localhost is served, and news, update checks and the
    extension catalog are off (also by ``overrides.json`` in the environment).
    """
    arguments = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={work.parent}",
        f"--LabApp.default_url=/lab/tree/{work.name}/{FIRST}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--ServerApp.contents_manager_class=aigc_edu.commands.contents.CourseContents",
    ]
    if no_browser:
        arguments.append("--no-browser")
    if port is not None:
        arguments.append(f"--port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Containers run as root; the server asks for a token and serves localhost only.
        arguments.append("--allow-root")
    return arguments


def start(arguments: list[str]) -> None:
    """Become JupyterLab (on Windows: wait for it and end with its exit code)."""
    if os.name == "nt":
        sys.exit(subprocess.call(arguments))
    os.execv(arguments[0], arguments)
