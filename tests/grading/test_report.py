"""``aigc-edu report`` and ``forget``: what people and platforms get, and what they do not."""

import csv
import html.parser
import io
import json
import os
import re
import shutil
import stat
import zipfile
from dataclasses import fields

import pytest
from click.testing import CliRunner

from aigc_edu.commands import forget as forget_command
from aigc_edu.commands import report as report_command
from aigc_edu.errors import CourseError
from aigc_edu.grading.forget import forget
from aigc_edu.grading.intake.collection import read_collection
from aigc_edu.grading.intake.csv_tables import read_table, safe_cell
from aigc_edu.grading.judge.folder import GradingFolder, Run
from aigc_edu.grading.judge.manifest import Manifest
from aigc_edu.grading.results import pages, report
from aigc_edu.grading.results.exports import upload_name
from aigc_edu.grading.results.gradebooks import FillOptions
from aigc_edu.grading.results.late_rules import read_late_rules
from aigc_edu.grading.results.marks import rounded
from aigc_edu.grading.results.report import ReportOptions
from aigc_edu.grading.results.totals import put_together
from tests.grading import world as worlds
from tests.grading.world import FORMULA, SCRIPT, SIGMA, half, hostile, right


@pytest.fixture
def world(tmp_path):
    """s01 right, s02 half, s03 missing, s04 hostile, s05 twice."""
    made = worlds.make(tmp_path, {"s01": 1, "s02": 1, "s03": 0, "s04": 1, "s05": 2})
    made.grade("s01", right())
    made.grade("s02", half())
    made.grade("s04", hostile())
    made.grade("s05", half(), attempt=1)
    made.grade("s05", right(), attempt=2)
    return made


def marks_of(world, **more):
    return put_together(world.graded, "4", read_collection(world.collected), world.roster, **more)


def by_student(world, **more):
    return {row.student.id: row for row in marks_of(world, **more).rows}


def make(world, **more):
    names = {field.name for field in fields(FillOptions)}
    filling = FillOptions(**{name: more.pop(name) for name in names & set(more)})
    return report.make(
        ReportOptions(
            world.graded,
            "4",
            world.out,
            world.collected,
            world.roster_file,
            filling=filling,
            **more,
        )
    )


def rows_of(path):
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def rules(world, text):
    path = world.base / "rules.yaml"
    path.write_text(text)
    return path


# -------------------------------------------------------------------------------- marks


def test_marks_by_question(world):
    make(world)
    rows = {row["student"]: row for row in rows_of(world.out / "marks.csv")}
    assert list(rows) == ["s01", "s02", "s03", "s04", "s05"]
    assert (rows["s01"]["4.2"], rows["s01"]["4.6"], rows["s01"]["4.8"]) == ("3", "2", "")
    assert (rows["s01"]["points"], rows["s01"]["of"]) == ("5", "10")
    assert rows["s01"]["waits for"] == "4.8"
    assert (rows["s02"]["points"], rows["s02"]["percent"]) == ("2", "20")
    assert rows["s05"]["attempt"] == "2"


def test_missing_is_not_zero(world):
    rows = by_student(world)
    assert rows["s03"].status == "missing"
    assert rows["s03"].final is None
    make(world)
    (line,) = [row for row in rows_of(world.out / "marks.csv") if row["student"] == "s03"]
    assert line["points"] == line["after late rules"] == line["percent"] == ""
    zero = read_late_rules(rules(world, "missing: zero"))
    assert by_student(world, rules=zero)["s03"].final == 0
    excused = read_late_rules(rules(world, "missing: zero\nexcused: [s03]"))
    assert by_student(world, rules=excused)["s03"].status == "excused"
    assert by_student(world, rules=excused)["s03"].final is None


def test_what_is_not_graded_is_said_and_is_no_zero(world, tmp_path):
    more = worlds.make(tmp_path / "x", {"a": 1, "b": 1}) if (tmp_path / "x").mkdir() is None else 0
    more.grade("a", right())
    marks = marks_of(more)
    assert [row.status for row in marks.rows] == ["graded", "not graded yet"]
    assert marks.rows[1].final is None
    assert any("Not graded yet" in sentence and "b" in sentence for sentence in marks.needs)
    more.ledger.append(
        worlds.MarkLine("b", 1, "another file", "04", "s", "s", "graded", "", right())
    )
    assert by_student(more)["b"].status == "not graded yet", "a mark of another file is no mark"


