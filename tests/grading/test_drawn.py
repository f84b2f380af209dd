"""Drawn exercises: sound for every draw, and different from draw to draw."""

import ast
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from aigc_edu.exercises import TODO, evaluate, registry
from aigc_edu.exercises.drawn import Drawn
from aigc_edu.grading.judge.digests import exercise_digest
from aigc_edu.grading.judge.packs import lesson_of, read_pack
from aigc_edu.grading.judge.specification import all_drawn, stub_name

PACK = read_pack(Path(__file__).with_name("pack.py"))
DRAWN = all_drawn(["04", "06", "07"], PACK)
every = pytest.mark.parametrize("drawn", DRAWN, ids=lambda drawn: drawn.id)


@pytest.fixture(scope="module", autouse=True)
def no_pack_stays() -> Iterator[None]:
    yield
    registry.forget_packs()


def draws(drawn: Drawn, count: int = 40) -> list[dict]:
    found = {json.dumps(drawn.draw(random.Random(n)), sort_keys=True) for n in range(count)}
    return [json.loads(text) for text in sorted(found)]


def test_lessons_04_06_and_07_have_two_each() -> None:
    course = [drawn.id for drawn in DRAWN if drawn.id.startswith("D")]
    assert course == ["D4.1", "D4.2", "D6.1", "D6.2", "D7.1", "D7.2"]
    assert [lesson_of(identifier) for identifier in course] == [4, 4, 6, 6, 7, 7]


@every
def test_it_is_sound_for_every_draw(drawn: Drawn) -> None:
    found = draws(drawn)
    assert len(found) >= 5, "there must be something to draw"
    for parameters in found:
        exercise = drawn.make(parameters)
        assert exercise.id == drawn.id
        for right in (exercise.reference, *exercise.also_right):
            result = evaluate(exercise, right, 5)
            assert (result.state, result.points) == ("right", exercise.points), parameters
        for number, mistake in enumerate(exercise.mistakes):
            result = evaluate(exercise, mistake.wrong, 5)
            assert result.state == "wrong", (parameters, mistake.sentence)
            assert result.mistake == number, (parameters, mistake.sentence, result.message)
            assert result.points == 0


@every
def test_its_cells_fit(drawn: Drawn) -> None:
    for parameters in draws(drawn, 8):
        exercise = drawn.make(parameters)
        name = stub_name(drawn.stub)
        if exercise.kind == "function":
            assert name == exercise.name
            called = ast.parse(drawn.stub).body[0].args.args  # type: ignore[attr-defined]
            named = exercise.prompt.split("(")[1].split(")")[0].split(", ")
            assert [argument.arg for argument in called] == named
        space: dict = {"TODO": TODO, "torch": torch}
        exec(drawn.stub, space)
        assert evaluate(exercise, space[name], 5).state == "not started"
        exec(drawn.answer(parameters), space)
        assert evaluate(exercise, space[name], 5).state == "right"
        assert drawn.text(parameters)


@every
def test_anothers_answer_is_wrong(drawn: Drawn) -> None:
    found = draws(drawn)
    name = stub_name(drawn.stub)
    for mine, theirs in itertools.pairwise(found):
        space: dict = {}
        exec(drawn.answer(theirs), space)
        if drawn.id == "D7.1" and space[name] == drawn.make(mine).reference:
            continue  # five letters: by chance the same
        assert evaluate(drawn.make(mine), space[name], 5).state in ("wrong", "raised")


@every
def test_parameters_are_in_the_text_and_in_the_hash(drawn: Drawn) -> None:
    found = draws(drawn)
    assert len({drawn.text(parameters) for parameters in found}) == len(found)
    hashes = {exercise_digest(drawn.make(parameters)) for parameters in found}
    assert len(hashes) > 1


def test_the_planted_faults_stand_in_the_listing() -> None:
    from aigc_edu.exercises.lessons.lesson_07 import e10_drawn_fault as fault_listing

    listings = set()
    for fault in fault_listing.FAULTS:
        text = fault_listing.listing({"fault": fault, "order": sorted(fault_listing.FAULTS)})
        ast.parse(text)
        listings.add(text)
    assert len(listings) == len(fault_listing.FAULTS)
    assert fault_listing._SOUND not in listings
