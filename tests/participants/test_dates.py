"""Partial dates and completed years of age."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from participants.dates import (
    BornAfterwards,
    PartialDate,
    UnreadableDate,
    age_at,
    age_if_certain,
    completed_years,
    trial_day,
)

days = st.dates(date(1930, 1, 1), date(2040, 12, 31))
partials = st.one_of(
    days.map(PartialDate.of),
    days.map(lambda day: PartialDate(day.year, day.month)),
    days.map(lambda day: PartialDate(day.year)),
)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-08", "2026-08-01", "2026-08-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-08-10", "2026-08-10", "2026-08-10"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
    ],
)
def test_partial_date_spans_the_days_it_can_be(text: str, earliest: str, latest: str) -> None:
    found = PartialDate.parse(text)
    assert (str(found.earliest), str(found.latest), str(found)) == (earliest, latest, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "2026-8",
        "2026-13",
        "2026-00",
        "2026-02-29",
        "2026-08-32",
        "0000",
        "2026-08-10 ",
        "2026/08/10",
        "NONE",
    ],
)
def test_unreadable_date_is_refused(text: str) -> None:
    with pytest.raises(UnreadableDate):
        PartialDate.parse(text)


def test_a_day_needs_its_month() -> None:
    with pytest.raises(UnreadableDate):
        PartialDate(2026, None, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-08-09", True), ("2026-08-10", False), ("2026-07", True), ("2026-08", None), ("2026-09", False)],
)
def test_before_a_day_is_unknown_where_a_part_lies_on_each_side(text: str, expected: bool | None) -> None:
    assert PartialDate.parse(text).is_before(date(2026, 8, 10)) is expected


def test_days_until() -> None:
    assert PartialDate.parse("2026-08").days_until(date(2026, 9, 30)) == (30, 60)
    assert PartialDate.parse("2026-10-01").days_until(date(2026, 9, 30)) == (-1, -1)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2008-08-10", "2026-08-09", 17),
        ("2008-08-10", "2026-08-10", 18),
        ("1950-08-11", "2026-08-10", 75),
        ("1950-08-10", "2026-08-10", 76),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-28", 19),
        ("2008-02-29", "2028-02-29", 20),
        ("2026-08-10", "2026-08-10", 0),
    ],
)
def test_completed_years(born: str, on: str, years: int) -> None:
    assert completed_years(date.fromisoformat(born), date.fromisoformat(on)) == years


@pytest.mark.parametrize(
    ("born", "on", "ages", "certain"),
    [
        ("2008-08", "2026-08-15", (17, 18), None),
        ("2008-08", "2026-09-01", (18, 18), 18),
        ("2008-08", "2026-08-31", (18, 18), 18),
        ("1970", "2026-06-01", (55, 56), None),
        ("1970", "2026-12-31", (56, 56), 56),
        ("2026", "2026-06-01", (0, 0), 0),
    ],
)
def test_age_of_a_partial_birth_date(born: str, on: str, ages: tuple[int, int], certain: int | None) -> None:
    partial, day = PartialDate.parse(born), date.fromisoformat(on)
    assert (age_at(partial, day), age_if_certain(partial, day)) == (ages, certain)


@pytest.mark.parametrize("born", ["2026-08-11", "2026-09", "2027"])
def test_nobody_has_an_age_before_birth(born: str) -> None:
    with pytest.raises(BornAfterwards):
        age_at(PartialDate.parse(born), date(2026, 8, 10))


def test_trial_day_is_counted_in_the_zone_of_the_trial() -> None:
    assert trial_day(datetime(2026, 8, 9, 16, 0, tzinfo=UTC)) == date(2026, 8, 10)
    assert trial_day(datetime(2026, 8, 9, 15, 59, tzinfo=UTC)) == date(2026, 8, 9)
    assert trial_day(datetime.fromisoformat("2026-08-09T23:59")) == date(2026, 8, 9)
    assert trial_day(date(2026, 8, 9)) == date(2026, 8, 9)


@given(partials)
def test_written_and_read_again_it_is_the_same(partial: PartialDate) -> None:
    assert PartialDate.parse(str(partial)) == partial
    assert partial.earliest <= partial.latest
    assert partial.is_complete == (partial.earliest == partial.latest)


@given(days, days)
def test_age_grows_by_one_at_the_birthday_only(born: date, on: date) -> None:
    assume(born < on)
    step = completed_years(born, on) - completed_years(born, on - timedelta(days=1))
    leap_child = (born.month, born.day) == (2, 29)
    birthday = (on.month, on.day) == (born.month, born.day)
    stand_in = leap_child and (on.month, on.day) == (3, 1) and (on - timedelta(days=1)).day == 28
    assert step == int(birthday or stand_in)


@given(partials, days, st.data())
def test_the_true_age_lies_between_youngest_and_oldest(
    partial: PartialDate, on: date, data: st.DataObject
) -> None:
    assume(partial.earliest <= on)
    true = data.draw(st.dates(partial.earliest, min(partial.latest, on)))
    youngest, oldest = age_at(partial, on)
    assert youngest <= completed_years(true, on) <= oldest
