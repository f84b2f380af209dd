"""Where and how training runs: device, seeds, budget, precision, and what it records."""

import functools
import json
import os
import random
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch

from aigc_edu.errors import CourseError
from aigc_edu.files import write_atomically


def device() -> torch.device:
    """The device to train on: ``$AIGC_EDU_DEVICE``, else CUDA, else MPS (Apple), else the CPU.

    Raises:
        CourseError: if the environment asks for a device that is unknown or not there.

    >>> device().type in ("cpu", "cuda", "mps")
    True
    """
    asked = os.environ.get("AIGC_EDU_DEVICE", "").strip().lower()
    if not asked:
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    try:
        chosen = torch.device(asked)
    except RuntimeError:
        chosen = torch.device("meta")  # known to torch, never to the course
    if chosen.type not in ("cpu", "cuda", "mps"):
        raise CourseError(f"AIGC_EDU_DEVICE is {asked!r}: set it to cpu, cuda or mps, or unset it.")
    there = True
    if chosen.type == "cuda":
        there = torch.cuda.is_available() and (chosen.index or 0) < torch.cuda.device_count()
    elif chosen.type == "mps":
        there = torch.backends.mps.is_available()
    if not there:
        raise CourseError(
            f"AIGC_EDU_DEVICE is {asked!r}, but this machine or this build of PyTorch has no such "
            "device: set it to cpu or unset it."
        )
    return chosen


def seed() -> int:
    """The seed that lessons start from: ``$AIGC_EDU_SEED``, or 0.

    Raises:
        CourseError: if the environment holds no whole number of at least 0.
    """
    asked = os.environ.get("AIGC_EDU_SEED", "").strip() or "0"
    if not (asked.isascii() and asked.isdigit() and int(asked) < 2**32):
        raise CourseError(
            f"AIGC_EDU_SEED is {asked!r}: set it to a whole number from 0 to 4294967295."
        )
    return int(asked)


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python's, NumPy's and PyTorch's global generators, and return a new one of your own.

    Same seed, same device, same thread count, same versions: same numbers.

    Args:
        seed: 0 to 2**32 - 1 (NumPy takes no more).

    Returns:
        A ``torch.Generator`` on the CPU, seeded with ``seed``. It serves every device: the
        course's functions draw on the generator's device and move the result.

    Raises:
        ValueError: if the seed is out of range.

    >>> a = torch.rand(1, generator=seed_everything(3))
    >>> a == torch.rand(1, generator=seed_everything(3))
    tensor([True])
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be from 0 to 2**32 - 1, got {seed}")
    import numpy

    random.seed(seed)
    numpy.random.seed(seed)  # noqa: NPY002 - the global state is what other libraries read
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def budget(quick: int, cpu: int, gpu: int) -> int:
    """How many steps to train: ``quick`` if ``$AIGC_EDU_BUDGET`` is quick, else by the device.

    Args:
        quick: enough to see that everything runs.
        cpu: for training on the CPU.
        gpu: for CUDA or MPS.

    Raises:
        CourseError: if the environment asks for anything but quick or full.

    >>> budget(quick=30, cpu=3000, gpu=30000) in (30, 3000, 30000)
    True
    """
    asked = os.environ.get("AIGC_EDU_BUDGET", "").strip().lower() or "full"
    if asked not in ("quick", "full"):
        raise CourseError(f"AIGC_EDU_BUDGET is {asked!r}: set it to quick or full, or unset it.")
    if asked == "quick":
        return quick
    return cpu if device().type == "cpu" else gpu


@functools.cache
def _has_bfloat16(device_type: str) -> bool:
    """Whether the hardware multiplies bfloat16 itself (emulated, it is slower than float32)."""
    if device_type == "cuda":
        try:
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
        except TypeError:  # an older PyTorch cannot leave emulation out
            return bool(torch.cuda.get_device_capability()[0] >= 8)
    if device_type == "cpu":
        # Private names of PyTorch: one that is gone counts as "no", which is slower, never wrong.
        for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
            probe = getattr(torch.cpu, name, None)
            if callable(probe) and probe():
                return True
    return False


def mixed_precision(device: torch.device | str) -> AbstractContextManager[Any]:
    """A context in which matrix products and convolutions run in bfloat16 where that is faster.

    ``$AIGC_EDU_PRECISION`` decides: "auto" (or nothing) asks the hardware, "float32" and
    "bfloat16" say so. Weights and sums stay float32, and bfloat16 has float32's range, so no loss
    scaling is needed. Put the forward pass and the loss inside, ``backward()`` outside.

    Args:
        device: where the model is.

    Raises:
        CourseError: if the environment asks for another precision.

    >>> model = torch.nn.Linear(2, 2)
    >>> with mixed_precision("cpu"):
    ...     loss = model(torch.ones(1, 2)).float().sum()
    >>> loss.backward()
    """
    kind = torch.device(device).type
    asked = os.environ.get("AIGC_EDU_PRECISION", "").strip().lower() or "auto"
    if asked not in ("auto", "float32", "bfloat16"):
        raise CourseError(
            f"AIGC_EDU_PRECISION is {asked!r}: set it to auto, float32 or bfloat16, or unset it."
        )
    if asked == "bfloat16" or (asked == "auto" and _has_bfloat16(kind)):
        return torch.autocast(kind, dtype=torch.bfloat16)
    return nullcontext()


