"""The commands from release to appeal; stopped, resumed, killed; pools and Dask."""

import ast
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from aigc_edu import paths
from aigc_edu.cli import group
from aigc_edu.errors import CourseError
from aigc_edu.grading.judge.grader import Task, Terms, grade_one
from aigc_edu.grading.judge.ledger import Ledger, MarkLine, standings
from aigc_edu.grading.judge.manifest import Manifest
from aigc_edu.grading.judge.packs import Pack, read_pack
from aigc_edu.grading.judge.specification import make_manifest, parameters_for
from tests.grading import sandboxed as helpers

PACK = Path(__file__).with_name("pack.py")
SLOW = [pytest.mark.slow, pytest.mark.timeout(900)]


def command(*words: object) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words], catch_exceptions=True)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        helpers.library(tmp_path_factory.mktemp("probe"))
    except CourseError as error:
        pytest.skip(f"no sandbox here: {error}")


def roster(folder: Path, students: list[str]) -> Path:
    path = folder / "roster.csv"
    path.write_text("id,name\n" + "".join(f"{s},Name {s}\n" for s in students))
    return path


def fill_in(notebook: Path, answers: dict[str, str]) -> None:
    """Put answers into the stubs of a released notebook: name → code."""
    library: Any = nbformat
    made = library.read(notebook, as_version=4)
    for cell in made.cells:
        for name, code in answers.items():
            if cell.source.startswith((f"def {name}(", f"{name} = TODO")):
                cell["source"] = code
    library.write(made, notebook)


# -------------------------------------------------------------------------------- quickly


def test_drawn_parameters_rest_on_secret_student_and_exercise() -> None:
    from aigc_edu.grading.judge.specification import all_drawn

    drawn = all_drawn(["04", "06", "07"], read_pack(PACK))
    assert [each.id for each in drawn] == ["D4.1", "D4.2", "P4.2", "D6.1", "D6.2", "D7.1", "D7.2"]
    one = parameters_for(b"s" * 32, "ada", drawn)
    assert one == parameters_for(b"s" * 32, "ada", drawn)
    assert one != parameters_for(b"t" * 32, "ada", drawn)
    others = [json.dumps(parameters_for(b"s" * 32, f"s{n}", drawn)) for n in range(200)]
    assert len(set(others)) > 195  # neighbors rarely share all seven draws
    assert json.loads(json.dumps(one)) == one


def test_a_release_holds_no_answer_and_what_students_need(tmp_path: Path) -> None:
    students = roster(tmp_path, ["ada", "bo"])
    out = tmp_path / "out"
    result = command("release", "4", "7", "--out", out, "--roster", students, "--exercises", PACK)
    assert result.exit_code == 0, result.output
    manifest = Manifest.read(out / "lecturer")
    assert manifest.lessons == ("04", "07")
    assert [r.id for r in manifest.of_lesson("04")][-4:] == ["P4.1", "D4.1", "D4.2", "P4.2"]
    assert set(manifest.parameters) == {"ada", "bo"}
    assert (out / "lecturer").stat().st_mode & 0o077 == 0
    for student in ("ada", "bo"):
        text = (out / "students" / student / "04_vae_derivation.ipynb").read_text()
        exponent = manifest.parameters[student]["P4.2"]["exponent"]
        assert f"x^{{{exponent}}}" in text
        assert "BEGIN SOLUTION" not in text
        assert (out / "lecturer" / "seed").read_text().strip() not in text
    assert not list((out / "students").rglob("*seed*"))
    assert not list((out / "students").rglob("manifest.json"))
    # The published lesson is as it was.
    shipped = json.loads((paths.lessons_dir() / "04_vae_derivation.ipynb").read_text())
    released = json.loads((out / "students" / "ada" / "04_vae_derivation.ipynb").read_text())
    assert released["cells"][: len(shipped["cells"])] == shipped["cells"]
    again = command("release", "4", "--out", out)
    assert isinstance(again.exception, CourseError)


