"""What in the course of treatment is drafted as a deviation from the protocol."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from arms.deviations import of_first_day, of_infusions, of_interval, of_number_of_cycles
from arms.haic_cycles import judge_interval
from eligibility.facts import Outcome
from eligibility.treatment_day import Recheck
from records.text import Text

DAY = date(2026, 10, 1)
WHY = Text("Bleeding 20 days before.", "20天前消化道出血。")


@pytest.mark.parametrize(
    ("days", "severity"),
    [
        (17, ["MAJOR"]),
        (18, ["MINOR"]),
        (20, ["MINOR"]),
        (21, []),
        (28, []),
        (29, ["MINOR"]),
        (42, ["MINOR"]),
        (43, ["MAJOR"]),
        (59, ["MAJOR"]),
    ],
)
def test_an_interval_outside_its_window(days: int, severity: list[str]) -> None:
    drafts = list(of_interval(2, DAY, judge_interval(DAY - timedelta(days=days), DAY)))
    assert [one.severity for one in drafts] == severity
    assert all((one.category, one.on) == ("INTERVAL", DAY) for one in drafts)
    assert all(one.words.en.startswith("Cycle 2: ") for one in drafts)


def test_a_first_cycle_has_no_interval() -> None:
    assert list(of_interval(1, DAY, None)) == []


@pytest.mark.parametrize(("outcome", "count"), [(Outcome.FAIL, 1), (Outcome.PASS, 0), (Outcome.UNKNOWN, 0)])
def test_treated_on_a_day_an_exclusion_fails(outcome: Outcome, count: int) -> None:
    drafts = list(of_first_day(DAY, [Recheck("E8", outcome, WHY)]))
    assert [(one.category, one.severity) for one in drafts] == [("ELIGIBILITY", "MAJOR")] * count
    assert all("exclusion 8" in one.words.en and WHY.zh in one.words.zh for one in drafts)


@pytest.mark.parametrize(
    ("given", "ended", "count"),
    [(1, DAY, 1), (2, DAY, 0), (3, DAY, 1), (4, DAY, 0), (1, None, 0), (3, None, 0)],
)
def test_two_or_four_cycles_are_planned(given: int, ended: date | None, count: int) -> None:
    assert len(list(of_number_of_cycles(given, ended))) == count


def test_every_infusion_after_the_first_counts_in_the_order_of_days() -> None:
    later = DAY + timedelta(days=40)
    assert [one.on for one in of_infusions([later, DAY])] == [later]
    assert list(of_infusions([DAY])) == []
    assert list(of_infusions([])) == []
