"""Clocks of safety reporting to the minute and to the day, and which events are collected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participants.dates import TRIAL_ZONE, PartialDate
from safety.clocks import (
    COLLECTED_WORDS,
    RELATED,
    RELATION_WORDS,
    Collected,
    ImpossibleReport,
    Light,
    Period,
    Relation,
    collection_period,
    is_related,
    judge_onset,
    judge_susar,
    new_information_due,
    sae_clock,
    susar_deadlines,
)

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
    ("relations", "related"),
    [
        (["DEFINITE"], True),
        (["PROBABLE"], True),
        (["POSSIBLE"], True),
        (["UNLIKELY"], False),
        (["UNRELATED"], False),
        (["UNRELATED", "POSSIBLE", None], True),
        (["UNRELATED", None], None),
        ([None], None),
        ([], None),
    ],
)
def test_related_from_possible(relations: list[str | None], related: bool | None) -> None:
    assert is_related(relations) is related


@pytest.mark.parametrize(
    ("serious", "relations", "expected", "susar", "words"),
    [
        (True, ["POSSIBLE"], False, True, "Serious, related and unexpected."),
        (True, ["POSSIBLE"], True, False, "No SUSAR: expected."),
        (True, ["UNLIKELY"], False, False, "No SUSAR: not related."),
        (False, ["POSSIBLE"], False, False, "No SUSAR: not serious."),
        (False, ["UNLIKELY"], True, False, "No SUSAR: not serious, not related, expected."),
        (None, ["POSSIBLE"], False, None, "Not decided: serious."),
        (True, [None], None, None, "Not decided: related, unexpected."),
        (None, [None], True, False, "No SUSAR: expected."),
    ],
)
def test_susar(
    serious: bool | None, relations: list[str | None], expected: bool | None, susar: bool | None, words: str
) -> None:
    found = judge_susar(serious=serious, relations=relations, expected=expected)
    assert (found.susar, found.reason.en) == (susar, words)
    assert found.reason.zh


def test_unknown_relation_is_refused() -> None:
    with pytest.raises(ImpossibleReport, match="There is no relation MAYBE"):
        is_related(["MAYBE", "POSSIBLE"])
    assert set(RELATION_WORDS) == set(Relation)


answers = st.sampled_from([True, False, None])
relations = st.lists(st.none() | st.sampled_from(list(Relation)), max_size=5)


@given(answers, relations, answers)
def test_susar_is_all_three(
    serious: bool | None, given_relations: list[Relation | None], expected: bool | None
) -> None:
    found = judge_susar(serious=serious, relations=given_relations, expected=expected).susar
    related = any(one in RELATED for one in given_relations)
    assert (found is True) == (serious is True and related and expected is False)


@given(answers, relations, answers)
def test_an_answer_that_comes_later_never_turns_a_decision(
    serious: bool | None, given_relations: list[Relation | None], expected: bool | None
) -> None:
    before = judge_susar(serious=serious, relations=given_relations, expected=expected).susar
    if before is not None:
        for late in (True, False):
            after_it = judge_susar(
                serious=late if serious is None else serious,
                relations=[one or Relation.UNRELATED for one in given_relations],
                expected=late if expected is None else expected,
            )
            assert after_it.susar is before or not given_relations


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


# Which events are collected -------------------------------------------------------------------------

CONSENT = dt.date(2026, 9, 10)


@pytest.mark.parametrize(
    ("treatments", "last"),
    [
        ({}, None),
        ({"haic_ends": [dt.date(2026, 10, 10)]}, "2026-11-09"),
        ({"haic_ends": [dt.date(2026, 11, 6), dt.date(2026, 10, 10)]}, "2026-12-06"),
        ({"infusions": [dt.date(2026, 10, 1)]}, "2026-12-30"),
        ({"infusions": [dt.date(2026, 10, 1)], "hepatectomies": [dt.date(2027, 1, 12)]}, "2027-04-12"),
        ({"haic_ends": [dt.date(2027, 3, 20)], "hepatectomies": [dt.date(2027, 1, 12)]}, "2027-04-19"),
    ],
)
def test_end_of_collection(treatments: dict[str, list[dt.date]], last: str | None) -> None:
    found = collection_period(CONSENT, **treatments)
    assert found == Period(CONSENT, last and dt.date.fromisoformat(last))  # type: ignore[arg-type]


def test_treatment_before_consent_is_refused() -> None:
    with pytest.raises(ImpossibleReport, match="lies before consent"):
        collection_period(CONSENT, infusions=[CONSENT - DAY])


@pytest.mark.parametrize(
    ("began", "collected"),
    [
        ("2026-09-09", "HISTORY"),
        ("2026-08", "HISTORY"),
        ("2026-09", "UNKNOWN"),
        ("2026", "UNKNOWN"),
        ("2026-09-10", "ALWAYS"),
        ("2026-10", "ALWAYS"),
        ("2026-12-30", "ALWAYS"),
        ("2026-12", "ALWAYS"),
        ("2026-12-31", "IF_RELATED"),
        ("2027", "IF_RELATED"),
    ],
)
def test_where_an_event_belongs(began: str, collected: str) -> None:
    period = collection_period(CONSENT, infusions=[dt.date(2026, 10, 1)])
    assert judge_onset(PartialDate.parse(began), period) == Collected(collected)
    assert set(COLLECTED_WORDS) == set(Collected)


def test_collection_is_open_before_treatment() -> None:
    assert judge_onset(PartialDate.parse("2031"), collection_period(CONSENT)) is Collected.ALWAYS


@given(st.lists(st.dates(CONSENT, dt.date(2030, 1, 1)), max_size=3), st.dates(CONSENT, dt.date(2030, 1, 1)))
def test_more_treatment_never_shortens_the_period(infusions: list[dt.date], operated: dt.date) -> None:
    shorter = collection_period(CONSENT, infusions=infusions)
    longer = collection_period(CONSENT, infusions=infusions, hepatectomies=[operated])
    assert longer.last is not None
    assert shorter.last is None or shorter.last <= longer.last
