"""The four states, whatever an answer does; and what check says about it."""

import html.parser
import inspect
import math
import pickle
import random
import sys
import warnings

import numpy
import pytest
import torch
from torch import nn

from aigc_edu import lessons
from aigc_edu.errors import CourseError
from aigc_edu.exercises import (
    TODO,
    Exercise,
    TodoError,
    check,
    checking,
    evaluate,
    find,
    hint,
    progress,
    registry,
)
from aigc_edu.exercises.stand_in import is_stand_in


def kl(mean, log_variance):
    return find("99.1").reference(mean, log_variance)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, in one line."""
    return " ".join(capsys.readouterr().out.split())


# ------------------------------------------------------------------------- the four states


def test_right_hands_back_the_learners_own(capsys) -> None:
    assert check("99.1", kl) is kl
    assert printed(capsys).startswith(
        "✓ right · 99.1 KL to the standard normal Each dimension adds"
    )


def test_not_started_hands_on_the_courses_version(capsys) -> None:
    handed = check("99.1", lambda mean, log_variance: TODO)
    text = printed(capsys)
    assert text.startswith("○ not started")
    assert "From here on the course's version is used." in text
    assert torch.equal(handed(torch.zeros(2, 3), torch.zeros(2, 3)), torch.zeros(2))


def test_a_demonstration_is_shown_and_not_noted(capsys) -> None:
    assert check("99.1", kl, record=False) is kl
    assert "✓ right" in printed(capsys)
    assert is_stand_in(check("99.1", lambda mean, log_variance: mean, record=False))
    assert "✗ wrong" in printed(capsys)
    assert progress.read().entries == {}


def test_known_mistake_has_its_own_sentence(capsys) -> None:
    check("99.1", lambda m, v: 0.5 * ((v / 2).exp() + m * m - v - 1).sum(dim=-1))
    text = printed(capsys)
    assert text.startswith("✗ wrong")
    assert "This is what you get with σ where σ² belongs." in text
    assert 'hint("99.1")' in text


def test_raised_shows_error_line_and_input(capsys) -> None:
    def broken(mean, log_variance):
        return mean @ sgma  # noqa: F821

    check("99.1", broken)
    text = printed(capsys)
    assert text.startswith("⚠ raised")
    assert "NameError: name 'sgma' is not defined" in text
    assert "return mean @ sgma" in text
    assert "“batch of one” (mean: float32 (1, 4); log_variance: float32 (1, 4))" in text


def test_raising_on_one_input_only_names_the_others() -> None:
    def broken(mean, log_variance):
        if len(mean) == 1:
            raise IndexError("nope")
        return kl(mean, log_variance)

    text = evaluate(find("99.1"), broken, 1).message
    assert "“batch of one”" in text
    assert "Other inputs work (“ordinary”, “large values”, “float64”)" in text


@pytest.mark.parametrize("identifier", ["99.77", "5", "", "100000.1", "nonsense", None, 5.1, []])
def test_unknown_ids_are_a_sentence(identifier, capsys) -> None:
    assert check(identifier, kl) is kl
    assert printed(capsys).startswith("! note")
    hint(identifier)
    assert printed(capsys).startswith("! note")


def test_global_state_is_left_alone() -> None:
    def careless(mean, log_variance):
        torch.manual_seed(5)
        numpy.random.seed(5)  # noqa: NPY002
        random.seed(5)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        sys.setrecursionlimit(5000)
        return kl(mean, log_variance)

    before = (torch.get_rng_state(), random.getstate(), numpy.random.get_state()[1].tolist())  # noqa: NPY002
    limit = sys.getrecursionlimit()
    check("99.1", careless)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert numpy.random.get_state()[1].tolist() == before[2]  # noqa: NPY002
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert sys.getrecursionlimit() == limit


def test_inputs_differ_from_call_to_call() -> None:
    seen = []

    def spy(mean, log_variance):
        seen.append(mean.sum().item())
        return kl(mean, log_variance)

    check("99.1", spy)
    check("99.1", spy)
    assert len(set(seen)) == len(seen)


def test_prints_of_an_answer_are_not_shown(capsys) -> None:
    def chatty(mean, log_variance):
        print("debug " * 100)
        return kl(mean, log_variance)

    assert check("99.1", chatty) is chatty
    assert "debug" not in printed(capsys)


# -------------------------------------------------------------------------- nasty answers


class Agrees(torch.Tensor):
    """A tensor that says yes to every comparison."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in ("isclose", "allclose", "eq", "__eq__", "equal"):
            return torch.ones(1, dtype=torch.bool)
        return super().__torch_function__(function, types, args, kwargs or {})


