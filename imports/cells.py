"""Read a cell as the form's page reads what is typed, and put a row's cells over what a form holds."""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from imports.mapping import Mapping
from imports.reading import Figure
from imports.targets import Target, fold, importable, target_of
from records.checks import Entry, RowEntry
from records.codelists import MISSING, CodeList
from records.items import (
    CodeItem,
    DateItem,
    DateTimeItem,
    Item,
    MeasuredItem,
    MultiCodeItem,
    PartialDateItem,
    items_of,
)
from records.models import Record
from records.parsing import NotReadable, parse, sign_and_number
from records.results import ReportedItem
from records.text import Text

SAY_UNIT = Text(
    "Say in which unit this is: the units of “{label}” cannot be converted into each other.",
    "请注明单位：“{label}”的各单位之间不能换算。",
)
FIGURE = Text(
    "A number of Excel cannot tell 2026.1 from 2026.10: type the date as text, for example 2026-10.",
    "Excel的数值无法区分2026.1与2026.10：请以文本填写日期，例如2026-10。",
)
# A time at midnight, and seconds of none, are added by programs that keep a date as a moment.
MIDNIGHT = re.compile(r"[T ]+0?0:00(:00(\.0+)?)?$")
NO_SECONDS = re.compile(r"(?<=[0-9]:[0-9]{2}):00(\.0+)?$")
SEPARATORS = re.compile(r"[;；|,，、]+")


@dataclass(frozen=True, slots=True)
class Misread:
    """A cell that is no answer: the item's name as mappings call it, the heading, and what to write instead."""

    target: str
    heading: str
    sentence: Text


@dataclass(slots=True)
class Filled:
    """What a form is to hold after a row: the entry, and the cells that could not be read."""

    entry: Entry
    misread: list[Misread] = field(default_factory=list)


@lru_cache(512)
def _by_words(codes: CodeList) -> AnyMapping[str, str]:
    """Codes by code and by label in either language, folded; words of two codes go to neither."""
    found: dict[str, set[str]] = {}
    for code, label in codes:
        for words in (code, label.en, label.zh):
            found.setdefault(fold(words) or words, set()).add(code)
    return {words: next(iter(ones)) for words, ones in found.items() if len(ones) == 1}


def _code(codes: CodeList, words: str) -> str | None:
    plain = words.strip()
    return plain if plain in codes else _by_words(codes).get(fold(plain) or plain)


def read_cell(item: Item, text: str) -> tuple[Any, str]:
    """Read one cell: the answer and the reason why there is none; (None, "") for a blank cell.

    A code is taken by itself or by its label, a reason by code or label where the item offers it. NotReadable with
    what to write instead; also for a partial date that is a number of a workbook, because October would be January.
    """
    if not text.strip():
        return None, ""
    reason = _code(MISSING, text)
    if isinstance(item, CodeItem):
        assert item.codes is not None
        code = _code(item.codes, text)
        if code is not None:
            return code, ""
    elif isinstance(item, MultiCodeItem) and (reason is None or reason not in item.missing):
        return _codes(item, text), ""
    if reason is not None and reason in item.missing:
        return None, reason
    if isinstance(item, DateItem):
        text = MIDNIGHT.sub("", text.strip())
    elif isinstance(item, DateTimeItem):
        text = NO_SECONDS.sub("", text.strip())
    elif isinstance(item, PartialDateItem) and isinstance(text, Figure):
        raise NotReadable(FIGURE)
    return parse(item, text), ""


def _codes(item: MultiCodeItem, text: str) -> Any:
    assert item.codes is not None
    whole = _code(item.codes, text)
    parts = (
        [whole]
        if whole
        else [_code(item.codes, part) or part.strip() for part in SEPARATORS.split(text) if part.strip()]
    )
    if len(parts) == 1 and not whole:
        parts = [_code(item.codes, part) or part for part in text.split()]
    return parse(item, parts)


