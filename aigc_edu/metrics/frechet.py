"""The Fréchet distance between Gaussians, and between sets of digits."""

import torch
from torch import Tensor

from aigc_edu.metrics.features import image_features
from aigc_edu.models import Classifier


def _root(matrix: Tensor) -> Tensor:
    """The square root of a symmetric positive semidefinite matrix, singular ones included."""
    values, vectors = torch.linalg.eigh(matrix)
    # Rounding leaves eigenvalues such as -1e-17 where the true ones are 0.
    root: Tensor = (vectors * values.clamp(min=0.0).sqrt()) @ vectors.mT
    return root


def _checked(name: str, mean: Tensor, covariance: Tensor) -> tuple[Tensor, Tensor]:
    mean = torch.as_tensor(mean, dtype=torch.float64, device="cpu")
    covariance = torch.as_tensor(covariance, dtype=torch.float64, device="cpu")
    size = mean.numel()
    if mean.ndim != 1 or size == 0 or tuple(covariance.shape) != (size, size):
        raise ValueError(
            f"mean_{name} must be (features,) and covariance_{name} (features, features), got "
            f"{tuple(mean.shape)} and {tuple(covariance.shape)}"
        )
    if not bool(mean.isfinite().all() and covariance.isfinite().all()):
        raise ValueError(f"mean_{name} and covariance_{name} must be finite")
    scale = max(float(covariance.abs().max()), 1e-300)
    if float((covariance - covariance.mT).abs().max()) > 1e-6 * scale:
        raise ValueError(f"covariance_{name} must be symmetric")
    covariance = 0.5 * (covariance + covariance.mT)
    if float(torch.linalg.eigvalsh(covariance)[0]) < -1e-6 * scale:
        raise ValueError(f"covariance_{name} has a negative eigenvalue: it is no covariance")
    return mean, covariance


def frechet_distance(
    mean_1: Tensor, covariance_1: Tensor, mean_2: Tensor, covariance_2: Tensor
) -> float:
    """The squared Fréchet (Wasserstein-2) distance between two Gaussians.

    ``|m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2))``. Squared, as is usual for images. The last
    trace is the sum of the singular values of ``C1^(1/2) C2^(1/2)``, which needs no inverse: the
    covariances may be singular. Computed in float64 on the CPU.

    Args:
        mean_1, mean_2: (features,)
        covariance_1, covariance_2: (features, features), symmetric positive semidefinite.

    Returns:
        At least 0; 0 where the two Gaussians are the same, up to rounding.

    Raises:
        ValueError: for shapes that do not fit, values that are not finite, or a matrix that is
            no covariance.

    Source: Dowson & Landau 1982, "The Fréchet distance between multivariate normal
    distributions"; for images, Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule
    Converge to a Local Nash Equilibrium", equation 6.

    >>> zero, one = torch.zeros(2), torch.eye(2)
    >>> round(frechet_distance(zero, one, zero + 3, 4 * one), 6)  # 2 * 3^2 + 2 * (2 - 1)^2
    20.0
    """
    mean_1, covariance_1 = _checked("1", mean_1, covariance_1)
    mean_2, covariance_2 = _checked("2", mean_2, covariance_2)
    if mean_1.shape != mean_2.shape:
        raise ValueError(f"as many features on both sides: {len(mean_1)} and {len(mean_2)}")
    cross = torch.linalg.svdvals(_root(covariance_1) @ _root(covariance_2)).sum()
    distance = (mean_1 - mean_2).square().sum() + covariance_1.trace() + covariance_2.trace()
    return max(float(distance - 2 * cross), 0.0)


def feature_statistics(
    images: Tensor, classifier: Classifier | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and covariance of the embedded classifier's features over a set of digits.

    Args:
        images: (count, 1, 28, 28) floats in [0, 1], at least two.
        classifier: another one to take features from, on the CPU; the embedded one if None.

    Returns:
        mean (64,) and covariance (64, 64), divided by count - 1; float64, on the CPU.

    Raises:
        ValueError: for images of another shape, type or range, or fewer than two.

    >>> mean, covariance = feature_statistics(torch.rand(4, 1, 28, 28))
    >>> mean.shape, covariance.shape
    (torch.Size([64]), torch.Size([64, 64]))
    """
    return _statistics(image_features(images, classifier))


def _statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    if len(features) < 2:
        raise ValueError("a covariance needs at least two images")
    mean = features.mean(dim=0)  # (64,)
    centered = features - mean
    return mean, centered.mT @ centered / (len(features) - 1)  # (64, 64)


def image_frechet_distance(real: Tensor, generated: Tensor) -> float:
    """The squared Fréchet distance between two sets of digits in the classifier's features.

    It depends on the number of images (fewer read as farther), so compare at one number only.
    ``deletion_ruler`` says what a distance means.

    Args:
        real: (count, 1, 28, 28) floats in [0, 1], at least two.
        generated: the same; another count is allowed.

    Returns:
        At least 0.

    Raises:
        ValueError: for images of another shape, type or range, or fewer than two.

    Source: Heusel et al. 2017, equation 6, with this course's classifier in place of Inception.

    >>> image_frechet_distance(torch.ones(2, 1, 28, 28), torch.ones(3, 1, 28, 28))
    0.0
    """
    return frechet_distance(*feature_statistics(real), *feature_statistics(generated))


def deletion_ruler(
    images: Tensor, labels: Tensor, classifier: Classifier | None = None
) -> dict[int, float]:
    """What it costs, in Fréchet distance, to delete one digit from real data.

    For each digit: the squared Fréchet distance, in the classifier's features, between ``images``
    and the same images without that digit. Both sides are real and one is part of the other, so
    the distance is the missing digit's alone. A generator that is no farther from the data than
    the dearest deletion has lost no more than one digit's worth.

    Args:
        images: (count, 1, 28, 28) floats in [0, 1].
        labels: (count,) whole numbers.
        classifier: another one to take features from, on the CPU; the embedded one if None.

    Returns:
        One distance for each digit that occurs, in order.

    Raises:
        ValueError: if images and labels do not fit, or too few images are left.

    Source: this course; the figures for the embedded test digits are recorded beside the
    classifier (``aigc_edu.models.embedded.weights_record("classifier")``).
    """
    if labels.ndim != 1 or len(labels) != len(images):
        raise ValueError(
            f"labels must be (count,) with one label an image, got {tuple(labels.shape)} for "
            f"{len(images)} images"
        )
    features, labels = image_features(images, classifier), labels.cpu()
    whole = _statistics(features)
    return {
        digit: frechet_distance(*whole, *_statistics(features[labels != digit]))
        for digit in torch.unique(labels).tolist()
    }
