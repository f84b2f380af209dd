"""Exercises of lesson 03: autoencoders."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from aigc_edu.exercises import Case, Exercise, Mistake

Pair = tuple[Tensor, Tensor]


def _normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype)


# ------------------------------------------------------------------ 3.2 the error of PCA


def pca_error(x: Tensor, latents: int) -> Tensor:
    """Squared error an example of the best linear autoencoder: its discarded eigenvalues' sum."""
    centered = x - x.mean(0)  # (count, pixels)
    eigenvalues: Tensor = torch.linalg.eigvalsh(centered.T @ centered / len(x))  # smallest first
    return eigenvalues.flip(0)[latents:].sum()


def _error_from(eigenvalues: Tensor, latents: int) -> Tensor:
    """The sum of all but the largest; ``eigenvalues`` come smallest first."""
    return eigenvalues.flip(0)[latents:].sum()


def _spectrum(x: Tensor) -> Tensor:
    eigenvalues: Tensor = torch.linalg.eigvalsh(torch.cov(x.T, correction=0))
    return eigenvalues


def _error_not_centered(x: Tensor, latents: int) -> Tensor:
    return _error_from(torch.linalg.eigvalsh(x.T @ x / len(x)), latents)


def _error_sample_covariance(x: Tensor, latents: int) -> Tensor:
    return _error_from(torch.linalg.eigvalsh(torch.cov(x.T)), latents)


def _error_ascending(x: Tensor, latents: int) -> Tensor:
    return _spectrum(x)[latents:].sum()


def _error_kept(x: Tensor, latents: int) -> Tensor:
    return _spectrum(x).flip(0)[:latents].sum()


def _error_averaged(x: Tensor, latents: int) -> Tensor:
    return _error_from(_spectrum(x), latents) / x.shape[1]


def _error_of_all(x: Tensor, latents: int) -> Tensor:
    return _error_from(_spectrum(x), latents) * len(x)


def _error_share(x: Tensor, latents: int) -> Tensor:
    return _error_from(_spectrum(x), latents) / _spectrum(x).sum()


def _error_roots(x: Tensor, latents: int) -> Tensor:
    return _error_from(_spectrum(x).clamp(min=0).sqrt(), latents)


def _error_empty_slice(x: Tensor, latents: int) -> Tensor:
    return _spectrum(x)[:-latents].sum()


def _error_one_too_few(x: Tensor, latents: int) -> Tensor:
    return _spectrum(x).flip(0)[latents + 1 :].sum()


def _error_one_mean(x: Tensor, latents: int) -> Tensor:
    centered = x - x.mean()
    return _error_from(torch.linalg.eigvalsh(centered.T @ centered / len(x)), latents)


def _error_singular_values(x: Tensor, latents: int) -> Tensor:
    lengths: Tensor = torch.linalg.svdvals(x - x.mean(0))
    return lengths[latents:].sum()


def _error_by_svd(x: Tensor, latents: int) -> Tensor:
    lengths: Tensor = torch.linalg.svdvals(x - x.mean(0))
    return lengths[latents:].square().sum() / len(x)


def _error_by_rebuilding(x: Tensor, latents: int) -> Tensor:
    centered = x - x.mean(0)
    kept = torch.linalg.svd(centered, full_matrices=False).Vh[:latents]  # (latents, pixels)
    missing: Tensor = centered - centered @ kept.T @ kept
    return missing.square().sum(1).mean()


def _data_cases(generator: torch.Generator) -> list[Case]:
    def data(count: int, pixels: int, dtype: torch.dtype = torch.float32) -> Tensor:
        scale = 2.0 / (1 + torch.arange(pixels, dtype=dtype))
        mixing = _normal(generator, pixels, pixels, dtype=dtype)
        return 0.7 + (_normal(generator, count, pixels, dtype=dtype) * scale) @ mixing

    constant = data(12, 5)
    constant[:, 2] = 0.25
    return [
        Case("ordinary", (data(11, 6), 2), weight=2),
        Case("no code at all", (data(9, 4), 0)),
        Case("every direction kept", (data(10, 3), 3)),
        Case("a constant pixel", (constant, 1)),
        Case("far from zero", (data(8, 4) + 5.0, 1)),
        Case("float64", (data(20, 7, torch.float64), 4)),
    ]


