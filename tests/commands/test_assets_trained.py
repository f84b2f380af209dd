"""``aigc-edu assets trained``: weights come from the lessons' own loops, and are resumed."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook

from aigc_edu.commands.assets import command
from aigc_edu.commands.assets_trained import _until_saved, halved
from aigc_edu.errors import CourseError


def test_what_comes_after_the_checkpoint_is_left_out() -> None:
    claim = new_code_cell("assert quality < 3")
    claim.metadata["tags"] = ["solution-only"]
    cells = [
        new_code_cell("train()"),
        claim,
        new_code_cell("training.save_checkpoint(path)"),
        new_code_cell("more()"),
    ]
    kept = _until_saved(new_notebook(cells=cells), "42").cells
    assert [cell.source for cell in kept] == ["train()", "training.save_checkpoint(path)"]
    with pytest.raises(CourseError, match="saves no checkpoint"):
        _until_saved(new_notebook(cells=cells[:2]), "42")


def test_half_precision_leaves_whole_numbers() -> None:
    stored = halved({"weight": torch.ones(2).double(), "count": torch.tensor(70_001)})
    assert stored["weight"].dtype == torch.float16
    assert stored["count"].item() == 70_001


def test_unknown_models() -> None:
    assert CliRunner().invoke(command, ["trained", "--only", "flow"]).exit_code == 2
    assert CliRunner().invoke(command, ["trained", "--seeds", "x"]).exit_code == 2


@pytest.mark.slow
def test_it_runs_the_lesson_and_goes_on_where_it_was(tmp_path: Path) -> None:
    asked = ["trained", "--only", "autoencoder", "--quick", "--out", str(tmp_path), "--seeds"]
    first = CliRunner().invoke(command, [*asked, "5"])
    assert first.exit_code == 0, first.output
    second = CliRunner().invoke(command, [*asked, "5,6"])
    assert second.exit_code == 0, second.output
    assert "seed 5: there already" in second.output
    record = json.loads((tmp_path / "autoencoder.json").read_text())
    assert set(record["seeds"]) == {"5", "6"}
    assert record["conditions"]["budget"] == "quick"
    assert record["seeds"]["5"]["figures"]["test_squared_error"] > 20  # hardly trained
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [
        ".json",
        ".safetensors",
        ".safetensors",
    ]
