"""Exercises of lesson 02: generative and discriminative models, likelihood and divergences."""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.objectives import gaussian_kl, jensen_shannon

Pair = tuple[Tensor, Tensor]


def _normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype)


# ------------------------------------------------------------- 2.2 conditioning a table


def conditional(counts: Tensor) -> Tensor:
    """p(y | x) from a table of counts with x in the rows and y in the columns."""
    return counts / counts.sum(dim=1, keepdim=True)  # (values of x, labels)


def _conditional_joint(counts: Tensor) -> Tensor:
    return counts / counts.sum()


def _conditional_other(counts: Tensor) -> Tensor:
    return counts / counts.sum(dim=0, keepdim=True)


def _conditional_softmax(counts: Tensor) -> Tensor:
    return counts.softmax(dim=1)


def _conditional_prior(counts: Tensor) -> Tensor:
    table = counts / counts.sum(dim=0, keepdim=True)  # p(x | y)
    return table / table.sum(dim=1, keepdim=True)


def _conditional_label(counts: Tensor) -> Tensor:
    return (counts.sum(dim=0) / counts.sum()).expand(counts.shape).clone()


def _conditional_by_bayes(counts: Tensor) -> Tensor:
    joint = counts / counts.sum()
    return torch.exp(joint.log() - joint.sum(1, keepdim=True).log())


