"""Exercises of lesson 08: convolutions both ways, spectral norm, labels, augmentation."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.objectives import discriminator_loss, generator_loss

# ------------------------------------------------- 8.3 how large a transposed convolution is


def transposed_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    """Height (or width) that a transposed convolution makes of ``size``."""
    return (size - 1) * stride + kernel - 2 * padding + output_padding


def _size_cases(generator: torch.Generator) -> list[Case]:
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


def _size_of_convolution(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    return (size + 2 * padding - kernel) // stride + 1


def _size_times_stride(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    return size * stride


def _size_all_strides(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    return size * stride + kernel - 2 * padding + output_padding


def _size_one_side(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    return (size - 1) * stride + kernel - padding + output_padding


def _size_padding_added(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    return (size - 1) * stride + kernel + 2 * padding + output_padding


def _size_no_output_padding(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    return (size - 1) * stride + kernel - 2 * padding


def _size_output_padding_twice(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    return (size - 1) * stride + kernel - 2 * padding + 2 * output_padding


def _size_no_kernel(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    return (size - 1) * stride + 1 - 2 * padding + output_padding


def _size_by_torch(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    spread = size + (size - 1) * (stride - 1)  # with the zeros between
    return spread + (kernel - 1) - 2 * padding + output_padding


# --------------------------------------------------------- 8.2 the matrix of a convolution


def convolution_matrix(kernel: Tensor, size: int, stride: int) -> Tensor:
    """(outputs, size): the matrix of a 1-D convolution without padding, as PyTorch has it."""
    outputs = (size - len(kernel)) // stride + 1
    matrix = torch.zeros(outputs, size, dtype=kernel.dtype)
    for row in range(outputs):
        matrix[row, row * stride : row * stride + len(kernel)] = kernel
    return matrix


def _matrix_cases(generator: torch.Generator) -> list[Case]:
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


def _matrix_flipped(kernel: Tensor, size: int, stride: int) -> Tensor:
    return convolution_matrix(kernel.flip(0), size, stride)


def _matrix_transposed(kernel: Tensor, size: int, stride: int) -> Tensor:
    return convolution_matrix(kernel, size, stride).mT.contiguous()


def _matrix_no_stride(kernel: Tensor, size: int, stride: int) -> Tensor:
    return convolution_matrix(kernel, size, 1)


def _matrix_wrapped(kernel: Tensor, size: int, stride: int) -> Tensor:
    rows = -(-size // stride)
    matrix = torch.zeros(rows, size, dtype=kernel.dtype)
    for row in range(rows):
        for place, value in enumerate(kernel):
            matrix[row, (row * stride + place) % size] += value
    return matrix


def _matrix_padded(kernel: Tensor, size: int, stride: int) -> Tensor:
    rows = -(-size // stride)
    matrix = torch.zeros(rows, size, dtype=kernel.dtype)
    for row in range(rows):
        for place, value in enumerate(kernel):
            column = row * stride + place - (len(kernel) - 1) // 2
            if 0 <= column < size:
                matrix[row, column] = value
    return matrix


def _matrix_steps_of_one(kernel: Tensor, size: int, stride: int) -> Tensor:
    outputs = (size - len(kernel)) // stride + 1
    return convolution_matrix(kernel, size, 1)[:outputs]


def _matrix_one_short(kernel: Tensor, size: int, stride: int) -> Tensor:
    return convolution_matrix(kernel, size, stride)[:-1]


def _matrix_by_unfold(kernel: Tensor, size: int, stride: int) -> Tensor:
    # Row by row of the identity: what a convolution makes of each unit vector.
    windows = torch.eye(size, dtype=kernel.dtype).unfold(1, len(kernel), stride)
    return (windows @ kernel).mT.contiguous()


# ------------------------------------- 8.4 a transposed convolution by zeros and a convolution


def by_zero_insertion(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """``F.conv_transpose2d(x, weight, stride=stride, padding=padding)`` by a convolution."""
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, (height - 1) * stride + 1, (width - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    kernel = weight.flip(2, 3).transpose(0, 1)  # (out, in, kernel, kernel)
    return F.conv2d(spread, kernel, padding=weight.shape[2] - 1 - padding)


def _insertion_cases(generator: torch.Generator) -> list[Case]:
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


def _spread(x: Tensor, stride: int) -> Tensor:
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, (height - 1) * stride + 1, (width - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    return spread


def _insert_not_flipped(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    kernel = weight.transpose(0, 1)
    return F.conv2d(_spread(x, stride), kernel, padding=weight.shape[2] - 1 - padding)


def _insert_not_swapped(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    return F.conv2d(_spread(x, stride), weight.flip(2, 3), padding=weight.shape[2] - 1 - padding)


def _insert_same_padding(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    return F.conv2d(_spread(x, stride), weight.flip(2, 3).transpose(0, 1), padding=padding)


def _insert_full(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    kernel = weight.flip(2, 3).transpose(0, 1)
    return F.conv2d(_spread(x, stride), kernel, padding=weight.shape[2] - 1)


def _insert_zeros_at_the_end(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, height * stride, width * stride)
    spread[:, :, ::stride, ::stride] = x
    kernel = weight.flip(2, 3).transpose(0, 1)
    return F.conv2d(spread, kernel, padding=weight.shape[2] - 1 - padding)


def _insert_repeated(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    spread = x.repeat_interleave(stride, 2).repeat_interleave(stride, 3)
    spread = spread[:, :, : (x.shape[2] - 1) * stride + 1, : (x.shape[3] - 1) * stride + 1]
    kernel = weight.flip(2, 3).transpose(0, 1)
    return F.conv2d(spread, kernel, padding=weight.shape[2] - 1 - padding)


def _insert_flipped_one_way(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    kernel = weight.flip(3).transpose(0, 1)
    return F.conv2d(_spread(x, stride), kernel, padding=weight.shape[2] - 1 - padding)


def _insert_by_stamps(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
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


# ----------------------------------------------------- 8.6 the largest singular value by hand


def largest_singular_value(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    """The largest singular value of a layer's weights, as a matrix (out, rest), by iteration."""
    matrix = weight.flatten(1)  # (out, rest)
    u = start
    v = F.normalize(matrix.mT @ u, dim=0)
    for _ in range(steps):
        v = F.normalize(matrix.mT @ u, dim=0)  # (rest,)
        u = F.normalize(matrix @ v, dim=0)  # (out,)
    value: Tensor = u @ matrix @ v
    return value


