"""The embedded weights do what their records say; damaged ones are one sentence."""

from pathlib import Path

import pytest
import torch

from aigc_edu.data import load_digits, to_range
from aigc_edu.errors import CourseError
from aigc_edu.metrics import class_shares
from aigc_edu.models import embed, embedded, load_classifier, load_decoder


def test_classifier_reaches_its_recorded_accuracy() -> None:
    model = load_classifier()
    test = load_digits("test")
    record = embedded.weights_record("classifier")
    correct = model(to_range(test.images, 0.0, 1.0)).argmax(dim=1) == test.labels
    accuracy = float(correct.double().mean())
    assert accuracy >= 0.988
    assert accuracy == pytest.approx(record["test_accuracy"], abs=3 / 5000)
    assert record["test_images"] == 5000


def test_decoder_reaches_its_recorded_bound_and_draws_all_digits() -> None:
    model = load_decoder()
    record = embedded.weights_record("decoder")
    images = load_digits("test").images
    assert embed.mean_elbo(model, images) == pytest.approx(record["test_elbo_nats"], abs=0.5)
    latent = torch.randn(500, model.latent_size, generator=torch.Generator().manual_seed(0))
    shares = class_shares(torch.sigmoid(model.decode(latent)))
    assert float(shares.min()) > 0.02


@pytest.mark.parametrize("load", [load_classifier, load_decoder])
def test_loaded_models_are_ready_to_use(load) -> None:  # type: ignore[no-untyped-def]
    model = load()
    assert not model.training
    for parameter in model.parameters():
        assert parameter.dtype == torch.float32
        assert not parameter.requires_grad
    # Each call gives its own: training one changes no other.
    with torch.no_grad():
        next(iter(model.parameters())).zero_()
    assert float(next(iter(load().parameters())).abs().sum()) > 0


@pytest.mark.parametrize("name", ["classifier", "decoder"])
def test_weights_are_small(name: str) -> None:
    limit = {"classifier": 500_000, "decoder": 1_000_000}[name]
    assert (embedded.FOLDER / f"{name}.safetensors").stat().st_size < limit


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(b"not weights" * 100),
    ],
    ids=["missing", "empty", "cut", "another file"],
)
@pytest.mark.parametrize(
    ("file", "load"),
    [
        ("classifier.safetensors", load_classifier),
        ("decoder.safetensors", load_decoder),
        ("decoder.json", load_decoder),
    ],
)
def test_damaged_weights_are_one_sentence(  # type: ignore[no-untyped-def]
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, load, damage
) -> None:
    for each in embedded.FOLDER.iterdir():
        if each.is_file():
            (tmp_path / each.name).write_bytes(each.read_bytes())
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    load()
    damage(tmp_path / file)
    with pytest.raises(CourseError, match="install the course again"):
        load()


def test_training_writes_what_loading_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier, record = embed.train_classifier(steps=3, batch_size=16)
    embed.write_weights(classifier, record, "classifier", tmp_path)
    decoder, record = embed.train_decoder(steps=3, batch_size=16, channels=(4, 8))
    embed.write_weights(decoder, record, "decoder", tmp_path)
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    for made, read in ((classifier, load_classifier()), (decoder, load_decoder())):
        for one, two in zip(made.parameters(), read.parameters(), strict=True):
            assert torch.equal(one, two)
    assert embedded.weights_record("decoder")["steps"] == 3
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "classifier.json",
        "classifier.safetensors",
        "decoder.json",
        "decoder.safetensors",
    ]
    (tmp_path / "a file").touch()
    with pytest.raises(CourseError, match="could not be written"):
        embed.write_weights(decoder, record, "decoder", tmp_path / "a file")


def test_jitter_keeps_most_of_the_ink_and_changes_every_image() -> None:
    x = to_range(load_digits("train", 200).images, 0.0, 1.0)
    moved = embed.jitter(x, torch.Generator().manual_seed(0))
    assert moved.shape == x.shape
    assert not any(torch.equal(one, two) for one, two in zip(x, moved, strict=True))
    assert float(moved.sum() / x.sum()) == pytest.approx(1.0, abs=0.15)
    accuracy = (load_classifier()(moved).argmax(1) == load_digits("train", 200).labels).double()
    assert float(accuracy.mean()) > 0.95  # still the same digits
