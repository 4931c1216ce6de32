from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.flow_layout import Line, lay_out
from dashboards.plan import (
    START,
    NoPeriod,
    last_day,
    month_after,
    months_shown,
    pace_from,
    planned_by,
    reached_on,
)


@pytest.mark.parametrize(
    ("on", "planned"),
    [
        (date(2026, 7, 31), Fraction(0)),
        (date(2026, 8, 1), Fraction(286, 1096)),
        (date(2028, 1, 30), Fraction(286 * 548, 1096)),  # half of the days, half of the target
        (date(2029, 7, 30), Fraction(286 * 1095, 1096)),
        (date(2029, 7, 31), Fraction(286)),
        (date(2031, 8, 1), Fraction(286)),
    ],
)
def test_the_plan_on_a_day(on: date, planned: Fraction) -> None:
    assert planned_by(on, target=286, start=START, months=36) == planned


@given(
    on=st.dates(date(2026, 1, 1), date(2036, 1, 1)),
    target=st.integers(1, 5000),
    months=st.integers(1, 120),
)
def test_the_plan_never_falls_and_never_exceeds_the_target(on: date, target: int, months: int) -> None:
    plan = planned_by(on, target=target, start=START, months=months)
    assert 0 <= plan <= target
    assert plan <= planned_by(month_after(on), target=target, start=START, months=months)


def test_a_plan_over_no_month_is_refused() -> None:
    with pytest.raises(NoPeriod):
        planned_by(START, target=286, start=START, months=0)


@pytest.mark.parametrize(
    ("today", "first", "last", "count"),
    [
        (date(2026, 9, 1), date(2026, 8, 1), date(2026, 10, 1), 3),
        (date(2026, 12, 31), date(2026, 8, 1), date(2026, 12, 1), 5),
        (date(2026, 1, 1), date(2026, 8, 1), date(2026, 10, 1), 3),
    ],
)
def test_the_months_of_the_picture(today: date, first: date, last: date, count: int) -> None:
    shown = months_shown(today, start=START, months=3)
    assert (shown[0], shown[-1], len(shown)) == (first, last, count)


def test_the_last_day_of_a_month() -> None:
    assert [last_day(date(2028, month, 1)).day for month in (1, 2, 12)] == [31, 29, 31]


@pytest.mark.parametrize(
    ("enrolled", "recent", "reached"),
    [
        (186, 50, date(2028, 1, 2)),  # 100 more at 50 in 183 days: 366 days
        (285, 183, date(2027, 1, 2)),
        (285, 366, date(2027, 1, 2)),  # half a day counts as one
        (100, 0, None),
        (0, 1, None),  # more than twenty years
    ],
)
def test_when_the_target_is_reached(enrolled: int, recent: int, reached: date | None) -> None:
    assert reached_on(date(2027, 1, 1), enrolled=enrolled, recent=recent, days=183, target=286) == reached


@pytest.mark.parametrize(
    ("begun", "since"),
    [
        (date(2026, 8, 1), date(2026, 12, 15)),  # longer ago: the last 183 days
        (date(2026, 12, 14), date(2026, 12, 15)),
        (date(2026, 12, 16), date(2026, 12, 16)),
        (date(2027, 6, 15), date(2027, 6, 15)),
        (date(2027, 6, 16), date(2027, 6, 15)),
        (None, date(2026, 12, 15)),
    ],
)
def test_the_pace_is_that_of_half_a_year_or_since_enrolment_began(begun: date | None, since: date) -> None:
    assert pace_from(date(2027, 6, 15), begun) == since


def test_the_lines_of_a_flow_stand_in_their_boxes_and_boxes_do_not_overlap() -> None:
    one = Line("x", 1)
    flow = lay_out(one, [one] * 5, one, [(one, [one] * 8)] * 2)
    for number, box in enumerate(flow.boxes):
        assert all(box.y < line.y < box.bottom for line in box.lines)
        assert box.x >= 0 and box.x + box.width <= flow.width and box.bottom <= flow.height
        for other in flow.boxes[:number]:
            beside = box.x >= other.x + other.width or other.x >= box.x + box.width
            assert beside or box.y >= other.bottom or other.y >= box.bottom
    assert len(flow.arrows) == 6