# -------------------------------------------------------------- 3.4 the best linear decoder


def best_decoder(codes: Tensor, x: Tensor) -> Pair:
    """Weight (pixels, latents) and offset (pixels,) that rebuild x from codes best."""
    code_mean, mean = codes.mean(0), x.mean(0)
    code, image = codes - code_mean, x - mean
    weight = torch.linalg.solve(code.T @ code, code.T @ image).T  # (pixels, latents)
    return weight, mean - weight @ code_mean


def _products(codes: Tensor, x: Tensor) -> Pair:
    """Covariance of the codes, (latents, latents), and with the images, (pixels, latents)."""
    code, image = codes - codes.mean(0), x - x.mean(0)
    return code.T @ code / len(x), image.T @ code / len(x)


def _with_offset(weight: Tensor, codes: Tensor, x: Tensor) -> Pair:
    return weight, x.mean(0) - weight @ codes.mean(0)


def _decoder_not_centered(codes: Tensor, x: Tensor) -> Pair:
    weight = torch.linalg.solve(codes.T @ codes, codes.T @ x).T
    return _with_offset(weight, codes, x)


def _decoder_no_mean_at_all(codes: Tensor, x: Tensor) -> Pair:
    return torch.linalg.solve(codes.T @ codes, codes.T @ x).T, x.mean(0)


def _decoder_mean_offset(codes: Tensor, x: Tensor) -> Pair:
    within, across = _products(codes, x)
    return across @ torch.linalg.inv(within), x.mean(0)


def _decoder_transposed(codes: Tensor, x: Tensor) -> Pair:
    weight, offset = best_decoder(codes, x)
    return weight.T, offset


def _decoder_without_inverse(codes: Tensor, x: Tensor) -> Pair:
    _, across = _products(codes, x)
    return _with_offset(across, codes, x)


def _decoder_variances_only(codes: Tensor, x: Tensor) -> Pair:
    within, across = _products(codes, x)
    return _with_offset(across / within.diagonal(), codes, x)


def _decoder_mixed_counts(codes: Tensor, x: Tensor) -> Pair:
    _, across = _products(codes, x)
    within = torch.cov(codes.T).reshape(codes.shape[1], codes.shape[1])
    return _with_offset(across @ torch.linalg.inv(within), codes, x)


def _decoder_wrong_sign(codes: Tensor, x: Tensor) -> Pair:
    weight, _ = best_decoder(codes, x)
    return weight, x.mean(0) + weight @ codes.mean(0)


def _decoder_no_offset(codes: Tensor, x: Tensor) -> Pair:
    weight, offset = best_decoder(codes, x)
    return weight, torch.zeros_like(offset)


def _decoder_by_least_squares(codes: Tensor, x: Tensor) -> Pair:
    ones = torch.ones(len(codes), 1, dtype=codes.dtype)
    solution = torch.linalg.lstsq(torch.cat([codes, ones], dim=1), x).solution
    return solution[:-1].T, solution[-1]


