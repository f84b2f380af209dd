"""Exercises of lesson 09: measures of images, of distributions, and of what people see."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake

# ------------------------------------------------------------------------------- 9.2 PSNR


def psnr(first: Tensor, second: Tensor) -> Tensor:
    """Decibels a pair of images: 10 log10(1 / mean squared error)."""
    error = (first - second).square().mean(dim=(1, 2, 3))  # (batch,)
    return -10 * torch.log10(error)


def _pair_cases(generator: torch.Generator) -> list[Case]:
    def pair(*shape: int, dtype: torch.dtype = torch.float32, near: float = 1.0) -> tuple[Any, Any]:
        first = torch.rand(shape, generator=generator, dtype=dtype)
        other = torch.rand(shape, generator=generator, dtype=dtype)
        return first, (1 - near) * first + near * other

    return [
        Case("ordinary", pair(5, 1, 6, 4), weight=2),
        Case("batch of one", pair(1, 1, 5, 7)),
        Case("nearly alike", pair(3, 1, 4, 4, near=0.02)),
        Case("three channels", pair(2, 3, 5, 4)),
        Case("float64", pair(4, 1, 3, 5, dtype=torch.float64)),
    ]


def _psnr_natural(first: Tensor, second: Tensor) -> Tensor:
    return -10 * (first - second).square().mean(dim=(1, 2, 3)).log()


def _psnr_twenty(first: Tensor, second: Tensor) -> Tensor:
    return -20 * torch.log10((first - second).square().mean(dim=(1, 2, 3)))


def _psnr_bytes(first: Tensor, second: Tensor) -> Tensor:
    return 10 * torch.log10(255**2 / (first - second).square().mean(dim=(1, 2, 3)))


def _psnr_summed(first: Tensor, second: Tensor) -> Tensor:
    return -10 * torch.log10((first - second).square().sum(dim=(1, 2, 3)))


def _psnr_of_the_batch(first: Tensor, second: Tensor) -> Tensor:
    return -10 * torch.log10((first - second).square().mean()).expand(len(first))


def _psnr_absolute(first: Tensor, second: Tensor) -> Tensor:
    return -20 * torch.log10((first - second).abs().mean(dim=(1, 2, 3)))


def _psnr_of_the_pixels(first: Tensor, second: Tensor) -> Tensor:
    return (-10 * torch.log10((first - second).square())).mean(dim=(1, 2, 3))


def _psnr_by_root(first: Tensor, second: Tensor) -> Tensor:
    root = (first - second).flatten(1).norm(dim=1) / first[0].numel() ** 0.5
    decibels: Tensor = 20 * torch.log10(1 / root)
    return decibels


# ----------------------------------------------------------------- 9.3 the Fréchet distance


def frechet(mean_1: Tensor, covariance_1: Tensor, mean_2: Tensor, covariance_2: Tensor) -> Tensor:
    """|m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½), the last from the eigenvalues of C1 C2."""
    roots = torch.linalg.eigvals(covariance_1 @ covariance_2).real.clamp(min=0).sqrt()
    spread = covariance_1.trace() + covariance_2.trace() - 2 * roots.sum()
    distance: Tensor = (mean_1 - mean_2).square().sum() + spread
    return distance


def _gaussian_cases(generator: torch.Generator) -> list[Case]:
    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    def gaussian(size: int, rank: int) -> tuple[Tensor, Tensor]:
        root = normal(size, rank)
        return normal(size), root @ root.T / rank

    one, plane = gaussian(4, 6), gaussian(4, 2)
    stretched = torch.diag(torch.rand(3, generator=generator, dtype=torch.float64) + 0.5)
    turned = torch.linalg.qr(normal(3, 3)).Q
    return [
        Case("ordinary", (*gaussian(5, 8), *gaussian(5, 7)), weight=2),
        Case("one feature", (*gaussian(1, 3), *gaussian(1, 2))),
        Case("the same Gaussian twice", (*one, one[0].clone(), one[1].clone())),
        Case("one of them flat", (*gaussian(4, 6), *plane), tolerance=(1e-5, 1e-5)),
        Case(
            "the same spread, turned",
            (normal(3), stretched, normal(3), turned @ stretched @ turned.T),
        ),
        Case("far apart", (30 * normal(3), *gaussian(3, 5)[1:], *gaussian(3, 4))),
    ]


def _run_frechet(
    answer: Callable[..., Any],
    mean_1: torch.Tensor,
    covariance_1: torch.Tensor,
    mean_2: torch.Tensor,
    covariance_2: torch.Tensor,
) -> Any:
    """A tensor or a number will do."""
    found = answer(mean_1, covariance_1, mean_2, covariance_2)
    if isinstance(found, torch.Tensor) and found.numel() == 1 and not found.is_complex():
        return float(found)
    return found


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    return root


def _frechet_with(
    mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor, cross: Tensor, twice: float = 2.0
) -> Tensor:
    return (mean_1 - mean_2).square().sum() + c1.trace() + c2.trace() - twice * cross


def _frechet_elementwise(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    cross = (c1 @ c2).clamp(min=0).sqrt().trace()
    return _frechet_with(mean_1, c1, mean_2, c2, cross)


def _frechet_two_roots(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    return _frechet_with(mean_1, c1, mean_2, c2, (_root(c1) @ _root(c2)).trace())


def _frechet_sorted_spectra(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    both = torch.linalg.eigvalsh(c1).clamp(min=0) * torch.linalg.eigvalsh(c2).clamp(min=0)
    return _frechet_with(mean_1, c1, mean_2, c2, both.sqrt().sum())


def _frechet_variances(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    cross = (c1.diagonal() * c2.diagonal()).sqrt().sum()
    return _frechet_with(mean_1, c1, mean_2, c2, cross)


def _frechet_once(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    exact = torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()
    return _frechet_with(mean_1, c1, mean_2, c2, exact, twice=1.0)


def _frechet_mean_not_squared(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    exact = torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()
    distance: Tensor = (mean_1 - mean_2).norm() + c1.trace() + c2.trace() - 2 * exact
    return distance


def _frechet_root_of_all(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    exact = torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()
    return _frechet_with(mean_1, c1, mean_2, c2, exact).clamp(min=0).sqrt()


def _frechet_no_root(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    return _frechet_with(mean_1, c1, mean_2, c2, (c1 @ c2).trace())


def _frechet_by_singular_values(mean_1: Tensor, c1: Tensor, mean_2: Tensor, c2: Tensor) -> Tensor:
    exact = torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()
    return _frechet_with(mean_1, c1, mean_2, c2, exact)


# ---------------------------------------------------------------- 9.5 the kernel distance


def squared_mmd(first: Tensor, second: Tensor) -> Tensor:
    """The unbiased estimate of the squared maximum mean discrepancy, kernel (x·y/d + 1)³."""

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def others(a: Tensor) -> Tensor:
        table = kernel(a, a)
        return (table.sum() - table.diagonal().sum()) / (len(a) * (len(a) - 1))

    return others(first) + others(second) - 2 * kernel(first, second).mean()


def _sample_cases(generator: torch.Generator) -> list[Case]:
    def pair(count_1: int, count_2: int, size: int, shift: float = 0.7) -> tuple[Tensor, Tensor]:
        def normal(count: int) -> Tensor:
            return torch.randn(count, size, generator=generator, dtype=torch.float64)

        return normal(count_1), normal(count_2) + shift

    points, _ = pair(8, 8, 5)
    return [
        Case("ordinary", pair(9, 9, 4), weight=2),
        Case("another number on each side", pair(7, 11, 3)),
        Case("one feature", pair(6, 5, 1)),
        Case("two points each", pair(2, 2, 3)),
        Case("the same points twice", (points, points.clone())),  # always negative
    ]


def _mmd(
    first: Tensor,
    second: Tensor,
    *,
    own: Callable[[Tensor], Tensor],
    twice: float = 2.0,
    divide: bool = True,
    degree: int = 3,
    paired: bool = False,
) -> Tensor:
    size = first.shape[1] if divide else 1

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / size + 1) ** degree

    cross = kernel(first, second)
    mean = cross.mean()
    if paired and cross.shape[0] == cross.shape[1]:
        count = len(cross)
        mean = (cross.sum() - cross.diagonal().sum()) / (count * (count - 1))
    return own(kernel(first, first)) + own(kernel(second, second)) - twice * mean


def _others(table: Tensor) -> Tensor:
    return (table.sum() - table.diagonal().sum()) / (len(table) * (len(table) - 1))


def _mmd_with_itself(first: Tensor, second: Tensor) -> Tensor:
    return _mmd(first, second, own=torch.mean)


def _mmd_wrong_count(first: Tensor, second: Tensor) -> Tensor:
    return _mmd(first, second, own=lambda t: (t.sum() - t.diagonal().sum()) / t.numel())


def _mmd_once(first: Tensor, second: Tensor) -> Tensor:
    return _mmd(first, second, own=_others, twice=1.0)


def _mmd_undivided(first: Tensor, second: Tensor) -> Tensor:
    return _mmd(first, second, own=_others, divide=False)


def _mmd_square(first: Tensor, second: Tensor) -> Tensor:
    return _mmd(first, second, own=_others, degree=2)


def _mmd_paired(first: Tensor, second: Tensor) -> Tensor:
    return _mmd(first, second, own=_others, paired=True)


def _mmd_clamped(first: Tensor, second: Tensor) -> Tensor:
    return squared_mmd(first, second).clamp(min=0)


def _mmd_root(first: Tensor, second: Tensor) -> Tensor:
    return squared_mmd(first, second).clamp(min=0).sqrt()


def _mmd_by_hand(first: Tensor, second: Tensor) -> Tensor:
    size = first.shape[1]

    def among(points: Tensor) -> Tensor:
        total = points.new_zeros(())
        for i in range(len(points)):
            rest = torch.cat([points[:i], points[i + 1 :]])
            total = total + ((rest @ points[i] / size + 1) ** 3).mean()
        return total / len(points)

    cross = torch.stack([((second @ x / size + 1) ** 3).mean() for x in first]).mean()
    return among(first) + among(second) - 2 * cross


# ---------------------------------------------------------------------- 9.6 precision


def precision(real: Tensor, generated: Tensor, k: int) -> Tensor:
    """The share of generated points within the k-th neighbor's distance of some real point."""
    between = torch.cdist(real, real)  # (real, real), 0 on the diagonal
    radii = between.kthvalue(k + 1, dim=1).values  # (real,); the nearest of all is the point itself
    inside = torch.cdist(generated, real) <= radii  # (generated, real)
    return inside.any(dim=1).double().mean()


