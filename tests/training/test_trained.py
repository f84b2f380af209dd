"""The learner's own model comes first, the embedded one stands in, and it is said which."""

from pathlib import Path

import pytest
import torch

from aigc_edu import training
from aigc_edu.models import Autoencoder, ConvVAE, DCGANGenerator, MLPGenerator, load_trained
from aigc_edu.training.trained import SAVED

pytestmark = pytest.mark.usefixtures("state")


def save(name: str, model: torch.nn.Module, state: Path) -> Path:
    """A checkpoint as the lesson of that model writes it."""
    path = state / "checkpoints" / f"{SAVED[name][0]}.safetensors"
    place, key = SAVED[name][1]
    if place == "models":
        training.save_checkpoint(path, step=5, models={key: model})
    else:
        average = training.EMA(model, decay=0.9)
        training.save_checkpoint(path, step=5, models={"generator": model}, extra={key: average})
    return path


OWN = {
    "autoencoder": Autoencoder(),
    "vae": ConvVAE(20, (8, 16)),  # on a GPU the lesson makes a wider one: sizes may differ
    "gan": MLPGenerator(),
    "dcgan": DCGANGenerator(),
}


@pytest.mark.parametrize("name", list(OWN))
def test_own_first(name: str, state: Path) -> None:
    without = training.find_trained(name)
    assert not without.own
    assert without.origin == f"{name}: the one that comes with the course, seed 0"
    path = save(name, OWN[name], state)
    found = training.find_trained(name)
    assert found.own
    assert found.origin == f"{name}: your own, from lesson {SAVED[name][0][:2]}"
    assert not found.model.training
    for one, two in zip(found.model.parameters(), OWN[name].parameters(), strict=True):
        assert one.equal(two)
        assert not one.requires_grad
    # Only in place of seed 0, and not where the course's was asked for.
    for other in (training.find_trained(name, 1), training.find_trained(name, own=False)):
        assert not other.own
    path.write_bytes(path.read_bytes()[:100])
    damaged = training.find_trained(name)
    assert not damaged.own
    assert "run that lesson again" in damaged.origin
    for one, two in zip(damaged.model.parameters(), load_trained(name).parameters(), strict=True):
        assert one.equal(two)


def test_another_network_under_the_name_is_passed_over(state: Path) -> None:
    path = state / "checkpoints" / f"{SAVED['vae'][0]}.safetensors"
    training.save_checkpoint(path, step=1, models={"vae": torch.nn.Linear(2, 2)})
    assert "cannot be used" in training.find_trained("vae").origin
    training.save_checkpoint(path, step=1, models={"other": torch.nn.Linear(2, 2)})
    assert "cannot be used" in training.find_trained("vae").origin
    path = state / "checkpoints" / f"{SAVED['gan'][0]}.safetensors"
    training.save_checkpoint(path, step=1, models={}, extra={"average": {"decay": 1}})
    assert "cannot be used" in training.find_trained("gan").origin


def test_unknown_names() -> None:
    with pytest.raises(ValueError, match="autoencoder, vae, gan, dcgan"):
        training.find_trained("flow")


def test_the_lessons_save_what_is_looked_for() -> None:
    """The names in this file are those in the lessons' own code."""
    from aigc_edu.paths import solutions_dir

    for saved, (place, key) in SAVED.values():
        (source,) = solutions_dir().glob(f"{saved[:2]}_*.md")
        text = source.read_text(encoding="utf-8")
        assert f'"checkpoints" / "{saved}.safetensors"' in text
        assert f'"{key}": ' in text, (saved, place)