class Refuses(torch.Tensor):
    """A tensor with which nothing can be done."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        raise RuntimeError("no")


class Sly:
    def __getattr__(self, name):
        raise RuntimeError("no attributes here")

    def __eq__(self, other):
        return True

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("no repr either")


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("no words")


def quits(*args):
    sys.exit(3)


def endless(*args):
    return endless(*args)


def unspeakable(*args):
    raise Unspeakable


async def later(mean, log_variance):
    return kl(mean, log_variance)


NASTY = [
    quits,
    endless,
    unspeakable,
    later,
    Sly(),
    lambda m, v: Sly(),
    lambda m, v: (kl(m, v) + 1).detach().as_subclass(Agrees),
    lambda m, v: kl(m, v).detach().as_subclass(Refuses),
    lambda m, v: 10**400,
    lambda m, v: {Sly: 1},
    lambda m, v: "x" * 10**6,
    type("Meta", (type,), {"__call__": quits})("Odd", (), {}),
    len,
    int,
    pytest.raises,
    [],
    object(),
]


# By number: naming them would already ask them for attributes.
@pytest.mark.parametrize("number", range(len(NASTY)))
def test_nothing_gets_through(number: int, capsys) -> None:
    answer = NASTY[number]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a coroutine that nobody awaits
        for identifier in ("99.1", "99.2", "99.3", "99.4", "99.5", "99.6"):
            check(identifier, answer)
            text = printed(capsys)
            assert text
            assert "✓" not in text
            assert len(text) < 2000


def test_interrupt_passes() -> None:
    def stop(mean, log_variance):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("99.1", stop)


def test_the_courses_own_fault_is_not_the_learners(monkeypatch, capsys) -> None:
    def broken(*args):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(checking, "evaluate", broken)
    assert check("99.1", kl) is kl
    assert "this is not your mistake" in printed(capsys)


@pytest.mark.parametrize("answer", [TODO, (TODO, 1), {"a": [TODO]}])
def test_todo_in_any_wrapping_is_not_started(answer, capsys) -> None:
    check("99.1", lambda m, v: answer)
    check("99.3", answer)
    assert capsys.readouterr().out.count("○ not started") == 2


def test_todo_used_or_not_implemented_is_not_started(capsys) -> None:
    def computes(mean, log_variance):
        return mean + TODO

    def refuses(mean, log_variance):
        raise NotImplementedError

    class Half(nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            self.wait = TODO

        def forward(self, x):
            return TODO

    for identifier, answer in (("99.1", computes), ("99.1", refuses), ("99.2", Half)):
        check(identifier, answer)
        assert printed(capsys).startswith("○ not started")


# ------------------------------------------------------------------------------------ TODO


def test_todo_is_friendly() -> None:
    assert repr(TODO) == "TODO"
    assert f"{TODO:.3f} {TODO}" == "TODO TODO"
    assert pickle.loads(pickle.dumps(TODO)) is TODO
    assert type(TODO)() is TODO
    assert not hasattr(TODO, "_repr_html_")
    uses = [
        lambda: TODO + 1,
        lambda: 1 - TODO,
        lambda: TODO.shape,
        lambda: TODO(3),
        lambda: TODO[0],
        lambda: list(TODO),
        lambda: bool(TODO),
        lambda: TODO < 3,
        lambda: torch.exp(TODO),
        lambda: torch.ones(2) * TODO,
        lambda: torch.ones(2) @ TODO,
        lambda: numpy.exp(TODO),
        lambda: float(TODO),
        lambda: math.sqrt(TODO),
    ]
    for use in uses:
        with pytest.raises(TypeError, match="still TODO: fill in the cell above"):
            use()
    with pytest.raises(TodoError):
        _a, _b = TODO


# ------------------------------------------------------------------------------- stand-ins


def test_stand_in_function(capsys) -> None:
    handed = check("99.1", TODO)
    assert repr(handed) == "<the course's version of exercise 99.1>"
    assert list(inspect.signature(handed).parameters) == ["mean", "log_variance"]
    with pytest.raises((TypeError, OSError)):
        inspect.getsource(handed)
    assert "log_variance.exp()" not in inspect.getsource(type(handed))
    capsys.readouterr()
    assert check("99.1", handed) is handed
    assert "run your own cell again" in printed(capsys)


def test_stand_in_class_is_a_real_class(capsys) -> None:
    handed = check("99.2", TODO)
    assert isinstance(handed, type)
    assert "the course's version of exercise 99.2" in repr(handed)
    layer = handed(3, 2)
    assert isinstance(layer, nn.Module)
    assert len(list(layer.parameters())) == 2
    layer(torch.ones(4, 3)).sum().backward()
    assert "@" not in inspect.getsource(handed.forward)
    with pytest.raises((TypeError, OSError)):
        inspect.getsource(handed)
    layer.load_state_dict(handed(3, 2).state_dict())
    check("99.2", handed)
    assert "run your own cell again" in printed(capsys)


@pytest.mark.parametrize("identifier", ["99.3", "99.4", "99.5"])
def test_stand_in_values_are_values(identifier: str, capsys) -> None:
    handed = check(identifier, TODO)
    assert is_stand_in(handed)
    assert handed == find(identifier).reference
    assert f"the course's version of exercise {identifier}" in repr(handed)
    assert "course" not in f"{handed}"
    if identifier == "99.3":
        assert f"{handed:.3f}" == "1.386"
        assert torch.tensor(handed).dtype == torch.float32
    capsys.readouterr()
    check(identifier, handed)
    assert "run your own cell again" in printed(capsys)


# -------------------------------------------------------------------------------- notebook


class Balanced(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.roles: list[str | None] = []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.roles.append(dict(attributes).get("role"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_in_a_notebook_it_is_html_and_text(monkeypatch) -> None:
    import IPython.display

    shown = []
    monkeypatch.setattr(checking, "_in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))

    def broken(mean, log_variance):
        raise ValueError("<script>alert(1)</script>")

    for answer, word in ((kl, "✓ right"), (broken, "⚠ raised"), (TODO, "○ not started")):
        check("99.1", answer)
        data = shown.pop()
        assert data["text/plain"].startswith(word)
        assert f"<strong>{word}</strong>" in data["text/html"]
        assert "<script" not in data["text/html"]
        page = Balanced()
        page.feed(data["text/html"])
        assert page.open == []
        assert page.roles[0] == "status"


def test_last_hint_links_to_the_worked_solution(monkeypatch, tmp_path, capsys) -> None:
    (tmp_path / "99_test.ipynb").write_text("x")
    monkeypatch.setattr(lessons.paths, "solutions_dir", lambda: tmp_path)
    monkeypatch.setattr(lessons, "LESSONS", (lessons.Lesson("99", "A test", lessons.PARTS[0]),))
    hint("99.1")
    assert "solutions" not in printed(capsys)
    hint("99.1")
    assert "The worked solution: ../solutions/99_test.ipynb" in printed(capsys)
    rich = checking.as_html("hint", "t", "b", link="../solutions/99_test.ipynb")
    assert '<details><summary>The worked solution</summary><a href="../solutions/99_test' in rich
    assert progress.read().entries["99.1"]["hints"] == 2


def test_a_terminal_without_unicode(monkeypatch) -> None:
    import io

    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    check("99.1", kl)
    sys.stdout.flush()
    assert b"right" in raw.getvalue()


# ------------------------------------------------------------------------------- registry


def test_an_exercise_that_does_not_fit_together_is_refused() -> None:
    good = {
        "id": "9.1",
        "title": "T",
        "kind": "number",
        "prompt": "p",
        "reference": 1,
        "points": 1,
        "difficulty": 1,
        "minutes": 1,
        "hints": (),
        "mistakes": (),
        "why": "w",
    }
    Exercise(**good)
    bad = [
        {"id": "nine"},
        {"kind": "quiz"},
        {"why": ""},
        {"hints": "one"},
        {"kind": "function", "reference": 3},
        {"kind": "function", "reference": len},
        {"kind": "class", "reference": int, "cases": lambda g: ()},
        {"kind": "choice"},
        {"kind": "choice", "choices": {"a": "x"}, "reference": "b"},
        {"cases": lambda g: ()},
    ]
    for change in bad:
        with pytest.raises(ValueError, match="Exercise"):
            Exercise(**{**good, **change})


def test_packs(tmp_path) -> None:
    with pytest.raises(CourseError, match="No exercises at"):
        registry.load_pack(tmp_path)
    (tmp_path / "one.py").write_text("EXERCISES = 1 / 0")
    with pytest.raises(CourseError, match="ZeroDivisionError"):
        registry.load_pack(tmp_path)
    (tmp_path / "one.py").write_text("x = 1")
    with pytest.raises(CourseError, match="EXERCISES"):
        registry.load_pack(tmp_path / "one.py")
    (tmp_path / "one.py").write_text("EXERCISES = [3]")
    with pytest.raises(CourseError, match="no Exercise"):
        registry.load_pack(tmp_path / "one.py")