def _cloud_cases(generator: torch.Generator) -> list[Case]:
    def clouds(real: int, generated: int, size: int, shift: float, k: int) -> tuple[Any, ...]:
        def normal(count: int) -> Tensor:
            return torch.randn(count, size, generator=generator, dtype=torch.float64)

        return normal(real), 1.3 * normal(generated) + shift, k

    return [
        Case("ordinary", clouds(50, 50, 2, 0.6, 3), weight=2),
        Case("another number on each side", clouds(35, 60, 3, 0.8, 2)),
        Case("nearest neighbor only", clouds(45, 45, 2, 0.5, 1)),
        Case("all far away", clouds(20, 20, 2, 100.0, 3)),
    ]


def _run_precision(
    answer: Callable[..., Any], real: torch.Tensor, generated: torch.Tensor, k: int
) -> Any:
    """A tensor or a number will do."""
    found = answer(real, generated, k)
    return float(found) if isinstance(found, torch.Tensor) and found.numel() == 1 else found


def _radii(points: Tensor, k: int) -> Tensor:
    return torch.cdist(points, points).kthvalue(k + 1, dim=1).values


def _precision_self_counted(real: Tensor, generated: Tensor, k: int) -> Tensor:
    radii = torch.cdist(real, real).kthvalue(k, dim=1).values
    return (torch.cdist(generated, real) <= radii).any(dim=1).double().mean()


