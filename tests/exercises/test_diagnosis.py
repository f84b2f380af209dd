"""Each relation is seen where it holds in every wrong case, and nothing where it does not."""

import math

import pytest
import torch

from aigc_edu.exercises.comparing import diagnosis as module
from aigc_edu.exercises.comparing.differences import find_difference
from aigc_edu.exercises.probing import Case

SHAPES = ((5, 5), (3, 3), (2, 2))


def diagnosis(change, right=torch.Tensor.square, shapes=SHAPES) -> str:
    """What is said where ``change(value, input)`` comes out and ``right(input)`` is right."""
    generator = torch.Generator().manual_seed(0)
    wrong = []
    for shape in shapes:
        inputs = torch.rand(shape, generator=generator) + 0.5
        expected = right(inputs)
        difference = find_difference(change(expected, inputs), expected)
        assert difference is not None
        wrong.append((Case(str(shape), (inputs,)), difference))
    return module.diagnose(wrong)


# At least one for each relation, in their order.
HOLDS = [
    ("_sign", lambda v, x: -v, "The sign is flipped."),
    ("_mean_for_sum", lambda v, x: v / len(x), "divided by the batch size (here 2): a mean where"),
    ("_sum_for_mean", lambda v, x: v * x.numel(), "the number of all elements (here 4): a sum"),
    ("_bits", lambda v, x: v / math.log(2), "Everywhere 1.443 × the expected value: bits where"),
    ("_factor", lambda v, x: 0.5 * v, "Everywhere 0.5 × the expected value."),
    ("_transposed", lambda v, x: v.T, "It is transposed."),
    ("_function", lambda v, x: v.log(), "You return the logarithm of what is expected."),
    ("_function", lambda v, x: v.exp(), "You return the exponential of what is expected."),
    ("_function", lambda v, x: v.square(), "You return the square of what is expected."),
    ("_function", lambda v, x: v.sqrt(), "You return the square root of what is expected."),
    ("_function", lambda v, x: 1 / v, "You return one divided by what is expected."),
    ("_offset", lambda v, x: v - 0.25, "Everywhere the expected value -0.25."),
    ("_reordered", lambda v, x: v.flip(1), "The numbers are right but stand in another order."),
]


@pytest.mark.parametrize(("name", "change", "words"), HOLDS, ids=[words for *_, words in HOLDS])
def test_what_holds_everywhere_is_said(monkeypatch, name: str, change, words: str) -> None:
    sentence = diagnosis(change)
    assert words in sentence
    # By the relation that is meant, not by one that goes before it.
    monkeypatch.setattr(module, "RELATIONS", (getattr(module, name),))
    assert diagnosis(change) == sentence


def test_each_relation_has_an_example_here() -> None:
    assert {name for name, *_ in HOLDS} == {relation.__name__ for relation in module.RELATIONS}


def test_what_holds_on_one_input_only_is_chance() -> None:
    assert diagnosis(lambda v, x: -v if len(x) == 2 else v + x) == ""
    assert diagnosis(lambda v, x: v / len(x) if len(x) == 2 else v / 7) == ""
    assert diagnosis(lambda v, x: v + len(x)) == ""


def test_one_number_is_too_little_to_tell_by() -> None:
    assert diagnosis(lambda v, x: 2 * v, shapes=((1, 1),)) == ""
    assert diagnosis(lambda v, x: 2 * v, shapes=((1, 1), (1, 1))) != ""


def test_another_shape_has_no_relation() -> None:
    assert diagnosis(lambda v, x: v.sum()) == ""
    assert diagnosis(lambda v, x: v.flatten()) == ""


def test_a_size_that_changes_nothing_is_not_blamed() -> None:
    sentence = diagnosis(lambda v, x: v / 4, shapes=((1, 4), (1, 4)))
    assert "one example's size (here 4)" in sentence
    assert diagnosis(lambda v, x: v / 3, shapes=((1, 4), (1, 4))).startswith("Everywhere 0.3333")


def test_where_an_infinity_is_right_the_rest_is_compared() -> None:
    def right(x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x.flatten(), torch.tensor([math.inf])])

    assert diagnosis(lambda v, x: 3 * v, right) == "Everywhere 3 × the expected value."
    assert diagnosis(lambda v, x: -v, right) == "The sign is flipped."
