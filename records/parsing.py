"""Read what people type into the values that are stored; nothing is rounded and nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from records.files import is_key
from records.items import CodeItem, DecimalItem, FileItem, Item, MultiCodeItem, TermItem, is_partial_date
from records.results import SIGNS, ReportedItem
from records.text import Text
from records.zone import TRIAL_ZONE

WHOLE = Text("Write a whole number, for example 12.", "请填写整数，例如12。")
NUMBER = Text("Write a number with a point, for example 34.2.", "请填写数字，小数点用“.”，例如34.2。")
PLACES = Text(
    "Write at most {places} decimal places; the value is not rounded for you.",
    "最多保留{places}位小数；系统不会自动四舍五入。",
)
SIGN = Text(
    "Write < or > before a value beyond the measuring range, for example <0.9 or >60500; no other sign.",
    "结果超出检测范围时，请在数值前填写“<”或“>”，例如<0.9或>60500；不接受其他符号。",
)
DIGITS = Text("The number has too many digits. Check it.", "数字位数过多，请核对。")
DATE = Text("Write a date as 2026-8-3.", "请按2026-8-3的格式填写日期。")
DATETIME = Text("Write date and time as 2026-8-3 14:05.", "请按2026-8-3 14:05的格式填写日期和时间。")
PARTIAL = Text(
    "Write 2026-8-3, or 2026-8 or 2026 where no more is known.", "请填写2026-8-3；不详时可填2026-8或2026。"
)
CODE = Text("Choose one of the answers offered.", "请从给出的选项中选择。")
TERM = Text(
    "{list} has no term of this name. Type a word of it and choose from the list.",
    "{list}中没有该术语，请输入关键词并从列表中选择。",
)
LONG = Text("Shorten this to {length} characters.", "请缩短至{length}个字符以内。")

FILE = Text("Add the file again.", "请重新添加文件。")

# Nobody in a trial of today was born, treated or diagnosed before: an earlier year is a slip of the finger.
FIRST_YEAR = 1900


class NotReadable(ValueError):
    """What was typed is not a value of this item; `sentence` says how to write it."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


def parse(item: Item, raw: Any) -> Any:
    """Read one answer; None where nothing was typed; NotReadable with what to write instead."""
    if isinstance(item, MultiCodeItem):
        return _codes(item, raw or [])
    # NFKC turns the full-width digits and stops of a Chinese keyboard into plain ones.
    typed = unicodedata.normalize("NFKC", str(raw or "")).strip()
    if not typed:
        return None
    if isinstance(item, CodeItem):
        # Codes are sent back as they were offered: a µ or ² of a unit stays what it is.
        return _codes(item, [str(raw) if str(raw) in (item.codes or ()) else typed])[0]
    if isinstance(item, TermItem):
        return _term(item, typed)
    if isinstance(item, FileItem) and not is_key(typed):
        raise NotReadable(FILE)
    reader = _result if isinstance(item, ReportedItem) else READERS.get(item.kind)
    return reader(item, typed) if reader else _text(item, str(raw).strip())


def _codes(item: CodeItem | MultiCodeItem, typed: list[str]) -> Any:
    assert item.codes is not None
    if any(code not in item.codes for code in typed):
        raise NotReadable(CODE)
    return list(dict.fromkeys(typed)) or None


def _integer(item: Item, typed: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", typed):
        raise NotReadable(WHOLE)
    return int(typed)


def sign_and_number(raw: Any) -> tuple[str | None, str]:
    """Split "<0.9" into the code of its sign and the number; None for a value itself ("0.9", "=0.9")."""
    typed = unicodedata.normalize("NFKC", str(raw or "")).strip()
    if typed[:1] in (*SIGNS, "="):
        return SIGNS.get(typed[0]), typed[1:].lstrip()
    return None, typed


def _result(item: Item, typed: str) -> Decimal:
    """Read the number of a result; `sign_and_number` gives its sign. Nothing lies below "<0"."""
    sign, number = sign_and_number(typed)
    first = number[:1]
    if first.isalnum() or first == "." or (first in ("+", "-") and sign is None):
        value = _decimal(item, number)
        if sign != "LT" or value:
            return value
    raise NotReadable(SIGN)


def _decimal(item: Item, typed: str) -> Decimal:
    assert isinstance(item, DecimalItem)
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", typed):
        raise NotReadable(NUMBER)
    number = Decimal(typed)
    whole, _, fraction = typed.lstrip("+-").partition(".")
    if len(fraction.rstrip("0")) > item.decimal_places:
        raise NotReadable(PLACES.format(places=item.decimal_places))
    if len(whole.lstrip("0")) > item.max_digits - item.decimal_places:
        raise NotReadable(DIGITS)
    return number


def _day(typed: str, otherwise: Text) -> date:
    parts = re.fullmatch(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", typed) or re.fullmatch(
        r"([0-9]{4})([0-9]{2})([0-9]{2})", typed
    )
    if not parts:
        raise NotReadable(otherwise)
    try:
        day = date(*(int(part) for part in parts.groups()))
    except ValueError as impossible:
        raise NotReadable(otherwise) from impossible
    if day.year < FIRST_YEAR:
        raise NotReadable(otherwise)
    return day


def _date(item: Item, typed: str) -> date:
    return _day(typed, DATE)


def _datetime(item: Item, typed: str) -> datetime:
    parts = re.fullmatch(r"(\S+?)(?:T|\s+|(?<=日))([0-9]{1,2})[:时]?([0-9]{2})分?", typed)
    if not parts:
        raise NotReadable(DATETIME)
    day = _day(parts[1], DATETIME)
    try:
        return datetime(day.year, day.month, day.day, int(parts[2]), int(parts[3]), tzinfo=TRIAL_ZONE)
    except ValueError as impossible:
        raise NotReadable(DATETIME) from impossible


def _partial(item: Item, typed: str) -> str:
    parts = re.fullmatch(r"([0-9]{4})年?|([0-9]{4})[-/.年]([0-9]{1,2})月?", typed)
    if not parts:
        return _day(typed, PARTIAL).isoformat()
    year, month = parts[1] or parts[2], parts[3]
    iso = f"{year}-{month.zfill(2)}" if month else year
    if not is_partial_date(iso) or int(year) < FIRST_YEAR:
        raise NotReadable(PARTIAL)
    return iso


def _term(item: TermItem, typed: str) -> str:
    term = item.terms.named(typed)
    if term is None:
        raise NotReadable(TERM.format(list=item.terms.title))
    return term.code


def _text(item: Item, typed: str) -> str:
    if len(typed) > (item.max_length or 0):
        raise NotReadable(LONG.format(length=item.max_length))
    return typed


READERS = {
    "integer": _integer,
    "decimal": _decimal,
    "measured": _decimal,
    "date": _date,
    "datetime": _datetime,
    "partialdate": _partial,
}


def as_typed(item: Item, value: Any) -> Any:
    """Write a stored value the way a person would type it."""
    if value is None:
        return [] if isinstance(item, MultiCodeItem) else ""
    if isinstance(item, TermItem):
        return item.display(value)
    if isinstance(value, datetime):
        return value.astimezone(TRIAL_ZONE).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return value
    return format(value, "f") if isinstance(value, Decimal) else str(value)
