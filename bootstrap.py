"""Set up the course and start it: ``python bootstrap.py lab``. Needs nothing but Python itself.

Works from a checkout (installs the course in place) and from an offline bundle (a folder
``wheels`` lies beside this file; nothing is asked of the network).

The syntax is deliberately old: an old Python must be able to read this file in order to say
that it is too old. No f-strings, no annotations.
"""

from __future__ import print_function

import sys

OLDEST = (3, 11)


def refuse_old_python(version, executable):
    """Return the one sentence for a Python that is too old, or None if it will do."""
    if tuple(version[:2]) >= OLDEST:
        return None
    return (
        "Python {0}.{1} or newer is needed, this is {2} ({3}): install one from "
        "https://www.python.org/downloads/ and run this file with it, "
        "for instance 'python3.{1} bootstrap.py lab' or 'make lab PYTHON=python3.{1}'."
    ).format(OLDEST[0], OLDEST[1], ".".join(str(part) for part in version[:3]), executable)


if __name__ == "__main__":
    SENTENCE = refuse_old_python(sys.version_info, sys.executable)
    if SENTENCE is not None:
        sys.stderr.write(SENTENCE + "\n")
        sys.exit(1)

import errno
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WHEELS = os.path.join(HERE, "wheels")
# Ours is in every environment that this file made; one without it is never touched.
MARKER = ".aigc-edu.json"
LEARNER = ("lab",)
DEVELOPER = ("grading", "lab", "test")
# A CPU-only environment measures a little over 1 GB; pip unpacks beside it for a moment.
ROOM_NEEDED = 2 * 1000**3

BENCHMARKS = ("training", "growth", "threads", "costs", "live_view", "grading", "cleaning")

HELP = """\
python bootstrap.py COMMAND        (make COMMAND does the same where make is there)

  lab [OPTIONS]      set up, lay out your copy of the lessons, open JupyterLab on lesson 00
                     (--no-browser, --port N, --work DIR and JupyterLab's own options go through)
  setup [--all]      the set-up alone; --all adds what the tests need
  test [PART ...]    set up and run every check; parts: lint unit bench lessons solutions browser
                     fresh (browser is left out where there is none)
  test-browser       the part in a browser alone; installs Chromium where it can (apt, as root)
  quick              the checks that take under three minutes: lint, and unit without slow ones
  bench [NAME ...]   time it (benchmarks/): training growth threads costs live_view grading
                     cleaning, about three quarters of an hour; paper_table when it is named;
                     options go to the program named: bench training --write
  format             put the code in order (ruff)
  bundle [--out DIR] an offline install for a lab room: wheels, lessons, this file
  clean              remove the environment and what was built; never what you wrote in work/

  --venv DIR         (all commands) keep the environment in DIR instead of .venv beside this file
"""


class Stop(Exception):
    """One sentence for the person at the keyboard."""


def main(arguments):
    """Run one command; return the exit code."""
    arguments = list(arguments)
    try:
        # Never write through a user's own install options, nor import from their folders.
        for name in ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"):
            os.environ.pop(name, None)
        venv = os.path.abspath(take_option(arguments, "--venv") or os.path.join(HERE, ".venv"))
        command = arguments.pop(0) if arguments else "help"
        if command in ("help", "-h", "--help"):
            print(HELP, end="")
            return 0
        if command not in COMMANDS:
            raise Stop(
                "There is no command '{0}': the commands are {1}.".format(
                    command, ", ".join(sorted(COMMANDS))
                )
            )
        if is_bundle() and command not in ("lab", "setup", "clean"):
            raise Stop("'{0}' needs the course's repository, not a bundle.".format(command))
        return COMMANDS[command](venv, arguments)
    except Stop as stop:
        sys.stdout.flush()
        sys.stderr.write(str(stop) + "\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The same command goes on from here.\n")
        return 130
    except OSError as error:
        sys.stderr.write(explain_os_error(error, HERE) + "\n")
        return 1


