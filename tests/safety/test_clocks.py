"""Clocks of safety reporting to the minute and to the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.event_rules import ImpossibleReport
from records.zone import TRIAL_ZONE
from safety.clocks import Light, ReportLimits, new_information_due, sae_clock, susar_deadlines

AWARE = dt.datetime(2026, 10, 1, 8, tzinfo=TRIAL_ZONE)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
MUCH_LATER = AWARE + 1000 * DAY


def after(hours: float, minutes: float = 0) -> dt.datetime:
    return AWARE + dt.timedelta(hours=hours, minutes=minutes)


# The clock of a serious event -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elapsed", "light", "late_minutes"),
    [
        (after(0), "GREEN", 0),
        (after(17, 59), "GREEN", 0),
        (after(18), "AMBER", 0),
        (after(23, 59), "AMBER", 0),
        (after(24), "AMBER", 0),
        (after(24, 0.5), "RED", 1),
        (after(24, 1), "RED", 1),
        (after(25), "RED", 60),
    ],
)
def test_light(elapsed: dt.datetime, light: str, late_minutes: int) -> None:
    for clock in (sae_clock(AWARE, now=elapsed), sae_clock(AWARE, now=MUCH_LATER, reported=elapsed)):
        assert (clock.light, clock.late_minutes) == (Light(light), late_minutes)
        assert clock.is_late is (late_minutes > 0)
        assert clock.due == dt.datetime(2026, 10, 2, 8, tzinfo=TRIAL_ZONE)


def test_weekends_do_not_stop_the_clock() -> None:
    friday = dt.datetime(2026, 10, 2, 17, tzinfo=TRIAL_ZONE)
    due = sae_clock(friday, now=friday).due
    assert (due.strftime("%A %H:%M"), (due - friday)) == ("Saturday 17:00", DAY)


@pytest.mark.parametrize(
    ("now", "reported", "english", "chinese"),
    [
        (after(18, 48), None, "5 h 12 min left to report.", "距报告时限还有5小时12分钟。"),
        (after(24, 3), None, "Overdue by 3 min.", "已逾期3分钟。"),
        (MUCH_LATER, after(6, 30), "Reported in time, after 6 h 30 min.", "按时报告，距获知6小时30分钟。"),
        (
            MUCH_LATER,
            after(24, 1),
            "Reported 1 min late, after 24 h 1 min.",
            "报告迟1分钟，距获知24小时1分钟。",
        ),
    ],
)
def test_reason(now: dt.datetime, reported: dt.datetime | None, english: str, chinese: str) -> None:
    reason = sae_clock(AWARE, now=now, reported=reported).reason
    assert (reason.en, reason.zh) == (english, chinese)


def test_zones_are_compared_as_moments() -> None:
    reported = after(24).astimezone(dt.UTC)
    assert not sae_clock(AWARE, now=MUCH_LATER, reported=reported).is_late
    assert sae_clock(AWARE, now=MUCH_LATER, reported=reported + MINUTE).late_minutes == 1


@pytest.mark.parametrize(
    ("clock", "sentence"),
    [
        (lambda: sae_clock(AWARE, now=AWARE - MINUTE), "Awareness lies in the future."),
        (lambda: sae_clock(AWARE, now=AWARE, reported=AWARE - MINUTE), "The report lies before awareness."),
        (lambda: sae_clock(AWARE, now=AWARE, reported=AWARE + MINUTE), "The report lies in the future."),
        (lambda: sae_clock(AWARE, now=after(1).replace(tzinfo=None)), "Give every time with its zone"),
    ],
)
def test_impossible_report_is_named(clock: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(ImpossibleReport) as caught:
        clock()
    assert sentence in caught.value.sentence.en
    assert caught.value.sentence.zh


spans = st.timedeltas(dt.timedelta(0), 10 * DAY)
LIGHTS = list(Light)


@given(spans, spans)
def test_clocks_only_run_forward(one: dt.timedelta, other: dt.timedelta) -> None:
    earlier, later = (sae_clock(AWARE, now=AWARE + span) for span in sorted((one, other)))
    assert LIGHTS.index(earlier.light) <= LIGHTS.index(later.light)
    assert earlier.late_by <= later.late_by
    assert earlier.remaining >= later.remaining
    assert earlier.due == later.due


@given(spans)
def test_late_is_red_and_nothing_else(span: dt.timedelta) -> None:
    clock = sae_clock(AWARE, now=AWARE + span)
    assert clock.is_late == (clock.light is Light.RED) == (span > DAY)
    assert clock.remaining + min(span, DAY) == DAY


@given(spans, spans)
def test_a_sent_report_stops_the_clock(reported: dt.timedelta, more: dt.timedelta) -> None:
    sent = AWARE + reported
    assert sae_clock(AWARE, now=sent, reported=sent) == sae_clock(AWARE, now=sent + more, reported=sent)


# SUSAR ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fatal", "report", "follow_up"),
    [(True, "2026-10-08", "2026-10-16"), (False, "2026-10-16", None)],
)
def test_deadlines_count_from_day_0(fatal: bool, report: str, follow_up: str | None) -> None:
    found = susar_deadlines(dt.date(2026, 10, 1), fatal_or_life_threatening=fatal)
    assert found.report.isoformat() == report
    assert (found.follow_up and found.follow_up.isoformat()) == follow_up


def test_day_0_is_a_day_of_the_trial() -> None:
    late_in_utc = dt.datetime(2026, 9, 30, 16, tzinfo=dt.UTC)  # 2026-10-01 00:00 in Shanghai
    assert susar_deadlines(late_in_utc, fatal_or_life_threatening=True).report == dt.date(2026, 10, 8)
    assert new_information_due(late_in_utc) == dt.date(2026, 10, 16)


@given(st.dates(dt.date(2026, 1, 1), dt.date(2031, 8, 1)), st.integers(0, 400), st.booleans())
def test_deadlines_only_move_forward(aware: dt.date, more: int, fatal: bool) -> None:
    first, later = (
        susar_deadlines(day, fatal_or_life_threatening=fatal) for day in (aware, aware + more * DAY)
    )
    assert first.report <= later.report
    assert susar_deadlines(aware, fatal_or_life_threatening=True).report <= first.report


def test_hours_and_days_are_settings() -> None:
    limits = ReportLimits(dt.timedelta(hours=48), dt.timedelta(hours=36))
    assert sae_clock(AWARE, now=after(35, 59), limits=limits).light is Light.GREEN
    assert sae_clock(AWARE, now=after(48), limits=limits).light is Light.AMBER
    assert sae_clock(AWARE, now=after(48, 1), limits=limits).late_minutes == 1
    found = susar_deadlines(dt.date(2026, 10, 1), fatal_or_life_threatening=False, other_days=10)
    assert found.report == dt.date(2026, 10, 11)
