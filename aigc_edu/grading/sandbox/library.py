"""The course's library as it stands in the sandbox: without answers.

A copy of ``aigc_edu`` in which ``exercises`` holds no exercise (``check`` returns its
argument), whole rooms are left out, and every function that is a reference of what is
graded, or does the same, only raises. Answers may call the rest, as the lessons do.
"""

import ast
import inspect
import shutil
from collections.abc import Iterable
from pathlib import Path

from aigc_edu.exercises import Exercise
from aigc_edu.paths import PACKAGE

ROOMS = ("data", "metrics", "models", "objectives", "training", "view")
"""What answers may import; authoring, commands, exercises and grading are not among it."""

FILES = ("__init__.py", "agreement.py", "errors.py", "files.py", "paths.py")

ALIKE: dict[str, tuple[str, ...]] = {
    "1.2": ("data.cleaning.find_near_duplicates",),
    "2.4": ("objectives.variational.kl_to_standard_normal",),
    "4.2": ("objectives.variational.gaussian_kl", "objectives.variational.elbo"),
    "9.3": ("metrics.frechet.frechet_distance", "metrics.frechet.image_frechet_distance"),
    "9.5": ("metrics.kernel._unbiased", "metrics.kernel.kernel_distance"),
    "10.2": ("metrics.intervals.mean_interval",),
}
"""Functions beside the reference that would answer an exercise, or nearly."""

_WITHHELD = "withheld while a question that it answers is graded"

_EXERCISES = '''
"""What a notebook imports from here, without any exercise."""

from aigc_edu.exercises.todo import TODO, TodoError


def check(identifier, answer=None, **settings):
    """In the sandbox: the argument, unchanged."""
    return answer


def hint(identifier=None):
    """In the sandbox: nothing."""


def progress_table(*args, **settings):
    """In the sandbox: nothing."""
    return ""
'''


def withheld_from(exercises: Iterable[Exercise]) -> dict[str, set[str]]:
    """Module (relative to ``aigc_edu``) → names that must not work while these are graded."""
    withheld: dict[str, set[str]] = {}
    for exercise in exercises:
        functions = list(ALIKE.get(exercise.id, ()))
        reference = exercise.reference
        if callable(reference):
            original = inspect.unwrap(reference)
            module = getattr(original, "__module__", "") or ""
            if module.startswith("aigc_edu."):
                functions.append(f"{module.removeprefix('aigc_edu.')}.{original.__name__}")
        for function in functions:
            module, _, name = function.rpartition(".")
            if module.split(".")[0] in ROOMS:
                withheld.setdefault(module, set()).add(name)
    return withheld


def without(source: str, names: set[str]) -> str:
    """A module's text in which some functions and classes only raise.

    >>> print(without("def f(x):\\n    return x + 1", {"f"}))
    def f(*args, **kwargs):
        raise RuntimeError('f is withheld while a question that it answers is graded')
    """
    module = ast.parse(source)
    body: list[ast.stmt] = []
    for node in module.body:
        name = getattr(node, "name", None)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and name in names:
            sentence = f"{name} is {_WITHHELD}"
            stub = f"def {name}(*args, **kwargs):\n    raise RuntimeError({sentence!r})"
            if isinstance(node, ast.ClassDef):
                inner = stub.replace(f"def {name}(", "def __init__(").replace("\n", "\n    ")
                stub = f"class {name}:\n    {inner}"
            body += ast.parse(stub).body
        else:
            body.append(node)
    return ast.unparse(ast.Module(body, []))


def build_library(folder: Path, exercises: Iterable[Exercise]) -> Path:
    """Write the sandbox's ``aigc_edu`` into a folder; returns the folder.

    Args:
        folder: is made, and must not exist.
        exercises: what will be graded with it.
    """
    package = folder / "aigc_edu"
    package.mkdir(parents=True)
    for name in FILES:
        shutil.copy(PACKAGE / name, package / name)
    for room in ROOMS:
        if (PACKAGE / room).is_dir():
            skip = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(PACKAGE / room, package / room, ignore=skip)
    for module, names in withheld_from(exercises).items():
        file = package.joinpath(*module.split(".")).with_suffix(".py")
        file.write_text(without(file.read_text(encoding="utf-8"), names), encoding="utf-8")
    inner = package / "exercises"
    inner.mkdir()
    (inner / "__init__.py").write_text(_EXERCISES.lstrip(), encoding="utf-8")
    for name in ("probing.py", "todo.py"):
        shutil.copy(PACKAGE / "exercises" / name, inner / name)
    box = package / "grading" / "sandbox" / "box"
    box.mkdir(parents=True)
    for folder_above in (box.parent, box.parent.parent):
        (folder_above / "__init__.py").write_text("", encoding="utf-8")
    for file in (PACKAGE / "grading" / "sandbox" / "box").glob("*.py"):
        shutil.copy(file, box / file.name)
    for path in [folder, *folder.rglob("*")]:
        # Readable for the sandbox's user; writable for nobody else.
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder
