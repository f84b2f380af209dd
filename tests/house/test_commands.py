"""``aigc-edu`` as a user calls it: the lab, the doctor, and one sentence for what goes wrong."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from aigc_edu import cli, doctor, paths
from aigc_edu.commands import lab
from aigc_edu.doctor import Finding


def assert_one_sentence(ran, *parts):
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr
    assert ran.stderr.startswith(("aigc-edu: ", "Usage: ")), ran.stderr
    if ran.stderr.startswith("aigc-edu: "):
        assert ran.stderr.count("\n") == 1
    for part in parts:
        assert part in ran.stderr


# ---------------------------------------------------------------- errors


def test_a_lesson_that_does_not_exist_is_one_sentence(aigc_edu):
    if not (paths.PACKAGE / "commands" / "run.py").exists():
        pytest.skip("'aigc-edu run' is not there yet")
    assert_one_sentence(aigc_edu("run", "55"), "55")


def test_a_command_that_does_not_exist_is_no_traceback(aigc_edu):
    ran = aigc_edu("lesson")
    assert_one_sentence(ran)
    assert "No such command 'lesson'" in ran.stderr


def test_a_missing_package_is_one_sentence(tmp_path):
    code = (
        "import sys; sys.modules['jupyterlab'] = None; sys.modules['torch'] = None;"
        "from aigc_edu import cli; sys.argv = ['aigc-edu', 'data', 'list']; cli.main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert_one_sentence(ran, "the package 'torch' is missing", "make setup")


def test_without_jupyterlab_the_lab_says_what_to_install(tmp_path, monkeypatch):
    real = lab.importlib.util.find_spec
    monkeypatch.setattr(
        lab.importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "jupyterlab" else real(name, *rest),
    )
    monkeypatch.setattr(lab, "lay_out", lambda work: [])
    ran = CliRunner().invoke(lab.command, ["--work", str(tmp_path / "work")])
    assert "JupyterLab is missing: run 'make setup'" in str(ran.exception)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [("ENOSPC", "The disk is full"), ("EACCES", "cannot be written"), ("EROFS", "AIGC_EDU_STATE")],
)
def test_what_the_disk_refuses_is_one_sentence_wherever_it_happens(code, sentence):
    program = (
        "import errno, sys; from aigc_edu import cli\n"
        f"def refused(): raise OSError(errno.{code}, 'refused', '/some/place')\n"
        "cli.group = refused; cli.main()"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert_one_sentence(ran, sentence, "/some/place")
    assert ran.returncode == 1


def test_a_programming_error_is_not_hidden():
    program = "from aigc_edu import cli\ncli.group = lambda: 1 / 0\ncli.main()"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "ZeroDivisionError" in ran.stderr


def test_help_lists_every_command_and_imports_nothing_heavy(aigc_edu):
    ran = aigc_edu("--help")
    assert ran.returncode == 0
    for name in cli.COMMANDS:
        assert f"  {name} " in ran.stdout


def test_python_m_is_the_same_command(aigc_edu):
    assert aigc_edu("--version").stdout.startswith("aigc-edu, version ")


# ---------------------------------------------------------------- the lab


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The course as a wheel has it, with two lessons."""
    package = tmp_path / "site-packages" / "aigc_edu"
    for folder, text in (("_lessons", "lesson"), ("_solutions", "solution")):
        (package / folder).mkdir(parents=True)
        for name in ("00_start_here.ipynb", "05_vae_training.ipynb"):
            (package / folder / name).write_text(text)
    monkeypatch.setattr(paths, "PACKAGE", package)
    started = []
    monkeypatch.setattr(lab, "start", started.append)
    return started


