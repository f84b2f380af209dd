"""Exercises of appendix 91: probability and linear algebra."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake

Pair = tuple[Tensor, Tensor]


def _normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype)


# ------------------------------------------------------------------ 91.2 Bayes in log space


def log_posterior(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    """Log-probability of each hypothesis given each observation, (batch, hypotheses)."""
    joint = log_prior + log_likelihood
    return joint - torch.logsumexp(joint, dim=1, keepdim=True)


def _posterior_unnormalized(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    return log_prior + log_likelihood


def _posterior_without_prior(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    return log_likelihood - torch.logsumexp(log_likelihood, dim=1, keepdim=True)


def _posterior_other_axis(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    joint = log_prior + log_likelihood
    return joint - torch.logsumexp(joint, dim=0, keepdim=True)


def _posterior_underflows(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    joint = log_prior.exp() * log_likelihood.exp()
    return (joint / joint.sum(dim=1, keepdim=True)).log()


def _posterior_not_log(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    return torch.softmax(log_prior + log_likelihood, dim=1)


def _posterior_multiplied(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    return torch.log_softmax(log_prior * log_likelihood, dim=1)


def _posterior_divided(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    joint = log_prior + log_likelihood
    return joint / joint.sum(dim=1, keepdim=True)


def _posterior_log_of_zero(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    joint = log_prior + log_likelihood
    return joint - joint.exp().sum(dim=1, keepdim=True).log()


def _posterior_wrong_normalizer(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    return log_prior + log_likelihood - torch.logsumexp(log_likelihood, dim=1, keepdim=True)


def _posterior_prior_not_log(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    return torch.log_softmax(log_prior.exp() + log_likelihood, dim=1)


def _posterior_by_softmax(log_prior: Tensor, log_likelihood: Tensor) -> Tensor:
    return torch.log_softmax(log_prior + log_likelihood, dim=1)


def _posterior_cases(generator: torch.Generator) -> list[Case]:
    def pair(
        batch: int, hypotheses: int, shift: float = 0.0, dtype: torch.dtype = torch.float32
    ) -> Pair:
        log_prior = torch.log_softmax(_normal(generator, hypotheses, dtype=dtype), dim=0)
        return log_prior, 2 * _normal(generator, batch, hypotheses, dtype=dtype) - 3 + shift

    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("one observation", pair(1, 4)),
        Case("as small as for images", pair(4, 3, shift=-500.0)),
        Case("float64", pair(2, 6, dtype=torch.float64)),
    ]


# ------------------------------------------------------------- 91.3 change of variables


def _gauss(x: Tensor, mean: float, std: float) -> Tensor:
    return torch.exp(-(((x - mean) / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))


def light_density(y: Tensor, mean: float, std: float) -> Tensor:
    """Density of y = exp(-x) where x is Gaussian, at positive y."""
    thickness = -y.log()
    return _gauss(thickness, mean, std) / y


def _light_without_jacobian(y: Tensor, mean: float, std: float) -> Tensor:
    return _gauss(-y.log(), mean, std)


def _light_negative(y: Tensor, mean: float, std: float) -> Tensor:
    return -_gauss(-y.log(), mean, std) / y


def _light_upside_down(y: Tensor, mean: float, std: float) -> Tensor:
    return _gauss(-y.log(), mean, std) * y


def _light_without_minus(y: Tensor, mean: float, std: float) -> Tensor:
    return _gauss(y.log(), mean, std) / y


def _light_forward(y: Tensor, mean: float, std: float) -> Tensor:
    return _gauss((-y).exp(), mean, std) * (-y).exp()


def _light_variance(y: Tensor, mean: float, std: float) -> Tensor:
    return _gauss(-y.log(), mean, std**2) / y


def _light_without_std(y: Tensor, mean: float, std: float) -> Tensor:
    return std * _gauss(-y.log(), mean, std) / y


def _light_log(y: Tensor, mean: float, std: float) -> Tensor:
    return (_gauss(-y.log(), mean, std) / y).log()


def _light_at_y(y: Tensor, mean: float, std: float) -> Tensor:
    return _gauss(y, mean, std)


def _light_without_half(y: Tensor, mean: float, std: float) -> Tensor:
    x = -y.log()
    return torch.exp(-(((x - mean) / std) ** 2)) / (std * math.sqrt(2 * math.pi)) / y


def _light_by_torch(y: Tensor, mean: float, std: float) -> Tensor:
    log_normal = torch.distributions.LogNormal(
        torch.tensor(-mean, dtype=y.dtype), torch.tensor(std, dtype=y.dtype)
    )
    density: Tensor = log_normal.log_prob(y).exp()  # type: ignore[no-untyped-call]
    return density


def _light_cases(generator: torch.Generator) -> list[Case]:
    def triple(
        count: int, mean: float, std: float, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, float, float]:
        mean = mean + 0.1 * float(torch.rand((), generator=generator))
        noise = _normal(generator, count, dtype=dtype).clamp(-2.5, 2.5)
        return (-(mean + std * noise)).exp(), mean, std

    return [
        Case("ordinary", triple(6, 0.7, 0.4), weight=2),
        Case("a wide spread", triple(5, 0.2, 1.7)),
        Case("a standard deviation of one", triple(4, 1.0, 1.0)),
        Case("float64", triple(7, 1.2, 0.6, dtype=torch.float64)),
    ]


# -------------------------------------------------------------- 91.4 conditional Gaussian


def condition(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    """Mean and covariance of the rest of a Gaussian vector, given its first entries."""
    count = len(known)
    between = covariance[count:, :count]  # (rest, known)
    gain = torch.linalg.solve(covariance[:count, :count], between.T).T  # (rest, known)
    new_mean = mean[count:] + gain @ (known - mean[:count])
    return new_mean, covariance[count:, count:] - gain @ between.T


def _parts(
    mean: Tensor, covariance: Tensor, known: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Both means, the gain, the covariance between, and the rest's own covariance."""
    count = len(known)
    between = covariance[count:, :count]
    gain = between @ torch.linalg.inv(covariance[:count, :count])
    return mean[:count], mean[count:], gain, between, covariance[count:, count:]


