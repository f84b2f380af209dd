"""bootstrap.py: old Pythons, broken environments, and what it says when something fails.

Nothing is installed here: pip and venv are stood in for. The real thing is in test_fresh.py.
"""

import ast
import errno
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = r"^Python 3\.11 or newer is needed, this is 3\.9\.18 \(.*\): install one [^\n]*\.$"


def one_sentence(text):
    return text.count("\n") == 1 and "Traceback" not in text


def run(folder, *arguments, python=sys.executable, **settings):
    return subprocess.run(
        [python, "bootstrap.py", *arguments],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )


# ---------------------------------------------------------------- old Pythons


def test_an_old_python_is_told_so_in_one_sentence(bootstrap):
    import re

    assert re.match(SENTENCE, bootstrap.refuse_old_python((3, 9, 18, "final", 0), "/usr/bin/py"))
    assert bootstrap.refuse_old_python((3, 10, 99), "py") is not None
    assert bootstrap.refuse_old_python((3, 11, 0), "py") is None
    assert bootstrap.refuse_old_python((4, 0, 0), "py") is None


def test_an_old_python_ends_with_exit_code_1(root):
    """The file itself, run under a version that claims to be 3.9."""
    code = (
        "import sys, runpy; sys.version_info = (3, 9, 18, 'final', 0); sys.argv = ['bootstrap.py'];"
        f"runpy.run_path({str(root / 'bootstrap.py')!r}, run_name='__main__')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith("Python 3.11 or newer is needed, this is 3.9.18 ")
    assert one_sentence(ran.stderr)
    assert ran.stdout == ""


@pytest.mark.parametrize("number", ["2.7", "3.6", "3.8", "3.9", "3.10"])
def test_a_real_old_python_reads_the_file(root, number):
    versions = Path.home() / ".pyenv" / "versions"
    found = [str(path / "bin" / "python") for path in versions.glob(f"{number}.*")]
    python = next(iter(found), shutil.which(f"python{number}"))
    version = python and subprocess.run([python, "--version"], capture_output=True)
    if not version or version.returncode:
        pytest.skip(f"no Python {number} here")
    ran = run(root, "lab", python=python)
    assert ran.returncode == 1
    assert ran.stderr.startswith("Python 3.11 or newer is needed")
    assert one_sentence(ran.stderr)


def test_its_syntax_is_old(root):
    """What Python 2.7 cannot read is not used (the parser's own check begins at 3.7)."""
    tree = ast.parse((root / "bootstrap.py").read_text(), feature_version=(3, 7))
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree) if isinstance(node, new)]
    found += [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.cause]
    found += [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.List | ast.Tuple | ast.Set)
        and any(isinstance(element, ast.Starred) for element in node.elts)
    ]
    assert [node.lineno for node in found] == []
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            assert not node.kwonlyargs
            assert all(argument.annotation is None for argument in node.args)


# ---------------------------------------------------------------- environments


@pytest.fixture
def house(bootstrap, root, tmp_path, monkeypatch):
    """bootstrap.py as if it lay in a fresh checkout, with pip stood in for."""
    checkout = tmp_path / "checkout"
    for name in ("constraints.txt", "pyproject.toml", "hatch_build.py"):
        checkout.mkdir(exist_ok=True)
        shutil.copy(root / name, checkout)
    (checkout / "jupyter").mkdir()
    shutil.copy(root / "jupyter" / "overrides.json", checkout / "jupyter")
    (checkout / "aigc_edu").mkdir()
    shutil.copy(root / "aigc_edu" / "__init__.py", checkout / "aigc_edu")
    monkeypatch.setattr(bootstrap, "HERE", str(checkout))
    monkeypatch.setattr(bootstrap, "WHEELS", str(checkout / "wheels"))
    bootstrap.made = []

    def make(venv):
        bootstrap.made.append("environment")
        shutil.rmtree(venv, ignore_errors=True)
        site = Path(bootstrap.python_in(venv)).parent.parent / (
            "Lib/site-packages" if os.name == "nt" else "lib/python3/site-packages"
        )
        site.mkdir(parents=True)
        (site / "pip").mkdir()
        Path(bootstrap.python_in(venv)).parent.mkdir()
        Path(bootstrap.python_in(venv)).touch()
        bootstrap.site = site

    def install(venv, extras):
        bootstrap.made.append("+".join(sorted(extras)))
        (bootstrap.site / "torch").mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "make_environment", make)
    monkeypatch.setattr(bootstrap, "install", install)
    bootstrap.venv = str(checkout / ".venv")
    bootstrap.checkout = checkout
    return bootstrap


