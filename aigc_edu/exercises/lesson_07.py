"""Exercises of lesson 07: training a generative adversarial network, and mending a broken one."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.objectives import discriminator_loss, generator_loss

# ------------------------------------------------------------- 7.3 noise to draw images from


def sample_latent(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Independent draws from the standard normal: (count, size)."""
    return torch.randn(count, size, generator=generator)


def _latent_cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, count: int, size: int, weight: float = 1.0) -> Case:
        seed = int(torch.randint(1, 10_000, (), generator=generator))
        return Case(name, (count, size, seed), weight=weight)

    return [
        case("ordinary", 400, 30, weight=2),
        case("batch of one", 1, 20),
        case("more numbers than images", 3, 100),
    ]


def _run_latent(answer: Callable[..., Any], count: int, size: int, seed: int) -> Any:
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


def _latent_uniform(count: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.rand(count, size, generator=generator)


def _latent_transposed(count: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.randn(size, count, generator=generator)


def _latent_global(count: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.randn(count, size)


def _latent_float64(count: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.randn(count, size, generator=generator, dtype=torch.float64)


def _latent_by_numpy(count: int, size: int, generator: torch.Generator) -> Tensor:
    import numpy

    return torch.tensor(numpy.random.normal(size=(count, size)))  # noqa: NPY002


def _latent_always_the_same(count: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.randn(count, size, generator=torch.Generator().manual_seed(0))


def _latent_one_for_all(count: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.randn(size, generator=generator)


def _latent_in_place(count: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.empty(size, count).normal_(generator=generator).T.contiguous()


# ------------------------------------------------------------------------- 7.4 minibatches


def minibatches(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    """One pass over the images in a new random order, the last batch as large as is left."""
    order = torch.randperm(len(images), generator=generator)  # (count,)
    return list(torch.split(images[order], batch_size))


def _pass_cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, count: int, batch_size: int, weight: float = 1.0) -> Case:
        images = torch.rand(count, 2, 3, generator=generator).sort(dim=0).values
        return Case(name, (images, batch_size), weight=weight)

    return [
        case("a last batch of 3", 43, 8, weight=2),
        case("batches that come out even", 40, 8),
        case("a last batch of one", 31, 10),
        case("fewer images than a batch", 21, 64),
    ]


def _run_pass(answer: Callable[..., Any], images: torch.Tensor, batch_size: int) -> Any:
    """What does not depend on the order drawn: sizes, what is in them, and that it is drawn."""

    def one_pass(generator: torch.Generator) -> Any:
        return list(answer(images, batch_size, generator))

    generator = torch.Generator().manual_seed(5)
    first, second = one_pass(generator), one_pass(generator)
    if not all(isinstance(batch, torch.Tensor) for batch in first):
        return first
    facts: dict[str, Any] = {"shapes": [list(batch.shape) for batch in first]}
    if first and all(batch.ndim == 3 for batch in first):
        shown = torch.cat(first)
        facts["each image once"] = shown.flatten(1).sort(dim=0).values
        facts["in the order of the file"] = bool(
            len(shown) <= len(images) and shown.equal(images[: len(shown)])
        )
        facts["the same order at the next pass"] = bool(
            len(first) == len(second) and shown.equal(torch.cat(second))
        )
    return facts


def _pass_single(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    return list(images[torch.randperm(len(images), generator=generator)])


def _pass_dropped(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    order = torch.randperm(len(images), generator=generator)
    whole = len(images) // batch_size * batch_size
    return list(torch.split(images[order[:whole]], batch_size)) if whole else []


def _pass_in_order(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    return list(torch.split(images, batch_size))


def _pass_same_order(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return list(torch.split(images[order], batch_size))


def _pass_with_replacement(
    images: Tensor, batch_size: int, generator: torch.Generator
) -> list[Tensor]:
    order = torch.randint(len(images), (len(images),), generator=generator)
    return list(torch.split(images[order], batch_size))


def _pass_even_parts(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    # chunk() takes a number of parts, split() a size.
    return list(images[torch.randperm(len(images), generator=generator)].chunk(batch_size))


def _pass_by_steps(images: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    order = torch.rand(len(images), generator=generator).argsort()
    return [images[order[i : i + batch_size]] for i in range(0, len(images), batch_size)]


# ----------------------------------------------------------------- 7.6 the generator's layers


def generator_layers(sizes: list[int]) -> nn.Sequential:
    """Linear layers of these sizes, LeakyReLU(0.2) between every two, tanh at the end."""
    layers: list[nn.Module] = []
    for size_in, size_out in itertools.pairwise(sizes):
        layers += [nn.Linear(size_in, size_out), nn.LeakyReLU(0.2)]
    layers[-1] = nn.Tanh()
    return nn.Sequential(*layers)


def _layer_cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, batch: int, sizes: list[int], weight: float = 1.0) -> Case:
        return Case(name, (torch.randn(batch, sizes[0], generator=generator), sizes), weight=weight)

    return [
        case("ordinary", 6, [5, 7, 8, 9, 4], weight=2),
        case("batch of one", 1, [3, 6, 5, 8]),
        case("one hidden layer", 4, [3, 6, 2]),
        case("no hidden layer", 4, [3, 5]),
    ]


def _run_layers(answer: Callable[..., Any], latent: torch.Tensor, sizes: list[int]) -> Any:
    """Fill the weights with fixed numbers and use the network."""
    network = answer(list(sizes))
    if isinstance(network, list | tuple):
        raise TypeError("a list of layers is no network yet: nn.Sequential makes one of them")
    if not isinstance(network, nn.Module):
        return network
    draws = torch.Generator().manual_seed(3)
    shapes = []
    with torch.no_grad():
        for weights in network.parameters():
            weights.copy_(torch.randn(weights.shape, generator=draws))
            shapes.append(list(weights.shape))
    return {"weights": shapes, "output": network(latent)}


def _stack(sizes: list[int], between: list[nn.Module | None], last: nn.Module) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index, (size_in, size_out) in enumerate(itertools.pairwise(sizes)):
        layers.append(nn.Linear(size_in, size_out))
        if index < len(sizes) - 2:
            layers += [each for each in [between[min(index, len(between) - 1)]] if each is not None]
    return nn.Sequential(*layers, last)


def _layers_first_only(sizes: list[int]) -> nn.Sequential:
    return _stack(sizes, [nn.LeakyReLU(0.2), None], nn.Tanh())


def _layers_none(sizes: list[int]) -> nn.Sequential:
    return _stack(sizes, [None], nn.Tanh())


def _layers_before_tanh(sizes: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size_in, size_out in itertools.pairwise(sizes):
        layers += [nn.Linear(size_in, size_out), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Tanh())


def _layers_no_tanh(sizes: list[int]) -> nn.Sequential:
    return _stack(sizes, [nn.LeakyReLU(0.2)], nn.Identity())


def _layers_sigmoid(sizes: list[int]) -> nn.Sequential:
    return _stack(sizes, [nn.LeakyReLU(0.2)], nn.Sigmoid())


def _layers_default_slope(sizes: list[int]) -> nn.Sequential:
    return _stack(sizes, [nn.LeakyReLU()], nn.Tanh())


def _layers_tanh_everywhere(sizes: list[int]) -> nn.Sequential:
    return _stack(sizes, [nn.Tanh()], nn.Tanh())


def _layers_by_loop(sizes: list[int]) -> nn.Sequential:
    network = nn.Sequential()
    for index in range(len(sizes) - 1):
        network.append(nn.Linear(sizes[index], sizes[index + 1]))
        last = index == len(sizes) - 2
        network.append(nn.Tanh() if last else nn.LeakyReLU(negative_slope=0.2))
    return network


# --------------------------------------------------------------------------- 7.7 the range


def to_tanh_range(images: Tensor) -> Tensor:
    """Bytes 0 to 255 as float32 from -1 to 1."""
    return images.float() / 127.5 - 1


def _byte_cases(generator: torch.Generator) -> list[Case]:
    def some(*shape: int) -> tuple[Tensor]:
        images = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
        images.view(-1)[:2] = torch.tensor([0, 255], dtype=torch.uint8)
        return (images,)

    return [
        Case("ordinary", some(4, 1, 3, 5), weight=2),
        Case("batch of one", some(1, 1, 2, 3)),
        Case("without a channel", some(3, 4, 4)),
        Case("dark images", (some(3, 1, 4, 4)[0] // 4,)),
        Case("blank images", (torch.zeros(2, 1, 3, 3, dtype=torch.uint8),)),
    ]


def _range_to_one(images: Tensor) -> Tensor:
    return images.float() / 255


def _range_shifted(images: Tensor) -> Tensor:
    return images.float() / 255 - 0.5


def _range_to_two(images: Tensor) -> Tensor:
    return images.float() / 127.5


def _range_wrapped(images: Tensor) -> Tensor:
    return images * 2 / 255 - 1


def _range_standardized(images: Tensor) -> Tensor:
    values = images.float()
    return (values - values.mean()) / values.std().clamp(min=1e-8)


def _range_of_the_batch(images: Tensor) -> Tensor:
    values = images.float()
    span = (values.max() - values.min()).clamp(min=1.0)
    return (values - values.min()) / span * 2 - 1


def _range_of_256(images: Tensor) -> Tensor:
    return images.float() / 128 - 1


def _range_by_two_steps(images: Tensor) -> Tensor:
    unit = images.to(torch.float32).div(255.0)
    return unit.mul(2.0).sub(1.0)


# --------------------------------------------------------------------------- 7.8 the shapes


def join(real: Tensor, fake: Tensor) -> Tensor:
    """(n, 28, 28) real and (m, 784) generated images: (n + m, 1, 28, 28), real ones first."""
    return torch.cat([real.reshape(-1, 1, 28, 28), fake.reshape(-1, 1, 28, 28)])


def _join_cases(generator: torch.Generator) -> list[Case]:
    def pair(real: int, fake: int) -> tuple[Tensor, Tensor]:
        return (
            torch.rand(real, 28, 28, generator=generator),
            torch.rand(fake, 784, generator=generator),
        )

    return [
        Case("ordinary", pair(3, 3), weight=2),
        Case("a smaller last batch of real images", pair(2, 5)),
        Case("one of each", pair(1, 1)),
    ]


def _join_fake_first(real: Tensor, fake: Tensor) -> Tensor:
    return torch.cat([fake.reshape(-1, 1, 28, 28), real.reshape(-1, 1, 28, 28)])


def _join_no_channel(real: Tensor, fake: Tensor) -> Tensor:
    return torch.cat([real, fake.reshape(-1, 28, 28)])


def _join_flat(real: Tensor, fake: Tensor) -> Tensor:
    return torch.cat([real.flatten(1), fake])


def _join_transposed(real: Tensor, fake: Tensor) -> Tensor:
    return torch.cat([real.unsqueeze(1), fake.reshape(-1, 1, 28, 28).mT])


def _join_channels(real: Tensor, fake: Tensor) -> Tensor:
    return torch.cat([real.reshape(-1, 1, 28, 28), fake.reshape(-1, 1, 28, 28)], dim=1)


def _join_unchanged(real: Tensor, fake: Tensor) -> Tensor:
    return torch.cat([real, fake])


def _join_by_unflatten(real: Tensor, fake: Tensor) -> Tensor:
    return torch.cat([real.flatten(1), fake], dim=0)[:, None].view(-1, 1, 28, 28)


# ---------------------------------------------------- 7.9 and 7.10 the two halves of a step


def discriminator_step(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer: torch.optim.Optimizer,
    real: Tensor,
    latent: Tensor,
) -> None:
    """Move the discriminator, and nothing else."""
    with torch.no_grad():
        fake = generator(latent)
    optimizer.zero_grad()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def generator_step(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer: torch.optim.Optimizer,
    latent: Tensor,
) -> None:
    """Move the generator, through a discriminator that stays where it is."""
    optimizer.zero_grad()
    loss = generator_loss(discriminator(generator(latent)))
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _step_cases(generator: torch.Generator) -> list[Case]:
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


def _run_discriminator_step(
    answer: Callable[..., Any],
    real: torch.Tensor,
    latent: torch.Tensor,
    generator_weight: torch.Tensor,
    discriminator_weight: torch.Tensor,
) -> Any:
    """Two steps of a small linear game; what moved, and what lies in the generator."""
    pixels, latents = generator_weight.shape
    generator = nn.Linear(latents, pixels, bias=False)
    scores = nn.Linear(pixels, 1, bias=False)
    discriminator = nn.Sequential(scores, nn.Flatten(0))
    with torch.no_grad():
        generator.weight.copy_(generator_weight)
        scores.weight.copy_(discriminator_weight)
    optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.3)
    said = [answer(generator, discriminator, optimizer, real, latent) for _ in range(2)]
    left = generator.weight.grad
    return {
        "the discriminator's weights after two steps": scores.weight.detach(),
        "the generator's weights": generator.weight.detach(),
        "gradient left in the generator": torch.zeros(pixels, latents) if left is None else left,
        # A step may return its loss or nothing; an unfilled stub returns something else.
        "else": [each for each in said if each is not None and not torch.is_tensor(each)],
    }


def _run_generator_step(
    answer: Callable[..., Any],
    real: torch.Tensor,
    latent: torch.Tensor,
    generator_weight: torch.Tensor,
    discriminator_weight: torch.Tensor,
) -> Any:
    """Two steps of a small linear game; what moved."""
    pixels, latents = generator_weight.shape
    generator = nn.Linear(latents, pixels, bias=False)
    scores = nn.Linear(pixels, 1, bias=False)
    discriminator = nn.Sequential(scores, nn.Flatten(0))
    with torch.no_grad():
        generator.weight.copy_(generator_weight)
        scores.weight.copy_(discriminator_weight)
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.3)
    said = [answer(generator, discriminator, optimizer, latent) for _ in range(2)]
    return {
        "the generator's weights after two steps": generator.weight.detach(),
        "the discriminator's weights": scores.weight.detach(),
        # A step may return its loss or nothing; an unfilled stub returns something else.
        "else": [each for each in said if each is not None and not torch.is_tensor(each)],
    }


Optimizer = torch.optim.Optimizer


def _move(optimizer: Optimizer, loss: Tensor, *, clear: bool = True) -> None:
    if clear:
        optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _d_not_cut(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    _move(optimizer, discriminator_loss(d(real), d(g(z))))


def _d_not_cleared(
    g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor
) -> None:
    _move(optimizer, discriminator_loss(d(real), d(g(z).detach())), clear=False)


def _d_cleared_late(
    g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor
) -> None:
    discriminator_loss(d(real), d(g(z).detach())).backward()  # type: ignore[no-untyped-call]
    optimizer.zero_grad()
    optimizer.step()


def _d_swapped(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    _move(optimizer, discriminator_loss(d(g(z).detach()), d(real)))


def _d_all_real(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    _move(optimizer, F.softplus(-d(real)).mean() + F.softplus(-d(g(z).detach())).mean())


def _d_only_fakes(
    g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor
) -> None:
    _move(optimizer, F.softplus(d(g(z).detach())).mean())


def _d_sigmoid_twice(
    g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor
) -> None:
    _move(optimizer, discriminator_loss(d(real).sigmoid(), d(g(z).detach()).sigmoid()))


def _d_halved(g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor) -> None:
    _move(optimizer, 0.5 * discriminator_loss(d(real), d(g(z).detach())))


def _d_fixed_size(
    g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor
) -> None:
    logits = torch.cat([d(real), d(g(z).detach())])
    targets = torch.cat([torch.ones(128), torch.zeros(128)])
    _move(optimizer, F.binary_cross_entropy_with_logits(logits, targets))


def _d_by_entropy(
    g: nn.Module, d: nn.Module, optimizer: Optimizer, real: Tensor, z: Tensor
) -> None:
    logits = d(torch.cat([real, g(z).detach()]))
    targets = torch.cat([torch.ones(len(real)), torch.zeros(len(z))])
    # Both halves are of one size, so twice the mean over both is the sum of the two means.
    loss = 2 * F.binary_cross_entropy_with_logits(logits, targets)
    if len(real) != len(z):
        raise ValueError("as many real images as generated ones")
    _move(optimizer, loss)


def _g_cut_off(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    _move(optimizer, generator_loss(d(g(z).detach())))


def _g_wrong_target(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    _move(optimizer, F.softplus(d(g(z))).mean())


def _g_saturating(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    _move(optimizer, generator_loss(d(g(z)), "saturating"))


def _g_not_cleared(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    _move(optimizer, generator_loss(d(g(z))), clear=False)


def _g_moves_both(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    d.zero_grad()
    _move(optimizer, generator_loss(d(g(z))))
    with torch.no_grad():
        for weights in d.parameters():
            if weights.grad is not None:
                weights.sub_(optimizer.param_groups[0]["lr"] * weights.grad)


def _g_sigmoid_twice(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    _move(optimizer, generator_loss(d(g(z)).sigmoid()))


def _g_no_logarithm(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    _move(optimizer, -d(g(z)).sigmoid().mean())


def _g_frozen(g: nn.Module, d: nn.Module, optimizer: Optimizer, z: Tensor) -> None:
    d.requires_grad_(False)
    _move(optimizer, F.softplus(-d(g(z))).mean())
    d.requires_grad_(True)


# -------------------------------------------------------------------------------- numbers

# A perfect discriminator whose probabilities 1 and 0 are read as logits.
TWICE = math.log1p(math.exp(-1)) + math.log(2)
HALF_LIFE = math.log(0.5) / math.log(0.998)

EXERCISES = [
    Exercise(
        id="7.1",
        title="What will the generator's loss do",
        kind="prediction",
        prompt="the generator's loss while its images turn from noise to digits",
        points=1,
        difficulty=1,
        minutes=2,
        reference="c",
        choices={
            "a": "It falls toward 0, as a loss does when training works.",
            "b": "It stays at 0.693 = log 2, where the discriminator cannot tell.",
            "c": "It goes up and down, and at the end is higher than at the start.",
        },
        mistakes=(
            Mistake(
                "a",
                "This loss is measured against an opponent that learns too: it would fall to 0 "
                "only if the discriminator took every generated image for a real one.",
            ),
            Mistake(
                "b",
                "It starts near log 2, because the discriminator has not learned anything yet. "
                "One half everywhere is where an ideal game ends, not where this one is after "
                "six thousand steps.",
            ),
        ),
        hints=(
            "The loss says how well the generator does against today's discriminator. Does that "
            "one stay the same?",
            "At step 0 neither has learned anything. From then on the discriminator learns the "
            "easier task of the two.",
        ),
        why="The loss compares the generator with its present opponent, and the opponent improves "
        "as well. So a GAN's loss does not measure the quality of its images.",
    ),
    Exercise(
        id="7.2",
        title="Which error comes first",
        kind="choice",
        prompt="what Python says first when the listing runs",
        points=1,
        difficulty=1,
        minutes=5,
        reference="b",
        choices={
            "a": "NameError: name 'np' is not defined",
            "b": "ValueError: too many values to unpack",
            "c": "RuntimeError: sizes of tensors must match",
            "d": "Nothing: it runs to the end, only the pictures are bad",
        },
        mistakes=(
            Mistake(
                "a",
                "np is indeed never imported. But Python looks a name up when it runs the line, "
                "and there is a line before it that already fails.",
            ),
            Mistake(
                "c",
                "The shapes in the concatenation do not fit, but the loop does not get that far: "
                "read from the line with `for`, and ask what one turn of it hands out.",
            ),
            Mistake(
                "d",
                "It stops in the very first turn of the loop. Follow it line by line and write "
                "down the shape of everything.",
            ),
        ),
        hints=(
            "Follow the lines in the order in which Python runs them, not from top to bottom of "
            "the page: a function's body runs when it is called.",
            "What does a loop over a tensor of shape (20000, 28, 28) hand out at each turn, and "
            "into how many names is it to go?",
        ),
        why="A loop over a tensor hands out its rows, here one image of 28 rows, and 28 things do "
        "not go into 2 names. It is a lucky fault, because it is loud.",
    ),
    Exercise(
        id="7.3",
        title="Noise with a seed",
        kind="function",
        prompt="sample_latent(count, size, generator) → (count, size), standard normal, float32",
        points=2,
        difficulty=1,
        minutes=5,
        reference=sample_latent,
        cases=_latent_cases,
        run=_run_latent,
        mistakes=(
            Mistake(
                _latent_uniform,
                "These numbers are uniform between 0 and 1: their mean is ½ and they are never "
                "negative. The generator is to be fed with a standard normal.",
            ),
            Mistake(
                _latent_transposed,
                "The two sizes are exchanged: one row belongs to one image.",
            ),
            Mistake(
                _latent_global,
                "You draw from PyTorch's global randomness and leave the generator aside: then "
                "whoever else draws (a plot, another cell) changes your training.",
            ),
            Mistake(
                _latent_float64,
                "These are float64 numbers, as NumPy draws them. The network's weights are "
                "float32, and the first Linear layer refuses the mixture.",
            ),
            Mistake(
                _latent_by_numpy,
                "These are NumPy's numbers: float64, where the network's weights are float32, and "
                "drawn without the generator that you were given.",
            ),
            Mistake(
                _latent_always_the_same,
                "Every call gives the same numbers, because you seed a generator of your own "
                "inside. A network that only ever sees 128 latents learns 128 images.",
            ),
            Mistake(
                _latent_one_for_all,
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
        also_right=(_latent_in_place,),
    ),
    Exercise(
        id="7.4",
        title="One pass in batches",
        kind="function",
        prompt="minibatches(images, batch_size, generator) → list of (batch, ...) tensors",
        points=3,
        difficulty=2,
        minutes=10,
        reference=minibatches,
        cases=_pass_cases,
        run=_run_pass,
        mistakes=(
            Mistake(
                _pass_single,
                "This hands out single images: the loss would be an average of one, and 128 "
                "updates would take the place of one.",
            ),
            Mistake(
                _pass_dropped,
                "The last images are missing: when the count is no multiple of the batch size, a "
                "smaller batch is left over, and it was asked for.",
            ),
            Mistake(
                _pass_in_order,
                "The images come in the order of the file. Where a file is sorted by digit, every "
                "batch would hold one digit only.",
            ),
            Mistake(
                _pass_same_order,
                "Every pass has the same order: shuffle with the generator that is given, whose "
                "state moves on.",
            ),
            Mistake(
                _pass_with_replacement,
                "Some images come twice and others not at all: you draw with replacement. One "
                "pass shows each image once.",
            ),
            Mistake(
                _pass_even_parts,
                "You cut into batch_size parts instead of parts of batch_size images: compare "
                "chunk and split.",
            ),
        ),
        hints=(
            "First put all the images into a new order, then cut.",
            "torch.randperm gives an order, indexing applies it, and a tensor knows how to split "
            "itself into pieces of a given length.",
        ),
        why="A permutation shows every image once in each pass, and the last batch is as large as "
        "what is left. Nothing after it may assume that a batch holds 128 images.",
        also_right=(_pass_by_steps,),
    ),
    Exercise(
        id="7.5",
        title="How many dimensions are left",
        kind="number",
        prompt="the largest dimension of the space that the images before tanh can fill",
        points=2,
        difficulty=2,
        minutes=5,
        reference=256,
        tolerance=(0.0, 0.4),
        mistakes=(
            Mistake(
                784,
                "That is how many pixels there are. What matters is the narrowest place that "
                "everything has to pass after the last bend.",
            ),
            Mistake(
                1024,
                "Without an activation the wide layer adds nothing: a product of matrices has no "
                "larger rank than the smallest of them.",
            ),
            Mistake(
                512, "Go one layer further back: these 512 numbers were made linearly from 256."
            ),
            Mistake(
                100,
                "The noise has 100 numbers, but the first layer's activation bends their space, "
                "and a bent surface can lie across more dimensions than it has itself.",
            ),
            Mistake(
                255,
                "Nearly: subtracting the mean takes away the offset, not a direction. The rank of "
                "a product is at most the smallest size in it.",
            ),
        ),
        hints=(
            "Write the three layers after the only activation as one: W₃(W₂(W₁h + b₁) + b₂) + b₃.",
            "The rank of W₃W₂W₁ is at most the smallest of their sizes, that of what goes in "
            "included.",
        ),
        why="After the only activation there are 256 numbers, and everything that follows is one "
        "affine map of them. The million weights of the last two layers add no shape that the "
        "first could not make.",
    ),
    Exercise(
        id="7.6",
        title="Layers that do not fold into one",
        kind="function",
        prompt="generator_layers(sizes) → nn.Sequential, LeakyReLU(0.2) between layers, tanh last",
        points=3,
        difficulty=2,
        minutes=10,
        reference=generator_layers,
        cases=_layer_cases,
        run=_run_layers,
        mistakes=(
            Mistake(
                _layers_first_only,
                "Only the first layer has an activation: the rest still folds into one affine map.",
            ),
            Mistake(
                _layers_none,
                "There is no activation between the layers at all: before the tanh this is one "
                "affine map of the noise.",
            ),
            Mistake(
                _layers_before_tanh,
                "There is a LeakyReLU right before the tanh as well: it shrinks everything that "
                "should become black, so that no pixel gets below about -0.2 easily.",
            ),
            Mistake(
                _layers_no_tanh,
                "The last layer's output goes anywhere: tanh is missing, which keeps pixels in "
                "[-1, 1].",
            ),
            Mistake(
                _layers_sigmoid,
                "A sigmoid ends in [0, 1]; the real images will be in [-1, 1].",
            ),
            Mistake(
                _layers_default_slope,
                "LeakyReLU without an argument has the slope 0.01, not 0.2.",
            ),
            Mistake(
                _layers_tanh_everywhere,
                "You put tanh between all the layers: it bends, but it is flat at both ends and "
                "lets little gradient through. LeakyReLU was asked for.",
            ),
        ),
        hints=(
            "Walk over neighboring pairs of sizes; only the last pair is special.",
            "nn.Sequential takes the layers as separate arguments: collect them in a list and "
            "unpack it with a star.",
        ),
        why="One bend between every two affine maps keeps them from folding into one. The last "
        "bend is a tanh, because the images are to lie in [-1, 1].",
        also_right=(_layers_by_loop,),
    ),
    Exercise(
        id="7.7",
        title="Real images in the range of tanh",
        kind="function",
        prompt="to_tanh_range(images) → float32 in [-1, 1], same shape; images are uint8",
        points=2,
        difficulty=1,
        minutes=5,
        reference=to_tanh_range,
        cases=_byte_cases,
        mistakes=(
            Mistake(
                _range_to_one,
                "This is [0, 1], the listing's own range: a pixel below 0 then gives a generated "
                "image away.",
            ),
            Mistake(_range_shifted, "This goes from -½ to ½: centered, but half as wide as tanh."),
            Mistake(_range_to_two, "This goes from 0 to 2: the width is right, the middle is not."),
            Mistake(
                _range_wrapped,
                "A byte holds no number above 255, so doubling it first starts again at 0: bright "
                "pixels turn dark. Turn into floats before you calculate.",
            ),
            Mistake(
                _range_standardized,
                "Mean 0 and standard deviation 1 is another range than [-1, 1]: bright pixels end "
                "near 3, where tanh never gets.",
            ),
            Mistake(
                _range_of_the_batch,
                "You stretch each batch to its own darkest and brightest pixel: the same image "
                "then looks different from batch to batch.",
            ),
            Mistake(
                _range_of_256,
                "White ends at 0.992 instead of 1: the largest byte is 255, not 256.",
            ),
        ),
        hints=(
            "0 is to become -1, and 255 is to become 1: a straight line through two points.",
            "Half the width of the bytes is 127.5. Leave the bytes for floats before you "
            "calculate.",
        ),
        why="Now black is -1 and white is 1 on both sides, and only what is drawn can tell them "
        "apart. The line is fixed, so it can be undone exactly.",
        also_right=(_range_by_two_steps,),
    ),
    Exercise(
        id="7.8",
        title="Two shapes, one batch",
        kind="function",
        prompt="join(real, fake) → (n + m, 1, 28, 28); real is (n, 28, 28), fake (m, 784)",
        points=2,
        difficulty=1,
        minutes=5,
        reference=join,
        cases=_join_cases,
        mistakes=(
            Mistake(
                _join_fake_first,
                "The generated images come first: labels made for real ones first would then all "
                "be wrong.",
            ),
            Mistake(
                _join_no_channel,
                "The channel is missing: one image is (1, 28, 28) in this course, also when it is "
                "gray.",
            ),
            Mistake(_join_flat, "These are vectors of 784: images were asked for."),
            Mistake(
                _join_transposed,
                "The generated images lie on their side: rows and columns are exchanged.",
            ),
            Mistake(
                _join_channels,
                "You put the images on top of each other as channels. They are to stand one "
                "after the other, along the batch.",
            ),
            Mistake(
                _join_unchanged,
                "This is the listing's own line: a table of three dimensions and one of two do "
                "not fit together.",
            ),
        ),
        hints=(
            "Bring both to the same shape first.",
            "A reshape to (-1, 1, 28, 28) serves both; torch.cat works along the first dimension "
            "by itself.",
        ),
        why="Both sides have one shape before they meet, whatever their number. Reading 784 "
        "numbers row by row is the same order in which the image was flattened.",
        also_right=(_join_by_unflatten,),
    ),
    Exercise(
        id="7.9",
        title="The discriminator's own step",
        kind="function",
        prompt="discriminator_step(generator, discriminator, optimizer, real, latent)",
        points=4,
        difficulty=2,
        minutes=12,
        reference=discriminator_step,
        cases=_step_cases,
        run=_run_discriminator_step,
        mistakes=(
            Mistake(
                _d_not_cut,
                "The discriminator moves rightly, but a gradient is left in the generator: the "
                "backward pass went on through the fake images. It costs time, and it is the "
                "gradient of the wrong aim.",
            ),
            Mistake(
                _d_not_cleared,
                "The second step also uses the gradient of the first: backward() adds to what is "
                "there.",
            ),
            Mistake(
                _d_cleared_late,
                "The discriminator does not move: you clear the gradient between computing and "
                "using it.",
            ),
            Mistake(
                _d_swapped,
                "The labels are exchanged: this discriminator learns to give generated images "
                "the high logits.",
            ),
            Mistake(
                _d_all_real,
                "Real and generated images are both called real: there is nothing to tell apart.",
            ),
            Mistake(
                _d_only_fakes,
                "It sees generated images only, so calling everything fake is a perfect answer.",
            ),
            Mistake(
                _d_sigmoid_twice,
                "The loss takes logits and you gave it probabilities: a sigmoid of a sigmoid.",
            ),
            Mistake(
                _d_halved,
                "Every move is half of what it should be: one mean over real and generated images "
                "together is half the sum of the two means.",
            ),
            Mistake(
                _d_fixed_size,
                "The targets are made for 128 images, whatever comes in: a smaller last batch "
                "stops this. Take the sizes from what you are given.",
            ),
        ),
        hints=(
            "Make the fakes, clear, loss, backward, step. Which of these should leave a trace in "
            "the generator?",
            "detach() cuts the fakes loose from the network that made them; discriminator_loss "
            "takes the logits of real images first.",
        ),
        why="The discriminator learns from both kinds of image, on its own, and nothing of it "
        "reaches the generator. In the listing this step never happened.",
        also_right=(_d_by_entropy,),
    ),
    Exercise(
        id="7.10",
        title="The generator's step",
        kind="function",
        prompt="generator_step(generator, discriminator, optimizer, latent)",
        points=4,
        difficulty=3,
        minutes=12,
        reference=generator_step,
        cases=_step_cases,
        run=_run_generator_step,
        mistakes=(
            Mistake(
                _g_cut_off,
                "The generator does not move: detach() cuts the only path on which a gradient "
                "could reach it.",
            ),
            Mistake(
                _g_wrong_target,
                "The generator learns to be found out: these are the targets of the "
                "discriminator's step. Here a generated image is to be called real.",
            ),
            Mistake(
                _g_saturating,
                "This is the minimax loss, mean of log(1 - D). It has nearly no gradient where the "
                "discriminator is sure, which is at the start (lesson 06); the non-saturating "
                "one was asked for.",
            ),
            Mistake(
                _g_not_cleared,
                "The second step also uses the gradient of the first: backward() adds to what is "
                "there.",
            ),
            Mistake(
                _g_moves_both,
                "The discriminator moved too, and toward being fooled: in this half it must stay "
                "where it is.",
            ),
            Mistake(
                _g_sigmoid_twice,
                "The loss takes logits and you gave it probabilities: a sigmoid of a sigmoid, "
                "whose gradient is always small.",
            ),
            Mistake(
                _g_no_logarithm,
                "You raise the mean of D itself, without the logarithm: the gradient vanishes "
                "where the discriminator is sure, as with the saturating loss.",
            ),
        ),
        hints=(
            "The gradient has to come from the discriminator's verdict, through the image, to the "
            "generator's weights. What may lie on that path, and what may move?",
            "The optimizer holds the generator's weights alone, so its step cannot move the "
            "discriminator; generator_loss takes one batch of logits.",
        ),
        why="The gradient goes through the discriminator but changes only what the optimizer "
        "holds. That is all that 'frozen' has to mean.",
        also_right=(_g_frozen,),
    ),
    Exercise(
        id="7.11",
        title="Sigmoid twice",
        kind="number",
        prompt="the loss of a perfect discriminator, in nats, when a sigmoid stands before it",
        points=3,
        difficulty=2,
        minutes=7,
        reference=round(TWICE, 4),
        tolerance=(0.01, 0.0),
        mistakes=(
            Mistake(
                0.0,
                "That is what a perfect discriminator reaches when the loss gets logits. Here it "
                "gets 1 and 0, and takes its own sigmoid of them.",
                when=lambda answer: abs(float(answer)) < 0.01,
            ),
            Mistake(
                1.386,
                "That is the loss of a discriminator that cannot tell at all. This one is perfect "
                "and yet hardly gets below it.",
            ),
            Mistake(
                0.3133,
                "That is the real images' share. The generated ones, with probability 0 read as "
                "logit 0, add theirs.",
            ),
            Mistake(
                0.6931,
                "That is the generated images' share: a logit of 0 is one half. The real ones, "
                "with logit 1, add theirs.",
            ),
            Mistake(
                0.6265,
                "You took the same share for both kinds. A real image arrives as logit 1, a "
                "generated one as logit 0, not -1.",
            ),
            Mistake(
                0.5032,
                "That is the average of the two shares; the loss of this course is their sum.",
            ),
        ),
        hints=(
            "Perfect means: probability 1 for every real image, 0 for every generated one. What "
            "does the loss do with these two numbers?",
            "It takes -log σ(1) for a real image and -log(1 - σ(0)) for a generated one; add them.",
        ),
        why="With probabilities read as logits, the second sigmoid never leaves [0.5, 0.73]. The "
        "loss seems stuck near 1, and the gradients shrink, though nothing raises an error.",
    ),
    Exercise(
        id="7.12",
        title="What accuracy says",
        kind="choice",
        prompt="run A has discriminator accuracy 0.50, run B 0.75: which makes better images?",
        points=2,
        difficulty=2,
        minutes=4,
        reference="d",
        choices={
            "a": "A: at one half the game is won, the images cannot be told from real ones",
            "b": "B: its discriminator is better, so it taught its generator better",
            "c": "Both are broken: a discriminator should be near 1.0",
            "d": "It cannot be said from these numbers",
        },
        mistakes=(
            Mistake(
                "a",
                "One half is also what a discriminator reaches that has learned nothing: coin "
                "tossing against pure noise. The next cell shows one.",
            ),
            Mistake(
                "b",
                "A better discriminator may just have an easier opponent: bad images are easy to "
                "tell.",
            ),
            Mistake(
                "c",
                "Near 1.0 the discriminator wins every time. That is a sign of trouble more often "
                "than of health, but it does not tell A from B.",
            ),
        ),
        hints=(
            "Accuracy is about two networks at once. What would each of them have to be for 0.50?",
            "Think of a discriminator whose weights are all 0.",
        ),
        why="Accuracy compares two moving opponents and says nothing of either alone. Quality "
        "needs a judge that stays the same: a fixed classifier, real held-out images, your eyes.",
    ),
    Exercise(
        id="7.13",
        title="What a checkpoint must hold",
        kind="choice",
        prompt="all that must be saved so that a resumed run gives the same weights",
        points=2,
        difficulty=2,
        minutes=5,
        reference={"a", "b", "c", "d"},
        choices={
            "a": "the weights of generator and discriminator",
            "b": "the optimizers' states",
            "c": "the place in the shuffled data, and the order that follows",
            "d": "the state of the random generator that draws the latents",
            "e": "the batch of images that was shown last",
            "f": "the gradients of the last step",
        },
        mistakes=(
            Mistake(
                {"a"},
                "That is what most people save. Adam then starts without its running averages, "
                "and the data and the noise start again from the beginning.",
            ),
            Mistake(
                {"a", "b"},
                "The networks go on rightly, but see other images and other noise than they would "
                "have: what decides those?",
            ),
            Mistake(
                {"a", "b", "c"},
                "The real images are the same again; the generated ones start from other noise.",
            ),
            Mistake(
                {"a", "b", "d"},
                "The noise is the same again, but the real images start a new pass: some come "
                "twice, others not at all.",
            ),
            Mistake(
                {"a", "c", "d"},
                "Adam remembers averages of past gradients for each weight; without them the next "
                "steps are different ones.",
            ),
            Mistake(
                {"a", "b", "c", "d", "e"},
                "One too many: the next step draws its own batch. It needs the place in the data, "
                "not the last images.",
            ),
            Mistake(
                {"a", "b", "c", "d", "f"},
                "One too many: the next step clears the gradients before it computes its own.",
            ),
            Mistake(
                {"a", "b", "c", "d", "e", "f"},
                "Two of these are not needed: what the next step clears or draws anew need not be "
                "kept.",
            ),
        ),
        hints=(
            "Go through the loop and ask of each line what it remembers from the step before.",
            "Two networks, two optimizers, one stream of images, one stream of noise. Gradients "
            "are cleared before they are used.",
        ),
        why="Everything that carries over from one step to the next is kept, and nothing else. "
        "The lesson's checkpoint adds the averaged generator, because it carries over too.",
    ),
    Exercise(
        id="7.14",
        title="Read the signs",
        kind="choice",
        prompt="losses 0.0002 and 9.6, shares fine, pictures stopped improving: what first?",
        points=2,
        difficulty=2,
        minutes=4,
        reference="b",
        choices={
            "a": "Train longer: a generator's loss of 9.6 has far to fall",
            "b": "Look for what gives the generated images away, then slow the discriminator down",
            "c": "Raise the learning rate of both, to get things moving",
            "d": "Nothing: a discriminator's loss near 0 is what training is for",
        },
        mistakes=(
            Mistake(
                "a",
                "The discriminator tells every image for certain, so what the generator hears is "
                "little and one-sided: more of the same keeps it there.",
            ),
            Mistake(
                "c",
                "A faster discriminator wins even more clearly; the imbalance is what needs "
                "mending.",
            ),
            Mistake(
                "d",
                "For a classifier it would be. Here it means that one player has stopped teaching "
                "the other.",
            ),
        ),
        hints=(
            "What would the two losses be if the discriminator could not tell? 1.386 and 0.693.",
            "A loss of 0.0002 means certain and right for all images. What could make that so "
            "easy?",
        ),
        why="A discriminator this sure has usually found something silly: a range, a blank "
        "border, a fixed gray level. Only if there is nothing of that kind is it simply too fast.",
    ),
    Exercise(
        id="7.15",
        title="How far back the average reaches",
        kind="number",
        prompt="after how many steps has a step's weight in the average (decay 0.998) halved?",
        points=2,
        difficulty=2,
        minutes=5,
        reference=round(HALF_LIFE),
        tolerance=(0.01, 0.0),
        mistakes=(
            Mistake(
                500,
                "1/(1 - 0.998) = 500 is the average age of what is in the average. A step has lost "
                "half its weight before that.",
            ),
            Mistake(
                250,
                "The weight does not fall along a straight line to 0 at 500 steps: it is "
                "multiplied by 0.998 each time.",
            ),
            Mistake(
                150,
                "That is with the logarithm of base 10 on one side and the natural one on the "
                "other: take the same base for both.",
            ),
            Mistake(
                -346,
                "The number is right, the sign is not: both logarithms are negative, and their "
                "ratio is positive.",
            ),
            Mistake(
                0.5,
                "A number of steps was asked for.",
            ),
        ),
        hints=(
            "Each step multiplies all older weights by 0.998. How often until one half is left?",
            "Solve 0.998ⁿ = ½ by taking logarithms of both sides.",
        ),
        why="0.998 to the power of 346 is one half. The average thus covers the last few hundred "
        "steps, and the noise of the early thousands is long gone.",
    ),
]
