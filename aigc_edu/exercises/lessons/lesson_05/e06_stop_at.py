"""stop_at(values, patience) → (stop, best), two positions counted from 0"""

import math

import torch

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def stop_at(values: list[float], patience: int) -> tuple[int, int]:
    """Where training stops and which measurement was best until then (positions from 0)."""
    best = 0
    for now, value in enumerate(values):
        if value > values[best]:
            best = now
        elif now - best >= patience:
            return now, best
    return len(values) - 1, best


def _cases(generator: torch.Generator) -> list[Case]:
    def trembling(*values: float) -> list[float]:
        shift = torch.rand((), generator=generator).item() / 8
        return [value + shift for value in values]

    def noisy(count: int, noise: float) -> list[float]:
        steps = noise * torch.randn(count, generator=generator, dtype=torch.float64)
        rise = -100 - 40 * torch.exp(-torch.arange(count) / 6)
        values: list[float] = (rise + steps).tolist()
        return values

    return [
        Case(
            "ordinary",
            (trembling(-120, -112, -108, -109, -107.5, -108, -107.8, -107.9, -106, -107), 3),
            weight=2,
        ),
        Case("a plateau", (trembling(-110, -105, -105, -105, -105, -104), 3)),
        Case("never worse", (trembling(-120, -110, -105, -103), 2)),
        Case("patience of one", (trembling(-110, -105, -106, -101), 1)),
        Case("never better", (trembling(-100, -104, -103, -107, -106), 3)),
        Case("long and noisy", (noisy(60, 1.0), 4)),
        Case("longer and noisier", (noisy(90, 2.0), 6)),
    ]


def _with_counter(values: list[float], patience: int) -> tuple[int, int]:
    highest, best, waited, now = -math.inf, 0, 0, 0
    for now, value in enumerate(values):
        if value > highest:
            highest, best, waited = value, now, 0
        else:
            waited += 1
        if waited == patience:
            break
    return now, best


@mistake(
    "You compare each value with the one before it. Small ups and downs then reset the "
    "count; compare with the best so far."
)
def _against_previous(values: list[float], patience: int) -> tuple[int, int]:
    worse = 0
    for now in range(1, len(values)):
        worse = worse + 1 if values[now] <= values[now - 1] else 0
        if worse >= patience:
            return now, max(range(now + 1), key=values.__getitem__)
    return len(values) - 1, max(range(len(values)), key=values.__getitem__)


@mistake(
    "The count of disappointments is never set back. Patience means that many in a "
    "row, after each new best."
)
def _never_reset(values: list[float], patience: int) -> tuple[int, int]:
    best, worse = 0, 0
    for now in range(1, len(values)):
        if values[now] > values[best]:
            best = now
        else:
            worse += 1
        if worse >= patience:
            return now, best
    return len(values) - 1, best


@mistake("An equal value counts as better here. It must be larger, or a plateau lasts for ever.")
def _ties_count(values: list[float], patience: int) -> tuple[int, int]:
    best = 0
    for now, value in enumerate(values):
        if value >= values[best]:
            best = now
        elif now - best >= patience:
            return now, best
    return len(values) - 1, best


@mistake(
    "Your count begins one too high: the very first value is a best and no "
    "disappointment. With a patience of 1 you stop before anything happened."
)
def _first_disappoints(values: list[float], patience: int) -> tuple[int, int]:
    best, waited = 0, 0
    for now, value in enumerate(values):
        if value > values[best]:
            best, waited = now, 0
        else:
            waited += 1
        if waited >= patience:
            return now, best
    return len(values) - 1, best


@mistake(
    "You return the stop twice. The weights to keep are those of the best measurement, "
    "which is patience measurements earlier."
)
def _keeps_the_last(values: list[float], patience: int) -> tuple[int, int]:
    stop, _ = stop_at(values, patience)
    return stop, stop


EXERCISE = Exercise(
    id="5.6",
    title="When to stop",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=stop_at,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda values, patience: stop_at([-value for value in values], patience),
            "You kept the smallest value. An ELBO is better when it is larger: −100 beats −120.",
        ),
        _against_previous,
        _never_reset,
        Mistake(
            lambda values, patience: stop_at(values, patience + 1),
            "One measurement too late: with patience 3 the third value without improvement is "
            "the last.",
        ),
        _ties_count,
        Mistake(
            lambda values, patience: (
                stop_at(values, patience)[0],
                max(range(len(values)), key=values.__getitem__),
            ),
            "Your best lies after the stop. Training that has stopped never sees those values.",
        ),
        _first_disappoints,
        _keeps_the_last,
    ),
    hints=(
        "Go through the values once and remember the position of the best so far.",
        "How many values have come since the best? That is the present position minus its "
        "position.",
        "When that number reaches patience, return both positions. If it never does, the last "
        "position is the stop.",
    ),
    why="Held-out values tremble, so one bad measurement proves nothing; a row of them does. "
    "What is kept is the model of the best measurement, and that needs a checkpoint at each "
    "new best.",
    also_right=(_with_counter,),
)
