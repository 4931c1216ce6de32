"""Worked cases of safety: the clock of a serious event, SUSAR, the period of collection, the terms of CTCAE."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from eligibility.ctcae import CTCAE
from eligibility.event_rules import collection_period, judge_onset, judge_susar
from participants.dates import trial_day
from safety.clocks import sae_clock, susar_deadlines
from trial_edc.vector_families.family import Family
from trial_edc.vector_reading import Case


def sae(case: Case) -> Mapping[str, object]:
    """`now` may be left out where the report was sent."""
    aware, reported = case.whole_moment("aware"), case.moment("reported")
    now = reported if reported is not None and not case.has("now") else case.whole_moment("now")
    clock = sae_clock(aware, now=now, reported=reported)
    return {
        "due": clock.due.isoformat(timespec="minutes"),
        "light": clock.light.value,
        "on_time": not clock.is_late,
        "late_minutes": clock.late_minutes,
    }


def susar(case: Case) -> Mapping[str, object]:
    relations = case.words("relations")
    found = judge_susar(
        serious=case.flag("serious"), relations=relations or (), expected=case.flag("expected")
    )
    deadlines = None
    if found.susar:
        fatal = bool(case.flag("fatal_or_life_threatening"))
        deadlines = susar_deadlines(case.whole_day("sponsor_aware"), fatal_or_life_threatening=fatal)
    follow_up = None if deadlines is None else deadlines.follow_up
    return {
        "susar": found.susar,
        "report_by": None if deadlines is None else deadlines.report.isoformat(),
        "follow_up_by": None if follow_up is None else follow_up.isoformat(),
    }


def ae_collection(case: Case) -> Mapping[str, object]:
    period = collection_period(
        trial_day(case.whole_moment("consent")),
        haic_ends=_days(case, "haic_ends"),
        infusions=_days(case, "infusions"),
        hepatectomies=_days(case, "hepatectomies"),
    )
    began = case.partial("began")
    return {
        "last": None if period.last is None else period.last.isoformat(),
        "collected": None if began is None else judge_onset(began, period).value,
    }


def _days(case: Case, name: str) -> tuple[date, ...]:
    words = (case.words(name) or ()) if case.has(name) else ()
    return tuple(Case({name: word}, case.where).whole_day(name) for word in words)


def ctcae_term(case: Case) -> Mapping[str, object]:
    """The first term found by typed words, and its grades."""
    found = CTCAE.search(case.word("typed"), most=1)
    return {
        "term": found[0].code if found else None,
        "grades": list(found[0].grades) if found else None,
    }


FAMILIES: Final[Mapping[str, Family]] = {
    "sae_clock": Family(sae, ("due", "light", "on_time", "late_minutes")),
    "susar": Family(susar, ("susar", "report_by", "follow_up_by")),
    "ae_collection": Family(ae_collection, ("last", "collected")),
    "ctcae_term": Family(ctcae_term, ("term", "grades")),
}
