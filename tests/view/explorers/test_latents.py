"""The explorers of a latent space and of a game: what a page gets, still pictures, bad input."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from aigc_edu.errors import CourseError
from aigc_edu.models import MLPVAE, MLPGenerator, load_decoder
from aigc_edu.view.explorers.decoders import Decoder
from aigc_edu.view.explorers.game import game_explorer
from aigc_edu.view.explorers.plane import (
    beta_explorer,
    interpolation_explorer,
    plane_explorer,
    sliders_explorer,
    spherical_path,
    straight_path,
    temperature_explorer,
    walk_explorer,
)


class Gray(nn.Module):
    """The first latent is the image's gray level."""

    latent_size = 2

    def __init__(self, high=6, wide=5):
        super().__init__()
        self.size = (high, wide)
        self.weight = nn.Parameter(torch.ones(1))

    def encode(self, x):
        mean = x.flatten(1)[:, :2]
        return mean, torch.zeros_like(mean)

    def decode(self, latent):
        return (self.weight * latent[:, :1, None, None]).expand(-1, 1, *self.size)


def gray(values, explorer):
    """What an explorer draws, as an array (count, height, width, channels)."""
    fields, buffer = explorer.answer(values)
    assert "error" not in fields, fields
    return np.frombuffer(buffer, np.uint8).reshape(fields["shape"])


def codes(count=6, size=2):
    return torch.randn(count, size, generator=torch.Generator().manual_seed(0))


def every_explorer(model=None):
    """One of each kind that asks a decoder, on the same decoder with two latents."""
    model = Gray() if model is None else model
    two = {"output": (0.0, 1.0)}
    return {
        "plane": plane_explorer(model, codes(), labels=[0, 1, 0, 1, 2, 2], **two),
        "interpolation": interpolation_explorer(model, codes(), **two),
        "sliders": sliders_explorer(model, codes(), **two),
        "temperature": temperature_explorer(model, **two),
        "beta": beta_explorer({"one": model, "two": model}, torch.rand(3, 1, 6, 5), **two),
        "walk": walk_explorer(model, **two),
    }


@pytest.mark.parametrize("kind", every_explorer())
def test_what_is_sent_fits_the_pictures_that_the_page_expects(kind):
    explorer = every_explorer()[kind]
    fields, buffer = explorer.answer(explorer.starts())
    count, high, wide, channels = fields["shape"]
    assert count == sum(group["count"] for group in explorer.spec["pictures"])
    assert (high, wide, channels) == (6, 5, 1)
    assert len(buffer) == count * high * wide
    assert all(group["alt"] for group in explorer.spec["pictures"])
    assert explorer.spec["label"]
    assert explorer.spec["hint"]


@pytest.mark.parametrize("kind", every_explorer())
def test_each_has_a_still_picture_that_fits_a_lesson(kind):
    explorer = every_explorer()[kind]
    image, width, note = explorer._static()
    assert (width or image.width) <= 780
    assert note == "" or "cut to the range" in note  # gray levels beyond the range
    assert explorer.alt


@pytest.mark.parametrize("kind", every_explorer())
def test_a_decoder_that_raises_comes_back_as_a_sentence_and_the_next_answer_is_a_picture(kind):
    class Moody(Gray):
        moody = False

        def decode(self, latent):
            if self.moody:
                raise RuntimeError("mat1 and mat2 cannot be multiplied\nand so on")
            return super().decode(latent)

    model = Moody()
    explorer = every_explorer(model)[kind]
    model.moody = True
    fields, buffer = explorer.answer(explorer.starts())
    assert "stopped with RuntimeError: mat1 and mat2 cannot be multiplied. Mend" in fields["error"]
    assert buffer == b""
    model.moody = False
    assert "shape" in explorer.answer(explorer.starts())[0]


@pytest.mark.parametrize("kind", every_explorer())
def test_a_picture_with_nan_is_shown_as_such_and_said(kind):
    model = Gray()
    explorer = every_explorer(model)[kind]
    with torch.no_grad():
        model.weight.fill_(math.nan)
    fields, buffer = explorer.answer(explorer.starts())
    assert fields["shape"][3] == 3
    assert "not numbers" in fields["note"]
    assert bytes([213, 94, 0]) in buffer


@pytest.mark.parametrize("kind", every_explorer())
def test_a_decoder_of_another_shape_is_refused_with_a_sentence(kind):
    class Flat(Gray):
        def decode(self, latent):
            return super().decode(latent).flatten(1)

    explorer = every_explorer(Flat())[kind]
    with pytest.raises(CourseError, match=r"must turn latents .* into images .* \(\d+, 30\)"):
        explorer._static()
    assert "must turn latents" in explorer.answer(explorer.starts())[0]["error"]


