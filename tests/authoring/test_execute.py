"""Executing notebooks: outputs, order, and every way in which it can end early."""

import json
import os
import sys

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from aigc_edu.authoring.execute import ExecutionError, execute


def notebook(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_outputs_folder_environment_and_calls(tmp_path):
    before = new_notebook(
        cells=[
            new_markdown_cell("# Title"),
            new_code_cell(
                "import os, sys\nprint(os.getcwd())\nprint(sys.executable)\n"
                "print(os.environ['A_VARIABLE'])"
            ),
            new_code_cell(""),
            new_code_cell("1 + 1"),
        ]
    )
    copy = json.dumps(before)
    calls = []
    after = execute(
        before,
        cwd=tmp_path,
        env={"A_VARIABLE": "set"},
        on_cell=lambda position, total, cell, seconds: calls.append(
            (position, total, cell.source[:6], seconds is None)
        ),
    )
    assert json.dumps(before) == copy
    folder, python, variable = after.cells[1].outputs[0].text.split()
    assert os.path.samefile(folder, tmp_path)
    assert python == sys.executable
    assert variable == "set"
    assert after.cells[3].outputs[0].data["text/plain"] == "2"
    assert [cell.get("execution_count") for cell in after.cells] == [None, 1, None, 2]
    assert calls == [
        (1, 2, "import", True),
        (1, 2, "import", False),
        (2, 2, "1 + 1", True),
        (2, 2, "1 + 1", False),
    ]
    assert "execution" not in after.cells[1].metadata  # no times: the same file each time
    assert "widgets" not in after.metadata


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("raise ValueError('of the cell')", "raised", "raised ValueError: of the cell."),
        ("1 +", "raised", "raised SyntaxError"),
        ("import time\ntime.sleep(600)", "timeout", "took longer than 2 s"),
        ("import os\nos._exit(1)", "dead kernel", "ended the kernel"),
    ],
)
def test_ending_early(tmp_path, source, kind, words):
    with pytest.raises(ExecutionError) as caught:
        execute(notebook("print('first')", source, "print('last')"), cwd=tmp_path, timeout=2)
    error = caught.value
    assert (error.kind, error.cell_index) == (kind, 1)
    assert words in str(error)
    assert str(error).startswith("Cell 2 of 3 (")
    assert "\n" not in str(error)
    first, failed, last = error.notebook.cells
    assert first.outputs[0].text == "first\n"
    assert [output.output_type for output in failed.outputs] == (
        ["error"] if kind in {"raised", "timeout"} else []
    )
    assert last.outputs == []


def test_no_kernel(tmp_path):
    with pytest.raises(ExecutionError, match="No Python kernel could be started") as caught:
        execute(notebook("1"), cwd=tmp_path / "missing")
    assert caught.value.cell_index is None
