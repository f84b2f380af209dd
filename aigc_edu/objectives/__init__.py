"""The equations of the lessons as functions, in one convention.

Natural logarithms (nats). A discriminator or a Bernoulli decoder hands over *logits*, never
probabilities. A quantity is summed over all dimensions of one example (all but the first) and
comes back as one value an example, shape ``(batch,)``; only what has ``loss`` or ``penalty`` in
its name is averaged over the batch. Shapes must match exactly: nothing is broadcast, because a
silently broadcast loss trains, badly. Half-precision inputs are computed in float32.

Nothing here overflows where the true value is finite: logits of ±10,000 are fine in float32.
"""

from aigc_edu.objectives.adversarial import (
    discriminator_loss,
    generator_loss,
    jensen_shannon,
    optimal_discriminator,
    r1_penalty,
)
from aigc_edu.objectives.variational import (
    bernoulli_log_likelihood,
    elbo,
    gaussian_kl,
    importance_weighted_bound,
    kl_to_standard_normal,
    reparameterize,
)

__all__ = [
    "bernoulli_log_likelihood",
    "discriminator_loss",
    "elbo",
    "gaussian_kl",
    "generator_loss",
    "importance_weighted_bound",
    "jensen_shannon",
    "kl_to_standard_normal",
    "optimal_discriminator",
    "r1_penalty",
    "reparameterize",
]
