"""What keeps the strict comparison from being empty, without executing anything.

nbval compares nothing where outputs are missing, lets magics and failing shell lines pass, and
ignores what a cell tagged ``nbval-ignore-output`` shows.
"""

from typing import Any

import nbformat
import pytest

from aigc_edu.authoring.build import Course
from aigc_edu.authoring.check import code_problems, output_problems, training_problems

COURSE = Course.here()
NAMES = COURSE.names()


@pytest.fixture(params=NAMES)
def solution(request: pytest.FixtureRequest) -> Any:
    return nbformat.read(COURSE.solution(request.param), as_version=4)


def test_there_are_solutions() -> None:
    assert NAMES


def test_every_cell_that_shows_something_has_its_output_stored(solution: Any) -> None:
    assert output_problems(solution) == []


def test_no_cell_does_what_strict_mode_misses(solution: Any) -> None:
    code = [cell.source for cell in solution.cells if cell.cell_type == "code"]
    assert [problem for source in code for problem in code_problems(source)] == []


def test_what_ignored_training_achieves_is_asserted(solution: Any) -> None:
    assert training_problems(solution) == []


def test_no_cell_is_left_out_of_the_comparison(solution: Any) -> None:
    for cell in solution.cells:
        assert not {"nbval-skip", "nbval-raises-exception", "raises-exception"} & set(
            cell.metadata.get("tags", [])
        )
        assert "NBVAL_" not in cell.source


def test_most_outputs_are_compared(solution: Any) -> None:
    """A solution in which every output is ignored would prove nothing."""
    compared = [
        cell
        for cell in solution.cells
        if cell.cell_type == "code"
        and cell.outputs
        and "nbval-ignore-output" not in cell.metadata.get("tags", [])
    ]
    assert compared
