"""Exercises for the tests: one of each kind, ids of lesson 99, which does not exist."""

import math

import torch
from torch import nn

from aigc_edu.exercises import Case, Exercise, Mistake

# ------------------------------------------------------------------ a function, with gradient


def _kl(mean, log_variance):
    share = mean**2 + log_variance.exp() - 1 - log_variance
    return 0.5 * share.sum(1)


def _kl_cases(generator):
    def normal(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype)

    return [
        Case("ordinary", (normal(5, 3), normal(5, 3)), weight=2),
        Case("batch of one", (normal(1, 4), normal(1, 4))),
        Case("large values", (30 * normal(3, 2), 5 * normal(3, 2))),
        Case("float64", (normal(4, 6, dtype=torch.float64), normal(4, 6, dtype=torch.float64))),
    ]


def _kl_sigma(mean, log_variance):
    return 0.5 * (mean**2 + (log_variance / 2).exp() - 1 - log_variance).sum(1)


def _kl_mean(mean, log_variance):
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean(1)


def _kl_also(mean, log_variance):
    q = torch.distributions.Normal(mean, (log_variance / 2).exp())
    p = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    return torch.distributions.kl_divergence(q, p).sum(1)


# ------------------------------------------------------------------------- a module, by class


class _Linear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return x @ self.weight.T + self.bias


def _linear_run(answer, x, weight):
    layer = answer(x.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.fill_(1.0)
    return {"output": layer(x), "parameters": sorted(n for n, _ in layer.named_parameters())}


def _linear_cases(generator):
    return [
        Case("ordinary", (torch.randn(4, 3, generator=generator), torch.full((2, 3), 0.5))),
        Case("batch of one", (torch.randn(1, 5, generator=generator), torch.ones(3, 5))),
    ]


class _NoBias(_Linear):
    def forward(self, x):
        return x @ self.weight.T


class _Frozen(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = torch.zeros(outputs, inputs)
        self.bias = torch.zeros(outputs)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class _Functional(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))

    def forward(self, x):
        return nn.functional.linear(x, self.weight, self.bias)


# ------------------------------------------------------------------------- a function that samples


def _noisy(x, generator):
    return x + torch.randn(x.shape, generator=generator, dtype=x.dtype)


def _noisy_cases(generator):
    return [
        Case("ordinary", (torch.rand(3, 4, generator=generator), torch.Generator().manual_seed(7))),
        Case("one number", (torch.rand(1, generator=generator), torch.Generator().manual_seed(8))),
        Case("no generator", (torch.rand(2, generator=generator),), {"generator": None}),
    ]


EXERCISES = [
    Exercise(
        id="99.1",
        title="KL to the standard normal",
        kind="function",
        prompt="kl(mean, log_variance) → (batch,), in nats",
        points=3,
        difficulty=2,
        minutes=10,
        reference=_kl,
        cases=_kl_cases,
        gradient=True,
        mistakes=(
            Mistake(_kl_sigma, "This is what you get with σ where σ² belongs."),
            Mistake(_kl_mean, "You averaged over the latent dimensions; a KL is their sum."),
        ),
        hints=(
            "The dimensions are independent: what happens to a KL then?",
            "One dimension gives ½(μ² + σ² − 1 − log σ²).",
        ),
        why="Each dimension adds its own share. It is zero exactly where μ = 0 and σ = 1.",
        also_right=(_kl_also,),
    ),
    Exercise(
        id="99.2",
        title="A linear layer",
        kind="class",
        prompt="Linear(inputs, outputs), an nn.Module with weight and bias",
        points=2,
        difficulty=1,
        minutes=5,
        reference=_Linear,
        run=_linear_run,
        cases=_linear_cases,
        mistakes=(
            Mistake(_NoBias, "The bias is made but never added."),
            Mistake(_Frozen, "The weights are plain tensors: wrap them in nn.Parameter."),
        ),
        hints=("What must an optimizer be able to find?", "Multiply by the transposed weight."),
        why="A parameter is a tensor that the module lists. The optimizer walks that list.",
        also_right=(_Functional,),
    ),
    Exercise(
        id="99.3",
        title="The loss at equilibrium",
        kind="number",
        prompt="The discriminator's loss where D is one half everywhere, in nats",
        points=1,
        difficulty=1,
        minutes=2,
        reference=2 * math.log(2),
        mistakes=(
            Mistake(2.0, "That is in bits; nats belong here."),
            Mistake(math.log(2), "That is one of the two terms."),
        ),
        hints=("D is ½ for real and for fake.", "Twice the logarithm of two."),
        why="Both terms are log 2. Their sum is log 4.",
    ),
    Exercise(
        id="99.4",
        title="What happens to the KL",
        kind="prediction",
        prompt="β grows: the KL ...",
        points=1,
        difficulty=1,
        minutes=2,
        reference="b",
        choices={"a": "grows", "b": "shrinks", "c": "stays"},
        mistakes=(
            Mistake("a", "A dearer term is not used more."),
            Mistake("c", "β weighs exactly this term."),
        ),
        hints=("What does a weight do?", "A dearer thing is bought less."),
        why="It costs more. So there is less of it.",
    ),
    Exercise(
        id="99.5",
        title="Which are bounds",
        kind="choice",
        prompt="Which are lower bounds of log p(x)?",
        points=1,
        difficulty=2,
        minutes=3,
        reference={"a", "c"},
        choices={"a": "ELBO", "b": "the sum", "c": "IWAE"},
        mistakes=(
            Mistake({"a"}, "The importance-weighted one is a bound too."),
            Mistake({"a", "b", "c"}, "The sum bounds nothing."),
        ),
        hints=("Think of Jensen.", "Two of the three."),
        why="Both are Jensen's. One has more samples.",
        also_right=("a, c", ["c", "a"], "A C"),
    ),
    Exercise(
        id="99.6",
        title="In your words",
        kind="text",
        prompt="Why does a flipped 7 teach a lie?",
        points=2,
        difficulty=2,
        minutes=5,
        reference="A mirrored seven is no digit that anyone writes, and so the model would learn "
        "a shape that the data never has.",
        minimum_words=8,
        mistakes=(
            Mistake(
                "It is fine because every digit looks the same in a mirror.",
                "Look at a 7 in a mirror.",
                when=lambda text: "fine" in text,
            ),
            Mistake("Too short.", "Too short to say it.", when=lambda text: len(text) < 12),
        ),
        hints=("Draw it.", "Which digits survive a mirror?"),
        why="Augmentation must keep the meaning. A mirror does not.",
    ),
    Exercise(
        id="99.7",
        title="Add noise",
        kind="function",
        prompt="noisy(x, generator) → like x",
        points=1,
        difficulty=1,
        minutes=3,
        reference=_noisy,
        cases=_noisy_cases,
        mistakes=(
            Mistake(
                lambda x, generator: x + torch.rand(x.shape, generator=generator),
                "This noise is uniform; it should be normal.",
            ),
            Mistake(
                lambda x, generator: torch.randn(x.shape, generator=generator),
                "You return the noise alone.",
            ),
        ),
        hints=("Which function draws normal numbers?", "The shape is x's."),
        why="The generator decides. So it repeats.",
        also_right=(lambda x, generator: x + torch.empty_like(x).normal_(generator=generator),),
    ),
]
