"""Exercises of appendix 90: tensors, gradients, a first network."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.models import Classifier

Pair = tuple[Tensor, Tensor]


def _normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype)


# ---------------------------------------------------------------------- 90.2 standardize


def standardize(x: Tensor) -> Tensor:
    """Columns with mean 0 and standard deviation 1; constant columns become 0."""
    spread = x.std(dim=0, correction=0)  # (columns,)
    spread = torch.where(spread > 0, spread, torch.ones_like(spread))
    return (x - x.mean(dim=0)) / spread


def _guarded(spread: Tensor) -> Tensor:
    return torch.where(spread > 0, spread, torch.ones_like(spread))


def _standardize_whole(x: Tensor) -> Tensor:
    return (x - x.mean()) / x.std()


def _standardize_rows(x: Tensor) -> Tensor:
    return (x - x.mean(dim=1, keepdim=True)) / x.std(dim=1, keepdim=True)


def _standardize_rows_by_n(x: Tensor) -> Tensor:
    spread = x.std(dim=1, correction=0, keepdim=True)
    return (x - x.mean(dim=1, keepdim=True)) / spread


def _standardize_rows_without_keepdim(x: Tensor) -> Tensor:
    return (x - x.mean(dim=1)) / x.std(dim=1)


def _standardize_variance(x: Tensor) -> Tensor:
    return (x - x.mean(dim=0)) / _guarded(x.var(dim=0, correction=0))


def _standardize_sample(x: Tensor) -> Tensor:
    return (x - x.mean(dim=0)) / _guarded(x.std(dim=0))


def _standardize_unguarded(x: Tensor) -> Tensor:
    return (x - x.mean(dim=0)) / x.std(dim=0, correction=0)


def _standardize_naively(x: Tensor) -> Tensor:
    return (x - x.mean(dim=0)) / x.std(dim=0)


def _standardize_centered(x: Tensor) -> Tensor:
    return x - x.mean(dim=0)


def _standardize_by_hand(x: Tensor) -> Tensor:
    centered = x - x.mean(dim=0, keepdim=True)
    spread = centered.square().mean(dim=0, keepdim=True).sqrt()
    return centered / spread.clamp(min=1e-12)


def _standardize_cases(generator: torch.Generator) -> list[Case]:
    def table(rows: int, columns: int, dtype: torch.dtype = torch.float32) -> Tensor:
        scale = torch.arange(1, columns + 1, dtype=dtype)
        return _normal(generator, rows, columns, dtype=dtype) * scale + 3 * scale

    constant = table(6, 4)
    constant[:, 1], constant[:, 3] = 3.0, 0.0
    return [
        Case("ordinary", (table(7, 3),), weight=2),
        Case("as many rows as columns", (table(4, 4),)),
        Case("two rows", (table(2, 5),)),
        Case("two constant columns", (constant,)),
        Case("float64", (table(8, 2, torch.float64),)),
    ]


# -------------------------------------------------------------- 90.3 a gradient by hand


def line_gradient(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    """Derivatives of mean((weight * x + offset - y)^2) in weight and offset."""
    error = weight * x + offset - y  # (batch,)
    return 2 * (error * x).mean(), 2 * error.mean()


def _line_without_two(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return (error * x).mean(), error.mean()


def _line_sum(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * (error * x).sum(), 2 * error.sum()


def _line_sign(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = y - weight * x - offset
    return 2 * (error * x).mean(), 2 * error.mean()


def _line_without_inner(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * error.mean(), 2 * error.mean()


def _line_both_inner(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * (error * x).mean(), 2 * (error * x).mean()


def _line_product_of_means(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * error.mean() * x.mean(), 2 * error.mean()


def _line_unreduced(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    error = weight * x + offset - y
    return 2 * error * x, 2 * error


def _line_by_autograd(weight: Tensor, offset: Tensor, x: Tensor, y: Tensor) -> Pair:
    weight, offset = weight.detach().requires_grad_(), offset.detach().requires_grad_()
    loss = (weight * x + offset - y).square().mean()
    in_weight, in_offset = torch.autograd.grad(loss, (weight, offset))
    return in_weight, in_offset


def _line_cases(generator: torch.Generator) -> list[Case]:
    def line(count: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, ...]:
        x = _normal(generator, count, dtype=dtype) + 1
        y = 2 * x - 1 + _normal(generator, count, dtype=dtype)
        return _normal(generator, dtype=dtype), _normal(generator, dtype=dtype), x, y

    return [
        Case("ordinary", line(7), weight=2),
        Case("two points", line(2)),
        Case("float64", line(5, torch.float64)),
    ]


# ------------------------------------------------------------- 90.4 a step by hand


def sgd_step(parameters: Sequence[Tensor], learning_rate: float) -> None:
    """Move each parameter against its gradient, in place, and clear the gradient."""
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad  # type: ignore[operator]
            parameter.grad = None


def _sgd_keeps_gradients(parameters: Sequence[Tensor], learning_rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad  # type: ignore[operator]


def _sgd_uphill(parameters: Sequence[Tensor], learning_rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter += learning_rate * parameter.grad  # type: ignore[operator]
            parameter.grad = None


def _sgd_on_the_graph(parameters: Sequence[Tensor], learning_rate: float) -> None:
    for parameter in parameters:
        parameter -= learning_rate * parameter.grad  # type: ignore[operator]
        parameter.grad = None


def _sgd_does_not_move(parameters: Sequence[Tensor], learning_rate: float) -> None:
    for parameter in parameters:
        moved = parameter - learning_rate * parameter.grad  # type: ignore[operator]
        assert moved.shape == parameter.shape
        parameter.grad = None


def _sgd_full_step(parameters: Sequence[Tensor], learning_rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter -= parameter.grad  # type: ignore[arg-type]
            parameter.grad = None


def _sgd_first_only(parameters: Sequence[Tensor], learning_rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad  # type: ignore[operator]
            parameter.grad = None
            return


def _sgd_no_new_gradient(parameters: Sequence[Tensor], learning_rate: float) -> None:
    for parameter in parameters:
        parameter.requires_grad_(False)
        parameter -= learning_rate * parameter.grad  # type: ignore[operator]
        parameter.grad = None


def _sgd_by_torch(parameters: Sequence[Tensor], learning_rate: float) -> None:
    optimizer = torch.optim.SGD(list(parameters), lr=learning_rate)
    optimizer.step()
    optimizer.zero_grad()


def _sgd_by_data(parameters: Sequence[Tensor], learning_rate: float) -> None:
    for parameter in parameters:
        assert parameter.grad is not None
        parameter.data = parameter.data - learning_rate * parameter.grad
        parameter.grad.zero_()


def _sgd_run(answer: Any, start: Any, targets: Any, learning_rate: float) -> Any:
    """Three steps towards the targets: where the parameters are, and whether they still learn."""
    parameters = [tensor.clone().requires_grad_() for tensor in start]
    for _ in range(3):
        pairs = list(zip(parameters, targets, strict=True))
        loss = sum((place - target).square().sum() for place, target in pairs)
        if not loss.requires_grad:
            break
        loss.backward()
        returned = answer(parameters, learning_rate)
        if repr(returned) == "TODO":
            return returned
    return {
        "the parameters": [parameter.detach().clone() for parameter in parameters],
        "requires_grad of each": [parameter.requires_grad for parameter in parameters],
    }


def _sgd_cases(generator: torch.Generator) -> list[Case]:
    def pairs(*shapes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> tuple[Any, Any]:
        start = [_normal(generator, *shape, dtype=dtype) for shape in shapes]
        return start, [_normal(generator, *shape, dtype=dtype) for shape in shapes]

    return [
        Case("ordinary", (*pairs((3, 2), (3,)), 0.1), weight=2),
        Case("three parameters", (*pairs((4,), (2, 2), ()), 0.05)),
        Case("float64", (*pairs((5,), (1, 3), dtype=torch.float64), 0.2)),
    ]


# ---------------------------------------------------------------------- 90.5 log-softmax


def log_softmax(logits: Tensor) -> Tensor:
    """Logarithms of the softmax probabilities of each row, exact for every logit."""
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


def _log_of_softmax(logits: Tensor) -> Tensor:
    return logits.softmax(dim=1).log()


def _log_of_exponentials(logits: Tensor) -> Tensor:
    grown = logits.exp()
    return (grown / grown.sum(dim=1, keepdim=True)).log()


def _log_softmax_one_maximum(logits: Tensor) -> Tensor:
    shifted = logits - logits.max()
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


def _log_softmax_other_axis(logits: Tensor) -> Tensor:
    return logits.log_softmax(dim=0)


def _softmax_without_log(logits: Tensor) -> Tensor:
    return logits.softmax(dim=1)


def _log_softmax_of_everything(logits: Tensor) -> Tensor:
    return logits - torch.logsumexp(logits.flatten(), dim=0)


def _log_softmax_half_shifted(logits: Tensor) -> Tensor:
    largest = logits.max(dim=1, keepdim=True).values
    return logits - (logits - largest).exp().sum(dim=1, keepdim=True).log()


def _log_softmax_by_hand(logits: Tensor) -> Tensor:
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


def _log_softmax_by_torch(logits: Tensor) -> Tensor:
    return F.log_softmax(logits, dim=1)


def _logit_cases(generator: torch.Generator) -> list[Case]:
    def logits(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return 2 * _normal(generator, *shape, dtype=dtype)

    large = logits(3, 4)
    large[0] += 300
    large[1] -= 300
    large[2, 1] += 500
    return [
        Case("ordinary", (logits(5, 3),), weight=2),
        Case("batch of one", (logits(1, 10),)),
        Case("large logits", (large,)),
        Case("equal logits", (torch.full((2, 6), 7.0),)),
        Case("float64", (logits(4, 7, dtype=torch.float64),)),
    ]


# ---------------------------------------------------------------------- 90.6 a network


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


class _NetLogSoftmax(_Net):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).log_softmax(dim=1)


class _NetReluAtTheEnd(_Net):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


class _NetLinearFeatures(_Net):
    def features(self, x: Tensor) -> Tensor:
        features: Tensor = self.hidden(self.images(x).flatten(1))
        return features


class _NetLinearConvolutions(_Net):
    def images(self, x: Tensor) -> Tensor:
        return F.max_pool2d(self.second(F.max_pool2d(self.first(x), 2)), 2)


class _NetUnflattened(_Net):
    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.hidden(self.images(x)))


class _NetAllFlattened(_Net):
    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.hidden(self.images(x).flatten()))


class _NetUnpadded(_Net):
    padding = 0
    flat = 800


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


class _NetWithoutSuper(nn.Module):
    def __init__(self) -> None:
        self.first = nn.Conv2d(1, 16, 3, padding=1)


def _network_run(answer: Any, x: Any, seed: int) -> Any:
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


def _network_cases(generator: torch.Generator) -> list[Case]:
    def images(count: int) -> Tensor:
        return torch.rand((count, 1, 28, 28), generator=generator)

    return [
        Case("ordinary", (images(5), 11), weight=2),
        Case("batch of one", (images(1), 12)),
        Case("black images", (torch.zeros(2, 1, 28, 28), 13)),
    ]


# ---------------------------------------------------------------------- 90.8 accuracy


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Share of the examples whose largest logit is that of their label."""
    return (logits.argmax(dim=1) == labels).float().mean()