def _precision_recall(real: Tensor, generated: Tensor, k: int) -> Tensor:
    return (torch.cdist(real, generated) <= _radii(generated, k)).any(dim=1).double().mean()


def _precision_coverage(real: Tensor, generated: Tensor, k: int) -> Tensor:
    return (torch.cdist(generated, real) <= _radii(real, k)).any(dim=0).double().mean()


def _precision_all_pairs(real: Tensor, generated: Tensor, k: int) -> Tensor:
    return (torch.cdist(generated, real) <= _radii(real, k)).double().mean()


def _precision_density(real: Tensor, generated: Tensor, k: int) -> Tensor:
    return (torch.cdist(generated, real) <= _radii(real, k)).double().sum() / (k * len(generated))


def _precision_one_radius(real: Tensor, generated: Tensor, k: int) -> Tensor:
    radius = _radii(real, k).mean()
    return (torch.cdist(generated, real) <= radius).any(dim=1).double().mean()


def _precision_own_balls(real: Tensor, generated: Tensor, k: int) -> Tensor:
    inside = torch.cdist(generated, real) <= _radii(generated, k)[:, None]
    return inside.any(dim=1).double().mean()


def _precision_by_loop(real: Tensor, generated: Tensor, k: int) -> float:
    found = 0
    for point in generated:
        for index in range(len(real)):
            others = torch.cat([real[:index], real[index + 1 :]])
            radius = (others - real[index]).norm(dim=1).sort().values[k - 1]
            if (point - real[index]).norm() <= radius:
                found += 1
                break
    return found / len(generated)


