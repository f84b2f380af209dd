"""When to stop: no progress on held-out data for a while."""

import math
from typing import Any


class EarlyStopping:
    """Stop when a measure on held-out data has not improved ``patience`` times in a row.

    Args:
        patience: how many measurements without improvement to bear, at least 1.
        minimum_change: an improvement must be larger than this to count.
        larger_is_better: False for a loss, True for an ELBO or an accuracy.

    Attributes:
        best: the best value so far (None before the first).
        improved: whether the last value was the best so far: the moment to save a checkpoint.

    Raises:
        ValueError: if an argument is out of range.

    >>> stopping = EarlyStopping(patience=2)
    >>> [stopping.update(loss) for loss in (3.0, 2.0, 2.5, 2.1)]
    [False, False, False, True]
    >>> stopping.best
    2.0
    """

    def __init__(
        self, patience: int, minimum_change: float = 0.0, *, larger_is_better: bool = False
    ) -> None:
        if patience < 1:
            raise ValueError(f"patience must be at least 1, got {patience}")
        if not minimum_change >= 0.0:
            raise ValueError(f"minimum_change must be at least 0, got {minimum_change}")
        self.patience = patience
        self.minimum_change = minimum_change
        self.larger_is_better = larger_is_better
        self.best: float | None = None
        self.improved = False
        self.waited = 0

    def update(self, value: float) -> bool:
        """Take a new measurement; True when it is time to stop. NaN never counts as better."""
        value = float(value)
        if self.best is None:
            self.improved = not math.isnan(value)
        else:
            gain = value - self.best if self.larger_is_better else self.best - value
            self.improved = gain > self.minimum_change
        if self.improved:
            self.best = value
            self.waited = 0
        else:
            self.waited += 1
        return self.waited >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """The best value and how long it has stood, for a checkpoint."""
        return {"best": self.best, "waited": self.waited, "improved": self.improved}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what ``state_dict`` gave."""
        self.best = None if state["best"] is None else float(state["best"])
        self.waited = int(state["waited"])
        self.improved = bool(state["improved"])
