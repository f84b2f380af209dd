"""The README's table of lessons, made from the lessons' own front matter.

``python tests/house/lesson_table.py --write`` puts it into README.md; a test compares the two.
"""

import argparse
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "<!-- lessons: made by tests/house/lesson_table.py --write from the lessons' own front matter -->"  # noqa: E501
END = "<!-- end of lessons -->"

# The whole plan: numbers and titles are fixed, so that links and grades last.
PLAN = {
    "I. Ground": {
        "00": "Start here",
        "01": "Data collection and preprocessing",
        "02": "Generative and discriminative models",
    },
    "II. Autoencoders": {
        "03": "Autoencoders",
        "04": "VAE: the derivation",
        "05": "VAE: training",
    },
    "III. Adversarial networks": {
        "06": "GAN: the derivation",
        "07": "GAN: training",
        "08": "DCGAN and conditional generation",
        "09": "Evaluation",
        "10": "Better quality, less overfitting",
    },
    "IV. Beyond": {
        "11": "Normalizing flows",
        "12": "Diffusion and flow matching",
        "13": "Text",
        "14": "Sound",
        "15": "Conditional generation and editing",
    },
    "V. In the world": {
        "16": "Privacy",
        "17": "Business cases",
        "18": "Scaling up",
    },
    "VI. Yours": {"19": "Capstone"},
    "Appendices": {
        "90": "Tensors, gradients, a first network",
        "91": "Probability and linear algebra",
    },
}


def front_matter(source: Path) -> dict[str, Any]:
    """The ``aigc_edu`` mapping at the top of a lesson's source."""
    text = source.read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text.split("---")[1])["aigc_edu"]
    return found


def existing(root: Path = ROOT) -> dict[str, Path]:
    """Lessons that are there: number -> source."""
    return {path.name[:2]: path for path in sorted((root / "solutions").glob("[0-9][0-9]_*.md"))}


def make_table(root: Path = ROOT) -> str:
    """The table, from BEGIN to END."""
    sources = existing(root)
    lines = [BEGIN, "| | Lesson | Reading, min | On a CPU, min | On a GPU, min |"]
    lines.append("|---|---|---|---|---|")
    for part, lessons in PLAN.items():
        lines.append(f"| | **{part}** | | | |")
        for number, title in lessons.items():
            if number not in sources:
                lines.append(f"| {number} | {title} | *planned* | | |")
                continue
            minutes = front_matter(sources[number])["minutes"]
            link = f"[{title}](lessons/{sources[number].stem}.ipynb)"
            cells = [_minutes(minutes.get(kind)) for kind in ("reading", "cpu", "gpu")]
            lines.append(f"| {number} | {link} | {' | '.join(cells)} |")
    return "\n".join([*lines, END])


def _minutes(value: float | int | None) -> str:
    return "–" if value is None else f"{value:g}"


def replaced(readme: str, table: str) -> str:
    """The README with this table in it."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + table + after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    arguments = parser.parse_args()
    readme = ROOT / "README.md"
    if arguments.write:
        text = replaced(readme.read_text(encoding="utf-8"), make_table())
        readme.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(make_table())


if __name__ == "__main__":
    main()
