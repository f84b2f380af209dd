"""Minibatches from one uint8 tensor that stays in memory, on the device that trains."""

from collections.abc import Callable, Iterator
from typing import Any

import torch

from aigc_edu.data.ranges import check_range

Augment = Callable[[torch.Tensor, torch.Generator], torch.Tensor]
Batch = torch.Tensor | tuple[torch.Tensor, torch.Tensor]


class _Pass:
    """One shuffled walk over all images: how it was drawn, and how far it is."""

    def __init__(self, generator: torch.Generator, count: int, device: torch.device) -> None:
        # The state before drawing is enough to draw the same order again after a resume.
        self.drawn_from = generator.get_state()
        # Once a pass, so that no batch waits for a transfer; pinned, so that the pass does not.
        pinned = device.type == "cuda" and generator.device.type == "cpu"
        order = torch.randperm(
            count, generator=generator, device=generator.device, pin_memory=pinned
        )
        self.order = order.to(device, non_blocking=pinned)
        self.position = 0


class Batches:
    """Shuffled minibatches, as float32 in a chosen range.

    ``for x in batches`` is one pass over the images, as with a ``DataLoader``;
    ``next(batches)`` draws from an endless stream, reshuffled at every pass; ``len(batches)``
    is the number of batches a pass. The images stay as bytes on the device, and a batch costs
    one ``index_select`` and one fused conversion.

    Args:
        images: uint8 (count, channels, height, width), or (count, height, width).
        batch_size: images a batch.
        labels: any tensor of length count; then each batch is a pair (x, labels).
        seed: seeds the order (and the augmentation) when no generator is given.
        generator: draws the order; a CPU generator serves every device.
        drop_last: leave out the last batch of a pass where it is smaller.
        augment: called as ``augment(x, generator)`` on the float batch *in [0, 1]*, before
            the range is applied; see ``aigc_edu.data.augment_shift`` and the others.
        value_range: (lowest, highest) value of a batch, e.g. ``(-1, 1)`` for a tanh generator.
        device: where images and batches live; None leaves them where they are.
        channels_last: give batches in the memory format that convolutions like.

    Raises:
        ValueError: for images that are not uint8, an empty set, a batch size below 1 or
            (with ``drop_last``) above the count, labels of another length, a range that is none.

    >>> images = torch.arange(10, dtype=torch.uint8).reshape(10, 1, 1, 1)
    >>> batches = Batches(images, 4, drop_last=False, value_range=(0.0, 255.0))
    >>> len(batches), [len(x) for x in batches]
    (3, [4, 4, 2])
    >>> sorted(int(value) for x in batches for value in x.flatten())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """

    def __init__(
        self,
        images: torch.Tensor,
        batch_size: int,
        *,
        labels: torch.Tensor | None = None,
        seed: int = 0,
        generator: torch.Generator | None = None,
        drop_last: bool = True,
        augment: Augment | None = None,
        value_range: tuple[float, float] = (0.0, 1.0),
        device: torch.device | str | None = None,
        channels_last: bool = False,
    ) -> None:
        if not isinstance(images, torch.Tensor) or images.dtype != torch.uint8:
            found = images.dtype if isinstance(images, torch.Tensor) else type(images).__name__
            raise ValueError(
                f"images must be a uint8 tensor, not {found}: see from_range for floats"
            )
        if images.ndim == 3:
            images = images.unsqueeze(1)  # (count, 1, height, width)
        if images.ndim != 4 or len(images) == 0:
            raise ValueError(
                "images must be (count, channels, height, width) with at least one image, "
                f"not {tuple(images.shape)}"
            )
        count = len(images)
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size must be a whole number of at least 1, not {batch_size!r}")
        if drop_last and batch_size > count:
            raise ValueError(
                f"batch_size {batch_size} is above the {count} images there are, and "
                "drop_last=True leaves out the only batch: take drop_last=False or a smaller size"
            )
        if labels is not None and (not isinstance(labels, torch.Tensor) or len(labels) != count):
            raise ValueError(f"labels must be a tensor of length {count}, one label an image")
        low, high = value_range
        check_range(low, high)

        target = torch.device(device) if device is not None else images.device
        self.images = images.to(target)
        self.labels = labels.to(target) if labels is not None else None
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.value_range = (float(low), float(high))
        self._scale = 255.0 / (self.value_range[1] - self.value_range[0])
        self._augment = augment
        self._memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self._channels_last = channels_last
        self._generator = generator or torch.Generator().manual_seed(seed)
        # A stream of its own, so that the order is the same with and without augmentation.
        self._augment_generator: torch.Generator | None = None
        if augment is not None:
            first = int(self._generator.initial_seed())
            self._augment_generator = torch.Generator().manual_seed((first + 0x5EED) % 2**63)
        self._stream: _Pass | None = None  # what next() draws from
        self._latest: _Pass | None = None  # what the last batch came from
        self._resumed: _Pass | None = None  # a pass that load_state_dict brought back

    def __len__(self) -> int:
        """Batches a pass."""
        count = len(self.images)
        whole = count // self.batch_size
        return whole if self.drop_last or count % self.batch_size == 0 else whole + 1

    @property
    def _end(self) -> int:
        count = len(self.images)
        return count - count % self.batch_size if self.drop_last else count

    def _new_pass(self) -> _Pass:
        return _Pass(self._generator, len(self.images), self.images.device)

    def _draw(self, current: _Pass) -> Batch:
        stop = min(current.position + self.batch_size, self._end)
        chosen = current.order[current.position : stop]  # (batch,)
        current.position = stop
        self._latest = current
        pixels = self.images.index_select(0, chosen)  # (batch, channels, height, width)
        low, high = self.value_range
        if self._augment is not None:
            assert self._augment_generator is not None
            x = self._augment(torch.div(pixels, 255.0), self._augment_generator)
            if (low, high) != (0.0, 1.0):
                x = x * (high - low) + low
        else:
            x = torch.div(pixels, self._scale)  # the same arithmetic as to_range
            if low != 0.0:
                x.add_(low)
        if self._channels_last:
            x = x.contiguous(memory_format=torch.channels_last)
        if self.labels is None:
            return x
        return x, self.labels.index_select(0, chosen)

    def __iter__(self) -> Iterator[Any]:
        """One pass. After ``load_state_dict``, the first one is the rest of the saved pass."""
        current, self._resumed = self._resumed, None
        if current is None or current.position >= self._end:
            current = self._new_pass()
        while current.position < self._end:
            yield self._draw(current)

    def __next__(self) -> Any:
        """The next batch of the endless stream."""
        if self._resumed is not None:
            self._stream, self._resumed = self._resumed, None
        if self._stream is None or self._stream.position >= self._end:
            self._stream = self._new_pass()
        return self._draw(self._stream)

    def state_dict(self) -> dict[str, Any]:
        """Return what :meth:`load_state_dict` needs: tensors (uint8) and whole numbers.

        It describes the pass that the last batch came from; save it between two batches.
        """
        state: dict[str, Any] = {
            "count": len(self.images),
            "batch_size": self.batch_size,
            "generator": self._generator.get_state(),
            "position": 0,
        }
        current = self._resumed or self._latest
        if current is not None:
            state["position"] = current.position
            state["pass_generator"] = current.drawn_from.clone()
        if self._augment_generator is not None:
            state["augment_generator"] = self._augment_generator.get_state()
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`state_dict` was taken: the same batches follow.

        ``next(batches)`` goes on with the next batch; a ``for`` loop first finishes the pass
        that was under way.

        Raises:
            ValueError: if the state belongs to another number of images, another batch size
                or another kind of augmentation.
        """
        for name, mine in (("count", len(self.images)), ("batch_size", self.batch_size)):
            if name not in state or int(state[name]) != mine:
                raise ValueError(
                    f"this state is of batches with {name} {state.get(name)}, not {mine}"
                )
        if ("augment_generator" in state) != (self._augment_generator is not None):
            raise ValueError("this state and these batches differ in whether they augment")
        position = int(state["position"])
        if not 0 <= position <= self._end or ("pass_generator" not in state and position):
            raise ValueError(f"this state's position {position} is not within a pass")
        self._stream = self._latest = self._resumed = None
        if "pass_generator" in state:
            self._generator.set_state(state["pass_generator"].cpu())
            self._resumed = self._new_pass()
            self._resumed.position = position
        self._generator.set_state(state["generator"].cpu())
        if self._augment_generator is not None:
            self._augment_generator.set_state(state["augment_generator"].cpu())
