"""What several exercises of lesson 07 use."""

import torch
from torch import Tensor

from aigc_edu.exercises import Case


def step_cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, batch: int, latents: int, pixels: int, weight: float = 1.0) -> Case:
        args = (
            1 + torch.randn(batch, pixels, generator=generator),
            torch.randn(batch, latents, generator=generator),
            torch.randn(pixels, latents, generator=generator),
            torch.randn(1, pixels, generator=generator),
        )
        return Case(name, args, weight=weight)

    return [
        case("ordinary", 8, 3, 5, weight=2),
        case("batch of one", 1, 2, 4),
        case("more latents than pixels", 6, 5, 3),
    ]


Optimizer = torch.optim.Optimizer


def move(optimizer: Optimizer, loss: Tensor, *, clear: bool = True) -> None:
    if clear:
        optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
