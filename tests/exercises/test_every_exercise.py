"""What must hold of every exercise, whoever wrote it.

Runs over all the course's exercises and over pack.py. For one of them:
``pytest tests/exercises/test_every_exercise.py -k "5.1"``.
"""

import ast
import dataclasses
import inspect
import math
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch
from torch import nn

from aigc_edu.exercises import (
    TODO,
    Exercise,
    Outcome,
    all_exercises,
    answer_outputs,
    check,
    compare,
    evaluate,
    hint,
    probe,
    progress,
    registry,
)
from aigc_edu.exercises.comparing import VALUE_KINDS, Memory, matches_value
from aigc_edu.exercises.probing import call
from aigc_edu.exercises.stand_in import is_stand_in

PACK = registry.load_pack(Path(__file__).parent / "pack.py")
registry.forget_packs()
EXERCISES = [*all_exercises(), *PACK]
RUN = [exercise for exercise in EXERCISES if exercise.kind in ("function", "class")]
SEEDS = (1, 2, 3)
# What references and mistakes do with the inputs of these seeds, for the whole session.
MEMORY = Memory(2**14)
# What run() may use without importing it: what a worker elsewhere gives it.
WORKER_GIVES = {"torch": torch, "nn": nn, "F": nn.functional, "math": math}

every = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
every_run = pytest.mark.parametrize("exercise", RUN, ids=lambda e: e.id)


@pytest.fixture(autouse=True)
def pack(exercise: Exercise) -> Iterator[None]:
    """A course's exercise is not hidden by the pack, nor the other way round."""
    if exercise in PACK:
        registry.load_pack(Path(__file__).parent / "pack.py")
    yield
    registry.forget_packs()


def leaves(value) -> Iterator:
    """Every value inside nested tuples, lists and dicts, in order."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def stub_of(exercise: Exercise):
    """What an unfilled lesson holds."""
    if exercise.kind == "function":
        return lambda *args, **kwargs: TODO
    if exercise.kind == "class":

        def start(self, *args, **kwargs):
            if isinstance(self, nn.Module):
                nn.Module.__init__(self)

        def method(self, *args, **kwargs):
            return TODO

        reference = exercise.reference
        bases = (nn.Module,) if issubclass(reference, nn.Module) else (object,)
        names = [name for name, item in vars(reference).items() if inspect.isfunction(item)]
        body = {name: method for name in names if not name.startswith("__")}
        if "__call__" in names:
            body["__call__"] = method
        # Attributes that a constructor would set are missing or TODO in a lesson's stub.
        body["__getattr__"] = lambda self, name: TODO
        return type("Stub", bases, {**body, "__init__": start})
    return TODO


def outcomes_of(exercise: Exercise, answer, seed: int) -> tuple:
    """The inputs of a seed and what one of the exercise's own answers does with them."""
    cases = MEMORY.probe(exercise, seed)
    return cases, MEMORY.outcomes(exercise, answer, cases)


# ------------------------------------------------------------------------------- accepted


@pytest.mark.parametrize("seed", SEEDS)
@every  # below: the id begins with the exercise, for -k "[5.1"
def test_reference_is_right(exercise: Exercise, seed: int) -> None:
    result = evaluate(exercise, exercise.reference, seed, memory=MEMORY)
    assert result.state == "right", result.message
    assert result.points == (0 if exercise.by_hand else exercise.points)


@every
def test_other_right_answers_are_right(exercise: Exercise) -> None:
    if exercise.kind in ("function", "class"):
        assert exercise.also_right, "write the answer in a second way"
    for answer in exercise.also_right:
        assert answer is not exercise.reference
        for seed in SEEDS:
            result = evaluate(exercise, answer, seed, memory=MEMORY)
            assert result.state == "right", result.message


