"""Rules of deviations at their boundaries."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arms.deviations import of_infusions, of_number_of_cycles
from records.definition import forms
from records.text import Text
from safety import codelists
from safety.deviation_rules import (
    RULES,
    Breach,
    Cleared,
    Dose,
    DueTests,
    OtherTreatment,
    Procedure,
    Reported,
    Source,
    VisitSeen,
    before_consent,
    breaches,
    cleared_late,
    dose_off,
    missing_tests,
    not_eligible,
    outside_window,
    prohibited,
    reported_late,
    rules_reading,
)

HERE = Source("HAIC", 7, 1)
LABEL = Text("Cycle 1", "第1疗程")
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 10, 1)


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=SHANGHAI)


def found(breaches: object) -> list[tuple[str, str, date]]:
    return [(one.category, one.severity, one.on) for one in breaches]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("procedure", "breach"),
    [
        (at(8), True),
        (at(8, 59), True),
        (at(9), False),
        (at(9, 1), False),
        (DAY, False),
        (DAY - timedelta(days=1), True),
    ],
)
def test_consent_comes_before_every_study_procedure(procedure: datetime | date, breach: bool) -> None:
    day = procedure.date() if isinstance(procedure, datetime) else procedure
    expected = [("CONSENT", "MAJOR", day)] if breach else []
    assert found(before_consent(at(9), [Procedure(HERE, LABEL, procedure)])) == expected
    assert found(before_consent(None, [Procedure(HERE, LABEL, procedure)])) == []


def test_each_failing_criterion_is_a_breach_of_its_own() -> None:
    reasons = [("I3", Text("Stage Ia.", "Ia期。")), ("E2", Text("Another cancer.", "其他恶性肿瘤。"))]
    breaches = list(not_eligible(HERE, DAY, reasons))
    assert [one.source.part for one in breaches] == ["I3", "E2"]
    assert "exclusion 2" in breaches[1].words.en and "排除标准2" in breaches[1].words.zh


@pytest.mark.parametrize(
    ("given_mg", "breach"),
    [("247", False), ("220", False), ("242", False), ("198", False), ("243", True), ("197", True)],
)
def test_a_dose_of_exactly_ten_percent_off_is_within(given_mg: str, breach: bool) -> None:
    planned = Decimal(220) if given_mg != "247" else Decimal("247.05")
    doses = [Dose(HERE, LABEL, Decimal(given_mg), planned, "mg", Decimal(10), DAY)]
    assert found(dose_off(doses)) == ([("DOSE", "MINOR", DAY)] if breach else [])


@given(st.decimals(1, 5000, places=2), st.decimals(1, 5000, places=2), st.sampled_from([10, 20]))
def test_doses_are_compared_unrounded(given_dose: Decimal, planned: Decimal, limit: int) -> None:
    off = bool(list(dose_off([Dose(HERE, LABEL, given_dose, planned, "mg", Decimal(limit), DAY)])))
    assert off == (abs(given_dose - planned) * 100 > planned * limit)


def test_nothing_is_held_against_a_planned_dose_of_nothing() -> None:
    assert found(dose_off([Dose(HERE, LABEL, Decimal(5), Decimal(0), "mg", Decimal(10), DAY)])) == []


def test_what_treatment_counts_as_a_deviation_stands_at_its_form() -> None:
    days = [date(2026, 12, 1), date(2026, 10, 1), date(2027, 1, 5)]
    (later, last) = breaches("SECOND_Y90", HERE, of_infusions(days))
    assert (later.rule, later.source, later.on, last.on) == ("SECOND_Y90", HERE, days[0], days[2])
    assert found([later]) == [("DOSE", "MAJOR", days[0])]
    assert found(breaches("CYCLES", HERE, of_number_of_cycles(2, DAY))) == []


@pytest.mark.parametrize(
    ("until", "breach"),
    [(None, True), (DAY + timedelta(days=1), True), (DAY, False), (date(2026, 9, 1), False)],
)
def test_other_treatment_waits_for_the_end_of_study_treatment(until: date | None, breach: bool) -> None:
    assert bool(found(prohibited([OtherTreatment(HERE, LABEL, DAY)], until))) == breach


@pytest.mark.parametrize(
    ("opens", "closes", "breach"),
    [
        (DAY, DAY, False),
        (DAY + timedelta(days=1), None, True),
        (None, DAY - timedelta(days=1), True),
        (None, None, False),
        (date(2026, 9, 1), date(2026, 10, 5), False),
    ],
)
def test_both_ends_of_a_window_belong_to_it(opens: date | None, closes: date | None, breach: bool) -> None:
    assert bool(found(outside_window([VisitSeen(HERE, LABEL, DAY, opens, closes)]))) == breach


@pytest.mark.parametrize(("age", "breach"), [(0, False), (7, False), (8, True), (-1, True), (None, True)])
def test_laboratory_results_are_at_most_seven_days_old(age: int | None, breach: bool) -> None:
    sampled = None if age is None else DAY - timedelta(days=age)
    assert bool(found(cleared_late([Cleared(HERE, LABEL, DAY, sampled)]))) == breach


def test_tests_that_never_came_count_once_their_time_is_over() -> None:
    due = DueTests(HERE, LABEL, DAY, DAY + timedelta(days=7), (("", Text("laboratory tests", "实验室检查")),))
    assert found(missing_tests([due], DAY + timedelta(days=7))) == []
    assert found(missing_tests([due], DAY + timedelta(days=8))) == [("MISSEDTEST", "MINOR", DAY)]
    declared = DueTests(HERE, LABEL, DAY, DAY + timedelta(days=7), (("HEM", Text("blood count", "血常规")),))
    (breach,) = missing_tests([declared], DAY)
    assert breach.source.part == "HEM"


FRIDAY = datetime(2026, 10, 2, 17, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("aware", "sent", "now", "late"),
    [
        (at(8), at(8, day=2), at(12, day=3), False),
        (at(8), at(8, 1, day=2), at(12, day=3), True),
        (at(8), None, at(8, day=2), False),
        (at(8), None, at(8, 0, day=2) + timedelta(seconds=59), False),
        (at(8), None, at(8, 1, day=2), True),
        (FRIDAY, None, FRIDAY + timedelta(hours=24), False),
        (FRIDAY, None, FRIDAY + timedelta(hours=24, minutes=1), True),
    ],
)
def test_a_report_is_late_from_24_hours_and_one_minute_on_whatever_the_day(
    aware: datetime, sent: datetime | None, now: datetime, late: bool
) -> None:
    breaches = list(reported_late([Reported(HERE, 3, "liver abscess", aware, sent)], now))
    assert found(breaches) == ([("SAELATE", "MAJOR", (aware + timedelta(hours=24)).date())] if late else [])


def test_the_words_of_a_late_report_say_how_late() -> None:
    (sent,) = reported_late([Reported(HERE, 3, "liver abscess", at(8), at(8, 1, day=2))], at(12, day=3))
    assert "reported 1 min late (2026-10-02 08:01, due 2026-10-02 08:00)" in sent.words.en
    (open_one,) = reported_late([Reported(HERE, 3, "肝脓肿", at(8), None)], at(12, day=3))
    assert "截至2026-10-02 08:00仍未报告" in open_one.words.zh


@given(st.datetimes(datetime(2026, 9, 1), datetime(2027, 9, 1)), st.integers(0, 60 * 72))
def test_only_the_time_that_passed_counts(aware: datetime, minutes: int) -> None:
    zoned = aware.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
    sent = zoned + timedelta(minutes=minutes)
    assert bool(list(reported_late([Reported(HERE, 1, "x", zoned, sent)], sent))) == (minutes > 60 * 24)


def test_rules_name_forms_that_exist_and_codes_of_the_form() -> None:
    assert set(RULES) == set(codelists.RULE.values)
    assert {form for read in RULES.values() for form in read} <= set(forms())
    assert rules_reading("SV") == ("WINDOW", "LABS")
    assert rules_reading("LB", {"alt"}) == ("ELIGIBILITY",)
    assert rules_reading("LB", {"plt", "alt"}) == ("ELIGIBILITY", "LABS")
    assert rules_reading("CM") == rules_reading("DV") == ()


def test_every_breach_fits_the_form_of_deviations() -> None:
    every: list[Breach] = [
        *before_consent(at(9), [Procedure(HERE, LABEL, at(8))]),
        *not_eligible(HERE, DAY, [("I3", LABEL)]),
        *dose_off([Dose(HERE, LABEL, Decimal(1), Decimal(2), "mg", Decimal(10), DAY)]),
        *breaches("SECOND_Y90", HERE, of_infusions([DAY, DAY])),
        *breaches("CYCLES", HERE, of_number_of_cycles(1, DAY)),
        *prohibited([OtherTreatment(HERE, LABEL, DAY)], None),
        *outside_window([VisitSeen(HERE, LABEL, DAY, None, DAY - timedelta(days=1))]),
        *cleared_late([Cleared(HERE, LABEL, DAY, None)]),
        *reported_late([Reported(HERE, 1, "x", at(8), None)], at(12, day=9)),
    ]
    for one in every:
        assert one.category in codelists.CATEGORY
        assert one.severity in codelists.SEVERITY
        assert one.rule in codelists.RULE
        assert one.words.en and one.words.zh
