"""The tables that are made: the README's of lessons, the lecturer's of points and of mistakes.

Each stands between two comments in its page. A page, or a comment, that is not there is left
alone: a small course may have none of them.
"""

import re
from collections.abc import Sequence

from aigc_edu.authoring.build import Course
from aigc_edu.authoring.reading import lesson_time
from aigc_edu.authoring.source import Source, read_source, source_problems
from aigc_edu.errors import CourseError
from aigc_edu.exercises import Exercise
from aigc_edu.exercises.comparing import VALUE_KINDS
from aigc_edu.exercises.registry import lesson_exercises
from aigc_edu.files import write_atomically
from aigc_edu.lessons import LESSONS, PARTS, Lesson

BEGIN, END = "<!-- {}: made by aigc-edu build -->", "<!-- end of {} -->"


def lesson_rows(sources: Sequence[Source]) -> str:
    """Every lesson, also those to come, with its minutes: what a visitor chooses by."""
    by_number = {source.number: source for source in sources}
    lines = [
        "| | Lesson | Core, min | Further, min | On a CPU, min | On a GPU, min |",
        "|---|---|---|---|---|---|",
    ]
    for part in PARTS:
        lines.append(f"| | **{part}** | | | | |")
        lessons = [lesson for lesson in LESSONS if lesson.part == part]
        lines += [
            _lesson_row(lesson, by_number[lesson.number])
            for lesson in lessons
            if lesson.number in by_number and not lesson.planned
        ]
        if to_come := [f"{one.number} {one.title}" for one in lessons if one.planned]:
            lines.append(f"| | *planned:* {' · '.join(to_come)} | | | | |")
    return "\n".join(lines)


def _lesson_row(lesson: Lesson, source: Source) -> str:
    time, minutes = lesson_time(source), source.facts["minutes"]
    cells = [
        f"[{lesson.title}](lessons/{source.name}.ipynb)",
        str(time.core),
        str(time.further) if time.further else "–",
        f"{minutes['cpu']:g}",
        f"{minutes['gpu']:g}",
    ]
    return f"| {lesson.number} | {' | '.join(cells)} |"


def point_rows(sources: Sequence[Source]) -> str:
    """What each lesson's exercises weigh, with a link to its plan."""
    lines = [
        "| Lesson | Exercises | Points | of them predictions, choices, numbers | Minutes |",
        "|---|---|---|---|---|",
    ]
    totals = [0.0] * 4
    for lesson, exercises in _with_exercises(sources):
        row = [
            len(exercises),
            sum(e.points for e in exercises),
            sum(e.points for e in exercises if e.kind in VALUE_KINDS and not e.by_hand),
            sum(e.minutes for e in exercises),
        ]
        totals = [total + value for total, value in zip(totals, row, strict=True)]
        name = f"{lesson.number} [{lesson.title}](plans/{lesson.number}.md)"
        lines.append(f"| {name} | " + " | ".join(f"{value:g}" for value in row) + " |")
    lines.append("| all | " + " | ".join(f"{value:g}" for value in totals) + " |")
    return "\n".join(lines)


def mistake_lists(sources: Sequence[Source]) -> str:
    """Every known mistake in the words that a student reads, folded by lesson."""
    parts = []
    for lesson, exercises in _with_exercises(sources):
        count = sum(len(exercise.mistakes) for exercise in exercises)
        parts.append(
            f"<details><summary><b>{lesson.number} · {lesson.title}</b>: {len(exercises)} "
            f"exercises, {count} mistakes</summary>\n"
        )
        parts += [_mistakes_of(exercise) for exercise in exercises]
        parts.append("</details>\n")
    return "\n".join(parts).rstrip("\n")


def _mistakes_of(exercise: Exercise) -> str:
    sentences = dict.fromkeys(mistake.sentence for mistake in exercise.mistakes)
    listed = "\n".join(f"- {_marked_down(sentence)}" for sentence in sentences)
    return f"**{exercise.id} {_marked_down(exercise.title)}**\n\n{listed}\n"


def _marked_down(text: str) -> str:
    """A sentence as it reads, whatever Markdown would make of it; code stays code."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(
        part if part.startswith("`") else re.sub(r"([*_\[\]|$<\\])", r"\\\1", part)
        for part in parts
    )


def _with_exercises(sources: Sequence[Source]) -> list[tuple[Lesson, list[Exercise]]]:
    """The lessons of these sources that are there and have exercises."""
    numbers = {source.number for source in sources}
    return [
        (lesson, exercises)
        for lesson in LESSONS
        if lesson.number in numbers and not lesson.planned
        if (exercises := lesson_exercises(int(lesson.number)))
    ]


TABLES = {
    "lessons": ("README.md", lesson_rows),
    "points": ("docs/teaching.md", point_rows),
    "mistakes": ("docs/mistakes.md", mistake_lists),
}
"""What is made: its name, the page that it stands in, and what makes it from the sources."""


def page_with(page: str, name: str, table: str) -> str:
    """A page with a table between its two comments.

    Raises:
        CourseError: if only one of the comments is there, or they are in the wrong order.
    """
    begin, end = BEGIN.format(name), END.format(name)
    before, begun, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not (begun and ended):
        raise CourseError(f"A table stands between two comments, {begin} and {end}: one is gone.")
    return f"{before}{begin}\n{table}\n{end}{after}"


def stale_tables(course: Course, *, write: bool = False) -> list[str]:
    """The tables of a course that are not what they should be, as ``page: table``.

    Args:
        course: the folders.
        write: put them right, too.

    Raises:
        CourseError: a source cannot be built from, or a table's comment is gone.
    """
    stale = []
    sources: list[Source] | None = None
    for name, (file, make) in TABLES.items():
        path = course.root / file
        page = path.read_text(encoding="utf-8") if path.is_file() else ""
        if BEGIN.format(name) not in page and END.format(name) not in page:
            continue
        sources = _sound_sources(course) if sources is None else sources
        text = page_with(page, name, make(sources))
        if text != page:
            stale.append(f"{file}: the table of {name}")
            if write:
                write_atomically(path, text.encode("utf-8"))
    return stale


def _sound_sources(course: Course) -> list[Source]:
    sources = [read_source(course.source(name)) for name in course.names()]
    for source in sources:
        if problems := source_problems(source):
            raise CourseError(
                f"The tables cannot be made, because of solutions/{source.name}.md: {problems[0]}."
            )
    return sources