def take_option(arguments, name):
    """Remove ``name VALUE`` or ``name=VALUE`` from the arguments and return the value."""
    for index, argument in enumerate(arguments):
        if argument == name:
            if index + 1 == len(arguments):
                raise Stop("{0} needs a value.".format(name))
            arguments.pop(index)
            return arguments.pop(index)
        if argument.startswith(name + "="):
            return arguments.pop(index)[len(name) + 1 :]
    return None


def no_more(arguments):
    """Refuse arguments that a command does not know."""
    if arguments:
        raise Stop(
            "'{0}' is not understood here: run 'python bootstrap.py help'.".format(arguments[0])
        )


def is_bundle():
    """Whether this file lies in an offline bundle rather than in a checkout."""
    return os.path.isdir(WHEELS) and not os.path.exists(os.path.join(HERE, "pyproject.toml"))


# ---------------------------------------------------------------- the environment


def python_in(venv):
    """The interpreter of an environment."""
    if os.name == "nt":
        return os.path.join(venv, "Scripts", "python.exe")
    return os.path.join(venv, "bin", "python")


def packages_in(venv):
    """Names of everything in the environment's site-packages, without caches."""
    if os.name == "nt":
        folders = [os.path.join(venv, "Lib", "site-packages")]
    else:
        folders = glob.glob(os.path.join(venv, "lib", "python*", "site-packages"))
    names = set()
    for folder in folders:
        if os.path.isdir(folder):
            names.update(os.listdir(folder))
    return sorted(name for name in names if name != "__pycache__" and not name.startswith("~"))


def identity(venv):
    """What an environment is made of: two of them, one to rebuild on and one to install on.

    ``base`` changes when another Python is used or the folder was moved: scripts and links
    inside an environment hold absolute paths, so it is made anew. ``content`` changes when
    the course asks for other packages: pip then brings the environment up to date.
    """
    base = [sys.version, os.path.realpath(sys.prefix), HERE, venv]
    content = hashlib.sha256()
    if is_bundle():
        content.update(repr(sorted(os.listdir(WHEELS))).encode())
        sources = ["constraints.txt"]
    else:
        sources = ["constraints.txt", "pyproject.toml", "hatch_build.py", "jupyter/overrides.json"]
        sources.append("aigc_edu/__init__.py")
    for source in sources:
        with open(os.path.join(HERE, source), "rb") as file:
            content.update(file.read() + b"\0")
    return {
        "base": hashlib.sha256("\n".join(base).encode()).hexdigest(),
        "content": content.hexdigest(),
    }


def read_marker(venv):
    """What this file wrote about an environment; {} where it is unreadable, None where absent."""
    path = os.path.join(venv, MARKER)
    if not os.path.exists(path):
        return None
    try:
        with open(path) as file:
            marker = json.load(file)
        return marker if isinstance(marker, dict) else {}
    except (OSError, ValueError):
        return {}


def write_marker(venv, marker):
    """Write the marker in one step, so that a kill leaves the old or the new one."""
    path = os.path.join(venv, MARKER)
    with open(path + ".part", "w") as file:
        json.dump(marker, file)
    os.replace(path + ".part", path)


def ready(venv, extras):
    """Whether the environment holds what is asked for (a few milliseconds)."""
    marker = read_marker(venv)
    return bool(
        marker
        and marker.get("state") == "ready"
        and {key: marker.get(key) for key in ("base", "content")} == identity(venv)
        and set(extras) <= set(marker.get("extras", ()))
        and whole(venv, marker)
    )


def whole(venv, marker):
    """Whether everything that was installed is still there and the interpreter still exists."""
    return os.path.exists(python_in(venv)) and set(marker.get("packages", ())) <= set(
        packages_in(venv)
    )


