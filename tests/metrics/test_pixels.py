"""MSE, PSNR and SSIM against scikit-image, and against their definitions."""

import ast
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from skimage import metrics as reference

from aigc_edu.data import load_digits, to_range
from aigc_edu.metrics import mse, psnr, ssim
from aigc_edu.paths import solutions_dir


def pairs() -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    draws = torch.Generator().manual_seed(0)
    digits = to_range(load_digits("test", 40).images, 0.0, 1.0)
    noisy = (digits + 0.2 * torch.randn(digits.shape, generator=draws)).clamp(0, 1)
    return {
        "digits and noisy digits": (digits, noisy),
        "digits and shifted digits": (digits, digits.roll((1, 2), (2, 3))),
        "digits and their negatives": (digits, 1 - digits),
        "noise": (
            torch.rand(6, 1, 28, 28, generator=draws),
            torch.rand(6, 1, 28, 28, generator=draws),
        ),
        "noise, not square": (
            torch.rand(3, 1, 15, 40, generator=draws),
            torch.rand(3, 1, 15, 40, generator=draws),
        ),
        "nearly blank": (
            1e-3 * torch.rand(3, 1, 28, 28, generator=draws),
            1e-3 * torch.rand(3, 1, 28, 28, generator=draws),
        ),
    }


@pytest.mark.parametrize("name", list(pairs()))
def test_equal_to_scikit_image(name: str) -> None:
    first, second = pairs()[name]
    found = {"mse": mse, "psnr": psnr, "ssim": ssim}
    values = {key: measure(first, second) for key, measure in found.items()}
    for index, (one, two) in enumerate(
        zip(first[:, 0].double().numpy(), second[:, 0].double().numpy(), strict=True)
    ):
        assert values["mse"][index].item() == pytest.approx(
            reference.mean_squared_error(one, two), rel=1e-12
        )
        assert values["psnr"][index].item() == pytest.approx(
            reference.peak_signal_noise_ratio(one, two, data_range=1.0), rel=1e-12
        )
        expected = reference.structural_similarity(
            one, two, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        assert values["ssim"][index].item() == pytest.approx(expected, abs=1e-9)


def test_ssim_is_the_formula_of_its_paper() -> None:
    """Weighted moments by another filter, then equation 13 of Wang et al. 2004."""
    first, second = (images[0, 0].double().numpy() for images in pairs()["noise"])

    def local(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, 1.5, truncate=3.5)[5:-5, 5:-5]

    m1, m2 = local(first), local(second)
    v1, v2 = local(first**2) - m1**2, local(second**2) - m2**2
    both = local(first * second) - m1 * m2
    c1, c2 = 0.01**2, 0.03**2
    below = (m1**2 + m2**2 + c1) * (v1 + v2 + c2)
    expected = ((2 * m1 * m2 + c1) * (2 * both + c2) / below).mean()
    found = ssim(*(images[:1] for images in pairs()["noise"]))
    assert found.item() == pytest.approx(expected, abs=1e-9)


def test_closed_forms() -> None:
    black, white = torch.zeros(2, 1, 20, 20), torch.ones(2, 1, 20, 20)
    assert mse(black, white).tolist() == [1.0, 1.0]
    assert psnr(black, white).tolist() == [0.0, 0.0]
    assert psnr(black, black).tolist() == [math.inf, math.inf]
    # Two flat images: variances are 0, and only the luminance term is left.
    expected = 0.01**2 / (1 + 0.01**2)
    torch.testing.assert_close(ssim(black, white), torch.full((2,), expected).double())
    # A constant offset c costs c².
    torch.testing.assert_close(mse(black, black + 0.25), torch.full((2,), 0.0625).double())


@pytest.mark.parametrize("measure", [mse, psnr, ssim])
def test_symmetric_one_value_a_pair_and_in_any_batch(measure) -> None:  # type: ignore[no-untyped-def]
    first, second = pairs()["digits and noisy digits"]
    whole = measure(first, second)
    assert whole.shape == (40,)
    assert whole.dtype == torch.float64
    torch.testing.assert_close(measure(second, first), whole, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(measure(first[7:8], second[7:8]), whole[7:8])
    torch.testing.assert_close(measure(first.double(), second.double()), whole)


@pytest.mark.parametrize("measure", [mse, psnr, ssim])
@pytest.mark.parametrize(
    "wrong",
    [
        torch.zeros(2, 1, 28, 28, dtype=torch.uint8),
        torch.full((2, 1, 28, 28), 2.0),
        torch.full((2, 1, 28, 28), -1.0),
        torch.full((2, 1, 28, 28), math.nan),
        torch.zeros(3, 1, 28, 28),
        torch.zeros(2, 28, 28),
        torch.zeros(0, 1, 28, 28),
    ],
)
def test_what_are_no_pairs_in_range_is_refused(measure, wrong: torch.Tensor) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="images"):
        measure(wrong, torch.zeros(2, 1, 28, 28))
    with pytest.raises(ValueError, match="images"):
        measure(torch.zeros(2, 1, 28, 28), wrong)


def test_ssim_needs_room_for_its_window() -> None:
    with pytest.raises(ValueError, match="11 pixels"):
        ssim(torch.zeros(1, 1, 28, 10), torch.zeros(1, 1, 28, 10))


def test_torchmetrics_is_imported_only_when_needed() -> None:
    code = (
        "import sys, torch, aigc_edu.metrics as m; assert 'torchmetrics' not in sys.modules; "
        "x = torch.zeros(1, 1, 28, 28); m.mse(x, x); assert 'torchmetrics' not in sys.modules; "
        "m.ssim(x, x); assert 'torchvision' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_values_that_lesson_09_quotes_are_scikit_images() -> None:
    """The lesson runs without scikit-image, so what it quotes is computed again here."""
    text = (solutions_dir() / "09_evaluation.md").read_text(encoding="utf-8")
    start = text.index("scikit_image = {") + len("scikit_image = ")
    quoted = ast.literal_eval(text[start : text.index("\n}", start) + 2])
    digits = to_range(load_digits("test", 3).images, 0.0, 1.0)
    changed = {"moved": digits.roll((2, 2), (2, 3)), "half as bright": 0.5 * digits}
    assert quoted.keys() == changed.keys()
    for name, (decibels, similarity) in quoted.items():
        for index in range(3):
            one = digits[index, 0].double().numpy()
            two = changed[name][index, 0].double().numpy()
            assert decibels[index] == pytest.approx(
                reference.peak_signal_noise_ratio(one, two, data_range=1.0), abs=1e-6
            )
            assert similarity[index] == pytest.approx(
                reference.structural_similarity(
                    one,
                    two,
                    data_range=1.0,
                    gaussian_weights=True,
                    sigma=1.5,
                    use_sample_covariance=False,
                ),
                abs=1e-6,
            )
