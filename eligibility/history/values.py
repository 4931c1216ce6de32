"""Read the cells of one patient into values, with the codes, units and ranges of the forms.

What is outside the hard range of the form's item, or no code of its column, is refused and taken as not known;
what is outside the soft range is used and named. A number that fits only in another unit than its heading says
is refused all the same, with a word on the unit it may have been in: one factor of 1000 guessed wrongly would
turn a grade 4 into a normal result, so nothing is converted on a guess. Where two values contradict each other,
neither is used. One refused value changes nothing for the other values of the patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Final

from eligibility.history.columns import BY_HEADING, BY_ITEM, COLUMNS, NOT_GIVEN, Column
from eligibility.history.reading import Row
from eligibility.models.laboratory import Laboratory
from eligibility.models.staging import Staging
from eligibility.models.vital_signs import VitalSigns
from participants.models import Demographics
from records.findings import Finding, Level
from records.items import DecimalItem, IntegerItem, Item, MeasuredItem
from records.models import Record
from records.text import Text

FORMS: Final[Mapping[str, type[Record]]] = {
    "DM": Demographics,
    "VS": VitalSigns,
    "LB": Laboratory,
    "STG": Staging,
}
CHECKED_ACROSS: Final = ("LB", "STG")

Limit = tuple[Decimal | None, Decimal | None]

NUMBER: Final = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)

NO_NUMBER = Text("{given} is not a number. Taken as not known.", "“{given}”不是数字，按未知处理。")
NOT_WHOLE = Text("{given} is not a whole number. Taken as not known.", "“{given}”不是整数，按未知处理。")
NO_CODE = Text(
    "{given} is not a code of this column ({codes}). Taken as not known.",
    "“{given}”不是该列的代码（{codes}），按未知处理。",
)
OUTSIDE_HARD = Text(
    "{label} {value} is not possible: it must lie between {low} and {high}. Taken as not known.",
    "{label} {value}超出可能范围（{low}至{high}），按未知处理。",
)
OUTSIDE_SOFT = Text(
    "{label} {value} is unusual (expected {low} to {high}). Used as given.",
    "{label} {value}不常见（通常为{low}至{high}），按原值采用。",
)
MAYBE = Text(
    " Read in {unit} it would be {value}; it was not converted.", "若单位为{unit}，则为{value}；未作换算。"
)
MORE_PLACES = Text(
    "{label} {value} has more decimal places than the form keeps ({places}). Used as given, unrounded.",
    "{label} {value}的小数位数多于表单保留位数（{places}位），按原值采用，不作四舍五入。",
)
CONTRADICTS = Text(
    "{finding} Neither is used, as it cannot be told which one is wrong.",
    "{finding}无法判断何者有误，两者均不采用。",
)


class Doubt(StrEnum):
    """What was made of a value that is not as it should be."""

    REFUSED = "REFUSED"  # taken as not known
    IMPLAUSIBLE = "IMPLAUSIBLE"  # unusual, and used as given


@dataclass(frozen=True, slots=True)
class Likely:
    """What a refused number would be in another unit than its heading says; information only."""

    read_in: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class DoubtfulValue:
    """A value that was refused or is implausible."""

    heading: str
    item: str
    given: str
    doubt: Doubt
    sentence: Text
    likely: Likely | None = None


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A value as given and as read: a code of the form, or an exact number in the item's (SI) unit."""

    heading: str
    item: str
    given: str
    value: str | Decimal
    unit: str


@dataclass(slots=True)
class Values:
    """What one patient's cells say: values by heading, and the doubtful ones."""

    by_heading: dict[str, ReadValue] = field(default_factory=dict)
    doubtful: list[DoubtfulValue] = field(default_factory=list)

    def of(self, item: str) -> Any:
        """Give the value read for an item such as LB.tbil; None where it is not known."""
        found = self.by_heading.get(BY_ITEM[item].heading)
        return None if found is None else found.value

    def whole(self, item: str) -> int | None:
        """Give a whole number read for an item."""
        value = self.of(item)
        return None if value is None else int(value)


def read_values(row: Row) -> Values:
    """Read every cell of a patient that the columns name; `?` and an empty cell are not known.

    Numbers are converted exactly, in Decimal, and never rounded.
    Source: item definitions of the forms (hard and soft ranges, factors of units).
    """
    values = Values()
    for column in COLUMNS:
        given = row.cells[column.heading]
        if given not in NOT_GIVEN:
            read = _code if column.codes else _number
            for found in read(column, given):
                if isinstance(found, ReadValue):
                    values.by_heading[column.heading] = found
                else:
                    values.doubtful.append(found)
    _refuse_contradictions(values)
    return values


def _code(column: Column, given: str) -> Iterator[ReadValue | DoubtfulValue]:
    code = column.codes.get(given)
    if code is None:
        words = NO_CODE.format(given=given, codes=", ".join(column.codes))
        yield DoubtfulValue(column.heading, column.item, given, Doubt.REFUSED, words)
    else:
        yield ReadValue(column.heading, column.item, given, code, "")