def record(**figures: Any) -> None:
    """Add figures to the JSON file at ``$AIGC_EDU_RECORD``; without that variable, do nothing.

    A name given again replaces its old value. Tensors of one element and NumPy numbers become
    plain numbers.

    Args:
        figures: names and what JSON can hold, e.g. ``record(elbo=-101.2, steps=3000)``.

    Raises:
        TypeError: if JSON cannot hold a figure.
        CourseError: if the file holds something else or cannot be written.
    """
    path = _record_file()
    if path is not None:
        record = _recorded(path)
        record.update(figures)
        _write_record(path, record)


def rows(names: Iterable[str], default: Iterable[str]) -> list[str]:
    """Which rows of an ablation table to run now, one training run a row.

    A lesson with an ablation keeps its training loop in the notebook and asks here which rows to
    run. A learner's run gets ``default``: the baseline and one row of the reader's choice.
    ``aigc-edu seeds NN`` sets ``$AIGC_EDU_ROWS`` (to ``all``, or to names with commas between)
    and gets all the rows it wants, less those that the record holds already: so a run that was
    stopped goes on where it was. In the notebook::

        for name in training.rows(CHANGES, default=["baseline", mine]):
            torch.manual_seed(training.seed())  # a row must not depend on the rows before it
            ...                                 # train with CHANGES[name], then measure
            training.record_row(name, frechet_distance=distance)

    The cell that ends the loop has the tag ``table``: ``aigc-edu seeds`` stops after it, so
    what comes before must not need rows that were skipped.

    Args:
        names: all the rows there are, in the order of the table (a dict will do).
        default: those that an ordinary run trains, in this order.

    Returns:
        Names of rows, each once.

    Raises:
        CourseError: if a row is asked for that is not among ``names``.
        ValueError: for a name that is empty, given twice, ``all``, or holds a comma.

    >>> rows(["baseline", "no augmentation", "small"], default=["baseline", "small"])
    ['baseline', 'small']
    """
    known = list(names)
    odd = [name for name in known if not name.strip() or name == "all" or "," in name]
    if odd or len(set(known)) < len(known):
        raise ValueError(f"names of rows must differ, without commas, none 'all', got {known}")
    asked = os.environ.get("AIGC_EDU_ROWS", "").strip()
    if not asked:
        chosen = list(dict.fromkeys(default))
    elif asked == "all":
        chosen = known
    else:
        chosen = list(dict.fromkeys(word.strip() for word in asked.split(",")))
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise CourseError(f"There is no row {unknown[0]!r}: choose among {', '.join(known)}.")
    path = _record_file()
    if asked and path is not None:
        done = _recorded(path).get("rows", {})
        return [name for name in chosen if name not in done]
    return chosen


def record_row(name: str, **figures: Any) -> None:
    """Add one finished row of a table to the record, as ``record`` does with figures.

    Call it as soon as the row is measured: what is recorded is not run again (see ``rows``).

    Args:
        name: the row, as ``rows`` gave it.
        figures: names and what JSON can hold.

    Raises:
        TypeError: if JSON cannot hold a figure.
        CourseError: if the file holds something else or cannot be written.
    """
    path = _record_file()
    if path is not None:
        record = _recorded(path)
        record["rows"] = {**record.get("rows", {}), name: figures}
        _write_record(path, record)


def _record_file() -> Path | None:
    path = os.environ.get("AIGC_EDU_RECORD")
    return Path(path) if path else None


def _recorded(path: Path) -> dict[str, Any]:
    """What the record holds so far.

    Raises:
        CourseError: if it is no record.
    """
    record: Any = {}
    if path.exists():
        try:
            text = path.read_text(encoding="utf-8")
            record = json.loads(text) if text.strip() else {}
        except (OSError, ValueError):
            record = None
    if not isinstance(record, dict) or not isinstance(record.get("rows", {}), dict):
        raise CourseError(
            f"{path} (AIGC_EDU_RECORD) holds no record: name another file or delete this one."
        )
    return record


def _write_record(path: Path, record: dict[str, Any]) -> None:
    text = json.dumps(record, indent=2, sort_keys=True, default=_plain) + "\n"
    write_atomically(path, text.encode())


def _plain(value: Any) -> Any:
    """A tensor or NumPy number as JSON holds it."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a record cannot hold {type(value).__name__}")
