"""What the rules of today make of answers that were stored under earlier ones: list first, then write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.access import Actor
from participants.models import CaseReportForm
from records import clock
from records.actions import derive_again
from records.checks import Entry, address, derive
from records.definition import forms, row_groups
from records.items import Item, items_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One derived item whose stored value is not what the rules make of the answers now."""

    record: CaseReportForm
    item: str  # the item, or the address of one in a row
    stored: str
    computed: str
    derived_by: str  # the version of the rules that made the stored value


def differences(*, codes: Iterable[str], now: datetime) -> Iterator[list[Difference]]:
    """Go through every record of these forms; give the differences of each that has any. Writes nothing."""
    for code in codes:
        model: Any = forms()[code]
        if not any(item.derived and not item.companion_of for item in items_of(model)) and not row_groups(
            model
        ):
            continue
        records = model._default_manager.select_related("visit__participant__site")
        for record in records.prefetch_related(*row_groups(model)).order_by("pk").iterator(chunk_size=200):
            found = _differences_of(record, now)
            if found:
                yield found


def _differences_of(record: CaseReportForm, now: datetime) -> list[Difference]:
    model = type(record)
    stored, computed = Entry.of(record), Entry.of(record)
    derive(model, computed, _context(record, now))
    derived = {item.name: item for item in items_of(model) if item.derived}
    found = [_difference(record, item, name, stored, computed) for name, item in derived.items()]
    for name, rows in row_groups(model).items():
        inside = {item.name: item for item in items_of(rows) if item.derived}
        for before, after in zip(stored.rows.get(name, []), computed.rows.get(name, []), strict=True):
            found += [
                _difference(record, item, one, before, after, address(name, before.key, one))
                for one, item in inside.items()
            ]
    return [one for one in found if one is not None]


def _difference(
    record: CaseReportForm, item: Item, name: str, stored: Entry, computed: Entry, place: str = ""
) -> Difference | None:
    before, after = stored.answers.get(name), computed.answers.get(name)
    if before == after:
        return None
    return Difference(record, place or name, item.exported(before), item.exported(after), record.derived_by)


def _context(record: CaseReportForm, now: datetime) -> dict[str, Any]:
    return type(record).context(visit=record.visit, repeat=record.repeat, today=clock.day(now), now=now)


def recompute(*, record: CaseReportForm, by: Actor, now: datetime, reason: str) -> frozenset[str]:
    """Store what the rules make of a record's answers now; the trail keeps the old values and the reason."""
    return derive_again(record=record, context=_context(record, now), by=by, now=now, reason=reason)
