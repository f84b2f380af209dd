"""A notebook as one HTML file that loads nothing from anywhere.

Pictures are inside the file, formulas are MathML, and there is no script. Links stay:
they load nothing until somebody follows them.
"""

import base64
import copy
import html
import mimetypes
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from nbformat import NotebookNode

from aigc_edu.authoring.formulas import formula
from aigc_edu.view.style import page_properties

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 58rem; background: #fff; color: #1a1a1a;
  font: 1.05rem/1.6 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1, h2, h3, h4 { line-height: 1.25; margin: 1.6em 0 .5em; }
h1 { font-size: 1.9rem; margin-top: .5em; } h2 { font-size: 1.45rem; } h3 { font-size: 1.2rem; }
p, li, blockquote { max-width: 47rem; }
a { color: #0550ae; } a.anchor-link { text-decoration: none; color: #767676; margin-left: .3em;
  font-size: .8em; }
img, svg { max-width: 100%; height: auto; }
pre, code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: .9rem; }
pre { margin: 0; overflow-x: auto; line-height: 1.45; }
p code, li code, td code { background: #f2f2f2; padding: .1em .25em; border-radius: 3px; }
.highlight { background: none; }
.input_area, .rendered_html > .highlight, .rendered_html > pre { background: #f6f8fa;
  border-left: 3px solid var(--aigc-blue); padding: .6rem .8rem; margin: .8rem 0;
  overflow-x: auto; }
.output_wrapper { margin: .4rem 0 1rem; }
.output_subarea { padding: .2rem .8rem; overflow-x: auto; }
.output_stderr { background: #fff4e5; } .output_error pre { color: #9b1c00; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid #ccc; padding: .3em .6em; }
blockquote { margin: 1em 0; padding: 0 1em; border-left: 3px solid #ccc; }
details { margin: .8em 0; } summary { cursor: pointer; }
.formula { overflow-x: auto; overflow-y: hidden; margin: 1em 0; padding: .2em 0;
  text-align: center; }
math { font-size: 1.1em; font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math",
  "Libertinus Math", "DejaVu Math TeX Gyre", math; } math[display="block"] { margin: 0; }
mtd[columnalign="left"] { text-align: left; text-align: -webkit-left; }
mtd[columnalign="right"] { text-align: right; text-align: -webkit-right; }
mtable[columnspacing="0em 2em"] > mtr > mtd { padding-left: 0; padding-right: 0; }
menclose { border: 1px solid; padding: .2em; }
"""

# What would run, or load something, or leave the page, wherever it came from.
_FORBIDDEN = [
    "script", "link", "iframe", "frame", "object", "embed", "applet", "base", "meta", "noscript",
]  # fmt: skip
_LOADING = {
    "src", "srcset", "background", "poster", "data", "longdesc", "manifest", "ping", "action",
    "formaction", "lowsrc", "dynsrc", "codebase", "archive", "cite", "profile", "imagesrcset",
}  # fmt: skip
_LOADING_CSS = re.compile(r"@import|url\s*\(|image-set\s*\(|expression\s*\(", re.IGNORECASE)


def title_of(notebook: NotebookNode, fallback: str) -> str:
    """The title in the course's metadata, else the first heading, else ``fallback``.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> title_of(new_notebook(cells=[new_markdown_cell("# Start *here*")]), "x")
    'Start here'
    """
    title = notebook.metadata.get("aigc_edu", {}).get("title")
    if title:
        return str(title)
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (
            found := re.search(r"^#\s+(.+?)\s*#*$", cell.source, re.MULTILINE)
        ):
            return re.sub(r"[*_`$]", "", found[1])
    return fallback


def _exporter() -> Any:
    """nbconvert's HTML exporter with formulas as MathML.

    Built when used: nbconvert takes half a second to import.
    """
    from jinja2 import pass_context
    from nbconvert.exporters.html import HTMLExporter
    from nbconvert.filters.markdown_mistune import (
        IPythonRenderer,
        MarkdownWithMath,
        MathBlockParser,
        MathInlineParser,
    )

    class Renderer(IPythonRenderer):
        """Formulas as MathML; the rest as nbconvert does it."""

        def block_html(self, html: str) -> str:
            return html  # nbconvert would close what a later block closes: <details>

        def inline_html(self, html: str) -> str:
            return html

        def block_math(self, body: str) -> str:
            return (
                f'<span class="formula" style="display:block">{formula(body, display=True)}</span>'
            )

        def inline_math(self, body: str) -> str:
            return formula(body)

        def latex_environment(self, name: str, body: str) -> str:
            return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    class Inline(MathInlineParser):
        """Knows a price from a formula: no digit follows a closing dollar."""

        SPECIFICATION = {  # noqa: RUF012 (as the class above has it)
            **MathInlineParser.SPECIFICATION,
            "inline_math_tex": r"(?<![$\\])\$(?P<math_inline_tex>[^$`]+?)(?<![$\\])\$(?!\d)",
        }

    class OnePage(HTMLExporter):
        @pass_context
        def markdown2html(self, context: Any, source: str) -> str:
            renderer = Renderer(
                escape=False,
                attachments=context.get("cell", {}).get("attachments", {}),
                embed_images=True,
                path=context.get("resources", {}).get("metadata", {}).get("path", ""),
                anchor_link_text="#",
            )
            parser = MarkdownWithMath(
                renderer=renderer, block=MathBlockParser(), inline=Inline(hard_wrap=False)
            )
            return str(parser.render(source))

    exporter: Any = OnePage
    return exporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        embed_images=True,
    )


def _static(notebook: NotebookNode) -> NotebookNode:
    """A copy without outputs that only a live page can show; formulas in outputs converted."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("widgets", None)
    # Cells run in the course's one language, whatever the notebook says or leaves out.
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for kind in [kind for kind in data if "javascript" in kind or "widget" in kind]:
                del data[kind]
            if "text/latex" in data and "text/html" not in data:
                body = "".join(data.pop("text/latex")).strip()
                display = body.startswith("$$") or body.startswith("\\begin")
                data["text/html"] = formula(body.strip("$"), display=display)
    return notebook


def _inside(source: str, folder: Path | None) -> str | None:
    """The picture ``source`` below ``folder`` as a data URI; None if it is not there."""
    if folder is None or len(source) > 1000 or urlsplit(source).scheme:
        return None
    path = (folder / unquote(source)).resolve()
    kind, _ = mimetypes.guess_type(path.name)
    if not path.is_relative_to(folder.resolve()) or not path.is_file() or kind is None:
        return None
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def _loads_nothing(body: str, folder: Path | None) -> str:
    """The same markup without anything that a browser would run or fetch."""
    from bs4 import BeautifulSoup

    soup: Any = BeautifulSoup(body, "html.parser")
    for element in soup(_FORBIDDEN):
        element.decompose()
    for picture in soup("img", src=True):  # those that raw HTML in the prose names
        picture["src"] = _inside(picture["src"], folder) or picture["src"]
    for element in soup(True):
        for name in list(element.attrs):
            value = str(element.attrs[name]).strip()
            local = value.lower().startswith("data:") or (value.startswith("#"))
            inert = name == "href" and element.name in {"a", "area"}
            if inert and value.lower().startswith(("javascript:", "data:", "vbscript:")):
                del element[name]
            elif (
                name.startswith("on")
                or (name == "style" and _LOADING_CSS.search(value))
                or ((name in _LOADING or name.endswith("href")) and not inert and not local)
            ):
                del element[name]
                if element.name == "img" and name == "src":
                    # What cannot be shown can still be read about, and followed.
                    link = soup.new_tag("a", href=value)
                    link.string = f"[picture: {element.get('alt') or value}]"
                    element.replace_with(link)
                    break
    for element in soup("style"):
        if _LOADING_CSS.search(element.get_text()):
            element.decompose()
    return str(soup)


def one_page(notebook: NotebookNode, *, name: str, folder: Path | None = None) -> str:
    """An executed notebook as one HTML page that loads nothing from outside.

    Args:
        notebook: an nbformat 4 notebook, with its outputs.
        name: title of the page where the notebook has none.
        folder: where pictures named in the prose are looked up, to put them inside.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> page = one_page(new_notebook(cells=[new_markdown_cell("# Start")]), name="x")
    >>> "<title>Start</title>" in page, "<script" in page
    (True, False)
    """
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    resources = {"metadata": {"path": str(folder or ""), "name": name}}
    body, _ = _exporter().from_notebook_node(_static(notebook), resources=resources)
    # "vs" keeps every color at a contrast of 4.5 or more on the cells' background.
    code_style = HtmlFormatter(style="vs").get_style_defs(".highlight")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Even what slipped in somehow is not fetched by a browser.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; media-src data:; style-src 'unsafe-inline'\">\n"
        f"<title>{html.escape(title_of(notebook, name))}</title>\n"
        f"<style>{code_style}{page_properties()}{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{_loads_nothing(body, folder)}\n</main>\n</body>\n</html>\n"
    )
