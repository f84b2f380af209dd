"""What the tests of the sandbox share: notebooks from cells, terms, a batch."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aigc_edu.exercises import lesson_exercises
from aigc_edu.grading.judge.grader import Task, Terms
from aigc_edu.grading.judge.ledger import MarkLine
from aigc_edu.grading.judge.manifest import ExerciseRecord, Manifest
from aigc_edu.grading.judge.packs import Pack
from aigc_edu.grading.judge.pool import Workers, run
from aigc_edu.grading.judge.specification import make_manifest
from aigc_edu.grading.sandbox.bubblewrap import require_sandbox
from aigc_edu.grading.sandbox.library import build_library

FOLDER = Path(__file__).with_name("hostile")

SECRET = b"CANARY-SEED-0123456789abcdef"
"""The seed of these tests: hostile submissions look for it."""

IMPORTS = """
import math

import torch
import torch.nn.functional as F

from aigc_edu.exercises import TODO, check
"""

KL = """
def kl(mean, log_variance):
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1)
"""

CHECK_KL = 'kl_used = check("4.2", kl)'

DIAGONAL = """
def best_diagonal_variance(weight, noise_variance):
    return noise_variance / (weight.square().sum(dim=0) + noise_variance)
"""

CHECK_DIAGONAL = 'best_diagonal_variance_used = check("4.4", best_diagonal_variance)'


def notebook(cells: Sequence[str], **metadata: Any) -> bytes:
    """A notebook with these code cells."""
    facts: dict[str, Any] = {
        "aigc_edu": {"number": "04"},
        "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    made = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {**facts, **metadata},
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "source": code.strip("\n"),
                "outputs": [],
                "execution_count": None,
            }
            for number, code in enumerate(cells)
        ],
    }
    return json.dumps(made).encode()


def honest() -> bytes:
    """A notebook with right answers to 4.2 and 4.4."""
    return notebook([IMPORTS, KL, CHECK_KL, DIAGONAL, CHECK_DIAGONAL])


def manifest(seconds: float = 20.0, memory_mb: int = 1024, lesson: str = "04") -> Manifest:
    """The lesson's manifest with other limits."""
    whole = make_manifest([lesson], Pack(""))
    records = tuple(
        ExerciseRecord(**{**vars(record), "seconds": seconds, "memory_mb": memory_mb})
        for record in whole.exercises
    )
    return Manifest(whole.course_version, whole.released, whole.lessons, records)


def library(folder: Path, lesson: int = 4) -> Path:
    """The sandbox's library for a lesson; the sandbox is tried with it.

    Raises:
        CourseError: if there can be no sandbox here.
    """
    made = build_library(folder / "library", lesson_exercises(lesson))
    require_sandbox(made)
    return made


def batch(terms: Terms, files: dict[str, bytes], workers: int = 2) -> dict[str, MarkLine]:
    """Grade files by student; the batch must come to its end."""
    lines: dict[str, MarkLine] = {}

    def task(student: str, content: bytes) -> Callable[[], Task]:
        return lambda: Task(student, 1, content)

    run(
        terms,
        [task(student, content) for student, content in files.items()],
        Workers(workers),
        lambda line: lines.__setitem__(line.student, line),
    )
    assert set(lines) == set(files)
    return lines
