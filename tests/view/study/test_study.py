"""The study: a fair order, answers that last, a result that can be trusted, and its page."""

import itertools
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_edu.errors import CourseError
from aigc_edu.metrics import wilson_interval
from aigc_edu.view.study import Study, fair_pairs
from aigc_edu.view.study import study as study_module

REAL = np.linspace(0.0, 0.4, 30)[:, None, None] * np.ones((30, 6, 6))
DRAWN = np.linspace(0.6, 1.0, 25)[:, None, None] * np.ones((25, 6, 6))


def darker(left, right):
    return "left" if left.mean() < right.mean() else "right"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(REAL, DRAWN, trials=12, folder=tmp_path)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_no_image_twice_and_sides_in_balance(real: int, drawn: int, data: st.DataObject) -> None:
    trials = data.draw(st.integers(1, min(real, drawn)))
    pairs = fair_pairs(real, drawn, trials, seed=data.draw(st.integers(0, 5)))
    assert len(pairs) == trials
    assert len({pair.real for pair in pairs}) == trials
    assert len({pair.generated for pair in pairs}) == trials
    assert all(0 <= pair.real < real and 0 <= pair.generated < drawn for pair in pairs)
    sides = Counter(pair.real_side for pair in pairs)
    assert abs(sides["left"] - sides["right"]) == trials % 2


def test_the_order_is_drawn_and_repeats_with_its_seed() -> None:
    assert fair_pairs(40, 40, 30, seed=3) == fair_pairs(40, 40, 30, seed=3)
    assert fair_pairs(40, 40, 30, seed=3) != fair_pairs(40, 40, 30, seed=4)
    # Over seeds the real one of the first pair is left as often as right, whatever the image.
    first = [fair_pairs(40, 40, 30, seed)[0] for seed in range(400)]
    assert 150 < sum(pair.real_side == "left" for pair in first) < 250
    assert len({pair.real for pair in first}) > 35
    # Also of an odd number, and of a single one.
    single = [fair_pairs(5, 5, 1, seed)[0].real_side for seed in range(200)]
    assert 70 < single.count("left") < 130
    # Always answering one side gets one half.
    sides = [pair.real_side for pair in fair_pairs(40, 40, 30)]
    assert sides.count("left") == 15
    # Neither in blocks nor taking turns.
    changes = sum(one != two for one, two in itertools.pairwise(sides))
    assert 8 <= changes <= 22


def test_observers(study: Study) -> None:
    perfect = study.observe(darker)
    assert (perfect.right, perfect.answered) == (12, 12)
    assert perfect.interval == wilson_interval(12, 12)
    assert perfect.tells_apart
    fooled = study.observe(
        lambda left, right: "left" if darker(left, right) == "right" else "right"
    )
    assert fooled.right == 0
    assert not fooled.tells_apart
    assert "taken for one another" in str(fooled)
    lazy = study.observe(lambda left, right: "left")
    assert lazy.right == 6
    assert "among what these answers allow" in str(lazy)
    assert study.answers == []
    assert str(study.result()) == "Nobody has answered yet."


def test_answers_are_kept_and_found_again(study: Study, tmp_path: Path) -> None:
    for index in range(5):
        assert study.next == index
        study.answer(darker(*study.images(index)))
    study.answer("left" if darker(*study.images(5)) == "right" else "right")
    assert (study.result().right, study.result().answered) == (5, 6)

    again = Study(REAL, DRAWN, trials=12, folder=tmp_path)
    assert again.next == 6
    assert again.result() == study.result()
    kept = json.loads(study.path.read_text())
    assert [answer["right"] for answer in kept["answers"]] == [True] * 5 + [False]
    assert all(answer["seconds"] >= 0 for answer in kept["answers"])

    # Other images, another order: another study, and the first one's answers stay.
    for other in (
        Study(REAL, DRAWN * 0.99, trials=12, folder=tmp_path),
        Study(REAL, DRAWN, trials=12, seed=1, folder=tmp_path),
        Study(REAL, DRAWN, trials=12, name="other", folder=tmp_path),
    ):
        assert other.next == 0
        assert other.path != study.path
    again.start_anew()
    assert again.next == 0
    assert not study.path.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"answers": [{"chosen": "left"}]}', "\0"])
