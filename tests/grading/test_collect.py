"""``aigc-edu collect``: what platforms give, and what hostile people put into it."""

import contextlib
import io
import json
import os
import random
import stat
import unicodedata
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from aigc_edu.commands import collect as command
from aigc_edu.errors import CourseError
from aigc_edu.grading.intake import archives
from aigc_edu.grading.intake.archives import Limits
from aigc_edu.grading.intake.claims import Evidence
from aigc_edu.grading.intake.collecting import collect, read_assigned, read_times
from aigc_edu.grading.intake.collection import forget_student, identical, overview, read_collection
from aigc_edu.grading.intake.roster import key, read_roster
from aigc_edu.grading.intake.safe import safe_name
from aigc_edu.grading.intake.worksheet import read_worksheet

# Links, pipes, modes and names in bytes are made as Linux and macOS have them.
posix = pytest.mark.skipif(os.name == "nt", reason="Windows makes no such files")

ROSTER = """id,name,login,email,canvas_id,moodle_id
s01,Ann Doe,adoe,ann@x.example,101,m-1
s02,Bo Li,boli,bo@x.example,102,m-2
s03,Çem Öz,cem,cem@x.example,103,m-3
s04,Ann Doe,adoe2,ann2@x.example,104,
"""
A, B, C = b'{"cells": [1]}', b'{"cells": [2]}', b'{"cells": [3]}'


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return read_roster(path)


