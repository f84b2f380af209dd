"""Exercises of lesson 00: Start here."""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake

# ------------------------------------------------------------------ 0.3 ink, the warm-up


def _batches(generator: torch.Generator) -> list[Case]:
    """Batches of images; the counts differ from the sizes, so that no axis is mistaken."""

    def images(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.rand(shape, generator=generator, dtype=dtype)

    black_and_white = torch.cat([torch.zeros(1, 1, 28, 28), torch.ones(1, 1, 28, 28)])
    return [
        Case("ordinary", (images(5, 1, 28, 28),), weight=2),
        Case("batch of one", (images(1, 1, 28, 28),)),
        Case("images that are not square", (images(4, 1, 6, 9),)),
        Case("one black and one white image", (black_and_white,)),
        Case("small images in float64", (images(3, 1, 8, 8, dtype=torch.float64),)),
    ]


def _ink(images: Tensor) -> Tensor:
    return images.mean(dim=(1, 2, 3))


def _ink_one_by_one(images: Tensor) -> Tensor:
    return torch.stack([image.mean() for image in images])


def _ink_flattened(images: Tensor) -> Tensor:
    return images.flatten(1).mean(1)


def _ink_of_all(images: Tensor) -> Tensor:
    return images.mean()


def _ink_average_image(images: Tensor) -> Tensor:
    return images.mean(dim=0)


def _ink_summed(images: Tensor) -> Tensor:
    return images.sum(dim=(1, 2, 3))


def _ink_by_row(images: Tensor) -> Tensor:
    return images.mean(dim=-1)


def _ink_kept_dimensions(images: Tensor) -> Tensor:
    return images.mean(dim=(1, 2, 3), keepdim=True)


def _ink_lit_pixels(images: Tensor) -> Tensor:
    return (images > 0.5).to(images.dtype).mean(dim=(1, 2, 3))


def _ink_in_bytes(images: Tensor) -> Tensor:
    return images.mean(dim=(1, 2, 3)) / 255


EXERCISES = [
    Exercise(
        id="0.1",
        title="Predict: temperature 0",
        kind="prediction",
        prompt='same_or_not: "a", "b", "c" or "d"; what the decoder draws when each of the '
        "random latents is multiplied by 0",
        reference="b",
        choices={
            "a": "Black images: nothing goes in, nothing comes out.",
            "b": "The same image again and again.",
            "c": "Different digits, each perfectly clean.",
            "d": "Gray noise.",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "a",
                "Zero is a place among the latents like any other, in fact the middle of them, "
                "and the decoder draws something there. Its layers also add numbers of their "
                "own (biases).",
            ),
            Mistake(
                "c",
                "For different digits the decoder would have to receive different latents. How "
                "many different ones are left after multiplying by 0?",
            ),
            Mistake(
                "d",
                "The noise goes in as latents, not as pixels, and at 0 no noise is left: the "
                "decoder turns any latent into connected strokes.",
            ),
        ),
        hints=(
            "The decoder has no randomness of its own. Equal latents give equal images.",
            "What is each of ten random numbers after a multiplication by 0?",
        ),
        why="All the variety of the samples comes from the latents; the decoder itself draws the "
        "same latent the same way every time. At temperature 0 only one latent is left, the "
        "middle one.",
    ),
    Exercise(
        id="0.2",
        title="How many images would you have to look at?",
        kind="number",
        prompt="images_to_see: all images that you get when each of the ten latents is −3, 0 or 3",
        reference=59_049,
        tolerance=(0.0, 0.4),
        points=1,
        difficulty=1,
        minutes=3,
        mistakes=(
            Mistake(
                30,
                "You turned one knob at a time. Each setting of the first latent goes with every "
                "setting of the second, and so on: the choices multiply.",
            ),
            Mistake(
                21,
                "These are the images with at most one latent away from 0. Two of them may be "
                "moved at once, or all ten.",
            ),
            Mistake(
                1_000,
                "This is ten settings for each of three latents. It is the other way round.",
            ),
            Mistake(
                1_024,
                "This counts two settings a latent. There are three: 0 counts as well.",
            ),
            Mistake(
                19_683,
                "One latent is missing: this is right for nine of them, and `decoder.latent_size` "
                "is ten.",
            ),
            Mistake(
                784,
                "This is the number of pixels of one image, 28 × 28. Asked is how many images.",
            ),
        ),
        hints=(
            "Begin with two latents, three settings each: write all pairs down and count them.",
            "Every further latent makes the number three times as large.",
        ),
        why="The choices multiply, so the number grows exponentially with the latents. That is why "
        "one draws samples at random instead of going through a latent space, and why a few "
        "good-looking samples prove little.",
    ),
    Exercise(
        id="0.3",
        title="Ink",
        kind="function",
        prompt="ink(images) → (batch,), the average brightness of each image",
        points=2,
        difficulty=1,
        minutes=5,
        reference=_ink,
        cases=_batches,
        mistakes=(
            Mistake(
                _ink_of_all,
                "This is one number for the whole batch. Each image should get its own.",
            ),
            Mistake(
                _ink_average_image,
                "You averaged over the batch: that gives the average image. Keep the first "
                "dimension and average over the others.",
            ),
            Mistake(
                _ink_summed,
                "This is a sum over the pixels, not an average: a larger image would have more "
                "ink for being larger.",
            ),
            Mistake(
                _ink_by_row,
                "You averaged over the last dimension only: that gives a number for each row of "
                "pixels. An image has rows, columns and a channel.",
            ),
            Mistake(
                _ink_kept_dimensions,
                "The numbers are right, but they still lie in a (batch, 1, 1, 1) tensor: the "
                "averaged dimensions should be gone.",
            ),
            Mistake(
                _ink_lit_pixels,
                "You counted the pixels above one half. Gray pixels should count by how bright "
                "they are.",
            ),
            Mistake(
                _ink_in_bytes,
                "You divided by 255 as well. That would be needed if the pixels went from 0 to "
                "255; these go from 0 to 1.",
            ),
        ),
        hints=(
            "`images` has the shape (batch, 1, height, width). Which of the four dimensions "
            "should be left?",
            "`mean` accepts a tuple of dimensions as `dim`; dimensions are counted from 0, and "
            "the batch is number 0.",
        ),
        why="Averaging over all dimensions but the first leaves one number an image. One value for "
        "each example is what most functions of this course return.",
        also_right=(_ink_one_by_one, _ink_flattened),
    ),
    Exercise(
        id="0.4",
        title="Which of them generate?",
        kind="choice",
        prompt='generative: a set of letters, such as {"a", "d"}; the tasks that need a '
        "generative model",
        reference={"b", "c"},
        choices={
            "a": "Say whether a bone is broken in an X-ray image.",
            "b": "Write a new melody in the style of a hundred given ones.",
            "c": "Fill in the missing part of a damaged photograph.",
            "d": "Tell photographs from pictures that a network made.",
        },
        points=1,
        difficulty=1,
        minutes=3,
        mistakes=(
            Mistake(
                "b",
                "The melody is right, and one more is missing: a part that was never there can "
                "only be invented, in a way that suits the rest.",
            ),
            Mistake(
                "c",
                "The photograph is right, and one more is missing: which other task ends with "
                "something new instead of a verdict?",
            ),
            Mistake(
                {"b", "c", "d"},
                "b and c are right. Telling real from made is about generated pictures, but what "
                "comes out is a verdict: two classes. A GAN uses such a judge to train the other "
                "half.",
            ),
            Mistake(
                {"b", "d"},
                "The melody is right. But telling real from made ends with a verdict, not with a "
                "picture; and something on the list is missing.",
            ),
            Mistake(
                {"a", "d"},
                "These two are the discriminative ones: an image goes in, a class comes out. "
                "Asked are the others.",
            ),
            Mistake(
                {"a", "b", "c", "d"},
                "Not all of them. Ask what comes out: a verdict about what was given, or "
                "something that was not there before?",
            ),
        ),
        hints=(
            "For each task ask what comes out: a label, or data of the kind that went in?",
            "Two of the four end with a class: broken or not, real or made.",
        ),
        why="A generative model learns what the data are like, p(x) or p(x | a condition), and can "
        "draw from it. A discriminative model learns p(y | x), a label for what is given.",
    ),
]
