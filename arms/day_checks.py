"""Exclusion criteria 8 and 9 on the form of the first treatment: a fail stops it, a close pass is asked about.

What has happened is recorded all the same: on a form that was submitted with its day, a fail that came to light
later is asked about and never refused. Source: protocol specification section 3 and section 0.2 (C12).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from eligibility.facts import Facts, Outcome
from eligibility.treatment_day import PregnancyTest, Recheck, recheck
from records.findings import Finding, Level
from records.text import Text

FAILS = Text(
    "Exclusion {number} fails on the day of the first treatment ({day}): {reason}"
    " Correct the date or its source; otherwise the participant is not treated.",
    "首次治疗当日（{day}）复核排除标准{number}不符合：{reason}请核对日期及其来源，否则不得治疗。",
)
FAILED = Text(
    "Exclusion {number} fails on the day of the first treatment ({day}): {reason}"
    " Treatment is recorded, so this is a deviation. Confirm with a word.",
    "首次治疗当日（{day}）复核排除标准{number}不符合：{reason}治疗已记录，属方案偏离，请说明并确认。",
)
UNKNOWN = Text(
    "Exclusion {number} cannot be judged for the day of the first treatment ({day}): {reason} Confirm with a word.",
    "首次治疗当日（{day}）无法复核排除标准{number}：{reason}请说明并确认。",
)
CLOSE = Text("Exclusion {number}: {reason} Confirm with a word.", "排除标准{number}：{reason}请说明并确认。")


@dataclass(frozen=True, slots=True)
class FirstDay:
    """What the criteria are judged from on the first day of treatment.

    `test_days`: how old a pregnancy test may be. `recorded_on`: the day that stands on a submitted form already.
    `unknown`: the criteria of which an unknown result is asked about here.
    """

    facts: Facts
    tests: tuple[PregnancyTest, ...]
    test_days: int
    recorded_on: date | None = None
    unknown: tuple[str, ...] = ("E8", "E9")

    def judged(self, on: date) -> tuple[Recheck, ...]:
        """Judge both criteria for a day."""
        return recheck(self.facts, self.tests, on, test_days=self.test_days)


def findings(item: str, day: date | None, first: FirstDay | None) -> Iterable[Finding]:
    """Say at `item` what the criteria find for a day; nothing where it is not the first day of treatment."""
    if day is None or first is None:
        return
    for one in first.judged(day):
        number = one.criterion.removeprefix("E")
        if one.outcome is Outcome.FAIL:
            level, words = (Level.SOFT, FAILED) if day == first.recorded_on else (Level.HARD, FAILS)
            yield Finding(item, level, words.format(number=number, day=day, reason=one.reason), one.criterion)
        elif one.outcome is Outcome.UNKNOWN and one.criterion in first.unknown:
            words = UNKNOWN.format(number=number, day=day, reason=one.reason)
            yield Finding(item, Level.SOFT, words, one.criterion)
        for warning in one.warnings:
            words = CLOSE.format(number=number, reason=warning)
            yield Finding(item, Level.SOFT, words, one.criterion)
