"""Measures the finders of ``aigc_edu.data`` on planted faults, and on clean digits.

Run ``python benchmarks/cleaning.py``; it prints the table and, with ``--write``, keeps it as
``aigc_edu/data/recorded/cleaning.json``. About a minute on one core.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

import aigc_edu.data as data
from aigc_edu.data.cleaning import NEAR

SEEDS = range(5)


def score(found: torch.Tensor, planted: torch.Tensor) -> dict[str, float]:
    """Precision and recall of the indices found."""
    hits = int(torch.isin(found, planted).sum())
    return {
        "precision": round(hits / max(1, len(found)), 4),
        "recall": round(hits / len(planted), 4),
        "found": len(found),
        "planted": len(planted),
    }


def clean_in_steps(spoilt: data.SpoiltSet, test: data.ImageSet) -> dict[str, dict[str, float]]:
    """Find each fault in the order in which a careful person would clean.

    What an earlier step found is taken out before the next one looks; faults planted
    on images that are gone by then do not count for the later step.
    """
    kept = torch.arange(len(spoilt.images))
    scores = {}

    def take_out(fault: str, positions: torch.Tensor) -> None:
        nonlocal kept
        remaining = spoilt.planted[fault][torch.isin(spoilt.planted[fault], kept)]
        scores[fault] = score(kept[positions], remaining)
        mask = torch.ones(len(kept), dtype=torch.bool)
        mask[positions] = False
        kept = kept[mask]

    take_out("not_finite", data.find_not_finite(spoilt.images[kept]))
    take_out("wrong_range", data.find_out_of_range(spoilt.images[kept]))
    take_out("blanks", data.find_blanks(spoilt.images[kept]))
    take_out("inverted", data.find_inverted(spoilt.images[kept]))
    take_out("exact_duplicates", data.find_exact_duplicates(spoilt.images[kept]))
    take_out("near_duplicates", data.find_near_duplicates(spoilt.images[kept]))
    take_out("leaks", data.find_leaks(spoilt.images[kept], test.images))
    outliers = data.find_label_outliers(spoilt.images[kept], spoilt.labels[kept])
    take_out("wrong_labels", outliers)
    return scores


def closest(images: torch.Tensor, other: torch.Tensor | None = None) -> float:
    """The smallest distance of two different digits, as ``near_duplicate_pairs`` measures it.

    It returns the pairs up to a threshold, so bisecting the threshold finds the distance of the
    first pair; only the few pairs within the widest one are searched again.
    """
    low, high = NEAR, 0.2
    pairs = data.near_duplicate_pairs(images, other, threshold=high)
    if not len(pairs):
        raise ValueError(f"no two images are closer than {high}: widen the search")
    # Within one set both members of a pair have to be in the part that is searched again.
    left = images[torch.unique(pairs if other is None else pairs[:, 0])]
    right = None if other is None else other[torch.unique(pairs[:, 1])]
    while high - low > 1e-5:
        middle = (low + high) / 2
        found = len(data.near_duplicate_pairs(left, right, threshold=middle)) > 0
        low, high = (low, middle) if found else (middle, high)
    return round(high, 4)


def main() -> None:
    """Measure and print; with ``--write`` keep."""
    train, test = data.load_digits("train"), data.load_digits("test")
    seconds = {}
    clean = {}
    finders: dict[str, Any] = {
        "find_not_finite": lambda: data.find_not_finite(train.images),
        "find_out_of_range": lambda: data.find_out_of_range(train.images),
        "find_blanks": lambda: data.find_blanks(train.images),
        "find_inverted": lambda: data.find_inverted(train.images),
        "find_exact_duplicates": lambda: data.find_exact_duplicates(train.images),
        "find_near_duplicates": lambda: data.find_near_duplicates(train.images),
        "find_leaks": lambda: data.find_leaks(train.images, test.images),
        "find_label_outliers": lambda: data.find_label_outliers(train.images, train.labels),
    }
    for name, find in finders.items():
        start = time.perf_counter()
        clean[name] = len(find())
        seconds[name] = round(time.perf_counter() - start, 2)
    by_seed = []
    for seed in SEEDS:
        by_seed.append(clean_in_steps(data.spoil_digits(train, seed, test=test), test))
        print(seed, json.dumps(by_seed[-1]), file=sys.stderr)
    planted = {
        fault: {
            measure: [min(values), max(values)]
            for measure in ("precision", "recall")
            if (values := [scores[fault][measure] for scores in by_seed])
        }
        for fault in by_seed[0]
    }
    table = {
        "what": "finders of aigc_edu.data: lowest and highest value over the seeds",
        "images": len(train.images),
        "test_images": len(test.images),
        "seeds": list(SEEDS),
        "share": 0.01,
        "near_threshold": NEAR,
        "threads": torch.get_num_threads(),
        "planted": planted,
        "found_in_clean_digits": clean,
        "seconds": seconds,
        "closest_different_training_digits": closest(train.images),
        "closest_training_and_test_digits": closest(train.images, test.images),
    }
    text = json.dumps(table, indent=2) + "\n"
    print(text)
    if "--write" in sys.argv[1:]:
        folder = Path(data.__file__).parent / "recorded"
        (folder / "cleaning.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
