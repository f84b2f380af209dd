"""Everything a training run needs to go on, in one file that is always whole."""

import hashlib
import json
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically

_FORMAT = "1"


def save_checkpoint(
    path: str | Path,
    *,
    step: int,
    models: Mapping[str, nn.Module],
    optimizers: Mapping[str, torch.optim.Optimizer] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write a checkpoint from which training goes on as if it had never stopped.

    One safetensors file: tensors as they are, everything else as JSON in its header, with a
    checksum over both. It is written under another name and renamed, so that at any moment the
    last whole checkpoint is there. PyTorch's global random states are kept too.

    Args:
        path: the file; its folder is made if need be.
        step: how many steps were done.
        models: names and models.
        optimizers: names and optimizers.
        extra: names and whatever else has a state: a ``torch.Generator``, anything with
            ``state_dict()`` and ``load_state_dict()`` (``Batches``, ``EMA``, ``EarlyStopping``,
            learning-rate schedules), or a dict or list of plain values (a history of losses).

    Raises:
        CourseError: if the file cannot be written; the checkpoint that was there stays.
        TypeError: if ``extra`` holds something that cannot be kept.
    """
    tensors: dict[str, Tensor] = {}
    tree = {
        "step": int(step),
        "models": {name: model.state_dict() for name, model in models.items()},
        "optimizers": {name: each.state_dict() for name, each in (optimizers or {}).items()},
        "extra": {name: _state_of(name, value) for name, value in (extra or {}).items()},
        "random": _random_states(),
    }
    text = json.dumps(_pack(tree, tensors))
    from safetensors.torch import save

    header = {"format": _FORMAT, "tree": text, "sha256": _checksum(text, tensors)}
    write_atomically(Path(path), save(tensors, metadata=header))


def load_checkpoint(
    path: str | Path,
    *,
    models: Mapping[str, nn.Module],
    optimizers: Mapping[str, torch.optim.Optimizer] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> int:
    """Bring back what ``save_checkpoint`` wrote, in place, and return the number of steps done.

    Give the same names as when saving. Models, optimizers, generators and other things with a
    state take it over; dicts and lists in ``extra`` get their contents replaced. PyTorch's global
    random states are set to what they were. Nothing is changed unless the file is whole and fits.

    Args:
        path: the file.
        models, optimizers, extra: as in ``save_checkpoint``.

    Returns:
        The step at which the checkpoint was written.

    Raises:
        CourseError: if there is no such file, if it is cut or corrupt, or if it belongs to other
            models.
    """
    path = Path(path)
    tree = _read(path)
    optimizers, extra = optimizers or {}, extra or {}
    for part, expected in (("models", models), ("optimizers", optimizers), ("extra", extra)):
        if set(expected) != set(tree[part]):
            raise CourseError(
                f"{path} holds {part} {sorted(tree[part])}, not {sorted(expected)}: it belongs to "
                "another training run, so name another file or delete it."
            )
    for name, model in models.items():
        have = {key: tuple(value.shape) for key, value in model.state_dict().items()}
        saved_shapes = {key: tuple(value.shape) for key, value in tree["models"][name].items()}
        if have != saved_shapes:
            raise CourseError(
                f"{path} holds another model under the name {name!r}: name another file or delete "
                "it."
            )
    for name, optimizer in optimizers.items():
        have_sizes = [len(group["params"]) for group in optimizer.param_groups]
        kept_sizes = [len(group["params"]) for group in tree["optimizers"][name]["param_groups"]]
        if have_sizes != kept_sizes:
            raise CourseError(
                f"{path} holds another optimizer under the name {name!r}: name another file or "
                "delete it."
            )
    for name, value in extra.items():
        _fits(path, name, value, tree["extra"][name])
    for name, model in models.items():
        model.load_state_dict(tree["models"][name])
    for name, optimizer in optimizers.items():
        optimizer.load_state_dict(tree["optimizers"][name])
    for name, value in extra.items():
        _restore(value, tree["extra"][name])
    torch.set_rng_state(tree["random"]["cpu"])
    if tree["random"]["cuda"] and torch.cuda.device_count() == len(tree["random"]["cuda"]):
        torch.cuda.set_rng_state_all(tree["random"]["cuda"])
    step: int = tree["step"]
    return step


def read_extra(path: str | Path, name: str) -> Any:
    """One of the things kept under ``extra``, without the models and optimizers beside it.

    Args:
        path: the file.
        name: its name when saving.

    Raises:
        CourseError: if there is no such file, if it is cut or corrupt, or without that name.
    """
    extra = _read(Path(path))["extra"]
    if name not in extra:
        raise CourseError(f"{path} holds no {name!r}: there are {', '.join(sorted(extra))}.")
    return extra[name]


def read_model(path: str | Path, name: str) -> dict[str, Tensor]:
    """The weights of one of the models in a checkpoint, without what stands beside it.

    Args:
        path: the file.
        name: the model's name when saving.

    Raises:
        CourseError: if there is no such file, if it is cut or corrupt, or without that name.
    """
    models = _read(Path(path))["models"]
    if name not in models:
        raise CourseError(f"{path} holds no {name!r}: there are {', '.join(sorted(models))}.")
    weights: dict[str, Tensor] = models[name]
    return weights


def _read(path: Path) -> dict[str, Any]:
    """The tree that was saved, after its checksum was found right."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    if not path.is_file():
        raise CourseError(f"There is no checkpoint at {path}: train first, or name another file.")
    try:
        content = path.read_bytes()
        tensors = load(content)
        # The header: 8 bytes of length, then JSON (https://github.com/huggingface/safetensors).
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])["__metadata__"]
        if header["sha256"] != _checksum(header["tree"], tensors):
            raise ValueError("checksum")
        tree: dict[str, Any] = _unpack(json.loads(header["tree"]), tensors)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path} is no whole checkpoint of this course (cut, damaged or another format): "
            "delete it and train again."
        ) from error
    return tree