@pytest.mark.parametrize("kind", every_explorer())
def test_looking_leaves_training_as_it_was(kind):
    class Trained(Gray):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm2d(1)
            self.looked = []

        def decode(self, latent):
            self.looked.append((self.norm.training, torch.is_grad_enabled()))
            torch.rand(3)
            return self.norm(super().decode(latent))

    model = Trained().train()
    explorer = every_explorer(model)[kind]
    torch.manual_seed(3)
    state = torch.get_rng_state()
    mean = model.norm.running_mean.clone()
    explorer.answer(explorer.starts())
    explorer._static()
    assert model.training
    assert model.norm.training
    assert torch.equal(model.norm.running_mean, mean)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(not gradient for _, gradient in model.looked)


def test_batch_norm_is_asked_in_eval_mode():
    seen = []

    class Normed(nn.Module):
        latent_size = 2

        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(2)
            self.norm.register_forward_pre_hook(lambda module, _: seen.append(module.training))

        def forward(self, latent):
            return self.norm(latent).view(-1, 1, 1, 2)

    model = Normed().train()
    Decoder(model, (-1.0, 1.0))(torch.zeros(3, 2))
    assert seen == [False]
    assert model.norm.training


# ------------------------------------------------------------------------------ decoders


def test_a_decoder_is_a_model_a_module_or_a_function():
    latent = torch.zeros(3, 10)
    model = load_decoder()
    by_model = Decoder(model)(latent)
    assert by_model.shape == (3, 1, 28, 28)
    assert ((by_model >= 0) & (by_model <= 1)).all()  # the sigmoid made images of logits
    assert torch.equal(Decoder(model.decode)(latent), by_model)
    function = Decoder(lambda z: model.decode(z), latent_size=10)
    assert torch.equal(function(latent), by_model)
    assert Decoder(MLPGenerator(), (-1, 1)).latent_size == 100


def test_latents_go_to_where_the_weights_are_and_images_come_back():
    model = Gray().to("meta")
    assert Decoder(model).device.type == "meta"


@pytest.mark.parametrize(
    ("decoder", "settings", "sentence"),
    [
        (3, {}, "a model with a method decode"),
        (lambda z: z, {}, "pass latent_size"),
        (lambda z: z, {"latent_size": 0}, "1 or more"),
        (Gray(), {"output": (1, 0)}, "must rise"),
        (Gray(), {"output": "pixels"}, "logits"),
        (Gray(), {"output": 3}, "logits"),
    ],
)
def test_what_is_no_decoder_is_refused(decoder, settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        Decoder(decoder, **settings)


# ------------------------------------------------------------------------------ the plane


def test_the_plane_moves_the_two_latents_named_and_leaves_the_others():
    seen = []

    def decode(latent):
        seen.append(latent.clone())
        return torch.zeros(len(latent), 1, 2, 2)

    base = torch.tensor([5.0, 6.0, 7.0, 8.0])
    explorer = plane_explorer(decode, dimensions=(3, 1), base=base, latent_size=4)
    explorer.answer([0.5, -1.0])
    assert seen[-1].tolist() == [[5.0, -1.0, 7.0, 0.5]]


def test_the_codes_travel_as_positions_and_classes():
    known = torch.tensor([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]])
    explorer = plane_explorer(Gray(), known, labels=torch.tensor([10, 2, 10]))
    (plane,) = explorer.spec["controls"]
    assert plane["points"] == 3
    assert [one["name"] for one in plane["classes"]] == ["2", "10"]
    places = np.frombuffer(explorer.points[:24], "<f4").reshape(3, 2)
    assert places.tolist() == known.tolist()
    assert list(explorer.points[24:]) == [1, 0, 1]
    assert plane["high"] == -plane["low"] >= 4


