"""d_loss(real_logits, fake_logits) → a scalar, in nats"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import Pair, normal
from aigc_edu.objectives import discriminator_loss


def _cases(generator: torch.Generator) -> list[Case]:
    """Logits of real and of generated examples."""

    def pair(real: int, fake: int, dtype: torch.dtype = torch.float32) -> Pair:
        return (
            1 + 2 * normal(generator, real, dtype=dtype),
            -1 + 2 * normal(generator, fake, dtype=dtype),
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


def _by_cross_entropy(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    entropy = F.binary_cross_entropy_with_logits
    return entropy(real_logits, torch.ones_like(real_logits)) + entropy(
        fake_logits, torch.zeros_like(fake_logits)
    )


@mistake("The sigmoid is applied twice: once by you, and once by the function that expects logits.")
def _sigmoid_twice(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    real, fake = real_logits.sigmoid(), fake_logits.sigmoid()
    return -F.logsigmoid(real).mean() - F.logsigmoid(-fake).mean()


EXERCISE = Exercise(
    id="6.2",
    title="The discriminator's loss from logits",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=1,
    minutes=8,
    reference=discriminator_loss,
    cases=_cases,
    gradient=True,
    also_right=(_by_cross_entropy,),
    mistakes=(
        Mistake(
            lambda real_logits, fake_logits: (
                -F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean()
            ),
            "The minus reached only the first term: the bracket of line (3) is lost, and "
            "this loss rewards calling fakes real.",
        ),
        Mistake(
            lambda real_logits, fake_logits: (
                -F.logsigmoid(-real_logits).mean() - F.logsigmoid(fake_logits).mean()
            ),
            "Real and fake are swapped: this loss wants D small on real images.",
        ),
        Mistake(
            lambda real_logits, fake_logits: (
                -F.logsigmoid(real_logits).mean() - F.logsigmoid(fake_logits).mean()
            ),
            "The fakes' term is log D(G(z)); it should be log(1 − D(G(z))). As it stands, "
            "the discriminator is paid for calling everything real.",
        ),
        Mistake(
            lambda real_logits, fake_logits: (
                F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean()
            ),
            "This is the value that the discriminator maximizes. A loss is minimized: turn "
            "the sign.",
        ),
        _sigmoid_twice,
        Mistake(
            lambda real_logits, fake_logits: (
                -real_logits.sigmoid().log().mean() - (1 - fake_logits.sigmoid()).log().mean()
            ),
            "Right on paper, but for a logit of −300 the probability is rounded to 0 and "
            "its logarithm is infinite. Stay with logits.",
        ),
        Mistake(
            lambda real_logits, fake_logits: (
                -real_logits.log().mean() - (1 - fake_logits).log().mean()
            ),
            "This takes the logarithm of a logit. The logarithm belongs around the "
            "probability D = σ(logit).",
        ),
        Mistake(
            lambda real_logits, fake_logits: (
                -0.5 * (F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean())
            ),
            "Half of it: the course (like the paper's equation 1) adds the two means, "
            "without a factor ½.",
        ),
        Mistake(
            lambda real_logits, fake_logits: F.softplus(
                torch.cat([-real_logits, fake_logits])
            ).mean(),
            "You averaged over one long batch of reals and fakes. There are two "
            "expectations, each with a mean of its own.",
        ),
        Mistake(
            lambda real_logits, fake_logits: (
                -F.logsigmoid(real_logits.mean()) - F.logsigmoid(-fake_logits.mean())
            ),
            "Averaged too early: first the logarithm for each example, then the mean.",
        ),
        Mistake(
            lambda real_logits, fake_logits: (
                -F.logsigmoid(real_logits).sum() - F.logsigmoid(-fake_logits).sum()
            ),
            "Summed over the batch. An expectation is a mean.",
        ),
    ),
    hints=(
        "Two expectations, two means, and one minus in front of both.",
        "1 − σ(ℓ) = σ(−ℓ), and PyTorch has the logarithm of a sigmoid as one function.",
    ),
    why="Both terms are cross-entropies: real images have the target 1, fakes the target 0. "
    "At logits of 0 the loss is 2 log 2 = 1.386, the number to remember.",
)
