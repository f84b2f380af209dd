"""Moving the learning rate of a running loop, and putting it back."""

from typing import Any


class LearningRates:
    """The learning rates of one or more optimizers, moved together by one factor.

    Args:
        optimizers: a ``torch.optim.Optimizer``, or several.

    Raises:
        ValueError: if one of them has no parameter groups with a learning rate.
    """

    def __init__(self, optimizers: Any) -> None:
        several = optimizers if isinstance(optimizers, list | tuple) else [optimizers]
        groups = [group for one in several for group in getattr(one, "param_groups", [])]
        if not groups or any("lr" not in group for group in groups):
            raise ValueError(
                "learning_rate takes the optimizer whose rate the slider moves, or a list of them."
            )
        self._groups = groups
        self._began: list[tuple[float, float]] = []  # rate at the beginning, rate set last
        self.factor = 1.0

    def common(self) -> float:
        """The learning rate that all groups have; 0.0 if they differ."""
        rates = {float(group["lr"]) for group in self._groups}
        return rates.pop() if len(rates) == 1 else 0.0

    def begin(self) -> None:
        """Remember where the rates stand, for :meth:`restore`."""
        self._began = [(float(group["lr"]),) * 2 for group in self._groups]
        self.factor = 1.0

    def scale(self, factor: float) -> None:
        """Set every rate to ``factor`` times what it would be without the slider."""
        for index, group in enumerate(self._groups):
            start, applied = self._began[index]
            now = float(group["lr"])
            # A schedule may have moved it meanwhile: its change stays, the old factor goes.
            fresh = start * factor if now == applied else now / self.factor * factor
            if hasattr(group["lr"], "fill_"):  # capturable optimizers keep it in a tensor
                group["lr"].fill_(fresh)
            else:
                group["lr"] = fresh
            self._began[index] = (start, float(group["lr"]))
        self.factor = factor

    def restore(self) -> None:
        """Take the slider's factor out again."""
        if self.factor != 1.0:
            self.scale(1.0)
