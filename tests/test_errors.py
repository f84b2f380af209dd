"""A course's own error in a notebook."""

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook


def test_a_notebook_shows_the_sentence_alone():
    source = "from aigc_edu.errors import CourseError\nraise CourseError('Mend it.')"
    notebook = new_notebook(cells=[new_code_cell(source)])
    NotebookClient(notebook, allow_errors=True, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output["ename"] == "CourseError"
    assert output["traceback"] == ["CourseError: Mend it."]