def asked(house, extras=("lab",)):
    """What a set-up had to do."""
    house.made.clear()
    house.set_up(house.venv, extras)
    return list(house.made)


def test_a_second_set_up_does_nothing(house):
    assert asked(house) == ["environment", "lab"]
    assert asked(house) == []


def test_what_the_tests_need_is_added_and_stays(house):
    asked(house)
    assert asked(house, ("grading", "lab", "test")) == ["grading+lab+test"]
    assert asked(house) == []
    (house.checkout / "constraints.txt").write_text("torch==9\n")
    assert asked(house) == ["grading+lab+test"]


@pytest.mark.parametrize(
    "name", ["constraints.txt", "pyproject.toml", "hatch_build.py", "jupyter/overrides.json"]
)
def test_another_list_of_packages_is_installed_in_place(house, name):
    asked(house)
    with open(house.checkout / name, "a") as file:
        file.write("\n# changed\n")
    assert asked(house) == ["lab"]


def test_one_killed_while_installing_is_made_again(house, monkeypatch):
    def killed(venv, extras):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(house, "install", killed)
        with pytest.raises(KeyboardInterrupt):
            house.set_up(house.venv, ("lab",))
    assert json.loads((Path(house.venv) / house.MARKER).read_text()) == {"state": "installing"}
    assert asked(house) == ["environment", "lab"]


@pytest.mark.parametrize("damage", ["package", "interpreter", "marker", "moved", "other python"])
def test_a_broken_one_is_made_again(house, damage, monkeypatch):
    asked(house)
    if damage == "package":
        (house.site / "torch").rmdir()
    elif damage == "interpreter":
        Path(house.python_in(house.venv)).unlink()
    elif damage == "marker":
        (Path(house.venv) / house.MARKER).write_text("{")
    elif damage == "moved":
        house.checkout.rename(house.checkout.with_name("elsewhere"))
        house.venv = house.venv.replace("checkout", "elsewhere")
        monkeypatch.setattr(house, "HERE", house.HERE.replace("checkout", "elsewhere"))
    else:
        monkeypatch.setattr(house.sys, "version", "3.99")
    assert asked(house) == ["environment", "lab"]
    assert asked(house) == []


def test_someone_elses_environment_is_left_alone(house):
    (Path(house.venv) / "precious").mkdir(parents=True)
    with pytest.raises(house.Stop, match=r"was not made by bootstrap\.py and is left alone"):
        asked(house)
    assert (Path(house.venv) / "precious").is_dir()
    assert house.clean(house.venv, []) == 0
    assert (Path(house.venv) / "precious").is_dir()


def test_clean_removes_the_environment_and_never_what_was_written(house):
    asked(house)
    (house.checkout / "work").mkdir()
    (house.checkout / "work" / "05.ipynb").write_text("mine")
    assert house.clean(house.venv, []) == 0
    assert not Path(house.venv).exists()
    assert (house.checkout / "work" / "05.ipynb").read_text() == "mine"


# ---------------------------------------------------------------- what it says


def test_a_disk_that_is_too_full_is_noticed_before_anything_is_downloaded(
    bootstrap, tmp_path, monkeypatch
):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _: usage(9, 9, 300_000_000))
    with pytest.raises(bootstrap.Stop, match=r"^The disk is too full: 0\.3 GB are free at .*\.$"):
        bootstrap.make_environment(str(tmp_path / "venv"))


def test_a_disk_that_fills_up_is_one_sentence(bootstrap, tmp_path, monkeypatch, capsys):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path))

    monkeypatch.setattr(bootstrap, "set_up", full)
    assert bootstrap.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The disk is full at ")
    assert one_sentence(said)


def test_a_folder_that_cannot_be_written_is_one_sentence(bootstrap, tmp_path, monkeypatch, capsys):
    def refused(path):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(bootstrap.os, "makedirs", refused)
    assert bootstrap.main(["setup", "--venv", str(tmp_path / "venv")]) == 1
    said = capsys.readouterr().err
    assert "cannot be written" in said
    assert "--venv DIR" in said
    assert one_sentence(said)


