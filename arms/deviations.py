"""What in the course of treatment counts as a deviation from the protocol: drafts for the form of deviations.

Codes are those of that form: category (DVDECOD) and severity (DVSEV). A person decides what becomes of a draft.
Source: protocol specification 0.2 (C8, C10, C12) and 4.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from arms.haic_cycles import Interval, IntervalGrade, total_needs_reason
from eligibility.facts import Outcome
from eligibility.treatment_day import Recheck
from records.text import Text


@dataclass(frozen=True, slots=True)
class Deviation:
    """A deviation as it would be drafted: its category, severity, the day it happened, and what it was."""

    category: str
    severity: str
    on: date
    words: Text


def of_interval(cycle: int, start: date, judged: Interval | None) -> Iterable[Deviation]:
    """A cycle outside its window: minor while it is only asked about, major where it needs a reason."""
    if judged is None or not judged.deviation:
        return
    severity = "MINOR" if judged.grade is IntervalGrade.QUERY else "MAJOR"
    words = Text("Cycle {cycle}: {words}", "第{cycle}疗程：{words}").format(cycle=cycle, words=judged.message)
    yield Deviation("INTERVAL", severity, start, words)


def of_first_day(on: date, judged: Iterable[Recheck]) -> Iterable[Deviation]:
    """Treatment on a day on which exclusion 8 or 9 fails."""
    for one in judged:
        if one.outcome is Outcome.FAIL:
            words = Text(
                "Treated although exclusion {number} fails on that day: {reason}",
                "治疗当日排除标准{number}不符合但仍接受治疗：{reason}",
            ).format(number=one.criterion.removeprefix("E"), reason=one.reason)
            yield Deviation("ELIGIBILITY", "MAJOR", on, words)


def of_number_of_cycles(given: int, ended_on: date | None) -> Iterable[Deviation]:
    """Treatment that ended with another number of cycles than 2 or 4."""
    if ended_on is not None and total_needs_reason(given):
        words = Text(
            "Treatment ended after {cycles} cycles; 2 or 4 are planned.",
            "治疗于{cycles}个疗程后结束，计划为2或4个疗程。",
        )
        yield Deviation("DOSE", "MINOR", ended_on, words.format(cycles=given))


def of_infusions(days: Iterable[date]) -> Iterable[Deviation]:
    """Every Y-90 infusion after the first."""
    for day in sorted(days)[1:]:
        words = Text("A second infusion of Y-90; one is planned.", "第二次钇-90输注，方案计划仅1次。")
        yield Deviation("DOSE", "MAJOR", day, words)
