"""One form as it was entered: every question with its answer in words, and the rows inside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from casebook.printing.words import Phrase, in_both, is_dose, moment, phrase
from participants.reading import Entered
from records.codelists import MISSING
from records.definition import row_groups
from records.items import Item, MeasuredItem, items_of
from records.models import Record, Row
from records.result_rows import ARROWS, limits_in_words
from records.results import ReportedItem
from records.results import signed as with_sign
from records.text import Text

STATES = {
    Record.State.DRAFT: Text("Draft, not submitted", "草稿，未提交"),
    Record.State.SUBMITTED: Text("Submitted", "已提交"),
}


def form_content(
    entered: Entered, of: int, context: Mapping[str, Any], names: Mapping[int, str]
) -> dict[str, Any]:
    """What the layout prints of one record, one of `of` at its visit.

    `context` holds what conditions read beside the form's own answers, as far as the casebook knows it; `names`
    the persons by id.
    """
    record = entered.record
    items = [item for item in items_of(type(record)) if not item.companion_of]
    known = {**context, **{item.name: getattr(record, item.name) for item in items}}
    groups = row_groups(type(record)).items()
    sections: list[dict[str, Any]] = []
    unasked, title = [], None
    for item in items:
        title = phrase(item.section) if item.section else title
        # What goes on behind a table of rows stands under its heading again.
        if item.section or not sections or sections[-1]["group"]:
            sections.append({"title": title, "rows": [], "group": None})
        if _empty(record, item) and not _asked(item, known):
            unasked.append(phrase(item.label))
        else:
            sections[-1]["rows"].append(_row(record, item))
        sections += [
            group_section(rows, entered.rows.get(name, []), known)
            for name, rows in groups
            if rows.rows.after == item.name
        ]
    sections += [
        group_section(rows, entered.rows.get(name, []), known) for name, rows in groups if not rows.rows.after
    ]
    return {
        "code": record.form.code,
        "title": phrase(record.form.title),
        "repeat": record.repeat,
        "of": of,
        "draft": not record.submitted,
        "state": phrase(STATES[Record.State(record.state)]),
        "revision": record.revision,
        "entered": signed(record.entered_at, record.entered_by_id, names),
        "submitted": signed(record.submitted_at, record.submitted_by_id, names),
        "sections": [section for section in sections if section["rows"] or section["group"]],
        "unasked": unasked,
    }


def signed(at: datetime | None, person_id: int | None, names: Mapping[int, str]) -> dict[str, str]:
    return {"at": moment(at) if at else "", "by": names.get(person_id or 0, "")}


def group_section(model: type[Row], rows: list[Row], above: Mapping[str, Any]) -> dict[str, Any]:
    """A table inside a form: its columns, and for each row its cells, None where a question did not apply."""
    items = [item for item in items_of(model) if not item.companion_of]
    return {
        "title": phrase(model.rows.title),
        "rows": [],
        "group": {
            "one": phrase(model.rows.one),
            "columns": [phrase(item.label) for item in items],
            "rows": [{"number": row.number, "cells": _cells(row, items, above)} for row in rows],
        },
    }


def _cells(row: Row, items: list[Item], above: Mapping[str, Any]) -> list[dict[str, Any] | None]:
    known = {**above, **{item.name: getattr(row, item.name) for item in items}}
    return [None if _empty(row, item) and not _asked(item, known) else _row(row, item) for item in items]


def _empty(record: Record | Row, item: Item) -> bool:
    return getattr(record, item.name) is None and item.name not in record.missing


def _asked(item: Item, known: Mapping[str, Any]) -> bool:
    """Whether a question applied, as far as the casebook itself can tell; one that it cannot, did not."""
    return set(item.shown_when.answers) <= set(known) and item.applies(known)


def _row(record: Record | Row, item: Item) -> dict[str, Any]:
    reason = record.missing.get(item.name, "")
    return {
        "label": phrase(item.label),
        "answer": answer(record, item),
        "missing": {"code": reason, **phrase(MISSING.label(reason))} if reason else None,
        "confirmed": [
            words
            for name, words in record.confirmed.items()
            if name == item.name or _companion(record, name) == item.name
        ],
        "computed": item.derived,
        "dose": is_dose(item),
    }


def _companion(record: Record | Row, name: str) -> str:
    found = next((item for item in items_of(type(record)) if item.name == name), None)
    return found.companion_of if found else ""


def answer(record: Record | Row, item: Item) -> Phrase | None:
    """An answer in words of both languages with its unit, and in the common unit too; None where there is none."""
    value = getattr(record, item.name)
    if value is None:
        return None
    words = in_both(lambda: item.display(value))
    beside = ""
    if isinstance(item, ReportedItem):
        sign = getattr(record, f"{item.name}_c")
        words = {language: with_sign(text, sign) for language, text in words.items()}
        beside = _beside(record, item)
    if not isinstance(item, MeasuredItem):
        return {language: f"{text} {item.unit}".strip() + beside for language, text in words.items()}
    unit = getattr(record, f"{item.name}_u") or item.unit
    converted = trimmed(getattr(record, f"{item.name}_si"))
    as_well = "" if unit == item.unit or not converted else f" (= {converted} {item.unit})"
    return {language: f"{text} {unit}{as_well}{beside}" for language, text in words.items()}


def _beside(record: Record | Row, item: ReportedItem) -> str:
    """What a laboratory result brings along: its limits, whether it is beyond them, its grade and significance."""

    def of(behind: str) -> Any:
        return getattr(record, f"{item.name}{behind}", None)

    grade = of("_gr")
    parts = [
        limits_in_words(of("_lo"), of("_hi")),
        ARROWS.get(of("_fl"), ""),
        f"CTCAE {grade}" if grade else "",
        of("_cs"),
    ]
    said = " · ".join(part for part in parts if part)
    return f" [{said}]" if said else ""


def trimmed(value: Decimal | None) -> str:
    """A converted value without the zeros its column pads it with."""
    return "" if value is None else f"{value.normalize():f}"
