"""encode(text, characters, length) → int64 (length,)"""

import torch
from torch import Tensor

from aigc_edu.exercises import Case, Exercise, Mistake, mistake


def encode(text: str, characters: str, length: int) -> Tensor:
    """0 is padding, 1 unknown, then the characters in their order; cut or padded to length."""
    numbers = [2 + characters.index(c) if c in characters else 1 for c in text]
    numbers = (numbers + [0] * length)[:length]
    return torch.tensor(numbers, dtype=torch.int64)


def _cases(generator: torch.Generator) -> list[Case]:
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


def _find_plus_two(text: str, characters: str, length: int) -> Tensor:
    # find gives -1 for what is not there, so that unknown becomes 1
    return torch.tensor(([characters.find(c) + 2 for c in text] + [0] * length)[:length])


@mistake(
    "The padding stands in front. Here it goes to the end, so that the first number "
    "is always the first character."
)
def _front(text: str, characters: str, length: int) -> Tensor:
    cut = encode(text, characters, min(length, len(text)))
    return torch.cat([torch.zeros(length - len(cut), dtype=torch.int64), cut])


@mistake(
    "0 and 1 are taken, by padding and unknown: the first character of the "
    "vocabulary is number 2. And find returns −1 for what is not there."
)
def _find(text: str, characters: str, length: int) -> Tensor:
    numbers = [characters.find(c) for c in text]
    return torch.tensor((numbers + [0] * length)[:length])


@mistake("Unknown and padding got the same number, 0. Nobody can tell then where a text ends.")
def _unknown_is_padding(text: str, characters: str, length: int) -> Tensor:
    numbers = encode(text, characters, length)
    return torch.where(numbers == 1, 0, numbers)


@mistake("You filled up with 1. That is the number of an unknown character; padding is 0.")
def _padding_unknown(text: str, characters: str, length: int) -> Tensor:
    numbers = encode(text, characters, length)
    return torch.where(numbers == 0, 1, numbers)


@mistake(
    "The first character of the vocabulary got number 1, which is the unknown "
    "character's. Two numbers are reserved."
)
def _from_one(text: str, characters: str, length: int) -> Tensor:
    numbers = [1 + characters.index(c) if c in characters else 1 for c in text]
    return torch.tensor((numbers + [0] * length)[:length])


EXERCISE = Exercise(
    id="1.7",
    title="Text as numbers",
    kind="function",
    prompt=__doc__,
    points=3,
    difficulty=2,
    minutes=10,
    reference=encode,
    cases=_cases,
    mistakes=(
        _front,
        Mistake(
            lambda text, characters, length: encode(
                "".join(c for c in text if c in characters), characters, length
            ),
            "Unknown characters vanish, and what follows moves up. They keep their place, as "
            "number 1.",
        ),
        _find,
        _unknown_is_padding,
        _padding_unknown,
        _from_one,
        Mistake(
            lambda text, characters, length: encode(text, characters, max(length, len(text))),
            "A text that is too long stays too long, and no batch can be made of it: cut it "
            "at length.",
        ),
        Mistake(
            lambda text, characters, length: encode(
                text[max(0, len(text) - length) :], characters, length
            ),
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
    also_right=(_find_plus_two,),
)
