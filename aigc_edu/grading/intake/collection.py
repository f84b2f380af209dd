"""From what a platform gives to one notebook an attempt: ``collection.json`` and its files.

A collection is a folder with mode 0700::

    collection.json                       who handed in what; written last, whole or not at all
    files/STUDENT/attempt-1.ipynb         the kept notebook, under a name that we chose

It is read with :func:`read_collection`, by the grader and by the report.

Who a file belongs to is decided by the platform's own identifiers and the roster alone. A
notebook's content, a person's name and a similar name decide nothing. What cannot be decided is
listed: *unmatched* (nobody in the roster), *claimed twice* (two students could be meant, or two
places claim to be one student), *refused* (not read: a link, a bomb, damage). A student of the
roster with nothing handed in is *missing*, which is not the same as zero points.
"""

import hashlib
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically
from aigc_edu.grading.intake.archives import (
    Entry,
    Limits,
    Listing,
    Refused,
    budget,
    list_inner_zip,
    list_source,
)
from aigc_edu.grading.intake.csv_tables import read_table, shown
from aigc_edu.grading.intake.roster import Roster, Student, Worksheet, key
from aigc_edu.grading.intake.times import parse_time

FORMAT = "aigc-edu collection 1"
FORMS = ("auto", "canvas", "moodle", "plain")

# Canvas: NAME_[LATE_]USER_ATTACHMENT_FILE; anonymous: [LATE_]anon_LETTERS_ATTACHMENT_FILE. Texts
# and links have no attachment.
_CANVAS = re.compile(r"(?:.*?_)??(?P<late>LATE_)?(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
_CANVAS_TEXT = re.compile(r"(?:.*?_)??(?P<late>LATE_)?(?P<user>\d+)_(?P<file>(?:text|link)\.html)")
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)"
)
_CANVAS_SHIFTED = re.compile(r"(?P<user>\d+)_\d+_.+")
# Moodle: NAME_PARTICIPANT_assignsubmission_PLUGIN, as a folder or in front of the file's name.
_MOODLE = re.compile(r"[^_]*_(?P<participant>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_|$)")
_VERSION = re.compile(r"(?:-(\d{1,3})| \((\d{1,3})\))$")
_ATTEMPT = re.compile(r"(?:(?:attempt|submission|try|version|v)[ _-]*)?(\d{1,4})", re.IGNORECASE)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d([T _]\d\d[-:.h]?\d\d([-:.]?\d\d)?.{0,8})?")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}[A-Za-z0-9]|[A-Za-z0-9]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Submission:
    """One attempt of one student.

    Attributes:
        student: the student's id in the roster.
        attempt: 1, 2, ...; kept for good once given, later ones get the next numbers.
        submitted: when, as the platform says it (ISO 8601; without an offset it is in the
            late rules' time zone), or None where the platform does not say.
        late: what the platform itself says (Canvas marks late files), or None.
        status: ``kept``, or why there is no file to grade: ``no notebook``,
            ``several notebooks``, ``refused``, ``claimed twice``.
        file: the kept notebook, relative to the collection's folder; None if none is kept.
            It may be empty or no notebook at all: that is for the grader to say.
        sha256: of the kept file.
        size: of the kept file, in bytes.
        original: its place in the source, fit for a terminal.
        source: the name of the folder or zip file it came from.
        notes: what a lecturer should know, a sentence each.
        assigned: whether a person said whose it is, and not the platform.
    """

    student: str
    attempt: int
    submitted: str | None = None
    late: bool | None = None
    status: str = "kept"
    file: str | None = None
    sha256: str | None = None
    size: int = 0
    original: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()
    assigned: bool = False

    @property
    def key(self) -> str:
        """The attempt's name, for a ledger: student and number."""
        return f"{self.student}/{self.attempt}"


@dataclass(frozen=True)
class Listed:
    """Something that a person has to look at: where it is, in which source, and why."""

    place: str
    why: str
    source: str
    students: tuple[str, ...] = ()


