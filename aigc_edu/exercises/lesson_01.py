"""Exercises of lesson 01: data collection and preprocessing."""

from typing import Any

import torch
from torch import Tensor

from aigc_edu.data import find_exact_duplicates, to_range
from aigc_edu.exercises import Case, Exercise, Mistake
from aigc_edu.exercises.exercise import letters


def _bytes(generator: torch.Generator, *shape: int, high: int = 256) -> Tensor:
    return torch.randint(0, high, shape, generator=generator, dtype=torch.uint8)


# --------------------------------------------------------------------- 1.2 exact duplicates


def _twins_all(images: Tensor) -> Tensor:
    _, number, count = torch.unique(
        images.flatten(1), dim=0, return_inverse=True, return_counts=True
    )
    found: Tensor = (count[number] > 1).nonzero().squeeze(1)
    return found


def _twins_first(images: Tensor) -> Tensor:
    rows = [row.tolist() for row in images.flatten(1)]
    first = [i for i, row in enumerate(rows) if row not in rows[:i] and row in rows[i + 1 :]]
    return torch.tensor(first, dtype=torch.int64)


def _twins_neighbors(images: Tensor) -> Tensor:
    same = (images[1:] == images[:-1]).flatten(1).all(dim=1)
    return same.nonzero().squeeze(1) + 1


def _twins_by_sum(images: Tensor) -> Tensor:
    sums = images.flatten(1).long().sum(1).tolist()
    again = [i for i, value in enumerate(sums) if value in sums[:i]]
    return torch.tensor(again, dtype=torch.int64)


def _twins_kept(images: Tensor) -> Tensor:
    again = set(find_exact_duplicates(images).tolist())
    return torch.tensor([i for i in range(len(images)) if i not in again], dtype=torch.int64)


def _twins_mask(images: Tensor) -> Tensor:
    mask = torch.zeros(len(images), dtype=torch.bool)
    mask[find_exact_duplicates(images)] = True
    return mask


def _twins_empty_floats(images: Tensor) -> Tensor:
    return torch.tensor(find_exact_duplicates(images).tolist())


def _twins_by_unique(images: Tensor) -> Tensor:
    _, number = torch.unique(images.flatten(1), dim=0, return_inverse=True)
    same = number[:, None] == number[None]  # (count, count)
    found: Tensor = same.tril(diagonal=-1).any(dim=1).nonzero().squeeze(1)
    return found


def _twins_cases(generator: torch.Generator) -> list[Case]:
    def drawn(kinds: int, count: int, side: int) -> Tensor:
        """So many images, drawn from a few: twins, triplets and singles in any order."""
        few = _bytes(generator, kinds, 1, side, side)
        return few[torch.randint(0, kinds, (count,), generator=generator)]

    one = _bytes(generator, 1, 1, 4, 4)
    turned = torch.cat([one, one.flip(3), one.flip(2), one.flip(2).flip(3), one])
    twice = _bytes(generator, 5, 1, 3, 3).repeat(2, 1, 1, 1)
    return [
        Case("ordinary", (drawn(7, 12, 3),), weight=2),
        Case("the same pixels in another order", (turned[torch.randperm(5, generator=generator)],)),
        Case("no twins", (_bytes(generator, 6, 1, 5, 5),)),
        Case("a whole set twice", (twice,)),
        Case("many of a few", (drawn(3, 15, 2),)),
    ]


# ------------------------------------------------------------------- 1.3 and 1.4 the range


def normalize(images: Tensor) -> Tensor:
    """Bytes to float32 in [-1, 1]."""
    return to_range(images, -1.0, 1.0)


def _normalize_by_256(images: Tensor) -> Tensor:
    return images.float() / 256 * 2 - 1


def _normalize_unit(images: Tensor) -> Tensor:
    return images.float() / 255


def _normalize_doubled(images: Tensor) -> Tensor:
    return images.float() / 255 * 2


def _normalize_order(images: Tensor) -> Tensor:
    return (images.float() / 255 - 1) * 2


def _normalize_wraps(images: Tensor) -> Tensor:
    return images * 2 / 255 - 1


