"""From an answer to a result: right, or wrong and in what way.

``probe`` makes the inputs, ``probing.answer_outputs`` runs an answer on them, ``compare``
judges. The three can run in different places; ``evaluate`` does them in a row.

Where to look, from the whole to its parts:

- ``evaluating``: what an answer is worth, all cases together;
- ``outcomes``: one case, right or not; ``differences``: one value, the first thing that differs;
- ``mistakes``: an answer that does as a known mistake does gets that mistake's sentence;
- ``diagnosis``: otherwise, how the wrong values hang together with the right ones;
- ``values``: answers that are a number, a choice or a text;
- ``wording``: what is said of inputs and errors; ``results``: what comes back;
- ``memory``: inputs, and what an exercise's own answers did with them.
"""

from aigc_edu.exercises.comparing.evaluating import compare, evaluate
from aigc_edu.exercises.comparing.memory import Memory, probe
from aigc_edu.exercises.comparing.results import CaseResult, Result
from aigc_edu.exercises.comparing.values import VALUE_KINDS, matches_value
from aigc_edu.exercises.comparing.wording import input_text

__all__ = [
    "VALUE_KINDS",
    "CaseResult",
    "Memory",
    "Result",
    "compare",
    "evaluate",
    "input_text",
    "matches_value",
    "probe",
]
