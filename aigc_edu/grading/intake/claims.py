"""What a platform says about a file by its name alone, before anybody is looked up.

Each platform (:mod:`canvas`, :mod:`moodle`, :mod:`plain_folders`) reads its own names into
:class:`FileClaim` and knows who a claim can mean; :mod:`collecting` does the rest for all.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aigc_edu.grading.intake.archives import Entry, Listing
from aigc_edu.grading.intake.roster import Roster, Student
from aigc_edu.grading.intake.worksheet import Worksheet


@dataclass(frozen=True)
class FileClaim:
    """A file, and what its name says.

    Attributes:
        entry: the file in its source.
        identity: what names the student there: a number, a folder's name.
        name: the file's own name, without what the platform put in front.
        order: which attempt, among those of one identity; sorts.
        late: whether the platform marked it late; None where its names do not say.
        doubt: a second reading of the identity, "" if there is none.
        top: the folder at the top, where two of them may mean one student.
        assigned: whether a person said whose it is.
    """

    entry: Entry
    identity: str
    name: str
    order: tuple[Any, ...] = ()
    late: bool | None = None
    doubt: str = ""
    top: str = ""
    assigned: bool = False


AttemptKey = tuple[str, str, tuple[Any, ...]]
"""Identity, top and order of its claims."""


def by_order(claims: Sequence[FileClaim], _lesson: str | None) -> dict[AttemptKey, list[FileClaim]]:
    """A student's files by attempt, where the order in their names says it all."""
    groups: dict[AttemptKey, list[FileClaim]] = defaultdict(list)
    for claim in claims:
        groups[claim.identity, claim.top, claim.order].append(claim)
    return groups


@dataclass(frozen=True)
class Evidence:
    """What says whose and when, beside the files.

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


@dataclass(frozen=True)
class Platform:
    """How one platform names what students hand in.

    Attributes:
        name: as ``--form`` calls it.
        claims: (listing, lesson) → the files it can read, and those not named in its way.
        owners: who the platform says it is, and a sentence where that is not exactly one.
        attempts: a student's files by attempt, given (claims, lesson).
    """

    name: str
    claims: Callable[[Listing, str | None], tuple[list[FileClaim], list[Entry]]]
    owners: Callable[[FileClaim, Roster, Worksheet | None], tuple[list[Student], str]]
    attempts: Callable[[Sequence[FileClaim], str | None], dict[AttemptKey, list[FileClaim]]] = (
        by_order
    )


def is_of_lesson(name: str, lesson: str) -> bool:
    """Whether a file's name begins with a lesson's number.

    >>> is_of_lesson("4_vae.ipynb", "04"), is_of_lesson("40.ipynb", "04")
    (True, False)
    """
    return bool(re.match(rf"0*{int(lesson)}(?!\d)", name))
