"""``aigc-edu regrade``: one question again for everybody, or void for everybody."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from aigc_edu.errors import CourseError

if TYPE_CHECKING:
    from aigc_edu.grading.judge.folder import GradingFolder, Run
    from aigc_edu.grading.judge.pool import Workers


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
def command(out: Path, lesson: str | None, workers: int | None, **asked: Any) -> None:
    """Grade one question again, for instance after its tolerance was mended.

    Shows who would change. With --apply it is written down: whoever gains, gains; whoever
    would lose keeps what they had, unless --lower is said. The reason is kept.
    """
    from aigc_edu.grading.judge.folder import GradingFolder
    from aigc_edu.grading.judge.pool import Workers

    regrade = Regrade(**asked)
    folder = GradingFolder(out)
    run = folder.read_run(lesson)
    with folder.opened():
        again(folder, run, regrade, Workers(workers))


@dataclass(frozen=True)
class Regrade:
    """One question, again for everybody; see the command's options.

    Raises:
        CourseError: if no reason is given.
    """

    identifier: str
    reason: str
    write: bool = False
    lower: bool = False
    void: Literal["drop", "full", "restore"] | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise CourseError("A regrade needs a reason: say it with --reason.")
        object.__setattr__(self, "reason", self.reason.strip())


def again(folder: "GradingFolder", run: "Run", regrade: Regrade, workers: "Workers") -> None:
    """One question again, or void; see the command."""
    from aigc_edu.commands.grade import map_tasks
    from aigc_edu.grading.judge.ledger import VoidLine, standings
    from aigc_edu.grading.judge.packs import read_pack
    from aigc_edu.grading.judge.seed import read_seed

    identifier, reason, void = regrade.identifier, regrade.reason, regrade.void
    pack = read_pack(run.pack)
    manifest = folder.settle_manifest(None, run.lesson, pack, (identifier,))
    manifest.exercise(identifier)  # there must be one
    if void is not None:
        folder.ledger.append(VoidLine(run.lesson, identifier, void, reason))
        click.echo(f"{identifier} is {'counted again' if void == 'restore' else f'void ({void})'}.")
        return
    secret = read_seed(Path(run.seed_file), make=False)
    terms = folder.terms(run, manifest, pack, secret, only=(identifier,), reason=reason)
    collection = folder.submissions(run)
    before = standings(folder.ledger.lines(), run.lesson)
    graded = [item for item in collection.gradable if (item.student, item.attempt) in before]
    lines = map_tasks(terms, collection, graded, workers)
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
        if regrade.write:
            counts = new if new.points >= old.points or regrade.lower else old
            folder.ledger.append(replace(line, exercises=(counts,)))
    click.echo(f"{raised} gain, {lowered} lose, of {len(lines)}.")
    if regrade.write:
        folder.keep_manifest(manifest)
        if lowered and not regrade.lower:
            click.echo("Written down; nobody was lowered (--lower would).")
        else:
            click.echo("Written down.")
    else:
        click.echo("Nothing was written: add --apply.")
    folder.clean()
