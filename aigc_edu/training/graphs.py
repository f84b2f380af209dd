"""A training step recorded once on the GPU and played back: a CUDA graph."""

import functools
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

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
    - leave to the loop what counts in Python: a schedule's ``step()``, for one;
    - return tensors (in tuples or dicts, if you like).

    Args:
        step: what one step does, from ``zero_grad`` to ``optimizer.step``.
        optimizers: those that the step moves. Under a graph their learning rate becomes a tensor
            on the GPU, so that a schedule or a slider still moves it. Adam and AdamW of any kind
            can be recorded, SGD with ``fused=True``. After ``load_state_dict`` of one of them the
            step is recorded anew.
        graph: record and play back; needs tensors on an NVIDIA GPU. Without it ``step`` comes
            back as it is.

    Returns:
        What to call in place of ``step``. Its results are copies, safe to keep.

    Raises:
        CourseError: when it is called with ``graph`` and there is no such GPU, when the shapes
            change, when an argument needs a gradient, or when the step does something that cannot
            be recorded.

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

    def __call__(self, *arguments: Tensor) -> Any:
        if self._calls == 0 or self._loaded():
            self._begin(arguments)
        self._check(arguments)
        self._follow_rates()
        for static_input, value in zip(self._inputs, arguments, strict=True):
            static_input.copy_(value, non_blocking=True)
        self._calls += 1
        if self._calls <= WARM_UP:
            return _copies(_aside(lambda: self._step(*self._inputs), self._device))
        if self._replay is None:
            try:
                self._replay = _recorded(lambda: self._step(*self._inputs), self._device)
            except Exception as error:
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                raise CourseError(
                    f"This step cannot be recorded as a CUDA graph ({reason.rstrip('.')}): restart "
                    "the kernel and take graph=False, or move out of it what needs the CPU (random "
                    "numbers of a CPU generator, .item(), print)."
                ) from error
        return _copies(self._replay())

    def _begin(self, arguments: tuple[Tensor, ...]) -> None:
        self._device = device = _gpu(arguments, self._optimizers)
        self._calls = 0
        self._replay = None
        self._inputs = [torch.empty_like(value, device=device) for value in arguments]
        self._rates: list[tuple[dict[str, Any], Tensor]] = []
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["capturable"] = True
                # A tensor on the CPU, as from a checkpoint, would be recorded as a plain number.
                rate = torch.as_tensor(group["lr"], dtype=torch.float32, device=device)
                group["lr"] = rate
                self._rates.append((group, rate))
            for state in optimizer.state.values():  # Adam counts on the CPU unless it is capturable
                if isinstance(state.get("step"), Tensor):
                    state["step"] = state["step"].to(device)
        self._states = [optimizer.state for optimizer in self._optimizers]

    def _loaded(self) -> bool:
        """Whether an optimizer has moved to other tensors than those the step was recorded with."""
        pairs = zip(self._optimizers, self._states, strict=True)
        return any(optimizer.state is not state for optimizer, state in pairs)

    def _follow_rates(self) -> None:
        """Take over rates that were assigned, as in ``group["lr"] = 1e-4``."""
        for group, rate in self._rates:
            if group["lr"] is not rate:
                rate.fill_(float(group["lr"]))
                group["lr"] = rate

    def _check(self, arguments: tuple[Tensor, ...]) -> None:
        captured = [tuple(static_input.shape) for static_input in self._inputs]
        shapes = [tuple(value.shape) for value in arguments]
        if shapes != captured:
            raise CourseError(
                f"A captured step was begun with shapes {captured} and now gets {shapes}: give it "
                "batches of one size (drop_last=True), or take graph=False."
            )
        if any(value.requires_grad for value in arguments):
            raise CourseError(
                "A captured step passes no gradient back to its arguments: detach() them, or take "
                "graph=False."
            )


def _gpu(arguments: Iterable[Any], optimizers: Iterable[torch.optim.Optimizer]) -> torch.device:
    """The NVIDIA GPU that the step works on.

    Raises:
        CourseError: if there is none, or an argument is no tensor.
    """
    values = list(arguments)
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


@functools.cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    """Where steps are warmed up and recorded: one stream, so that libraries set up once."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def _aside(work: Callable[[], Any], device: torch.device) -> Any:
    """Do ``work`` on a stream of its own, as it must be before it is recorded."""
    stream = _side_stream(device)
    with torch.cuda.device(device), warnings.catch_warnings():
        # Adam wonders about a capturable step that is not recorded; soon it will be.
        warnings.filterwarnings("ignore", "This instance was constructed with capturable=True")
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            result = work()
        torch.cuda.current_stream().wait_stream(stream)
    return result


def _recorded(work: Callable[[], Any], device: torch.device) -> Callable[[], Any]:
    """Record ``work`` without doing it; what comes back does it and gives its results.

    The results lie in the same memory each time.
    """
    graph = torch.cuda.CUDAGraph()
    reason: Exception | None = None
    with torch.cuda.device(device):
        before = torch.cuda.current_stream()
        try:
            transfers = _NoTransfers()  # type: ignore[no-untyped-call]
            with torch.cuda.graph(graph, stream=_side_stream(device)), transfers:
                try:
                    results = work()
                except Exception as error:
                    reason = error
                    raise
        except Exception as error:
            # Where CUDA broke the recording off, ending it fails too: that error says less than
            # the first one, and leaves PyTorch on the side stream.
            torch.cuda.set_stream(before)
            raise reason or error from None

    def replay() -> Any:
        graph.replay()
        return results

    return replay


class _NoTransfers(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses whatever passes between CPU and GPU while a step is recorded.

    A copy from the CPU that nobody waits for is recorded without a word, and would bring the same
    random numbers, or what has come to lie there since, at each replay. Reading a value would break
    the recording off, and leave the GPU's random generator unusable.
    """

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.ops.aten._local_scalar_dense.default and args[0].device.type != "cpu":
            raise RuntimeError("it reads a value from the GPU")
        if func is torch.ops.aten._to_copy.default and kwargs.get("device") is not None:
            kinds = {args[0].device.type, torch.device(kwargs["device"]).type}
        elif func is torch.ops.aten.copy_.default:
            kinds = {args[0].device.type, args[1].device.type}
        else:
            kinds = set()
        # Memory is pinned for a copy, and must not be asked for while recording.
        if len(kinds) > 1 or kwargs.get("pin_memory"):
            raise RuntimeError("it copies between the CPU and the GPU")
        return func(*args, **kwargs)


def _copies(results: Any) -> Any:
    """Tensors in dicts, tuples and lists, copied: the next replay overwrites the originals."""
    if isinstance(results, Tensor):
        return results.detach().clone()
    if isinstance(results, dict):
        return {name: _copies(value) for name, value in results.items()}
    if isinstance(results, list | tuple):
        return type(results)(_copies(value) for value in results)
    return results