def test_a_regrade_counts_and_a_void_question(world):
    world.grade("s02", (worlds.mark("4.6", "right", 2.0),), reason="the tolerance was too small")
    assert by_student(world)["s02"].raw == 4
    world.void("4.6", "full")
    rows = by_student(world)
    assert rows["s04"].cells["4.6"].points == 2
    assert rows["s04"].cells["4.6"].status == "full points for all"
    world.void("4.6", "drop")
    marks = marks_of(world)
    assert marks.dropped == {"4.6": "it was ambiguous"}
    assert marks.of == 8
    assert [row.of for row in marks.rows] == [8] * 5


@pytest.mark.parametrize(
    ("counts", "attempt", "points"),
    [("last", 2, 5), ("first", 1, 2), ("best", 2, 5), ("last in time", 1, 2)],
)
def test_which_attempt_counts(world, counts, attempt, points):
    collection = world.collected / "collection.json"
    kept = json.loads(collection.read_text())
    for item in kept["submissions"]:
        if item["student"] == "s05":
            item["submitted"] = f"2026-10-0{item['attempt']}T12:00:00"
    collection.write_text(json.dumps(kept))
    file = rules(world, f"deadline: 2026-10-01 23:59\ncounts: {counts}\n")
    row = by_student(world, rules=read_late_rules(file))["s05"]
    assert (row.submission.attempt, row.raw) == (attempt, points)


def test_best_is_after_the_late_rules(world):
    collection = world.collected / "collection.json"
    kept = json.loads(collection.read_text())
    for item in kept["submissions"]:
        item["submitted"] = f"2026-10-0{item['attempt']}T12:00:00"
    collection.write_text(json.dumps(kept))
    file = rules(
        world,
        "deadline: 2026-10-01 23:59\ncounts: best\nlate: [{within: 2 days, cap: 10%}]\n",
    )
    row = by_student(world, rules=read_late_rules(file))["s05"]
    assert (row.submission.attempt, row.raw, row.final) == (1, 2, 2)
    last = read_late_rules(rules(world, file.read_text().replace("best", "last")))
    row = by_student(world, rules=last)["s05"]
    assert (row.raw, row.final) == (5, 1)
    assert "at most 10 %" in row.late.sentence()


def test_a_time_that_is_not_known_is_listed_and_costs_nothing(world):
    late = read_late_rules(rules(world, "deadline: 2026-10-01\nlate: [{within: 1 h, cap: 10%}]\n"))
    marks = marks_of(world, rules=late)
    assert all(row.final == row.raw for row in marks.rows)
    assert any("does not say when" in sentence for sentence in marks.needs)


# ------------------------------------------------------------------------ marks by hand


def test_the_sheet_is_made_filled_in_and_only_added_to(world):
    said = make(world)
    sheet = world.out / "manual.csv"
    assert any("3 answers to be marked" in line for line in said)
    assert [(r["student"], r["exercise"], r["of"], r["points"]) for r in rows_of(sheet)] == [
        ("s01", "4.8", "5", ""),
        ("s04", "4.8", "5", ""),
        ("s05", "4.8", "5", ""),
    ]
    text = sheet.read_text(encoding="utf-8-sig").splitlines()
    # As a spreadsheet of another country saves it, with a remark of one's own.
    filled = [text[0].replace(",", ";") + ";mine"]
    filled.append("s01;1;4.8;5;4,5;Well said;x;=my own note")
    filled.append("s05;2;4.8;5;;;;")
    sheet.write_text("\n".join(filled) + "\n", encoding="utf-8")
    make(world)
    rows = {row["student"]: row for row in rows_of(world.out / "marks.csv")}
    assert (rows["s01"]["4.8"], rows["s01"]["points"], rows["s01"]["waits for"]) == (
        "4.5",
        "9.5",
        "",
    )
    after = sheet.read_text(encoding="utf-8")
    assert after.startswith("\n".join(filled) + "\n"), "what was there is as it was"
    assert after.count("\n") == 4
    assert "s04;1;4.8;5;" in after
    make(world)
    assert sheet.read_text(encoding="utf-8") == after
    assert "Well said" in (world.out / "feedback" / "s01.html").read_text()


