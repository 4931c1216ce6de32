"""Exclusion 8 and 9 on the real day of the first treatment: the windows day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.facts import NEVER, Facts, Outcome
from eligibility.treatment_day import PregnancyTest, recheck
from participants.dates import PartialDate

DAY = date(2026, 9, 30)
MAN = Facts(sex="M", gibdtc=NEVER, cvdtc=NEVER)
WOMAN = Facts(sex="F", childpot="Y", lactate="N", contraok="Y", gibdtc=NEVER, cvdtc=NEVER)


def bled(days: int) -> Facts:
    return Facts(sex="M", gibdtc=PartialDate.of(DAY - timedelta(days=days)), cvdtc=NEVER)


@pytest.mark.parametrize(
    ("days", "outcome", "warned"),
    [
        (0, "FAIL", False),
        (30, "FAIL", False),
        (31, "PASS", True),
        (35, "PASS", True),
        (36, "PASS", False),
        (-1, "UNKNOWN", False),
    ],
)
def test_an_event_is_counted_to_the_day_of_treatment(days: int, outcome: str, warned: bool) -> None:
    event, pregnancy = recheck(bled(days), (), DAY, test_days=7)
    assert (event.criterion, event.outcome, bool(event.warnings)) == ("E8", Outcome(outcome), warned)
    assert pregnancy.outcome is Outcome.PASS


@given(st.integers(0, 400), st.integers(0, 400))
def test_waiting_never_turns_a_pass_into_a_fail(days: int, longer: int) -> None:
    facts = bled(days)
    if recheck(facts, (), DAY, test_days=7)[0].outcome is Outcome.PASS:
        assert recheck(facts, (), DAY + timedelta(days=longer), test_days=7)[0].outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("tests", "test_days", "outcome"),
    [
        ([], 7, "UNKNOWN"),
        ([(0, "NEG")], 7, "PASS"),
        ([(7, "NEG")], 7, "PASS"),
        ([(8, "NEG")], 7, "UNKNOWN"),
        ([(3, "NEG")], 3, "PASS"),
        ([(4, "NEG")], 3, "UNKNOWN"),
        ([(10, "NEG"), (1, "POS")], 7, "FAIL"),
        ([(10, "POS"), (1, "NEG")], 7, "PASS"),
        ([(-1, "POS"), (2, "NEG")], 7, "PASS"),  # a test made afterwards says nothing of the day
    ],
)
def test_only_a_recent_pregnancy_test_counts(
    tests: list[tuple[int, str]], test_days: int, outcome: str
) -> None:
    given_tests = [PregnancyTest(DAY - timedelta(days=days), result) for days, result in tests]
    _event, pregnancy = recheck(WOMAN, given_tests, DAY, test_days=test_days)
    assert (pregnancy.criterion, pregnancy.outcome) == ("E9", Outcome(outcome))


def test_men_are_not_asked_for_a_test() -> None:
    test = PregnancyTest(DAY, "POS")
    assert recheck(MAN, [test], DAY, test_days=7)[1].outcome is Outcome.PASS


def test_the_planned_day_and_the_test_of_screening_are_not_read() -> None:
    facts = Facts(
        sex="F",
        childpot="Y",
        lactate="N",
        contraok="Y",
        gibdtc=NEVER,
        cvdtc=NEVER,
        planned_treatment=date(2020, 1, 1),
        hcg="POS",
        hcg_date=date(2020, 1, 1),
    )
    assert recheck(facts, [PregnancyTest(DAY, "NEG")], DAY, test_days=7)[1].outcome is Outcome.PASS
