"""docs/house.md says how the house is: the contract's floors, paths and commits that are there."""

import re
import subprocess
import tomllib

import pytest

from aigc_edu.paths import PACKAGE

ROOT = PACKAGE.parent
TEXT = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")


def test_the_floors_are_those_of_the_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    rows = re.findall(r"^\| (\d+) \| `([a-z_ :]+)` \|", TEXT, re.MULTILINE)
    assert [rooms for _, rooms in rows] == layers
    assert [int(floor) for floor, _ in rows] == list(range(len(layers), 0, -1))


def test_what_it_names_is_there() -> None:
    named = re.findall(r"`([a-z_]+/[\w/]*(?:\.\w+)?)`", TEXT)
    assert len(named) > 20
    for path in named:
        path = re.sub(r"/?[^/]*(?:NN|MM|name).*", "", path)  # up to what is to be filled in
        places = [ROOT / path, PACKAGE / path]
        assert any(place.exists() for place in places), path


def test_the_commits_are_there() -> None:
    commits = re.findall(r"`([0-9a-f]{7})` \|$", TEXT, re.MULTILINE)
    assert len(commits) >= 7
    asked = subprocess.run(
        ["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT, capture_output=True, text=True
    )
    if asked.stdout.strip() != "false":
        pytest.skip("no whole history here")
    for commit in commits:
        subprocess.run(["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, check=True)