def test_many_codes_are_thinned_evenly():
    known = torch.linspace(-1, 1, 10_000)[:, None].expand(-1, 2)
    explorer = plane_explorer(Gray(), known, labels=[0] * 5000 + [1] * 5000)
    places = np.frombuffer(explorer.points[: 8 * 4000], "<f4")
    assert (places[0], places[-1]) == (-1, 1)
    assert sum(explorer.points[8 * 4000 :]) == 2000


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"codes": torch.zeros(3, 2), "labels": [1, 2]}, "3 codes but 2 labels"),
        ({"codes": torch.zeros(0, 2)}, "codes is empty"),
        ({"codes": torch.zeros(3)}, r"shape \(count, latent\)"),
        ({"codes": [[1.0, 2.0]]}, "list"),
        ({"codes": torch.zeros(3, 5)}, "5 numbers a latent, but the decoder takes 2"),
        ({"codes": torch.full((3, 2), math.nan)}, "not numbers"),
        ({"codes": torch.zeros(200, 2), "labels": range(200)}, "at most 100"),
        ({"labels": [1]}, "labels but no codes"),
        ({"dimensions": (0, 0)}, "two different latents"),
        ({"dimensions": (0, 2)}, "from 0 to 1"),
        ({"dimensions": 3}, "names two latents"),
        ({"extent": 0.0}, "more than 0"),
        ({"extent": math.inf}, "more than 0"),
        ({"base": torch.zeros(3)}, "base has 3 numbers"),
    ],
)
def test_bad_input_of_the_plane_gets_a_sentence(settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        plane_explorer(Gray(), **settings)


# ------------------------------------------------------------------------------ paths


def test_the_paths_begin_and_end_where_they_should():
    a, b = torch.randn(2, 7, generator=torch.Generator().manual_seed(1))
    for path in (straight_path, spherical_path):
        way = path(a, b, 11)
        assert way.shape == (11, 7)
        assert torch.allclose(way[0], a, atol=1e-5)
        assert torch.allclose(way[-1], b, atol=1e-5)
    for count in (2, 5):  # the same direction, and opposite ones: no NaN
        assert spherical_path(a, 2 * a, count).isfinite().all()
        assert spherical_path(a, -a, count).isfinite().all()
        assert spherical_path(0 * a, a, count).isfinite().all()


def test_interpolation_shows_ends_mixture_and_every_path():
    known = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    images = torch.stack([torch.zeros(1, 6, 5), torch.ones(1, 6, 5)])
    explorer = interpolation_explorer(
        Gray(), known, images=images, paths={"line": straight_path}, output=(0, 1)
    )
    assert [one["caption"] for one in explorer.spec["pictures"]] == [
        "from",
        "mixed pixels",
        "line",
        "to",
    ]
    drawn = gray([0, 1, 10], explorer)[:, 0, 0, 0]
    assert drawn.tolist() == [0, 64, 64, 255]
    assert gray([1, 1, 10], explorer)[:, 0, 0, 0].tolist() == [255, 255, 255, 255]


def test_a_path_of_the_learner_may_be_wrong_in_any_way():
    def fails(start, end, count):
        raise TypeError("unsupported operand")

    for path, sentence in (
        (fails, "'mine' stopped with TypeError"),
        (lambda start, end, count: None, "'mine' must return codes of shape"),
        (lambda start, end, count: start, r"returned \(2,\)"),
    ):
        explorer = interpolation_explorer(Gray(), codes(), paths={"mine": path})
        assert "'mine'" in explorer.answer([0, 1, 3])[0]["error"]
        with pytest.raises(CourseError, match=sentence):
            explorer._static()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"codes": torch.zeros(1, 2)}, "two ends"),
        ({"codes": torch.zeros(300, 2)}, "too many to choose"),
        ({"codes": codes(), "start": 6}, "from 0 to 5"),
        ({"codes": codes(), "paths": {}}, "paths is empty"),
        ({"codes": codes(), "images": torch.zeros(2, 1, 6, 5)}, "6 codes but 2 images"),
        ({"codes": codes(), "images": torch.zeros(6, 30)}, "images must be a tensor"),
    ],
)
def test_bad_input_of_the_interpolation_gets_a_sentence(settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        interpolation_explorer(Gray(), **settings)


# ------------------------------------------------------------------------------ sliders


def test_one_slider_a_latent_in_the_order_asked_for_and_presets_that_fit():
    known = torch.tensor([[0.5, -1.5]])
    explorer = sliders_explorer(Gray(), known, labels=["seven"], order=[1, 0], output=(0, 1))
    choice, first, second = explorer.spec["controls"]
    assert choice["options"] == ["seven (number 0)", "all at 0"]
    assert choice["sets"] == [[-1.5, 0.5], [0.0, 0.0]]
    assert (first["name"], first["start"]) == ("latent 1", -1.5)
    assert (second["name"], second["start"]) == ("latent 0", 0.5)
    start, now = gray([0, -1.5, 1.0], explorer)[:, 0, 0, 0]
    assert (start, now) == (128, 255)


def test_a_code_beyond_the_usual_range_still_fits_its_slider():
    explorer = sliders_explorer(Gray(), torch.tensor([[7.3, 0.0]]))
    assert explorer.spec["controls"][1]["high"] == 8


@pytest.mark.parametrize("order", [[], [0, 0], [2], [-1]])
def test_an_order_that_names_no_latents_is_refused(order):
    with pytest.raises(CourseError, match="order names latents from 0 to 1"):
        sliders_explorer(Gray(), order=order)


def test_too_many_sliders_are_refused():
    with pytest.raises(CourseError, match="at most 64"):
        sliders_explorer(MLPGenerator(), output=(-1, 1))


# ------------------------------------------------------------------------------ samples


def test_temperature_scales_the_same_latents_until_others_are_drawn():
    explorer = temperature_explorer(Gray(), count=3, output=(-4.0, 4.0))
    cold, warm, again, other = (
        gray(values, explorer)[:, 0, 0, 0].astype(int)
        for values in ([0.0, 0], [1.0, 0], [1.0, 0], [1.0, 1])
    )
    assert (cold == 128).all()
    assert warm.std() > 0
    assert (warm == again).all()
    assert (warm != other).any()
    assert "Temperature 1.00" in explorer.answer([1.0, 0])[0]["said"]


def test_the_walk_is_a_circle_and_every_step_of_it_is_a_normal_draw():
    seen = []

    def generator(latent):
        seen.append(latent)
        return torch.zeros(len(latent), 1, 2, 2)

    explorer = walk_explorer(generator, count=500, latent_size=20)
    for angle in (0, 45, 90, 180, 360):
        explorer.answer([angle, 1.0, 0])
    begin, between, _, opposite, round_ = seen[-5:]
    assert abs(between.std().item() - 1) < 0.05
    assert torch.allclose(opposite, -begin, atol=1e-5)
    assert torch.allclose(round_, begin, atol=1e-5)


def test_beta_comparison_goes_from_the_code_to_a_draw():
    images = torch.rand(4, 1, 6, 5, generator=torch.Generator().manual_seed(0))
    explorer = beta_explorer({"a": Gray(), "b": MLPLike()}, images, output=(0.0, 1.0))
    copied = gray([0.0, 0], explorer)
    assert copied.shape == (12, 6, 5, 1)
    mean = (images.flatten(1)[:, 0] * 255).round().numpy()
    assert np.abs(copied[4:8, 0, 0, 0] - mean).max() <= 1
    sampled, others = gray([1.0, 0], explorer), gray([1.0, 1], explorer)
    assert (sampled[:4] == copied[:4]).all()
    assert (sampled[4:8] != others[4:8]).any()


class MLPLike(Gray):
    latent_size = 5

    def encode(self, x):
        return x.flatten(1)[:, :5], None


@pytest.mark.parametrize(
    ("models", "images", "sentence"),
    [
        ({}, torch.zeros(2, 1, 6, 5), "models is empty"),
        ({"a": Gray()}, torch.zeros(0, 1, 6, 5), "between 1 and 12"),
        ({"a": Gray()}, torch.zeros(13, 1, 6, 5), "between 1 and 12"),
        ({"a": Gray()}, torch.zeros(2, 30), "images must be a tensor"),
        ({"a": MLPGenerator()}, torch.zeros(2, 1, 6, 5), "'a' needs the methods"),
        ({"a": MLPVAE()}, torch.zeros(2, 1, 6, 5), "'a' stopped with RuntimeError"),
    ],
)
def test_bad_input_of_the_comparison_gets_a_sentence(models, images, sentence):
    with pytest.raises(CourseError, match=sentence):
        beta_explorer(models, images)


@pytest.mark.parametrize("make", [temperature_explorer, walk_explorer])
@pytest.mark.parametrize("count", [0, -1, 2.5, True])
def test_no_picture_is_no_number_of_pictures(make, count):
    with pytest.raises(CourseError, match="whole number of 1 or more"):
        make(Gray(), count=count)


# ------------------------------------------------------------------------------ the game

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
    return game_explorer(new_game, play_round, look, x=X, rounds=8, **settings)


def curves(values, explorer):
    fields, buffer = explorer.answer(values)
    assert "error" not in fields, fields
    return np.frombuffer(buffer, np.float32).reshape(3, 5), fields["said"]


def test_rounds_are_played_when_asked_for_and_kept():
    explorer = game()
    later, said = curves([3], explorer)
    assert np.allclose(later[2], 0.3)
    earlier, said_earlier = curves([1], explorer)
    assert np.allclose(earlier[2], 0.1)
    again, said_again = curves([3], explorer)
    assert (again == later).all()
    assert said == said_again
    assert said.startswith("Round 3, loss 0.")
    assert said_earlier != said


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

    explorer = game_explorer(new_game, play, look, x=X, rounds=8)
    curves([2], explorer)
    broken.now = True
    assert "Round 3 stopped with ValueError: no more." in explorer.answer([5])[0]["error"]
    broken.now = False
    assert np.allclose(curves([3], explorer)[0][2], 0.3)


def test_curves_that_are_no_numbers_are_said():
    def shows(state):
        return {**look(state), "D(x)": torch.full((5,), math.nan)}

    explorer = game_explorer(new_game, play_round, shows, x=X)
    assert "not numbers" in explorer.answer([0])[0]["note"]


def test_the_game_runs_with_gradients_although_nobody_else_does():
    def play(state):
        assert torch.is_grad_enabled()

    with torch.no_grad():
        explorer = game_explorer(new_game, play, look, x=X)
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
        game_explorer(new_game, play_round, arguments.pop("look"), **arguments)
