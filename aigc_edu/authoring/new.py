"""Starting a lesson or an exercise: files that build and pass as they are."""

import keyword
from pathlib import Path

from aigc_edu.authoring.build import Course
from aigc_edu.authoring.source import NAME
from aigc_edu.errors import CourseError
from aigc_edu.exercises.registry import exercise_files
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

EXERCISE = '''\
"""{name}(x) → (batch,)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake
from aigc_edu.exercises.lessons.inputs import normal


def {name}(x: Tensor) -> Tensor:
    """Squared length of each vector of a batch: (batch, size) → (batch,)."""
    return x.square().sum(dim=1)


def _cases(generator: torch.Generator) -> list[Case]:
    return [
        Case("ordinary", (normal(generator, 5, 3),), weight=2),
        Case("batch of one", (normal(generator, 1, 4),)),
        Case("large values", (100 * normal(generator, 3, 2),)),
        Case("float64", (normal(generator, 4, 6, dtype=torch.float64),)),
    ]


def _by_norm(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=1) ** 2


@mistake("You summed over the batch too: keep one value per example.")
def _of_everything(x: Tensor) -> Tensor:
    squares = x.square()
    return squares.sum()


EXERCISE = Exercise(
    id="{exercise}",
    title="{title}",
    kind="function",
    prompt=__doc__,
    points=1,
    difficulty=1,
    minutes=3,
    reference={name},
    cases=_cases,
    mistakes=(
        _of_everything,
        Mistake(
            lambda x: x.square().mean(dim=1),
            "You averaged over the entries; a squared length is their sum.",
        ),
    ),
    hints=(
        "Which axis holds the entries of one vector?",
        "Square every entry, then sum over the last axis only.",
    ),
    why="Each vector has its own length, so the batch axis stays. Only the axis of the "
    "entries is summed.",
    also_right=(_by_norm,),
)
'''

CELL = """\
### Exercise {exercise} · {title}

*3 minutes, difficulty 1.* Write `{name}(x)`. It takes a batch of shape (batch, size) and returns
one value per example. Stuck? Run `hint("{exercise}")` in a new cell, after
`from aigc_edu.exercises import hint`.

```{{code-cell}} ipython3
def {name}(x):
    # BEGIN SOLUTION
    # STUB: return TODO
    return x.square().sum(dim=1)  # (batch,)
    # END SOLUTION


{name}_used = check("{exercise}", {name})
```
"""


def new_lesson(number: str, topic: str, course: Course) -> list[Path]:
    """Lay a source and a folder with one exercise to start from; returns the files' paths.

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
    _refuse_topic(topic)
    taken = [other for other in course.names() if other[:2] == number]
    if taken:
        raise CourseError(f"The number {number} is taken by {taken[0]}: choose another.")
    folder = course.exercises / f"lesson_{number}"
    lesson = listed(number)
    words = {
        "number": number,
        "title": lesson.title if lesson else _title(topic),
        "part": lesson.part if lesson else _part_beside(number),
        "exercise": f"{int(number)}.1",
    }
    exercise = EXERCISE.format(**{**words, "name": "squared_length", "title": "The squared length"})
    files = {
        course.source(name): SOURCE.format(**words),
        folder / "__init__.py": f'"""Exercises of lesson {number}: {words["title"]}."""\n',
        folder / "e01_squared_length.py": exercise,
    }
    for path in (folder, *files, course.lesson(name), course.solution(name)):
        if path.exists():
            raise CourseError(f"{path} is there already: nothing was written.")
    _refuse_without(course.exercises)
    for path, text in files.items():
        write_atomically(path, text.encode())
    return list(files)


def new_exercise(number: str, topic: str, course: Course) -> tuple[Path, str]:
    """Lay the file of one more exercise of a lesson, with the next free number.

    Args:
        number: the lesson's, two digits, "08".
        topic: small letters, digits and single underscores; also the function's name.
        course: the folders to write to.

    Returns:
        The file's path, and the Markdown and code cell that go into the lesson's source.

    Raises:
        CourseError: bad name, no such lesson, or a folder that is not there.
    """
    _refuse_topic(topic)
    folder = course.exercises / f"lesson_{number}"
    if not folder.is_dir():
        raise CourseError(
            f"Lesson {number!r} has no exercises yet: 'aigc-edu new' starts a lesson."
        )
    if keyword.iskeyword(topic):
        raise CourseError(f"{topic!r} is a word of Python: name the exercise's function otherwise.")
    running = 1 + max((int(path.name[1:3]) for path in exercise_files(folder)), default=0)
    words = {"exercise": f"{int(number)}.{running}", "name": topic, "title": _title(topic)}
    path = folder / f"e{running:02d}_{topic}.py"
    write_atomically(path, EXERCISE.format(**words).encode())
    return path, CELL.format(**words)


def _title(topic: str) -> str:
    return topic.replace("_", " ").capitalize()


def _refuse_topic(topic: str) -> None:
    if not NAME.fullmatch(f"00_{topic}"):
        raise CourseError(
            f"A topic has small letters, digits and single underscores, as in "
            f"normalizing_flows: {topic!r} is none."
        )


def _refuse_without(folder: Path) -> None:
    if not folder.is_dir():
        raise CourseError(f"{folder} is not there: run the command in a checkout.")


def _part_beside(number: str) -> str:
    """The part of the last lesson of the list with a smaller number."""
    return [lesson.part for lesson in LESSONS if lesson.number < number][-1]
