"""Run the notebooks under nbval: ``python tests/notebooks/run.py lessons|solutions [NN ...]``.

Lessons (lax): every cell runs to its end with the quick budget, and every exercise is "not
started". Solutions (strict): the outputs are the stored ones, with the full budget on the CPU
with one thread, the settings that ``aigc-edu build`` used, and every exercise is "right".
"""

import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONGEST = 3600  # seconds; the plugin sets a limit for each notebook, this one is the last resort


def arguments(given: list[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """The parsed command line, and what is passed on to pytest."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("lessons", "solutions"))
    parser.add_argument("numbers", nargs="*", metavar="NN", help="only these lessons")
    parser.add_argument("--workers", type=int, default=2, help="notebooks at a time (2)")
    parser.add_argument("--root", type=Path, default=HERE.parent.parent, help="the checkout")
    return parser.parse_known_args(given)


def pytest_command(options: argparse.Namespace) -> list[str]:
    """What pytest is called with, or [] if no notebook fits."""
    folder = options.root / options.what
    wanted = {number.zfill(2) for number in options.numbers}
    notebooks = [
        path for path in sorted(folder.glob("*.ipynb")) if not wanted or path.name[:2] in wanted
    ]
    if not notebooks:
        return []
    mode = ["--nbval-lax"]
    if options.what == "solutions":
        mode = ["--nbval", "--nbval-sanitize-with", str(HERE / "sanitize.cfg")]
    command = [
        "-p", "course_notebooks",
        *mode,
        "--nbval-current-env",
        "--nbval-cell-timeout", str(LONGEST),
        "--timeout", str(LONGEST),
        "-p", "no:cacheprovider",
        "--rootdir", str(options.root),
    ]  # fmt: skip
    if options.workers > 1:
        # Without loadfile the cells of one notebook would be split over workers.
        command += ["-n", str(min(options.workers, len(notebooks))), "--dist", "loadfile"]
    return command + [str(path) for path in notebooks]


def main(given: list[str] | None = None) -> int:
    """Run; returns pytest's exit code, 5 if there was nothing to run."""
    options, more = arguments(given)
    command = pytest_command(options)
    if not command:
        print(f"No notebooks to run in {options.root / options.what}.", file=sys.stderr)
        return 5
    # The plugin stands beside this file; xdist's workers look for it there too.
    sys.path.insert(0, str(HERE))
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(HERE), os.environ.get("PYTHONPATH", "")])
    )
    import pytest

    return int(pytest.main([*command, *more]))


if __name__ == "__main__":
    sys.exit(main())
