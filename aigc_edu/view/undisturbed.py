"""Looking at a network while it trains, without a trace in the training."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

PICTURE_SEED = 0


@contextmanager
def _random_state_kept() -> Iterator[None]:
    """Everything drawn inside comes from the pictures' own seed, and outside nothing moved."""
    python, cpu = random.getstate(), torch.get_rng_state()
    numpy = np.random.get_state()  # noqa: NPY002 (the global state is what a picture may use)
    # Only devices in use: asking another for its state would start it.
    cuda = torch.cuda.get_rng_state() if _cuda_in_use() else None
    metal = torch.mps.get_rng_state() if _metal_in_use() else None
    try:
        random.seed(PICTURE_SEED)
        np.random.seed(PICTURE_SEED)  # noqa: NPY002
        torch.default_generator.manual_seed(PICTURE_SEED)
        if cuda is not None:
            torch.cuda.manual_seed(PICTURE_SEED)
        if metal is not None:
            torch.mps.manual_seed(PICTURE_SEED)
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        torch.set_rng_state(cpu)
        if cuda is not None:
            torch.cuda.set_rng_state(cuda)
        if metal is not None:
            torch.mps.set_rng_state(metal)


def _cuda_in_use() -> bool:
    return bool(torch.cuda.is_initialized())  # type: ignore[no-untyped-call]


def _metal_in_use() -> bool:
    # There is no torch.mps.is_initialized: memory in use is the sign that it was started.
    return torch.backends.mps.is_available() and torch.mps.driver_allocated_memory() > 0


@contextmanager
def _evaluating() -> Iterator[None]:
    """Every network called inside runs in eval mode; afterwards each is as it was."""
    changed: list[nn.Module] = []

    def switch(module: nn.Module, inputs: Any) -> None:
        if module.training:
            # Not module.eval(): children have their own flags, and get their own call.
            module.training = False
            changed.append(module)

    hook = register_module_forward_pre_hook(switch)
    try:
        yield
    finally:
        hook.remove()
        for module in changed:
            module.training = True


@contextmanager
def undisturbed() -> Iterator[None]:
    """Run networks for a look at them, and leave training exactly as it would have been.

    Inside, no gradient is recorded, every network that is called runs in eval mode (so
    BatchNorm's running statistics stay and Dropout is off), and what is drawn from the
    global generators of torch, numpy and Python comes from a fixed seed: the same noise
    each time, so that only the network changes from picture to picture. Afterwards modes
    and generators are as before. A ``torch.Generator`` passed explicitly does move on:
    draw fixed latents once, before the loop.

    >>> _ = torch.manual_seed(1); expected = torch.rand(1)
    >>> _ = torch.manual_seed(1)
    >>> with undisturbed():
    ...     _ = torch.rand(100)
    >>> torch.equal(torch.rand(1), expected)
    True
    """
    with ExitStack() as stack:
        stack.enter_context(_random_state_kept())
        stack.enter_context(_evaluating())
        stack.enter_context(torch.no_grad())
        yield


def wait_for_device() -> None:
    """Wait until the accelerator has done what was asked of it, if one is in use.

    Without this, drawing a picture would be charged for the training steps queued before it.
    """
    if _cuda_in_use():
        torch.cuda.synchronize()
    elif _metal_in_use():
        torch.mps.synchronize()