def set_up(venv, extras):
    """Make the environment ready; return its interpreter."""
    if ready(venv, extras):
        return python_in(venv)
    started = time.time()
    marker = read_marker(venv)
    now = identity(venv)
    if marker is None and os.path.isdir(venv) and os.listdir(venv):
        raise Stop(
            "{0} was not made by bootstrap.py and is left alone: move it away, or choose "
            "another folder with --venv DIR.".format(venv)
        )
    in_place = bool(
        marker
        and marker.get("state") == "ready"
        and marker.get("base") == now["base"]
        and whole(venv, marker)
    )
    if in_place:
        # Whoever has the tests' packages keeps them up to date too.
        extras = sorted(set(extras) | set(marker.get("extras", ())))
        print("Bringing the environment up to date ...")
    else:
        if marker is not None:
            print("The environment is unfinished, damaged or was moved: making it again ...")
        make_environment(venv)
    sys.stdout.flush()
    write_marker(venv, {"state": "installing"})
    install(venv, extras)
    write_marker(
        venv,
        {
            "state": "ready",
            "base": now["base"],
            "content": now["content"],
            "extras": sorted(extras),
            "packages": packages_in(venv),
        },
    )
    print("Set up in {0:.0f} s.".format(time.time() - started))
    sys.stdout.flush()
    return python_in(venv)


def make_environment(venv):
    """Make an empty environment where none, or only a broken one of ours, is."""
    try:
        import ensurepip  # noqa: F401
        import venv as _  # noqa: F401
    except ImportError:
        raise Stop(
            "This Python cannot make environments ('venv' is missing): install it, on Debian "
            "and Ubuntu with 'sudo apt install python{0}.{1}-venv', and run the same command "
            "again.".format(*sys.version_info[:2])
        )
    try:
        if os.path.isdir(venv):
            shutil.rmtree(venv)
        os.makedirs(venv)
        # The marker comes first: whatever is interrupted from here on is known to be ours.
        write_marker(venv, {"state": "installing"})
        free = shutil.disk_usage(venv).free
    except OSError as error:
        raise Stop(explain_os_error(error, venv))
    if free < ROOM_NEEDED:
        raise Stop(
            "The disk is too full: {0:.1f} GB are free at {1} and {2:.0f} GB are needed; free "
            "some, or choose another folder with --venv DIR.".format(
                free / 1e9, venv, ROOM_NEEDED / 1e9
            )
        )
    print("Making an environment in {0} ...".format(venv))
    sys.stdout.flush()
    made = subprocess.run(
        [sys.executable, "-m", "venv", venv],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    if made.returncode:
        raise Stop(explain_pip(made.stdout, "", "making the environment"))


def install(venv, extras):
    """Install the course with pip, whose progress is shown; its complaints are kept in a file."""
    wanted = "[{0}]".format(",".join(sorted(extras)))
    constraints = ["-c", os.path.join(HERE, "constraints.txt")]
    if is_bundle():
        wheel = sorted(glob.glob(os.path.join(WHEELS, "aigc_edu-*.whl")))
        if not wheel:
            raise Stop("The bundle holds no wheel of the course: copy the bundle again.")
        source = ["--no-index", "--find-links", WHEELS, "--force-reinstall", wheel[-1] + wanted]
        # The bundle alone: neither the machine's nor the user's settings point elsewhere.
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            del os.environ[name]
        os.environ["PIP_CONFIG_FILE"] = os.devnull
        print("Installing the course from the bundle ...")
    else:
        source = ["-e", "." + wanted]
        print("Installing the course; the first time this downloads some hundred MB ...")
    sys.stdout.flush()
    log = os.path.join(venv, "setup.log")
    command = [python_in(venv), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    code, complaints = run_keeping_errors(command + ["install"] + source + constraints, log)
    if code:
        raise Stop(explain_pip(complaints, log, "installing"))


def run_keeping_errors(command, log):
    """Run with stdout as it is (pip's progress bars); stderr is shown and kept in ``log``."""
    process = subprocess.Popen(command, cwd=HERE, stderr=subprocess.PIPE)
    kept = []
    try:
        for line in process.stderr:
            kept.append(line.decode("utf-8", "replace"))
            sys.stderr.write(kept[-1])
            sys.stderr.flush()
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    text = "".join(kept)
    try:
        with open(log, "w") as file:
            file.write(text)
    except OSError:
        pass  # the disk may be full: what matters was shown
    return process.returncode, text


def explain_os_error(error, place):
    """One sentence for an error of the file system."""
    where = getattr(error, "filename", None) or place
    if error.errno == errno.ENOSPC:
        return (
            "The disk is full at {0}: free about {1:.0f} GB and run the same command again.".format(
                where, ROOM_NEEDED / 1e9
            )
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            "{0} cannot be written: put the course into a folder of your own, or choose one "
            "with --venv DIR.".format(where)
        )
    return "{0}: {1} (at {2}).".format(type(error).__name__, error.strerror or error, where)


NETWORK = (
    "NewConnectionError|NameResolutionError|Temporary failure in name resolution|ProxyError"
    "|ConnectTimeoutError|Connection refused|ReadTimeoutError|Read timed out|SSLError"
    "|Could not fetch URL|Connection aborted|ConnectionResetError|HTTP error|Network is unreachable"
)


def explain_pip(complaints, log, doing):
    """One sentence for what pip said on stderr, with its last error and what to do."""
    lines = [line.strip() for line in complaints.splitlines() if line.strip()]
    # "error: subprocess-exited-with-error" only repeats that the lines above it went wrong.
    errors = [
        line
        for line in lines
        if line.lower().startswith(("error", "oserror")) and "subprocess-exited" not in line
    ]
    last = re.sub(r"^ERROR:\s*", "", (errors or lines or ["no reason given"])[-1])
    if "No space left on device" in complaints or "Errno 28" in complaints:
        advice = "the disk is full: free about {0:.0f} GB".format(ROOM_NEEDED / 1e9)
    elif "Permission denied" in complaints or "Read-only file system" in complaints:
        advice = "a folder cannot be written: put the course into a folder of your own"
    elif re.search(NETWORK, complaints):
        advice = "the package index was not reached: check the network or the proxy"
    elif "requires a different Python" in complaints or "No matching distribution" in complaints:
        advice = (
            "there is no build of it for this Python and system: use a current 64-bit Python "
            "3.11, 3.12 or 3.13"
        )
    elif "ensurepip" in complaints:
        advice = "install Python's venv ('sudo apt install python3-venv' on Debian and Ubuntu)"
    else:
        advice = "look into the log"
    kept = " (pip's messages: {0})".format(log) if log and os.path.exists(log) else ""
    return "{0} stopped at: {1} - {2} and run the same command again{3}.".format(
        doing.capitalize(), last.rstrip("."), advice, kept
    )


# ---------------------------------------------------------------- the browser of the tests

BROWSERS = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
]
BROWSER_PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
]