def _normalize_by_maximum(images: Tensor) -> Tensor:
    return images.float() / images.max() * 2 - 1


def _normalize_half(images: Tensor) -> Tensor:
    return images.float() / 255 - 0.5


def _normalize_short(images: Tensor) -> Tensor:
    return (images.float() - 127.5) / 128


def _normalize_otherwise(images: Tensor) -> Tensor:
    return (images.float() - 127.5) / 127.5


def _normalize_cases(generator: torch.Generator) -> list[Case]:
    ends = torch.tensor([0, 1, 127, 128, 254, 255], dtype=torch.uint8)
    return [
        Case("ordinary", (_bytes(generator, 5, 1, 4, 4),), weight=2),
        Case("both ends", (ends,)),
        Case("batch of one", (_bytes(generator, 1, 1, 3, 5),)),
        Case("dark images", (_bytes(generator, 3, 1, 4, 4, high=90),)),
    ]


def denormalize(x: Tensor) -> Tensor:
    """Floats in [-1, 1] to the nearest byte; what lies outside is cut to 0 and 255."""
    levels = (x + 1) * 127.5
    return levels.round().clamp(0, 255).to(torch.uint8)


def _denormalize_truncates(x: Tensor) -> Tensor:
    return ((x + 1) * 127.5).clamp(0, 255).to(torch.uint8)


def _denormalize_255(x: Tensor) -> Tensor:
    return (x * 255).round().clamp(0, 255).to(torch.uint8)


def _denormalize_not_halved(x: Tensor) -> Tensor:
    return ((x + 1) * 255).round().clamp(0, 255).to(torch.uint8)


def _denormalize_by_256(x: Tensor) -> Tensor:
    return ((x + 1) * 128).round().clamp(0, 255).to(torch.uint8)


def _denormalize_wraps(x: Tensor) -> Tensor:
    return ((x + 1) * 127.5).round().to(torch.int64).remainder(256).to(torch.uint8)


def _denormalize_order(x: Tensor) -> Tensor:
    return (x * 127.5 + 1).round().clamp(0, 255).to(torch.uint8)


def _denormalize_otherwise(x: Tensor) -> Tensor:
    return torch.floor(x.clamp(-1, 1) * 127.5 + 128).clamp(max=255).to(torch.uint8)


