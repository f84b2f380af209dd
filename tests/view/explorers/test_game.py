"""The game of two networks."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from aigc_edu.errors import CourseError
from aigc_edu.view.explorers.game import adversarial_game

X = torch.linspace(-1, 1, 5)


def new_game(step=1):
    return SimpleNamespace(step=step, at=torch.zeros(()), drawn=torch.rand(()).item())


def play_round(game):
    game.at = game.at + game.step
    game.drawn = torch.rand(()).item()


def look(game):
    return {
        "data": torch.ones(5),
        "model": torch.ones(5),
        "D(x)": game.at.expand(5) / 10,
        "loss": game.drawn,
    }


def game(**settings):
    return adversarial_game.__wrapped__(new_game, play_round, look, x=X, rounds=8, **settings)


def curves(values, explorer):
    fields, buffer = explorer.answer(values)
    assert "error" not in fields, fields
    return np.frombuffer(buffer, np.float32).reshape(3, 5), fields["sentence"]


def test_rounds_are_played_when_asked_for_and_kept():
    explorer = game()
    later, said = curves([3], explorer)
    assert np.allclose(later[2], 0.3)
    earlier, sentence_earlier = curves([1], explorer)
    assert np.allclose(earlier[2], 0.1)
    again, sentence_again = curves([3], explorer)
    assert (again == later).all()
    assert said == sentence_again
    assert said.startswith("Round 3, loss 0.")
    assert sentence_earlier != said


def test_the_game_has_its_own_random_numbers_and_repeats_itself():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    one, two = game(), game()
    straight = [curves([number], one)[1] for number in (1, 2, 3, 4)]
    torch.rand(7)
    torch.manual_seed(5)
    assert curves([4], two)[1] == straight[-1]  # in one go or one by one
    assert len(set(straight)) == 4  # and not the same noise each round
    assert torch.equal(torch.get_rng_state(), state)


def test_choices_start_games_of_their_own():
    explorer = game(choices={"step": [1, 2]})
    assert [one["kind"] for one in explorer.spec["controls"]] == ["choice", "range"]
    assert np.allclose(curves([0, 2], explorer)[0][2], 0.2)
    assert np.allclose(curves([1, 2], explorer)[0][2], 0.4)


def test_the_game_has_a_still_picture_and_areas_for_the_two_densities():
    explorer = game()
    _, width, note = explorer._static()
    assert width <= 900
    assert note == ""
    assert [one["filled"] for one in explorer.spec["curves"]["series"]] == [True, True, False]


def test_a_round_that_raises_is_said_and_the_game_begins_afresh():
    broken = SimpleNamespace(now=False)

    def play(state):
        if broken.now:
            raise ValueError("no more")
        play_round(state)

    explorer = adversarial_game.__wrapped__(new_game, play, look, x=X, rounds=8)
    curves([2], explorer)
    broken.now = True
    assert "Round 3 stopped with ValueError: no more." in explorer.answer([5])[0]["error"]
    broken.now = False
    assert np.allclose(curves([3], explorer)[0][2], 0.3)


def test_curves_that_are_no_numbers_are_said():
    def shows(state):
        return {**look(state), "D(x)": torch.full((5,), math.nan)}

    explorer = adversarial_game.__wrapped__(new_game, play_round, shows, x=X)
    assert "not numbers" in explorer.answer([0])[0]["note"]


def test_the_game_runs_with_gradients_although_nobody_else_does():
    def play(state):
        assert torch.is_grad_enabled()

    with torch.no_grad():
        explorer = adversarial_game.__wrapped__(new_game, play, look, x=X)
        curves([2], explorer)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"x": torch.zeros(5)}, "rising"),
        ({"x": torch.zeros(5, 1)}, "rising"),
        ({"x": None}, "rising"),
        ({"rounds": 0}, "1 or more"),
        ({"rounds": 2.5}, "1 or more"),
        ({"choices": {"step": []}}, "is empty"),
        ({"choices": {"stride": [1]}}, "start of the game stopped with TypeError"),
        ({"look": lambda game: {}}, "at least one curve"),
        ({"look": lambda game: {"D": torch.zeros(4)}}, r"'D' as \(5,\) values"),
        ({"look": lambda game: game.nothing}, "look stopped with AttributeError"),
    ],
)
def test_bad_input_of_the_game_gets_a_sentence(settings, sentence):
    arguments = {"x": X, "look": look, **settings}
    with pytest.raises(CourseError, match=sentence):
        adversarial_game.__wrapped__(new_game, play_round, arguments.pop("look"), **arguments)
