"""An average of a model's weights over the steps of training."""

import copy
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

Model = TypeVar("Model", bound=nn.Module)


class EMA(Generic[Model]):
    """An exponential moving average of a model's weights, kept as a second model.

    After each optimizer step, ``update()`` moves every averaged weight toward the current one:
    ``average = decay * average + (1 - decay) * weight``. Buffers (such as the statistics of batch
    normalization) and integers are copied.

    Args:
        model: the model in training; its averaged copy starts equal to it.
        decay: 0 (no memory) up to, not including, 1. The average reaches back about
            ``1 / (1 - decay)`` steps.

    Attributes:
        model: the averaged copy, in eval mode, without gradients.

    Raises:
        ValueError: if the decay is out of range.

    Source: Polyak & Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging", for
    the idea; for generators, Karras et al. 2018, "Progressive Growing of GANs for Improved
    Quality, Stability, and Variation", section 6.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.zeros_(model.weight)
    >>> average = EMA(model, decay=0.9)
    >>> _ = nn.init.ones_(model.weight)
    >>> average.update()
    >>> round(average.model.weight.item(), 4)
    0.1
    """

    def __init__(self, model: Model, decay: float) -> None:
        if not 0.0 <= decay < 1.0:
            raise ValueError(f"decay must be at least 0 and below 1, got {decay}")
        self.decay = decay
        self._source = model
        self.model: Model = copy.deepcopy(model)
        self.model.eval().requires_grad_(False)

    @torch.no_grad()
    def update(self) -> None:
        """Take one step toward the weights as they are now."""
        averaged: list[Tensor] = list(self.model.parameters())
        current: list[Tensor] = list(self._source.parameters())
        # One call for all weights: for small networks a Python loop costs more than the sums.
        torch._foreach_lerp_(averaged, current, 1.0 - self.decay)
        for kept, new in zip(self.model.buffers(), self._source.buffers(), strict=True):
            kept.copy_(new)

    def state_dict(self) -> dict[str, Any]:
        """The averaged weights and the decay, for a checkpoint."""
        return {"decay": self.decay, "model": self.model.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what ``state_dict`` gave."""
        self.model.load_state_dict(state["model"])
        self.decay = float(state["decay"])
