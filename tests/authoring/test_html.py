"""One HTML file that loads nothing."""

import base64
import re
from html.parser import HTMLParser

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from aigc_edu.authoring.html import one_page

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


class Loads(HTMLParser):
    """Collects what a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._style = False

    def handle_starttag(self, tag, attrs):
        self._style = tag == "style"
        if tag in {"script", "iframe", "object", "embed", "link", "base", "frame"}:
            self.found.append(tag)
        for name, value in attrs:
            value = (value or "").strip()
            if name.startswith("on"):
                self.found.append(name)
            if name == "style" and re.search(r"url\(|@import", value, re.IGNORECASE):
                self.found.append(value)
            if name == "href" and tag in {"a", "area"}:
                if value.lower().startswith("javascript:"):
                    self.found.append(value)
            elif (
                name in {"src", "srcset", "poster", "background", "data", "action"}
                or name.endswith("href")
            ) and not value.startswith(("data:", "#")):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag):
        self._style = False

    def handle_data(self, data):
        if self._style and re.search(r"url\(|@import|src:", data, re.IGNORECASE):
            self.found.append(data)


def loads(page: str) -> list[str]:
    parser = Loads()
    parser.feed(page)
    parser.close()
    return parser.found


def page_of(*cells, **options) -> str:
    return one_page(new_notebook(cells=list(cells)), name="notebook", **options)


def prose(source: str, **options) -> str:
    return page_of(new_markdown_cell(source), **options)


HOSTILE = """# A page

<script src="https://cdn.example/a.js"></script> <script>alert(1)</script>
<link rel="stylesheet" href="https://cdn.example/a.css">
<style>@import "https://cdn.example/b.css";</style>
<style>p { background: url(https://cdn.example/c.png) }</style>
<img src="https://cdn.example/d.png" alt="a far picture" onerror="alert(1)">
<img srcset="https://cdn.example/e.png 2x" alt="another">
<iframe src="https://cdn.example/f.html"></iframe>
<video poster="https://cdn.example/g.png" src="https://cdn.example/g.mp4"></video>
<div style="background: URL('https://cdn.example/h.png')">styled</div>
<svg><image href="https://cdn.example/i.svg"/><use xlink:href="https://cdn.example/j.svg"/></svg>
<a href="javascript:alert(1)">click</a> <form action="https://cdn.example/k"></form>
<meta http-equiv="refresh" content="0; url=https://cdn.example/l">

![drawn](https://cdn.example/m.png) and [a link](https://example.org/page).
"""


def test_the_test_would_see_it():
    assert len(loads(HOSTILE)) >= 12


def test_nothing_is_loaded():
    outputs = [
        new_output("display_data", {"text/html": HOSTILE}),
        new_output(
            "display_data", {"application/javascript": "alert(1)", "text/plain": "a widget"}
        ),
        new_output(
            "display_data",
            {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "bar"},
        ),
        new_output("display_data", {"image/png": PNG, "text/plain": "x"}),
        new_output("display_data", {"image/svg+xml": "<svg><script>alert(1)</script></svg>"}),
        new_output("stream", text="<script>not a script</script> https://example.org"),
    ]
    page = page_of(new_markdown_cell(HOSTILE), new_code_cell("x = '<b>'", outputs=outputs))
    assert loads(page) == []
    assert 'href="https://example.org/page"' in page  # links stay
    assert "[picture: a far picture]" in page
    assert "a widget" in page
    assert "bar" in page
    assert "&lt;script&gt;not a script" in page


def test_title_language_and_phones():
    page = prose("Before.\n\n# Noise *turns* into <digits> & more\n")
    assert '<html lang="en">' in page
    assert "<title>Noise turns into &lt;digits&gt; &amp; more</title>" in page
    assert 'name="viewport" content="width=device-width' in page
    notebook = new_notebook(metadata={"aigc_edu": {"title": "The title"}})
    assert "<title>The title</title>" in one_page(notebook, name="x")
    assert "<title>x</title>" in one_page(new_notebook(), name="x")


def test_formulas():
    page = prose(
        "Inline $x^2$ and $\\mathbb{E}[z]$.\n\n$$\n\\begin{aligned} a &= b \\\\ &= c "
        "\\end{aligned}\n$$\n\n\\begin{align} y &= 1 \\end{align}\n\n| $\\mu$ | b |\n|---|---|\n"
        "| $\\sigma$ | $\\nosuch$ |\n"
    )
    assert page.count("<math") == 6
    assert page.count('<math display="block"') == 2
    assert '<code class="tex">\\nosuch</code>' in page
    assert "$" not in page.split("<body>")[1]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("Code `$x^2$` stays.", "$x^2$"),
        ("```python\nprice = '$x$ and $$y$$'\n```", "$x$ and $$y$$"),
        ("Text\n\n    indented $$z^2$$\n", "indented $$z^2$$"),
        ("It costs $5 and then $6.", "costs $5 and then $6."),
        ("It costs \\$5 and \\$6.", "costs $5 and $6."),
        ("```\n\\begin{align} x \\end{align}\n```", "\\begin{align} x \\end{align}"),
    ],
)
def test_dollars_that_are_no_formulas(source, kept):
    page = prose(source)
    assert "<math" not in page
    assert kept in re.sub("<[^>]*>", "", page).replace("&#39;", "'").replace("&quot;", '"')


def test_code_cells_are_never_formulas():
    cell = new_code_cell("label = '$x^2$'", outputs=[new_output("stream", text="$x^2$")])
    assert "<math" not in page_of(cell)


def test_formulas_in_outputs():
    cell = new_code_cell("x", outputs=[new_output("display_data", {"text/latex": "$x^2$"})])
    assert "<msup>" in page_of(cell)


def test_folded_text_stays_folded():
    page = prose("<details><summary>Solution</summary>\n\nInside $a$.\n\n</details>\n\nAfter.")
    folded = page.split("<details>")[1].split("</details>")[0]
    assert "Inside" in folded
    assert "After" not in folded


def test_pictures_keep_their_alternative_and_local_ones_come_inside(tmp_path):
    (tmp_path / "a b.png").write_bytes(b"\x89PNG")
    (tmp_path.parent / "secret.png").write_bytes(b"\x89PNG")
    html = (
        f'<img src="data:image/png;base64,{PNG}" alt="A &quot;line&quot;." style="max-width:100%">'
    )
    page = page_of(
        new_code_cell("x", outputs=[new_output("display_data", {"text/html": html})]),
        new_markdown_cell('<img src="a%20b.png" alt="near"> <img src="../secret.png" alt="above">'),
        folder=tmp_path,
    )
    assert "max-width:100%" in page
    assert re.search(r"alt=(\"A &quot;line&quot;.\"|'A \"line\".')", page)
    assert page.count('src="data:image/png') == 2
    assert "[picture: above]" in page
    assert loads(page) == []