def _checksum(text: str, tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over the JSON and over every tensor's name, type, shape and bytes."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _random_states() -> dict[str, Any]:
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    cuda = torch.cuda.get_rng_state_all() if used else []
    return {"cpu": torch.get_rng_state(), "cuda": cuda}


def _state_of(name: str, value: Any) -> Any:
    if isinstance(value, torch.Generator):
        return value.get_state()
    if hasattr(value, "state_dict"):
        return value.state_dict()
    if isinstance(value, dict | list):
        return value
    raise TypeError(
        f"extra {name!r} must be a torch.Generator, a dict, a list or have state_dict(), got "
        f"{type(value).__name__}"
    )


def _fits(path: Path, name: str, value: Any, state: Any) -> None:
    """Refuse a state of another kind before anything is changed."""
    if isinstance(value, torch.Generator):
        right = isinstance(state, Tensor)
    elif hasattr(value, "load_state_dict"):
        right = isinstance(state, dict)
    else:
        right = isinstance(value, dict | list) and type(value) is type(state)
    if not right:
        raise CourseError(
            f"{path} holds something else under the name {name!r}: name another file or delete it."
        )


def _restore(value: Any, state: Any) -> None:
    if isinstance(value, torch.Generator):
        value.set_state(state)
    elif hasattr(value, "load_state_dict"):
        value.load_state_dict(state)
    elif isinstance(value, MutableMapping):
        value.clear()
        value.update(state)
    else:
        value[:] = state


def _pack(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Nested states as plain JSON; tensors are put aside under a number."""
    if isinstance(value, Tensor):
        # An optimizer relies on its averages lying in memory as the weights do.
        last = (
            value.ndim == 4
            and not value.is_contiguous()
            and value.is_contiguous(memory_format=torch.channels_last)
        )
        key = f"{len(tensors):06d}"
        # A copy, because two entries may share memory, which safetensors refuses.
        tensors[key] = value.detach().cpu().contiguous().clone()
        return {"tensor": key, "channels_last": last}
    if value is None or isinstance(value, bool | int | float | str):
        return {"value": value}
    if isinstance(value, tuple):
        return {"tuple": [_pack(each, tensors) for each in value]}
    if isinstance(value, list):
        return {"list": [_pack(each, tensors) for each in value]}
    if isinstance(value, Mapping):
        # Pairs, not a JSON object: an optimizer's state has whole numbers for keys.
        return {
            "dict": [[_pack(key, tensors), _pack(each, tensors)] for key, each in value.items()]
        }
    raise TypeError(f"a checkpoint cannot hold {type(value).__name__}")


def _unpack(packed: Any, tensors: Mapping[str, Tensor]) -> Any:
    """The reverse of ``_pack``."""
    if "value" in packed:
        return packed["value"]
    if "tensor" in packed:
        tensor = tensors[packed["tensor"]]
        if packed["channels_last"]:
            return tensor.contiguous(memory_format=torch.channels_last)
        return tensor
    if "tuple" in packed:
        return tuple(_unpack(each, tensors) for each in packed["tuple"])
    if "list" in packed:
        return [_unpack(each, tensors) for each in packed["list"]]
    return {_unpack(key, tensors): _unpack(each, tensors) for key, each in packed["dict"]}
