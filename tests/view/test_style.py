"""The course's colors: each written once, and seen on the paper that it is meant for."""

import re
from collections import Counter

import pytest

from aigc_edu.paths import PACKAGE
from aigc_edu.view.style import (
    CANVAS_COLORS,
    COLORS,
    NOT_A_NUMBER,
    PAGE_COLORS,
    page_properties,
    rgb,
)

WHITE, DARK = "#FFFFFF", "#111111"  # a page's paper; the dark one is JupyterLab's
STYLE = PACKAGE / "view" / "style.py"


def texts():
    """Every file of the package that could write a color, with its text."""
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in {".py", ".js", ".css", ".html", ".svg", ".jinja", ".j2"}:
            yield file, file.read_text(encoding="utf-8")


def hex_colors(text):
    """The colors in a text, as #RRGGBB."""
    for digits in re.findall(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b", text):
        yield "#" + (digits if len(digits) == 6 else re.sub(".", r"\g<0>\g<0>", digits)).upper()


def every_color():
    palettes = [COLORS, PAGE_COLORS.values(), *CANVAS_COLORS.values()]
    return sorted({color for palette in palettes for color in palette})


def test_a_color_of_the_course_is_written_once():
    """Who changes the blue changes one place."""
    written = Counter(hex_colors(STYLE.read_text(encoding="utf-8")))
    assert {color: written[color] for color in every_color()} == dict.fromkeys(every_color(), 1)
    elsewhere = [
        (file.relative_to(PACKAGE).as_posix(), color)
        for file, text in texts()
        if file != STYLE
        for color in hex_colors(text)
        if color in every_color()
    ]
    assert elsewhere == []


def test_nor_is_it_written_as_three_numbers():
    triples = [r",\s*".join(map(str, rgb(color))) for color in every_color() if color != "#000000"]
    pattern = re.compile(rf"\b(?:{'|'.join(triples)})\b")
    assert [file.name for file, text in texts() if pattern.search(text)] == []
    assert rgb(COLORS[1]) == NOT_A_NUMBER


def luminance(color):
    """Relative luminance as WCAG 2.2 defines it."""
    shares = [channel / 255 for channel in rgb(color)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("paper", "palette"), [(WHITE, "light"), (DARK, "dark")])
def test_letters_and_lines_of_a_canvas_stand_out_on_its_paper(paper, palette):
    assert len(CANVAS_COLORS[palette]) == 10
    for color in CANVAS_COLORS[palette]:
        assert contrast(color, paper) >= 4.5, color


def test_marks_of_a_page_stand_out_on_either_paper():
    for name in ("blue", "brown", "vermilion", "green", "purple"):
        assert contrast(PAGE_COLORS[name], WHITE) >= 3, name
        assert contrast(PAGE_COLORS[name], DARK) >= 3, name


def test_every_property_that_a_page_asks_for_is_there():
    offered = set(re.findall(r"(--aigc-[\w-]+):", page_properties()))
    asked = {name for _, text in texts() for name in re.findall(r"var\((--aigc-[\w-]+)\)", text)}
    assert asked - {"--aigc-sky-blue"} <= offered  # the one that a docstring names
    assert "--aigc-sky-blue" in offered


def test_what_pages_load_fetches_nothing_from_anywhere():
    pages = [(file, text) for file, text in texts() if file.suffix in {".js", ".css"}]
    assert len(pages) >= 6
    for file, text in pages:
        found = re.search(r"https?:|\bimport\b|\bfetch\(|XMLHttpRequest|url\(", text)
        assert found is None, (file.name, found)
