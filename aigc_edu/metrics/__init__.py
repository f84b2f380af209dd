"""How good generated digits are, measured in the embedded classifier's 64 features."""

from aigc_edu.metrics.coverage import class_coverage, class_shares
from aigc_edu.metrics.frechet import (
    deletion_ruler,
    feature_statistics,
    frechet_distance,
    image_frechet_distance,
)

__all__ = [
    "class_coverage",
    "class_shares",
    "deletion_ruler",
    "feature_statistics",
    "frechet_distance",
    "image_frechet_distance",
]
