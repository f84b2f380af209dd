"""Late rules and which attempt counts: a small YAML file of the lecturer's.

All of it, with what each line means::

    time_zone: Europe/Vienna        # what a time without an offset means, here and on the platform
    deadline: 2026-10-02 23:59      # a date alone means until the end of that day
    grace: 15 min                   # as late as this is not late
    late:                           # how late (after the deadline or the extension), what then
      - {within: 24 h, cap: 80%}    # at most this share of all points
      - {within: 3 days, minus: 30%}  # or: this share of all points less
    extensions:                     # a student's own deadline: a time, or as much longer
      s01: 2026-10-05 12:00
      s02: 2 days
    excused: [s03]                  # neither missing nor zero
    counts: last                    # last, first, best, or last in time
    missing: blank                  # blank, or zero

Later than the last line of ``late`` there are no points. Without ``late`` a late attempt is
only marked as late. Without a deadline nothing is late. Everything has the value shown where
it is left out (``time_zone: UTC``, ``grace: 0 min``, no extensions).

A time that the platform does not give is never guessed at: such an attempt loses nothing, and
the report lists it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, Literal

from aigc_edu.errors import CourseError
from aigc_edu.grading.intake.times import in_zone, parse_time, zone_named

Counts = Literal["last", "first", "best", "last in time"]
COUNTS = ("last", "first", "best", "last in time")
_UNITS = {
    "s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "m": 60, "h": 3600, "hour": 3600,
    "d": 86400, "day": 86400, "week": 604800,
}  # fmt: skip
_KEYS = {
    "time_zone", "deadline", "grace", "late", "extensions", "excused", "counts", "missing",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """What becomes of an attempt that is late by at most ``within``: one of the two is given.

    Attributes:
        within: time after the deadline.
        cap: at most this share of all points, 0 to 1.
        minus: this share of all points less, 0 to 1.
    """

    within: timedelta
    cap: float | None = None
    minus: float | None = None

    def apply(self, points: float, of: float) -> float:
        """The points that are left."""
        if self.cap is not None:
            return min(points, self.cap * of)
        return max(0.0, points - (self.minus or 0.0) * of)


@dataclass(frozen=True)
class Lateness:
    """How an attempt stands to its deadline.

    Attributes:
        state: "in time", "late", or "unknown" where the platform gives no time.
        by: how late, beyond the deadline (not beyond the grace); zero if not late.
        step: what applies; None where nothing is taken away.
        too_late: later than every step: no points.
    """

    state: Literal["in time", "late", "unknown"]
    by: timedelta = timedelta()
    step: Step | None = None
    too_late: bool = False

    def points(self, points: float, of: float) -> float:
        """What is left of ``points`` out of ``of``."""
        if self.too_late:
            return 0.0
        return points if self.step is None else self.step.apply(points, of)

    def sentence(self) -> str:
        """What a student reads; "" where there is nothing to say."""
        if self.state != "late":
            return ""
        how = f"Handed in {_spoken(self.by)} after the deadline"
        if self.too_late:
            return f"{how}, which is too late for points."
        if self.step is None:
            return f"{how}."
        if self.step.cap is not None:
            return f"{how}: at most {100 * self.step.cap:g} % of the points count."
        return f"{how}: {100 * (self.step.minus or 0):g} % of all points are taken off."


@dataclass(frozen=True)
class LateRules:
    """The late rules of one assignment; see the module for the file."""

    zone: tzinfo = UTC
    deadline: datetime | None = None
    grace: timedelta = timedelta()
    late: tuple[Step, ...] = ()
    extensions: Mapping[str, datetime | timedelta] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    counts: Counts = "last"
    missing: Literal["blank", "zero"] = "blank"

    def deadline_of(self, student: str) -> datetime | None:
        """A student's own deadline, with the extension; None if there is none."""
        own = self.extensions.get(student)
        if isinstance(own, datetime):
            return own
        if own is not None and self.deadline is not None:
            # In UTC: two days are 48 hours, also where clocks are changed in between.
            return self.deadline.astimezone(UTC) + own
        return self.deadline

    def lateness(self, student: str, submitted: str | None, marked: bool | None) -> Lateness:
        """How an attempt stands to its student's deadline.

        Args:
            student: the id in the roster.
            submitted: the time that the platform gives, or None.
            marked: whether the platform itself marked it as late; used only where there is
                no time, and then nothing is taken away.
        """
        deadline = self.deadline_of(student)
        if deadline is None:
            return Lateness("in time")
        when = in_zone(submitted, self.zone)
        if when is None:
            # The platform's own "not late" can be relied on; "late" says nothing of how late.
            return Lateness("in time" if marked is False else "unknown")
        by = when.astimezone(UTC) - deadline.astimezone(UTC)
        if by <= self.grace:
            return Lateness("in time")
        for step in self.late:
            if by <= step.within:
                return Lateness("late", by, step)
        return Lateness("late", by, None, too_late=bool(self.late))


