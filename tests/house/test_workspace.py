"""A learner's copies: laid, brought up to date, never overwritten."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_edu import files, workspace
from aigc_edu.errors import CourseError


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "lessons"
    folder.mkdir()
    for name in ("00_start_here", "05_vae_training"):
        (folder / f"{name}.ipynb").write_text(f"{name} version 1")
    return folder


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


def contents(folder):
    return {path.name: path.read_text() for path in sorted(folder.glob("*.ipynb"))}


def change(folder, name="05_vae_training", version=2):
    (folder / f"{name}.ipynb").write_text(f"{name} version {version}")


def test_a_new_folder_gets_every_lesson_and_nothing_is_said(course, work):
    laid = workspace.lay(course, work)
    assert laid.fresh == ["00_start_here.ipynb", "05_vae_training.ipynb"]
    assert laid.sentences() == []
    assert contents(work) == contents(course)


def test_a_second_time_changes_nothing(course, work):
    workspace.lay(course, work)
    before = {path: path.stat().st_mtime_ns for path in work.iterdir()}
    assert workspace.lay(course, work) == workspace.Laid([], [], [])
    assert {path: path.stat().st_mtime_ns for path in work.iterdir()} == before


def test_an_untouched_copy_follows_the_course(course, work):
    workspace.lay(course, work)
    change(course)
    laid = workspace.lay(course, work)
    assert laid.updated == ["05_vae_training.ipynb"]
    assert "05_vae_training.ipynb" in laid.sentences()[0]
    assert contents(work) == contents(course)


def test_an_edited_copy_stays_and_the_new_one_is_laid_beside_it_once(course, work):
    workspace.lay(course, work)
    (work / "05_vae_training.ipynb").write_text("mine")
    assert workspace.lay(course, work).sentences() == []  # nothing new upstream
    change(course)
    laid = workspace.lay(course, work)
    assert laid.beside == [("05_vae_training.ipynb", "05_vae_training.new.ipynb")]
    assert len(laid.sentences()) == 1
    assert (work / "05_vae_training.ipynb").read_text() == "mine"
    assert (work / "05_vae_training.new.ipynb").read_text() == "05_vae_training version 2"
    assert workspace.lay(course, work).sentences() == []  # said once


def test_an_untouched_new_one_is_replaced_and_an_edited_one_is_not(course, work):
    workspace.lay(course, work)
    (work / "05_vae_training.ipynb").write_text("mine")
    change(course, version=2)
    workspace.lay(course, work)
    change(course, version=3)
    assert workspace.lay(course, work).beside[0][1] == "05_vae_training.new.ipynb"
    assert (work / "05_vae_training.new.ipynb").read_text() == "05_vae_training version 3"
    (work / "05_vae_training.new.ipynb").write_text("mine too")
    change(course, version=4)
    assert workspace.lay(course, work).beside[0][1] == "05_vae_training.new-2.ipynb"
    assert contents(work) == {
        "00_start_here.ipynb": "00_start_here version 1",
        "05_vae_training.ipynb": "mine",
        "05_vae_training.new.ipynb": "mine too",
        "05_vae_training.new-2.ipynb": "05_vae_training version 4",
    }


def test_a_deleted_copy_is_laid_again(course, work):
    workspace.lay(course, work)
    (work / "05_vae_training.ipynb").unlink()
    assert workspace.lay(course, work).fresh == ["05_vae_training.ipynb"]


def test_a_deleted_new_one_is_not_laid_again(course, work):
    workspace.lay(course, work)
    (work / "05_vae_training.ipynb").write_text("mine")
    change(course)
    workspace.lay(course, work)
    (work / "05_vae_training.new.ipynb").unlink()
    assert workspace.lay(course, work) == workspace.Laid([], [], [])


def test_taking_the_new_one_over_makes_it_an_untouched_copy(course, work):
    workspace.lay(course, work)
    (work / "05_vae_training.ipynb").write_text("mine")
    change(course, version=2)
    workspace.lay(course, work)
    (work / "05_vae_training.new.ipynb").replace(work / "05_vae_training.ipynb")
    change(course, version=3)
    assert workspace.lay(course, work).updated == ["05_vae_training.ipynb"]


@pytest.mark.parametrize("spoilt", [None, "{", "[1]", '{"05_vae_training.ipynb": 5}'])
def test_without_its_manifest_every_differing_copy_counts_as_edited(course, work, spoilt):
    workspace.lay(course, work)
    (work / "05_vae_training.ipynb").write_text("mine")
    if spoilt is None:
        (work / workspace.MANIFEST).unlink()
    else:
        (work / workspace.MANIFEST).write_text(spoilt)
    laid = workspace.lay(course, work)
    assert laid.beside == [("05_vae_training.ipynb", "05_vae_training.new.ipynb")]
    assert (work / "05_vae_training.ipynb").read_text() == "mine"


def test_files_of_the_learners_own_are_left_alone(course, work):
    work.mkdir()
    (work / "notes.ipynb").write_text("mine")
    workspace.lay(course, work)
    assert (work / "notes.ipynb").read_text() == "mine"


@settings(max_examples=60)
@given(
    steps=st.lists(
        st.sampled_from(["edit", "edit new", "change", "delete", "lay", "lose manifest"]),
        max_size=12,
    )
)
def test_whatever_happens_no_edited_file_is_ever_changed(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("any")
    course, work = folder / "lessons", folder / "work"
    course.mkdir()
    (course / "05.ipynb").write_text("version 0")
    workspace.lay(course, work)
    edited: dict[Path, str] = {}
    for number, step in enumerate(steps):
        copy = work / "05.ipynb"
        newest = max(work.glob("05.new*.ipynb"), default=copy, key=lambda path: path.name)
        if step in ("edit", "edit new"):
            target = copy if step == "edit" else newest
            if target.exists():
                target.write_text(f"mine {number}")
                edited[target] = f"mine {number}"
        elif step == "change":
            (course / "05.ipynb").write_text(f"version {number + 1}")
        elif step == "delete" and copy.exists():
            copy.unlink()
            edited.pop(copy, None)
        elif step == "lose manifest":
            (work / workspace.MANIFEST).unlink(missing_ok=True)
        workspace.lay(course, work)
        for path, text in edited.items():
            assert path.read_text() == text, (step, path)


def test_a_full_disk_changes_nothing_and_says_so_in_one_sentence(course, work, monkeypatch):
    workspace.lay(course, work)
    change(course)
    before = {path.name: path.read_bytes() for path in work.iterdir()}

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(CourseError, match=r"^The disk is full: [^\n]*$"):
        workspace.lay(course, work)
    assert {path.name: path.read_bytes() for path in work.iterdir()} == before


def test_a_disk_that_is_full_halfway_keeps_what_was_laid(course, work, monkeypatch):
    written = []
    real = workspace.replace_file

    def second_fails(path, content):
        written.append(path)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, content)

    monkeypatch.setattr(workspace, "replace_file", second_fails)
    with pytest.raises(CourseError, match="disk is full"):
        workspace.lay(course, work)
    assert list(json.loads((work / workspace.MANIFEST).read_text())) == ["00_start_here.ipynb"]
    monkeypatch.undo()
    assert workspace.lay(course, work).fresh == ["05_vae_training.ipynb"]


def test_a_folder_that_cannot_be_written_is_one_sentence(course, work, monkeypatch):
    def refused(*_args, **_options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(workspace, "replace_file", refused)
    with pytest.raises(CourseError, match=r"cannot be written: choose a folder .* --work DIR'\.$"):
        workspace.lay(course, work)


def test_a_file_where_the_folder_belongs_is_one_sentence(course, work):
    work.write_text("a file")
    with pytest.raises(CourseError, match="is not what it should be"):
        workspace.lay(course, work)
    assert work.read_text() == "a file"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_copies_have_the_usual_permissions(course, work):
    code = (
        "import os, sys; os.umask(0o022); from pathlib import Path; from aigc_edu import workspace;"
        f"workspace.lay(Path({str(course)!r}), Path({str(work)!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (work / "00_start_here.ipynb").stat().st_mode & 0o777 == 0o644
