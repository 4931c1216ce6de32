"""Which laboratory results call for an adverse event, and which events cover them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.ctcae import CTCAE
from participants.dates import PartialDate
from safety.laboratory_prompts import TERMS, Event, Result, calls_for_event, covers, uncovered

DAY = date(2026, 10, 10)
RESULT = Result(visit=7, repeat=1, test="plt", on=DAY, grade=3, baseline=0, significance=None)


@pytest.mark.parametrize(
    ("grade", "baseline", "significance", "calls"),
    [
        (3, 0, None, True),
        (3, 3, None, True),
        (4, 0, "CS", True),
        (3, 0, "NCS", False),
        (2, 0, "CS", True),
        (2, 0, None, False),
        (2, 0, "NCS", False),
        (2, 1, "CS", False),
        (2, None, "CS", True),
        (1, 0, "CS", False),
        (0, 0, "CS", False),
    ],
)
def test_grade_3_or_two_grades_worse(
    grade: int, baseline: int | None, significance: str | None, calls: bool
) -> None:
    result = replace(RESULT, grade=grade, baseline=baseline, significance=significance)
    assert calls_for_event(result) == calls


@pytest.mark.parametrize(
    ("began", "ended", "term", "covered"),
    [
        ("2026-10-10", None, "Platelet count decreased", True),
        ("2026-10-11", None, "Platelet count decreased", False),
        ("2026-10-01", "2026-10-10", "Platelet count decreased", True),
        ("2026-10-01", "2026-10-09", "Platelet count decreased", False),
        ("2026-10", None, "Platelet count decreased", True),
        ("2026-11", None, "Platelet count decreased", False),
        ("2026", "2026-10", "Platelet count decreased", True),
        (None, None, "Platelet count decreased", True),
        ("2026-10-01", None, None, True),
        ("2026-10-01", None, "Fatigue", False),
    ],
)
def test_an_event_covers_what_it_names_while_it_lasts(
    began: str | None, ended: str | None, term: str | None, covered: bool
) -> None:
    event = Event(
        PartialDate.parse(began) if began else None, PartialDate.parse(ended) if ended else None, term
    )
    assert covers(event, RESULT) == covered


def test_a_dismissal_holds_up_to_its_grade() -> None:
    for said, left in ((2, [RESULT]), (3, []), (4, [])):
        assert uncovered([RESULT], [], {(7, 1, "plt"): said}) == left
    for elsewhere in ((7, 2, "plt"), (8, 1, "plt"), (7, 1, "alt")):
        assert uncovered([RESULT], [], {elsewhere: 4}) == [RESULT]


@given(st.integers(0, 4), st.integers(0, 4), st.sampled_from(["CS", "NCS", None]))
def test_nothing_judged_insignificant_and_nothing_of_grade_1_calls(
    grade: int, baseline: int, significance: str | None
) -> None:
    result = replace(RESULT, grade=grade, baseline=baseline, significance=significance)
    if significance == "NCS" or grade < 2:
        assert uncovered([result], [], {}) == []
    any_event = Event(None, None, None)
    assert uncovered([result], [any_event], {}) == []


def test_every_term_is_one_of_ctcae() -> None:
    assert {term for terms in TERMS.values() for term in terms} <= set(CTCAE.terms)
