"""The files that say the same thing in two places agree."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = SETTINGS["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONTRACTS = SETTINGS["tool"]["importlinter"]["contracts"]


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): pin for pin in found}


def test_every_pin_is_one_exact_version_for_every_system():
    for pin in pins().values():
        assert [specifier.operator for specifier in pin.specifier] == ["=="], pin
        version = Version(next(iter(pin.specifier)).version)
        assert version.local is None, f"{pin}: '+cpu' and the like exist on one index only"
        assert pin.url is None


def test_torch_is_asked_for_by_the_exact_version():
    assert str(pins()["torch"].specifier) == "==2.13.0"
    # Buttons during training need what 7.3 does (docstring of aigc_edu.doctor).
    assert str(pins()["ipykernel"].specifier).startswith("==7.3.")


@pytest.mark.parametrize(
    "line", PROJECT["dependencies"] + [line for extra in EXTRAS.values() for line in extra]
)
def test_everything_asked_for_is_pinned_to_a_version_it_allows(line):
    wanted = Requirement(line)
    pin = pins().get(canonicalize_name(wanted.name))
    assert pin is not None, f"{wanted.name} is not in constraints.txt"
    assert wanted.specifier.contains(next(iter(pin.specifier)).version)


def test_everything_installed_here_is_the_pinned_version():
    """The lock is what the tests run with, not a wish."""
    from importlib.metadata import PackageNotFoundError, version

    other = {}
    for name, pin in pins().items():
        try:
            here = version(name).partition("+")[0]
        except PackageNotFoundError:
            continue  # needed on another system or Python only
        if not pin.specifier.contains(here):
            other[name] = here
    assert other == {}


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0"])
def test_every_pin_admits_every_python_that_is_promised(python):
    """A pin that wants 3.11.5 would shut out the Python of a current Debian."""
    from importlib.metadata import PackageNotFoundError, distribution

    refusing = []
    for name, pin in pins().items():
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        wants = installed.metadata.get("Requires-Python") or ""
        if pin.specifier.contains(installed.version.partition("+")[0]) and not SpecifierSet(
            wants
        ).contains(python):
            refusing.append(f"{name} wants {wants}")
    assert refusing == []


def test_the_four_extras_are_there():
    assert set(EXTRAS) == {"lab", "grading", "cluster", "test"}


def test_nothing_but_the_cluster_asks_for_dask():
    asking = {name for name, lines in EXTRAS.items() if "distributed" in " ".join(lines)}
    assert asking == {"cluster"}
    assert "distributed" not in " ".join(PROJECT["dependencies"])


def test_conda_takes_the_same_line_for_pip_as_bootstrap(bootstrap):
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, packages = environment["dependencies"]
    extras = ",".join(sorted(bootstrap.DEVELOPER))
    line = packages["pip"][0]
    found = re.fullmatch(r"-e \.\[(.*)\]", line)
    assert found is not None
    assert ",".join(sorted(found.group(1).split(","))) == extras
    assert packages["pip"][1] == "-c constraints.txt"
    assert pip == "pip"
    assert Requirement(python).specifier.contains("3.11")
    assert Requirement(python).specifier.contains("3.13")
    assert not Requirement(python).specifier.contains("3.10")


def test_bootstrap_installs_with_that_line(bootstrap, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(
        bootstrap, "run_keeping_errors", lambda command, log: (seen.extend(command), (0, ""))[1]
    )
    bootstrap.install(str(tmp_path), bootstrap.DEVELOPER)
    assert seen[seen.index("install") :] == [
        "install",
        "-e",
        ".[grading,lab,test]",
        "-c",
        str(ROOT / "constraints.txt"),
    ]


def test_python_is_asked_for_alike_everywhere(bootstrap):
    assert PROJECT["requires-python"] == ">=3.11"
    assert bootstrap.OLDEST == (3, 11)


def test_the_makefile_only_calls_bootstrap(bootstrap):
    text = (ROOT / "Makefile").read_text()
    recipes = [line.strip() for line in text.splitlines() if line.startswith("\t")]
    assert recipes == [
        "@$(PYTHON) bootstrap.py help",
        "@$(PYTHON) bootstrap.py $@ $(ARGS)",
    ]
    targets = set(text.split(".PHONY:")[1].splitlines()[0].split())
    assert targets == {"help", *bootstrap.COMMANDS}


def test_citation_and_changelog_know_the_version():
    from aigc_edu import __version__

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_license_files_are_whole():
    code = (ROOT / "LICENSE").read_text()
    assert code.startswith("BSD 3-Clause License")
    assert "ARISING IN ANY WAY OUT OF THE USE" in code
    prose = (ROOT / "LICENSE-CONTENT").read_text()
    for section in range(1, 9):
        assert f"Section {section} -- " in prose
    for name in PROJECT["license-files"]:
        assert (ROOT / name).is_file()


def test_the_arrows_between_the_rooms_go_one_way():
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in ran.stdout


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("objectives", "training"),
        ("grading.sandbox", "grading.judge"),
        ("view.loop", "view.explorers"),
    ],
)
def test_a_wrong_arrow_is_found(tmp_path, lower, upper):
    """The contracts can fail: the same layers over a package that breaks them."""
    assert len(CONTRACTS) == 3, "one wrong arrow for each"
    package = tmp_path / "aigc_edu"
    for contract in CONTRACTS:
        (container,) = contract.get("containers", [""])
        rooms = re.findall(r"[a-z_]+", " ".join(contract.get("layers", [])))
        rooms = [f"{container}.{room}" for room in rooms]
        for room in rooms + contract.get("modules", []):
            folder = tmp_path.joinpath(*room.split("."))
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package.joinpath(*lower.split(".")) / "__init__.py").write_text(f"import aigc_edu.{upper}\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, '.');"
            "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert f"aigc_edu.{lower} -> aigc_edu.{upper}" in ran.stdout


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys; import aigc_edu, aigc_edu.cli; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "numpy", "matplotlib", "sklearn", "scipy", "IPython"}
    assert heavy.isdisjoint(ran.stdout.split())


def test_no_line_ends_in_carriage_return():
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split("\n")
    text = [name for name in tracked if name.endswith((".py", ".md", ".toml", ".ipynb", ".yml"))]
    assert [name for name in text if (ROOT / name).exists()
            and b"\r\n" in (ROOT / name).read_bytes()] == []  # fmt: skip
