"""Two parts of docs/teaching.md, made from the exercises: points a lesson, and known mistakes.

``python tests/house/teaching_tables.py --write`` puts them there; a test compares them.
"""

import argparse
import re
from pathlib import Path

import yaml

from aigc_edu.exercises import Exercise
from aigc_edu.exercises.comparing import VALUE_KINDS
from aigc_edu.exercises.registry import lesson_exercises, lesson_numbers

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "teaching.md"
_MADE = "made by tests/house/teaching_tables.py --write from the exercises"


def lessons() -> dict[str, str]:
    """Number and title of every lesson that has exercises."""
    found = {}
    for path in sorted((ROOT / "solutions").glob("[0-9][0-9]_*.md")):
        facts = yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])["aigc_edu"]
        if int(path.name[:2]) in lesson_numbers():
            found[path.name[:2]] = str(facts["title"])
    return found


def points() -> str:
    """A table: what each lesson's exercises weigh."""
    lines = [
        "| Lesson | Exercises | Points | of them predictions, choices, numbers | Minutes |",
        "|---|---|---|---|---|",
    ]
    totals = [0.0] * 4
    for number, title in lessons().items():
        exercises = lesson_exercises(int(number))
        row = [
            len(exercises),
            sum(e.points for e in exercises),
            sum(e.points for e in exercises if e.kind in VALUE_KINDS and not e.by_hand),
            sum(e.minutes for e in exercises),
        ]
        totals = [total + value for total, value in zip(totals, row, strict=True)]
        lines.append(f"| {number} {title} | " + " | ".join(f"{value:g}" for value in row) + " |")
    lines.append("| all | " + " | ".join(f"{value:g}" for value in totals) + " |")
    return "\n".join(lines)


def mistakes() -> str:
    """Every known mistake in the words that a student reads, folded by lesson."""
    parts = []
    for number, title in lessons().items():
        exercises = lesson_exercises(int(number))
        count = sum(len(exercise.mistakes) for exercise in exercises)
        parts.append(
            f"<details><summary><b>{number} · {title}</b>: {len(exercises)} exercises, "
            f"{count} mistakes</summary>\n"
        )
        parts += [_of(exercise) for exercise in exercises]
        parts.append("</details>\n")
    return "\n".join(parts).rstrip("\n")


def _of(exercise: Exercise) -> str:
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


def written(page: str) -> str:
    """The page with both parts in it."""
    for name, made in (("points", points()), ("mistakes", mistakes())):
        begin, end = f"<!-- {name}: {_MADE} -->", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"{PAGE.name} has no place for the {name}: {begin} ... {end}")
        page = f"{before}{begin}\n{made}\n{end}{after}"
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put both into docs/teaching.md")
    arguments = parser.parse_args()
    if arguments.write:
        text = written(PAGE.read_text(encoding="utf-8"))
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(points(), mistakes(), sep="\n\n")


if __name__ == "__main__":
    main()
