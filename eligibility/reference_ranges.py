"""Which reference limits a result is held against: those of its laboratory for the test, sex, age and day.

A laboratory's ranges are versions: a newer one replaces an older one from its day on, for the sex and the ages
it names, and nothing is ever overwritten. Where the laboratory has given none, the usual limits for adults stand
in (eligibility/reference_limits.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from eligibility.reference_limits import limits_of
from records.text import Text

MEN, WOMEN, BOTH = "M", "F", "B"
SITE, USUAL = "SITE", "USUAL"
YOUNGEST, OLDEST = 18, 120  # the trial enrols adults

SEXES: Final = {
    MEN: Text("men", "男性"),
    WOMEN: Text("women", "女性"),
    BOTH: Text("both sexes", "男女"),
}


class ImpossibleRange(ValueError):
    """A range that cannot be: no limit, limits or ages out of order, or a sex that is none."""


@dataclass(frozen=True, slots=True)
class RangeVersion:
    """One version of a range: from `effective_from` on, for people of `sex` and `age_from` to `age_to` completed
    years, both included. `lower` and `upper` in `unit`; None where only one side is read. Versions of the same
    day count in the order of `version`. Raises ImpossibleRange.
    """

    test: str
    sex: str
    age_from: int
    age_to: int
    effective_from: date
    lower: Decimal | None
    upper: Decimal | None
    unit: str
    version: int = 0

    def __post_init__(self) -> None:
        if self.sex not in SEXES:
            raise ImpossibleRange(f"A range is for M, F or B, not {self.sex!r}.")
        if not 0 <= self.age_from <= self.age_to:
            raise ImpossibleRange(f"Ages {self.age_from} to {self.age_to} are out of order.")
        if self.lower is None and self.upper is None:
            raise ImpossibleRange("A range has a lower limit, an upper limit, or both.")
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ImpossibleRange(f"The lower limit {self.lower} is not below the upper limit {self.upper}.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The limits to use, with their unit and where they are from (SITE, USUAL); all None where there are none."""

    lower: Decimal | None
    upper: Decimal | None
    unit: str | None
    source: str | None
    reason: Text


def choose(
    ranges: Iterable[RangeVersion],
    *,
    test: str,
    sex: str | None,
    age: int | None,
    day: date,
    units: Collection[str] | None = None,
) -> RangeVersion | None:
    """Pick the laboratory's range for a test, a person and the day of the sample; None where none can be said.

    `sex` M or F, `age` in completed years on the day of the sample; None for what is not known. `units`: those
    the limits can be converted into the unit of the result from; None for any. Of the ranges whose day has come
    and that name this sex and age, the newest holds; of several of one day, the one recorded last. Where sex or
    age is not known, a range is picked only if it would be the same for every sex and every adult age.
    Source: protocol specification section 8.6 (LBLAB, LBORNRLO, LBORNRHI).
    """
    known = [
        one
        for one in ranges
        if one.test == test and one.effective_from <= day and (units is None or one.unit in units)
    ]
    if sex in (MEN, WOMEN) and age is not None:
        return _newest(known, sex, age)
    sexes = [sex] if sex in (MEN, WOMEN) else [MEN, WOMEN]
    ages = [age] if age is not None else _ages_that_matter(known)
    picked = {_newest(known, one_sex, years) for one_sex in sexes for years in ages}
    return picked.pop() if len(picked) == 1 else None


def _ages_that_matter(known: list[RangeVersion]) -> list[int]:
    """The adult ages at which another range may begin to hold."""
    steps = {YOUNGEST, *(one.age_from for one in known), *(one.age_to + 1 for one in known)}
    return sorted(years for years in steps if YOUNGEST <= years <= OLDEST)


def _newest(known: list[RangeVersion], sex: str, age: int) -> RangeVersion | None:
    fitting = [one for one in known if one.sex in (sex, BOTH) and one.age_from <= age <= one.age_to]
    return max(fitting, key=lambda one: (one.effective_from, one.version), default=None)


def limits_for(
    ranges: Iterable[RangeVersion],
    *,
    test: str,
    usual: str | None,
    usual_unit: str,
    sex: str | None,
    age: int | None,
    day: date,
    units: Collection[str],
) -> Chosen:
    """Give the limits a result is held against: the laboratory's, or the usual ones for adults, with the reason.

    `usual` is the name by which reference_limits.limits_of knows the test, None where it does not, and
    `usual_unit` their unit; otherwise as `choose`. A range that depends on a sex or an age that is not known
    leaves the limits open: the usual ones do not stand in for a range the laboratory has.
    """
    known = [one for one in ranges if one.test == test and one.effective_from <= day]
    found = choose(known, test=test, sex=sex, age=age, day=day, units=units)
    if found is not None:
        return Chosen(found.lower, found.upper, found.unit, SITE, _words(found))
    may_fit = [
        one
        for one in known
        if one.unit in units
        and (sex not in (MEN, WOMEN) or one.sex in (sex, BOTH))
        and (age is None or one.age_from <= age <= one.age_to)
    ]
    if may_fit:
        return Chosen(None, None, None, None, NOT_CERTAIN)
    limits = limits_of(usual, sex) if usual and usual_unit in units else None
    if limits is None or (limits.lower is None and limits.upper is None):
        return Chosen(None, None, None, None, NO_RANGE)
    return Chosen(limits.lower, limits.upper, usual_unit, USUAL, USUAL_LIMITS)


NOT_CERTAIN = Text(
    "The laboratory's range depends on sex or age, which are not known.",
    "实验室参考范围取决于性别或年龄，尚不详。",
)
NO_RANGE = Text("No reference range is recorded.", "尚未录入参考范围。")
USUAL_LIMITS = Text(
    "Usual limits for adults: the laboratory's own range is not recorded.",
    "成人常用参考范围（尚未录入本实验室参考范围）。",
)


def _words(found: RangeVersion) -> Text:
    return Text(
        "Range of the laboratory for {sex} of {low} to {high} years, from {day}.",
        "本实验室参考范围：{sex}{low}～{high}岁，自{day}起。",
    ).format(
        sex=SEXES[found.sex], low=found.age_from, high=found.age_to, day=found.effective_from.isoformat()
    )


def in_force(ranges: Collection[RangeVersion], day: date) -> set[RangeVersion]:
    """Give the versions that hold for somebody on a day: for some sex and some age from 0 up to the oldest."""
    found: set[RangeVersion] = set()
    for test in {one.test for one in ranges}:
        known = [one for one in ranges if one.test == test and one.effective_from <= day]
        ages = {0, *(one.age_from for one in known), *(one.age_to + 1 for one in known)}
        found |= {one for sex in (MEN, WOMEN) for age in ages if (one := _newest(known, sex, age))}
    return found
