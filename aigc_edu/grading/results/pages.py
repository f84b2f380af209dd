"""HTML for students and for the class: one file each, that loads nothing and runs nothing.

Everything that comes from a submission or from the roster is escaped, and what cannot be seen
(control characters, characters that turn the direction of writing) is spelled out. A page's
own policy forbids scripts and anything from outside, should an escape ever be forgotten.
"""

import html
import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median

from aigc_edu.grading.intake.safe import plain
from aigc_edu.grading.results.marks import Cell, Marks, Row, rounded

SMALLEST = 5
"""A count below this is not shown: it could point at a person."""

# Icon, word and color for what became of a question (Okabe–Ito); the color only repeats.
_LOOKS = {
    "right": ("✓", "right", "#009E73"),
    "full points for all": ("✓", "full points for all", "#009E73"),
    "partly right": ("◐", "partly right", "#E69F00"),
    "wrong": ("✗", "not right yet", "#D55E00"),
    "raised": ("⚠", "raised an error", "#D55E00"),
    "not started": ("○", "not started", "#56B4E9"),
    "missing": ("○", "not found in the notebook", "#56B4E9"),
    "by hand": ("✎", "waits for a person's mark", "#CC79A7"),
    "marked by hand": ("✎", "marked by a person", "#CC79A7"),
    "time limit": ("⏱", "took too long", "#D55E00"),
    "memory limit": ("⚠", "needed too much memory", "#D55E00"),
    "too much output": ("⚠", "printed too much", "#D55E00"),
    "crashed": ("⚠", "stopped without a result", "#D55E00"),
    "refused": ("⚠", "could not be run", "#D55E00"),
    "not graded": ("–", "not graded yet", "#999999"),
}
_CASES = {"right": "✓", "wrong": "✗", "raised": "⚠", "not started": "○"}

_STYLE = """
:root { color-scheme: light dark; --line: #d5d5d5; --soft: #595959; --ground: #fff; --ink: #1c1c1c;
  --panel: #f6f6f4; }
@media (prefers-color-scheme: dark) { :root { --line: #444; --soft: #b5b5b5; --ground: #181818;
  --ink: #ececec; --panel: #232323; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
p { margin: .4rem 0; } .soft { color: var(--soft); }
.sum { font-size: 2rem; font-weight: 600; margin: 1rem 0 .2rem; }
.note { border-left: .3rem solid #CC79A7; padding: .4rem .8rem; background: var(--panel); }
article { border: 1px solid var(--line); border-left-width: .4rem; border-radius: .3rem;
  padding: .7rem 1rem; margin: .8rem 0; break-inside: avoid; }
article h3 { margin: 0; font-size: 1rem; display: flex; gap: 1rem; justify-content: space-between; }
article h3 span:last-child { white-space: nowrap; font-variant-numeric: tabular-nums; }
ul.cases { list-style: none; margin: .5rem 0 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: .2rem 1.2rem; font-size: .9rem; }
pre { background: var(--panel); padding: .5rem .7rem; white-space: pre-wrap; font-size: .85rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { overflow-wrap: normal; }
td.n, th.n { text-align: right; white-space: nowrap; padding-left: .6rem; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
@media print { body { margin: 0; max-width: none; } }
"""


def escaped(text: str) -> str:
    """Text of others for HTML: nothing in it acts, and nothing in it is hidden.

    >>> escaped("<b>\\u202e&")
    '&lt;b&gt;\\\\u202e&amp;'
    """
    return html.escape(plain(text), quote=True)


def _page(title: str, body: str) -> bytes:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    ).encode("utf-8", "replace")


def _points(points: float | None) -> str:
    return "–" if points is None else f"{rounded(points):g}"


# ----------------------------------------------------------------------------- feedback


