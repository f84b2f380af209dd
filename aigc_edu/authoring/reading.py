"""How long a lesson takes: one formula for all lessons, from what there is to read and to do.

A reader manages, on the way, about

- 150 words of prose a minute, those of tables and of formulas in a sentence (one each) with them;
- one numbered line of a derivation, or one displayed equation, a minute;
- ten lines of code a minute. Code that only draws is not counted, nor are answers and cells of
  the worked solution: the lesson does not show them.

Exercises take their own ``minutes``. The range is for readers a fifth faster and slower.

Calibrated on what reviewers of the lessons, working as the stated reader would, gave as the true
time of reading without exercises: 150 to 180 minutes for lesson 04 and for lesson 06, which said
80 and 95 (the formula: 165 and 130), and 180 to 240 for lesson 02 together with appendix 91 (the
formula: 245). Three estimates, no stopwatch: put in better ones when a class has been timed.

What comes under a heading that the line ``<!-- further -->`` follows is *further*, up to the next
heading as high; everything else is *core*.
"""

import ast
import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aigc_edu.authoring.source import SOLUTION_ONLY, Source, stubbed, tags
from aigc_edu.errors import CourseError
from aigc_edu.exercises.registry import find

WORDS, EQUATIONS, CODE_LINES = 150.0, 1.0, 10.0
"""What is read in a minute."""

FASTER, SLOWER = 1 / 1.2, 1.2

LABEL = "**Time**"
"""What the paragraph on time at the top of a lesson begins with."""

_DRAWING = {"plt", "figure", "axes", "axis"}


@dataclass
class Minutes:
    """Minutes of a part of a lesson.

    Attributes:
        reading: of a reader of middling speed.
        exercises: as the exercises state them.
    """

    reading: float = 0.0
    exercises: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.reading or self.exercises)

    @property
    def fewest(self) -> int:
        """Reading fast, with the exercises; in steps of five."""
        return _in_steps(self.reading * FASTER + self.exercises)

    @property
    def most(self) -> int:
        """Reading slowly, with the exercises; in steps of five."""
        return _in_steps(self.reading * SLOWER + self.exercises)

    def __str__(self) -> str:
        """``"60–85"``.

        >>> str(Minutes(reading=60, exercises=10)), str(Minutes(reading=1))
        ('60–80', '5')
        """
        return f"{self.fewest}–{self.most}" if self.fewest < self.most else f"{self.most}"


@dataclass
class LessonTime:
    """What a lesson takes: its core, and what goes further (with its numbered sections)."""

    core: Minutes
    further: Minutes
    further_sections: list[int]

    def sentences(self) -> str:
        """What the lesson has to say of it."""
        text = f"Core: {_in_words(self.core)}."
        if self.further:
            sections = _sections(self.further_sections)
            text += f" Further{sections}: {_in_words(self.further)}."
        return text


def lesson_time(source: Source) -> LessonTime:
    """What a lesson takes. Exercises that are not there (yet) count nothing."""
    time = LessonTime(Minutes(), Minutes(), [])
    drawing = _DRAWING | _drawing_names(source)
    asked: set[str] = set()  # a lesson may check an exercise more than once
    further = 0  # level of the marked heading that is being read under; 0 in the core
    for cell in source.cells:
        if SOLUTION_ONLY in tags(cell):
            continue
        if cell.cell_type == "code":
            part = time.further if further else time.core
            code = stubbed(cell.source)
            part.reading += _lines_to_read(code, drawing) / CODE_LINES
            part.exercises += sum(_exercise_minutes(code, asked))
            continue
        for level, text in _under_headings(cell.source):
            marked = re.match(r"#.*\n\s*<!-- further -->", text)
            if level and level <= further:
                further = 0
            if marked and not further:  # a mark below a marked heading says nothing new
                further = level
            if marked and (number := re.match(r"#+ (\d+)\.", text)):
                time.further_sections.append(int(number[1]))
            part = time.further if further else time.core
            part.reading += _minutes_of_prose(text)
    return time


def time_problems(source: Source) -> list[str]:
    """Whether the lesson's paragraph on time says what is computed, where there is one."""
    expected = lesson_time(source).sentences()
    for cell in source.cells:
        for line in cell.source.split("\n") if cell.cell_type == "markdown" else ():
            if line.startswith(LABEL) and expected not in line:
                return [f'the paragraph {LABEL} must say what is computed: "{expected}"']
    return []


