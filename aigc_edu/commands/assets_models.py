"""``aigc-edu assets classifier`` and ``decoder``: train the embedded weights again."""

from pathlib import Path
from typing import Any

import click


def _folder(out: Path | None) -> Path:
    from aigc_edu.models.embedded import FOLDER

    folder = out or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


_out = click.option(
    "--out", type=click.Path(path_type=Path), help="A folder to write to; else the package's own."
)
_seed = click.option("--seed", default=0, show_default=True, help="Of weights, order and noise.")


@click.command()
@click.option("--steps", default=4000, show_default=True, help="Weight updates.")
@_seed
@_out
def classifier(steps: int, seed: int, out: Path | None) -> None:
    """Train the classifier for features; record its accuracy and the deletion ruler."""
    import torch

    from aigc_edu.data import load_digits, to_range
    from aigc_edu.metrics import deletion_ruler, feature_statistics, frechet_distance
    from aigc_edu.models import embed

    model, record = embed.train_classifier(steps=steps, seed=seed)
    train, test = load_digits("train"), load_digits("test")
    images = to_range(test.images, 0.0, 1.0)
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(0))
    statistics = feature_statistics(images, model)
    distances = {
        "noise": feature_statistics(noise, model),
        "train": feature_statistics(to_range(train.images, 0.0, 1.0), model),
    }
    ruler: dict[str, Any] = {
        "reference": "the 5,000 embedded test digits, Fréchet distance in 64 features",
        "deletions": {
            str(digit): round(distance, 3)
            for digit, distance in deletion_ruler(images, test.labels, model).items()
        },
    }
    for name, other in distances.items():
        ruler[name] = round(frechet_distance(*statistics, *other), 3)
    record["ruler"] = ruler
    path = embed.write_weights(model, record, "classifier", _folder(out))
    click.echo(f"{path}: {path.stat().st_size:,} bytes, accuracy {record['test_accuracy']:.4f}")


@click.command()
@click.option("--steps", default=6000, show_default=True, help="Weight updates.")
@_seed
@_out
def decoder(steps: int, seed: int, out: Path | None) -> None:
    """Train the VAE that lesson 00 draws digits from; record its ELBO."""
    from aigc_edu.models import embed

    model, record = embed.train_decoder(steps=steps, seed=seed)
    path = embed.write_weights(model, record, "decoder", _folder(out))
    click.echo(f"{path}: {path.stat().st_size:,} bytes, ELBO {record['test_elbo_nats']:.2f} nats")
