"""A game between two networks in one dimension, to be played round by round."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.arguments import checked_count
from aigc_edu.view.explorers.base import (
    Answer,
    Explorer,
    choice_control,
    curves_answer,
    figure_picture,
    raised,
    range_control,
    shows,
)

if TYPE_CHECKING:
    from PIL.Image import Image

Curves = npt.NDArray[np.float32]
Look = tuple[Curves, dict[str, float]]
"""Curves (series, points), and numbers by name."""


@shows
def adversarial_game(
    start: Callable[..., Any],
    play: Callable[[Any], Any],
    look: Callable[[Any], Mapping[str, Any]],
    *,
    x: Tensor,
    rounds: int = 400,
    shown: Sequence[int] | None = None,
    choices: Mapping[str, Sequence[Any]] | None = None,
    x_label: str = "x",
    alt: str | None = None,
) -> Explorer:
    """Play a game of two networks round by round: two densities and the discriminator's curve.

    The rounds are played in the kernel when they are first asked for, and kept, so that one can
    go back. Random numbers are the game's own: the same rounds come each time, and nothing
    outside moves.

    Args:
        start: makes a new game; takes ``choices`` by name.
        play: plays one round of a game, changing it in place.
        look: what a game looks like now: name -> values (points,) on ``x``, of which the first
            two are drawn as areas (the densities), and name -> number for the line below.
        x: (points,) equally spaced, where the curves are known.
        rounds: how far the slider goes.
        shown: the rounds of the still picture; those beyond ``rounds`` show the last one.
        choices: name of an argument of ``start`` -> its possible values, the first one to begin
            with. Underscores are shown as spaces.
        x_label: name of the axis.
        alt: text alternative of the still picture.

    Raises:
        CourseError: if the game cannot be started or looked at: what to do about it.

    >>> def look(game):
    ...     return {"data": torch.ones(5), "model": torch.ones(5), "D(x)": torch.ones(5) / 2}
    >>> adversarial_game(dict, dict.copy, look, x=torch.linspace(-1, 1, 5), rounds=10)
    """
    if not isinstance(x, Tensor) or x.ndim != 1 or len(x) < 2 or not x[0] < x[-1]:
        raise CourseError(
            "x must be a rising tensor of at least two positions, such as "
            "torch.linspace(-6, 6, 241)."
        )
    rounds = checked_count("rounds", rounds)
    settings = {name: list(values) for name, values in (choices or {}).items()}
    for name, values in settings.items():
        if not values:
            raise CourseError(f"choices['{name}'] is empty: give at least one value.")
    games: dict[tuple[int, ...], _Game] = {}  # by the places of the chosen values
    series: list[str] = []  # the names of the curves

    def seen(game: _Game) -> Look:
        named_curves, numbers = _look_of(look, game.state, len(x))
        series[:] = list(named_curves)
        return np.stack(list(named_curves.values())), numbers

    def after(chosen: tuple[int, ...], number: int) -> Look:
        """How the game with these choices looks after so many rounds, played if need be."""
        if chosen not in games:
            arguments = {
                name: values[index]
                for (name, values), index in zip(settings.items(), chosen, strict=True)
            }
            try:
                game = _Game(lambda: start(**arguments))
            except Exception as error:
                raise CourseError(raised("The start of the game", error)) from error
            # Looked at before it is kept: a game that cannot be looked at is started anew.
            game.looks.append(seen(game))
            games[chosen] = game
        game = games[chosen]
        while len(game.looks) <= number:
            try:
                game.play(play)
            except Exception as error:
                del games[chosen]  # half a round may have been played: begin afresh next time
                raise CourseError(raised(f"Round {len(game.looks)}", error)) from error
            game.looks.append(seen(game))
        return game.looks[number]

    def answer(values: list[float]) -> Answer:
        *chosen, number = (round(value) for value in values)
        curves, numbers = after(tuple(chosen), number)
        state = ", ".join(
            [f"Round {number}", *(f"{k} {v:.3g}".replace("-", "−") for k, v in numbers.items())]
        )
        fields, buffer = curves_answer(curves, f"{state}.")
        if not np.isfinite(curves).all():
            fields["note"] = (
                f"{state}. A curve holds values that are not numbers (NaN or infinite): lower the "
                "learning rates, and look for a logarithm of zero."
            )
        return fields, buffer

    first = tuple(0 for _ in settings)
    marks = [0, rounds // 8, rounds // 2, rounds] if shown is None else list(shown)
    if not marks or not all(hasattr(mark, "__index__") and mark >= 0 for mark in marks):
        raise CourseError("shown names the rounds of the still picture, at least one, from 0 on.")
    marks = sorted({min(mark, rounds) for mark in marks})

    def static() -> tuple["Image", int, str]:
        return _picture([(mark, *after(first, mark)) for mark in marks], series, x, x_label)

    after(first, 0)  # learns the names of the curves, and says now what does not fit
    low, high = float(x[0]), float(x[-1])
    top = max(1.02, 1.05 * float(np.nanmax(games[first].looks[0][0])))
    return Explorer(
        "adversarial game",
        label="A game of generator and discriminator, round by round",
        controls=[
            *(
                choice_control(name.replace("_", " "), [str(value) for value in values])
                for name, values in settings.items()
            ),
            range_control(
                "round",
                0,
                rounds,
                start=0,
                step=1,
                play=2,
                jumps=[
                    {"name": "One round", "by": 1},
                    {"name": "One back", "by": -1},
                    {"name": "To the start", "to": 0},
                ],
            ),
        ],
        draw=answer,
        static=static,
        alt=alt
        or f"The game at round {', '.join(map(str, marks))}: two densities as areas and the "
        "discriminator's curve.",
        hint="Play, or go round by round. A round is really played the first time that you get to "
        "it.",
        curves={
            "alt": f"Curves over {x_label}: {', '.join(series)}.",
            "x": [low, high, max(1, round((high - low) / 6))],
            "y": [0.0, top, 0.25],
            "x_label": x_label,
            "series": [{"name": name, "filled": k < 2} for k, name in enumerate(series)],
        },
    )


class _Game:
    """One game with its own random numbers, and how it looked after each round."""

    def __init__(self, make: Callable[[], Any]) -> None:
        with _forked():
            torch.manual_seed(0)
            self.state = make()
            self.random = torch.get_rng_state()
        self.looks: list[Look] = []

    def play(self, play: Callable[[Any], Any]) -> None:
        """One round more."""
        with _forked(), torch.enable_grad():
            torch.set_rng_state(self.random)
            play(self.state)
            self.random = torch.get_rng_state()


def _forked() -> Any:
    """Afterwards the global random numbers go on as if nothing had been drawn."""
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    return torch.random.fork_rng(devices=devices)


def _look_of(
    look: Callable[[Any], Mapping[str, Any]], state: Any, points: int
) -> tuple[dict[str, Curves], dict[str, float]]:
    """What the learner's ``look`` says of a game, sorted into curves and numbers.

    Raises:
        CourseError: if it stops with an error, or gives no curve or one of another length.
    """
    try:
        with torch.no_grad():
            values = dict(look(state))
    except Exception as error:
        raise CourseError(raised("look", error)) from error
    curves: dict[str, Curves] = {}
    numbers: dict[str, float] = {}
    for name, value in values.items():
        array = np.asarray(
            value.detach().cpu() if isinstance(value, Tensor) else value, dtype=np.float32
        )
        if array.ndim == 0:
            numbers[name] = float(array)
        elif array.shape == (points,):
            curves[name] = array
        else:
            raise CourseError(
                f"look must give '{name}' as ({points},) values on x or as one number, "
                f"not {array.shape}."
            )
    if not curves:
        raise CourseError("look must give at least one curve: name -> values on x.")
    return curves, numbers


def _picture(
    frames: list[tuple[int, Curves, dict[str, float]]], series: list[str], x: Tensor, x_label: str
) -> tuple["Image", int, str]:
    """Some rounds side by side."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from aigc_edu.view.style import COLORS, settings

    colors = [COLORS[0], COLORS[1], COLORS[7], COLORS[2]]
    top = 1.02 * max(float(np.nanmax(curves, initial=1.0)) for _, curves, _ in frames)
    with mpl.rc_context(settings()):
        columns = len(frames) if len(frames) < 4 else 3 if len(frames) % 3 == 0 else 4
        rows = -(-len(frames) // columns)
        figure = Figure(figsize=(8.4, 2.3 * rows + 0.2))
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat
        for axes in panels[len(frames) :]:
            axes.set_axis_off()
        for axes, (number, curves, _) in zip(panels, frames, strict=False):
            for k, (name, values) in enumerate(zip(series, curves, strict=True)):
                color = colors[k % 4]
                if k < 2:
                    axes.fill_between(x, values, color=color, alpha=0.25, label=name)
                else:
                    axes.plot(x, values, color=color, ls="-", label=name)
            axes.set(ylim=(0, top), xlim=(float(x[0]), float(x[-1])))
            axes.set_xlabel(x_label)
            axes.label_outer()
            axes.set_title(f"round {number}", fontsize=10)
        panels[0].legend(loc="upper right", fontsize=8)
    return (*figure_picture(figure), "")