def find_browser():
    """The path of a Chromium, Chrome or Edge; None where there is none.

    The variable AIGC_EDU_BROWSER names one; where it names none, that is said.
    """
    named = os.environ.get("AIGC_EDU_BROWSER")
    if named:
        found = shutil.which(named)
        if found is None:
            raise Stop("AIGC_EDU_BROWSER is {0}, and no program is there.".format(named))
        return found
    for name in BROWSERS + [os.path.expandvars(place) for place in BROWSER_PLACES]:
        found = shutil.which(name)
        if found:
            return found
    return None


def ensure_browser():
    """The browser's path, after installing one where that can be done without a question."""
    found = find_browser()
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if found is None and root and shutil.which("apt-get"):
        print("No browser was found: installing chromium with apt-get ...")
        sys.stdout.flush()
        subprocess.call(["apt-get", "update", "-qq"])
        subprocess.call(["apt-get", "install", "-y", "-qq", "chromium"], stdout=subprocess.DEVNULL)
        found = find_browser()
    if found is None:
        raise Stop(
            "The tests in a browser need Chromium, Chrome or Edge, and none was found: install "
            "one (on Debian with 'sudo apt install chromium'), or name its program with "
            "AIGC_EDU_BROWSER, and run the same command again."
        )
    return found


# ---------------------------------------------------------------- the commands


