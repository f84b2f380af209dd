"""Any network or function from latents to images, as the explorers ask it."""

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.base import raised
from aigc_edu.view.undisturbed import undisturbed

Output = Literal["logits"] | tuple[float, float]
"""What a decoder hands over: logits, or images with values from black to white."""


class Decoder:
    """A decoder that is asked for a look: on its own device, and as if nobody had asked.

    Args:
        decoder: a model with a method ``decode``, or any function (or module) from latents
            (batch, latent) to images or logits (batch, 1, height, width).
        output: "logits" (a sigmoid makes the image), or the values drawn black and white.
        latent_size: numbers in a latent; None for what the model says (``latent_size``).
        name: how a sentence about it begins.

    Raises:
        CourseError: if it is nothing that can be called, or its latent size is unknown.
    """

    def __init__(
        self,
        decoder: Any,
        output: Output = "logits",
        latent_size: int | None = None,
        *,
        name: str = "The decoder",
    ) -> None:
        function: Any = getattr(decoder, "decode", decoder)
        if not callable(function):
            raise CourseError(
                f"{name} must be a model with a method decode, or a function from latents to "
                f"images, not {type(decoder).__name__}."
            )
        if output != "logits":
            low, high = _pair(output)
            self.value_range = (low, high)
        else:
            self.value_range = (0.0, 1.0)
        self.name = name
        self._function: Callable[[Tensor], Any] = function
        self._logits = output == "logits"
        owner = getattr(function, "__self__", function)
        self._module = owner if isinstance(owner, nn.Module) else None
        size = latent_size if latent_size is not None else getattr(owner, "latent_size", None)
        if size is None:
            raise CourseError(
                f"{name} does not say how many numbers a latent has: pass latent_size=..."
            )
        if not hasattr(size, "__index__") or size < 1:
            raise CourseError(f"latent_size is a whole number of 1 or more, not {size!r}.")
        self.latent_size = int(size)

    @property
    def device(self) -> torch.device:
        """Where its weights are; the CPU for a plain function."""
        weights = None if self._module is None else next(self._module.parameters(), None)
        return torch.device("cpu") if weights is None else weights.device

    def __call__(self, latent: Tensor) -> Tensor:
        """Latents (batch, latent) to images (batch, 1, height, width), float32 on the CPU.

        Eval mode, no gradients, and every generator as before.

        Raises:
            CourseError: if it stops with an error or hands over another shape.
        """
        asked = latent.detach().to(device=self.device, dtype=torch.float32)
        try:
            with undisturbed():
                images = self._function(asked)
        except CourseError:
            raise
        except Exception as error:
            shape = tuple(asked.shape)
            raise CourseError(raised(f"{self.name}, given latents {shape},", error)) from error
        expected = (len(asked), 1)  # (batch, channel), and any height and width
        if not isinstance(images, Tensor) or images.ndim != 4 or images.shape[:2] != expected:
            got = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
            raise CourseError(
                f"{self.name} must turn latents {tuple(asked.shape)} into images "
                f"({len(asked)}, 1, height, width), but it handed over {got}."
            )
        images = images.detach().float().cpu()
        return torch.sigmoid(images) if self._logits else images

    def to_unit(self, images: Tensor) -> Tensor:
        """Its images with values from 0 (black) to 1 (white)."""
        low, high = self.value_range
        return (images - low) / (high - low)


def _pair(output: Any) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in output)
    except (TypeError, ValueError):
        raise CourseError(
            "output says what the decoder hands over: 'logits', or the two values drawn black "
            f"and white, such as (0, 1) or (-1, 1); not {output!r}."
        ) from None
    if not low < high:
        raise CourseError(
            f"The values drawn black and white must rise, not go from {low:g} to {high:g}."
        )
    return low, high


def normal_latents(count: int, size: int, seed: float) -> Tensor:
    """Standard normal latents (count, size); the same seed gives the same."""
    return torch.randn(count, size, generator=torch.Generator().manual_seed(int(seed)))
