"""Folders or files with a student's identifier as their name: ``STUDENT[/NN][/ATTEMPT]/FILE``."""

import re
from typing import Any

from aigc_edu.grading.intake.archives import Entry, Listing
from aigc_edu.grading.intake.claims import FileClaim, Platform
from aigc_edu.grading.intake.roster import Roster, Student
from aigc_edu.grading.intake.safe import shown
from aigc_edu.grading.intake.worksheet import Worksheet

_ATTEMPT = re.compile(r"(?:(?:attempt|submission|try|version|v)[ _-]*)?(\d{1,4})", re.IGNORECASE)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d([T _]\d\d[-:.h]?\d\d([-:.]?\d\d)?.{0,8})?")


def _claims(listing: Listing, lesson: str | None) -> tuple[list[FileClaim], list[Entry]]:
    claims = []
    tidy = {  # students whose work lies in a folder a lesson: other lessons' are no attempts
        entry.parts[0]
        for entry in listing.entries
        if lesson and len(entry.parts) > 2 and _is_lesson_folder(entry.parts[1], lesson)
    }
    for entry in listing.entries:
        top, *below = entry.parts
        if not below:
            identity = top.rpartition(".")[0] or top
            claims.append(FileClaim(entry, identity, top, top=entry.raw[0]))
            continue
        if top in tidy and not _is_lesson_folder(below[0], lesson or ""):
            continue
        folders = below[:-1]
        order: tuple[Any, ...] = ()
        if folders and lesson and _is_lesson_folder(folders[0], lesson):
            folders = folders[1:]
        if folders:
            # Numbers before times of day: the two do not compare.
            if attempt := _ATTEMPT.fullmatch(folders[0]):
                order = (0, int(attempt[1]))
            elif _STAMP.fullmatch(folders[0]):
                order = (1, folders[0])
        # As the system spells it: two folders that differ in form alone stay two.
        claims.append(FileClaim(entry, top, below[-1], order, top=entry.raw[0]))
    return claims, []


def _is_lesson_folder(name: str, lesson: str) -> bool:
    return name == lesson or name.startswith(f"{lesson}_")


def _owners(
    claim: FileClaim, roster: Roster, _worksheet: Worksheet | None
) -> tuple[list[Student], str]:
    identity, students = shown(claim.identity), roster.anywhere(claim.identity)
    if len(students) > 1:
        return students, f"{identity} is an identifier of both"
    return students, f"nobody in the roster has the identifier {identity}"


PLAIN = Platform("plain", _claims, _owners)
