"""``aigc-edu exercises``: every exercise of the course."""

import json
from typing import Any

import click

from aigc_edu.errors import CourseError


def rows(lesson: str | None = None) -> list[dict[str, Any]]:
    """One dict an exercise, with the keys that ``--json`` prints.

    Args:
        lesson: only this lesson's ("5" or "05"); None for all.

    Raises:
        CourseError: if there is no such lesson or its file does not import.
    """
    from aigc_edu.exercises.registry import lesson_exercises, lesson_numbers

    numbers = lesson_numbers()
    if lesson is not None:
        number = int(lesson) if lesson.isascii() and lesson.isdigit() else None
        if number not in numbers:
            known = ", ".join(f"{number:02d}" for number in numbers) or "none yet"
            raise CourseError(
                f"There is no lesson {lesson!r} with exercises; these have some: {known}."
            )
        numbers = [number]
    exercises = []
    for number in numbers:
        try:
            exercises += lesson_exercises(number)
        except (CourseError, ModuleNotFoundError):
            raise
        except Exception as error:
            raise CourseError(
                f"The exercises of lesson {number:02d} cannot be read ({type(error).__name__}: "
                f"{error}): install the course again, or mend the file if you wrote it."
            ) from error
    return [
        {
            "id": exercise.id,
            "title": exercise.title,
            "lesson": exercise.lesson,
            "points": exercise.points,
            "difficulty": exercise.difficulty,
            "minutes": exercise.minutes,
            "known_mistakes": len(exercise.mistakes),
            "hints": len(exercise.hints),
        }
        for exercise in exercises
    ]


@click.command("exercises")
@click.option("--lesson", metavar="NN", help="Only this lesson's.")
@click.option("--json", "as_json", is_flag=True, help="A list of objects, for programs.")
def command(lesson: str | None, as_json: bool) -> None:
    """List every exercise: points, difficulty (1 to 3), minutes, known mistakes, hints."""
    table = rows(lesson)
    if as_json:
        click.echo(json.dumps(table, ensure_ascii=False, indent=1))
        return
    if not table:
        click.echo("There are no exercises yet.")
        return
    width = max(len(row["title"]) for row in table)
    heads = "points  difficulty  minutes  mistakes  hints"
    click.echo(f"{'id':<6}{'title':<{width}}  {heads}")
    for row in table:
        click.echo(
            f"{row['id']:<6}{row['title']:<{width}}  {row['points']:>6g}  "
            f"{row['difficulty']:>10}  {row['minutes']:>7}  {row['known_mistakes']:>8}  "
            f"{row['hints']:>5}"
        )
    points, minutes = sum(row["points"] for row in table), sum(row["minutes"] for row in table)
    click.echo(f"{len(table)} exercises, {points:g} points, {minutes} minutes.")
