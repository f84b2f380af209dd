"""slerp(start, end, count) → codes (count, latents), at equal angles"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def slerp(start: Tensor, end: Tensor, count: int) -> Tensor:
    """Codes from start to end at equal angles: (latents,), (latents,) -> (count, latents)."""
    time = torch.linspace(0, 1, count, dtype=start.dtype, device=start.device)[:, None]
    cosine = torch.dot(start, end) / (start.norm() * end.norm())
    angle = torch.acos(cosine)
    toward_start = torch.sin((1 - time) * angle)  # (count, 1)
    toward_end = torch.sin(time * angle)
    return (toward_start * start + toward_end * end) / torch.sin(angle)


def _cases(generator: torch.Generator) -> list[Case]:
    def ends(latents: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        # Rotations of a right angle: never so near to parallel that digits are lost.
        basis = torch.linalg.qr(normal(generator, latents, 2, dtype=torch.float64)).Q
        angle = 0.8 + 0.5 * torch.rand((), generator=generator, dtype=torch.float64)
        lengths = 1.5 + torch.rand(2, generator=generator, dtype=torch.float64)
        start = lengths[0] * basis[:, 0]
        end = lengths[1] * (angle.cos() * basis[:, 0] + angle.sin() * basis[:, 1])
        return start.to(dtype), end.to(dtype)

    start, end = ends(8)
    across, opposite = ends(5)
    return [
        Case("ordinary", (*ends(6), 5), weight=2),
        Case("two images: only the ends", (start, end, 2)),
        Case("an obtuse angle", (across, -opposite, 4)),
        Case("many latents", (*ends(40), 9)),
        # Times in single precision are exact enough.
        Case("float64", (*ends(3, torch.float64), 7), tolerance=(1e-5, 1e-6)),
    ]


def _by_rotation(start: Tensor, end: Tensor, count: int) -> Tensor:
    """Turn in the plane of the two codes."""
    one = start / start.norm()
    rest = end - torch.dot(end, one) * one
    other = rest / rest.norm()
    angle = torch.atan2(torch.dot(end, other), torch.dot(end, one))
    time = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    start_weight = torch.sin((1 - time) * angle) / torch.sin(angle) * start.norm()
    end_weight = torch.sin(time * angle) / torch.sin(angle) * end.norm()
    toward = torch.cos(angle) * one + torch.sin(angle) * other
    path: Tensor = start_weight * one + end_weight * toward
    return path


def _angle(start: Tensor, end: Tensor) -> Tensor:
    return torch.acos(torch.dot(start / start.norm(), end / end.norm()))


def _blend(start: Tensor, end: Tensor, time: Tensor, angle: Tensor) -> Tensor:
    time = time[:, None]
    return (torch.sin((1 - time) * angle) * start + torch.sin(time * angle) * end) / angle.sin()


@mistake("This is the straight line. It cuts through the inside of the sphere.")
def _lerp(start: Tensor, end: Tensor, count: int) -> Tensor:
    time = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    return (1 - time) * start + time * end


@mistake(
    "The angle is wrong: the dot product is the cosine only for codes of length 1, so "
    "divide by both lengths first."
)
def _raw_angle(start: Tensor, end: Tensor, count: int) -> Tensor:
    angle = torch.acos(torch.dot(start, end))
    return _blend(start, end, torch.linspace(0, 1, count, dtype=start.dtype), angle)


@mistake("The ends are missing: the first code is start, the last is end.")
def _without_ends(start: Tensor, end: Tensor, count: int) -> Tensor:
    time = torch.linspace(0, 1, count + 2, dtype=start.dtype)[1:-1]
    return _blend(start, end, time, _angle(start, end))


@mistake("The path stops one piece before the end: count codes make count − 1 pieces.")
def _without_last(start: Tensor, end: Tensor, count: int) -> Tensor:
    time = torch.arange(count, dtype=start.dtype) / count
    return _blend(start, end, time, _angle(start, end))


EXERCISE = Exercise(
    id="5.5",
    title="A path that keeps its distance",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=12,
    reference=slerp,
    cases=_cases,
    mistakes=(
        _lerp,
        _raw_angle,
        Mistake(
            lambda start, end, count: slerp(end, start, count),
            "The path runs from the end to the start.",
        ),
        Mistake(
            lambda start, end, count: slerp(start, end, count) * torch.sin(_angle(start, end)),
            "The division by the sine of the angle is missing: your path does not begin at start.",
        ),
        Mistake(
            lambda start, end, count: slerp(start / start.norm(), end / end.norm(), count),
            "The codes were shrunk to length 1 and stayed so. Lengths are only needed for the "
            "angle; the path goes from start itself to end itself.",
        ),
        _without_ends,
        _without_last,
    ),
    hints=(
        "The angle ω: its cosine is the dot product of the two codes divided by both lengths.",
        "torch.linspace(0, 1, count) gives the times; with [:, None] they become a column.",
        "Weight of start: sin((1 − t)ω)/sin ω. Weight of end: sin(tω)/sin ω. Add the two.",
    ),
    why="At t = 0 and t = 1 one weight is 1 and the other 0, and for codes of one length every "
    "code in between has that length too. So the path stays where the prior has its mass, "
    "which in many dimensions is a thin shell.",
    also_right=(_by_rotation,),
)
