"""Which range of a laboratory holds: the newest whose day has come, for the sex and the age."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.reference_ranges import (
    NO_RANGE,
    NOT_CERTAIN,
    ImpossibleRange,
    RangeVersion,
    choose,
    in_force,
    limits_for,
)

DAY = date(2026, 9, 1)
LATER = DAY + timedelta(days=30)


def version(**changed: Any) -> RangeVersion:
    given_: dict[str, Any] = {
        "test": "alt",
        "sex": "B",
        "age_from": 18,
        "age_to": 120,
        "effective_from": DAY,
        "lower": Decimal(9),
        "upper": Decimal(50),
        "unit": "U/L",
        "version": 1,
        **changed,
    }
    return RangeVersion(**given_)


def chosen(*ranges: RangeVersion, **asked: Any) -> RangeVersion | None:
    return choose(ranges, **{"test": "alt", "sex": "M", "age": 50, "day": DAY, **asked})


@pytest.mark.parametrize(
    ("changed", "asked", "holds"),
    [
        ({}, {}, True),
        ({}, {"day": DAY - timedelta(days=1)}, False),
        ({"age_from": 50}, {}, True),
        ({"age_from": 51}, {}, False),
        ({"age_to": 50}, {}, True),
        ({"age_to": 49}, {}, False),
        ({"sex": "M"}, {}, True),
        ({"sex": "F"}, {}, False),
        ({"test": "ast"}, {}, False),
        ({}, {"units": ["U/L"]}, True),
        ({}, {"units": ["nkat/L"]}, False),
    ],
)
def test_a_range_holds_for_its_test_sex_ages_and_from_its_day(
    changed: dict[str, Any], asked: dict[str, Any], holds: bool
) -> None:
    one = version(**changed)
    assert chosen(one, **asked) == (one if holds else None)


def test_the_newest_whose_day_has_come_replaces_the_older() -> None:
    old, new = version(), version(effective_from=LATER, upper=Decimal(40), version=2)
    assert chosen(old, new, day=LATER - timedelta(days=1)) == old
    assert chosen(old, new, day=LATER) == new
    corrected = version(effective_from=LATER, upper=Decimal(45), version=3)
    assert chosen(corrected, old, new, day=LATER) == corrected


def test_a_newer_range_for_part_of_the_people_leaves_the_others_theirs() -> None:
    everybody = version()
    women = version(sex="F", effective_from=LATER, upper=Decimal(40), version=2)
    old_men = version(sex="M", age_from=60, effective_from=LATER, upper=Decimal(60), version=3)
    known = (everybody, women, old_men)
    assert chosen(*known, day=LATER, sex="F") == women
    assert chosen(*known, day=LATER, sex="M", age=59) == everybody
    assert chosen(*known, day=LATER, sex="M", age=60) == old_men


def test_what_is_not_known_is_not_guessed() -> None:
    men, women = version(sex="M"), version(sex="F", upper=Decimal(40), version=2)
    assert chosen(men, women, sex=None) is None
    assert chosen(version(), sex=None) == version()
    young, old = version(age_to=59), version(age_from=60, upper=Decimal(60), version=2)
    assert chosen(young, old, age=None) is None
    assert chosen(version(age_to=120), age=None) == version()
    children = version(age_from=0, age_to=17, upper=Decimal(30), version=2)
    assert chosen(version(), children, age=None) == version()


ranges = st.builds(
    version,
    sex=st.sampled_from("MFB"),
    age_from=st.integers(0, 60),
    age_to=st.integers(60, 120),
    effective_from=st.dates(DAY - timedelta(days=20), DAY + timedelta(days=20)),
    upper=st.integers(10, 99).map(Decimal),
)
known_ranges = st.lists(ranges, max_size=8).map(
    lambda found: [
        version(**{name: getattr(one, name) for name in one.__slots__} | {"version": number})
        for number, one in enumerate(found)
    ]
)


@given(known_ranges, st.sampled_from("MF"), st.integers(18, 110))
def test_what_is_chosen_fits_and_nothing_that_fits_is_newer(
    known: list[RangeVersion], sex: str, age: int
) -> None:
    fitting = [
        one
        for one in known
        if one.sex in (sex, "B") and one.age_from <= age <= one.age_to and one.effective_from <= DAY
    ]
    found = choose(known, test="alt", sex=sex, age=age, day=DAY)
    if found is None:
        assert fitting == []
    else:
        assert found in fitting
        assert all(
            (one.effective_from, one.version) <= (found.effective_from, found.version) for one in fitting
        )
        assert found in in_force(known, DAY)


@given(known_ranges, st.randoms(use_true_random=False))
def test_the_order_in_which_ranges_are_given_does_not_matter(known: list[RangeVersion], draw: Any) -> None:
    mixed = list(known)
    draw.shuffle(mixed)
    for sex in ("M", "F", None):
        for age in (18, 60, None):
            asked: dict[str, Any] = {"test": "alt", "sex": sex, "age": age, "day": DAY}
            assert choose(mixed, **asked) == choose(known, **asked)


@given(known_ranges, st.sampled_from(["M", "F"]), st.integers(18, 120))
def test_with_less_known_nothing_else_is_chosen(known: list[RangeVersion], sex: str, age: int) -> None:
    asked: dict[str, Any] = {"test": "alt", "day": DAY}
    for less in ({"sex": None, "age": age}, {"sex": sex, "age": None}, {"sex": None, "age": None}):
        found = choose(known, **asked, **less)
        if found is not None:
            assert found == choose(known, **asked, sex=sex, age=age)


def limits(*known: RangeVersion, **asked: Any) -> Any:
    given_: dict[str, Any] = {
        "test": "alt",
        "usual": "ALT",
        "usual_unit": "U/L",
        "sex": "M",
        "age": 50,
        "day": DAY,
        "units": ["U/L"],
    }
    return limits_for(known, **{**given_, **asked})


def test_the_usual_limits_stand_in_where_the_laboratory_has_none() -> None:
    own = limits(version(upper=Decimal(45)))
    assert (own.lower, own.upper, own.source) == (Decimal(9), Decimal(45), "SITE")
    assert own.reason.en.endswith("for both sexes of 18 to 120 years, from 2026-09-01.")
    usual = limits()
    assert (usual.lower, usual.upper, usual.source) == (Decimal(9), Decimal(50), "USUAL")
    assert limits(version(effective_from=LATER)).source == "USUAL"
    assert limits(version(age_from=60)).source == "USUAL"


def test_the_usual_limits_do_not_stand_in_for_a_range_that_depends_on_what_is_not_known() -> None:
    by_sex = (version(sex="M"), version(sex="F", upper=Decimal(40), version=2))
    assert limits(*by_sex, sex=None).reason == NOT_CERTAIN
    assert limits(*by_sex, sex=None).source is None
    assert limits(version(test="ca"), test="ca", usual=None, units=["mmol/L"]).reason == NO_RANGE
    assert limits(sex=None).reason == NO_RANGE


@pytest.mark.parametrize(
    "changed",
    [
        {"lower": Decimal(50)},
        {"lower": Decimal(51)},
        {"lower": None, "upper": None},
        {"age_from": 60, "age_to": 59},
        {"age_from": -1},
        {"sex": "X"},
    ],
)
def test_a_range_that_cannot_be_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleRange):
        version(**changed)


def test_one_side_and_a_single_year_are_enough() -> None:
    assert version(lower=None).lower is None
    assert version(upper=None).upper is None
    assert version(age_from=60, age_to=60).age_from == 60


def test_what_is_in_force_is_what_holds_for_somebody() -> None:
    old, women = version(), version(sex="F", effective_from=LATER, version=2)
    men = version(sex="M", effective_from=LATER, version=3)
    ahead = version(effective_from=LATER + timedelta(days=1), version=4)
    assert in_force([old, women, ahead], LATER) == {old, women}
    assert in_force([old, women, men, ahead], LATER) == {women, men}
    assert in_force([old, women, men, ahead], LATER + timedelta(days=1)) == {ahead}