def feedback(row: Row, marks: Marks, title: str = "") -> bytes:
    """One student's page: what each question brought, and why. Shows no probe inputs.

    Args:
        row: the student.
        marks: of the lesson.
        title: the lesson's title.
    """
    lesson = f"Lesson {marks.lesson}" + (f": {title}" if title else "")
    who = row.label if marks.pseudonyms else f"{row.student.name} ({row.label})".lstrip()
    parts = [f"<h1>{escaped(lesson)}</h1>", f'<p class="soft">{escaped(who)}{_handed_in(row)}</p>']
    if row.final is None:
        parts.append(f'<p class="note">{escaped(_without(row))}</p>')
        parts += [f"<p>{escaped(note)}</p>" for note in row.notes if not marks.pseudonyms]
        return _page(f"{lesson}: {who}", "\n".join(parts))
    parts.append(f'<p class="sum">{_points(row.final)} of {_points(row.of)} points</p>')
    if row.waiting:
        parts.append(
            '<p class="note">Not final: '
            f"{_listed(row.waiting)} {'is' if len(row.waiting) == 1 else 'are'} still to be "
            "marked by a person.</p>"
        )
    if sentence := row.late.sentence():
        before = "" if row.raw == row.final else f" Without that: {_points(row.raw)} points."
        parts.append(f'<p class="note">{escaped(sentence)}{before}</p>')
    if row.file_status not in ("", "graded") and row.file_note:
        parts.append(f'<p class="note">{escaped(row.file_note)}</p>')
    if row.attempts > 1 and row.submission is not None:
        parts.append(
            f'<p class="soft">You handed in {row.attempts} times; attempt '
            f"{row.submission.attempt} counts.</p>"
        )
    parts.append("<h2>Question by question</h2>")
    parts += [_question(cell) for cell in row.cells.values()]
    for name, reason in marks.dropped.items():
        parts.append(
            f'<p class="soft">Question {escaped(name)} does not count for anybody: '
            f"{escaped(reason)}</p>"
        )
    parts.append(
        '<h2>What these marks rest on</h2><p class="soft">Each answer was run on fresh inputs, '
        "and what it gave was compared with the course's own version. Points follow the named "
        "cases below a question; without the first, ordinary case there are none. What the inputs "
        "were is not shown, so that the question can be used again: <code>check</code> in the "
        "notebook tries yours on inputs of the same kind. If you think a mark is wrong, say so: "
        "your notebook can be graded again with everything shown.</p>"
    )
    return _page(f"{lesson}: {who}", "\n".join(parts))


def _handed_in(row: Row) -> str:
    if row.submission is None or not row.submission.submitted:
        return ""
    return f" · handed in {escaped(row.submission.submitted.replace('T', ' '))}"


def _without(row: Row) -> str:
    return {
        "missing": "Nothing was handed in. That is not the same as no points: ask if this "
        "surprises you.",
        "excused": "You are excused from this lesson.",
        "not graded yet": "Your notebook is here and has not been graded yet.",
        "no notebook": "What you handed in holds no notebook (a file that ends in .ipynb).",
        "several notebooks": "You handed in several notebooks that differ, and nothing says which "
        "one counts. Say which.",
        "refused": "What you handed in could not be read.",
        "claimed twice": "More than one file was handed in in your name. Say which is yours.",
    }.get(row.status, row.status)


def _question(cell: Cell) -> str:
    icon, word, color = _LOOKS.get(cell.status, ("–", cell.status, "#999999"))
    points = "–" if cell.points is None else _points(cell.points)
    parts = [
        f'<article style="border-left-color: {color}">',
        f"<h3><span>{escaped(cell.id)} {escaped(cell.title)}</span>"
        f"<span>{points} / {_points(cell.of)}</span></h3>",
        f"<p><strong>{icon} {escaped(word)}</strong></p>",
    ]
    if cell.status != "marked by hand":
        said = cell.message
        if cell.mistake and cell.mistake not in said:
            said = f"{cell.mistake}\n{said}".strip()
        parts.append(_message(said))
    if cell.comment:
        parts.append(_message(cell.comment))
    partial = len(cell.cases) > 1 and any(case.state != "right" for case in cell.cases)
    if partial and cell.status not in ("marked by hand", "full points for all"):
        total = sum(case.weight for case in cell.cases) or 1.0
        parts.append('<ul class="cases">')
        for case in cell.cases:
            mark = _CASES.get(case.state, "–")
            share = f"{100 * case.weight / total:.0f} %"
            parts.append(
                f"<li>{mark} {escaped(case.name)}: {escaped(case.state)} "
                f'<span class="soft">({share})</span></li>'
            )
        parts.append("</ul>")
    return "\n".join([*parts, "</article>"])


