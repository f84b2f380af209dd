"""Figures with a text alternative, in a kernel and without one."""

import base64
import io
import subprocess
import sys

import matplotlib
import pytest
from matplotlib.figure import Figure
from PIL import Image

from aigc_edu import view
from aigc_edu.view import display


def line_figure() -> Figure:
    figure = Figure()
    figure.subplots().plot([0, 1, 2])
    return figure


@pytest.fixture
def shown(monkeypatch):
    """What would be displayed in a kernel: a list of (data, metadata)."""
    import IPython.display

    kept = []
    monkeypatch.setattr(display, "in_kernel", lambda: True)
    monkeypatch.setattr(
        IPython.display, "display", lambda data, raw, metadata: kept.append((data, metadata))
    )
    return kept


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_alt_is_refused(alt):
    with pytest.raises(ValueError, match="text alternative"):
        view.show(line_figure(), alt)


def test_only_figures_are_shown():
    with pytest.raises(TypeError, match="matplotlib figure"):
        view.show([1, 2], "A list.")


def test_the_three_forms(shown):
    view.show(line_figure(), 'A line that says "1 < 2".')
    ((data, metadata),) = shown
    assert set(data) == {"image/png", "text/html", "text/plain"}
    assert data["text/plain"] == 'A line that says "1 < 2".'
    assert 'alt="A line that says &quot;1 &lt; 2&quot;."' in data["text/html"]
    assert f"data:image/png;base64,{data['image/png']}" in data["text/html"]
    assert "max-width:100%" in data["text/html"]
    png = base64.b64decode(data["image/png"])
    image = Image.open(io.BytesIO(png)).convert("RGB")
    # Drawn 1.5 times finer than shown, and not an empty page.
    assert image.width == 960
    assert metadata["image/png"]["width"] == 640
    assert len(image.getcolors(1 << 20)) > 5
    assert len(png) < 40_000


def test_a_pyplot_figure_is_closed_and_shown_once(shown):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    view.show(figure, "A line.")
    assert len(shown) == 1
    assert not plt.fignum_exists(figure.number)


def test_nothing_is_displayed_or_opened_in_plain_python():
    program = (
        "import sys\n"
        "from matplotlib.figure import Figure\n"
        "import aigc_edu.view as view\n"
        "assert 'matplotlib.pyplot' not in sys.modules, 'the room must import lazily'\n"
        "figure = Figure(); figure.subplots().plot([1, 2])\n"
        "view.show(figure, 'A line.')\n"
        "view.curves({'a': [1, 2]}, x_label='x', y_label='y', title='t', alt='A curve.')\n"
        "view.image_grid([[[0.0, 1.0]]], alt='Two pixels.')\n"
        "assert 'IPython' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_style_is_readable_and_safe():
    before = dict(matplotlib.rcParams)
    try:
        view.use_style()
        assert matplotlib.rcParams["font.size"] >= 10
        cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()
        # A line differs from the next by more than its color.
        assert len(set(map(str, cycle["linestyle"]))) == len(cycle["linestyle"])
        assert set(cycle["color"]) <= set(view.COLORS)
    finally:
        matplotlib.rcParams.update(before)


class TestCurves:
    words = {"x_label": "step", "y_label": "loss", "title": "It falls", "alt": "A curve."}  # noqa: RUF012

    @pytest.fixture
    def figures(self, monkeypatch):
        from aigc_edu.view import plots

        kept = []
        monkeypatch.setattr(plots, "show", lambda figure, alt: kept.append(figure))
        return kept

    def test_each_series_has_its_own_color_line_and_marker(self, figures):
        import torch

        view.curves({"a": [3, 2, 1], "b": torch.tensor([1.0, 2, 3]), "c": [2, 2, 2]}, **self.words)
        lines = figures[0].axes[0].lines
        assert len({line.get_color() for line in lines}) == 3
        assert len({line.get_linestyle() for line in lines}) == 3
        assert len({line.get_marker() for line in lines}) == 3
        assert [text.get_text() for text in figures[0].axes[0].get_legend().get_texts()] == [
            "a",
            "b",
            "c",
        ]
        assert figures[0].axes[0].get_xlabel() == "step"

    def test_values_that_are_no_numbers_leave_a_gap_and_are_named(self, figures):
        view.curves({"loss": [1.0, float("nan"), float("inf"), 2.0]}, **self.words)
        assert "not a number" in figures[0].axes[0].get_title(loc="left")
        assert figures[0].axes[0].lines[0].get_ydata()[0] == 1.0

    @pytest.mark.parametrize(
        ("series", "x"),
        [
            ({}, None),
            ({str(i): [1.0] for i in range(7)}, None),
            ({"a": [1, 2]}, [1, 2, 3]),
            ({"a": []}, None),
            ({"a": [[1], [2]]}, None),
        ],
    )
    def test_bad_input(self, series, x):
        with pytest.raises(ValueError, match=r"series|values|list"):
            view.curves(series, x=x, **self.words)

    def test_a_log_axis(self, figures):
        view.curves({"a": [1, 10, 100]}, log_y=True, **self.words)
        assert figures[0].axes[0].get_yscale() == "log"


def test_progress_passes_through_and_is_quiet_in_a_pipe(capsys):
    assert list(view.progress(iter("abc"), "letters")) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")
