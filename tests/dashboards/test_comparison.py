"""Standardised differences against values worked out by hand, and what holds for any two groups."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.comparison import difference_of_means, difference_of_shares


@pytest.mark.parametrize(
    ("groups", "difference"),
    [
        ((60, 10, 55, 10), 0.5),
        ((55, 10, 60, 10), -0.5),
        ((10, 3, 8, 4), 2 / 12.5**0.5),
        ((10, 0, 10, 0), 0),
        ((10, 0, 9, 0), inf),
        ((9, 0, 10, 0), -inf),
    ],
)
def test_means(groups: tuple[float, float, float, float], difference: float) -> None:
    assert difference_of_means(*groups) == pytest.approx(difference)


@pytest.mark.parametrize(
    ("groups", "difference"),
    [
        ((30, 100, 20, 100), 0.1 / 0.185**0.5),  # (0.21 + 0.16) / 2
        ((1, 2, 1, 2), 0),
        ((0, 5, 0, 7), 0),
        ((5, 5, 7, 7), 0),
        ((5, 5, 0, 7), inf),
        ((0, 5, 7, 7), -inf),
    ],
)
def test_shares(groups: tuple[int, int, int, int], difference: float) -> None:
    assert difference_of_shares(*groups) == pytest.approx(difference)


def test_a_group_of_nobody_has_no_share() -> None:
    with pytest.raises(ZeroDivisionError):
        difference_of_shares(0, 0, 1, 2)


number = st.floats(-1e6, 1e6)
spread = st.floats(0.1, 1e6)


@given(number, spread, number, spread)
def test_the_other_way_round_the_sign_changes(a: float, sd_a: float, b: float, sd_b: float) -> None:
    assert difference_of_means(a, sd_a, b, sd_b) == -difference_of_means(b, sd_b, a, sd_a)


@given(number, spread, number, spread, st.floats(0.01, 100))
def test_the_unit_does_not_matter(a: float, sd_a: float, b: float, sd_b: float, unit: float) -> None:
    scaled = difference_of_means(a * unit, sd_a * unit, b * unit, sd_b * unit)
    assert scaled == pytest.approx(difference_of_means(a, sd_a, b, sd_b), rel=1e-6, abs=1e-9)
