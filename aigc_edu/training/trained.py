"""The models of lessons 03, 05, 07 and 08: the learner's own where there are any."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from aigc_edu import paths
from aigc_edu.errors import CourseError
from aigc_edu.models.embedded import TRAINED, load_trained, model_of
from aigc_edu.training.checkpoints import read_extra, read_model

# Name -> (the file that the lesson saves, where the weights are in it).
SAVED = {
    "autoencoder": ("03_autoencoders", ("models", "autoencoder")),
    "vae": ("05_vae_training", ("models", "vae")),
    "gan": ("07_gan_training", ("extra", "average")),
    "dcgan": ("08_dcgan", ("extra", "average")),
}


@dataclass(frozen=True)
class Found:
    """A trained model and where it comes from.

    Attributes:
        model: on the CPU, eval mode, without gradients.
        own: whether it is the learner's.
        origin: a sentence that says which one it is, for the lesson to print.
    """

    model: nn.Module
    own: bool
    origin: str


def saved_weights(path: Path, name: str) -> dict[str, Tensor]:
    """The weights that lessons compare, from a checkpoint that its lesson saved.

    Raises:
        CourseError: if the file is missing, damaged or another lesson's.
    """
    part, key = SAVED[name][1]
    if part == "models":
        return read_model(path, key)
    saved = read_extra(path, key)
    if not isinstance(saved, dict) or not isinstance(saved.get("model"), dict):
        raise CourseError(f"{path} holds no average of weights under {key!r}.")
    weights: dict[str, Tensor] = saved["model"]
    return weights


def find_trained(name: str, seed: int = 0, *, own: bool = True) -> Found:
    """The learner's own model if its lesson saved one on this machine, else the embedded one.

    Lessons save to ``aigc_edu.paths.state_dir() / "checkpoints"``. A file that cannot be used
    (cut, or of another network) is passed over, and ``origin`` says so.

    Args:
        name: "autoencoder" (lesson 03), "vae" (05), "gan" (07) or "dcgan" (08).
        seed: of the embedded one: 0, 1 or 2. The learner's own takes the place of seed 0 only.
        own: False takes the embedded one in any case.

    Returns:
        A ``Found``: the model, whether it is the learner's, and a sentence on its origin.

    Raises:
        ValueError: for another name or seed.
        CourseError: if the embedded file is needed, and missing or damaged.

    >>> find_trained("vae", seed=2).origin
    'vae: the one that comes with the course, seed 2'
    """
    if name not in TRAINED:
        raise ValueError(f"name must be one of {', '.join(TRAINED)}, not {name!r}")
    lesson = SAVED[name][0]
    path = paths.state_dir() / "checkpoints" / f"{lesson}.safetensors"
    remark = ""
    if own and seed == 0 and path.is_file():
        try:
            model = model_of(name, saved_weights(path, name))
            return Found(model, True, f"{name}: your own, from lesson {lesson[:2]}")
        except (CourseError, ValueError):
            remark = f" (your file of lesson {lesson[:2]} cannot be used: run that lesson again)"
    model = load_trained(name, seed)
    return Found(model, False, f"{name}: the one that comes with the course, seed {seed}{remark}")
