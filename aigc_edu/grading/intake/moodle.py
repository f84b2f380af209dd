"""Moodle's names: ``NAME_PARTICIPANT_assignsubmission_PLUGIN``, a folder or before a file's name.

Participants are numbers of one assignment; who they are stands in its grading worksheet. Of
each participant Moodle gives the last attempt alone.
"""

import re

from aigc_edu.grading.intake.archives import Entry, Listing
from aigc_edu.grading.intake.claims import FileClaim, Platform
from aigc_edu.grading.intake.roster import Roster, Student
from aigc_edu.grading.intake.safe import shown
from aigc_edu.grading.intake.worksheet import Worksheet

_TOP = re.compile(r"[^_]*_(?P<participant>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_|$)")


def parsed_name(top: str) -> re.Match[str] | None:
    """A name at the top of a download in Moodle's way; None if it is not."""
    return _TOP.match(top)


def _claims(listing: Listing, _lesson: str | None) -> tuple[list[FileClaim], list[Entry]]:
    claims, strange = [], []
    for entry in listing.entries:
        match = parsed_name(entry.parts[0])
        if match is None:
            strange.append(entry)
            continue
        in_front = entry.parts[0][match.end() :] or entry.parts[0]
        name = entry.parts[-1] if len(entry.parts) > 1 else in_front
        claims.append(FileClaim(entry, match["participant"], name))
    return claims, strange


def _owners(
    claim: FileClaim, roster: Roster, worksheet: Worksheet | None
) -> tuple[list[Student], str]:
    identity = shown(claim.identity)
    if worksheet is None:
        students = roster.find(claim.identity, ["moodle_participant"])
        return students, (
            f"who is participant {identity}? give the grading worksheet with --worksheet"
        )
    if claim.identity not in worksheet.rows:
        return [], f"participant {identity} is not in the grading worksheet"
    students = worksheet.students(claim.identity, roster)
    if not students:  # a blind worksheet tells times and nobody's name
        students = roster.find(claim.identity, ["moodle_participant"])
    if len(students) > 1:
        return students, f"the worksheet's row of participant {identity} fits two students"
    return students, f"the roster has nobody like participant {identity} of the worksheet"


MOODLE = Platform("moodle", _claims, _owners)
