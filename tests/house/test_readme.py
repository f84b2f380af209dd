"""The README: its table, its links, its numbers."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from aigc_edu.authoring.tables import BEGIN, END
from aigc_edu.lessons import LESSONS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md"))]  # fmt: skip  # noqa: E501


def table(text=README):
    return text.partition(BEGIN.format("lessons"))[2].partition(END.format("lessons"))[0]


def test_the_table_has_every_lesson_and_links_those_that_are_there():
    for lesson in LESSONS:
        row = f"\n| {lesson.number} | [{lesson.title}](lessons/{lesson.number}_"
        assert table().count(row) == (not lesson.planned)
        if lesson.planned:
            (row,) = [line for line in table().splitlines() if lesson.title in line]
            assert row.startswith("| | *planned:* ")
            assert f" {lesson.number} {lesson.title} " in row
            assert f"lessons/{lesson.number}_" not in README
            assert f"solutions/{lesson.number}_" not in README


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