NO_RULES = LateRules()
"""Nothing is late, the last attempt counts, who handed in nothing has no mark."""


def read_late_rules(path: Path, students: Mapping[str, Any] | None = None) -> LateRules:
    """Read the YAML file.

    Args:
        path: the file.
        students: the roster's students by id; who is not among them cannot have an extension.

    Raises:
        CourseError: if it cannot be read, holds a line that is not known, or a value that
            makes no sense; the sentence names the line.
    """
    import yaml  # type: ignore[import-untyped]

    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = yaml.load(text, Loader=_loader())
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"The late rules {path} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise CourseError(f"The late rules {path} are no YAML ({reason}).") from error
    except RecursionError as error:
        raise CourseError(f"The late rules {path} are nested too deeply.") from error
    if lines is None:
        lines = {}
    if not isinstance(lines, dict):
        raise CourseError(f"The late rules {path} are lines like 'deadline: 2026-10-02 23:59'.")

    def wrong(line: str, what: str) -> CourseError:
        return CourseError(f"The late rules {path}: {line}: {what}.")

    if unknown := sorted(str(name) for name in set(lines) - _KEYS):
        raise wrong(unknown[0], f"there is no such line; there are {', '.join(sorted(_KEYS))}")
    zone = zone_named(str(lines.get("time_zone") or "UTC"))
    deadline = None
    if lines.get("deadline") is not None:
        deadline = _moment(lines["deadline"], zone)
        if deadline is None:
            raise wrong("deadline", "write it like 2026-10-02 23:59")
    grace = timedelta()
    if lines.get("grace") is not None:
        length = _length(lines["grace"])
        if length is None:
            raise wrong("grace", "write it like 15 min")
        grace = length
    steps = _steps(lines.get("late"), wrong)
    extensions: dict[str, datetime | timedelta] = {}
    longer = lines.get("extensions") or {}
    if not isinstance(longer, dict):
        raise wrong("extensions", "lines like 's01: 2 days'")
    for name, value in longer.items():
        student = _student(name, students, "extensions", wrong)
        length, moment = _length(value), _moment(value, zone)
        if length is None and moment is None:
            raise wrong(f"extensions, {student}", "a time, or a length like 2 days")
        if moment is None and deadline is None:
            raise wrong(f"extensions, {student}", "a length needs a deadline to add it to")
        extensions[student] = moment if moment is not None else (length or timedelta())
    excused = lines.get("excused") or []
    if not isinstance(excused, list):
        raise wrong("excused", "a list like [s03, s07]")
    counts = str(lines.get("counts") or "last")
    if counts not in COUNTS:
        raise wrong("counts", f"one of {', '.join(COUNTS)}")
    missing = str(lines.get("missing") or "blank")
    if missing not in ("blank", "zero"):
        raise wrong("missing", "blank or zero")
    return LateRules(
        zone,
        deadline,
        grace,
        steps,
        extensions,
        frozenset(_student(name, students, "excused", wrong) for name in excused),
        counts,  # type: ignore[arg-type]
        missing,  # type: ignore[arg-type]
    )


