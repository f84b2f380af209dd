"""A pack of exercises for the tests, and a state folder that is not the learner's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_edu.exercises import progress, registry

PACK = Path(__file__).parent / "pack.py"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder for each test."""
    folder = tmp_path / "state"
    monkeypatch.setenv("AIGC_EDU_STATE", str(folder))
    progress._said.clear()
    return folder


@pytest.fixture(autouse=True)
def pack() -> Iterator[None]:
    """The exercises of pack.py, known to check and hint."""
    registry.load_pack(PACK)
    yield
    registry.forget_packs()
