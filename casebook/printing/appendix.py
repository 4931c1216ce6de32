"""The audit trail of a participant as an appendix of the casebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import override

from casebook.history import people, role_words
from casebook.printing.words import Phrase, in_both, moment, phrase
from casebook.trail import title_of, trail_rows
from participants.models import Participant
from records.models import TrailEntry
from records.text import CHINESE, ENGLISH, Text

OPERATIONS = {
    "INSERT": Text("added", "新增"),
    "UPDATE": Text("changed", "修改"),
    "DELETE": Text("deleted", "删除"),
}
UNATTRIBUTED = Text("unattributed", "未注明操作人")


def trail_of(participant: Participant) -> list[dict[str, Any]]:
    """Everything that was ever written about a participant, oldest first; two queries."""
    entries = list(TrailEntry.objects.filter(participant_id=participant.pk).order_by("id"))
    names = people(entries)
    return [line for entry in entries if (line := _line(entry, names))["lines"]]


def _line(entry: TrailEntry, names: Mapping[int, str]) -> dict[str, Any]:
    operation = OPERATIONS.get(entry.operation, Text(entry.operation, entry.operation))
    return {
        "at": moment(entry.at, seconds=True),
        "by": names.get(entry.person_id or 0, entry.database_user),
        "role": in_both(lambda: role_words(entry.role)) if entry.role else phrase(UNATTRIBUTED),
        "title": in_both(lambda: title_of(entry)),
        "record": f"#{entry.record_id}",
        "operation": phrase(operation),
        "reason": entry.reason,
        "lines": _lines(entry),
    }


def _lines(entry: TrailEntry) -> list[list[Phrase]]:
    """Each changed column as label, old and new value, in both languages."""
    with override(CHINESE):
        chinese = trail_rows(entry)
    with override(ENGLISH):
        english = trail_rows(entry)
    return [
        [{"zh": one, "en": other} for one, other in zip(*both, strict=True)]
        for both in zip(chinese, english, strict=True)
        if any(both[0][1:])
    ]