def test_without_a_roster_a_lesson_is_released_as_it_is(tmp_path: Path) -> None:
    assert command("release", "05", "--out", tmp_path / "out").exit_code == 0
    shipped = next(paths.lessons_dir().glob("05_*.ipynb"))
    assert (tmp_path / "out" / "students" / shipped.name).read_bytes() == shipped.read_bytes()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["release", "99", "--out", "{}/o"], "no lesson 99"),
        (["grade", "{}", "--lesson", "04"], "--seed-file, --out"),
        (["grade", "{}", "--lesson", "x", "--seed-file", "{}/s", "--out", "{}/o"], "no lesson's"),
        (["grade", "{}/no", "--lesson", "4", "--seed-file", "{}/s", "--out", "{}/o"], "nothing at"),
        (["grade", "{}/no", "--self"], "cannot be read"),
        (["grade", "{}", "--self", "--out", "{}/o"], "--self takes"),
        (["regrade", "--only", "4.2", "--reason", " ", "--out", "{}/o"], "needs a reason"),
        (["regrade", "--only", "4.2", "--reason", "x", "--out", "{}/o"], "Nothing was graded"),
        (["appeal", "ada", "--out", "{}/o"], "Nothing was graded"),
    ],
)
def test_a_lecturers_mistakes_get_a_sentence(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    result = command(*(word.replace("{}", str(tmp_path)) for word in words))
    assert isinstance(result.exception, CourseError), result.output
    assert sentence in str(result.exception)


def test_a_short_seed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "seed").write_text("1234\n")
    (tmp_path / "subs").mkdir()
    result = command(
        "grade", tmp_path / "subs", "--lesson", "04", "--seed-file", tmp_path / "seed",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert "could be guessed" in str(result.exception)


def test_a_manifest_that_does_not_fit_is_refused_by_naming_what_differs(tmp_path: Path) -> None:
    import dataclasses

    from aigc_edu.grading.judge.folder import GradingFolder

    whole = make_manifest(["04"], Pack(""))
    changed = [
        dataclasses.replace(record, sha256="0" * 64) if record.id == "4.3" else record
        for record in whole.exercises
        if record.id != "4.7"
    ]
    dataclasses.replace(whole, exercises=tuple(changed), constraints={"torch": "1.0.0"}).write(
        tmp_path / "manifest.json"
    )
    with pytest.raises(CourseError) as raised:
        GradingFolder(tmp_path / "out").settle_manifest(tmp_path, "04", Pack(""))
    for part in ("4.3 has changed", "4.7 is new", "torch was 1.0.0"):
        assert part in str(raised.value)


def test_what_a_mark_rests_on_changes_its_hash(tmp_path: Path) -> None:
    from aigc_edu.exercises import registry
    from aigc_edu.grading.judge.digests import exercise_digest

    seen = set()
    text = PACK.read_text()
    for number, (old, new) in enumerate(
        [
            ("", ""),
            ("math.pi * math.e", "math.pi  * math.e"),
            ("normal(1, 4)", "normal(2, 4)"),
            ("points=2", "points=3"),
            ("weight=2", "weight=3"),
            ("# nothing", "# nothing"),
        ]
    ):
        path = tmp_path / f"pack_{number}.py"
        path.write_text(text.replace(old, new) if old else text)
        seen.add(exercise_digest(read_pack(path).exercises[0]))
    registry.forget_packs()
    assert len(seen) == 5


def test_no_sandbox_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aigc_edu.grading.sandbox import bubblewrap

    monkeypatch.setattr(shutil, "which", lambda name, *a, **k: None)
    with pytest.raises(CourseError, match=r"bubblewrap is not installed: install it .*apt install"):
        bubblewrap.require_sandbox(tmp_path)
    monkeypatch.undo()
    broken = tmp_path / "bwrap"
    broken.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n"
    )
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(CourseError, match=r"No permissions to create .*user\s+namespaces"):
        bubblewrap.require_sandbox(tmp_path)
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(CourseError, match="needs Linux"):
        bubblewrap.require_sandbox(tmp_path)


_EVERY_FUNCTION = """
import importlib, inspect, json, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import aigc_edu
assert aigc_edu.__file__.startswith(sys.argv[1])
from aigc_edu.exercises.probing import answer_outputs, call
from aigc_edu.grading.sandbox.box import wire
found = {}
for room in ("objectives", "metrics", "data", "models", "training"):
    package = importlib.import_module(f"aigc_edu.{room}")
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if info.name.rsplit(".")[-1] in ("embed", "fetch", "wheel"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == info.name:
                found[f"{info.name.removeprefix('aigc_edu.')}.{name}"] = value
out = {}
for identifier, question in json.load(open(sys.argv[2])).items():
    cases = [wire.unpack_case(case) for case in question["cases"]]
    space = {"torch": __import__("torch"), "nn": __import__("torch").nn}
    space["F"], space["math"] = space["nn"].functional, __import__("math")
    run = call
    if question["run"]:
        exec("from __future__ import annotations\\n" + question["run"], space)
        run = space[question["run_name"]]
    for name, value in found.items():
        outcomes = answer_outputs(run, value, cases[:1])
        if outcomes[0].failure is None:
            outs = answer_outputs(run, value, cases, gradient=question["gradient"])
            out.setdefault(identifier, {})[name] = [wire.pack_outcome(one) for one in outs]
json.dump(out, open(sys.argv[3], "w"))
"""


