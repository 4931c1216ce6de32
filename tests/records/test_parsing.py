"""Reading what people type: nothing is rounded, nothing is guessed, and what is shown can be typed again."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.codelists import NY, CodeList
from records.definition import forms
from records.files import KEY
from records.items import (
    CodeItem,
    DateItem,
    DateTimeItem,
    DecimalItem,
    IntegerItem,
    Item,
    MeasuredItem,
    MultiCodeItem,
    PartialDateItem,
    TextItem,
    items_of,
)
from records.parsing import NotReadable, as_typed, parse
from records.zone import TRIAL_ZONE

NUMBER = DecimalItem(places=2, digits=6)
COLOURS = CodeList("COLOUR", ("R", "Red", "红"), ("G", "Green", "绿"), ("B", "Blue", "蓝"))


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TRIAL_ZONE)


READ: list[tuple[Item, Any, Any]] = [
    (IntegerItem(), "12", 12),
    (IntegerItem(), " +12 ", 12),
    (IntegerItem(), "-3", -3),
    (IntegerItem(), "007", 7),
    (IntegerItem(), "0", 0),
    (IntegerItem(), "１２０", 120),
    (NUMBER, "34.2", Decimal("34.2")),
    (NUMBER, "34.", Decimal(34)),
    (NUMBER, ".5", Decimal("0.5")),
    (NUMBER, "-0.05", Decimal("-0.05")),
    (NUMBER, "３４．２", Decimal("34.2")),
    (NUMBER, "－３．５", Decimal("-3.5")),
    (NUMBER, "1.2500", Decimal("1.25")),
    (NUMBER, "0009999.99", Decimal("9999.99")),
    (MeasuredItem(units={"g/L": 1, "g/dL": 10}, places=1), "41.3", Decimal("41.3")),
    (DateItem(), "2026-8-3", date(2026, 8, 3)),
    (DateItem(), "2026-08-03", date(2026, 8, 3)),
    (DateItem(), "2026/8/3", date(2026, 8, 3)),
    (DateItem(), "2026.8.3", date(2026, 8, 3)),
    (DateItem(), "2026年8月3日", date(2026, 8, 3)),
    (DateItem(), "2026年08月03", date(2026, 8, 3)),
    (DateItem(), "20260803", date(2026, 8, 3)),
    (DateItem(), "２０２６－８－３", date(2026, 8, 3)),
    (DateItem(), "２０２６年８月３日", date(2026, 8, 3)),
    (DateItem(), "2024-2-29", date(2024, 2, 29)),
    (DateTimeItem(), "2026-8-3 14:05", at(2026, 8, 3, 14, 5)),
    (DateTimeItem(), "2026-08-03T14:05", at(2026, 8, 3, 14, 5)),
    (DateTimeItem(), "20260803 1405", at(2026, 8, 3, 14, 5)),
    (DateTimeItem(), "2026-8-3 9:05", at(2026, 8, 3, 9, 5)),
    (DateTimeItem(), "2026-8-3　14：05", at(2026, 8, 3, 14, 5)),
    (DateTimeItem(), "2026年8月3日 14:05", at(2026, 8, 3, 14, 5)),
    (DateTimeItem(), "2026年8月3日14时05分", at(2026, 8, 3, 14, 5)),
    (DateTimeItem(), "2026-8-3 0:00", at(2026, 8, 3)),
    (PartialDateItem(), "2026", "2026"),
    (PartialDateItem(), "2026年", "2026"),
    (PartialDateItem(), "2026-8", "2026-08"),
    (PartialDateItem(), "2026年8月", "2026-08"),
    (PartialDateItem(), "2026年8月3日", "2026-08-03"),
    (PartialDateItem(), "20260803", "2026-08-03"),
    (PartialDateItem(), "２０２６／８", "2026-08"),
    (TextItem(), "  liver ＭＲＩ  ", "liver ＭＲＩ"),
    (TextItem(max_length=3), "abc", "abc"),
    (CodeItem(codes=NY), "Y", "Y"),
    (CodeItem(codes=NY), "Ｙ", "Y"),
    (CodeItem(codes=("µmol/L", "mg/dL")), "µmol/L", "µmol/L"),
    (MultiCodeItem(codes=COLOURS), ["B", "R", "B"], ["B", "R"]),
    (MultiCodeItem(codes=COLOURS), [], None),
]


@pytest.mark.parametrize(("item", "typed", "value"), READ, ids=[f"{i.kind} {t}" for i, t, _v in READ])
def test_what_is_typed_is_read(item: Item, typed: Any, value: Any) -> None:
    assert parse(item, typed) == value


@pytest.mark.parametrize("empty", ["", "   ", "　", None])
@pytest.mark.parametrize(
    "item",
    [IntegerItem(), NUMBER, DateItem(), DateTimeItem(), PartialDateItem(), TextItem(), CodeItem(codes=NY)],
    ids=lambda item: item.kind,
)
def test_nothing_typed_is_no_answer(item: Item, empty: str | None) -> None:
    assert parse(item, empty) is None


REFUSED: list[tuple[Item, Any, str]] = [
    (IntegerItem(), "12.0", "Write a whole number, for example 12."),
    (IntegerItem(), "twelve", "Write a whole number, for example 12."),
    (IntegerItem(), "1234567890", "Write a whole number, for example 12."),
    (NUMBER, "34,2", "Write a number with a point, for example 34.2."),
    (NUMBER, "1e3", "Write a number with a point, for example 34.2."),
    (NUMBER, "NaN", "Write a number with a point, for example 34.2."),
    (NUMBER, ".", "Write a number with a point, for example 34.2."),
    (NUMBER, "1_000", "Write a number with a point, for example 34.2."),
    (NUMBER, "34.205", "Write at most 2 decimal places; the value is not rounded for you."),
    (NUMBER, "0.001", "Write at most 2 decimal places; the value is not rounded for you."),
    (DecimalItem(places=0), "1.5", "Write at most 0 decimal places; the value is not rounded for you."),
    (NUMBER, "10000", "The number has too many digits. Check it."),
    (DateItem(), "2026-2-30", "Write a date as 2026-8-3."),
    (DateItem(), "2025-2-29", "Write a date as 2026-8-3."),
    (DateItem(), "2026-13-1", "Write a date as 2026-8-3."),
    (DateItem(), "2026-8", "Write a date as 2026-8-3."),
    (DateItem(), "8-3-2026", "Write a date as 2026-8-3."),
    (DateItem(), "26-8-3", "Write a date as 2026-8-3."),
    (DateItem(), "0000-1-1", "Write a date as 2026-8-3."),
    (DateItem(), "0206-8-3", "Write a date as 2026-8-3."),
    (DateItem(), "20260230", "Write a date as 2026-8-3."),
    (DateTimeItem(), "2026-8-3", "Write date and time as 2026-8-3 14:05."),
    (DateTimeItem(), "2026-8-3 24:00", "Write date and time as 2026-8-3 14:05."),
    (DateTimeItem(), "2026-8-3 14:60", "Write date and time as 2026-8-3 14:05."),
    (DateTimeItem(), "2026-2-30 14:05", "Write date and time as 2026-8-3 14:05."),
    (PartialDateItem(), "2026-13", "Write 2026-8-3, or 2026-8 or 2026 where no more is known."),
    (PartialDateItem(), "2026月", "Write 2026-8-3, or 2026-8 or 2026 where no more is known."),
    (PartialDateItem(), "0000", "Write 2026-8-3, or 2026-8 or 2026 where no more is known."),
    (PartialDateItem(), "2025-2-29", "Write 2026-8-3, or 2026-8 or 2026 where no more is known."),
    (PartialDateItem(), "summer 2026", "Write 2026-8-3, or 2026-8 or 2026 where no more is known."),
    (TextItem(max_length=3), "abcd", "Shorten this to 3 characters."),
    (CodeItem(codes=NY), "y", "Choose one of the answers offered."),
    (CodeItem(codes=NY), "MAYBE", "Choose one of the answers offered."),
    (MultiCodeItem(codes=COLOURS), ["R", "X"], "Choose one of the answers offered."),
]


@pytest.mark.parametrize(
    ("item", "typed", "sentence"), REFUSED, ids=[f"{i.kind} {t}" for i, t, _s in REFUSED]
)
def test_what_cannot_be_read_is_refused_with_what_to_write(item: Item, typed: Any, sentence: str) -> None:
    with pytest.raises(NotReadable) as refused:
        parse(item, typed)
    assert refused.value.sentence.en == sentence
    assert refused.value.sentence.zh != sentence


# -- what is shown can be typed again ------------------------------------------------------------------

ITEMS = [item for model in forms().values() for item in items_of(model) if not item.derived]


def of_kind(*kinds: str) -> list[Item]:
    return [item for item in ITEMS if item.kind in kinds]


def decimals(item: DecimalItem) -> st.SearchStrategy[Decimal]:
    whole = Decimal(10) ** (item.max_digits - item.decimal_places)
    return st.decimals(
        min_value=-whole + 1,
        max_value=whole - 1,
        places=item.decimal_places,
        allow_nan=False,
        allow_infinity=False,
    )


# Since 1992 no hour of Chinese time has happened twice.
MOMENTS = st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=TRIAL_ZONE).astimezone(UTC)
)
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


def stored(item: Item) -> st.SearchStrategy[Any]:
    """Any value this item can hold."""
    if isinstance(item, MultiCodeItem):
        assert item.codes is not None
        return st.lists(st.sampled_from(item.codes.values), unique=True).map(lambda codes: codes or None)
    if isinstance(item, CodeItem):
        assert item.codes is not None
        return st.sampled_from(item.codes.values)
    if isinstance(item, DecimalItem):
        return decimals(item)
    if item.kind in ("text", "listed"):
        letters = st.characters(exclude_categories=["Cs", "Cc"])
        return st.text(letters, max_size=item.max_length).map(str.strip).map(lambda text: text or None)
    return {
        "integer": st.integers(-999_999_999, 999_999_999),
        "date": DAYS,
        "datetime": MOMENTS,
        "file": st.from_regex(KEY, fullmatch=True),
        "partialdate": st.one_of(
            DAYS.map(date.isoformat), DAYS.map(lambda day: f"{day:%Y-%m}"), DAYS.map(lambda day: f"{day:%Y}")
        ),
    }[item.kind]


@given(st.sampled_from(ITEMS).flatmap(lambda item: st.tuples(st.just(item), st.none() | stored(item))))
def test_what_is_shown_reads_as_what_is_stored(pair: tuple[Item, Any]) -> None:
    item, value = pair
    assert parse(item, as_typed(item, value)) == value


def full_width(text: str) -> str:
    """As a Chinese keyboard types it."""
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)
    assert unicodedata.normalize("NFKC", wide) == text
    return wide


@given(
    st.sampled_from(of_kind("integer", "decimal", "measured", "date", "datetime", "partialdate")).flatmap(
        lambda item: st.tuples(st.just(item), stored(item))
    )
)
def test_full_width_reads_the_same(pair: tuple[Item, Any]) -> None:
    item, value = pair
    assert parse(item, full_width(as_typed(item, value))) == value


@given(
    st.sampled_from(of_kind("decimal", "measured")).flatmap(
        lambda item: st.tuples(st.just(item), decimals(item), st.integers(1, 9))  # type: ignore[arg-type]
    )
)
def test_one_decimal_place_too_many_is_refused_and_never_rounded(
    pair: tuple[DecimalItem, Decimal, int],
) -> None:
    item, value, digit = pair
    typed = format(value, "f")
    with pytest.raises(NotReadable, match="not rounded"):
        parse(item, f"{typed}{digit}" if "." in typed else f"{typed}.{digit}")


@given(st.sampled_from(ITEMS), st.text(max_size=60))
def test_whatever_is_typed_gives_a_value_or_a_sentence(item: Item, typed: str) -> None:
    given_in = [typed] if isinstance(item, MultiCodeItem) else typed
    try:
        value = parse(item, given_in)
    except NotReadable as refused:
        assert refused.sentence.en
        assert refused.sentence.zh
    else:
        assert parse(item, as_typed(item, value)) == value