def test_a_damaged_file_begins_anew(study: Study, tmp_path: Path, text: str) -> None:
    study.path.parent.mkdir(exist_ok=True)
    study.path.write_text(text)
    assert Study(REAL, DRAWN, trials=12, folder=tmp_path).next == 0


def test_an_edited_file_earns_nothing(study: Study, tmp_path: Path) -> None:
    """Whether an answer is right follows from the choice, not from what the file claims."""
    study.answer("left" if study.pairs[0].real_side == "right" else "right")
    text = study.path.read_text().replace('"right": false', '"right": true')
    study.path.write_text(text)
    assert Study(REAL, DRAWN, trials=12, folder=tmp_path).result().right == 0


def test_the_end_and_wrong_answers(study: Study, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="left"):
        study.answer("up")  # type: ignore[arg-type]
    for _ in range(12):
        study.answer("left")
    assert study.next is None
    assert study.result().right == 6
    with pytest.raises(CourseError, match="start_anew"):
        study.answer("left")
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    full = Study(REAL, DRAWN, trials=3, folder=blocked)
    with pytest.raises(CourseError):
        full.answer("left")
    assert full.next == 0  # what could not be kept was not counted


def test_answers_go_to_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIGC_EDU_STATE", str(tmp_path))
    study = Study(REAL, DRAWN, trials=2)
    study.answer("left")
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "studies"]


@pytest.mark.parametrize(
    ("real", "drawn", "settings"),
    [
        (REAL, DRAWN[:, :5], {}),
        (REAL, DRAWN, {"trials": 26}),
        (REAL, DRAWN, {"trials": 0}),
        (REAL, DRAWN, {"trials": 5, "name": "../up"}),
        (REAL, DRAWN, {"trials": 5, "name": ""}),
        (REAL[0, 0], DRAWN, {"trials": 1}),
    ],
)
def test_what_is_no_study(real, drawn, settings) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"images|trials|name|Images"):
        Study(real, drawn, **settings)


def test_without_a_page_a_picture_is_left(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(study_module, "show_picture", lambda image, alt: shown.append((image, alt)))
    study.show("Twelve pairs.")
    ((image, alt),) = shown
    assert alt == "Twelve pairs."
    assert image.width > image.height > 50
    assert len(study.key()) == 10
    with pytest.raises(ValueError, match="text alternative"):
        study.show(" ")


def test_the_picture_shows_the_sides_as_they_are_asked(study: Study) -> None:
    pixels = np.asarray(study.picture(1).convert("L")).astype(int)
    middle = pixels[pixels.shape[0] // 2]
    ink = np.flatnonzero(middle < 255)
    left, right = middle[ink[2]], middle[ink[-3]]
    assert (left < right) == (study.key(1) == ["left"])  # the real ones are the darker ones


def test_the_widget_asks_answers_once_and_thanks(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = study_module._widget_class()(study)
    assert (widget.trial, widget.asking) == (0, True)
    assert widget.left.startswith("data:image/png;base64,")
    before = widget.left
    widget._chosen(widget, {"side": "left", "trial": 0}, [])
    widget._chosen(widget, {"side": "right", "trial": 0}, [])  # a second press for the same pair
    assert len(study.answers) == 1
    assert widget.trial == 1
    assert widget.left != before
    for nonsense in ("x", {}, {"trial": 1, "side": "up"}, {"trial": 7, "side": "left"}):
        widget._chosen(widget, nonsense, [])
    assert len(study.answers) == 1
    for trial in range(1, 12):
        widget._chosen(widget, {"side": darker(*study.images(trial)), "trial": trial}, [])
    assert not widget.asking
    assert widget.text.startswith("Thank you. ")
    assert str(study.result()) in widget.text


def test_nothing_on_the_page_tells_the_answer(study: Study) -> None:
    widget = study_module._widget_class()(study)
    state = widget.get_state()
    sent = {key: value for key, value in state.items() if not key.startswith("_")}
    assert set(sent) - {"layout", "tabbable", "tooltip"} == {
        "left", "right", "text", "asking", "trial", "shown",
    }  # fmt: skip


def test_importing_the_view_loads_no_widgets_for_it() -> None:
    code = (
        "import sys, aigc_edu.view.study; "
        "assert not {'anywidget', 'ipywidgets', 'IPython'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