def _condition_without_inverse(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, _, between, rest = _parts(mean, covariance, known)
    return mean_rest + between @ (known - mean_known), rest - between @ between.T


def _condition_as_if_standard(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, _, between, rest = _parts(mean, covariance, known)
    return mean_rest + between @ (known - mean_known), rest.clone()


def _condition_known_not_centered(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    _, mean_rest, gain, between, rest = _parts(mean, covariance, known)
    return mean_rest + gain @ known, rest - gain @ between.T


def _condition_without_own_mean(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, _, gain, between, rest = _parts(mean, covariance, known)
    return gain @ (known - mean_known), rest - gain @ between.T


def _condition_plus(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, gain, between, rest = _parts(mean, covariance, known)
    return mean_rest + gain @ (known - mean_known), rest + gain @ between.T


def _condition_marginal(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, gain, _, rest = _parts(mean, covariance, known)
    return mean_rest + gain @ (known - mean_known), rest.clone()


def _condition_one_by_one(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, _, between, rest = _parts(mean, covariance, known)
    gain = between / covariance.diagonal()[: len(known)]
    return mean_rest + gain @ (known - mean_known), rest - gain @ between.T


def _condition_wrong_way(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    mean_known, mean_rest, gain, between, rest = _parts(mean, covariance, known)
    return mean_rest - gain @ (known - mean_known), rest - gain @ between.T


def _condition_by_precision(mean: Tensor, covariance: Tensor, known: Tensor) -> Pair:
    count = len(known)
    precision = torch.linalg.inv(covariance)
    new_covariance = torch.linalg.inv(precision[count:, count:])
    pull = precision[count:, :count] @ (known - mean[:count])
    return mean[count:] - new_covariance @ pull, new_covariance


def _condition_cases(generator: torch.Generator) -> list[Case]:
    def triple(
        size: int, known: int, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        root = _normal(generator, size, size, dtype=dtype)
        covariance = root @ root.T + 0.5 * torch.eye(size, dtype=dtype)
        mean = 2 * _normal(generator, size, dtype=dtype)
        return mean, covariance, 2 * _normal(generator, known, dtype=dtype)

    return [
        Case("ordinary", triple(5, 2), weight=2, tolerance=(1e-3, 1e-3)),
        Case("two numbers, one known", triple(2, 1), tolerance=(1e-3, 1e-3)),
        Case("more known than not", triple(6, 4, dtype=torch.float64)),
        Case("nothing but the last unknown", triple(4, 3, dtype=torch.float64)),
    ]


# ----------------------------------------------------------------- 91.5 standard error


def standard_error(samples: Tensor) -> Tensor:
    """Standard error of the average over the first dimension: (n, columns) → (columns,)."""
    return samples.std(dim=0) / math.sqrt(len(samples))


def _error_of_one(samples: Tensor) -> Tensor:
    return samples.std(dim=0)


def _error_variance_over_root(samples: Tensor) -> Tensor:
    return samples.var(dim=0) / math.sqrt(len(samples))


def _error_over_n(samples: Tensor) -> Tensor:
    return samples.std(dim=0) / len(samples)


def _error_squared(samples: Tensor) -> Tensor:
    return samples.var(dim=0) / len(samples)


def _error_biased(samples: Tensor) -> Tensor:
    return samples.std(dim=0, correction=0) / math.sqrt(len(samples))


def _error_other_axis(samples: Tensor) -> Tensor:
    return samples.std(dim=1) / math.sqrt(samples.shape[1])


def _error_one_number(samples: Tensor) -> Tensor:
    return samples.std() / math.sqrt(samples.numel())


def _error_n_minus_1_twice(samples: Tensor) -> Tensor:
    return samples.std(dim=0) / math.sqrt(len(samples) - 1)


def _error_by_columns(samples: Tensor) -> Tensor:
    return samples.std(dim=0) / math.sqrt(samples.shape[1])


def _error_in_steps(samples: Tensor) -> Tensor:
    squares = (samples - samples.mean(dim=0)).square().sum(dim=0)
    return (squares / (samples.shape[0] * (samples.shape[0] - 1))).sqrt()


def _error_cases(generator: torch.Generator) -> list[Case]:
    return [
        Case("ordinary", (3 * _normal(generator, 9, 4) + 1,), weight=2),
        Case("two draws", (_normal(generator, 2, 3),)),
        Case("many draws", (0.2 * _normal(generator, 60, 2) - 4,)),
        Case("float64", (_normal(generator, 7, 5, dtype=torch.float64),)),
    ]


# ------------------------------------------------------------------- 91.6 KL with zeros


def kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p ‖ q) of each pair of rows, in nats; infinite where p needs what q forbids."""
    share = p * (p.log() - q.log())
    return torch.where(p > 0, share, torch.zeros_like(share)).sum(dim=1)


def _kl_other_direction(p: Tensor, q: Tensor) -> Tensor:
    return (torch.xlogy(q, q) - torch.xlogy(q, p)).sum(dim=1)


def _kl_bits(p: Tensor, q: Tensor) -> Tensor:
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=1) / math.log(2)


def _kl_unguarded(p: Tensor, q: Tensor) -> Tensor:
    return (p * (p / q).log()).sum(dim=1)


def _kl_with_epsilon(p: Tensor, q: Tensor) -> Tensor:
    return (p * ((p + 1e-8) / (q + 1e-8)).log()).sum(dim=1)


def _kl_skips_both(p: Tensor, q: Tensor) -> Tensor:
    share = p * (p / q).log()
    return torch.where((p > 0) & (q > 0), share, torch.zeros_like(share)).sum(dim=1)


def _kl_cross_entropy(p: Tensor, q: Tensor) -> Tensor:
    return -torch.xlogy(p, q).sum(dim=1)


def _kl_averaged(p: Tensor, q: Tensor) -> Tensor:
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).mean(dim=1)


def _kl_one_number(p: Tensor, q: Tensor) -> Tensor:
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=1).mean()


def _kl_ratio_of_zeros(p: Tensor, q: Tensor) -> Tensor:
    return torch.xlogy(p, p / q).sum(dim=1)


def _kl_by_xlogy(p: Tensor, q: Tensor) -> Tensor:
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=1)


def _kl_cases(generator: torch.Generator) -> list[Case]:
    def rows(batch: int, outcomes: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.softmax(_normal(generator, batch, outcomes, dtype=dtype), dim=1)

    def without(probabilities: Tensor, outcome: int) -> Tensor:
        kept = probabilities.clone()
        kept[:, outcome] = 0
        return kept / kept.sum(dim=1, keepdim=True)

    return [
        Case("ordinary", (rows(5, 3), rows(5, 3)), weight=2),
        Case("one pair", (rows(1, 4), rows(1, 4))),
        Case("p is zero somewhere", (without(rows(3, 4), 1), rows(3, 4))),
        Case("q is zero where p is not", (rows(2, 5), without(rows(2, 5), 3))),
        Case("both are zero", (without(rows(3, 5), 2), without(rows(3, 5), 2))),
        Case("float64", (rows(4, 6, torch.float64), rows(4, 6, torch.float64))),
    ]


# -------------------------------------------------------------- 91.7 principal angles


def principal_angles(first: Tensor, second: Tensor) -> Tensor:
    """Principal angles between two column spaces, in radians, smallest first."""
    one, two = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    cosines: Tensor = torch.linalg.svdvals(one.T @ two)
    return cosines.clamp(max=1).acos()


def _cosines(one: Tensor, two: Tensor) -> Tensor:
    """Singular values of the overlap of two bases, at most 1."""
    overlap: Tensor = torch.linalg.svdvals(one.T @ two)
    return overlap.clamp(max=1)


def _angles_not_orthonormal(first: Tensor, second: Tensor) -> Tensor:
    return _cosines(first, second).acos()


def _angles_not_a_number(first: Tensor, second: Tensor) -> Tensor:
    cosines: Tensor = torch.linalg.svdvals(first.T @ second)
    return cosines.acos()


def _angles_only_normalized(first: Tensor, second: Tensor) -> Tensor:
    one, two = F.normalize(first, dim=0), F.normalize(second, dim=0)
    return _cosines(one, two).acos()


def _angles_cosines(first: Tensor, second: Tensor) -> Tensor:
    one, two = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    return _cosines(one, two)


def _angles_degrees(first: Tensor, second: Tensor) -> Tensor:
    return torch.rad2deg(principal_angles(first, second))


def _angles_column_by_column(first: Tensor, second: Tensor) -> Tensor:
    one, two = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    pairs: Tensor = (one.T @ two).diagonal().abs()
    return pairs.clamp(max=1).acos()


def _angles_squared(first: Tensor, second: Tensor) -> Tensor:
    return principal_angles(first, second).cos().square().acos()


def _angles_sine(first: Tensor, second: Tensor) -> Tensor:
    one, two = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    return _cosines(one, two).asin()


def _angles_rows(first: Tensor, second: Tensor) -> Tensor:
    one, two = torch.linalg.qr(first.T).Q, torch.linalg.qr(second.T).Q
    size = min(len(one), len(two))
    return _cosines(one[:size], two[:size]).acos()


def _angles_by_svd(first: Tensor, second: Tensor) -> Tensor:
    one = torch.linalg.svd(first, full_matrices=False).U
    two = torch.linalg.svd(second, full_matrices=False).U
    overlap = two.T @ one
    cosines: Tensor = torch.linalg.svdvals(overlap)
    return cosines.clamp(0, 1).arccos()


def _angles_cases(generator: torch.Generator) -> list[Case]:
    def columns(size: int, count: int, dtype: torch.dtype = torch.float64) -> Tensor:
        return _normal(generator, size, count, dtype=dtype)

    # Twelve cosines of 1: rounding lifts at least one of them above 1, nearly always.
    basis = columns(20, 12)
    mixed = basis @ (columns(12, 12) + 6 * torch.eye(12, dtype=torch.float64))
    cross = torch.linalg.qr(columns(5, 5)).Q
    return [
        Case("ordinary", (columns(7, 3), columns(7, 3)), weight=2),
        Case("a line and a plane", (columns(4, 1), columns(4, 2))),
        Case("the same subspace, another basis", (basis, mixed)),
        Case("at right angles", (2 * cross[:, :2], cross[:, 2:4] @ columns(2, 2))),
        Case("float32", (columns(9, 2, torch.float32), columns(9, 2, torch.float32))),
    ]


EXERCISES = [
    Exercise(
        id="91.1",
        title="Predict: the detector has spoken",
        kind="prediction",
        prompt="One letter: how likely is it that the flagged image was generated?",
        reference="c",
        choices={
            "a": "95 %",
            "b": "about 50 %",
            "c": "about 16 %",
            "d": "1 %",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "a",
                "95 % is how often a generated image is flagged. Asked is the other way round: "
                "how often a flagged image is generated.",
            ),
            Mistake(
                "b",
                "Count among 1,000 uploads: how many generated ones are flagged, and how many "
                "real ones?",
            ),
            Mistake(
                "d",
                "1 % was true before the detector spoke. Its answer must count for something.",
            ),
        ),
        hints=(
            "Imagine 1,000 uploads. How many are generated, and how many are real?",
            "Count the flagged ones in both groups, and compare the two counts.",
        ),
        why="Of 1,000 uploads about 9.5 generated and 49.5 real ones are flagged, so a flagged "
        "one is generated with probability 9.5/59. The rarer a thing is, the more of its "
        "alarms are false.",
    ),
    Exercise(
        id="91.2",
        title="Bayes' rule in log space",
        kind="function",
        prompt="log_posterior(log_prior, log_likelihood) → (batch, hypotheses), normalized",
        points=3,
        difficulty=2,
        minutes=8,
        reference=log_posterior,
        cases=_posterior_cases,
        mistakes=(
            Mistake(
                _posterior_unnormalized,
                "You forgot to normalize: this is the joint log-probability. The posterior's "
                "probabilities sum to 1 in each row.",
            ),
            Mistake(
                _posterior_without_prior,
                "The prior is missing: this answers as if all hypotheses had been equally likely.",
            ),
            Mistake(
                _posterior_other_axis,
                "You normalized over the batch (dimension 0). It is the hypotheses, dimension 1, "
                "whose probabilities sum to 1.",
            ),
            Mistake(
                _posterior_underflows,
                "The formula is right and the arithmetic is not: exp(−500) is 0 in float32, and "
                "0/0 is no number. Stay with logarithms.",
            ),
            Mistake(
                _posterior_log_of_zero,
                "Right but for one step: exp(−500) is 0 in float32, and the logarithm of that sum "
                "−∞. torch.logsumexp does the same without leaving the logarithms.",
            ),
            Mistake(
                _posterior_wrong_normalizer,
                "The normalizer leaves out the prior: the denominator of line (10) sums the same "
                "products as stand above it.",
            ),
            Mistake(
                _posterior_prior_not_log,
                "You added the prior itself to a logarithm. What you are given is its logarithm "
                "already.",
            ),
            Mistake(
                _posterior_not_log,
                "These are the probabilities themselves; asked are their logarithms.",
            ),
            Mistake(
                _posterior_multiplied,
                "You multiplied the logarithms. Probabilities multiply, so their logarithms add.",
            ),
            Mistake(
                _posterior_divided,
                "You divided the logarithm by a sum of logarithms. Dividing probabilities means "
                "subtracting one logarithm, that of the sum of the probabilities.",
            ),
        ),
        hints=(
            "Take the logarithm of both sides of line (10). What becomes of the product, and of "
            "the quotient?",
            "The denominator is a sum of probabilities; you need its logarithm without ever "
            "leaving log space.",
            "torch.logsumexp over the hypotheses, with keepdim=True, is that logarithm.",
        ),
        why="Products become sums, and only the denominator has to leave log space for a moment. "
        "torch.logsumexp does so after subtracting the largest entry, so nothing underflows.",
        also_right=(_posterior_by_softmax,),
    ),
    Exercise(
        id="91.3",
        title="A density after a change of variables",
        kind="function",
        prompt="density(y, mean, std) → (n,), the density of y = exp(−x)",
        points=4,
        difficulty=2,
        minutes=12,
        reference=light_density,
        cases=_light_cases,
        mistakes=(
            Mistake(
                _light_without_jacobian,
                "You forgot the Jacobian: the strip of width dy around y is not as wide as the "
                "strip of x that it came from.",
            ),
            Mistake(
                _light_negative,
                "A negative density: you forgot the absolute value. The map falls, so its slope "
                "is negative, but widths are not.",
            ),
            Mistake(
                _light_upside_down,
                "The Jacobian is upside down: you multiplied by |dy/dx| where |dx/dy| belongs.",
            ),
            Mistake(
                _light_without_minus,
                "You evaluated the Gaussian at log y. Solving y = exp(−x) for x leaves a minus "
                "sign.",
            ),
            Mistake(
                _light_forward,
                "You applied the map to y once more. The Gaussian wants the x that y came from: "
                "the inverse.",
            ),
            Mistake(
                _light_at_y,
                "This is the density of x, evaluated at y. First find the x that y came from; "
                "then mind the widths.",
            ),
            Mistake(
                _light_without_half,
                "The ½ in the Gaussian's exponent is lost: line (22) divides by 2σ².",
            ),
            Mistake(
                _light_variance,
                "This is what you get with σ² where σ belongs: std is the standard deviation.",
            ),
            Mistake(
                _light_without_std,
                "The Gaussian is not normalized: its factor is 1/(σ√(2π)), and the σ is missing.",
            ),
            Mistake(
                _light_log,
                "This is the logarithm of the density; asked is the density.",
            ),
        ),
        hints=(
            "First solve y = exp(−x) for x. That is where the Gaussian must be evaluated.",
            "Then dx/dy: differentiate that x by y, and take the absolute value.",
            "The derivative of log y is one over y.",
        ),
        why="The Gaussian is evaluated where y came from and multiplied by |dx/dy| = 1/y. A "
        "falling map has a negative slope, and the absolute value is there because widths have no "
        "sign.",
        also_right=(_light_by_torch,),
        tolerance=(1e-4, 1e-6),
    ),
    Exercise(
        id="91.4",
        title="A Gaussian of which a part is known",
        kind="function",
        prompt="condition(mean, covariance, known) → (mean, covariance) of the other entries",
        points=4,
        difficulty=3,
        minutes=15,
        reference=condition,
        cases=_condition_cases,
        mistakes=(
            Mistake(
                _condition_without_inverse,
                "The inverse of the known entries' covariance is missing: a covariance is not "
                "yet a slope.",
            ),
            Mistake(
                _condition_as_if_standard,
                "Two things at once: the mean moves by a covariance where a gain belongs (an "
                "inverse is missing), and the covariance has not shrunk.",
            ),
            Mistake(
                _condition_known_not_centered,
                "You used the known values themselves. What counts is how far they are from "
                "their mean.",
            ),
            Mistake(
                _condition_without_own_mean,
                "The own mean of the unknown entries is missing: even if the known ones say "
                "nothing new, the answer is that mean and not 0.",
            ),
            Mistake(
                _condition_wrong_way,
                "The mean moves the wrong way: the surprise is what was measured minus what was "
                "expected.",
            ),
            Mistake(
                _condition_plus,
                "You added where line (32) subtracts: to know something cannot make a Gaussian "
                "wider.",
            ),
            Mistake(
                _condition_marginal,
                "The mean is right, but the covariance is the one from before anything was "
                "known. It must shrink.",
            ),
            Mistake(
                _condition_one_by_one,
                "You divided by the variance of each known entry by itself. They are correlated "
                "with each other too: the whole block must be inverted.",
            ),
        ),
        hints=(
            "Cut the covariance into four blocks; the first len(known) entries are the known "
            "ones, the rest is wanted.",
            "The gain K of line (28) is a block of shape (rest, known) times an inverse of shape "
            "(known, known).",
            "The new mean is the old one plus K times the surprise; the new covariance is the "
            "old block minus K times the block between, transposed.",
        ),
        why="The mean moves by the gain times the surprise; the covariance shrinks by an amount "
        "that does not depend on what was seen. This is the posterior of every linear-Gaussian "
        "model of the course.",
        also_right=(_condition_by_precision,),
    ),
    Exercise(
        id="91.5",
        title="The standard error of an average",
        kind="function",
        prompt="standard_error(samples) → (columns,), from samples of shape (n, columns)",
        points=2,
        difficulty=1,
        minutes=5,
        reference=standard_error,
        cases=_error_cases,
        mistakes=(
            Mistake(
                _error_of_one,
                "This is how far a single draw scatters. The average of n draws scatters less.",
            ),
            Mistake(
                _error_variance_over_root,
                "You divided the variance by √n. The variance goes with n, the standard "
                "deviation with √n.",
            ),
            Mistake(
                _error_over_n,
                "You divided by n instead of √n: variances of independent draws add, standard "
                "deviations do not.",
            ),
            Mistake(
                _error_squared,
                "This is the variance of the average; its square root is missing.",
            ),
            Mistake(
                _error_biased,
                "A little too small: you divided the squares by n. Their mean was fitted to the "
                "same draws, so it is n − 1, line (37).",
            ),
            Mistake(
                _error_n_minus_1_twice,
                "samples.std() has the n − 1 in it already. The average is over n draws: divide "
                "by √n.",
            ),
            Mistake(
                _error_by_columns,
                "You divided by the root of the number of columns. The draws that are averaged "
                "are the rows.",
            ),
            Mistake(
                _error_other_axis,
                "You took the columns for draws. The draws are in dimension 0.",
            ),
            Mistake(
                _error_one_number,
                "One number for everything: each column is a quantity of its own.",
            ),
        ),
        hints=(
            "Line (34) says what the variance of an average is. What is its root?",
            "The standard deviation of one draw is estimated from the draws, over dimension 0.",
            "Then divide by the square root of the number of draws.",
        ),
        why="Variances of independent draws add, so the variance of an average falls like 1/n and "
        "its standard deviation like 1/√n. One more digit costs a hundred times the draws.",
        also_right=(_error_in_steps,),
    ),
    Exercise(
        id="91.6",
        title="KL between tables with zeros",
        kind="function",
        prompt="kl(p, q) → (batch,), in nats, from two tables of shape (batch, outcomes)",
        points=3,
        difficulty=2,
        minutes=10,
        reference=kl,
        cases=_kl_cases,
        mistakes=(
            Mistake(
                _kl_other_direction,
                "The wrong direction: this is KL(q‖p). The average must be over p.",
            ),
            Mistake(
                _kl_bits,
                "That is in bits: a logarithm of base 2. The course counts in nats.",
            ),
            Mistake(
                _kl_unguarded,
                "Right where nothing is zero. Where p is 0 the computer finds 0 · (−∞) and gives "
                "NaN; such an outcome never happens and adds nothing.",
            ),
            Mistake(
                _kl_ratio_of_zeros,
                "Right, but for outcomes that both forbid: there the ratio is 0/0, and log q "
                "times 0 is no better. Both are NaN before you add them up.",
            ),
            Mistake(
                _kl_with_epsilon,
                "A small number added inside the logarithm hides the case that matters: where q "
                "is 0 and p is not, the divergence is infinite, not large.",
            ),
            Mistake(
                _kl_skips_both,
                "You leave out outcomes that q forbids. If p allows them the divergence is "
                "infinite; only where p is 0 is there nothing to add.",
            ),
            Mistake(
                _kl_cross_entropy,
                "This is the cross-entropy −Σ p log q. The entropy of p is still to be "
                "subtracted: KL(p‖p) must be 0.",
            ),
            Mistake(
                _kl_averaged,
                "You averaged over the outcomes. They are weighted by p already, so they are "
                "summed.",
            ),
            Mistake(
                _kl_one_number,
                "One number for the whole batch: averaged too early. Return one value a row.",
            ),
        ),
        hints=(
            "Write line (39) for one row; then see what happens where p is 0 and where q is 0.",
            "p · log p goes to 0 when p does. So an outcome with p = 0 adds 0, whatever q says.",
            "torch.where, or torch.xlogy, which knows that 0 times log 0 is 0 here.",
        ),
        why="An outcome that p never produces cannot add anything; one that p produces and q "
        "forbids costs infinitely much. Adding a small number makes the second case look "
        "harmless.",
        also_right=(_kl_by_xlogy,),
    ),
    Exercise(
        id="91.7",
        title="Principal angles between two subspaces",
        kind="function",
        prompt="principal_angles(first, second) → radians, smallest first",
        points=3,
        difficulty=2,
        minutes=10,
        reference=principal_angles,
        cases=_angles_cases,
        mistakes=(
            Mistake(
                _angles_not_orthonormal,
                "The columns were not made orthonormal first: this depends on how long and how "
                "tilted the basis is, not only on the subspace.",
            ),
            Mistake(
                _angles_not_a_number,
                "NaN, because some of your cosines are far above 1: the columns were not made "
                "orthonormal first.",
            ),
            Mistake(
                _angles_only_normalized,
                "The columns have length 1 but are not perpendicular to each other. They must be "
                "both.",
            ),
            Mistake(
                _angles_cosines,
                "These are the cosines; asked are the angles.",
            ),
            Mistake(
                _angles_degrees,
                "That is in degrees; asked are radians.",
            ),
            Mistake(
                _angles_column_by_column,
                "You compared column 1 with column 1, 2 with 2. A subspace has no first column: "
                "the singular values find the pairs.",
            ),
            Mistake(
                _angles_squared,
                "You took the eigenvalues of MᵀM for the cosines. They are the cosines squared.",
            ),
            Mistake(
                _angles_sine,
                "Singular values are cosines here, not sines: 1 means no angle at all.",
            ),
            Mistake(
                _angles_rows,
                "You worked with the rows. The subspaces are spanned by the columns.",
            ),
        ),
        hints=(
            "Both bases must be orthonormal first: torch.linalg.qr(...).Q.",
            "Then the cosines are the singular values of one basis transposed times the other.",
            "Rounding may push a cosine slightly above 1, where acos gives NaN: clamp it.",
        ),
        why="The singular values do not change when either basis is turned within its subspace, so "
        "the angles belong to the subspaces. Two bases that look nothing alike may span the same "
        "one.",
        also_right=(_angles_by_svd,),
        tolerance=(1e-4, 1e-5),
    ),
]
