"""What of a lesson's exercises can show in its worked solution.

A solution was executed with its exercises: a check that says "right" shows the title and
``why``, and what it says rests on the reference, the cases and how they are compared. Wrong
answers, their sentences, hints and second right answers cannot show, so that polishing a
sentence does not train a network again. A lesson that demonstrates wrong answers says
``shows_wrong_answers: true`` in its front matter; then all counts.
"""

import ast
from functools import lru_cache
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.exercises.registry import exercise_files

SHOWN = (
    "id",
    "title",
    "kind",
    "reference",
    "cases",
    "run",
    "tolerance",
    "gradient",
    "choices",
    "minimum_words",
    "why",
)
"""Fields of an exercise that can show; not points, minutes, the prompt and what helps the wrong."""

_OURS = "aigc_edu.exercises.lessons."


def shown_text(folder: Path, *, wrong_answers: bool = False) -> str:
    """All that can show of the exercises in a folder ``lesson_NN``, as text to compare.

    Args:
        folder: with one file an exercise; "" is returned where there is none.
        wrong_answers: whether mistakes, their sentences and hints can show too.

    Raises:
        CourseError: if a file is no Python, or holds no ``EXERCISE = Exercise(...)``.
    """
    exercises = exercise_files(folder)
    if wrong_answers:
        helpers = [path for path in folder.glob("[!e_]*.py") if path not in exercises]
        return "\n".join(_Definitions(path).text for path in [*exercises, *sorted(helpers)])
    return "\n".join(_shown(path) for path in exercises)


class _Definitions:
    """The top level of a file: where each name is defined, and in which words."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        try:
            module = _parsed(self.text)
        except SyntaxError as error:
            raise CourseError(f"{path} is no Python: line {error.lineno}, {error.msg}.") from error
        self._lines = self.text.split("\n")
        self.nodes: dict[str, ast.stmt] = {}
        for node in module.body:
            for name in _bound(node):
                self.nodes[name] = node

    def words(self, node: ast.stmt) -> str:
        """The lines of a statement, its decorators among them."""
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(each.lineno for each in decorators)])
        return "\n".join(self._lines[first - 1 : node.end_lineno])

    def segment(self, node: ast.expr) -> str:
        """The text of an expression, as ``ast.get_source_segment`` in a tenth of its time."""
        lines = [line.encode() for line in self._lines[node.lineno - 1 : node.end_lineno]]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode()

    def file_of(self, name: str) -> Path | None:
        """The file of the exercises that a name is imported from; None for all else."""
        node = self.nodes[name]
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OURS):
            parts = str(node.module).removeprefix(_OURS).split(".")
            return self.path.parent.parent.joinpath(*parts).with_suffix(".py")
        return None


@lru_cache(maxsize=256)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _shown(path: Path) -> str:
    """An exercise's fields that can show, and every definition that these rest on."""
    start = _Definitions(path)
    call = getattr(start.nodes.get("EXERCISE"), "value", None)
    if not isinstance(call, ast.Call):
        raise CourseError(f"{path} holds no EXERCISE = Exercise(...): see 'aigc-edu new-exercise'.")
    fields = [field for field in call.keywords if field.arg in SHOWN]
    words = {  # (file, line or field) → text; sorted at the end, whatever way it was reached
        (path.name, field.arg or ""): start.segment(field.value) for field in fields
    }
    read = {path: start}
    waiting = [(path, name) for field in fields for name in _names(field.value)]
    visited = set()
    while waiting:
        file, name = waiting.pop()
        if (file, name) in visited or name not in read[file].nodes:
            continue
        visited.add((file, name))
        definitions = read[file]
        imported = definitions.file_of(name)
        if imported is not None:
            read.setdefault(imported, _Definitions(imported))
            waiting.append((imported, name))
            continue
        node = definitions.nodes[name]
        if isinstance(node, ast.ImportFrom):  # not the line: other names on it do not matter
            words[file.name, name] = f"from {node.module}"
            continue
        words[file.name, name] = definitions.words(node)
        waiting += [(file, inner) for inner in _names(node)]
    return "\n".join(f"{file} {name}: {words[file, name]}" for file, name in sorted(words))