def test_what_the_box_imports_of_the_course_is_in_it(tmp_path: Path) -> None:
    from aigc_edu.grading.sandbox.library import build_library

    place = build_library(tmp_path / "library", [])
    imported = set()
    for file in place.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported |= {name for name in names if name.split(".")[0] == "aigc_edu"}
    paths = {name: place.joinpath(*name.split(".")) for name in imported}
    assert len(paths) > 20
    assert not [
        name
        for name, path in sorted(paths.items())
        if not path.with_suffix(".py").is_file() and not (path / "__init__.py").is_file()
    ]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_in_the_box_answers_a_question(tmp_path: Path) -> None:
    """Every function of the library is tried as an answer to every exercise of the course;
    one that is right, or partly, must be withheld while that lesson is graded."""
    from aigc_edu.exercises import all_exercises, lesson_exercises
    from aigc_edu.grading.judge.questions import Question
    from aigc_edu.grading.judge.specification import records_of
    from aigc_edu.grading.sandbox.library import build_library, withheld_from
    from aigc_edu.grading.sandbox.session import Claim

    exercises = [e for e in all_exercises() if e.kind in ("function", "class")]
    lessons = sorted({exercise.lesson for exercise in exercises})
    records = {r.id: r for n in lessons for r in records_of(str(n), Pack(""), drawn=False)}
    questions = {e.id: Question(records[e.id], e, b"k" * 32) for e in exercises}
    place = build_library(tmp_path / "library", [])  # nothing withheld
    asked, said = tmp_path / "asked.json", tmp_path / "said.json"
    asked.write_text(json.dumps({name: q.request() for name, q in questions.items()}))
    done = subprocess.run(
        [sys.executable, "-I", "-c", _EVERY_FUNCTION, str(place), str(asked), str(said)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers, missing = 0, []
    for identifier, tried in json.loads(said.read_text()).items():
        hidden = withheld_from(lesson_exercises(questions[identifier].exercise.lesson))
        for name, outcomes in tried.items():
            claim = Claim("result", {"how": "ran", "callable": True, "outcomes": outcomes})
            if questions[identifier].mark(claim).points:
                answers += 1
                module, _, function = name.rpartition(".")
                if function not in hidden.get(module, set()):
                    missing.append(f"{name} answers {identifier}")
    assert not missing, "add them to ALIKE in aigc_edu/grading/sandbox/library.py"
    assert answers >= 5, "the references themselves must be found"


def test_what_is_withheld_only_raises(tmp_path: Path) -> None:
    from aigc_edu.exercises import lesson_exercises
    from aigc_edu.grading.sandbox.library import build_library

    place = build_library(tmp_path / "library", lesson_exercises(4))
    text = (place / "aigc_edu" / "objectives" / "variational.py").read_text()
    assert "kl_to_standard_normal is withheld" in text
    assert "expm1" not in text
    names = {path.name for path in place.rglob("*")}
    outside = {"e02_kl.py", "evaluating.py", "questions.py", "registry.py", "commands"}
    assert outside <= {path.name for path in paths.PACKAGE.rglob("*")}, (
        "what is looked for is there"
    )
    assert not names & outside
    grading = place / "aigc_edu" / "grading"
    box = {"__init__.py", "notebook.py", "wire.py", "worker.py"}
    assert {path.relative_to(grading).as_posix() for path in grading.rglob("*.py")} == {
        "__init__.py", "sandbox/__init__.py", *(f"sandbox/box/{name}" for name in box)
    }  # fmt: skip
    assert not any(name.endswith((".pyc", ".md", ".ipynb")) for name in names)
    tried = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(place)!r})\n"
         "import torch\nfrom aigc_edu.objectives import generator_loss, elbo\n"
         "from aigc_edu.exercises import check, TODO\nassert check('4.2', 5) == 5\n"
         "generator_loss(torch.zeros(2))\nelbo(*[torch.zeros(2, 3)] * 4)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "withheld while a question" in tried.stderr


