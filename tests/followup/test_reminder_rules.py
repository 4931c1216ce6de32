"""The rules as data: which step of a ladder is due, and when somebody's quiet hours end, around every edge."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.reminder_rules import (
    DAY,
    DEFAULTS,
    HOUR,
    MINUTE,
    About,
    QuietHours,
    Rule,
    rough_span,
    steps_due,
    when_words,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = dt.datetime(2026, 9, 1, tzinfo=SHANGHAI)
WINDOW = {About.OPENS: MIDNIGHT, About.TARGET: MIDNIGHT + 7 * DAY, About.CLOSES: MIDNIGHT + 14 * DAY}
REPORT = {About.REPORT: MIDNIGHT}


def names(moments: dict[About, dt.datetime], after: dt.timedelta) -> list[str]:
    return sorted(rule.name for rule in steps_due(DEFAULTS, moments, MIDNIGHT + after))


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (-MINUTE, []),
        (dt.timedelta(0), ["visit-opens"]),
        (11 * DAY - MINUTE, ["visit-opens"]),
        (11 * DAY, ["visit-closing"]),
        (15 * DAY - MINUTE, ["visit-closing"]),
        (15 * DAY, ["visit-overdue"]),
        (21 * DAY - MINUTE, ["visit-overdue"]),
        (21 * DAY, ["visit-escalation", "visit-overdue"]),
        (300 * DAY, ["visit-escalation", "visit-overdue"]),
    ],
)
def test_of_the_first_rules_the_last_step_of_each_role_is_due(after: dt.timedelta, due: list[str]) -> None:
    assert names(WINDOW, after) == due


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (-6 * HOUR - MINUTE, []),
        (-6 * HOUR, ["report-6h", "report-6h-inv"]),
        (-HOUR - MINUTE, ["report-6h", "report-6h-inv"]),
        (-HOUR, ["report-1h", "report-1h-inv"]),
        (-MINUTE, ["report-1h", "report-1h-inv"]),
        (dt.timedelta(0), ["report-late", "report-late-inv"]),
    ],
)
def test_a_report_is_reminded_of_to_the_minute(after: dt.timedelta, due: list[str]) -> None:
    assert names(REPORT, after) == due


def test_a_rule_about_some_visits_is_about_no_others() -> None:
    rule = Rule("mri", About.TARGET, -14 * DAY, "COORDINATOR", visits=("Y-F3", "Y-F6"))
    day = MIDNIGHT - 7 * DAY
    assert steps_due([rule], WINDOW, day, "Y-F3") == [rule]
    assert steps_due([rule], WINDOW, day, "Y-F1") == []
    assert steps_due([rule], WINDOW, day - MINUTE, "Y-F3") == []


spans = st.integers(-40, 40).map(lambda days: days * DAY)
rules = st.lists(
    st.builds(
        Rule,
        st.sampled_from([f"rule-{number}" for number in range(9)]),
        st.sampled_from([About.OPENS, About.TARGET, About.CLOSES]),
        spans,
        st.sampled_from(["COORDINATOR", "INVESTIGATOR"]),
    ),
    unique_by=lambda rule: rule.name,
)


@given(rules, st.integers(-80, 80))
def test_each_role_is_told_once_and_nothing_before_its_time(found: list[Rule], days: int) -> None:
    now = MIDNIGHT + days * DAY
    due = steps_due(found, WINDOW, now)
    assert len({rule.role for rule in due}) == len(due)
    assert all(WINDOW[rule.about] + rule.after <= now for rule in due)
    for rule in found:
        moment = WINDOW[rule.about] + rule.after
        step = next((one for one in due if one.role == rule.role), None)
        assert moment > now or (step is not None and WINDOW[step.about] + step.after >= moment)


@given(rules, st.integers(-80, 80), st.randoms())
def test_the_order_of_rules_does_not_matter(found: list[Rule], days: int, order: object) -> None:
    now = MIDNIGHT + days * DAY
    mixed = list(found)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert set(steps_due(mixed, WINDOW, now)) == set(steps_due(found, WINDOW, now))


@pytest.mark.parametrize(
    ("about", "after", "english", "chinese"),
    [
        (About.CLOSES, -3 * DAY, "3 days before a visit's window closes", "访视窗结束前3天"),
        (About.CLOSES, DAY, "1 day after a visit's window closes", "访视窗结束后1天"),
        (About.OPENS, dt.timedelta(0), "when a visit's window opens", "访视窗开始当日"),
        (
            About.REPORT,
            -HOUR,
            "1 hour before the initial report of a serious adverse event is due",
            "严重不良事件首次报告时限前1小时",
        ),
        (
            About.REPORT,
            -90 * MINUTE,
            "90 minutes before the initial report of a serious adverse event is due",
            "严重不良事件首次报告时限前90分钟",
        ),
    ],
)
def test_a_rule_in_words(about: About, after: dt.timedelta, english: str, chinese: str) -> None:
    words = when_words(about, after)
    assert (words.en, words.zh) == (english, chinese)


# ---- quiet hours -----------------------------------------------------------------------------------

NIGHT = QuietHours()


def in_shanghai(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-09-01T19:59", False),
        ("2026-09-01T20:00", True),
        ("2026-09-02T00:00", True),
        ("2026-09-02T07:59", True),
        ("2026-09-02T08:00", False),
    ],
)
def test_the_night_is_quiet(moment: str, quiet: bool) -> None:
    assert NIGHT.at(in_shanghai(moment)) is quiet
    end = NIGHT.end_after(in_shanghai(moment))
    assert end == (in_shanghai("2026-09-02T08:00") if quiet else in_shanghai(moment))


def test_the_same_time_twice_is_never_quiet() -> None:
    always = QuietHours("Asia/Shanghai", dt.time(8), dt.time(8))
    assert not any(always.at(MIDNIGHT + hours * HOUR) for hours in range(24))


def test_the_zone_is_the_persons_own() -> None:
    berlin = QuietHours("Europe/Berlin", dt.time(20), dt.time(8))
    assert berlin.at(in_shanghai("2026-09-01T13:59")) and not berlin.at(in_shanghai("2026-09-01T14:00"))
    assert berlin.day(in_shanghai("2026-09-01T05:59")) == dt.date(2026, 8, 31)


def test_clocks_put_forward_over_the_end_end_them_then() -> None:
    """In Berlin 02:00 to 03:00 is not there on 2027-03-28."""
    spring = QuietHours("Europe/Berlin", dt.time(22), dt.time(2, 30))
    night = dt.datetime(2027, 3, 28, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    end = spring.end_after(night).astimezone(ZoneInfo("Europe/Berlin"))
    assert (end.hour, spring.at(end)) == (3, False)


times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"])
moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1)).map(
    lambda one: one.replace(second=0, microsecond=0, tzinfo=dt.UTC)
)


@given(st.builds(QuietHours, zones, times, times), moments)
def test_after_their_end_it_is_not_quiet_and_a_day_is_never_missed(
    quiet: QuietHours, moment: dt.datetime
) -> None:
    end = quiet.end_after(moment)
    assert not quiet.at(end)
    assert moment <= end <= moment + dt.timedelta(hours=26)
    assert (end == moment) == (not quiet.at(moment))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (dt.timedelta(0), "0 minutes"),
        (dt.timedelta(seconds=119), "1 minute"),
        (dt.timedelta(minutes=119), "119 minutes"),
        (dt.timedelta(hours=2), "2 hours"),
        (dt.timedelta(days=2, seconds=-1), "47 hours"),
        (dt.timedelta(days=2), "2 days"),
        (dt.timedelta(days=17, hours=23), "17 days"),
    ],
)
def test_a_rough_span_is_never_more_than_the_whole(span: dt.timedelta, words: str) -> None:
    assert rough_span(span).en == words