def test_without_the_venv_module_the_package_is_named(bootstrap, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(bootstrap.Stop, match=r"'venv' is missing.*sudo apt install python3\."):
        bootstrap.make_environment(str(tmp_path / "venv"))
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    ("complaints", "expected"),
    [
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for torch==2.13.0\n",
            "No matching distribution found for torch==2.13.0 - the package index was not reached",
        ),
        (
            "ERROR: No matching distribution found for torch==2.13.0\n",
            "there is no build of it for this Python and system",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on "
            "device\n",
            "the disk is full",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied\n",
            "a folder cannot be written",
        ),
        (
            "  WARNING: Retrying: NewConnectionError\n  ERROR: No matching distribution found for "
            "hatchling>=1.27\nerror: subprocess-exited-with-error\n\nnote: This error originates\n",
            "No matching distribution found for hatchling>=1.27 - the package index was not",
        ),
        (
            "ERROR: Package 'x' requires a different Python: 3.11.2 not in '>=3.11.5'\n",
            "use a current 64-bit Python 3.11, 3.12 or 3.13",
        ),
        ("ERROR: something else.\n", "something else - look into the log"),
        ("", "no reason given"),
    ],
)
def test_pips_failure_becomes_one_sentence_with_what_to_do(bootstrap, complaints, expected):
    said = bootstrap.explain_pip(complaints, "", "installing")
    assert expected in said
    assert said.endswith("run the same command again.")
    assert "\n" not in said


def test_a_failing_pip_is_one_sentence_and_its_words_are_kept(bootstrap, tmp_path, monkeypatch):
    """A stand-in for the interpreter that fails as pip does without a network."""
    words = "ERROR: Could not find a version (NewConnectionError)\n"
    real = bootstrap.run_keeping_errors
    monkeypatch.setattr(
        bootstrap,
        "run_keeping_errors",
        lambda command, log: real(
            [sys.executable, "-c", f"import sys; sys.stderr.write({words!r}); sys.exit(1)"], log
        ),
    )
    with pytest.raises(bootstrap.Stop, match=r"package index was not reached.*setup\.log"):
        bootstrap.install(str(tmp_path), ("lab",))
    assert (tmp_path / "setup.log").read_text() == words


def test_benchmarks_are_started_one_after_the_other(bootstrap, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(bootstrap, "set_up", lambda venv, extras: "python")

    def call(command, cwd):
        started.append(command[1:])
        return 1 if command[1].endswith("growth.py") else 0

    monkeypatch.setattr(bootstrap.subprocess, "call", call)
    assert bootstrap.bench(str(tmp_path), ["threads", "--blocks", "2"]) == 0
    (command,) = started
    assert command[0].endswith("threads.py")
    assert command[1:] == ["--blocks", "2"]
    started.clear()
    with pytest.raises(bootstrap.Stop, match="ended with an error: growth"):
        bootstrap.bench(str(tmp_path), [])
    assert [Path(command[0]).stem for command in started] == list(bootstrap.BENCHMARKS)
    assert all(Path(command[0]).is_file() for command in started)
    assert bootstrap.bench(str(tmp_path), ["paper_table"]) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["labb"], "There is no command 'labb'"),
        (["setup", "--fast"], "'--fast' is not understood here"),
        (["test", "lnt"], "There is no part 'lnt' of the tests: the parts are lint, unit"),
        (["bench", "nothing"], "There is no benchmark 'nothing': there are training, growth"),
        (["bench", "--rounds", "3"], "Options go to one benchmark: name it before them"),
        (["bench", "growth", "costs", "--write"], "Options go to one benchmark"),
        (["lab", "--venv"], "--venv needs a value."),
    ],
)
def test_a_mistyped_command_is_one_sentence(root, arguments, sentence):
    ran = run(root, *arguments)
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert one_sentence(ran.stderr)


def test_a_bundle_that_lacks_the_courses_wheel_is_one_sentence(root, tmp_path, bootstrap):
    for name in ("bootstrap.py", "constraints.txt"):
        shutil.copy(root / name, tmp_path)
    (tmp_path / "wheels").mkdir()
    ran = run(tmp_path, "test")
    assert ran.returncode == 1
    assert "needs the course's repository, not a bundle" in ran.stderr
    bootstrap.HERE, bootstrap.WHEELS = str(tmp_path), str(tmp_path / "wheels")
    with pytest.raises(bootstrap.Stop, match="copy the bundle again"):
        bootstrap.install(str(tmp_path), ("lab",))


