"""by_zero_insertion(x, weight, stride, padding) → (batch, out, height, width)"""

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def by_zero_insertion(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """``F.conv_transpose2d(x, weight, stride=stride, padding=padding)`` by a convolution."""
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, (height - 1) * stride + 1, (width - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    kernel = weight.flip(2, 3).transpose(0, 1)  # (out, in, kernel, kernel)
    return F.conv2d(spread, kernel, padding=weight.shape[2] - 1 - padding)


def _cases(generator: torch.Generator) -> list[Case]:
    def case(
        name: str,
        shape: tuple[int, int, int, int],
        out: int,
        kernel: int,
        stride: int,
        padding: int,
        weight: float = 1.0,
    ) -> Case:
        x = torch.randn(shape, generator=generator)
        weights = torch.randn(shape[1], out, kernel, kernel, generator=generator)
        return Case(name, (x, weights, stride, padding), weight=weight)

    return [
        case("ordinary", (2, 3, 5, 4), 2, 4, 2, 1, weight=2),
        case("batch of one, one channel", (1, 1, 3, 3), 1, 3, 2, 1),
        case("stride 1", (2, 2, 4, 5), 3, 3, 1, 1),
        case("stride 3, nothing cut off", (2, 2, 3, 4), 2, 5, 3, 0),
        case("as many channels out as in", (2, 3, 4, 3), 3, 3, 2, 1),
    ]


def _by_stamps(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """Each pixel stamps the kernel, weighted, onto the output; the stamps add up."""
    batch, _, height, width = x.shape
    out, kernel = weight.shape[1], weight.shape[2]
    size = ((height - 1) * stride + kernel, (width - 1) * stride + kernel)
    canvas = x.new_zeros(batch, out, *size)
    for row in range(height):
        for column in range(width):
            stamp = torch.einsum("bi,ioyx->boyx", x[:, :, row, column], weight)
            top, left = row * stride, column * stride
            canvas[:, :, top : top + kernel, left : left + kernel] += stamp
    return canvas[:, :, padding : size[0] - padding, padding : size[1] - padding].contiguous()


def _spread(x: Tensor, stride: int) -> Tensor:
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, (height - 1) * stride + 1, (width - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    return spread


@mistake(
    "The kernel has to be turned by 180 degrees: the pixel that a stamp reaches to the "
    "right looks back to the left for it."
)
def _not_flipped(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    kernel = weight.transpose(0, 1)
    return F.conv2d(_spread(x, stride), kernel, padding=weight.shape[2] - 1 - padding)


@mistake("You turned the kernel left to right only. It wants both ways, up and down too.")
def _flipped_one_way(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    kernel = weight.flip(3).transpose(0, 1)
    return F.conv2d(_spread(x, stride), kernel, padding=weight.shape[2] - 1 - padding)


@mistake("Nothing was cut off: the padding of the transposed convolution makes the border smaller.")
def _full(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    kernel = weight.flip(2, 3).transpose(0, 1)
    return F.conv2d(_spread(x, stride), kernel, padding=weight.shape[2] - 1)


@mistake(
    "There are zeros after the last row and column too. They belong between pixels: "
    "(n - 1) times stride, plus one."
)
def _zeros_at_the_end(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, height * stride, width * stride)
    spread[:, :, ::stride, ::stride] = x
    kernel = weight.flip(2, 3).transpose(0, 1)
    return F.conv2d(spread, kernel, padding=weight.shape[2] - 1 - padding)


@mistake(
    "You repeated each pixel where zeros belong. That is the other way to enlarge, "
    "resize and convolve."
)
def _repeated(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    spread = x.repeat_interleave(stride, 2).repeat_interleave(stride, 3)
    spread = spread[:, :, : (x.shape[2] - 1) * stride + 1, : (x.shape[3] - 1) * stride + 1]
    kernel = weight.flip(2, 3).transpose(0, 1)
    return F.conv2d(spread, kernel, padding=weight.shape[2] - 1 - padding)


EXERCISE = Exercise(
    id="8.4",
    title="Zeros and a convolution",
    kind="function",
    prompt=__doc__,
    points=4,
    difficulty=3,
    minutes=20,
    reference=by_zero_insertion,
    cases=_cases,
    gradient=True,
    mistakes=(
        _not_flipped,
        _flipped_one_way,
        Mistake(
            lambda x, weight, stride, padding: F.conv2d(
                _spread(x, stride), weight.flip(2, 3), padding=weight.shape[2] - 1 - padding
            ),
            "A transposed convolution keeps its weights as (in, out, ...), an ordinary one as "
            "(out, in, ...): the first two dimensions are to be exchanged.",
        ),
        Mistake(
            lambda x, weight, stride, padding: F.conv2d(
                _spread(x, stride), weight.flip(2, 3).transpose(0, 1), padding=padding
            ),
            "You passed the padding on as it is. The convolution needs a border of "
            "kernel - 1 - padding, so that each stamp's whole reach is looked at.",
        ),
        _full,
        _zeros_at_the_end,
        _repeated,
    ),
    hints=(
        "Start with stride 1 and padding 0: which border of zeros makes a convolution's output "
        "as large as the sum of all stamps?",
        "Put stride - 1 zeros between neighboring pixels, turn the kernel both ways, exchange "
        "its first two dimensions, and convolve with a border of kernel - 1 - padding zeros.",
    ),
    why="Zeros between the pixels, then an ordinary convolution: hence the older name "
    "'fractionally strided'. PyTorch computes the same without ever multiplying the zeros.",
    also_right=(_by_stamps,),
)
