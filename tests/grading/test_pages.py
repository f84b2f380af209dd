"""Pages for students and for the class: whatever others wrote is text on them, and all of it."""

import html.parser
import re
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_edu.grading.intake.collection import Submission
from aigc_edu.grading.intake.roster import Student
from aigc_edu.grading.intake.safe import plain
from aigc_edu.grading.judge.ledger import CaseMark
from aigc_edu.grading.judge.manifest import ExerciseRecord
from aigc_edu.grading.results import pages
from aigc_edu.grading.results.marks import Cell, Marks, Row

# What would act in HTML, in an attribute, in a style sheet or in a template; what hides or turns
# other text; what is no character at all.
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</title>", "</style>", "</p>",
    "</main><h1>", "<!--", "-->", "<![cdata[", "]]>", "<", ">", '"', "'", '" onload="x', "&",
    "&lt;", "&#60;b&#62;", "&amp;lt;", "{{ 7 * 7 }}", "{{ marks }}", "{% raw %}", "{% endblock %}",
    "{#", "#}", "%s", "%(x)d", "{0}", "\\u003cb\\u003e", "\u202egnp", "\u2067x", "\u200b",
    "\x1b[2J", "\0", "\x85", "\u2028", "\xa0", "\ud800", "\ufeff", "javascript:alert(1)",
    "url(http://x.example)", "=1+1", "日",
]  # fmt: skip
LAYOUT = ["\n", "\n    ", "`", " "]
"""These mean something in a message: a new line, code, a name. They stay in both versions."""


def stand_in(number: int) -> str:
    """A harmless word for the hostile piece ``number``."""
    return f"Word{number:03d}"


@dataclass(frozen=True)
class Text:
    """A text in two versions, made of the same pieces: numbers into HOSTILE, or layout."""

    field: str
    pieces: tuple[int | str, ...]

    def version(self, harmless: bool) -> str:
        """The text; the field's name comes first, so that no two texts are alike or empty."""
        words = [
            piece if isinstance(piece, str) else stand_in(piece) if harmless else HOSTILE[piece]
            for piece in self.pieces
        ]
        return f"{self.field}:" + "".join(words)


class Page(html.parser.HTMLParser):
    """A page's elements with all their attributes, and the text between any two of them."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts = [""]
        self.others: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, attrs))
        self.texts.append("")

    def handle_endtag(self, tag):
        self.elements.append((f"/{tag}", []))
        self.texts.append("")

    def handle_data(self, data):
        self.texts[-1] += data

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


FIELDS = [
    "lesson title", "student", "label", "submitted", "file note", "note", "row status",
    "question", "title", "message", "comment", "mistake", "status", "case", "state",
    "dropped question", "reason",
]  # fmt: skip

any_texts = st.fixed_dictionaries(
    {
        field: st.lists(st.integers(0, len(HOSTILE) - 1) | st.sampled_from(LAYOUT), max_size=6).map(
            lambda pieces, field=field: Text(field, tuple(pieces))
        )
        for field in FIELDS
    }
)


def all_pages(texts: dict[str, Text], harmless: bool) -> list[bytes]:
    """Every kind of page there is, with these texts wherever somebody's text can stand."""
    t = {field: text.version(harmless) for field, text in texts.items()}
    first = ExerciseRecord(t["question"], t["title"], "function", 3.0, "04", "kl", "aa")
    second = ExerciseRecord(f"4.8 {t['question']}", t["title"], "text", 5.0, "04", "words", "cc")
    cases = (CaseMark(t["case"], 2.0, "right"), CaseMark(t["case"], 1.0, t["state"]))
    cells = {
        first.id: Cell(
            first.id, first.title, 2.0, 3.0, t["status"], t["message"], t["mistake"], cases
        ),
        second.id: Cell(second.id, second.title, None, 5.0, "by hand", t["message"]),
        "4.9": Cell("4.9", t["title"], 1.0, 2.0, "marked by hand", comment=t["comment"]),
    }
    row = Row(
        Student("s01", t["student"]),
        t["label"],
        "graded",
        Submission("s01", 2, t["submitted"]),
        2,
        cells,
        3.0,
        10.0,
        3.0,
        waiting=(second.id, t["question"]),
        file_status="another lesson",
        file_note=t["file note"],
    )
    without = Row(Student("s02", t["student"]), t["label"], t["row status"], notes=(t["note"],))
    marks = Marks(
        "04", (first, second), {t["dropped question"]: t["reason"]}, (row,) * 6 + (without,), ()
    )
    return [
        pages.feedback(row, marks, t["lesson title"]),
        pages.feedback(without, marks, t["lesson title"]),
        pages.summary(marks, t["lesson title"]),
    ]


@settings(max_examples=100)
@given(texts=any_texts)
def test_whatever_others_write_is_text_and_comes_back_unchanged(texts):
    for dangerous, harmless in zip(all_pages(texts, False), all_pages(texts, True), strict=True):
        page, expected = Page(dangerous), Page(harmless)
        assert page.elements == expected.elements
        assert page.others == expected.others == ["DOCTYPE html"]
        for text, words in zip(page.texts, expected.texts, strict=True):
            # What cannot be seen is spelled out; everything else is what was written.
            assert text == re.sub(r"Word(\d{3})", lambda word: plain(HOSTILE[int(word[1])]), words)


def test_every_field_is_on_a_page():
    """Otherwise the test above would prove nothing about it."""
    shown = b"".join(all_pages({field: Text(field, (0,)) for field in FIELDS}, True)).decode()
    assert [field for field in FIELDS if f"{field}:{stand_in(0)}" not in shown] == []
