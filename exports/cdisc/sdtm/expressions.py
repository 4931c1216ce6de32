"""Expressions: the SQL text of one value of SDTM and the most bytes it can take, both from definitions alone.

In the SQL `r` is the form or the row, `f` the form of a row, `p` the participant, `v` the visit, `u` what is known of the
participant as a subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from records.items import DecimalItem, Item, MeasuredItem, MultiCodeItem, TermItem, items_of
from records.models import Record, Row
from records.results import ReportedItem
from records.zone import TRIAL_ZONE

MOST = 200  # bytes of a character variable in version 5 of the transport format
# Units as CDISC's controlled terminology (package of 2025-03-28) spells them.
UNITS = {
    "×10⁹/L": "10^9/L",
    "µmol/L": "umol/L",
    "mL/min/1.73 m²": "mL/min/1.73 m2",
    "m²": "m2",
    "°C": "C",
    "/min": "beats/min",
    "U": "U",
    "µSv/h": "uSv/h",
    "ng/mL": "ug/L",  # the same quantity, as the terminology names it
    "years": "YEARS",
}


def quoted(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(alias: str, name: str) -> str:
    return f'{alias}."{name}"'


def ct_unit(unit: str) -> str:
    return UNITS.get(unit, unit)


@dataclass(frozen=True)
class Source:
    """Where an observation is read: a form, or a table of rows inside one."""

    form: type[Record]
    rows: type[Row] | None = None

    def find(self, name: str) -> tuple[str, Item]:
        """Give the SQL of an item's column and the item; a row's own items come first, then its form's."""
        for alias, model in (("r", self.rows or self.form), ("f", self.form)):
            for item in items_of(model):
                if item.name == name:
                    return identifier(alias, str(item.column)), item
        raise KeyError(f"{self.form.form.code} has no item {name}.")

    def alias_of(self, name: str) -> str:
        return self.find(name)[0].partition(".")[0]


class Expression:
    """A value of a variable; `items` are the items it stands for, by name."""

    @property
    def items(self) -> tuple[str, ...]:
        return ()

    def sql(self, source: Source) -> str:
        raise NotImplementedError

    def most(self, source: Source) -> int:
        raise NotImplementedError

    def values(self, source: Source) -> Mapping[str, str] | None:
        """The values it can take with their words, where they are few."""
        return None


@dataclass(frozen=True)
class Fixed(Expression):
    """Always the same text."""

    text: str

    def sql(self, source: Source) -> str:
        return quoted(self.text)

    def most(self, source: Source) -> int:
        return len(self.text.encode())

    def values(self, source: Source) -> Mapping[str, str] | None:
        return {self.text: self.text}


@dataclass(frozen=True)
class Of(Expression):
    """An item's value as it is stored; several codes with a semicolon between them."""

    item: str

    @property
    def items(self) -> tuple[str, ...]:
        return (self.item,)

    def sql(self, source: Source) -> str:
        return as_text(*source.find(self.item))

    def most(self, source: Source) -> int:
        return bytes_of(source.find(self.item)[1])

    def values(self, source: Source) -> Mapping[str, str] | None:
        item = source.find(self.item)[1]
        if item.codes is None or isinstance(item, MultiCodeItem):
            return None
        return {code: label.en for code, label in item.codes}


@dataclass(frozen=True)
class Decoded(Expression):
    """A code as the standard names it; every code of the item has to be named, "" leaves the variable empty."""

    item: str
    names: Mapping[str, str]

    @property
    def items(self) -> tuple[str, ...]:
        return (self.item,)

    def sql(self, source: Source) -> str:
        column, item = source.find(self.item)
        if item.codes is not None and set(item.codes.values) != set(self.names):
            raise ValueError(f"{self.item} has the codes {item.codes.values}.")
        cases = " ".join(
            f"WHEN {quoted(code)} THEN {quoted(name)}" for code, name in self.names.items() if name
        )
        return f"CASE {column} {cases} END"

    def most(self, source: Source) -> int:
        return max(len(name.encode()) for name in self.names.values())

    def values(self, source: Source) -> Mapping[str, str] | None:
        return {name: name for name in self.names.values() if name}


def words_of(source: Source, item: str, *, upper: bool = True) -> Decoded:
    """A code in English words."""
    codes = source.find(item)[1].codes
    assert codes is not None
    return Decoded(item, {code: label.en.upper() if upper else label.en for code, label in codes})


@dataclass(frozen=True)
class Words(Expression):
    """A code in the English words of its list, in capitals."""

    item: str

    @property
    def items(self) -> tuple[str, ...]:
        return (self.item,)

    def sql(self, source: Source) -> str:
        return words_of(source, self.item).sql(source)

    def most(self, source: Source) -> int:
        return words_of(source, self.item).most(source)

    def values(self, source: Source) -> Mapping[str, str] | None:
        return words_of(source, self.item).values(source)


@dataclass(frozen=True)
class First(Expression):
    """The first of several that has a value."""

    of: tuple[Expression, ...]

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(name for one in self.of for name in one.items)

    def sql(self, source: Source) -> str:
        return f"coalesce({', '.join(one.sql(source) for one in self.of)})"

    def most(self, source: Source) -> int:
        return max(one.most(source) for one in self.of)


