"""Starting a lesson: a source and an exercise file that build and pass as they are."""

from pathlib import Path

from aigc_edu.authoring.build import Course
from aigc_edu.authoring.source import NAME
from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.lessons import LESSONS, listed

SOURCE = """\
---
kernelspec:
  name: python3
  display_name: Python 3
aigc_edu:
  number: "{number}"
  title: "{title}"
  part: "{part}"
  minutes: {{cpu: 1, gpu: 1}}
---

# {number} · {title}

**After this lesson you can** compute the squared length of each vector of a batch, and say
which axis is summed and why.

**You need** tensors and their shapes.

**Time** Core: 5 minutes, 3 of them for exercises. Running it all takes a few seconds.

**On the map** it stands alone so far: say here what comes before it and what builds on it.

```{{code-cell}} ipython3
import torch

from aigc_edu.exercises import TODO, check
```

## How long is a vector?

Each row of a batch $x$ of shape (batch, size) is one vector. Its squared length is

$$\\lVert x \\rVert^2 = \\sum_i x_i^2 .$$

The sum runs over the entries of one vector. The batch axis stays, so that the result has one
value an example.

```{{code-cell}} ipython3
x = torch.tensor([[3.0, 4.0], [1.0, 0.0]])
print(x.shape)
```

### Exercise {exercise} · The squared length

Write `squared_length(x)`. It takes a batch of shape (batch, size) and returns one value an
example, shape (batch,).

```{{code-cell}} ipython3
def squared_length(x):
    # BEGIN SOLUTION
    # STUB: return TODO
    return x.square().sum(dim=1)  # (batch,)
    # END SOLUTION


squared_length_used = check("{exercise}", squared_length)
```

Stuck? Run `hint("{exercise}")` in a new cell, after `from aigc_edu.exercises import hint`.

**What to notice.** The first vector has entries 3 and 4, so its squared length is 25.

```{{code-cell}} ipython3
print(squared_length_used(x))
```

```{{code-cell}} ipython3
:tags: [solution-only]

assert squared_length_used(x).tolist() == [25.0, 1.0]
```
"""

EXERCISES = '''\
"""Exercises of lesson {number}: {title}."""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake


def squared_length(x: Tensor) -> Tensor:
    """Squared length of each vector of a batch: (batch, size) → (batch,)."""
    return x.square().sum(dim=1)


def _cases(generator: torch.Generator) -> list[Case]:
    def normal(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=dtype)

    return [
        Case("ordinary", (normal(5, 3),), weight=2),
        Case("batch of one", (normal(1, 4),)),
        Case("large values", (100 * normal(3, 2),)),
        Case("float64", (normal(4, 6, dtype=torch.float64),)),
    ]


def _whole_batch(x: Tensor) -> Tensor:
    return x.square().sum()


def _averaged(x: Tensor) -> Tensor:
    return x.square().mean(dim=1)


def _by_norm(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=1) ** 2


EXERCISES = [
    Exercise(
        id="{exercise}",
        title="The squared length",
        kind="function",
        prompt="squared_length(x) → (batch,)",
        points=1,
        difficulty=1,
        minutes=3,
        reference=squared_length,
        cases=_cases,
        mistakes=(
            Mistake(_whole_batch, "You summed over the batch too: keep one value an example."),
            Mistake(_averaged, "You averaged over the entries; a squared length is their sum."),
        ),
        hints=(
            "Which axis holds the entries of one vector?",
            "Square every entry, then sum over the last axis only.",
        ),
        why="Each vector has its own length, so the batch axis stays. Only the axis of the "
        "entries is summed.",
        also_right=(_by_norm,),
    ),
]
'''


def new_lesson(number: str, topic: str, course: Course) -> list[Path]:
    """Lay a source and an exercise file to start from; returns their paths.

    Args:
        number: two digits, "08".
        topic: small letters, digits and single underscores, "normalizing_flows".
        course: the folders to write to.

    Title and part are those of the list of lessons; where the number is not in it, the topic is
    the title, and the part is that of the lesson before.

    Raises:
        CourseError: bad name, a number that is taken, or a file that is there already.
    """
    name = f"{number}_{topic}"
    if len(number) != 2 or not (number.isascii() and number.isdigit()):
        raise CourseError(f"A lesson's number has two digits, as in 08: {number!r} is none.")
    if not NAME.fullmatch(name):
        raise CourseError(
            f"A topic has small letters, digits and single underscores, as in "
            f"normalizing_flows: {topic!r} is none."
        )
    taken = [other for other in course.names() if other[:2] == number]
    if taken:
        raise CourseError(f"The number {number} is taken by {taken[0]}: choose another.")
    exercises = course.exercises / f"lesson_{number}.py"
    files = {course.source(name): SOURCE, exercises: EXERCISES}
    for path in (*files, course.lesson(name), course.solution(name)):
        if path.exists():
            raise CourseError(f"{path} is there already: nothing was written.")
    if not course.exercises.is_dir():
        raise CourseError(f"{course.exercises} is not there: run the command in a checkout.")
    lesson = listed(number)
    words = {
        "number": number,
        "title": lesson.title if lesson else topic.replace("_", " ").capitalize(),
        "part": lesson.part if lesson else _part_beside(number),
        "exercise": f"{int(number)}.1",
    }
    for path, template in files.items():
        write_atomically(path, template.format(**words).encode("utf-8"))
    return list(files)


def _part_beside(number: str) -> str:
    """The part of the last lesson of the list with a smaller number."""
    return [lesson.part for lesson in LESSONS if lesson.number < number][-1]
