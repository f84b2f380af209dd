'''Exercises: ``check``, ``hint``, ``TODO``, and how to write an exercise.

In a lesson::

    from aigc_edu.exercises import TODO, check, hint

    def kl(mean, log_variance):
        return TODO                    # what an unfilled lesson holds

    kl_used = check("5.1", kl)         # the learner's if right, else the course's

**An exercise file** is ``aigc_edu/exercises/lesson_NN.py`` with a list ``EXERCISES``.
One full example (the course's file for lesson 05 would begin so)::

    import torch

    from aigc_edu.exercises import Case, Exercise, Mistake
    from aigc_edu.objectives import kl_to_standard_normal

    def _kl_cases(generator):
        """The first case is the ordinary one; then edges, each named for the learner."""
        def normal(*shape, dtype=torch.float32):
            return torch.randn(shape, generator=generator, dtype=dtype)
        return [
            Case("ordinary", (normal(5, 3), normal(5, 3)), weight=2),
            Case("batch of one", (normal(1, 4), normal(1, 4))),
            Case("large values", (30 * normal(3, 2), 5 * normal(3, 2))),
            Case("float64", (normal(4, 6, dtype=torch.float64),
                             normal(4, 6, dtype=torch.float64))),
        ]

    def _sigma(mean, log_variance):
        return 0.5 * (mean**2 + (log_variance / 2).exp() - 1 - log_variance).sum(1)

    def _averaged(mean, log_variance):
        return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean(1)

    def _also_right(mean, log_variance):
        q = torch.distributions.Normal(mean, (log_variance / 2).exp())
        p = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
        return torch.distributions.kl_divergence(q, p).sum(1)

    EXERCISES = [
        Exercise(
            id="5.1",
            title="KL to the standard normal",
            kind="function",
            prompt="kl(mean, log_variance) → (batch,), in nats",
            points=3, difficulty=2, minutes=10,
            reference=kl_to_standard_normal,
            cases=_kl_cases,
            gradient=True,
            mistakes=(
                Mistake(_sigma, "This is what you get with σ where σ² belongs."),
                Mistake(_averaged, "You averaged over the latent dimensions; the KL of "
                                   "independent dimensions is their sum."),
            ),
            hints=(
                "The dimensions are independent: what happens to a KL then?",
                "One dimension gives ½(μ² + σ² − 1 − log σ²); σ² is the exponential of "
                "what you are given.",
            ),
            why="Each dimension adds its own share. The KL is zero exactly where μ = 0 "
                "and σ = 1.",
            also_right=(_also_right,),
        ),
    ]

The other kinds::

    # A class: run() builds it, uses it and returns what is compared (tensors, numbers,
    # strings, tuples, lists, dicts). It stands alone: torch, nn, F, math, its own imports.
    def _run_linear(answer, x, weight):
        layer = answer(x.shape[1], weight.shape[0])
        with torch.no_grad():
            layer.weight.copy_(weight)
        return {"output": layer(x), "parameters": sorted(n for n, _ in layer.named_parameters())}

    Exercise(kind="class", reference=Linear, run=_run_linear, cases=..., ...)

    Exercise(kind="number", reference=0.693, tolerance=(0.01, 0.0),
             mistakes=(Mistake(1.0, "That is in bits; we count in nats."), ...), ...)

    Exercise(kind="choice", reference="b",          # or {"a", "c"}
             choices={"a": "It grows.", "b": "It shrinks.", "c": "It stays."},
             mistakes=(Mistake("a", "..."), Mistake("c", "...")), ...)   # each wrong choice

    Exercise(kind="prediction", ...)   # like a number, or with choices= like a choice
    Exercise(kind="text", reference="A model answer.", minimum_words=20, ...)   # by hand

What to mind:

- Inputs come only from ``generator``; shapes are fixed, so that outputs repeat. Case
  arguments are tensors, numbers, strings, generators, dtypes and lists, tuples, dicts of
  these: build models and optimizers inside ``run``.
- An answer that samples takes a ``torch.Generator`` as an argument
  (``torch.Generator().manual_seed(7)`` in the case); global randomness is seeded alike
  for answer and reference.
- Functions may have side effects only if ``run`` returns them for comparison. An argument
  that the reference leaves alone must not be changed.
- Values, shape, dtype, device and (where the reference's output has one) the presence of
  a gradient are compared; ``gradient=True`` compares the gradients themselves.
- A mistake must differ from the reference and from every other mistake on some case.
  An answer that raises is compared with mistakes that raise the same error.
- Everything is proved by ``pytest tests/exercises -k "5.1"``.
- Lessons do not call ``hint``: each call opens one more. Write "Stuck? Run
  ``hint("5.1")`` in a new cell."
'''

from aigc_edu.exercises.checking import check, hint
from aigc_edu.exercises.comparing import CaseResult, Result, compare, evaluate, probe
from aigc_edu.exercises.exercise import Exercise, Mistake
from aigc_edu.exercises.probing import Case, Outcome, answer_outputs
from aigc_edu.exercises.progress import progress_table
from aigc_edu.exercises.registry import all_exercises, find, lesson_exercises, load_pack
from aigc_edu.exercises.todo import TODO, TodoError

__all__ = [
    "TODO",
    "Case",
    "CaseResult",
    "Exercise",
    "Mistake",
    "Outcome",
    "Result",
    "TodoError",
    "all_exercises",
    "answer_outputs",
    "check",
    "compare",
    "evaluate",
    "find",
    "hint",
    "lesson_exercises",
    "load_pack",
    "probe",
    "progress_table",
]
