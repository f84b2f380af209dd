"""The kernel distance against its definition, closed forms and scikit-learn's kernel."""

import pytest
import torch
from sklearn.metrics.pairwise import polynomial_kernel

from aigc_edu.data import load_digits, to_range
from aigc_edu.metrics import image_features, kernel_distance
from aigc_edu.metrics.kernel import _unbiased


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_one_block_is_the_definition_by_scikit_learn() -> None:
    first, second = draw(0, 40, 7), draw(1, 40, 7) + 0.3

    def kernel(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(polynomial_kernel(a, b, degree=3, gamma=1 / 7, coef0=1))

    expected = 0.0
    for i in range(40):  # the sums of lemma 6, written out
        for j in range(40):
            if i != j:
                expected += float(
                    kernel(first[i : i + 1], first[j : j + 1])
                    + kernel(second[i : i + 1], second[j : j + 1])
                ) / (40 * 39)
    expected -= 2 * float(kernel(first, second).mean())
    assert float(_unbiased(first, second)) == pytest.approx(expected, rel=1e-10)


def test_expectation_for_one_dimensional_gaussians() -> None:
    """(xy + 1)³ expands into moments: MMD² = Σ binom(3, i) (E x^i - E y^i)²."""
    shift = 0.5
    first, second = draw(0, 40_000, 1), draw(1, 40_000, 1) + shift
    moments_1 = [1, 0, 1, 0]
    moments_2 = [1, shift, 1 + shift**2, shift**3 + 3 * shift]
    expected = sum(
        weight * (a - b) ** 2
        for weight, a, b in zip([1, 3, 3, 1], moments_1, moments_2, strict=True)
    )
    value, error = kernel_distance(first, second, block_size=500)
    assert abs(value - expected) < 4 * error
    assert error < 0.1 * expected


def test_no_bias_and_an_honest_error_where_both_are_alike() -> None:
    """Over 200 pairs of samples of one distribution: mean 0, and z of about unit spread."""
    z, values = [], []
    for seed in range(200):
        points = draw(seed, 1000, 4)
        value, error = kernel_distance(points[:500], points[500:], block_size=50)
        z.append(value / error)
        values.append(value)
    mean = torch.tensor(values)
    assert abs(float(mean.mean())) < 4 * float(mean.std()) / 200**0.5
    assert float((torch.tensor(values) < 0).double().mean()) > 0.3  # unbiased means it may be
    # Ten blocks: Student's with nine degrees of freedom has the standard deviation 1.13.
    assert 0.95 < float(torch.tensor(z).std()) < 1.35


def test_blocks_are_disjoint_and_shuffled() -> None:
    """Sorted sets give what mixed ones do; each image counts once."""
    points = draw(0, 1000, 3) + torch.arange(1000).double()[:, None] / 500
    mixed = points[torch.randperm(1000, generator=torch.Generator().manual_seed(5))]
    other = draw(1, 1000, 3) + 1
    value, error = kernel_distance(points, other, block_size=100)
    again, _ = kernel_distance(mixed, other, block_size=100)
    assert abs(value - again) < 5 * error
    assert kernel_distance(points, other, block_size=100) == (value, error)
    drawn = kernel_distance(points, other, 100, torch.Generator().manual_seed(9))
    assert drawn.value != value


def test_digits_are_taken_as_their_features() -> None:
    images = to_range(load_digits("test", 600).images, 0.0, 1.0)
    value, error = kernel_distance(images[:300], images[300:], block_size=100)
    expected = kernel_distance(
        image_features(images[:300]), image_features(images[300:]), block_size=100
    )
    assert (value, error) == expected
    blurred = torch.nn.functional.avg_pool2d(images[300:], 3, 1, 1)
    worse, _ = kernel_distance(images[:300], blurred, block_size=100)
    assert worse > value + 5 * error


@pytest.mark.parametrize(
    ("real", "generated", "size"),
    [
        (torch.zeros(99, 2), torch.zeros(200, 2), 50),
        (torch.zeros(200, 2), torch.zeros(99, 2), 50),
        (torch.zeros(200, 2), torch.zeros(200, 3), 50),
        (torch.zeros(200, 2), torch.zeros(200, 2), 1),
        (torch.full((200, 2), torch.nan), torch.zeros(200, 2), 50),
        (torch.zeros(200), torch.zeros(200), 50),
    ],
)
def test_what_cannot_be_measured(real: torch.Tensor, generated: torch.Tensor, size: int) -> None:
    with pytest.raises(ValueError, match=r"block|features|finite"):
        kernel_distance(real, generated, size)
