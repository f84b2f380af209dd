"""Late rules: the file, the clock, and what is left of the points."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aigc_edu.errors import CourseError
from aigc_edu.grading.intake.times import parse_time
from aigc_edu.grading.results.late_rules import LateRules, Step, read_late_rules

FILE = """
time_zone: Europe/Vienna
deadline: 2026-10-02 23:59
grace: 15 min
late:
  - {within: 24 h, cap: 80%}
  - {within: 3 days, minus: 30%}
extensions:
  s01: 2026-10-05 12:00
  s02: 2 days
  007: 1 h
excused: [s03]
counts: last in time
missing: zero
"""


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(FILE)
    return read_late_rules(path)


def read(tmp_path, text, students=None):
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    return read_late_rules(path, students)


def test_the_whole_file(rules):
    vienna = ZoneInfo("Europe/Vienna")
    assert rules.deadline == datetime(2026, 10, 2, 23, 59, tzinfo=vienna)
    assert rules.grace == timedelta(minutes=15)
    assert rules.late == (Step(timedelta(hours=24), cap=0.8), Step(timedelta(days=3), minus=0.3))
    assert rules.deadline_of("s01") == datetime(2026, 10, 5, 12, tzinfo=vienna)
    assert rules.deadline_of("s02") == datetime(2026, 10, 4, 21, 59, tzinfo=UTC)
    assert rules.deadline_of("007") == datetime(2026, 10, 2, 22, 59, tzinfo=UTC)
    assert rules.excused == {"s03"}
    assert (rules.counts, rules.missing) == ("last in time", "zero")


def test_an_empty_file_asks_for_nothing(tmp_path):
    assert read(tmp_path, "# nothing\n") == LateRules()
    assert LateRules().lateness("s01", None, True).state == "in time"


@pytest.mark.parametrize(
    ("submitted", "state", "left"),
    [
        ("2026-10-02T23:59:00", "in time", 10),
        ("2026-10-03T00:14:00", "in time", 10),
        ("2026-10-03T00:15:00", "late", 8),
        ("2026-10-02T22:20:00+00:00", "late", 8),
        ("2026-10-02T22:10:00Z", "in time", 10),
        ("2026-10-03T23:59:00", "late", 8),
        ("2026-10-03T23:59:01", "late", 7),
        ("2026-10-06T00:00:00", "late", 0),
    ],
)
def test_how_late_and_what_is_left(rules, submitted, state, left):
    found = rules.lateness("x", submitted, None)
    assert found.state == state
    assert found.points(10, 10) == pytest.approx(left)
    assert bool(found.sentence()) == (state == "late")


def test_a_cap_takes_nothing_from_who_is_below_it(rules):
    late = rules.lateness("x", "2026-10-03T12:00:00", None)
    assert late.points(5, 10) == 5
    assert "at most 80 %" in late.sentence()
    later = rules.lateness("x", "2026-10-04T12:00:00", None)
    assert later.points(2, 10) == 0
    assert "30 % of all points" in later.sentence()
    assert "1 day and 12 hours after" in later.sentence()


def test_extensions_move_the_deadline(rules):
    assert rules.lateness("s01", "2026-10-05T12:10:00", None).state == "in time"
    assert rules.lateness("s01", "2026-10-05T12:16:00", None).points(10, 10) == 8
    assert rules.lateness("s02", "2026-10-04T23:59:00", None).state == "in time"


def test_the_hour_that_occurs_twice(tmp_path):
    """In Vienna clocks go back from 3:00 to 2:00 on 25 October 2026."""
    rules = read(tmp_path, "time_zone: Europe/Vienna\ndeadline: 2026-10-25 02:30\n")
    assert rules.lateness("x", "2026-10-25T01:20:00Z", None).state == "in time"
    assert rules.lateness("x", "2026-10-25T01:31:00Z", None).state == "late"
    night = read(
        tmp_path,
        "time_zone: Europe/Vienna\ndeadline: 2026-10-24 12:00\nextensions: {s: 1 day}\n",
    )
    assert night.deadline_of("s") == datetime(2026, 10, 25, 11, tzinfo=ZoneInfo("Europe/Vienna"))
    gap = night.lateness("x", "2026-10-25T12:00:00", None)
    assert gap.by == timedelta(hours=25)


def test_a_date_alone_means_the_end_of_that_day(tmp_path):
    rules = read(tmp_path, "time_zone: Asia/Shanghai\ndeadline: 2026-10-02\n")
    assert rules.lateness("x", "2026-10-02T23:59:59", None).state == "in time"
    assert rules.lateness("x", "2026-10-02T16:00:01Z", None).state == "late"


@pytest.mark.parametrize(
    ("marked", "state"), [(True, "unknown"), (False, "in time"), (None, "unknown")]
)
def test_a_time_that_is_not_known_costs_nothing(rules, marked, state):
    found = rules.lateness("x", None, marked)
    assert found.state == state
    assert found.points(10, 10) == 10


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("deadline: tomorrow", "deadline"),
        ("deadline: 03/04/2026 10:00", "deadline"),
        ("dead_line: 2026-10-02", "no such line"),
        ("time_zone: Mars/Base", "no time zone"),
        ("time_zone: ../../etc/passwd", "no time zone"),
        ("grace: 15", "15 min"),
        ("late: 80%", "late"),
        ("late: [{within: 1 h}]", "either cap or minus"),
        ("late: [{within: 1 h, cap: 80%, minus: 10%}]", "either cap or minus"),
        ("late: [{within: 1 h, cap: 80}]", "share"),
        ("late: [{within: 1 h, cap: 180%}]", "share"),
        ("late: [{within: 2 h, cap: 80%}, {within: 1 h, cap: 50%}]", "longer"),
        ("extensions: {s01: soon}", "s01"),
        ("extensions: {s01: 2 days}", "needs a deadline"),
        ("extensions: {s99: 2026-10-02}", "not in the roster"),
        ("excused: [s99]", "not in the roster"),
        ("excused: s01", "a list"),
        ("counts: second", "one of last"),
        ("missing: maybe", "blank or zero"),
        ("a: [", "no YAML"),
        ("- a\n- b", "lines like"),
        ("deadline: 2026-10-02\ndeadline: 2026-10-03", "twice"),
        ("a: &x 1\nb: *x", "anchors"),
        ("deadline: !!python/object/apply:os.system [echo]", "no YAML"),
        ("[" * 3000, "rules"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(tmp_path, text, sentence):
    with pytest.raises(CourseError, match=sentence) as caught:
        read(tmp_path, text, {"s01": None})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Friday, 2 October 2026, 11:58 PM", "2026-10-02T23:58:00"),
        ("Friday, 2 October 2026, 11:58\u202fPM", "2026-10-02T23:58:00"),
        ("2 October 2026, 23:58", "2026-10-02T23:58:00"),
        ("2026-10-02 23:58:09 UTC", "2026-10-02T23:58:09+00:00"),
        ("2026-10-02T23:58:09Z", "2026-10-02T23:58:09+00:00"),
        ("2026-10-02 23:58 +0200", "2026-10-02T23:58:00+02:00"),
        ("02.10.2026 23:58", "2026-10-02T23:58:00"),
        ("-", None),
        ("", None),
        ("10/02/2026 23:58", None),
        ("2026-13-45 99:99", None),
    ],
)
def test_times_as_platforms_write_them(text, expected):
    found = parse_time(text)
    assert (found and found.isoformat()) == expected