# -------------------------------------------------------------------------- 9.7 Wilson


def wilson(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    """The shares p with |right/answered - p| at most z sqrt(p (1 - p) / answered)."""
    share = right / answered
    shrink = 1 + z**2 / answered
    middle = (share + z**2 / (2 * answered)) / shrink
    reach = z / shrink * math.sqrt(share * (1 - share) / answered + z**2 / (4 * answered**2))
    return middle - reach, middle + reach


def _count_cases(generator: torch.Generator) -> list[Case]:
    answered = int(torch.randint(30, 60, (), generator=generator))
    right = int(answered * 0.6) + int(torch.randint(0, 6, (), generator=generator))
    return [
        Case("ordinary", (right, answered, 1.96), weight=2),
        Case("all right", (12, 12, 1.96)),
        Case("none right", (0, 7, 1.96)),
        Case("one question", (1, 1, 1.96)),
        Case("many questions", (520, 1000, 1.96)),
        Case("99 percent", (18, 25, 2.576)),
    ]


def _run_interval(answer: Callable[..., Any], right: int, answered: int, z: float) -> Any:
    """Two numbers; tensors will do."""
    found = answer(right, answered, z)
    if isinstance(found, tuple | list) and len(found) == 2:
        return {"low": float(found[0]), "high": float(found[1])}
    return found


def _wald(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    share = right / answered
    reach = z * math.sqrt(share * (1 - share) / answered)
    return share - reach, share + reach


def _agresti(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    count = answered + z**2
    share = (right + z**2 / 2) / count
    reach = z * math.sqrt(share * (1 - share) / count)
    return share - reach, share + reach


def _wilson_around_share(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    low, high = wilson(right, answered, z)
    share, reach = right / answered, (high - low) / 2
    return share - reach, share + reach


def _wilson_middle_only(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    low, high = wilson(right, answered, z)
    share, middle = right / answered, (low + high) / 2
    reach = z * math.sqrt(share * (1 - share) / answered)
    return middle - reach, middle + reach


def _wilson_fixed_z(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    return wilson(right, answered, 1.96)


def _wilson_not_shrunk(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    low, high = wilson(right, answered, z)
    middle, reach = (low + high) / 2, (high - low) / 2 * (1 + z**2 / answered)
    return middle - reach, middle + reach


def _against_one_half(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    reach = z * math.sqrt(0.25 / answered)
    return right / answered - reach, right / answered + reach


def _wilson_by_quadratic(right: int, answered: int, z: float = 1.96) -> tuple[float, float]:
    # (right/answered - p)² = z² p (1 - p) / answered, solved for p
    a, b = answered + z**2, -(2 * right + z**2)
    c = right**2 / answered
    root = math.sqrt(max(b**2 - 4 * a * c, 0.0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


EXERCISES = [
    Exercise(
        id="9.1",
        title="Which is farthest",
        kind="prediction",
        prompt="One letter: which of the four has the largest mean squared error to the original?",
        reference="a",
        choices={
            "a": "the same digit, two pixels to the right and two down",
            "b": "somebody's digit of another kind, the one that overlaps most",
            "c": "the same digit, so blurred that it is hard to read",
            "d": "nothing: a black square",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "b",
                "You compared what the images mean. The squared error compares the pixel here with "
                "the pixel there, and most of those agree.",
            ),
            Mistake(
                "c",
                "A blur changes every pixel a little. The squared error dislikes few large "
                "differences more than many small ones.",
            ),
            Mistake(
                "d",
                "A black square is wrong where there is ink, and right everywhere else. One of "
                "the others is wrong twice: where the ink was, and where it now is.",
            ),
        ),
        hints=(
            "Think of one pixel on a stroke of the original. What stands there in each of the "
            "four?",
            "Strokes are two to three pixels wide. How much of a stroke still overlaps itself "
            "after the move?",
        ),
        why="The moved digit misses the ink where it was and has ink where none was: it pays "
        "twice, and the black square once. To a person it is the only one of the four without "
        "any fault.",
    ),
    Exercise(
        id="9.2",
        title="Peak signal-to-noise ratio",
        kind="function",
        prompt="psnr(first, second) → (batch,), in decibels, for images in [0, 1]",
        points=2,
        difficulty=1,
        minutes=6,
        reference=psnr,
        cases=_pair_cases,
        mistakes=(
            Mistake(
                _psnr_natural,
                "Decibels are tenths of a power of ten; this is the natural logarithm, 2.3 times "
                "as large.",
            ),
            Mistake(
                _psnr_twenty,
                "Twenty belongs to a ratio of amplitudes. The squared error is one of powers "
                "already, so the square was counted twice.",
            ),
            Mistake(
                _psnr_bytes,
                "This is for images from 0 to 255. Here the peak is 1, and every value is 48 "
                "decibels too good.",
            ),
            Mistake(
                _psnr_summed,
                "You summed the squares over the pixels. The ratio is defined with their mean, so "
                "that it does not depend on the size of the image.",
            ),
            Mistake(
                _psnr_of_the_batch,
                "All pairs got one value: the mean was taken over the batch too.",
            ),
            Mistake(
                _psnr_absolute,
                "You averaged absolute differences and squared the average. The squares come "
                "first.",
            ),
            Mistake(
                _psnr_of_the_pixels,
                "You took the logarithm of each pixel's error and averaged those. The mean comes "
                "first: a single pixel without any error would make yours infinite.",
            ),
        ),
        hints=(
            "Three things in a row: the mean squared error of each pair, its inverse, decibels.",
            "The mean goes over all dimensions but the first; ten times the logarithm to the base "
            "10.",
        ),
        why="Ten decibels more are a tenth of the squared error. The logarithm changes the scale "
        "and not the order: whatever misleads the squared error misleads this too.",
        also_right=(_psnr_by_root,),
    ),
    Exercise(
        id="9.3",
        title="The Fréchet distance",
        kind="function",
        prompt="frechet(mean_1, covariance_1, mean_2, covariance_2) → one number, squared",
        points=4,
        difficulty=3,
        minutes=15,
        reference=frechet,
        cases=_gaussian_cases,
        run=_run_frechet,
        tolerance=(1e-6, 1e-6),
        mistakes=(
            Mistake(
                _frechet_elementwise,
                "You took the root of each entry. The root of a matrix is a matrix whose product "
                "with itself gives it back.",
            ),
            Mistake(
                _frechet_two_roots,
                "These are two roots multiplied. That is the root of the product only where the "
                "two covariances have the same eigenvectors.",
            ),
            Mistake(
                _frechet_sorted_spectra,
                "You paired the eigenvalues of one with those of the other. That forgets in which "
                "directions they lie: the same spread, turned, would be at distance 0.",
            ),
            Mistake(
                _frechet_variances,
                "Only the variances of single features are used here. Two clouds can agree in all "
                "of these and differ in every correlation.",
            ),
            Mistake(
                _frechet_once,
                "The last term is there once and belongs there twice: the distance of a Gaussian "
                "to itself does not vanish.",
            ),
            Mistake(
                _frechet_mean_not_squared,
                "The distance of the means enters squared: it is added to variances, which are "
                "squares too.",
            ),
            Mistake(
                _frechet_root_of_all,
                "You took the root of the whole. That is the distance itself; for images its "
                "square is given, here too.",
            ),
            Mistake(
                _frechet_no_root,
                "The product of the covariances stands there without its root.",
            ),
        ),
        hints=(
            "You never need the root of a matrix, only its trace: the sum of its eigenvalues.",
            "The eigenvalues of a root are the roots of the eigenvalues.",
            "torch.linalg.eigvals takes a matrix that is not symmetric and answers in complex "
            "numbers; here their real parts are all there is, and rounding may put one below 0.",
        ),
        why="The product of two covariances is not symmetric, but its eigenvalues are those of a "
        "symmetric matrix, so they are real and at least 0. No inverse occurs, which is why flat "
        "clouds do no harm.",
        also_right=(_frechet_by_singular_values,),
    ),
    Exercise(
        id="9.4",
        title="Far from oneself",
        kind="number",
        prompt="the expected squared Fréchet distance of two samples of 1,000 points of one "
        "standard normal in 64 dimensions",
        points=2,
        difficulty=2,
        minutes=6,
        reference=2.208,
        tolerance=(0.01, 0.0),
        mistakes=(
            Mistake(
                0.0,
                "That is the distance of the two distributions. Two samples of it have two means "
                "and two covariances, which differ by chance.",
                when=lambda answer: abs(float(answer)) < 0.01,
            ),
            Mistake(
                1.104,
                "One sample of 1,000 against the truth gives that. Here both sides are samples, "
                "and each adds its share.",
            ),
            Mistake(
                0.128,
                "That is the share of the means alone. The covariances differ by chance too, and "
                "there are many more entries in them.",
            ),
            Mistake(
                2.08,
                "That is the share of the covariances alone: the means differ by chance too.",
            ),
            Mistake(
                8.832,
                "The fourth part of this: the quarter comes from the square root, whose slope at "
                "1 is one half.",
            ),
            Mistake(
                1.486,
                "That is the root of it; the squared distance was asked for.",
            ),
        ),
        hints=(
            "Two terms: one for the means, one for the covariances. Both shrink like 1/n + 1/m.",
            "The formula is in the line above; d is 64, and both samples have 1,000 points.",
        ),
        why="Two halves of one data set are never at distance 0, and with fewer images they are "
        "farther apart. A Fréchet distance without its number of images says little.",
    ),
    Exercise(
        id="9.5",
        title="A distance without bias",
        kind="function",
        prompt="squared_mmd(first, second) → one number, with the kernel (x·y/d + 1)³",
        points=3,
        difficulty=2,
        minutes=12,
        reference=squared_mmd,
        cases=_sample_cases,
        mistakes=(
            Mistake(
                _mmd_with_itself,
                "Each point is compared with itself too. That pair is the most alike of all, and "
                "it is where the bias comes from.",
            ),
            Mistake(
                _mmd_wrong_count,
                "The pairs of a point with itself are left out of the sum and still counted in "
                "the number you divide by.",
            ),
            Mistake(
                _mmd_once,
                "The term between the two sets belongs there twice: it is the middle term of a "
                "square.",
            ),
            Mistake(
                _mmd_undivided,
                "The inner product is not divided by the number of features, so the kernel is "
                "another one.",
            ),
            Mistake(
                _mmd_square,
                "The kernel is of degree 2 here. Cubes were asked for: they also see a difference "
                "in skewness.",
            ),
            Mistake(
                _mmd_paired,
                "Between the two sets you left out the pairs with equal places. These are two "
                "different points, drawn independently: all pairs count.",
            ),
            Mistake(
                _mmd_clamped,
                "What is negative was raised to 0. An estimate without bias of something that is "
                "0 must be negative about half of the time.",
            ),
            Mistake(
                _mmd_root,
                "You took the root. It would bring back a bias, so the square is what is used.",
            ),
        ),
        hints=(
            "Three means of the kernel: within the first set, within the second, between them.",
            "Within a set of n points there are n(n − 1) ordered pairs of two different ones; "
            "what has to be left out stands on the diagonal of the table.",
        ),
        why="Each mean is over pairs of independent points, so each is right on average, for any "
        "number of points. The price: the estimate can be negative.",
        also_right=(_mmd_by_hand,),
    ),
    Exercise(
        id="9.6",
        title="Precision",
        kind="function",
        prompt="precision(real, generated, k) → a share from 0 to 1",
        points=3,
        difficulty=2,
        minutes=12,
        reference=precision,
        cases=_cloud_cases,
        run=_run_precision,
        mistakes=(
            Mistake(
                _precision_self_counted,
                "The nearest real point of a real point is itself, at distance 0. You counted it, "
                "so every ball reaches one neighbor less.",
            ),
            Mistake(
                _precision_recall,
                "The two sets are exchanged: this asks how many real points lie among the "
                "generated, which is recall.",
            ),
            Mistake(
                _precision_coverage,
                "This is the share of real balls that hold a generated point: coverage. Asked was "
                "the share of generated points that are in a ball.",
            ),
            Mistake(
                _precision_all_pairs,
                "You averaged over all pairs. A generated point is real enough if *one* ball "
                "holds it.",
            ),
            Mistake(
                _precision_density,
                "A point in five balls was counted five times: this is density. For precision one "
                "ball is as good as five.",
            ),
            Mistake(
                _precision_one_radius,
                "All balls have one size here. Where the data are thin the balls must be large, "
                "where they are dense small.",
            ),
            Mistake(
                _precision_own_balls,
                "The balls stand around generated points here, with their radii. They belong "
                "around the real ones.",
            ),
        ),
        hints=(
            "First a radius for each real point, from real points only. Then ask each generated "
            "point whether it is inside any ball.",
            "A table of distances within one set has zeros on its diagonal: the k-th neighbor is "
            "the (k + 1)-th smallest in its row.",
        ),
        why="The balls follow the density of the real data. With the two sets exchanged the same "
        "function gives recall.",
        also_right=(_precision_by_loop,),
    ),
    Exercise(
        id="9.7",
        title="How sure is a share",
        kind="function",
        prompt="wilson(right, answered, z=1.96) → (low, high)",
        points=3,
        difficulty=2,
        minutes=10,
        reference=wilson,
        cases=_count_cases,
        run=_run_interval,
        mistakes=(
            Mistake(
                _wald,
                "This takes the width from the observed share. With all answers right its width "
                "is 0, as if one had become certain.",
            ),
            Mistake(
                _agresti,
                "This adds two right and two wrong answers (about) and goes on as usual: Agresti "
                "and Coull's interval, close to Wilson's and always a little wider.",
            ),
            Mistake(
                _wilson_around_share,
                "The width is right, and it lies around the observed share. Wilson's middle is "
                "drawn toward one half.",
            ),
            Mistake(
                _wilson_middle_only,
                "The middle is right. The width is that of the usual interval, which vanishes "
                "where all answers are right.",
            ),
            Mistake(
                _wilson_fixed_z,
                "z is an argument, and you used 1.96 whatever it is.",
            ),
            Mistake(
                _wilson_not_shrunk,
                "The middle is divided by 1 + z²/n and the width is not.",
            ),
            Mistake(
                _against_one_half,
                "The width is that of guessing, √(¼/n), at every share: it leaves [0, 1] near the "
                "ends.",
            ),
        ),
        hints=(
            "Square the condition and collect powers of p: what kind of equation is it?",
            "A quadratic equation a p² + b p + c = 0 has its roots at (−b ± √(b² − 4ac)) / 2a. "
            "Here a = n + z².",
        ),
        why="The width is taken at the *supposed* share and not at the observed one, so the "
        "interval never leaves [0, 1] and never has width 0. All right out of twelve still "
        "allows 76 %.",
        also_right=(_wilson_by_quadratic,),
    ),
]