def _singular_cases(generator: torch.Generator) -> list[Case]:
    def weights(*shape: int, first: float, second: float) -> Tensor:
        """Weights whose two largest singular values are these, in directions of chance."""
        rows, rest = shape[0], int(torch.tensor(shape[1:]).prod())
        rank = min(rows, rest)
        left = torch.linalg.qr(torch.randn(rows, rank, generator=generator)).Q
        right = torch.linalg.qr(torch.randn(rest, rank, generator=generator)).Q
        values = torch.linspace(second, 0.1, rank)
        values = torch.cat([torch.tensor([first]), values[: rank - 1]])
        made: Tensor = left * values @ right.mT  # (out, rest)
        return made.reshape(shape)

    def start(size: int) -> Tensor:
        drawn = torch.randn(size, generator=generator)
        return torch.where(drawn.abs() < 0.3, drawn.sign() * 0.3, drawn)

    return [
        Case(
            "a fully connected layer", (weights(5, 7, first=3, second=1.2), start(5), 40), weight=2
        ),
        Case("a convolution", (weights(6, 3, 2, 4, first=2.5, second=1), start(6), 40)),
        Case("one output", (weights(1, 9, first=1.7, second=0.5), start(1), 3)),
        Case("small weights", (1e-3 * weights(4, 3, 3, 3, first=2, second=1), start(4), 40)),
        Case("few steps: an estimate", (weights(5, 6, first=2, second=1.9), start(5), 2)),
        Case("a start of another length", (weights(5, 7, first=3, second=1), 50 * start(5), 40)),
    ]


