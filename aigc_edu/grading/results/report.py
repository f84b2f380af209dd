"""The whole of a report: every file, in a folder that only its owner can look into."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.collection import read_collection
from aigc_edu.grading.intake.csv_tables import read_table
from aigc_edu.grading.intake.roster import Roster, read_roster
from aigc_edu.grading.intake.safe import lesson_number, private_folder, safe_name, shown
from aigc_edu.grading.judge.folder import GradingFolder
from aigc_edu.grading.results import exports, gradebooks, pages
from aigc_edu.grading.results.gradebooks import FillOptions
from aigc_edu.grading.results.hand_marks import write_sheet
from aigc_edu.grading.results.late_rules import NO_RULES, read_late_rules
from aigc_edu.grading.results.marks import Marks
from aigc_edu.grading.results.totals import put_together
from aigc_edu.lessons import title_of

MARK = "report.json"
"""What tells a folder of a report from any other: it names the lesson and nobody."""


@dataclass(frozen=True)
class ReportOptions:
    """What a report is made of and from.

    Attributes:
        graded: what ``grade --out`` made.
        lesson: "04" or "4".
        out: the report's folder; files of an earlier report in it are replaced, the sheet for
            marks by hand is only added to.
        submissions: what ``collect`` made; None for what was graded.
        roster: the roster's file; None for that of ``grade``.
        rules: the late rules' file; None for none.
        manual: the sheet for marks by hand; None for ``manual.csv`` in ``out``.
        canvas, moodle: gradebooks to fill in.
        filling: how.
        gradescope: also write a ``results.json`` a student.
        pseudonyms: no names and no ids.

    Raises:
        CourseError: if the lesson is no number, or two of these do not go together.
    """

    graded: Path
    lesson: str
    out: Path
    submissions: Path | None = None
    roster: Path | None = None
    rules: Path | None = None
    manual: Path | None = None
    canvas: Path | None = None
    moodle: Path | None = None
    filling: FillOptions = gradebooks.DEFAULT
    gradescope: bool = False
    pseudonyms: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "lesson", lesson_number(self.lesson))
        if self.pseudonyms and (self.canvas or self.moodle or self.gradescope):
            raise CourseError(
                "Gradebooks and Gradescope need the students' own ids: make them in a report of "
                "their own, without --pseudonyms."
            )
        if self.filling.column is not None and self.canvas and self.moodle:
            raise CourseError("--column names a column of one gradebook: fill in one at a time.")


def make(options: ReportOptions) -> list[str]:
    """Write a report; returns what to tell the lecturer.

    Raises:
        CourseError: if anything of it cannot be read or written; see the parts.
    """
    out = options.out
    _see_that_it_is_ours(out, options.lesson, options.pseudonyms)
    submissions, roster_file = _graded_from(options)
    roster = read_roster(roster_file)
    rules = read_late_rules(options.rules, roster.students) if options.rules else NO_RULES
    if options.manual is not None and not options.manual.exists():
        raise CourseError(
            f"There is no sheet {options.manual}: leave --manual out, and one is made in {out}."
        )
    sheet = options.manual or out / "manual.csv"
    marks = put_together(
        options.graded,
        options.lesson,
        read_collection(submissions),
        roster,
        rules=rules,
        by_hand=sheet if sheet.exists() else None,
        with_pseudonyms=options.pseudonyms,
    )
    # Gradebooks first: what is wrong with them is said before anything is written.
    filled_in = _filled_in(options, marks, roster)
    told = _write(marks, out, sheet, gradescope=options.gradescope)
    for name, filled in filled_in:
        write_atomically(out / name, filled.content, private=True)
        told.append(f"{out / name}: {filled.written} marks in the column {filled.column!r}.")
        told += [f"  {sentence}" for sentence in filled.left]
    if marks.needs:
        told.append("For you to look at:")
        told += [f"  {sentence}" for sentence in marks.needs]
    return told


def _graded_from(options: ReportOptions) -> tuple[Path, Path]:
    """Collection and roster: those that are named, else those that were graded."""
    submissions, roster = options.submissions, options.roster
    if submissions is None or roster is None:
        run = GradingFolder(options.graded).read_run(options.lesson)
        # Where a plain folder was given, the grader's own collection of it.
        own = options.graded / f"submissions-{run.lesson}"
        submissions = submissions or (own if own.is_dir() else Path(run.submissions))
        roster = roster or (Path(run.roster) if run.roster else None)
    if roster is None:
        raise CourseError("There was no roster when it was graded: give one with --roster.")
    return submissions, roster


def _filled_in(
    options: ReportOptions, marks: Marks, roster: Roster
) -> list[tuple[str, gradebooks.Filled]]:
    """The gradebooks that are asked for: name of the file, and what it holds then."""
    return [
        (name, fill(read_table(path, "gradebook"), marks, roster, options.filling))
        for name, path, fill in (
            ("canvas.csv", options.canvas, gradebooks.fill_canvas),
            ("moodle.csv", options.moodle, gradebooks.fill_moodle),
        )
        if path is not None
    ]


def _see_that_it_is_ours(out: Path, lesson: str, pseudonyms: bool) -> None:
    mark = out / MARK
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        before = json.loads(mark.read_text(encoding="utf-8"))
        same = before["lesson"] == lesson and before["pseudonyms"] == pseudonyms
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{out} is there already and holds no report: choose another folder with --out."
        ) from error
    if not same:
        kind = "with pseudonyms" if before["pseudonyms"] else "with names"
        raise CourseError(
            f"{out} holds a report on lesson {before['lesson']} {kind}: choose another folder with "
            "--out, so that the two are not mixed."
        )


def _write(marks: Marks, out: Path, sheet: Path, *, gradescope: bool) -> list[str]:
    private_folder(out)
    mark = {"lesson": marks.lesson, "pseudonyms": marks.pseudonyms}
    write_atomically(out / MARK, (json.dumps(mark) + "\n").encode(), private=True)
    title = title_of(marks.lesson)
    write_atomically(out / "marks.csv", exports.marks_csv(marks), private=True)
    write_atomically(out / "class.html", pages.summary(marks, title), private=True)
    # What an earlier report left of somebody who is not in the roster any more goes too.
    for name in ("feedback", "gradescope"):
        if (out / name).is_dir() and not (out / name).is_symlink():
            shutil.rmtree(out / name)
    private_folder(out / "feedback")
    written = [(row, pages.feedback(row, marks, title)) for row in marks.rows]
    for row, page in written:
        write_atomically(out / "feedback" / f"{safe_name(row.label)}.html", page, private=True)
    told = []
    graded = sum(row.status == "graded" for row in marks.rows)
    missing = sum(row.status == "missing" for row in marks.rows)
    told.append(f"{graded} graded, {missing} missing, of {len(marks.rows)} in the roster.")
    told.append(f"{out / 'marks.csv'}: marks by question.")
    told.append(f"{out / 'feedback'}: one page a student.")
    told.append(f"{out / 'class.html'}: the class, without names.")
    for platform, content in exports.feedback_zips(written).items():
        path = out / f"feedback-for-{platform}.zip"
        write_atomically(path, content, private=True)
        by_hand = sum(row.submission is not None and row.submission.assigned for row in marks.rows)
        more = f" (not the {by_hand} that a person assigned)" if by_hand else ""
        told.append(f"{path}: the same, to be uploaded there{more}.")
    if gradescope:
        private_folder(out / "gradescope")
        handed_in = [row for row in marks.rows if row.final is not None and row.submission]
        for row in handed_in:
            folder = out / "gradescope" / safe_name(row.label)
            private_folder(folder)
            write_atomically(folder / "results.json", exports.gradescope_results(row), private=True)
        told.append(f"{out / 'gradescope'}: results.json of {len(handed_in)} students.")
    added = write_sheet(sheet, marks) if any(q.by_hand for q in marks.questions) else 0
    if added:
        told.append(
            f"{shown(str(sheet), 1000)}: {added} answers to be marked by hand; fill in 'points' "
            "and run this again."
        )
    return told
