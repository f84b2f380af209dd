"""From folders and zip files as a platform gives them to a :class:`Collection`.

One walk for every platform: list a source (:mod:`archives`), let its platform read the names
(:mod:`canvas`, :mod:`moodle`, :mod:`plain_folders`), look up whose each file is in the roster,
choose of each attempt's files the notebook to grade, and keep it under a name that we chose.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake import canvas, moodle
from aigc_edu.grading.intake.archives import (
    Budget,
    Limits,
    Listing,
    Refused,
    list_inner_zip,
    list_source,
)
from aigc_edu.grading.intake.claims import (
    AttemptKey,
    Evidence,
    FileClaim,
    Platform,
    is_of_lesson,
)
from aigc_edu.grading.intake.collection import (
    Collection,
    Listed,
    Submission,
    read_collection,
    write_collection,
)
from aigc_edu.grading.intake.csv_tables import read_table
from aigc_edu.grading.intake.plain_folders import PLAIN
from aigc_edu.grading.intake.roster import Roster, key
from aigc_edu.grading.intake.safe import private_folder, safe_name, shown
from aigc_edu.grading.intake.times import parse_time

PLATFORMS = {platform.name: platform for platform in (canvas.CANVAS, moodle.MOODLE, PLAIN)}
FORMS = ("auto", *PLATFORMS)


def read_times(path: Path, roster: Roster) -> dict[tuple[str, int | None], str]:
    """Read ``--times``: a CSV file with the columns student, submitted and, if need be, attempt.

    Raises:
        CourseError: if a column is missing, or a row names nobody or no time that is known.
    """
    table = read_table(path, "list of times")
    who = table.column("student", "id", "login", "email")
    when = table.column("submitted", "time", "submitted at")
    which = table.column("attempt")
    if who is None or when is None:
        raise CourseError(f"{path} needs the columns 'student' and 'submitted'.")
    times: dict[tuple[str, int | None], str] = {}
    for number, row in enumerate(table.rows, start=2):
        students = roster.anywhere(row[who])
        if len(students) != 1:
            raise CourseError(
                f"Row {number} of {path} names {shown(row[who])!r}, who is not in the roster."
            )
        time = parse_time(row[when])
        if time is None:
            raise CourseError(
                f"Row {number} of {path} has no time that can be read ({shown(row[when])!r}): "
                "write it like 2026-10-02T23:58+02:00."
            )
        attempt = row[which].strip() if which is not None else ""
        if attempt and not attempt.isdecimal():
            raise CourseError(f"Row {number} of {path}: the attempt is a number like 2.")
        times[students[0].id, int(attempt) if attempt else None] = time.isoformat()
    return times


def read_assigned(path: Path, roster: Roster) -> dict[str, tuple[str, ...]]:
    """Read ``--assign``: a CSV file with the columns place and student.

    A place in several rows is the work of a group; a row without a student leaves it out.

    Raises:
        CourseError: if a column is missing, or a row names somebody who is not in the roster.
    """
    table = read_table(path, "list of places")
    where, who = table.column("place"), table.column("student", "id")
    if where is None or who is None:
        raise CourseError(f"{path} needs the columns 'place' and 'student'.")
    assigned: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(table.rows, start=2):
        students = roster.anywhere(row[who])
        if row[who].strip() and len(students) != 1:
            raise CourseError(
                f"Row {number} of {path} names {shown(row[who])!r}, who is not in the roster."
            )
        place = key(row[where])
        assigned[place] = (*assigned.get(place, ()), *(student.id for student in students))
    return assigned


def collect(
    sources: Sequence[Path],
    roster: Roster,
    out: Path,
    *,
    lesson: str | None = None,
    form: str = "auto",
    evidence: Evidence | None = None,
    limits: Limits | None = None,
) -> Collection:
    """Collect what students handed in into a folder, beside what is there already.

    Args:
        sources: folders and zip files as the platform gives them, the oldest first.
        roster: who is in the course.
        out: the collection's folder, made if it is not there; attempts that it holds stay
            as they are and keep their numbers, and the same file is not taken twice.
        lesson: two digits; of several notebooks the one whose name begins with them counts.
        form: one of ``FORMS``; "auto" looks at each source's names.
        evidence: what says whose and when, beside the files.
        limits: how much is read.

    Returns:
        The collection, as it was written.

    Raises:
        CourseError: if a source is none, or the folder holds another lesson's collection.
    """
    evidence, limits = evidence or Evidence(), limits or Limits()
    if (out / "collection.json").exists():
        collection = read_collection(out)
        if lesson and collection.lesson and lesson != collection.lesson:
            raise CourseError(
                f"{out} holds the submissions of lesson {collection.lesson}: choose another "
                "folder with --out."
            )
        collection.lesson = collection.lesson or lesson
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CourseError(f"{out} is there already and is no collection: choose another --out.")
    else:
        collection = Collection(out, lesson)
    listings = []  # all are listed before anything is written
    for source in sources:
        listing = list_source(source, Budget(limits))
        listings.append((source, _without_wrapping(listing, roster)))
    private_folder(out)
    # What an earlier run could not settle of these very sources is looked at anew.
    names = {source.name for source in sources}
    for kind in ("unmatched", "claimed_twice", "refused"):
        setattr(collection, kind, [i for i in getattr(collection, kind) if i.source not in names])
    for source, listing in listings:
        platform = PLATFORMS[form_of(listing) if form == "auto" else form]
        _Intake(source.name, platform, roster, collection, evidence, limits).take(listing)
    handed_in = {item.student for item in collection.submissions}
    collection.missing = [name for name in roster.students if name not in handed_in]
    write_collection(collection)
    return collection


def form_of(listing: Listing) -> str:
    """Which platform a source comes from, by the names at its top."""
    tops = {entry.parts[0] for entry in listing.entries}
    files = {entry.parts[0] for entry in listing.entries if len(entry.parts) == 1}
    if tops and 2 * sum(bool(moodle.parsed_name(top)) for top in tops) > len(tops):
        return "moodle"
    if tops and 2 * sum(bool(canvas.parsed_name(name)) for name in files) > len(tops):
        return "canvas"
    return "plain"


def _without_wrapping(listing: Listing, roster: Roster) -> Listing:
    """Without the one folder that unpacking put around everything."""
    tops = {entry.raw[0] for entry in listing.entries}
    if len(tops) != 1 or any(len(entry.raw) == 1 for entry in listing.entries):
        return listing
    (top,) = tops
    # The one folder may be the only student's own.
    if roster.anywhere(top) or moodle.parsed_name(top):
        return listing
    inner = [replace(entry, raw=entry.raw[1:]) for entry in listing.entries]
    unwrapped = Listing(inner, listing.refused, listing.ignored)
    # Where nothing inside names anybody either, the outer name is what a person recognizes.
    names = {entry.parts[0] for entry in inner}
    if form_of(unwrapped) == "plain" and not any(
        roster.anywhere(name) or roster.anywhere(name.rpartition(".")[0]) for name in names
    ):
        return listing
    return unwrapped


# --------------------------------------------------------------- the notebook of an attempt


def _is_notebook(name: str) -> bool:
    return name.casefold().endswith(".ipynb")


@dataclass(frozen=True)
class _Choice:
    """Of the files of one attempt the notebook to grade; ``status`` as in a submission."""

    status: str
    notes: tuple[str, ...]
    claim: FileClaim | None = None
    content: bytes | None = None


def _choose(claims: Sequence[FileClaim], lesson: str | None, limits: Limits) -> _Choice:
    """The one notebook among an attempt's files; none rather than the wrong one."""
    notes: list[str] = []
    candidates: list[tuple[FileClaim, str, Callable[[], bytes]]] = []
    refusals = 0
    # Notebooks lie among the files, or one level deeper: in a zip that the student made.
    for claim in claims:
        if _is_notebook(claim.name):
            candidates.append((claim, claim.name, claim.entry.read))
        elif claim.name.casefold().endswith(".zip"):
            try:
                inner = list_inner_zip(claim.entry.read(), Budget(limits))
            except Refused as error:
                refusals += 1
                notes.append(f"{claim.entry.place}: {error}.")
                continue
            for place, why in inner.refused:
                refusals += 1
                notes.append(f"{claim.entry.place}: {place}: {why}.")
            for entry in inner.entries:
                if _is_notebook(entry.parts[-1]):
                    path = (*claim.entry.raw, *entry.raw)
                    in_zip = replace(claim, entry=replace(entry, raw=path))
                    candidates.append((in_zip, entry.parts[-1], entry.read))
    # Another lesson's notebook is passed over only where there is one of this lesson.
    if lesson:
        candidates = [c for c in candidates if is_of_lesson(c[1], lesson)] or candidates
    if not candidates:
        return _Choice("refused" if refusals else "no notebook", tuple(notes))
    # The same notebook twice (loose and zipped, say) is one; by content, not by name.
    by_content: dict[str, tuple[FileClaim, bytes]] = {}
    for claim, _name, read in candidates:
        try:
            content = read()
        except Refused as error:
            notes.append(f"{claim.entry.place}: {error}.")
            continue
        by_content.setdefault(hashlib.sha256(content).hexdigest(), (claim, content))
    if not by_content:
        return _Choice("refused", tuple(notes))
    if len(by_content) > 1:
        listed = ", ".join(sorted(claim.entry.place for claim, _ in by_content.values()))
        notes.append(f"Several notebooks that differ, and nothing says which counts: {listed}.")
        return _Choice("several notebooks", tuple(notes))
    ((claim, content),) = by_content.values()
    if not content:
        notes.append("The file is empty.")
    return _Choice("kept", tuple(notes), claim, content)


