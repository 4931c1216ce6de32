"""The audit trail as people read it: who changed what, when, from what to what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Role, User
from records.items import CodeItem, Item, MultiCodeItem
from records.models import Record, TrailEntry
from records.parsing import as_typed


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    person: str
    role: str
    before: str
    after: str
    reason: str


def people(entries: list[TrailEntry]) -> dict[int, str]:
    """Names of the persons in some entries; one query."""
    ids = {entry.person_id for entry in entries if entry.person_id}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))


def role_words(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role


def in_words(item: Item, value: Any) -> str:
    """Show a value as the trail keeps it (JSON) in the words of the form."""
    if value is None:
        return ""
    if isinstance(item, (CodeItem, MultiCodeItem)):
        return item.display(value)
    if item.kind == "datetime":
        return str(as_typed(item, datetime.fromisoformat(str(value))))
    return str(value)


def trail_of(record: Record) -> QuerySet[TrailEntry]:
    return TrailEntry.objects.filter(relation=record._meta.db_table, record_id=str(record.pk))


def changes_of(record: Record, item: Item) -> list[Change]:
    """The history of one item of one record, newest first, missing-value reasons included; two queries."""
    entries = [
        entry
        for entry in trail_of(record).order_by("-id")
        if item.column in entry.changes or _missing(entry, item) != (None, None)
    ]
    names = people(entries)
    found = []
    for entry in entries:
        before, after = entry.changes.get(item.column, (None, None))
        was_missing, is_missing = _missing(entry, item)
        found.append(
            Change(
                entry.at,
                names.get(entry.person_id or 0, entry.role or entry.database_user),
                role_words(entry.role),
                in_words(item, before) or was_missing or "",
                in_words(item, after) or is_missing or "",
                entry.reason,
            )
        )
    return found


def _missing(entry: TrailEntry, item: Item) -> tuple[str | None, str | None]:
    """The missing-value reason of an item before and after a change; (None, None) where it did not change."""
    before, after = entry.changes.get("missing", (None, None))
    was, is_now = (before or {}).get(item.name), (after or {}).get(item.name)
    return (was, is_now) if was != is_now else (None, None)
