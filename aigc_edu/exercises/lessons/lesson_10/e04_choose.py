"""choose(validation, test), each (settings, seeds) → (setting, its figure to report)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, mistake


def choose(validation: Tensor, test: Tensor) -> tuple[int, float]:
    """The setting with the best mean on validation images, and its mean on test images."""
    setting = int(validation.mean(dim=1).argmax())
    return setting, float(test[setting].mean())


def _cases(generator: torch.Generator) -> list[Case]:
    """(settings, seeds) of held-out bounds, larger is better."""

    def case(
        name: str, on_validation: list[list[float]], on_test: list[list[float]], weight: float = 1.0
    ) -> Case:
        validation = torch.tensor(on_validation, dtype=torch.float64)
        test = torch.tensor(on_test, dtype=torch.float64)
        order = torch.randperm(len(validation), generator=generator)
        level = float(torch.rand((), generator=generator)) * 20
        shake = 0.01 * torch.rand(validation.shape, generator=generator, dtype=torch.float64)
        return Case(
            name,
            (validation[order] - level + shake, test[order] - level - shake),
            weight=weight,
        )

    return [
        case(
            "ordinary",
            [[-120.0, -121.0, -119.5], [-123.0, -117.0, -124.0], [-122.0, -122.5, -121.5]],
            [[-121.5, -122.0, -120.6], [-124.0, -121.0, -125.0], [-121.0, -119.0, -121.2]],
            weight=2,
        ),
        case("two settings", [[-5.0, -3.0], [-4.5, -4.0]], [[-4.0, -6.5], [-4.2, -3.6]]),
        case(
            "four settings, one seed",
            [[-8.0], [-7.0], [-9.0], [-7.5]],
            [[-6.0], [-8.0], [-9.0], [-7.0]],
        ),
        case(
            "a seed that failed",
            [[-10.0, -10.2, -10.1, -10.0], [-9.0, -9.1, -30.0, -9.2]],
            [[-10.5, -10.4, -10.6, -10.4], [-9.5, -9.4, -9.6, -31.0]],
        ),
    ]


def _by_lists(validation: Tensor, test: Tensor) -> tuple[int, float]:
    means = [sum(row) / len(row) for row in validation.tolist()]
    setting = means.index(max(means))
    return setting, sum(test[setting].tolist()) / test.shape[1]


@mistake(
    "You chose by the test images. The one that happened to fit them best won, and "
    "what you report is that luck too."
)
def _on_test(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(test.mean(dim=1).argmax())
    return setting, float(test[setting].mean())


@mistake(
    "You reported the numbers that you chose by. The winner of a contest was also "
    "lucky in it, so they flatter."
)
def _report_validation(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(validation.mean(dim=1).argmax())
    return setting, float(validation[setting].mean())


@mistake(
    "The setting is right, but you reported its best run. Nobody who repeats it gets "
    "that on average."
)
def _best_seed(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(validation.mean(dim=1).argmax())
    return setting, float(test[setting].max())


@mistake("You chose the setting with the best single run. One lucky seed decided.")
def _by_best_seed(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(validation.max(dim=1).values.argmax())
    return setting, float(test[setting].mean())


@mistake("You took the lowest mean. Here larger is better.")
def _lowest(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int(validation.mean(dim=1).argmin())
    return setting, float(test[setting].mean())


@mistake(
    "That is the best test figure of all settings and seeds: chosen on the test "
    "images, among lucky runs."
)
def _best_of_all(validation: Tensor, test: Tensor) -> tuple[int, float]:
    place = int(test.argmax())
    return place // test.shape[1], float(test.max())


@mistake(
    "You chose one run by validation and reported that run alone. It is a setting that "
    "is compared, so all its seeds count."
)
def _picked_run(validation: Tensor, test: Tensor) -> tuple[int, float]:
    place = int(validation.argmax())
    return place // test.shape[1], float(test.flatten()[place])


@mistake("You chose by both sets together. The test images had a say in what they then judge.")
def _both(validation: Tensor, test: Tensor) -> tuple[int, float]:
    setting = int((validation + test).mean(dim=1).argmax())
    return setting, float(test[setting].mean())


EXERCISE = Exercise(
    id="10.4",
    title="Choose on one set, report on another",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=choose,
    cases=_cases,
    tolerance=(1e-6, 1e-6),
    mistakes=(
        _on_test,
        _report_validation,
        _best_seed,
        _by_best_seed,
        _lowest,
        _best_of_all,
        _picked_run,
        _both,
    ),
    hints=(
        "Two questions, two sets of images: which setting? How good is it?",
        "Average over the seeds, which are the last dimension, in both. The validation images "
        "answer the first question, the test images only the second.",
    ),
    why="Whatever images helped to choose, they flatter the winner. The test images are asked "
    "once, at the end, and about one setting only.",
    also_right=(_by_lists,),
)
