"""Every command of the README, run in a fresh clone with a new home; and the offline bundle.

The commands are read from the README: a new one without an entry in ``HOW`` fails. pip's
download cache is the only thing shared with the machine, so that nothing is downloaded twice.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.fresh, pytest.mark.slow]


def readme_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def fresh():
    """A clone of what is committed, a new home, and the settings of nobody."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True)
    if head.returncode:
        pytest.skip("no git repository with a commit here")
    pip = [sys.executable, "-m", "pip", "cache", "dir"]
    cache = subprocess.run(pip, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="aigc-edu-fresh-") as folder:
        clone, home = Path(folder) / "clone", Path(folder) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        # Under 'make test', MAKEFLAGS and MAKELEVEL would make the inner make speak differently.
        others = ("AIGC_EDU_", "JUPYTER", "IPYTHON", "XDG_", "PYTEST", "VIRTUAL", "MAKE", "MFLAGS")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(others)
        }
        environment |= {"HOME": str(home), "OMP_NUM_THREADS": "1", "BROWSER": "true"}
        environment["PATH"] = os.pathsep.join(
            part
            for part in environment["PATH"].split(os.pathsep)
            if Path(part) != Path(sys.executable).parent
        )
        # A shim of pyenv finds its versions from HOME; the interpreter itself needs none.
        environment["PYTHON"] = getattr(sys, "_base_executable", sys.executable)
        if cache:
            environment["PIP_CACHE_DIR"] = cache
        yield clone, environment


def run(fresh, command, timeout=1200, cwd=None, **settings):
    clone, environment = fresh
    started = time.perf_counter()
    ran = subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=cwd or clone,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )
    print(f"{command}: {time.perf_counter() - started:.1f} s")
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"
    assert "Traceback" not in ran.stderr
    return ran


def answer_of(process, address):
    """The server's answer; its address stands in the log a moment before it listens."""
    for _ in range(150):
        try:
            return urllib.request.urlopen(address)
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            assert process.poll() is None, "JupyterLab ended"
            time.sleep(0.2)
    return urllib.request.urlopen(address)


def run_lab(fresh, command, folder=None):
    """Start it, wait until it serves lesson 00 from the learner's copy, and end it as Ctrl+C."""
    clone, environment = fresh
    folder = folder or clone
    log = folder / "lab.log"
    started = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            shell=True,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        found = None
        while found is None:
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.perf_counter() - started < 900, log.read_text()[-3000:]
            time.sleep(0.2)
            found = re.search(r"(http://127\.0\.0\.1:\d+)\S*token=(\w+)", log.read_text())
        print(f"{command}: {time.perf_counter() - started:.1f} s until JupyterLab answers")
        base, token = found.groups()
        for path in ("lab/tree/work/00_start_here.ipynb", "api/contents/work/00_start_here.ipynb"):
            with answer_of(process, f"{base}/{path}?token={token}") as answer:
                assert answer.status == 200
                answer.read()
        assert (folder / "work" / "00_start_here.ipynb").is_file()
        assert (folder / "solutions" / "00_start_here.ipynb").is_file()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
        # The shell ends at once; the server it started may take its time, or need the second word.
        time.sleep(2)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def run_a_part_of_the_tests(fresh, command):
    # All of them would come here again.
    ran = run(fresh, command, AIGC_EDU_TEST_PARTS="lint")
    assert "===== summary =====" in ran.stdout
    assert "All parts passed" in ran.stdout.splitlines()[-1]


def run_lesson_00(fresh, command):
    clone, _ = fresh
    before = set(clone.rglob("*.html"))
    run(fresh, command)
    pages = [page for page in set(clone.rglob("*.html")) - before if ".venv" not in page.parts]
    assert len(pages) == 1
    page = pages[0].read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=[\"']?https?://", page)


def run_bundle(fresh, command):
    """The bundle installs without a network, and read-only serves another user."""
    clone, environment = fresh
    run(fresh, command)
    (made,) = (clone / "bundle").iterdir()
    offline = ["unshare", "-rn"] if can_unshare() else []
    python = environment["PYTHON"]
    installed = clone.parent / "opt"
    shutil.move(made, installed)
    run(fresh, [*offline, python, "bootstrap.py", "setup"], cwd=installed)
    second = run(fresh, [*offline, python, "bootstrap.py", "setup"], cwd=installed)
    assert "Installing" not in second.stdout
    user = clone.parent / "user"
    user.mkdir()
    home = {"HOME": str(user), "AIGC_EDU_STATE": "", "AIGC_EDU_CACHE": ""}
    subprocess.run(["chmod", "-R", "a-w", str(installed)], check=True)
    # Without its capabilities even root keeps to the permissions.
    plain = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    try:
        if plain and not shutil.which("setpriv"):
            pytest.skip("no setpriv here: root would write anywhere")
        aigc_edu = [*plain, str(installed / ".venv" / "bin" / "python"), "-m", "aigc_edu"]
        refused = subprocess.run([*plain, "touch", str(installed / "file")], capture_output=True)
        assert refused.returncode != 0
        run(fresh, [*aigc_edu, "lab", "--lay-only"], cwd=user, **home)
        assert (user / "work" / "00_start_here.ipynb").is_file()
        assert os.access(user / "work" / "00_start_here.ipynb", os.W_OK)
        assert (user / "solutions" / "00_start_here.ipynb").is_file()
        run(fresh, [*aigc_edu, "doctor"], cwd=user, **home)
        run(fresh, [*aigc_edu, "run", "00", "--out", str(user / "out")], cwd=user, **home)
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(installed)], check=True)


def can_unshare():
    if not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0


def run_in_conda(fresh, command):
    if not shutil.which("conda"):
        pytest.skip("no conda here; tests/house/test_files.py compares its list with the other")
    if command.startswith("conda activate"):
        return  # a shell's own command: what follows is run in the environment
    if command == "aigc-edu lab":
        run_lab(fresh, f"conda run --no-capture-output -n aigc-edu {command}")
    else:
        run(fresh, command)


HOW = {
    "make lab": run_lab,
    "make test": run_a_part_of_the_tests,
    ".venv/bin/aigc-edu doctor": run,
    ".venv/bin/aigc-edu run 00": run_lesson_00,
    ".venv/bin/aigc-edu exercises": run,
    ".venv/bin/aigc-edu progress": run,
    "make setup": run,
    "conda env create -f environment.yml": run_in_conda,
    "conda activate aigc-edu": run_in_conda,
    "aigc-edu lab": run_in_conda,
    "make bundle": run_bundle,
}


@pytest.mark.parametrize("command", readme_commands())
def test_a_command_of_the_readme(fresh, command):
    assert command in HOW, "say in HOW how this command is tested"
    HOW[command](fresh, command)


def test_without_make_it_is_the_same_and_a_second_time_quick(fresh):
    """Measured and printed, not asserted: machines differ."""
    clone, environment = fresh
    ran = run(fresh, [environment["PYTHON"], "bootstrap.py", "setup"])
    assert "Installing" not in ran.stdout
    run_lab(fresh, f"{environment['PYTHON']} bootstrap.py lab --no-browser")
    assert (
        subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            cwd=clone,
            capture_output=True,
            text=True,
        ).stdout
        == ""
    ), "using the course changes no tracked file"
