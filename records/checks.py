"""Edit checks of one form: what its definition says of each item, then what the form says across items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from records.definition import row_groups
from records.findings import Finding, Level
from records.items import Item, MeasuredItem, items_of
from records.models import Record, Row
from records.text import Text

REQUIRED = Text("Fill in {label}, or say why it is missing.", "请填写“{label}”，或注明缺失原因。")
REQUIRED_PLAINLY = Text("Fill in {label}.", "请填写“{label}”。")
OUTSIDE_HARD = Text(
    "{label} {value}{unit} is not possible: it must lie between {low} and {high}. Check the value{units}.",
    "{label} {value}{unit}超出可能范围：应在{low}至{high}之间，请核对数值{units}。",
)
OUTSIDE_SOFT = Text(
    "{label} {value}{unit} is unusual (expected {low} to {high}). Correct it, or confirm it with a word.",
    "{label} {value}{unit}不常见（通常为{low}至{high}）。请更正，或填写说明予以确认。",
)
AND_UNIT = Text(" and its unit", "及单位")
TOO_MANY_ROWS = Text("{title}: at most {most} rows can be entered.", "{title}：最多可填写{most}行。")
ROW_REQUIRED = Text("{title}: add at least one row.", "{title}：请至少添加一行。")
NO_REASON = Text("This reason is not offered here.", "此处不能使用该缺失原因。")


@dataclass(slots=True)
class Entry:
    """What was entered: answers by item (None: none), reasons for missing ones, comments on soft checks.

    `rows` holds the rows of each table inside the form; a table that is left out stays as it is stored.
    """

    answers: dict[str, Any]
    missing: dict[str, str] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[RowEntry]] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Record) -> Entry:
        """Read what is stored; one query for each table of rows the form has."""
        answers = {item.name: getattr(record, item.name) for item in items_of(type(record))}
        rows = {
            name: [RowEntry.of_row(row) for row in getattr(record, name).all()]
            for name in row_groups(type(record))
            if record.pk
        }
        return cls(answers, dict(record.missing), dict(record.confirmed), rows)

    @property
    def values(self) -> dict[str, Any]:
        """The answers, and under the name of each table of rows the answers of its rows in their order."""
        return {**self.answers, **{name: [row.answers for row in rows] for name, rows in self.rows.items()}}

    def comment_on(self, address: str) -> str:
        """The word that confirms a soft finding at an item, or at an item of a row; "" for none."""
        if "-" not in address:
            return self.confirmed.get(address, "")
        group, key, item = address.split("-")
        return next((row.confirmed.get(item, "") for row in self.rows.get(group, []) if row.key == key), "")


@dataclass(slots=True)
class RowEntry(Entry):
    """What was entered in one row; `number` None for a new one, `key` names it on the page ("3", "n1")."""

    number: int | None = None
    key: str = ""

    @classmethod
    def of_row(cls, row: Row) -> RowEntry:
        answers = {item.name: getattr(row, item.name) for item in items_of(type(row))}
        return cls(answers, dict(row.missing), dict(row.confirmed), {}, row.number, str(row.number))


def at_row(group: str, index: int, item: str) -> str:
    """Name an item of the row at `index` (from 0) for a finding of a form's own check."""
    return f"{group}[{index}].{item}"


def address(group: str, key: str, item: str) -> str:
    """Name an item of a row as the page does: "lesions-2-ldiam"."""
    return f"{group}-{key}-{item}"


def settle(model: type[Record], entry: Entry, context: Mapping[str, Any]) -> None:
    """Clear answers and rows that do not apply (any more), and convert measurements; changes `entry`."""
    _settle(items_of(model), entry, context)
    above = {**context, **entry.answers}
    for name, row_model in row_groups(model).items():
        if entry.rows.get(name) and not row_model.rows.shown_when.holds(above):
            entry.rows[name] = []
        for row in entry.rows.get(name, []):
            _settle(items_of(row_model), row, above)


def _settle(all_items: Iterable[Item], entry: Entry, context: Mapping[str, Any]) -> None:
    items = [item for item in all_items if not item.derived]
    # A cleared answer can make another stop applying, so repeat until nothing changes.
    while True:
        values = {**context, **entry.answers}
        stale = [
            item
            for item in items
            if (entry.answers.get(item.name) is not None or item.name in entry.missing)
            and not item.applies(values)
        ]
        if not stale:
            break
        for item in stale:
            entry.answers[item.name] = None
            entry.missing.pop(item.name, None)
            entry.confirmed.pop(item.name, None)
    for item in items:
        if entry.answers.get(item.name) is not None:
            entry.missing.pop(item.name, None)
        if isinstance(item, MeasuredItem):
            settled = item.settled(entry.answers.get(item.name), entry.answers.get(f"{item.name}_u"))
            entry.answers[f"{item.name}_u"], entry.answers[f"{item.name}_si"] = settled


