"""Exercises of lesson 06: the derivation of generative adversarial networks."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.objectives import discriminator_loss, optimal_discriminator

Pair = tuple[Tensor, Tensor]


def _normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype)


# ------------------------------------------------------------- 6.2 the discriminator's loss


def _two_batches(generator: torch.Generator) -> list[Case]:
    """Logits of real and of generated examples."""

    def pair(real: int, fake: int, dtype: torch.dtype = torch.float32) -> Pair:
        return (
            1 + 2 * _normal(generator, real, dtype=dtype),
            -1 + 2 * _normal(generator, fake, dtype=dtype),
        )

    return [
        Case("ordinary", pair(6, 6), weight=2),
        Case("batch of one", pair(1, 1)),
        Case("more fakes than reals", pair(4, 12)),
        Case("a discriminator that cannot tell", (torch.zeros(3), torch.zeros(3))),
        Case(
            "a discriminator that is certain",
            (torch.tensor([300.0, -300.0]), torch.tensor([-300.0, 300.0])),
        ),
        Case("float64", pair(5, 7, dtype=torch.float64)),
    ]


def _loss_lost_bracket(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean()


def _loss_swapped(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -F.logsigmoid(-real_logits).mean() - F.logsigmoid(fake_logits).mean()


def _loss_all_real(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -F.logsigmoid(real_logits).mean() - F.logsigmoid(fake_logits).mean()


def _loss_negative(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean()


def _loss_sigmoid_twice(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    real, fake = real_logits.sigmoid(), fake_logits.sigmoid()
    return -F.logsigmoid(real).mean() - F.logsigmoid(-fake).mean()


def _loss_of_probabilities(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -real_logits.sigmoid().log().mean() - (1 - fake_logits.sigmoid()).log().mean()


def _loss_log_of_logit(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -real_logits.log().mean() - (1 - fake_logits).log().mean()


def _loss_halved(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -0.5 * (F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean())


def _loss_one_batch(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return F.softplus(torch.cat([-real_logits, fake_logits])).mean()


def _loss_early_mean(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -F.logsigmoid(real_logits.mean()) - F.logsigmoid(-fake_logits.mean())


def _loss_summed(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -F.logsigmoid(real_logits).sum() - F.logsigmoid(-fake_logits).sum()


def _loss_by_cross_entropy(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    entropy = F.binary_cross_entropy_with_logits
    return entropy(real_logits, torch.ones_like(real_logits)) + entropy(
        fake_logits, torch.zeros_like(fake_logits)
    )


# ------------------------------------------------------------- 6.3 the best discriminator


def _two_densities(generator: torch.Generator) -> list[Case]:
    """Log-densities of the data and of the model at the same points."""

    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> Pair:
        return (
            -1 + _normal(generator, *shape, dtype=dtype),
            -1 + _normal(generator, *shape, dtype=dtype),
        )

    alike = -1 + _normal(generator, 4)
    return [
        Case("ordinary", pair(6), weight=2),
        Case("one point", pair(1)),
        Case("a grid of points", pair(3, 4)),
        Case("where the two are alike", (alike, alike.clone())),
        Case(
            "far from both",
            (torch.tensor([-200.0, -300.0, -201.0]), torch.tensor([-201.0, -200.0, -200.0])),
        ),
        Case("float64", pair(5, dtype=torch.float64)),
    ]


def _best_by_densities(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return log_p_data.exp() / (log_p_data.exp() + log_p_model.exp())


def _best_swapped(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return torch.sigmoid(log_p_model - log_p_data)


def _best_as_ratio(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return (log_p_data - log_p_model).exp()


def _best_as_logit(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return log_p_data - log_p_model


def _best_without_log(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return torch.sigmoid(log_p_data.exp() - log_p_model.exp())


def _best_of_logs(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return log_p_data / (log_p_data + log_p_model)


def _best_twice(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return torch.sigmoid(torch.sigmoid(log_p_data - log_p_model))


def _best_by_softmax(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    return torch.stack([log_p_data, log_p_model]).softmax(dim=0)[0]


# ---------------------------------------------------------- 6.4 a divergence from a loss


def jsd_from_loss(loss: Tensor) -> Tensor:
    """The JSD between data and model, from the loss of the best discriminator."""
    return math.log(2) - loss / 2


def _losses(generator: torch.Generator) -> list[Case]:
    """Losses between 0 (told apart for certain) and log 4 (cannot be told)."""

    def some(count: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor]:
        return (math.log(4) * torch.rand(count, generator=generator, dtype=dtype),)

    return [
        Case("ordinary", some(5), weight=2),
        Case("one loss", some(1)),
        Case("no difference at all", (torch.tensor([math.log(4)]),)),
        Case("told apart for certain", (torch.tensor([0.0]),)),
        Case("float64", some(6, dtype=torch.float64)),
    ]


def _jsd_no_half(loss: Tensor) -> Tensor:
    return math.log(4) - loss


def _jsd_log_2(loss: Tensor) -> Tensor:
    return (math.log(2) - loss) / 2


def _jsd_negative(loss: Tensor) -> Tensor:
    return (loss - math.log(4)) / 2


def _jsd_value_for_loss(loss: Tensor) -> Tensor:
    return (loss + math.log(4)) / 2


def _jsd_in_bits(loss: Tensor) -> Tensor:
    return (math.log(4) - loss) / (2 * math.log(2))


def _jsd_doubled(loss: Tensor) -> Tensor:
    return 2 * (math.log(4) - loss)


def _jsd_by_value(loss: Tensor) -> Tensor:
    value = -loss
    return (value + math.log(4)) / 2


# ------------------------------------------------------- 6.5 the generator's two gradients


def generator_gradients(fake_logits: Tensor) -> Pair:
    """Derivatives of the saturating and of the non-saturating loss in each logit."""
    count = fake_logits.numel()
    return -torch.sigmoid(fake_logits) / count, -torch.sigmoid(-fake_logits) / count


def _fake_logits(generator: torch.Generator) -> list[Case]:
    return [
        Case("ordinary", (2 * _normal(generator, 6),), weight=2),
        Case("batch of one", (torch.tensor([0.7]),)),
        Case("the discriminator wins", (-20 + _normal(generator, 4),)),
        Case("the generator wins", (20 + _normal(generator, 4),)),
        Case("float64", (2 * _normal(generator, 5, dtype=torch.float64),)),
    ]


def _gradients_swapped(fake_logits: Tensor) -> Pair:
    saturating, nonsaturating = generator_gradients(fake_logits)
    return nonsaturating, saturating


def _gradients_positive(fake_logits: Tensor) -> Pair:
    saturating, nonsaturating = generator_gradients(fake_logits)
    return -saturating, -nonsaturating


def _gradients_not_averaged(fake_logits: Tensor) -> Pair:
    return -torch.sigmoid(fake_logits), -torch.sigmoid(-fake_logits)


def _gradients_in_probability(fake_logits: Tensor) -> Pair:
    count = fake_logits.numel()
    return (
        -1 / torch.sigmoid(-fake_logits) / count,
        -1 / torch.sigmoid(fake_logits) / count,
    )


def _gradients_of_probability(fake_logits: Tensor) -> Pair:
    count = fake_logits.numel()
    slope = torch.sigmoid(fake_logits) * torch.sigmoid(-fake_logits) / count
    return -slope, -slope


def _gradients_one_sign(fake_logits: Tensor) -> Pair:
    saturating, nonsaturating = generator_gradients(fake_logits)
    return saturating, -nonsaturating


def _gradients_by_autograd(fake_logits: Tensor) -> Pair:
    logits = fake_logits.detach().requires_grad_()
    losses = F.logsigmoid(-logits).mean(), -F.logsigmoid(logits).mean()
    (saturating,) = torch.autograd.grad(losses[0], logits)
    (nonsaturating,) = torch.autograd.grad(losses[1], logits)
    return saturating, nonsaturating


# ------------------------------------------------------------------- 6.6 one round, by hand


def _slopes(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients: the discriminator's in ``slope``, the generator's loss in ``shift``."""
    fake = noise + shift  # (batch, dimensions)
    of_real = -torch.sigmoid(-(real @ slope))  # derivative of -log sigmoid in each logit
    of_fake = torch.sigmoid(fake @ slope)
    in_slope = (of_real[:, None] * real).mean(0) + (of_fake[:, None] * fake).mean(0)
    in_shift = -torch.sigmoid(-(fake @ slope)).mean() * slope
    return in_slope, in_shift


