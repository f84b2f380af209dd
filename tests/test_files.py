"""A file is written whole or not at all, whatever happens in between."""

import os
import stat
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_edu import files
from aigc_edu.errors import CourseError
from aigc_edu.files import replace_file, write_atomically

STEPS = ("open", "fsync", "replace")  # each may be refused by a full disk or a closed folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@given(contents=st.lists(st.binary(max_size=200), min_size=1, max_size=5))
def test_the_last_content_stands_and_nothing_beside_it(tmp_path_factory, contents):
    path = tmp_path_factory.mktemp("files") / "a" / "mine.txt"
    before = None
    for content in contents:
        assert write_atomically(path, content) == (content != before)
        before = content
        assert path.read_bytes() == content
    assert names(path.parent) == ["mine.txt"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("existing", [None, b"before"])
def test_a_refusal_at_any_step_leaves_what_was_there(tmp_path, monkeypatch, step, existing):
    path = tmp_path / "mine.txt"
    if existing is not None:
        path.write_bytes(existing)

    def refused(*_args, **_settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, step, refused)
    with pytest.raises(CourseError, match=r"mine.txt could not be written \(No space left"):
        write_atomically(path, b"after")
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"after")
    monkeypatch.undo()
    assert names(tmp_path) == ([] if existing is None else ["mine.txt"])
    assert existing is None or path.read_bytes() == existing


def test_a_folder_in_its_place_is_one_sentence(tmp_path):
    (tmp_path / "mine.txt").mkdir()
    with pytest.raises(CourseError, match="could not be written"):
        write_atomically(tmp_path / "mine.txt", b"after")
    assert names(tmp_path) == ["mine.txt"]


def test_what_a_killed_writer_left_goes_after_an_hour(tmp_path):
    old, new = tmp_path / ".mine.txt.aa.tmp", tmp_path / ".mine.txt.bb.tmp"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 4000, time.time() - 4000))
    write_atomically(tmp_path / "mine.txt", b"whole")
    assert names(tmp_path) == [".mine.txt.bb.tmp", "mine.txt"]


@pytest.mark.parametrize("name", ["a**b.txt", "[x.txt", "a?.txt", "*.txt", "ü 木.txt"])
def test_a_name_is_no_pattern(tmp_path, name):
    other = tmp_path / ".other.txt.aa.tmp"
    other.write_bytes(b"another writer's")
    os.utime(other, (0, 0))
    assert write_atomically(tmp_path / name, b"x")
    assert names(tmp_path) == sorted([other.name, name])


def test_each_writer_keeps_to_its_readers(tmp_path, monkeypatch):
    """Progress is a learner's own; a cache of data may serve a room, whatever the umask."""
    if os.name == "nt":
        pytest.skip("permissions of POSIX")
    code = (
        "import os, sys; os.umask(int(sys.argv[1], 8)); from pathlib import Path;"
        "from aigc_edu.exercises import progress; progress.record('5.1', 'right');"
        "from aigc_edu.data import fetch; from aigc_edu.data.catalog import FASHION_MNIST as d;"
        "fetch._install(d, d.files[0], b'x'); print(fetch.folder_of(d) / d.files[0].name)"
    )
    for umask in ("022", "077"):
        for folder in ("STATE", "CACHE"):
            monkeypatch.setenv(f"AIGC_EDU_{folder}", str(tmp_path / umask / folder))
        ran = subprocess.run(
            [sys.executable, "-c", code, umask], capture_output=True, text=True, check=True
        )
        cached = ran.stdout.strip().splitlines()[-1]
        own = next((tmp_path / umask / "STATE").glob("progress*.json"))
        assert stat.S_IMODE(own.stat().st_mode) == 0o600
        assert stat.S_IMODE(os.stat(cached).st_mode) == 0o644


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize(("private", "umask", "mode"), [
    (False, 0o022, 0o644), (False, 0o077, 0o600), (True, 0o022, 0o600), (True, 0, 0o600),
])  # fmt: skip
def test_permissions(tmp_path, private, umask, mode):
    code = (
        f"import os; os.umask({umask}); from pathlib import Path; from aigc_edu.files import *;"
        f"write_atomically(Path('mine.txt'), b'x', private={private})"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert stat.S_IMODE((tmp_path / "mine.txt").stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_private_file_is_narrowed_although_its_content_stays(tmp_path):
    path = tmp_path / "mine.txt"
    write_atomically(path, b"x")
    write_atomically(path, b"x", private=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
