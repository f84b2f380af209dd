"""Times as platforms write them, and the zone that gives them a meaning."""

import re
from datetime import UTC, datetime, tzinfo

from aigc_edu.errors import CourseError

# English long forms of Moodle and of spreadsheets; ISO 8601 is tried before them.
_FORMS = (
    "%A, %d %B %Y, %I:%M %p",
    "%A, %d %B %Y, %H:%M",
    "%A, %B %d, %Y, %I:%M %p",
    "%d %B %Y, %I:%M %p",
    "%d %B %Y, %H:%M",
    "%d %b %Y, %H:%M",
    "%d %b %Y %H:%M",
    "%b %d, %Y %I:%M %p",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y, %H:%M",
    "%Y/%m/%d %H:%M",
)


def parse_time(text: str) -> datetime | None:
    """A time as a platform writes it; None if it is none that is known.

    Without an offset the result has none either: the late rules' time zone decides what
    it means. 03/04/2026 is not guessed at: it is April in one country and March in another.

    >>> parse_time("Friday, 2 October 2026, 11:58 PM").isoformat()
    '2026-10-02T23:58:00'
    >>> parse_time("2026-10-02T23:58:00Z").isoformat()
    '2026-10-02T23:58:00+00:00'
    >>> parse_time("-") is None
    True
    """
    text = " ".join(text.replace("\u202f", " ").split())
    if not text or text == "-":
        return None
    iso = re.sub(r" (UTC|Z)$", "+00:00", text)
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d", iso):
        try:
            return datetime.fromisoformat(re.sub(r" ([+-]\d\d)", r"\1", iso))
        except ValueError:
            return None
    for form in _FORMS:
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        return found
    return None


def in_zone(text: str | None, zone: tzinfo) -> datetime | None:
    """A kept time with its meaning: what has no offset is the zone's; None stays None."""
    if not text:
        return None
    found = parse_time(text)
    if found is None:
        return None
    return found.replace(tzinfo=zone) if found.tzinfo is None else found


def zone_named(name: str) -> tzinfo:
    """A time zone by its name in the IANA list: "Europe/Vienna", "UTC".

    Raises:
        CourseError: if there is none of that name.
    """
    from zoneinfo import ZoneInfo

    if name == "UTC":  # known without a list of zones, which Windows lacks
        return UTC
    try:
        return ZoneInfo(name)
    except Exception as error:  # ValueError, KeyError, IsADirectoryError, by the name's form
        raise CourseError(
            f"There is no time zone {name!r}: write one like Europe/Vienna, America/New_York "
            "or UTC."
        ) from error
