"""A memory answers for the same objects alone, and no longer than it may."""

import dataclasses
import gc
import weakref

import torch

from aigc_edu.exercises import Mistake, evaluate, find, probe
from aigc_edu.exercises.comparing import Memory


class Counted:
    """A function that counts how often it runs."""

    def __init__(self, function) -> None:
        self.function, self.runs = function, 0

    def __call__(self, mean, log_variance):
        self.runs += 1
        return self.function(mean, log_variance)


def counted_exercise():
    exercise = find("99.1")
    reference = Counted(exercise.reference)
    mistakes = tuple(
        dataclasses.replace(mistake, wrong=Counted(mistake.wrong)) for mistake in exercise.mistakes
    )
    return dataclasses.replace(exercise, reference=reference, mistakes=mistakes)


def test_own_answers_run_once_an_input_and_the_judged_one_each_time() -> None:
    exercise, memory = counted_exercise(), Memory(100)
    answer = Counted(lambda mean, log_variance: mean.sum(1))
    for _ in range(3):
        evaluate(exercise, answer, 1, memory=memory)
    count = len(probe(exercise, 1))
    assert answer.runs == 3 * count
    assert exercise.reference.runs == count
    assert 0 < exercise.mistakes[0].wrong.runs <= count
    # Where a mistake is what is judged it is remembered too.
    for _ in range(3):
        assert evaluate(exercise, exercise.mistakes[1].wrong, 1, memory=memory).mistake == 1
    assert exercise.mistakes[1].wrong.runs == count


def test_without_a_memory_everything_runs_anew() -> None:
    exercise = counted_exercise()
    for _ in range(3):
        evaluate(exercise, exercise.reference.function, 1)
    assert exercise.reference.runs == 3 * len(probe(exercise, 1))


def test_a_changed_exercise_or_another_seed_is_not_answered_from_memory() -> None:
    exercise, memory = find("99.1"), Memory(100)
    assert evaluate(exercise, exercise.mistakes[0].wrong, 1, memory=memory).mistake == 0

    def doubled(mean, log_variance):
        return 2 * exercise.reference(mean, log_variance)

    other = dataclasses.replace(exercise, reference=doubled, mistakes=())
    assert evaluate(other, doubled, 1, memory=memory).state == "right"
    assert evaluate(other, exercise.reference, 1, memory=memory).state == "wrong"
    changed = dataclasses.replace(exercise, mistakes=(Mistake(doubled, "Twice."),))
    assert evaluate(changed, doubled, 1, memory=memory).mistake == 0
    assert evaluate(changed, doubled, 2, memory=memory).mistake == 0
    ungraded = dataclasses.replace(exercise, gradient=False)
    assert memory.outcomes(ungraded, doubled, memory.probe(ungraded, 1))[0].gradients is None
    assert memory.outcomes(exercise, doubled, memory.probe(exercise, 1))[0].gradients is not None
    first, second = memory.probe(exercise, 1)[0], memory.probe(exercise, 2)[0]
    assert not torch.equal(first.args[0], second.args[0])


def test_the_longest_unused_is_forgotten() -> None:
    exercise, memory = counted_exercise(), Memory(2)
    gone = weakref.ref(memory.probe(exercise, 0)[0])
    for seed in range(1, 5):
        evaluate(exercise, exercise.reference, seed, memory=memory)
    gc.collect()
    assert gone() is None
