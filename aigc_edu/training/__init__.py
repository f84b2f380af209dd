"""What surrounds a training loop: device, seeds, precision, averages, checkpoints. Never the loop.

Nothing here changes a global setting behind your back: determinism switches and default types
stay as they are. Only three functions touch something global, when you call them, and say so:
``seed_everything`` and ``load_checkpoint`` the random states, ``use_free_cores`` the number of
threads.
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
from aigc_edu.training.threads import use_free_cores
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
    "use_free_cores",
]
