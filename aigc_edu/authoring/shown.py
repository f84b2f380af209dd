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
        CourseError: if a file is no Python, holds no ``EXERCISE = Exercise(...)`` with named
            fields, or imports from exercises in a way that cannot be followed.
    """
    exercises = exercise_files(folder)
    if not wrong_answers:
        return "\n".join(_shown(path) for path in exercises)
    others = {*exercises, *exercise_files(folder, drawn=True), folder / "__init__.py"}
    helpers = [path for path in sorted(folder.glob("*.py")) if path not in others]
    return "\n".join(_File(path).text for path in [*exercises, *helpers])


class _File:
    """The top level of a file: the statements that bind each name, and those that just act."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
            self.module = _parsed(self.text)
        except OSError as error:
            raise CourseError(f"{path} cannot be read ({error.strerror}).") from error
        except SyntaxError as error:
            raise CourseError(f"{path} is no Python: line {error.lineno}, {error.msg}.") from error
        self._lines = self.text.split("\n")
        self.nodes: dict[str, list[ast.stmt]] = {}
        self.acting: list[ast.stmt] = []
        for position, node in enumerate(self.module.body):
            if _obscure(node):
                raise CourseError(
                    f"{path}, line {node.lineno}: what this import brings cannot be told; write "
                    f"'from {_OURS}FILE import NAME'."
                )
            docstring = position == 0 and ast.get_docstring(self.module) is not None
            names = ["__doc__"] if docstring else _bound(node)
            for name in names:
                self.nodes.setdefault(name, []).append(node)
            if not names:  # a loop, a call, a change in place: whatever it does may show
                self.acting.append(node)

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


@lru_cache(maxsize=256)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement binds, [] if it does anything else at all."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [each for target in targets for each in ast.walk(target)]
    if any(isinstance(each, ast.Attribute | ast.Subscript) for each in parts):
        return []
    if any(isinstance(each, ast.NamedExpr) for each in ast.walk(node)):
        return []
    return [each.id for each in parts if isinstance(each, ast.Name)]


def _obscure(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or any(alias.name == "*" for alias in node.names)
    names = node.names if isinstance(node, ast.Import) else []
    return any(f"{alias.name}.".startswith(_OURS) for alias in names)


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _origin(file: _File, node: ast.ImportFrom, alias: ast.alias) -> tuple[Path, str] | None:
    """The file of the exercises that an imported name is from, with its name there ("" stands
    for all of a module); None for what is imported from elsewhere.
    """
    module = f"{node.module or ''}."
    if not module.startswith(_OURS):
        return None
    root = next(parent for parent in file.path.parents if not parent.name.startswith("lesson_"))
    path = root.joinpath(*module.removeprefix(_OURS).split("."))
    if (whole := path / f"{alias.name}.py").is_file():
        return whole, ""
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py"), alias.name


def _shown(path: Path) -> str:
    """An exercise's fields that can show, and every statement that these rest on."""
    start = _File(path)
    call = getattr(start.nodes.get("EXERCISE", [None])[-1], "value", None)
    if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "Exercise":
        raise CourseError(f"{path} holds no EXERCISE = Exercise(...): see 'aigc-edu new-exercise'.")
    if call.args or any(field.arg is None for field in call.keywords):
        raise CourseError(f"{path}, line {call.lineno}: give each field of an Exercise its name.")
    fields = [field for field in call.keywords if field.arg in SHOWN]
    root = path.parent.parent
    words = {  # (file, name, which) → text; sorted at the end, whatever way it was reached
        (path.name, field.arg or "", 0): start.segment(field.value) for field in fields
    }
    files: dict[Path, _File] = {}
    visited = {(path, "EXERCISE")}
    waiting = [(path, name) for field in fields for name in ["", *sorted(_names(field.value))]]
    while waiting:
        where, name = waiting.pop()
        if (where, name) in visited:
            continue
        visited.add((where, name))
        key = where.name if where.parent in (path.parent, root) else str(where.relative_to(root))
        if where not in files:
            file = files[where] = start if where == path else _File(where)
            for which, node in enumerate(file.acting):
                words[key, "", which] = file.words(node)
                waiting += [(where, inner) for inner in _names(node)]
        file = files[where]
        if name == "" and where != path:  # a module, of which any name may be used
            waiting += [(where, inner) for inner in file.nodes]
        for which, node in enumerate(file.nodes.get(name, [])):
            if isinstance(node, ast.ImportFrom):
                # Not the line: other names on it do not matter.
                (alias,) = (each for each in node.names if (each.asname or each.name) == name)
                renamed = f" import {alias.name}" if alias.asname else ""
                origin = _origin(file, node, alias)
                if origin is not None:
                    waiting.append(origin)
                if origin is None or renamed:
                    words[key, name, which] = f"from {node.module}{renamed}"
                continue
            words[key, name, which] = file.words(node)
            waiting += [(where, inner) for inner in _names(node)]
    return "\n".join(f"{key[0]} {key[1]}: {words[key]}" for key in sorted(words))
