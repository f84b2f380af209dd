"""What the comparison sees in an answer, from one value to the whole of an exercise."""

import math

import numpy
import pytest
import torch

from aigc_edu.exercises import Case, Exercise, Mistake, check, evaluate, find


def kl(mean, log_variance):
    return find("99.1").reference(mean, log_variance)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, in one line."""
    return " ".join(capsys.readouterr().out.split())


def message(answer, identifier: str = "99.1", seed: int = 1) -> str:
    result = evaluate(find(identifier), answer, seed)
    assert result.state == "wrong", result
    return " ".join(result.message.split())


def plain(reference, *cases: Case, **more) -> Exercise:
    """An exercise about nothing in particular."""

    def inputs(generator):
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
        cases=inputs,
        points=4,
        difficulty=1,
        minutes=1,
        hints=("One.", "Two."),
        why="Because it is so.",
        **{"mistakes": (), **more},
    )


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
    assert "a person marks this one" in printed(capsys)
    result = evaluate(find("99.6"), text, 0)
    assert (result.points, result.by_hand) == (0.0, True)
    assert "4 words; at least 8" in message("Nobody writes like that", "99.6")
    assert evaluate(find("99.6"), "  ", 0).state == "not started"
