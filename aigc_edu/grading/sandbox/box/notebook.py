"""Finding an answer in a notebook: by its check cell, then by its name, with what it needs.

A notebook is a list of cells, and a student may have copied, moved, renamed or deleted
some. So nothing is run in a row. The statements that an answer needs are looked up,
backwards from its check cell: imports, definitions, constants, and what changes these.
A loop that trains is never run.
"""

import ast
import builtins
import contextlib
import dataclasses
import json
import linecache
import re
import signal
import symtable
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

_KEPT_MAGICS = ("time", "timeit", "capture", "prun")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)
# What binds a name whatever it was before (a loop or an if may not).
_CERTAIN = (*_DEFINITIONS, ast.Assign, ast.AnnAssign)
_SETTINGS = {"set_default_dtype", "manual_seed", "seed", "set_grad_enabled"}


class NotebookError(ValueError):
    """The file is no notebook; the sentence says why."""


class AnswerError(Exception):
    """An answer cannot be had; ``status`` as in the ledger, and a sentence."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass
class Statement:
    """One top-level statement of a code cell."""

    cell: int  # below 0 in the lesson as it was handed out
    node: ast.stmt
    binds: set[str] = field(default_factory=set)
    touches: set[str] = field(default_factory=set)
    _uses: set[str] | None = None

    @property
    def deferred(self) -> bool:
        """Whether its names are looked up later, when it is called."""
        return isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)

    @property
    def uses(self) -> set[str]:
        """The global names that it looks up, at any depth."""
        if self._uses is None:
            self._uses = _global_names(self.node)
        return self._uses


@dataclass(frozen=True)
class Check:
    """A call ``check("4.2", kl)``: what is checked, and where in the notebook."""

    id: str
    answer: ast.expr
    position: int


# ----------------------------------------------------------------------------- reading


def read(data: bytes) -> dict[str, Any]:
    """A notebook from its bytes.

    Raises:
        NotebookError: if it is none.
    """
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotebookError("the file is no text in UTF-8") from None
    except RecursionError:
        raise NotebookError("the file's JSON is nested too deeply") from None
    except ValueError:
        raise NotebookError("the file is no JSON, or is cut off") from None
    if not isinstance(notebook, dict) or not list(_cells(notebook)):
        raise NotebookError("the file has no cells: it is no notebook, or an empty one")
    return notebook


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sheets = notebook.get("worksheets")  # the format of before 2015
    groups = [notebook, *sheets] if isinstance(sheets, list) else [notebook]
    for group in groups:
        cells = group.get("cells") if isinstance(group, dict) else None
        if isinstance(cells, list):
            yield from (cell for cell in cells if isinstance(cell, dict))


def code_cells(notebook: dict[str, Any]) -> list[str]:
    """The text of each code cell."""
    texts = []
    for cell in _cells(notebook):
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            if isinstance(source, list):
                source = "".join(part for part in source if isinstance(part, str))
            texts.append(source if isinstance(source, str) else "")
    return texts


def facts(notebook: dict[str, Any]) -> dict[str, str]:
    """What a notebook says about itself: its lesson's number and its language."""
    metadata = notebook.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}

    def text(*names: str) -> str:
        value: Any = metadata
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value[:40] if isinstance(value, str) else ""

    language = text("language_info", "name") or text("kernelspec", "language")
    return {"lesson": text("aigc_edu", "number"), "language": language.lower()}


# ---------------------------------------------------------------------- cells to Python


def without_magics(code: str) -> str:
    """A cell without what only IPython understands; line numbers stay."""
    lines = code.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if match := re.match(r"\s*%%(\w+)", lines[first]):
        if match[1] not in _KEPT_MAGICS:
            return ""
        lines[first] = ""
    kept = []
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        stripped = line.strip()
        if stripped.startswith(("%", "!", "?")) or re.fullmatch(r"[\w.]+\?{1,2}", stripped):
            kept.append(f"{indent}pass")
        elif match := re.match(r"\s*([\w, ]+?)\s*=\s*[!%]", line):
            kept.append(f"{indent}{match[1]} = None")
        else:
            kept.append(line)
    return "\n".join(kept)


