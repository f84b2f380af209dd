"""Trained weights that travel with the course, and how they are read.

``classifier.safetensors`` and ``decoder.safetensors`` hold half-precision weights; the JSON file
beside each says what it reaches and how it was made (``aigc-edu assets classifier``,
``aigc-edu assets decoder``). ``autoencoder_0.safetensors`` and the like are what lessons 03, 05,
07 and 08 train, one file a seed, with one JSON file a model (``aigc-edu assets trained``).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from aigc_edu.errors import CourseError
from aigc_edu.models.autoencoder import Autoencoder
from aigc_edu.models.classifier import Classifier
from aigc_edu.models.dcgan import DCGANGenerator
from aigc_edu.models.gan import MLPGenerator
from aigc_edu.models.vae import ConvVAE

FOLDER = Path(__file__).resolve().parent
TRAINED = ("autoencoder", "vae", "gan", "dcgan")
"""What lessons 03, 05, 07 and 08 train; of the last two, the averaged generator."""
SEEDS = (0, 1, 2)
"""The seeds that each of them is embedded for."""


def weights_record(name: str) -> dict[str, Any]:
    """The JSON record of embedded weights, "classifier" or "vae", say: figures and conditions.

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
        f"make it again with 'aigc-edu assets {_command(path.stem)}'."
    )


def _command(stem: str) -> str:
    return "trained" if stem.partition("_")[0] in TRAINED else stem


def _state(path: Path) -> dict[str, Tensor]:
    """The weights in a file, as float32."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        state: dict[str, Tensor] = load(path.read_bytes())
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise _broken(path) from error
    return {
        key: value.float() if value.is_floating_point() else value for key, value in state.items()
    }


def _filled(model: nn.Module, name: str) -> None:
    """Fill a model with embedded weights; eval mode, no gradients."""
    path = FOLDER / f"{name}.safetensors"
    try:
        model.load_state_dict(_state(path))
    except (RuntimeError, ValueError) as error:
        raise _broken(path) from error
    model.eval().requires_grad_(False)


def model_of(name: str, state: Mapping[str, Tensor]) -> nn.Module:
    """The network of a lesson with given weights; its sizes are read from their shapes.

    Args:
        name: one of ``TRAINED``.
        state: what its ``state_dict()`` gave.

    Returns:
        An ``Autoencoder``, ``ConvVAE``, ``MLPGenerator`` or ``DCGANGenerator`` on the CPU: eval
        mode, without gradients.

    Raises:
        ValueError: for another name, or weights that belong to another network.
    """
    if name not in TRAINED:
        raise ValueError(f"name must be one of {', '.join(TRAINED)}, not {name!r}")
    try:
        model: nn.Module
        if name == "autoencoder":
            model = Autoencoder(latent_size=state["decoder.0.weight"].shape[1])
        elif name == "vae":
            # (wide, 1, 4, 4) and (deep, wide, 4, 4)
            channels = (len(state["encoder.0.weight"]), len(state["encoder.2.weight"]))
            model = ConvVAE(len(state["mean.weight"]), channels)
        elif name == "gan":
            model = MLPGenerator(latent_size=state["layers.0.weight"].shape[1])
        else:
            # (deep * 49, latent) and, transposed, (deep, wide, 4, 4)
            deep, wide = state["layers.4.weight"].shape[:2]
            model = DCGANGenerator(state["layers.0.weight"].shape[1], (wide, deep))
        model.load_state_dict(dict(state))
    except (KeyError, IndexError, RuntimeError, AttributeError, ValueError) as error:
        raise ValueError(f"these are not the weights of the course's {name}") from error
    return model.eval().requires_grad_(False)


def load_trained(name: str, seed: int = 0) -> nn.Module:
    """What a lesson trains, as it was trained for the course with one of three seeds.

    =============  ==================  =================================================
    name           class               from
    =============  ==================  =================================================
    "autoencoder"  ``Autoencoder``     lesson 03, 16 codes
    "vae"          ``ConvVAE``         lesson 05, the best on its validation digits
    "gan"          ``MLPGenerator``    lesson 07, the average of the generator's weights
    "dcgan"        ``DCGANGenerator``  lesson 08, the average of the generator's weights
    =============  ==================  =================================================

    ``aigc_edu.training.find_trained`` prefers the learner's own.

    Args:
        name: one of ``TRAINED``.
        seed: one of ``SEEDS``.

    Returns:
        The model: float32, on the CPU, eval mode, without gradients. ``weights_record(name)``
        says what it reaches and how it was made.

    Raises:
        ValueError: for another name or seed.
        CourseError: if the embedded file is missing or damaged.

    >>> import torch
    >>> load_trained("gan", seed=1)(torch.zeros(2, 100)).shape
    torch.Size([2, 1, 28, 28])
    """
    if name not in TRAINED or seed not in SEEDS:
        raise ValueError(
            f"name must be one of {', '.join(TRAINED)} and seed one of "
            f"{', '.join(map(str, SEEDS))}, not {name!r} and {seed!r}"
        )
    path = FOLDER / f"{name}_{seed}.safetensors"
    try:
        return model_of(name, _state(path))
    except ValueError as error:
        raise _broken(path) from error


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