def test_a_mark_by_hand_outlives_a_regrade_and_counts_for_its_attempt(world):
    sheet = world.base / "mine.csv"
    sheet.write_text("student,exercise,points,attempt\nlogin5,4.8,5,1\ns02,4.6,1.5,\n102,4.8,1,\n")
    rows = by_student(world, by_hand=sheet)
    assert rows["s05"].waiting == ("4.8",), "attempt 2 has another text"
    assert (rows["s02"].cells["4.6"].points, rows["s02"].cells["4.6"].status) == (
        1.5,
        "marked by hand",
    )
    assert rows["s02"].raw == 2 + 1.5 + 1
    world.grade("s02", half(), reason="everybody again")
    assert by_student(world, by_hand=sheet)["s02"].raw == 4.5


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("s99,4.8,1", "not in the roster"),
        ("s01,4.9,1", "names the question"),
        ("s01,4.8,6", "0 to 5"),
        ("s01,4.8,-1", "0 to 5"),
        ("s01,4.8,nan", "0 to 5"),
        ("s01,4.8,good", "0 to 5"),
        ("s01,4.8,1\ns01,4.8,2", "second time"),
    ],
)
def test_a_mark_by_hand_that_makes_no_sense(world, row, sentence):
    sheet = world.base / "mine.csv"
    sheet.write_text(f"student,exercise,points\n{row}\n")
    with pytest.raises(CourseError, match=sentence):
        marks_of(world, by_hand=sheet)


# ------------------------------------------------------------------------------ escaping


