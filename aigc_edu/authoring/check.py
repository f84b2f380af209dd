"""What ``aigc-edu build --check`` looks for. Nothing is executed and nothing is written."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
from nbformat import NotebookNode

from aigc_edu.authoring.build import LARGEST_NOTEBOOK, Course, machine_paths, output_texts
from aigc_edu.authoring.execute import first_words
from aigc_edu.authoring.reading import time_problems
from aigc_edu.authoring.source import (
    BEGIN,
    IGNORE_OUTPUT,
    NAME,
    SOLUTION_ONLY,
    STUB,
    Source,
    as_bytes,
    lesson_notebook,
    read_source,
    solution_notebook,
    source_problems,
    stubbed,
    tags,
    without_outputs,
    worked,
)
from aigc_edu.authoring.tables import stale_tables
from aigc_edu.errors import CourseError
from aigc_edu.lessons import listed

PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
SHOWS = frozenset(
    ("print", "check", "hint", "display", "show", "image_grid", "curves", "interpolation_strip")
)
"""Functions whose call leaves something below its cell."""


_HELPS = re.compile(r"[✗⚠?] (wrong|raised|hint)\b")
"""How a check or a hint begins whose words depend on the known mistakes and hints."""


@dataclass
class Report:
    """What was found: ``problems`` make the check fail, ``warnings`` do not."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


# Code -------------------------------------------------------------------------------------


