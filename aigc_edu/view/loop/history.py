"""The numbers that a training loop reports, read from the device only when somebody looks."""

from typing import Any

import numpy as np
import torch

PENDING_LIMIT = 1000  # values left on the device before they are fetched in one go


class History:
    """Named series of numbers; tensors stay where they are until :meth:`read`.

    Calling ``.item()`` at every step would make the CPU wait for a GPU each time.

    >>> history = History()
    >>> history.add(0, {"loss": torch.tensor(2.0), "rate": 0.5})
    >>> history.add(1, {"loss": 1.5})
    >>> history.read()
    {'loss': [2.0, 1.5], 'rate': [0.5]}
    >>> history.steps("rate")
    [0]
    """

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {}
        self._steps: dict[str, list[int]] = {}
        self._pending: dict[str, list[torch.Tensor | float]] = {}

    def add(self, step: int, scalars: dict[str, Any]) -> None:
        """Note one number for each name.

        Raises:
            ValueError: if one is not a single number.
        """
        for name, value in scalars.items():
            pending = self._pending.setdefault(name, [])
            self._steps.setdefault(name, [])
            if isinstance(value, torch.Tensor):
                if value.numel() != 1:
                    raise ValueError(
                        f"{name!r} must be one number, not a tensor of shape "
                        f"{tuple(value.shape)}: take its mean first."
                    )
                # A copy, since the loop may go on adding to the same tensor in place.
                pending.append(value.detach().reshape(()).clone())
            else:
                try:
                    pending.append(float(value))
                except (TypeError, ValueError) as error:
                    raise ValueError(
                        f"{name!r} must be one number, not {type(value).__name__}."
                    ) from error
            self._steps[name].append(step)
            if len(pending) >= PENDING_LIMIT:
                self._fetch(name)

    def _fetch(self, name: str) -> None:
        pending = self._pending[name]
        done = self._values.setdefault(name, [])
        # float32 to Python's float and back is exact, so the numbers are those of the loop.
        if pending and all(isinstance(value, torch.Tensor) for value in pending):
            tensors = [value for value in pending if isinstance(value, torch.Tensor)]
            kinds = {(tensor.device, tensor.dtype) for tensor in tensors}
            if len(kinds) == 1:
                done.extend(float(value) for value in torch.stack(tensors).tolist())
                pending.clear()
        done.extend(float(value) for value in pending)
        pending.clear()

    def read(self) -> dict[str, list[float]]:
        """All series so far: name → values, in the order in which they were added."""
        for name in self._pending:
            self._fetch(name)
        return self._values

    def steps(self, name: str) -> list[int]:
        """The steps at which the values of one series were added."""
        return self._steps[name]

    def faults(self) -> str:
        """A sentence on the first value that is not a number, or ""."""
        for name, values in self.read().items():
            bad = np.flatnonzero(~np.isfinite(values))
            if bad.size:
                return (
                    f"{name} was not a number (NaN or infinite) from step "
                    f"{self._steps[name][bad[0]]} on: try a lower learning rate, and look for "
                    "a division or a logarithm of zero."
                    if not np.isfinite(values[-1])
                    else f"{name} was not a number (NaN or infinite) at step "
                    f"{self._steps[name][bad[0]]}."
                )
        return ""