def _accuracy_other_axis(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(dim=0) == labels).float().mean()


def _accuracy_of_bools(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(dim=1) == labels).mean()


def _accuracy_count(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(dim=1) == labels).float().sum()


def _accuracy_errors(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(dim=1) != labels).float().mean()


def _accuracy_percent(logits: Tensor, labels: Tensor) -> Tensor:
    return 100 * (logits.argmax(dim=1) == labels).float().mean()


def _accuracy_broadcast(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(dim=1, keepdim=True) == labels).float().mean()


def _accuracy_values(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.max(dim=1).values == labels).float().mean()


def _accuracy_by_count(logits: Tensor, labels: Tensor) -> Tensor:
    right = (logits.softmax(dim=1).topk(1).indices[:, 0] == labels).sum()
    return right / len(labels)


def _accuracy_cases(generator: torch.Generator) -> list[Case]:
    def batch(count: int, classes: int) -> tuple[Tensor, Tensor]:
        labels = torch.randint(classes, (count,), generator=generator)
        signal = 2.0 * F.one_hot(labels, classes)
        return signal + 1.2 * _normal(generator, count, classes), labels

    certain, labels = batch(6, 4)
    low, low_labels = batch(40, 5)
    return [
        Case("ordinary", batch(60, 10), weight=2),
        Case("as many examples as classes", batch(10, 10)),
        Case("two classes", batch(30, 2)),
        Case("all right", (certain + 50 * F.one_hot(labels, 4), labels)),
        Case("negative logits", (low - 9, low_labels)),
    ]