def _run_singular(
    answer: Callable[..., Any], weight: torch.Tensor, start: torch.Tensor, steps: int
) -> Any:
    """The estimate as a number of no dimension."""
    found = answer(weight, start, steps)
    return found.reshape(()) if isinstance(found, torch.Tensor) and found.numel() == 1 else found


def _singular_squared(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    return largest_singular_value(weight, start, steps).square()


def _singular_frobenius(weight: Tensor, start: Tensor, steps: int) -> Any:
    return weight.norm()


def _singular_not_normalized(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    matrix, u = weight.flatten(1), start
    v = matrix.mT @ u
    for _ in range(steps):
        v = matrix.mT @ u
        u = matrix @ v
    return u @ matrix @ v


def _singular_other_matrix(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    # One matrix for each place in the kernel, and the largest of all of them.
    return (
        torch.linalg.matrix_norm(weight.flatten(2).movedim(2, 0), 2).max()
        if (weight.ndim > 2)
        else largest_singular_value(weight, start, steps)
    )


def _singular_one_sided(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    matrix = weight.flatten(1)
    u = F.normalize(start, dim=0)
    v = F.normalize(matrix.mT @ u, dim=0)
    return u @ matrix @ v


def _singular_largest_weight(weight: Tensor, start: Tensor, steps: int) -> Tensor:
    return weight.abs().max()


def _singular_by_gram(weight: Tensor, start: Tensor, steps: int) -> Any:
    matrix = weight.reshape(len(weight), -1)
    gram, u = matrix @ matrix.mT, start / start.norm()
    for _ in range(steps - 1):
        u = gram @ u
        u = u / u.norm()
    v = matrix.mT @ u
    # |W v| for the unit v is what u W v is after the last half step.
    return (matrix @ (v / v.norm())).norm()


# --------------------------------------------------- 8.5 the verdict on an image and its label


def conditional_logits(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    """(batch,): the logit without a label, plus features times the label's own vector."""
    return logits + (embedding[labels] * features).sum(dim=1)


def _verdict_cases(generator: torch.Generator) -> list[Case]:
    def case(
        name: str,
        labels: list[int],
        classes: int,
        size: int,
        weight: float = 1.0,
        dtype: torch.dtype = torch.float32,
    ) -> Case:
        def normal(*shape: int) -> Tensor:
            return torch.randn(shape, generator=generator, dtype=dtype)

        batch = len(labels)
        args = (normal(batch, size), normal(batch), normal(classes, size), torch.tensor(labels))
        return Case(name, args, weight=weight)

    return [
        case("ordinary", [3, 0, 4, 1, 3], 6, 7, weight=2),
        case("batch of one", [2], 4, 5),
        case("as many images as classes and features", [1, 2, 0], 3, 3),
        case("only one digit", [4, 4], 5, 6),
        case("float64", [1, 0, 2], 4, 5, dtype=torch.float64),
    ]


def _verdict_first_rows(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    rows = torch.arange(len(labels)) % len(embedding)
    return conditional_logits(features, logits, embedding, rows)


def _verdict_mean(features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor) -> Tensor:
    return logits + (embedding[labels] * features).mean(dim=1)


def _verdict_label_only(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    return (embedding[labels] * features).sum(dim=1)


def _verdict_all_classes(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    return logits[:, None] + features @ embedding.mT


def _verdict_number(features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor) -> Tensor:
    return logits + labels.to(logits) * features.sum(dim=1)


def _verdict_without_image(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    return logits + embedding[labels].sum(dim=1)


def _verdict_whole_batch(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    return logits + (embedding[labels] * features).sum()


def _verdict_batch_matrix(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    return logits[:, None] + features @ embedding[labels].mT


def _verdict_by_one_hot(
    features: Tensor, logits: Tensor, embedding: Tensor, labels: Tensor
) -> Tensor:
    picked = F.one_hot(labels, len(embedding)).to(features)  # (batch, classes)
    return logits + torch.einsum("bc,cf,bf->b", picked, embedding, features)


# ------------------------------------------------------- 8.7 augmentation of both sides

Augment = Callable[[Tensor], Tensor]


def augmented_losses(
    discriminator: nn.Module, augment: Augment, real: Tensor, fake: Tensor
) -> tuple[Tensor, Tensor]:
    """The discriminator's and the generator's loss where the discriminator only sees augmented."""
    d_loss = discriminator_loss(discriminator(augment(real)), discriminator(augment(fake.detach())))
    g_loss = generator_loss(discriminator(augment(fake)))
    return d_loss, g_loss


def _augmented_cases(generator: torch.Generator) -> list[Case]:
    def case(name: str, batch: int, pixels: int, weight: float = 1.0) -> Case:
        args = (
            1 + torch.randn(batch, pixels, generator=generator),
            torch.randn(batch, pixels, generator=generator) - 0.5,
            torch.randn(1, pixels, generator=generator),
        )
        return Case(name, args, weight=weight)

    return [
        case("ordinary", 6, 5, weight=2),
        case("batch of one", 1, 4),
        case("many pixels", 3, 20),
    ]


def _run_augmented(
    answer: Callable[..., Any], real: torch.Tensor, fake: torch.Tensor, weight: torch.Tensor
) -> Any:
    """Both losses, and what of each reaches the generated images."""
    pixels = weight.shape[1]
    scores = nn.Linear(pixels, 1, bias=False)
    discriminator = nn.Sequential(scores, nn.Tanh(), nn.Flatten(0))
    with torch.no_grad():
        scores.weight.copy_(weight)

    def augment(images: torch.Tensor) -> torch.Tensor:
        return 1.5 * images.roll(1, dims=1) + 0.25  # passes gradients on

    drawn = fake.clone().requires_grad_()
    both = answer(discriminator, augment, real.clone(), drawn)
    if not isinstance(both, tuple | list) or len(both) != 2:
        return both
    d_loss, g_loss = both
    reached = torch.zeros_like(fake)
    if isinstance(d_loss, torch.Tensor) and d_loss.requires_grad:
        (found,) = torch.autograd.grad(d_loss, drawn, allow_unused=True, retain_graph=True)
        reached = reached if found is None else found
    pulled = torch.zeros_like(fake)
    if isinstance(g_loss, torch.Tensor) and g_loss.requires_grad:
        (found,) = torch.autograd.grad(g_loss, drawn, allow_unused=True)
        pulled = pulled if found is None else found
    return {
        "the discriminator's loss": d_loss,
        "the generator's loss": g_loss,
        "the generated images' gradient from the generator's loss": pulled,
        "the generated images' gradient from the discriminator's loss": reached,
    }


def _augment_reals_only(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    return discriminator_loss(d(augment(real)), d(fake.detach())), generator_loss(d(fake))


def _augment_d_only(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss = discriminator_loss(d(augment(real)), d(augment(fake.detach())))
    return d_loss, generator_loss(d(fake))


def _augment_not_reals(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss = discriminator_loss(d(real), d(augment(fake.detach())))
    return d_loss, generator_loss(d(augment(fake)))


def _augment_cut_off(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss = discriminator_loss(d(augment(real)), d(augment(fake.detach())))
    return d_loss, generator_loss(d(augment(fake.detach())))


def _augment_not_cut(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss = discriminator_loss(d(augment(real)), d(augment(fake)))
    return d_loss, generator_loss(d(augment(fake)))


def _augment_verdicts(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    def changed(images: Tensor) -> Tensor:
        return augment(d(images)[:, None]).squeeze(1)

    return discriminator_loss(changed(real), changed(fake.detach())), generator_loss(changed(fake))


def _augment_nothing(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    return discriminator_loss(d(real), d(fake.detach())), generator_loss(d(fake))


def _augment_swapped(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    d_loss, g_loss = augmented_losses(d, augment, real, fake)
    return g_loss, d_loss


def _augment_by_hand(d: nn.Module, augment: Augment, real: Tensor, fake: Tensor) -> Any:
    seen_real, seen_fake = augment(real), augment(fake)
    d_loss = F.softplus(-d(seen_real)).mean() + F.softplus(d(seen_fake.detach())).mean()
    return d_loss, F.softplus(-d(seen_fake)).mean()


# ------------------------------------------------------------------------------ the exercises

EXERCISES = [
    Exercise(
        id="8.1",
        title="Do labels help",
        kind="prediction",
        prompt="which GAN draws nearer to real digits: without labels, or told which digit to draw",
        points=1,
        difficulty=1,
        minutes=2,
        reference="c",
        choices={
            "a": "The first: it may draw what it is good at.",
            "b": "Neither: labels say which digit comes out, not how well it is drawn.",
            "c": "The second: the labels help.",
        },
        mistakes=(
            Mistake(
                "a",
                "Drawing what it is good at is just what costs it: the digits that it neglects are "
                "missing, and the distance counts them.",
            ),
            Mistake(
                "b",
                "A label is one more thing to be judged by: the discriminator compares each image "
                "with real ones of its own digit, and so its verdict says more.",
            ),
        ),
        hints=(
            "What does the first generator do about a digit that it finds hard?",
            "Think of what the discriminator knows: with a label it judges a 4 among 4s.",
        ),
        why="The labels make the generator draw every digit as often as it occurs, and let the "
        "discriminator judge each image among its own kind. More information, a better teacher.",
    ),
    Exercise(
        id="8.2",
        title="A convolution is a matrix",
        kind="function",
        prompt="convolution_matrix(kernel, size, stride) → (outputs, size)",
        points=3,
        difficulty=2,
        minutes=12,
        reference=convolution_matrix,
        cases=_matrix_cases,
        mistakes=(
            Mistake(
                _matrix_flipped,
                "The kernel is turned round. That is the convolution of mathematics; what PyTorch "
                "and everybody in this field calls so lays the kernel down as it is.",
            ),
            Mistake(
                _matrix_transposed,
                "Rows and columns are exchanged: this is already the transposed convolution.",
            ),
            Mistake(
                _matrix_no_stride,
                "The kernel moves one pixel from row to row. It is to move by the stride.",
            ),
            Mistake(
                _matrix_steps_of_one,
                "As many rows as there should be, but the kernel moves one pixel from row to row "
                "instead of the stride.",
            ),
            Mistake(
                _matrix_wrapped,
                "At the end the kernel comes back in at the beginning. An image is no ring: where "
                "the kernel does not fit any more, there is no row.",
            ),
            Mistake(
                _matrix_padded,
                "Here the kernel hangs over both ends, as with zeros around the image. Without "
                "padding it starts at pixel 0 and ends within.",
            ),
            Mistake(
                _matrix_one_short,
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
        also_right=(_matrix_by_unfold,),
    ),
    Exercise(
        id="8.3",
        title="How large it gets",
        kind="function",
        prompt="transposed_size(size, kernel, stride, padding, output_padding) → a whole number",
        points=3,
        difficulty=2,
        minutes=8,
        reference=transposed_size,
        cases=_size_cases,
        mistakes=(
            Mistake(
                _size_of_convolution,
                "That is the size an ordinary convolution gives, which shrinks. Its transpose goes "
                "from that size back.",
            ),
            Mistake(
                _size_times_stride,
                "Size times stride is what the usual choice of kernel and padding amounts to, and "
                "only that one. Other kernels reach farther or less far.",
            ),
            Mistake(
                _size_all_strides,
                "There are as many steps between the stamps as there are gaps between pixels: one "
                "fewer than pixels.",
            ),
            Mistake(
                _size_one_side,
                "The padding is cut off at both ends, not at one.",
            ),
            Mistake(
                _size_padding_added,
                "Here padding makes the result smaller: it is what the ordinary convolution would "
                "have added to its input, and that is this one's output.",
            ),
            Mistake(
                _size_no_output_padding,
                "The output padding is missing: a last row and column that no stamp may reach, "
                "but that belong to the size that was asked for.",
            ),
            Mistake(
                _size_output_padding_twice,
                "The output padding is added at one end only.",
            ),
            Mistake(
                _size_no_kernel,
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
        also_right=(_size_by_torch,),
    ),
    Exercise(
        id="8.4",
        title="Zeros and a convolution",
        kind="function",
        prompt="by_zero_insertion(x, weight, stride, padding) → (batch, out, height, width)",
        points=4,
        difficulty=3,
        minutes=20,
        reference=by_zero_insertion,
        cases=_insertion_cases,
        gradient=True,
        mistakes=(
            Mistake(
                _insert_not_flipped,
                "The kernel has to be turned by 180 degrees: the pixel that a stamp reaches to the "
                "right looks back to the left for it.",
            ),
            Mistake(
                _insert_flipped_one_way,
                "You turned the kernel left to right only. It wants both ways, up and down too.",
            ),
            Mistake(
                _insert_not_swapped,
                "A transposed convolution keeps its weights as (in, out, ...), an ordinary one as "
                "(out, in, ...): the first two dimensions are to be exchanged.",
            ),
            Mistake(
                _insert_same_padding,
                "You passed the padding on as it is. The convolution needs a border of "
                "kernel - 1 - padding, so that each stamp's whole reach is looked at.",
            ),
            Mistake(
                _insert_full,
                "Nothing was cut off: the padding of the transposed convolution makes the border "
                "smaller.",
            ),
            Mistake(
                _insert_zeros_at_the_end,
                "There are zeros after the last row and column too. They belong between pixels: "
                "(n - 1) times stride, plus one.",
            ),
            Mistake(
                _insert_repeated,
                "You repeated each pixel where zeros belong. That is the other way to enlarge, "
                "resize and convolve.",
            ),
        ),
        hints=(
            "Start with stride 1 and padding 0: which border of zeros makes a convolution's output "
            "as large as the sum of all stamps?",
            "Put stride - 1 zeros between neighboring pixels, turn the kernel both ways, exchange "
            "its first two dimensions, and convolve with a border of kernel - 1 - padding zeros.",
        ),
        why="Zeros between the pixels, then an ordinary convolution: hence the older name "
        "'fractionally strided'. PyTorch computes the same without ever multiplying the zeros.",
        also_right=(_insert_by_stamps,),
    ),
    Exercise(
        id="8.5",
        title="A verdict on image and label",
        kind="function",
        prompt="conditional_logits(features, logits, embedding, labels) → (batch,)",
        points=3,
        difficulty=2,
        minutes=10,
        reference=conditional_logits,
        cases=_verdict_cases,
        gradient=True,
        mistakes=(
            Mistake(
                _verdict_first_rows,
                "You took the vectors in the order of the images. Each image wants the vector of "
                "its own label.",
            ),
            Mistake(
                _verdict_mean,
                "You took the mean over the features. An inner product is a sum: with the mean the "
                "label's word would weigh thousands of times less.",
            ),
            Mistake(
                _verdict_label_only,
                "The logit without a label is missing: it says whether this is a digit at all.",
            ),
            Mistake(
                _verdict_all_classes,
                "This is a verdict for every class: (batch, classes). Wanted is the one for the "
                "label that the image came with.",
            ),
            Mistake(
                _verdict_number,
                "You used the label as a number: then 8 counts twice as much as 4, and 0 not at "
                "all. It is to pick a row of the embedding.",
            ),
            Mistake(
                _verdict_without_image,
                "The label's vector is added up without the features: then the label alone would "
                "move the verdict, whatever the image shows.",
            ),
            Mistake(
                _verdict_whole_batch,
                "The sum runs over the whole batch, so every image hears all labels. Sum over the "
                "features of one image.",
            ),
            Mistake(
                _verdict_batch_matrix,
                "This compares every image with every label of the batch: (batch, batch). Wanted "
                "is each image with its own.",
            ),
        ),
        hints=(
            "The embedding has one row a class. Which rows, and how many of them, go with this "
            "batch?",
            "Pick a row for each label, multiply it with the image's features element by element, "
            "sum over the features, and add the logit.",
        ),
        why="The inner product asks how much this image looks like that digit, and the logit how "
        "much it looks like any. Both share the features, so the label costs one vector a class.",
        also_right=(_verdict_by_one_hot,),
    ),
    Exercise(
        id="8.6",
        title="The largest singular value",
        kind="function",
        prompt="largest_singular_value(weight, start, steps) → a number, as a tensor",
        points=3,
        difficulty=3,
        minutes=15,
        reference=largest_singular_value,
        cases=_singular_cases,
        run=_run_singular,
        tolerance=(1e-3, 1e-7),
        mistakes=(
            Mistake(
                _singular_squared,
                "This is the square: the largest eigenvalue of the matrix times its transpose.",
            ),
            Mistake(
                _singular_frobenius,
                "This is the root of the sum of all squared weights, and so of all squared "
                "singular values, not of the largest.",
            ),
            Mistake(
                _singular_not_normalized,
                "Nothing brings the vectors back to length 1, so they grow or shrink at each step, "
                "and the result with them.",
            ),
            Mistake(
                _singular_other_matrix,
                "You took each place of the kernel as a matrix of its own. The paper lays all of "
                "one output's weights in one row: (out, in × kernel × kernel).",
            ),
            Mistake(
                _singular_one_sided,
                "The start is used once and never improved: there must be steps in which u and v "
                "take turns.",
            ),
            Mistake(
                _singular_largest_weight,
                "This is the largest single weight. The singular value says how much the layer can "
                "stretch a whole vector.",
            ),
        ),
        hints=(
            "Multiply a vector by the matrix and its transpose, again and again: which direction "
            "wins?",
            "At each step v is the transpose times u and u is the matrix times v, both brought to "
            "length 1. At the end the value is u times the matrix times v.",
        ),
        why="Each step multiplies the direction that is stretched most by the largest ratio, so it "
        "wins. PyTorch does one step a training step and keeps u, because weights move little.",
        also_right=(_singular_by_gram,),
    ),
    Exercise(
        id="8.7",
        title="Both sides, both losses",
        kind="function",
        prompt="augmented_losses(discriminator, augment, real, fake) → (d_loss, g_loss)",
        points=4,
        difficulty=3,
        minutes=12,
        reference=augmented_losses,
        cases=_augmented_cases,
        run=_run_augmented,
        mistakes=(
            Mistake(
                _augment_reals_only,
                "Only the real images are changed. Then shifted and blanked digits are what real "
                "ones look like, and the generator learns to draw the damage too.",
            ),
            Mistake(
                _augment_d_only,
                "The discriminator trains on changed images, and the generator is then judged by "
                "unchanged ones, of a kind that the discriminator has never seen.",
            ),
            Mistake(
                _augment_not_reals,
                "The real images are not changed: the discriminator tells them by a blank corner, "
                "and need not look at digits.",
            ),
            Mistake(
                _augment_cut_off,
                "Nothing reaches the generator: its loss is computed on detached images.",
            ),
            Mistake(
                _augment_not_cut,
                "The discriminator's loss reaches into the generator: detach what it trains on.",
            ),
            Mistake(
                _augment_verdicts,
                "You changed the verdicts. It is the images that are changed, before the "
                "discriminator sees them.",
            ),
            Mistake(
                _augment_nothing,
                "Nothing is changed here: this is the step of lesson 07.",
            ),
            Mistake(
                _augment_swapped,
                "The two losses are exchanged: the discriminator's comes first.",
            ),
        ),
        hints=(
            "Three kinds of images go into the discriminator: real ones, generated ones for its "
            "own loss, generated ones for the generator's loss.",
            "All three go through the augmentation. Only the second is detached: the generator's "
            "gradient has to come back through discriminator and augmentation.",
        ),
        why="The discriminator never sees an image that is not changed, so it cannot memorize the "
        "few real ones; and since both kinds are changed alike, matching the changed ones means "
        "matching the real ones.",
        also_right=(_augment_by_hand,),
    ),
]