def folder(base: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    base.mkdir(exist_ok=True)
    return base


def packed(path: Path, files: dict[str, bytes], **changes) -> Path:
    """A zip file; ``changes`` are set on every entry's ZipInfo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for field, value in changes.items():
                setattr(info, field, value)
            archive.writestr(info, content)
    return path


def kept(collection, student) -> list[bytes]:
    return [
        collection.path(item).read_bytes()
        for item in collection.attempts(student)
        if item.status == "kept"
    ]


def everything_in(base: Path) -> set[str]:
    return {str(path.relative_to(base)) for path in base.rglob("*")}


# ------------------------------------------------------------------------------- Canvas


CANVAS = {
    "doeann_101_9001_04_vae_derivation.ipynb": A,
    "libo_LATE_102_9002_04_vae_derivation.ipynb": B,
    "zcem_103_9003_04_vae_derivation.ipynb": C,
}


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_canvas_download(tmp_path, roster, as_zip):
    source = tmp_path / "submissions"
    source = packed(source.with_suffix(".zip"), CANVAS) if as_zip else folder(source, CANVAS)
    found = collect([source], roster, tmp_path / "out", lesson="04")
    assert kept(found, "s01") == [A]
    assert kept(found, "s02") == [B]
    assert [item.late for item in found.submissions] == [False, True, False]
    assert found.missing == ["s04"]
    assert found.settled
    assert found == read_collection(tmp_path / "out")


def test_a_canvas_download_that_was_unpacked_into_a_folder_of_its_own(tmp_path, roster):
    source = folder(tmp_path / "here", {f"submissions/{name}": A for name in CANVAS})
    assert len(collect([source], roster, tmp_path / "out").submissions) == 3


def test_versions_of_one_name_are_attempts(tmp_path, roster):
    source = folder(
        tmp_path / "in",
        {
            "doeann_101_9009_04_vae-1.ipynb": B,
            "doeann_101_9001_04_vae.ipynb": A,
            "doeann_101_9011_report-3.pdf": b"%PDF",
        },
    )
    found = collect([source], roster, tmp_path / "out", lesson="04", form="canvas")
    assert kept(found, "s01") == [A, B]
    assert [item.key for item in found.attempts("s01")] == ["s01/1", "s01/2"]


def test_later_downloads_add_attempts_and_keep_the_numbers(tmp_path, roster):
    first = packed(tmp_path / "one.zip", {"doeann_101_9001_04_vae.ipynb": A})
    later = packed(tmp_path / "two.zip", {"doeann_LATE_101_9009_04_vae-1.ipynb": B})
    out = tmp_path / "out"
    collect([first], roster, out, lesson="04", form="canvas")
    collect([first, later], roster, out, lesson="04", form="canvas")
    found = collect([later], roster, out, lesson="04", form="canvas")
    assert kept(found, "s01") == [A, B]
    assert [item.late for item in found.attempts("s01")] == [False, True]
    again = packed(tmp_path / "three.zip", {"doeann_101_9019_04_vae-2.ipynb": A})
    found = collect([again], roster, out, form="canvas")
    assert kept(found, "s01") == [A, B, A], "going back to an old file is an attempt of its own"


def test_a_display_name_that_ends_in_a_number_gives_nobody_elses_work(tmp_path, roster):
    """Bo (102) calls himself x_101: the name reads like Ann's (101)."""
    source = folder(tmp_path / "in", {"x_101_102_9001_my.ipynb": A})
    found = collect([source], roster, tmp_path / "out", form="canvas")
    assert found.submissions == []
    assert found.claimed_twice[0].students == ("s01", "s02")


def test_a_file_name_cannot_claim_somebody_else(tmp_path, roster):
    source = folder(tmp_path / "in", {"libo_102_9001_doeann_LATE_101_9002_my.ipynb": A})
    found = collect([source], roster, tmp_path / "out", form="canvas")
    assert [item.student for item in found.submissions] == ["s02"]


def test_an_anonymous_canvas_download(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("id,canvas_anonymous_id\ns01,aB3dE\n")
    source = folder(tmp_path / "in", {"LATE_anon_aB3dE_9001_my.ipynb": A})
    found = collect([source], read_roster(path), tmp_path / "out")
    assert (found.submissions[0].student, found.submissions[0].late) == ("s01", True)


def test_a_text_entry_in_canvas_is_handed_in_and_no_notebook(tmp_path, roster):
    source = folder(tmp_path / "in", {"doeann_101_text.html": b"<p>", **CANVAS})
    (source / "doeann_101_9001_04_vae_derivation.ipynb").unlink()
    found = collect([source], roster, tmp_path / "out")
    assert found.attempts("s01")[0].status == "no notebook"
    assert "s01" not in found.missing
    assert not found.settled


# ------------------------------------------------------------------------------- Moodle

WORKSHEET = (
    "\ufeffIdentifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,"
    '"Grade can be changed","Last modified (submission)","Last modified (grade)"\n'
    'Participant 7001,Ann Doe,m-1,ann@x.example,Submitted,,10,Yes,"Friday, 2 October 2026, '
    '11:58 PM",-\n'
    'Participant 7002,Bo Li,,bo@x.example,Submitted,,10,Yes,"Saturday, 3 October 2026, '
    '12:04 AM",-\n'
    "Participant 7003,Çem Öz,m-3,,No submission,,10,Yes,-,-\n"
)
FOLDERS = {
    "Ann Doe_7001_assignsubmission_file_/04_vae_derivation.ipynb": A,
    "Ann Doe_7001_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello",
    "Bo Li_7002_assignsubmission_file/sub/04_vae_derivation.ipynb": B,
}
FLAT = {
    "Ann Doe_7001_assignsubmission_file_04_vae_derivation.ipynb": A,
    "Ann Doe_7001_assignsubmission_onlinetext_onlinetext.html": b"<p>hello",
    "Group 1-Bo Li_7002_assignsubmission_file_04_vae_derivation.ipynb": B,
}


@pytest.fixture
def worksheet(tmp_path):
    path = tmp_path / "Grades.csv"
    path.write_text(WORKSHEET, encoding="utf-8")
    return read_worksheet(path)


@pytest.mark.parametrize("files", [FOLDERS, FLAT], ids=["folders", "flat"])
@pytest.mark.parametrize("as_zip", [True, False])
def test_both_forms_of_a_moodle_download(tmp_path, roster, worksheet, files, as_zip):
    source = tmp_path / "moodle"
    source = packed(source.with_suffix(".zip"), files) if as_zip else folder(source, files)
    found = collect([source], roster, tmp_path / "out", evidence=Evidence(worksheet))
    assert kept(found, "s01") == [A]
    assert kept(found, "s02") == [B]
    assert [item.submitted for item in found.submissions] == [
        "2026-10-02T23:58:00",
        "2026-10-03T00:04:00",
    ]
    assert found.missing == ["s03", "s04"]
    assert found.settled


def test_moodle_without_the_worksheet_says_what_is_needed(tmp_path, roster):
    source = folder(tmp_path / "in", FLAT)
    with pytest.raises(CourseError, match="--worksheet"):
        collect([source], roster, tmp_path / "out")


def test_blind_marking_in_moodle(tmp_path):
    (tmp_path / "r.csv").write_text("id,participant\ns01,Participant 7001\n")
    (tmp_path / "w.csv").write_text(
        "Identifier,Status,Last modified (submission)\n"
        'Participant 7001,Submitted,"2 October 2026, 23:58"\n'
    )
    source = folder(tmp_path / "in", {"Participant_7001_assignsubmission_file_/04.ipynb": A})
    evidence = Evidence(read_worksheet(tmp_path / "w.csv"))
    found = collect([source], read_roster(tmp_path / "r.csv"), tmp_path / "out", evidence=evidence)
    assert found.submissions[0].student == "s01"
    assert found.submissions[0].submitted == "2026-10-02T23:58:00"


def test_names_in_moodle_decide_nothing(tmp_path, roster, worksheet):
    """A participant who is not in the worksheet is nobody, whatever the name says."""
    source = folder(
        tmp_path / "in",
        {"Ann Doe_7777_assignsubmission_file_04.ipynb": A, **FLAT},
    )
    found = collect([source], roster, tmp_path / "out", evidence=Evidence(worksheet))
    assert found.unmatched[0].place.startswith("Ann Doe_7777")
    assert kept(found, "s01") == [A]


def test_a_worksheet_that_fits_two_students_gives_it_to_nobody(tmp_path, roster):
    path = tmp_path / "w.csv"
    path.write_text("Identifier,ID number,Email address\nParticipant 1,m-1,bo@x.example\n")
    source = folder(tmp_path / "in", {"X_1_assignsubmission_file_a.ipynb": A})
    found = collect([source], roster, tmp_path / "out", evidence=Evidence(read_worksheet(path)))
    assert found.submissions == []
    assert found.claimed_twice[0].students == ("s01", "s02")


# -------------------------------------------------------------------------------- plain


def test_plain_folders_files_and_attempts(tmp_path, roster):
    source = folder(
        tmp_path / "in",
        {
            "s01/attempt_10/04_vae.ipynb": C,
            "s01/attempt_9/04_vae.ipynb": B,
            "s01/04_vae.ipynb": A,
            "BOLI/04/04_vae.ipynb": B,
            "BOLI/05/05_vae.ipynb": C,
            "cem@x.example.ipynb": C,
        },
    )
    found = collect([source], roster, tmp_path / "out", lesson="04")
    assert kept(found, "s01") == [A, B, C]
    assert kept(found, "s02") == [B]
    assert kept(found, "s03") == [C]
    assert found.settled


def test_a_students_zip_is_looked_into_once(tmp_path, roster):
    inner = packed(tmp_path / "work.zip", {"work/04_vae.ipynb": A, "work/data.csv": b"1"})
    nested = packed(tmp_path / "n.zip", {"work.zip": inner.read_bytes()})
    source = folder(
        tmp_path / "in",
        {"s01/work.zip": inner.read_bytes(), "s02/n.zip": nested.read_bytes()},
    )
    found = collect([source], roster, tmp_path / "out", lesson="04")
    assert kept(found, "s01") == [A]
    assert found.attempts("s02")[0].status == "no notebook"


def test_a_file_in_a_students_zip_has_its_own_time(tmp_path, roster):
    inner = packed(tmp_path / "work.zip", {"04_vae.ipynb": A})  # of 1980, as zip files begin
    source = folder(tmp_path / "in", {"s01/work.zip": inner.read_bytes()})
    found = collect([source], roster, tmp_path / "out", evidence=Evidence(file_times=True))
    assert found.attempts("s01")[0].submitted == "1980-01-01T00:00:00"
    assert found.attempts("s01")[0].original == "s01/work.zip/04_vae.ipynb"


def test_a_file_and_a_folder_of_one_name(tmp_path, roster):
    """Only a zip file can hold that."""
    source = packed(tmp_path / "in.zip", {"s01": b"?", "s01/04_vae/04_vae.ipynb": A})
    found = collect([source], roster, tmp_path / "out", lesson="04")
    assert kept(found, "s01") == [A]
    assert found.settled


def test_of_several_notebooks_the_lessons_own_or_none(tmp_path, roster):
    source = folder(
        tmp_path / "in",
        {
            "s01/04_vae.ipynb": A,
            "s01/05_other.ipynb": B,
            "s02/04_vae.ipynb": A,
            "s02/04_vae-Copy1.ipynb": B,
            "s03/04_vae.ipynb": A,
            "s03/04_vae-Copy1.ipynb": A,
        },
    )
    found = collect([source], roster, tmp_path / "out", lesson="04")
    assert kept(found, "s01") == [A]
    assert found.attempts("s02")[0].status == "several notebooks"
    assert "04_vae-Copy1" in found.attempts("s02")[0].notes[0]
    assert kept(found, "s03") == [A], "copies that agree are one"
    (tmp_path / "in" / "s02" / "04_vae-Copy1.ipynb").unlink()
    found = collect([source], roster, tmp_path / "out", lesson="04")
    assert [item.key for item in found.attempts("s02")] == ["s02/1"]
    assert kept(found, "s02") == [A]
    assert found.settled


def test_a_similar_name_is_nobody(tmp_path, roster):
    source = folder(
        tmp_path / "in",
        {"s1/a.ipynb": A, "s001/a.ipynb": A, "Ann Doe/a.ipynb": A, "adoe_/a.ipynb": A},
    )
    found = collect([source], roster, tmp_path / "out")
    assert found.submissions == []
    assert {item.place for item in found.unmatched} == {"s1", "s001", "Ann Doe", "adoe_"}


def test_the_notebooks_own_words_are_not_read(tmp_path, roster):
    claims = json.dumps({"metadata": {"student": "s02", "authors": [{"name": "Bo Li"}]}}).encode()
    source = folder(tmp_path / "in", {"s01/a.ipynb": claims})
    found = collect([source], roster, tmp_path / "out")
    assert [item.student for item in found.submissions] == ["s01"]
    assert kept(found, "s01") == [claims]


def test_an_identifier_of_two_students_gives_it_to_nobody(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("id,login\n7,a\n8,7\n")
    source = folder(tmp_path / "in", {"7/a.ipynb": A})
    found = collect([source], read_roster(path), tmp_path / "out")
    assert found.submissions == []
    assert found.claimed_twice[0].students == ("7", "8")
    assert found.missing == ["7", "8"]


@pytest.mark.parametrize("second", [A, B], ids=["the same file", "another file"])
@pytest.mark.parametrize(
    "names",
    [
        ("cem", "CEM"),
        ("s03", "cem@x.example"),
        (unicodedata.normalize("NFC", "çå"), unicodedata.normalize("NFD", "çå")),
    ],
    ids=["case", "two identifiers", "normal forms"],
)
def test_two_places_of_one_student(tmp_path, names, second):
    path = tmp_path / "r.csv"
    path.write_text("id,login,email,moodle_id\ns03,cem,cem@x.example,çå\n", encoding="utf-8")
    source = packed(
        tmp_path / "in.zip", {f"{names[0]}/a.ipynb": A, f"{names[1]}/a.ipynb": second, "b/c": b""}
    )
    found = collect([source], read_roster(path), tmp_path / "out")
    if second == A:
        assert kept(found, "s03") == [A]
        return
    assert [item.status for item in found.submissions] == ["claimed twice"]
    assert kept(found, "s03") == []
    assert found.claimed_twice[0].students == ("s03",)
    assign = tmp_path / "assign.csv"
    assign.write_text(f"place,student\n{names[1]},\n", encoding="utf-8")
    if key(names[0]) != key(names[1]):
        evidence = Evidence(assigned=read_assigned(assign, read_roster(path)))
        found = collect([source], read_roster(path), tmp_path / "out", evidence=evidence)
        assert kept(found, "s03") == [A]
        assert found.claimed_twice == []


def test_what_was_unmatched_is_settled_with_assign(tmp_path, roster):
    source = folder(tmp_path / "in", {"Ann Doe (late)/a.ipynb": A, "s02/a.ipynb": B})
    assign = tmp_path / "assign.csv"
    assign.write_text("place;student\nAnn Doe (late);s01\n")
    evidence = Evidence(assigned=read_assigned(assign, roster))
    out = tmp_path / "out"
    assert not collect([source], roster, out).settled
    found = collect([source], roster, out, evidence=evidence)
    assert found.settled
    assert kept(found, "s01") == [A]


def test_the_work_of_a_group(tmp_path, roster):
    source = folder(tmp_path / "in", {"team7_101_9001_04.ipynb": A, "libo_102_9002_04.ipynb": B})
    assign = tmp_path / "assign.csv"
    assign.write_text("place,student\nteam7_101_9001_04.ipynb,s01\nteam7_101_9001_04.ipynb,s03\n")
    evidence = Evidence(assigned=read_assigned(assign, roster))
    found = collect([source], roster, tmp_path / "out", evidence=evidence)
    assert [kept(found, name) for name in ("s01", "s02", "s03")] == [[A], [B], [A]]
    assert identical(found) == [("s01", "s03")]
    assert [item.assigned for item in found.submissions] == [True, False, True]
    again = collect([source], roster, tmp_path / "out", evidence=evidence)
    assert again.submissions == found.submissions
    folder(source, {"zcem_103_9003_04.ipynb": C})
    found = collect([source], roster, tmp_path / "own", evidence=evidence)
    assert found.attempts("s03")[0].status == "claimed twice", "a member's own file, and the team's"


def test_times_from_a_list(tmp_path, roster):
    source = folder(tmp_path / "in", {"s01/1/a.ipynb": A, "s01/2/a.ipynb": B, "s02.ipynb": C})
    times = tmp_path / "times.csv"
    times.write_text(
        "student,attempt,submitted\nadoe,2,2026-10-02T23:58:00+02:00\n102,,2026-10-01 08:00\n"
    )
    found = collect(
        [source], roster, tmp_path / "o", evidence=Evidence(times=read_times(times, roster))
    )
    assert [item.submitted for item in found.submissions] == [
        None,
        "2026-10-02T23:58:00+02:00",
        "2026-10-01T08:00:00",
    ]
    times.write_text("student,submitted\nadoe,03/04/2026 10:00\n")
    with pytest.raises(CourseError, match="no time that can be read"):
        read_times(times, roster)


def test_a_files_own_time_only_when_asked(tmp_path, roster):
    source = folder(tmp_path / "in", {"s01/a.ipynb": A})
    os.utime(source / "s01" / "a.ipynb", (0, 1_800_000_000))
    assert collect([source], roster, tmp_path / "o1").submissions[0].submitted is None
    found = collect([source], roster, tmp_path / "o2", evidence=Evidence(file_times=True))
    assert found.submissions[0].submitted.startswith("2027-01-15T")


def test_the_same_file_from_two_students_is_said(tmp_path, roster):
    source = folder(tmp_path / "in", {"s01/a.ipynb": A, "s02/a.ipynb": A, "s03/a.ipynb": B})
    found = collect([source], roster, tmp_path / "out")
    assert identical(found) == [("s01", "s02")]
    assert "  s01, s02" in overview(found)
    assert found.settled


# ------------------------------------------------------------------------------ hostile


@posix
def test_links_are_never_followed(tmp_path, roster):
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(b"secret")
    source = folder(tmp_path / "in", {"s02/a.ipynb": B})
    (source / "s01").mkdir()
    (source / "s01" / "a.ipynb").symlink_to(secret)
    (source / "s03").symlink_to(tmp_path)
    (source / "s02" / "around").symlink_to("..")
    found = collect([source], roster, tmp_path / "out")
    assert [item.place for item in found.refused] == ["s01/a.ipynb", "s02/around", "s03"]
    assert kept(found, "s02") == [B]
    assert found.missing == ["s01", "s03", "s04"]
    assert b"secret" not in b"".join(kept(found, name) and kept(found, name)[0] for name in ["s02"])


@posix
def test_a_file_that_becomes_a_link_before_it_is_read_is_refused(tmp_path):
    source = folder(tmp_path / "in", {"a.ipynb": A})
    listing = archives.list_source(source, archives.Budget(Limits()))
    (source / "a.ipynb").unlink()
    (source / "a.ipynb").symlink_to("/etc/passwd")
    with pytest.raises(archives.Refused):
        listing.entries[0].read()


@posix
def test_pipes_do_not_hang_it(tmp_path, roster):
    source = folder(tmp_path / "in", {"s02/a.ipynb": B})
    (source / "s01").mkdir()
    os.mkfifo(source / "s01" / "a.ipynb")
    found = collect([source], roster, tmp_path / "out")
    assert found.refused[0].why == "neither a file nor a folder"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../s01/a.ipynb", "leads out"),
        ("s01/../../../etc/a.ipynb", "leads out"),
        ("/s01/a.ipynb", "absolute"),
        ("C:/s01/a.ipynb", "absolute"),
        ("\\\\server\\s01\\a.ipynb", "absolute"),
        ("s01\\..\\..\\a.ipynb", "leads out"),
        ("s01//a.ipynb", "empty part"),
        ("./s01/a.ipynb", "empty part"),
        ("s01/" + "d/" * 30 + "a.ipynb", "too many folders"),
    ],
)
def test_paths_in_a_zip_file_that_go_astray(tmp_path, roster, name, why):
    source = packed(tmp_path / "in.zip", {name: A, "s02/a.ipynb": B})
    before = everything_in(tmp_path)
    found = collect([source], roster, tmp_path / "out")
    assert why in found.refused[0].why
    assert kept(found, "s02") == [B]
    assert [item.student for item in found.submissions] == ["s02"]
    new = {path for path in everything_in(tmp_path) - before if not path.startswith("out")}
    assert new == set()


def test_a_link_in_a_zip_file_is_not_read(tmp_path, roster):
    source = packed(
        tmp_path / "in.zip", {"s01/a.ipynb": b"/etc/passwd"}, external_attr=0o120777 << 16
    )
    found = collect([source], roster, tmp_path / "out")
    assert "link" in found.refused[0].why
    assert found.submissions == []


def test_zip_bombs(tmp_path, roster):
    bomb = packed(tmp_path / "b.zip", {"a.ipynb": b"0" * 19_000_000})
    large = packed(tmp_path / "l.zip", {"a.ipynb": os.urandom(100) * 250_000})
    source = folder(
        tmp_path / "in",
        {
            "s01/b.zip": bomb.read_bytes(),
            "s02/l.zip": large.read_bytes(),
            "s03/a.ipynb": C,
            "s04/a.ipynb": b"0" * 20_000_001,
        },
    )
    found = collect([source], roster, tmp_path / "out")
    assert "zip bomb" in found.attempts("s01")[0].notes[0]
    assert "too large" in found.attempts("s02")[0].notes[0]
    assert "too large" in found.attempts("s04")[0].notes[0]
    assert {found.attempts(name)[0].status for name in ("s01", "s02", "s04")} == {"refused"}
    assert kept(found, "s03") == [C]
    assert sum(f.stat().st_size for f in (tmp_path / "out").rglob("*") if f.is_file()) < 10_000


def test_a_zip_file_that_lies_about_its_sizes(tmp_path, roster):
    path = packed(tmp_path / "liar.zip", {"a.ipynb": b"0" * 3_000_000})
    raw = bytearray(path.read_bytes())
    true = (3_000_000).to_bytes(4, "little")
    while (at := raw.find(true)) >= 0:
        raw[at : at + 4] = (10).to_bytes(4, "little")
    source = folder(tmp_path / "in", {"s01/liar.zip": bytes(raw), "s02/a.ipynb": B})
    found = collect([source], roster, tmp_path / "out")
    assert found.attempts("s01")[0].status == "refused"
    assert "damaged" in found.attempts("s01")[0].notes[0]
    assert kept(found, "s02") == [B]


def test_overlapping_entries_and_many_entries(tmp_path, roster):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(6000):
            archive.writestr(f"{number}.txt", b"")
    source = folder(tmp_path / "in", {"s01/many.zip": buffer.getvalue(), "s02/a.ipynb": B})
    found = collect([source], roster, tmp_path / "out")
    assert "more than 5,000 entries" in found.attempts("s01")[0].notes[0]
    with pytest.raises(CourseError, match="more than 3 files"):
        collect([source], roster, tmp_path / "o2", limits=Limits(entries=3))
    assert not (tmp_path / "o2").exists()


def test_all_that_is_read_has_a_limit(tmp_path, roster):
    source = folder(tmp_path / "in", {f"s0{n}/a.ipynb": b"x" * 400 for n in range(1, 5)})
    found = collect([source], roster, tmp_path / "out", limits=Limits(total_bytes=1000))
    assert [item.status for item in found.submissions] == ["kept", "kept", "refused", "refused"]
    assert "in all" in found.submissions[2].notes[0]


def test_a_folder_of_too_many_files_is_said(tmp_path, roster):
    source = folder(tmp_path / "in", {f"s01/{n}.txt": b"" for n in range(20)})
    with pytest.raises(CourseError, match="is it the folder of one assignment"):
        collect([source], roster, tmp_path / "out", limits=Limits(entries=10))


def test_damaged_and_locked_zip_files(tmp_path, roster):
    whole = packed(tmp_path / "w.zip", {"a.ipynb": os.urandom(5000)}).read_bytes()
    locked = bytearray(whole)
    locked[6] |= 1  # local header's flag
    central = locked.find(b"PK\x01\x02")
    locked[central + 8] |= 1
    broken = bytearray(whole)
    broken[200:260] = b"\0" * 60
    odd = bytearray(whole)
    odd[central + 10] = 12  # bzip2
    source = folder(
        tmp_path / "in",
        {
            "s01/a.zip": whole[:700],
            "s02/a.zip": bytes(locked),
            "s03/a.zip": bytes(broken),
            "s04/a.zip": bytes(odd),
        },
    )
    found = collect([source], roster, tmp_path / "out")
    notes = [item.notes[0] for item in found.submissions]
    for note, word in zip(notes, ["damaged", "password", "damaged", "unusual"], strict=True):
        assert word in note
    with pytest.raises(CourseError, match="is no zip file"):
        collect([source / "s01" / "a.zip"], roster, tmp_path / "o2")


def test_bytes_flipped_at_random_never_stop_it(tmp_path, roster):
    inner = packed(tmp_path / "w.zip", {"w/a.ipynb": A * 50, "b.txt": b"x"}).read_bytes()
    draw = random.Random(6)
    for number in range(100):
        broken = bytearray(inner)
        for _ in range(draw.randint(1, 8)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        path = tmp_path / "broken.zip"
        path.write_bytes(broken)
        source = folder(tmp_path / "in", {"s01/w.zip": bytes(broken), "s02/a.ipynb": B})
        found = collect([source], roster, tmp_path / f"out{number}")
        assert kept(found, "s02") == [B]
        with contextlib.suppress(CourseError):
            collect([path], roster, tmp_path / f"other{number}")


def test_what_systems_leave_behind_is_passed_over(tmp_path, roster):
    source = packed(
        tmp_path / "in.zip",
        {
            "s01/a.ipynb": A,
            "s01/._a.ipynb": b"junk",
            "__MACOSX/s01/._a.ipynb": b"junk",
            "__MACOSX/s02/a.ipynb": b"junk",
            "s01/.ipynb_checkpoints/a-checkpoint.ipynb": B,
            ".DS_Store": b"",
        },
    )
    found = collect([source], roster, tmp_path / "out")
    assert kept(found, "s01") == [A]
    assert len(found.submissions) == 1
    assert found.ignored == 5
    assert found.settled


def test_names_that_are_not_ascii(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("id;name\nстудент;Ж\n学生;学\nçå;Ç\n", encoding="utf-8")
    source = tmp_path / "in.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("студент/работа.ipynb", A)
        archive.writestr(unicodedata.normalize("NFD", "çå") + "/a.ipynb", B)
    raw = packed(tmp_path / "raw.zip", {"xxxxxx/a.ipynb": C}).read_bytes()
    raw = raw.replace(b"xxxxxx", "学生".encode())  # UTF-8 without the flag that says so
    (tmp_path / "raw.zip").write_bytes(raw)
    found = collect([source, tmp_path / "raw.zip"], read_roster(path), tmp_path / "out")
    assert kept(found, "студент") == [A]
    assert kept(found, "学生") == [C]
    assert kept(found, "çå") == [B]
    names = {item.name for item in (tmp_path / "out" / "files").iterdir()}
    assert all(name.startswith("id-") and name.isascii() for name in names)


@posix
def test_names_in_bytes_that_are_no_text(tmp_path, roster):
    source = folder(tmp_path / "in", {"s01/a.ipynb": A})
    os.mkdir(os.fsencode(source) + b"/\xff\xfe")
    with open(os.fsencode(source) + b"/\xff\xfe/a.ipynb", "wb") as file:
        file.write(B)
    found = collect([source], roster, tmp_path / "out")
    assert kept(found, "s01") == [A]
    assert found.unmatched[0].place == "\\udcff\\udcfe"


@posix
def test_a_terminal_is_not_driven_by_names(tmp_path, roster):
    name = "\x1b[2J\x1b]0;owned\x07\u202egnp"
    source = folder(tmp_path / "in", {f"{name}/a.ipynb": A})
    lines = "\n".join(overview(collect([source], roster, tmp_path / "out")))
    assert not {"\x1b", "\x07", "\u202e"} & set(lines)
    assert "\\x1b[2J" in lines


def test_an_empty_file_is_handed_in(tmp_path, roster):
    source = folder(tmp_path / "in", {"s01/a.ipynb": b""})
    found = collect([source], roster, tmp_path / "out")
    assert found.submissions[0].status == "kept"
    assert found.submissions[0].size == 0
    assert found.submissions[0].notes == ("The file is empty.",)


def test_ids_that_are_no_names_of_folders(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('id,login\n"../../x",one\nCON,two\n"a/b",three\n".hid",four\n')
    source = folder(tmp_path / "in", {f"{n}/a.ipynb": A for n in ("one", "two", "three", "four")})
    before = everything_in(tmp_path)
    found = collect([source], read_roster(path), tmp_path / "out")
    assert len(found.submissions) == 4
    assert {p for p in everything_in(tmp_path) - before if not p.startswith("out")} == set()
    assert safe_name("id-" + "0" * 24) != "id-" + "0" * 24


@posix
def test_folders_are_the_owners_alone(tmp_path, roster):
    old = os.umask(0)
    try:
        collect([folder(tmp_path / "in", {"s01/a.ipynb": A})], roster, tmp_path / "out")
    finally:
        os.umask(old)
    for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_collection_that_names_a_file_outside_is_not_followed(tmp_path, roster):
    collect([folder(tmp_path / "in", {"s01/a.ipynb": A})], roster, tmp_path / "out")
    path = tmp_path / "out" / "collection.json"
    path.write_text(path.read_text().replace("files/s01/attempt-1.ipynb", "../roster.csv"))
    found = read_collection(tmp_path / "out")
    with pytest.raises(CourseError, match="outside"):
        found.path(found.submissions[0])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "x"}', '{"format": 1}'])
def test_a_damaged_collection_is_one_sentence(tmp_path, text):
    (tmp_path / "collection.json").write_text(text)
    with pytest.raises(CourseError):
        read_collection(tmp_path)


def test_what_is_in_the_way_is_not_overwritten(tmp_path, roster):
    source = folder(tmp_path / "in", {"s01/a.ipynb": A})
    out = folder(tmp_path / "out", {"mine.txt": b"mine"})
    with pytest.raises(CourseError, match="no collection"):
        collect([source], roster, out)
    assert everything_in(out) == {"mine.txt"}
    collect([source], roster, tmp_path / "o4", lesson="04")
    with pytest.raises(CourseError, match="lesson 04"):
        collect([source], roster, tmp_path / "o4", lesson="05")
    with pytest.raises(CourseError, match="nothing at"):
        collect([tmp_path / "nowhere"], roster, tmp_path / "o5")


def test_forgetting_a_student_leaves_nothing(tmp_path, roster):
    source = folder(tmp_path / "in", {"s01/a.ipynb": A, "s02/a.ipynb": B})
    found = collect([source], roster, tmp_path / "out")
    forget_student(found, "s01")
    assert not (tmp_path / "out" / "files" / "s01").exists()
    assert "s01" not in (tmp_path / "out" / "collection.json").read_text()
    assert kept(read_collection(tmp_path / "out"), "s02") == [B]


# ------------------------------------------------------------------------------- roster


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,login\nA,a\n", "no column 'id'"),
        ("id\n", "lists nobody"),
        ("", "is empty"),
        ("id,name\n,A\n", "Row 2"),
        ("id\na\na\n", "twice"),
        ("id\na\nA\n", "two students"),
        ("id,email\na,x@y\nb,X@Y\n", "email"),
        ("id,name\na,b,c\n", "Row 2"),
    ],
)
def test_a_roster_that_cannot_be_relied_on(tmp_path, text, sentence):
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(CourseError, match=sentence):
        read_roster(path)


def test_rosters_as_platforms_export_them(tmp_path):
    canvas = tmp_path / "canvas.csv"
    canvas.write_text(
        "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Lab 4 (77)\r\n"
        ",,,,,Manual Posting\r\n"
        "    Points Possible,,,,,10\r\n"
        '"Doe, Ann",101,e01,adoe,S1,\r\n"Student, Test",999,,x,S1,\r\n',
        encoding="utf-8",
    )
    (ann,) = read_roster(canvas).students.values()
    assert (ann.id, ann.name, ann.get("sis_id"), ann.get("login")) == (
        "101",
        "Doe, Ann",
        "e01",
        "adoe",
    )
    moodle = tmp_path / "moodle.csv"
    moodle.write_text('First name,Surname,ID number,Email address\nAnn,Doe,m-1,"ann@x"\n')
    (ann,) = read_roster(moodle).students.values()
    assert (ann.id, ann.name, ann.get("email")) == ("m-1", "Ann Doe", "ann@x")
    tabs = tmp_path / "t.csv"
    tabs.write_text("ID\tName\ns01\tAnn\n", encoding="utf-16")
    assert list(read_roster(tabs).students) == ["s01"]


# ------------------------------------------------------------------------------ command


def test_the_command_and_its_exit_codes(tmp_path):
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    source = folder(tmp_path / "in", {"s01/04_a.ipynb": A, "s02/04_a.ipynb": B})
    arguments = [str(source), "--roster", str(tmp_path / "roster.csv"), "--lesson", "4"]
    ran = CliRunner().invoke(command.command, [*arguments, "--out", str(tmp_path / "one")])
    assert ran.exit_code == 0, ran.output
    assert "2 students handed in; 2 notebooks kept; 2 missing." in ran.output
    assert "Missing (not the same as zero): s03, s04" in ran.output
    folder(source, {"who/04_a.ipynb": C})
    ran = CliRunner().invoke(command.command, [*arguments, "--out", str(tmp_path / "two")])
    assert ran.exit_code == command.UNSETTLED == 3
    assert "who (in): nobody in the roster has the identifier who" in ran.output
    ran = CliRunner().invoke(
        command.command, [*arguments[:-1], "four", "--out", str(tmp_path / "three")]
    )
    assert "no lesson's number" in str(ran.exception)