@dataclass
class Collection:
    """What was collected; see the module for the words."""

    folder: Path
    lesson: str | None = None
    submissions: list[Submission] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unmatched: list[Listed] = field(default_factory=list)
    claimed_twice: list[Listed] = field(default_factory=list)
    refused: list[Listed] = field(default_factory=list)
    ignored: int = 0

    def attempts(self, student: str) -> list[Submission]:
        """A student's attempts in order."""
        found = [item for item in self.submissions if item.student == student]
        return sorted(found, key=lambda item: item.attempt)

    def path(self, submission: Submission) -> Path | None:
        """Where the kept notebook is, or None.

        Raises:
            CourseError: if ``collection.json`` names a file outside the collection.
        """
        if submission.file is None:
            return None
        path = self.folder / submission.file
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise CourseError(
                f"{self.folder / 'collection.json'} names a file outside its folder: collect again."
            )
        return path

    @property
    def settled(self) -> bool:
        """Whether nothing is left for a person to decide."""
        return not (self.unmatched or self.claimed_twice or self.refused) and all(
            item.status == "kept" for item in self.submissions
        )


def read_collection(folder: Path) -> Collection:
    """Read a collection that ``aigc-edu collect`` made.

    Raises:
        CourseError: if there is none, or its ``collection.json`` is damaged.
    """
    path = folder / "collection.json"
    try:
        kept = json.loads(path.read_bytes())
    except OSError as error:
        raise CourseError(
            f"{folder} holds no collection ({error.strerror}): make one with 'aigc-edu collect "
            f"SOURCE --roster roster.csv --out {folder}'."
        ) from error
    except ValueError as error:
        raise CourseError(f"{path} is damaged: collect again into a new folder.") from error
    try:
        if kept["format"] != FORMAT:
            raise CourseError(
                f"{path} was made by another version ({kept['format']}): collect again."
            )
        listed = {
            name: [Listed(**{**item, "students": tuple(item["students"])}) for item in kept[name]]
            for name in ("unmatched", "claimed_twice", "refused")
        }
        return Collection(
            folder,
            kept["lesson"],
            [Submission(**{**item, "notes": tuple(item["notes"])}) for item in kept["submissions"]],
            list(kept["missing"]),
            ignored=kept["ignored"],
            **listed,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is damaged: collect again into a new folder.") from error


def write_collection(collection: Collection) -> None:
    """Write ``collection.json``, whole or not at all; it is readable by its owner alone."""
    kept = asdict(collection)
    del kept["folder"]
    text = json.dumps({"format": FORMAT, **kept}, indent=1, ensure_ascii=True) + "\n"
    write_atomically(collection.folder / "collection.json", text.encode(), private=True)


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can look into.

    Raises:
        CourseError: if something that is no folder stands there, or it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise CourseError(
            f"The folder {folder} cannot be made ({error.strerror}): choose another with --out."
        ) from error


def safe_name(identifier: str) -> str:
    """A student's id as the name of a folder on every system.

    >>> safe_name("ab12"), safe_name("../x")[:3], safe_name("CON")[:3]
    ('ab12', 'id-', 'id-')
    """
    if (
        _SAFE.fullmatch(identifier)
        and not _RESERVED.fullmatch(identifier)
        and not identifier.startswith("id-")
    ):
        return identifier
    return "id-" + hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()[:24]


# ---------------------------------------------------------------------- who it belongs to


@dataclass(frozen=True)
class _Claim:
    """An entry and what the platform says about it, before anybody is looked up."""

    entry: Entry
    identity: str  # what names the student there: a number, a folder's name
    name: str  # the file's own name, without what the platform put in front
    order: tuple[Any, ...] = ()  # which attempt, among those of one identity
    late: bool | None = None
    places: tuple[str, ...] = ()  # its folders and name below the student
    doubt: str = ""  # a second reading of the same name
    assigned: bool = False


def form_of(listing: Listing) -> str:
    """Which platform a source comes from, by the names at its top."""
    tops = {entry.parts[0] for entry in listing.entries}
    files = {entry.parts[0] for entry in listing.entries if len(entry.parts) == 1}
    moodle = sum(bool(_MOODLE.match(top)) for top in tops)
    canvas = sum(bool(_canvas(name)) for name in files)
    if tops and 2 * moodle > len(tops):
        return "moodle"
    if tops and 2 * canvas > len(tops):
        return "canvas"
    return "plain"


def _canvas(name: str) -> re.Match[str] | None:
    return (
        _CANVAS_ANONYMOUS.fullmatch(name) or _CANVAS_TEXT.fullmatch(name) or _CANVAS.fullmatch(name)
    )


def _unwrapped(listing: Listing, roster: Roster) -> Listing:
    """Without the one folder that unpacking put around everything."""
    tops = {entry.raw[0] for entry in listing.entries}
    if len(tops) != 1 or any(len(entry.raw) == 1 for entry in listing.entries):
        return listing
    (top,) = tops
    inner = [replace(entry, raw=entry.raw[1:]) for entry in listing.entries]
    unwrapped = Listing(inner, listing.refused, listing.ignored)
    if roster.anywhere(top) or _MOODLE.match(top):
        return listing
    names = {entry.parts[0] for entry in inner}
    if form_of(unwrapped) == "plain" and not any(
        roster.anywhere(name) or roster.anywhere(name.rpartition(".")[0]) for name in names
    ):
        return listing
    return unwrapped


def _canvas_claims(listing: Listing) -> tuple[list[_Claim], list[Entry]]:
    claims, strange = [], []
    for entry in listing.entries:
        found = _canvas(entry.parts[0]) if len(entry.parts) == 1 else None
        if found is None:
            strange.append(entry)
            continue
        groups = found.groupdict()
        # A display name that ends in a number reads like an id: then the next number may be it.
        shifted = _CANVAS_SHIFTED.fullmatch(
            entry.parts[0][found.start("attachment") :] if "attachment" in groups else ""
        )
        doubt = shifted["user"] if shifted else ""
        stem, number = _version(groups["file"])
        order = (number, int(groups.get("attachment") or 0))
        claims.append(_Claim(entry, groups["user"], stem, order, bool(groups["late"]), (), doubt))
    return claims, strange


def _version(name: str) -> tuple[str, int]:
    """Canvas adds -1, -2, ... to the name of a file that is handed in again."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    found = _VERSION.search(stem)
    if not found:
        return name, 0
    return stem[: found.start()] + dot + suffix, int(found[1] or found[2])


def _moodle_claims(listing: Listing) -> tuple[list[_Claim], list[Entry]]:
    claims, strange = [], []
    for entry in listing.entries:
        found = _MOODLE.match(entry.parts[0])
        if found is None:
            strange.append(entry)
            continue
        if len(entry.parts) > 1:
            places = entry.parts[1:]
        else:
            places = (entry.parts[0][found.end() :] or entry.parts[0],)
        claims.append(_Claim(entry, found["participant"], places[-1], (), None, places))
    return claims, strange


def _plain_claims(listing: Listing, lesson: str | None) -> list[_Claim]:
    claims = []
    tidy = {  # students whose work lies in a folder a lesson: other lessons' are no attempts
        entry.parts[0]
        for entry in listing.entries
        if lesson and len(entry.parts) > 2 and _is_lesson_folder(entry.parts[1], lesson)
    }
    for entry in listing.entries:
        top, *below = entry.parts
        if top in tidy and not _is_lesson_folder(below[0], lesson or ""):
            continue
        if not below:
            stem = top.rpartition(".")[0] or top
            claims.append(_Claim(entry, stem, top, (), None, (top,)))
            continue
        order: tuple[Any, ...] = ()
        places = list(below)
        if len(places) > 1 and lesson and _is_lesson_folder(places[0], lesson):
            places = places[1:]
        if len(places) > 1:
            if attempt := _ATTEMPT.fullmatch(places[0]):
                order, places = (0, int(attempt[1])), places[1:]
            elif _STAMP.fullmatch(places[0]):
                order, places = (1, places[0]), places[1:]
        claims.append(_Claim(entry, top, below[-1], order, None, tuple(places)))
    return claims


def _is_lesson_folder(name: str, lesson: str) -> bool:
    return name == lesson or name.startswith(f"{lesson}_")


# ----------------------------------------------------------------------------- choosing


@dataclass(frozen=True)
class _Chosen:
    """One attempt in one place, with what is kept of it."""

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


def _is_notebook(name: str) -> bool:
    return name.casefold().endswith(".ipynb")


def _choose(
    claims: Sequence[_Claim], lesson: str | None, limits: Limits
) -> tuple[str, _Claim | None, bytes | None, tuple[str, ...]]:
    """Of the files of one attempt the notebook to grade: status, file, content, notes."""
    notes: list[str] = []
    candidates: list[tuple[_Claim, str, Any]] = []
    refusals = 0
    for claim in claims:
        if _is_notebook(claim.name):
            candidates.append((claim, claim.name, claim.entry.read))
        elif claim.name.casefold().endswith(".zip"):
            try:
                spent = budget(limits)
                inner = list_inner_zip(claim.entry.read(), spent)
            except Refused as error:
                refusals += 1
                notes.append(f"{claim.entry.place}: {error}.")
                continue
            for place, why in inner.refused:
                refusals += 1
                notes.append(f"{claim.entry.place}: {place}: {why}.")
            for entry in inner.entries:
                if _is_notebook(entry.parts[-1]):
                    held = replace(claim, entry=replace(entry, raw=(*claim.entry.raw, *entry.raw)))
                    candidates.append((held, entry.parts[-1], entry.read))
    if lesson:
        of_lesson = [c for c in candidates if _of_lesson(c[1], lesson)]
        candidates = of_lesson or candidates
    if not candidates:
        return ("refused" if refusals else "no notebook"), None, None, tuple(notes)
    read: dict[str, tuple[_Claim, bytes]] = {}
    for claim, _name, reader in candidates:
        try:
            content = reader()
        except Refused as error:
            refusals += 1
            notes.append(f"{claim.entry.place}: {error}.")
            continue
        read.setdefault(hashlib.sha256(content).hexdigest(), (claim, content))
    if not read:
        return "refused", None, None, tuple(notes)
    if len(read) > 1:
        listed = ", ".join(sorted(claim.entry.place for claim, _ in read.values()))
        notes.append(f"Several notebooks that differ, and nothing says which counts: {listed}.")
        return "several notebooks", None, None, tuple(notes)
    ((claim, content),) = read.values()
    if not content:
        notes.append("The file is empty.")
    return "kept", claim, content, tuple(notes)


# --------------------------------------------------------------------------- collecting


@dataclass(frozen=True)
class Facts:
    """What a platform says beside the files.

    Attributes:
        worksheet: Moodle's grading worksheet of the assignment.
        times: (student id, attempt or None) -> when it was handed in.
        assigned: a place at the top of a source -> ids of the students whose it is; several
            for the work of a group, none for "leave it out".
        file_times: take a file's own time as the time it was handed in.
    """

    worksheet: Worksheet | None = None
    times: Mapping[tuple[str, int | None], str] = field(default_factory=dict)
    assigned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    file_times: bool = False


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
    found: dict[tuple[str, int | None], str] = {}
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
        found[students[0].id, int(attempt) if attempt else None] = time.isoformat()
    return found


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
    found: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(table.rows, start=2):
        students = roster.anywhere(row[who])
        if row[who].strip() and len(students) != 1:
            raise CourseError(
                f"Row {number} of {path} names {shown(row[who])!r}, who is not in the roster."
            )
        place = key(row[where])
        found[place] = (*found.get(place, ()), *(student.id for student in students))
    return found


def collect(
    sources: Sequence[Path],
    roster: Roster,
    out: Path,
    *,
    lesson: str | None = None,
    form: str = "auto",
    facts: Facts | None = None,
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
        facts: what the platform says beside the files.
        limits: how much is read.

    Returns:
        The collection, as it was written.

    Raises:
        CourseError: if a source is none, or the folder holds another lesson's collection.
    """
    facts, limits = facts or Facts(), limits or Limits()
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
        spent = budget(limits)
        listings.append((source, _unwrapped(list_source(source, spent), roster)))
    private_folder(out)
    names = {source.name for source in sources}
    for kind in ("unmatched", "claimed_twice", "refused"):
        setattr(collection, kind, [i for i in getattr(collection, kind) if i.source not in names])
    for source, listing in listings:
        _collect_one(source.name, listing, roster, collection, form, facts, limits)
    handed_in = {item.student for item in collection.submissions}
    collection.missing = [name for name in roster.students if name not in handed_in]
    write_collection(collection)
    return collection


def _collect_one(
    source: str,
    listing: Listing,
    roster: Roster,
    collection: Collection,
    form: str,
    facts: Facts,
    limits: Limits,
) -> None:
    form = form_of(listing) if form == "auto" else form
    if form == "moodle" and not facts.worksheet and "moodle_participant" not in roster.columns:
        raise CourseError(
            f"The numbers in the names of {source} are Moodle's for this assignment alone: give "
            "the assignment's grading worksheet with --worksheet (in Moodle, 'Download grading "
            "worksheet')."
        )
    strange: list[Entry] = []
    if form == "canvas":
        claims, strange = _canvas_claims(listing)
    elif form == "moodle":
        claims, strange = _moodle_claims(listing)
    else:
        claims = _plain_claims(listing, collection.lesson)
    collection.ignored += listing.ignored
    collection.refused += [Listed(place, why, source) for place, why in listing.refused]
    unmatched: dict[str, str] = {}
    for entry in strange:
        unmatched[shown(entry.parts[0])] = f"not named as {form.capitalize()} names it"
    owned: dict[str, list[_Claim]] = defaultdict(list)
    for claim in claims:
        top = claim.entry.parts[0]
        students, why = _owners(claim, form, roster, facts)
        if key(top) in facts.assigned:
            chosen = facts.assigned[key(top)]
            collection.ignored += not chosen
            for student in chosen:
                owned[student].append(replace(claim, assigned=True))
            continue
        if len(students) == 1:
            owned[students[0].id].append(claim)
        elif students:
            found = Listed(
                shown(top), why, source, tuple(sorted(student.id for student in students))
            )
            if found not in collection.claimed_twice:
                collection.claimed_twice.append(found)
        else:
            unmatched[shown(top)] = why
    collection.unmatched += [Listed(place, why, source) for place, why in unmatched.items()]
    earlier = frozenset(collection.submissions)
    for student in sorted(owned):
        items = [
            _chosen(student, place, group, form, collection.lesson, limits)
            for place, group in _attempts(owned[student], form, collection.lesson).items()
        ]
        for item in sorted(_settle(items, source, collection), key=lambda item: item.order):
            _keep(item, source, collection, facts, earlier)


_Place = tuple[str, str, tuple[Any, ...]]


def _chosen(
    student: str,
    place: _Place,
    group: list[_Claim],
    form: str,
    lesson: str | None,
    limits: Limits,
) -> _Chosen:
    status, kept, content, notes = _choose(group, lesson, limits)
    first = kept or group[0]
    late = any(claim.late for claim in group) if form == "canvas" else None
    original, modified = first.entry.place, first.entry.modified
    assigned = any(claim.assigned for claim in group)
    return _Chosen(student, *place, late, status, original, content, modified, notes, assigned)


def _attempts(
    claims: Sequence[_Claim], form: str, lesson: str | None
) -> dict[_Place, list[_Claim]]:
    """A student's files by attempt: of Canvas each version of a name, elsewhere each folder."""
    groups: dict[_Place, list[_Claim]] = defaultdict(list)
    if form != "canvas":
        for claim in claims:
            raw_top = claim.entry.raw[0] if form == "plain" else ""
            groups[claim.identity, raw_top, claim.order].append(claim)
        return groups
    for identity in dict.fromkeys(claim.identity for claim in claims):
        own = [claim for claim in claims if claim.identity == identity]
        wanted = [c for c in own if c.name.casefold().endswith((".ipynb", ".zip"))]
        if lesson:
            wanted = [c for c in wanted if _of_lesson(c.name, lesson)] or wanted
        one_name = len({claim.name for claim in wanted}) == 1
        for claim in wanted or own:
            groups[identity, "", claim.order if one_name else ()].append(claim)
    return groups


def _of_lesson(name: str, lesson: str) -> bool:
    return bool(re.match(rf"0*{int(lesson)}(?!\d)", name))


def _owners(claim: _Claim, form: str, roster: Roster, facts: Facts) -> tuple[list[Student], str]:
    """Who the platform says it is, and a sentence where that is not exactly one student."""
    identity = shown(claim.identity)
    if form == "canvas":
        if claim.identity.isdecimal():
            columns = ["canvas_id"] if "canvas_id" in roster.columns else ["id"]
        else:
            columns = ["canvas_anonymous_id"]
        students = roster.find(claim.identity, columns)
        if claim.doubt and claim.identity.isdecimal():
            for other in roster.find(claim.doubt, columns):
                if other not in students:
                    students.append(other)
        if len(students) > 1:
            return students, "the name can be read as either student's: look at it in Canvas"
        return students, f"nobody in the roster has the {columns[0]} {identity}"
    if form == "moodle":
        if facts.worksheet is not None:
            if claim.identity not in facts.worksheet.rows:
                return [], f"participant {identity} is not in the grading worksheet"
            students = facts.worksheet.students(claim.identity, roster)
            if not students:  # a blind worksheet tells times and nobody's name
                students = roster.find(claim.identity, ["moodle_participant"])
            if len(students) > 1:
                return students, f"the worksheet's row of participant {identity} fits two students"
            return students, f"the roster has nobody like participant {identity} of the worksheet"
        students = roster.find(claim.identity, ["moodle_participant"])
        return students, (
            f"who is participant {identity}? give the grading worksheet with --worksheet"
        )
    students = roster.anywhere(claim.identity)
    if len(students) > 1:
        return students, f"{identity} is an identifier of both"
    return students, f"nobody in the roster has the identifier {identity}"


def _settle(items: list[_Chosen], source: str, collection: Collection) -> list[_Chosen]:
    """Two places of one source that claim to be the same student: the same file, or a conflict."""
    places = {(item.identity, item.raw_top) for item in items}
    if len(places) == 1:
        return items
    contents = {item.sha256 for item in items}
    if len(contents) == 1 and None not in contents:
        return items[:1]
    listed = sorted({item.original for item in items})
    collection.claimed_twice.append(
        Listed(
            ", ".join(listed),
            "these places claim to be the same student and differ: keep one, or say with "
            "--assign whose they are",
            source,
            (items[0].student,),
        )
    )
    return [
        replace(
            items[0],
            status="claimed twice",
            content=None,
            notes=(f"Several places claim to be this student: {', '.join(listed)}.",),
        )
    ]


def _keep(
    item: _Chosen,
    source: str,
    collection: Collection,
    facts: Facts,
    earlier: frozenset[Submission],
) -> None:
    attempts = collection.attempts(item.student)
    for before in attempts:
        # The same source again, or the same last file in a newer download.
        if before.source == source or before == attempts[-1]:
            same_file = item.sha256 is not None and before.sha256 == item.sha256
            if same_file or (
                item.sha256 is None and before.sha256 is None and before.status == item.status
            ):
                _complete(before, item, collection, facts)
                return
    if attempts and attempts[-1].status != "kept" and attempts[-1] in earlier:
        # What could not be kept at an earlier run was put right: it is the same attempt.
        collection.submissions.remove(attempts.pop())
    number = attempts[-1].attempt + 1 if attempts else 1
    submission = Submission(
        item.student,
        number,
        _when(item, number, facts),
        item.late,
        item.status,
        None,
        item.sha256,
        0 if item.content is None else len(item.content),
        item.original,
        source,
        item.notes,
        item.assigned,
    )
    if item.content is not None:
        folder = collection.folder / "files" / safe_name(item.student)
        for part in (collection.folder / "files", folder):
            private_folder(part)
        path = folder / f"attempt-{number}.ipynb"
        write_atomically(path, item.content, private=True)
        submission = replace(submission, file=path.relative_to(collection.folder).as_posix())
    collection.submissions.append(submission)


def _complete(before: Submission, item: _Chosen, collection: Collection, facts: Facts) -> None:
    """Take up what is known now about an attempt that is there already."""
    when = _when(item, before.attempt, facts)
    changed = replace(
        before,
        submitted=before.submitted or when,
        late=before.late if before.late is not None else item.late,
    )
    collection.submissions[collection.submissions.index(before)] = changed


def _when(item: _Chosen, attempt: int, facts: Facts) -> str | None:
    for wanted in ((item.student, attempt), (item.student, None)):
        if wanted in facts.times:
            return facts.times[wanted]
    if facts.worksheet is not None and item.identity in facts.worksheet.rows:
        time = parse_time(facts.worksheet.rows[item.identity]["submitted"])
        if time is not None:
            return time.isoformat()
    if facts.file_times and item.modified is not None:
        return item.modified.isoformat(timespec="seconds")
    return None


def forget_student(collection: Collection, student: str) -> list[Path]:
    """Delete a student's files and lines from a collection; returns what was deleted."""
    deleted = []
    folder = collection.folder / "files" / safe_name(student)
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
        deleted.append(folder)
    collection.submissions = [i for i in collection.submissions if i.student != student]
    collection.missing = [name for name in collection.missing if name != student]
    collection.claimed_twice = [i for i in collection.claimed_twice if student not in i.students]
    write_collection(collection)
    return deleted


def identical(collection: Collection) -> list[tuple[str, ...]]:
    """Groups of students who handed in the very same file, for a person to look at."""
    by_content: dict[str, set[str]] = defaultdict(set)
    for item in collection.submissions:
        if item.sha256 and item.size:
            by_content[item.sha256].add(item.student)
    return sorted(tuple(sorted(group)) for group in by_content.values() if len(group) > 1)


def summary(collection: Collection) -> list[str]:
    """What a lecturer reads after collecting: counts, then everything to be settled."""
    kept = [item for item in collection.submissions if item.status == "kept"]
    students = {item.student for item in collection.submissions}
    again = sum(1 for item in collection.submissions if item.attempt > 1)
    late = sum(1 for item in collection.submissions if item.late)
    more = f", {again} of them handed in again" if again else ""
    more += f", {late} marked late by the platform" if late else ""
    lines = [
        f"{len(students)} students handed in; {len(kept)} notebooks kept{more}; "
        f"{len(collection.missing)} missing."
    ]
    if collection.missing:
        lines.append("Missing (not the same as zero): " + ", ".join(map(shown, collection.missing)))
    for title, listed in (
        ("Unmatched (in nobody's name)", collection.unmatched),
        ("Claimed twice (nobody gets it)", collection.claimed_twice),
        ("Refused (not read)", collection.refused),
    ):
        if listed:
            lines.append(f"{title}:")
            lines += [
                f"  {item.place} ({shown(item.source)}): {item.why}"
                + (f" [{', '.join(map(shown, item.students))}]" if item.students else "")
                for item in listed
            ]
    unkept = [item for item in collection.submissions if item.status != "kept"]
    if unkept:
        lines.append("Handed in, but no notebook was kept:")
        lines += [
            f"  {shown(item.student)}, attempt {item.attempt}: {item.status}"
            + "".join(f"; {note}" for note in item.notes)
            for item in unkept
        ]
    if groups := identical(collection):
        lines.append("The very same file was handed in by:")
        lines += [f"  {', '.join(map(shown, group))}" for group in groups]
    return lines
