"""The tables of docs/speed.md, from the figures that are kept beside this file.

Run ``python benchmarks/report.py`` to print them, with ``--write`` to put them into the page: each
between ``<!-- table: NAME -->`` and ``<!-- end -->``. A test compares the page with the figures.
"""

import argparse
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from measuring import HERE, kept, said

PAGE = HERE.parent / "docs" / "speed.md"


def rows_of(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *map(list, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def on(machine: dict[str, Any]) -> str:
    """The machine in a sentence."""
    numbers = "bfloat16 in hardware" if machine["bfloat16 in hardware"] else "no bfloat16"
    gpu = f", {machine['gpu']}" if "gpu" in machine else ""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads, "
        f"{numbers}{gpu}, Python {machine['python']}, PyTorch {machine['torch']}."
    )


def training() -> str:
    """Times as fast as the usual loop, and shares of the limit."""
    table = kept("training")
    ways = ["tensors", "course, float32", "course, bfloat16"]
    rows, shares = [], []
    for network, row in table["rows"].items():
        faster, share = row["times as fast as usual"], row["share of the limit"]
        rate = row["images a second"]["usual"]["median"]
        rows.append([network, f"{rate:,.0f}", *(cell(faster, way) for way in ways)])
        shares.append([network, *(cell(share, kind) for kind in ("float32", "bfloat16"))])
    head = ["", "usual, images a second", *ways]
    parts = [
        f"{on(table['machine'])} {table['rounds']} rounds, batches of {table['batch']}.",
        rows_of(head, rows),
        "Share of the limit (the same loop, nothing fetched):",
        rows_of(["", "float32", "bfloat16"], shares),
    ]
    first = table["rows"].get("MLP VAE", {})
    if "times as fast as pythae" in first:
        rival = first["times as fast as pythae"]
        rate = first["images a second"]["pythae"]["median"]
        parts.append(
            f"pythae 0.1.2 trains the MLP VAE at {rate:,.0f} images a second; the course's loop is "
            f"{said(rival['course, float32'])} times as fast in float32 and "
            f"{cell(rival, 'course, bfloat16')} times in bfloat16."
        )
    missed = [line.removeprefix("MISSED: ") for line in table["targets"] if "MISSED" in line]
    if missed:
        parts.append("Of the aims these were missed:")
        parts.append("\n".join(f"- {line}" for line in missed))
    return "\n\n".join(parts)


def cell(row: dict[str, Any], name: str) -> str:
    return said(row[name]) if name in row else "–"


def threads() -> str:
    """Seconds a step over those of one thread, by load."""
    table = kept("threads")
    kinds = list(table["slower than one thread from"])
    rows = [
        [
            load,
            said(row["milliseconds a step, one thread"]),
            *(said(row[kind]) for kind in kinds),
            ", ".join(map(str, sorted(set(row["chosen at the start"]["threads"])))),
        ]
        for load, row in table["rows"].items()
    ]
    head = ["load", "one thread, ms a step", *kinds, "threads chosen"]
    return f"{on(table['machine'])}\n\n{rows_of(head, rows)}"


def growth() -> str:
    """Slopes in log-log."""
    table = kept("growth")
    rows = []
    for part, networks in table["rows"].items():
        for network, row in networks.items():
            whole, upper = row["whole range"], row["upper half"]
            rows.append(
                [
                    network,
                    f"{row['unit']} against {part}",
                    f"{whole['from']:,} to {whole['to']:,}: {fit(whole)}",
                    f"{upper['from']:,} to {upper['to']:,}: {fit(upper)}",
                ]
            )
    head = ["", "cost", "slope, whole range", "slope, upper half"]
    return f"{on(table['machine'])}\n\n{rows_of(head, rows)}"


def fit(row: dict[str, Any]) -> str:
    return f"{row['slope']:.2f} ± {row['standard error']:.2f}"


def costs() -> str:
    """Lessons and parts of the tests."""
    table = kept("costs")
    lessons = [
        [number, f"{row['seconds']:.0f} s"] for number, row in table.get("lessons", {}).items()
    ]
    tests = [[name, f"{row['seconds']:.0f} s"] for name, row in table.get("tests", {}).items()]
    parts = []
    for title, rows, found in (
        ("Lessons, run whole with `aigc-edu run`", lessons, table.get("lessons", {})),
        ("Parts of `make test`", tests, table.get("tests", {})),
    ):
        if rows:
            first = next(iter(found.values()))
            parts.append(f"{title} ({first['on']}):")
            parts.append(rows_of(["", "seconds"], rows))
    return "\n\n".join(parts)


def paper() -> str:
    """Burda's table, and how far each budget gets."""
    table = kept("paper_table")
    names = table["objectives"]
    whole = table["the paper's passes"]
    rows = [
        [
            name,
            f"{row['NLL']:.2f} ± {row['standard error']:.2f}",
            f"{row['-ELBO']:.2f}",
            str(row["active units"]),
            f"{row['milliseconds an update']:.2g}",
            "{:.2f}".format(row["the paper's NLL"]),
        ]
        for name, row in table["rows"].items()
    ]
    head = ["", "NLL, nats", "−ELBO", "active latents", "ms an update", "paper: NLL"]
    glance = table["glance"]
    after = [
        [f"{row['updates']:,}", f"{row['learning rate']:.1e}", *(f"{row[n]:.2f}" for n in names)]
        for row in glance["after"]
    ]
    (gain,) = table["gains"].values()
    return "\n\n".join(
        [
            f"{on(table['device'])} {table['training digits']:,} training digits, "
            f"{table['updates']:,} updates each ({table['passes']:g} passes of the paper's "
            f"{whole:,}), batches of "
            f"{table['batch']}, seed {table['seed']}; {table['test digits']:,} test digits, "
            f"{table['samples']:,} samples.",
            rows_of(head, rows),
            f"Digit by digit the IWAE is {gain['nats']:.2f} ± {gain['standard error']:.2f} nats "
            f"below. On the way ({glance['digits']} digits, {glance['samples']} samples):",
            rows_of(["updates", "learning rate", *names], after),
        ]
    )


TABLES: dict[str, Callable[[], str]] = {
    "training": training,
    "threads": threads,
    "growth": growth,
    "costs": costs,
    "paper": paper,
}


def filled(page: str) -> str:
    """The page with every table as it is kept now."""
    for name, made in TABLES.items():
        place = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not place.search(page):
            raise ValueError(f"docs/speed.md has no place for the table {name}")
        page = place.sub(lambda found, made=made: f"{found[1]}{made()}\n{found[2]}", page)
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/speed.md")
    options = parser.parse_args()
    if options.write:
        Path(PAGE).write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        for name, made in TABLES.items():
            print(f"{name}\n\n{made()}\n")


if __name__ == "__main__":
    main()