# ------------------------------------------------------------------------ with a sandbox


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("sandbox")
def test_from_release_to_appeal(tmp_path: Path) -> None:
    students = roster(tmp_path, ["ada", "bo", "cy", "di"])
    out = tmp_path / "release"
    assert command("release", "04", "--out", out, "--roster", students, "--exercises", PACK)
    manifest = Manifest.read(out / "lecturer")
    handed = tmp_path / "handed"
    handed.mkdir()
    pack = read_pack(PACK)
    from aigc_edu.grading.judge.specification import all_drawn

    entropy = (
        "def entropy(log_variance):\n"
        "    return 0.5 * (log_variance + math.log(2 * math.pi * math.e)).sum(1)"
    )
    for student, whose in (("ada", "ada"), ("bo", "ada"), ("cy", None)):
        file = handed / f"{student}.ipynb"
        shutil.copy(out / "students" / student / "04_vae_derivation.ipynb", file)
        if whose is not None:  # bo copied ada's answers
            answers = {"entropy": entropy, "kl": helpers.KL.strip()}
            for each in all_drawn(["04"], pack):
                name = each.stub.split("(")[0].removeprefix("def ")
                answers[name] = each.answer(manifest.parameters[whose][each.id]).strip()
                if "\n\ndef " in answers[name]:
                    head, body = answers[name].split("\n\ndef ")
                    answers[name] = f"def {body}".replace("\n    ", f"\n    {head}\n    ", 1)
            fill_in(file, answers)
    given = [
        "--lesson", "04", "--seed-file", out / "lecturer" / "seed", "--roster", students,
        "--out", tmp_path / "marks", "--exercises", PACK, "--workers", 2,
    ]  # fmt: skip
    result = command("grade", handed, *given, "--manifest", out / "lecturer" / "manifest.json")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "Nothing from 1 students" in result.output
    found = standings(Ledger(tmp_path / "marks").lines(), "04")
    assert set(found) == {("ada", 1), ("bo", 1), ("cy", 1)}
    status = {s: {i: m.status for i, m in found[s, 1].exercises.items()} for s, _ in found}
    own = ("P4.1", "D4.1", "D4.2", "P4.2")
    assert [status["ada"][i] for i in own] == ["right"] * 4
    assert status["ada"]["4.2"] == "right"
    assert set(status["cy"].values()) == {"not started"}
    differing = [
        each.id
        for each in all_drawn(["04"], pack)
        if manifest.parameters["ada"][each.id] != manifest.parameters["bo"][each.id]
    ]
    assert all(status["bo"][i] in ("wrong", "raised") for i in differing)
    assert status["bo"]["P4.1"] == "right"
    # The same command again grades nothing.
    before = Ledger(tmp_path / "marks").path.read_bytes()
    again = command("grade", handed, *given)
    assert again.exit_code == 0, (again.output, again.exception)
    assert "3 graded before" in again.output
    assert Ledger(tmp_path / "marks").path.read_bytes() == before

    # A question is void, and counts again.
    marks = ["--out", tmp_path / "marks"]
    total = found["ada", 1].of
    assert command("regrade", "--only", "4.2", "--void", "drop", "--reason", "unclear", *marks)
    lines = Ledger(tmp_path / "marks").lines()
    assert standings(lines, "04")["ada", 1].of == total - 3
    assert command("regrade", "--only", "4.2", "--void", "restore", "--reason", "clear", *marks)
    assert standings(Ledger(tmp_path / "marks").lines(), "04")["ada", 1].of == total

    # An appeal shows the inputs and changes nothing.
    before = Ledger(tmp_path / "marks").path.read_bytes()
    appeal = command("appeal", "bo", *marks)
    assert appeal.exit_code == 0, (appeal.output, appeal.exception)
    assert "input 1: tensor(" in appeal.output
    assert "float32 (5, 3)" in appeal.output
    assert Ledger(tmp_path / "marks").path.read_bytes() == before
    from aigc_edu.exercises import registry

    registry.forget_packs()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("sandbox")