@dataclass(frozen=True)
class _Attempt:
    """One attempt as one source has it, with what is kept of it."""

    student: str
    identity: str
    raw_top: str
    order: tuple[Any, ...]
    late: bool | None
    status: str
    original: str
    content: bytes | None
    modified: datetime | None
    notes: tuple[str, ...]
    assigned: bool

    @property
    def sha256(self) -> str | None:
        return None if self.content is None else hashlib.sha256(self.content).hexdigest()


# ---------------------------------------------------------------------------- one source


@dataclass(frozen=True)
class _Intake:
    """One source on its way into a collection."""

    source: str
    platform: Platform
    roster: Roster
    collection: Collection
    evidence: Evidence
    limits: Limits

    def take(self, listing: Listing) -> None:
        """Add what a source holds to the collection.

        Raises:
            CourseError: if nothing says who Moodle's numbers are.
        """
        if (
            self.platform is moodle.MOODLE
            and not self.evidence.worksheet
            and "moodle_participant" not in self.roster.columns
        ):
            raise CourseError(
                f"The numbers in the names of {self.source} are Moodle's for this assignment "
                "alone: give the assignment's grading worksheet with --worksheet (in Moodle, "
                "'Download grading worksheet')."
            )
        collection = self.collection
        collection.ignored += listing.ignored
        collection.refused += [Listed(where, why, self.source) for where, why in listing.refused]
        by_student = self._by_student(listing)
        # Of these, what could not be kept may have been put right meanwhile.
        earlier = frozenset(collection.submissions)
        for student in sorted(by_student):
            groups = self.platform.attempts(by_student[student], collection.lesson)
            attempts = [self._attempt(student, *group) for group in groups.items()]
            for attempt in sorted(self._one_folder_each(attempts), key=lambda a: a.order):
                self._keep(attempt, earlier)

    def _by_student(self, listing: Listing) -> dict[str, list[FileClaim]]:
        """Student → their files; what is nobody's, or of two, is listed in the collection."""
        claims, strange = self.platform.claims(listing, self.collection.lesson)
        unmatched: dict[str, str] = {}  # a folder is listed once, whatever it holds
        for entry in strange:
            platform = self.platform.name.capitalize()
            unmatched[shown(entry.parts[0])] = f"not named as {platform} names it"
        by_student: dict[str, list[FileClaim]] = defaultdict(list)
        for claim in claims:
            top = claim.entry.parts[0]
            # A person's word goes before the platform's.
            assigned = self.evidence.assigned.get(key(top))
            if assigned is not None:
                self.collection.ignored += not assigned
                for student in assigned:
                    by_student[student].append(replace(claim, assigned=True))
                continue
            students, why = self.platform.owners(claim, self.roster, self.evidence.worksheet)
            if len(students) == 1:
                by_student[students[0].id].append(claim)
            elif students:
                ids = tuple(sorted(student.id for student in students))
                twice = Listed(shown(top), why, self.source, ids)
                if twice not in self.collection.claimed_twice:
                    self.collection.claimed_twice.append(twice)
            else:
                unmatched[shown(top)] = why
        self.collection.unmatched += [
            Listed(top, why, self.source) for top, why in unmatched.items()
        ]
        return by_student

    def _attempt(self, student: str, attempt: AttemptKey, claims: Sequence[FileClaim]) -> _Attempt:
        choice = _choose(claims, self.collection.lesson, self.limits)
        entry = (choice.claim or claims[0]).entry
        marked = [claim.late for claim in claims if claim.late is not None]
        return _Attempt(
            student,
            *attempt,
            any(marked) if marked else None,
            choice.status,
            entry.place,
            choice.content,
            entry.modified,
            choice.notes,
            any(claim.assigned for claim in claims),
        )

    def _one_folder_each(self, attempts: list[_Attempt]) -> list[_Attempt]:
        """Two places that claim to be the same student: the same file, or a conflict."""
        if len({(attempt.identity, attempt.raw_top) for attempt in attempts}) == 1:
            return attempts
        contents = {attempt.sha256 for attempt in attempts}
        if len(contents) == 1 and None not in contents:
            return attempts[:1]
        listed = ", ".join(sorted({attempt.original for attempt in attempts}))
        why = (
            "these places claim to be the same student and differ: keep one, or say with "
            "--assign whose they are"
        )
        student = attempts[0].student
        self.collection.claimed_twice.append(Listed(listed, why, self.source, (student,)))
        note = f"Several places claim to be this student: {listed}."
        return [replace(attempts[0], status="claimed twice", content=None, notes=(note,))]

    def _keep(self, attempt: _Attempt, earlier: frozenset[Submission]) -> None:
        """Add an attempt under the next number, unless the collection has it."""
        collection = self.collection
        before = collection.attempts(attempt.student)
        for submission in before:
            # The same source again, or the same last file in a newer download.
            if submission.source == self.source or submission == before[-1]:
                if attempt.sha256 is not None:
                    same = submission.sha256 == attempt.sha256
                else:
                    same = submission.sha256 is None and submission.status == attempt.status
                if same:
                    self._complete(submission, attempt)
                    return
        if before and before[-1].status != "kept" and before[-1] in earlier:
            # What could not be kept at an earlier run was put right: it is the same attempt.
            collection.submissions.remove(before.pop())
        number = before[-1].attempt + 1 if before else 1
        file = None
        if attempt.content is not None:
            folder = collection.folder / "files" / safe_name(attempt.student)
            for part in (collection.folder / "files", folder):
                private_folder(part)
            path = folder / f"attempt-{number}.ipynb"
            write_atomically(path, attempt.content, private=True)
            file = path.relative_to(collection.folder).as_posix()
        collection.submissions.append(
            Submission(
                attempt.student,
                number,
                self._when(attempt, number),
                attempt.late,
                attempt.status,
                file,
                attempt.sha256,
                len(attempt.content or b""),
                attempt.original,
                self.source,
                attempt.notes,
                attempt.assigned,
            )
        )

    def _complete(self, submission: Submission, attempt: _Attempt) -> None:
        """Take up what is known now about an attempt that is there already."""
        completed = replace(
            submission,
            submitted=submission.submitted or self._when(attempt, submission.attempt),
            late=submission.late if submission.late is not None else attempt.late,
        )
        submissions = self.collection.submissions
        submissions[submissions.index(submission)] = completed

    def _when(self, attempt: _Attempt, number: int) -> str | None:
        """When it was handed in: by the lecturer's list, the worksheet, the file's own time."""
        evidence = self.evidence
        for who in ((attempt.student, number), (attempt.student, None)):
            if who in evidence.times:
                return evidence.times[who]
        if evidence.worksheet is not None and attempt.identity in evidence.worksheet.rows:
            time = parse_time(evidence.worksheet.rows[attempt.identity]["submitted"])
            if time is not None:
                return time.isoformat()
        if evidence.file_times and attempt.modified is not None:
            return attempt.modified.isoformat(timespec="seconds")
        return None
