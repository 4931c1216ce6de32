"""Histories in words: what the grammar understands, and that it refuses rather than guesses."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.endpoints import (
    Assessment,
    History,
    ImpossibleHistory,
    Intent,
    Operation,
    Treatment,
    progression_free,
)
from followup.response import Margin, Overall
from trial_edc.vector_families.histories import UnreadableHistory, read_history

A0 = dt.date(2026, 9, 1)


def read(text: str) -> History:
    return read_history(text, A0)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "date", "event", "rule"),
    [
        ("SD 10-05; SD 2026-12-07; alive", "2026-12-07", False, "NO_EVENT"),
        ("SD 12-07; lost to follow-up", "2026-12-07", False, "NO_EVENT"),
        ("SD 12-07; PD 03-08", "2027-03-08", True, "PROGRESSION"),
        ("no post-baseline imaging; alive", "2026-09-01", False, "NO_EVENT"),
        ("no baseline imaging; PD 2026-12-07", "2026-09-01", False, "NO_BASELINE"),
        ("SD 2026-10-05; two consecutive assessments missed; PD 2027-05-10", "2026-10-05", False, "MISSED"),
        ("SD 2026-10-05; one scheduled visit missed; death 2027-02-10", "2027-02-10", True, "DEATH"),
        ("SD 2026-10-05; second assessment missed; PD 2027-02-10", "2027-02-10", True, "PROGRESSION"),
        ("SD 2026-10-05; 2nd and 3rd scheduled scans missed; PD 2027-05-10", "2026-10-05", False, "MISSED"),
        ("SD 2026-10-05; PD 2027-05-10 (after two missed visits)", "2026-10-05", False, "MISSED"),
        ("SD 2026-10-05; PD 2027-05-10 (no missed visits)", "2027-05-10", True, "PROGRESSION"),
        ("SD 2026-10-05; NE 2026-12-07; one missed; PD 2027-05-10", "2026-10-05", False, "MISSED"),
        ("death 2027-02-01 (before 3rd scheduled assessment)", "2026-09-01", False, "MISSED"),
        ("death 2026-10-01 (before first scheduled assessment)", "2026-10-01", True, "DEATH"),
        ("SD 2026-10-05; TACE 2026-11-20; PD 2026-12-07", "2026-10-05", False, "OTHER_TREATMENT"),
        (
            "SD 2026-10-05; lenvatinib 2026-11-20 without PD; PD 2026-12-07",
            "2026-10-05",
            False,
            "OTHER_TREATMENT",
        ),
        ("SD 2026-10-05; PD 2026-12-07; anti-PD-1 2026-12-20", "2026-12-07", True, "PROGRESSION"),
        ("SD 10-05; clinical progression 2026-11-20 (no imaging)", "2026-10-05", False, "NO_EVENT"),
        ("SD 10-05; treatment stopped for toxicity 2026-11-20", "2026-10-05", False, "NO_EVENT"),
        ("PR 2026-12-07; exploration 2026-12-20: peritoneal metastasis", "2026-12-20", True, "METASTASIS"),
        ("R0 2026-12-20; adjuvant TACE 2027-01-15; disease-free 2027-06-21", "2027-06-21", False, "NO_EVENT"),
        (
            "R2 resection 2026-12-20; residual stable 2027-01-20; growth 2027-03-22",
            "2027-03-22",
            True,
            "REGROWTH",
        ),
        ("hepatectomy R1 2026-12-20; recurrence 2027-03-22", "2027-03-22", True, "RECURRENCE"),
        (
            "SD 10-05; equivocal new lesion 2026-12-07; PD (targets) 2027-02-10",
            "2027-02-10",
            True,
            "PROGRESSION",
        ),
        (
            "SD 10-05; equivocal new lesion 2026-12-07; PD confirmed 2027-02-10",
            "2026-12-07",
            True,
            "PROGRESSION",
        ),
        ("SD 2026-10-05, PR 2026-12-07, PD 2027-02-10", "2027-02-10", True, "PROGRESSION"),
    ],
)
def test_history(text: str, date: str, event: bool, rule: str) -> None:
    found = progression_free(read(text))
    assert (found.date.isoformat(), found.event, found.rule.value) == (date, event, rule)


def test_parts_of_a_history() -> None:
    history = read(
        "PR 2026-12-07; hepatectomy R0 2026-12-20; adjuvant anti-PD-1 2027-01-10;"
        " recurrence 2027-09-13 (no missed visits; last imaging before it 2027-06-21); alive 2027-12-01"
    )
    assert history == History(
        A0,
        assessments=(
            Assessment(day("2026-12-07"), Overall.PR),
            Assessment(day("2027-06-21"), Overall.SD),
            Assessment(day("2027-09-13"), Overall.RECURRENCE),
        ),
        operations=(Operation(day("2026-12-20"), Margin.R0),),
        treatments=(Treatment(day("2027-01-10"), Intent.ADJUVANT),),
        last_alive_on=day("2027-12-01"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "weather 2026-12-07",
        "SD 2026-10-05; something happened",
        "PD",
        "SD 2026-10-05; PD",
        "SD 2026-13-05",
        "SD 2026-02-30",
        "SD 2026-10-05 2026-12-07",
        "SD 2026-10-05; some assessments missed; PD 2027-05-10",
        "SD 2026-10-05; nine visits missed; PD 2026-10-09",
        "SD 2026-10-05; 9 visits missed; PD 2026-10-09",
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(UnreadableHistory, match=r"history|do not fit"):
        read(text)


def test_an_impossible_history_is_refused() -> None:
    with pytest.raises(ImpossibleHistory):
        read("SD 2026-12-07; death 2026-10-01")


DAYS = st.lists(st.dates(dt.date(2026, 9, 2), dt.date(2030, 9, 1)), min_size=1, max_size=5, unique=True)


@given(DAYS, st.booleans())
def test_stable_assessments_read_back(days: list[dt.date], died: bool) -> None:
    *before, last = sorted(days)
    clauses = [f"SD {one}" for one in before] + [f"death {last}" if died else f"PD {last}"]
    found = progression_free(read("; ".join(clauses)))
    assert (found.date, found.event) == (last, True)