def _message(text: str) -> str:
    parts: list[str] = []
    for line in plain(text).split("\n"):
        if line.startswith("    "):  # the learner's own code, by convention of the checks
            parts.append(f"<pre><code>{html.escape(line.strip())}</code></pre>")
        elif line.strip():
            marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(line))
            parts.append(f"<p>{marked}</p>")
    return "\n".join(parts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(escaped(name) for name in names)


# ------------------------------------------------------------------------------ the class


def hidden(counts: Sequence[int]) -> list[int | None]:
    """Counts that add up to a number that is known; None for those that must not be shown.

    Below :data:`SMALLEST` nothing is shown, zero included. Where that hides a single count,
    the next smallest goes too: otherwise the sum would give it away.

    >>> hidden([20, 3, 12, 7])
    [20, None, 12, None]
    >>> hidden([20, 9])
    [20, 9]
    """
    found: list[int | None] = [n if n >= SMALLEST else None for n in counts]
    if found.count(None) == 1:
        seen = [n for n in found if n is not None]
        if seen:
            found[found.index(min(seen))] = None
    return found


def _count(number: int | None) -> str:
    return "*" if number is None else str(number)


def summary(marks: Marks, title: str = "") -> bytes:
    """The class as a whole: distribution, each question, the commonest mistakes.

    No names, and no count under five; it can be shown in class.

    Args:
        marks: of the lesson.
        title: the lesson's title.
    """
    lesson = f"Lesson {marks.lesson}" + (f": {title}" if title else "")
    graded = [row for row in marks.rows if row.cells and row.final is not None]
    parts = [f"<h1>{escaped(lesson)}</h1>"]
    if len(graded) < SMALLEST:
        parts.append(
            f'<p class="note">Fewer than {SMALLEST} notebooks are graded: nothing is shown, '
            "because it could point at a person.</p>"
        )
        return _page(f"{lesson}: the class", "\n".join(parts))
    parts.append(_who(marks, len(graded)))
    parts.append(_distribution(graded))
    parts.append(_questions(marks, graded))
    parts.append(_mistakes(marks, graded))
    parts.append(
        f'<p class="soft">* A count under {SMALLEST} is not shown, because it could point at a '
        "person; where that would hide only one, the next smallest is hidden too.</p>"
    )
    return _page(f"{lesson}: the class", "\n".join(parts))


def _who(marks: Marks, graded: int) -> str:
    waiting = any(row.waiting for row in marks.rows)
    return (
        f'<p class="soft">{graded} graded notebooks.'
        + (" Some answers still wait for a person's mark: sums may rise." if waiting else "")
        + "</p>"
    )


def _distribution(rows: Sequence[Row]) -> str:
    shares = [100 * (row.final or 0.0) / row.of if row.of else 0.0 for row in rows]
    bins = [0] * 10
    for share in shares:
        bins[min(9, max(0, int((share + 1e-9) // 10)))] += 1
    shown = hidden(bins)
    names = [f"{10 * n}–{10 * n + (10 if n == 9 else 9)} %" for n in range(10)]
    largest = max([n for n in shown if n is not None], default=1)
    bars = []
    for number, count in enumerate(shown):
        x = 40 + 62 * number
        if count is None:
            bars.append(
                f'<rect x="{x}" y="146" width="48" height="14" fill="none" stroke="#0072B2" '
                'stroke-dasharray="3 3"/>'
                f'<text x="{x + 24}" y="140" text-anchor="middle">*</text>'
            )
        else:
            height = 110 * count / largest
            bars.append(
                f'<rect x="{x}" y="{160 - height:.1f}" width="48" height="{height:.1f}" '
                'fill="#0072B2"/>'
                f'<text x="{x + 24}" y="{154 - height:.1f}" text-anchor="middle">{count}</text>'
            )
        bars.append(f'<text x="{x - 7}" y="178" text-anchor="middle">{10 * number}</text>')
    bars.append('<text x="653" y="178" text-anchor="middle">100</text>')
    bars.append('<text x="350" y="200" text-anchor="middle">percent of the points</text>')
    bars.append('<line x1="36" y1="160" x2="664" y2="160" stroke="#888"/>')
    label = "; ".join(f"{name}: {_count(n)}" for name, n in zip(names, shown, strict=True))
    quarters = sorted(shares)
    return (
        "<h2>Distribution</h2>\n"
        f'<svg viewBox="0 0 700 210" width="100%" role="img" aria-label="Students by percent of '
        f'the points. {html.escape(label)}">{"".join(bars)}</svg>\n'
        f"<p>Mean {fmean(shares):.0f} %, median {median(shares):.0f} %; the middle half lies "
        f"between {quarters[len(quarters) // 4]:.0f} % and "
        f"{quarters[(3 * len(quarters) - 1) // 4]:.0f} %.</p>"
    )


_COLUMNS = ("right", "partly", "wrong", "error", "not begun")


def _column(cell: Cell) -> str:
    if cell.status in ("marked by hand", "full points for all", "by hand"):
        points = cell.points or 0.0
        if points >= cell.of:
            return "right"
        return "partly" if points > 0 else "wrong"
    if cell.status in ("right", "wrong"):
        return cell.status
    if cell.status == "partly right":
        return "partly"
    return "not begun" if cell.status in ("not started", "missing") else "error"


def _questions(marks: Marks, rows: Sequence[Row]) -> str:
    lines = [
        "<h2>Question by question</h2>",
        '<table><tr><th scope="col">Question</th><th class="n" scope="col">Mean</th>'
        + "".join(f'<th class="n" scope="col">{name}</th>' for name in _COLUMNS)
        + "</tr>",
    ]
    for question in marks.questions:
        cells = [row.cells[question.id] for row in rows if question.id in row.cells]
        marked = [cell for cell in cells if cell.points is not None]
        mean = "–"
        if len(marked) >= SMALLEST and question.points:
            mean = f"{100 * fmean((c.points or 0.0) / question.points for c in marked):.0f} %"
        name = f"{escaped(question.id)} {escaped(question.title)}"
        head = f'<tr><th scope="row">{name}</th><td class="n">{mean}</td>'
        if question.by_hand and len(marked) < len(cells):
            lines.append(f'{head}<td colspan="{len(_COLUMNS)}">waits for marks by hand</td></tr>')
            continue
        tally = Counter(_column(cell) for cell in cells)
        shown = hidden([tally[column] for column in _COLUMNS])
        lines.append(head + "".join(f'<td class="n">{_count(n)}</td>' for n in shown) + "</tr>")
    lines.append("</table>")
    for name, reason in marks.dropped.items():
        lines.append(f"<p>Question {escaped(name)} does not count: {escaped(reason)}</p>")
    return "\n".join(lines)


def _mistakes(marks: Marks, rows: Sequence[Row]) -> str:
    tally: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for cell in row.cells.values():
            if cell.mistake:
                tally[cell.id, cell.mistake] += 1
    common = [(place, count) for place, count in tally.most_common() if count >= SMALLEST]
    lines = ["<h2>Commonest mistakes</h2>"]
    if not common:
        lines.append(f"<p>No known mistake was made by {SMALLEST} students or more.</p>")
        return "\n".join(lines)
    lines.append(
        '<table><tr><th scope="col">Question</th><th scope="col">What happened</th>'
        '<th class="n" scope="col">Students</th></tr>'
    )
    lines += [
        f'<tr><td>{escaped(name)}</td><td>{escaped(sentence)}</td><td class="n">{count}</td></tr>'
        for (name, sentence), count in common[:20]
    ]
    lines.append("</table>")
    if len(common) < len(tally):
        lines.append(
            f'<p class="soft">Mistakes made by fewer than {SMALLEST} students are left out.</p>'
        )
    return "\n".join(lines)
