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
    Case,
    Exercise,
    Mistake,
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


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, in one line."""
    return " ".join(capsys.readouterr().out.split())


def message(answer, identifier: str = "99.1", seed: int = 1) -> str:
    result = evaluate(find(identifier), answer, seed)
    assert result.state == "wrong", result
    return " ".join(result.message.split())


def plain(reference, *cases: Case, **more) -> Exercise:
    """An exercise about nothing in particular."""

    def made(generator):
        return cases or (
            Case("ordinary", (torch.rand(3, 4, generator=generator) + 0.5,)),
            Case("small", (torch.rand(2, 4, generator=generator) + 0.5,)),
        )

    return Exercise(
        id="98.1",
        title="Plain",
        kind="function",
        prompt="f(x)",
        reference=reference,
        cases=made,
        points=4,
        difficulty=1,
        minutes=1,
        hints=("One.", "Two."),
        why="Because it is so.",
        **{"mistakes": (), **more},
    )


# ------------------------------------------------------------------------- the four states


def test_right_hands_back_the_learners_own(capsys) -> None:
    assert check("99.1", kl) is kl
    assert said(capsys).startswith("✓ right · 99.1 KL to the standard normal Each dimension adds")


def test_not_started_hands_on_the_courses_version(capsys) -> None:
    handed = check("99.1", lambda mean, log_variance: TODO)
    text = said(capsys)
    assert text.startswith("○ not started")
    assert "From here on the course's version is used." in text
    assert torch.equal(handed(torch.zeros(2, 3), torch.zeros(2, 3)), torch.zeros(2))


def test_a_demonstration_is_shown_and_not_noted(capsys) -> None:
    assert check("99.1", kl, record=False) is kl
    assert "✓ right" in said(capsys)
    assert is_stand_in(check("99.1", lambda mean, log_variance: mean, record=False))
    assert "✗ wrong" in said(capsys)
    assert progress.read().entries == {}


def test_known_mistake_has_its_own_sentence(capsys) -> None:
    check("99.1", lambda m, v: 0.5 * ((v / 2).exp() + m * m - v - 1).sum(dim=-1))
    text = said(capsys)
    assert text.startswith("✗ wrong")
    assert "This is what you get with σ where σ² belongs." in text
    assert 'hint("99.1")' in text


def test_raised_shows_error_line_and_input(capsys) -> None:
    def broken(mean, log_variance):
        return mean @ sgma  # noqa: F821

    check("99.1", broken)
    text = said(capsys)
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
    assert said(capsys).startswith("! note")
    hint(identifier)
    assert said(capsys).startswith("! note")


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
    assert "debug" not in said(capsys)


# --------------------------------------------------------------------------- what it sees


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda m, v: -kl(m, v), "The sign is flipped."),
        (lambda m, v: 2 * kl(m, v), "Everywhere 2 × the expected value."),
        (lambda m, v: kl(m, v) / math.log(2), "bits where nats belong"),
        (lambda m, v: kl(m, v) / len(m), "divided by the batch size (here 3)"),
        (lambda m, v: kl(m, v) + 1, "Everywhere the expected value +1."),
        (lambda m, v: kl(m, v).mean(), "The shape is (); it should be (1,)."),
        (lambda m, v: kl(m, v)[:, None], "A dimension of size 1 is left over."),
        (lambda m, v: kl(m, v).float(), "dtype is float32; with this input it should be float64"),
        (lambda m, v: kl(m, v).to("meta"), "is on meta where the input is on cpu"),
        (lambda m, v: kl(m, v) / 0, "infinite where a finite number is right"),
        (lambda m, v: kl(m, v) * math.nan, "NaN where a finite number is right"),
        (lambda m, v: None, "returns None: is a return missing?"),
        (lambda m, v: print(kl(m, v)), "use return, not print"),
        (lambda m, v: kl(m, v).sum().item(), "A tensor belongs here, but this is a float."),
        (lambda m, v: kl(m, v).detach().numpy(), "this is a NumPy array"),
        (lambda m, v: (kl(m, v), 1), "this is a tuple of 2"),
        (lambda m, v: kl(m, v).to(torch.complex64), "dtype"),
        (lambda m, v: kl(m, v).to_sparse(), "A plain dense tensor belongs here"),
        (lambda m, v: kl(m, v)[:1].expand(10**9), "The shape is (1000000000,)"),
        (lambda m, v: kl(m, v).detach(), "it carries no gradient"),
        (lambda m, v: kl(m, v.detach()), "its gradient is not"),
        (lambda m, v: (x for x in (1, 2)), "a generator (yield where return belongs)"),
        (lambda m: m, "calls kl(mean, log_variance), but yours is <lambda>(m)"),
        (3, "A function belongs here, but this is an int"),
        (torch.ones(3), "this is a tensor of shape (3,)"),
        (None, "The answer is None"),
    ],
)
def test_it_says_what_it_can_see(answer, words: str) -> None:
    assert words in message(answer)


def test_changing_the_input_is_seen() -> None:
    def in_place(mean, log_variance):
        value = kl(mean, log_variance)
        mean += 1
        return value

    assert "`mean` is altered on the way" in message(in_place)

    def before_use(mean, log_variance):
        log_variance.exp_()
        log_variance.log_()
        log_variance[:] = 2 * log_variance / 2
        return kl(mean, log_variance)

    assert evaluate(find("99.1"), before_use, 1).state in ("right", "wrong")


def test_a_mean_over_pixels_is_named() -> None:
    image = Case("ordinary", (torch.rand(3, 1, 28, 28) + 0.5,))
    small = Case("small", (torch.rand(2, 1, 4, 4) + 0.5,))
    exercise = plain(lambda x: x.flatten(1).sum(1), image, small)
    text = evaluate(exercise, lambda x: x.flatten(1).mean(1), 1).message
    assert "divided by the number of pixels (here 16): a mean where a sum belongs" in text


def test_transposed_and_reordered_are_named() -> None:
    square = Case("ordinary", (torch.rand(3, 3),))
    assert "It is transposed." in evaluate(plain(torch.exp, square), lambda x: x.exp().T, 1).message
    exercise = plain(torch.exp)
    assert "It is transposed." in evaluate(exercise, lambda x: x.exp().T, 1).message
    assert (
        "the square of what is expected" in evaluate(exercise, lambda x: (2 * x).exp(), 1).message
    )
    text = evaluate(exercise, lambda x: x.exp().flip(0), 1).message
    assert "stand in another order" in text


def test_close_but_not_close_enough_shows_by_how_much() -> None:
    case = Case("ordinary", (torch.ones(3, dtype=torch.float64),))
    text = evaluate(plain(lambda x: x, case), lambda x: x + 1e-6 * x.cumsum(0) ** 2, 1).message
    assert "got 1 (off by 1e-06), expected 1" in text


def test_numbers_are_short() -> None:
    text = evaluate(find("99.1"), lambda m, v: kl(m, v) + torch.arange(len(m)).exp(), 1).message
    for word in text.replace(",", " ").replace(";", " ").split():
        digits = [c for c in word.split("e")[0] if c.isdigit()]
        assert len(digits) <= 6, word  # "float64" and four digits with a leading zero


def test_expected_errors_are_asked_for() -> None:
    def strict(x):
        if (x < 0).any():
            raise ValueError("negative")
        return x.sqrt()

    cases = Case("ordinary", (torch.rand(3),)), Case("negative", (-torch.ones(2),))
    exercise = plain(strict, *cases)

    def also(x):
        assert_none = (x < 0).any()
        if assert_none:
            raise ValueError
        return x**0.5

    assert evaluate(exercise, also, 1).state == "right"
    assert "refuse this input with a ValueError" in evaluate(exercise, torch.sqrt, 1).message


def test_nested_values_say_where() -> None:
    exercise = plain(lambda x: (x, {"loss": x.sum(), "steps": 3}))
    text = evaluate(exercise, lambda x: (x, {"loss": x.sum() + 1, "steps": 3}), 1).message
    assert "in value 2 of 2, in 'loss'" in text
    text = evaluate(exercise, lambda x: (x, {"los": x.sum()}), 1).message
    assert "keys" in text
    text = evaluate(exercise, lambda x: (x,), 1).message
    assert "There are 1 values where 2 belong." in text


def test_partial_marks_need_the_ordinary_case() -> None:
    cases = (
        Case("ordinary", (torch.rand(3),), weight=2),
        Case("float64", (torch.rand(2, dtype=torch.float64),)),
        Case("one", (torch.rand(1),)),
    )
    exercise = plain(torch.exp, *cases)
    result = evaluate(exercise, lambda x: x.exp().float(), 1)
    assert result.points == 3.0  # of 4: the float64 case is a quarter of the weights
    assert [case.state for case in result.cases] == ["right", "wrong", "right"]
    result = evaluate(exercise, lambda x: x.exp() if len(x) < 3 else x, 1)
    assert result.points == 0.0


def test_a_mistake_with_a_second_fault_elsewhere_is_still_seen() -> None:
    mistakes = (Mistake(lambda x: x + 1, "Plus."), Mistake(lambda x: x * 0, "Zero."))
    cases = tuple(Case(f"{n}", (torch.rand(n + 1),)) for n in range(3))
    exercise = plain(torch.exp, *cases, mistakes=mistakes)
    assert evaluate(exercise, lambda x: 1 + x, 1).mistake == 0
    assert evaluate(exercise, lambda x: x + 1 if len(x) > 1 else x, 1).mistake is None


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
            text = said(capsys)
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
    assert "this is not your mistake" in said(capsys)


@pytest.mark.parametrize("given", [TODO, (TODO, 1), {"a": [TODO]}])
def test_todo_in_any_wrapping_is_not_started(given, capsys) -> None:
    check("99.1", lambda m, v: given)
    check("99.3", given)
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
        assert said(capsys).startswith("○ not started")


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
    assert "run your own cell again" in said(capsys)


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
    assert "run your own cell again" in said(capsys)


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
    assert "run your own cell again" in said(capsys)


# ------------------------------------------------------------------------------ values


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-1.386, "The sign is flipped."),
        (138.6, "a percentage and a share"),
        (torch.tensor(1.0), "1 is not it."),
        (900, "not even its order of magnitude"),
        (math.nan, "A finite number"),
        ("1.386", "A number belongs here, but this is a str."),
        (True, "this is a bool"),
    ],
)
def test_numbers(value, words: str) -> None:
    assert words in message(value, "99.3")


@pytest.mark.parametrize("value", [1.386, torch.tensor(1.3863), numpy.float32(1.386), 1.39])
def test_right_numbers_of_any_type(value) -> None:
    assert evaluate(find("99.3"), value, 0).state == "right"


def test_choices() -> None:
    assert evaluate(find("99.4"), " B ", 0).state == "right"
    assert "one of 'a', 'b', 'c', not 'z'" in message("z", "99.4")
    assert "right, but there is more" in message("c", "99.5")


def test_texts_are_marked_by_hand(capsys) -> None:
    text = "Nobody writes a seven like that, so the model learns a lie."
    assert check("99.6", text) == text
    assert "a person marks this one" in said(capsys)
    result = evaluate(find("99.6"), text, 0)
    assert (result.points, result.by_hand) == (0.0, True)
    assert "4 words; at least 8" in message("Nobody writes like that", "99.6")
    assert evaluate(find("99.6"), "  ", 0).state == "not started"


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
    assert "solutions" not in said(capsys)
    hint("99.1")
    assert "The worked solution: ../solutions/99_test.ipynb" in said(capsys)
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
