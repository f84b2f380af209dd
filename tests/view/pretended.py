"""A page that is pretended, and a decoder whose pictures can be foretold."""

import sys
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn


class Shell:
    """Stands for IPython's shell, with or without a page behind it."""

    def __init__(self, metadata, msg_id="run"):
        request = {"metadata": metadata, "header": {"msg_id": msg_id}}
        self.kernel = SimpleNamespace(get_parent=lambda: request)


def attach(monkeypatch, metadata, **more):
    """Pretend to be in a kernel; what is displayed is returned."""
    shell, sent = Shell(metadata, **more), []
    module = SimpleNamespace(
        version_info=(9, 0),
        get_ipython=lambda: shell,
        display=SimpleNamespace(display=lambda data, **rest: sent.append((data, rest))),
    )
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", module.display)
    return sent


class Widget:
    """Stands for the widget: what is sent is kept."""

    def __init__(self, **traits):
        self.__dict__.update(traits)
        self.model_id, self.sent, self.closed, self.identity = "m", [], False, ""

    def on_msg(self, handler):
        self.handler = handler

    def send(self, content, buffers):
        self.sent.append((content, buffers))

    def close(self):
        self.closed = True


class Gray(nn.Module):
    """The first latent is the image's gray level."""

    latent_size = 2

    def __init__(self, high=6, wide=5):
        super().__init__()
        self.size = (high, wide)
        self.weight = nn.Parameter(torch.ones(1))

    def encode(self, x):
        mean = x.flatten(1)[:, :2]
        return mean, torch.zeros_like(mean)

    def decode(self, latent):
        return (self.weight * latent[:, :1, None, None]).expand(-1, 1, *self.size)


def gray(values, explorer):
    """What an explorer draws, as an array (count, height, width, channels)."""
    fields, buffer = explorer.answer(values)
    assert "error" not in fields, fields
    return np.frombuffer(buffer, np.uint8).reshape(fields["shape"])


def codes(count=6, size=2):
    return torch.randn(count, size, generator=torch.Generator().manual_seed(0))
