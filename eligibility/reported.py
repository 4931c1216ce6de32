"""Values as laboratories report them: a number, or a bound such as "<0.9" or ">60500", held against limits.

A bound says less than a number. Whatever is asked of one is answered only where every value it stands for gives
the same answer; otherwise the answer is open (None), never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from eligibility.lab_grades import LOWER_ENDS, LabGrade, grade_lab
from records.text import Text

BELOW, ABOVE = "LT", "GT"
LOW, NORMAL, HIGH = "LOW", "NORMAL", "HIGH"

# Beyond every limit of the rules, and closer to a value than any rule looks.
FAR: Final = Decimal(10) ** 12
CLOSE: Final = Decimal("1E-9")

GRADED: Final = Text("{test} {value}: grade {grade}.", "{test} {value}：{grade}级。")
OPEN: Final = Text("{test} {value} leaves the grade open.", "{test} {value}无法确定分级。")


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported result; `sign` is None for the value itself, LT for one below it, GT for one above it."""

    value: Decimal
    sign: str | None = None


def certain(result: Reported | None, cuts: Iterable[Decimal]) -> Decimal | None:
    """Give a value on the same side of every cut-off as the reported result, or None where that is open.

    A number is given as it is. A bound is given as its number where that lies beyond all `cuts` on the bound's
    own side: "<0.5" below each of them, ">800" above each. A bound that is itself the outermost cut-off is moved
    by the least bit, so that it lies truly beyond. With no cuts nothing may be read from a bound, so it is open.
    """
    if result is None or result.sign is None:
        return None if result is None else result.value
    limits = list(cuts)
    if not limits:
        return None
    value, outermost = result.value, min(limits) if result.sign == BELOW else max(limits)
    if value == outermost:
        return value - CLOSE if result.sign == BELOW else value + CLOSE
    return value if (value < outermost) == (result.sign == BELOW) else None


def flag(result: Reported, lower: Decimal | None, upper: Decimal | None) -> str | None:
    """Say whether a result is LOW, NORMAL or HIGH; None without any limit, or where a bound leaves it open.

    The limits themselves are normal; with one limit only, everything on its inner side is. "<0.9" is low where
    0.9 is the lower limit or less, and normal where there is no lower limit and 0.9 is not above the upper one.
    """
    if lower is None and upper is None:
        return None
    value = result.value
    if result.sign == BELOW:
        if lower is not None and lower > 0:
            return LOW if value <= lower else None
        return NORMAL if upper is None or value <= upper else None
    if result.sign == ABOVE:
        if upper is not None:
            return HIGH if value >= upper else None
        return NORMAL if lower is None or value >= lower else None
    if lower is not None and value < lower:
        return LOW
    return HIGH if upper is not None and value > upper else NORMAL


def grade_reported(
    test: str,
    result: Reported,
    *,
    lower: Decimal | None = None,
    upper: Decimal | None = None,
    baseline: Decimal | None = None,
) -> LabGrade:
    """Grade a reported result by CTCAE v4.03, as `grade_lab` grades a number, in the same units.

    A bound has a grade where every value it stands for has the same one: ">800" of ALT is grade 4 at a limit of
    40, "<25" of platelets grade 4; "<4.0" of potassium is open. Raises ImpossibleLabGrade as `grade_lab` does.
    Source: CTCAE v4.03 (NCI, 2010); protocol specification sections 2.5 and 6.6.
    """

    def graded(value: Decimal) -> LabGrade:
        return grade_lab(test, value, lower=lower, upper=upper, baseline=baseline)

    if result.sign is None:
        return graded(result.value)
    below = result.sign == BELOW
    near = max(result.value - CLOSE, Decimal(0)) if below else result.value + CLOSE
    grades = {graded(near).grade, graded(Decimal(0) if below else FAR).grade}
    # A test with rules on both sides is normal in between.
    between = [lower, upper, *(end for end, _grade in LOWER_ENDS.get(test, ())[:1])]
    grades |= {graded(one).grade for one in between if one is not None and (one < near) == below}
    grade = grades.pop() if len(grades) == 1 else None
    words = OPEN if grade is None else GRADED
    shown = f"{'<' if below else '>'}{result.value:f}"
    return LabGrade(test, grade, words.format(test=test, value=shown, grade=grade))