EXERCISES = [
    Exercise(
        id="90.1",
        title="Predict: a loss with two shapes",
        kind="prediction",
        prompt="One letter: what does a line learn from predictions of shape (100, 1) and "
        "targets of shape (100,)?",
        reference="c",
        choices={
            "a": "Nothing: PyTorch refuses to subtract the two.",
            "b": "The right line: both hold the same 100 numbers.",
            "c": "A flat line at the average target.",
            "d": "The right line, only more slowly.",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "a",
                "It does not refuse, and that is the trouble: sizes 100 and 1 fit together. "
                "Section 3 shows the rule, section 6 the line.",
            ),
            Mistake(
                "b",
                "The numbers are the same 100, but the difference has 10,000: each prediction "
                "meets every target. Section 3 shows the rule.",
            ),
            Mistake(
                "d",
                "Speed is not what suffers. Each prediction is pulled towards every target at "
                "once: where does it come to rest?",
            ),
        ),
        hints=(
            "Think of the 100 predictions as a column and of the 100 targets as a row. What "
            "does a table of all differences look like?",
            "If one number is to be close to 100 different targets at once, which number has the "
            "smallest mean squared error?",
        ),
        why="A column minus a row is a table: every prediction is compared with every target. "
        "The number closest to all targets at once is their average, whatever x is.",
    ),
    Exercise(
        id="90.2",
        title="Standardize the columns",
        kind="function",
        prompt="standardize(x) → like x: each column with mean 0 and standard deviation 1, "
        "constant columns 0",
        reference=standardize,
        cases=_standardize_cases,
        points=3,
        difficulty=2,
        minutes=10,
        mistakes=(
            Mistake(
                _standardize_whole,
                "One mean and one spread for the whole table: each column needs its own.",
            ),
            Mistake(
                _standardize_rows,
                "You standardized the rows. The dimension that you name is the one that "
                "disappears, and here the rows shall.",
            ),
            Mistake(
                _standardize_rows_by_n,
                "Now each row has mean 0 and standard deviation 1. The columns should: name the "
                "dimension that is to disappear.",
            ),
            Mistake(
                _standardize_rows_without_keepdim,
                "The mean over dim 1 has one value a row. Broadcasting compares sizes from the "
                "right, so it meets the columns: an error, or with as many rows as columns a "
                "silent mistake.",
            ),
            Mistake(
                _standardize_variance,
                "You divided by the variance. The spread in the units of x is its square root.",
            ),
            Mistake(
                _standardize_sample,
                "Almost: this standard deviation divides by n − 1. That is what std does unless "
                "told otherwise (correction=0); here the mean square is to be 1.",
            ),
            Mistake(
                _standardize_unguarded,
                "A constant column has spread 0, and 0/0 is NaN. It should come out as 0.",
            ),
            Mistake(
                _standardize_naively,
                "The axis is right; two things are missing. std divides by n − 1 unless told "
                "otherwise, and a constant column gives 0/0, which is NaN.",
            ),
            Mistake(
                _standardize_centered,
                "The means are 0 now, but every column has kept its spread.",
            ),
        ),
        hints=(
            "The columns stay and the rows disappear: which dim is that?",
            "You need two tensors of shape (columns,): the mean and the standard deviation. "
            "Broadcasting then does the rest.",
            "torch.where(condition, this, that) puts something harmless where the spread is 0. "
            "And std divides by n − 1 unless you pass correction=0.",
        ),
        why="Reducing over dim 0 leaves one value a column, and broadcasting hands it to every "
        "row. Border pixels of the digits never change, so constant columns are no rarity.",
        also_right=(_standardize_by_hand,),
    ),
    Exercise(
        id="90.3",
        title="A gradient by hand",
        kind="function",
        prompt="line_gradient(weight, offset, x, y) → (derivative in weight, derivative in "
        "offset) of the mean squared error",
        reference=line_gradient,
        cases=_line_cases,
        points=3,
        difficulty=2,
        minutes=10,
        mistakes=(
            Mistake(_line_without_two, "Half of it: the derivative of a square has a 2."),
            Mistake(
                _line_sum,
                "This is the gradient of the sum over the batch. The loss is the mean.",
            ),
            Mistake(
                _line_sign,
                "The sign is turned: the error inside the square is prediction minus target.",
            ),
            Mistake(
                _line_without_inner,
                "The inner derivative is missing: where weight moves by 1, the prediction moves "
                "by x.",
            ),
            Mistake(
                _line_both_inner,
                "The offset moves every prediction by 1, not by x.",
            ),
            Mistake(
                _line_product_of_means,
                "The mean of a product is not the product of the means: multiply error and x "
                "example by example, then average.",
            ),
            Mistake(
                _line_unreduced,
                "One value an example: these still have to be averaged, as the loss is.",
            ),
        ),
        hints=(
            "Chain rule: first the square, then what is inside it.",
            "Inside the square stands error = weight · x + offset − y. How much does it change "
            "when weight changes by 1? And when offset does?",
        ),
        why="Each example contributes 2 · error times how strongly its prediction reacts: x for "
        "the weight, 1 for the offset. Backpropagation is this chain rule, done for you.",
        also_right=(_line_by_autograd,),
    ),
    Exercise(
        id="90.4",
        title="One step of gradient descent",
        kind="function",
        prompt="sgd_step(parameters, learning_rate): moves every parameter in place by its .grad "
        "and clears it; returns nothing",
        reference=sgd_step,
        cases=_sgd_cases,
        run=_sgd_run,
        points=4,
        difficulty=2,
        minutes=12,
        mistakes=(
            Mistake(
                _sgd_keeps_gradients,
                "The first step is right, the second is not: the old gradients are still there, "
                "and backward adds to them.",
            ),
            Mistake(
                _sgd_uphill,
                "You walk uphill. The gradient points to where the loss grows.",
            ),
            Mistake(
                _sgd_on_the_graph,
                "PyTorch refuses to change a parameter in place while it records. A step is "
                "bookkeeping and no part of the model: tell PyTorch not to record it.",
            ),
            Mistake(
                _sgd_does_not_move,
                "The parameters have not moved. Either `p = p - ...` gave the name to a new "
                "tensor and left the old one as it was, or the gradients were cleared before "
                "they were used.",
            ),
            Mistake(_sgd_full_step, "The learning rate is not used: this is the full gradient."),
            Mistake(
                _sgd_first_only,
                "Only the first parameter moved. Does the loop end too early?",
            ),
            Mistake(
                _sgd_no_new_gradient,
                "After your step the parameters no longer ask for gradients, so there is no "
                "second step. Stop the recording for the step only.",
            ),
        ),
        hints=(
            "Three things have to happen for each parameter: not recorded, moved, cleared.",
            "`with torch.no_grad():` around the loop stops the recording. `p -= ...` changes the "
            "tensor itself; `p = p - ...` makes another one.",
            "Cleared means: p.grad set to None, or zeroed in place, after it has been used.",
        ),
        why="The step changes the tensors that the model holds, outside of any recording. And "
        "since backward adds, whoever steps also has to clear.",
        also_right=(_sgd_by_torch, _sgd_by_data),
    ),
    Exercise(
        id="90.5",
        title="A logarithm that survives",
        kind="function",
        prompt="log_softmax(logits) → (batch, classes), exact also for logits of ±500",
        reference=log_softmax,
        cases=_logit_cases,
        gradient=True,
        points=3,
        difficulty=2,
        minutes=10,
        mistakes=(
            Mistake(
                _log_of_softmax,
                "Right for small logits. But a probability below 1e-45 is rounded to 0, and "
                "log 0 is minus infinity: do not go through the probability.",
            ),
            Mistake(
                _log_of_exponentials,
                "Right for small logits. But exp(300) does not fit into float32: it is infinite, "
                "and infinite through infinite is NaN.",
            ),
            Mistake(
                _log_softmax_one_maximum,
                "You subtracted the largest logit of the whole batch. A row far below it still "
                "underflows: each row needs its own maximum.",
            ),
            Mistake(
                _log_softmax_other_axis,
                "Normalized over the batch: the probabilities of one example's classes must sum "
                "to 1, not those of one class over the examples.",
            ),
            Mistake(_softmax_without_log, "These are the probabilities; their logarithm is asked."),
            Mistake(
                _log_softmax_of_everything,
                "Here all probabilities of the batch together sum to 1; each row should.",
            ),
            Mistake(
                _log_softmax_half_shifted,
                "The maximum was taken out of the exponentials and never put back.",
            ),
        ),
        hints=(
            "Take the logarithm on paper first: log(e^a / Σ e^b) = a − log Σ e^b. What is left "
            "that can overflow?",
            "Adding the same number to all logits of a row changes nothing. Which number makes "
            "the largest exponential exactly 1?",
            "torch.logsumexp does the second half for you; mind dim and keepdim.",
        ),
        why="Taken on paper, the logarithm cancels the exponential, and shifting by the row's "
        "maximum keeps the rest finite. F.cross_entropy does the same, which is why it wants "
        "logits.",
        also_right=(_log_softmax_by_hand, _log_softmax_by_torch),
    ),
    Exercise(
        id="90.6",
        title="The network",
        kind="class",
        prompt="DigitClassifier(), an nn.Module with features(x) → (batch, 64) and forward(x) → "
        "logits (batch, 10)",
        reference=Classifier,
        cases=_network_cases,
        run=_network_run,
        points=5,
        difficulty=3,
        minutes=20,
        mistakes=(
            Mistake(
                _NetSoftmax,
                "forward returns probabilities. It should return logits: the loss does the "
                "softmax itself, and a second one flattens every gradient.",
            ),
            Mistake(
                _NetLogSoftmax,
                "forward returns log-probabilities. The loss takes the log-softmax itself; return "
                "what the last layer gives.",
            ),
            Mistake(
                _NetReluAtTheEnd,
                "There is a ReLU after the last layer: a logit may be negative.",
            ),
            Mistake(
                _NetLinearFeatures,
                "The 64 features may be negative here: the ReLU after the first linear layer is "
                "missing, and two linear layers in a row are only one.",
            ),
            Mistake(
                _NetLinearConvolutions,
                "The convolutions have no ReLU after them.",
            ),
            Mistake(
                _NetUnflattened,
                "A layer was given another shape than it was made for. Compare with the table: is "
                "there a pooling after each convolution, and is (batch, 32, 7, 7) flattened to "
                "(batch, 1568)?",
            ),
            Mistake(
                _NetAllFlattened,
                "The batch was flattened too: all images became one long row. Flatten from dim 1 "
                "on.",
            ),
            Mistake(
                _NetUnpadded,
                "The convolutions have no padding, so each eats a border of one pixel: 26 and 11 "
                "instead of 28 and 14.",
            ),
            Mistake(
                _NetHidden,
                "The module finds no parameters: layers in a plain list stay invisible to it, and "
                "so to the optimizer. Give them as attributes, or in nn.Sequential.",
            ),
            Mistake(
                _NetWithoutSuper,
                "super().__init__() has to run before the first layer is set: it makes the lists "
                "that the layers are entered in.",
            ),
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
    ),
    Exercise(
        id="90.7",
        title="Forgotten eval",
        kind="choice",
        prompt="One letter: what happens without model.eval(), inside torch.no_grad()?",
        reference="b",
        choices={
            "a": "Nothing: no_grad already switches dropout and batch normalization off.",
            "b": "An image's logits are noisy, depend on the other images of the batch, and the "
            "running statistics drift towards the test data.",
            "c": "The weights are trained on the test images.",
            "d": "Only the memory suffers: the graph of every batch is kept.",
        },
        points=2,
        difficulty=1,
        minutes=3,
        mistakes=(
            Mistake(
                "a",
                "no_grad and eval are two different switches: one stops the recording, the other "
                "changes what the layers compute.",
            ),
            Mistake(
                "c",
                "Weights change in optimizer.step() only. What batch normalization updates while "
                "it looks are its running statistics, and those are no weights.",
            ),
            Mistake(
                "d",
                "That would be a missing no_grad, and it is there. Eval is about what the layers "
                "compute.",
            ),
        ),
        hints=(
            "Which of the two switches makes dropout stop?",
            "In train mode batch normalization uses the mean of the batch in front of it, and "
            "writes it down.",
        ),
        why="eval() changes what layers compute, no_grad() what is recorded. A measurement needs "
        "both.",
    ),
    Exercise(
        id="90.8",
        title="Accuracy from logits",
        kind="function",
        prompt="accuracy(logits, labels) → the share of right answers, a float32 tensor without "
        "dimensions",
        reference=accuracy,
        cases=_accuracy_cases,
        points=2,
        difficulty=1,
        minutes=6,
        mistakes=(
            Mistake(
                _accuracy_other_axis,
                "argmax over dim 0 asks which image has most of a class. Which class has most of "
                "an image?",
            ),
            Mistake(
                _accuracy_of_bools,
                "True and False have no mean in PyTorch: make them floats first.",
            ),
            Mistake(_accuracy_count, "That is how many are right; the share is asked."),
            Mistake(_accuracy_errors, "That is the share of wrong answers."),
            Mistake(_accuracy_percent, "That is in percent; a share lies between 0 and 1."),
            Mistake(
                _accuracy_broadcast,
                "A column of guesses met a row of labels, so each guess was compared with every "
                "label: section 3 again.",
            ),
            Mistake(
                _accuracy_values,
                "You compared the largest logit's value with the label. Where it stands is what "
                "counts.",
            ),
        ),
        hints=(
            "Softmax keeps the order, so the largest logit has the largest probability.",
            "argmax tells where the largest element stands; comparing with == gives True and "
            "False.",
        ),
        why="The order of the logits decides, so no probability is needed. A comparison gives "
        "booleans, and their mean as floats is a share.",
        also_right=(_accuracy_by_count,),
    ),
]
