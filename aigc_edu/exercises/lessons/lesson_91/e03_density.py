"""density(y, mean, std) → (n,), the density of y = exp(−x)"""

import math

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def _gauss(x: Tensor, mean: float, std: float) -> Tensor:
    return torch.exp(-(((x - mean) / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))


def light_density(y: Tensor, mean: float, std: float) -> Tensor:
    """Density of y = exp(-x) where x is Gaussian, at positive y."""
    thickness = -y.log()
    return _gauss(thickness, mean, std) / y


def _cases(generator: torch.Generator) -> list[Case]:
    def triple(
        count: int, mean: float, std: float, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, float, float]:
        mean = mean + 0.1 * float(torch.rand((), generator=generator))
        noise = normal(generator, count, dtype=dtype).clamp(-2.5, 2.5)
        return (-(mean + std * noise)).exp(), mean, std

    return [
        Case("ordinary", triple(6, 0.7, 0.4), weight=2),
        Case("a wide spread", triple(5, 0.2, 1.7)),
        Case("a standard deviation of one", triple(4, 1.0, 1.0)),
        Case("float64", triple(7, 1.2, 0.6, dtype=torch.float64)),
    ]


def _by_torch(y: Tensor, mean: float, std: float) -> Tensor:
    log_normal = torch.distributions.LogNormal(
        torch.tensor(-mean, dtype=y.dtype), torch.tensor(std, dtype=y.dtype)
    )
    density: Tensor = log_normal.log_prob(y).exp()  # type: ignore[no-untyped-call]
    return density


@mistake("The ½ in the Gaussian's exponent is lost: line (22) divides by 2σ².")
def _without_half(y: Tensor, mean: float, std: float) -> Tensor:
    x = -y.log()
    return torch.exp(-(((x - mean) / std) ** 2)) / (std * math.sqrt(2 * math.pi)) / y


EXERCISE = Exercise(
    id="91.3",
    title="A density after a change of variables",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=2,
    minutes=12,
    reference=light_density,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda y, mean, std: _gauss(-y.log(), mean, std),
            "You forgot the Jacobian: the strip of width dy around y is not as wide as the "
            "strip of x that it came from.",
        ),
        Mistake(
            lambda y, mean, std: -_gauss(-y.log(), mean, std) / y,
            "A negative density: you forgot the absolute value. The map falls, so its slope "
            "is negative, but widths are not.",
        ),
        Mistake(
            lambda y, mean, std: _gauss(-y.log(), mean, std) * y,
            "The Jacobian is upside down: you multiplied by |dy/dx| where |dx/dy| belongs.",
        ),
        Mistake(
            lambda y, mean, std: _gauss(y.log(), mean, std) / y,
            "You evaluated the Gaussian at log y. Solving y = exp(−x) for x leaves a minus sign.",
        ),
        Mistake(
            lambda y, mean, std: _gauss((-y).exp(), mean, std) * (-y).exp(),
            "You applied the map to y once more. The Gaussian wants the x that y came from: "
            "the inverse.",
        ),
        Mistake(
            lambda y, mean, std: _gauss(y, mean, std),
            "This is the density of x, evaluated at y. First find the x that y came from; "
            "then mind the widths.",
        ),
        _without_half,
        Mistake(
            lambda y, mean, std: _gauss(-y.log(), mean, std**2) / y,
            "This is what you get with σ² where σ belongs: std is the standard deviation.",
        ),
        Mistake(
            lambda y, mean, std: std * _gauss(-y.log(), mean, std) / y,
            "The Gaussian is not normalized: its factor is 1/(σ√(2π)), and the σ is missing.",
        ),
        Mistake(
            lambda y, mean, std: (_gauss(-y.log(), mean, std) / y).log(),
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
    also_right=(_by_torch,),
    tolerance=(1e-4, 1e-6),
)