def test_a_regrade_shows_first_and_lowers_nobody_unless_told(tmp_path: Path) -> None:
    students = roster(tmp_path, ["ada", "bo"])
    pack = tmp_path / "pack.py"
    strict = PACK.read_text().split("DRAWN = [")[0]
    pack.write_text(strict)
    handed = tmp_path / "handed"
    handed.mkdir()
    right = "def entropy(v):\n    return 0.5 * (v + math.log(2 * math.pi * math.e)).sum(1)"
    other = "def entropy(v):\n    return 0.5 * (v + math.log(2 * math.pi)).sum(1)"
    for student, answer in (("ada", right), ("bo", other)):
        (handed / f"{student}.ipynb").write_bytes(
            helpers.notebook([helpers.IMPORTS, answer, 'check("P4.1", entropy)'])
        )
    given = [
        "--lesson", "04", "--seed-file", tmp_path / "seed", "--roster", students,
        "--out", tmp_path / "marks", "--exercises", pack,
    ]  # fmt: skip
    result = command("grade", handed, *given)
    assert result.exit_code == 0, (result.output, result.exception)

    def points() -> dict[str, float]:
        found = standings(Ledger(tmp_path / "marks").lines(), "04")
        return {student: found[student, 1].exercises["P4.1"].points for student, _ in found}

    assert points() == {"ada": 2, "bo": 0}
    # The pack is changed: now the other one is right.
    pack.write_text(
        strict.replace("reference=_entropy,", "reference=_without_e,").replace(
            "Mistake(_without_e,", "Mistake(_entropy,"
        )
    )
    from aigc_edu.exercises import registry

    registry.forget_packs()
    refused = command("grade", handed, *given)
    assert "P4.1 has changed" in str(refused.exception)
    words = ["regrade", "--only", "P4.1", "--reason", "the key was wrong"]
    words += ["--out", str(tmp_path / "marks")]
    shown = command(*words)
    assert shown.exit_code == 0, (shown.output, shown.exception)
    assert "ada (attempt 1): 2 → 0" in shown.output
    assert "bo (attempt 1): 0 → 2" in shown.output
    assert points() == {"ada": 2, "bo": 0}
    assert command(*words, "--apply").exit_code == 0
    assert points() == {"ada": 2, "bo": 2}
    assert command(*words, "--apply", "--lower").exit_code == 0
    assert points() == {"ada": 0, "bo": 2}
    reasons = standings(Ledger(tmp_path / "marks").lines(), "04")["bo", 1].reasons
    assert reasons == {"P4.1": "the key was wrong"}
    # And what was graded again is not graded once more.
    assert "2 graded before" in command("grade", handed, *given).output
    registry.forget_packs()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_self_needs_no_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aigc_edu.grading.sandbox import session

    file = tmp_path / "mine.ipynb"
    file.write_bytes(helpers.honest())
    monkeypatch.setattr(shutil, "which", lambda name, *a, **k: None)
    result = command("grade", file, "--self")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "7 of 20 points" in result.output
    assert "missing" in result.output
    # Without fork, as on Windows and macOS, a process an answer gives the same.
    monkeypatch.setattr(session, "forks", lambda: False)
    terms = Terms(helpers.manifest(), "04", helpers.SECRET, boxed=False, only=("4.2", "4.3"))
    line = grade_one(terms, Task("me", 1, helpers.honest()))
    assert [mark.status for mark in line.exercises] == ["right", "missing"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("sandbox")
def test_without_a_control_group_the_tree_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIGC_EDU_CGROUP", "off")
    code = (helpers.FOLDER / "limit_memory_over_forks.py").read_text()
    terms = Terms(helpers.manifest(10.0, 512), "04", helpers.SECRET, only=("4.2", "4.4"))
    cells = [helpers.IMPORTS, helpers.DIAGONAL, code, helpers.CHECK_KL, helpers.CHECK_DIAGONAL]
    line = grade_one(terms, Task("x", 1, helpers.notebook(cells)))
    assert [mark.status for mark in line.exercises] == ["memory limit", "right"]
    assert line.memory_mb > 512


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("sandbox")
def test_an_ordinary_user_can_grade(tmp_path: Path) -> None:
    """The grader does not need root; where the tests are root, it is run as somebody else."""
    if os.geteuid() != 0:
        pytest.skip("these tests run as an ordinary user anyway")
    words = _class(tmp_path, 1)
    # What lies in a folder that only root can enter is shown to that user at its own place.
    open_up: list[str] = []
    for place in (Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), tmp_path):
        closed = [parent for parent in place.parents if not parent.stat().st_mode & 0o001]
        for parent in reversed(closed):
            if str(parent) not in open_up:
                open_up += ["--perms", "0755", "--tmpfs", str(parent)]
        if closed:
            between = [parent for parent in place.parents if closed[-1] in parent.parents]
            for parent in reversed(between):
                open_up += ["--perms", "0755", "--dir", str(parent)]
            open_up += ["--bind", str(place), str(place)]
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o644)
    program = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", *open_up, "--"]
    program += ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    program += [sys.executable, "-m", "aigc_edu", *map(str, words), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        program,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr[-1000:]
    assert (tmp_path / "out").stat().st_uid == 65534
    ((_, _, marks),) = [(*place, found) for place, found in _marks(tmp_path / "out").items()]
    assert [mark for mark in marks if mark[0] == "4.2"] == [("4.2", "wrong", 0.0)]


def _class(folder: Path, count: int) -> list[object]:
    """A small class and the words that grade it."""
    handed = folder / "handed"
    handed.mkdir()
    names = [f"s{number:03d}" for number in range(count)]
    for number, name in enumerate(names):
        kl = helpers.KL if number % 3 else helpers.KL.replace("0.5 *", "")
        (handed / f"{name}.ipynb").write_bytes(
            helpers.notebook([helpers.IMPORTS, f"number = {number}", kl, helpers.CHECK_KL])
        )
    seed = folder / "seed"
    seed.write_text("an undisturbed seed of some length\n")
    students = roster(folder, names)
    return [
        "grade", handed, "--lesson", "04", "--seed-file", seed, "--roster", students,
    ]  # fmt: skip


def _marks(out: Path) -> dict[tuple[str, int], list[tuple[str, str, float]]]:
    found = standings(Ledger(out).lines(), "04")
    return {
        place: [(m.id, m.status, m.points) for m in standing.exercises.values()]
        for place, standing in found.items()
    }


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("sandbox")
def test_killed_at_random_moments_it_ends_with_the_same_marks(tmp_path: Path) -> None:
    """``AIGC_EDU_KILLS=30`` kills more often; a whole process tree loses its parent each time."""
    kills = int(os.environ.get("AIGC_EDU_KILLS", "3"))
    words = _class(tmp_path, 6)
    undisturbed = command(*words, "--out", tmp_path / "calm", "--workers", 1)
    assert undisturbed.exit_code == 0, (undisturbed.output, undisturbed.exception)
    source = random.Random(int(os.environ.get("AIGC_EDU_SEED", "6")))
    killed, rounds, out = 0, 0, tmp_path / "out"
    while killed < kills:
        # Each class is graded to its end, killed again and again on the way.
        rounds += 1
        out = tmp_path / f"out-{rounds}"
        program = [sys.executable, "-m", "aigc_edu", *map(str, words), "--out", str(out)]
        finished = False
        while not finished and killed < kills:
            process = subprocess.Popen(
                [*program, "--workers", "2"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            before = len(Ledger(out).lines())
            # Somewhere between the start and the second mark after it.
            aim, limit = source.random() * 2, time.monotonic() + source.uniform(2, 14)
            while process.poll() is None and time.monotonic() < limit:
                if len(Ledger(out).lines()) - before >= 1 + aim:
                    break
                time.sleep(source.random() / 20)
            finished = process.poll() is not None
            if not finished:
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
            process.wait()
            Ledger(out).lines()  # never damaged
        last = subprocess.run(program, capture_output=True, text=True, check=False)
        assert last.returncode == 0, last.stderr[-1000:]
        lines = Ledger(out).lines()
        keys = [line.key for line in lines if isinstance(line, MarkLine)]
        assert len(keys) == len(set(keys)) == 6, "something was graded twice"
        assert out.joinpath("ledger.jsonl").read_bytes().endswith(b"\n")
        assert _marks(out) == _marks(tmp_path / "calm")
        assert not [p for p in out.rglob("*") if p.name.endswith((".tmp", ".part"))]
    print(f"{killed} kills in {rounds} rounds")
    time.sleep(1)
    # Nothing that these runs started is left; the sandbox's folder is in its command line.
    left = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            left.append(path.read_bytes().decode(errors="replace"))
    assert not [words for words in left if str(tmp_path) in words]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("sandbox")
def test_dask_gives_the_same_marks(tmp_path: Path) -> None:
    distributed: Any = pytest.importorskip("distributed", reason="without the extra 'cluster'")
    words = _class(tmp_path, 4)
    assert command(*words, "--out", tmp_path / "pool", "--workers", 1).exit_code == 0
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        done = command(*words, "--out", tmp_path / "dask", "--dask", cluster.scheduler_address)
    assert done.exit_code == 0, (done.output, done.exception)
    assert _marks(tmp_path / "dask") == _marks(tmp_path / "pool")
    assert len(_marks(tmp_path / "dask")) == 4
