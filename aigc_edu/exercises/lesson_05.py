"""Exercises of lesson 05: training a variational autoencoder."""

import copy
import io
import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.objectives import bernoulli_log_likelihood, elbo, kl_to_standard_normal

Model = Any  # what encodes and decodes; built inside run


def _normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype)


# ------------------------------------------------------------------- 5.2 the loss of a step


def vae_loss(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float = 1.0
) -> Tensor:
    """What a training step minimizes: minus the ELBO, averaged over the batch."""
    return -elbo(logits, x, mean, log_variance, beta).mean()


def _loss_cases(generator: torch.Generator) -> list[Case]:
    def four(
        batch: int, *image: int, latents: int, size: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return (
            size * _normal(generator, batch, *image, dtype=dtype),
            torch.rand((batch, *image), generator=generator, dtype=dtype),
            _normal(generator, batch, latents, dtype=dtype),
            _normal(generator, batch, latents, dtype=dtype),
        )

    return [
        Case("ordinary", (*four(5, 1, 4, 3, latents=2), 1.7), weight=2),
        Case("beta of one", (*four(4, 1, 3, 5, latents=6), 1.0)),
        Case("batch of one", (*four(1, 1, 2, 5, latents=3), 0.3)),
        Case("logits in the hundreds", (*four(3, 1, 5, 2, latents=2, size=200.0), 2.0)),
        Case("float64", (*four(6, 1, 3, 4, latents=5, dtype=torch.float64), 0.5)),
    ]


def _loss_sum_over_batch(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    return -elbo(logits, x, mean, log_variance, beta).sum()


def _loss_pixel_mean(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    error = F.binary_cross_entropy_with_logits(logits, x)
    return error + beta * kl_to_standard_normal(mean, log_variance).mean()


def _loss_kl_latent_mean(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    kl = kl_to_standard_normal(mean, log_variance) / mean.shape[1]
    return (beta * kl - bernoulli_log_likelihood(logits, x)).mean()


def _loss_all_means(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    kl = kl_to_standard_normal(mean, log_variance) / mean.shape[1]
    return F.binary_cross_entropy_with_logits(logits, x) + beta * kl.mean()


def _loss_is_elbo(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    return elbo(logits, x, mean, log_variance, beta).mean()


def _loss_kl_rewarded(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    return -elbo(logits, x, mean, log_variance, -beta).mean()


def _loss_two_sigmoids(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    return -elbo(torch.sigmoid(logits), x, mean, log_variance, beta).mean()


def _loss_beta_on_both(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    return -beta * elbo(logits, x, mean, log_variance).mean()


def _loss_beta_twice(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    return -elbo(logits, x, mean, log_variance, beta * beta).mean()


def _loss_without_beta(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    return -elbo(logits, x, mean, log_variance).mean()


def _loss_squares(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    error = (torch.sigmoid(logits) - x).square().flatten(1).sum(1)  # (batch,)
    return (error + beta * kl_to_standard_normal(mean, log_variance)).mean()


def _loss_log_of_sigmoid(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    p = torch.sigmoid(logits)
    likelihood = (x * p.log() + (1 - x) * (1 - p).log()).flatten(1).sum(1)  # (batch,)
    return (beta * kl_to_standard_normal(mean, log_variance) - likelihood).mean()


def _loss_of_probabilities(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    return _loss_sum_of_probabilities(logits, x, mean, log_variance, beta) / len(x)


def _loss_sum_of_probabilities(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    error = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
    return error + beta * kl_to_standard_normal(mean, log_variance).sum()


def _loss_by_torch(
    logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor, beta: float
) -> Tensor:
    error = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
    return (error + beta * kl) / len(x)


# -------------------------------------------------------------- 5.3 samples from the prior


def sample(model: Model, count: int, generator: torch.Generator) -> Tensor:
    """New images, gray levels in [0, 1]: latents from the prior, decoded."""
    where = next(model.parameters()).device
    latent = torch.randn(count, model.latent_size, generator=generator).to(where)
    return torch.sigmoid(model.decode(latent))  # (count, 1, 28, 28)


def _run_sample(answer: Any, weight: Tensor, count: int, generator: torch.Generator) -> Any:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.latent_size = weight.shape[0]
            self.weight = nn.Parameter(weight, requires_grad=False)

        def encode(self, x: torch.Tensor) -> Any:
            mean = x.flatten(1) @ self.weight.T / 10
            return mean, -1 - mean.square()

        def decode(self, latent: torch.Tensor) -> Any:
            return (latent @ self.weight).reshape(-1, 1, 28, 28)

        def forward(self, x: torch.Tensor, generator: Any = None) -> Any:
            mean, log_variance = self.encode(x)
            noise = torch.randn(mean.shape, generator=generator)
            return self.decode(mean + (0.5 * log_variance).exp() * noise), mean, log_variance

    return answer(Model(), count, generator)


def _sample_cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, latents: int, count: int, seed: int, weight: float = 1.0) -> Case:
        decoder = 2 * _normal(generator, latents, 784)
        return Case(name, (decoder, count, torch.Generator().manual_seed(seed)), weight=weight)

    return [
        case("ordinary", 3, 5, 7, weight=2),
        case("one image", 6, 1, 11),
        case("more latents than images", 20, 2, 3),
    ]


def _sample_logits(model: Model, count: int, generator: torch.Generator) -> Tensor:
    latent = torch.randn(count, model.latent_size, generator=generator)
    logits: Tensor = model.decode(latent)
    return logits


def _sample_uniform(model: Model, count: int, generator: torch.Generator) -> Tensor:
    latent = torch.rand(count, model.latent_size, generator=generator)
    return torch.sigmoid(model.decode(latent))


def _sample_posterior(model: Model, count: int, generator: torch.Generator) -> Tensor:
    noise_images = torch.rand(count, 1, 28, 28, generator=generator)
    logits, _, _ = model(noise_images, generator)
    return torch.sigmoid(logits)


def _sample_pixels_too(model: Model, count: int, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(sample(model, count, generator), generator=generator)


def _sample_prior_mean(model: Model, count: int, generator: torch.Generator) -> Tensor:
    return torch.sigmoid(model.decode(torch.zeros(count, model.latent_size)))


def _sample_clamped(model: Model, count: int, generator: torch.Generator) -> Tensor:
    return _sample_logits(model, count, generator).clamp(0, 1)


def _sample_one_for_all(model: Model, count: int, generator: torch.Generator) -> Tensor:
    latent = torch.randn(1, model.latent_size, generator=generator)
    return torch.sigmoid(model.decode(latent.expand(count, -1)))


def _sample_global(model: Model, count: int, generator: torch.Generator) -> Tensor:
    return torch.sigmoid(model.decode(torch.randn(count, model.latent_size)))


def _sample_by_hand(model: Model, count: int, generator: torch.Generator) -> Tensor:
    latent = torch.empty(count, model.latent_size).normal_(generator=generator)
    logits = model.decode(latent)
    images: Tensor = 1 / (1 + (-logits).exp())
    return images


# ------------------------------------------------------------------- 5.4 KL of each latent


def kl_per_latent(mean: Tensor, log_variance: Tensor) -> Tensor:
    """The KL of each latent, averaged over the batch: (batch, latents) -> (latents,)."""
    return (0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)).mean(0)


def _moments_cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        return (
            _normal(generator, *shape, dtype=dtype),
            _normal(generator, *shape, dtype=dtype),
        )

    mean, log_variance = pair(4, 3)
    silent = torch.tensor([1.0, 0.0, 1.0])
    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("more latents than examples", pair(2, 6)),
        Case("batch of one", pair(1, 4)),
        Case("one latent", pair(6, 1)),
        Case("a silent latent", (mean * silent, log_variance * silent)),
        Case("float64", pair(7, 4, dtype=torch.float64)),
    ]


def _share(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)


def _per_example(mean: Tensor, log_variance: Tensor) -> Tensor:
    return _share(mean, log_variance).sum(1)


def _per_latent_summed(mean: Tensor, log_variance: Tensor) -> Tensor:
    return _share(mean, log_variance).sum(0)


def _per_nothing(mean: Tensor, log_variance: Tensor) -> Tensor:
    return _share(mean, log_variance).sum(1).mean()


def _per_latent_of_average(mean: Tensor, log_variance: Tensor) -> Tensor:
    return _share(mean.mean(0), log_variance.mean(0))


def _per_latent_without_half(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 2 * _share(mean, log_variance).mean(0)


def _per_latent_sigma(mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (mean**2 + (0.5 * log_variance).exp() - 1 - log_variance).mean(0)


def _per_latent_activity(mean: Tensor, log_variance: Tensor) -> Tensor:
    return mean.var(0, unbiased=False)


def _per_latent_by_torch(mean: Tensor, log_variance: Tensor) -> Tensor:
    from torch.distributions import Normal, kl_divergence

    q = Normal(mean, (0.5 * log_variance).exp())
    p = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    divergence: Tensor = kl_divergence(q, p)
    return divergence.mean(0)


# ---------------------------------------------------------------- 5.5 along the great circle


def slerp(start: Tensor, end: Tensor, count: int) -> Tensor:
    """Codes from start to end at equal angles: (latents,), (latents,) -> (count, latents)."""
    time = torch.linspace(0, 1, count, dtype=start.dtype, device=start.device)[:, None]
    cosine = torch.dot(start, end) / (start.norm() * end.norm())
    angle = torch.acos(cosine)
    toward_start = torch.sin((1 - time) * angle)  # (count, 1)
    toward_end = torch.sin(time * angle)
    return (toward_start * start + toward_end * end) / torch.sin(angle)


def _slerp_cases(generator: torch.Generator) -> list[Case]:
    def ends(latents: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        # Rotations of a right angle: never so near to parallel that digits are lost.
        basis = torch.linalg.qr(_normal(generator, latents, 2, dtype=torch.float64)).Q
        angle = 0.8 + 0.5 * torch.rand((), generator=generator, dtype=torch.float64)
        lengths = 1.5 + torch.rand(2, generator=generator, dtype=torch.float64)
        start = lengths[0] * basis[:, 0]
        end = lengths[1] * (angle.cos() * basis[:, 0] + angle.sin() * basis[:, 1])
        return start.to(dtype), end.to(dtype)

    start, end = ends(8)
    across, opposite = ends(5)
    return [
        Case("ordinary", (*ends(6), 5), weight=2),
        Case("two images: only the ends", (start, end, 2)),
        Case("an obtuse angle", (across, -opposite, 4)),
        Case("many latents", (*ends(40), 9)),
        # Times in single precision are exact enough.
        Case("float64", (*ends(3, torch.float64), 7), tolerance=(1e-5, 1e-6)),
    ]


def _lerp(start: Tensor, end: Tensor, count: int) -> Tensor:
    time = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    return (1 - time) * start + time * end


def _slerp_with(start: Tensor, end: Tensor, time: Tensor, angle: Tensor) -> Tensor:
    time = time[:, None]
    return (torch.sin((1 - time) * angle) * start + torch.sin(time * angle) * end) / angle.sin()


def _angle(start: Tensor, end: Tensor) -> Tensor:
    return torch.acos(torch.dot(start / start.norm(), end / end.norm()))


def _slerp_raw_angle(start: Tensor, end: Tensor, count: int) -> Tensor:
    angle = torch.acos(torch.dot(start, end))
    return _slerp_with(start, end, torch.linspace(0, 1, count, dtype=start.dtype), angle)


def _slerp_backwards(start: Tensor, end: Tensor, count: int) -> Tensor:
    return slerp(end, start, count)


def _slerp_undivided(start: Tensor, end: Tensor, count: int) -> Tensor:
    return slerp(start, end, count) * torch.sin(_angle(start, end))


def _slerp_unit(start: Tensor, end: Tensor, count: int) -> Tensor:
    return slerp(start / start.norm(), end / end.norm(), count)


def _slerp_without_ends(start: Tensor, end: Tensor, count: int) -> Tensor:
    time = torch.linspace(0, 1, count + 2, dtype=start.dtype)[1:-1]
    return _slerp_with(start, end, time, _angle(start, end))


def _slerp_without_last(start: Tensor, end: Tensor, count: int) -> Tensor:
    time = torch.arange(count, dtype=start.dtype) / count
    return _slerp_with(start, end, time, _angle(start, end))


def _slerp_by_rotation(start: Tensor, end: Tensor, count: int) -> Tensor:
    """Turn in the plane of the two codes, as the exercise is solved in a second way."""
    one = start / start.norm()
    rest = end - torch.dot(end, one) * one
    other = rest / rest.norm()
    angle = torch.atan2(torch.dot(end, other), torch.dot(end, one))
    time = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    start_weight = torch.sin((1 - time) * angle) / torch.sin(angle) * start.norm()
    end_weight = torch.sin(time * angle) / torch.sin(angle) * end.norm()
    toward = torch.cos(angle) * one + torch.sin(angle) * other
    path: Tensor = start_weight * one + end_weight * toward
    return path


# --------------------------------------------------------------------- 5.6 early stopping


def stop_at(values: list[float], patience: int) -> tuple[int, int]:
    """Where training stops and which measurement was best until then (positions from 0)."""
    best = 0
    for now, value in enumerate(values):
        if value > values[best]:
            best = now
        elif now - best >= patience:
            return now, best
    return len(values) - 1, best


def _stop_cases(generator: torch.Generator) -> list[Case]:
    def trembling(*values: float) -> list[float]:
        shift = torch.rand((), generator=generator).item() / 8
        return [value + shift for value in values]

    def noisy(count: int, noise: float) -> list[float]:
        steps = noise * torch.randn(count, generator=generator, dtype=torch.float64)
        rise = -100 - 40 * torch.exp(-torch.arange(count) / 6)
        values: list[float] = (rise + steps).tolist()
        return values

    return [
        Case(
            "ordinary",
            (trembling(-120, -112, -108, -109, -107.5, -108, -107.8, -107.9, -106, -107), 3),
            weight=2,
        ),
        Case("a plateau", (trembling(-110, -105, -105, -105, -105, -104), 3)),
        Case("never worse", (trembling(-120, -110, -105, -103), 2)),
        Case("patience of one", (trembling(-110, -105, -106, -101), 1)),
        Case("never better", (trembling(-100, -104, -103, -107, -106), 3)),
        Case("long and noisy", (noisy(60, 1.0), 4)),
        Case("longer and noisier", (noisy(90, 2.0), 6)),
    ]


def _stop_for_a_loss(values: list[float], patience: int) -> tuple[int, int]:
    return stop_at([-value for value in values], patience)


def _stop_against_previous(values: list[float], patience: int) -> tuple[int, int]:
    worse = 0
    for now in range(1, len(values)):
        worse = worse + 1 if values[now] <= values[now - 1] else 0
        if worse >= patience:
            return now, max(range(now + 1), key=values.__getitem__)
    return len(values) - 1, max(range(len(values)), key=values.__getitem__)


def _stop_never_reset(values: list[float], patience: int) -> tuple[int, int]:
    best, worse = 0, 0
    for now in range(1, len(values)):
        if values[now] > values[best]:
            best = now
        else:
            worse += 1
        if worse >= patience:
            return now, best
    return len(values) - 1, best


def _stop_one_late(values: list[float], patience: int) -> tuple[int, int]:
    return stop_at(values, patience + 1)


def _stop_ties_count(values: list[float], patience: int) -> tuple[int, int]:
    best = 0
    for now, value in enumerate(values):
        if value >= values[best]:
            best = now
        elif now - best >= patience:
            return now, best
    return len(values) - 1, best


def _stop_looks_ahead(values: list[float], patience: int) -> tuple[int, int]:
    return stop_at(values, patience)[0], max(range(len(values)), key=values.__getitem__)


def _stop_keeps_the_last(values: list[float], patience: int) -> tuple[int, int]:
    stop, _ = stop_at(values, patience)
    return stop, stop


def _stop_first_disappoints(values: list[float], patience: int) -> tuple[int, int]:
    best, waited = 0, 0
    for now, value in enumerate(values):
        if value > values[best]:
            best, waited = now, 0
        else:
            waited += 1
        if waited >= patience:
            return now, best
    return len(values) - 1, best


def _stop_with_counter(values: list[float], patience: int) -> tuple[int, int]:
    highest, best, waited, now = -math.inf, 0, 0, 0
    for now, value in enumerate(values):
        if value > highest:
            highest, best, waited = value, now, 0
        else:
            waited += 1
        if waited == patience:
            break
    return now, best


# ------------------------------------------------------------------------ 5.7 a snapshot


def snapshot(
    model: nn.Module, optimizer: torch.optim.Optimizer, generator: torch.Generator
) -> dict[str, Any]:
    """All that training needs to go on as if it had never stopped."""
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "generator": generator.get_state(),
    }


def _run_snapshot(answer: Any, weight: Tensor, data: Tensor, kind: str, seed: int) -> Any:
    def build() -> Any:
        model = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            model.weight.copy_(weight)
            model.bias.zero_()
        if kind == "Adam":
            return model, torch.optim.Adam(model.parameters(), lr=0.05)
        return model, torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)

    def train(model: Any, optimizer: Any, generator: torch.Generator, steps: int) -> None:
        for _ in range(steps):
            noise = torch.randn(data.shape, generator=generator)
            loss = (model(data + noise) - 1).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    model, optimizer = build()
    generator = torch.Generator().manual_seed(seed)
    train(model, optimizer, generator, 5)
    kept = answer(model, optimizer, generator)
    train(model, optimizer, generator, 4)  # the first run goes on: what was kept must not move

    # Another day: everything new, and then what was kept is put back.
    again, optimizer_again = build()
    generator_again = torch.Generator().manual_seed(0)
    if "model" in kept:
        again.load_state_dict(kept["model"])
    if "optimizer" in kept:
        optimizer_again.load_state_dict(kept["optimizer"])
    if "generator" in kept:
        state = kept["generator"]
        generator_again.set_state(state.get_state() if hasattr(state, "get_state") else state)
    train(again, optimizer_again, generator_again, 4)
    return {
        "the run that never stopped": model.weight.detach(),
        "the resumed run": again.weight.detach(),
    }


def _snapshot_cases(generator: torch.Generator) -> list[Case]:
    def pair(rows: int, columns: int, count: int) -> tuple[Tensor, Tensor]:
        return _normal(generator, rows, columns), _normal(generator, count, columns)

    return [
        Case("ordinary", (*pair(3, 2, 6), "Adam", 7), weight=2),
        Case("another size and seed", (*pair(2, 5, 4), "Adam", 11)),
        Case("SGD with momentum", (*pair(4, 3, 5), "SGD", 3)),
    ]


def _snapshot_only_model(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    return {"model": copy.deepcopy(model.state_dict())}


def _snapshot_without_optimizer(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    kept = snapshot(model, optimizer, generator)
    del kept["optimizer"]
    return kept


def _snapshot_without_generator(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    kept = snapshot(model, optimizer, generator)
    del kept["generator"]
    return kept


def _snapshot_not_copied(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
    }


def _snapshot_optimizer_not_copied(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    return {**snapshot(model, optimizer, generator), "optimizer": optimizer.state_dict()}


def _snapshot_seed(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    anew = torch.Generator().manual_seed(generator.initial_seed())
    return {**snapshot(model, optimizer, generator), "generator": anew.get_state()}


def _snapshot_generator_itself(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    return {**snapshot(model, optimizer, generator), "generator": generator}


def _snapshot_by_file(model: Any, optimizer: Any, generator: Any) -> dict[str, Any]:
    file = io.BytesIO()
    states = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**states, "generator": generator.get_state()}, file)
    file.seek(0)
    kept: dict[str, Any] = torch.load(file, weights_only=True)
    return kept


EXERCISES = [
    Exercise(
        id="5.1",
        title="Predict: a KL that counts four times",
        kind="prediction",
        prompt="One letter: what changes when β goes from 1 to 4?",
        reference="b",
        choices={
            "a": "rebuilt images get sharper and the KL falls: a tidy code is a good code",
            "b": "rebuilt images get blurrier and the KL falls: less is said about each image",
            "c": "rebuilt images get blurrier and the KL grows: it has more weight",
            "d": "nothing much: the best networks are the same, only the loss is larger",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "a",
                "The decoder knows of the image only what the code says. If a smaller KL is "
                "bought, can the decoder then know more?",
            ),
            Mistake(
                "c",
                "Training makes the loss small. What happens to a thing whose price is raised?",
            ),
            Mistake(
                "d",
                "Multiplying the whole loss would change nothing. Here one term is multiplied and "
                "the other is not, so the best balance between them moves.",
            ),
        ),
        hints=(
            "The KL is a price, in nats, for what the code says about its image.",
            "With a higher price less is bought. What does the decoder then have to work with?",
        ),
        why="The KL is the price of information, and a fourfold price makes the encoder say less, "
        "so the decoder must guess more. What the images lose, the prior gains: codes of real "
        "images then lie closer to where the prior draws.",
    ),
    Exercise(
        id="5.2",
        title="The loss of a training step",
        kind="function",
        prompt="vae_loss(logits, x, mean, log_variance, beta) → one number with a gradient",
        points=3,
        difficulty=2,
        minutes=10,
        reference=vae_loss,
        cases=_loss_cases,
        gradient=True,
        mistakes=(
            Mistake(
                _loss_sum_over_batch,
                "You summed over the batch too: the loss, and every gradient, then grows with the "
                "number of images in a step.",
            ),
            Mistake(
                _loss_pixel_mean,
                "The reconstruction is averaged over the pixels, the KL is not. By lesson 04 this "
                "makes the KL weigh as many times more as there are pixels, and latents fall "
                "silent.",
            ),
            Mistake(
                _loss_kl_latent_mean,
                "The KL is averaged over the latents, but the price of a code is the sum over all "
                "of them.",
            ),
            Mistake(
                _loss_all_means,
                "Everything is averaged: over pixels here and over latents there. The two numbers "
                "of elements differ, so this is the ELBO with another β. Sum within an example.",
            ),
            Mistake(
                _loss_is_elbo,
                "This is the ELBO itself. An optimizer makes its number small, and would make the "
                "images as unlikely as it can.",
            ),
            Mistake(
                _loss_kl_rewarded,
                "The KL has the wrong sign: the loss falls when the code moves away from the "
                "prior, without end.",
            ),
            Mistake(
                _loss_two_sigmoids,
                "A sigmoid was applied twice: a function that takes logits must get logits, not "
                "probabilities.",
            ),
            Mistake(
                _loss_beta_on_both,
                "β multiplies the whole loss, so it changes nothing but the step size. It belongs "
                "to the KL alone.",
            ),
            Mistake(
                _loss_beta_twice,
                "β is in it twice: you multiplied a KL that had been multiplied already.",
            ),
            Mistake(
                _loss_without_beta,
                "β is ignored: with any β other than 1 this is another loss.",
            ),
            Mistake(
                _loss_squares,
                "These are squared errors, which belong to a Gaussian decoder (here with variance "
                "½). Our pixels are Bernoulli: use their log-likelihood.",
            ),
            Mistake(
                _loss_log_of_sigmoid,
                "The formula is right and the arithmetic is not: in float32 the sigmoid of 20 is "
                "exactly 1, and log(1 − 1) is −inf. Work with the logits.",
            ),
            Mistake(
                _loss_of_probabilities,
                "Right for small logits. For large ones F.binary_cross_entropy, which takes "
                "probabilities, cuts every logarithm at −100; the version for logits does not.",
            ),
            Mistake(
                _loss_sum_of_probabilities,
                "You summed over the batch too, so the loss grows with the number of images in a "
                "step. And for large logits the probabilities have lost their last digits: work "
                "with the logits.",
            ),
        ),
        hints=(
            "First one number an example: the log-likelihood summed over pixels, minus β times "
            "the KL summed over latents.",
            "bernoulli_log_likelihood and kl_to_standard_normal each give (batch,). What must "
            "happen to the batch, and to the sign?",
            "Average over the batch, and turn the sign: the optimizer goes down, the ELBO should "
            "go up.",
        ),
        why="Summed within an example, averaged over the batch: then the loss is in nats an image, "
        "whatever the batch size, and can be compared with other people's. The step size means "
        "the same for every batch size, too.",
        also_right=(_loss_by_torch,),
    ),
    Exercise(
        id="5.3",
        title="Images that never were",
        kind="function",
        prompt="sample(model, count, generator) → images (count, 1, 28, 28) in [0, 1]",
        points=2,
        difficulty=1,
        minutes=6,
        reference=sample,
        cases=_sample_cases,
        run=_run_sample,
        mistakes=(
            Mistake(
                _sample_logits,
                "These are logits, of any sign and size. The sigmoid that makes gray levels is "
                "missing.",
            ),
            Mistake(
                _sample_uniform,
                "The latents are uniform between 0 and 1 (torch.rand). The prior is the standard "
                "normal, and half of it is negative.",
            ),
            Mistake(
                _sample_posterior,
                "You put noise images through the encoder. These codes come from q(z|x) of "
                "something that is no digit; a sample starts at the prior and needs no encoder.",
            ),
            Mistake(
                _sample_pixels_too,
                "You went one step further and drew each pixel black or white. That is a draw from "
                "p(x|z) and no mistake of thought; asked here is the mean image.",
            ),
            Mistake(
                _sample_prior_mean,
                "All latents are zero: that is the middle of the prior, and one and the same image "
                "each time.",
            ),
            Mistake(
                _sample_clamped,
                "Cutting logits to [0, 1] is not the sigmoid: a logit of 0 means a gray level of "
                "one half.",
            ),
            Mistake(
                _sample_one_for_all,
                "One latent serves for all images: each image needs a draw of its own.",
            ),
            Mistake(
                _sample_global,
                "You drew from PyTorch's global generator. Hand the one you were given to "
                "torch.randn, so that the same seed gives the same images.",
            ),
        ),
        hints=(
            "Two steps: draw codes, decode them. The encoder has no part in it.",
            "The prior is N(0, I): torch.randn with the generator, of shape (count, latents).",
            "The decoder gives logits; a sigmoid turns them into gray levels.",
        ),
        why="A VAE is sampled as its formula is read: z from the prior, then x from p(x|z). The "
        "mean image is shown, because single black and white pixels would only add speckle.",
        also_right=(_sample_by_hand,),
    ),
    Exercise(
        id="5.4",
        title="What each latent says",
        kind="function",
        prompt="kl_per_latent(mean, log_variance) → (latents,), in nats, averaged over the batch",
        points=2,
        difficulty=1,
        minutes=6,
        reference=kl_per_latent,
        cases=_moments_cases,
        mistakes=(
            Mistake(
                _per_example,
                "This is one value an example: you summed over the latents (dimension 1). They are "
                "to stay, and the batch is to go.",
            ),
            Mistake(
                _per_latent_summed,
                "Summed over the batch, it grows with the number of images. Take the average.",
            ),
            Mistake(
                _per_nothing,
                "This is the KL of the whole code, one number. It is the sum of what is asked.",
            ),
            Mistake(
                _per_latent_of_average,
                "You averaged the means and log-variances first. A latent whose mean is +2 for one "
                "image and −2 for another says much, and would count as silent.",
            ),
            Mistake(
                _per_latent_without_half,
                "Twice too large: the ½ of the formula is lost.",
            ),
            Mistake(
                _per_latent_sigma,
                "This is what you get with σ where σ² belongs.",
            ),
            Mistake(
                _per_latent_activity,
                "This is how much the means vary over the images, another measure of activity. "
                "Asked is the KL, in nats.",
            ),
        ),
        hints=(
            "One latent of one image costs ½(μ² + σ² − 1 − log σ²); σ² is exp(log_variance).",
            "Compute that for the whole (batch, latents) table. Which dimension is then averaged?",
            "The first one, the batch. Nothing is summed.",
        ),
        why="The KL of independent latents is a sum, so it can be read latent by latent. One whose "
        "share is near zero has q equal to the prior for every image: the decoder hears noise "
        "there and learns to ignore it.",
        also_right=(_per_latent_by_torch,),
    ),
    Exercise(
        id="5.5",
        title="A path that keeps its distance",
        kind="function",
        prompt="slerp(start, end, count) → codes (count, latents), at equal angles",
        points=3,
        difficulty=2,
        minutes=12,
        reference=slerp,
        cases=_slerp_cases,
        mistakes=(
            Mistake(
                _lerp,
                "This is the straight line. It cuts through the inside of the sphere.",
            ),
            Mistake(
                _slerp_raw_angle,
                "The angle is wrong: the dot product is the cosine only for codes of length 1, so "
                "divide by both lengths first.",
            ),
            Mistake(
                _slerp_backwards,
                "The path runs from the end to the start.",
            ),
            Mistake(
                _slerp_undivided,
                "The division by the sine of the angle is missing: your path does not begin at "
                "start.",
            ),
            Mistake(
                _slerp_unit,
                "The codes were shrunk to length 1 and stayed so. Lengths are only needed for the "
                "angle; the path goes from start itself to end itself.",
            ),
            Mistake(
                _slerp_without_ends,
                "The ends are missing: the first code is start, the last is end.",
            ),
            Mistake(
                _slerp_without_last,
                "The path stops one piece before the end: count codes make count − 1 pieces.",
            ),
        ),
        hints=(
            "The angle ω: its cosine is the dot product of the two codes divided by both lengths.",
            "torch.linspace(0, 1, count) gives the times; with [:, None] they become a column.",
            "Weight of start: sin((1 − t)ω)/sin ω. Weight of end: sin(tω)/sin ω. Add the two.",
        ),
        why="At t = 0 and t = 1 one weight is 1 and the other 0, and for codes of one length every "
        "code in between has that length too. So the path stays where the prior has its mass, "
        "which in many dimensions is a thin shell.",
        also_right=(_slerp_by_rotation,),
    ),
    Exercise(
        id="5.6",
        title="When to stop",
        kind="function",
        prompt="stop_at(values, patience) → (stop, best), two positions counted from 0",
        points=3,
        difficulty=2,
        minutes=10,
        reference=stop_at,
        cases=_stop_cases,
        mistakes=(
            Mistake(
                _stop_for_a_loss,
                "You kept the smallest value. An ELBO is better when it is larger: −100 beats "
                "−120.",
            ),
            Mistake(
                _stop_against_previous,
                "You compare each value with the one before it. Small ups and downs then reset the "
                "count; compare with the best so far.",
            ),
            Mistake(
                _stop_never_reset,
                "The count of disappointments is never set back. Patience means that many in a "
                "row, after each new best.",
            ),
            Mistake(
                _stop_one_late,
                "One measurement too late: with patience 3 the third value without improvement is "
                "the last.",
            ),
            Mistake(
                _stop_ties_count,
                "An equal value counts as better here. It must be larger, or a plateau lasts for "
                "ever.",
            ),
            Mistake(
                _stop_looks_ahead,
                "Your best lies after the stop. Training that has stopped never sees those values.",
            ),
            Mistake(
                _stop_first_disappoints,
                "Your count begins one too high: the very first value is a best and no "
                "disappointment. With a patience of 1 you stop before anything happened.",
            ),
            Mistake(
                _stop_keeps_the_last,
                "You return the stop twice. The weights to keep are those of the best measurement, "
                "which is patience measurements earlier.",
            ),
        ),
        hints=(
            "Go through the values once and remember the position of the best so far.",
            "How many values have come since the best? That is the present position minus its "
            "position.",
            "When that number reaches patience, return both positions. If it never does, the last "
            "position is the stop.",
        ),
        why="Held-out values tremble, so one bad measurement proves nothing; a row of them does. "
        "What is kept is the model of the best measurement, and that needs a checkpoint at each "
        "new best.",
        also_right=(_stop_with_counter,),
    ),
    Exercise(
        id="5.7",
        title="Stop today, go on tomorrow",
        kind="function",
        prompt='snapshot(model, optimizer, generator) → dict with "model", "optimizer", '
        '"generator"',
        points=3,
        difficulty=2,
        minutes=10,
        reference=snapshot,
        cases=_snapshot_cases,
        run=_run_snapshot,
        mistakes=(
            Mistake(
                _snapshot_only_model,
                "Only the weights were kept. The optimizer starts without its memory, and the "
                "noise is another: the run goes on, but not as it would have.",
            ),
            Mistake(
                _snapshot_without_optimizer,
                "The optimizer is missing. Its averages of past gradients start from zero, so the "
                "first steps after the resume are different ones.",
            ),
            Mistake(
                _snapshot_without_generator,
                "The generator is missing: after the resume other noise is drawn.",
            ),
            Mistake(
                _snapshot_not_copied,
                "state_dict() hands out the very tensors that training goes on changing. Your "
                "snapshot moved along with the run; copy them.",
            ),
            Mistake(
                _snapshot_optimizer_not_copied,
                "The weights are copied, the optimizer's averages are not: they moved along with "
                "the run.",
            ),
            Mistake(
                _snapshot_seed,
                "You kept the seed, not the state: the noise begins again at its first draw.",
            ),
            Mistake(
                _snapshot_generator_itself,
                "You kept the generator itself, and it went on drawing. Keep its state.",
            ),
        ),
        hints=(
            "Three things have a state. Models and optimizers give theirs by state_dict(), a "
            "generator by get_state().",
            "Training goes on after the snapshot. Do the tensors in your dict change then?",
            "copy.deepcopy makes a copy of a dict with all tensors in it; get_state() is one "
            "already.",
        ),
        why="Weights, the optimizer's averages and the state of every source of noise: with all "
        "three the resumed run repeats the other bit by bit. A file does the copying by itself, "
        "but must be written so that a crash in the middle leaves the old one whole.",
        also_right=(_snapshot_by_file,),
    ),
]
