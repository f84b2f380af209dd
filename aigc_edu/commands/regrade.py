"""``aigc-edu regrade``: one question again for everybody, or void for everybody."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from aigc_edu.errors import CourseError

if TYPE_CHECKING:
    from aigc_edu.grading.judge.folder import GradingFolder, Run


@click.command("regrade")
@click.option("--only", "identifier", required=True, metavar="ID", help="The question, as 4.3.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept with the marks.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="As for grade.")
@click.option("--lesson", metavar="NN", help="Needed where OUT holds several lessons.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes.  [default: the cores]")
@click.option("--apply", "write", is_flag=True, help="Write it down; otherwise it is only shown.")
@click.option("--lower", is_flag=True, help="With --apply: also where a student loses points.")
@click.option(
    "--void",
    type=click.Choice(["drop", "full", "restore"]),
    help="Without running anything: leave the question out of the total, give everybody its "
    "points, or take either back.",
)
def command(
    identifier: str,
    reason: str,
    out: Path,
    lesson: str | None,
    workers: int | None,
    write: bool,
    lower: bool,
    void: Literal["drop", "full", "restore"] | None,
) -> None:
    """Grade one question again, for instance after its tolerance was mended.

    Shows who would change. With --apply it is written down: whoever gains, gains; whoever
    would lose keeps what they had, unless --lower is said. The reason is kept.
    """
    if not reason.strip():
        raise CourseError("A regrade needs a reason: say it with --reason.")
    from aigc_edu.grading.judge.folder import GradingFolder

    folder = GradingFolder(out)
    run = folder.read_run(lesson)
    with folder.opened():
        again(
            folder,
            run,
            identifier,
            reason.strip(),
            workers=workers,
            write=write,
            lower=lower,
            void=void,
        )


def again(
    folder: "GradingFolder",
    run: "Run",
    identifier: str,
    reason: str,
    *,
    workers: int | None,
    write: bool,
    lower: bool,
    void: Literal["drop", "full", "restore"] | None,
) -> None:
    """One question again, or void; see the command."""
    from aigc_edu.commands.grade import _reader, map_tasks
    from aigc_edu.grading.judge.folder import kept, read_secret
    from aigc_edu.grading.judge.grader import Terms
    from aigc_edu.grading.judge.ledger import MarkLine, VoidLine, standings
    from aigc_edu.grading.judge.specification import read_pack

    pack = read_pack(run.pack)
    if void is not None:
        folder.settle_manifest(None, run.lesson, pack, (identifier,)).exercise(identifier)
        folder.ledger.append(VoidLine(run.lesson, identifier, void, reason))
        click.echo(f"{identifier} is {'counted again' if void == 'restore' else f'void ({void})'}.")
        return
    manifest = folder.settle_manifest(None, run.lesson, pack, (identifier,))
    manifest.exercise(identifier)
    secret = read_secret(Path(run.seed_file), make=False)
    library = folder.library(manifest, run.lesson, pack)
    terms = Terms(
        manifest,
        run.lesson,
        secret,
        run.exercises or None,
        str(library.resolve()),
        run.boxed,
        (identifier,),
        reason,
    )
    collection = folder.submissions(run)
    before = standings(folder.ledger.lines(), run.lesson)
    files = [item for item in kept(collection) if (item.student, item.attempt) in before]
    tasks = [_reader(collection.path(item), item.student, item.attempt) for item in files]
    lines: list[MarkLine] = map_tasks(
        terms, tasks, library, workers=workers, dask=None, each=lambda line: None
    )
    raised = lowered = 0
    for line in sorted(lines, key=lambda line: (line.student, line.attempt)):
        old = before[line.student, line.attempt].exercises.get(identifier)
        if not line.exercises or line.status == "not graded" or old is None:
            click.echo(f"{line.student} (attempt {line.attempt}): {line.note}")
            continue
        new = line.exercises[0]
        raised += new.points > old.points
        lowered += new.points < old.points
        if new.points != old.points:
            click.echo(
                f"{line.student} (attempt {line.attempt}): {old.points:g} → {new.points:g} of "
                f"{new.of:g} ({old.status} → {new.status})"
            )
        if write:
            accepted = new if new.points >= old.points or lower else old
            folder.ledger.append(dataclasses.replace(line, exercises=(accepted,)))
    click.echo(f"{raised} gain, {lowered} lose, of {len(lines)}.")
    if write:
        folder.keep_manifest(manifest)
        if lowered and not lower:
            click.echo("Written down; nobody was lowered (--lower would).")
        else:
            click.echo("Written down.")
    else:
        click.echo("Nothing was written: add --apply.")
    folder.clean()
