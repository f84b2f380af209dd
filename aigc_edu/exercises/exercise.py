"""What an exercise is: one object that everything else follows from."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from aigc_edu.exercises.probing import Case, call

Kind = Literal["function", "class", "number", "prediction", "choice", "text"]
KINDS = ("function", "class", "number", "prediction", "choice", "text")
_IDENTIFIER = re.compile(r"[A-Za-z]*\d+\.\d+")


@dataclass(frozen=True)
class Mistake:
    """A usual wrong answer and the sentence that helps whoever gave it.

    Args:
        wrong: the wrong answer itself: a function or class with the reference's
            signature, or a wrong value.
        sentence: what a learner reads. Says what happened, not the solution:
            "This is what you get with σ where σ² belongs."
        when: only for numbers, predictions, choices and texts: whether an answer is
            this mistake, where comparing it with ``wrong`` is not enough.
    """

    wrong: Any
    sentence: str
    when: Callable[[Any], bool] | None = None


def mistake(sentence: str) -> Callable[[Any], Mistake]:
    """A wrong answer of several lines, with its sentence directly above it.

    >>> @mistake("You averaged over the batch: keep one value per example.")
    ... def averaged(x):
    ...     total = x.sum(dim=1)
    ...     return total.mean()
    >>> averaged.sentence
    'You averaged over the batch: keep one value per example.'
    """
    return lambda wrong: Mistake(wrong, sentence)


@dataclass(frozen=True)
class Exercise:
    """One exercise. See :mod:`aigc_edu.exercises` for how to write one.

    Args:
        id: lesson number without a leading zero, dot, running number: "5.1".
        title: a few words, no period.
        kind: function, class, number, prediction, choice or text.
        prompt: what is asked; for a function begin with its signature:
            "kl(mean, log_variance) → (batch,), in nats". It is the docstring of its file
            (``prompt=__doc__``), so that a reader meets it first.
        reference: the course's answer: a function or class, or a value (number; a
            letter, or a set of letters, of ``choices``; a model text).
        points: for a grader.
        difficulty: 1 (a line), 2 (some thought), 3 (hard).
        minutes: what it takes.
        hints: at least two, from gentle to explicit; the last may describe the
            formula in words but quotes no line of the reference.
        mistakes: at least two.
        why: two sentences shown on success.
        cases: a function of a ``torch.Generator`` that returns the inputs; only for
            functions and classes. The first is the ordinary case.
        run: ``run(answer, *case.args, **case.kwargs)`` returns what is compared; the
            default calls the answer. Needed for classes and for functions with side
            effects. It stands alone: apart from its arguments it uses ``torch``,
            ``nn``, ``F`` and ``math`` and what it imports itself, nothing of aigc_edu.
        also_right: differently written right answers, for the tests.
        tolerance: (rtol, atol); None means by dtype: float64 1e-7 and 1e-9, float32
            1e-4 and 1e-5, half precision 2e-2 and 1e-3; for numbers 0.01 and 0.
        gradient: also compare gradients in every floating input.
        choices: for a choice (or a prediction by choice): letter → text.
        minimum_words: for a text: shorter ones read "wrong".

    Raises:
        ValueError: when the parts do not fit together.
    """

    id: str
    title: str
    kind: Kind
    prompt: str
    reference: Any
    points: float
    difficulty: int
    minutes: int
    hints: Sequence[str]
    mistakes: Sequence[Mistake]
    why: str
    cases: Callable[[torch.Generator], Sequence[Case]] | None = None
    run: Callable[..., Any] = call
    also_right: Sequence[Any] = ()
    tolerance: tuple[float, float] | None = None
    gradient: bool = False
    choices: Mapping[str, str] | None = None
    minimum_words: int = 20

    def __post_init__(self) -> None:
        def require(holds: bool, sentence: str) -> None:
            if not holds:
                raise ValueError(f"Exercise {self.id!r}: {sentence}")

        require(isinstance(self.prompt, str), "the prompt is missing (no docstring?).")
        object.__setattr__(self, "prompt", inspect.cleandoc(self.prompt))
        require(bool(_IDENTIFIER.fullmatch(self.id)), 'an id looks like "5.1".')
        require(self.kind in KINDS, f"kind is one of {', '.join(KINDS)}.")
        require(isinstance(self.hints, list | tuple), "hints is a tuple of sentences.")
        require(isinstance(self.mistakes, list | tuple), "mistakes is a tuple.")
        require(isinstance(self.why, str) and bool(self.why), "why is missing.")
        if self.kind in ("function", "class"):
            require(callable(self.reference), "the reference must be callable.")
            require(self.cases is not None, "cases are missing.")
        else:
            require(self.cases is None, f"a {self.kind} has no cases.")
        if self.kind == "class":
            require(self.run is not call, "a class needs run(answer, ...) to exercise it.")
        if self.kind == "choice" or self.choices is not None:
            require(bool(self.choices), "choices are missing.")
            require(
                letters(self.reference) <= set(self.choices or ()),
                "the reference is not among the choices.",
            )

    @property
    def lesson(self) -> int:
        """The lesson's number."""
        return int(re.sub(r"^[A-Za-z]*", "", self.id).split(".")[0])

    @property
    def name(self) -> str:
        """What a learner's function or class is called: the word before "(" in the prompt."""
        word = self.prompt.split("(")[0].strip()
        return word if word.isidentifier() else str(getattr(self.reference, "__name__", "it"))

    @property
    def by_hand(self) -> bool:
        """Whether a person marks it."""
        return self.kind == "text"

    def argument_names(self) -> list[str]:
        """The names of what ``run`` is given, for messages; [] if they cannot be told."""
        source = self.reference if self.run is call else self.run
        try:
            names = list(inspect.signature(source).parameters)
        except (TypeError, ValueError):
            return []
        return names if self.run is call else names[1:]


def letters(value: Any) -> frozenset[str]:
    """A choice in one form: "b", "B ", "a, c", ["a", "c"] → a set of small letters."""
    if isinstance(value, str):
        return frozenset(part for part in re.split(r"[\s,;+&]+", value.strip().lower()) if part)
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(part for item in value for part in letters(item))
    return frozenset()
