"""docs/speed.md says what was kept."""

import pytest


@pytest.fixture
def report(program):
    return program("report")


def test_the_page_holds_the_kept_figures(report):
    page = report.PAGE.read_text(encoding="utf-8")
    assert report.filled(page) == page, "run: python benchmarks/report.py --write"
    assert page.count("<!-- end -->") == len(report.TABLES)
    assert "nan" not in page


def test_another_figure_is_noticed(report, monkeypatch):
    page = report.PAGE.read_text(encoding="utf-8")
    real = report.kept

    def changed(name):
        table = real(name)
        if name == "training":
            table["rows"]["MLP VAE"]["times as fast as usual"]["course, float32"]["median"] = 99.0
        return table

    monkeypatch.setattr(report, "kept", changed)
    assert report.filled(page) != page
    with pytest.raises(ValueError, match="no place for the table"):
        report.filled("a page without tables")
