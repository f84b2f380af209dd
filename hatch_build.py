"""What a wheel carries besides the package: the lessons, the worked solutions, the tested versions.

An editable install needs none of it: there ``aigc_edu.paths`` finds them in the checkout.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CourseBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ``aigc_edu/_lessons``, ``aigc_edu/_solutions`` and ``aigc_edu/_constraints.txt``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        carried = build_data["force_include"]
        carried[str(root / "constraints.txt")] = "aigc_edu/_constraints.txt"
        for folder in ("lessons", "solutions"):
            # Notebooks only: the sources (*.md) and what an editor left behind stay at home.
            for notebook in sorted((root / folder).glob("*.ipynb")):
                carried[str(notebook)] = f"aigc_edu/_{folder}/{notebook.name}"
