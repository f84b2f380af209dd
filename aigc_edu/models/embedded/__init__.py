"""Trained weights that travel with the course, and how they are read.

``classifier.safetensors`` and ``decoder.safetensors`` hold half-precision weights; the JSON file
beside each says what it reaches and how it was made (``aigc-edu assets classifier``,
``aigc-edu assets decoder``).
"""

import json
from pathlib import Path
from typing import Any

from torch import nn

from aigc_edu.errors import CourseError
from aigc_edu.models.classifier import Classifier
from aigc_edu.models.vae import ConvVAE

FOLDER = Path(__file__).resolve().parent


def weights_record(name: str) -> dict[str, Any]:
    """The JSON record of embedded weights, "classifier" or "decoder": figures and conditions.

    Raises:
        CourseError: if the file is missing or cannot be read.
    """
    path = FOLDER / f"{name}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(path) from error
    return found


def _broken(path: Path) -> CourseError:
    return CourseError(
        f"The course's own file {path.name} is missing or damaged: install the course again, or "
        f"make it again with 'aigc-edu assets {path.stem}'."
    )


def _filled(model: nn.Module, name: str) -> None:
    """Fill a model with embedded weights; eval mode, no gradients."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    path = FOLDER / f"{name}.safetensors"
    try:
        state = load(path.read_bytes())
        model.load_state_dict({key: value.float() for key, value in state.items()})
    except (OSError, SafetensorError, ValueError, RuntimeError, KeyError) as error:
        raise _broken(path) from error
    model.eval().requires_grad_(False)


def load_classifier() -> Classifier:
    """The trained classifier: float32, on the CPU, eval mode, without gradients for its weights.

    Its accuracy on the embedded test digits is in ``weights_record("classifier")``.

    Raises:
        CourseError: if the embedded file is missing or damaged.

    >>> import torch
    >>> load_classifier()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    model = Classifier()
    _filled(model, "classifier")
    return model


def load_decoder() -> ConvVAE:
    """A trained convolutional VAE whose prior samples are digits: float32, CPU, eval mode.

    Draw images with ``torch.sigmoid(model.decode(torch.randn(16, model.latent_size)))``.

    Raises:
        CourseError: if the embedded file is missing or damaged.

    >>> import torch
    >>> model = load_decoder()
    >>> model.decode(torch.zeros(2, model.latent_size)).shape
    torch.Size([2, 1, 28, 28])
    """
    conditions = weights_record("decoder")
    try:
        wide, deep = (int(size) for size in conditions["channels"])
        latent_size = int(conditions["latent_size"])
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(FOLDER / "decoder.json") from error
    model = ConvVAE(latent_size, (wide, deep))
    _filled(model, "decoder")
    return model
