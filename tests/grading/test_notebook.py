"""Finding answers in notebooks that are not as they were handed out."""

import json
from typing import Any

import pytest
import torch

from aigc_edu.exercises import TODO
from aigc_edu.grading.sandbox.box.notebook import (
    AnswerError,
    NotebookError,
    Program,
    code_cells,
    facts,
    read,
    without_magics,
)

LESSON = Program(
    [
        "import torch\nfrom aigc_edu.exercises import TODO, check",
        "def helper(x):\n    return 2 * x",
        "def f(x):\n    return TODO",
        'f_used = check("1.1", f)',
    ]
)


def found(cells: list[str], identifier: str = "1.1", name: str = "f") -> Any:
    """The first answer that is not TODO, as the worker takes it."""
    program = Program(cells, LESSON)
    error: AnswerError | None = None
    for expression, position in program.candidates(identifier, name):
        space: dict[str, Any] = {"TODO": TODO, "check": lambda _, answer: answer}
        try:
            answer = program.answer(expression, position, space)
        except AnswerError as raised:
            error = error or raised
            continue
        value = answer(3) if callable(answer) else answer
        if value is not TODO:
            return value
    if error is not None:
        raise error
    return TODO


F = "def f(x):\n    return x + 1"
CHECK = 'f_used = check("1.1", f)'


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ([F, CHECK], 4),
        ([CHECK, F], 4),  # reordered
        ([F], 4),  # the check cell deleted: by name
        (["def g(x):\n    return x + 1", 'g_used = check("1.1", g)'], 4),  # renamed
        ([F, CHECK, "def f(x):\n    return TODO", CHECK], 4),  # a copied stub below
        ([F, CHECK, CHECK, CHECK], 4),  # copied check cells
        (["def f(x):\n    return -1", CHECK, F, CHECK], 4),  # the last answer counts
        ([F, 'check("1.1", lambda x: 10 * x, record=False)', CHECK], 4),
        (['check("1.1", lambda x: x + 1)'], 4),
        (["def f(x):\n    return helper(x)", CHECK], 6),  # the lesson's helper, cell deleted
        (["def f(x):\n    return torch.tensor(x).item()", CHECK], 3),  # and its imports
        (["k = 5", "def f(x):\n    return x + k", "k = 1", CHECK], 4),
        (["def f(x):\n    return g(x)", "def g(x):\n    return x + 1", CHECK], 4),
        (["%matplotlib inline\n!ls\n" + F, CHECK], 4),
        (["%%time\n" + F, CHECK], 4),
        (["x = !ls\n" + F, CHECK], 4),
        (["f?\n" + F, CHECK], 4),
        (["%%bash\nrm -rf /", F, CHECK], 4),
        (["this is no Python at all", F, CHECK], 4),
        (["print(undefined)", "1 / 0", F, CHECK], 4),
        (["sizes = []\nsizes.append(7)", "def f(x):\n    return sizes[0]", CHECK], 7),
        (["table = {}\ntable['a'] = 8", "def f(x):\n    return table['a']", CHECK], 8),
        (["if True:\n    k = 2\nelse:\n    k = 3", "def f(x):\n    return k", CHECK], 2),
        (["total = 0\nfor n in range(4):\n    total += n\nf = total", CHECK], 6),
        (["xs = []\nfor n in range(4):\n    xs.append(n)\nf = sum(xs)", CHECK], 6),
        (["import math as m\nf = m.sqrt(16)", CHECK], 4),
        (["f = 4.5", CHECK], 4.5),
        (["from math import *\ndef f(x):\n    return floor(x + 1.5)", CHECK], 4),
        (["class A:\n    k = 9\n\ndef f(x):\n    return A.k", CHECK], 9),
        (["try:\n    k = 1 / 0\nexcept ZeroDivisionError:\n    k = 6\nf = k", CHECK], 6),
        (["def setup():\n    global k\n    k = 4", "setup()", "def f(x):\n    return k", CHECK], 4),
        (["def f(x):\n    return never_bound if x > 9 else 4", CHECK], 4),
        (["naïve = 3\nf = naïve", CHECK], 3),
        (["nai\u0308ve = 3\nf = na\u00efve", CHECK], 3),  # both normal forms are one name
        (
            ["x = torch.tensor(2.0, requires_grad=True)\n(x**3).backward()\nf = x.grad.item()"],
            12.0,
        ),  # one gradient is no training
    ],
)
def test_an_answer_is_found(cells: list[str], value: Any) -> None:
    assert found(cells) == value


def test_a_setting_that_answers_rest_on_is_made() -> None:
    try:
        cells = ["torch.set_default_dtype(torch.float64)", "f = torch.zeros(1).dtype", CHECK]
        assert found(cells) == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_nothing_is_trained() -> None:
    loop = (
        "ran = []\nweights = torch.ones(1, requires_grad=True)\n"
        "for step in range(3):\n    ran.append(step)\n    (weights**2).sum().backward()\n"
        "final = weights.item()"
    )
    with pytest.raises(AnswerError, match="trains") as raised:
        found([loop, "f = final if ran else 0", CHECK])
    assert raised.value.status == "refused"
    # Through a function as well; and what needs none of it is not touched.
    define = "def train():\n    for step in range(3):\n        loss.backward()\n    return 1"
    with pytest.raises(AnswerError, match="trains"):
        found([define, "f = train()", CHECK])
    assert found([loop, define, "model = train()", F, CHECK]) == 4


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ([], "missing"),
        (["g = 1"], "missing"),
        (["def f(x:\n    return 1", CHECK], "refused"),
        (["f = 1 / 0", CHECK], "raised"),
        (["f = undefined", CHECK], "raised"),
    ],
)
def test_what_cannot_be_had_says_why(cells: list[str], status: str) -> None:
    if not cells or cells == ["g = 1"]:
        assert not Program(cells, LESSON).candidates("1.1", "f")
        return
    with pytest.raises(AnswerError) as raised:
        found(cells)
    assert raised.value.status == status
    assert str(raised.value)


def test_files_that_are_no_notebooks() -> None:
    for data, text in (
        (b"", "no JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'{"cells": [', "cut off"),
        (b"[1, 2]", "no cells"),
        (b'{"cells": {"a": 1}}', "no cells"),
        (b"[" * 200_000, "nested|no JSON"),
    ):
        with pytest.raises(NotebookError, match=text):
            read(data)


def test_old_and_odd_notebooks_are_read() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1\n", "b = 2"]}]}]}
    assert code_cells(read(json.dumps(old).encode())) == ["a = 1\nb = 2"]
    odd = {"cells": [{"cell_type": "code", "source": 5}, "x", {"cell_type": "markdown"}]}
    assert code_cells(read(b"\xef\xbb\xbf" + json.dumps(odd).encode())) == [""]
    assert facts({"metadata": {"aigc_edu": {"number": 4}, "kernelspec": "R"}}) == {
        "lesson": "",
        "language": "",
    }


def test_magics_keep_line_numbers() -> None:
    code = "a = 1\n  %timeit a\nb = 2\n"
    assert without_magics(code).split("\n") == ["a = 1", "  pass", "b = 2", ""]
