"""Items: the typed fields a case report form is made of, each with everything anybody needs to know of it.

An item is a Django model field that carries its label, unit, code list, ranges, when it applies and
when it is required. Entry page, edit checks, database constraints, history, codebook and exports
read these facts; nothing is written twice. Hard ranges and code lists become CHECK constraints of
the column, so the database refuses what the page would refuse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from records.codelists import MISSING, CodeList
from records.conditions import ALWAYS, NEVER, When
from records.files import KEY
from records.terms import TermList
from records.text import Text
from records.zone import TRIAL_ZONE

Number = int | Decimal
Range = tuple[Number | str | None, Number | str | None]
ANY_MISSING = MISSING.values

PARTIAL_DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"


def _bounds(given: Range | None) -> tuple[Decimal | None, Decimal | None]:
    low, high = given or (None, None)
    return (None if low is None else Decimal(str(low)), None if high is None else Decimal(str(high)))


def _array(codes: CodeList) -> str:
    """The codes of a list as PostgreSQL reads an array."""
    listed = ",".join(f'"{code}"' for code in codes.values)
    return f"'{{{listed}}}'"


class Item(models.Field):
    """What every item knows. Mixed in before a Django field; never used alone.

    label       words in both languages
    name_cdash  where the item goes in CDISC terms, e.g. "VS.VSORRES WEIGHT"
    section     a Text that opens a new section of the page at this item
    required    the condition under which an answer, or a missing-value code, must be there on submission
    shown_when  the condition under which the question applies at all; otherwise it is cleared
    missing     the missing-value codes that may stand in for an answer
    hard, soft  lowest and highest value, inclusive: outside hard is refused, outside soft is asked about
    derived     computed by a rule, never typed
    companion_of  the item this one belongs to (the unit of a measurement)
    """

    kind = "text"
    codes: CodeList | None = None
    typed_along: tuple[str, ...] = ()  # what is entered with it, by what is put behind its name

    def __init__(
        self,
        label: Text | None = None,
        *,
        name_cdash: str = "",
        section: Text | None = None,
        help: Text | None = None,  # noqa: A002 – Django's word for it
        unit: str = "",
        required: When = ALWAYS,
        shown_when: When = ALWAYS,
        missing: tuple[str, ...] = ANY_MISSING,
        hard: Range | None = None,
        soft: Range | None = None,
        derived: bool = False,
        companion_of: str = "",
        width: str = "m",
        **options: Any,
    ) -> None:
        self.label = label or Text("", "")
        self.name_cdash = name_cdash
        self.section = section
        self.help = help
        self.unit = unit
        self.required = required
        self.shown_when = shown_when
        self.missing = () if derived else missing
        self.hard = _bounds(hard)
        self.soft = _bounds(soft)
        self.derived = derived
        self.companion_of = companion_of
        self.width = width
        options.setdefault("null", True)
        options.setdefault("blank", True)
        options.setdefault("editable", not derived)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        # Only what the database knows goes into a migration: words can change without one.
        name, path, args, kwargs = super().deconstruct()
        for option in ("null", "blank", "editable", "choices"):
            kwargs.pop(option, None)
        if not self.null:
            kwargs["null"] = False
        if self.hard != (None, None):
            kwargs["hard"] = self.hard
        if not self.missing:
            kwargs["missing"] = ()
        return name, path, args, kwargs

    # -- the database refuses what the page refuses ---------------------------------------------

    def conditions(self, column: str) -> list[str]:
        """SQL conditions an answer must meet; the column is quoted already."""
        ends = zip((">=", "<="), self.hard, strict=True)
        return [f"{column} {sign} {self.literal(end)}" for sign, end in ends if end is not None]

    def literal(self, number: Decimal) -> str:
        """A number of a check, of the column's type; every write reads every check, so none says more than it must."""
        return str(number)

    def db_check(self, connection: Any) -> str | None:
        if not self.column:
            return None
        column = connection.ops.quote_name(self.column)
        conditions = self.conditions(column)
        if self.missing:
            # An answer and the reason for its absence exclude each other.
            conditions.append(f"""({column} IS NULL OR NOT ("missing" ? '{self.column}'))""")
        return " AND ".join(conditions) or None

    # -- what pages, exports and checks ask ----------------------------------------------------

    @property
    def ranged(self) -> bool:
        """Whether a value can lie outside a range."""
        return self.hard != (None, None) or self.soft != (None, None)

    def applies(self, values: Mapping[str, Any]) -> bool:
        return self.shown_when.holds(values)

    def display(self, value: Any) -> str:
        """Show a stored value in words of the active language."""
        return "" if value is None else str(value)

    def exported(self, value: Any) -> str:
        """Give a stored value as it stands in a CSV file."""
        return "" if value is None else str(value)


def items_of(model: type[models.Model]) -> tuple[Item, ...]:
    """The items of a form in the order of their definition."""
    return _items_of(model)


@cache
def _items_of(model: type[models.Model]) -> tuple[Item, ...]:
    return tuple(field for field in model._meta.fields if isinstance(field, Item))


