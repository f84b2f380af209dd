"""The ``aigc-edu`` command. Each subcommand lives in ``aigc_edu/commands`` and loads when used."""

import errno
import importlib
import os
import sys

import click

from aigc_edu import __version__
from aigc_edu.errors import CourseError

# Name on the command line -> (module in aigc_edu.commands, one line for --help).
# The line stands here so that --help imports nothing heavy.
COMMANDS = {
    "lab": ("lab", "Lay out your own copy of the lessons and open JupyterLab on lesson 00."),
    "run": ("run", "Execute a lesson without a browser; leaves a notebook and one HTML file."),
    "exercises": ("exercises", "List every exercise of the course."),
    "progress": ("progress", "Show what you have done so far."),
    "data": ("data", "List, fetch and verify the data sets."),
    "release": ("release", "(lecturers) Write what students get, and by what they are graded."),
    "collect": ("collect", "(lecturers) Collect what students handed in: Canvas, Moodle, folders."),
    "grade": ("grade", "(lecturers) Grade notebooks in a sandbox; --self: one of your own."),
    "regrade": ("regrade", "(lecturers) One question again for everybody, or void."),
    "appeal": ("appeal", "(lecturers) One submission again, with everything shown."),
    "report": ("report", "(lecturers) Marks, gradebooks, feedback and the class as files."),
    "forget": ("forget", "(lecturers) Delete what is kept of a student."),
    "doctor": ("doctor", "Say what this machine has and what would go wrong."),
    "build": ("build", "(authors) Make lessons and solutions from their sources."),
    "new": ("new", "(authors) Start a new lesson."),
    "new-exercise": ("new_exercise", "(authors) Start one more exercise of a lesson."),
    "assets": ("assets", "(authors) Make the embedded data and weights again."),
    "seeds": ("seeds", "(authors) Run a solution over several seeds and keep its figures."),
}


class LazyGroup(click.Group):
    """A click group that imports a subcommand's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"aigc_edu.commands.{COMMANDS[name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="aigc-edu")
def group() -> None:
    """The course's command: run lessons, list exercises, fetch data, grade."""


def _file_system_sentence(error: OSError) -> str | None:
    """One sentence for what the disk refuses, wherever it happens; None for anything else."""
    place = error.filename or "the disk"
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return f"The disk is full ({place}): free some space and run the same command again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{place} cannot be written or read: choose another folder, or set AIGC_EDU_STATE and "
            "AIGC_EDU_CACHE to folders of your own."
        )
    return None


def main() -> None:
    """Run the command; a CourseError becomes one sentence on stderr and exit code 1."""
    try:
        group()
    except CourseError as error:
        click.echo(f"aigc-edu: {error}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        click.echo(
            f"aigc-edu: the package {error.name!r} is missing: run 'make setup' "
            "(or 'python bootstrap.py setup') to install what the course needs.",
            err=True,
        )
        sys.exit(1)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # The reader of our output went away ('| head'): nothing to report, and
            # Python must not complain while flushing at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        sentence = _file_system_sentence(error)
        if sentence is None:
            raise
        click.echo(f"aigc-edu: {sentence}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
