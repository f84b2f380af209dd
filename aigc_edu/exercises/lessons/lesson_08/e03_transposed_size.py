"""transposed_size(size, kernel, stride, padding, output_padding) → a whole number"""

import torch

from aigc_edu.exercises import Case, Exercise, Mistake


def transposed_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    """Height (or width) that a transposed convolution makes of ``size``."""
    return (size - 1) * stride + kernel - 2 * padding + output_padding


def _cases(generator: torch.Generator) -> list[Case]:
    def drawn(low: int, high: int) -> int:
        return int(torch.randint(low, high, (), generator=generator))

    return [
        Case("7 pixels to 14", (7, 4, 2, 1, 0), weight=2),
        Case("14 pixels to 28, kernel of 3", (14, 3, 2, 1, 1)),
        Case("stride 1", (drawn(5, 9), drawn(3, 6), 1, 0, 0)),
        Case("stride 3, nothing cut off", (drawn(4, 8), drawn(4, 7), 3, 0, 0)),
        Case("one pixel", (1, drawn(5, 8), 2, 1, 1)),
        Case("a kernel smaller than the stride", (drawn(4, 8), 2, 3, 0, 0)),
    ]


def _by_torch(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    spread = size + (size - 1) * (stride - 1)  # with the zeros between
    return spread + (kernel - 1) - 2 * padding + output_padding


EXERCISE = Exercise(
    id="8.3",
    title="How large it gets",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=8,
    reference=transposed_size,
    cases=_cases,
    mistakes=(
        Mistake(
            lambda size, kernel, stride=1, padding=0, output_padding=0: (
                (size + 2 * padding - kernel) // stride + 1
            ),
            "That is the size an ordinary convolution gives, which shrinks. Its transpose goes "
            "from that size back.",
        ),
        Mistake(
            lambda size, kernel, stride=1, padding=0, output_padding=0: size * stride,
            "Size times stride is what the usual choice of kernel and padding amounts to, and "
            "only that one. Other kernels reach farther or less far.",
        ),
        Mistake(
            lambda size, kernel, stride=1, padding=0, output_padding=0: (
                size * stride + kernel - 2 * padding + output_padding
            ),
            "There are as many steps between the stamps as there are gaps between pixels: one "
            "fewer than pixels.",
        ),
        Mistake(
            lambda size, kernel, stride=1, padding=0, output_padding=0: (
                (size - 1) * stride + kernel - padding + output_padding
            ),
            "The padding is cut off at both ends, not at one.",
        ),
        Mistake(
            lambda size, kernel, stride=1, padding=0, output_padding=0: (
                (size - 1) * stride + kernel + 2 * padding + output_padding
            ),
            "Here padding makes the result smaller: it is what the ordinary convolution would "
            "have added to its input, and that is this one's output.",
        ),
        Mistake(
            lambda size, kernel, stride=1, padding=0, output_padding=0: (
                (size - 1) * stride + kernel - 2 * padding
            ),
            "The output padding is missing: a last row and column that no stamp may reach, "
            "but that belong to the size that was asked for.",
        ),
        Mistake(
            lambda size, kernel, stride=1, padding=0, output_padding=0: (
                (size - 1) * stride + kernel - 2 * padding + 2 * output_padding
            ),
            "The output padding is added at one end only.",
        ),
        Mistake(
            lambda size, kernel, stride=1, padding=0, output_padding=0: (
                (size - 1) * stride + 1 - 2 * padding + output_padding
            ),
            "That is where the stamps begin, plus one. The last stamp has an extent too.",
        ),
    ),
    hints=(
        "Each pixel stamps the kernel onto the output. Where does the first stamp begin, where "
        "does the last one, and how far does that reach?",
        "The last of n stamps begins n - 1 strides after the first and covers one kernel. Then "
        "the padding is cut off at both ends, and the output padding put on at one.",
    ),
    why="A convolution's size formula, solved for its input: (n - 1) strides and one kernel. "
    "Where the division of the convolution leaves a rest, several inputs give one output size, "
    "and output_padding says which of them is meant.",
    also_right=(_by_torch,),
)