def cells_of(mapping: Mapping, cells: AnyMapping[str, str]) -> list[tuple[str, str, str, str]]:
    """What a row says, in the order in which it is put on: target, heading, unit and text of each column.

    Measurements come before what stands beside them, so that a unit given in a column of its own stays.
    """
    said = [
        (one.target, one.heading, one.unit, one.values.get(cells[one.heading].strip(), cells[one.heading]))
        for one in mapping.columns
    ]
    return sorted(said, key=lambda one: _is_companion(mapping.form, one[0]))


@lru_cache(4096)
def _is_companion(form: str, target: str) -> bool:
    found = _target(form, target)
    return found is not None and bool(found.item.companion_of)


@lru_cache(4096)
def _target(form: str, name: str) -> Target | None:
    model = importable(form)
    return target_of(model, name) if model else None


def fill(mapping: Mapping, model: type[Record], record: Record | None, cells: AnyMapping[str, str]) -> Filled:
    """Put a row's cells over what a form holds, or over nothing.

    A blank cell leaves what is there, unless the mapping says that it clears; what is fixed for every row is put only
    where nothing is answered.
    """
    entry = Entry.of(record) if record is not None else Entry({item.name: None for item in items_of(model)})
    filled = Filled(entry)
    rows = _Rows(entry, model)
    for name, heading, unit, text in cells_of(mapping, cells):
        target = _target(mapping.form, name)
        assert target is not None
        blank = not text.strip()
        holder = rows.holder(target, begin=not blank)
        if holder is None or (blank and not mapping.blank_clears):
            continue
        try:
            value, reason = read_cell(target.item, text)
        except NotReadable as refused:
            filled.misread.append(Misread(name, heading, refused.sentence))
            continue
        _put(holder, target.item, value, reason, text, unit)
    for name, text in mapping.fixed.items():
        target = _target(mapping.form, name)
        assert target is not None
        holder = rows.holder(target, begin=False)
        if (
            holder is None
            or holder.answers.get(target.item.name) is not None
            or target.item.name in holder.missing
        ):
            continue
        value, reason = read_cell(target.item, text)
        _put(holder, target.item, value, reason, text, "")
    filled.misread += [
        Misread(name, heading, SAY_UNIT.format(label=target.label))
        for name, heading, _unit, text in cells_of(mapping, cells)
        if text.strip()
        and (target := _target(mapping.form, name)) is not None
        and isinstance(target.item, MeasuredItem)
        and (holder := rows.holder(target, begin=False)) is not None
        and holder.answers.get(target.item.name) is not None
        and target.item.settled(
            holder.answers[target.item.name], holder.answers.get(f"{target.item.name}_u")
        )[0]
        is None
    ]
    return filled


class _Rows:
    """The form and the rows inside it, by the number a mapping gives them."""

    def __init__(self, entry: Entry, model: type[Record]) -> None:
        self._entry = entry
        self._model = model

    def holder(self, target: Target, *, begin: bool) -> Entry | None:
        """Where an item's answer goes: the form, or a row; a row that is not there is begun where asked to."""
        if not target.group:
            return self._entry
        rows = self._entry.rows.setdefault(target.group, [])
        keys = (str(target.number), f"n{target.number}")
        found = next((row for row in rows if row.key in keys), None)
        if found is None and begin:
            blank = {item.name: None for item in items_of(target.item.model)}
            found = RowEntry(blank, key=keys[1])
            rows.append(found)
        return found


def _put(holder: Entry, item: Item, value: Any, reason: str, text: str, unit: str) -> None:
    name = item.name
    holder.answers[name] = value
    if reason:
        holder.missing[name] = reason
    else:
        holder.missing.pop(name, None)
    if isinstance(item, ReportedItem):
        holder.answers[f"{name}_c"] = sign_and_number(text)[0] if value is not None else None
    if isinstance(item, MeasuredItem):
        holder.answers[f"{name}_u"] = (unit or None) if value is not None else None
