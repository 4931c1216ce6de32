"""What one rule says of its criterion, and the words rules share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eligibility.facts import CriteriaSettings, Facts, Outcome
from records.text import Text

PASS, FAIL, UNKNOWN, RULING = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.RULING

NOTHING = Text("–", "–")
YES_NO: Final = {"Y": Text("Yes", "是"), "N": Text("No", "否"), "UNK": Text("Unknown", "不详")}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says."""

    outcome: Outcome
    reason: Text
    value: Text = NOTHING
    warnings: tuple[Text, ...] = ()
    data_error: bool = False


Rule = Callable[[Facts, CriteriaSettings], Verdict]


def missing(*words: Text) -> Verdict:
    """Say that answers are missing."""
    return Verdict(
        UNKNOWN, Text("Not known: {words}.", "缺少：{words}。").format(words=Text.join(list(words), zh="、"))
    )


def must_be_no(answer: str | None, passed: Text, failed: Text, item: Text) -> Verdict:
    """Judge an answer that has to be N; None is unknown."""
    if answer is None:
        return missing(item)
    return Verdict(PASS, passed, YES_NO["N"]) if answer == "N" else Verdict(FAIL, failed, YES_NO["Y"])
