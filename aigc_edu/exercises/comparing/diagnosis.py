"""How wrong values hang together with the right ones: "divided by the batch size".

These are the mistakes that no exercise has to foresee. Each function below tries one relation
on all wrong cases at once and says a sentence if it holds in every one of them, because a
relation that holds on one input alone is chance. The first that holds is told. To add one,
write its function and give it a place in ``RELATIONS``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from aigc_edu.exercises.comparing.differences import Difference
from aigc_edu.exercises.probing import Case

_RELATIVE = 1e-3
"""Looser than a check: the relation is what matters, and a learner's rounding may differ."""
_NOTHING = 1e-6
"""A number this small has no ratio to speak of."""


@dataclass(frozen=True)
class WrongCase:
    """A case with the value that came out and the right one, both real and float64.

    Where one of them is not finite the elements that are finite in both are left, in a row.
    """

    case: Case
    got: torch.Tensor
    expected: torch.Tensor

    @cached_property
    def ratio(self) -> float | None:
        """got / expected where it is the same number everywhere, else None."""
        nonzero = self.expected.abs() > _NOTHING
        # Where zero is right a multiple of it is zero too.
        if not bool(nonzero.any()) or not bool((self.got[~nonzero].abs() < 1e-3).all()):
            return None
        ratios = self.got[nonzero] / self.expected[nonzero]
        middle = float(ratios.median())
        if middle == 0 or not torch.allclose(ratios, ratios.median(), rtol=_RELATIVE, atol=0):
            return None
        return middle

    @cached_property
    def sizes(self) -> list[tuple[str, int]]:
        """Sizes of the inputs that a mean could have divided by, with their names."""
        sizes: list[tuple[str, int]] = []
        for value in [*self.case.args, *self.case.kwargs.values()]:
            if not isinstance(value, torch.Tensor) or not value.dim():
                continue
            sizes.append(("the batch size", value.shape[0]))
            if value.dim() > 1:
                example = value[0].numel() if value.shape[0] else 0
                pictures = example == 784 or value.dim() == 4
                name = "the number of pixels" if pictures else "one example's size"
                sizes.append((name, example))
                sizes.append(("the number of all elements", value.numel()))
                sizes.append(("the last dimension's size", value.shape[-1]))
        return sizes


def diagnose(wrong: Sequence[tuple[Case, Difference]]) -> str:
    """How the wrong values hang together with the right ones in every wrong case.

    Args:
        wrong: each wrong case with its difference. A size that is named is the last one's.

    Returns:
        A sentence, or "" where nothing is seen: also where a case is wrong in something other
        than its values (its shape, its dtype), and where there is too little to tell by.
    """
    cases = [
        _finite(case, difference.got.to(torch.float64), difference.expected.to(torch.float64))
        for case, difference in wrong
        if difference.what == "value"
        and difference.got is not None
        and difference.expected is not None
        and not difference.got.is_complex()
    ]
    if len(cases) < len(wrong) or not cases:
        return ""
    # One number has a ratio and a distance to any other: only two can show a relation.
    if sum(int((case.expected.abs() > _NOTHING).sum()) for case in cases) < 2:
        return ""
    return next(filter(None, (relation(cases) for relation in RELATIONS)), "")


def _finite(case: Case, got: torch.Tensor, expected: torch.Tensor) -> WrongCase:
    finite = torch.isfinite(got) & torch.isfinite(expected)
    if bool(finite.all()):
        return WrongCase(case, got, expected)
    return WrongCase(case, got[finite], expected[finite])


def _near(got: torch.Tensor, expected: torch.Tensor) -> bool:
    return got.shape == expected.shape and torch.allclose(got, expected, rtol=_RELATIVE, atol=1e-5)


def _everywhere(cases: Sequence[WrongCase], change: Callable[[torch.Tensor], torch.Tensor]) -> bool:
    """Whether every value that came out is the changed right one."""
    try:
        return all(_near(case.got, change(case.expected)) for case in cases)
    except RuntimeError:  # a change that this shape does not allow
        return False


def _sign(cases: Sequence[WrongCase]) -> str:
    """A log likelihood returned as a loss, a difference taken the other way round."""
    return "The sign is flipped." if _everywhere(cases, torch.neg) else ""


def _size_explaining(
    cases: Sequence[WrongCase], explains: Callable[[float, int], bool]
) -> tuple[str, int] | None:
    """A size of the inputs by which every case's ratio is explained; the last case's.

    Sizes are compared by their place among the inputs, for each case has its own: a ratio of
    1/5 on a batch of five and 1/3 on a batch of three is what tells a mean over the batch.
    """
    ratios = [case.ratio for case in cases]
    for position in range(len(cases[0].sizes)):
        sizes = [case.sizes[position] if position < len(case.sizes) else ("", 0) for case in cases]
        # A size that is missing or empty divides nothing, one that is always 1 changes nothing.
        if any(size == 0 for _, size in sizes) or all(size == 1 for _, size in sizes):
            continue
        pairs = zip(ratios, sizes, strict=True)
        if all(ratio is not None and explains(ratio, size) for ratio, (_, size) in pairs):
            return sizes[-1]
    return None


