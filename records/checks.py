"""Edit checks of one form: what its definition says of each item, then what the form says across items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from records.findings import Finding, Level
from records.items import Item, MeasuredItem, items_of
from records.models import Record
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
NO_REASON = Text("This reason is not offered here.", "此处不能使用该缺失原因。")


@dataclass(slots=True)
class Entry:
    """What was entered: answers by item (None: none), reasons for missing ones, comments on soft checks."""

    answers: dict[str, Any]
    missing: dict[str, str] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Record) -> Entry:
        answers = {item.name: getattr(record, item.name) for item in items_of(type(record))}
        return cls(answers, dict(record.missing), dict(record.confirmed))


def settle(model: type[Record], entry: Entry, context: Mapping[str, Any]) -> None:
    """Clear answers that do not apply (any more), and convert measurements; changes `entry`."""
    items = [item for item in items_of(model) if not item.derived]
    # A cleared answer can make another stop applying, so repeat until nothing changes.
    while True:
        values = {**context, **entry.answers}
        stale = [
            item
            for item in items
            if not item.applies(values)
            and (entry.answers.get(item.name) is not None or item.name in entry.missing)
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
            value = entry.answers.get(item.name)
            unit = entry.answers.get(f"{item.name}_u") or item.unit
            entry.answers[f"{item.name}_u"] = None if value is None else unit
            entry.answers[f"{item.name}_si"] = None if value is None else item.in_si(value, unit)


def derive(model: type[Record], entry: Entry, context: Mapping[str, Any]) -> dict[str, Text]:
    """Compute the derived items into `entry`; give each one's reason."""
    reasons = {}
    for name, derived in model.derive(entry.answers, context).items():
        entry.answers[name] = derived.value
        reasons[name] = derived.reason
    return reasons


def findings_of(
    model: type[Record], entry: Entry, context: Mapping[str, Any], *, complete: bool
) -> tuple[Finding, ...]:
    """List what is wrong or unusual, in the order of the form; `complete` asks for required answers too."""
    values = {**context, **entry.answers}
    found: list[Finding] = []
    for item in items_of(model):
        if not item.applies(values):
            continue
        found += _range(model, item, entry)
        reason = entry.missing.get(item.name)
        if reason and reason not in item.missing:
            found.append(Finding(item.name, Level.HARD, NO_REASON))
        if item.derived:
            continue
        if complete and not reason and entry.answers.get(item.name) is None and item.required.holds(values):
            words = REQUIRED if item.missing else REQUIRED_PLAINLY
            found.append(Finding(item.name, Level.HARD, words.format(label=item.label)))
    found += model.findings(entry.answers, context)
    return tuple(found)


def _range(model: type[Record], item: Item, entry: Entry) -> list[Finding]:
    value = entry.answers.get(item.name)
    if value is None or isinstance(value, (str, list)):
        return []
    typed = _typed_item(model, item)
    for level, (low, high), words in (
        (Level.HARD, item.hard, OUTSIDE_HARD),
        (Level.SOFT, item.soft, OUTSIDE_SOFT),
    ):
        if (low is not None and value < low) or (high is not None and value > high):
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


def _typed_item(model: type[Record], item: Item) -> Item:
    """The item a person typed: for the SI value of a measurement, the measurement."""
    typed = model._meta.get_field(item.companion_of) if item.companion_of else item
    assert isinstance(typed, Item)
    return typed


def unconfirmed(findings: tuple[Finding, ...], entry: Entry) -> tuple[Finding, ...]:
    """The soft findings nobody has confirmed with a comment."""
    return tuple(f for f in findings if f.level is Level.SOFT and not entry.confirmed.get(f.item))
