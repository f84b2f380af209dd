"""DigitClassifier(), an nn.Module with features(x) → (batch, 64) and forward(x) → logits
(batch, 10)"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.models import Classifier


def _cases(generator: torch.Generator) -> list[Case]:
    def images(count: int) -> Tensor:
        return torch.rand((count, 1, 28, 28), generator=generator)

    return [
        Case("ordinary", (images(5), 11), weight=2),
        Case("batch of one", (images(1), 12)),
        Case("black images", (torch.zeros(2, 1, 28, 28), 13)),
    ]


def _run(answer: Any, x: Any, seed: int) -> Any:
    """Build it, give it known weights (each shape occurs once), and look at what comes out."""
    network = answer()
    parameters = list(network.parameters())
    shapes = sorted(str(tuple(parameter.shape)) for parameter in parameters)
    if parameters and len(shapes) == len(set(shapes)):
        with torch.no_grad():
            for parameter in parameters:
                draw = torch.Generator().manual_seed(seed + sum(parameter.shape))
                scale = (2 / parameter[0].numel()) ** 0.5
                parameter.copy_(scale * torch.randn(parameter.shape, generator=draw))
    logits, features = network(x), network.features(x)
    if not parameters and isinstance(logits, torch.Tensor):
        return {"shapes of the parameters": "none"}  # nothing to compare outputs by
    return {
        "shapes of the parameters": "; ".join(shapes),
        "what features returns": features,
        "what forward returns": logits,
    }


class _Net(nn.Module):
    """The classifier's layers, to be put together wrongly in different ways."""

    padding = 1
    flat = 1568

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 16, 3, padding=self.padding)
        self.second = nn.Conv2d(16, 32, 3, padding=self.padding)
        self.hidden = nn.Linear(self.flat, 64)
        self.output = nn.Linear(64, 10)

    def images(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        return F.max_pool2d(F.relu(self.second(x)), 2)

    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.hidden(self.images(x).flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.output(self.features(x))
        return logits


class _NetSoftmax(_Net):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(dim=1)


NET_SOFTMAX = Mistake(
    _NetSoftmax,
    "forward returns probabilities. It should return logits: the loss does the "
    "softmax itself, and a second one flattens every gradient.",
)


class _NetLogSoftmax(_Net):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).log_softmax(dim=1)


NET_LOG_SOFTMAX = Mistake(
    _NetLogSoftmax,
    "forward returns log-probabilities. The loss takes the log-softmax itself; return "
    "what the last layer gives.",
)


class _NetReluAtTheEnd(_Net):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


NET_RELU_AT_THE_END = Mistake(
    _NetReluAtTheEnd,
    "There is a ReLU after the last layer: a logit may be negative.",
)


class _NetLinearFeatures(_Net):
    def features(self, x: Tensor) -> Tensor:
        features: Tensor = self.hidden(self.images(x).flatten(1))
        return features


NET_LINEAR_FEATURES = Mistake(
    _NetLinearFeatures,
    "The 64 features may be negative here: the ReLU after the first linear layer is "
    "missing, and two linear layers in a row are only one.",
)


class _NetLinearConvolutions(_Net):
    def images(self, x: Tensor) -> Tensor:
        return F.max_pool2d(self.second(F.max_pool2d(self.first(x), 2)), 2)


NET_LINEAR_CONVOLUTIONS = Mistake(
    _NetLinearConvolutions,
    "The convolutions have no ReLU after them.",
)


class _NetUnflattened(_Net):
    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.hidden(self.images(x)))


NET_UNFLATTENED = Mistake(
    _NetUnflattened,
    "A layer was given another shape than it was made for. Compare with the table: is "
    "there a pooling after each convolution, and is (batch, 32, 7, 7) flattened to "
    "(batch, 1568)?",
)


class _NetAllFlattened(_Net):
    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.hidden(self.images(x).flatten()))


NET_ALL_FLATTENED = Mistake(
    _NetAllFlattened,
    "The batch was flattened too: all images became one long row. Flatten from dim 1 on.",
)


class _NetUnpadded(_Net):
    padding = 0
    flat = 800


NET_UNPADDED = Mistake(
    _NetUnpadded,
    "The convolutions have no padding, so each eats a border of one pixel: 26 and 11 "
    "instead of 28 and 14.",
)


class _NetHidden(nn.Module):
    """Layers in a plain list, where nn.Module does not find them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [_Net()]

    def features(self, x: Tensor) -> Tensor:
        return self.layers[0].features(x)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.layers[0](x)
        return logits


NET_HIDDEN = Mistake(
    _NetHidden,
    "The module finds no parameters: layers in a plain list stay invisible to it, and "
    "so to the optimizer. Give them as attributes, or in nn.Sequential.",
)


class _NetWithoutSuper(nn.Module):
    def __init__(self) -> None:
        self.first = nn.Conv2d(1, 16, 3, padding=1)


NET_WITHOUT_SUPER = Mistake(
    _NetWithoutSuper,
    "super().__init__() has to run before the first layer is set: it makes the lists "
    "that the layers are entered in.",
)


EXERCISE = Exercise(
    id="90.6",
    title="The network",
    kind="class",
    prompt=__doc__,
    reference=Classifier,
    cases=_cases,
    run=_run,
    points=5,
    difficulty=3,
    minutes=20,
    mistakes=(
        NET_SOFTMAX,
        NET_LOG_SOFTMAX,
        NET_RELU_AT_THE_END,
        NET_LINEAR_FEATURES,
        NET_LINEAR_CONVOLUTIONS,
        NET_UNFLATTENED,
        NET_ALL_FLATTENED,
        NET_UNPADDED,
        NET_HIDDEN,
        NET_WITHOUT_SUPER,
    ),
    hints=(
        "Follow the shapes in the table from row to row; each row is one layer.",
        "nn.Conv2d(channels in, channels out, kernel_size=3, padding=1), nn.MaxPool2d(2), "
        "nn.Flatten(), nn.Linear(in, out), nn.ReLU(): nn.Sequential chains them.",
        "Two parts suffice: everything up to the 64 features, and the last linear layer. "
        "forward applies the second to what features returns.",
    ),
    why="A network is a chain of layers, and what it learns is what its modules list as "
    "parameters. The last layer's inputs are the features that the course measures with.",
    also_right=(_Net,),
)