@every_run
def test_same_seed_same_inputs_other_seed_other_inputs(exercise: Exercise) -> None:
    def numbers(seed: int) -> list:
        cases = probe(exercise, seed)
        return [leaf for case in cases for leaf in leaves([case.args, dict(case.kwargs)])]

    def same(one, other) -> bool:
        if isinstance(one, torch.Tensor):
            return one.shape == other.shape and bool(one.equal(other))
        return isinstance(one, torch.Generator) or one == other

    assert all(same(a, b) for a, b in zip(numbers(1), numbers(1), strict=True))
    assert not all(same(a, b) for a, b in zip(numbers(1), numbers(2), strict=True)), (
        "the inputs do not depend on the generator: a constant would pass"
    )
    shapes = [[getattr(leaf, "shape", None) for leaf in numbers(seed)] for seed in SEEDS]
    assert shapes[0] == shapes[1] == shapes[2], "shapes must not depend on the seed"


# ------------------------------------------------------------------------------- rejected


@every
def test_untouched_stub_is_not_started(exercise: Exercise) -> None:
    result = evaluate(exercise, stub_of(exercise), 1, memory=MEMORY)
    assert result.state == "not started", result
    assert evaluate(exercise, TODO, 1).state == "not started"
    assert result.points == 0


@every
def test_each_mistake_is_rejected_with_its_own_sentence(exercise: Exercise) -> None:
    assert len(exercise.mistakes) >= 2
    sentences = [mistake.sentence for mistake in exercise.mistakes]
    assert len(set(sentences)) == len(sentences)
    for index, mistake in enumerate(exercise.mistakes):
        assert mistake.sentence.strip()[-1] in ".?!", mistake.sentence
        for seed in SEEDS:
            result = evaluate(exercise, mistake.wrong, seed, memory=MEMORY)
            assert result.state in ("wrong", "raised"), mistake.sentence
            assert result.mistake == index, (
                f"{mistake.sentence!r} is answered by {result.message!r}"
            )
            assert mistake.sentence in result.message


@every
def test_no_two_mistakes_are_alike(exercise: Exercise) -> None:
    # The first of two alike would always win, and the test above would fail for the
    # second; here for values, whose mistakes may be told by `when`.
    if exercise.kind in VALUE_KINDS:
        for index, mistake in enumerate(exercise.mistakes):
            others = [m for m in exercise.mistakes if m is not mistake]
            alone = dataclasses.replace(exercise, mistakes=tuple(others))
            assert matches_value(alone, mistake.wrong)[1] is None, (index, mistake.sentence)
        return
    for mistake in exercise.mistakes:
        others = tuple(m for m in exercise.mistakes if m is not mistake)
        alone = dataclasses.replace(exercise, mistakes=others)
        cases, outcomes = outcomes_of(exercise, mistake.wrong, 1)
        other = compare(alone, cases, outcomes, memory=MEMORY).mistake
        if other is not None:  # partly the same is allowed, the same on all inputs is not
            lone = dataclasses.replace(exercise, reference=others[other].wrong, mistakes=())
            assert compare(lone, cases, outcomes, memory=MEMORY).state != "right"


@every_run
def test_constants_are_rejected(exercise: Exercise) -> None:
    cases, right = outcomes_of(exercise, exercise.reference, 1)
    assert right[0].failure is None, right[0].failure
    first = [right[0]] * len(right)
    zeros = [dataclasses.replace(o, value=_each(o.value, torch.zeros_like, 0)) for o in right]
    _, earlier = outcomes_of(exercise, exercise.reference, 2)
    if len(cases) > 1:
        assert compare(exercise, cases, first, memory=MEMORY).state != "right"
    assert compare(exercise, cases, zeros, memory=MEMORY).state != "right"
    assert compare(exercise, cases, earlier, memory=MEMORY).state != "right", (
        "another seed's answer passes"
    )


def _each(value, change, number=None):
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, dict):
        return {key: _each(item, change, number) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_each(item, change, number) for item in value)
    if number is not None and isinstance(value, int | float):
        return type(value)(number)
    return value


