"""Images, text and sound: loading, cleaning, minibatches; the embedded digits.

The names below are what lessons use. Importing this package loads PyTorch and NumPy;
SciPy is loaded only by the functions that need it.
"""

from aigc_edu.data.augment import (
    augment_cutout,
    augment_rotate,
    augment_shift,
    augment_translate,
    augment_zoom,
    compose,
)
from aigc_edu.data.batches import Batches
from aigc_edu.data.cleaning import (
    SpoiltSet,
    duplicate_groups,
    find_blanks,
    find_exact_duplicates,
    find_inverted,
    find_label_outliers,
    find_leaks,
    find_near_duplicates,
    find_not_finite,
    find_out_of_range,
    near_duplicate_pairs,
    spoil_digits,
)
from aigc_edu.data.images import ImageSet, load_digits, load_fashion_mnist, load_mnist
from aigc_edu.data.ranges import binarize, dequantize, from_range, to_range
from aigc_edu.data.sound import (
    chord,
    inverse_spectrogram,
    load_wav,
    save_wav,
    spectrogram,
    tone,
)
from aigc_edu.data.splits import split_indices
from aigc_edu.data.tables import recorded, recorded_rows
from aigc_edu.data.text import Vocabulary, load_text

__all__ = [
    "Batches",
    "ImageSet",
    "SpoiltSet",
    "Vocabulary",
    "augment_cutout",
    "augment_rotate",
    "augment_shift",
    "augment_translate",
    "augment_zoom",
    "binarize",
    "chord",
    "compose",
    "dequantize",
    "duplicate_groups",
    "find_blanks",
    "find_exact_duplicates",
    "find_inverted",
    "find_label_outliers",
    "find_leaks",
    "find_near_duplicates",
    "find_not_finite",
    "find_out_of_range",
    "from_range",
    "inverse_spectrogram",
    "load_digits",
    "load_fashion_mnist",
    "load_mnist",
    "load_text",
    "load_wav",
    "near_duplicate_pairs",
    "recorded",
    "recorded_rows",
    "save_wav",
    "spectrogram",
    "split_indices",
    "spoil_digits",
    "to_range",
    "tone",
]