def _code_cases(generator: torch.Generator) -> list[Case]:
    def pair(
        count: int, latents: int, pixels: int, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        codes = _normal(generator, count, latents, dtype=dtype)
        codes = codes @ _mixing(generator, latents, dtype) + 0.8
        x = codes.tanh() @ _normal(generator, latents, pixels, dtype=dtype)
        return codes, x + 0.3 * _normal(generator, count, pixels, dtype=dtype) + 0.5

    centered, x = pair(12, 2, 5)
    return [
        Case("ordinary", pair(14, 3, 6), weight=2),
        Case("one latent", pair(9, 1, 4)),
        Case("centered codes", (centered - centered.mean(0), x)),
        Case("more latents than pixels", pair(15, 4, 2)),
        Case("float64", pair(20, 3, 7, torch.float64)),
    ]


def _mixing(generator: torch.Generator, size: int, dtype: torch.dtype) -> Tensor:
    """A well-conditioned square matrix that correlates its inputs."""
    return torch.eye(size, dtype=dtype) + 0.3 * torch.rand(
        size, size, generator=generator, dtype=dtype
    ).triu(1)


# ----------------------------------------------------------------- 3.5 principal angles


def principal_angles(first: Tensor, second: Tensor) -> Tensor:
    """Angles between the column spaces of two (pixels, latents) matrices, degrees, rising.

    Source: Björck & Golub 1973, "Numerical methods for computing angles between linear
    subspaces", Mathematics of Computation 27.
    """
    one, other = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q  # (pixels, latents)
    cosines: Tensor = torch.linalg.svdvals(one.T @ other)  # (latents,), falling
    return cosines.clamp(max=1).acos().rad2deg()


def _acos_degrees(cosines: Tensor) -> Tensor:
    return cosines.clamp(max=1).acos().rad2deg()


def _angles_not_orthonormal(first: Tensor, second: Tensor) -> Tensor:
    return _acos_degrees(torch.linalg.svdvals(first.T @ second))


def _angles_unit_columns(first: Tensor, second: Tensor) -> Tensor:
    one, other = first / first.norm(dim=0), second / second.norm(dim=0)
    return _acos_degrees(torch.linalg.svdvals(one.T @ other))


def _angles_radians(first: Tensor, second: Tensor) -> Tensor:
    return principal_angles(first, second).deg2rad()


def _angles_cosines(first: Tensor, second: Tensor) -> Tensor:
    one, other = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    cosines: Tensor = torch.linalg.svdvals(one.T @ other)
    return cosines


def _angles_by_sine(first: Tensor, second: Tensor) -> Tensor:
    return _angles_cosines(first, second).clamp(max=1).asin().rad2deg()


def _angles_columns_paired(first: Tensor, second: Tensor) -> Tensor:
    """Column 1 against column 1, and so on."""
    cosines = (first * second).sum(0) / (first.norm(dim=0) * second.norm(dim=0))
    return _acos_degrees(cosines.abs()).sort().values


def _angles_of_rows(first: Tensor, second: Tensor) -> Tensor:
    one, other = torch.linalg.qr(first.T).Q, torch.linalg.qr(second.T).Q
    return _acos_degrees(torch.linalg.svdvals(one.T @ other))


def _angles_squared_cosines(first: Tensor, second: Tensor) -> Tensor:
    return _acos_degrees(_angles_cosines(first, second).square())


def _angles_paired_bases(first: Tensor, second: Tensor) -> Tensor:
    """Column 1 of one orthonormal basis against column 1 of the other, and so on."""
    one, other = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    return _acos_degrees((one * other).sum(0).abs()).sort().values


def _angles_by_eigenvalues(first: Tensor, second: Tensor) -> Tensor:
    """Squared cosines are the eigenvalues of QᵀPQ, with P the projection on the second."""
    one = torch.linalg.qr(first).Q
    projection = second @ torch.linalg.pinv(second)
    squared = torch.linalg.eigvalsh(one.T @ projection @ one).flip(0)
    return _acos_degrees(squared.clamp(min=0).sqrt())


def _subspace_cases(generator: torch.Generator) -> list[Case]:
    def matrix(*shape: int) -> Tensor:
        return _normal(generator, *shape, dtype=torch.float64)

    base = matrix(7, 3)
    near = base + 0.05 * matrix(7, 3)
    other_basis = near @ (torch.eye(3, dtype=torch.float64) + 0.5 * matrix(3, 3).triu(1))
    square_root = math.sqrt(0.5)
    # Twelve cosines of 1: rounding lifts at least one of them above 1, nearly always.
    many = matrix(20, 12)
    return [
        Case("ordinary", (matrix(6, 2), matrix(6, 2)), weight=2),
        Case("one column", (matrix(5, 1), matrix(5, 1))),
        Case("near, in another basis", (base, other_basis)),
        Case("the same space, columns swapped", (many, 3.0 * many.flip(1))),
        Case(
            "45 degrees and 90",
            (
                torch.tensor([[2.0, 0], [0, 1], [0, 0], [0, 0]], dtype=torch.float64),
                torch.tensor(
                    [[square_root, 0], [0, 0], [square_root, 0], [0, 5]], dtype=torch.float64
                ),
            ),
        ),
    ]


# ----------------------------------------------------------------- 3.6 the denoising loss

Network = Callable[[Tensor], Tensor]


def denoising_loss(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    """Squared error of the rebuilt noisy images against the clean ones: sum, then mean."""
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return (network(noisy) - clean).square().sum((1, 2, 3)).mean()


def _run_denoising(
    answer: Callable[..., Tensor],
    clean: Tensor,
    noise_level: float,
    generator: torch.Generator,
    strength: float,
) -> Tensor:
    pixels = clean[0].numel()
    weight = strength * torch.cos(torch.arange(pixels * pixels).float()).view(pixels, pixels)

    def network(x: Tensor) -> Tensor:
        return torch.sigmoid(x.flatten(1) @ weight).view(x.shape)

    return answer(network, clean, noise_level, generator)


def _squared(difference: Tensor) -> Tensor:
    return difference.square().sum((1, 2, 3)).mean()


def _denoising_noisy_target(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return _squared(network(noisy) - noisy)


def _denoising_clean_input(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    return _squared(network(clean) - clean)


def _denoising_swapped(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return _squared(network(clean) - noisy)


def _denoising_averaged(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return (network(noisy) - clean).square().mean()


def _denoising_summed(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return (network(noisy) - clean).square().sum()


def _denoising_variance(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level**0.5 * torch.randn(clean.shape, generator=generator)
    return _squared(network(noisy) - clean)


def _denoising_uniform(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.rand(clean.shape, generator=generator)
    return _squared(network(noisy) - clean)


def _denoising_own_noise(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape)
    return _squared(network(noisy) - clean)


def _denoising_squared_level(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level**2 * torch.randn(clean.shape, generator=generator)
    return _squared(network(noisy) - clean)


def _denoising_clipped(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noisy = clean + noise_level * torch.randn(clean.shape, generator=generator)
    return _squared(network(noisy.clamp(0, 1)) - clean)


def _denoising_by_torch(
    network: Network, clean: Tensor, noise_level: float, generator: torch.Generator
) -> Tensor:
    noise = torch.empty_like(clean).normal_(generator=generator)
    rebuilt = network(torch.add(clean, noise, alpha=noise_level))
    return nn.functional.mse_loss(rebuilt, clean, reduction="sum") / len(clean)


def _denoising_cases(generator: torch.Generator) -> list[Case]:
    def images(batch: int, side: int) -> Tensor:
        return torch.rand(batch, 1, side, side, generator=generator)

    def draw(seed: int) -> torch.Generator:
        return torch.Generator().manual_seed(seed)

    return [
        Case("ordinary", (images(5, 4), 0.5, draw(1), 1.0), weight=2),
        Case("batch of one", (images(1, 3), 0.3, draw(2), 0.7)),
        Case("much noise", (images(6, 5), 2.0, draw(3), 0.4)),
        Case("no noise", (images(3, 4), 0.0, draw(4), 1.0)),
    ]


# ------------------------------------------------------------------- 3.7 random codes


def gaussian_codes(codes: Tensor, noise: Tensor) -> Tensor:
    """Standard normal draws (draws, latents), given the mean and covariance of the codes."""
    root: Tensor = torch.linalg.cholesky(torch.cov(codes.T))  # (latents, latents)
    return codes.mean(0) + noise @ root.T


def _run_gaussian(answer: Callable[..., Tensor], codes: Tensor) -> dict[str, Tensor]:
    """Mean and covariance of what an affine answer draws: no root is preferred to another."""
    latents = codes.shape[1]
    mean = answer(codes, torch.zeros(1, latents, dtype=codes.dtype))  # (1, latents)
    directions = answer(codes, torch.eye(latents, dtype=codes.dtype)) - mean
    return {"mean": mean, "covariance": directions.T @ directions}


def _gaussian_diagonal(codes: Tensor, noise: Tensor) -> Tensor:
    return codes.mean(0) + noise * codes.std(0)


def _gaussian_standard(codes: Tensor, noise: Tensor) -> Tensor:
    return noise.clone()


def _gaussian_shift_only(codes: Tensor, noise: Tensor) -> Tensor:
    return codes.mean(0) + noise


def _gaussian_without_mean(codes: Tensor, noise: Tensor) -> Tensor:
    return gaussian_codes(codes, noise) - codes.mean(0)


def _gaussian_covariance(codes: Tensor, noise: Tensor) -> Tensor:
    return codes.mean(0) + noise @ torch.cov(codes.T)


def _gaussian_transposed(codes: Tensor, noise: Tensor) -> Tensor:
    root: Tensor = torch.linalg.cholesky(torch.cov(codes.T))
    return codes.mean(0) + noise @ root


def _gaussian_variance(codes: Tensor, noise: Tensor) -> Tensor:
    return codes.mean(0) + noise * codes.var(0)


def _gaussian_entrywise_root(codes: Tensor, noise: Tensor) -> Tensor:
    return codes.mean(0) + noise @ torch.cov(codes.T).abs().sqrt()


def _gaussian_one_mean(codes: Tensor, noise: Tensor) -> Tensor:
    return gaussian_codes(codes, noise) - codes.mean(0) + codes.mean()


def _gaussian_by_eigenvectors(codes: Tensor, noise: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(torch.cov(codes.T, correction=0))
    deviations: Tensor = (noise * values.sqrt()) @ vectors.T
    return codes.mean(0) + deviations


def _cloud_cases(generator: torch.Generator) -> list[Case]:
    def cloud(count: int, latents: int, dtype: torch.dtype = torch.float32) -> Tensor:
        mixing = _mixing(generator, latents, dtype)
        mixing = mixing * torch.linspace(1.5, 3.0, latents, dtype=dtype)
        return _normal(generator, count, latents, dtype=dtype) @ mixing - 1.2

    return [
        Case("ordinary", (cloud(4000, 3),), weight=2),
        Case("two latents", (cloud(3000, 2),)),
        Case("float64", (cloud(5000, 5, torch.float64),)),
    ]


EXERCISES = [
    Exercise(
        id="3.1",
        title="What random codes decode to",
        kind="prediction",
        prompt="An autoencoder rebuilds digits well. Decode codes drawn at random, with the mean "
        "and covariance that the codes of real digits have: what comes out?",
        points=1,
        difficulty=1,
        minutes=2,
        reference="c",
        choices={
            "a": "Digits, nearly without exception: the decoder has only ever drawn digits.",
            "b": "Copies of training images.",
            "c": "Some digits, and many strokes that are no digit.",
            "d": "Gray noise.",
        },
        mistakes=(
            Mistake(
                "a",
                "The decoder drew digits only at the codes that digits have. Nothing in its "
                "loss says what the other codes decode to.",
            ),
            Mistake(
                "b",
                "Twenty thousand codes are a few specks in sixteen dimensions, so a random code "
                "lands on none of them; and the decoder is continuous, it does not look up.",
            ),
            Mistake(
                "d",
                "The decoder is continuous, so near a digit's code it draws something near that "
                "digit: strokes, not noise.",
            ),
        ),
        hints=(
            "At which codes was the decoder ever told what to draw?",
            "Between and beyond them it must draw something, and it changes without jumps.",
        ),
        why="The loss asks for good images at the codes of real images, and nowhere else. "
        "Section 7 measures how far the rest falls behind.",
    ),
    Exercise(
        id="3.2",
        title="The error of PCA, without rebuilding anything",
        kind="function",
        prompt="pca_error(x, latents) → the squared error an image, a tensor with one number, "
        "from x of shape (count, pixels)",
        points=4,
        difficulty=2,
        minutes=12,
        reference=pca_error,
        cases=_data_cases,
        tolerance=(1e-3, 1e-4),
        mistakes=(
            Mistake(
                _error_not_centered,
                "The data were not centered: these are eigenvalues of the average of xxᵀ, and the "
                "first of them is mostly the mean. Subtract the average image first.",
            ),
            Mistake(
                _error_sample_covariance,
                "Too large by n/(n − 1): torch.cov divides by n − 1 unless told otherwise, and "
                "an average over n images divides by n.",
            ),
            Mistake(
                _error_ascending,
                "You discarded the wrong end: eigvalsh gives the smallest eigenvalue first, so "
                "this drops the small ones and counts the large ones as lost.",
            ),
            Mistake(
                _error_kept,
                "This is the variance that is kept. What is lost is the rest.",
            ),
            Mistake(
                _error_averaged,
                "This is the error a pixel: you divided by the number of pixels. The course's "
                "convention is the sum over the pixels of an image.",
            ),
            Mistake(
                _error_of_all,
                "This is the error of all images together. Divide by their number.",
            ),
            Mistake(
                _error_share,
                "This is the share of the variance that is lost, between 0 and 1. Asked is the "
                "error itself.",
            ),
            Mistake(
                _error_roots,
                "You added standard deviations. Line (12) adds the eigenvalues, which are "
                "variances (singular values have to be squared, and divided by n).",
            ),
            Mistake(
                _error_one_too_few,
                "You left out one eigenvalue too many: Python counts from 0, so index `latents` "
                "is the first that is discarded.",
            ),
            Mistake(
                _error_one_mean,
                "You subtracted one number, the average of all pixels of all images. Each pixel "
                "has an average of its own: x.mean(0).",
            ),
            Mistake(
                _error_singular_values,
                "You added the singular values themselves. An eigenvalue of the covariance is a "
                "singular value squared, divided by the count.",
            ),
            Mistake(
                _error_empty_slice,
                "Right unless latents is 0: the slice [:-0] is empty. With no code at all the "
                "error is the whole variance.",
            ),
        ),
        hints=(
            "Line (12): the error is a sum of eigenvalues of the covariance. Which ones?",
            "Center, form the average of the outer products (divide by the count), and take "
            "torch.linalg.eigvalsh of it.",
            "eigvalsh sorts from small to large: turn the order round, then leave out the first "
            "`latents` of them.",
        ),
        why="The error is known before anything is rebuilt, and each further component lowers it "
        "by exactly its own eigenvalue. No linear decoder, with whatever encoder, can do better.",
        also_right=(_error_by_svd, _error_by_rebuilding),
    ),
    Exercise(
        id="3.3",
        title="What compression really saves",
        kind="number",
        prompt="All 20,000 digits as 16 PCA codes each: how many times fewer numbers must be "
        "sent, counting everything that the receiver needs?",
        points=2,
        difficulty=1,
        minutes=5,
        reference=20_000 * 784 / (20_000 * 16 + 784 * 16 + 784),
        tolerance=(0.005, 0.0),
        mistakes=(
            Mistake(
                49.0,
                "That counts the codes alone. Without the decoder the receiver cannot make an "
                "image of them.",
            ),
            Mistake(
                20_000 * 784 / (20_000 * 16 + 2 * 784 * 16 + 784),
                "You sent the encoder too. The receiver only decodes.",
            ),
            Mistake(
                20_000 * 784 / (784 * 16 + 784),
                "You sent the decoder, and forgot the codes.",
            ),
            Mistake(
                (20_000 * 16 + 784 * 16 + 784) / (20_000 * 784),
                "That is the share that remains. Asked is how many times fewer: the other way "
                "round.",
            ),
            Mistake(
                784 / (16 + 784 * 16 + 784),
                "You sent the decoder with every image. Once is enough for all 20,000.",
            ),
        ),
        hints=(
            "What does the receiver need to turn codes into images? Look at line (1).",
            "The codes of all images; the weight, 784 × 16; the offset, 784.",
        ),
        why="The decoder is paid once and the codes for every image, so compression pays off for "
        "many images of one kind. For a single image the decoder would cost more than it saves.",
    ),
    Exercise(
        id="3.4",
        title="The best decoder for given codes",
        kind="function",
        prompt="best_decoder(codes, x) → (weight, offset), of shapes (pixels, latents) and "
        "(pixels,)",
        points=4,
        difficulty=3,
        minutes=15,
        reference=best_decoder,
        cases=_code_cases,
        tolerance=(2e-3, 1e-4),
        mistakes=(
            Mistake(
                _decoder_not_centered,
                "The weight comes from products of codes and images that were not centered. "
                "Line (16) has covariances: subtract both means first.",
            ),
            Mistake(
                _decoder_no_mean_at_all,
                "Nobody centered the codes: this weight and this offset are right only where "
                "their mean is zero. Line (16) has covariances, line (14) a second term.",
            ),
            Mistake(
                _decoder_mean_offset,
                "The offset is the average image only if the average code is zero. Line (14) "
                "has a second term.",
            ),
            Mistake(
                _decoder_no_offset,
                "The weight is right, and the offset 0 is not: codes and images were centered to "
                "find the weight, and line (14) puts their means back.",
            ),
            Mistake(
                _decoder_wrong_sign,
                "The sign in the offset is turned: at the average code the decoder must draw the "
                "average image.",
            ),
            Mistake(
                _decoder_transposed,
                "The weight is transposed: asked is (pixels, latents), so that weight @ code is "
                "an image.",
            ),
            Mistake(
                _decoder_without_inverse,
                "The inverse of the codes' covariance is missing: this would be right if the "
                "codes were uncorrelated, with variance 1.",
            ),
            Mistake(
                _decoder_variances_only,
                "You divided by the codes' variances. That ignores that codes are correlated; "
                "line (16) has the inverse of the whole covariance matrix.",
            ),
            Mistake(
                _decoder_mixed_counts,
                "One covariance was divided by n and the other by n − 1 (torch.cov does that). "
                "Either is fine, if it is the same in both.",
            ),
        ),
        hints=(
            "First center both: the offset of line (14) then takes care of itself.",
            "Two matrices: codes with codes, (latents, latents), and images with codes, "
            "(pixels, latents).",
            "The weight is the second times the inverse of the first; torch.linalg.solve or "
            "torch.linalg.lstsq do it without an inverse. The offset is the average image minus "
            "the weight times the average code.",
        ),
        why="This is linear regression of every pixel on the codes, all at once. It holds for any "
        "codes, also for those of a deep encoder: a linear decoder never needs gradient descent.",
        also_right=(_decoder_by_least_squares,),
    ),
    Exercise(
        id="3.5",
        title="Angles between two subspaces",
        kind="function",
        prompt="principal_angles(first, second) → (latents,), in degrees, smallest first",
        points=4,
        difficulty=2,
        minutes=12,
        reference=principal_angles,
        cases=_subspace_cases,
        tolerance=(1e-5, 1e-4),
        mistakes=(
            Mistake(
                _angles_not_orthonormal,
                "The columns were not made orthonormal. The cosines come out right only for "
                "columns of length 1 at right angles; torch.linalg.qr makes them so.",
            ),
            Mistake(
                _angles_unit_columns,
                "You gave each column length 1, which is not enough: columns of one matrix must "
                "also be at right angles to each other.",
            ),
            Mistake(
                _angles_columns_paired,
                "You compared column with column. The same space has many bases: its columns may "
                "be swapped or mixed, and the angles must not notice.",
            ),
            Mistake(
                _angles_paired_bases,
                "Orthonormal, as it should be, but then compared column with column. The singular "
                "values of the product of the two bases find the nearest pairs.",
            ),
            Mistake(
                _angles_squared_cosines,
                "These cosines are squared: eigenvalues of MᵀM, with M the product of the bases, "
                "are the singular values of M squared.",
            ),
            Mistake(_angles_radians, "These are radians; asked are degrees."),
            Mistake(
                _angles_cosines,
                "These are the cosines. Take the arc cosine, and turn it into degrees.",
            ),
            Mistake(
                _angles_by_sine,
                "You took the arc sine: equal spaces now have angles of 90°. The singular values "
                "are cosines.",
            ),
            Mistake(
                _angles_of_rows,
                "These are angles between the spaces of the rows. A decoder draws combinations "
                "of its columns.",
            ),
        ),
        hints=(
            "Replace each matrix by an orthonormal basis of its columns.",
            "The products of the two bases, (latents, latents), hold all cosines between basis "
            "vectors; line (20) says which number of that matrix to take.",
            "torch.linalg.qr, then torch.linalg.svdvals of the product; cut at 1 before acos, "
            "because rounding can lift a cosine to 1.0000000000000002.",
        ),
        why="Angles do not depend on the basis, so they compare what decoders can draw and not "
        "how they write it down. All of them are zero exactly if the spaces are the same.",
        also_right=(_angles_by_eigenvalues,),
    ),
    Exercise(
        id="3.6",
        title="The denoising loss",
        kind="function",
        prompt="denoising_loss(network, clean, noise_level, generator) → one number",
        points=3,
        difficulty=1,
        minutes=8,
        reference=denoising_loss,
        cases=_denoising_cases,
        run=_run_denoising,
        gradient=False,
        mistakes=(
            Mistake(
                _denoising_noisy_target,
                "You compare with the noisy image. That rewards a network that hands the noise "
                "through; compare with the clean one.",
            ),
            Mistake(
                _denoising_clean_input,
                "The network was shown the clean image: this is the plain autoencoder's loss.",
            ),
            Mistake(
                _denoising_swapped,
                "Input and target are swapped: the network is to see the noisy image and to "
                "rebuild the clean one.",
            ),
            Mistake(
                _denoising_averaged,
                "You averaged over the pixels too. The course's convention: sum over the pixels "
                "of an image, average over the batch.",
            ),
            Mistake(
                _denoising_summed,
                "You summed over the batch too. Sum over the pixels, then average over images.",
            ),
            Mistake(
                _denoising_variance,
                "noise_level is a standard deviation: the noise is multiplied by it, not by its "
                "square root.",
            ),
            Mistake(
                _denoising_squared_level,
                "This is what you get with σ² where σ belongs: noise_level is the standard "
                "deviation.",
            ),
            Mistake(
                _denoising_own_noise,
                "The noise does not come from the generator, so no two runs are alike: pass "
                "generator=generator to torch.randn.",
            ),
            Mistake(
                _denoising_clipped,
                "You clipped the noisy image to [0, 1]. That is another kind of noise: its mean "
                "is no longer 0, and lines (21)–(28) are about x + η.",
            ),
            Mistake(
                _denoising_uniform,
                "torch.rand is uniform on [0, 1), with mean ½: it makes images brighter. The "
                "noise is meant to be normal, with mean 0.",
            ),
        ),
        hints=(
            "Two images play a part: what the network sees, and what it is compared with.",
            "Noise: torch.randn of the images' shape with the generator, times noise_level.",
            "Square the difference, sum over all dimensions but the first, average the rest.",
        ),
        why="The noise goes in and the clean image is asked for, so copying the input no longer "
        "pays. What does pay is knowing what digits look like.",
        also_right=(_denoising_by_torch,),
    ),
    Exercise(
        id="3.7",
        title="Random codes, as good as a Gaussian can make them",
        kind="function",
        prompt="gaussian_codes(codes, noise) → (draws, latents), from noise of the same shape "
        "drawn from N(0, I)",
        points=3,
        difficulty=2,
        minutes=10,
        reference=gaussian_codes,
        cases=_cloud_cases,
        run=_run_gaussian,
        tolerance=(1e-3, 1e-3),
        mistakes=(
            Mistake(
                _gaussian_diagonal,
                "Each code has its right spread, but codes are correlated and yours are not: use "
                "a root of the whole covariance matrix.",
            ),
            Mistake(
                _gaussian_standard,
                "These are plain N(0, I) draws, which know nothing of the codes.",
            ),
            Mistake(
                _gaussian_shift_only,
                "The mean is right and the covariance is still the identity.",
            ),
            Mistake(
                _gaussian_without_mean,
                "The mean of the codes is missing: nobody centered them.",
            ),
            Mistake(
                _gaussian_covariance,
                "You multiplied by the covariance, which stands for a variance, not for a "
                "standard deviation: your draws have its square as covariance. Use a root of it.",
            ),
            Mistake(
                _gaussian_transposed,
                "The Cholesky root stands the wrong way round: with noise in rows, noise @ L has "
                "covariance LᵀL, and asked is LLᵀ.",
            ),
            Mistake(
                _gaussian_entrywise_root,
                "You took the root of each entry. Asked is a matrix L with LLᵀ equal to the "
                "covariance; roots of the entries do not multiply to that.",
            ),
            Mistake(
                _gaussian_one_mean,
                "You added one number, the average of all codes together. Each of the latents "
                "has an average of its own: codes.mean(0).",
            ),
            Mistake(
                _gaussian_variance,
                "You multiplied by variances; a spread is multiplied by the standard deviation. "
                "And codes are correlated: use a root of the whole covariance.",
            ),
        ),
        hints=(
            "If ε has covariance I, then Lε has covariance LLᵀ. Which L gives that of the codes?",
            "torch.cov wants one row a variable, so give it codes.T; torch.linalg.cholesky gives "
            "a root L of it.",
            "noise has one draw a row, and each row has to be multiplied by L from the left: "
            "that is noise times L transposed. Add the mean.",
        ),
        why="Any root does: Cholesky's, or eigenvectors times standard deviations. Mean and "
        "covariance are now right, and whatever still looks wrong is not their fault.",
        also_right=(_gaussian_by_eigenvectors,),
    ),
]