def _denormalize_cases(generator: torch.Generator) -> list[Case]:
    def floats(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return 2 * torch.rand(shape, generator=generator, dtype=dtype) - 1

    levels = torch.arange(256, dtype=torch.uint8)[torch.randperm(256, generator=generator)]
    return [
        Case("ordinary", (floats(5, 1, 4, 4),), weight=2),
        Case("every gray level", (to_range(levels, -1.0, 1.0),)),
        Case("a little outside the range", (1.05 * floats(2, 1, 8, 8).sign(),)),
        Case("float64", (floats(2, 1, 3, 5, dtype=torch.float64),)),
    ]


# --------------------------------------------------------------------------- 1.6 the split


def split_by_group(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Whole groups to the test set, drawn at random."""
    numbers, group = torch.unique(groups, return_inverse=True)
    drawn = torch.randperm(len(numbers), generator=generator)[: round(share * len(numbers))]
    in_test = torch.isin(group, drawn)
    return (~in_test).nonzero().squeeze(1), in_test.nonzero().squeeze(1)


def _split_examples(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    order = torch.randperm(len(groups), generator=generator)
    size = round(share * len(groups))
    return order[size:], order[:size]


def _split_first(groups: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    numbers, group = torch.unique(groups, return_inverse=True)
    in_test = group < round(share * len(numbers))
    return (~in_test).nonzero().squeeze(1), in_test.nonzero().squeeze(1)


def _split_swapped(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    train, test = split_by_group(groups, share, generator)
    return test, train


def _split_numbers(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    numbers = torch.unique(groups)
    order = numbers[torch.randperm(len(numbers), generator=generator)]
    size = round(share * len(numbers))
    return order[size:], order[:size]


def _split_counts_examples(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    numbers = torch.unique(groups)
    order = numbers[torch.randperm(len(numbers), generator=generator)]
    in_test = torch.isin(groups, order[: round(share * len(groups))])
    return (~in_test).nonzero().squeeze(1), in_test.nonzero().squeeze(1)


def _split_drops(groups: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    listed = groups.tolist()
    first = torch.tensor([i for i, number in enumerate(listed) if number not in listed[:i]])
    order = first[torch.randperm(len(first), generator=generator)]
    size = round(share * len(first))
    return order[size:], order[:size]


def _split_without_generator(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    own = torch.Generator().manual_seed(int(torch.randint(0, 2**31, ())))
    return split_by_group(groups, share, own)


def _split_by_shuffled_list(
    groups: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    numbers = sorted(set(groups.tolist()))
    order = torch.rand(len(numbers), generator=generator).argsort().tolist()
    chosen = {numbers[i] for i in order[: round(share * len(numbers))]}
    train = [i for i, number in enumerate(groups.tolist()) if number not in chosen]
    test = [i for i, number in enumerate(groups.tolist()) if number in chosen]
    return torch.tensor(train), torch.tensor(test)


def _run_split(answer: Any, groups: Any, share: Any, seed: Any) -> Any:
    """Any draw is right: what is compared does not depend on it."""

    def draw(seed: int) -> list[list[int]]:
        train, test = answer(groups.clone(), share, torch.Generator().manual_seed(seed))
        return [sorted(int(i) for i in part) for part in (train, test)]

    train, test = draw(seed)
    listed = train + test
    valid = [i for i in listed if 0 <= i < len(groups)]
    in_train = {int(groups[i]) for i in train if 0 <= i < len(groups)}
    in_test = {int(groups[i]) for i in test if 0 <= i < len(groups)}
    whole = len(valid) == len(listed) == len(set(listed)) == len(groups)
    leaks = whole and bool(in_train & in_test)
    return {
        "numbers that are no example": len(listed) - len(valid),
        "examples listed twice": len(valid) - len(set(valid)),
        "examples missing": len(groups) - len(set(valid)),
        "a group stands on both sides": leaks,
        "groups in the test set": len(in_test) if whole and not leaks else -1,
        # Several times: one draw of few groups may come out alike by chance.
        "the same seed gives the same split": all(draw(seed) == [train, test] for _ in range(4)),
        "other seeds give other splits": any(draw(seed + i) != [train, test] for i in range(1, 6)),
    }


def _split_cases(generator: torch.Generator) -> list[Case]:
    def groups(kinds: int, count: int) -> Tensor:
        return torch.randint(0, kinds, (count,), generator=generator)

    def share() -> float:
        return 0.15 + 0.25 * float(torch.rand((), generator=generator))

    def seed() -> int:
        return int(torch.randint(0, 10_000, (), generator=generator))

    return [
        Case("ordinary", (groups(25, 60), share(), seed()), weight=2),
        Case("numbers far apart", (1000 * groups(15, 40) + 500, share(), seed())),
        Case("few large groups", (groups(9, 90), share(), seed())),
        Case("nobody has a twin", (torch.randperm(30, generator=generator), share(), seed())),
    ]


# --------------------------------------------------------------------------- 1.7 the text


def encode(text: str, characters: str, length: int) -> Tensor:
    """0 is padding, 1 unknown, then the characters in their order; cut or padded to length."""
    numbers = [2 + characters.index(c) if c in characters else 1 for c in text]
    numbers = (numbers + [0] * length)[:length]
    return torch.tensor(numbers, dtype=torch.int64)


def _encode_front(text: str, characters: str, length: int) -> Tensor:
    cut = encode(text, characters, min(length, len(text)))
    return torch.cat([torch.zeros(length - len(cut), dtype=torch.int64), cut])


def _encode_drops(text: str, characters: str, length: int) -> Tensor:
    return encode("".join(c for c in text if c in characters), characters, length)


def _encode_find(text: str, characters: str, length: int) -> Tensor:
    numbers = [characters.find(c) for c in text]
    return torch.tensor((numbers + [0] * length)[:length])


def _encode_find_plus_two(text: str, characters: str, length: int) -> Tensor:
    # find gives -1 for what is not there, so that unknown becomes 1
    return torch.tensor(([characters.find(c) + 2 for c in text] + [0] * length)[:length])


def _encode_unknown_is_padding(text: str, characters: str, length: int) -> Tensor:
    numbers = encode(text, characters, length)
    return torch.where(numbers == 1, 0, numbers)


def _encode_from_one(text: str, characters: str, length: int) -> Tensor:
    numbers = [1 + characters.index(c) if c in characters else 1 for c in text]
    return torch.tensor((numbers + [0] * length)[:length])


def _encode_not_cut(text: str, characters: str, length: int) -> Tensor:
    return encode(text, characters, max(length, len(text)))


def _encode_keeps_the_end(text: str, characters: str, length: int) -> Tensor:
    return encode(text[max(0, len(text) - length) :], characters, length)


def _encode_padding_unknown(text: str, characters: str, length: int) -> Tensor:
    numbers = encode(text, characters, length)
    return torch.where(numbers == 0, 1, numbers)


def _encode_cases(generator: torch.Generator) -> list[Case]:
    def word(alphabet: str, count: int) -> str:
        drawn = torch.randint(0, len(alphabet), (count,), generator=generator).tolist()
        return "".join(alphabet[i] for i in drawn)

    return [
        Case("ordinary", (word("abcd", 3) + "?" + word("abcde", 4), "abcde", 12), weight=2),
        Case("exactly long enough", (word("xyz", 6), "xyz", 6)),
        Case("too long", (word("abcdefg", 9), "abcdefg", 5)),
        Case("mostly unknown", (word("ABCDab", 8), "ab", 10)),
        Case("nothing to encode", ("", word("abc", 1) + "xyz", 4)),
    ]


# --------------------------------------------------------------------- 1.5 augmentation


def _has(letter: str, other: str) -> Any:
    def applies(answer: Any) -> bool:
        return letter in letters(answer) and other not in letters(answer)

    return applies


def _has_both(answer: Any) -> bool:
    return {"b", "d"} <= letters(answer)


def _too_careful(answer: Any) -> bool:
    return bool(letters(answer)) and letters(answer) < {"a", "c", "e", "f"}


EXERCISES = [
    Exercise(
        id="1.1",
        title="Predict: which fault hides best",
        kind="prediction",
        prompt="One letter: which planted fault will a program find worst?",
        reference="d",
        choices={
            "a": "images that are black on white",
            "b": "copies with a little noise, or moved by one pixel",
            "c": "images in which a few pixels are not numbers",
            "d": "images with a wrong label",
        },
        points=1,
        difficulty=1,
        minutes=2,
        mistakes=(
            Mistake(
                "a",
                "An inverted image has a bright border, and no digit has one: a single mean "
                "tells. Ask which fault can't be seen in the image alone.",
            ),
            Mistake(
                "b",
                "It takes a clever distance, but two copies are far closer to each other than "
                "two different digits ever are (section 3 measures both). Ask which fault "
                "can't be seen in the pixels at all.",
            ),
            Mistake(
                "c",
                "One call of isfinite finds every one of them. Ask which fault can't be seen in "
                "the image alone.",
            ),
        ),
        hints=(
            "For each fault ask: is a rule on the pixels enough?",
            "Three of them are faults of the picture. One is a fault of what somebody said about "
            "the picture.",
        ),
        why="A label is a claim about the image, and only reading the image can test it. "
        "A sloppy 4 labeled 4 and a neat 9 labeled 4 look alike to a program.",
    ),
    Exercise(
        id="1.2",
        title="Exact duplicates",
        kind="function",
        prompt="exact_duplicates(images) → int64 (found,): the images that repeat an earlier one",
        points=3,
        difficulty=2,
        minutes=10,
        reference=find_exact_duplicates,
        cases=_twins_cases,
        mistakes=(
            Mistake(
                _twins_all,
                "You return all members of each family, the first one too. Throw these out and "
                "nothing of the family is left: keep the earliest.",
            ),
            Mistake(
                _twins_first,
                "You return the images that come back later. Asked are the later ones: the "
                "first of each family is the one to keep.",
            ),
            Mistake(
                _twins_neighbors,
                "You compare only with the image just before. A twin may stand anywhere earlier.",
            ),
            Mistake(
                _twins_by_sum,
                "Two images with the same sum of pixels are not yet the same image: the mirror "
                "image has the same sum. Compare all of the pixels.",
            ),
            Mistake(
                _twins_kept,
                "These are the images to keep. Asked are those to throw out.",
            ),
            Mistake(
                _twins_mask,
                "This is a mask of True and False. Asked are the indices: nonzero turns one "
                "into the other.",
            ),
            Mistake(
                _twins_empty_floats,
                "Right, except where nothing is found: torch.tensor([]) is float32, since an "
                "empty list doesn't say what it holds. Name the dtype.",
            ),
        ),
        hints=(
            "Walk through the images once and remember what you have seen.",
            "A Python set answers “seen before?” at once, but it needs something that can be "
            "hashed: the bytes of an image, as a bytes object or as a tuple of numbers.",
            "Go through the indices; if the bytes are in the set, note the index; then add the "
            "bytes. At the end make an int64 tensor, also where it is empty.",
        ),
        why="A set finds a known image in constant time, so 20,000 images cost 20,000 look-ups "
        "instead of 200 million comparisons. It finds only what is equal to the last bit; one "
        "pixel off by one, and it sees two images.",
        also_right=(_twins_by_unique,),
    ),
    Exercise(
        id="1.3",
        title="From bytes to [−1, 1]",
        kind="function",
        prompt="normalize(images) → float32, same shape: 0 becomes −1, 255 becomes 1",
        points=2,
        difficulty=1,
        minutes=5,
        reference=normalize,
        cases=_normalize_cases,
        mistakes=(
            Mistake(
                _normalize_by_256,
                "255 becomes 0.9922: you divided by 256 (or by 128). There are 256 levels, but "
                "only 255 steps between them.",
            ),
            Mistake(
                _normalize_short,
                "The ends are −0.996 and 0.996: you moved by half of 255, but divided by half of "
                "256.",
            ),
            Mistake(
                _normalize_unit,
                "This is [0, 1]. Its width is 1; the new range has width 2 and begins at −1.",
            ),
            Mistake(
                _normalize_doubled,
                "This is [0, 2]: the width is right, but the range must be moved down by 1.",
            ),
            Mistake(
                _normalize_order,
                "This is [−2, 0]: you took 1 away before doubling. First stretch, then move.",
            ),
            Mistake(
                _normalize_wraps,
                "You doubled while the numbers were still bytes: 200 × 2 does not fit into a "
                "byte and becomes 144. Make floats first.",
            ),
            Mistake(
                _normalize_by_maximum,
                "You divided by the brightest pixel of what was given. Then a dim image and a "
                "bright one get different scales, and nobody can undo it: divide by 255.",
            ),
            Mistake(
                _normalize_half,
                "This is [−0.5, 0.5]: centered, but only half as wide as it should be.",
            ),
        ),
        hints=(
            "It takes two steps: stretch 255 to the width of the new range, then move.",
            "The new range is 2 wide and starts at −1.",
            "As floats, divide by 127.5, and take 1 away.",
        ),
        why="A straight line is fixed by two points, and these are the two ends. A straight line "
        "has a straight way back, so nothing is lost.",
        also_right=(_normalize_otherwise,),
    ),
    Exercise(
        id="1.4",
        title="And back to bytes",
        kind="function",
        prompt="denormalize(x) → uint8, same shape: −1 becomes 0, 1 becomes 255",
        points=3,
        difficulty=2,
        minutes=8,
        reference=denormalize,
        cases=_denormalize_cases,
        mistakes=(
            Mistake(
                _denormalize_truncates,
                "Turning floats into bytes cuts off what follows the point: 56.999996 becomes "
                "56. Round to the nearest level first.",
            ),
            Mistake(
                _denormalize_255,
                "Everything below 0 became black: you undid the range [0, 1], not [−1, 1]. "
                "Move the range up before you stretch it.",
            ),
            Mistake(
                _denormalize_not_halved,
                "Everything above 0 became white: the range is 2 wide, so 255 levels are 127.5 "
                "for each 1.",
            ),
            Mistake(
                _denormalize_by_256,
                "You multiplied by 128 (half of 256). There are 256 levels, but only 255 steps "
                "between them, so the bright levels are off by one.",
            ),
            Mistake(
                _denormalize_wraps,
                "Right inside the range. A little above 1, a level is 261, does not fit into a "
                "byte and comes out almost black: clamp to 0 and 255 first.",
            ),
            Mistake(
                _denormalize_order,
                "The order is wrong: move up by 1 first, then stretch. Undoing goes backwards.",
            ),
        ),
        hints=(
            "Undo the steps of normalize in reverse order.",
            "Then bring the numbers to whole levels, and into 0 to 255, before the dtype changes.",
            "Add 1, multiply by 127.5, then round, clamp, and to(torch.uint8), in this order.",
        ),
        why="float32 keeps 24 bits, a byte needs 8, so rounding to the nearest level repairs "
        "whatever the arithmetic did in the last bits. Rounding is what makes the way back exact "
        "and not merely close.",
        also_right=(_denormalize_otherwise,),
    ),
    Exercise(
        id="1.5",
        title="What keeps the meaning",
        kind="choice",
        prompt="The letters of all changes after which a digit is still the same digit",
        reference=frozenset({"a", "c", "e", "f"}),
        choices={
            "a": "move it by two pixels",
            "b": "mirror it left to right",
            "c": "turn it by 10 degrees",
            "d": "turn it upside down (180 degrees)",
            "e": "make it 10 % larger or smaller",
            "f": "make the ink 15 % fainter",
        },
        points=2,
        difficulty=1,
        minutes=4,
        mistakes=(
            Mistake(
                frozenset({"a", "b", "c", "e", "f"}),
                "Mirror a 7, or a 2: nobody writes that. A model that is shown mirrored digits as "
                "real ones will draw them.",
                when=_has("b", "d"),
            ),
            Mistake(
                frozenset({"a", "c", "d", "e", "f"}),
                "Upside down, a 6 is a 9 and keeps the label 6: that plants wrong labels. A 4 "
                "or a 7 is no digit at all.",
                when=_has("d", "b"),
            ),
            Mistake(
                frozenset({"a", "b", "c", "d", "e", "f"}),
                "Two of these make other signs of some digits. Try each on a 7 and on a 6.",
                when=_has_both,
            ),
            Mistake(
                frozenset({"a", "c"}),
                "What you chose is right, but there is more. Would a postman hesitate at any "
                "of the others?",
                when=_too_careful,
            ),
        ),
        hints=(
            "Try each change on a 7, on a 6 and on a 2, on paper.",
            "What the writer, the pen or the scanner could have done by chance keeps the meaning.",
        ),
        why="Another pen, another hand or another place on the paper could have made the four. "
        "No writer makes a mirrored 7 or an upside-down 4.",
    ),
    Exercise(
        id="1.6",
        title="A split that keeps families together",
        kind="function",
        prompt="split_by_group(groups, share, generator) → (train, test), indices of examples",
        points=4,
        difficulty=3,
        minutes=15,
        reference=split_by_group,
        cases=_split_cases,
        run=_run_split,
        mistakes=(
            Mistake(
                _split_examples,
                "You split the examples, so twins stand on both sides. Draw groups, and let "
                "every example follow its group.",
            ),
            Mistake(
                _split_first,
                "Another seed gives the same split: nothing is drawn. If the data are sorted, "
                "the first groups are not like the rest; use the generator.",
            ),
            Mistake(
                _split_swapped,
                "The two parts are exchanged: share is that of the test set, and the training "
                "set comes first.",
            ),
            Mistake(
                _split_numbers,
                "You return the numbers of the groups. Asked are the indices of the examples "
                "that belong to them.",
            ),
            Mistake(
                _split_counts_examples,
                "Too many groups in the test set: share × the number of *examples* is drawn "
                "where share × the number of *groups* is asked.",
            ),
            Mistake(
                _split_without_generator,
                "No leak, but the same generator gives another split each time: the draw doesn't "
                "use it, so nobody can repeat your split.",
            ),
            Mistake(
                _split_drops,
                "No leak, but one example of each group is all that is left. Each example has "
                "to be on one of the two sides.",
            ),
        ),
        hints=(
            "First decide for the groups, then look up each example's group.",
            "torch.unique gives the groups that occur; torch.randperm with the generator puts "
            "them in random order; take the first round(share × how many) of them.",
            "torch.isin(groups, chosen) is True for the examples of the test set, and nonzero "
            "turns that into indices.",
        ),
        why="Drawing groups makes a leak impossible rather than unlikely. The price is that the "
        "test set's size is only about what was asked, since groups differ in size.",
        also_right=(_split_by_shuffled_list,),
    ),
    Exercise(
        id="1.7",
        title="Text as numbers",
        kind="function",
        prompt="encode(text, characters, length) → int64 (length,)",
        points=3,
        difficulty=2,
        minutes=10,
        reference=encode,
        cases=_encode_cases,
        mistakes=(
            Mistake(
                _encode_front,
                "The padding stands in front. Here it goes to the end, so that the first number "
                "is always the first character.",
            ),
            Mistake(
                _encode_drops,
                "Unknown characters vanish, and what follows moves up. They keep their place, as "
                "number 1.",
            ),
            Mistake(
                _encode_find,
                "0 and 1 are taken, by padding and unknown: the first character of the "
                "vocabulary is number 2. And find returns −1 for what is not there.",
            ),
            Mistake(
                _encode_unknown_is_padding,
                "Unknown and padding got the same number, 0. Nobody can tell then where a text "
                "ends.",
            ),
            Mistake(
                _encode_padding_unknown,
                "You filled up with 1. That is the number of an unknown character; padding is 0.",
            ),
            Mistake(
                _encode_from_one,
                "The first character of the vocabulary got number 1, which is the unknown "
                "character's. Two numbers are reserved.",
            ),
            Mistake(
                _encode_not_cut,
                "A text that is too long stays too long, and no batch can be made of it: cut it "
                "at length.",
            ),
            Mistake(
                _encode_keeps_the_end,
                "You kept the end of a text that is too long. Asked is its beginning.",
            ),
        ),
        hints=(
            "First a list of numbers, one a character; then its length.",
            "A character's number is 2 plus its place in characters; where it is not in there, 1.",
            "Append more zeros than you can need, then cut the list at length; both cases are "
            "done with that.",
        ),
        why="Padding makes texts of one length, so that they fit into one tensor. The unknown "
        "number keeps a model working on the first text that holds a character it never saw.",
        also_right=(_encode_find_plus_two,),
    ),
    Exercise(
        id="1.8",
        title="What is heard of 7 kHz",
        kind="number",
        prompt="In hertz: a 7,000 Hz tone sampled 8,000 times a second is heard as which tone?",
        reference=1000.0,
        points=2,
        difficulty=2,
        minutes=5,
        mistakes=(
            Mistake(
                7000.0,
                "At 8,000 samples a second no tone above 4,000 Hz can be told from a lower one. "
                "Which lower one passes through the same samples?",
            ),
            Mistake(
                4000.0,
                "That is the limit (Nyquist), not where this tone lands: it is folded back at "
                "the limit.",
            ),
            Mistake(
                3500.0,
                "You halved it. Samples do not halve a frequency; they fold it back at 4,000 Hz.",
            ),
            Mistake(
                3000.0,
                "It lies 3,000 Hz above the limit. So it is heard 3,000 Hz *below* the limit, "
                "not at 3,000 Hz.",
            ),
            Mistake(
                15000.0,
                "You added the two. Of all frequencies that pass through the same samples, the "
                "one below 4,000 Hz is heard.",
            ),
            Mistake(
                1.0,
                "That is in kilohertz; asked are hertz.",
            ),
        ),
        hints=(
            "Half the sampling rate is the limit. How far above it does the tone lie?",
            "What lies above the limit by some amount is heard below it by the same amount.",
        ),
        why="The tone moves on by 7/8 of a turn from sample to sample, which looks the same as 1/8 "
        "of a turn backwards. One eighth of a turn at 8,000 samples a second is 1,000 Hz.",
    ),
]
