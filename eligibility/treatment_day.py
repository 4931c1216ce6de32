"""Judge exclusion criteria 8 and 9 again on the real day of the first treatment.

Eligibility was decided with a planned day. The first HAIC catheterisation, or for Y-90 the earlier of mapping
and infusion, is the real one, and the events of the last 30 days and pregnancy are judged again for it.
Source: protocol specification section 3 (E8, E9; windows) and section 0.2 (C12).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from eligibility.facts import CriteriaSettings, Facts, Outcome
from eligibility.rules_exclusion import e8_event, e9_pregnancy
from records.text import Text

DEFAULT_SETTINGS: Final = CriteriaSettings()


@dataclass(frozen=True, slots=True)
class PregnancyTest:
    """A pregnancy test: its day, and NEG or POS."""

    on: date
    result: str


def latest_test(tests: Iterable[PregnancyTest], on: date) -> PregnancyTest | None:
    """Give the latest pregnancy test up to a day, that day included; None without one."""
    return max((one for one in tests if one.on <= on), key=lambda one: one.on, default=None)


def pregnant_on(tests: Iterable[PregnancyTest], on: date, *, hours: int = 72) -> bool | None:
    """Say what the latest pregnancy test up to a day says of a treatment on it; None without one that is recent.

    A positive test says so however old it is; a negative one for `hours`, in whole days since only its day is known:
    at 72 h one of 3 days before still counts. Source: protocol specification section 3 (windows) and 5.7.
    """
    latest = latest_test(tests, on)
    if latest is None:
        return None
    if latest.result == "POS":
        return True
    return False if latest.on >= on - timedelta(hours=hours) else None


@dataclass(frozen=True, slots=True)
class Recheck:
    """A criterion judged for the day of treatment; `warnings` are soft queries of a pass."""

    criterion: str
    outcome: Outcome
    reason: Text
    warnings: tuple[Text, ...] = ()


def recheck(
    facts: Facts,
    tests: Iterable[PregnancyTest],
    on: date,
    *,
    test_days: int,
    settings: CriteriaSettings = DEFAULT_SETTINGS,
) -> tuple[Recheck, Recheck]:
    """Judge E8 and E9 for a day of treatment, which counts as day 0 of both windows.

    `facts`: the history and the answers on childbearing; what they say of planned day and test is not read.
    `tests`: all pregnancy tests; the latest one up to the day counts, and only where it is at most `test_days`
    old (7 before HAIC, 3 before Y-90). An event 0 to 30 days before fails, 31 to 35 pass with a query.
    """
    recent = latest_test(tests, on)
    asked = facts.sex == "F" and facts.childpot == "Y"
    known = replace(
        facts,
        planned_treatment=on,
        hcg=recent.result if recent and asked else None,
        hcg_date=recent.on if recent and asked else None,
    )
    event = e8_event(known, settings)
    pregnancy = e9_pregnancy(known, replace(settings, pregnancy_test_days=test_days))
    return (
        Recheck("E8", event.outcome, event.reason, event.warnings),
        Recheck("E9", pregnancy.outcome, pregnancy.reason, pregnancy.warnings),
    )
