"""A figure with a slider."""

import textwrap

import pytest
from matplotlib.figure import Figure
from pretended import attach

from aigc_edu.view.explorers.slider import slider_figure


def draw(width):
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, width])
    return figure


def test_without_a_page_the_slider_shows_its_default(monkeypatch):
    drawn = []

    def note(width):
        drawn.append(width)
        return draw(width)

    sent = attach(monkeypatch, {})
    slider_figure(note, "width", [1, 2, 3], "A line.")
    slider_figure(note, "width", [1, 2, 3], "A line.", default=3)
    assert drawn == [2, 3]
    assert ['alt="A line."' in data["text/html"] for data, _ in sent] == [True, True]


def test_moving_the_slider_draws_again():
    drawn = []

    def note(width):
        drawn.append(width)
        return draw(width)

    one = slider_figure.__wrapped__(note, "width", [0.5, 1.0, 2.0], "A line that rises.")
    (control,) = one.spec["controls"]
    assert control["labels"] == ["0.5", "1", "2"]
    assert control["start"] == 1
    fields, buffer = one.answer([2])
    assert drawn == [2.0]
    assert buffer.startswith(b"\x89PNG")
    assert fields["alt"] == "A line that rises. (width: 2)"


def test_executed_without_a_page_no_widget_is_left_in_the_notebook(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    source = textwrap.dedent(
        """
        from matplotlib.figure import Figure
        from aigc_edu.models import load_decoder
        from aigc_edu.view.explore import latent_plane, slider_figure
        def draw(width):
            figure = Figure(figsize=(2, 1))
            figure.subplots().plot([0, width])
            return figure
        slider_figure(draw, "width", [1, 2, 3], "A line.")
        latent_plane(load_decoder(), alt="A plane.")
        """
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    outputs = notebook.cells[0].outputs
    assert ['alt="A' in output.data["text/html"] for output in outputs] == [True, True]
    assert all(set(o.data) == {"image/png", "text/html", "text/plain"} for o in outputs)
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize(
    ("values", "default", "alt"), [([], None, "A line."), ([1], 2, "A line."), ([1], None, " ")]
)
def test_wrong_arguments_are_refused(values, default, alt):
    with pytest.raises(ValueError, match=r"."):
        slider_figure(draw, "width", values, alt, default=default)