# ---------------------------------------------------------------- running the tests


def fake_parts(bootstrap, monkeypatch, **codes):
    def parts(_python):
        return {
            name: (
                name,
                {"AIGC_EDU_BUDGET": name},
                [[sys.executable, "-c", f"print('== 3 passed in 0.1s =='); exit({code})"]],
            )
            for name, code in codes.items()
        }

    monkeypatch.setattr(bootstrap, "parts", parts)
    monkeypatch.setattr(bootstrap, "set_up", lambda venv, extras: sys.executable)


def test_a_failing_part_does_not_stop_the_next_and_fails_the_run(bootstrap, monkeypatch, capsys):
    fake_parts(bootstrap, monkeypatch, lint=0, unit=1, lessons=0)
    assert bootstrap.run_parts("venv", ["lint", "unit", "lessons"]) == 1
    summary = capsys.readouterr().out.partition("===== summary =====")[2]
    rows = [line.split()[:2] for line in summary.splitlines() if line[:1].isalpha()]
    assert rows[1:4] == [["lint", "passed"], ["unit", "FAILED"], ["lessons", "passed"]]
    assert summary.count("3 passed in 0.1s") == 3
    assert "FAILED: unit in" in summary.splitlines()[-1]


def test_finding_no_test_is_a_failure(bootstrap, monkeypatch, capsys):
    fake_parts(bootstrap, monkeypatch, unit=5)
    assert bootstrap.run_parts("venv", ["unit"]) == 1
    assert "exit code 5" in capsys.readouterr().out


def test_without_a_browser_its_part_is_left_out_and_that_is_said(bootstrap, monkeypatch, capsys):
    fake_parts(bootstrap, monkeypatch, lint=0, browser=1)
    monkeypatch.setattr(bootstrap, "find_browser", lambda: None)
    assert bootstrap.run_parts("venv", ["lint", "browser"]) == 0
    summary = capsys.readouterr().out.partition("===== summary =====")[2]
    assert "browser    left out" in summary
    assert "'make test-browser' installs one" in summary
    assert "All parts passed; left out: browser in" in summary
    monkeypatch.setattr(bootstrap, "find_browser", lambda: "/usr/bin/chromium")
    assert bootstrap.run_parts("venv", ["lint", "browser"]) == 1


def test_a_browser_is_found_by_name_or_by_the_variable(bootstrap, monkeypatch, tmp_path):
    program = tmp_path / ("msedge.exe" if os.name == "nt" else "microsoft-edge")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.delenv("AIGC_EDU_BROWSER", raising=False)
    monkeypatch.setattr(bootstrap, "BROWSER_PLACES", [])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.find_browser() == str(program)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    assert bootstrap.find_browser() is None
    with pytest.raises(bootstrap.Stop, match="none was found: install one"):
        bootstrap.ensure_browser()
    monkeypatch.setenv("AIGC_EDU_BROWSER", str(program))
    assert bootstrap.find_browser() == str(program)
    monkeypatch.setenv("AIGC_EDU_BROWSER", str(tmp_path / "gone"))
    with pytest.raises(bootstrap.Stop, match="no program is there"):
        bootstrap.find_browser()


def test_the_parts_run_under_the_settings_that_made_the_outputs(bootstrap, monkeypatch, capfd):
    monkeypatch.setenv("AIGC_EDU_DEVICE", "cuda")
    monkeypatch.setenv("AIGC_EDU_STATE", "/home/somebody/progress")
    monkeypatch.setenv("AIGC_EDU_RECORD", "/home/somebody/record")
    code, _ = bootstrap.run_tested(
        [sys.executable, "-c", "import os; print({k: v for k, v in os.environ.items()})"],
        {"AIGC_EDU_BUDGET": "quick"},
    )
    seen = ast.literal_eval(capfd.readouterr().out.strip().splitlines()[-1])
    assert code == 0
    assert seen["OMP_NUM_THREADS"] == "1"
    assert seen["AIGC_EDU_DEVICE"] == "cpu"
    assert seen["AIGC_EDU_PRECISION"] == "float32"
    assert seen["AIGC_EDU_BUDGET"] == "quick"
    assert "AIGC_EDU_RECORD" not in seen
    assert "somebody" not in seen["AIGC_EDU_STATE"]
