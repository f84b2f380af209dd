"""What surrounds a training loop: device, seeds, precision, averages, checkpoints. Never the loop.

Nothing here changes a global setting behind your back: thread counts, determinism switches and
default types stay as they are. Only ``seed_everything`` and ``load_checkpoint`` touch the global
random states, and say so.
"""

from aigc_edu.training.average import EMA
from aigc_edu.training.checkpoints import load_checkpoint, save_checkpoint
from aigc_edu.training.environment import (
    budget,
    device,
    mixed_precision,
    record,
    record_row,
    rows,
    seed,
    seed_everything,
)
from aigc_edu.training.graphs import captured
from aigc_edu.training.stopping import EarlyStopping
from aigc_edu.training.trained import find_trained

__all__ = [
    "EMA",
    "EarlyStopping",
    "budget",
    "captured",
    "device",
    "find_trained",
    "load_checkpoint",
    "mixed_precision",
    "record",
    "record_row",
    "rows",
    "save_checkpoint",
    "seed",
    "seed_everything",
]
