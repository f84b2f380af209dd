"""What travels: written and read back alike; what could not have been written is refused."""

import json
import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aigc_edu.exercises import Outcome, all_exercises, answer_outputs, compare, probe
from aigc_edu.exercises.comparing import VALUE_KINDS
from aigc_edu.exercises.probing import Failure
from aigc_edu.grading.sandbox.box import wire


def there_and_back(value: Any) -> Any:
    return wire.unpack(wire.read_json(json.dumps(wire.pack(value)).encode()))


@pytest.mark.parametrize("name", sorted(wire.DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 1), (2, 3)])
def test_tensors(name: str, shape: tuple[int, ...]) -> None:
    tensor = torch.arange(math.prod(shape)).reshape(shape).to(wire.DTYPES[name])
    back = there_and_back(tensor)
    assert back.dtype == tensor.dtype
    assert back.shape == tensor.shape
    assert torch.equal(back, tensor)


def test_views_and_special_numbers() -> None:
    tensor = torch.tensor([[1.0, float("nan")], [float("inf"), -0.0]]).T
    assert torch.equal(there_and_back(tensor).nan_to_num(7), tensor.nan_to_num(7))
    assert there_and_back(torch.ones(2, requires_grad=True)).requires_grad
    assert there_and_back(torch.tensor([1 + 2j]).conj()).tolist() == [1 - 2j]


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
)


@given(
    st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.tuples(inner, inner)
            | st.dictionaries(st.text(max_size=5) | st.integers(0, 9), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_values(value: Any) -> None:
    assert there_and_back(value) == value


def test_a_generator_draws_the_same() -> None:
    generator = torch.Generator().manual_seed(5)
    torch.rand(3, generator=generator)
    back = there_and_back(generator)
    assert torch.equal(torch.rand(4, generator=back), torch.rand(4, generator=generator))


def test_what_does_not_travel_is_named() -> None:
    class Strange:
        pass

    assert type(there_and_back(Strange())).__name__ == "Strange"
    assert type(there_and_back(torch.eye(2).to_sparse())).__name__ == "Tensor"
    assert there_and_back(torch.zeros(1).expand(10**9)).shape == (10**9,)
    assert isinstance(there_and_back(10**400), wire.Foreign)
    nest: list = []
    for _ in range(100):
        nest = [nest]
    assert there_and_back(nest) is not None


@pytest.mark.parametrize(
    "content",
    [
        {"tensor": [[5], "float32", "AAAA", False]},
        {"tensor": [[10**9], "float32", "", False]},
        {"tensor": [[-1], "float32", "", False]},
        {"tensor": [[1.0], "float32", "AAAAAA==", False]},
        {"tensor": [[True], "float32", "AAAAAA==", False]},
        {"tensor": [[1], "float99", "AAAAAA==", False]},
        {"tensor": [[1], "bool", "/w==", False]},
        {"tensor": [[1], "float32", "!!!!!!==", False]},
        {"huge": [[2**39, 2**39], "float32"]},
        {"generator": "AAAA"},
        {"int": "1" * 5000},
        {"int": 5},
        {"float": "no"},
        {"dict": [[{"set": []}, 1]]},
        {"unknown": 1},
        {"int": "1", "float": "0x1p0"},
        5,
        5.0,
    ],
)
def test_forged_values_are_refused(content: Any) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack(content)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'["' + b"[" * 41 + b'", ' + b"[" * 41 + b"]" * 41 + b"]",
        b"NaN",
        b"[Infinity]",
        b"\xff",
        b"1" * 10_000,
        b" " * 17_000_000,
    ],
)
def test_forged_json_is_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.read_json(data)


def test_outcomes() -> None:
    failure = Failure("ValueError", ("ValueError", "object"), "no\x1b[31m \u202e", "x = 1", 3)
    outcome = Outcome(None, failure, changed=(0, "x"), attached=(True,))
    back = wire.unpack_outcome(json.loads(json.dumps(wire.pack_outcome(outcome))))
    assert back.failure is not None
    assert back.failure.message == "no[31m "
    assert back.changed == (0, "x")
    good = wire.pack_outcome(Outcome(1.0))
    for key, value in (
        ("gradients", [5]),
        ("attached", [1]),
        ("changed", [[]]),
        ("failure", ["a"]),
        ("failure", [1, 2, 3, 4, 5]),
    ):
        with pytest.raises(wire.WireError):
            wire.unpack_outcome({**good, key: value})
    with pytest.raises(wire.WireError):
        wire.unpack_outcome({**good, "state": "right"})


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
def test_every_exercise_of_the_course_can_travel(exercise: Any) -> None:
    if exercise.kind in VALUE_KINDS:
        assert there_and_back(exercise.reference) == exercise.reference
        return
    cases = probe(exercise, 3)
    sent = [wire.unpack_case(json.loads(json.dumps(wire.pack_case(case)))) for case in cases]
    outcomes = answer_outputs(exercise.run, exercise.reference, sent, gradient=exercise.gradient)
    back = [wire.unpack_outcome(json.loads(json.dumps(wire.pack_outcome(o)))) for o in outcomes]
    assert compare(exercise, cases, back).state == "right"