def _mean_for_sum(cases: Sequence[WrongCase]) -> str:
    """``mean()`` or a loss's default reduction where the objective sums: the commonest slip
    with losses, and one that trains, with the weight of a term off by a factor."""
    size = _size_explaining(
        cases, lambda ratio, size: math.isclose(ratio * size, 1, rel_tol=_RELATIVE)
    )
    if size is None:
        return ""
    name, number = size
    return (
        f"Each value is the expected one divided by {name} (here {number}): a mean where a sum "
        "belongs."
    )


def _sum_for_mean(cases: Sequence[WrongCase]) -> str:
    """The other way round: ``sum()`` where an average over the batch or the pixels belongs."""
    size = _size_explaining(cases, lambda ratio, size: math.isclose(ratio, size, rel_tol=_RELATIVE))
    if size is None:
        return ""
    name, number = size
    return (
        f"Each value is the expected one times {name} (here {number}): a sum where a mean belongs."
    )


def _common_ratio(cases: Sequence[WrongCase]) -> float | None:
    """got / expected where it is one number in all cases, else None."""
    first = cases[0].ratio
    if first is None:
        return None
    same = all(
        case.ratio is not None and math.isclose(case.ratio, first, rel_tol=_RELATIVE)
        for case in cases
    )
    return first if same else None


def _bits(cases: Sequence[WrongCase]) -> str:
    """``log2`` where the course counts in nats."""
    ratio = _common_ratio(cases)
    if ratio is None or not math.isclose(ratio, 1 / math.log(2), rel_tol=_RELATIVE):
        return ""
    return "Everywhere 1.443 × the expected value: bits where nats belong."


def _factor(cases: Sequence[WrongCase]) -> str:
    """A constant forgotten or written twice: the ½ of a Gaussian, a 2 from a square."""
    ratio = _common_ratio(cases)
    return "" if ratio is None else f"Everywhere {ratio:.4g} × the expected value."


def _transposed(cases: Sequence[WrongCase]) -> str:
    """The two factors of a product swapped; seen by values where the matrix is square."""
    matrices = all(case.expected.dim() == 2 for case in cases)
    return "It is transposed." if matrices and _everywhere(cases, torch.t) else ""


_FUNCTIONS: tuple[tuple[Callable[[torch.Tensor], torch.Tensor], str], ...] = (
    (torch.log, "the logarithm of"),
    (torch.exp, "the exponential of"),
    (torch.square, "the square of"),
    (torch.sqrt, "the square root of"),
    (torch.reciprocal, "one divided by"),
)


def _function(cases: Sequence[WrongCase]) -> str:
    """One step too many or too few: a log-density for a density, a variance for a standard
    deviation, a precision for a variance."""
    for function, words in _FUNCTIONS:
        if _everywhere(cases, function):
            return f"You return {words} what is expected."
    return ""


def _offset(cases: Sequence[WrongCase]) -> str:
    """A constant term forgotten: the −1 of a KL, the ½ log 2π of a Gaussian."""
    offsets = (case.got - case.expected for case in cases if case.got.numel())
    offset = next((one.flatten()[0] for one in offsets), None)
    if offset is None or not _everywhere(cases, lambda expected: expected + offset):
        return ""
    return f"Everywhere the expected value {float(offset):+.4g}."


def _reordered(cases: Sequence[WrongCase]) -> str:
    """Every number is there but elsewhere: a reshape for a transpose, sorted the other way."""
    same = all(
        case.got.dim() > 0
        and _near(case.got.flatten().sort().values, case.expected.flatten().sort().values)
        for case in cases
    )
    return "The numbers are right but stand in another order." if same else ""


# Where two hold at once, the one that says more goes first.
RELATIONS: tuple[Callable[[Sequence[WrongCase]], str], ...] = (
    _sign,  # before the factors: it is the factor −1, and values around zero are also reordered
    _mean_for_sum,  # before the factors: a factor with its reason; of the two only one can hold,
    _sum_for_mean,  # because n·m = 1 for sizes n and m means that both are always 1
    _bits,  # before the factors: a factor with a name
    _factor,  # before the offset: where all numbers are equal both hold, and factors are commoner
    _transposed,  # before the order: it says which order
    _function,  # no two of them hold on the same numbers, but where all are 0 or 1
    _offset,
    _reordered,  # says the least
)
