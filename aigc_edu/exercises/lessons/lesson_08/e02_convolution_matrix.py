"""convolution_matrix(kernel, size, stride) → (outputs, size)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def convolution_matrix(kernel: Tensor, size: int, stride: int) -> Tensor:
    """(outputs, size): the matrix of a 1-D convolution without padding, as PyTorch has it."""
    outputs = (size - len(kernel)) // stride + 1
    matrix = torch.zeros(outputs, size, dtype=kernel.dtype)
    for row in range(outputs):
        matrix[row, row * stride : row * stride + len(kernel)] = kernel
    return matrix


def _cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, kernel: int, size: int, stride: int, weight: float = 1.0) -> Case:
        values = torch.randn(kernel, generator=generator)
        return Case(name, (values, size, stride), weight=weight)

    return [
        case("ordinary", 3, 8, 2, weight=2),
        case("stride 1", 3, 7, 1),
        case("the last pixel is not reached", 4, 9, 2),
        case("a kernel as long as the image", 5, 5, 1),
        case("stride above the kernel", 2, 10, 3),
        Case("float64", (torch.randn(4, generator=generator, dtype=torch.float64), 10, 3)),
    ]


def _by_unfold(kernel: Tensor, size: int, stride: int) -> Tensor:
    # Row by row of the identity: what a convolution makes of each unit vector.
    windows = torch.eye(size, dtype=kernel.dtype).unfold(1, len(kernel), stride)
    return (windows @ kernel).mT.contiguous()


@mistake(
    "As many rows as there should be, but the kernel moves one pixel from row to row "
    "instead of the stride."
)
def _steps_of_one(kernel: Tensor, size: int, stride: int) -> Tensor:
    outputs = (size - len(kernel)) // stride + 1
    return convolution_matrix(kernel, size, 1)[:outputs]


@mistake(
    "At the end the kernel comes back in at the beginning. An image is no ring: where "
    "the kernel does not fit any more, there is no row."
)
def _wrapped(kernel: Tensor, size: int, stride: int) -> Tensor:
    rows = -(-size // stride)
    matrix = torch.zeros(rows, size, dtype=kernel.dtype)
    for row in range(rows):
        for place, value in enumerate(kernel):
            matrix[row, (row * stride + place) % size] += value
    return matrix


@mistake(
    "Here the kernel hangs over both ends, as with zeros around the image. Without "
    "padding it starts at pixel 0 and ends within."
)
def _padded(kernel: Tensor, size: int, stride: int) -> Tensor:
    rows = -(-size // stride)
    matrix = torch.zeros(rows, size, dtype=kernel.dtype)
    for row in range(rows):
        for place, value in enumerate(kernel):
            column = row * stride + place - (len(kernel) - 1) // 2
            if 0 <= column < size:
                matrix[row, column] = value
    return matrix


EXERCISE = Exercise(
    id="8.2",
    title="A convolution is a matrix",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=12,
    reference=convolution_matrix,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda kernel, size, stride: convolution_matrix(kernel.flip(0), size, stride),
            "The kernel is turned round. That is the convolution of mathematics; what PyTorch "
            "and everybody in this field calls so lays the kernel down as it is.",
        ),
        Mistake(
            lambda kernel, size, stride: convolution_matrix(kernel, size, stride).mT.contiguous(),
            "Rows and columns are exchanged: this is already the transposed convolution.",
        ),
        Mistake(
            lambda kernel, size, stride: convolution_matrix(kernel, size, 1),
            "The kernel moves one pixel from row to row. It is to move by the stride.",
        ),
        _steps_of_one,
        _wrapped,
        _padded,
        Mistake(
            lambda kernel, size, stride: convolution_matrix(kernel, size, stride)[:-1],
            "The last row is missing: count the places where the kernel still fits, the first "
            "one too.",
        ),
    ),
    hints=(
        "Row i holds what output i takes from each input pixel. What is output 0, written out? "
        "And output 1?",
        "Row i is zero but for the kernel, which begins at column i times the stride. There "
        "are floor((size - kernel) / stride) + 1 rows.",
    ),
    why="Convolutions are linear, so each is a matrix: the same few numbers again and again, "
    "moved along. Its transpose maps back to the larger size, and that is the transposed "
    "convolution, which is also how gradients flow back through a convolution.",
    also_right=(_by_unfold,),
)
