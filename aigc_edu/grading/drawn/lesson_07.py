"""Lesson 07, drawn a student: a fault planted in a listing; the range of a network."""

import random
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.grading.drawn import Drawn, Parameters

# ------------------------------------------------------------------ D7.1 your listing

_SOUND = """
for real in batches:
    latent = torch.randn(len(real), 100, generator=noise)
    fake = generator(latent)
    d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()
    g_loss = generator_loss(discriminator(fake))
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
""".strip()

FAULTS: dict[str, tuple[str, str, str, str]] = {
    # name: (what stands there, what is planted, what it does, what a wrong choice is told)
    "old fake": (
        "generator_loss(discriminator(fake))",
        "generator_loss(discriminator(fake.detach()))",
        "The generator's weights never change: its loss has no gradient in them.",
        "For that, the generated images would have to be cut off in the generator's own loss.",
    ),
    "no clearing": (
        "    d_optimizer.zero_grad()\n",
        "",
        "The discriminator follows the sum of all its gradients so far.",
        "For that, the discriminator's gradients would have to be left standing from step to "
        "step; look for the line that clears them.",
    ),
    "swapped": (
        "discriminator_loss(discriminator(real), discriminator(fake.detach()))",
        "discriminator_loss(discriminator(fake.detach()), discriminator(real))",
        "The discriminator learns to call generated images real, and real ones generated.",
        "For that, its loss would have to be given the two kinds of images in the other order.",
    ),
    "same noise": (
        "for real in batches:\n    latent = torch.randn(len(real), 100, generator=noise)\n",
        "latent = torch.randn(128, 100, generator=noise)\nfor real in batches:\n",
        "The generator only ever learns to draw from 128 latents.",
        "For that, the latents would have to be drawn once, before the loop.",
    ),
    "other optimizer": (
        "    g_loss.backward()\n    g_optimizer.step()",
        "    g_loss.backward()\n    d_optimizer.step()",
        "The discriminator is moved along the generator's loss, and the generator stays.",
        "For that, the last step would have to be taken by the other optimizer.",
    ),
}


def _draw_fault(source: random.Random) -> dict[str, Any]:
    order = source.sample(sorted(FAULTS), len(FAULTS))
    return {"fault": source.choice(sorted(FAULTS)), "order": order}


def listing(parameters: Parameters) -> str:
    """The listing with the student's fault in it."""
    sound, planted, _, _ = FAULTS[parameters["fault"]]
    assert _SOUND.count(sound) == 1
    return _SOUND.replace(sound, planted)


def _make_fault(parameters: Parameters) -> Exercise:
    letters = dict(zip("abcde", parameters["order"], strict=True))
    right = next(letter for letter, fault in letters.items() if fault == parameters["fault"])
    return Exercise(
        id="D7.1",
        title="The fault in your listing",
        kind="choice",
        prompt="what the fault in your listing does",
        points=2,
        difficulty=2,
        minutes=6,
        reference=right,
        choices={letter: FAULTS[fault][2] for letter, fault in letters.items()},
        mistakes=tuple(
            Mistake(letter, FAULTS[fault][3])
            for letter, fault in letters.items()
            if letter != right
        ),
        hints=(
            "Lay section 2's loop beside it and read them line by line.",
            "For each line ask: whose gradients, whose weights, which images?",
        ),
        why="The program runs, and nothing is printed that would tell. Read a training loop line "
        "by line: whose loss, whose gradients, whose weights.",
    )


def _text_fault(parameters: Parameters) -> str:
    choices = " · ".join(
        f"**{letter}** {FAULTS[fault][2]}"
        for letter, fault in zip("abcde", parameters["order"], strict=True)
    )
    return (
        "This loop runs without an error, and one fault was planted in it. (The batches hold 128 "
        f"images; the losses are this lesson's.)\n\n```python\n{listing(parameters)}\n```\n\n"
        f"What does the fault do?\n\n{choices}\n\nGive the letter."
    )


def _answer_fault(parameters: Parameters) -> str:
    return f"planted_fault = {_make_fault(parameters).reference!r}\n"


# -------------------------------------------------------------------- D7.2 your range


def _draw_range(source: random.Random) -> dict[str, Any]:
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


def _make_range(parameters: Parameters) -> Exercise:
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


def _text_range(parameters: Parameters) -> str:
    return (
        f"Your generator ends in a layer whose outputs lie in [{parameters['low']:g}, "
        f"{parameters['high']:g}]. Bring real images, bytes from 0 to 255, into that range: black "
        "to the lower end, white to the upper one."
    )


def _answer_range(parameters: Parameters) -> str:
    return (
        "def to_network(images):\n"
        f"    low, high = {parameters['low']!r}, {parameters['high']!r}\n"
        "    return low + (high - low) * (images.float() / 255)\n"
    )


DRAWN = [
    Drawn(
        "D7.1",
        _draw_fault,
        _make_fault,
        _text_fault,
        "planted_fault = TODO",
        _answer_fault,
    ),
    Drawn(
        "D7.2",
        _draw_range,
        _make_range,
        _text_range,
        "def to_network(images):\n    return TODO",
        _answer_range,
    ),
]
