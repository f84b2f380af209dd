"""What the two players of a generative adversarial network minimize, and what the game measures."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.objectives._shapes import (
    full_precision,
    one_logit_each,
    same_shape,
    sum_over_example,
)


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The discriminator's loss: mean of -log D(x) plus mean of -log(1 - D(G(z))), in nats.

    There is no factor 1/2: a discriminator that cannot tell (logits 0) has the loss
    2 log 2 = 1.386.

    Args:
        real_logits: one logit an example, (batch,) or (batch, 1).
        fake_logits: the same; the two batches may differ in size.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: if there is not exactly one logit an example.

    Source: Goodfellow et al. 2014, "Generative Adversarial Nets", equation 1 and algorithm 1
    (there maximized, here its negative).

    >>> discriminator_loss(torch.zeros(4), torch.zeros(4))
    tensor(1.3863)
    """
    real = one_logit_each("real_logits", real_logits)
    fake = one_logit_each("fake_logits", fake_logits)
    # 1 - sigmoid(a) = sigmoid(-a): no probability is ever formed, so none rounds to 0.
    return -F.logsigmoid(real).mean() - F.logsigmoid(-fake).mean()


def generator_loss(
    fake_logits: Tensor, kind: Literal["nonsaturating", "saturating"] = "nonsaturating"
) -> Tensor:
    """The generator's loss in nats: mean of -log D(G(z)), or mean of log(1 - D(G(z))).

    Args:
        fake_logits: one logit an example, (batch,) or (batch, 1).
        kind: "nonsaturating", mean of -log D (log 2 = 0.693 where D = 1/2), or "saturating",
            mean of log(1 - D), the minimax game's own (-0.693 there).

    Returns:
        A scalar.

    Raises:
        ValueError: if there is not exactly one logit an example, or for an unknown kind.

    Source: Goodfellow et al. 2014, section 3 (both), equation 1 (the second).

    >>> generator_loss(torch.zeros(4)), generator_loss(torch.zeros(4), "saturating")
    (tensor(0.6931), tensor(-0.6931))
    """
    fake = one_logit_each("fake_logits", fake_logits)
    if kind == "nonsaturating":
        return -F.logsigmoid(fake).mean()
    if kind == "saturating":
        return F.logsigmoid(-fake).mean()
    raise ValueError(f'kind must be "nonsaturating" or "saturating", got {kind!r}')


def optimal_discriminator(log_p_data: Tensor, log_p_model: Tensor) -> Tensor:
    """The best discriminator for two known densities: p_data / (p_data + p_model).

    Args:
        log_p_data: natural logarithm of the data's density at some points, any shape.
        log_p_model: the generator's at the same points, same shape. Both -inf gives NaN: where
            neither ever puts a point, nothing is best.

    Returns:
        Probabilities in [0, 1], same shape.

    Raises:
        ValueError: if the shapes differ.

    Source: Goodfellow et al. 2014, proposition 1.

    >>> optimal_discriminator(torch.tensor([-1e4, 0.0]), torch.tensor([-1e4, 0.0]))
    tensor([0.5000, 0.5000])
    """
    # Single numbers are fine here, so each is looked at as a batch of one.
    same_shape(log_p_data=log_p_data[None], log_p_model=log_p_model[None])
    return torch.sigmoid(full_precision(log_p_data) - full_precision(log_p_model))


def jensen_shannon(p: Tensor, q: Tensor) -> Tensor:
    """The Jensen-Shannon divergence of discrete distributions, in nats: 0 to log 2.

    ``1/2 KL(p || m) + 1/2 KL(q || m)`` with ``m = (p + q) / 2``. (SciPy's ``jensenshannon``
    returns the square root of this.)

    Args:
        p: (..., outcomes): probabilities over the last dimension, zeros allowed.
        q: the same shape.

    Returns:
        (...): one value a distribution.

    Raises:
        ValueError: if the shapes differ or the last dimension does not hold probabilities.

    Source: Goodfellow et al. 2014, theorem 1, where the game's value is -log 4 + 2 JSD.

    >>> jensen_shannon(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))  # log 2
    tensor(0.6931)
    """
    same_shape(p=p, q=q)
    p, q = full_precision(p), full_precision(q)
    for name, value in (("p", p), ("q", q)):
        total = value.detach().sum(dim=-1)
        if value.shape[-1] == 0 or not bool(((total - 1).abs() <= 1e-4).all()):
            raise ValueError(f"{name} must sum to 1 over its last dimension")
        if not bool((value.detach() >= 0).all()):
            raise ValueError(f"{name} holds a negative probability")
    both = p + q
    # p = m (1 + t) and q = m (1 - t): each outcome then adds at least 0, symmetric to the last bit.
    t = (p - q) / torch.where(both > 0, both, 1.0)
    each = torch.special.xlog1py(1 + t, t) + torch.special.xlog1py(1 - t, -t)
    divergence: Tensor = (0.25 * both * each.clamp(min=0.0)).sum(dim=-1)
    return divergence


def r1_penalty(real_logits: Tensor, real_images: Tensor) -> Tensor:
    """Mean over the batch of the squared norm of the discriminator's gradient at real images.

    No 1/2 and no weight: with the paper's strength the loss is
    ``discriminator_loss(...) + gamma / 2 * r1_penalty(...)``. The penalty itself can be
    differentiated. Each logit must depend on its own image alone, so no batch normalization in
    the discriminator.

    Args:
        real_logits: one logit an example, (batch,) or (batch, 1), computed from ``real_images``.
        real_images: (batch, ...), with ``requires_grad`` set before the discriminator saw them.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: if shapes do not fit, or if the logits do not depend on the images.

    Source: Mescheder et al. 2018, "Which Training Methods for GANs do actually Converge?",
    equation 9 (which carries gamma / 2).

    >>> x = torch.ones(4, 3, requires_grad=True)
    >>> r1_penalty(x.sum(dim=1), x)  # gradient (1, 1, 1) at each of the four
    tensor(3.)
    """
    logits = one_logit_each("real_logits", real_logits)
    if real_images.ndim == 0 or logits.shape[0] != real_images.shape[0]:
        raise ValueError(
            "real_logits and real_images must hold the same examples, got "
            f"{tuple(real_logits.shape)} and {tuple(real_images.shape)}"
        )
    if not real_images.requires_grad:
        raise ValueError(
            "real_images need a gradient: call real_images.requires_grad_() before the "
            "discriminator sees them"
        )
    gradient: Tensor | None = None
    if logits.requires_grad:
        (gradient,) = torch.autograd.grad(
            logits.sum(), real_images, create_graph=True, allow_unused=True
        )  # (batch, ...)
    if gradient is None:
        raise ValueError("real_logits do not depend on real_images")
    return sum_over_example(full_precision(gradient).square()).mean()
