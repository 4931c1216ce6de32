"""The form of the first treatment stops on exclusion 8 or 9; what has happened is recorded all the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.access import Actor
from arms import day_checks
from arms.day_checks import FirstDay
from eligibility.facts import NEVER, Facts
from eligibility.treatment_day import PregnancyTest
from participants.dates import PartialDate
from participants.models import Participant
from records.findings import Level, Refused
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import (
    cycle_answers,
    mapping_answers,
    walk_through_cycle,
    walk_through_visit,
)

DAY = date(2026, 9, 30)
WOMAN = Facts(sex="F", childpot="Y", lactate="N", contraok="Y", gibdtc=NEVER, cvdtc=NEVER)


def bled(days: int, **more: Any) -> FirstDay:
    facts = Facts(sex="M", gibdtc=PartialDate.of(DAY - timedelta(days=days)), cvdtc=NEVER)
    return FirstDay(facts, (), 7, **more)


def found(first: FirstDay | None, day: date | None = DAY) -> list[tuple[str, Level, str]]:
    return [(one.item, one.level, one.check) for one in day_checks.findings("hprocdt", day, first)]


def test_a_fail_is_refused_a_close_pass_is_asked_about() -> None:
    assert found(bled(30)) == [("hprocdt", Level.HARD, "E8")]
    assert found(bled(31)) == [("hprocdt", Level.SOFT, "E8")]
    assert found(bled(35)) == [("hprocdt", Level.SOFT, "E8")]
    assert found(bled(36)) == []
    assert found(None) == []
    assert found(bled(3), None) == []


def test_on_the_day_that_stands_already_a_fail_is_asked_about() -> None:
    assert found(bled(10, recorded_on=DAY)) == [("hprocdt", Level.SOFT, "E8")]
    assert found(bled(10, recorded_on=DAY + timedelta(days=1))) == [("hprocdt", Level.HARD, "E8")]


def test_what_is_not_known_is_asked_about_where_nothing_else_asks() -> None:
    assert found(FirstDay(WOMAN, (), 7)) == [("hprocdt", Level.SOFT, "E9")]
    assert found(FirstDay(WOMAN, (), 7, unknown=("E8",))) == []
    positive = (PregnancyTest(DAY, "POS"),)
    assert found(FirstDay(WOMAN, positive, 7, unknown=("E8",))) == [("hprocdt", Level.HARD, "E9")]


def test_the_first_cycle_is_not_given_within_thirty_days_of_a_bleeding(
    in_haic: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    start = at_start + timedelta(days=2)
    walk_through_visit(in_haic, "H-C1", by=by_coordinator, now=start)
    history = {"gibyn": "Y", "gibdtc": "2026-08-05"}  # 29 days before 3 September
    fill(in_haic, "MH", history, by=by_coordinator, now=start, reason="Told on admission")
    later = start + timedelta(days=6)
    with pytest.raises(Refused) as refused:
        fill(in_haic, "HAIC", cycle_answers(start), by=by_coordinator, now=later, visit_code="H-C1")
    (finding,) = [one for one in refused.value.findings if one.level is Level.HARD]
    assert (finding.item, finding.check) == ("hprocdt", "E8")
    assert "29 days before treatment" in finding.message.en
    postponed = start + timedelta(days=2)  # 31 days: asked about
    record = fill(
        in_haic,
        "HAIC",
        cycle_answers(postponed),
        by=by_coordinator,
        now=later,
        visit_code="H-C1",
        confirmed={"hprocdt": "Date of the bleeding checked"},
    )
    assert record.submitted


def test_a_bleeding_told_later_does_not_lock_the_cycle_that_was_given(
    in_haic: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    start = at_start + timedelta(days=2)
    walk_through_cycle(in_haic, 1, by=by_coordinator, start=start)
    later = start + timedelta(days=5)
    history = {"gibyn": "Y", "gibdtc": "2026-08-25"}
    fill(in_haic, "MH", history, by=by_coordinator, now=later, reason="Told afterwards")
    discharged = {"hdisch": start + timedelta(hours=71)}
    record = fill(
        in_haic,
        "HAIC",
        discharged,
        by=by_coordinator,
        now=later,
        visit_code="H-C1",
        reason="Misread",
        confirmed={"hprocdt": "Deviation reported"},
    )
    assert record.confirmed == {"hprocdt": "Deviation reported"}


def test_the_first_mapping_is_the_first_treatment_and_a_later_one_is_not(
    in_y90: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    at = at_start + timedelta(days=2)
    walk_through_visit(in_y90, "Y-MAP", by=by_coordinator, now=at)
    first = mapping_answers(at)
    common = {"by": by_coordinator, "visit_code": "Y-MAP"}
    fill(in_y90, "YMAP", first, now=at + timedelta(hours=3), **common)
    bleeding = {"gibyn": "Y", "gibdtc": "2026-09-08"}  # between the two
    later = at_start + timedelta(days=12)
    fill(in_y90, "MH", bleeding, by=by_coordinator, now=later, reason="Bled after mapping")
    second = fill(in_y90, "YMAP", mapping_answers(later), now=later + timedelta(hours=3), repeat=2, **common)
    assert second.submitted