@dataclass(frozen=True)
class Sql(Expression):
    """A text of SQL for what no item holds: of the visit, of the row, of the participant."""

    text: str
    bytes: int
    items: tuple[str, ...] = ()

    def sql(self, source: Source) -> str:
        return self.text

    def most(self, source: Source) -> int:
        return self.bytes


@dataclass(frozen=True)
class Reported(Expression):
    """A result as reported, with the sign of a value beyond the measuring range."""

    item: str

    @property
    def items(self) -> tuple[str, ...]:
        return (self.item, f"{self.item}_c")

    def sql(self, source: Source) -> str:
        column, item = source.find(self.item)
        return f"{_sign(column, item)}{as_text(column, item)}"

    def most(self, source: Source) -> int:
        return bytes_of(source.find(self.item)[1]) + 1

    def values(self, source: Source) -> Mapping[str, str] | None:
        return Of(self.item).values(source)


@dataclass(frozen=True)
class Standard(Expression):
    """A result in the standard unit, with the sign of a value beyond the measuring range."""

    item: str

    @property
    def items(self) -> tuple[str, ...]:
        return (f"{self.item}_si",)

    def sql(self, source: Source) -> str:
        column, item = source.find(self.item)
        value = f"trim_scale({column})" if isinstance(item, DecimalItem) else column
        if isinstance(item, MeasuredItem):
            value = f"trim_scale({_beside(column, '_si')})"
        return f"{_sign(column, item)}{value}::text"

    def most(self, source: Source) -> int:
        return 24


@dataclass(frozen=True)
class Limit(Expression):
    """A limit of the reference range: in the unit reported, or, `standard`, in the standard unit."""

    item: str
    behind: str
    standard: bool = False

    @property
    def items(self) -> tuple[str, ...]:
        return (f"{self.item}{self.behind}",)

    def sql(self, source: Source) -> str:
        column, item = source.find(self.item)
        limit = _beside(column, self.behind)
        if self.standard and isinstance(item, MeasuredItem):
            factors = " ".join(
                f"WHEN {quoted(unit)} THEN {factor}"
                for unit, factor in item.units.items()
                if factor is not None
            )
            if not factors:
                return "NULL"
            limit = f"{limit} * CASE {_beside(column, '_u')} {factors} END"
        return f"trim_scale({limit})::text"

    def most(self, source: Source) -> int:
        return 24


@dataclass(frozen=True)
class UnitOf(Expression):
    """The unit of a result: as reported, or, `standard`, the standard one; only beside a value."""

    item: str
    standard: bool = False

    @property
    def items(self) -> tuple[str, ...]:
        return (f"{self.item}_u",)

    def sql(self, source: Source) -> str:
        column, item = source.find(self.item)
        if isinstance(item, MeasuredItem):
            if self.standard:
                return f"CASE WHEN {_beside(column, '_si')} IS NOT NULL THEN {quoted(ct_unit(item.unit))} END"
            cases = " ".join(f"WHEN {quoted(unit)} THEN {quoted(ct_unit(unit))}" for unit in item.units)
            return f"CASE {_beside(column, '_u')} {cases} END"
        return (
            f"CASE WHEN {column} IS NOT NULL THEN {quoted(ct_unit(item.unit))} END" if item.unit else "NULL"
        )

    def most(self, source: Source) -> int:
        item = source.find(self.item)[1]
        units = tuple(item.units) if isinstance(item, MeasuredItem) else (item.unit,)
        return max(len(ct_unit(unit).encode()) for unit in units)


def _beside(column: str, behind: str) -> str:
    return f'{column[:-1]}{behind}"'


def _sign(column: str, item: Item) -> str:
    if not isinstance(item, ReportedItem):
        return ""
    return f"CASE {_beside(column, '_c')} WHEN 'LT' THEN '<' WHEN 'GT' THEN '>' ELSE '' END || "


def as_text(column: str, item: Item) -> str:
    """Give the SQL of an item's value as text: ISO 8601, times of the trial's zone, numbers as entered."""
    match item.kind:
        case "date":
            return f"to_char({column}, 'YYYY-MM-DD')"
        case "datetime":
            return moment(column)
        case "multicode":
            return f"array_to_string({column}, ';')"
        case "decimal" if item.companion_of:
            return f"trim_scale({column})::text"
        case _:
            return f"{column}::text"


def moment(column: str) -> str:
    """Give the SQL of a moment as SDTM has it: the trial's local time, to the second, without an offset."""
    return f"to_char({column} AT TIME ZONE '{TRIAL_ZONE.key}', 'YYYY-MM-DD\"T\"HH24:MI:SS')"


def bytes_of(item: Item) -> int:
    """The most bytes an item's value takes as text, never more than a variable holds."""
    if isinstance(item, MultiCodeItem):
        assert item.codes is not None
        return min(MOST, sum(len(code) + 1 for code in item.codes.values))
    if item.codes is not None:
        return max(len(code.encode()) for code in item.codes.values)
    if isinstance(item, DecimalItem):
        return int(item.max_digits) + 2
    fixed = {"integer": 11, "date": 10, "partialdate": 10, "datetime": 19, "file": 40}
    if item.kind in fixed:
        return fixed[item.kind]
    length = int(getattr(item, "max_length", None) or MOST)
    # A term stands as the standard's list spells it, in ASCII.
    return min(MOST, length if isinstance(item, TermItem) else 4 * length)
