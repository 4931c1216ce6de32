"""CTCAE v4.03 laboratory grades: worked cases, every boundary from both sides, and missing limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.lab_grades import (
    SCREENING_TESTS,
    TEST_OF_ITEM,
    TESTS,
    ImpossibleLabGrade,
    grade_lab,
)


def graded(test: str, value: str, **limits: str) -> int | None:
    return grade_lab(test, Decimal(value), **{name: Decimal(limit) for name, limit in limits.items()}).grade


@pytest.mark.parametrize(
    ("test", "upper", "ends"),
    [
        ("BILI", "20", [("20", 0), ("20.1", 1), ("30", 1), ("30.1", 2), ("60", 2), ("60.1", 3), ("200", 3), ("200.1", 4)]),
        ("ALT", "40", [("40", 0), ("41", 1), ("120", 1), ("121", 2), ("200", 2), ("201", 3), ("800", 3), ("801", 4)]),
        ("AST", "40", [("40", 0), ("41", 1), ("120", 1), ("121", 2), ("200", 2), ("201", 3), ("800", 3), ("801", 4)]),
        ("ALP", "100", [("100", 0), ("250", 1), ("251", 2), ("500", 2), ("501", 3), ("2000", 3), ("2001", 4)]),
        ("GGT", "60", [("60", 0), ("150", 1), ("151", 2), ("300", 2), ("301", 3), ("1200", 3), ("1201", 4)]),
        ("INR", "1.2", [("1.2", 0), ("1.21", 1), ("1.8", 1), ("1.81", 2), ("3.0", 2), ("3.01", 3), ("15", 3)]),
        ("CREAT", "100", [("100", 0), ("101", 1), ("150", 1), ("151", 2), ("300", 2), ("301", 3), ("600", 3), ("601", 4)]),
        ("LIPASE", "60", [("60", 0), ("90", 1), ("91", 2), ("120", 2), ("121", 3), ("300", 3), ("301", 4)]),
        ("AMYLASE", "60", [("60", 0), ("90", 1), ("91", 2), ("120", 2), ("121", 3), ("300", 3), ("301", 4)]),
    ],
)  # fmt: skip
def test_multiples_of_the_upper_limit(test: str, upper: str, ends: list[tuple[str, int]]) -> None:
    assert [(value, graded(test, value, upper=upper)) for value, _ in ends] == ends


@pytest.mark.parametrize(
    ("test", "lower", "ends"),
    [
        ("PLT", "125", [("125", 0), ("124", 1), ("75", 1), ("74.9", 2), ("50", 2), ("49.9", 3), ("25", 3), ("24.9", 4)]),
        ("NEUT", "1.8", [("1.8", 0), ("1.79", 1), ("1.5", 1), ("1.49", 2), ("1", 2), ("0.99", 3), ("0.5", 3), ("0.49", 4)]),
        ("WBC", "3.5", [("3.5", 0), ("3.4", 1), ("3", 1), ("2.9", 2), ("2", 2), ("1.9", 3), ("1", 3), ("0.9", 4)]),
        ("LYM", "1.1", [("1.1", 0), ("1", 1), ("0.8", 1), ("0.7", 2), ("0.5", 2), ("0.4", 3), ("0.2", 3), ("0.1", 4)]),
        ("ALB", "40", [("40", 0), ("39.9", 1), ("30", 1), ("29.9", 2), ("20", 2), ("19.9", 3), ("10", 3)]),
        ("HGB", "130", [("130", 0), ("129", 1), ("100", 1), ("99", 2), ("80", 2), ("79", 3), ("20", 3)]),
    ],
)  # fmt: skip
def test_low_values(test: str, lower: str, ends: list[tuple[str, int]]) -> None:
    assert [(value, graded(test, value, lower=lower)) for value, _ in ends] == ends


@pytest.mark.parametrize(
    ("test", "lower", "upper", "ends"),
    [
        ("K", "3.5", "5.3", [("2.4", 4), ("2.5", 3), ("2.9", 3), ("3.0", 1), ("3.4", 1), ("3.5", 0), ("5.3", 0),
                             ("5.4", 1), ("5.5", 1), ("5.6", 2), ("6.0", 2), ("6.1", 3), ("7.0", 3), ("7.1", 4)]),
        ("SODIUM", "137", "147", [("119", 4), ("120", 3), ("129", 3), ("130", 1), ("136", 1), ("137", 0), ("147", 0),
                                  ("148", 1), ("150", 1), ("151", 2), ("155", 2), ("156", 3), ("160", 3), ("161", 4)]),
        ("GLUC", "3.9", "6.1", [("1.6", 4), ("1.7", 3), ("2.1", 3), ("2.2", 2), ("2.9", 2), ("3.0", 1), ("3.8", 1),
                                ("3.9", 0), ("6.1", 0), ("6.2", 1), ("8.9", 1), ("9.0", 2), ("13.9", 2), ("14", 3),
                                ("27.8", 3), ("27.9", 4)]),
    ],
)  # fmt: skip
def test_values_too_low_or_too_high(test: str, lower: str, upper: str, ends: list[tuple[str, int]]) -> None:
    assert [(value, graded(test, value, lower=lower, upper=upper)) for value, _ in ends] == ends


@pytest.mark.parametrize(
    ("value", "baseline", "grade"),
    [
        ("119", "80", 0),  # less than 1.5 times the baseline, and normal
        ("120", "80", 1),
        ("121", "80", 2),
        ("150", "50", 2),
        ("151", "50", 3),
        ("601", "300", 4),
        ("301", "300", 3),
    ],
)
def test_creatinine_also_counts_the_baseline(value: str, baseline: str, grade: int) -> None:
    upper = "133" if Decimal(value) < 133 else "100"
    assert graded("CREAT", value, upper=upper, baseline=baseline) == grade


@pytest.mark.parametrize(
    ("test", "value", "limits", "grade"),
    [
        ("BILI", "500", {}, None),
        ("INR", "9", {}, None),
        ("CREAT", "150", {"baseline": "80"}, None),
        ("CREAT", "400", {"baseline": "190"}, None),
        ("CREAT", "90", {"baseline": "80"}, None),
        ("PLT", "45", {}, 3),
        ("PLT", "90", {}, None),
        ("K", "6.5", {}, 3),
        ("K", "4.0", {}, None),
        ("K", "4.0", {"upper": "5.3"}, None),
        ("K", "5.4", {"upper": "5.3"}, 1),
        ("K", "3.2", {"lower": "3.5"}, 1),
    ],
)
def test_missing_limit(test: str, value: str, limits: dict[str, str], grade: int | None) -> None:
    assert graded(test, value, **limits) == grade


@pytest.mark.parametrize(
    ("test", "value", "limits"),
    [
        ("CRP", "3", {}),
        ("ALT", "-1", {"upper": "40"}),
        ("ALT", "NaN", {"upper": "40"}),
        ("ALT", "40", {"upper": "0"}),
        ("CREAT", "40", {"upper": "100", "baseline": "-1"}),
    ],
)
def test_impossible_input_is_refused(test: str, value: str, limits: dict[str, str]) -> None:
    with pytest.raises(ImpossibleLabGrade):
        graded(test, value, **limits)


def test_items_of_the_forms_have_a_test() -> None:
    assert {TEST_OF_ITEM[item] for item in ("tbil", "crea", "na", "plt", "alb")} == {
        "BILI",
        "CREAT",
        "SODIUM",
        "PLT",
        "ALB",
    }
    assert set(SCREENING_TESTS) < set(TESTS)


values = st.decimals("0", "900", places=2)
limits = st.fixed_dictionaries({"lower": st.just(Decimal("3.5")), "upper": st.just(Decimal("40"))})


@given(st.sampled_from(TESTS), values, limits)
def test_both_limits_always_give_a_grade_up_to_4(test: str, value: Decimal, limits: dict[str, Any]) -> None:
    assert grade_lab(test, value, **limits).grade in range(5)


@given(st.sampled_from(("BILI", "ALT", "INR", "CREAT")), values, values)
def test_grades_rise_with_the_value(test: str, one: Decimal, other: Decimal) -> None:
    low, high = (grade_lab(test, value, upper=Decimal(10)).grade for value in sorted([one, other]))
    assert low is not None and high is not None
    assert low <= high


@given(st.sampled_from(("PLT", "NEUT", "ALB", "HGB")), values, values)
def test_grades_fall_with_the_value(test: str, one: Decimal, other: Decimal) -> None:
    low, high = (grade_lab(test, value, lower=Decimal(200)).grade for value in sorted([one, other]))
    assert low is not None and high is not None
    assert low >= high


@given(st.sampled_from(TESTS), values, limits, st.sampled_from(["lower", "upper"]))
def test_a_missing_limit_never_gives_another_grade_below_2(
    test: str, value: Decimal, limits: dict[str, Any], hidden: str
) -> None:
    full, part = (
        grade_lab(test, value, **limits).grade,
        grade_lab(test, value, **{**limits, hidden: None}).grade,
    )
    assert part in (full, None)
