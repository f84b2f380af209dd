"""Exercises whose parameters are drawn per student.

A lesson's published answers are public. What ``release`` adds at the end of a lesson is
about a prior, a decoder, a unit or a planted fault that is the student's own, drawn by
HMAC(secret, student, exercise). The way to the answer is public here as well: a drawn
exercise makes copying from a neighbor visible, and proves nothing about who wrote it.

A drawn exercise stands beside the one that it varies, in a file ``eMM_drawn_TOPIC.py`` that
defines ``DRAWN``; a private pack holds a list ``DRAWN``.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aigc_edu.exercises.exercise import Exercise

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Drawn:
    """An exercise that is made from parameters.

    Attributes:
        id: with a letter in front, "D4.1": lesson 4's first.
        draw: parameters from a source of randomness: a dict of numbers and strings.
        make: the exercise for some parameters; its id is this one's.
        text: what the student reads, in Markdown, with the parameters in it.
        stub: the code cell that the student fills in; it binds the exercise's name.
        answer: the worked cell for some parameters, for the tests.
    """

    id: str
    draw: Callable[[random.Random], dict[str, Any]]
    make: Callable[[Parameters], Exercise]
    text: Callable[[Parameters], str]
    stub: str
    answer: Callable[[Parameters], str]
