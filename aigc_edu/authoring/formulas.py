"""TeX formulas as MathML, which browsers draw by themselves: no script, no font to fetch."""

import html
import re
import unicodedata
from xml.etree import ElementTree

# What the converter does not know, in words that it knows.
_REWRITES = [
    (r"\\begin\{(?:aligned|align|split|eqnarray\*?)\}(?:\[[tcb]\])?", r"\\begin{align*}"),
    (r"\\end\{(?:aligned|align|split|eqnarray\*?)\}", r"\\end{align*}"),
    (r"\\begin\{(?:gathered|gather\*?)\}", r"\\begin{array}{c}"),
    (r"\\end\{(?:gathered|gather\*?)\}", r"\\end{array}"),
    (r"\\(?:begin|end)\{(?:equation|displaymath|math)\*?\}", ""),
    (r"\\operatorname\*?\{arg(?:\\[,;: !]|~)?(min|max)\}", r"\\operatorname{arg\1}"),
    (r"\\operatorname\*", r"\\operatorname"),
    (r"\\arg\s*\\(min|max)(?![a-zA-Z])", r"\\operatorname{arg\1}"),
    (r"\\arg(?![a-zA-Z])", r"\\operatorname{arg}"),
    (r"\\[lr]Vert(?![a-zA-Z])", r"\\Vert "),
    (r"\\[lr]vert(?![a-zA-Z])", r"\\vert "),
    (r"\\(?:notag|nonumber)(?![a-zA-Z])", ""),
]

# Functions whose name is followed by a thin space where no bracket follows.
_FUNCTIONS = {"log", "ln", "exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "lg", "arg"}
# Operators whose index stands below them in a displayed formula.
_WITH_LIMITS = {"min", "max", "inf", "sup", "lim", "arg min", "arg max"}
# Symbols that stand for a quantity, though Unicode files them under operators.
_QUANTITIES = set("∞∂∇")

# MathML Core draws no "mathvariant" but "normal": the letters themselves must be other ones.
_VARIANTS = {
    "bold": "MATHEMATICAL BOLD",
    "italic": "MATHEMATICAL ITALIC",
    "bold-italic": "MATHEMATICAL BOLD ITALIC",
    "double-struck": "MATHEMATICAL DOUBLE-STRUCK",
    "script": "MATHEMATICAL SCRIPT",
    "fraktur": "MATHEMATICAL FRAKTUR",
    "sans-serif": "MATHEMATICAL SANS-SERIF",
    "monospace": "MATHEMATICAL MONOSPACE",
}
_DIGITS = {"italic": None, "bold-italic": "MATHEMATICAL BOLD", "script": None, "fraktur": None}
_EXCEPTIONS = {
    ("double-struck", "C"): "ℂ",
    ("double-struck", "H"): "ℍ",
    ("double-struck", "N"): "ℕ",
    ("double-struck", "P"): "ℙ",
    ("double-struck", "Q"): "ℚ",
    ("double-struck", "R"): "ℝ",
    ("double-struck", "Z"): "ℤ",
    ("italic", "h"): "ℎ",
}


def _letter(variant: str, character: str) -> str:
    """One character in another alphabet, or itself where that has none."""
    if (variant, character) in _EXCEPTIONS:
        return _EXCEPTIONS[variant, character]
    name = unicodedata.name(unicodedata.normalize("NFKC", character), "")
    name = re.sub(r"^(?:LATIN|GREEK) (SMALL|CAPITAL) LETTER", r"\1", name)
    prefix: str | None = _VARIANTS[variant]
    if name.startswith("DIGIT"):
        prefix = _DIGITS.get(variant, prefix)
    if character == "ϵ":  # TeX's \epsilon
        name = "EPSILON SYMBOL"
    elif character == "ϕ":  # TeX's \phi
        name = "PHI SYMBOL"
    try:
        return unicodedata.lookup(f"{prefix} {name}")
    except KeyError:
        return character


def _improve(element: ElementTree.Element, *, display: bool) -> None:
    """Put right, in place, what browsers would draw differently from TeX."""
    text = element.text or ""
    variant = element.get("mathvariant")
    if variant in _VARIANTS and text:
        if element.tag == "mtext":
            if "bold" in variant:
                element.set("style", "font-weight:bold")
        else:
            element.text = "".join(_letter(variant, character) for character in text)
        del element.attrib["mathvariant"]
    if element.tag == "mi" and text == "~":
        element.tag, element.text = "mo", "∼"
    elif (
        element.tag == "mi"
        and len(text) == 1
        and text not in _QUANTITIES
        and (unicodedata.category(text) in {"Sm", "Ps", "Pe"} or text == "‖")
    ):
        element.tag = "mo"
    if element.tag == "mo" and (element.text or "") in {"‖", "∣", "|"}:
        # Unless \left and \right asked for it, a bar does not grow with the whole line.
        element.attrib.setdefault("stretchy", "false")
    if element.tag == "mo" and len(text) > 1 and text.isalpha():
        if text in {"argmin", "argmax"}:
            element.text = f"{text[:3]} {text[3:]}"
        if element.text not in _WITH_LIMITS:
            element.tag = "mi"  # a name such as KL: no operator's space around it
    if element.tag == "mtable" and element.get("columnspacing") == "0em 2em":
        for row in element:
            for index, cell in enumerate(row):
                cell.set("columnalign", "left" if index % 2 else "right")
    if element.get("width") == "negativethinmathspace":
        element.set("width", "-0.167em")
    for child in element:
        _improve(child, display=display)
    if display and element.tag == "msub" and (element[0].text or "") in _WITH_LIMITS:
        element.tag = "munder"
    # "log x" would read as one word: TeX leaves a thin space unless a bracket follows.
    children = list(element)
    if element.tag in {"mrow", "mtd", "mstyle", "math"}:
        for index in range(len(children) - 2, -1, -1):
            name, following = children[index], children[index + 1]
            core = name[0] if name.tag in {"msub", "msup", "msubsup", "munder"} else name
            opens = following.tag in {"mo", "mspace"} or (
                following.tag == "mrow" and len(following) and following[0].get("fence") == "true"
            )
            if (core.text or "") in _FUNCTIONS and core.tag in {"mi", "mo"} and not opens:
                element.insert(index + 1, ElementTree.Element("mspace", {"width": "0.167em"}))


def formula(tex: str, *, display: bool = False) -> str:
    r"""A TeX formula as MathML.

    Args:
        tex: the formula without its dollars.
        display: True for a formula on a line of its own.

    Returns:
        A ``<math>`` element; where the formula cannot be converted, its TeX in ``<code>``.

    >>> formula(r"x^2")
    '<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    >>> formula(r"\frac{1}{")
    '<code class="tex">\\frac{1}{</code>'
    """
    from latex2mathml.converter import convert

    source = tex.strip()
    for pattern, replacement in _REWRITES:
        source = re.sub(pattern, replacement, source)
    try:
        markup = convert(source, display="block" if display else "inline")
        markup = markup.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")  # HTML knows
        root = ElementTree.fromstring(markup)
        if "\\" in "".join(root.itertext()):
            raise ValueError("a command that the converter does not know")
        _improve(root, display=display)
        # For HTML: an empty element gets its closing tag too.
        return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)
    except Exception:
        # The converter fails in many ways (its own exceptions, IndexError, ill-formed
        # markup); none of them may cost the reader the page.
        return f'<code class="tex">{html.escape(tex.strip(), quote=False)}</code>'
