"""A pack of exercises for the tests, and a learner who has done nothing."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_edu.exercises import progress, registry

PACK = Path(__file__).parent / "pack.py"
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test's state is; two thousand temporary folders would cost more than the tests."""
    return tmp_path_factory.mktemp("states")


@pytest.fixture
def state(states: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As everywhere, a folder of the test's own; it is made by whoever writes into it."""
    folder = states / str(next(_NUMBERS))
    monkeypatch.setenv("AIGC_EDU_STATE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def nothing_done(state: Path) -> None:
    """Each test begins as a learner who has done nothing and has been told nothing."""
    progress._told.clear()


@pytest.fixture(autouse=True)
def pack() -> Iterator[None]:
    """The exercises of pack.py, known to check and hint."""
    registry.load_pack(PACK)
    yield
    registry.forget_packs()
