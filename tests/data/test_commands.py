"""``aigc-edu data`` and ``assets`` as a user calls them: exit codes, one sentence, no traceback."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aigc_edu.commands.assets import command as assets
from aigc_edu.commands.data import command as data
from aigc_edu.data import fetch


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with no way to a network."""
    offline = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-m", "aigc_edu", *words],
        capture_output=True,
        text=True,
        env=os.environ | offline | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""} | variables,
        check=False,
    )


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_no_network(tmp_path: Path, name: str) -> None:
    if Path("/usr/share/datasets/fashion-mnist").is_dir() and name == "fashion-mnist":
        pytest.skip("this machine has the system package")
    done = run("data", "get", name, AIGC_EDU_CACHE=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("aigc-edu: ")
    assert "check the network" in last
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("data", "get", "cifar"), "There is no data set 'cifar'"),
        (("data", "verify", "cifar"), "There is no data set 'cifar'"),
        (("data", "verify", "mnist"), "run 'aigc-edu data get mnist'"),
        (("data", "get", "mnist", "--from", "/nowhere/at/all"), "There is no folder"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    done = run(*words, AIGC_EDU_CACHE=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_an_unwritable_cache(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    done = run("data", "get", "mnist", AIGC_EDU_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 1
    assert "AIGC_EDU_CACHE" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_get_list_verify(cache: Path, tiny: Any) -> None:
    runner = CliRunner()
    assert "not fetched" in runner.invoke(data, ["list"], catch_exceptions=False).output
    got = runner.invoke(data, ["get", "mnist"], catch_exceptions=False)
    assert got.exit_code == 0
    assert got.stdout == f"mnist: {cache / 'mnist'}\n"
    assert f"in {cache / 'mnist'}" in runner.invoke(data, ["list"]).output
    verified = runner.invoke(data, ["verify"], catch_exceptions=False)
    assert verified.exit_code == 0
    assert verified.output.count(": ok") == 5
    (cache / "mnist" / "t10k-labels-idx1-ubyte").write_bytes(b"")
    assert "damaged" in runner.invoke(data, ["list"]).output
    spoilt = runner.invoke(data, ["verify"])
    assert spoilt.exit_code == 1
    assert "t10k-labels-idx1-ubyte: damaged" in spoilt.output
    assert "fashion-mnist: not fetched" in spoilt.output


def test_assets_help_imports_no_models() -> None:
    shown = CliRunner().invoke(assets, ["--help"], catch_exceptions=False)
    assert shown.exit_code == 0
    for name in ("digits", "classifier", "decoder"):
        assert name in shown.output


def test_assets_refuses_other_originals(cache: Path, tiny: Any, tmp_path: Path) -> None:
    out = tmp_path / "digits.npz"
    done = CliRunner().invoke(assets, ["digits", "--out", str(out)])
    assert done.exit_code == 1
    assert "differ from the course's" in str(done.exception)
    assert not out.exists()


def test_the_catalog_is_whole() -> None:
    for what in fetch.DATA_SETS.values():
        assert [file.key for file in what.files] == [
            "train-images",
            "train-labels",
            "test-images",
            "test-labels",
        ]
        for file in what.files:
            assert len(file.sha256) == 64
        assert all(mirror.endswith("/") for mirror in what.mirrors)
