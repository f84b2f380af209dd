"""Canvas's names: ``NAME_[LATE_]USER_ATTACHMENT_FILE``, as in "Download submissions".

Anonymous: ``[LATE_]anon_LETTERS_ATTACHMENT_FILE``. Texts and links have no attachment.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from aigc_edu.grading.intake.archives import Entry, Listing
from aigc_edu.grading.intake.claims import AttemptKey, FileClaim, Platform, is_of_lesson
from aigc_edu.grading.intake.roster import Roster, Student
from aigc_edu.grading.intake.safe import shown
from aigc_edu.grading.intake.worksheet import Worksheet

_FILE = re.compile(r"(?:.*?_)??(?P<late>LATE_)?(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
_TEXT = re.compile(r"(?:.*?_)??(?P<late>LATE_)?(?P<user>\d+)_(?P<file>(?:text|link)\.html)")
_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)"
)
_SHIFTED = re.compile(r"(?P<user>\d+)_\d+_.+")
_VERSION = re.compile(r"(?:-(\d{1,3})| \((\d{1,3})\))$")


def parsed_name(name: str) -> re.Match[str] | None:
    """A file's name in Canvas's way; None if it is not."""
    return _ANONYMOUS.fullmatch(name) or _TEXT.fullmatch(name) or _FILE.fullmatch(name)


def _claims(listing: Listing, _lesson: str | None) -> tuple[list[FileClaim], list[Entry]]:
    claims, strange = [], []
    for entry in listing.entries:
        match = parsed_name(entry.parts[0]) if len(entry.parts) == 1 else None
        if match is None:
            strange.append(entry)
            continue
        groups = match.groupdict()
        # A display name that ends in a number reads like an id: then the next number may be it.
        shifted = _SHIFTED.fullmatch(
            entry.parts[0][match.start("attachment") :] if "attachment" in groups else ""
        )
        name, version = _without_version(groups["file"])
        claims.append(
            FileClaim(
                entry,
                groups["user"],
                name,
                order=(version, int(groups.get("attachment") or 0)),
                late=bool(groups["late"]),
                doubt=shifted["user"] if shifted else "",
            )
        )
    return claims, strange


def _without_version(name: str) -> tuple[str, int]:
    """Canvas adds -1, -2, ... to the name of a file that is handed in again."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    match = _VERSION.search(stem)
    if not match:
        return name, 0
    return stem[: match.start()] + dot + suffix, int(match[1] or match[2])


def _owners(
    claim: FileClaim, roster: Roster, _worksheet: Worksheet | None
) -> tuple[list[Student], str]:
    if claim.identity.isdecimal():
        columns = ["canvas_id"] if "canvas_id" in roster.columns else ["id"]
    else:
        columns = ["canvas_anonymous_id"]
    students = roster.find(claim.identity, columns)
    if claim.doubt and claim.identity.isdecimal():
        others = roster.find(claim.doubt, columns)
        students += [other for other in others if other not in students]
    if len(students) > 1:
        return students, "the name can be read as either student's: look at it in Canvas"
    return students, f"nobody in the roster has the {columns[0]} {shown(claim.identity)}"


def _attempts(claims: Sequence[FileClaim], lesson: str | None) -> dict[AttemptKey, list[FileClaim]]:
    """Each version of one name is an attempt; files of several names are one attempt."""
    groups: dict[AttemptKey, list[FileClaim]] = defaultdict(list)
    for identity in dict.fromkeys(claim.identity for claim in claims):
        own = [claim for claim in claims if claim.identity == identity]
        notebooks = [c for c in own if c.name.casefold().endswith((".ipynb", ".zip"))]
        if lesson:
            notebooks = [c for c in notebooks if is_of_lesson(c.name, lesson)] or notebooks
        one_name = len({claim.name for claim in notebooks}) == 1
        for claim in notebooks or own:
            groups[identity, "", claim.order if one_name else ()].append(claim)
    return groups


CANVAS = Platform("canvas", _claims, _owners, _attempts)
