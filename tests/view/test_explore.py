"""The slider: a picture where no page is attached, a widget beside the picture where one is."""

import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest
from matplotlib.figure import Figure

from aigc_edu.view import explore


def draw(width):
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, width])
    return figure


class Shell:
    """Stands for IPython's shell, with or without a page behind it."""

    def __init__(self, metadata):
        self.kernel = SimpleNamespace(get_parent=lambda: {"metadata": metadata})


def attach(monkeypatch, metadata):
    shell = Shell(metadata)
    module = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", module)


def test_a_page_is_known_by_the_cell_it_names(monkeypatch):
    attach(monkeypatch, {"cellId": "a1", "recordTiming": False})
    assert explore.has_front_end()
    attach(monkeypatch, {})
    assert not explore.has_front_end()
    attach(monkeypatch, None)
    assert not explore.has_front_end()


def test_plain_python_has_no_page():
    program = "from aigc_edu.view.explore import has_front_end; print(has_front_end())"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert out.stdout.strip() == "False", out.stderr


def test_without_a_page_the_default_is_drawn_and_nothing_else(monkeypatch):
    drawn, shown = [], []
    monkeypatch.setattr(explore, "has_front_end", lambda: False)
    monkeypatch.setattr(explore, "show", lambda figure, alt: shown.append(alt))

    def note(width):
        drawn.append(width)
        return draw(width)

    explore.slider_figure(note, "width", [1, 2, 3], "A line.")
    explore.slider_figure(note, "width", [1, 2, 3], "A line.", default=3)
    assert drawn == [2, 3]
    assert shown == ["A line.", "A line."]


def test_with_a_page_moving_the_slider_draws_again(monkeypatch):
    import ipywidgets
    from IPython import display as display_module

    sliders, sent, drawn = [], [], []

    class Remembered(ipywidgets.SelectionSlider):
        def __init__(self, **settings):
            super().__init__(**settings)
            sliders.append(self)

    pictures = []

    class Page(ipywidgets.HTML):
        def __init__(self, **settings):
            super().__init__(**settings)
            pictures.append(self)

    monkeypatch.setattr(ipywidgets, "SelectionSlider", Remembered)
    monkeypatch.setattr(ipywidgets, "HTML", Page)
    monkeypatch.setattr(explore, "has_front_end", lambda: True)
    monkeypatch.setattr(display_module, "display", lambda data, **rest: sent.append(data))

    def note(width):
        drawn.append(width)
        return draw(width)

    explore.slider_figure(note, "width", [0.5, 1.0, 2.0], "A line < that rises.")
    before = pictures[0].value
    sliders[0].value = 2
    assert drawn == [1.0, 2.0]
    assert pictures[0].value != before
    assert "A line &lt; that rises. (width: 2)" in pictures[0].value
    # One message: the widget, and the picture for pages that cannot show widgets.
    assert len(sent) == 1
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/html"} <= set(sent[0])


def test_executed_without_a_page_no_widget_is_left_in_the_notebook(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    source = textwrap.dedent(
        """
        from matplotlib.figure import Figure
        from aigc_edu.view.explore import slider_figure
        def draw(width):
            figure = Figure(figsize=(2, 1))
            figure.subplots().plot([0, width])
            return figure
        slider_figure(draw, "width", [1, 2, 3], "A line.")
        """
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    (output,) = notebook.cells[0].outputs
    assert "image/png" in output.data
    assert 'alt="A line."' in output.data["text/html"]
    assert not any("widget" in kind for kind in output.data)
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize(
    ("values", "default", "alt"), [([], None, "A line."), ([1], 2, "A line."), ([1], None, " ")]
)
def test_wrong_arguments_are_refused(values, default, alt):
    with pytest.raises(ValueError, match=r"."):
        explore.slider_figure(draw, "width", values, alt, default=default)
