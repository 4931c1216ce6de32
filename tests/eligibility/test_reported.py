"""Values and bounds held against limits: what a bound leaves open stays open."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.lab_grades import TESTS, ImpossibleLabGrade, grade_lab
from eligibility.reference_limits import limits_of
from eligibility.reported import Reported, certain, flag, grade_reported


def result(typed: str) -> Reported:
    sign = {"<": "LT", ">": "GT"}.get(typed[0])
    return Reported(Decimal(typed.lstrip("<>")), sign)


def limit(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@pytest.mark.parametrize(
    ("typed", "low", "high", "found"),
    [
        ("8.9", "9", "50", "LOW"),
        ("9", "9", "50", "NORMAL"),
        ("50", "9", "50", "NORMAL"),
        ("50.1", "9", "50", "HIGH"),
        ("5", "", "", None),
        ("5", "", "7", "NORMAL"),
        ("7.01", "", "7", "HIGH"),
        ("39.9", "40", "", "LOW"),
        ("40", "40", "", "NORMAL"),
        ("<9", "9", "50", "LOW"),
        ("<9.1", "9", "50", None),
        ("<0.9", "", "7", "NORMAL"),
        ("<7", "", "7", "NORMAL"),
        ("<7.1", "", "7", None),
        ("<0.9", "0", "7", "NORMAL"),
        ("<5", "40", "", "LOW"),
        (">50", "9", "50", "HIGH"),
        (">49.9", "9", "50", None),
        (">60500", "", "7", "HIGH"),
        (">40", "40", "", "NORMAL"),
        (">39", "40", "", None),
    ],
)
def test_low_normal_or_high(typed: str, low: str, high: str, found: str | None) -> None:
    assert flag(result(typed), limit(low), limit(high)) == found


@pytest.mark.parametrize(
    ("typed", "cuts", "found"),
    [
        ("30", ["30"], "30"),
        ("<3.4", ["34.2", "51.3"], "3.4"),
        ("<40", ["34.2", "51.3"], None),
        (">513", ["34.2", "51.3"], "513"),
        (">40", ["34.2", "51.3"], None),
        ("<3.4", [], None),
        ("3.4", [], "3.4"),
    ],
)
def test_a_bound_is_read_only_where_it_lies_beyond_every_cut_off(
    typed: str, cuts: list[str], found: str | None
) -> None:
    read = certain(result(typed), [Decimal(cut) for cut in cuts])
    assert read == (None if found is None else Decimal(found))


def test_a_bound_on_the_outermost_cut_off_lies_beyond_it() -> None:
    cuts = [Decimal("34.2"), Decimal("51.3")]
    below, above = certain(result("<34.2"), cuts), certain(result(">51.3"), cuts)
    assert below is not None
    assert above is not None
    assert below < cuts[0]
    assert above > cuts[1]
    assert certain(None, cuts) is None


values = st.decimals("0.01", 2000, places=2)


@given(values, values, values)
def test_a_bound_never_says_more_than_the_values_it_stands_for(
    bound: Decimal, low: Decimal, high: Decimal
) -> None:
    if low >= high:
        return
    inside = [bound * part / 100 for part in (1, 50, 99)]
    beyond = [bound * part / 100 for part in (101, 200, 100000)]
    for sign, possible in (("LT", inside), ("GT", beyond)):
        found = flag(Reported(bound, sign), low, high)
        if found is not None:
            assert {flag(Reported(value), low, high) for value in possible} == {found}


@pytest.mark.parametrize(
    ("test", "typed", "low", "high", "grade"),
    [
        ("ALT", "120", "", "40", 1),
        ("ALT", "<5", "", "40", 0),
        ("ALT", ">800", "", "40", 4),
        ("ALT", ">799", "", "40", None),
        ("BILI", "<3.4", "", "23", 0),
        ("PLT", "<25", "125", "350", 4),
        ("PLT", "<26", "125", "350", None),
        ("PLT", ">400", "125", "350", 0),
        ("INR", ">10", "", "1.2", 3),
        ("K", "<2.5", "3.5", "5.3", 4),
        ("K", "<4.0", "3.5", "5.3", None),
        ("K", ">7", "3.5", "5.3", 4),
        ("K", ">2", "3.5", "5.3", None),
        ("K", ">2", "", "", None),
        ("GLUC", "<33.3", "3.9", "6.1", None),
    ],
)
def test_a_bound_has_a_grade_where_all_its_values_have_it(
    test: str, typed: str, low: str, high: str, grade: int | None
) -> None:
    assert grade_reported(test, result(typed), lower=limit(low), upper=limit(high)).grade == grade


@given(st.sampled_from(TESTS), values, st.sampled_from(["LT", "GT"]), st.decimals("0.001", "0.999", places=3))
def test_the_grade_of_a_bound_is_the_grade_of_every_value_it_stands_for(
    test: str, bound: Decimal, sign: str, part: Decimal
) -> None:
    limits = limits_of(test, "M")
    given_ = {"lower": limits.lower, "upper": limits.upper}
    found = grade_reported(test, Reported(bound, sign), **given_)
    value = bound * part if sign == "LT" else bound / part
    if found.grade is not None:
        assert grade_lab(test, value, **given_).grade == found.grade
    assert ("<" if sign == "LT" else ">") + f"{bound:f}" in found.reason.en


def test_a_number_is_graded_as_ever_and_the_impossible_is_refused() -> None:
    assert grade_reported("ALT", result("120"), upper=Decimal(40)) == grade_lab(
        "ALT", Decimal(120), upper=Decimal(40)
    )
    with pytest.raises(ImpossibleLabGrade):
        grade_reported("UREA", result("5"))
    with pytest.raises(ImpossibleLabGrade):
        grade_reported("ALT", result(">5"), upper=Decimal(0))
