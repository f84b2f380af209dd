"""Submissions that try to cheat, to break out or to break the grader: not one gains a mark.

Each file in ``hostile/`` is the cell with the answer to 4.2 and says in its first lines what
it tries and what becomes of it. An honest answer to 4.4 stands in the same notebook, and an
honest notebook is graded beside each batch.

``python -m tests.grading.test_hostile`` prints the table.
"""

import contextlib
import importlib.util
import os
import re
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from aigc_edu import paths
from aigc_edu.errors import CourseError
from aigc_edu.grading.judge.grader import Terms
from aigc_edu.grading.judge.ledger import MarkLine
from tests.grading import sandboxed as helpers

FOLDER = Path(__file__).parent / "hostile"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Hostile:
    """One file: what it tries, which statuses are right, and the most points of 4.2."""

    name: str
    tries: str
    statuses: tuple[str, ...]
    later: tuple[str, ...]
    most: float
    code: str


def read(path: Path) -> Hostile:
    text = path.read_text(encoding="utf-8")

    def fact(name: str, default: str) -> str:
        found = re.search(rf"^# {name}: (.+)$", text, re.MULTILINE)
        return found[1].strip() if found else default

    def statuses(name: str, default: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in fact(name, default).split("|"))

    return Hostile(
        path.stem,
        fact("Tries", "?"),
        statuses(r"4\.2", "wrong"),
        statuses(r"4\.4", "right"),
        float(fact("Most", "0")),
        text,
    )


ALL = [read(path) for path in sorted(FOLDER.glob("*.py"))]


class Canary:
    """What must not be reached: a server on the host, a secret in the environment."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.reached = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.server.accept()[0].close()
                self.reached += 1


@dataclass
class Graded:
    lines: dict[str, MarkLine]
    canary: Canary


def grade_all(folder: Path) -> Graded:
    os.environ["AIGC_EDU_TEST_SECRET"] = "CANARY"
    canary = Canary()
    library = helpers.library(folder)
    files = {"honest": helpers.honest()}
    for hostile in ALL:
        code = hostile.code.replace("CANARY_PORT", str(canary.port))
        cells = [helpers.IMPORTS, helpers.DIAGONAL, code, helpers.CHECK_KL, helpers.CHECK_DIAGONAL]
        files[hostile.name] = helpers.notebook(cells)
    files["honest at the end"] = helpers.honest()
    terms = Terms(
        helpers.manifest(seconds=8.0, memory_mb=512),
        "04",
        helpers.SECRET,
        library=str(library),
        only=("4.2", "4.4"),
    )
    return Graded(helpers.batch(terms, files), canary)


def test_there_are_enough() -> None:
    assert len(ALL) >= 60
    assert len({hostile.tries for hostile in ALL}) == len(ALL)


def test_what_they_attack_is_there() -> None:
    """A module that was moved would be attacked under a name where nothing has ever been."""
    names = {name for hostile in ALL for name in re.findall(r"aigc_edu(?:\.\w+)+", hostile.code)}
    assert len(names) >= 6
    assert not [name for name in sorted(names) if importlib.util.find_spec(name) is None]
    (by_file_name,) = (hostile for hostile in ALL if hostile.name == "escape_grader_files")
    files = set(re.findall(r'"(\w+\.(?:py|md))"', by_file_name.code))
    assert len(files) >= 4
    there = {
        path.name for path in [*paths.PACKAGE.rglob("*.py"), *paths.solutions_dir().glob("*.md")]
    }
    assert not files - there


def problems(line: MarkLine, hostile: Hostile) -> list[str]:
    """What is not as the file says."""
    marks = {mark.id: mark for mark in line.exercises}
    found = [] if line.status == "graded" else [f"the file is {line.status}: {line.note}"]
    for identifier, allowed in (("4.2", hostile.statuses), ("4.4", hostile.later)):
        if marks[identifier].status not in allowed:
            found.append(f"{identifier} is {marks[identifier].status}, not {' or '.join(allowed)}")
    if marks["4.2"].points > hostile.most:
        found.append(f"4.2 has {marks['4.2'].points} points")
    for mark in line.exercises:
        words = mark.message
        if not words or not all(char.isprintable() for char in words):
            found.append(f"the feedback is {words!r}")
        if "CANARY" in words or "LEAK" in words:
            found.append(f"the feedback tells: {words!r}")
    return [f"{hostile.name} ({hostile.tries}): {text}" for text in found]


def test_nothing_is_gained_nobody_is_harmed(tmp_path: Path) -> None:
    """One test, so that the batch runs once however the tests are spread."""
    try:
        graded = grade_all(tmp_path)
    except CourseError as error:
        pytest.skip(f"no sandbox here: {error}")
    found = [text for hostile in ALL for text in problems(graded.lines[hostile.name], hostile)]
    assert not found, "\n".join(found)
    # The truthful get full marks beside them.
    for name in ("honest", "honest at the end"):
        assert [mark.status for mark in graded.lines[name].exercises] == ["right", "right"]
        assert sum(mark.points for mark in graded.lines[name].exercises) == 7
    # The host is as it was.
    assert graded.canary.reached == 0
    for place in ("/", "/tmp", "/usr/lib", "/etc", "/dev", "/root", "/home", "/dev/shm"):
        assert not os.path.exists(os.path.join(place, "aigc-edu-hostile"))
        assert not os.path.exists(os.path.join(place, "note"))
    running = []
    for entry in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            running.append(entry.read_text().strip())
    assert "aigc-survivor" not in running


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        result = grade_all(Path(place))
    for hostile in ALL:
        marks = {mark.id: mark for mark in result.lines[hostile.name].exercises}
        flag = "!! " if problems(result.lines[hostile.name], hostile) else ""
        print(
            f"{flag}{hostile.name:<28} {hostile.tries[:60]:<62}"
            f"{marks['4.2'].status:<16}{marks['4.2'].points:<5g}{marks['4.4'].status:<8}"
            f"{result.lines[hostile.name].seconds:6.1f} s"
        )
    print("canary reached", result.canary.reached)
