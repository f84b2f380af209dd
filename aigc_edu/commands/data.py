"""``aigc-edu data``: list, fetch and verify the data sets."""

from pathlib import Path

import click

from aigc_edu.errors import CourseError


@click.group()
def command() -> None:
    """List, fetch and verify the data sets.

    The handwritten digits that the lessons need come with the course; everything here is
    for those who want more.
    """


@command.command("list")
def list_sets() -> None:
    """List the data sets, their licenses, and what is in the cache."""
    from aigc_edu.data import fetch
    from aigc_edu.data.catalog import DATA_SETS

    click.echo("digits          comes with the course (a third of MNIST)  CC BY-SA 3.0")
    for what in DATA_SETS.values():
        states = {fetch.state_of(what, file) for file in what.files}
        if states == {"ok"}:
            state = f"in {fetch.folder_of(what)}"
        elif states == {"missing"}:
            state = f"not fetched: aigc-edu data get {what.name} ({what.megabytes} MB)"
        else:
            state = f"incomplete or damaged: aigc-edu data get {what.name}"
        click.echo(f"{what.name:<15} {state}  {what.license}")


@command.command()
@click.argument("name")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    help="Take the files from this folder of yours instead of the network.",
)
def get(name: str, folder: Path | None) -> None:
    """Fetch the data set NAME (mnist, fashion-mnist) into your cache.

    A download that broke goes on where it stopped.
    """
    from aigc_edu.data import fetch

    cached = fetch.fetch(name, folder, report=lambda line: click.echo(line, err=True))
    click.echo(f"{name}: {cached}")


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
def verify(names: tuple[str, ...]) -> None:
    """Check every file (or the data sets named) against its known SHA-256."""
    from aigc_edu.data import fetch
    from aigc_edu.data.catalog import DATA_SETS

    if not names:
        from aigc_edu.data.images import load_digits

        load_digits("train")
        load_digits("test")
        click.echo("digits: ok")
    chosen = [fetch.data_set(name) for name in names] or list(DATA_SETS.values())
    bad = []
    for what in chosen:
        states = {file.name: fetch.state_of(what, file) for file in what.files}
        if set(states.values()) == {"missing"} and not names:
            click.echo(f"{what.name}: not fetched")
            continue
        for name, state in states.items():
            click.echo(f"{what.name}/{name}: {state}")
        if set(states.values()) != {"ok"}:
            bad.append(what.name)
    if bad:
        commands = " and ".join(f"'aigc-edu data get {name}'" for name in bad)
        raise CourseError(f"Not everything is whole: run {commands} to fetch what is not.")
