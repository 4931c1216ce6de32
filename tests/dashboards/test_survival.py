"""Survival against the product-limit estimate worked out by hand, and against published values."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.survival import Comparison, Times, compare, curve

# Remission in weeks of 42 children, 6-mercaptopurine against placebo: Freireich EJ et al., Blood 1963;21:699-716.
TREATED = Times(
    [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
    [bool(event) for event in [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]],
)
PLACEBO = Times(
    [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23],
    [True] * 21,
)


def test_the_curve_of_freireich() -> None:
    found = curve(TREATED)
    assert (found.median, curve(PLACEBO).median) == (23, 8)
    for week, percent in [
        (0, 100),
        (6, 85.71),
        (7, 80.67),
        (10, 75.29),
        (13, 69.02),
        (16, 62.75),
        (22, 53.78),
        (23, 44.82),
        (35, 44.82),
    ]:
        assert found.percent_at(week) == pytest.approx(percent, abs=0.01)
    assert found.percent_at(35.5) is None
    assert (curve(PLACEBO).percent_at(23), curve(PLACEBO).percent_at(36)) == (0, 0)
    assert [TREATED.at_risk(week) for week in (0, 6, 10, 20, 35, 36)] == [21, 21, 15, 8, 1, 0]


def test_the_comparison_of_freireich() -> None:
    found = compare(PLACEBO, TREATED)
    assert found.p == pytest.approx(4.17e-5, rel=0.01)  # chi-square 16.79
    assert found.ratio == pytest.approx(0.208, abs=0.005)  # by Efron's way with ties
    assert found.low is not None and found.high is not None
    assert found.low < found.ratio < found.high < 1


def test_without_events_there_is_no_ratio_and_no_median() -> None:
    alive = Times([1, 2, 3], [False] * 3)
    found = curve(alive)
    assert (found.median, found.low, found.high) == (None, None, None)
    assert found.percent_at(3) == 100
    assert found.percent_at(3.1) is None  # nobody was followed so long
    compared = compare(alive, PLACEBO)
    assert compared == Comparison(compared.p, None, None, None)
    assert compared.p == pytest.approx(compare(PLACEBO, alive).p)


def test_nobody_has_no_curve() -> None:
    with pytest.raises(ValueError, match="Nobody"):
        curve(Times([], []))
    with pytest.raises(ValueError, match="arms"):
        compare(PLACEBO, Times([], []))


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=30))
def test_the_product_limit(people: list[tuple[int, bool]]) -> None:
    times = Times([month for month, _event in people], [event for _month, event in people])
    left = 100.0
    for month in sorted({month for month, _event in people}):
        at_risk = sum(other >= month for other, _event in people)
        left *= 1 - sum(other == month and event for other, event in people) / at_risk
        assert curve(times).percent_at(month) == pytest.approx(left, abs=1e-6)