def parse_cell(code: str) -> ast.Module:
    """A cell as Python.

    Raises:
        SyntaxError: if it is not.
    """
    code = code.replace("\r\n", "\n").replace("\x00", "")
    try:
        return ast.parse(code)
    except SyntaxError as error:
        cleaned = without_magics(code)
        if cleaned == code:
            raise error
        return ast.parse(cleaned)


# ---------------------------------------------------------------------------- statements


def _scope(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that belong to the notebook's own scope."""
    yield node
    inner = (
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Lambda,
        ast.ListComp,
        ast.SetComp,
        ast.DictComp,
        ast.GeneratorExp,
    )
    if isinstance(node, inner):
        return
    for child in ast.iter_child_nodes(node):
        yield from _scope(child)


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _describe(statement: Statement) -> None:
    """Fill in what a statement binds and what it changes."""
    for node in _scope(statement.node):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            statement.binds.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            statement.binds.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                statement.binds.add(alias.asname or alias.name.split(".")[0])
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(
            node.ctx, ast.Store | ast.Del
        ):
            statement.touches |= {root for root in [_root(node)] if root}
        elif (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
        ):
            call = node.value  # its value is thrown away: it is there for what it changes
            statement.touches |= {root for root in [_root(call.func)] if root}
            # torch's own convention: a name that ends in _ changes what it is given.
            if node.value.func.attr.endswith("_") or node.value.func.attr == "shuffle":
                statement.touches |= {root for a in call.args if (root := _root(a))}
        elif isinstance(node, ast.AugAssign):
            statement.touches |= {root for root in [_root(node.target)] if root}


def _global_names(node: ast.stmt) -> set[str]:
    found: set[str] = set()

    def visit(table: symtable.SymbolTable) -> None:
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                found.add(symbol.get_name())
        for child in table.get_children():
            visit(child)

    module = ast.Module([node], [])
    visit(symtable.symtable(ast.unparse(module), "cell", "exec"))
    if isinstance(node, ast.AugAssign) and (root := _root(node.target)):
        found.add(root)
    return found


def _calls(node: ast.AST) -> Iterator[str]:
    """The last words of what is called anywhere below a node."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            if isinstance(inner.func, ast.Attribute):
                yield inner.func.attr
            elif isinstance(inner.func, ast.Name):
                yield inner.func.id


def _trains_itself(node: ast.AST) -> bool:
    loops = (ast.For, ast.While, ast.AsyncFor)
    return any(
        isinstance(inner, loops) and not {"backward", "live"}.isdisjoint(_calls(inner))
        for inner in ast.walk(node)
    )


class Program:
    """A student's notebook, with the lesson as it was handed out behind it.

    Args:
        cells: text of the student's code cells.
        lesson: the lesson's own cells as a program: what the student deleted of it is
            found there (its stubs too, which say TODO).
    """

    def __init__(self, cells: Iterable[str], lesson: "Program | None" = None) -> None:
        self.statements: list[Statement] = []
        self.checks: list[Check] = []
        self.unreadable: dict[int, str] = {}
        self.texts: dict[int, str] = {}
        if lesson is not None:
            self.statements += [dataclasses.replace(s, cell=-s.cell) for s in lesson.statements]
            self.texts |= {-number: text for number, text in lesson.texts.items()}
        self.start = len(self.statements)
        for number, code in enumerate(cells, start=1):
            self._add(number, code)
        self._unresolved: set[str] = set()
        self._known_trainers: set[str] | None = None
        self._modules = {
            name
            for statement in self.statements
            if isinstance(statement.node, ast.Import | ast.ImportFrom)
            for name in statement.binds
        }

    def _add(self, number: int, code: str) -> None:
        self.texts[number] = code
        try:
            module = parse_cell(code)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
            line = getattr(error, "lineno", None) or 1
            self.unreadable[number] = f"line {line} of code cell {number} is no Python ({reason})"
            return
        for node in module.body:
            statement = Statement(number, node)
            _describe(statement)
            self.statements.append(statement)
            for inner in ast.walk(node) if "check" in code else ():
                check = self._check_call(inner)
                if check is not None:
                    # What a check is given was bound before its own statement.
                    self.checks.append(Check(*check, position=len(self.statements) - 1))

    @staticmethod
    def _check_call(node: ast.AST) -> tuple[str, ast.expr] | None:
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            return None
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        first = node.args[0]
        if name != "check" or not isinstance(first, ast.Constant):
            return None
        demonstration = any(
            word.arg == "record" and getattr(word.value, "value", None) is False
            for word in node.keywords
        )
        if demonstration or not isinstance(first.value, str):
            return None
        return first.value.strip(), node.args[1]

    @property
    def _trainers(self) -> set[str]:
        """Functions of the notebook that train, directly or through another."""
        if self._known_trainers is None:
            functions = [s for s in self.statements if isinstance(s.node, _FUNCTIONS)]
            calls = [(s.binds, set(_calls(s.node))) for s in functions]
            trainers = {name for s in functions if _trains_itself(s.node) for name in s.binds}
            while True:
                found = {name for binds, called in calls if called & trainers for name in binds}
                if found <= trainers:
                    break
                trainers |= found
            self._known_trainers = trainers
        return self._known_trainers

    def trains(self, statement: Statement) -> bool:
        """Whether running a statement would train something."""
        if isinstance(statement.node, _DEFINITIONS):
            return False
        return _trains_itself(statement.node) or not self._trainers.isdisjoint(
            _calls(statement.node)
        )

    # ------------------------------------------------------------------------- looking up

    def candidates(self, identifier: str, name: str) -> list[tuple[ast.expr, int]]:
        """Where an answer may be: (expression, position), the likeliest first.

        The last check cell with this id; then the definitions of what it checks that came
        before the last one (a copied stub below an answer hides it); then the name.
        """
        found: list[tuple[ast.expr, int]] = []
        for check in reversed([check for check in self.checks if check.id == identifier]):
            found.append((check.answer, check.position))
            if isinstance(check.answer, ast.Name):
                found += self._definitions(check.answer.id)
        # A check cell may be lost, or a name changed without it.
        if name.isidentifier():
            found += self._definitions(name)
        unique: list[tuple[ast.expr, int]] = []
        for answer, position in found:
            if not any(
                ast.dump(answer) == ast.dump(other) and position == there for other, there in unique
            ):
                unique.append((answer, position))
        return unique[:8]

    def _definitions(self, name: str) -> list[tuple[ast.expr, int]]:
        own = range(len(self.statements) - 1, self.start - 1, -1)
        places = [place for place in own if name in self.statements[place].binds]
        return [(ast.Name(name, ast.Load()), place + 1) for place in places]

    def _binding(self, name: str, before: int) -> list[int]:
        """The statements that make a name what it is at a place, the last first."""
        found = []
        for place in range(min(before, len(self.statements)) - 1, -1, -1):
            statement = self.statements[place]
            if name in statement.binds:
                found.append(place)
                if isinstance(statement.node, _CERTAIN):
                    return found
            elif name in statement.touches and not self._touches_module(name, statement):
                found.append(place)
        return found

    def _touches_module(self, name: str, statement: Statement) -> bool:
        """A call like plt.show() changes no name; a setting like set_default_dtype does."""
        return name in self._modules and _SETTINGS.isdisjoint(_calls(statement.node))

    def needed(self, names: Iterable[str], position: int) -> list[int]:
        """The places of all statements that some names need at a place, in order."""
        self._unresolved.clear()
        needed: set[int] = set()
        seen: set[tuple[str, int]] = set()
        waiting = [(name, position) for name in names]
        while waiting:
            name, before = waiting.pop()
            if (name, before) in seen:
                continue
            seen.add((name, before))
            places = self._binding(name, before)
            if not places and not hasattr(builtins, name):
                # Cells in another order: the first one after it.
                later = range(before, len(self.statements))
                places = [p for p in later if name in self.statements[p].binds][:1]
                if not places:
                    stars = (p for p, s in enumerate(self.statements) if "*" in s.binds)
                    needed.update(stars)
                    self._unresolved.add(name)
            for place in places:
                needed.add(place)
                statement = self.statements[place]
                when = before if statement.deferred else place
                waiting += [(used, when) for used in statement.uses]
        return sorted(needed)

    # ---------------------------------------------------------------------------- running

    def answer(
        self,
        expression: ast.expr,
        position: int,
        space: dict[str, Any],
        patience: float = 5.0,
    ) -> Any:
        """Run what an answer needs in ``space`` and return the answer.

        Args:
            expression, position: one of :meth:`candidates`.
            space: where it is run.
            patience: seconds for running what stands before it, where looking up what it
                needs was not enough.

        Raises:
            AnswerError: if it cannot be had.
        """
        names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
        if isinstance(expression, ast.Name):
            places = self._binding(expression.id, position)
            if not any(place >= self.start for place in places) and not any(
                expression.id in s.binds for s in self.statements[self.start :]
            ):
                raise self._missing(expression.id)
        own = self._binding(expression.id, position)[:1] if isinstance(expression, ast.Name) else []
        problems = self._run(self.needed(names, position), space)
        value, problem = self._value(expression, space)
        trained = [text for text in problems.values() if "trains" in text]
        lost = self._unresolved - set(space)
        if problem is None and not set(own) & set(problems) and not lost:
            if trained and not callable(value):
                raise AnswerError("refused", trained[0])
            return value
        # Something works through a detour that looking up cannot follow: run what stands
        # before it, in the notebook's order, training left out.
        everything: dict[int, str] = {}
        with _at_most(patience):
            everything = self._run(range(min(position, len(self.statements))), space)
        value, second = self._value(expression, space)
        trained += [text for place, text in everything.items() if "trains" in text]
        if second is None and not set(own) & set(everything):
            if trained and not callable(value):
                raise AnswerError("refused", trained[0])
            return value
        reason = next(iter([*trained, *problems.values()]), problem or second or "")
        raise AnswerError("refused" if trained else "raised", reason)

    def _missing(self, name: str) -> AnswerError:
        for number, reason in self.unreadable.items():
            if number > 0 and re.search(rf"\b{re.escape(name)}\b", self.texts[number]):
                return AnswerError("refused", reason)
        return AnswerError("missing", f"nothing in the notebook is called {name}")

    def _run(self, places: Iterable[int], space: dict[str, Any]) -> dict[int, str]:
        """Run statements; what fails is tried once more when the others have run.

        Returns the places that failed, with a sentence each.
        """
        waiting = list(places)
        problems: dict[int, str] = {}
        for _ in range(2):
            failed = []
            for place in waiting:
                statement = self.statements[place]
                if self.trains(statement):
                    line = getattr(statement.node, "lineno", 1)
                    problems[place] = (
                        f"it needs what code cell {statement.cell} (line {line}) trains, and "
                        "nothing is trained while grading"
                    )
                    continue
                problem = self._execute(statement, space)
                if problem is None:
                    problems.pop(place, None)
                else:
                    problems[place] = problem
                    failed.append(place)
            if not failed or len(failed) == len(waiting):
                break
            waiting = failed
        return problems

    def _execute(self, statement: Statement, space: dict[str, Any]) -> str | None:
        name = f"code cell {statement.cell}"
        # So that an error can show its line.
        lines = self.texts[statement.cell].splitlines(keepends=True)
        linecache.cache[name] = (len(self.texts[statement.cell]), None, lines, name)
        try:
            exec(compile(ast.Module([statement.node], []), name, "exec"), space)
        except _OutOfPatience:
            raise
        except BaseException as error:  # SystemExit too
            return f"{name}, line {_line_of(error, name, statement.node.lineno)}: {_said(error)}"
        return None

    @staticmethod
    def _value(expression: ast.expr, space: dict[str, Any]) -> tuple[Any, str | None]:
        try:
            whole = ast.fix_missing_locations(ast.Expression(expression))
            return eval(compile(whole, "check", "eval"), space), None
        except BaseException as error:
            return None, _said(error)


class _OutOfPatience(BaseException):
    """Raised by the clock; an ``except Exception`` of a notebook does not catch it."""


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Leave off after some seconds, where the system can interrupt (not on Windows)."""

    def stop(*_: object) -> None:
        raise _OutOfPatience

    if not hasattr(signal, "setitimer"):
        yield
        return
    try:
        before = signal.signal(signal.SIGALRM, stop)
    except ValueError:  # not the main thread
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with contextlib.suppress(_OutOfPatience):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _said(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:300]
    except Exception:
        return type(error).__name__


def _line_of(error: BaseException, name: str, default: int) -> int:
    lines = [
        number
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == name
    ]
    return lines[-1] if lines else default
