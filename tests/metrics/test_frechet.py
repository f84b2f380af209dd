"""The Fréchet distance against closed forms; the ruler against its definition."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_edu.data import load_digits, to_range
from aigc_edu.metrics import (
    deletion_ruler,
    feature_statistics,
    frechet_distance,
    image_frechet_distance,
)
from aigc_edu.models import load_classifier
from aigc_edu.models.embedded import weights_record


def draw(seed: int, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def covariance(seed: int, size: int, rank: int) -> torch.Tensor:
    factor = draw(seed, size, rank)
    return factor @ factor.T


def test_diagonal_covariances_have_a_closed_form() -> None:
    m1, m2 = draw(0, 6), draw(1, 6)
    s1, s2 = draw(2, 6).abs(), draw(3, 6).abs()
    s1[0] = s2[1] = 0.0
    expected = (m1 - m2).square().sum() + (s1 - s2).square().sum()
    got = frechet_distance(m1, torch.diag(s1**2), m2, torch.diag(s2**2))
    assert got == pytest.approx(float(expected), rel=1e-12)


def test_commuting_covariances_have_a_closed_form() -> None:
    axes = torch.linalg.qr(draw(0, 8, 8))[0]
    s1, s2 = draw(1, 8).abs(), draw(2, 8).abs()
    c1, c2 = axes * s1**2 @ axes.T, axes * s2**2 @ axes.T
    zero = torch.zeros(8)
    expected = float((s1 - s2).square().sum())
    assert frechet_distance(zero, c1, zero, c2) == pytest.approx(expected, rel=1e-10)


def test_general_covariances_against_scipys_matrix_root() -> None:
    from scipy.linalg import sqrtm

    c1, c2 = covariance(0, 7, 9), covariance(1, 7, 9)
    m1, m2 = draw(2, 7), draw(3, 7)
    root = torch.from_numpy(sqrtm((c1 @ c2).numpy()).real)
    expected = (m1 - m2).square().sum() + (c1 + c2 - 2 * root).trace()
    assert frechet_distance(m1, c1, m2, c2) == pytest.approx(float(expected), rel=1e-8)


def test_singular_covariances() -> None:
    zero = torch.zeros(5)
    # Two lines: rank 1 each; the trace of the root is |a . b|.
    a, b = draw(0, 5), draw(1, 5)
    expected = float(a @ a + b @ b - 2 * (a @ b).abs())
    got = frechet_distance(zero, torch.outer(a, a), zero, torch.outer(b, b))
    assert got == pytest.approx(expected, rel=1e-6)
    point = torch.zeros(5, 5)
    assert frechet_distance(zero, point, zero + 2, point) == pytest.approx(20.0)
    assert frechet_distance(zero, torch.outer(a, a), zero, point) == pytest.approx(float(a @ a))
    low = covariance(2, 5, 2)
    assert frechet_distance(zero, low, zero, low) == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 8), st.floats(1e-3, 1e3))
def test_it_is_a_squared_distance(seed: int, size: int, rank: int, scale: float) -> None:
    one = (draw(seed, size), covariance(seed + 1, size, rank) * scale)
    two = (draw(seed + 2, size), covariance(seed + 3, size, size))
    three = (draw(seed + 4, size), covariance(seed + 5, size, size))
    there, back = frechet_distance(*one, *two), frechet_distance(*two, *one)
    assert there >= 0.0
    assert there == pytest.approx(back, rel=1e-6, abs=1e-6 * scale)
    assert frechet_distance(*one, *one) == pytest.approx(0.0, abs=1e-6 * scale)
    # The triangle inequality holds for its root.
    around = frechet_distance(*one, *three) ** 0.5 + frechet_distance(*three, *two) ** 0.5
    assert there**0.5 <= around * (1 + 1e-6) + 1e-6


def test_what_is_no_gaussian_is_refused() -> None:
    m, c = torch.zeros(2), torch.eye(2)
    for bad in (
        (torch.zeros(3), c, m, c),
        (m, c, torch.zeros(3), torch.eye(3)),
        (m, torch.zeros(2), m, c),
        (torch.tensor([0.0, float("nan")]), c, m, c),
        (m, torch.tensor([[1.0, 0.5], [0.0, 1.0]]), m, c),
        (m, -c, m, c),
    ):
        with pytest.raises(ValueError, match=r"mean|covariance|features"):
            frechet_distance(*bad)


@pytest.fixture(scope="module")
def digits() -> tuple[torch.Tensor, torch.Tensor]:
    test = load_digits("test", 1500)
    return to_range(test.images, 0.0, 1.0), test.labels


def test_statistics_are_numpys(digits: tuple[torch.Tensor, torch.Tensor]) -> None:
    import numpy as np

    images = digits[0][:700]  # more than one part of a forward pass
    mean, covariance_ = feature_statistics(images)
    features = load_classifier().features(images).double().numpy()
    assert mean.dtype == covariance_.dtype == torch.float64
    np.testing.assert_allclose(mean, features.mean(0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(covariance_, np.cov(features.T), rtol=1e-4, atol=1e-4)


def test_distance_between_images(digits: tuple[torch.Tensor, torch.Tensor]) -> None:
    images, labels = digits
    half = image_frechet_distance(images[:750], images[750:])
    ones = image_frechet_distance(images, images[labels == 1])
    noise = image_frechet_distance(images, torch.rand(750, 1, 28, 28))
    assert image_frechet_distance(images, images.flip(0)) == pytest.approx(0.0, abs=1e-4)
    assert 0 < half < ones
    assert half < 0.1 * noise


def test_ruler_is_deletion(digits: tuple[torch.Tensor, torch.Tensor]) -> None:
    images, labels = digits
    ruler = deletion_ruler(images, labels)
    assert list(ruler) == list(range(10))
    for digit in (0, 7):
        expected = image_frechet_distance(images, images[labels != digit])
        assert ruler[digit] == pytest.approx(expected, rel=1e-6)
    assert list(deletion_ruler(images[labels < 3], labels[labels < 3])) == [0, 1, 2]
    with pytest.raises(ValueError, match="one label an image"):
        deletion_ruler(images, labels[:-1])


@pytest.mark.slow
def test_recorded_ruler_is_that_of_the_embedded_weights() -> None:
    test = load_digits("test")
    recorded = weights_record("classifier")["ruler"]
    measured = deletion_ruler(to_range(test.images, 0.0, 1.0), test.labels)
    for digit, distance in measured.items():
        assert recorded["deletions"][str(digit)] == pytest.approx(distance, rel=0.01)
    dearest = max(measured.values())
    assert 10 * recorded["train"] < dearest < 0.1 * recorded["noise"]


@pytest.mark.parametrize(
    "images",
    [
        torch.zeros(3, 28, 28),
        torch.zeros(3, 784),
        torch.zeros(0, 1, 28, 28),
        torch.zeros(3, 1, 28, 28, dtype=torch.uint8),
        torch.full((3, 1, 28, 28), -1.0),
        torch.full((3, 1, 28, 28), 255.0),
        torch.full((3, 1, 28, 28), float("nan")),
        torch.zeros(1, 1, 28, 28),
    ],
)
def test_what_are_no_images_is_refused(images: torch.Tensor) -> None:
    with pytest.raises(ValueError, match=r"images"):
        feature_statistics(images)
