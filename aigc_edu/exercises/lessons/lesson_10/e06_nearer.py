"""nearer(generated, training, held_out) → the chance, from 0 to 1"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.metrics import memorization


def nearer(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    """The chance that a generated image is nearer to the training set than a held-out one."""
    return memorization(generated, training, held_out).nearer


def _cases(generator: torch.Generator) -> list[Case]:
    def draws(count: int, size: int, scale: float = 1.0) -> Tensor:
        return scale * torch.randn(count, size, generator=generator)

    def copies(of: Tensor, count: int, noise: float) -> Tensor:
        return of[torch.arange(count) % len(of)] + noise * draws(count, of.shape[1])

    many, few, one = draws(40, 3), draws(15, 2), draws(12, 4)
    whole = torch.randint(0, 3, (9, 2), generator=generator).float()
    mixed = torch.cat([copies(many, 12, 0.05), draws(13, 3)])
    exact, held_too = torch.cat([few[:6], draws(5, 2)]), torch.cat([few[6:9], draws(8, 2)])
    moved = whole[4:] + torch.tensor([1.0, 0.0])
    images = [torch.rand(count, 1, 3, 3, generator=generator) for count in (6, 8, 7)]
    return [
        Case("half of them copies", (mixed, many, draws(30, 3)), weight=2),
        Case("new ones", (draws(21, 2), few, draws(17, 2))),
        Case("noise, far from everything", (draws(11, 4, 4.0), one, draws(14, 4))),
        Case("exact copies, among the held-out ones too", (exact, few, held_too)),
        Case("whole numbers, with ties", (whole[:5] + 1, whole, moved)),
        Case("images", tuple(images)),
        Case("one generated image", (copies(one, 1, 0.1), one, draws(9, 4))),
    ]


def _by_loop(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    def distance(query: Tensor) -> float:
        return min(float((query.double() - each.double()).norm()) for each in training)

    theirs = [distance(query) for query in held_out]
    points = 0.0
    for query in generated:
        mine = distance(query)
        points += sum(1.0 if mine < other else 0.5 if mine == other else 0.0 for other in theirs)
    return points / (len(generated) * len(theirs))


def _nearest(queries: Tensor, others: Tensor) -> Tensor:
    return torch.cdist(queries.flatten(1).double(), others.flatten(1).double()).amin(dim=1)


def _share(left: Tensor, right: Tensor) -> float:
    """The share of pairs in which the left one is smaller; ties count half."""
    less = (left[:, None] < right[None, :]).double()
    equal = (left[:, None] == right[None, :]).double()
    return float((less + 0.5 * equal).mean())


@mistake("Ties count nothing in yours. Then a set compared with itself gets less than one half.")
def _no_ties(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    mine, theirs = _nearest(generated, training), _nearest(held_out, training)
    return float((mine[:, None] < theirs[None, :]).double().mean())


@mistake("Ties count in full in yours. Then a set compared with itself gets more than one half.")
def _ties_count(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    mine, theirs = _nearest(generated, training), _nearest(held_out, training)
    return float((mine[:, None] <= theirs[None, :]).double().mean())


@mistake(
    "You compared with the average held-out distance. Distances are skewed (ones are "
    "near, eights far), so half of the images are not below their average."
)
def _mean(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    mine, theirs = _nearest(generated, training), _nearest(held_out, training)
    return float((mine < theirs.mean()).double().mean())


@mistake(
    "You averaged over all training images. A copy has one image at distance zero and "
    "the others where everybody has them."
)
def _all(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    def typical(queries: Tensor) -> Tensor:
        return torch.cdist(queries.flatten(1).double(), training.flatten(1).double()).mean(dim=1)

    return _share(typical(generated), typical(held_out))


EXERCISE = Exercise(
    id="10.6",
    title="Nearer than new images are",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=15,
    reference=nearer,
    cases=_cases,
    tolerance=(1e-5, 1e-7),
    mistakes=(
        Mistake(
            lambda generated, training, held_out: _share(
                _nearest(generated, training), _nearest(generated, held_out)
            ),
            "You asked which set a generated image is nearer to. How near depends on how many "
            "images a set has; the question was how near *held-out images* are to the same "
            "training set.",
        ),
        Mistake(
            lambda generated, training, held_out: _share(
                _nearest(training, generated), _nearest(training, held_out)
            ),
            "You looked for the nearest generated image of each training image. Draw more and "
            "all come nearer; each generated image is to be judged by itself.",
        ),
        Mistake(
            lambda generated, training, held_out: 1 - nearer(generated, training, held_out),
            "That is the chance of being farther away.",
        ),
        _no_ties,
        _ties_count,
        _mean,
        Mistake(
            lambda generated, training, held_out: float(
                _nearest(generated, training).mean() / _nearest(held_out, training).mean()
            ),
            "That is a ratio of two averages. A few images far away, such as scribbles, hide "
            "many copies in it.",
        ),
        _all,
    ),
    hints=(
        "Two lists of distances: from each generated image to its nearest training image, and "
        "from each held-out image to its own nearest one. How do you compare two lists?",
        "Take all pairs of one from each list. Count a pair where the generated one is "
        "smaller, and half a pair where both are equal; divide by how many there are.",
    ),
    why="Held-out images cannot have been copied, so they say how near is normal. One half "
    "means as new as new data, near one means copies, and below one half means farther from "
    "the data than data is.",
    also_right=(_by_loop,),
)
