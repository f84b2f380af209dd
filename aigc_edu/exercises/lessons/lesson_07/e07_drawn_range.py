"""Real images in the range of your network: drawn per student."""

import random
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.drawn import Drawn, Parameters


def _draw(source: random.Random) -> dict[str, Any]:
    low = source.choice([-3.0, -2.0, -1.5, -0.5, 0.5, 1.0])
    return {"low": low, "high": low + source.choice([0.5, 1.5, 2.5, 3.0])}


def _byte_cases(generator: torch.Generator) -> list[Case]:
    def images(*shape: int) -> Tensor:
        return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)

    return [
        Case("ordinary", (images(4, 1, 5, 6),), weight=2),
        Case("one image", (images(1, 1, 3, 4),)),
        Case("black and white", (torch.tensor([[0, 255]], dtype=torch.uint8),)),
        Case("all bytes", (torch.arange(256, dtype=torch.uint8).reshape(16, 16),)),
    ]


def _make(parameters: Parameters) -> Exercise:
    low: float = parameters["low"]
    high: float = parameters["high"]

    def reference(images: Tensor) -> Tensor:
        return images.float() / 255 * (high - low) + low

    def of_tanh(images: Tensor) -> Tensor:
        return images.float() / 127.5 - 1

    def of_256(images: Tensor) -> Tensor:
        return images.float() / 256 * (high - low) + low

    def shifted(images: Tensor) -> Tensor:
        return images.float() / 255 * (high - low)

    def stretched(images: Tensor) -> Tensor:
        return images.float() / 255 * high + low

    def between(images: Tensor) -> Tensor:
        share = images.float() / 255
        return (1 - share) * low + share * high

    return Exercise(
        id="D7.2",
        title="Real images in the range of your network",
        kind="function",
        prompt="to_network(images) → float32, same shape; images are uint8",
        points=2,
        difficulty=1,
        minutes=6,
        reference=reference,
        cases=_byte_cases,
        mistakes=(
            Mistake(of_tanh, "This is the range of a tanh; your network has another."),
            Mistake(of_256, "White does not reach the upper end: the largest byte is 255."),
            Mistake(shifted, "The width is right, and black is not at the lower end."),
            Mistake(stretched, "White lands above or below its place: the width is high − low."),
        ),
        hints=(
            "0 becomes the lower end and 255 the upper one: a straight line through two points.",
            "Turn the bytes into a share between 0 and 1 first, then stretch, then shift.",
        ),
        why="Both sides must have the same range, or the discriminator needs to look no further. "
        "The line is fixed, so it can be undone.",
        also_right=(between,),
    )


def _text(parameters: Parameters) -> str:
    return (
        f"Your generator ends in a layer whose outputs lie in [{parameters['low']:g}, "
        f"{parameters['high']:g}]. Bring real images, bytes from 0 to 255, into that range: black "
        "to the lower end, white to the upper one."
    )


def _answer(parameters: Parameters) -> str:
    return (
        "def to_network(images):\n"
        f"    low, high = {parameters['low']!r}, {parameters['high']!r}\n"
        "    return low + (high - low) * (images.float() / 255)\n"
    )


DRAWN = Drawn(
    "D7.2",
    _draw,
    _make,
    _text,
    "def to_network(images):\n    return TODO",
    _answer,
)
