"""sample_latent(count, size, generator) → (count, size), standard normal, float32"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def sample_latent(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Independent draws from the standard normal: (count, size)."""
    return torch.randn(count, size, generator=generator)


def _cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, count: int, size: int, weight: float = 1.0) -> Case:
        seed = int(torch.randint(1, 10_000, (), generator=generator))
        return Case(name, (count, size, seed), weight=weight)

    return [
        case("ordinary", 400, 30, weight=2),
        case("batch of one", 1, 20),
        case("more numbers than images", 3, 100),
    ]


def _run(answer: Callable[..., Any], count: int, size: int, seed: int) -> Any:
    """What any correct draw shares: shape, type, moments, and being driven by the generator."""
    first, second = torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    one, same = answer(count, size, first), answer(count, size, second)
    if type(one).__name__ == "ndarray":
        raise TypeError("this is a NumPy array, and PyTorch's layers take tensors")
    if not isinstance(one, torch.Tensor):
        return one
    facts = {
        "shape": list(one.shape),
        "type": str(one.dtype),
        "same generator state, same noise": bool(one.equal(same)),
        "next call, new noise": not bool(one.equal(answer(count, size, first))),
    }
    if one.numel() > 1000:
        facts["mean"] = f"{one.double().mean().abs() < 0.1}"
        facts["standard deviation"] = round(float(one.double().std()), 1)
    # Not the draw itself: two right answers may use the generator differently.
    facts["seed"] = seed
    return facts


def _in_place(count: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.empty(size, count).normal_(generator=generator).T.contiguous()


@mistake(
    "These are NumPy's numbers: float64, where the network's weights are float32, and "
    "drawn without the generator that you were given."
)
def _by_numpy(count: int, size: int, generator: torch.Generator) -> Tensor:
    import numpy

    return torch.tensor(numpy.random.normal(size=(count, size)))  # noqa: NPY002


EXERCISE = Exercise(
    id="7.3",
    title="Noise with a seed",
    kind="function",
    prompt=__doc__,
    points=2,
    difficulty=1,
    minutes=5,
    reference=sample_latent,
    cases=_cases,
    run=_run,
    mistakes=(
        Mistake(
            lambda count, size, generator: torch.rand(count, size, generator=generator),
            "These numbers are uniform between 0 and 1: their mean is ½ and they are never "
            "negative. The generator is to be fed with a standard normal.",
        ),
        Mistake(
            lambda count, size, generator: torch.randn(size, count, generator=generator),
            "The two sizes are exchanged: one row belongs to one image.",
        ),
        Mistake(
            lambda count, size, generator: torch.randn(count, size),
            "You draw from PyTorch's global randomness and leave the generator aside: then "
            "whoever else draws (a plot, another cell) changes your training.",
        ),
        Mistake(
            lambda count, size, generator: torch.randn(
                count, size, generator=generator, dtype=torch.float64
            ),
            "These are float64 numbers, as NumPy draws them. The network's weights are "
            "float32, and the first Linear layer refuses the mixture.",
        ),
        _by_numpy,
        Mistake(
            lambda count, size, generator: torch.randn(
                count, size, generator=torch.Generator().manual_seed(0)
            ),
            "Every call gives the same numbers, because you seed a generator of your own "
            "inside. A network that only ever sees 128 latents learns 128 images.",
        ),
        Mistake(
            lambda count, size, generator: torch.randn(size, generator=generator),
            "This is one latent, without a batch dimension: every image needs its own.",
        ),
    ),
    hints=(
        "PyTorch draws noise itself; NumPy is not needed, and so neither is its import.",
        "The function for the standard normal takes the sizes one after the other and the "
        "generator by name.",
    ),
    why="The generator object holds the whole state of the randomness, so it can be seeded, "
    "saved and brought back. NumPy's default float64 would have been the next error.",
    also_right=(_in_place,),
)