def lab(venv, arguments):
    """Set up and hand over to ``aigc-edu lab``."""
    python = set_up(venv, LEARNER)
    command = [python, "-m", "aigc_edu", "lab"] + arguments
    if os.name == "nt":
        return subprocess.call(command)
    sys.stdout.flush()
    os.execv(python, command)  # Ctrl+C then reaches JupyterLab alone
    return 1


def setup(venv, arguments):
    """Set up and say so."""
    everything = "--all" in arguments
    no_more([argument for argument in arguments if argument != "--all"])
    python = set_up(venv, DEVELOPER if everything else LEARNER)
    print("Ready: {0}".format(python))
    return 0


def tidy(venv, arguments):
    """Put the code in order."""
    no_more(arguments)
    ruff = [set_up(venv, DEVELOPER), "-m", "ruff"]
    return max(
        subprocess.call(ruff + ["check", "--fix", "."], cwd=HERE),
        subprocess.call(ruff + ["format", "."], cwd=HERE),
    )


def clean(venv, arguments):
    """Remove what can be made again."""
    no_more(arguments)
    targets = [os.path.join(HERE, name) for name in ("build", "bundle", "dist")]
    if read_marker(venv) is not None:
        targets.insert(0, venv)
    for target in targets:
        if os.path.isdir(target):
            shutil.rmtree(target)
            print("Removed {0}".format(target))
    return 0


# Settings under which the stored outputs were made; every part of the tests runs with them.
TEST_SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "AIGC_EDU_DEVICE": "cpu",
    "AIGC_EDU_PRECISION": "float32",
    "AIGC_EDU_SEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONIOENCODING": "utf-8",
    "NO_COLOR": "1",
}


