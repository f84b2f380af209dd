"""What all tests share: property tests that no slow machine fails, and folders of a test's own."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A property is true or false, however long it takes to see: neither the time of an example nor
# that of drawing one is asked. Checks of a strategy itself (that it filters nearly all out) stay.
# Examples are drawn anew each time, so that more are seen than those of the first day, and a
# failing one is tried again from .hypothesis/; where CI is set Hypothesis itself draws the same
# ones each time, which this profile inherits.
settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for progress and checkpoints that is not the learner's."""
    folder = tmp_path / "state"
    monkeypatch.setenv("AIGC_EDU_STATE", str(folder))
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for data sets that is not the user's."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("AIGC_EDU_CACHE", str(folder))
    return folder
