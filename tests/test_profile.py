"""A property test fails by its property, on a slow machine too."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent

# Hypothesis sees each look at the clock five seconds after the last one.
PROPERTIES = """
import itertools
import time

from hypothesis import given, settings, strategies as st

clock, looks = time.perf_counter, itertools.count()
time.perf_counter = lambda: clock() + 5 * next(looks)


@settings(max_examples=20)
@given(st.lists(st.integers()))
def test_true(numbers):
    assert sorted(numbers) == sorted(reversed(numbers))


@given(st.integers())
def test_false(number):
    assert number < 100
"""


def failures(folder: Path) -> set[str]:
    """The tests of the folder that fail, on a machine where nobody has set CI."""
    (folder / "test_properties.py").write_text(PROPERTIES)
    settings = {name: value for name, value in os.environ.items() if name != "CI"}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--rootdir=.", "-p", "no:cacheprovider"],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "2 passed" in ran.stdout or " failed" in ran.stdout, ran.stdout + ran.stderr
    names = ("test_true", "test_false")
    return {name for name in names if f"FAILED test_properties.py::{name}" in ran.stdout}


def test_a_slow_machine_fails_false_properties_only(tmp_path: Path) -> None:
    shutil.copy(TESTS / "conftest.py", tmp_path)
    assert failures(tmp_path) == {"test_false"}


def test_without_the_profile_it_would_fail_all(tmp_path: Path) -> None:
    assert failures(tmp_path) == {"test_true", "test_false"}


def test_no_test_has_a_deadline_of_its_own() -> None:
    own = [
        path.name
        for path in TESTS.rglob("test_*.py")
        if path != Path(__file__) and "deadline=" in path.read_text(encoding="utf-8")
    ]
    assert own == []
