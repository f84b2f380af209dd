"""From outcomes to a result: right, or wrong and in what way.

``probe`` makes the inputs, ``probing.answer_outputs`` runs an answer on them, ``compare``
judges. The three can run in different places; ``evaluate`` does them in a row.
"""

from aigc_edu.exercises.comparing.evaluating import compare, evaluate, probe, run_of
from aigc_edu.exercises.comparing.results import CaseResult, Result, State
from aigc_edu.exercises.comparing.values import VALUE_KINDS, matches_value
from aigc_edu.exercises.comparing.wording import input_text

__all__ = [
    "VALUE_KINDS",
    "CaseResult",
    "Result",
    "State",
    "compare",
    "evaluate",
    "input_text",
    "matches_value",
    "probe",
    "run_of",
]
