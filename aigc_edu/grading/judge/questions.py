"""From what came out of the sandbox to a mark. The references are only here."""

import builtins
import inspect
import random
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aigc_edu.errors import CourseError
from aigc_edu.exercises import Case, Exercise, Outcome, Result, compare, evaluate, probe
from aigc_edu.exercises.comparing import VALUE_KINDS, input_text
from aigc_edu.exercises.probing import call
from aigc_edu.grading.judge.ledger import CaseMark, ExerciseMark, ExerciseStatus
from aigc_edu.grading.judge.manifest import ExerciseRecord
from aigc_edu.grading.judge.seed import secret_number
from aigc_edu.grading.sandbox.box import wire
from aigc_edu.grading.sandbox.session import Claim

_SENTENCES = {
    "time limit": "It did not come to an end within its time limit.",
    "memory limit": "It used more memory than it may.",
    "too much output": "What it returned is larger than any right answer could be.",
    "crashed": "Its process died, or what it sent back was no result.",
}


@dataclass(frozen=True)
class Judged:
    """A mark and what it came from. All but the mark may show inputs: not for feedback."""

    question: "Question"
    mark: ExerciseMark
    result: Result | None
    detail: str


class Question:
    """One exercise with its secret inputs, as it is asked of every submission.

    Args:
        record: the exercise's terms.
        exercise: the exercise itself.
        secret: where the inputs come from.

    Raises:
        CourseError: if the course's own answer is not right on these inputs.
    """

    def __init__(self, record: ExerciseRecord, exercise: Exercise, secret: bytes) -> None:
        self.record, self.exercise = record, exercise
        seed = secret_number(secret, "probes", exercise.id)
        self.cases: tuple[Case, ...] = probe(exercise, seed % 2**63)
        # Who would count the calls cannot know which case comes when.
        self._order = list(range(len(self.cases)))
        random.Random(secret_number(secret, "order", exercise.id)).shuffle(self._order)
        own = evaluate(exercise, exercise.reference, seed % 2**63)
        if own.state != "right":
            raise CourseError(
                f"Exercise {exercise.id} does not accept its own reference on the secret inputs "
                f"({own.message[:100]}): mend the exercise, or void the question."
            )

    def request(self) -> dict[str, Any]:
        """What goes into the sandbox: how to find and run an answer, and the inputs."""
        exercise, run, name = self.exercise, "", ""
        if exercise.kind not in VALUE_KINDS and exercise.run is not call:
            run, name = textwrap.dedent(inspect.getsource(exercise.run)), exercise.run.__name__
        return {
            "do": "answer",
            "id": exercise.id,
            "name": self.record.name,
            "kind": exercise.kind,
            "gradient": exercise.gradient,
            "run": run,
            "run_name": name,
            "patience": self.record.seconds / 5,
            "cases": [wire.pack_case(self.cases[index]) for index in self._order],
        }

    def outcomes(self, reply: dict[str, Any]) -> list[Outcome]:
        """The outcomes in the order of the cases.

        Raises:
            wire.WireError: if it is not what an answer could have done.
        """
        claimed = reply.get("outcomes")
        if not isinstance(claimed, list) or len(claimed) != len(self.cases):
            raise wire.WireError("not one outcome a case")
        outcomes: list[Outcome | None] = [None] * len(claimed)
        for index, content in zip(self._order, claimed, strict=True):
            outcomes[index] = wire.unpack_outcome(content)
        return [outcome for outcome in outcomes if outcome is not None]

    # -------------------------------------------------------------------------- judging

    def mark(self, claim: Claim) -> ExerciseMark:
        """The mark for what came out."""
        return self.judge(claim).mark

    def judge(self, claim: Claim) -> "Judged":
        """The mark, and what it came from."""
        seconds = round(claim.seconds, 3)

        def without_points(
            status: ExerciseStatus, message: str, detail: str = "", result: Result | None = None
        ) -> Judged:
            record = self.record
            mark = ExerciseMark(record.id, status, 0.0, record.points, message, seconds=seconds)
            return Judged(self, mark, result, detail or message)

        if claim.how != "result":
            how: Any = claim.how if claim.how in _SENTENCES else "crashed"
            return without_points(how, _SENTENCES[how])
        reply = claim.reply
        how = reply.get("how")
        if how in ("missing", "refused", "raised"):
            why = _text(reply.get("why"))[:300]
            return without_points(how, _without_words(how, why), why)
        if how != "ran":
            return without_points("crashed", _SENTENCES["crashed"])
        if reply.get("todo") is True and reply.get("outcomes") is None:
            return without_points("not started", "It is as it was handed out.")
        complaint = self._unfit(reply)
        if complaint:
            return without_points("wrong", complaint)
        try:
            outcomes = self.outcomes(reply)
            result = compare(self.exercise, self.cases, outcomes)
        except Exception:
            # The reference was tried before: what came out is at fault.
            return without_points("crashed", _SENTENCES["crashed"])
        if result.state == "raised" and reply.get("mentions_todo") is True:
            return without_points("not started", "Part of it is still TODO.", result=result)
        mark = self._mark_of(result, outcomes, seconds)
        return Judged(self, mark, result, result.message or mark.message)

    def _unfit(self, reply: dict[str, Any]) -> str:
        """As ``evaluate`` says it before an answer is run; "" if it can be."""
        if self.exercise.kind in VALUE_KINDS:
            return ""
        kind = _text(reply.get("type"))
        kind = kind if hasattr(builtins, kind) or kind in ("NoneType", "Tensor") else "its own"
        if kind == "NoneType":
            return "The answer is None."
        if self.exercise.kind == "class" and reply.get("class") is not True:
            return f"A class belongs here, not an object of type {kind}."
        if reply.get("callable") is not True:
            return f"A function belongs here, not an object of type {kind}."
        return ""

    def _mark_of(self, result: Result, outcomes: list[Outcome], seconds: float) -> ExerciseMark:
        status: ExerciseStatus = "not started"
        if result.state == "right":
            status = "right"
        elif result.points > 0:
            status = "partly right"
        elif result.state in ("wrong", "raised"):
            status = result.state
        mistake, message = "", self._message(result, outcomes)
        if result.mistake is not None:
            mistake = self.exercise.mistakes[result.mistake].sentence
        if self.record.by_hand and result.state in ("right", "wrong"):
            status, message = "by hand", _text(outcomes[0].value)
        cases = tuple(CaseMark(case.name, case.weight, case.state) for case in result.cases)
        return ExerciseMark(
            self.record.id,
            status,
            result.points,
            self.record.points,
            message,
            mistake,
            cases,
            seconds,
        )

    def _message(self, result: Result, outcomes: Sequence[Outcome]) -> str:
        """For the student: no input and no expected number, and nothing that the answer
        could have smuggled out of the sandbox."""
        if result.state == "right":
            return self.exercise.why
        if result.state == "not started":
            return result.message or "It is as it was handed out."
        parts = []
        if result.mistake is not None:
            parts.append(self.exercise.mistakes[result.mistake].sentence)
        for outcome, case in zip(outcomes, result.cases, strict=False):
            if case.state == "raised" and outcome.failure is not None:
                line = outcome.failure.line_number
                where = f" in line {line} of its cell" if line is not None else ""
                kind = _known_error(outcome.failure.type)
                parts.append(f"On the input “{case.name}” it raises {kind}{where}.")
                break
        names: dict[str, list[str]] = {}
        for case in result.cases:
            names.setdefault(case.state, []).append(f"“{case.name}”")
        if len(result.cases) > 1:
            words = {"right": "Right on", "wrong": "Wrong on", "raised": "An error on"}
            parts += [f"{word} {', '.join(names[s])}." for s, word in words.items() if s in names]
        elif not parts:
            parts.append("That is not it.")
        return " ".join(parts)

    def revealed(self, result: Result | None) -> list[str]:
        """For an appeal: each case with its inputs and what was wrong with the answer."""
        lines = []
        states = {case.name: case for case in result.cases} if result else {}
        for case in self.cases:
            lines.append(f"“{case.name}”: {input_text(self.exercise, case) or 'no inputs'}")
            for name, value in [*enumerate(case.args, 1), *case.kwargs.items()]:
                lines.append(f"    input {name}: {_shown(value)}")
            if case.name in states:
                judged = states[case.name]
                lines.append(f"    {judged.state}{': ' if judged.text else ''}{judged.text}")
        return lines


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 600 else f"{text[:600]} …"


def _text(value: Any) -> str:
    try:
        return wire.clean(value)[: wire.LONGEST_TEXT]
    except wire.WireError:
        return ""


def _without_words(how: str, why: str) -> str:
    """A sentence of ours for an answer that could not be had.

    Of ``why`` only the numbers of a cell and a line are taken: its words may be the
    submission's own, and hold what it saw in the sandbox.
    """
    cell = re.search(r"code cell (\d{1,3})\b(?: ?\(?,? ?line (\d{1,4})\b)?", why)
    line = re.match(r"line (\d{1,4}) of", why)
    number = (line[1] if line else None) or (cell[2] if cell else None)
    where = f" (code cell {cell[1]}{f', line {number}' if number else ''})" if cell else ""
    if how == "missing":
        return "Neither its check cell nor its name is there."
    if how == "raised":
        return f"What it needs raises an error{where}, so it could not be called."
    if "trains" in why:
        return f"It needs what a training loop makes{where}, and nothing is trained here."
    return f"Its cell is no Python{where}."


def _known_error(name: str) -> str:
    kind = getattr(builtins, name, None)
    known = isinstance(kind, type) and issubclass(kind, BaseException)
    return f"a {name}" if known and kind is not None else "an error of its own"