class IntegerItem(Item, models.IntegerField):
    kind = "integer"


class DecimalItem(Item, models.DecimalField):
    """A decimal number with a fixed count of decimal places; stored exactly.

    `below` names another column of the form that has to hold more, where both hold something.
    """

    kind = "decimal"

    def __init__(
        self, label: Text | None = None, *, places: int = 1, digits: int = 12, below: str = "", **options: Any
    ) -> None:
        self.below = below
        options.pop("max_digits", None)
        options["decimal_places"] = options.pop("decimal_places", places)
        super().__init__(label, max_digits=digits, **options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["places"] = kwargs.pop("decimal_places")
        kwargs["digits"] = kwargs.pop("max_digits")
        if self.below:
            kwargs["below"] = self.below
        return name, path, args, kwargs

    def literal(self, number: Decimal) -> str:
        return f"'{number}'::numeric"

    def conditions(self, column: str) -> list[str]:
        return super().conditions(column) + [f'{column} < "{self.below}"'] * bool(self.below)


class AccompaniedItem(DecimalItem):
    """A number that brings columns of its own along, named after it: `<name>_u`, `<name>_si`.

    They stand right behind it in the order of the form. In a migration each is a column by itself.
    """

    _PLACES_KEPT = 12

    def __init__(self, label: Text | None = None, **options: Any) -> None:
        super().__init__(label, **options)
        models.Field.creation_counter += self._PLACES_KEPT

    def companions(self, name: str) -> dict[str, Item]:
        """The columns it brings, by what is put behind its name."""
        return {}

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "records.items.DecimalItem", args, kwargs

    def clone(self) -> Any:
        # What migrations compare is the plain column, too.
        _name, _path, args, kwargs = self.deconstruct()
        return DecimalItem(*args, **kwargs)

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if cls._meta.abstract:
            return
        for place, (behind, item) in enumerate(self.companions(name).items(), start=1):
            item.creation_counter = self.creation_counter + place
            cls.add_to_class(f"{name}{behind}", item)


class MeasuredItem(AccompaniedItem):
    """A measurement that laboratories report in different units.

    Brings two columns of its own: `<name>_u`, the unit it was reported in, and `<name>_si`, the exact
    value in the first unit of `units`, which rules and ranges read. `units` maps each unit to the
    factor into the first one: `{"µmol/L": 1, "mg/dL": "17.1"}`; None where a unit cannot be converted. Then no
    unit is taken for granted, the hard range holds in every unit, and the value in the first is empty.
    """

    kind = "measured"
    typed_along: tuple[str, ...] = ("_u",)

    def __init__(
        self, label: Text | None = None, *, units: Mapping[str, int | str | None], **options: Any
    ) -> None:
        self.units = {
            unit: None if factor is None else Decimal(str(factor)) for unit, factor in units.items()
        }
        self.asks_unit = None in self.units.values()
        hard = options.pop("hard", None)
        self.si_options = {"hard": hard, "soft": options.pop("soft", None)}
        super().__init__(label, unit=next(iter(units)), hard=hard if self.asks_unit else None, **options)

    def companions(self, name: str) -> dict[str, Item]:
        unit = CodeItem(
            self.label + Text(", unit", "，单位"),
            codes=tuple(self.units),
            required=NEVER,
            missing=(),
            companion_of=name,
            name_cdash=self.name_cdash.replace("LBORRES", "LBORRESU"),
        )
        si = DecimalItem(
            self.label + Text(f", {self.unit}", f"，{self.unit}"),
            unit=self.unit,
            places=6,
            digits=18,
            derived=True,
            companion_of=name,
            name_cdash=self.name_cdash.replace("LBORRES", "LBSTRESN"),
            **self.si_options,
        )
        return {**super().companions(name), "_u": unit, "_si": si}

    def in_si(self, value: Decimal, unit: str) -> Decimal | None:
        """Convert a reported value exactly; None where it cannot be, KeyError for a unit the item does not know."""
        factor = self.units[unit]
        return None if factor is None else value * factor

    def settled(self, value: Decimal | None, unit: str | None) -> tuple[str | None, Decimal | None]:
        """Give unit and converted value of what was answered; the first unit where none was named."""
        named = unit or (None if self.asks_unit else self.unit)
        return (None, None) if value is None or named is None else (named, self.in_si(value, named))


class TextItem(Item, models.CharField):
    kind = "text"

    def __init__(self, label: Text | None = None, *, max_length: int = 200, **options: Any) -> None:
        super().__init__(label, max_length=max_length, **options)

    @property
    def long(self) -> bool:
        return (self.max_length or 0) > 200


class ListedItem(TextItem):
    """One entry of a list that is kept elsewhere and grows: a site's laboratories.

    What may be chosen stands in the form's context as `<name>_choices`, pairs of code and words.
    """

    kind = "listed"


class TermItem(TextItem):
    """A term out of a long list (records/terms.py), found by typing; stored as the standard spells it."""

    def __init__(self, label: Text | None = None, *, terms: TermList, **options: Any) -> None:
        self.terms = terms
        super().__init__(label, **options)

    def deconstruct(self) -> Any:
        # A migration names the plain column: terms can be added to a list without one.
        name, _path, args, kwargs = super().deconstruct()
        return name, "records.items.TextItem", args, kwargs

    def clone(self) -> Any:
        _name, _path, args, kwargs = self.deconstruct()
        return TextItem(*args, **kwargs)

    def display(self, value: Any) -> str:
        term = self.terms.get(value)
        return str(term.words) if term else super().display(value)


class LinkItem(IntegerItem):
    """The number of another record or row of the participant, chosen from those there are.

    They stand in the form's context as `<name>_choices`, pairs of the number (as text) and words.
    """

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "records.items.IntegerItem", args, kwargs

    def clone(self) -> Any:
        _name, _path, args, kwargs = self.deconstruct()
        return IntegerItem(*args, **kwargs)


class GradeItem(IntegerItem):
    """The grade of what a TermItem of the same form or row names, with the list's own wording beside each grade."""

    def __init__(self, label: Text | None = None, *, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(label, **options)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "records.items.IntegerItem", args, kwargs

    def clone(self) -> Any:
        _name, _path, args, kwargs = self.deconstruct()
        return IntegerItem(*args, **kwargs)

    @property
    def terms(self) -> TermList:
        """The list whose wording stands beside the grades."""
        named = self.model._meta.get_field(self.of)
        assert isinstance(named, TermItem)
        return named.terms


class CodeItem(Item, models.CharField):
    """One code out of a code list."""

    kind = "code"

    def __init__(
        self, label: Text | None = None, *, codes: CodeList | tuple[str, ...], **options: Any
    ) -> None:
        self.codes = (
            codes if isinstance(codes, CodeList) else CodeList("", *[(code, code, code) for code in codes])
        )
        options.pop("max_length", None)
        super().__init__(label, max_length=16, **options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length")
        assert self.codes is not None
        kwargs["codes"] = self.codes.values
        return name, path, args, kwargs

    def conditions(self, column: str) -> list[str]:
        assert self.codes is not None
        return [f"{column} = ANY ({_array(self.codes)}::text[])"]

    def display(self, value: Any) -> str:
        assert self.codes is not None
        return "" if value is None else str(self.codes.label(value))


class MultiCodeItem(Item, ArrayField):
    """Any number of codes out of a code list."""

    kind = "multicode"

    def __init__(
        self, label: Text | None = None, *, codes: CodeList | tuple[str, ...], **options: Any
    ) -> None:
        self.codes = (
            codes if isinstance(codes, CodeList) else CodeList("", *[(code, code, code) for code in codes])
        )
        options.pop("base_field", None)
        super().__init__(label, base_field=models.CharField(max_length=16), **options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("base_field")
        assert self.codes is not None
        kwargs["codes"] = self.codes.values
        return name, path, args, kwargs

    def conditions(self, column: str) -> list[str]:
        assert self.codes is not None
        return [f"{column} <@ {_array(self.codes)}::varchar[]", f"cardinality({column}) > 0"]

    def display(self, value: Any) -> str:
        assert self.codes is not None
        return ", ".join(str(self.codes.label(code)) for code in value or [])

    def exported(self, value: Any) -> str:
        return " ".join(value or [])


class DateItem(Item, models.DateField):
    kind = "date"

    def exported(self, value: Any) -> str:
        return "" if value is None else value.isoformat()


class DateTimeItem(Item, models.DateTimeField):
    kind = "datetime"

    def display(self, value: Any) -> str:
        return "" if value is None else f"{value.astimezone(TRIAL_ZONE):%Y-%m-%d %H:%M}"


class PartialDateItem(Item, models.CharField):
    """A date known to the day, the month or the year; ISO 8601 text, so that it sorts and exports as it is."""

    kind = "partialdate"

    def __init__(self, label: Text | None = None, **options: Any) -> None:
        options.pop("max_length", None)
        super().__init__(label, max_length=10, **options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length")
        return name, path, args, kwargs

    def conditions(self, column: str) -> list[str]:
        return [f"{column} ~ '{PARTIAL_DATE}'"]


class FileItem(Item, models.CharField):
    """A file somebody added, an image or a PDF; the form keeps its key (records/files.py)."""

    kind = "file"

    def __init__(self, label: Text | None = None, **options: Any) -> None:
        options.pop("max_length", None)
        super().__init__(label, max_length=40, **options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length")
        return name, path, args, kwargs

    def conditions(self, column: str) -> list[str]:
        return [f"{column} ~ '{KEY}'"]

    def display(self, value: Any) -> str:
        """Show the kind, and of the key enough to tell two files apart."""
        if value is None:
            return ""
        key, _dot, kind = value.partition(".")
        return f"{kind.upper()} {key[:6]}"


def is_partial_date(text: str) -> bool:
    return re.match(PARTIAL_DATE, text) is not None
