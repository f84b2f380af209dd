"""``aigc-edu build``: lessons and worked solutions from their sources."""

from pathlib import Path

import click


@click.command()
@click.argument("numbers", nargs=-1, metavar="[NN]...")
@click.option("--check", "only_check", is_flag=True, help="Execute nothing; fail on what is wrong.")
@click.option("--no-execute", is_flag=True, help="Make the lessons only.")
@click.option("--format", "only_format", is_flag=True, help="Format the sources' code with ruff.")
@click.option("--force", is_flag=True, help="Execute although nothing changed.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Another checkout than the one this command runs from.",
)
def command(
    numbers: tuple[str, ...],
    only_check: bool,
    no_execute: bool,
    only_format: bool,
    force: bool,
    root: Path | None,
) -> None:
    """Make the lessons and solutions NN (all by default) from solutions/NN_topic.md.

    The tables of the README and of the lecturer's pages are made with them.
    """
    from aigc_edu.authoring.build import Course, build_all

    course = Course.here() if root is None else Course.at(root.resolve())
    names = course.choose(numbers)
    if only_format:
        from aigc_edu.authoring.formatting import format_source

        for name in names:
            changed = format_source(course.source(name), config_root=course.root)
            click.echo(f"{name}: {'formatted' if changed else 'unchanged'}")
        return
    if only_check:
        from aigc_edu.authoring.check import check_course
        from aigc_edu.errors import CourseError

        report = check_course(course, names)
        for line in report.warnings:
            click.echo(f"warning: {line}", err=True)
        for line in report.problems:
            click.echo(line)
        if report.problems:
            raise CourseError(
                f"Problems found: {len(report.problems)}, listed above: put them right "
                "in the sources and build again."
            )
        click.echo(f"{len(names)} lessons checked: nothing stale, nothing broken.")
        return
    build_all(names, course, run=not no_execute, force=force, say=click.echo)

    from aigc_edu.authoring.reading import time_problems
    from aigc_edu.authoring.source import read_source
    from aigc_edu.authoring.tables import stale_tables

    for table in stale_tables(course, write=True):
        click.echo(f"{table} is written")
    for name in names:
        for problem in time_problems(read_source(course.source(name))):
            click.echo(f"solutions/{name}.md: {problem}")
