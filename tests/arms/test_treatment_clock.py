"""One HAIC cycle drawn to scale: in words what the bars show, and nothing outside the drawing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from arms.haic_dosing import INFUSIONS, Timeline
from arms.treatment_clock import Bar, Clock, Tick, clock_of, lasting
from records.text import Text

START = dt.datetime(2026, 9, 3, 2, tzinfo=dt.UTC)  # 10:00 in Shanghai
KEYS = [one.key for one in INFUSIONS]


def at(hours: float) -> dt.datetime:
    return START + dt.timedelta(hours=hours)


def words(clock: Clock) -> list[tuple[str, str, str]]:
    return [(lane.label.en, lane.planned_words.en, lane.actual_words.en) for lane in clock.lanes]


GIVEN = Timeline(
    catheterised=at(0),
    infusions={
        "OXA": (at(2), at(5)),
        "LV": (at(5), at(6.5)),
        "FU1": (at(6.5), at(8.5)),
        "FU2": (at(8.5), at(54.5)),
    },
    catheter_out=at(55),
    bandage_start=at(55),
    bandage_end=at(68),
    discharged=at(72),
)


def test_before_it_begins_the_plan_stands_in_hours() -> None:
    clock = clock_of(Timeline(), START)
    assert words(clock) == [
        ("Catheter in place", "hour 0–52.5, 52 h 30 min", ""),
        ("Oxaliplatin", "hour 0–3, 3 h", ""),
        ("Leucovorin", "hour 3–4.5, 1 h 30 min", ""),
        ("5-FU (2 h)", "hour 4.5–6.5, 2 h", ""),
        ("5-FU (46 h)", "hour 6.5–52.5, 46 h", ""),
        ("Compression bandage", "hour 52.5–64.5, 12 h", ""),
        ("Discharge", "not before hour 64.5", ""),
    ]
    assert [str(tick.label) for tick in clock.ticks] == ["0 h", "12 h", "24 h", "36 h", "48 h", "60 h"]
    assert [tick.anchor for tick in clock.ticks] == ["start", *["middle"] * 5]
    assert not clock.begun
    assert [Tick(left, Text("", "")).anchor for left in ("5.99", "6", "94", "94.01")] == [
        "start",
        "middle",
        "middle",
        "end",
    ]


def test_a_cycle_given_stands_beside_its_plan_in_the_time_of_the_site() -> None:
    clock = clock_of(GIVEN, at(80))
    assert words(clock) == [
        ("Catheter in place", "09-03 10:00–09-05 16:30, 54 h 30 min", "09-03 10:00–09-05 17:00, 55 h"),
        ("Oxaliplatin", "09-03 12:00–15:00, 3 h", "09-03 12:00–15:00, 3 h"),
        ("Leucovorin", "09-03 15:00–16:30, 1 h 30 min", "09-03 15:00–16:30, 1 h 30 min"),
        ("5-FU (2 h)", "09-03 16:30–18:30, 2 h", "09-03 16:30–18:30, 2 h"),
        ("5-FU (46 h)", "09-03 18:30–09-05 16:30, 46 h", "09-03 18:30–09-05 16:30, 46 h"),
        ("Compression bandage", "09-05 17:00–09-06 05:00, 12 h", "09-05 17:00–09-06 06:00, 13 h"),
        ("Discharge", "not before 09-06 05:00", "09-06 10:00"),
    ]
    oxaliplatin = clock.lanes[1]
    assert oxaliplatin.planned == oxaliplatin.actual == Bar("2.78", "4.17")  # 2 and 3 of 72 hours
    assert clock.lanes[6].happened == "100.00"
    assert [(tick.left, str(tick.label)) for tick in clock.ticks] == [
        ("19.44", "09-04"),
        ("52.78", "09-05"),
        ("86.11", "09-06"),
    ]


def test_what_runs_is_drawn_up_to_now_and_says_so() -> None:
    running = Timeline(catheterised=at(0), infusions={"OXA": (at(2), None)})
    lane = clock_of(running, at(3)).lanes[1]
    assert lane.open
    assert lane.actual_words.en == "09-03 12:00, not ended yet"
    assert lane.actual_words.zh == "09-03 12:00起，尚未结束"
    assert lane.actual is not None
    assert lane.actual == Bar("3.01", "1.50")  # one hour of 66.5


def test_a_time_out_of_order_has_no_bar() -> None:
    lane = clock_of(Timeline(catheterised=at(0), infusions={"OXA": (at(5), at(2))}), at(9)).lanes[1]
    assert lane.actual is None
    assert not lane.open


moments = st.none() | st.integers(-200, 800).map(lambda hours: at(hours / 2))


@given(
    st.builds(
        Timeline,
        catheterised=moments,
        infusions=st.fixed_dictionaries({key: st.tuples(moments, moments) for key in KEYS}),
        catheter_out=moments,
        bandage_start=moments,
        bandage_end=moments,
        discharged=moments,
    ),
    st.integers(0, 400).map(at),
)
def test_every_bar_lies_inside_the_drawing(times: Timeline, now: dt.datetime) -> None:
    clock = clock_of(times, now)
    assert [lane.label.en for lane in clock.lanes][1:5] == [one.name.en for one in INFUSIONS]
    for lane in clock.lanes:
        for bar in (lane.planned, lane.actual):
            if bar is not None:
                left, width = Decimal(bar.left), Decimal(bar.width)
                assert 0 <= left <= 100
                assert width >= 0
                assert left + width <= Decimal("100.01")
        for point in (lane.due, lane.happened):
            assert not point or 0 <= Decimal(point) <= 100


def test_durations_in_words() -> None:
    spans = [dt.timedelta(minutes=minutes) for minutes in (0, 20, 60, 90, 46 * 60)]
    assert [lasting(one).en for one in spans] == ["0 min", "20 min", "1 h", "1 h 30 min", "46 h"]
    assert [lasting(one).zh for one in spans] == ["0分钟", "20分钟", "1小时", "1小时30分", "46小时"]