def derive(model: type[Record], entry: Entry, context: Mapping[str, Any]) -> dict[str, Text]:
    """Compute the derived items into `entry`, rows first; give the reason of each by its name or address."""
    reasons = {}
    above = {**context, **entry.answers}
    for name, row_model in row_groups(model).items():
        for row in entry.rows.get(name, []):
            for item, derived in row_model.derive(row.answers, above).items():
                row.answers[item] = derived.value
                reasons[address(name, row.key, item)] = derived.reason
    for name, derived in model.derive(entry.values, _with_missing(entry, context)).items():
        entry.answers[name] = derived.value
        reasons[name] = derived.reason
    return reasons


def findings_of(
    model: type[Record], entry: Entry, context: Mapping[str, Any], *, complete: bool
) -> tuple[Finding, ...]:
    """List what is wrong or unusual, in the order of the form; `complete` asks for required answers too."""
    found = _findings_of_items(model, entry, context, complete)
    above = {**context, **entry.answers}
    for name, row_model in row_groups(model).items():
        rows, facts = entry.rows.get(name, []), row_model.rows
        for row in rows:
            found += [
                replace(one, item=address(name, row.key, one.item))
                for one in _findings_of_items(row_model, row, above, complete)
            ]
        if len(rows) > facts.most:
            words = TOO_MANY_ROWS.format(most=facts.most, title=facts.title)
            found.append(Finding(name, Level.HARD, words))
        elif complete and not rows and facts.required.holds(above) and facts.shown_when.holds(above):
            found.append(Finding(name, Level.HARD, ROW_REQUIRED.format(title=facts.title)))
    for one in model.findings(entry.values, _with_missing(entry, context)):
        if complete or not one.on_submission:
            found.append(replace(one, item=_on_the_page(one.item, entry)))
    return tuple(found)


def _with_missing(entry: Entry, context: Mapping[str, Any]) -> dict[str, Any]:
    """Add `missing` to what a form's own rules read: why an answer is missing, by item."""
    return {**context, "missing": entry.missing}


def _on_the_page(item: str, entry: Entry) -> str:
    """Turn the row of a form's own check, by index, into the row of the page, by key."""
    found = re.fullmatch(r"(\w+)\[(\d+)\]\.(\w+)", item)
    if found is None:
        return item
    group, index, name = found.groups()
    return address(group, entry.rows[group][int(index)].key, name)


def _findings_of_items(
    model: type[Record | Row], entry: Entry, context: Mapping[str, Any], complete: bool
) -> list[Finding]:
    values = {**context, **entry.answers}
    found: list[Finding] = []
    for item in items_of(model):
        value, reason = entry.answers.get(item.name), entry.missing.get(item.name)
        # Whether there is anything to say is asked first: it costs less than whether the item applies.
        ranged = value is not None and item.ranged
        asked = complete and value is None and not reason and not item.derived
        if not (ranged or reason or asked) or not item.applies(values):
            continue
        if ranged:
            found += _range(model, item, value)
        if reason and reason not in item.missing:
            found.append(Finding(item.name, Level.HARD, NO_REASON))
        if asked and item.required.holds(values):
            words = REQUIRED if item.missing else REQUIRED_PLAINLY
            found.append(Finding(item.name, Level.HARD, words.format(label=item.label)))
    return found


def _range(model: type[Record | Row], item: Item, value: Any) -> list[Finding]:
    for level, (low, high), words in (
        (Level.HARD, item.hard, OUTSIDE_HARD),
        (Level.SOFT, item.soft, OUTSIDE_SOFT),
    ):
        if (low is not None and value < low) or (high is not None and value > high):
            typed = _typed_item(model, item)
            sentence = words.format(
                label=typed.label,
                value=f"{value.normalize():f}" if hasattr(value, "normalize") else value,
                unit=f" {item.unit}" if item.unit else "",
                low="…" if low is None else low,
                high="…" if high is None else high,
                units=AND_UNIT if isinstance(typed, MeasuredItem) else Text("", ""),
            )
            return [Finding(typed.name, level, sentence)]
    return []


def _typed_item(model: type[Record | Row], item: Item) -> Item:
    """The item a person typed: for the SI value of a measurement, the measurement."""
    typed = model._meta.get_field(item.companion_of) if item.companion_of else item
    assert isinstance(typed, Item)
    return typed


def unconfirmed(findings: tuple[Finding, ...], entry: Entry) -> tuple[Finding, ...]:
    """The soft findings nobody has confirmed with a comment."""
    return tuple(f for f in findings if f.level is Level.SOFT and not entry.comment_on(f.item))
