"""A pack of exercises for the tests, and a learner who has done nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_edu.exercises import progress, registry

PACK = Path(__file__).parent / "pack.py"


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