def parts(python):
    """The parts of the tests, in order: name -> (heading, settings, commands)."""
    module = [python, "-m"]
    pytest = module + ["pytest", "-p", "no:cacheprovider"]
    unit = pytest + ["tests", "aigc_edu", "--doctest-modules", "-n", "2", "--dist", "worksteal"]
    unit += ["--timeout", "600", "--durations", "10"]
    browser = pytest + ["tests/browser"]
    lint = [
        module + ["ruff", "check", "."],
        module + ["ruff", "format", "--check", "."],
        module + ["codespell_lib"],
        module + ["mypy"],
        [python, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        module + ["aigc_edu", "build", "--check"],
    ]
    full = {"AIGC_EDU_BUDGET": "full"}
    return {
        "lint": ("code, types, spelling, arrows between rooms, stale lessons", {}, lint),
        "unit": (
            "unit and property tests, docstring examples",
            {},
            [unit + ["-m", "not fresh and not browser and not timed"]],
        ),
        "bench": (
            "ratios of speeds against those that are kept, with nothing beside it",
            {},
            [pytest + ["tests/bench", "-m", "timed", "--timeout", "600"]],
        ),
        "lessons": (
            "every lesson runs to its end, unfilled (quick budget)",
            {"AIGC_EDU_BUDGET": "quick"},
            notebook_commands(python, "lessons"),
        ),
        "solutions": (
            "every worked solution gives its stored outputs (full budget)",
            full,
            notebook_commands(python, "solutions"),
        ),
        "browser": (
            "lessons, live view and explorers in JupyterLab in a real browser",
            # What the tests are told here is what was found before the settings were swept.
            {"AIGC_EDU_BROWSER": os.environ.get("AIGC_EDU_BROWSER", "")},
            [browser + ["-n", "2", "--timeout", "600", "--durations", "10"]],
        ),
        "fresh": (
            "the README's commands in a fresh clone",
            {},
            [pytest + ["tests/house", "-m", "fresh", "--timeout", "1800", "--durations", "10"]],
        ),
        "quick-unit": (
            "unit tests without the slow ones",
            {},
            [unit + ["-m", "not slow and not fresh and not browser and not timed"]],
        ),
    }


def notebook_commands(python, folder):
    """What runs a folder's notebooks under nbval; nothing where the folder has none yet."""
    if not glob.glob(os.path.join(HERE, folder, "*.ipynb")):
        return []
    return [[python, os.path.join("tests", "notebooks", "run.py"), folder]]


def test(venv, arguments):
    """Run the parts named, or all of them."""
    known = ["lint", "unit", "bench", "lessons", "solutions", "browser", "fresh"]
    # The environment variable is how the test of this very command keeps from running itself.
    wanted = arguments or os.environ.get("AIGC_EDU_TEST_PARTS", "").split() or known
    for name in wanted:
        if name not in known:
            raise Stop(
                "There is no part '{0}' of the tests: the parts are {1}.".format(
                    name, ", ".join(known)
                )
            )
    if "browser" in arguments:
        ensure_browser()
    return run_parts(venv, [name for name in known if name in wanted])


def test_browser(venv, arguments):
    """The part in a browser, after installing one if need be."""
    no_more(arguments)
    print("Browser: {0}".format(ensure_browser()))
    return run_parts(venv, ["browser"])


def quick(venv, arguments):
    """Lint, and the unit tests without the slow ones."""
    no_more(arguments)
    return run_parts(venv, ["lint", "quick-unit"])


def bench(venv, arguments):
    """Run the benchmarks named, or all of them, one after the other."""
    # What follows the first option may be its value.
    first = min([i for i, one in enumerate(arguments) if one.startswith("-")], default=None)
    names, options = arguments[:first], ([] if first is None else arguments[first:])
    for name in names:
        if name not in BENCHMARKS + ("paper_table",):
            raise Stop(
                "There is no benchmark '{0}': there are {1} and paper_table.".format(
                    name, ", ".join(BENCHMARKS)
                )
            )
    if options and len(names) != 1:
        raise Stop("Options go to one benchmark: name it before them.")
    python = set_up(venv, DEVELOPER)
    failed = []
    for name in names or BENCHMARKS:
        print("\n===== {0} =====".format(name))
        sys.stdout.flush()
        more = options or (["--pythae"] if name == "training" else [])
        command = [python, os.path.join(HERE, "benchmarks", name + ".py")] + more
        if subprocess.call(command, cwd=HERE):
            failed.append(name)
    if failed:
        raise Stop("These benchmarks ended with an error: {0}.".format(", ".join(failed)))
    return 0


def run_parts(venv, wanted):
    """Run parts in order, going on after a failure; a summary closes the run."""
    started = time.time()
    python = set_up(venv, DEVELOPER)
    rows = [("set-up", True, time.time() - started, [])]
    table = parts(python)
    for name in wanted:
        heading, settings, commands = table[name]
        print("\n===== {0}: {1} =====".format(name, heading))
        sys.stdout.flush()
        part_started = time.time()
        if name == "browser" and find_browser() is None:
            rows.append((name, None, 0, ["no browser was found: 'make test-browser' installs one"]))
            continue
        passed, closing = True, []
        for command in commands:
            code, lines = run_tested(command, settings)
            # pytest says 5 where it found nothing to run: that is a failure too.
            passed = passed and code == 0
            closing += lines
            if code:
                what = command[2] if command[1] == "-m" else "a program"
                closing.append("exit code {0}: {1}".format(code, what))
        if not commands:
            closing.append("nothing there yet")
        rows.append((name, passed, time.time() - part_started, closing))
    print("\n===== summary =====")
    for name, passed, seconds, closing in rows:
        word = "left out" if passed is None else "passed" if passed else "FAILED"
        print("{0:<11}{1:<9}{2:>6.1f} s".format(name, word, seconds))
        for line in closing:
            print("             " + line)
    failed = [name for name, passed, _, _ in rows if passed is False]
    left_out = [name for name, passed, _, _ in rows if passed is None]
    verdict = "All parts passed" + ("; left out: " + ", ".join(left_out) if left_out else "")
    if failed:
        verdict = "FAILED: " + ", ".join(failed)
    print("{0} in {1:.0f} s".format(verdict, time.time() - started))
    return 1 if failed else 0


def run_tested(command, settings):
    """Run one command of the tests with its output shown; return its code and closing lines."""
    print("$ " + " ".join(os.path.basename(command[0]) if i == 0 else part
                          for i, part in enumerate(command)))  # fmt: skip
    sys.stdout.flush()
    scratch = tempfile.mkdtemp(prefix="aigc-edu-test-")
    environment = dict(os.environ)
    for name in [name for name in environment if name.startswith("AIGC_EDU_")]:
        del environment[name]
    environment.update(TEST_SETTINGS)
    environment.update(settings)
    # Nobody's progress, downloads, history or Jupyter settings are touched or read.
    for name in ("AIGC_EDU_STATE", "AIGC_EDU_CACHE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        environment[name] = os.path.join(scratch, name.lower())
    closing = []
    process = subprocess.Popen(
        command, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        for line in process.stdout:
            text = line.decode("utf-8", "replace")
            sys.stdout.write(text)
            sys.stdout.flush()
            if re.match(r"=+ .*\b(passed|failed|error|errors|no tests ran)\b.* in .*=+$", text):
                closing.append(text.strip("= \n"))
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        shutil.rmtree(scratch, ignore_errors=True)
    return process.returncode, closing


def bundle(venv, arguments):
    """Make the offline install: wheels for this system and Python, this file, how to use it."""
    out = take_option(arguments, "--out")
    no_more(arguments)
    python = set_up(venv, LEARNER)
    tag = subprocess.check_output(
        [
            python,
            "-c",
            "import sysconfig, sys, aigc_edu; print('aigc-edu-{}-{}-python{}.{}'.format("
            "aigc_edu.__version__, sysconfig.get_platform(), *sys.version_info[:2]))",
        ],
        universal_newlines=True,
    ).strip()
    target = os.path.abspath(out or os.path.join(HERE, "bundle", tag))
    if os.path.isdir(target) and os.listdir(target):
        if not os.path.exists(os.path.join(target, "README-LAB.md")):
            raise Stop("{0} is not empty: choose another folder with --out DIR.".format(target))
        shutil.rmtree(target)
    # Made under another name and renamed when whole: a half bundle never looks like one.
    part = target + ".part"
    if os.path.isdir(part):
        shutil.rmtree(part)
    wheels = os.path.join(part, "wheels")
    os.makedirs(wheels)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "wheel", "-w", wheels]
    log = os.path.join(venv, "bundle.log")
    code, complaints = run_keeping_errors(pip + ["--no-deps", "."], log)
    if not code:
        course = glob.glob(os.path.join(wheels, "aigc_edu-*.whl"))[0]
        constraints = os.path.join(HERE, "constraints.txt")
        code, complaints = run_keeping_errors(pip + ["-c", constraints, course + "[lab]"], log)
    if code:
        shutil.rmtree(part, ignore_errors=True)
        raise Stop(explain_pip(complaints, log, "making the bundle"))
    for name in ("bootstrap.py", "constraints.txt", "LICENSE", "LICENSE-CONTENT"):
        shutil.copy(os.path.join(HERE, name), part)
    shutil.copy(os.path.join(HERE, "docs", "lab-room.md"), os.path.join(part, "README-LAB.md"))
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    os.rename(part, target)
    size = sum(os.path.getsize(path) for path in glob.glob(os.path.join(target, "wheels", "*")))
    print("\nBundle: {0} ({1:.0f} MB). Copy the folder; README-LAB.md in it says how to use it."
          .format(target, size / 1e6))  # fmt: skip
    return 0


COMMANDS = {
    "lab": lab,
    "setup": setup,
    "test": test,
    "test-browser": test_browser,
    "quick": quick,
    "bench": bench,
    "format": tidy,
    "bundle": bundle,
    "clean": clean,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
