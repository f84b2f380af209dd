"""The embedded models of lessons 03, 05, 07 and 08 are there, small, and do what is recorded."""

import hashlib
import re
from pathlib import Path

import pytest
import torch

from aigc_edu.commands.assets_trained import LARGEST, figures
from aigc_edu.errors import CourseError
from aigc_edu.models import (
    MLPVAE,
    Autoencoder,
    Classifier,
    ConvVAE,
    DCGANGenerator,
    MLPGenerator,
    embedded,
    generate,
    load_trained,
)

CLASSES = {
    "autoencoder": Autoencoder,
    "vae": ConvVAE,
    "gan": MLPGenerator,
    "dcgan": DCGANGenerator,
}


@pytest.mark.parametrize("name", embedded.TRAINED)
def test_three_seeds_each_ready_to_use(name: str) -> None:
    models = [load_trained(name, seed) for seed in embedded.SEEDS]
    first = [next(iter(model.parameters())) for model in models]
    for model in models:
        assert isinstance(model, CLASSES[name])
        assert not model.training
        assert all(p.dtype == torch.float32 and not p.requires_grad for p in model.parameters())
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[1], first[2])


def test_files_are_small_and_those_that_were_recorded() -> None:
    total = 0
    for name in embedded.TRAINED:
        record = embedded.weights_record(name)
        assert set(record["seeds"]) == {"0", "1", "2"}
        assert record["conditions"]["budget"] == "full"
        assert record["lesson"] in ("03", "05", "07", "08")
        for seed in embedded.SEEDS:
            content = (embedded.FOLDER / f"{name}_{seed}.safetensors").read_bytes()
            assert len(content) <= LARGEST
            assert hashlib.sha256(content).hexdigest() == record["seeds"][str(seed)]["sha256"]
            total += len(content)
    assert total < 20_000_000


@pytest.mark.slow
@pytest.mark.parametrize("name", embedded.TRAINED)
def test_they_reach_what_is_recorded(name: str) -> None:
    record = embedded.weights_record(name)
    for seed in embedded.SEEDS:
        found = figures(load_trained(name, seed))
        expected = record["seeds"][str(seed)]["figures"]
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            # Another processor rounds otherwise.
            assert found[key] == pytest.approx(value, rel=0.02, abs=2e-3), (name, seed, key)


def test_they_draw_digits_in_range_and_by_their_generator() -> None:
    for name in embedded.TRAINED:
        model = load_trained(name)
        images = generate(model, 12, torch.Generator().manual_seed(3))
        assert images.shape == (12, 1, 28, 28)
        assert images.dtype == torch.float32
        assert images.min() >= 0
        assert images.max() <= 1
        assert images.max() > 0.5
        torch.testing.assert_close(images, generate(model, 12, torch.Generator().manual_seed(3)))
        assert not images.equal(generate(model, 12, torch.Generator().manual_seed(4)))


def test_codes_of_an_autoencoder_are_drawn_with_their_mean_and_covariance() -> None:
    from aigc_edu.models.sampling import code_statistics

    class Echo(Autoencoder):
        def decode(self, code: torch.Tensor) -> torch.Tensor:
            self.seen = getattr(self, "seen", [])
            self.seen.append(code)
            return super().decode(code)

    model = Echo()
    model.load_state_dict(load_trained("autoencoder").state_dict())
    generate(model, 20_000, torch.Generator().manual_seed(0))
    codes = torch.cat(model.seen).double()
    mean, covariance = code_statistics(model)
    scale = covariance.diagonal().sqrt()
    assert float(((codes.mean(0) - mean) / scale).abs().max()) < 0.04
    difference = (torch.cov(codes.T) - covariance) / torch.outer(scale, scale)
    assert float(difference.abs().max()) < 0.06


def test_generate_leaves_the_mode_and_refuses_what_it_does_not_know() -> None:
    model = DCGANGenerator().train()
    generate(model, 2, torch.Generator())
    assert model.training
    assert generate(MLPVAE(), 2, torch.Generator()).shape == (2, 1, 28, 28)
    with pytest.raises(ValueError, match="Classifier"):
        generate(Classifier(), 2, torch.Generator())
    with pytest.raises(ValueError, match="labels"):
        generate(DCGANGenerator(classes=10), 2, torch.Generator())
    with pytest.raises(ValueError, match="count"):
        generate(MLPGenerator(), 0, torch.Generator())


@pytest.mark.parametrize(
    "made",
    [
        ("autoencoder", Autoencoder(latent_size=5)),
        ("vae", ConvVAE(7, (4, 8))),
        ("gan", MLPGenerator(latent_size=30)),
        ("dcgan", DCGANGenerator(30, (4, 8))),
    ],
    ids=lambda made: made[0],
)
def test_sizes_are_read_from_the_weights(made) -> None:  # type: ignore[no-untyped-def]
    name, model = made
    read = embedded.model_of(name, model.state_dict())
    for one, two in zip(model.state_dict().values(), read.state_dict().values(), strict=True):
        assert one.equal(two)
    for other in embedded.TRAINED:
        if other != name:
            with pytest.raises(ValueError, match=f"course's {other}"):
                embedded.model_of(other, model.state_dict())


def test_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seed in [("flow", 0), ("gan", 3)]:
        with pytest.raises(ValueError, match="name must be one of"):
            load_trained(name, seed)
    with pytest.raises(ValueError, match="name must be one of"):
        embedded.model_of("flow", {})
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    with pytest.raises(CourseError, match="aigc-edu assets trained"):
        load_trained("gan")
    (tmp_path / "gan_0.safetensors").write_bytes(b"no weights")
    with pytest.raises(CourseError, match="install the course again"):
        load_trained("gan")


def test_lesson_09_tells_how_much_each_generator_saw() -> None:
    """Steps and batches in its text are those of the lessons that train them."""
    from aigc_edu.paths import solutions_dir

    text = (solutions_dir() / "09_evaluation.md").read_text(encoding="utf-8")
    for lesson, name, steps, batch in [
        ("07_gan_training", "gan", 6800, 128),
        ("08_dcgan", "dcgan", 1200, 64),
    ]:
        source = (solutions_dir() / f"{lesson}.md").read_text(encoding="utf-8")
        assert re.search(rf"^steps = training.budget\(.*cpu={steps},", source, re.MULTILINE)
        assert f"Batches(train.images, {batch}, generator=noise" in source
        assert f'"{name}": {steps} * {batch}' in text
