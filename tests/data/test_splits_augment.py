"""Splits that leak nothing, and augmentations that move what they say."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aigc_edu.data import (
    augment_cutout,
    augment_rotate,
    augment_shift,
    augment_translate,
    augment_zoom,
    compose,
    split_indices,
)


@given(st.integers(0, 300), st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(0, 99))
def test_parts_are_disjoint_and_whole(count: int, weights: list[int], seed: int) -> None:
    fractions = [weight / sum(weights) for weight in weights]
    parts = split_indices(count, fractions, seed)
    assert sorted(torch.cat(parts).tolist()) == list(range(count))
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - count * fraction) < 1
    again = split_indices(count, fractions, seed)
    assert all(torch.equal(a, b) for a, b in zip(parts, again, strict=True))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=200), st.integers(0, 99), st.booleans())
def test_groups_stay_together(numbers: list[int], seed: int, stratified: bool) -> None:
    groups = torch.tensor(numbers)
    kinds = groups % 3 if stratified else None
    parts = split_indices(len(numbers), (0.7, 0.3), seed, groups=groups, stratify=kinds)
    assert sorted(torch.cat(parts).tolist()) == list(range(len(numbers)))
    assert not set(groups[parts[0]].tolist()) & set(groups[parts[1]].tolist())


@given(st.lists(st.integers(0, 4), min_size=10, max_size=300), st.integers(0, 99))
def test_classes_keep_their_shares(labels: list[int], seed: int) -> None:
    kinds = torch.tensor(labels)
    parts = split_indices(len(labels), (0.8, 0.2), seed, stratify=kinds)
    assert abs(len(parts[0]) - 0.8 * len(labels)) < 1
    for kind in range(5):
        total = int((kinds == kind).sum())
        assert abs(int((kinds[parts[0]] == kind).sum()) - 0.8 * total) < 2


def test_seeds_differ() -> None:
    assert not torch.equal(split_indices(50, (0.5, 0.5), 0)[0], split_indices(50, (0.5, 0.5), 1)[0])


@pytest.mark.parametrize(
    "arguments",
    [
        (-1, (1.0,)),
        (5, ()),
        (5, (0.5, 0.4)),
        (5, (1.5, -0.5)),
        (5, (1.0,), 0, torch.zeros(4)),
        (5, (1.0,), 0, None, torch.zeros(6)),
    ],
)
def test_bad_splits_are_value_errors(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        split_indices(*arguments)  # type: ignore[arg-type]


def blob(count: int = 64) -> torch.Tensor:
    """A soft spot, off the middle, in each of count images."""
    steps = torch.arange(28.0)
    spot = torch.exp(-((steps[:, None] - 10) ** 2 + (steps[None] - 15) ** 2) / 8)
    return spot.expand(count, 1, 28, 28).clone()


def centers(x: torch.Tensor) -> torch.Tensor:
    """(count, 2): row and column of each center of mass."""
    steps = torch.arange(28.0)
    mass = x.sum((1, 2, 3))
    return torch.stack([(x.sum((1, 3)) @ steps) / mass, (x.sum((1, 2)) @ steps) / mass], dim=1)


def test_shift_moves_by_up_to_its_bound() -> None:
    moved = centers(augment_shift(2)(blob(), torch.Generator().manual_seed(0)))
    away = moved - torch.tensor([10.0, 15.0])
    assert 1.5 < float(away.abs().max()) <= 2.01
    assert float(away.std()) > 0.8  # each image has its own


def test_rotate_turns_about_the_middle() -> None:
    middle = torch.tensor([13.5, 13.5])
    moved = centers(augment_rotate(20)(blob(), torch.Generator().manual_seed(0))) - middle
    start = torch.tensor([10.0, 15.0]) - middle
    assert torch.allclose(moved.norm(dim=1), start.norm().expand(64), atol=0.05)
    angles = torch.atan2(moved[:, 0], moved[:, 1]) - torch.atan2(start[0], start[1])
    assert 15 < float(angles.rad2deg().abs().max()) <= 20.2
    assert float(angles.std()) > 0.1


def test_zoom_scales_about_the_middle() -> None:
    middle = torch.tensor([13.5, 13.5])
    moved = centers(augment_zoom(0.2)(blob(), torch.Generator().manual_seed(0))) - middle
    factor = moved.norm(dim=1) / (torch.tensor([10.0, 15.0]) - middle).norm()
    assert 1.1 < float(factor.max()) <= 1.21
    assert 0.79 <= float(factor.min()) < 0.9


@pytest.mark.parametrize("make", [augment_shift, augment_rotate, augment_zoom])
def test_augmentations_are_seeded_and_in_range(make: object) -> None:
    change = make(0.5)  # type: ignore[operator]
    x = torch.rand(8, 1, 28, 28)
    before = x.clone()
    first, again, other = (change(x, torch.Generator().manual_seed(s)) for s in (0, 0, 1))
    assert torch.equal(x, before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == x.shape
    assert float(first.min()) >= 0
    assert float(first.max()) <= 1 + 1e-6
    nothing = make(0)  # type: ignore[operator]
    assert torch.allclose(nothing(x, torch.Generator()), x, atol=1e-5)
    both = compose(change, nothing)(x, torch.Generator().manual_seed(0))
    assert both.shape == x.shape
    with pytest.raises(ValueError, match="must"):
        make(-1)  # type: ignore[operator]
    with pytest.raises(ValueError, match="batch"):
        change(x.to(torch.uint8), torch.Generator())


def test_translate_moves_whole_pixels_and_fills_with_black() -> None:
    x = torch.rand(200, 1, 16, 24)
    moved = augment_translate(0.125)(x, torch.Generator().manual_seed(0))
    seen = set()
    for before, after in zip(x[:, 0], moved[:, 0], strict=True):
        inside = after != -1
        rows, columns = inside.any(dim=1), inside.any(dim=0)
        height, width = int(rows.sum()), int(columns.sum())
        down = 16 - height if bool(rows[-1]) else height - 16
        right = 24 - width if bool(columns[-1]) else width - 24
        expected = torch.full((16, 24), -1.0)
        for row in range(16):
            for column in range(24):
                if 0 <= row - down < 16 and 0 <= column - right < 24:
                    expected[row, column] = before[row - down, column - right]
        assert torch.equal(after, expected)
        seen.add((down, right))
    assert {down for down, _ in seen} == {-2, -1, 0, 1, 2}
    assert {right for _, right in seen} == {-3, -2, -1, 0, 1, 2, 3}


def test_cutout_blanks_one_rectangle() -> None:
    x = torch.rand(300, 1, 16, 24)
    cut = augment_cutout(0.5)(x, torch.Generator().manual_seed(0))
    blank = cut == -1
    assert torch.equal(torch.where(blank, x, cut), x)
    heights, widths = blank.any(dim=3).sum(dim=2), blank.any(dim=2).sum(dim=2)
    assert torch.equal(blank.sum((2, 3)), heights * widths)  # a rectangle
    assert (int(heights.min()), int(heights.max())) == (4, 8)  # half of it may lie outside
    assert (int(widths.min()), int(widths.max())) == (6, 12)
    assert bool(blank.any(dim=0).all())  # every pixel is hit now and then


@pytest.mark.parametrize("make", [augment_translate, augment_cutout])
def test_augmentations_for_both_sides_are_seeded_and_pass_gradients_on(make: object) -> None:
    change = make(0.25)  # type: ignore[operator]
    x = (2 * torch.rand(8, 1, 28, 28) - 1).requires_grad_()
    first, again, other = (change(x, torch.Generator().manual_seed(s)) for s in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == x.shape
    first.sum().backward()
    assert x.grad is not None
    # A pixel that is still there has the gradient 1, one that is not has 0.
    assert set(x.grad.unique().tolist()) == {0.0, 1.0}
    assert int(x.grad.sum()) == int((first != -1).sum())
    assert torch.equal(make(0)(x, torch.Generator()), x)  # type: ignore[operator]
    gray = make(0.5, 0.0)(x, torch.Generator())  # type: ignore[operator]
    assert bool((gray == 0).any())
    for wrong in [(-0.1,), (1.1,), (0.5, float("nan"))]:
        with pytest.raises(ValueError, match="must"):
            make(*wrong)  # type: ignore[operator]
    with pytest.raises(ValueError, match="batch"):
        change(torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.Generator())