def _number(column: Column, given: str) -> Iterator[ReadValue | DoubtfulValue]:
    def doubtful(doubt: Doubt, words: Text, likely: Likely | None = None) -> DoubtfulValue:
        return DoubtfulValue(column.heading, column.item, given, doubt, words, likely)

    about = _about(column.heading)
    if not NUMBER.fullmatch(given):
        yield doubtful(Doubt.REFUSED, NO_NUMBER.format(given=given))
        return
    number = Decimal(given)
    if about.whole and number != number.to_integral_value():
        yield doubtful(Doubt.REFUSED, NOT_WHOLE.format(given=given))
        return
    value = number * about.factor
    if _outside(value, about.hard):
        words = _range_words(OUTSIDE_HARD, about, value, about.hard)
        likely = _likely(column, about, number)
        if likely is not None:
            words += MAYBE.format(unit=likely.read_in, value=with_unit(likely.value, likely.unit))
        yield doubtful(Doubt.REFUSED, words, likely)
        return
    yield ReadValue(column.heading, column.item, given, value, about.unit)
    if _outside(value, about.soft):
        yield doubtful(Doubt.IMPLAUSIBLE, _range_words(OUTSIDE_SOFT, about, value, about.soft))
    if about.places is not None and number != round(number, about.places):
        words = MORE_PLACES.format(label=about.label, value=plain(number), places=about.places)
        yield doubtful(Doubt.IMPLAUSIBLE, words)


@dataclass(frozen=True, slots=True)
class _About:
    """What a number's item says of it; `places` are those of the number as the form would take it."""

    label: Text
    unit: str
    factor: Decimal
    hard: Limit
    soft: Limit
    whole: bool
    places: int | None


@cache
def _about(heading: str) -> _About:
    column = BY_HEADING[heading]
    if column.limits is not None:
        own = column.limits
        return _About(own.label, own.unit, column.factor, own.hard, own.soft, False, None)
    item = item_of(column.item)
    if isinstance(item, MeasuredItem):
        si, factor = item_of(f"{column.item}_si"), item.units[column.unit]
        assert factor is not None  # the log has no unit that cannot be converted
        return _About(item.label, item.unit, factor, si.hard, si.soft, False, item.decimal_places)
    places = item.decimal_places if isinstance(item, DecimalItem) and column.factor == 1 else None
    whole = isinstance(item, IntegerItem) or places == 0
    return _About(item.label, item.unit, column.factor, item.hard, item.soft, whole, places)


def item_of(name: str) -> Item:
    """Give the form's item for a name such as LB.tbil."""
    form, _, field_name = name.partition(".")
    item = FORMS[form]._meta.get_field(field_name)
    assert isinstance(item, Item)
    return item


def _likely(column: Column, about: _About, number: Decimal) -> Likely | None:
    units = list(column.also)
    item = item_of(column.item) if column.item else None
    if isinstance(item, MeasuredItem):
        units += [(unit, factor) for unit, factor in item.units.items() if factor and unit != column.unit]
    for unit, factor in units:
        if not _outside(number * factor, about.hard):
            return Likely(unit, number * factor, about.unit)
    return None


def _outside(value: Decimal, limit: Limit) -> bool:
    low, high = limit
    return (low is not None and value < low) or (high is not None and value > high)


def _range_words(words: Text, about: _About, value: Decimal, limit: Limit) -> Text:
    low, high = ("…" if bound is None else plain(bound) for bound in limit)
    return words.format(label=about.label, value=with_unit(value, about.unit), low=low, high=high)


def _refuse_contradictions(values: Values) -> None:
    """Refuse values that a check across items of the forms calls impossible, with those they contradict."""
    for form in CHECKED_ACROSS:
        answers = _answers(values, form)
        for finding in _impossible(form, answers):
            words = CONTRADICTS.format(finding=finding.message)
            for name in (finding.item, *_partners(form, answers, finding.item)):
                read = values.by_heading.pop(BY_ITEM[f"{form}.{name}"].heading, None)
                if read is not None:
                    values.doubtful.append(
                        DoubtfulValue(read.heading, read.item, read.given, Doubt.REFUSED, words)
                    )


def _partners(form: str, answers: Mapping[str, Any], name: str) -> list[str]:
    """The other answers without which the check would have nothing to say."""
    names = [one for one in answers if one != name and f"{form}.{one}" in BY_ITEM]
    return [
        other
        for other in names
        if name not in {finding.item for finding in _impossible(form, _without(answers, other))}
    ]


def _without(answers: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {one: value for one, value in answers.items() if one not in (name, f"{name}_u", f"{name}_si")}


def _impossible(form: str, answers: Mapping[str, Any]) -> list[Finding]:
    return [finding for finding in FORMS[form].findings(answers, {}) if finding.level is Level.HARD]


def _answers(values: Values, form: str) -> dict[str, Any]:
    """Lay a patient's values out as the answers of a form, as its checks read them."""
    answers: dict[str, Any] = {}
    for read in values.by_heading.values():
        owner, _, name = read.item.partition(".")
        if owner != form:
            continue
        item = item_of(read.item)
        if isinstance(item, MeasuredItem):
            answers |= {name: read.value, f"{name}_u": item.unit, f"{name}_si": read.value}
        else:
            answers[name] = int(read.value) if isinstance(item, IntegerItem) else read.value
    return answers


def laboratory_answers(values: Values) -> dict[str, Any]:
    """Give the laboratory values as the grading reads them: by item, measurements in SI."""
    return _answers(values, "LB")


def plain(number: Decimal) -> str:
    """Write a number without exponent and without trailing zeros."""
    return f"{number.normalize():f}"


def with_unit(number: Decimal, unit: str) -> str:
    return f"{plain(number)} {unit}".strip()