def _loader() -> Any:
    """YAML's safe loader, which keeps a student's id as it is written.

    Plain YAML reads 007 as 7, 1e3 as a number and ``no`` as False; here all values are text,
    and what they mean is decided where they are used.
    """
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            names = [self.construct_object(key, deep=True) for key, _ in node.value]
            for name in names:
                if not isinstance(name, str):
                    raise yaml.constructor.ConstructorError(
                        None, None, "a name is a plain word", node.start_mark
                    )
                if names.count(name) > 1:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"{name!r} is given twice", node.start_mark
                    )
            return dict(super().construct_mapping(node, deep))

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.events.AliasEvent):
                raise yaml.composer.ComposerError(
                    None, None, "no anchors and aliases, please", self.peek_event().start_mark
                )
            return super().compose_node(parent, index)

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in tags if tag == "tag:yaml.org,2002:null"]
        for first, tags in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _student(name: Any, students: Mapping[str, Any] | None, line: str, wrong: Any) -> str:
    text = str(name).strip()
    if students is not None and text not in students:
        raise wrong(line, f"{text!r} is not in the roster")
    return text


def _steps(lines: Any, wrong: Any) -> tuple[Step, ...]:
    if lines is None:
        return ()
    if not isinstance(lines, list):
        raise wrong("late", "a list of lines like '- {within: 24 h, cap: 80%}'")
    steps: list[Step] = []
    for number, item in enumerate(lines, start=1):
        line = f"late, line {number}"
        if not isinstance(item, dict) or set(item) - {"within", "cap", "minus"}:
            raise wrong(line, "a line is like {within: 24 h, cap: 80%} or {..., minus: 10%}")
        within = _length(item.get("within"))
        if within is None:
            raise wrong(line, "within is a length like 24 h or 3 days")
        if steps and within <= steps[-1].within:
            raise wrong(line, "each line is longer than the one above it")
        if ("cap" in item) == ("minus" in item):
            raise wrong(line, "give either cap or minus")
        share = _share(item.get("cap", item.get("minus")))
        if share is None:
            raise wrong(line, "a share is like 80% and between 0% and 100%")
        steps.append(Step(within, cap=share) if "cap" in item else Step(within, minus=share))
    return tuple(steps)


def _moment(value: Any, zone: tzinfo) -> datetime | None:
    """A time of the file; a date alone is the end of that day."""
    text = str(value).strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        try:
            day = date.fromisoformat(text) + timedelta(days=1)
        except (ValueError, OverflowError):
            return None
        return datetime.combine(day, time(), zone)
    moment = parse_time(text)
    if moment is None:
        return None
    # Where clocks are set back an hour occurs twice: the later one, in the student's favor.
    return moment.replace(tzinfo=zone, fold=1) if moment.tzinfo is None else moment


def _length(value: Any) -> timedelta | None:
    """A length of time: "15 min", "24 h", "1.5 days"; None if it is none.

    >>> _length("2 days") == timedelta(days=2), _length("15")
    (True, None)
    """
    match = re.fullmatch(r"\s*(\d{1,4}(?:\.\d{1,3})?)\s*([a-z]+?)s?\s*", str(value or ""), re.I)
    if not match or match[2].lower() not in _UNITS:
        return None
    return timedelta(seconds=float(match[1]) * _UNITS[match[2].lower()])


def _share(value: Any) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,3}(?:\.\d+)?)\s*%\s*", str(value))
    share = float(match[1]) / 100 if match else None
    return share if share is not None and share <= 1 else None


def _spoken(length: timedelta) -> str:
    minutes = max(1, round(length.total_seconds() / 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (0 if days else minutes, "minute")]
    return " and ".join(f"{n} {word}{'s' if n > 1 else ''}" for n, word in parts if n)
