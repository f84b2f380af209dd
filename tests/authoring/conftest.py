"""A small course in a temporary folder, with one lesson that is fine."""

from pathlib import Path

import pytest

from aigc_edu.authoring.build import Course

TEXT = """---
kernelspec:
  name: python3
  display_name: Python 3
aigc_edu:
  number: "07"
  title: "GAN: training"
  part: III. Adversarial networks
  minutes: {cpu: 1, gpu: 1}
---

# 07 · GAN: training

Some math, $D[f](x)$, and a [page](https://example.org/a).

```{code-cell} ipython3
def add(a, b):
    # BEGIN SOLUTION
    # STUB: return None  # yours
    total_of_both = a + b
    return total_of_both * 1.0
    # END SOLUTION


print(add(1, 2))
```

## More

```{code-cell} ipython3
x = 1
```

```{code-cell} ipython3
x = 1
```

```{code-cell} ipython3
:tags: [solution-only]

assert add(1, 2) == 3, "the sum of one and two"
```
"""


@pytest.fixture
def text() -> str:
    """The source of a lesson that is fine."""
    return TEXT


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Folders of a course with that lesson, ``07_sums``, not built yet."""
    course = Course.at(tmp_path)
    for folder in (course.solutions, course.lessons, course.exercises, course.docs):
        folder.mkdir(parents=True)
    course.source("07_sums").write_text(TEXT, encoding="utf-8")
    return course
