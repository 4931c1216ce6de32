"""The audit trail as people read it: who changed what, when, from what to what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.models import Role, User
from records.codelists import MISSING
from records.items import AccompaniedItem, Item
from records.models import Record, Row, TrailEntry
from records.result_rows import limits_in_words
from records.results import signed
from records.trail_words import in_words


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    person: str
    role: str
    before: str
    after: str
    reason: str
    comment: str  # the word that confirmed an unusual value, where it was given or changed


def people(entries: list[TrailEntry]) -> dict[int, str]:
    """Names of the persons in some entries; one query."""
    ids = {entry.person_id for entry in entries if entry.person_id}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))


def role_words(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role


def trail_of(record: Record | Row) -> QuerySet[TrailEntry]:
    return TrailEntry.objects.filter(relation=record._meta.db_table, record_id=str(record.pk))


# What stands beside an answer, by what is put behind its name: sign, unit, limits, grade, significance of a result.
ALONG = ("_c", "_u", "_lo", "_hi", "_gr", "_cs")


@dataclass(slots=True)
class _Standing:
    """Where an item stands after some entries: its value, what stands beside it, why it is missing, how confirmed."""

    value: Any = None
    along: tuple[Any, ...] = (None,) * len(ALONG)
    missing: str | None = None
    comment: str | None = None

    def after(self, entry: TrailEntry, item: Item) -> _Standing:
        changes = entry.changes
        beside = zip(ALONG, self.along, strict=True) if isinstance(item, AccompaniedItem) else ()
        return _Standing(
            changes.get(item.column, (None, self.value))[1],
            tuple(changes.get(f"{item.column}{behind}", (None, old))[1] for behind, old in beside)
            or self.along,
            (changes["missing"][1] or {}).get(item.name) if "missing" in changes else self.missing,
            (changes["confirmed"][1] or {}).get(item.name) if "confirmed" in changes else self.comment,
        )

    def words(self, item: Item) -> str:
        if self.value is None:
            return str(MISSING.label(self.missing)) if self.missing else ""
        sign, unit, low, high, grade, significance = self.along
        return " ".join(
            words
            for words in (
                signed(in_words(item, self.value), sign),
                unit,
                _limits(low, high),
                f"G{grade}" if grade else "",
                significance,
            )
            if words
        )


def _limits(low: Any, high: Any) -> str:
    lower, upper = (None if limit is None else Decimal(str(limit)) for limit in (low, high))
    words = limits_in_words(lower, upper)
    return f"({words})" if words else ""


def changes_of(record: Record | Row, item: Item) -> list[Change]:
    """The history of one item of one record, newest first, with units, reasons and comments; two queries."""
    entries = list(trail_of(record).order_by("id"))
    names = people(entries)
    found = []
    stands = _Standing()
    for entry in entries:
        before, stands = stands, stands.after(entry, item)
        if before == stands:
            continue
        found.append(
            Change(
                entry.at,
                names.get(entry.person_id or 0, entry.role or entry.database_user),
                role_words(entry.role),
                before.words(item),
                stands.words(item),
                entry.reason,
                (stands.comment or "") if stands.comment != before.comment else "",
            )
        )
    return found[::-1]