def _count_cases(generator: torch.Generator) -> list[Case]:
    def table(rows: int, columns: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.randint(1, 40, (rows, columns), generator=generator).to(dtype)

    zeros = table(5, 2)
    zeros[1, 0] = zeros[3, 1] = 0.0
    return [
        Case("ordinary", (table(6, 2),), weight=2),
        Case("three labels", (table(4, 3),)),
        Case("one value of x", (table(1, 5),)),
        Case("an empty cell", (zeros,)),
        Case("float64", (table(3, 7, torch.float64),)),
    ]


# ------------------------------------------------- 2.3 maximum likelihood of a Gaussian


def fit_gaussian(x: Tensor) -> Pair:
    """Mean and variance of the diagonal Gaussian under which x, (count, dims), is likeliest."""
    mean = x.mean(dim=0)  # (dims,)
    return mean, (x - mean).square().mean(dim=0)


def _fit_n_minus_1(x: Tensor) -> Pair:
    return x.mean(0), x.var(0)


def _fit_sigma(x: Tensor) -> Pair:
    return x.mean(0), x.var(0, correction=0).sqrt()


def _fit_sigma_n_minus_1(x: Tensor) -> Pair:
    return x.mean(0), x.std(0)


def _fit_about_zero(x: Tensor) -> Pair:
    return x.mean(0), x.square().mean(0)


def _fit_sum(x: Tensor) -> Pair:
    return x.mean(0), (x - x.mean(0)).square().sum(0)


def _fit_one_variance(x: Tensor) -> Pair:
    variance = (x - x.mean(0)).square().mean()
    return x.mean(0), variance.expand(x.shape[1]).clone()


def _fit_other_axis(x: Tensor) -> Pair:
    return x.mean(1), x.var(1, correction=0)


def _fit_absolute(x: Tensor) -> Pair:
    return x.mean(0), (x - x.mean(0)).abs().mean(0).square()


def _fit_by_moments(x: Tensor) -> Pair:
    mean = x.sum(0) / x.shape[0]
    variance = x.var(0, correction=0)
    return mean, variance


def _sample_cases(generator: torch.Generator) -> list[Case]:
    return [
        Case("ordinary", (2 * _normal(generator, 7, 3) + 1,), weight=2),
        Case("one dimension", (_normal(generator, 5, 1) - 3,)),
        Case("two examples", (_normal(generator, 2, 4),)),
        # Mean square minus squared mean is right too, and loses digits here.
        Case("shifted", (0.5 * _normal(generator, 9, 2) + 20,), tolerance=(1e-2, 1e-3)),
        Case("float64", (_normal(generator, 6, 5, dtype=torch.float64),)),
    ]


# ------------------------------------------------------------- 2.4 KL between Gaussians

Four = tuple[Tensor, Tensor, Tensor, Tensor]


def _kl_terms(mean_q: Tensor, log_q: Tensor, mean_p: Tensor, log_p: Tensor) -> Tensor:
    """Twice the KL of each dimension."""
    distance = (mean_q - mean_p).square() * (-log_p).exp()
    return distance + (log_q - log_p).exp() - 1 - (log_q - log_p)


def _kl_without_half(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    return _kl_terms(mean_q, log_variance_q, mean_p, log_variance_p).sum(1)


def _kl_other_direction(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    return 0.5 * _kl_terms(mean_p, log_variance_p, mean_q, log_variance_q).sum(1)


def _kl_averaged(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    return 0.5 * _kl_terms(mean_q, log_variance_q, mean_p, log_variance_p).mean(1)


def _kl_sigma(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    distance = (mean_q - mean_p).square() * (-0.5 * log_variance_p).exp()
    return 0.5 * (distance + (0.5 * ratio).exp() - 1 - ratio).sum(1)


def _kl_distance_plain(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    return 0.5 * ((mean_q - mean_p).square() + ratio.exp() - 1 - ratio).sum(1)


def _kl_distance_by_q(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    distance = (mean_q - mean_p).square() * (-log_variance_q).exp()
    return 0.5 * (distance + ratio.exp() - 1 - ratio).sum(1)


def _kl_ratio_turned(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_p - log_variance_q
    distance = (mean_q - mean_p).square() * (-log_variance_p).exp()
    return 0.5 * (distance + ratio.exp() - 1 - ratio).sum(1)


def _kl_without_one(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    return 0.5 * (_kl_terms(mean_q, log_variance_q, mean_p, log_variance_p) + 1).sum(1)


def _kl_bits(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    return gaussian_kl(mean_q, log_variance_q, mean_p, log_variance_p) / math.log(2)


def _kl_log_sigma(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    return gaussian_kl(mean_q, 2 * log_variance_q, mean_p, 2 * log_variance_p)


def _kl_plus_log(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    distance = (mean_q - mean_p).square() * (-log_variance_p).exp()
    return 0.5 * (distance + ratio.exp() - 1 + ratio).sum(1)


def _kl_whole_log(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    ratio = log_variance_q - log_variance_p
    distance = (mean_q - mean_p).square() * (-log_variance_p).exp()
    return (0.5 * (distance + ratio.exp() - 1) - ratio).sum(1)


def _kl_by_torch(
    mean_q: Tensor, log_variance_q: Tensor, mean_p: Tensor, log_variance_p: Tensor
) -> Tensor:
    from torch.distributions import Normal, kl_divergence

    q = Normal(mean_q, (0.5 * log_variance_q).exp())
    p = Normal(mean_p, (0.5 * log_variance_p).exp())
    divergence: Tensor = kl_divergence(q, p).sum(1)
    return divergence


def _two_gaussians_cases(generator: torch.Generator) -> list[Case]:
    def four(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> Four:
        def draw(factor: float) -> Tensor:
            return factor * _normal(generator, *shape, dtype=dtype)

        return draw(scale), draw(1.0), draw(scale), draw(1.0)

    mean, log_variance = _normal(generator, 2, 3), _normal(generator, 2, 3)
    return [
        Case("ordinary", four(5, 3), weight=2),
        Case("batch of one", four(1, 4)),
        Case("one dimension", four(6, 1)),
        Case("far apart", four(3, 2, scale=10.0)),
        Case("twice the same", (mean, log_variance, mean.clone(), log_variance.clone())),
        Case("float64", four(4, 6, dtype=torch.float64)),
    ]


# -------------------------------------------------------------- 2.5 the Jensen-Shannon


def _xlogy_kl(p: Tensor, q: Tensor) -> Tensor:
    divergence: Tensor = (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).sum(-1)
    return divergence


def _jsd_bits(p: Tensor, q: Tensor) -> Tensor:
    return jensen_shannon(p, q) / math.log(2)


def _jsd_root(p: Tensor, q: Tensor) -> Tensor:
    return jensen_shannon(p, q).sqrt()


def _jsd_sum(p: Tensor, q: Tensor) -> Tensor:
    return 2 * jensen_shannon(p, q)


def _jsd_unhalved_mixture(p: Tensor, q: Tensor) -> Tensor:
    m = p + q
    return 0.5 * (_xlogy_kl(p, m) + _xlogy_kl(q, m))


def _jsd_one_side(p: Tensor, q: Tensor) -> Tensor:
    return _xlogy_kl(p, 0.5 * (p + q))


def _jsd_wrong_way(p: Tensor, q: Tensor) -> Tensor:
    m = 0.5 * (p + q)
    return 0.5 * (_xlogy_kl(m, p) + _xlogy_kl(m, q))


def _jsd_jeffreys(p: Tensor, q: Tensor) -> Tensor:
    return 0.5 * (_xlogy_kl(p, q) + _xlogy_kl(q, p))


def _jsd_not_a_number(p: Tensor, q: Tensor) -> Tensor:
    m = 0.5 * (p + q)
    return 0.5 * ((p * (p / m).log()).sum(-1) + (q * (q / m).log()).sum(-1))


def _jsd_ratio_of_zeros(p: Tensor, q: Tensor) -> Tensor:
    m = 0.5 * (p + q)
    each: Tensor = torch.special.xlogy(p, p / m) + torch.special.xlogy(q, q / m)
    return 0.5 * each.sum(-1)


def _jsd_entropies(p: Tensor, q: Tensor) -> Tensor:
    entropy = torch.special.entr
    divergence: Tensor = (entropy((p + q) / 2) - entropy(p) / 2 - entropy(q) / 2).sum(-1)
    return divergence


def _pair_cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32) -> Pair:
        p = (1.5 * _normal(generator, *shape, dtype=dtype)).softmax(-1)
        return p, (1.5 * _normal(generator, *shape, dtype=dtype)).softmax(-1)

    p, q = pair(4, 5)
    p[:, 0] = 0.0
    q[:, 3] = 0.0
    p[:, 2], q[:, 2] = 0.0, 0.0  # an outcome that neither has
    apart = torch.tensor([[0.25, 0.75, 0.0], [1.0, 0.0, 0.0]])
    other = torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.5, 0.5]])
    return [
        Case("ordinary", pair(3, 5), weight=2),
        Case("with zeros", (p / p.sum(-1, keepdim=True), q / q.sum(-1, keepdim=True)), weight=2),
        Case("nothing in common", (apart, other)),
        Case("one pair", pair(6)),
        Case("float64", pair(2, 7, dtype=torch.float64)),
    ]


# ---------------------------------------------------- 2.6 one Gaussian for a whole mixture


def forward_fit(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    """Mean and variance of the Gaussian q with the smallest KL(mixture || q)."""
    mean = (weights * means).sum()
    return mean, (weights * (variances + (means - mean).square())).sum()


def _forward_within_only(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    return (weights * means).sum(), (weights * variances).sum()


def _forward_between_only(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    mean = (weights * means).sum()
    return mean, (weights * (means - mean).square()).sum()


def _forward_squared_weights(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    return (weights * means).sum(), (weights.square() * variances).sum()


def _forward_unweighted(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    mean = means.mean()
    return mean, (variances + (means - mean).square()).mean()


def _forward_about_zero(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    return (weights * means).sum(), (weights * (variances + means.square())).sum()


def _forward_sigma(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    mean, variance = forward_fit(weights, means, variances)
    return mean, variance.sqrt()


def _forward_biggest(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    best = weights.argmax()
    return means[best].clone(), variances[best].clone()


def _forward_by_moments(weights: Tensor, means: Tensor, variances: Tensor) -> Pair:
    mean = weights @ means
    return mean, weights @ (variances + means * means) - mean * mean


def _mixture_cases(generator: torch.Generator) -> list[Case]:
    def mixture(parts: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
        weights = _normal(generator, parts, dtype=dtype).softmax(0)
        means = 2 * _normal(generator, parts, dtype=dtype) + 0.5
        return weights, means, _normal(generator, parts, dtype=dtype).exp()

    one = torch.ones(1), _normal(generator, 1), _normal(generator, 1).exp()
    return [
        Case("ordinary", mixture(3), weight=2),
        Case("two parts", mixture(2)),
        Case("one part", one),
        Case(
            "equal means",
            (torch.tensor([0.2, 0.8]), torch.tensor([1.5, 1.5]), torch.tensor([1.0, 4.0])),
        ),
        Case("float64", mixture(5, torch.float64)),
    ]


# --------------------------------------------------------------- 2.7 from classes to labels


def log_posterior(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    """log p(y | x) from log p(x | y), (batch, classes), and log p(y), (classes,)."""
    return (log_likelihoods + log_priors).log_softmax(dim=1)


def _posterior_no_prior(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    return log_likelihoods.log_softmax(dim=1)


def _posterior_joint(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    return log_likelihoods + log_priors


def _posterior_probability(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    return (log_likelihoods + log_priors).softmax(dim=1)


def _posterior_over_batch(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    return (log_likelihoods + log_priors).log_softmax(dim=0)


def _posterior_underflows(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    joint = log_likelihoods.exp() * log_priors.exp()
    return (joint / joint.sum(dim=1, keepdim=True)).log()


def _posterior_log_of_zero(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    log_joint = log_likelihoods + log_priors
    return log_joint - log_joint.exp().sum(dim=1, keepdim=True).log()


def _posterior_prior_not_log(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    return (log_likelihoods + log_priors.exp()).log_softmax(dim=1)


def _posterior_product_of_logs(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    return (log_likelihoods * log_priors).log_softmax(dim=1)


def _posterior_wrong_normalizer(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    normalizer = torch.logsumexp(log_likelihoods, dim=1, keepdim=True)
    return log_likelihoods + log_priors - normalizer


def _posterior_sum_of_logs(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    log_joint = log_likelihoods + log_priors
    return log_joint - log_joint.sum(dim=1, keepdim=True)


def _posterior_by_logsumexp(log_likelihoods: Tensor, log_priors: Tensor) -> Tensor:
    log_joint = log_likelihoods + log_priors
    return log_joint - torch.logsumexp(log_joint, dim=1, keepdim=True)


def _posterior_cases(generator: torch.Generator) -> list[Case]:
    def pair(batch: int, classes: int, dtype: torch.dtype = torch.float32) -> Pair:
        likelihoods = 2 * _normal(generator, batch, classes, dtype=dtype) - 5
        return likelihoods, _normal(generator, classes, dtype=dtype).log_softmax(0)

    small, priors = pair(4, 3)
    return [
        Case("ordinary", pair(5, 3), weight=2),
        Case("batch of one", pair(1, 4)),
        Case("two classes", pair(6, 2)),
        # float32 keeps 300.0 to 3e-5 only: right answers may differ by that much.
        Case("as small as for images", (small - 300, priors), tolerance=(1e-3, 3e-4)),
        Case("float64", pair(3, 7, torch.float64)),
    ]


EXERCISES = [
    Exercise(
        id="2.1",
        title="Predict: one bell for two heaps",
        kind="prediction",
        prompt="One letter: where does the most likely Gaussian have its peak?",
        reference="b",
        choices={
            "a": "over the larger heap",
            "b": "between the heaps, where there are no data",
            "c": "over one of the two, depending on where the search began",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "a",
                "Then the smaller heap would lie far out in the tail, and each of its points "
                "would cost a very negative logarithm. Sections 3 and 6 say what is cheaper.",
            ),
            Mistake(
                "c",
                "The likelihood of a single Gaussian has one maximum only, wherever the search "
                "begins. What you describe does happen, with another measure: see section 6.",
            ),
        ),
        hints=(
            "Maximum likelihood multiplies over *all* points. What does one point with "
            "probability near 0 do to a product?",
            "Section 3 derives which mean is the likeliest one. Where is it for two heaps?",
        ),
        why="The most likely mean is the average of the data, and the average of two heaps lies "
        "between them. Maximum likelihood would rather waste probability where nothing is than "
        "give none to a point that did occur.",
    ),
    Exercise(
        id="2.2",
        title="From the joint table to p(y|x)",
        kind="function",
        prompt="conditional(counts) → p(y|x), shaped as counts: x in the rows, y in the columns",
        points=1,
        difficulty=1,
        minutes=4,
        reference=conditional,
        cases=_count_cases,
        mistakes=(
            Mistake(
                _conditional_joint,
                "You divided by the total: this is the joint p(x, y). Given x, the labels of "
                "that one row must sum to 1.",
            ),
            Mistake(
                _conditional_other,
                "This is p(x|y): your columns sum to 1. It answers the question the other way "
                "round, how wide the ones are, and not which digit a wide one is.",
            ),
            Mistake(
                _conditional_softmax,
                "A softmax is for logits. Counts are already proportional to probabilities: "
                "dividing is enough.",
            ),
            Mistake(
                _conditional_prior,
                "You treated the labels as equally frequent: this is Bayes' rule with the prior "
                "p(y) left out.",
            ),
            Mistake(
                _conditional_label,
                "This is p(y), the same in each row: it does not look at x at all.",
            ),
        ),
        hints=(
            "p(y|x) = p(x, y) / p(x). Where is p(x) in the table?",
            "p(x) is a sum over the labels, so over dimension 1. The total cancels.",
            "Divide each row by its own sum; keepdim=True lets the shapes fit.",
        ),
        why="Conditioning on x means looking at one row and nothing else. That is why p(y|x) has "
        "forgotten how frequent each x was, and cannot be turned back into the table.",
        also_right=(_conditional_by_bayes,),
    ),
    Exercise(
        id="2.3",
        title="The most likely Gaussian",
        kind="function",
        prompt="fit_gaussian(x) → (mean, variance), each (dims,), from x of shape (count, dims)",
        points=3,
        difficulty=2,
        minutes=8,
        reference=fit_gaussian,
        cases=_sample_cases,
        tolerance=(2e-4, 1e-6),
        mistakes=(
            Mistake(
                _fit_n_minus_1,
                "You divided by n − 1, as x.var() does. That removes the bias of the estimate; "
                "the likelihood is largest with n, line (18).",
            ),
            Mistake(
                _fit_sigma,
                "This is the standard deviation; asked is the variance.",
            ),
            Mistake(
                _fit_sigma_n_minus_1,
                "Two slips: this is a standard deviation, not a variance, and with n − 1.",
            ),
            Mistake(
                _fit_about_zero,
                "This is the mean square of x itself. The variance is about the mean: subtract "
                "it first.",
            ),
            Mistake(
                _fit_sum,
                "This is the sum of the squares. Line (18) divides it by the number of examples.",
            ),
            Mistake(
                _fit_one_variance,
                "You averaged the squares over the dimensions too. Each dimension has a variance "
                "of its own.",
            ),
            Mistake(
                _fit_other_axis,
                "You averaged over the dimensions of each example. Examples are in dimension 0.",
            ),
            Mistake(
                _fit_absolute,
                "This is the squared mean absolute deviation. The likelihood asks for the mean "
                "of the squares.",
            ),
        ),
        hints=(
            "Lines (17) and (18), for each dimension on its own.",
            "What does x.var(dim=0) divide by? Its argument `correction` decides.",
            "Mean over dimension 0; subtract it, square, and take the mean over dimension 0.",
        ),
        why="Setting two derivatives to zero gives the average and the average squared distance "
        "from it. The n in the denominator makes the estimate a little small on average, by the "
        "factor (n − 1)/n; likelihood does not care about bias.",
        also_right=(_fit_by_moments,),
    ),
    Exercise(
        id="2.4",
        title="KL between two Gaussians",
        kind="function",
        prompt="kl(mean_q, log_variance_q, mean_p, log_variance_p) → (batch,), KL(q‖p) in nats",
        points=3,
        difficulty=2,
        minutes=10,
        reference=gaussian_kl,
        cases=_two_gaussians_cases,
        gradient=True,
        mistakes=(
            Mistake(
                _kl_without_half,
                "This is twice the KL: the ½ of line (24) is lost.",
            ),
            Mistake(
                _kl_other_direction,
                "This is KL(p‖q), the other direction: the average is over q, so q's variance "
                "stands above p's.",
            ),
            Mistake(
                _kl_averaged,
                "You averaged over the dimensions. The logarithm of a product is a sum, so the "
                "KL of independent dimensions is their sum.",
            ),
            Mistake(
                _kl_sigma,
                "This is what you get with σ where σ² belongs: exp(log_variance) is σ² already.",
            ),
            Mistake(
                _kl_log_sigma,
                "You read log_variance as log σ. It is log σ²: no factor 2 in front of it.",
            ),
            Mistake(
                _kl_plus_log,
                "The logarithm has the wrong sign: in line (24) it is minus the logarithm of q's "
                "variance over p's.",
            ),
            Mistake(
                _kl_whole_log,
                "The ½ is missing before the logarithm: log(σ_q/σ_p) is half the difference of "
                "the log-variances.",
            ),
            Mistake(
                _kl_distance_plain,
                "The distance of the means must be measured in units of p: divide its square by "
                "p's variance.",
            ),
            Mistake(
                _kl_distance_by_q,
                "You divided the distance by q's variance. In line (23) it is the exponent of p "
                "that holds it.",
            ),
            Mistake(
                _kl_ratio_turned,
                "The distance of the means is right; the ratio of the variances is upside down. "
                "The average is over q, so its variance is the numerator.",
            ),
            Mistake(
                _kl_without_one,
                "The −1 is missing: for two equal Gaussians the KL must be 0.",
            ),
            Mistake(
                _kl_bits,
                "This is in bits. The course measures in nats: natural logarithms.",
            ),
        ),
        hints=(
            "Line (24) for each dimension; then a sum over dimension 1.",
            "σ_q²/σ_p² is the exponential of a difference of the two log-variances.",
            "Half of: squared distance over p's variance, plus the ratio of variances, minus one, "
            "minus the logarithm of that ratio.",
        ),
        why="Everything is measured in units of p: the distance of the means and the ratio of "
        "the widths. Exchange the two Gaussians and the units change, so the number does too.",
        also_right=(_kl_by_torch,),
    ),
    Exercise(
        id="2.5",
        title="Jensen–Shannon with zeros",
        kind="function",
        prompt="jsd(p, q) → (...), in nats, from probabilities over the last dimension",
        points=3,
        difficulty=2,
        minutes=10,
        reference=jensen_shannon,
        cases=_pair_cases,
        mistakes=(
            Mistake(
                _jsd_bits,
                "This is in bits (log2). In nats the largest value is log 2 = 0.693, not 1.",
            ),
            Mistake(
                _jsd_root,
                "This is the square root, the Jensen–Shannon *distance* that SciPy returns.",
            ),
            Mistake(
                _jsd_sum,
                "You added the two KLs. Line (25) takes half of each.",
            ),
            Mistake(
                _jsd_unhalved_mixture,
                "The mixture is p + q in your answer, which sums to 2: a half is missing, and "
                "the result is too small by log 2.",
            ),
            Mistake(
                _jsd_one_side,
                "This is KL(p‖m) alone. The other half, KL(q‖m), is missing.",
            ),
            Mistake(
                _jsd_wrong_way,
                "The KLs are the wrong way round: KL(m‖p) is infinite where p is 0. The mixture "
                "comes second.",
            ),
            Mistake(
                _jsd_jeffreys,
                "This is the mean of KL(p‖q) and KL(q‖p), without a mixture. It is infinite as "
                "soon as one of them is 0 where the other is not.",
            ),
            Mistake(
                _jsd_not_a_number,
                "The formula is right, and 0 · log 0 is NaN in floating point. An outcome of "
                "probability 0 must add 0: torch.special.xlogy does that.",
            ),
            Mistake(
                _jsd_ratio_of_zeros,
                "Right, but for outcomes that neither has: there p/m is 0/0, NaN before the "
                "logarithm is taken. Let p log p and p log m stand apart.",
            ),
        ),
        hints=(
            "First the mixture m, half of each. Then two KLs to m, and half of each.",
            "KL(p‖m) is a sum of p log p − p log m. What is 0 · log 0 to be?",
            "torch.special.xlogy(p, m) is p log m, and 0 where p is 0.",
        ),
        why="The mixture is positive wherever p or q is, so no logarithm is ever infinite. That "
        "is what bounds the result by log 2, reached when the two have nothing in common.",
        also_right=(_jsd_entropies,),
    ),
    Exercise(
        id="2.6",
        title="One Gaussian for a whole mixture",
        kind="function",
        prompt="forward_fit(weights, means, variances) → (mean, variance), two numbers",
        points=3,
        difficulty=2,
        minutes=8,
        reference=forward_fit,
        cases=_mixture_cases,
        mistakes=(
            Mistake(
                _forward_within_only,
                "You averaged the variances of the parts and forgot that the parts lie apart: "
                "the spread of their means adds to it.",
            ),
            Mistake(
                _forward_between_only,
                "This is the spread of the means alone. Each part has a width of its own besides.",
            ),
            Mistake(
                _forward_squared_weights,
                "Squared weights belong to a weighted *sum* of random numbers. A mixture draws "
                "from one part or another; it adds nothing up.",
            ),
            Mistake(
                _forward_unweighted,
                "You took all the parts as equally frequent: the weights are missing.",
            ),
            Mistake(
                _forward_about_zero,
                "This is the mean square about 0. Subtract the square of the mean.",
            ),
            Mistake(
                _forward_sigma,
                "The second number is the standard deviation; asked is the variance.",
            ),
            Mistake(
                _forward_biggest,
                "This is the largest part alone. A forward KL pays dearly for every part that q "
                "leaves out.",
            ),
        ),
        hints=(
            "Line (31): the mean and the variance of x itself, when x is drawn from the mixture.",
            "An average over the mixture is a weighted average of the averages over its parts.",
            "In part k the average of (x − mean)² is variance k plus (mean k − mean)². Weight "
            "and add.",
        ),
        why="The forward KL only asks for the first two moments of the data to be right. The "
        "variance of a mixture is the average width plus the spread of the centers.",
        also_right=(_forward_by_moments,),
    ),
    Exercise(
        id="2.7",
        title="Bayes' rule in logarithms",
        kind="function",
        prompt="log_posterior(log_likelihoods, log_priors) → log p(y|x), (batch, classes)",
        points=3,
        difficulty=2,
        minutes=8,
        reference=log_posterior,
        cases=_posterior_cases,
        gradient=True,
        mistakes=(
            Mistake(
                _posterior_no_prior,
                "The prior p(y) is missing: this takes all classes as equally frequent.",
            ),
            Mistake(
                _posterior_joint,
                "This is log p(x, y), not normalized. The most probable class is the same, but "
                "these are no probabilities of labels: subtract log p(x).",
            ),
            Mistake(
                _posterior_probability,
                "These are the probabilities; asked are their logarithms.",
            ),
            Mistake(
                _posterior_over_batch,
                "You normalized over the batch (dimension 0). For each x the classes, in "
                "dimension 1, must sum to 1.",
            ),
            Mistake(
                _posterior_underflows,
                "The formula is right and the arithmetic is not: exp(−300) is 0 in float32, and "
                "0/0 is NaN. Stay in logarithms.",
            ),
            Mistake(
                _posterior_log_of_zero,
                "Right but for one step: exp(−300) is 0 in float32, and the logarithm of that "
                "sum −∞. torch.logsumexp does the same without leaving the logarithms.",
            ),
            Mistake(
                _posterior_wrong_normalizer,
                "The normalizer leaves out the prior: log p(x) sums p(x|y) p(y), the same terms "
                "as above the line.",
            ),
            Mistake(
                _posterior_sum_of_logs,
                "You subtracted the sum of the logarithms. log p(x) is the logarithm of a sum.",
            ),
            Mistake(
                _posterior_prior_not_log,
                "You added the prior itself to a logarithm. Multiplying by p(y) adds log p(y).",
            ),
            Mistake(
                _posterior_product_of_logs,
                "You multiplied the logarithms. A product of probabilities is a *sum* of "
                "logarithms.",
            ),
        ),
        hints=(
            "Line (3) in logarithms: a product becomes a sum, the division a difference.",
            "What is subtracted is log p(x), the logarithm of a sum of exponentials over classes.",
            "torch.logsumexp with keepdim=True; or one call that adds and normalizes: log_softmax.",
        ),
        why="In logarithms nothing underflows, however many pixels there are. The normalizer "
        "that is subtracted is log p(x): a generative classifier gets it for nothing, and a "
        "discriminative one never knows it.",
        also_right=(_posterior_by_logsumexp,),
    ),
]
