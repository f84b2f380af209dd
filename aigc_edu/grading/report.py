"""The whole of a report: every file, in a folder that only its owner can look into."""

import json
import shutil
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading import pages, reports
from aigc_edu.grading.collection import private_folder, read_collection, safe_name
from aigc_edu.grading.folder import GradingFolder, Run
from aigc_edu.grading.marks import Marks, put_together, write_sheet
from aigc_edu.grading.roster import read_roster
from aigc_edu.grading.rules import read_rules
from aigc_edu.grading.tables import read_table, shown
from aigc_edu.lessons import title_of

MARK = "report.json"
"""What tells a folder of a report from any other: it names the lesson and nobody."""


def make(
    graded: Path,
    lesson: str,
    submissions: Path | None,
    roster_file: Path | None,
    out: Path,
    *,
    rules_file: Path | None = None,
    manual: Path | None = None,
    canvas: Path | None = None,
    moodle: Path | None = None,
    column: str | None = None,
    out_of: float | None = None,
    overwrite: bool = False,
    provisional: bool = False,
    gradescope: bool = False,
    pseudonyms: bool = False,
) -> list[str]:
    """Write a report; returns what to tell the lecturer.

    Args:
        graded: what ``grade --out`` made.
        lesson: "04" or "4".
        submissions: what ``collect`` made; None for what was graded.
        roster_file: the roster; None for that of ``grade``.
        rules_file: the late rules; None for none.
        out: the report's folder; files of an earlier report in it are replaced, the sheet for
            marks by hand is only added to.
        manual: the sheet for marks by hand; None for ``manual.csv`` in ``out``.
        canvas, moodle, column, out_of, overwrite, provisional: see
            :mod:`aigc_edu.grading.reports`.
        gradescope: also write a ``results.json`` a student.
        pseudonyms: no names and no ids.

    Raises:
        CourseError: if anything of it cannot be read or written; see the parts.
    """
    if not (lesson.isascii() and lesson.isdigit() and len(lesson) <= 2):
        raise CourseError(f"{lesson!r} is no lesson's number: write it like 04.")
    lesson = lesson.zfill(2)
    if pseudonyms and (canvas or moodle or gradescope):
        raise CourseError(
            "Gradebooks and Gradescope need the students' own ids: make them in a report of their "
            "own, without --pseudonyms."
        )
    if column is not None and canvas and moodle:
        raise CourseError("--column names a column of one gradebook: fill in one at a time.")
    _see_that_it_is_ours(out, lesson, pseudonyms)
    if submissions is None or roster_file is None:
        run = GradingFolder(graded).read_run(lesson)
        submissions = submissions or _collection_of(graded, run)
        roster_file = roster_file or (Path(run.roster) if run.roster else None)
    if roster_file is None:
        raise CourseError("There was no roster when it was graded: give one with --roster.")
    roster = read_roster(roster_file)
    rules = read_rules(rules_file, roster.students) if rules_file else None
    if manual is not None and not manual.exists():
        raise CourseError(
            f"There is no sheet {manual}: leave --manual out, and one is made in {out}."
        )
    sheet = manual or out / "manual.csv"
    marks = put_together(
        graded,
        lesson,
        read_collection(submissions),
        roster,
        rules=rules,
        by_hand=sheet if sheet.exists() else None,
        with_pseudonyms=pseudonyms,
    )
    # Gradebooks first: what is wrong with them is said before anything is written.
    gradebooks = []
    if canvas is not None:
        table = read_table(canvas, "gradebook")
        filled = reports.fill_canvas(
            table, marks, roster, column, overwrite=overwrite, provisional=provisional
        )
        gradebooks.append(("canvas.csv", filled))
    if moodle is not None:
        table = read_table(moodle, "gradebook")
        filled = reports.fill_moodle(
            table,
            marks,
            roster,
            column,
            out_of=out_of,
            overwrite=overwrite,
            provisional=provisional,
        )
        gradebooks.append(("moodle.csv", filled))
    said = _write(marks, out, sheet, gradescope=gradescope)
    for name, filled in gradebooks:
        write_atomically(out / name, filled.content, private=True)
        said.append(f"{out / name}: {filled.written} marks in the column {filled.column!r}.")
        said += [f"  {sentence}" for sentence in filled.left]
    if marks.needs:
        said.append("For you to look at:")
        said += [f"  {sentence}" for sentence in marks.needs]
    return said


def _collection_of(graded: Path, run: Run) -> Path:
    """The collection that was graded: the lecturer's, or the grader's own of a plain folder."""
    own = graded / f"submissions-{run.lesson}"
    return own if own.is_dir() else Path(run.submissions)


def _see_that_it_is_ours(out: Path, lesson: str, pseudonyms: bool) -> None:
    mark = out / MARK
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        facts = json.loads(mark.read_text(encoding="utf-8"))
        same = facts["lesson"] == lesson and facts["pseudonyms"] == pseudonyms
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{out} is there already and holds no report: choose another folder with --out."
        ) from error
    if not same:
        kind = "with pseudonyms" if facts["pseudonyms"] else "with names"
        raise CourseError(
            f"{out} holds a report on lesson {facts['lesson']} {kind}: choose another folder with "
            "--out, so that the two are not mixed."
        )


def _write(marks: Marks, out: Path, sheet: Path, *, gradescope: bool) -> list[str]:
    private_folder(out)
    facts = {"lesson": marks.lesson, "pseudonyms": marks.pseudonyms}
    write_atomically(out / MARK, (json.dumps(facts) + "\n").encode(), private=True)
    title = title_of(marks.lesson)
    write_atomically(out / "marks.csv", reports.marks_csv(marks), private=True)
    write_atomically(out / "class.html", pages.summary(marks, title), private=True)
    # What an earlier report left of somebody who is not in the roster any more goes too.
    for name in ("feedback", "gradescope"):
        if (out / name).is_dir() and not (out / name).is_symlink():
            shutil.rmtree(out / name)
    private_folder(out / "feedback")
    made = [(row, pages.feedback(row, marks, title)) for row in marks.rows]
    for row, page in made:
        write_atomically(out / "feedback" / f"{safe_name(row.label)}.html", page, private=True)
    said = []
    graded = sum(row.status == "graded" for row in marks.rows)
    missing = sum(row.status == "missing" for row in marks.rows)
    said.append(f"{graded} graded, {missing} missing, of {len(marks.rows)} in the roster.")
    said.append(f"{out / 'marks.csv'}: marks by question.")
    said.append(f"{out / 'feedback'}: one page a student.")
    said.append(f"{out / 'class.html'}: the class, without names.")
    for platform, content in reports.feedback_zips(made).items():
        path = out / f"feedback-for-{platform}.zip"
        write_atomically(path, content, private=True)
        by_hand = sum(row.submission is not None and row.submission.assigned for row in marks.rows)
        more = f" (not the {by_hand} that a person assigned)" if by_hand else ""
        said.append(f"{path}: the same, to be uploaded there{more}.")
    if gradescope:
        private_folder(out / "gradescope")
        handed_in = [row for row in marks.rows if row.final is not None and row.submission]
        for row in handed_in:
            folder = out / "gradescope" / safe_name(row.label)
            private_folder(folder)
            write_atomically(folder / "results.json", reports.gradescope_results(row), private=True)
        said.append(f"{out / 'gradescope'}: results.json of {len(handed_in)} students.")
    added = write_sheet(sheet, marks) if any(q.by_hand for q in marks.questions) else 0
    if added:
        said.append(
            f"{shown(str(sheet), 1000)}: {added} answers to be marked by hand; fill in 'points' "
            "and run this again."
        )
    return said