@every_run
def test_other_dtype_and_device_are_rejected(exercise: Exercise) -> None:
    cases, right = outcomes_of(exercise, exercise.reference, 1)
    if not any(isinstance(leaf, torch.Tensor) for o in right for leaf in leaves(o.value)):
        return

    def other_dtype(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(torch.float32 if tensor.dtype == torch.float64 else torch.float64)

    def on_meta(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to("meta")

    for change, word in ((other_dtype, "dtype"), (on_meta, "meta")):
        moved = [dataclasses.replace(o, value=_each(o.value, change)) for o in right]
        result = compare(dataclasses.replace(exercise, mistakes=()), cases, moved, memory=MEMORY)
        assert result.state == "wrong"
        assert word in result.message


@every_run
def test_changing_the_input_is_rejected(exercise: Exercise) -> None:
    if exercise.run is not call:
        return  # there the arguments are run's, which hands on what it likes
    cases, right = outcomes_of(exercise, exercise.reference, 1)
    if any(outcome.changed for outcome in right):
        return

    def spoiling(*args, **kwargs):
        value = exercise.reference(*args, **kwargs)
        with torch.no_grad():
            for leaf in leaves([args, kwargs]):
                if isinstance(leaf, torch.Tensor) and leaf.numel():
                    leaf.copy_(leaf.logical_not() if leaf.dtype == torch.bool else leaf + 1)
        return value

    if any(isinstance(leaf, torch.Tensor) for leaf in leaves([list(c.args) for c in cases])):
        result = evaluate(exercise, spoiling, 1, memory=MEMORY)
        assert result.state == "wrong", result


@every
def test_checked_again_after_wrong_stub_and_raise(
    exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*args, **kwargs):
        raise ArithmeticError("on purpose")

    answers = [exercise.mistakes[0].wrong, stub_of(exercise), exercise.mistakes[1].wrong]
    if exercise.kind == "function":
        answers.append(fails)
    if exercise.kind == "class":
        answers.append(type("Fails", (), {"__init__": fails}))
    for answer in answers:
        handed = check(exercise.id, answer)
        assert "✓" not in capsys.readouterr().out
        before = progress.read().entries
        again = check(exercise.id, handed)
        printed = capsys.readouterr().out
        assert "✓" not in printed
        if is_stand_in(handed):
            assert again is handed
            assert "run your own cell again" in " ".join(printed.split())
            assert progress.read().entries == before
    assert not progress.read().entries.get(exercise.id, {}).get("first_right")


@every
def test_stand_in_serves_and_shows_no_answer(
    exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    handed = check(exercise.id, stub_of(exercise))
    capsys.readouterr()
    if exercise.kind == "text":
        return
    assert evaluate(exercise, handed, 1, memory=MEMORY).state == "right"
    if exercise.kind in ("function", "class"):
        assert exercise.id in repr(handed)
        for thing in (handed, type(handed), type(handed).__call__):
            try:
                source = inspect.getsource(thing)
            except (TypeError, OSError):
                continue
            assert not any(line in source for line in _telling_lines(exercise))


# ----------------------------------------------------------------------------- well written


def _telling_lines(exercise: Exercise) -> list[str]:
    """The reference's lines that would be an answer."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(exercise.reference)))
    except (TypeError, OSError, SyntaxError):
        return []
    lines = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Return | ast.Assign | ast.AugAssign)
    ]
    values = [re.split(r"^return |(?<![=<>!])=(?!=)", line, maxsplit=1)[-1] for line in lines]
    return [value.strip() for value in values if len(value.strip()) > 20]


@every
def test_hints_lead_but_do_not_tell(exercise: Exercise) -> None:
    assert len(exercise.hints) >= 2
    assert len(set(exercise.hints)) == len(exercise.hints)
    for text in exercise.hints:
        assert text.strip()[-1] in ".?!", text
        squeezed = re.sub(r"\s", "", text)
        for line in _telling_lines(exercise):
            assert re.sub(r"\s", "", line) not in squeezed, f"a hint quotes the answer: {line}"


@every
def test_facts_are_sane(exercise: Exercise) -> None:
    assert 0 < exercise.points <= 20
    assert exercise.difficulty in (1, 2, 3)
    assert 1 <= exercise.minutes <= 90
    assert 3 <= len(exercise.title) <= 60
    assert exercise.title[-1] not in ".:!"
    assert exercise.prompt
    assert len(exercise.why) >= 20
    assert exercise.why.strip()[-1] in ".!?)"
    if exercise.choices is not None:
        assert 2 <= len(exercise.choices) <= 8
        assert all(re.fullmatch("[a-z]", letter) for letter in exercise.choices)


@every_run
def test_cases_are_named_weighted_and_can_travel_as_json(exercise: Exercise) -> None:
    cases, right = outcomes_of(exercise, exercise.reference, 1)
    assert len(cases) >= 2
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), names
    assert all(case.weight > 0 for case in cases)
    plain = (torch.Tensor, torch.Generator, torch.dtype, str, int, float, bool, type(None))
    for case in cases:
        for leaf in leaves([list(case.args), dict(case.kwargs)]):
            assert isinstance(leaf, plain), f"{case.name}: {type(leaf).__name__}; see run()"
    for case, outcome in zip(cases, right, strict=True):
        for leaf in leaves(outcome.value):
            assert isinstance(leaf, plain), f"{case.name}: run returns a {type(leaf).__name__}"


@every_run
def test_run_stands_alone(exercise: Exercise) -> None:
    if exercise.run is call:
        return
    source = textwrap.dedent(inspect.getsource(exercise.run))
    assert source.startswith("def "), "run is a plain function"
    assert "aigc_edu" not in source, "run may use nothing of the course"
    space: dict = dict(WORKER_GIVES)
    exec(compile("from __future__ import annotations\n" + source, "run", "exec"), space)
    alone = space[exercise.run.__name__]
    cases = MEMORY.probe(exercise, 1)
    outcomes: list[Outcome] = answer_outputs(
        alone, exercise.reference, cases, gradient=exercise.gradient
    )
    assert compare(exercise, cases, outcomes, memory=MEMORY).state == "right", outcomes


@every
def test_check_prints_the_same_each_time(
    exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    for answer, icon in ((exercise.reference, "✓"), (stub_of(exercise), "○")):
        texts = set()
        for _ in range(2):
            assert check(exercise.id, answer) is answer or icon == "○"
            texts.add(capsys.readouterr().out)
        assert len(texts) == 1
        assert texts.pop().startswith(icon)


@every
def test_hints_open_one_by_one(exercise: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(1, len(exercise.hints) + 2):
        hint(exercise.id)
        printed = " ".join(capsys.readouterr().out.split())
        opened = [" ".join(text.split()) in printed for text in exercise.hints]
        assert sum(opened) == min(number, len(exercise.hints))


@every
def test_a_memory_changes_nothing(exercise: Exercise) -> None:
    if exercise in RUN:
        for answer in (exercise.reference, *(mistake.wrong for mistake in exercise.mistakes)):
            _, remembered = outcomes_of(exercise, answer, 1)
            anew = answer_outputs(
                exercise.run, answer, probe(exercise, 1), gradient=exercise.gradient
            )
            assert list(map(exactly, remembered)) == list(map(exactly, anew))
    # The last mistake is compared with all others before it is recognized.
    last = exercise.mistakes[-1].wrong
    assert evaluate(exercise, last, 1, memory=MEMORY) == evaluate(exercise, last, 1)


def exactly(outcome: Outcome) -> dict:
    """All of an outcome, to the last digit, in a form that can be compared."""

    def digits(value):
        if isinstance(value, torch.Tensor):
            return value.dtype, value.shape, repr(value.tolist())
        if isinstance(value, dict):
            return {key: digits(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [digits(item) for item in value]
        return repr(value)

    return {key: digits(value) for key, value in vars(outcome).items()}
