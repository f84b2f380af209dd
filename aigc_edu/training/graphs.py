"""A training step recorded once on the GPU and played back: a CUDA graph."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from aigc_edu.errors import CourseError

WARM_UP = 3
"""Steps that run as they are before one is recorded: by then every library has set itself up."""


def captured(
    step: Callable[..., Any],
    *,
    optimizers: Iterable[torch.optim.Optimizer] = (),
    graph: bool,
) -> Callable[..., Any]:
    """The same step, on an NVIDIA GPU as one CUDA graph where ``graph`` says so.

    A small network keeps a GPU waiting: a step is a hundred short pieces of work, and Python takes
    longer to hand each over than the GPU to do it. A CUDA graph records all of them once and plays
    them back with one call. The loop around it stays as it is::

        step = training.captured(step, optimizers=[optimizer], graph=device.type == "cuda")
        for _ in live(steps):
            loss = step(next(batches), torch.randn(128, 20, generator=noise))

    The first three calls are ordinary steps, the fourth is recorded; nothing is trained twice.
    What is played back is what was recorded, so the step must

    - take what changes from call to call as tensor arguments, of the same shapes each time
      (batches with ``drop_last=True``; random numbers drawn on the CPU; those drawn on the GPU by
      its default generator may stay inside);
    - decide nothing by values: no ``if loss > ...``, no ``.item()``, no print;
    - return tensors (in tuples or dicts, if you like).

    Args:
        step: what one step does, from ``zero_grad`` to ``optimizer.step``.
        optimizers: those that the step moves. Under a graph their learning rate becomes a tensor
            on the GPU, so that a schedule or a slider still moves it.
        graph: record and play back; needs tensors on an NVIDIA GPU. Without it ``step`` comes
            back as it is.

    Returns:
        What to call in place of ``step``. Its results are copies, safe to keep.

    Raises:
        CourseError: when it is called with ``graph`` and there is no such GPU, when the shapes
            change, or when the step does something that cannot be recorded.

    Source: the CUDA graph notes of PyTorch ("CUDA semantics", section "CUDA Graphs").

    >>> weight = torch.ones(1, requires_grad=True)
    >>> optimizer = torch.optim.SGD([weight], lr=0.1)
    >>> def step(x):
    ...     optimizer.zero_grad()
    ...     loss = (weight * x).square().mean()
    ...     loss.backward()
    ...     optimizer.step()
    ...     return loss.detach()
    >>> step = captured(step, optimizers=[optimizer], graph=False)
    >>> step(torch.ones(4))
    tensor(1.)
    """
    return _Captured(step, list(optimizers)) if graph else step


class _Captured:
    """A step that is recorded at its fourth call."""

    def __init__(self, step: Callable[..., Any], optimizers: list[torch.optim.Optimizer]) -> None:
        self._step = step
        self._optimizers = optimizers
        self._calls = 0
        self._inputs: list[Tensor] = []  # what the recorded step reads; written before each replay
        self._replay: Callable[[], Any] | None = None

    def __call__(self, *given: Tensor) -> Any:
        if self._calls == 0:
            self._begin(given)
        self._check(given)
        for place, value in zip(self._inputs, given, strict=True):
            place.copy_(value, non_blocking=True)
        self._calls += 1
        if self._calls <= WARM_UP:
            return _aside(lambda: self._step(*self._inputs))
        if self._replay is None:
            try:
                self._replay = _recorded(lambda: self._step(*self._inputs))
            except Exception as error:
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                raise CourseError(
                    f"This step cannot be recorded as a CUDA graph ({reason.rstrip('.')}): take "
                    "graph=False, or move out of it what needs the CPU (random numbers of a CPU "
                    "generator, .item(), print)."
                ) from error
        return _copies(self._replay())

    def _begin(self, given: tuple[Tensor, ...]) -> None:
        device = _gpu(given, self._optimizers)
        self._inputs = [torch.empty_like(value, device=device) for value in given]
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["capturable"] = True
                if not isinstance(group["lr"], Tensor):
                    group["lr"] = torch.tensor(float(group["lr"]), device=device)

    def _check(self, given: tuple[Tensor, ...]) -> None:
        wanted = [tuple(place.shape) for place in self._inputs]
        found = [tuple(value.shape) for value in given]
        if found != wanted:
            raise CourseError(
                f"A captured step was begun with shapes {wanted} and now gets {found}: give it "
                "batches of one size (drop_last=True), or take graph=False."
            )


def _gpu(given: Iterable[Any], optimizers: Iterable[torch.optim.Optimizer]) -> torch.device:
    """The NVIDIA GPU that the step works on.

    Raises:
        CourseError: if there is none, or an argument is no tensor.
    """
    values = list(given)
    for value in values:
        if not isinstance(value, Tensor):
            raise CourseError(
                f"A captured step takes tensors, not {type(value).__name__}: what never changes "
                "may be used inside it, what changes must be a tensor."
            )
    groups: list[dict[str, Any]] = [
        group for optimizer in optimizers for group in optimizer.param_groups
    ]
    weights: list[Tensor] = [weight for group in groups for weight in group["params"]]
    for value in [*weights, *values]:
        if value.device.type == "cuda":
            device: torch.device = value.device
            return device
    raise CourseError("graph=True needs a model on an NVIDIA GPU: take graph=False on this device.")


def _aside(work: Callable[[], Any]) -> Any:
    """Do ``work`` on a stream of its own, as it must be before it is recorded."""
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        result = work()
    torch.cuda.current_stream().wait_stream(stream)
    return result


def _recorded(work: Callable[[], Any]) -> Callable[[], Any]:
    """Record ``work`` without doing it; what comes back does it and gives its results.

    The results lie in the same memory each time.
    """
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        results = work()

    def replay() -> Any:
        graph.replay()
        return results

    return replay


def _copies(results: Any) -> Any:
    """Tensors in dicts, tuples and lists, copied: the next replay overwrites the originals."""
    if isinstance(results, Tensor):
        return results.detach().clone()
    if isinstance(results, dict):
        return {name: _copies(value) for name, value in results.items()}
    if isinstance(results, list | tuple):
        return type(results)(_copies(value) for value in results)
    return results