def play_round(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    """One alternating round: the discriminator moves, then the generator answers."""
    new_slope = slope - step * _slopes(shift, slope, real, noise)[0]
    new_shift = shift - step * _slopes(shift, new_slope, real, noise)[1]
    return new_shift, new_slope


def _rounds(generator: torch.Generator) -> list[Case]:
    def case(
        batch: int, size: int, step: float, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, float]:
        return (
            _normal(generator, size, dtype=dtype),
            _normal(generator, size, dtype=dtype),
            2 + _normal(generator, batch, size, dtype=dtype),
            _normal(generator, batch, size, dtype=dtype),
            step,
        )

    return [
        Case("ordinary", case(8, 2, 0.5), weight=2),
        Case("batch of one", case(1, 3, 0.5)),
        Case("one dimension", case(6, 1, 1.0)),
        Case("a small step", case(8, 2, 0.1)),
        Case("float64", case(5, 4, 0.5, dtype=torch.float64)),
    ]


def _round_at_once(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    in_slope, in_shift = _slopes(shift, slope, real, noise)
    return shift - step * in_shift, slope - step * in_slope


def _round_generator_first(
    shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float
) -> Pair:
    new_shift = shift - step * _slopes(shift, slope, real, noise)[1]
    return new_shift, slope - step * _slopes(new_shift, slope, real, noise)[0]


def _round_not_detached(
    shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float
) -> Pair:
    new_slope = slope - step * _slopes(shift, slope, real, noise)[0]
    # What backward() of the discriminator's loss left behind in the generator.
    left_behind = torch.sigmoid((noise + shift) @ slope).mean() * slope
    in_shift = _slopes(shift, new_slope, real, noise)[1] + left_behind
    return shift - step * in_shift, new_slope


def _round_cut_off(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    return shift.clone(), slope - step * _slopes(shift, slope, real, noise)[0]


def _round_saturating(
    shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float
) -> Pair:
    new_slope = slope - step * _slopes(shift, slope, real, noise)[0]
    logits = (noise + shift) @ new_slope
    return shift + step * torch.sigmoid(logits).mean() * new_slope, new_slope


def _round_uphill(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    new_slope = slope + step * _slopes(shift, slope, real, noise)[0]
    return shift - step * _slopes(shift, new_slope, real, noise)[1], new_slope


def _round_one_loss(shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float) -> Pair:
    new_slope = slope - step * _slopes(shift, slope, real, noise)[0]
    # Descends the discriminator's own loss: helps it instead of fooling it.
    logits = (noise + shift) @ new_slope
    return shift - step * torch.sigmoid(logits).mean() * new_slope, new_slope


def _round_by_autograd(
    shift: Tensor, slope: Tensor, real: Tensor, noise: Tensor, step: float
) -> Pair:
    shift, slope = shift.clone().requires_grad_(), slope.clone().requires_grad_()
    fake = noise + shift
    loss = F.softplus(-(real @ slope)).mean() + F.softplus(fake.detach() @ slope).mean()
    (gradient,) = torch.autograd.grad(loss, slope)
    slope = (slope - step * gradient).detach()
    (gradient,) = torch.autograd.grad(F.softplus(-(fake @ slope)).mean(), shift)
    return (shift - step * gradient).detach(), slope


# --------------------------------------------------------------- 6.7 the Dirac-GAN with R1


def dirac_eigenvalues(gamma: Tensor) -> Tensor:
    """Eigenvalues of the Dirac-GAN with (gamma / 2) R1 at its equilibrium."""
    root = torch.sqrt((gamma.square() / 4 - 0.25).to(torch.complex128))
    return torch.stack([-gamma / 2 + root, -gamma / 2 - root], dim=1)  # (count, 2)


def _strengths(generator: torch.Generator) -> list[Case]:
    def some(count: int, low: float, high: float) -> tuple[Tensor]:
        drawn = torch.rand(count, generator=generator, dtype=torch.float64)
        return (low + (high - low) * drawn,)

    return [
        Case(
            "ordinary: weak and strong", (torch.tensor([0.3, 2.0], dtype=torch.float64),), weight=2
        ),
        Case("no penalty", (torch.zeros(1, dtype=torch.float64),)),
        Case("critical", (torch.ones(1, dtype=torch.float64),)),
        Case("weak penalties", some(4, 0.1, 0.9)),
        Case("strong penalties", some(4, 1.2, 4.0)),
    ]


def _both_roots(half_trace: Tensor, under_root: Tensor) -> Tensor:
    root = torch.sqrt(under_root.to(torch.complex128))
    return torch.stack([half_trace + root, half_trace - root], dim=1)


def _eigenvalues_full_gamma(gamma: Tensor) -> Tensor:
    return _both_roots(-gamma, gamma.square() - 0.25)


def _eigenvalues_sigmoid_one(gamma: Tensor) -> Tensor:
    return _both_roots(-gamma / 2, gamma.square() / 4 - 1)


def _eigenvalues_sign(gamma: Tensor) -> Tensor:
    return _both_roots(gamma / 2, gamma.square() / 4 - 0.25)


def _eigenvalues_real_root(gamma: Tensor) -> Tensor:
    root = (gamma.square() / 4 - 0.25).clamp(min=0).sqrt().to(torch.complex128)
    return torch.stack([-gamma / 2 + root, -gamma / 2 - root], dim=1)


def _eigenvalues_not_halved(gamma: Tensor) -> Tensor:
    return _both_roots(-gamma, gamma.square() - 1)


def _eigenvalues_no_turning(gamma: Tensor) -> Tensor:
    return _both_roots(-gamma / 2, gamma.square() / 4 + 0.25)


def _eigenvalues_by_formula(gamma: Tensor) -> Tensor:
    minus_b, c = -gamma.to(torch.complex128), 0.25
    root = torch.sqrt(minus_b * minus_b - 4 * c)
    return torch.stack([(minus_b + root) / 2, (minus_b - root) / 2], dim=1)


# ----------------------------------------------------------------------------- the list

EXERCISES = [
    Exercise(
        id="6.1",
        title="Predict: what does 0.5 tell you?",
        kind="prediction",
        prompt="One letter: the discriminator says 0.5 to every image. What do you know?",
        reference="c",
        choices={
            "a": "the generator is perfect",
            "b": "the discriminator has reached its aim",
            "c": "neither of the two",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "a",
                "A discriminator that has learned nothing says 0.5 as well, whatever the "
                "generator does. Section 4 builds one.",
            ),
            Mistake(
                "b",
                "The discriminator wants to tell the two kinds apart, which is 1 for one and 0 "
                "for the other. Section 4 compares its losses.",
            ),
        ),
        hints=(
            "What does a network say whose last layer is all zeros?",
            "Sigmoid of 0 is 0.5. Did that network train, and did it see any generator?",
        ),
        why="An output of 0.5 everywhere is what a perfect generator leaves the discriminator, "
        "and also what an untrained discriminator says. It is a sign of nothing until you know "
        "that this discriminator had learned to tell.",
    ),
    Exercise(
        id="6.2",
        title="The discriminator's loss from logits",
        kind="function",
        prompt="d_loss(real_logits, fake_logits) → a scalar, in nats",
        points=3,
        difficulty=1,
        minutes=8,
        reference=discriminator_loss,
        cases=_two_batches,
        gradient=True,
        also_right=(_loss_by_cross_entropy,),
        mistakes=(
            Mistake(
                _loss_lost_bracket,
                "The minus reached only the first term: the bracket of line (3) is lost, and "
                "this loss rewards calling fakes real.",
            ),
            Mistake(
                _loss_swapped, "Real and fake are swapped: this loss wants D small on real images."
            ),
            Mistake(
                _loss_all_real,
                "The fakes' term is log D(G(z)); it should be log(1 − D(G(z))). As it stands, "
                "the discriminator is paid for calling everything real.",
            ),
            Mistake(
                _loss_negative,
                "This is the value that the discriminator maximizes. A loss is minimized: turn "
                "the sign.",
            ),
            Mistake(
                _loss_sigmoid_twice,
                "The sigmoid is applied twice: once by you, and once by the function that "
                "expects logits.",
            ),
            Mistake(
                _loss_of_probabilities,
                "Right on paper, but for a logit of −300 the probability is rounded to 0 and "
                "its logarithm is infinite. Stay with logits.",
            ),
            Mistake(
                _loss_log_of_logit,
                "This takes the logarithm of a logit. The logarithm belongs around the "
                "probability D = σ(logit).",
            ),
            Mistake(
                _loss_halved,
                "Half of it: the course (like the paper's equation 1) adds the two means, "
                "without a factor ½.",
            ),
            Mistake(
                _loss_one_batch,
                "You averaged over one long batch of reals and fakes. There are two "
                "expectations, each with a mean of its own.",
            ),
            Mistake(
                _loss_early_mean,
                "Averaged too early: first the logarithm for each example, then the mean.",
            ),
            Mistake(_loss_summed, "Summed over the batch. An expectation is a mean."),
        ),
        hints=(
            "Two expectations, two means, and one minus in front of both.",
            "1 − σ(ℓ) = σ(−ℓ), and PyTorch has the logarithm of a sigmoid as one function.",
        ),
        why="Both terms are cross-entropies: real images have the target 1, fakes the target 0. "
        "At logits of 0 the loss is 2 log 2 = 1.386, the number to remember.",
    ),
    Exercise(
        id="6.3",
        title="The best discriminator",
        kind="function",
        prompt="best_discriminator(log_p_data, log_p_model) → probabilities, same shape",
        points=3,
        difficulty=2,
        minutes=10,
        reference=optimal_discriminator,
        cases=_two_densities,
        gradient=True,
        also_right=(_best_by_softmax,),
        mistakes=(
            Mistake(
                _best_by_densities,
                "Line (8) as it stands. Far from both densities it computes 0/0; rewrite it "
                "with the difference of the logarithms.",
            ),
            Mistake(
                _best_swapped, "That is 1 − D*: the probability of being a fake. Swap the two."
            ),
            Mistake(
                _best_as_ratio,
                "The ratio of the densities is D*/(1 − D*), the odds. A probability is at most 1.",
            ),
            Mistake(
                _best_as_logit,
                "That is the best logit of line (9). The probability is its sigmoid.",
            ),
            Mistake(
                _best_without_log,
                "You took the difference of the densities. The logit is the difference of "
                "their logarithms.",
            ),
            Mistake(
                _best_of_logs,
                "a/(a + b) holds for the densities, not for their logarithms.",
            ),
            Mistake(_best_twice, "The sigmoid is applied twice."),
        ),
        hints=(
            "Divide line (8), above and below, by p_data: what is left is 1/(1 + p_model/p_data).",
            "p_model/p_data is the exponential of a difference of logarithms; then "
            "1/(1 + exp(−t)) has a name.",
        ),
        why="The best logit is the logarithm of the density ratio, so a trained discriminator "
        "is an estimate of p_data/p_model. That ratio is what the generator learns from.",
    ),
    Exercise(
        id="6.4",
        title="Derive: the JSD from a loss",
        kind="function",
        prompt="jsd_from_loss(loss) → same shape, in nats",
        points=2,
        difficulty=2,
        minutes=8,
        reference=jsd_from_loss,
        cases=_losses,
        also_right=(_jsd_by_value,),
        mistakes=(
            Mistake(_jsd_no_half, "Twice the JSD: the value holds 2 JSD."),
            Mistake(_jsd_doubled, "You multiplied by 2 where line (15) asks you to divide."),
            Mistake(
                _jsd_log_2,
                "The game without any difference costs log 4 = 2 log 2, one log 2 a term. You "
                "used log 2.",
            ),
            Mistake(
                _jsd_negative,
                "The sign is turned. A smaller loss means that the two are easier to tell "
                "apart: the divergence grows.",
            ),
            Mistake(
                _jsd_value_for_loss,
                "You put the loss where the value belongs. The loss is the negative of the value.",
            ),
            Mistake(_jsd_in_bits, "That is in bits. The course measures in nats."),
        ),
        hints=(
            "Write line (15) for the loss instead of the value, then solve it for the JSD.",
            "A loss of log 4 must give 0, and a loss of 0 must give log 2.",
        ),
        why="Any discriminator, best or not, turns into an estimate that is never too large: "
        "its loss is at least the best one's. That is why a trained discriminator measures how "
        "far apart two sets of samples are, at least.",
    ),
    Exercise(
        id="6.5",
        title="Derive: the generator's two gradients",
        kind="function",
        prompt="generator_gradients(fake_logits) → (saturating, nonsaturating), each (batch,)",
        points=4,
        difficulty=2,
        minutes=12,
        reference=generator_gradients,
        cases=_fake_logits,
        also_right=(_gradients_by_autograd,),
        mistakes=(
            Mistake(_gradients_swapped, "The two are swapped: first saturating, log(1 − D)."),
            Mistake(
                _gradients_positive,
                "Both signs are turned. A larger logit fools the discriminator more, so each "
                "loss must fall with it.",
            ),
            Mistake(
                _gradients_one_sign,
                "The second sign is turned: −log D falls as the logit grows.",
            ),
            Mistake(
                _gradients_not_averaged,
                "The factor 1/batch is lost: the loss is a mean, and each logit is one of "
                "batch terms.",
            ),
            Mistake(
                _gradients_in_probability,
                "These are derivatives in D. The chain rule still asks for dD/dℓ = D(1 − D).",
            ),
            Mistake(
                _gradients_of_probability,
                "That is the derivative of D itself. Where is the logarithm?",
            ),
        ),
        hints=(
            "Start from dD/dℓ = D(1 − D), then use the chain rule on each logarithm.",
            "One factor of D(1 − D) cancels each time: the first leaves D, the second 1 − D.",
        ),
        why="Where the discriminator is sure of a fake, D is near 0: the first gradient "
        "vanishes there and the second is at its strongest. Both point the same way; only the "
        "weight of each example differs.",
    ),
    Exercise(
        id="6.6",
        title="One alternating round",
        kind="function",
        prompt="play_round(shift, slope, real, noise, step) → (new_shift, new_slope)",
        points=4,
        difficulty=3,
        minutes=15,
        reference=play_round,
        cases=_rounds,
        also_right=(_round_by_autograd,),
        mistakes=(
            Mistake(
                _round_at_once,
                "Both players moved at once: the generator must answer the discriminator that "
                "has just moved. These are simultaneous steps.",
            ),
            Mistake(
                _round_generator_first,
                "The generator moved first. In this course the discriminator does.",
            ),
            Mistake(
                _round_not_detached,
                "The discriminator's loss left a gradient in shift, and it was added to the "
                "generator's. Detach the fakes, or ask autograd for one gradient only.",
            ),
            Mistake(
                _round_cut_off,
                "shift did not move: the fakes that the generator is judged by are detached, so "
                "no gradient reaches it. Detach only in the discriminator's step.",
            ),
            Mistake(
                _round_saturating,
                "This is the saturating loss, mean log(1 − D). Here the generator minimizes "
                "mean −log D.",
            ),
            Mistake(
                _round_uphill,
                "The discriminator climbed its loss. Both players descend, each its own loss.",
            ),
            Mistake(
                _round_one_loss,
                "The generator descended the discriminator's loss: it helps where it should fool.",
            ),
        ),
        hints=(
            "Four lines: the discriminator's loss on detached fakes, its step; the generator's "
            "loss with the new slope, its step. torch.autograd.grad gives one gradient at a time.",
            "shift and slope come without requires_grad: make copies that have it. What you "
            "return carries no gradient.",
        ),
        why="Each player descends its own loss, one after the other. Detaching keeps the "
        "discriminator's gradient out of the generator, and the order makes the generator "
        "answer the discriminator as it is now.",
    ),
    Exercise(
        id="6.7",
        title="Derive: the eigenvalues with R1",
        kind="function",
        prompt="dirac_eigenvalues(gamma) → (count, 2) complex, the one with +√ first",
        points=3,
        difficulty=3,
        minutes=12,
        reference=dirac_eigenvalues,
        cases=_strengths,
        also_right=(_eigenvalues_by_formula,),
        tolerance=(1e-6, 1e-7),
        mistakes=(
            Mistake(
                _eigenvalues_full_gamma,
                "This is the penalty γ·R1. With (γ/2)·R1 the square's 2 cancels the ½, and the "
                "matrix holds −γ.",
            ),
            Mistake(
                _eigenvalues_sigmoid_one,
                "You took σ(0) = 1. It is ½, so the matrix holds ½ and the product ¼.",
            ),
            Mistake(
                _eigenvalues_sign,
                "The real part is positive: a penalty that blows up. R1 pulls the slope to 0.",
            ),
            Mistake(
                _eigenvalues_real_root,
                "Below γ = 1 the root is of a negative number, and the eigenvalues turn: take a "
                "complex root, do not cut it off at 0.",
            ),
            Mistake(
                _eigenvalues_not_halved,
                "These are twice the eigenvalues: the quadratic formula divides by 2.",
            ),
            Mistake(
                _eigenvalues_no_turning,
                "The sign under the root is turned: the off-diagonal entries are ½ and −½, and "
                "minus their product is +¼.",
            ),
        ),
        hints=(
            "The trace of the matrix is −γ, its determinant ¼.",
            "Solve λ² + γλ + ¼ = 0. Convert what is under the root to a complex number first.",
        ),
        why="Without a penalty the real part is 0 and the players circle for ever. Every γ > 0 "
        "pulls them in; γ = 1, where the root vanishes, does it fastest.",
    ),
]
