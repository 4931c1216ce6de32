"""The checks before a HAIC cycle, and the days between cycles."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arms.haic_cycles import (
    AgeGrade,
    CycleError,
    GateLimits,
    GateOutcome,
    GateValues,
    IntervalGrade,
    Review,
    days_after_last_cycle,
    judge_gate,
    judge_interval,
    judge_laboratory_age,
    may_begin_cycle,
    total_needs_reason,
)

C1 = dt.date(2026, 9, 1)
SOUND = GateValues(Decimal(3), Decimal(100), Decimal(15), Decimal(38))
DAY = dt.timedelta(days=1)


def number(text: str) -> Decimal | None:
    return None if text == "–" else Decimal(text)


@pytest.mark.parametrize(
    ("anc", "plt", "tbil", "alb", "outcome", "names"),
    [
        ("1.2", "60", "30.0", "30.0", "GO", []),
        ("1.19", "100", "15", "38", "HOLD", ["Neutrophil count"]),
        ("3.0", "59", "15", "38", "HOLD", ["Platelet count"]),
        ("3.0", "100", "30.1", "38", "HOLD", ["Total bilirubin"]),
        ("3.0", "100", "15", "29.9", "HOLD", ["Albumin"]),
        ("–", "100", "15", "38", "UNKNOWN", ["Neutrophil count"]),
        ("–", "59", "15", "38", "HOLD", ["Platelet count", "Neutrophil count"]),
        ("–", "–", "–", "–", "UNKNOWN", ["Neutrophil count", "Platelet count", "Total bilirubin", "Albumin"]),
    ],
    ids=["HG01", "HG02", "HG03", "HG04", "HG05", "HG06", "hold before unknown", "nothing"],
)
def test_gate(anc, plt, tbil, alb, outcome, names):
    gate = judge_gate(GateValues(number(anc), number(plt), number(tbil), number(alb)))
    assert gate.outcome == GateOutcome(outcome)
    assert len(gate.reasons) == len(names)
    assert all(reason.en.startswith(name) for reason, name in zip(gate.reasons, names, strict=True))
    assert gate.confirm == ()


def test_reason_names_value_and_limit_in_both_languages():
    reason = judge_gate(replace(SOUND, platelets=Decimal(59))).reasons[0]
    assert reason.en == "Platelet count 59 ×10⁹/L is below 60."
    assert reason.zh == "血小板计数 59 ×10⁹/L，低于 60。"


def test_limits_are_settings():
    assert judge_gate(SOUND, GateLimits(platelets=Decimal(101))).outcome is GateOutcome.HOLD


@pytest.mark.parametrize(
    ("changes", "confirmed"),
    [
        ({"ecog": 1, "child_pugh": 7, "inr": Decimal("1.7"), "creatinine_uln": Decimal("1.5")}, 0),
        ({"ecog": 2}, 1),
        ({"child_pugh": 8}, 1),
        ({"inr": Decimal("1.71")}, 1),
        ({"creatinine_uln": Decimal("1.51")}, 1),
        ({"infection_or_bleeding": True}, 1),
        ({"ecog": 2, "child_pugh": 9, "inr": Decimal(2)}, 3),
    ],
)
def test_what_is_to_be_confirmed_does_not_hold(changes, confirmed):
    gate = judge_gate(replace(SOUND, **changes))
    assert (gate.outcome, len(gate.confirm)) == (GateOutcome.GO, confirmed)


@pytest.mark.parametrize(
    ("possible", "pregnant", "outcome"),
    [(False, None, "GO"), (True, None, "UNKNOWN"), (True, False, "GO"), (True, True, "HOLD")],
)
def test_pregnancy(possible, pregnant, outcome):
    gate = judge_gate(replace(SOUND, pregnancy_possible=possible, pregnant=pregnant))
    assert gate.outcome == GateOutcome(outcome)


def test_a_negative_value_is_refused():
    with pytest.raises(CycleError):
        judge_gate(replace(SOUND, albumin=Decimal(-1)))


values = st.none() | st.decimals(min_value=0, max_value=200, places=2)


@given(values, values, values, values)
def test_unknown_never_passes(anc, plt, tbil, alb):
    gate = judge_gate(GateValues(anc, plt, tbil, alb))
    if gate.outcome is GateOutcome.GO:
        assert None not in (anc, plt, tbil, alb)
        assert anc >= Decimal("1.2") and plt >= 60 and tbil <= 30 and alb >= 30
        assert gate.reasons == ()
    else:
        assert gate.reasons != ()


@pytest.mark.parametrize(
    ("start", "days", "grade"),
    [
        ("2026-09-18", 17, "REASON"),
        ("2026-09-19", 18, "QUERY"),
        ("2026-09-21", 20, "QUERY"),
        ("2026-09-22", 21, "IN_WINDOW"),
        ("2026-09-29", 28, "IN_WINDOW"),
        ("2026-09-30", 29, "QUERY"),
        ("2026-10-13", 42, "QUERY"),
        ("2026-10-14", 43, "REASON"),
        ("2026-10-29", 58, "REASON"),
        ("2026-10-30", 59, "DISCONTINUE"),
    ],
)
def test_interval(start, days, grade):
    interval = judge_interval(C1, dt.date.fromisoformat(start))
    assert (interval.days, interval.grade) == (days, IntervalGrade(grade))
    assert interval.deviation is (grade != "IN_WINDOW")


@pytest.mark.parametrize(
    ("days", "grade"),
    [
        (17, "REASON"),
        (18, "QUERY"),
        (20, "QUERY"),
        (21, "IN_WINDOW"),
        (29, "IN_WINDOW"),
        (42, "IN_WINDOW"),
        (43, "REASON"),
        (58, "REASON"),
        (59, "DISCONTINUE"),
    ],
)
def test_interval_of_the_first_cycle_after_a_review(days, grade):
    assert judge_interval(C1, C1 + days * DAY, after_review=True).grade == IntervalGrade(grade)


def test_a_cycle_before_the_previous_one():
    with pytest.raises(CycleError):
        judge_interval(C1, C1 - DAY)


@given(st.integers(0, 400))
def test_a_review_never_makes_an_interval_worse(days):
    order = list(IntervalGrade)
    plain = judge_interval(C1, C1 + days * DAY).grade
    reviewed = judge_interval(C1, C1 + days * DAY, after_review=True).grade
    assert order.index(reviewed) <= order.index(plain)


@pytest.mark.parametrize(
    ("cycle", "recorded", "review", "allowed"),
    [
        (1, [], None, True),
        (2, [], None, False),
        (2, [1], None, True),
        (2, [1, 2], None, False),
        (3, [1, 2], None, False),
        (3, [1, 2], Review.STOP, False),
        (3, [1, 2], Review.CONTINUE, True),
        (3, [1], Review.CONTINUE, False),
        (4, [1, 2, 3], Review.CONTINUE, True),
        (4, [1, 2, 3], Review.STOP, False),
        (4, [1, 2], Review.CONTINUE, False),
        (5, [1, 2, 3, 4], Review.CONTINUE, False),
    ],
)
def test_which_cycle_may_begin(cycle, recorded, review, allowed):
    assert may_begin_cycle(cycle, frozenset(recorded), review).allowed is allowed


def test_there_is_no_cycle_0():
    with pytest.raises(CycleError):
        may_begin_cycle(0, frozenset(), None)


def test_totals_that_need_a_reason():
    assert [one for one in range(5) if total_needs_reason(one)] == [0, 1, 3]
    with pytest.raises(CycleError):
        total_needs_reason(5)


@pytest.mark.parametrize(
    ("days", "grade"), [(0, "RECENT"), (3, "RECENT"), (4, "QUERY"), (7, "QUERY"), (8, "REFUSED")]
)
def test_age_of_the_laboratory(days, grade):
    assert judge_laboratory_age(C1 - days * DAY, C1) == AgeGrade(grade)


def test_a_sample_taken_later():
    with pytest.raises(CycleError):
        judge_laboratory_age(C1 + DAY, C1)


def test_days_after_the_last_cycle_are_counted_from_its_end():
    assert [days_after_last_cycle(C1, C1 + d * DAY) for d in (-1, 0, 21, 35)] == [-1, 0, 21, 35]
