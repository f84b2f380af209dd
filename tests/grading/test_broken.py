"""Files that are broken, odd or another's: each gets a status, and the truthful full marks."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aigc_edu import paths
from aigc_edu.errors import CourseError
from aigc_edu.grading.judge.grader import Terms
from aigc_edu.grading.judge.ledger import MarkLine
from tests.grading import sandboxed as helpers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

IMPORTS, KL, CHECK = helpers.IMPORTS, helpers.KL, helpers.CHECK_KL
REST = [helpers.DIAGONAL, helpers.CHECK_DIAGONAL]
STUB = "def kl(mean, log_variance):\n    return TODO"
WRONG = "def kl(mean, log_variance):\n    return mean.sum(dim=1)"
book = helpers.notebook


@dataclass(frozen=True)
class File:
    """A submitted file, the status of the whole, and those of 4.2 and 4.4."""

    content: bytes
    status: str
    kl: str
    diagonal: str


def _damaged() -> bytes:
    return helpers.honest()[:-40]


def _edited(**metadata: Any) -> bytes:
    """Marks, names and claims in the metadata, outputs that say "right"."""
    made = json.loads(book([IMPORTS, WRONG, CHECK, *REST], **metadata))
    for cell in made["cells"]:
        cell["metadata"] = {"nbgrader": {"grade": True, "points": 3, "score": 3, "locked": False}}
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "✓ right"}]
        cell["execution_count"] = 1
    return json.dumps(made).encode()


FILES: dict[str, File] = {
    # ---- no notebooks
    "an empty file": File(b"", "empty", "missing", "missing"),
    "blanks": File(b" \n\n", "empty", "missing", "missing"),
    "cut off": File(_damaged(), "not a notebook", "missing", "missing"),
    "a picture": File(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a notebook", *["missing"] * 2),
    "a list": File(b"[1, 2, 3]", "not a notebook", "missing", "missing"),
    "no cells": File(b'{"nbformat": 4, "cells": []}', "not a notebook", "missing", "missing"),
    "cells of nonsense": File(
        b'{"cells": [1, null, {"cell_type": "code", "source": {"a": 1}}], "metadata": 7}',
        "graded",
        "missing",
        "missing",
    ),
    "JSON a hundred thousand deep": File(b"[" * 10**5, "not a notebook", "missing", "missing"),
    "JSON of 19 MB": File(
        b'{"cells": [' + b"0," * 9_500_000 + b"0]}", "not a notebook", "missing", "missing"
    ),
    "JSON of 21 MB": File(b"[" + b"0," * 10_500_000 + b"0]", "too large", "missing", "missing"),
    "a number of a million digits": File(b"1" * 10**6, "not a notebook", "missing", "missing"),
    "a cell of Python a thousand deep": File(
        book([IMPORTS, "x = " + "(" * 5000 + ")" * 5000, KL, CHECK, *REST]),
        "graded",
        "right",
        "right",
    ),
    "a cell that breaks the parser": File(
        book([IMPORTS, "x = " + "-" * 100_000 + "1", KL, CHECK, *REST]),
        "graded | not a notebook",
        "right | crashed | missing",
        "right | crashed | missing",
    ),
    "another language": File(
        book([KL], kernelspec={"name": "ir", "language": "R"}, language_info={"name": "R"}),
        "wrong kernel",
        "missing",
        "missing",
    ),
    # ---- another's
    "another lesson": File(
        (paths.lessons_dir() / "07_gan_training.ipynb").read_bytes(),
        "another lesson",
        "missing",
        "missing",
    ),
    "an untouched lesson": File(
        (paths.lessons_dir() / "04_vae_derivation.ipynb").read_bytes(),
        "graded",
        "not started",
        "not started",
    ),
    "claims another student and marks": File(
        _edited(student="honest", name="honest", authors=[{"name": "honest"}], grade=100),
        "graded",
        "wrong",
        "right",
    ),
    "script in its names": File(
        book(
            [
                IMPORTS,
                "def kl(mean, log_variance):\n    raise ValueError('<script>alert(1)</script>')",
                CHECK,
                *REST,
            ],
            title="<script>alert(1)</script>",
        ),
        "graded",
        "raised",
        "right",
    ),
    "a formula in its names": File(
        book([IMPORTS, "def kl(*a):\n    raise ValueError('=HYPERLINK(1)')", CHECK, *REST]),
        "graded",
        "raised",
        "right",
    ),
    # ---- truthful, in an unusual way
    "the worked solution": File(
        (paths.solutions_dir() / "04_vae_derivation.ipynb").read_bytes(),
        "graded",
        "right",
        "right",
    ),
    "honest": File(helpers.honest(), "graded", "right", "right"),
    "check cells deleted": File(book([IMPORTS, KL, helpers.DIAGONAL]), "graded", "right", "right"),
    "imports deleted": File(book([KL, CHECK, *REST]), "graded", "right", "right"),
    "cells in reverse": File(book([IMPORTS, KL, CHECK, *REST][::-1]), "graded", "right", "right"),
    "renamed": File(
        book([IMPORTS, KL.replace("def kl", "def my_kl"), 'check("4.2", my_kl)', *REST]),
        "graded",
        "right",
        "right",
    ),
    "every cell twice": File(
        book([c for c in (IMPORTS, KL, CHECK, *REST) for _ in (0, 1)]), "graded", "right", "right"
    ),
    "a copied stub below the answer": File(
        book([IMPORTS, KL, CHECK, STUB, CHECK, *REST]), "graded", "right", "right"
    ),
    "magics, shell lines and prints": File(
        book(
            [
                "%matplotlib inline\n!pip install torch\n" + IMPORTS,
                "%%time\n" + KL,
                CHECK,
                "print('x' * 10**6)\nkl?",
                "%%html\n<script>alert(1)</script>",
                *REST,
            ]
        ),
        "graded",
        "right",
        "right",
    ),
    "a broken cell elsewhere": File(
        book([IMPORTS, "for x in\n", KL, CHECK, "1 / 0", *REST]), "graded", "right", "right"
    ),
    "a broken answer beside it": File(
        book([IMPORTS, "def kl(mean, log_variance:\n    return 1", CHECK, *REST]),
        "graded",
        "refused",
        "right",
    ),
    "a helper and a constant": File(
        book(
            [
                IMPORTS,
                "HALF = 0.5",
                "def share(m, v):\n    return m.square() + v.exp() - 1 - v",
                "def kl(mean, log_variance):\n    return HALF * share(mean, log_variance).sum(1)",
                CHECK,
                *REST,
            ]
        ),
        "graded",
        "right",
        "right",
    ),
    "a training loop before the answer": File(
        book(
            [
                IMPORTS,
                "w = torch.ones(1, requires_grad=True)\nwhile True:\n    (w**2).sum().backward()",
                KL,
                CHECK,
                *REST,
            ]
        ),
        "graded",
        "right",
        "right",
    ),
    "by torch.distributions": File(
        book(
            [
                IMPORTS,
                "from torch.distributions import Normal, kl_divergence",
                "def kl(mean, log_variance):\n"
                "    q = Normal(mean, (log_variance / 2).exp())\n"
                "    return kl_divergence(q, Normal(0 * mean, 1 + 0 * mean)).sum(1)",
                CHECK,
                *REST,
            ]
        ),
        "graded",
        "right",
        "right",
    ),
}


def test_each_gets_a_status_and_the_truthful_full_marks(tmp_path: Path) -> None:
    """One test, so that the batch runs once however the tests are spread."""
    try:
        library = helpers.library(tmp_path)
    except CourseError as error:
        pytest.skip(f"no sandbox here: {error}")
    terms = Terms(
        helpers.manifest(seconds=15.0, memory_mb=512),
        "04",
        helpers.SECRET,
        library=str(library),
        only=("4.2", "4.4"),
    )
    graded = helpers.batch(terms, {name: file.content for name, file in FILES.items()})
    found = [text for name in FILES for text in problems(graded[name], FILES[name])]
    assert not found, "\n".join(found)


def problems(line: MarkLine, file: File) -> list[str]:
    """What is not as it should be."""
    found = []
    if line.status not in file.status.split(" | "):
        found.append(f"the file is {line.status}, not {file.status}")
    marks = {mark.id: mark for mark in line.exercises}
    for identifier, expected, points in (("4.2", file.kl, 3), ("4.4", file.diagonal, 4)):
        mark = marks[identifier]
        if mark.status not in expected.split(" | "):
            found.append(f"{identifier} is {mark.status}, not {expected}: {mark.message}")
        if mark.points != (points if mark.status == "right" else 0):
            found.append(f"{identifier} has {mark.points} points")
    if not line.note.endswith(".") or "Traceback" in line.note:
        found.append(f"the note is {line.note!r}")
    return [f"{line.student}: {text}" for text in found]
