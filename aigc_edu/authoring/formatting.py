"""Formatting the code of sources with ruff; prose stays as it was typed."""

import json
import re
import subprocess
import sys
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically

_FENCE = re.compile(
    r"^(?P<fence>`{3,})\{code-cell\}[^\n]*\n"  # ```{code-cell} ipython3
    r"(?P<options>(?:[ \t]*:[^\n]*\n)+|---\n.*?^---\n)?"  # :tags: [...], or a YAML block
    r"(?P<code>.*?)"
    r"^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def format_text(text: str, *, config_root: Path, name: str = "the source") -> str:
    """A source with its code cells formatted.

    Formatted together, as the cells of a notebook, so that ``ruff format --check`` agrees
    when it looks at the notebooks made from it.

    Args:
        text: a MyST notebook.
        config_root: folder whose ``pyproject.toml`` sets ruff's line length.
        name: how to call the source in an error.

    Raises:
        CourseError: if the code does not parse, or ruff is missing.
    """
    text = text.replace("\r\n", "\n")
    cells = list(_FENCE.finditer(text))
    formatted = iter(_ruff([cell["code"].strip("\n") for cell in cells], config_root, name))

    def replace(cell: re.Match[str]) -> str:
        head = cell.group(0)[: cell.start("code") - cell.start()]
        code = next(formatted)
        # The blank line that jupytext, too, puts between options and code.
        blank = "\n" if cell["options"] and code else ""
        return f"{head}{blank}{code}{chr(10) if code else ''}{cell['fence']}"

    return _FENCE.sub(replace, text)


def _ruff(codes: list[str], config_root: Path, name: str) -> list[str]:
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{position}",
                "metadata": {},
                "outputs": [],
                "source": code,
            }
            for position, code in enumerate(codes)
        ],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", "source.ipynb", "-"],
        input=json.dumps(notebook),
        cwd=config_root,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        if "No module named ruff" in done.stderr:
            raise CourseError(
                "Sources are formatted with ruff, which only authors need: "
                "install it with pip install 'aigc-edu[test]'."
            )
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
        raise CourseError(f"The code of {name} could not be formatted: {said[0].strip()}.")
    made = json.loads(done.stdout)["cells"]
    return [
        (cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])).strip("\n")
        for cell in made
    ]


def format_source(path: Path, *, config_root: Path) -> bool:
    """Format one source in place; says whether it changed.

    Raises:
        CourseError: if it cannot be read or written, or its code does not parse.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"The source {path} could not be read: {error}.") from error
    made = format_text(text, config_root=config_root, name=path.name)
    return write_atomically(path, made.encode("utf-8"))
