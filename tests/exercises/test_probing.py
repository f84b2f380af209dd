"""An answer can be run where neither the reference nor the comparison is."""

import ast
import sys
from pathlib import Path

import torch

from aigc_edu.exercises import answer_outputs, compare, find, probe, probing


def test_the_file_stands_alone() -> None:
    tree = ast.parse(Path(probing.__file__).read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add((node.module or "").split(".")[0])
    assert names - set(sys.stdlib_module_names) == {"torch"}


def test_three_steps_apart_give_what_evaluate_gives() -> None:
    exercise = find("99.1")
    cases = probe(exercise, 11)
    outcomes = answer_outputs(exercise.run, exercise.reference, cases, gradient=True)
    # What comes back from elsewhere are values only.
    for outcome in outcomes:
        assert not outcome.value.requires_grad
        assert outcome.attached == (True,)
    result = compare(exercise, cases, outcomes)
    assert (result.state, result.points) == ("right", 3)


def test_generators_start_alike_and_inputs_are_copies() -> None:
    exercise = find("99.7")
    cases = probe(exercise, 1)
    first = answer_outputs(exercise.run, exercise.reference, cases)
    second = answer_outputs(exercise.run, exercise.reference, cases)
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one.value, other.value)
        assert one.changed == ()


def test_the_value_is_taken_before_the_answer_changes_it() -> None:
    kept = torch.zeros(3)

    def same_tensor(x):
        return kept.add_(1)

    exercise = find("99.7")
    cases = [probing.Case("a", (torch.zeros(1),)), probing.Case("b", (torch.zeros(1),))]
    one, two = answer_outputs(exercise.run, same_tensor, cases)
    assert one.value.tolist() == [1, 1, 1]
    assert two.value.tolist() == [2, 2, 2]
