"""TeX to MathML: the forms that lessons use, and what happens to others."""

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from aigc_edu.authoring.formulas import formula


def text(markup: str) -> str:
    return "".join(ElementTree.fromstring(markup).itertext())


def tags(markup: str) -> list[str]:
    return [element.tag for element in ElementTree.fromstring(markup).iter()]


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\mathbf{x}", "𝐱"),
        (r"\boldsymbol{\mu}", "𝝁"),
        (r"\boldsymbol\Sigma", "𝜮"),
        (r"\bm{\epsilon}", "𝝐"),
        (r"\mathbf{0}", "𝟎"),
        (r"\mathbb{E}", "𝔼"),
        (r"\mathbb R", "ℝ"),
        (r"\mathbb{1}", "𝟙"),
        (r"\mathcal{N}", "𝒩"),
        (r"\mathcal{L}", "ℒ"),
        (r"\mathrm{KL}", "KL"),
        (r"\operatorname{KL}", "KL"),
        (r"\operatorname*{arg\,max}", "arg max"),
        (r"\arg\min", "arg min"),
        (r"x \sim p", "x∼p"),
        (r"\lVert x \rVert", "‖x‖"),
        (r"\log x", "logx"),
        (r"\epsilon\varepsilon\phi\varphi", "ϵεϕφ"),
        (r"a < b", "a<b"),
        (r"x'", "x′"),
        (r"50\,\%", "50%"),
    ],
)
def test_letters(tex, expected):
    assert text(formula(tex)) == expected


@pytest.mark.parametrize(
    "environment", ["aligned", "align", "align*", "split", "gathered", "gather*"]
)
def test_lines_below_each_other(environment):
    markup = formula(
        rf"\begin{{{environment}}} a &= b \\ &= c \end{{{environment}}}"
        if "gather" not in environment
        else rf"\begin{{{environment}}} a = b \\ = c \end{{{environment}}}",
        display=True,
    )
    assert tags(markup).count("mtr") == 2
    assert text(markup) == "a=b=c"  # neither an ampersand nor an equation number


def test_columns_of_aligned_lines():
    markup = formula(
        r"\begin{aligned} f &= \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases} \\"
        r"g &= \begin{pmatrix} a & b \\ c & d \end{pmatrix} \end{aligned}",
        display=True,
    )
    outer = ElementTree.fromstring(markup).find(".//mtable")
    assert [[cell.get("columnalign") for cell in row] for row in outer] == [["right", "left"]] * 2
    assert text(markup) == "f={1x>00otherwiseg=(abcd)"


def test_limits_stand_below_in_a_displayed_formula():
    assert "munder" in tags(formula(r"\min_G \max_D V", display=True))
    assert "munder" not in tags(formula(r"\min_G \max_D V"))
    assert "munderover" in tags(formula(r"\sum_{i=1}^n x_i", display=True))


def test_a_function_keeps_its_distance_from_a_letter_only():
    assert "mspace" in tags(formula(r"\log p"))
    assert "mspace" in tags(formula(r"\log \frac{1}{2}"))
    assert "mspace" not in tags(formula(r"\log(p)"))
    assert "mspace" not in tags(formula(r"\log\left(p\right)"))


def test_display_and_inline():
    assert formula("x").startswith('<math display="inline">')
    assert formula("x", display=True).startswith('<math display="block">')


def test_no_letter_style_that_browsers_ignore():
    markup = formula(r"\boldsymbol{\mu}\mathbb{1}\bm{z}\mathbf{3}\mathbb R\mathrm{d}x")
    kinds = {element.get("mathvariant") for element in ElementTree.fromstring(markup).iter()}
    assert kinds <= {None, "normal"}


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{1}{",
        r"\nosuchcommand{x}",
        r"\middle| x",
        r"a & b",
        r"\begin{nosuch} x \end{nosuch}",
        r"<script>alert(1)</script> \nosuch",
        "",
    ],
)
def test_what_cannot_be_converted_stands_as_code(tex):
    markup = formula(tex)
    if not markup.startswith("<math"):
        assert markup.startswith('<code class="tex">')
        seen = []
        parser = HTMLParser()
        parser.handle_data = seen.append
        parser.feed(markup)
        parser.close()
        assert "".join(seen) == tex
    assert "<script" not in markup
    assert "\\" not in markup or markup.startswith("<code")