def test_the_lab_opens_lesson_00_above_work(installed, tmp_path):
    work = tmp_path / "mine" / "work"
    ran = CliRunner().invoke(lab.command, ["--work", str(work), "--port", "9123", "--no-browser"])
    assert ran.exit_code == 0, ran.output
    (arguments,) = installed
    assert arguments[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={tmp_path / 'mine'}" in arguments
    assert "--LabApp.default_url=/lab/tree/work/00_start_here.ipynb" in arguments
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert "--port=9123" in arguments
    assert "--no-browser" in arguments


def test_links_from_a_copy_to_its_solution_lead_somewhere(installed, tmp_path):
    work = tmp_path / "mine" / "work"
    CliRunner().invoke(lab.command, ["--work", str(work)])
    assert (work / ".." / "solutions" / "05_vae_training.ipynb").read_text() == "solution"


def test_in_a_checkout_the_courses_own_solutions_are_used(tmp_path, monkeypatch):
    checkout = tmp_path / "course"
    for folder in ("lessons", "solutions", "aigc_edu"):
        (checkout / folder).mkdir(parents=True)
    (checkout / "bootstrap.py").touch()
    (checkout / "lessons" / "00_start_here.ipynb").write_text("lesson")
    (checkout / "solutions" / "00_start_here.ipynb").write_text("solution")
    monkeypatch.setattr(paths, "PACKAGE", checkout / "aigc_edu")
    ran = CliRunner().invoke(lab.command, ["--lay-only"])
    assert ran.exit_code == 0, ran.output
    assert (checkout / "work" / "00_start_here.ipynb").read_text() == "lesson"
    assert sorted(path.name for path in (checkout / "solutions").iterdir()) == [
        "00_start_here.ipynb"
    ]


def test_other_options_go_on_to_jupyterlab(installed, tmp_path):
    ran = CliRunner().invoke(
        lab.command, ["--work", str(tmp_path / "w"), "--ServerApp.token=abc", "--debug"]
    )
    assert ran.exit_code == 0, ran.output
    assert installed[0][-2:] == ["--ServerApp.token=abc", "--debug"]


def test_an_installation_without_lessons_is_one_sentence(installed, tmp_path):
    for path in (paths.PACKAGE / "_lessons").iterdir():
        path.unlink()
    ran = CliRunner().invoke(lab.command, ["--work", str(tmp_path / "w")])
    assert "holds no lessons" in str(ran.exception)
    assert installed == []


def test_an_unwritable_folder_is_one_sentence(installed, tmp_path):
    (tmp_path / "file").write_text("")
    ran = CliRunner().invoke(lab.command, ["--work", str(tmp_path / "file" / "work")])
    assert "--work DIR" in str(ran.exception)
    assert "\n" not in str(ran.exception)


def test_the_settings_that_travel_are_settings_jupyterlab_knows(root):
    """A typing error in overrides.json would be ignored in silence."""
    import jupyterlab

    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas" / "@jupyterlab"
    assert jupyterlab.__version__
    overrides = json.loads((root / "jupyter" / "overrides.json").read_text())
    for plugin, settings in overrides.items():
        package, name = plugin.removeprefix("@jupyterlab/").split(":")
        schema = json.loads((schemas / package / f"{name}.json").read_text())
        for setting, value in settings.items():
            known = schema["properties"][setting]
            kind = {"boolean": bool, "string": str}[known["type"]]
            assert isinstance(value, kind), setting
            if "oneOf" in known:
                assert value in [choice["const"] for choice in known["oneOf"]]


def test_the_courses_own_notebooks_cannot_be_saved_over(tmp_path):
    import asyncio

    from tornado.web import HTTPError

    from aigc_edu.commands.contents import CourseContents

    notebook = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    for folder in ("solutions", "work"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "05.ipynb").write_text(notebook)
    contents = CourseContents(root_dir=str(tmp_path))

    async def try_to_save(path):
        model = await contents.get(path, content=True)
        model["content"]["metadata"]["mine"] = "yes"
        await contents.save({**model, "type": "notebook"}, path)
        return model["writable"]

    assert asyncio.run(try_to_save("work/05.ipynb")) is True
    assert "mine" in (tmp_path / "work" / "05.ipynb").read_text()
    with pytest.raises(HTTPError, match="Save Notebook As"):
        asyncio.run(try_to_save("solutions/05.ipynb"))
    assert (tmp_path / "solutions" / "05.ipynb").read_text() == notebook
    model = asyncio.run(contents.get("solutions/05.ipynb", content=False))
    assert model["writable"] is False


# ---------------------------------------------------------------- the doctor


def found(findings, name):
    (finding,) = [finding for finding in findings if finding.name == name]
    return finding


def test_the_doctor_looks_at_everything(monkeypatch, tmp_path):
    monkeypatch.setenv("AIGC_EDU_STATE", str(tmp_path / "not" / "there"))
    findings = doctor.examine()
    assert [finding.name for finding in findings] == [
        "Python",
        "packages",
        "processor",
        "memory",
        "disk",
        "PyTorch",
        "device",
        "precision",
        "widgets",
        "digits",
        "weights",
        "data sets",
        "cache",
        "progress",
        "port",
    ]
    for name in ("Python", "PyTorch", "digits", "progress"):
        assert found(findings, name).status == "ok", found(findings, name)
    assert not (tmp_path / "not").exists(), "looking changes nothing"


def test_every_bad_finding_says_what_to_do(monkeypatch):
    for name, version in {"numpy": "1.0", "ipykernel": "7.4.0"}.items():
        real = doctor.importlib.metadata.version
        monkeypatch.setattr(
            doctor.importlib.metadata,
            "version",
            lambda asked, name=name, version=version, real=real: (
                version if asked == name else real(asked)
            ),
        )
    packages = doctor._packages()
    assert packages.status == "warn"
    assert "numpy 1.0 (tested: " in packages.detail
    assert packages.advice
    widgets = doctor._widgets()
    assert widgets.status == "warn"
    assert widgets.advice


def test_a_missing_package_fails(monkeypatch):
    real = doctor.importlib.metadata.version

    def version(name):
        if name == "scipy":
            raise doctor.importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    assert doctor._packages() == Finding("packages", "fail", "missing: scipy", doctor.INSTALL)


def test_a_folder_that_cannot_be_written_fails(monkeypatch, tmp_path):
    def refused(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    finding = doctor._folder("cache", tmp_path, "AIGC_EDU_CACHE")
    assert finding.status == "fail"
    assert "AIGC_EDU_CACHE" in finding.advice


@pytest.mark.parametrize(("free", "status"), [(5_000_000_000, "ok"), (5e8, "warn"), (1e7, "fail")])
def test_disk_and_memory_have_their_limits(free, status, monkeypatch):
    usage = type("usage", (), {"free": free})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert doctor._disk().status == status
    monkeypatch.setattr(doctor, "_free_memory", lambda: free * 2)
    assert doctor._memory().status == status


def test_a_check_that_breaks_is_a_finding(monkeypatch):
    monkeypatch.setattr(doctor, "_torch", lambda: 1 / 0)
    monkeypatch.setattr(doctor, "_digits", lambda: __import__("no_such_package"))
    findings = doctor.examine()
    assert found(findings, "PyTorch").detail == "ZeroDivisionError: division by zero"
    assert found(findings, "digits").detail == "no_such_package is missing"
    assert "Something must be put right first: 2 failed" in doctor.as_text(
        [finding for finding in findings if finding.name in ("PyTorch", "digits")]
    )


def test_the_doctors_exit_code_and_json(monkeypatch):
    from aigc_edu.commands import doctor as command

    good, bad = Finding("disk", "ok", "1 GB"), Finding("port", "fail", "none", "open one")
    monkeypatch.setattr(command, "examine", lambda: [good])
    assert CliRunner().invoke(command.command).exit_code == 0
    monkeypatch.setattr(command, "examine", lambda: [good, bad])
    ran = CliRunner().invoke(command.command, ["--json"])
    assert ran.exit_code == 1
    assert json.loads(ran.output)[1] == {
        "name": "port",
        "status": "fail",
        "detail": "none",
        "advice": "open one",
    }


def test_the_doctor_keeps_within_the_width_of_a_notebook(capsys):
    doctor.doctor()
    said = capsys.readouterr().out
    assert max(len(line) for line in said.splitlines()) <= 100
    assert said.splitlines()[-1].startswith(("The course runs here", "Something must"))


def test_a_taken_port_is_noticed():
    import socket

    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8888))
        except OSError:
            pass  # somebody else has it: just as well
        else:
            taken.listen()
        assert "8888 is taken" in doctor._port().detail


def test_the_environment_moves_what_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("AIGC_EDU_CACHE", str(tmp_path / "c"))
    monkeypatch.setenv("AIGC_EDU_STATE", os.path.join("~", "s"))
    assert paths.cache_dir() == tmp_path / "c"
    assert paths.state_dir() == Path.home() / "s"