class Strict(html.parser.HTMLParser):
    """Every element and attribute of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "rect", "line", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("rect", "line"):
            assert self.open.pop() == tag


OURS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "span",
    "strong", "article", "ul", "li", "pre", "code", "table", "tr", "th", "td", "svg", "rect",
    "line", "text",
}  # fmt: skip


def test_nothing_of_a_submission_acts_in_html(world):
    make(world)
    text = (world.out / "feedback" / "s04.html").read_text()
    page = Strict(text)
    assert page.open == []
    assert set(page.tags) <= OURS
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [value for name, value in page.attributes if name in ("href", "src")]
    assert "&lt;script&gt;" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text


def test_a_name_in_the_roster_does_not_act_either(tmp_path):
    world = worlds.make(tmp_path, {"s01": 1}, rows='s02,"<b onload=x>&",l9,e9,900,m9\n')
    world.grade("s01", right())
    make(world)
    page = Strict((world.out / "feedback" / "s02.html").read_text())
    assert set(page.tags) <= OURS


def test_the_class_page_is_escaped(tmp_path):
    world = worlds.make(tmp_path, {f"s{n}": 1 for n in range(10, 22)})
    for student in world.students:
        world.grade(student, hostile())
    world.void("4.8", "drop", SCRIPT)
    make(world)
    text = (world.out / "class.html").read_text()
    page = Strict(text)
    assert page.open == []
    assert set(page.tags) <= OURS
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\n=1",
        "＝1",
        FORMULA,
        "=cmd|' /C x'!A0",
    ],
)
def test_formulas_are_text(text):
    assert str(safe_cell(text)).startswith("'")


def test_formulas_from_submissions_and_rosters_are_text_in_every_csv(tmp_path):
    world = worlds.make(tmp_path, {"s01": 1}, rows="s02,=1+1,@x,+e,900,-m\n")
    marks = list(right())
    marks[2] = worlds.mark("4.8", "by hand", 0.0, message=FORMULA)
    world.grade("s01", marks, status="another lesson", note=FORMULA)
    make(world)
    for path in world.out.glob("*.csv"):
        for row in rows_of(path):
            for cell in row.values():
                assert not re.match(r"\s*[=+@\t\r]|\s*-(?!\d)", cell or ""), (path, cell)
    assert "'=HYPERLINK" in (world.out / "manual.csv").read_text(encoding="utf-8-sig")


def test_gradescope_is_plain_text(world):
    make(world, gradescope=True)
    base = world.out / "gradescope"
    assert sorted(path.name for path in base.iterdir()) == ["s01", "s02", "s04", "s05"]
    results = json.loads((base / "s02" / "results.json").read_text())
    assert results["score"] == 2
    assert [test["score"] for test in results["tests"]] == [2, 0, 0]
    assert [test["max_score"] for test in results["tests"]] == [3, 2, 5]
    assert [test["status"] for test in results["tests"]] == ["failed"] * 3
    assert {test["output_format"] for test in results["tests"]} == {"text"}
    assert SIGMA in results["tests"][0]["output"]
    text = (base / "s04" / "results.json").read_text()
    assert text.isascii()
    assert "\\u001b" not in text
    passed = json.loads((base / "s01" / "results.json").read_text())
    assert [test["status"] for test in passed["tests"]] == ["passed", "passed", "failed"]
    assert "Still to be marked by a person: 4.8" in passed["output"]


# ----------------------------------------------------------------------------- feedback


def test_feedback_says_what_counts_and_shows_no_secret(world):
    make(world)
    text = (world.out / "feedback" / "s02.html").read_text()
    assert "2 of 10 points" in text
    assert text.count(SIGMA) == 1
    assert "float64: wrong" in re.sub("<[^>]+>", "", text)
    assert "(33 %)" in text
    assert "Nothing was handed in" in (world.out / "feedback" / "s03.html").read_text()
    for path in (world.out / "feedback").iterdir():
        assert "seed" not in path.read_text()
        others = {"s01", "s02", "s03", "s04", "s05"} - {path.stem}
        assert not any(name in path.read_text() for name in others)


def test_two_attempts_are_said(world):
    make(world)
    text = (world.out / "feedback" / "s05.html").read_text()
    assert "You handed in 2 times; attempt 2 counts." in text


@pytest.mark.parametrize(
    ("original", "name"),
    [
        ("x_101_102_9001_my.ipynb", "x_101_102_feedback.html"),
        ("LATE_anon_aB3dE_9001_my.ipynb", "LATE_anon_aB3dE_9001_feedback.html"),
        (
            "G 1-Bo Li_7002_assignsubmission_file_a.ipynb",
            "G 1-Bo Li_7002_assignsubmission_file_feedback.html",
        ),
        ("libo_102_9001_work.zip/a.ipynb", "libo_102_9001_feedback.html"),
        ("s01/1/04_vae.ipynb", None),
        ("a\\x1b_101_9001_a.ipynb", None),
        ("04_vae.ipynb", None),
    ],
)
def test_the_name_under_which_a_platform_takes_feedback(original, name):
    found = upload_name(original)
    assert (found and found[1]) == name


def test_feedback_goes_back_the_way_it_came(world):
    collection = world.collected / "collection.json"
    kept = json.loads(collection.read_text())
    for number, item in enumerate(kept["submissions"]):
        item["original"] = f"name_10{number}_900{number}_04.ipynb"
        item["assigned"] = number == 2
    collection.write_text(json.dumps(kept))
    make(world)
    with zipfile.ZipFile(world.out / "feedback-for-canvas.zip") as archive:
        assert archive.namelist() == [
            "name_100_9000_feedback.html",
            "name_101_9001_feedback.html",
            "name_104_9004_feedback.html",
        ]
        page = archive.read("name_101_9001_feedback.html")
    assert page == (world.out / "feedback" / "s02.html").read_bytes()
    forget("s02", [world.out])
    assert not (world.out / "feedback-for-canvas.zip").exists()
    world.out = world.base / "pseudonyms"
    make(world, pseudonyms=True)
    assert not list(world.out.glob("*.zip"))


def test_pages_load_nothing(world):
    make(world)
    for path in world.out.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<(script|link|img|iframe|a|base|form)\b|url\(|@import", text)
        assert "default-src 'none'" in text


# ---------------------------------------------------------------------------- the class


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([20, 3, 12, 7], [20, None, 12, None]),
        ([20, 3, 2, 7], [20, None, None, 7]),
        ([20, 9], [20, 9]),
        ([4, 4], [None, None]),
        ([30, 0], [None, None]),
        ([3], [None]),
    ],
)
def test_small_counts_are_hidden_and_cannot_be_reckoned_back(counts, shown):
    assert pages.hidden(counts) == shown


def test_hidden_counts_cannot_be_found_from_the_sum():
    for total in range(1, 60):
        for first in range(total + 1):
            for second in range(total + 1 - first):
                counts = [first, second, total - first - second]
                shown = pages.hidden(counts)
                assert all(n is None or n >= pages.SMALLEST for n in shown)
                assert shown.count(None) != 1


def test_the_class_page(tmp_path):
    students = {f"s{n:02d}": 1 for n in range(1, 31)}
    world = worlds.make(tmp_path, students)
    for number, student in enumerate(students):
        world.grade(student, half() if number < 8 else right())
    rare = list(right())
    rare[0] = worlds.mark("4.2", "wrong", 0.0, mistake="A rare one.", message="A rare one.")
    for student in list(students)[10:14]:
        world.grade(student, rare)
    make(world)
    text = (world.out / "class.html").read_text()
    assert f'<td>{SIGMA}</td><td class="n">8</td>' in text
    assert "A rare one." not in text
    assert "Mistakes made by fewer than 5 students are left out." in text
    assert "waits for marks by hand" in text
    assert not re.search(r">[1-4]</t(d|ext)>", text)
    assert not any(student in text for student in students)
    assert "Student 1" not in text


def test_a_class_of_four_shows_nothing(tmp_path):
    world = worlds.make(tmp_path, {f"s{n}": 1 for n in range(4)})
    for student in world.students:
        world.grade(student, half())
    make(world)
    text = (world.out / "class.html").read_text()
    assert "Fewer than 5" in text
    assert SIGMA not in text


# --------------------------------------------------------------------------- gradebooks

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (55),Lab 4 (77),Current Score\r\n"
    ",,,,,,Manual Posting,\r\n"
    '"    Points Possible",,,,,5,20,(read only)\r\n'
    '"Student 1",101,,login1,"A, B",4,,80\r\n'
    '"Student 2",102,,login2,A,,,\r\n'
    '"Student 3",103,,login3,A,,,\r\n'
    '"=Student 4",104,,login4,A,,EX,\r\n'
    '"Student 5",105,,login5,A,,3,\r\n'
    '"Nobody",999,,other,A,,1,\r\n'
    '"Student, Test",998,,x,A,,,\r\n'
)


@pytest.fixture
def canvas(world):
    path = world.base / "canvas.csv"
    path.write_bytes(CANVAS.encode())
    return path


def manual(world):
    sheet = world.base / "mine.csv"
    sheet.write_text("student,exercise,points\ns01,4.8,4\ns04,4.8,0\ns05,4.8,5\n")
    return sheet


def test_canvas_is_filled_in_and_otherwise_untouched(world, canvas):
    said = make(world, canvas=canvas, column="Lab 4", manual=manual(world))
    before = list(csv.reader(io.StringIO(CANVAS.lstrip("\ufeff"), newline="")))
    raw = (world.out / "canvas.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    after = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [row[6] for row in after[3:]] == ["18", "4", "", "EX", "3", "1", ""]
    for old, new in zip(before, after, strict=True):
        assert old[:6] + old[7:] == new[:6] + new[7:]
    text = "\n".join(said)
    assert "Scaled from 10 to the 20 points" in text
    assert "another mark already, which was kept (see --overwrite): s05" in text
    assert "stays empty: s03" in text
    make(world, canvas=canvas, column="77", overwrite=True, manual=manual(world))
    after = list(csv.reader(io.StringIO((world.out / "canvas.csv").read_text("utf-8-sig"))))
    assert [row[6] for row in after[3:]] == ["18", "4", "", "EX", "20", "1", ""]


def test_provisional_sums_wait_unless_asked(world, canvas):
    said = make(world, canvas=canvas, column="Lab 4 (77)")
    assert any("Waits for a mark by hand" in line and "s01" in line for line in said)
    column = [
        r[6] for r in csv.reader((world.out / "canvas.csv").read_text("utf-8-sig").splitlines())
    ]
    assert column[3] == ""
    make(world, canvas=canvas, column="Lab 4 (77)", provisional=True)
    column = [
        r[6] for r in csv.reader((world.out / "canvas.csv").read_text("utf-8-sig").splitlines())
    ]
    assert column[3] == "10"


def test_excused_goes_to_canvas(world, canvas):
    file = rules(world, "excused: [s03]")
    make(world, canvas=canvas, column="Lab 4", rules=file)
    assert b"Student 3,103,,login3,A,,EX," in (world.out / "canvas.csv").read_bytes()


@pytest.mark.parametrize(
    ("column", "sentence"),
    [(None, "Which assignment"), ("Lab 5", "no column"), ("Current Score", "reckons")],
)
def test_a_column_that_cannot_be_told(world, canvas, column, sentence):
    with pytest.raises(CourseError, match=sentence):
        make(world, canvas=canvas, column=column)
    assert not world.out.exists(), "said before anything is written"


def test_a_gradebook_of_somebody_else(world, canvas):
    canvas.write_bytes(CANVAS.replace(",10", ",90").replace("login", "other").encode())
    with pytest.raises(CourseError, match="Nobody of the roster"):
        make(world, canvas=canvas, column="77")
    canvas.write_bytes(CANVAS.replace("105", "101").encode())
    with pytest.raises(CourseError, match="in two rows"):
        make(world, canvas=canvas, column="77")


def test_a_gradebook_with_decimal_commas(world, canvas):
    text = CANVAS.replace(",", ";").replace("A; B", "A, B").replace(";5;20;", ";5,00;7,50;")
    canvas.write_bytes(text.encode())
    make(world, canvas=canvas, column="77", manual=manual(world))
    rows = list(
        csv.reader((world.out / "canvas.csv").read_text("utf-8-sig").splitlines(), delimiter=";")
    )
    assert rows[3][6] == "6,75"


WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,"
    '"Grade can be changed","Last modified (submission)","Last modified (grade)"\n'
    "Participant 71,Student 1,m1,,Submitted,,10,Yes,-,-\n"
    "Participant 72,Student 2,,s02@x.example,Submitted,,10,Yes,-,-\n"
    "Participant 73,Student 3,m3,,No submission,,10,Yes,-,-\n"
    "Participant 74,Student 4,m4,,Submitted,,10,No,-,-\n"
    "Participant 75,Student 5,m5,,Submitted,1.00,10,Yes,-,-\n"
)


def test_moodles_worksheet(world):
    path = world.base / "worksheet.csv"
    path.write_text(WORKSHEET)
    said = make(world, moodle=path, manual=manual(world))
    assert [row["Grade"] for row in rows_of(world.out / "moodle.csv")] == ["9", "2", "", "", "1.00"]
    assert any("locked the mark: s04" in line for line in said)
    make(world, moodle=path, manual=manual(world), overwrite=True)
    assert [row["Grade"] for row in rows_of(world.out / "moodle.csv")] == ["9", "2", "", "", "10"]


def test_moodles_gradebook(world):
    path = world.base / "book.csv"
    path.write_text(
        '"First name",Surname,"ID number","Email address","Assignment: Lab 4 (Real)"\n'
        "Student,1,m1,,-\nStudent,2,,s02@x.example,-\n"
    )
    make(world, moodle=path, column="Assignment: Lab 4 (Real)", out_of=100, manual=manual(world))
    rows = rows_of(world.out / "moodle.csv")
    assert [row["Assignment: Lab 4 (Real)"] for row in rows] == ["90", "20"]
    with pytest.raises(CourseError, match="--column"):
        make(world, moodle=path)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "Student,Section\nx,y\n"])
def test_what_is_no_gradebook(world, text):
    path = world.base / "book.csv"
    path.write_text(text)
    with pytest.raises(CourseError, match="no gradebook"):
        make(world, canvas=path)
    with pytest.raises(CourseError, match="no file of Moodle"):
        make(world, moodle=path)


@pytest.mark.parametrize(
    ("points", "expected"),
    [(2.675, 2.68), (1 / 3, 0.33), (0.005, 0.01), (2.0, 2.0), (7 * 0.1 * 10 / 7, 1.0)],
)
def test_rounding(points, expected):
    assert rounded(points) == expected


# --------------------------------------------------------------------------- pseudonyms


def test_pseudonyms_show_nobody(world):
    collection = world.collected / "collection.json"
    kept = json.loads(collection.read_text())
    for item in kept["submissions"]:
        item["notes"] = [f"Student 1's folder login1 of {item['student']}."]
        item["submitted"] = "2026-10-01T12:34:56"
    collection.write_text(json.dumps(kept))
    said = make(world, pseudonyms=True)
    texts = [
        path.read_text(encoding="utf-8-sig") for path in world.out.rglob("*") if path.is_file()
    ]
    texts += [path.name for path in world.out.rglob("*")] + said
    for word in ("s01", "s05", "Student", "login", "m1", "101", "@x.", "12:34"):
        assert not any(word in text for text in texts), word
    rows = rows_of(world.out / "marks.csv")
    labels = [row["student"] for row in rows]
    assert all(re.fullmatch(r"P-[A-Z2-7]{8}", label) for label in labels)
    assert labels == sorted(labels)
    make(world, pseudonyms=True)
    assert [row["student"] for row in rows_of(world.out / "marks.csv")] == labels
    key = world.graded / "pseudonyms.key"
    assert os.name == "nt" or stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_marker_fills_in_the_sheet_by_pseudonym(world):
    make(world, pseudonyms=True)
    sheet = world.out / "manual.csv"
    rows = rows_of(sheet)
    assert len(rows) == 3
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    lines[1] = lines[1].replace(",5,,", ",5,4,", 1)
    sheet.write_text("\n".join(lines) + "\n")
    world.out = world.base / "with names"
    said = make(world, manual=sheet)
    marked = [row for row in rows_of(world.out / "marks.csv") if row["4.8"] == "4"]
    assert len(marked) == 1
    assert not any("to be marked by hand" in line for line in said), "the rows are there already"


def test_gradebooks_need_ids(world, canvas):
    with pytest.raises(CourseError, match="without --pseudonyms"):
        make(world, canvas=canvas, pseudonyms=True)


# --------------------------------------------------------------------- folders, command


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_everything_is_the_owners_alone(world):
    make(world, gradescope=True)
    for path in [world.out, *world.out.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_of_something_else_is_left_alone(world):
    world.out.mkdir()
    (world.out / "thesis.tex").write_text("mine")
    with pytest.raises(CourseError, match="holds no report"):
        make(world)
    assert [path.name for path in world.out.iterdir()] == ["thesis.tex"]
    world.out = world.base / "named"
    make(world)
    with pytest.raises(CourseError, match="not mixed"):
        make(world, pseudonyms=True)


def test_who_left_the_course_leaves_the_report(world):
    make(world)
    assert (world.out / "feedback" / "s02.html").exists()
    text = world.roster_file.read_text()
    world.roster_file.write_text("\n".join(x for x in text.split("\n") if not x.startswith("s02")))
    said = make(world)
    assert not (world.out / "feedback" / "s02.html").exists()
    assert any("not in the roster any more" in line and "s02" in line for line in said)


def test_what_was_graded_need_not_be_named_again(world):
    folder = GradingFolder(world.graded)
    folder.write_run(Run("04", str(world.collected), str(world.roster_file), "seed"))
    said = report.make(ReportOptions(world.graded, "4", world.out))
    assert said[0] == "4 graded, 1 missing, of 5 in the roster."
    shutil.copytree(world.collected, world.graded / "submissions-04")
    folder.write_run(Run("04", str(world.base / "gone"), str(world.roster_file), "seed"))
    said = report.make(ReportOptions(world.graded, "4", world.out))
    assert said[0] == "4 graded, 1 missing, of 5 in the roster."
    forget("s01", [world.graded])
    for path in (world.graded / "submissions-04").rglob("*"):
        assert "s01" not in path.name
        assert not path.is_file() or b"s01" not in path.read_bytes()
    folder.write_run(Run("04", str(world.collected), "", "seed"))
    with pytest.raises(CourseError, match="give one with --roster"):
        report.make(ReportOptions(world.graded, "4", world.out))


def test_the_command(world, canvas):
    arguments = [
        str(world.graded), "--lesson", "04", "--submissions", str(world.collected),
        "--roster", str(world.roster_file), "--out", str(world.out), "--canvas", str(canvas),
        "--column", "Lab 4", "--gradescope",
    ]  # fmt: skip
    ran = CliRunner().invoke(report_command.command, arguments)
    assert ran.exit_code == 0, ran.output
    assert "4 graded, 1 missing, of 5 in the roster." in ran.output
    ran = CliRunner().invoke(report_command.command, [*arguments[:2], "05", *arguments[3:]])
    assert isinstance(ran.exception, CourseError)


# ------------------------------------------------------------------------------- forget


def test_forgetting_leaves_no_trace(world, canvas):
    manual_sheet = world.out / "manual.csv"
    make(world, gradescope=True, canvas=canvas, column="Lab 4")
    (world.graded / "appeals").mkdir()
    (world.graded / "appeals" / "s01.html").write_text("s01")
    folders = [world.collected, world.graded, world.out]
    before = {
        path: path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "s02" in str(path)
    }
    ran = CliRunner().invoke(forget_command.command, ["s01", *map(str, folders)], input="n\n")
    assert ran.exit_code == 1
    assert "s01" in (world.graded / "ledger.jsonl").read_text()
    ran = CliRunner().invoke(forget_command.command, ["s01", *map(str, folders), "--yes"])
    assert ran.exit_code == 0, ran.output
    for folder in folders:
        for path in folder.rglob("*"):
            assert "s01" not in path.name
            if path.is_file():
                assert b"s01" not in path.read_bytes(), path
                assert b"Student 1" not in path.read_bytes(), path
    assert "s01" not in Manifest.read(world.graded).parameters
    assert "s02" in Manifest.read(world.graded).parameters
    for path, content in before.items():
        assert path.read_bytes() == content
    assert "s04" in manual_sheet.read_text(encoding="utf-8-sig")
    assert by_student(world)["s02"].raw == 2
    assert by_student(world)["s01"].status == "missing"


def test_forgetting_knows_the_pseudonym(world):
    make(world, pseudonyms=True)
    label = marks_of(world, with_pseudonyms=True).names.of("s01")
    assert (world.out / "feedback" / f"{label}.html").exists()
    forget("s01", [world.graded, world.out])
    for path in world.out.rglob("*"):
        assert label not in path.name
        assert not path.is_file() or label.encode() not in path.read_bytes()


def test_forgetting_in_a_folder_of_something_else_is_refused(world, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "s01").mkdir()
    before = (world.graded / "ledger.jsonl").read_bytes()
    with pytest.raises(CourseError, match="nothing was deleted"):
        forget("s01", [world.graded, tmp_path / "thesis"])
    assert (tmp_path / "thesis" / "s01").exists()
    assert (world.graded / "ledger.jsonl").read_bytes() == before


def test_tables_say_what_is_wrong(tmp_path):
    path = tmp_path / "t.csv"
    for content, word in (
        (b"\xff\xfe\xff", "UTF-8"),
        (b"a,b\n\0", "no text"),
        (b"", "empty"),
        (b'a,b\n"' + b"x" * 200_000 + b'",1\n', "no CSV"),
    ):
        path.write_bytes(content)
        with pytest.raises(CourseError, match=word):
            read_table(path, "roster")
    with pytest.raises(CourseError, match="cannot be read"):
        read_table(tmp_path / "none.csv", "roster")
    assert SCRIPT not in str(safe_cell(SCRIPT))
