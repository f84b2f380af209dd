"""``aigc-edu assets``: makes the embedded data, weights and pictures again (for authors)."""

import importlib
from pathlib import Path

import click

# Name -> (module, attribute, line for --help): imported when called, so that making the
# digits needs no models and making a model's weights needs no other weights.
ELSEWHERE = {
    "classifier": ("assets_models", "classifier", "Train the small classifier for features."),
    "decoder": ("assets_models", "decoder", "Train the decoder that lesson 00 draws with."),
    "trained": ("assets_trained", "trained", "Train lessons 03, 05, 07 and 08 for lesson 09."),
    "picture": ("assets_picture", "picture", "Train lesson 07 and make the README's picture."),
}


class LazyGroup(click.Group):
    """A click group with some subcommands in modules that are imported when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, also of what is not imported yet."""
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a subcommand, importing its module if it lives elsewhere."""
        if name not in ELSEWHERE:
            return super().get_command(ctx, name)
        module, attribute, _ = ELSEWHERE[name]
        loaded = importlib.import_module(f"aigc_edu.commands.{module}")
        found: click.Command = getattr(loaded, attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list for --help without importing anything."""
        own = [(name, item.get_short_help_str(70)) for name, item in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(own + [(name, line) for name, (_, _, line) in ELSEWHERE.items()])


@click.group(cls=LazyGroup)
def command() -> None:
    """Make the embedded data, weights and pictures again (for authors)."""


@command.command()
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    help="A folder with the four original MNIST files, instead of the cache and the network.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where to write; without it, the file in the package.",
)
def digits(folder: Path | None, out: Path | None) -> None:
    """Make the embedded digits from the verified originals of MNIST."""
    from aigc_edu.data import embed, fetch
    from aigc_edu.data.idx import parse_idx
    from aigc_edu.data.images import EMBEDDED
    from aigc_edu.errors import CourseError

    target = out or EMBEDDED
    what = fetch.data_set("mnist")
    fetch.fetch("mnist", folder, report=lambda line: click.echo(line, err=True))
    originals = {file.key: parse_idx(fetch.read_cached(what, file.key)) for file in what.files}
    try:
        embed.write_npz(target, embed.digits_subset(originals))
    except OSError as error:
        raise CourseError(
            f"{target} cannot be written ({error.strerror}): choose another place with --out."
        ) from error
    click.echo(f"{target}: {target.stat().st_size:,} bytes")
