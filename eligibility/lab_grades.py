"""Grades of laboratory values by CTCAE v4.03.

Version 4.03 grades against the reference range even where the participant's own baseline was abnormal;
only creatinine also knows a multiple of the baseline. Grade 5 is never given, and grades that depend on
treatment or symptoms (albumin and haemoglobin 4) are for the investigator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from records.text import Text


class ImpossibleLabGrade(ValueError):
    """A test that has no rule here, or a value or limit that cannot occur."""


@dataclass(frozen=True, slots=True)
class LabGrade:
    """A test with its grade 0 to 4; None where a reference limit that decides is missing."""

    test: str
    grade: int | None
    reason: Text


def _limits(*numbers: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(number) for number in numbers)


# Upper ends of grades 1, 2 and 3 as multiples of the upper limit of normal; grade 4 lies above the last.
MULTIPLES_OF_ULN: Final[Mapping[str, tuple[Decimal, ...]]] = {
    "BILI": _limits("1.5", "3", "10"),
    "ALT": _limits("3", "5", "20"),
    "AST": _limits("3", "5", "20"),
    "ALP": _limits("2.5", "5", "20"),
    "GGT": _limits("2.5", "5", "20"),
    "INR": _limits("1.5", "2.5"),  # grade 3 is the highest
    "CREAT": _limits("1.5", "3", "6"),
    "LIPASE": _limits("1.5", "2", "5"),
    "AMYLASE": _limits("1.5", "2", "5"),
}
# Upper ends of grades 1, 2 and 3 in the unit of the test; grade 1 begins above the upper limit of normal.
UPPER_ENDS: Final[Mapping[str, tuple[Decimal, ...]]] = {
    "K": _limits("5.5", "6.0", "7.0"),
    "SODIUM": _limits("150", "155", "160"),
    "GLUC": _limits("8.9", "13.9", "27.8"),
}
# Lower ends with the grade below each; grade 1 begins below the lower limit of normal.
LOWER_ENDS: Final[Mapping[str, tuple[tuple[Decimal, int], ...]]] = {
    "ALB": ((Decimal(30), 2), (Decimal(20), 3)),
    "PLT": ((Decimal(75), 2), (Decimal(50), 3), (Decimal(25), 4)),
    "NEUT": ((Decimal("1.5"), 2), (Decimal("1.0"), 3), (Decimal("0.5"), 4)),
    "WBC": ((Decimal("3.0"), 2), (Decimal("2.0"), 3), (Decimal("1.0"), 4)),
    "LYM": ((Decimal("0.8"), 2), (Decimal("0.5"), 3), (Decimal("0.2"), 4)),
    "HGB": ((Decimal(100), 2), (Decimal(80), 3)),
    "K": ((Decimal("3.0"), 3), (Decimal("2.5"), 4)),  # grade 2 is grade 1 with symptoms
    "SODIUM": ((Decimal(130), 3), (Decimal(120), 4)),  # there is no grade 2
    "GLUC": ((Decimal("3.0"), 2), (Decimal("2.2"), 3), (Decimal("1.7"), 4)),
}
CREATININE_BASELINE_ENDS: Final = _limits("1.5", "3")

TESTS: Final = tuple(sorted({*MULTIPLES_OF_ULN, *UPPER_ENDS, *LOWER_ENDS}))

# Laboratory items of the forms, where their name differs from the test's.
TEST_OF_ITEM: Final[Mapping[str, str]] = {
    **{test.lower(): test for test in TESTS},
    "tbil": "BILI",
    "crea": "CREAT",
    "na": "SODIUM",
}

# What the screening laboratory must give before exclusion criterion 1 can be judged.
SCREENING_TESTS: Final = ("BILI", "ALT", "AST", "INR", "CREAT", "ALB", "PLT", "NEUT", "WBC", "HGB")


def grade_lab(
    test: str,
    value: Decimal,
    *,
    lower: Decimal | None = None,
    upper: Decimal | None = None,
    baseline: Decimal | None = None,
) -> LabGrade:
    """Grade one laboratory value by CTCAE v4.03.

    `test` is one of TESTS. Units: bilirubin and creatinine µmol/L (any unit, as long as the limits have it too);
    albumin and haemoglobin g/L; cells ×10⁹/L; potassium, sodium and fasting glucose mmol/L; enzymes U/L; INR a
    ratio. `lower` and `upper` are the laboratory's limits of normal, `baseline` the participant's first value
    (creatinine only). Unrounded. A value on a boundary belongs to the milder grade: exactly 3.0 × ULN of ALT is
    grade 1, platelets of exactly 75 are grade 1. Creatinine's clause on the baseline counts from 1.5 times up.
    Where a missing limit leaves the grade open it is None; a value beyond an absolute limit is graded without it, but
    creatinine never without its upper limit, by which it could be worse than by the baseline.
    Raises ImpossibleLabGrade for an unknown test, a negative value, or a limit not above zero.
    Source: CTCAE v4.03 (NCI, 2010); protocol specification section 6.6.
    """
    if test not in TESTS:
        raise ImpossibleLabGrade(f"There is no rule for the test {test!r}.")
    if not value.is_finite() or value < 0:
        raise ImpossibleLabGrade(f"{test} cannot be {value}.")
    if any(limit is not None and not (limit.is_finite() and limit > 0) for limit in (lower, upper, baseline)):
        raise ImpossibleLabGrade(f"A limit of {test} is not above zero.")
    found: list[int | None] = []
    if test in MULTIPLES_OF_ULN:
        found.append(_by_multiple(value, upper, MULTIPLES_OF_ULN[test]))
    if test == "CREAT" and baseline is not None:
        found.append(_by_baseline(value, baseline))
    if test in UPPER_ENDS:
        high = _above(value, upper, UPPER_ENDS[test])
        # Beyond the other limit of normal, this side cannot be abnormal.
        found.append(0 if high is None and lower is not None and value <= lower else high)
    if test in LOWER_ENDS:
        low = _below(value, lower, LOWER_ENDS[test])
        found.append(0 if low is None and upper is not None and value >= upper else low)
    return _worst(test, value, found)


def _by_multiple(value: Decimal, upper: Decimal | None, ends: tuple[Decimal, ...]) -> int | None:
    if upper is None:
        return None
    if value <= upper:
        return 0
    return 1 + sum(value > end * upper for end in ends)


def _by_baseline(value: Decimal, baseline: Decimal) -> int:
    if value < CREATININE_BASELINE_ENDS[0] * baseline:
        return 0
    return 1 + sum(value > end * baseline for end in CREATININE_BASELINE_ENDS)


def _above(value: Decimal, upper: Decimal | None, ends: tuple[Decimal, ...]) -> int | None:
    beyond = sum(value > end for end in ends)
    if beyond:
        return beyond + 1
    return None if upper is None else int(value > upper)


def _below(value: Decimal, lower: Decimal | None, ends: tuple[tuple[Decimal, int], ...]) -> int | None:
    beyond = [grade for end, grade in ends if value < end]
    if beyond:
        return max(beyond)
    return None if lower is None else int(value < lower)


def _worst(test: str, value: Decimal, found: list[int | None]) -> LabGrade:
    graded = [grade for grade in found if grade is not None]
    if len(graded) < len(found) and (test == "CREAT" or max(graded, default=0) < 2):
        # A side that cannot be judged could still be grade 1 or more; both sides of creatinine lie above.
        reason = Text("{test} {value}: the reference limit is missing.", "{test} {value}：缺少参考值限。")
        return LabGrade(test, None, reason.format(test=test, value=f"{value:f}"))
    worst = max(graded)
    reason = Text("{test} {value}: grade {grade}.", "{test} {value}：{grade}级。")
    return LabGrade(test, worst, reason.format(test=test, value=f"{value:f}", grade=worst))
