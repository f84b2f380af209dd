"""Exercises: ``check``, ``hint``, ``TODO``, and how to write an exercise.

In a lesson::

    from aigc_edu.exercises import TODO, check, hint

    def kl(mean, log_variance):
        return TODO                    # what an unfilled lesson holds

    kl_used = check("5.1", kl)         # the learner's if right, else the course's

**An exercise is one file**, ``exercises/lessons/lesson_NN/eMM_TOPIC.py``, and defines one
``EXERCISE``. Its docstring is the prompt (``prompt=__doc__``); reference, cases and ``run``
come next, then wrong answers of several lines, each below its sentence (``@mistake("...")``),
then the :class:`Exercise` with the short wrong answers in place. ``aigc-edu new-exercise NN
TOPIC`` starts one that passes; ``lesson_09/e02_psnr.py`` is a good one to read. Its number is
its id's, and nothing else has to name it.

The kinds::

    Exercise(kind="function", reference=kl, cases=_cases, ...)   # gradient=True: those too

    # A class: run() builds it, uses it and returns what is compared (tensors, numbers,
    # strings, tuples, lists, dicts). It stands alone: torch, nn, F, math, its own imports.
    def _run(answer, x, weight):
        layer = answer(x.shape[1], weight.shape[0])
        with torch.no_grad():
            layer.weight.copy_(weight)
        return {"output": layer(x), "parameters": sorted(n for n, _ in layer.named_parameters())}

    Exercise(kind="class", reference=Linear, run=_run, cases=_cases, ...)

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
- Everything is proved by ``pytest tests/exercises -k "[5.1"`` (the bracket keeps 15.1 out).
- Lessons do not call ``hint``: each call opens one more. Write "Stuck? Run
  ``hint("5.1")`` in a new cell."
"""

from aigc_edu.exercises.checking import check, hint
from aigc_edu.exercises.comparing import CaseResult, Result, compare, evaluate, probe
from aigc_edu.exercises.exercise import Exercise, Mistake, mistake
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
    "mistake",
    "probe",
    "progress_table",
]
