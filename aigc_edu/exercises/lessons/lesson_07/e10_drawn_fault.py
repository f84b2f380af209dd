"""The fault in your listing: drawn per student."""

import random
from typing import Any

from aigc_edu.exercises import Exercise, Mistake
from aigc_edu.exercises.drawn import Drawn, Parameters

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


def _draw(source: random.Random) -> dict[str, Any]:
    order = source.sample(sorted(FAULTS), len(FAULTS))
    return {"fault": source.choice(sorted(FAULTS)), "order": order}


def listing(parameters: Parameters) -> str:
    """The listing with the student's fault in it."""
    sound, planted, _, _ = FAULTS[parameters["fault"]]
    assert _SOUND.count(sound) == 1
    return _SOUND.replace(sound, planted)


def _make(parameters: Parameters) -> Exercise:
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


def _text(parameters: Parameters) -> str:
    choices = " · ".join(
        f"**{letter}** {FAULTS[fault][2]}"
        for letter, fault in zip("abcde", parameters["order"], strict=True)
    )
    return (
        "This loop runs without an error, and one fault was planted in it. (The batches hold 128 "
        f"images; the losses are this lesson's.)\n\n```python\n{listing(parameters)}\n```\n\n"
        f"What does the fault do?\n\n{choices}\n\nGive the letter."
    )


def _answer(parameters: Parameters) -> str:
    return f"planted_fault = {_make(parameters).reference!r}\n"


DRAWN = Drawn(
    "D7.1",
    _draw,
    _make,
    _text,
    "planted_fault = TODO",
    _answer,
)
