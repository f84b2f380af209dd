"""Batches: every image once a pass, one order a seed, resume as if never stopped."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_edu.data import Batches, augment_shift, load_digits, to_range


def numbered(count: int) -> torch.Tensor:
    """Images whose first two pixels say which one it is."""
    images = torch.zeros(count, 1, 2, 2, dtype=torch.uint8)
    images[:, 0, 0, 0] = torch.arange(count) % 256
    images[:, 0, 0, 1] = torch.arange(count) // 256
    return images


def numbers(x: torch.Tensor) -> list[int]:
    """Which images a batch in the range (0, 255) holds."""
    return (x[:, 0, 0, 0] + 256 * x[:, 0, 0, 1]).long().tolist()


RANGE = {"value_range": (0.0, 255.0)}
sizes = st.integers(1, 700)


@given(sizes, sizes, st.booleans(), st.integers(0, 2**31))
@settings(max_examples=60)
def test_a_pass_holds_each_index_once(count: int, size: int, drop: bool, seed: int) -> None:
    size = min(size, count)
    batches = Batches(numbered(count), size, seed=seed, drop_last=drop, **RANGE)
    for _ in range(2):
        drawn = [numbers(x) for x in batches]
        assert len(drawn) == len(batches)
        seen = [number for batch in drawn for number in batch]
        assert len(set(seen)) == len(seen)
        assert len(seen) == (count // size * size if drop else count)
        assert all(len(batch) == size for batch in drawn[:-1])


@given(sizes, st.integers(1, 50), st.integers(0, 2**31), st.integers(0, 40), st.booleans())
@settings(max_examples=60)
def test_a_resumed_stream_equals_one_that_never_stopped(
    count: int, size: int, seed: int, before: int, augmented: bool
) -> None:
    size = min(size, count)
    augment = (lambda x, g: x + torch.rand(len(x), 1, 1, 1, generator=g)) if augmented else None

    def fresh(seed: int) -> Batches:
        return Batches(numbered(count), size, seed=seed, drop_last=False, augment=augment)

    straight = fresh(seed)
    for _ in range(before):
        next(straight)
    state = straight.state_dict()
    resumed = fresh(seed + 1)
    next(resumed)
    resumed.load_state_dict(state)
    for _ in range(30):
        assert torch.equal(next(straight), next(resumed))


def test_a_resumed_loop_finishes_its_pass_and_goes_on() -> None:
    straight, resumed = (Batches(numbered(50), 7, seed=s, drop_last=False, **RANGE) for s in (3, 4))
    walk = iter(straight)
    for _ in range(4):
        next(walk)
    resumed.load_state_dict(straight.state_dict())
    assert [numbers(x) for x in walk] == [numbers(x) for x in resumed]
    for _ in range(2):
        assert [numbers(x) for x in straight] == [numbers(x) for x in resumed]


def test_a_state_taken_before_the_first_batch() -> None:
    first, second = (Batches(numbered(20), 4, seed=seed, **RANGE) for seed in (0, 1))
    second.load_state_dict(first.state_dict())
    assert [numbers(x) for x in first] == [numbers(x) for x in second]


def test_a_state_is_a_snapshot() -> None:
    batches = Batches(numbered(40), 8, seed=0, **RANGE)
    next(batches)
    state = batches.state_dict()
    following = [numbers(next(batches)) for _ in range(12)]
    batches.load_state_dict(state)
    assert [numbers(next(batches)) for _ in range(12)] == following


def test_seeds_decide_the_order() -> None:
    def order(seed: int) -> list[list[int]]:
        return [numbers(x) for x in Batches(numbered(100), 10, seed=seed, **RANGE)]

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_passes_are_reshuffled_and_the_stream_is_passes_in_a_row() -> None:
    stream = Batches(numbered(30), 10, seed=0, **RANGE)
    loops = Batches(numbered(30), 10, seed=0, **RANGE)
    in_loops = [numbers(x) for _ in range(3) for x in loops]
    assert [numbers(next(stream)) for _ in range(9)] == in_loops
    assert in_loops[:3] != in_loops[3:6]


def test_loops_within_loops_are_passes_of_their_own() -> None:
    batches = Batches(numbered(6), 2, seed=0, **RANGE)
    outer = 0
    for _ in batches:
        outer += 1
        assert sorted(n for x in batches for n in numbers(x)) == list(range(6))
    assert outer == 3


def test_augmentation_leaves_the_order_alone() -> None:
    plain = Batches(numbered(30), 10, seed=0)
    same = Batches(
        numbered(30), 10, seed=0, augment=lambda x, g: x + 0 * torch.rand(1, generator=g)
    )
    assert all(torch.equal(a, b) for a, b in zip(plain, same, strict=True))


def test_labels_and_values_belong_together() -> None:
    images, labels = load_digits("train", limit=300)
    where = {
        image.numpy().tobytes(): int(label) for image, label in zip(images, labels, strict=True)
    }
    for x, y in Batches(images, 64, labels=labels, value_range=(-1, 1), drop_last=False):
        assert x.dtype == torch.float32
        assert y.dtype == torch.int64
        back = ((x + 1) * 127.5).round().to(torch.uint8)
        assert [where[image.numpy().tobytes()] for image in back] == y.tolist()


def test_values_are_those_of_to_range() -> None:
    images = load_digits("test", limit=8).images
    for ends in ((0.0, 1.0), (-1.0, 1.0), (0.2, 0.7)):
        (x,) = Batches(images, 8, value_range=ends)
        expected = to_range(images, *ends)
        assert sorted(map(float, x.sum((1, 2, 3)))) == pytest.approx(
            sorted(map(float, expected.sum((1, 2, 3))))
        )
        assert set(x.unique().tolist()) == set(expected.unique().tolist())


def test_augmentation_sees_zero_to_one_and_the_range_comes_after() -> None:
    seen = []

    def look(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        seen.append((float(x.min()), float(x.max())))
        return augment_shift(2)(x, generator)

    images = load_digits("train", limit=64).images
    (x,) = Batches(images, 64, augment=look, value_range=(-1, 1))
    assert seen == [(0.0, 1.0)]
    assert float(x.min()) == -1.0


def test_a_batch_is_a_copy_and_channels_last_is_kept() -> None:
    images = load_digits("train", limit=16).images
    before = images.clone()
    (x,) = Batches(images, 16, channels_last=True)
    x.zero_()
    assert torch.equal(images, before)
    color = torch.zeros(4, 3, 5, 5, dtype=torch.uint8)
    (x,) = Batches(color, 4, channels_last=True)
    assert x.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("images", "options"),
    [
        (torch.zeros(4, 1, 2, 2), {}),
        ("no tensor", {}),
        (torch.zeros(0, 1, 2, 2, dtype=torch.uint8), {}),
        (torch.zeros(4, dtype=torch.uint8), {}),
        (numbered(4), {"batch_size": 0}),
        (numbered(4), {"batch_size": 2.0}),
        (numbered(4), {"batch_size": True}),
        (numbered(4), {"batch_size": 5}),
        (numbered(4), {"labels": torch.zeros(3)}),
        (numbered(4), {"labels": [0, 1, 2, 3]}),
        (numbered(4), {"value_range": (1, 0)}),
        (numbered(4), {"value_range": (0, float("nan"))}),
    ],
)
def test_bad_input_is_a_value_error(images: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Batches(images, **({"batch_size": 2} | options))


def test_a_state_of_other_batches_is_refused() -> None:
    batches = Batches(numbered(10), 2)
    for other in (
        Batches(numbered(11), 2),
        Batches(numbered(10), 5),
        Batches(numbered(10), 2, augment=lambda x, g: x),
    ):
        with pytest.raises(ValueError, match="state"):
            batches.load_state_dict(other.state_dict())