# Prose ------------------------------------------------------------------------------------


def _under_headings(text: str) -> Iterator[tuple[int, str]]:
    """Prose cut before each heading: its level (0 where there is none) and the text from it on."""
    level, lines, fenced = 0, list[str](), False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        heading = None if fenced else re.match(r"(#{1,6}) ", line)
        if heading:
            yield level, "\n".join(lines)
            level, lines = len(heading[1]), []
        lines.append(line)
    yield level, "\n".join(lines)


def _minutes_of_prose(text: str) -> float:
    """Minutes of Markdown without code cells; code between fences is read as code."""
    text, _ = re.subn(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    code_lines = 0
    for block in re.findall(r"^```.*?\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        code_lines += sum(1 for line in block.split("\n") if line.strip())
    text = re.sub(r"^```.*?^```", " ", text, flags=re.DOTALL | re.MULTILINE)
    equations = len(re.findall(r"^\|\s*\(\d+\w?\)\s*\|", text, re.MULTILINE))
    text, displayed = re.subn(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$]*\$|`[^`]*`", " x ", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)  # of a link only what stands there
    words = len(re.findall(r"\S*\w\S*", text))
    return words / WORDS + (equations + displayed) / EQUATIONS + code_lines / CODE_LINES


# Code -------------------------------------------------------------------------------------


def _drawing_names(source: Source) -> set[str]:
    """What a lesson imports from the rooms that draw."""
    names: set[str] = set()
    for cell in source.cells:
        if cell.cell_type == "code":
            names |= {
                alias.asname or alias.name
                for node in ast.walk(_parsed(cell.source))
                if isinstance(node, ast.ImportFrom)
                and (node.module or "").startswith(("aigc_edu.view", "matplotlib"))
                for alias in node.names
            }
    return names


def _lines_to_read(code: str, drawing: set[str]) -> int:
    """Lines of code that are not there to draw; of a loop that draws, those inside that do not."""
    lines = code.split("\n")

    def count(statements: Sequence[ast.AST]) -> int:
        total = 0
        for statement in statements:
            names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
            if names & drawing:
                total += count(
                    [
                        inner
                        for field in ("body", "orelse", "finalbody")
                        for inner in _statements(getattr(statement, field, []))
                    ]
                )
            else:
                first, last = getattr(statement, "lineno", 1), getattr(statement, "end_lineno", 0)
                total += sum(1 for line in lines[first - 1 : last] if line.strip())
        return total

    return count(_parsed(code).body)


def _statements(body: object) -> list[ast.stmt]:
    """A body's statements; the body of a lambda or of ``a if b else c`` has none."""
    return [node for node in body if isinstance(node, ast.stmt)] if isinstance(body, list) else []


def _parsed(code: str) -> ast.Module:
    """The syntax tree; an empty one for code that does not parse, which the checks tell."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])


def _exercise_minutes(code: str, asked: set[str]) -> Iterator[float]:
    """Minutes of the exercises that are checked here and not yet in ``asked``, which grows."""
    for identifier in re.findall(r"\bcheck\(\s*[\"'](\d+\.\d+)[\"']", code):
        if identifier not in asked:
            asked.add(identifier)
            with contextlib.suppress(CourseError):  # one that is not there yet
                yield find(identifier).minutes


# Words ------------------------------------------------------------------------------------


def _in_steps(minutes: float) -> int:
    """Minutes in steps of five, five at least.

    >>> [_in_steps(minutes) for minutes in (0.3, 42.4, 42.6)]
    [5, 40, 45]
    """
    return max(5, 5 * round(minutes / 5))


def _in_words(minutes: Minutes) -> str:
    exercises = f", {minutes.exercises:g} of them for exercises" if minutes.exercises else ""
    return f"{minutes} minutes{exercises}"


def _sections(numbers: list[int]) -> str:
    """
    >>> _sections([9]), _sections([9, 10]), _sections([3, 5, 6, 7])
    (' (section 9)', ' (sections 9 and 10)', ' (sections 3, 5, 6 and 7)')
    """
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f" (section {numbers[0]})"
    return f" (sections {', '.join(map(str, numbers[:-1]))} and {numbers[-1]})"