def _top_level(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs with the cell: bodies of functions and classes left out."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        yield child
        yield from _top_level(child)


def _name(node: ast.AST) -> str:
    """``f`` for both ``f`` and ``module.f``; "" for what has no name."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError):
        return None


def shows(code: str) -> bool:
    """Whether a cell must leave an output: it surely prints, draws or ends with a value.

    >>> shows("print(1)"), shows("x = 1"), shows("def f():\\n    print(1)")
    (True, False, False)
    """
    tree = _parsed(code)
    if tree is None:
        return False
    for statement in tree.body:
        # Only what stands alone on the first level runs for certain.
        value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
        if isinstance(value, ast.Call) and _name(value.func) in SHOWS:
            return not any(keyword.arg == "file" for keyword in value.keywords)
    last = tree.body[-1] if tree.body else None
    return isinstance(last, ast.Expr) and isinstance(
        last.value,
        ast.Name | ast.BinOp | ast.Compare | ast.Tuple | ast.List | ast.Dict | ast.Subscript,
    )


def trains(code: str) -> bool:
    """Whether a cell trains: it loops with ``live``, or calls ``backward`` or ``train...``.

    >>> trains("for step in live(3):\\n    pass"), trains("def f(x):\\n    x.backward()")
    (True, False)
    """
    tree = _parsed(code)
    return tree is not None and any(
        isinstance(node, ast.Call)
        and (_name(node.func) in ("live", "backward") or _name(node.func).startswith("train"))
        and _name(node.func) not in ("train", "training")  # model.train() only sets a mode
        for node in _top_level(tree)
    )


def asserts(code: str) -> bool:
    """Whether a cell asserts something when it runs."""
    tree = _parsed(code)
    return tree is not None and any(isinstance(node, ast.Assert) for node in _top_level(tree))


def code_problems(code: str) -> list[str]:
    """What a lesson's code must not do, as phrases.

    >>> code_problems("%matplotlib inline")
    ['is no plain Python: magics and shell lines are not used in lessons (line 1)']
    >>> code_problems("x = 1; y = 2"), code_problems("x;")
    ([], ['ends line 1 with ;'])
    """
    try:
        # IPython lets a cell await on its first level; so does this flag.
        tree = compile(
            code, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True
        )
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        return [f"is no plain Python: magics and shell lines are not used in lessons (line {line})"]
    problems = []
    used = {_name(node) for node in ast.walk(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            used |= {alias.name for alias in node.names}
        if isinstance(node, ast.keyword) and node.arg == "alt" and _is_empty(node.value):
            problems.append("gives an empty alt")
    for name in ("clear_output", "update_display", "get_ipython"):
        if name in used:
            problems.append(f"uses {name}")
    previous = None
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        ends = token.type in (tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER)
        if ends and previous is not None and previous.string == ";":
            problems.append(f"ends line {previous.start[0]} with ;")
        previous = token
    return problems


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not str(node.value or "").strip()


# Prose ------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    """Collects pictures, links and anchors from HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[tuple[str, str]] = []  # (source, alt)
        self.links: list[str] = []
        self.anchors: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        if tag == "img":
            self.images.append((attributes.get("src", ""), attributes.get("alt", "")))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        self.anchors += [attributes[key] for key in ("id", "name") if attributes.get(key)]


@dataclass
class Prose:
    """What matters of some Markdown: headings, links, pictures, anchors, directives."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    directives: list[str] = field(default_factory=list)


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    # Math first: D[f](x) between dollars is no link.
    parser = MarkdownIt("commonmark").enable(["table"]).use(dollarmath_plugin, double_inline=True)
    # It would pass over file: and javascript: links in silence; here they are a problem.
    vars(parser)["validateLink"] = lambda url: True
    return parser


def read_prose(text: str) -> Prose:
    """Take Markdown apart.

    >>> prose = read_prose("# A *b*\\n\\n[c](d.md) and $E[x](y)$ ![](e.png)")
    >>> prose.headings, prose.links, prose.images
    ([(1, 'A b')], ['d.md'], [('e.png', '')])
    """
    prose, html = Prose(), _Tags()
    tokens = _markdown().parse(text)
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            inline = tokens[position + 1]
            plain = "".join(
                child.content
                for child in inline.children
                if child.type in ("text", "code_inline", "math_inline")
            )
            prose.headings.append((int(token.tag[1:]), plain.strip()))
        elif token.type == "fence" and token.info.strip().startswith("{"):
            prose.directives.append(token.info.strip())
        elif token.type == "html_block":
            html.feed(token.content)
        for child in token.children or []:
            if child.type == "link_open":
                prose.links.append(child.attrs["href"])
            elif child.type == "image":
                prose.images.append((child.attrs["src"], child.content))
            elif child.type == "html_inline":
                html.feed(child.content)
    prose.links += html.links
    prose.images += html.images
    prose.anchors = html.anchors
    return prose


def _notebook_anchors(notebook: NotebookNode) -> set[str]:
    """What JupyterLab and nbconvert let one link to: headings with blanks made hyphens."""
    anchors: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = read_prose(cell.source)
            anchors |= {text.replace(" ", "-") for _, text in prose.headings} | set(prose.anchors)
    return anchors


def _page_anchors(text: str) -> set[str]:
    """What GitHub makes of a page's headings."""
    anchors: set[str] = set()
    prose = read_prose(text)
    for _, heading in prose.headings:
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        repeat = sum(1 for anchor in anchors if re.fullmatch(re.escape(slug) + r"(-\d+)?", anchor))
        anchors.add(f"{slug}-{repeat}" if repeat else slug)
    return anchors | set(prose.anchors)


class _Links:
    """Follows links within the course; knows notebooks that are about to be built."""

    def __init__(self, course: Course, notebooks: dict[Path, NotebookNode]) -> None:
        self.root = course.root.resolve()
        self.notebooks = {path.resolve(): notebook for path, notebook in notebooks.items()}
        self._anchors: dict[Path, set[str]] = {}

    def problem(self, origin: Path, link: str) -> str | None:
        """What is wrong with a link that stands in ``origin``, or None."""
        parts = urlsplit(link)
        if parts.scheme in ("http", "https"):
            well_formed = re.fullmatch(r"[\w.-]+\.\w+(:\d+)?", parts.netloc) and " " not in link
            return None if well_formed else f"the address {link} is not well formed"
        if parts.scheme == "mailto":
            return None
        if parts.scheme or parts.netloc or link.startswith("/"):
            return f"the link {link} is neither relative nor an http address"
        target = (origin.parent / unquote(parts.path)) if parts.path else origin
        target = target.resolve()
        if not target.is_relative_to(self.root):
            return f"the link {link} leads out of the course"
        if target not in self.notebooks and not target.exists():
            return f"the link {link} leads nowhere"
        if parts.fragment and unquote(parts.fragment) not in self.anchors(target):
            return f"the link {link} names a heading that is not there"
        return None

    def anchors(self, target: Path) -> set[str]:
        """The places in a file that a link can name."""
        if target not in self._anchors:
            anchors: set[str] = set()
            if target in self.notebooks:
                anchors = _notebook_anchors(self.notebooks[target])
            elif target.suffix == ".md":
                anchors = _page_anchors(target.read_text(encoding="utf-8"))
            elif target.suffix == ".ipynb" and (notebook := _read_notebook(target)) is not None:
                anchors = _notebook_anchors(notebook)
            self._anchors[target] = anchors
        return self._anchors[target]


def _prose_problems(origin: Path, prose: Prose, links: _Links) -> list[str]:
    problems = [problem for link in prose.links if (problem := links.problem(origin, link))]
    for source, alt in prose.images:
        if not alt.strip():
            problems.append(f"the picture {source} has no text alternative")
        if not source.startswith("data:") and (problem := links.problem(origin, source)):
            problems.append(problem)
    problems += [
        f"the directive {directive} is not shown by JupyterLab: use plain Markdown"
        for directive in prose.directives
    ]
    return problems


def _heading_problems(headings: list[tuple[int, str]]) -> list[str]:
    """What is wrong below the first heading, which ``source_problems`` looks at."""
    problems = []
    level = 0
    for position, (next_level, text) in enumerate(headings):
        if next_level == 1 and position:
            problems.append(f"has a second heading of level 1: {text!r}")
        if level and next_level > level + 1:
            problems.append(f"skips from a heading of level {level} to {next_level}: {text!r}")
        level = next_level
    return problems


# Notebooks --------------------------------------------------------------------------------


def _read_notebook(path: Path) -> NotebookNode | None:
    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except Exception:  # no file, no JSON, no notebook
        return None
    return notebook  # type: ignore[no-any-return]


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def answers(code: str) -> list[list[str]]:
    """The lines of each answer in a source's code cell, without indentation and blank lines."""
    paragraphs: list[list[str]] = []
    inside = False
    for line in code.split("\n"):
        stripped = line.strip()
        if stripped == BEGIN:
            paragraphs.append([])
            inside = True
        elif stripped.startswith("# END"):
            inside = False
        elif inside and stripped and not stripped.startswith(STUB):
            paragraphs[-1].append(stripped)
    return paragraphs


def leak_problems(source: Source, lesson: NotebookNode) -> list[str]:
    """Answers that a lesson still holds.

    Looked for: markers, cells that only the solution should have, and the lines of an
    answer one after the other (answers so short that they may stand there by chance, up
    to 30 characters, are left out).
    """
    problems = []
    texts = [
        [line.strip() for line in cell.source.split("\n") if line.strip()] for cell in lesson.cells
    ]
    for position, cell in enumerate(lesson.cells, start=1):
        if SOLUTION_ONLY in tags(cell):
            problems.append(f"cell {position} is for the solution only")
        if any(marker in cell.source for marker in (BEGIN, "# END SOLUTION", STUB)):
            problems.append(f"cell {position} still holds an answer: a marker is there")
    for cell in source.cells:
        blocks = answers(cell.source) if cell.cell_type == "code" else []
        if cell.cell_type == "code" and SOLUTION_ONLY in tags(cell):
            blocks = [[line.strip() for line in cell.source.split("\n") if line.strip()]]
        for block in blocks:
            if sum(map(len, block)) <= 30:
                continue
            for position, lines in enumerate(texts, start=1):
                starts = range(len(lines) - len(block) + 1)
                if any(lines[start : start + len(block)] == block for start in starts):
                    problems.append(f"cell {position} still holds an answer: {block[0]!r}")
    return problems


_FLOAT = re.compile(r"(?<![\w.])\d+\.\d+(?:e[+-]?\d+)?(?![\w.])")


def long_numbers(text: str) -> list[str]:
    """Decimal numbers with more than four significant digits.

    >>> long_numbers("loss 103.92 in 0.004123 s, 20.00 at 1.23456e-05")
    ['103.92', '1.23456e-05']
    """
    return [
        number
        for number in _FLOAT.findall(text)
        if len(number.split("e")[0].replace(".", "").lstrip("0")) > 4
    ]


def output_problems(notebook: NotebookNode) -> list[str]:
    """What is wrong with the outputs of an executed solution."""
    problems = []
    cells = _code_cells(notebook)
    if not any(cell.outputs for cell in cells):
        problems.append("has no outputs at all: it was not executed")
    for position, cell in enumerate(cells, start=1):
        where = f"code cell {position} ({first_words(cell.source)!r})"
        if cell.source.strip() and cell.execution_count is None:
            problems.append(f"{where} was not executed")
        elif shows(cell.source) and not cell.outputs:
            problems.append(f"{where} shows something and has no stored output")
        for output in cell.outputs:
            if output.output_type == "error":
                problems.append(f"{where} ended with {output.ename}")
            data = output.get("data", {})
            if any(kind in data for kind in PICTURES):
                html = _Tags()
                html.feed("".join(data.get("text/html", "")))
                if not any(alt.strip() for _, alt in html.images):
                    problems.append(
                        f"{where} shows a picture without a text alternative: "
                        "use aigc_edu.view, which asks for one"
                    )
            elif "text/html" in data:
                html = _Tags()
                html.feed("".join(data["text/html"]))
                if any(not alt.strip() for _, alt in html.images):
                    problems.append(f"{where} shows an <img> without a text alternative")
            problems += [
                f"{where} shows a path of this machine: {path}"
                for text in output_texts(output)
                for path in machine_paths(text)
            ]
    return problems


def training_problems(notebook: NotebookNode) -> list[str]:
    """Cells that train, have their output ignored, and whose outcome nothing asserts.

    The assertion may stand in the cell itself or in any cell before the next such cell.
    """
    problems = []
    cells = _code_cells(notebook)
    marked = [
        index
        for index, cell in enumerate(cells)
        if IGNORE_OUTPUT in tags(cell) and trains(cell.source)
    ]
    for index, until in zip(marked, [*marked[1:], len(cells)], strict=False):
        if not any(asserts(cell.source) for cell in cells[index:until]):
            problems.append(
                f"code cell {index + 1} ({first_words(cells[index].source)!r}) trains with its "
                "output ignored, and no cell after it asserts what came of it"
            )
    return problems


def demonstration_problems(notebook: NotebookNode, source: Source) -> list[str]:
    """Cells that show a wrong answer's sentence or a hint, where the source does not say so.

    Without ``shows_wrong_answers: true`` a changed sentence leaves the solution as it is.
    """
    if source.facts.get("shows_wrong_answers"):
        return []
    return [
        f"code cell {position} ({first_words(cell.source)!r}) shows what a check or a hint says of "
        "a wrong answer: put shows_wrong_answers: true into the front matter"
        for position, cell in enumerate(_code_cells(notebook), start=1)
        if any(_HELPS.search(text) for output in cell.outputs for text in output_texts(output))
    ]


def _number_warnings(notebook: NotebookNode) -> list[str]:
    warnings = []
    for position, cell in enumerate(_code_cells(notebook), start=1):
        if IGNORE_OUTPUT in tags(cell):
            continue
        for output in cell.outputs:
            if output.output_type == "stream":
                text = output.text
            else:
                text = "".join(output.get("data", {}).get("text/plain", ""))
            if numbers := long_numbers(text):
                warnings.append(
                    f"code cell {position} prints more than four significant digits: "
                    f"{', '.join(numbers[:3])}"
                )
    return warnings


def _file_problems(path: Path) -> tuple[list[str], NotebookNode | None]:
    """Problems of the file as such, and the notebook in it where there is one."""
    if not path.is_file():
        return ["is missing: run aigc-edu build"], None
    problems = []
    if path.stat().st_size >= LARGEST_NOTEBOOK:
        problems.append(
            f"has {path.stat().st_size / 1e6:.2f} MB and must stay under "
            f"{LARGEST_NOTEBOOK / 1e6:g} MB"
        )
    notebook = _read_notebook(path)
    if notebook is None:
        return [*problems, "is no notebook: delete it and run aigc-edu build"], None
    if "widgets" in notebook.metadata:
        problems.append("has metadata.widgets, which GitHub calls invalid")
    return problems, notebook


def _source_code_problems(source: Source) -> list[str]:
    problems = []
    code = [cell for cell in source.cells if cell.cell_type == "code"]
    for position, cell in enumerate(code, start=1):
        faults = code_problems(worked(cell.source))
        # What stands outside the answer is found in the stub too; it is said once.
        faults += [
            f"as a stub {what}"
            for what in code_problems(stubbed(cell.source))
            if what not in faults
        ]
        problems += [
            f"code cell {position} ({first_words(cell.source)!r}) {what}" for what in faults
        ]
    return problems


def check_lesson(
    source: Source, course: Course, lesson: NotebookNode, solution: NotebookNode, links: _Links
) -> Report:
    """Check one source and the two files made from it.

    Args:
        source: the source, without mistakes of its own (see ``source_problems``).
        course: the folders.
        lesson: the lesson as it should be.
        solution: the solution as it should be, without outputs.
        links: follows links.
    """
    report, name = Report(), source.name

    def add(where: str, problems: list[str]) -> None:
        report.problems += [f"{where}: {problem}" for problem in dict.fromkeys(problems)]

    add(f"solutions/{name}.md", _source_code_problems(source) + time_problems(source))
    for folder, path, notebook in (
        ("lessons", course.lesson(name), lesson),
        ("solutions", course.solution(name), solution),
    ):
        problems = []
        headings: list[tuple[int, str]] = []
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                prose = read_prose(cell.source)
                headings += prose.headings
                problems += _prose_problems(path, prose, links)
                problems += [
                    f"prose shows a path of this machine: {folder_path}"
                    for folder_path in machine_paths(re.sub(r"\w+://\S+", "", cell.source))
                    if folder_path.startswith(("/home/", "/Users/", "/root/"))
                ]
        problems += _heading_problems(headings)
        add(f"{folder}/{name}", problems)

    problems, stored = _file_problems(course.lesson(name))
    if stored is not None:
        problems += leak_problems(source, stored)
        if any(cell.outputs or cell.execution_count for cell in _code_cells(stored)):
            problems.append("has outputs, and lessons are shipped without")
        if as_bytes(stored) != as_bytes(lesson):
            problems.append(f"is stale: run aigc-edu build {source.number}")
    add(f"lessons/{name}.ipynb", problems)

    problems, stored = _file_problems(course.solution(name))
    if stored is not None:
        problems += output_problems(stored)
        problems += training_problems(stored)
        problems += demonstration_problems(stored, source)
        if as_bytes(without_outputs(stored)) != as_bytes(solution):
            problems.append(f"is stale: run aigc-edu build {source.number}")
        report.warnings += [
            f"solutions/{name}.ipynb: {warning}" for warning in _number_warnings(stored)
        ]
    add(f"solutions/{name}.ipynb", problems)
    return report


def check_course(course: Course, names: list[str]) -> Report:
    """Check sources, lessons and solutions; with all of them, the pages beside them too.

    Args:
        course: the folders.
        names: sources to look at, as ``NN_topic``.
    """
    report = Report()
    sources: dict[str, Source] = {}
    notebooks: dict[Path, NotebookNode] = {}
    for name in course.names():
        try:
            source = read_source(course.source(name))
        except CourseError as error:
            if name in names:
                report.problems.append(f"solutions/{name}.md: {error}")
            continue
        problems = source_problems(source)
        if name in names:
            report.problems += [f"solutions/{name}.md: {problem}" for problem in problems]
        if not problems:
            sources[name] = source
            notebooks[course.lesson(name)] = lesson_notebook(source)
            notebooks[course.solution(name)] = solution_notebook(
                source, course.shown_exercises(source)
            )
    links = _Links(course, notebooks)
    for name in names:
        if name in sources:
            lesson_report = check_lesson(
                sources[name],
                course,
                notebooks[course.lesson(name)],
                notebooks[course.solution(name)],
                links,
            )
            report.problems += lesson_report.problems
            report.warnings += lesson_report.warnings
    if names == course.names():
        report.problems += _strays(course) + _page_problems(course, links)
        if len(sources) == len(names):
            report.problems += _table_problems(course)
    return report


def _strays(course: Course) -> list[str]:
    """Files that no source stands for."""
    known = set(course.names())
    problems = [
        f"{folder.name}/{path.name}: has no source solutions/{path.stem}.md"
        for folder in (course.lessons, course.solutions)
        for path in sorted(folder.glob("*.ipynb"))
        if path.stem not in known
    ]
    problems += [
        f"solutions/{path.name}: is named unlike a source (NN_topic.md)"
        for path in sorted(course.solutions.glob("*.md"))
        if not NAME.fullmatch(path.stem) and path.stem != "README"
    ]
    if (course.root / "aigc_edu" / "lessons.py").is_file():  # a course with a list of its own
        problems += [
            f"solutions/{name}.md: the lesson is not listed: give it a line in aigc_edu/lessons.py"
            for name in sorted(known)
            if listed(name[:2]) is None
        ]
    numbers = [name[:2] for name in sorted(known)]
    problems += [
        f"solutions: two sources have the number {number}"
        for number in sorted(set(numbers))
        if numbers.count(number) > 1
    ]
    return problems


def _table_problems(course: Course) -> list[str]:
    try:
        return [f"{table} is stale: run aigc-edu build" for table in stale_tables(course)]
    except CourseError as error:
        return [str(error)]


def _page_problems(course: Course, links: _Links) -> list[str]:
    pages = [*sorted(course.root.glob("*.md")), *sorted(course.docs.rglob("*.md"))]
    problems = []
    for page in pages:
        page_problems = _prose_problems(page, read_prose(page.read_text(encoding="utf-8")), links)
        name = page.relative_to(course.root).as_posix()
        problems += [f"{name}: {problem}" for problem in dict.fromkeys(page_problems)]
    return problems
