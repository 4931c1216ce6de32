"""What followed on a query: the entries of the trail that changed the answer it asks about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitoring.models import Query
from monitoring.places import case_form, read_item
from participants.models import Participant
from records.codelists import MISSING
from records.items import Item
from records.models import TrailEntry
from records.trail_words import in_words


@dataclass(frozen=True, slots=True)
class Followed:
    """A change that followed on a query: the answer before and after; both "" where a whole form was saved."""

    at: datetime
    before: str
    after: str
    removed: bool


def last_entry(participant: Participant) -> int:
    """The number of the last entry of a participant's trail."""
    found = (
        TrailEntry.objects.filter(participant_id=participant.pk).order_by("-id").values_list("id", flat=True)
    )
    return found.first() or 0


def change_since(query: Query) -> int | None:
    """The last entry of the trail that changed what a query asks about since it was raised; None for none.

    Of an item: its value, sign, unit or reason for missing, or that its record or row was entered or removed. Of a
    form: any later save of it. A visit or participant as a whole has no such entry.
    """
    model, asked = case_form(query.form), read_item(query.form, query.item)
    if model is None or asked is None:
        return None
    table = (asked.rows or model)._meta.db_table
    entries = TrailEntry.objects.filter(
        participant_id=query.participant_id, id__gt=query.trail_from, relation=table
    ).order_by("id")
    key, found = query.record_id and str(query.record_id), None
    for entry in entries:
        begun_here = (
            key is None
            and entry.operation == "INSERT"
            and entry.changes.get("visit_id", (None, None))[1] == query.visit_id
            and entry.changes.get("repeat", (None, None))[1] == query.repeat
        )
        if begun_here:
            key = entry.record_id
        if entry.record_id == key and _touches(entry, asked.item):
            found = entry.pk
    return found


def _touches(entry: TrailEntry, item: Item | None) -> bool:
    if item is None or entry.operation == "DELETE":
        return True
    if any(
        before != after
        for behind in ("", "_u", "_c")
        for before, after in [entry.changes.get(f"{item.column}{behind}", (None, None))]
    ):
        return True
    was, now = entry.changes.get("missing", (None, None))
    return bool((was or {}).get(item.name) != (now or {}).get(item.name))


def changes_linked(queries: Iterable[Query]) -> dict[int, Followed]:
    """The changes linked to the steps of some queries, by their number in the trail; one query, none for none."""
    items: dict[int, Item | None] = {}
    for query in queries:
        asked = read_item(query.form, query.item)
        for step in query.steps.all():
            if step.change and asked is not None:
                items[step.change] = asked.item
    if not items:
        return {}
    return {
        entry.pk: _followed(entry, items[entry.pk]) for entry in TrailEntry.objects.filter(pk__in=list(items))
    }


def _followed(entry: TrailEntry, item: Item | None) -> Followed:
    removed = entry.operation == "DELETE"
    if item is None:
        return Followed(entry.at, "", "", removed)
    before, after = (_stands(entry, item, place) for place in (0, 1))
    return Followed(entry.at, before, after, removed)


def _stands(entry: TrailEntry, item: Item, place: int) -> str:
    """The answer before (0) or after (1) an entry, with its unit, or why it is missing."""
    value = entry.changes.get(item.column, (None, None))[place]
    if value is None:
        reasons = entry.changes.get("missing", (None, None))[place] or {}
        return str(MISSING.label(reasons[item.name])) if item.name in reasons else ""
    unit = entry.changes.get(f"{item.column}_u", (None, None))[place]
    return " ".join(part for part in (in_words(item, value), unit or item.unit) if part)
