"""The README: its table, its links, its numbers."""

import importlib.util
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]  # fmt: skip  # noqa: E501


def lesson_table():
    path = Path(__file__).with_name("lesson_table.py")
    spec = importlib.util.spec_from_file_location("lesson_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_agrees_with_the_lessons_front_matter():
    table = lesson_table()
    expected = table.make_table()
    assert expected in README, "run: python tests/house/lesson_table.py --write"


def test_every_lesson_that_exists_is_in_the_table_and_a_planned_one_is_not_linked():
    table = lesson_table()
    listed = {number for part in table.PLAN.values() for number in part}
    assert set(table.existing()) <= listed
    for number in listed - set(table.existing()):
        assert f"lessons/{number}_" not in README
        assert f"solutions/{number}_" not in README


def test_minutes_that_change_are_noticed(tmp_path):
    table = lesson_table()
    (tmp_path / "solutions").mkdir()
    source = tmp_path / "solutions" / "05_vae_training.md"
    text = "---\naigc_edu:\n  number: '05'\n  minutes: {{reading: 40, cpu: {}, gpu: 1.5}}\n---\n"
    source.write_text(text.format(3))
    before = table.make_table(tmp_path)
    assert "| 05 | [VAE: training](lessons/05_vae_training.ipynb) | 40 | 3 | 1.5 |" in before
    source.write_text(text.format(4))
    assert table.make_table(tmp_path) != before


def anchors(text):
    """GitHub's names of a document's headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document):
    path = ROOT / document
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = unquote(target).partition("#")
        linked = (path.parent / file) if file else path
        assert linked.exists(), f"{document} links to {target}"
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), target


def test_every_picture_has_a_text_alternative():
    for alternative, _ in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README):
        assert len(alternative) > 20
    assert "<img" not in README


def test_no_number_was_forgotten():
    """Figures are measured last; until then they stand as @@NAME@@."""
    for document in DOCUMENTS:
        left = re.findall(r"@@\w+@@", (ROOT / document).read_text(encoding="utf-8"))
        assert left == [], f"{document}: measure and fill in {left}"


def test_the_first_screen_has_what_a_visitor_asks_first():
    screen = "\n".join(README.splitlines()[:24])
    for part in ("make lab", "make test", "Download", "disk", "No GPU", "Python 3.11", "minutes"):
        assert part in screen
    assert "docs/teaching.md" in screen
    assert "bootstrap.py lab" in screen
