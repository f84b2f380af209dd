"""Text as numbers: a vocabulary of characters, and a short text of our own to try it on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from aigc_edu.errors import CourseError

_SAMPLE = Path(__file__).parent / "embedded" / "sample.txt"


def load_text() -> str:
    """Load a short English text about digits, written for this course.

    Raises:
        CourseError: if the file is missing or unreadable.

    >>> load_text()[:31]
    'Ten small marks are enough to w'
    """
    try:
        return _SAMPLE.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(
            f"The course's text cannot be read ({_SAMPLE}): install the course again."
        ) from error


class Vocabulary:
    """Characters and their numbers: 0 is padding, 1 is the unknown character, the rest follow.

    Characters are numbered by their code point, so that the same set always gives the same
    numbers.

    Args:
        text: what the characters are taken from.
        minimum_count: leave out characters that occur less often (they become unknown).

    >>> vocabulary = Vocabulary("banana")
    >>> vocabulary.encode("nab")
    tensor([4, 2, 3])
    >>> vocabulary.decode(vocabulary.encode("cabana"))
    '\N{REPLACEMENT CHARACTER}abana'
    """

    PADDING = 0
    UNKNOWN = 1
    UNKNOWN_MARK = "\N{REPLACEMENT CHARACTER}"

    def __init__(self, text: Iterable[str], minimum_count: int = 1) -> None:
        if minimum_count < 1:
            raise ValueError(f"minimum_count must be at least 1, not {minimum_count}")
        counts = Counter(character for piece in text for character in piece)
        # The mark stands for what is not known, so it never becomes a known character.
        self.characters = sorted(
            character
            for character, count in counts.items()
            if count >= minimum_count and character != self.UNKNOWN_MARK
        )
        self._numbers = {character: number for number, character in enumerate(self.characters, 2)}

    def __len__(self) -> int:
        """How many numbers there are, padding and unknown included."""
        return len(self.characters) + 2

    def encode(self, text: str) -> torch.Tensor:
        """Return the characters' numbers, int64 (length,); unknown ones become 1."""
        numbers = [self._numbers.get(character, self.UNKNOWN) for character in text]
        return torch.tensor(numbers, dtype=torch.int64)

    def decode(self, numbers: torch.Tensor | Sequence[int]) -> str:
        """Return the text; padding is left out, unknown ones become U+FFFD.

        Raises:
            ValueError: if a number is not of this vocabulary.
        """
        listed = numbers.tolist() if isinstance(numbers, torch.Tensor) else list(numbers)
        pieces = []
        for number in listed:
            if not isinstance(number, int) or not 0 <= number < len(self):
                raise ValueError(f"{number!r} is none of this vocabulary's {len(self)} numbers")
            if number == self.UNKNOWN:
                pieces.append(self.UNKNOWN_MARK)
            elif number != self.PADDING:
                pieces.append(self.characters[number - 2])
        return "".join(pieces)

    def encode_batch(self, texts: Sequence[str], length: int | None = None) -> torch.Tensor:
        """Encode several texts to one length: shorter ones are padded at their end.

        Args:
            texts: at least one.
            length: None means the longest text's; longer texts are cut.

        Returns:
            int64 (len(texts), length).

        Raises:
            ValueError: without a text, or for a negative length.

        >>> Vocabulary("abc").encode_batch(["ab", "c"])
        tensor([[2, 3],
                [4, 0]])
        """
        if not texts:
            raise ValueError("encode_batch needs at least one text")
        size = max(len(text) for text in texts) if length is None else length
        if size < 0:
            raise ValueError(f"length must not be negative, but is {size}")
        batch = torch.full((len(texts), size), self.PADDING, dtype=torch.int64)
        for row, text in zip(batch, texts, strict=True):
            encoded = self.encode(text[:size])
            row[: len(encoded)] = encoded
        return batch

    def decode_batch(self, batch: torch.Tensor) -> list[str]:
        """Return the text of each row of (texts, length)."""
        return [self.decode(row) for row in batch]
