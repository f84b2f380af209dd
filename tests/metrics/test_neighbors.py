"""Precision, recall, density, coverage and copying against brute force and planted modes."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu
from sklearn.neighbors import NearestNeighbors

from aigc_edu.data import load_digits, to_range
from aigc_edu.metrics import (
    density_coverage,
    image_features,
    memorization,
    nearest_neighbors,
    precision_recall,
)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def radii(points: torch.Tensor, k: int) -> np.ndarray:
    """By scikit-learn; without a query it leaves each point out of its own neighbors."""
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points.numpy())
    return search.kneighbors()[0][:, -1]


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("sizes", [(120, 120), (700, 510), (60, 200)])
def test_equal_to_brute_force_by_scikit_learn_and_scipy(k: int, sizes: tuple[int, int]) -> None:
    real, generated = draw(0, sizes[0], 6), 0.8 * draw(1, sizes[1], 6) + 0.4
    between = cdist(real.numpy(), generated.numpy())  # (real, generated)
    in_real = between <= radii(real, k)[:, None]
    in_generated = between <= radii(generated, k)[None, :]
    assert precision_recall(real, generated, k) == (
        pytest.approx(in_real.any(axis=0).mean(), abs=1e-12),
        pytest.approx(in_generated.any(axis=1).mean(), abs=1e-12),
    )
    assert density_coverage(real, generated, k) == (
        pytest.approx(in_real.sum() / (k * sizes[1]), abs=1e-12),
        pytest.approx(in_real.any(axis=1).mean(), abs=1e-12),
    )


def ten_modes(seed: int, modes: list[int], each: int) -> torch.Tensor:
    """Points around well separated centers, as many at each."""
    centers = 100 * torch.eye(10, dtype=torch.float64)
    return torch.cat([centers[mode] + draw(seed + mode, each, 10) for mode in modes])


def test_a_dropped_mode_costs_recall_and_an_invented_one_precision() -> None:
    real = ten_modes(0, list(range(8)), 100)
    same = precision_recall(real, ten_modes(100, list(range(8)), 100))
    assert min(same) > 0.8

    # Three of eight dropped, as many points: what is drawn is real, 5/8 can be reached at most.
    dropped = precision_recall(real, ten_modes(200, list(range(5)), 160))
    assert dropped.precision > 0.8
    assert 0.45 < dropped.recall <= 0.625
    # Two invented: 8 of 10 can be real at most, and all real ones are reached.
    invented = precision_recall(real, ten_modes(300, list(range(10)), 80))
    assert 0.6 < invented.precision <= 0.8
    assert invented.recall > 0.75
    assert density_coverage(real, ten_modes(200, list(range(5)), 160)).coverage <= 0.625


def test_disjoint_sets_share_nothing_and_equal_ones_all() -> None:
    real = draw(0, 100, 4)
    assert precision_recall(real, real + 1000) == (0.0, 0.0)
    assert density_coverage(real, real + 1000) == (0.0, 0.0)
    assert precision_recall(real, real.clone()) == (1.0, 1.0)
    assert density_coverage(real, real.clone()).coverage == 1.0


def test_an_exchange_exchanges_precision_and_recall() -> None:
    first, second = draw(0, 150, 4), draw(1, 170, 4) + 0.5
    one, two = precision_recall(first, second), precision_recall(second, first)
    assert (one.precision, one.recall) == (two.recall, two.precision)


def test_expectations_of_density_and_coverage_for_equal_distributions() -> None:
    """Naeem et al. 2020, section 3: density 1, coverage 1 - 2^-k for many points."""
    found = [density_coverage(draw(2 * s, 400, 8), draw(2 * s + 1, 400, 8), k=3) for s in range(20)]
    assert np.mean([each.density for each in found]) == pytest.approx(1.0, abs=0.05)
    assert np.mean([each.coverage for each in found]) == pytest.approx(1 - 2**-3, abs=0.02)


def test_copies_have_distance_zero() -> None:
    points = draw(0, 300, 30) * 50 + 1000  # far from 0, where a matrix product leaves rounding
    assert precision_recall(points[:50].repeat(2, 1), points[:50].repeat(2, 1), k=1) == (1.0, 1.0)
    distance, place = nearest_neighbors(points[40:60], points)
    assert distance.tolist() == [0.0] * 20
    assert place.tolist() == list(range(40, 60))


def test_nearest_neighbors_equal_to_scipy() -> None:
    images = to_range(load_digits("train", 900).images, 0.0, 1.0)
    queries = to_range(load_digits("test", 60).images, 0.0, 1.0)
    table = cdist(queries.flatten(1).double().numpy(), images.flatten(1).double().numpy())
    found = nearest_neighbors(queries, images)
    np.testing.assert_allclose(found.distance.numpy(), table.min(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(found.place.numpy(), table.argmin(axis=1))


def test_copying_is_found_and_new_data_are_not_accused() -> None:
    train = to_range(load_digits("train", 3000).images, 0.0, 1.0)
    test = to_range(load_digits("test", 2000).images, 0.0, 1.0)
    held_out, new = test[:1000], test[1000:]
    honest = memorization(new, train, held_out)
    assert 0.45 < honest.nearer < 0.55
    assert honest.copies < 0.03
    noise = 0.02 * torch.randn(train[:500].shape, generator=torch.Generator().manual_seed(0))
    half = torch.cat([(train[:500] + noise).clamp(0, 1), new[:500]])
    found = memorization(half, train, held_out)
    assert 0.45 < found.copies < 0.55
    assert found.nearer > 0.7
    far = memorization(torch.rand(200, 1, 28, 28), train, held_out)
    assert far.nearer < 0.01  # noise is far away, which is no copying and no praise


def test_nearer_is_the_statistic_of_mann_and_whitney_ties_included() -> None:
    draws = torch.Generator().manual_seed(0)
    training = torch.zeros(1, 1)
    generated = torch.randint(0, 6, (80, 1), generator=draws).double()
    held_out = torch.randint(2, 9, (50, 1), generator=draws).double()
    found = memorization(generated, training, held_out)
    statistic = mannwhitneyu(held_out[:, 0].numpy(), generated[:, 0].numpy()).statistic
    assert found.nearer == pytest.approx(float(statistic) / (80 * 50), abs=1e-12)


def test_digits_are_taken_as_their_features() -> None:
    images = to_range(load_digits("test", 200).images, 0.0, 1.0)
    features = image_features(images)
    assert precision_recall(images[:100], images[100:]) == precision_recall(
        features[:100], features[100:]
    )
    assert density_coverage(images[:100], images[100:]) == density_coverage(
        features[:100], features[100:]
    )


@pytest.mark.parametrize("measure", [precision_recall, density_coverage])
def test_what_cannot_be_measured(measure) -> None:  # type: ignore[no-untyped-def]
    points = draw(0, 10, 3)
    with pytest.raises(ValueError, match="at least 11"):
        measure(points, points, k=10)
    with pytest.raises(ValueError, match="k must"):
        measure(points, points, k=0)
    with pytest.raises(ValueError, match="features"):
        measure(points, draw(1, 10, 4))
    with pytest.raises(ValueError, match="finite"):
        measure(points, points * torch.inf)
    with pytest.raises(ValueError, match="features"):
        measure(points[0], points)


def test_what_has_no_neighbors() -> None:
    points = draw(0, 10, 3)
    with pytest.raises(ValueError, match="one shape"):
        nearest_neighbors(points, draw(1, 10, 4))
    with pytest.raises(ValueError, match="at least one"):
        nearest_neighbors(points, points[:0])
    with pytest.raises(ValueError, match="quantile"):
        memorization(points, points, points, quantile=1.0)
