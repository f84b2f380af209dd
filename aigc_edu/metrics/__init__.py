"""How good generated digits are: measures of pairs, of distributions, of likelihood and of copying.

Distributions are compared in the 64 features of the embedded classifier. Such distances are this
course's own and not comparable with published ones (``docs/metrics.md`` says how to take the
features of the Inception network instead).
"""

from aigc_edu.metrics.coverage import class_coverage, class_shares
from aigc_edu.metrics.features import image_features
from aigc_edu.metrics.frechet import (
    deletion_ruler,
    feature_statistics,
    frechet_distance,
    image_frechet_distance,
)
from aigc_edu.metrics.intervals import Interval, mean_interval, wilson_interval
from aigc_edu.metrics.kernel import KernelDistance, kernel_distance
from aigc_edu.metrics.likelihood import importance_log_likelihood
from aigc_edu.metrics.neighbors import (
    DensityCoverage,
    Memorization,
    Neighbors,
    PrecisionRecall,
    density_coverage,
    memorization,
    nearest_neighbors,
    precision_recall,
)
from aigc_edu.metrics.pixels import mse, psnr, ssim

__all__ = [
    "DensityCoverage",
    "Interval",
    "KernelDistance",
    "Memorization",
    "Neighbors",
    "PrecisionRecall",
    "class_coverage",
    "class_shares",
    "deletion_ruler",
    "density_coverage",
    "feature_statistics",
    "frechet_distance",
    "image_features",
    "image_frechet_distance",
    "importance_log_likelihood",
    "kernel_distance",
    "mean_interval",
    "memorization",
    "mse",
    "nearest_neighbors",
    "precision_recall",
    "psnr",
    "ssim",
    "wilson_interval",
]
